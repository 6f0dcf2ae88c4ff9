//! A set of sequence numbers, kept as ranges that neither overlap nor touch.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// See the module's documentation. Written as a list of pairs, first and last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(u64, u64)>", into = "Vec<(u64, u64)>")]
pub struct Ranges(BTreeMap<u64, u64>);

impl Ranges {
    /// Adds the numbers from `first` to and with `last`; how many of them are new.
    pub fn insert(&mut self, first: u64, last: u64) -> u64 {
        if first > last {
            return 0;
        }
        let (mut from, mut to, mut known) = (first, last, 0u64);
        for (start, end) in self.touching(first, last) {
            let shared = end.min(last).checked_sub(start.max(first));
            known = known.saturating_add(shared.map_or(0, |shared| shared.saturating_add(1)));
            (from, to) = (from.min(start), to.max(end));
            self.0.remove(&start);
        }
        self.0.insert(from, to);
        size(first, last).saturating_sub(known)
    }

    /// Whether adding these numbers would open no further range.
    #[must_use]
    pub fn touches(&self, first: u64, last: u64) -> bool {
        !self.touching(first, last).is_empty()
    }

    /// Whether all of these numbers are in the set.
    #[must_use]
    pub fn covers(&self, first: u64, last: u64) -> bool {
        self.end_of(first).is_some_and(|end| last <= end)
    }

    /// What of these numbers is in the set, as ranges in no order.
    pub fn shared(&self, first: u64, last: u64) -> impl Iterator<Item = (u64, u64)> {
        let cut = move |(from, to): (u64, u64)| (from.max(first), to.min(last));
        self.touching(first, last).into_iter().map(cut).filter(|(from, to)| from <= to)
    }

    /// Ranges that share a number with these, whole and in order.
    pub fn overlapping(&self, first: u64, last: u64) -> impl Iterator<Item = (u64, u64)> {
        let begins = self.0.range(..=first).next_back().map_or(first, |(start, _)| *start);
        let these = self.0.range(begins..=last).map(|(start, end)| (*start, *end));
        these.filter(move |(_, end)| first <= *end)
    }

    /// The last number of the range that `number` is in.
    #[must_use]
    pub fn end_of(&self, number: u64) -> Option<u64> {
        let (_, end) = self.0.range(..=number).next_back()?;
        (number <= *end).then_some(*end)
    }

    /// How many numbers.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.iter().fold(0, |sum, (first, last)| sum.saturating_add(size(first, last)))
    }

    /// How many ranges.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The highest number; 0 when there is none.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.0.last_key_value().map_or(0, |(_, end)| *end)
    }

    /// The ranges in order, as first and last.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|(first, last)| (*first, *last))
    }

    /// What is not in the set of the numbers from 1 to and with `last`.
    #[must_use]
    pub fn missing(&self, last: u64) -> Self {
        let (mut missing, mut next) = (Self::default(), Some(1));
        for (start, end) in self.iter().take_while(|(start, _)| *start <= last) {
            if let Some(from) = next.filter(|from| *from < start) {
                missing.insert(from, start - 1);
            }
            next = end.checked_add(1);
        }
        if let Some(from) = next.filter(|from| *from <= last) {
            missing.insert(from, last);
        }
        missing
    }

    /// This set and the other one.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for (first, last) in other.iter() {
            both.insert(first, last);
        }
        both
    }

    /// Ranges that share a number with these, or end or begin right beside them.
    fn touching(&self, first: u64, last: u64) -> Vec<(u64, u64)> {
        let before = self.0.range(..=last.saturating_add(1)).rev();
        let touching = before.take_while(|(_, end)| **end >= first.saturating_sub(1));
        touching.map(|(start, end)| (*start, *end)).collect()
    }
}

fn size(first: u64, last: u64) -> u64 {
    last.saturating_sub(first).saturating_add(1)
}

impl From<Vec<(u64, u64)>> for Ranges {
    fn from(pairs: Vec<(u64, u64)>) -> Self {
        let mut ranges = Self::default();
        for (first, last) in pairs {
            ranges.insert(first, last);
        }
        ranges
    }
}

impl From<Ranges> for Vec<(u64, u64)> {
    fn from(ranges: Ranges) -> Self {
        ranges.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranges_are_the_set_of_their_numbers(
            spans in proptest::collection::vec((1u64..60, 0u64..9), 0..40),
            last in 0u64..80,
        ) {
            let (mut ranges, mut set) = (Ranges::default(), BTreeSet::new());
            for (first, more) in spans {
                let before = set.len();
                set.extend(first..=first + more);
                prop_assert_eq!(ranges.insert(first, first + more), (set.len() - before) as u64);
            }
            prop_assert_eq!(ranges.count(), set.len() as u64);
            prop_assert_eq!(ranges.last(), set.last().copied().unwrap_or(0));
            let missing: BTreeSet<u64> =
                ranges.missing(last).iter().flat_map(|(from, to)| from..=to).collect();
            let expected: BTreeSet<u64> = (1..=last).filter(|it| !set.contains(it)).collect();
            prop_assert_eq!(missing, expected);
            let shared: u64 = ranges.shared(20, 40).map(|(from, to)| to - from + 1).sum();
            prop_assert_eq!(shared, set.range(20..=40).count() as u64);
            for number in 1..80 {
                prop_assert_eq!(ranges.covers(number, number), set.contains(&number));
            }
            let pairs: Vec<_> = ranges.iter().collect();
            prop_assert!(pairs.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "{:?}", pairs);
        }
    }

    #[test]
    fn the_ends_of_the_numbers_do_not_overflow() {
        let mut ranges = Ranges::default();
        assert_eq!(ranges.insert(u64::MAX, u64::MAX), 1);
        assert_eq!(ranges.insert(1, u64::MAX), u64::MAX - 1);
        assert_eq!((ranges.len(), ranges.count()), (1, u64::MAX));
        assert!(ranges.missing(u64::MAX).is_empty());
        assert_eq!(ranges.insert(5, 4), 0, "the wrong way round is nothing");
    }
}
