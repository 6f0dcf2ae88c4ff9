//! The judgement: what the agents said they accepted, against what `tillgate verify` finds and what was printed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::fail::{Fail, Held, must};
use super::process::{Key, Process};
use super::scene::Scene;
use super::wait::{pass, until};
use crate::demo::arrivals::Arrivals;
use crate::limits;
use crate::store::ReceiptTruth;

/// What `tillgate verify --json` says.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Report {
    /// Over all streams.
    pub sum: Sum,
    /// Messages that are not understood.
    pub bad: u64,
    streams: Vec<Stream>,
}

/// Sums over streams.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Sum {
    /// Different numbers stored.
    pub arrived: u64,
    /// Told to be lost.
    pub evicted: u64,
    /// Came again.
    pub duplicated: u64,
    /// Neither.
    pub lost: u64,
}

#[derive(Clone, Debug, Deserialize)]
struct Stream {
    class: String,
    epoch: u32,
    arrived: u64,
}

/// Whether the gateway may tell of losses in this row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Losses {
    /// No record may be lost.
    None,
    /// What was damaged on the disk is told, and only that.
    Told,
}

impl Report {
    /// Different records of a class that are stored.
    pub fn arrived(&self, class: &str) -> u64 {
        self.streams.iter().filter(|stream| stream.class == class).map(|it| it.arrived).sum()
    }

    /// The first class and epoch of which something accepted did not arrive.
    pub fn short(&self, accepted: &BTreeMap<Key, u64>) -> Option<String> {
        accepted.iter().find_map(|((class, epoch), accepted)| {
            let mut of = self.streams.iter();
            let stream = of.find(|it| it.class == *class && it.epoch == *epoch);
            let arrived = stream.map_or(0, |stream| stream.arrived);
            (arrived < *accepted)
                .then(|| format!("{class}: accepted {accepted}, arrived {arrived}"))
        })
    }
}

impl Scene<'_> {
    /// Asks `tillgate verify`; an empty report before anything is stored.
    pub fn verify(&self) -> Result<Report, Fail> {
        verify(&self.stage.agent, &self.cloud())
    }

    /// Waits until all that was accepted is stored, ends both processes, and judges.
    pub fn settle(&self, agent: Process, confirm: Process, losses: Losses) -> Held {
        let complete = || {
            let report = self.verify()?;
            Ok((self.short(&report, losses)?.is_none() && report.sum.lost == 0).then_some(()))
        };
        let arrived = until("all that was accepted is stored", self.patience(), complete);
        if let Err(fail) = arrived {
            let report = self.verify()?;
            let why = self.short(&report, losses)?;
            if !self.stage.is_mutant() {
                let why = why.unwrap_or_else(|| format!("lost {}", report.sum.lost));
                return Err(Fail::Broken(format!("{fail}: {why}")));
            }
            return self.drain(agent).and_then(|()| self.judge(confirm, losses));
        }
        let code = agent.stop()?;
        must(code == 0, || format!("the agent ends with {code}"))?;
        self.judge(confirm, losses)
    }

    /// Waits until all records of the till are stored, for as long as more arrive: a disk that others use too stores a
    /// few messages at a time. What does not arrive is for [`Scene::settle`] to say.
    pub fn flows(&self) -> Result<(), Fail> {
        let mut arrived = 0;
        loop {
            let more = until("more arrives", self.patience(), || {
                pass(limits::FAULT_MOMENT);
                let now = self.verify()?.arrived("pos");
                Ok((now > arrived || now >= self.ledger.accepted("pos")).then_some(now))
            });
            match more {
                Ok(now) if now < self.ledger.accepted("pos") => arrived = now,
                Ok(_) | Err(Fail::Broken(_)) => return Ok(()),
                Err(fail) => return Err(fail),
            }
        }
    }

    /// What was accepted and is neither stored nor, where that may be, told to be lost.
    fn short(&self, report: &Report, losses: Losses) -> Result<Option<String>, Fail> {
        let accepted = self.ledger.all();
        if losses == Losses::None {
            return Ok(report.short(&accepted));
        }
        let known = stored(&self.cloud())?.1;
        Ok(accepted.into_iter().find_map(|((class, epoch), accepted)| {
            let none = BTreeSet::new();
            let known = known.get(&(class.clone(), epoch)).unwrap_or(&none);
            let missing = (1..=accepted).filter(|number| !covers(known, *number)).count();
            (missing > 0).then(|| {
                format!("{class}: accepted {accepted} in epoch {epoch}, {missing} lost in silence")
            })
        }))
    }

    /// Of a mutant: starts the agent again and again until nothing waits, so that what is missing will never come.
    fn drain(&self, agent: Process) -> Result<(), Fail> {
        agent.stop()?;
        for _ in 0..limits::FAULT_DRAINS {
            if self.waiting()? == 0 {
                return Ok(());
            }
            let agent = self.agent()?;
            agent.says("connected to the broker", limits::FAULT_STOP)?;
            pass(limits::FAULT_DRAIN);
            agent.stop()?;
        }
        Err(Fail::Broken("rows stay in the outbox".to_owned()))
    }

    fn judge(&self, confirm: Process, losses: Losses) -> Held {
        // What the agent sent last.
        let _quiet = until("nothing is on its way", limits::FAULT_STOP, || {
            Ok((self.verify()?.sum.lost == 0).then_some(()))
        });
        confirm.stop()?;
        let (report, accepted) = (self.verify()?, self.ledger.all());
        must(accepted.values().sum::<u64>() > 0, || "nothing was accepted at all".to_owned())?;
        let short = self.short(&report, losses)?;
        must(short.is_none(), || short.unwrap_or_default())?;
        let Sum { arrived, evicted, duplicated, lost } = report.sum;
        must(lost == 0, || format!("lost {lost}"))?;
        must(evicted == 0 || losses == Losses::Told, || format!("told as lost: {evicted}"))?;
        must(report.bad == 0, || format!("{} messages are not understood", report.bad))?;
        self.contents()?;
        let accepted: u64 = accepted.values().sum();
        let told = if evicted > 0 { format!(", told {evicted}") } else { String::new() };
        Ok(format!("accepted {accepted}, arrived {arrived}{told}, again {duplicated}, lost 0"))
    }

    /// The numbers of the receipts that were printed so far.
    pub fn numbers(&self) -> Vec<u32> {
        self.printed
            .lock()
            .map(|all| all.iter().map(|truth| truth.number).collect())
            .unwrap_or_default()
    }

    /// Whether each of these receipts is stored, and called sound.
    pub fn has_sound(&self, numbers: &[u32]) -> Result<bool, Fail> {
        let (arrivals, _) = stored(&self.cloud())?;
        let sound = |wanted: &u32| {
            arrivals.receipts.iter().any(|((_, number), found)| number == wanted && found.sound)
        };
        Ok(numbers.iter().all(sound))
    }

    /// Each receipt arrived at most once, and what the agent calls sound is what was printed.
    fn contents(&self) -> Result<(), Fail> {
        if self.settings.encoding == "json" {
            return Ok(());
        }
        let (arrivals, _) = stored(&self.cloud())?;
        let printed = self.printed.lock().map(|all| all.clone()).unwrap_or_default();
        for ((_, number), found) in &arrivals.receipts {
            let times = found.times;
            must(times == 1, || format!("receipt {number} counts {times} times"))?;
            let truth = printed.iter().find(|truth| truth.number == *number);
            let truth = truth.map(|it| ReceiptTruth { card_numbers: Vec::new(), ..it.clone() });
            let right = !found.sound || truth.as_ref() == Some(&found.sums);
            must(right, || format!("receipt {number} has a wrong value"))?;
        }
        Ok(())
    }
}

/// Asks `tillgate verify`; an empty report before anything is stored.
pub fn verify(agent: &Path, cloud: &Path) -> Result<Report, Fail> {
    let done = Command::new(agent).args(["verify", "--json"]).arg(cloud).output()?;
    Ok(serde_json::from_slice(&done.stdout).unwrap_or_default())
}

/// First and last numbers of what was stored or told to be lost.
pub type Known = BTreeMap<Key, BTreeSet<(u64, u64)>>;

fn covers(known: &BTreeSet<(u64, u64)>, number: u64) -> bool {
    known.iter().any(|(first, last)| (*first..=*last).contains(&number))
}

/// What `confirm` stored; the form is that of `docs/confirm.md`.
pub fn stored(cloud: &Path) -> Result<(Arrivals, Known), Fail> {
    let (mut arrivals, mut known) = (Arrivals::default(), Known::new());
    let mut files: Vec<_> = fs::read_dir(cloud)?.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "tgledger"));
    files.sort();
    for file in files {
        let bytes = fs::read(file)?;
        let mut rest = bytes.get(8..).unwrap_or_default();
        while let Some((head, payload, after)) = entry(rest) {
            if head.kind == "records" {
                arrivals.take("/evt/", payload);
            }
            if ["records", "gap", "reserved"].contains(&head.kind.as_str()) {
                known.entry((head.class, head.epoch)).or_default().insert((head.first, head.last));
            }
            rest = after;
        }
    }
    Ok((arrivals, known))
}

#[derive(Deserialize)]
struct Head {
    kind: String,
    class: String,
    epoch: u32,
    first: u64,
    last: u64,
}

/// Its head, its payload and what follows.
fn entry(bytes: &[u8]) -> Option<(Head, &[u8], &[u8])> {
    let length = u32::from_le_bytes(bytes.first_chunk().copied()?) as usize;
    let (content, after) = bytes.get(8..)?.split_at_checked(length)?;
    let size = usize::from(u16::from_le_bytes(content.first_chunk().copied()?));
    let (head, payload) = content.get(2..)?.split_at_checked(size)?;
    Some((serde_json::from_slice(head).ok()?, payload, after))
}
