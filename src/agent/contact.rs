//! A contact at a dock's door, or one that writes lines: it says how the door stands.
//!
//! A dock's door counts nobody. Any other counts an opening as an entry, as a contact on a pin does.

use tillgate_events::Record;

use crate::decode::DoorFact;
use crate::decode::contact::ContactLines;
use crate::time::Now;
use crate::track::door::DoorTracker;

/// One contact.
pub struct Contact {
    lines: ContactLines,
    /// Who counts openings; `None`: it is a dock's.
    counts: Option<DoorTracker>,
    open: Option<bool>,
    said: Vec<(Now, bool)>,
}

impl Contact {
    /// A contact of which nothing is known yet.
    #[must_use]
    pub fn new(counts: Option<DoorTracker>) -> Self {
        Self { lines: ContactLines::default(), counts, open: None, said: Vec::new() }
    }

    /// Takes bytes of its port.
    pub fn push(&mut self, now: Now, bytes: &[u8], out: &mut Vec<Record>) {
        let mut levels = Vec::new();
        self.lines.push(bytes, |open| levels.push(open));
        levels.into_iter().for_each(|open| self.level(now, open, out));
    }

    /// It is open or shut now.
    pub fn level(&mut self, now: Now, open: bool, out: &mut Vec<Record>) {
        let before = self.open.replace(open);
        let changed = before.is_some_and(|before| before != open);
        match &mut self.counts {
            Some(tracker) if changed => tracker.step(now, DoorFact::Contact { open }, out),
            Some(_) => {}
            None => self.said.push((now, open)),
        }
    }

    /// Input was lost.
    pub fn broken(&mut self) {
        self.lines.broken();
    }

    /// It went away or came back.
    pub fn started(&mut self) {
        self.lines.started();
    }

    /// Lines that were not understood.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.lines.malformed()
    }

    /// What the docks are to hear, once.
    pub fn take_said(&mut self) -> impl Iterator<Item = (Now, bool)> {
        self.said.drain(..)
    }
}
