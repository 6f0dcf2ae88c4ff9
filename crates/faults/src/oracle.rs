//! What was accepted, what became of it, and the verdict.
//!
//! Records are known by class, epoch and sequence. Each is entered when its commit returned, or when it is found in the
//! store after a crash in the middle of a commit. The verdict comes from the bytes of the cloud's file that are on its
//! disk, and from nothing that the gateway says of itself.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail, ensure};
use tillgate::ledger::{Entry, Stream, Tally};
use tillgate::store::{Gap, Row, RowId};
use tillgate_events::{
    Body, Class, Header, Loss, Receipt, Record, Watermarks, decode, parse_watermarks,
};

use crate::contents::{Contents, Has};
use crate::report::Report;
use crate::sums::check_thinned;

/// A record's name.
pub type Key = (Class, u32, u64);

/// What a run allows to be missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Excuses {
    /// The cap of the buffer is low: `thinned` and `cap`.
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
    /// What has numbers that another record has.
    second: BTreeMap<Key, (Header, Record)>,
    /// What got other numbers, by these: those that it had, with the header of its batch.
    moved: BTreeMap<Key, (Key, Header)>,
    /// Records of epochs that a lying disk took back.
    taken_back: u64,
    /// What was handed out, and in which run of the agent last; the same of numbers that two records have.
    handed: BTreeMap<Key, u32>,
    handed_twice: BTreeMap<Key, u32>,
    /// The run of the moment, that in which a second record got its numbers, and those in which rows went out.
    pub life: u32,
    second_in: BTreeMap<Key, u32>,
    handing: BTreeSet<u32>,
    /// What the cloud could be heard to say when a run first subscribed.
    heard: BTreeMap<u32, Watermarks>,
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
                // Others were joined to it; whether nothing was lost by that is seen at the end.
                Some(_) if found && self.excuses.cap && key.0 == Class::Visit => {}
                Some(_) if self.excuses.damage || self.excuses.lies => {
                    self.second_in.entry(key).or_insert(self.life);
                    self.second.insert(key, (batch.header.clone(), record.clone()));
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

    /// These rows go out. What an earlier epoch left behind was never in question: only damage makes it stay there.
    pub fn hands_out(&mut self, rows: &[Row], life: u32, epoch: u32) {
        if !rows.is_empty() {
            self.handing.insert(life);
        }
        for row in rows {
            for number in (row.first_sequence..).take(row.count as usize) {
                let key = (row.class, row.epoch, number);
                self.handed.insert(key, life);
                if row.epoch == epoch && self.second.contains_key(&key) {
                    self.handed_twice.insert(key, life);
                }
            }
        }
    }

    /// What stands on `…/ack` when a run of the agent subscribes.
    pub fn could_hear(&mut self, life: u32, payload: &[u8]) {
        let marks = parse_watermarks(payload).unwrap_or_default();
        self.heard.entry(life).or_insert(marks);
    }

    /// Some of these rows have other numbers now: `moved` says which epoch and first number.
    pub fn renumbered(&mut self, rows: &[Row], moved: impl Fn(&Row) -> Option<(u32, u64)>) {
        for row in rows {
            let Some((epoch, first)) = moved(row) else { continue };
            let Ok(batch) = decode(&row.payload) else { continue };
            self.held.remove(&row.id);
            let header = Header { epoch, first_sequence: first, ..batch.header.clone() };
            for ((record, old), new) in
                batch.records.iter().cloned().zip(row.first_sequence..).zip(first..)
            {
                let old = (row.class, row.epoch, old);
                if self.second.get(&old).is_some_and(|(_, it)| *it == record) {
                    // One that went out under it before, as a disk made the store forget, is there twice.
                    if !self.handed_twice.contains_key(&old) {
                        self.second.remove(&old);
                    }
                } else if !self.handed.contains_key(&old) {
                    self.accepted.remove(&old);
                }
                let new = (row.class, epoch, new);
                self.moved.insert(new, (old, batch.header.clone()));
                self.accepted.insert(new, (header.clone(), record));
            }
        }
    }

    /// Numbers that were given out twice though the cloud could be heard to have them, in the run that first sent
    /// anything after that.
    fn check_reused(&self) -> Result<()> {
        for key in self.handed_twice.keys().filter(|key| self.second.contains_key(key)) {
            let since = self.second_in.get(key).copied().unwrap_or(0);
            let asked = self.handing.range(since..).next();
            let marks = asked.and_then(|life| self.heard.get(life));
            let mark = marks.and_then(|marks| marks.get(&key.0));
            let known = mark.is_some_and(|it| (it.epoch, it.sequence) >= (key.1, key.2));
            ensure!(
                !known,
                "{} was given out twice, and the cloud said that it has it",
                name(*key)
            );
        }
        Ok(())
    }

    /// The gateway is told to let go of these.
    pub fn free(&mut self, rows: &[RowId]) {
        rows.iter().for_each(|row| drop(self.held.remove(row)));
    }

    /// A disk that lies may take back that an epoch began: then what moved to it has its old numbers, and nothing went
    /// out under the others.
    fn take_back(&mut self, epoch: u32) {
        let back = self.moved.extract_if(.., |new, _| new.1 > epoch);
        for (new, (old, header)) in back.collect::<Vec<_>>() {
            if self.handed.contains_key(&new) {
                continue;
            }
            let Some((_, record)) = self.accepted.remove(&new) else { continue };
            if self.accepted.get(&old).is_some_and(|(_, known)| *known != record) {
                self.second_in.entry(old).or_insert(self.life);
                self.second.insert(old, (header, record));
            } else {
                self.accepted.insert(old, (header, record));
            }
        }
        // Of an epoch that went with all its files nothing is left that could tell: its numbers are given out again.
        let before = self.accepted.len();
        self.accepted.retain(|key, _| key.1 <= epoch || self.handed.contains_key(key));
        self.taken_back += (before - self.accepted.len()) as u64;
    }

    /// The store was opened in this epoch and holds these rows. What was accepted and not let go of must be among them.
    pub fn opened(&mut self, epoch: u32, rows: &[Row]) -> Result<()> {
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
        if lies {
            self.take_back(epoch);
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
    pub fn receipts(&self, device: &str, number: u64) -> Vec<&Receipt> {
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
        self.check_reused()?;
        let reused: BTreeSet<Key> = self.second.keys().copied().collect();
        self.report.reused = reused.len() as u64 + self.taken_back;
        let mut report = Report { accepted: self.accepted.len() as u64, ..self.report };
        let thinned = if self.excuses.cap {
            check_thinned(&self.accepted, &reused, &contents)?
        } else {
            BTreeSet::new()
        };
        let mut first = None;
        for (key, (header, record)) in self.accepted.iter().filter(|(key, _)| !reused.contains(key))
        {
            let (class, epoch, number) = *key;
            let stream = tally.gateways().next().and_then(|(_, it)| it.get(&(class, epoch)));
            match contents.has(*key, header, record) {
                Has::Same => report.arrived += 1,
                Has::Other if thinned.contains(key) => report.arrived += 1,
                Has::Other => {
                    report.unexpected += 1;
                    first.get_or_insert_with(|| {
                        format!("{} arrived with another content", name(*key))
                    });
                }
                Has::Nothing => {
                    match contents.reason(*key).filter(|reason| self.explains(reason)) {
                        Some(Loss::THINNED) => report.joined += 1,
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
        report.duplicated = streams.map(Stream::duplicated).sum();
        match first {
            Some(words) => bail!("{words} ({report})"),
            None => Ok(report),
        }
    }

    fn explains(&self, reason: &str) -> bool {
        let Excuses { cap, damage, lies } = self.excuses;
        match reason {
            "cap" | Loss::THINNED => cap,
            // What was in the part of the log that is gone was only set aside, as far as anybody knows.
            "damage" | "salvage" | "reserved" => damage || lies,
            _ => false,
        }
    }
}

/// Gaps in words.
pub fn holes(gaps: &[Gap]) -> String {
    let words = |gap: &Gap| {
        let last = gap.first_sequence + gap.count - 1;
        format!(
            "{}..={last} {}",
            name((gap.class, gap.epoch, gap.first_sequence)),
            gap.reason.name()
        )
    };
    gaps.iter().map(words).collect::<Vec<_>>().join(", ")
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
