//! The state machine of whoever confirms: messages in; what to append, acknowledge and publish out.
//!
//! # Invariants
//! - What was appended counts at [`Input::Synced`] and not before: only then messages are acknowledged and
//!   watermarks published.
//! - A gateway that sends again what is known is told its watermark again: it may have missed it.
//! - Before a watermark is published, [`Output::Note`] puts it into the file.

use std::collections::BTreeSet;

use tillgate_events::Watermarks;

use super::birth::{Behind, Birth, Births};
use super::entry::{Entry, Kind};
use super::recent::{Recent, Seen};
use super::stream::Taken;
use super::tally::Tally;

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// A message came over the connection of the moment; what it says, and who asks for its acknowledgement.
    Arrived {
        /// What it says, in order; none where it says nothing.
        entries: Vec<Entry>,
        /// The message.
        token: u64,
    },
    /// A gateway says that it began.
    Born {
        /// Which one.
        gateway: String,
        /// What it says.
        birth: Birth,
        /// It says so now: this is not what the broker kept, or sent before.
        live: bool,
    },
    /// All that was appended is on disk.
    Synced,
    /// A connection stands. What was not acknowledged over the last one comes again.
    Connected,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Append this, and say [`Input::Synced`] once it is on disk.
    Append(Entry),
    /// Write this before doing what comes after it. A sync of its own is not needed: it is there when the process is
    /// killed, and what it speaks of is on disk.
    Note(Entry),
    /// The message is dealt with.
    Acknowledge(u64),
    /// Publish this, retained, on the gateway's `…/ack`.
    Publish(String, Watermarks),
    /// It does not fit into memory; its gateway sends it again.
    Full(Entry),
    /// This gateway was wiped, or put back from a copy.
    Behind(String, Behind),
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Desk {
    tally: Tally,
    recent: Recent,
    births: Births,
    /// To be acknowledged when all is on disk.
    waiting: Vec<u64>,
    /// Gateways to be told how far they are when all is on disk.
    changed: BTreeSet<String>,
}

impl Desk {
    /// A desk that goes on from what is stored.
    #[must_use]
    pub fn new(tally: Tally, recent: Recent) -> Self {
        let births = Births::default();
        Self { tally, recent, births, waiting: Vec::new(), changed: BTreeSet::new() }
    }

    /// What is known, not all of it on disk.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Takes one input and appends what follows from it.
    pub fn step(&mut self, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Arrived { entries, token } => {
                out.extend(entries.into_iter().filter_map(|entry| self.take(entry)));
                self.waiting.push(token);
            }
            Input::Born { gateway, birth, live } => {
                let marks = self.tally.watermarks(&gateway);
                if let Some(behind) = self.births.take(&gateway, birth, live, &marks) {
                    self.changed.insert(gateway.clone());
                    out.push(Output::Behind(gateway, behind));
                }
            }
            Input::Synced => {
                let notes = self.changed.iter().flat_map(|name| self.tally.unpublished(name));
                for note in notes.collect::<Vec<_>>() {
                    self.tally.take(&note.head);
                    out.push(Output::Note(note));
                }
                out.extend(self.waiting.drain(..).map(Output::Acknowledge));
                let tally = &self.tally;
                let publish = |name: String| {
                    let marks = tally.watermarks(&name);
                    (!marks.is_empty()).then_some(Output::Publish(name, marks))
                };
                out.extend(std::mem::take(&mut self.changed).into_iter().filter_map(publish));
            }
            Input::Connected => {
                self.waiting.clear();
                self.changed = self.tally.gateways().map(|(name, _)| name.to_owned()).collect();
            }
        }
    }

    fn take(&mut self, mut entry: Entry) -> Option<Output> {
        let is_records = entry.head.kind == Kind::Records;
        let seen = if is_records { self.recent.look(&entry) } else { Seen::Unknown };
        if seen == Seen::Other {
            entry.head.kind = Kind::Twice;
        }
        let taken = self.tally.take(&entry.head);
        if taken == Taken::Full {
            return Some(Output::Full(entry));
        }
        if !self.changed.contains(&entry.head.gateway) {
            self.changed.insert(entry.head.gateway.clone());
        }
        if is_records {
            self.recent.note(&entry);
        }
        if taken == Taken::Again {
            entry.head.kind = Kind::Again;
            // Counted as what came, a part as one. What cannot be compared any more is kept.
            if seen == Seen::Same {
                entry.payload.clear();
            }
        }
        (taken != Taken::Nothing).then_some(Output::Append(entry))
    }
}
