//! What was accepted, what became of it, and the verdict.
//!
//! Records are known by class, epoch and sequence. Each is entered when its commit returned, or when it is found in the
//! store after a crash in the middle of a commit. The verdict comes from the bytes of the cloud's file that are on its
//! disk, and from nothing that the gateway says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Result, bail, ensure};
use tillgate::ledger::{Entry, Kind, Tally};
use tillgate::store::{Row, RowId};
use tillgate_events::{Body, Class, Header, Loss, Record, decode, expand};

/// A record's name.
pub type Key = (Class, u32, u64);

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that were accepted.
    pub accepted: u64,
    /// Of these, records that the cloud has, each with the same content.
    pub arrived: u64,
    /// Of these, records that the cloud was told to be gone.
    pub told: u64,
    /// Of these, records of which the cloud only sees a hole: a disk that lied, or damage that took the numbers as well.
    pub holes: u64,
    /// Of these, records that are missing and of which the cloud knows nothing. Anything but 0 is a failure.
    pub lost: u64,
    /// Records that the cloud has and that nobody accepted, or with another content. Anything but 0 is a failure.
    pub unexpected: u64,
    /// Records whose numbers were given out twice: what a disk that lied, or damage in the last commit of the log, makes
    /// of a store that cannot tell. Where neither was drawn it is a failure.
    pub reused: u64,
    /// Records that came to the cloud again, and were known as such.
    pub duplicated: u64,
    /// Records of a commit that was cut, found whole at the next start.
    pub recovered: u64,
    /// Documents that were open when the agent died, and ended once.
    pub resumed: u64,
    /// Runs of the agent.
    pub lives: u64,
    /// Virtual seconds.
    pub seconds: u64,
}

impl Report {
    /// Adds another run.
    pub fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.arrived += other.arrived;
        self.told += other.told;
        self.holes += other.holes;
        self.lost += other.lost;
        self.unexpected += other.unexpected;
        self.reused += other.reused;
        self.duplicated += other.duplicated;
        self.recovered += other.recovered;
        self.resumed += other.resumed;
        self.lives += other.lives;
        self.seconds += other.seconds;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            accepted, arrived, told, holes, lost, unexpected, duplicated, recovered, ..
        } = self;
        write!(
            f,
            "accepted {accepted} · arrived {arrived} · told {told} · holes {holes} · lost {lost} · unexpected \
             {unexpected} · duplicated {duplicated} (0 after dedupe) · recovered {recovered} · numbers reused {} · \
             documents resumed {} · {} starts · {} h of virtual time",
            self.reused,
            self.resumed,
            self.lives,
            self.seconds / 3600
        )
    }
}

/// What a run allows to be missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Excuses {
    /// The cap of the buffer is low: `cap`.
    pub cap: bool,
    /// Rows were damaged: `damage`, and `salvage` where it was met in the database's own pages.
    pub damage: bool,
    /// The disk lied: whatever the gateway or a hole tells.
    pub lies: bool,
}

/// What was accepted, and where it should be.
#[derive(Debug, Default)]
pub struct Oracle {
    accepted: BTreeMap<Key, (Header, Record)>,
    /// Rows that the gateway was not told to let go of.
    held: BTreeMap<RowId, (Key, Vec<u8>)>,
    /// Numbers that two records have.
    reused: BTreeSet<Key>,
    /// Documents found open at a start: device and printed number.
    open: BTreeSet<(String, u64)>,
    pub excuses: Excuses,
    pub report: Report,
}

impl Oracle {
    /// A row was accepted, or is found in the store: in the first case nobody had its numbers before.
    pub fn accept(&mut self, row: &Row, found: bool) -> Result<()> {
        let Ok(batch) = decode(&row.payload) else {
            ensure!(found, "a row was accepted that cannot be decoded: {:?}", row.id);
            return Ok(());
        };
        for (index, record) in batch.records.iter().enumerate() {
            let key = (batch.header.class, batch.header.epoch, batch.header.sequence(index));
            match self.accepted.get(&key) {
                Some((_, known)) if found && known == record => {}
                Some(_) if self.excuses.damage || self.excuses.lies => {
                    self.reused.insert(key);
                }
                Some(_) => bail!("{} was given out twice", name(key)),
                None => {
                    self.report.recovered += u64::from(found);
                    self.accepted.insert(key, (batch.header.clone(), record.clone()));
                }
            }
        }
        let key = (row.class, row.epoch, row.first_sequence);
        self.held.insert(row.id, (key, row.payload.clone()));
        Ok(())
    }

    /// The gateway is told to let go of these.
    pub fn free(&mut self, rows: &[RowId]) {
        rows.iter().for_each(|row| drop(self.held.remove(row)));
    }

    /// The store was opened, and holds these rows. What was accepted and not let go of must be among them.
    pub fn opened(&mut self, rows: &[Row]) -> Result<()> {
        let Excuses { cap, damage, lies } = self.excuses;
        if !cap && !damage && !lies {
            for (id, (key, payload)) in &self.held {
                let row = rows.iter().find(|row| row.id == *id);
                ensure!(row.is_some(), "{} was accepted and is not in the store", name(*key));
                ensure!(
                    row.is_some_and(|row| row.payload == *payload),
                    "{} changed in the store",
                    name(*key)
                );
            }
        }
        let there: BTreeSet<RowId> = rows.iter().map(|row| row.id).collect();
        self.held.retain(|id, _| there.contains(id));
        rows.iter().try_for_each(|row| self.accept(row, true))
    }

    /// A document was open at a start.
    pub fn resumes(&mut self, device: &str, number: u64) {
        self.open.insert((device.to_owned(), number));
    }

    /// How many receipts of this number were accepted of a device.
    pub fn receipts(&self, device: &str, number: u64) -> Vec<&tillgate_events::Receipt> {
        let all = self.accepted.values().filter(|(_, record)| record.source == device);
        let receipts = all.filter_map(|(_, record)| match &record.body {
            Body::Receipt(receipt) => Some(receipt.as_ref()),
            _ => None,
        });
        receipts.filter(|receipt| printed_number(&receipt.receipt_id) == Some(number)).collect()
    }

    /// How many documents that are no receipt bear this number.
    fn unread(&self, device: &str, number: u64) -> usize {
        let names = |(_, record): &&(Header, Record)| match &record.body {
            Body::Unknown(unknown) if record.source == device => {
                format!("{unknown:?}").contains(&format!("{number:06}"))
            }
            _ => false,
        };
        self.accepted.values().filter(names).count()
    }

    /// Where damage or a lie may have taken the end of a document, nothing is said of it.
    pub fn forget_documents(&mut self) {
        self.open.clear();
    }

    /// A row that waits to be kept.
    pub fn waiting(&self, random: &mut fastrand::Rng) -> Option<(RowId, Vec<u8>)> {
        let (id, (_, payload)) = random.choice(&self.held)?;
        Some((*id, payload.clone()))
    }

    /// Whether a record of this class and epoch was accepted.
    pub fn has_begun(&self, class: Class, epoch: u32) -> bool {
        self.accepted.range((class, epoch, 0)..=(class, epoch, u64::MAX)).next().is_some()
    }

    /// Documents that were open at a start end once: complete or not.
    pub fn check_documents(&mut self) -> Result<()> {
        for (device, number) in &self.open {
            let times = self.receipts(device, *number).len() + self.unread(device, *number);
            ensure!(
                times == 1,
                "receipt {number} of {device} was open at a start and accepted {times} times"
            );
        }
        self.report.resumed = self.open.len() as u64;
        Ok(())
    }

    /// The verdict, from what is on the cloud's disk.
    pub fn judge(&mut self, file: &[Entry]) -> Result<Report> {
        let (mut tally, mut contents) = (Tally::default(), Contents::default());
        for entry in file {
            tally.replay(entry)?;
            contents.take(entry);
        }
        self.report.reused = self.reused.len() as u64;
        let mut report = Report { accepted: self.accepted.len() as u64, ..self.report };
        let mut first = None;
        for (key, (header, record)) in
            self.accepted.iter().filter(|(key, _)| !self.reused.contains(key))
        {
            let (class, epoch, number) = *key;
            let stream = tally.gateways().next().and_then(|(_, it)| it.get(&(class, epoch)));
            match contents.has(*key, header, record) {
                Has::Same => report.arrived += 1,
                Has::Other => {
                    report.unexpected += 1;
                    first.get_or_insert_with(|| {
                        format!("{} arrived with another content", name(*key))
                    });
                }
                Has::Nothing => {
                    match contents.reason(*key).filter(|reason| self.explains(reason)) {
                        Some(_) => report.told += 1,
                        None if self.excuses.lies
                            && stream.is_some_and(|it| it.lost().covers(number, number)) =>
                        {
                            report.holes += 1;
                        }
                        None => {
                            report.lost += 1;
                            let reason = contents.reason(*key).unwrap_or("nothing");
                            first.get_or_insert_with(|| {
                                format!(
                                    "{} was accepted and is lost; the cloud was told: {reason}",
                                    name(*key)
                                )
                            });
                        }
                    }
                }
            }
        }
        for key in contents.keys() {
            if !self.accepted.contains_key(&key) {
                report.unexpected += 1;
                first
                    .get_or_insert_with(|| format!("{} arrived and was never accepted", name(key)));
            }
        }
        let streams = tally.gateways().flat_map(|(_, it)| it.values());
        report.duplicated = streams.map(tillgate::ledger::Stream::duplicated).sum();
        match first {
            Some(words) => bail!("{words} ({report})"),
            None => Ok(report),
        }
    }

    fn explains(&self, reason: &str) -> bool {
        let Excuses { cap, damage, lies } = self.excuses;
        match reason {
            "cap" => cap,
            // What was in the part of the log that is gone was only set aside, as far as anybody knows.
            "damage" | "salvage" | "reserved" => damage || lies,
            _ => false,
        }
    }
}

/// What the cloud has on its disk.
#[derive(Default)]
struct Contents {
    records: BTreeMap<Key, Record>,
    /// Lines of JSON by their part.
    parts: BTreeMap<Key, BTreeMap<u32, Vec<u8>>>,
    losses: Vec<Loss>,
}

enum Has {
    Same,
    Other,
    Nothing,
}

impl Contents {
    fn take(&mut self, entry: &Entry) {
        let head = &entry.head;
        match (head.kind, head.part) {
            (Kind::Records, None) => {
                let Ok(batch) = decode(&entry.payload) else { return };
                for (index, record) in batch.records.into_iter().enumerate() {
                    let key = (head.class, head.epoch, batch.header.first_sequence + index as u64);
                    self.records.insert(key, record);
                }
            }
            (Kind::Records, Some((part, _))) => {
                let parts = self.parts.entry((head.class, head.epoch, head.first)).or_default();
                parts.insert(part, entry.payload.clone());
            }
            (Kind::Gap | Kind::Reserved, _) => self.losses.extend(Loss::parse(&entry.payload)),
            (Kind::Again | Kind::Produced | Kind::Stream, _) => {}
        }
    }

    fn has(&self, key: Key, header: &Header, record: &Record) -> Has {
        if let Some(arrived) = self.records.get(&key) {
            return if arrived == record { Has::Same } else { Has::Other };
        }
        let Some(parts) = self.parts.get(&key) else { return Has::Nothing };
        let index = usize::try_from(key.2 - header.first_sequence).unwrap_or_default();
        let lines = expand(header, index, record).into_iter().map(|event| event.to_json_line());
        let lines: Vec<String> = lines.collect();
        if lines.len() != parts.len() {
            return Has::Nothing;
        }
        let same = lines
            .iter()
            .zip(parts.values())
            .all(|(line, part)| line.trim_end().as_bytes() == part.as_slice());
        if same { Has::Same } else { Has::Other }
    }

    fn reason(&self, (class, epoch, number): Key) -> Option<&str> {
        let names = |loss: &&Loss| {
            let numbers = loss.first_sequence..=loss.last_sequence;
            loss.class == class && loss.epoch == epoch && numbers.contains(&number)
        };
        self.losses.iter().find(names).map(|loss| loss.reason.as_str())
    }

    fn keys(&self) -> impl Iterator<Item = Key> {
        self.records.keys().chain(self.parts.keys()).copied()
    }
}

/// A row in words.
pub fn words(row: &Row) -> String {
    let records = decode(&row.payload).map(|batch| batch.records).unwrap_or_default();
    let word = |record: &Record| match &record.body {
        Body::Receipt(it) => format!("{} {} complete {}", it.receipt_id, it.total, it.complete),
        Body::Unknown(it) => format!("{it:?}"),
        other => format!("{other:?}").chars().take(60).collect(),
    };
    let words: Vec<String> =
        records.iter().map(|it| format!("{}: {}", it.source, word(it))).collect();
    format!(
        "row {} {}: {}",
        row.id.0,
        name((row.class, row.epoch, row.first_sequence)),
        words.join(" | ")
    )
}

/// The number that was printed, out of `{terminal}-{yyyymmdd}-{number}`.
fn printed_number(receipt_id: &str) -> Option<u64> {
    let number = receipt_id.rsplit('-').next()?;
    number.parse().ok().filter(|_| receipt_id.matches('-').count() >= 2)
}

fn name((class, epoch, number): Key) -> String {
    format!("{}-{epoch}-{number}", class.name())
}
