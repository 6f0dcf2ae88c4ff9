//! What calm and flood came to, beside each other.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::limits;

/// Both sides of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Advertisements a second that were to be written.
    pub rate: u32,
    /// Addresses that took turns.
    pub addresses: u32,
    /// Without advertisements.
    pub calm: Side,
    /// With them.
    pub flood: Side,
    /// Strangers' advertisements that were written.
    pub offered: u64,
    /// Those that the agent counted.
    pub taken: u64,
    /// Memory before the first flood, in kB.
    pub before_kb: u64,
    /// The most in any flood.
    pub peak_kb: u64,
}

/// Receipts and costs of all calms, or of all floods.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Side {
    /// From a receipt's last byte until it is accepted, in milliseconds.
    pub accepted_ms: Vec<f64>,
    /// From there until a subscriber has it.
    pub arrived_ms: Vec<f64>,
    /// Shares of one core, one for each round.
    pub cpu: Vec<f64>,
    /// Strangers' advertisements a second, one for each round.
    pub adverts: Vec<f64>,
}

impl Report {
    /// Nothing was measured yet.
    #[must_use]
    pub fn new(rate: u32, addresses: u32) -> Self {
        Self { rate, addresses, ..Self::default() }
    }

    /// Nothing was lost and memory did not grow.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.offered == self.taken
            && self.peak_kb <= self.before_kb + limits::FLOOD_MEMORY_KB
            && !self.flood.accepted_ms.is_empty()
    }

    /// A receipt took so long.
    pub fn receipt(&mut self, flooded: bool, accepted: Duration, arrived: Duration) {
        let side = self.of(flooded);
        side.accepted_ms.push(accepted.as_secs_f64() * 1e3);
        side.arrived_ms.push(arrived.as_secs_f64() * 1e3);
    }

    /// A round used this share of a core and brought so many advertisements a second.
    pub fn side(&mut self, flooded: bool, cpu: f64, adverts: f64) {
        let side = self.of(flooded);
        side.cpu.push(cpu);
        side.adverts.push(adverts);
    }

    /// A flood's memory.
    pub fn memory(&mut self, before: u64, peak: u64) {
        if self.before_kb == 0 {
            self.before_kb = before;
        }
        self.peak_kb = self.peak_kb.max(peak);
    }

    fn of(&mut self, flooded: bool) -> &mut Side {
        if flooded { &mut self.flood } else { &mut self.calm }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calm, flood, offered, taken, before_kb, peak_kb, addresses, .. } = self;
        let mut row = |name: &str, digits: usize, of: &dyn Fn(&Side) -> f64| {
            let (calm, flood) = (of(calm), of(flood));
            writeln!(f, "{name:<34}{calm:>10.digits$}{flood:>10.digits$}")
        };
        row("strangers heard a second", 0, &|side| mean(&side.adverts))?;
        row("receipts", 0, &|side| side.accepted_ms.len() as f64)?;
        for (name, share) in [("half within", 0.5), ("95 in 100 within", 0.95), ("longest", 1.0)] {
            row(&format!("accepted, {name}, ms"), 1, &|side| at(&side.accepted_ms, share))?;
        }
        for (name, share) in [("half within", 0.5), ("95 in 100 within", 0.95), ("longest", 1.0)] {
            row(&format!("arrived, {name}, ms"), 1, &|side| at(&side.arrived_ms, share))?;
        }
        row("of one core, %", 1, &|side| 100.0 * mean(&side.cpu))?;
        writeln!(f, "memory: {before_kb} kB before, {peak_kb} kB at most in a flood")?;
        writeln!(f, "strangers: {offered} heard of {addresses} addresses, {taken} counted")?;
        write!(f, "{}", if self.passed() { "nothing lost, memory flat" } else { "FAILED" })
    }
}

/// Within which this share of them lies.
fn at(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(taken: u64, peak: u64, receipts: u64) -> Report {
        let mut report = Report::new(5000, 10_000);
        for ms in 0..receipts {
            let took = Duration::from_millis(10 + ms);
            report.receipt(true, took, took + took);
        }
        report.memory(5000, 5100);
        report.memory(9000, peak);
        (report.offered, report.taken) = (100, taken);
        report
    }

    #[test]
    fn a_run_has_failed_that_lost_something_or_grew_or_printed_nothing() {
        assert!(report(100, 5000 + limits::FLOOD_MEMORY_KB, 3).passed());
        assert!(!report(99, 5100, 3).passed());
        assert!(!report(100, 5001 + limits::FLOOD_MEMORY_KB, 3).passed());
        assert!(!report(100, 5100, 0).passed());
    }

    #[test]
    fn the_table_tells_the_share_within_which_receipts_were_accepted() {
        let text = report(100, 5100, 20).to_string();
        let words: Vec<&str> = text.split_whitespace().collect();
        let words = words.join(" ");
        for row in ["half within, ms NaN 19.0", "95 in 100 within, ms NaN 28.0"] {
            assert!(words.contains(&format!("accepted, {row}")), "{text}");
        }
        assert!(text.ends_with("nothing lost, memory flat"));
    }
}
