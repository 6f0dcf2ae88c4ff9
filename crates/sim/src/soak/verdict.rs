//! The judgement: numbers by `tillgate verify`, the tills' receipts to the cent, and memory.

use std::fmt::{self, Display};
use std::sync::PoisonError;

use serde::Serialize;

use super::gateway::{Gateway, Trouble};
use super::lines::Printed;
use super::meter::{Memory, Sample, memory};
use crate::demo::arrivals::Arrivals;
use crate::faults::fail::Fail;
use crate::faults::judge::stored;
use crate::limits;
use crate::store::{Direction, Pings, ReceiptTruth, decimal};

/// What became of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verdict {
    /// Repeats it, as far as the machine does the same.
    pub seed: u64,
    /// How long things went wrong.
    pub minutes: f64,
    /// Records that the agents said they accepted.
    pub accepted: u64,
    /// Different records that are stored.
    pub arrived: u64,
    /// Accepted or given a number, and not stored.
    pub lost: u64,
    /// Receipts that count twice.
    pub duplicated: u64,
    /// Records that came again and were known by their numbers.
    pub again: u64,
    /// Told as gone, and messages that are not understood.
    pub told: u64,
    /// Times that the agent was started, that the broker went away, that lines were unplugged.
    pub starts: u32,
    /// See `starts`.
    pub outages: u32,
    /// See `starts`.
    pub unplugged: usize,
    /// Receipts printed to the end with nothing done to agent or line.
    pub undisturbed: usize,
    /// All receipts, also those cut off.
    pub printed: usize,
    /// Sum of the undisturbed ones, in cents.
    pub cents: i64,
    /// The same as it arrived.
    pub cents_arrived: i64,
    /// People counted, and arrived.
    pub people: (u64, u64),
    /// Advertisements of enrolled tags, and arrived.
    pub pings: (u64, u64),
    /// Advertisements of strangers.
    pub strangers: u64,
    /// What memory did.
    pub memory: Memory,
    /// Kind of cgroup, none where it could not be made; the most it held, in kB; processes killed in it.
    pub cgroup: Option<(&'static str, u64, u64)>,
    /// Differences and what no fault explains.
    pub wrong: Vec<String>,
}

impl Verdict {
    /// Ends all and judges.
    pub fn new(mut gateway: Gateway, samples: &[Sample]) -> Result<Self, Fail> {
        let (pressure, cloud) = gateway.end()?;
        let report = gateway.report()?;
        let (arrivals, _) = stored(&cloud)?;
        let mut verdict = Self {
            seed: gateway.options.seed,
            minutes: gateway.options.run.as_secs_f64() / 60.0,
            accepted: gateway.ledger.all().values().sum(),
            arrived: report.sum.arrived,
            lost: report.sum.lost,
            again: report.sum.duplicated,
            told: report.sum.evicted + report.bad,
            starts: gateway.lives,
            outages: gateway.outages,
            unplugged: gateway.troubles.iter().filter(|it| it.device.is_some()).count(),
            memory: memory(samples),
            cgroup: gateway.cage().zip(pressure).map(|(kind, it)| (kind, it.peak_kb, it.killed)),
            wrong: gateway.surprises.clone(),
            ..Self::default()
        };
        if let Some(short) = report.short(&gateway.ledger.all()) {
            verdict.lost = verdict.lost.max(1);
            verdict.wrong.push(short);
        }
        let log = gateway.lines.log.lock().unwrap_or_else(PoisonError::into_inner);
        verdict.receipts(&log.receipts, &gateway.troubles, &arrivals);
        verdict.strangers = log.others.strangers;
        let both = |of: &dyn Fn(Direction) -> u64| of(Direction::In) + of(Direction::Out);
        verdict.people = (both(&|way| log.others.crossed(way)), both(&|way| arrivals.crossed(way)));
        let pings = |it: Pings| it.count;
        verdict.pings = (
            pings(Pings::total(log.others.pings.values())),
            pings(Pings::total(arrivals.pings.values())),
        );
        verdict.limits();
        drop(log);
        gateway.lines.close()?;
        Ok(verdict)
    }

    /// Undisturbed receipts arrived once and as printed; of the others, what is called sound is as printed.
    fn receipts(&mut self, printed: &[Printed], troubles: &[Trouble], arrivals: &Arrivals) {
        self.printed = printed.len();
        for one in printed {
            let truth = ReceiptTruth { card_numbers: Vec::new(), ..one.receipt.clone() };
            let found = arrivals.receipts.get(&(truth.terminal.clone(), truth.number));
            let name = format!("receipt {:06} of {}", truth.number, truth.terminal);
            let right = found.is_none_or(|it| !it.sound || it.sums == truth);
            if !right {
                self.wrong.push(format!("{name} has a wrong value"));
            }
            if !one.whole || troubles.iter().any(|trouble| trouble.touches(one)) {
                continue;
            }
            self.undisturbed += 1;
            self.cents += truth.total;
            let Some(found) = found else {
                self.wrong.push(format!("{name} is missing"));
                continue;
            };
            self.cents_arrived += found.sums.total;
            self.duplicated += u64::from(found.times.saturating_sub(1));
            if !found.sound {
                self.wrong.push(format!("{name} arrived as unsound"));
            }
        }
    }

    /// Bounds.
    fn limits(&mut self) {
        let kills = self.cgroup.map_or(0, |(_, _, kills)| kills);
        for (what, said, came) in
            [("people", self.people.0, self.people.1), ("pings", self.pings.0, self.pings.1)]
        {
            if said < came {
                self.wrong.push(format!("{what}: {said} said, {came} arrived"));
            }
        }
        if kills > 0 {
            self.wrong.push(format!("killed for want of memory: {kills}"));
        }
        if self.told > 0 {
            self.wrong.push(format!("told as gone, or not understood: {}", self.told));
        }
        if self.grows() {
            self.wrong.push(format!("memory grows by {:.1} kB/min", self.memory.slope));
        }
    }

    /// Whether memory grows, as far as that was looked at for long enough.
    fn grows(&self) -> bool {
        limits::SOAK_JUDGED <= self.memory.over && limits::SOAK_SLOPE < self.memory.slope
    }

    /// Whether all is well.
    pub fn passed(&self) -> bool {
        self.lost == 0
            && self.duplicated == 0
            && self.wrong.is_empty()
            && self.accepted > 0
            && self.undisturbed > 0
            && self.cents == self.cents_arrived
    }
}

impl Trouble {
    /// Whether it may have taken something from this receipt.
    fn touches(&self, printed: &Printed) -> bool {
        self.device.as_ref().is_none_or(|name| *name == printed.receipt.terminal)
            && printed.began <= self.until + limits::SOAK_BEFORE
            && self.from <= printed.ended + limits::SOAK_AFTER
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Memory { anon_kb, resident_kb, levels_kb: (first, last), slope, over } = self.memory;
        writeln!(
            f,
            "{:.0} min · {} starts of the agent · the broker away {} times · {} unplugged lines",
            self.minutes, self.starts, self.outages, self.unplugged
        )?;
        writeln!(
            f,
            "accepted {} · arrived {} · lost {} · duplicated {} ({} came again and were known)",
            self.accepted, self.arrived, self.lost, self.duplicated, self.again
        )?;
        writeln!(
            f,
            "undisturbed receipts {} of {}: printed {}, arrived {}",
            self.undisturbed,
            self.printed,
            decimal(self.cents),
            decimal(self.cents_arrived)
        )?;
        writeln!(
            f,
            "people {} of {} · pings of tags {} of {} · {} advertisements of strangers",
            self.people.1, self.people.0, self.pings.1, self.pings.0, self.strangers
        )?;
        let group = match self.cgroup {
            Some((kind, peak, _)) => {
                format!("cgroup {kind} at most {peak} kB, pages of files included")
            }
            None => "no cgroup".to_owned(),
        };
        let judged = match over {
            over if over < limits::SOAK_JUDGED => "too short to judge",
            _ if self.grows() => "it grows",
            _ => "it does not grow",
        };
        writeln!(
            f,
            "memory: at most {resident_kb} kB, {anon_kb} kB of it anonymous ({first} in the first life, {last} in \
             the last) · {slope:+.1} kB/min over {:.0} min: {judged} · {group}",
            over / 60.0
        )?;
        self.wrong
            .iter()
            .take(limits::DIFFERENCES_SHOWN)
            .try_for_each(|it| writeln!(f, "  {it}"))?;
        let word = if self.passed() { "all held" } else { "FAILED" };
        write!(f, "{word}: lost {} duplicated {} · SEED={}", self.lost, self.duplicated, self.seed)
    }
}

#[cfg(test)]
mod tests;
