//! What receipts call things that the catalogue does not know, the most frequent first.
//!
//! Bounded: a new name takes the place of the rarest one and its number with it, so that what is frequent is always
//! there, and a number is never too low.

use std::collections::HashMap;

use crate::limits;

/// Names and how often they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unmatched {
    names: HashMap<String, u64>,
    lines: u64,
}

impl Unmatched {
    /// As it was written down.
    #[must_use]
    pub fn restored(names: impl IntoIterator<Item = (String, u64)>) -> Self {
        let names: HashMap<_, _> = names.into_iter().take(limits::STOCK_UNMATCHED).collect();
        Self { lines: 0, names }
    }

    /// A line with this name; its number, and the name that gave way for it.
    pub fn add(&mut self, name: &str) -> (u64, Option<String>) {
        self.lines += 1;
        let mut gone = None;
        let mut start = 0;
        if !self.names.contains_key(name) && limits::STOCK_UNMATCHED <= self.names.len() {
            let rarest = self.names.iter().min_by_key(|(name, count)| (**count, *name));
            gone = rarest.map(|(name, _)| name.clone());
            start = gone.as_ref().and_then(|name| self.names.remove(name)).unwrap_or(0);
        }
        let count = self.names.entry(name.to_owned()).or_insert(start);
        *count += 1;
        (*count, gone)
    }

    /// Lines since the start.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_frequent_stays_and_the_rarest_gives_way() {
        let mut unmatched = Unmatched::default();
        for _ in 0..3 {
            unmatched.add("TEA");
        }
        for number in 1..limits::STOCK_UNMATCHED {
            assert_eq!(unmatched.add(&format!("N{number:03}")), (1, None));
        }
        assert_eq!(unmatched.add("NEW"), (2, Some("N001".to_owned())), "never too low");
        assert_eq!(unmatched.add("TEA"), (4, None));
        assert_eq!(unmatched.lines(), 3 + limits::STOCK_UNMATCHED as u64 + 1);
    }
}
