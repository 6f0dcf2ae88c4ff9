//! Running totals: numbers that outlive a run. They are written in the transaction of the records that they count.

use std::collections::{BTreeMap, BTreeSet};

/// The totals of one source.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    values: BTreeMap<&'static str, i64>,
    changed: BTreeSet<&'static str>,
}

impl Totals {
    /// Counts further. Nothing to add changes nothing.
    pub fn add(&mut self, what: &'static str, more: u32) {
        if more > 0 {
            let value = self.values.entry(what).or_default();
            *value = value.saturating_add(more.into());
            self.changed.insert(what);
        }
    }

    /// Sets a number.
    pub fn set(&mut self, what: &'static str, value: i64) {
        if self.values.insert(what, value) != Some(value) {
            self.changed.insert(what);
        }
    }

    /// The number, if it was ever set.
    #[must_use]
    pub fn get(&self, what: &str) -> Option<i64> {
        self.values.get(what).copied()
    }

    /// The number, of people and the like.
    #[must_use]
    pub fn count(&self, what: &str) -> u64 {
        self.get(what).and_then(|value| value.try_into().ok()).unwrap_or(0)
    }

    /// Takes what an earlier run kept.
    pub fn restore(&mut self, what: &'static str, value: i64) {
        self.values.insert(what, value);
    }

    /// What changed since the last call.
    pub fn take_changed(&mut self) -> impl Iterator<Item = (&'static str, i64)> {
        let values = &self.values;
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().filter_map(|what| Some((what, *values.get(what)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_told_and_once() {
        let mut totals = Totals::default();
        totals.restore("exited", 7);
        totals.add("entered", 2);
        totals.add("entered", 1);
        totals.add("weak", 0);
        totals.set("base", 40);
        let told: Vec<_> = totals.take_changed().collect();
        assert_eq!(told, [("base", 40), ("entered", 3)]);
        totals.set("base", 40);
        totals.add("exited", 1);
        let told: Vec<_> = totals.take_changed().collect();
        assert_eq!(told, [("exited", 8)]);
        assert_eq!((totals.count("exited"), totals.count("weak")), (8, 0));
    }
}
