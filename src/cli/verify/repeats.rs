//! What came again, of lines in any order.
//!
//! A record comes as lines with a trace id each, as a header that stands for all of it, or both. It came as often as
//! the one of these that came most often. So it is kept of each part which numbers came once, twice and so on, as
//! ranges: small where all of them came.

use std::collections::BTreeMap;

use tillgate_events::Class;

use crate::ledger::{Head, Ranges};
use crate::limits::{LEDGER_RANGES_ALL, LEDGER_REPEATS};

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct Repeats {
    numberings: BTreeMap<(String, Class, u32), Numbering>,
    /// Ranges of all of them.
    ranges: usize,
}

/// Each with how often the numbers came before.
#[derive(Debug, Default)]
struct Numbering {
    parts: BTreeMap<(String, usize), Ranges>,
    /// Of which any part came so often.
    records: BTreeMap<usize, Ranges>,
}

/// What numbers were, when they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Some of them came for the first time.
    pub new: bool,
    /// How many of them came once more than was known.
    pub again: u64,
}

impl Repeats {
    /// Takes a part of the records of these numbers; `None` where no more fits into memory. What comes more often
    /// than [`LEDGER_REPEATS`] is not counted any more.
    pub fn take(&mut self, head: &Head, part: &str) -> Option<Seen> {
        if self.ranges >= LEDGER_RANGES_ALL {
            return None;
        }
        let key = (head.gateway.clone(), head.class, head.epoch);
        let numbering = self.numberings.entry(key).or_default();
        let (mut spans, mut seen) = (vec![(head.first, head.last)], Seen::default());
        for nth in 0..LEDGER_REPEATS {
            let part = numbering.parts.entry((part.to_owned(), nth)).or_default();
            let records = numbering.records.entry(nth).or_default();
            let (before, mut known) = (part.len() + records.len(), Vec::new());
            for (first, last) in spans {
                known.extend(part.shared(first, last));
                part.insert(first, last);
                let more = records.insert(first, last);
                match nth {
                    0 => seen.new |= more > 0,
                    _ => seen.again = seen.again.saturating_add(more),
                }
            }
            self.ranges = (self.ranges + part.len() + records.len()).saturating_sub(before);
            spans = known;
            if spans.is_empty() {
                break;
            }
        }
        Some(seen)
    }
}
