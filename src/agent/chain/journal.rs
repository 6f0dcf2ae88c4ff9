//! What outlives a run: the open document of a device, into the journal and back after a crash, and running totals.

use tillgate_events::Record;

use super::{Chain, Kind};
use crate::agent::journal::text;
use crate::source::Body;
use crate::store::{JournalDocument, Page};
use crate::time::{Mono, Now};

impl Chain {
    /// Goes on in the document that was open when the agent died.
    pub fn resume(&mut self, now: Now, document: &JournalDocument, out: &mut Vec<Record>) {
        let written = text::read(document);
        match &mut self.kind {
            Kind::Till(till) => till.resume(now, document.paper, &written, out),
            Kind::Machine(machine) => machine.resume(now, document.paper, written, out),
            _ => {}
        }
    }

    /// Takes a running total that an earlier run kept.
    pub fn restore(&mut self, what: &str, value: i64) {
        if let Kind::Door(door) = &mut self.kind {
            door.restore(what, value);
        }
    }

    /// Hands on the running totals that changed since the last call.
    pub fn take_totals(&mut self, keep: &mut impl FnMut(&str, (&'static str, i64))) {
        if let Kind::Door(door) = &mut self.kind {
            door.take_changed().for_each(|total| keep(&self.name, total));
        }
    }

    /// When the first line came that the journal should get.
    #[must_use]
    pub fn journal_since(&self) -> Option<Mono> {
        match &self.kind {
            Kind::Till(till) => till.journal_since(),
            Kind::Machine(machine) => machine.journal_since(),
            _ => None,
        }
    }

    /// Hands on what the journal does not have.
    pub fn gather(&mut self, now: Now, out: &mut Vec<Page>) {
        match &mut self.kind {
            Kind::Till(till) => till.gather(&self.name, now, out),
            Kind::Machine(machine) => machine.gather(&self.name, now, out),
            _ => {}
        }
    }

    /// Whether the device came or went before the rest of a document that was put back: that is waited for.
    pub(super) fn awaits_rest(&mut self, now: Now, body: &Body) -> bool {
        if !matches!(body, Body::Up | Body::Down(_)) {
            return false;
        }
        match &mut self.kind {
            Kind::Till(till) if till.awaits_rest() => till.wait_from(now),
            Kind::Machine(machine) if machine.awaits_rest() => machine.wait_from(now),
            _ => return false,
        }
        true
    }
}
