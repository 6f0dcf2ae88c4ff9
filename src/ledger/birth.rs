//! A gateway's birth on `…/state`: whether it knows how far it was.
//!
//! One whose numbers are below what was published for it was wiped, or put back from a copy, and would give them out
//! again. A birth names the numbers at its *start* and comes at each connect; so only the first one of a start counts.

use std::collections::BTreeMap;

use serde::Deserialize;
use tillgate_events::{Class, Watermark, Watermarks};

use crate::limits::LEDGER_STREAMS;

/// What a birth says of a start.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Birth {
    status: String,
    epoch: u32,
    /// The number due next of each class that has one.
    next: BTreeMap<String, u64>,
    /// When that start was.
    started: String,
}

/// A gateway whose numbers were below its watermark when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind {
    /// Of which class.
    pub class: Class,
    /// The epoch that it is in, and the last number that it knows of.
    pub knows: Watermark,
    /// What was published for it.
    pub published: Watermark,
}

impl Birth {
    /// Reads the message; `None` where it is no birth.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let birth: Self = serde_json::from_slice(payload).ok()?;
        (birth.status == "online" && birth.epoch > 0).then_some(birth)
    }

    fn behind(&self, marks: &Watermarks) -> Option<Behind> {
        marks.iter().find_map(|(class, published)| {
            let next = self.next.get(class.name()).copied().unwrap_or(1);
            let knows = Watermark { epoch: self.epoch, sequence: next.saturating_sub(1) };
            (knows < *published).then_some(Behind { class: *class, knows, published: *published })
        })
    }
}

/// The start of each gateway that was heard of last.
#[derive(Debug, Default)]
pub struct Births(BTreeMap<String, String>);

impl Births {
    /// Takes a birth in. `live` where it was said now; one that the broker kept only tells which start is known.
    pub fn take(
        &mut self,
        gateway: &str,
        birth: Birth,
        live: bool,
        marks: &Watermarks,
    ) -> Option<Behind> {
        if self.0.get(gateway) == Some(&birth.started) {
            return None;
        }
        let behind = birth.behind(marks).filter(|_| live);
        if self.0.len() >= LEDGER_STREAMS {
            self.0.clear();
        }
        self.0.insert(gateway.to_owned(), birth.started);
        behind
    }
}
