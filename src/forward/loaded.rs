//! A row in memory: which of its messages wait, fly and are delivered.

use super::parcel::{Message, Parcel};

/// The state of one message of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Waiting,
    Flying,
    Delivered,
}

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Loaded {
    pub parcel: Parcel,
    parts: Vec<Part>,
    /// No message before this one waits.
    next: usize,
    waiting: usize,
}

impl Loaded {
    /// All its messages wait.
    pub(super) fn new(parcel: Parcel) -> Self {
        let waiting = parcel.messages.len();
        Self { parcel, parts: vec![Part::Waiting; waiting], next: 0, waiting }
    }

    /// Messages that wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether nothing of it flies or is delivered.
    pub(super) fn is_untouched(&self) -> bool {
        self.waiting == self.parts.len()
    }

    /// Whether all of it is delivered.
    pub(super) fn is_delivered(&self) -> bool {
        self.parts.iter().all(|part| *part == Part::Delivered)
    }

    /// The first message that waits, and its place. It flies from now on.
    pub(super) fn send(&mut self) -> Option<(usize, Message)> {
        let waits = |part: &Part| *part == Part::Waiting;
        let part = self.parts.iter().skip(self.next).position(waits)? + self.next;
        let message = self.parcel.messages.get(part)?.clone();
        *self.parts.get_mut(part)? = Part::Flying;
        self.next = part + 1;
        self.waiting -= 1;
        Some((part, message))
    }

    /// The message at this place was delivered.
    pub(super) fn delivered(&mut self, part: usize) {
        if let Some(state) = self.parts.get_mut(part) {
            *state = Part::Delivered;
        }
    }

    /// The message at this place was not delivered: it waits again.
    pub(super) fn refused(&mut self, part: usize) {
        if let Some(state) = self.parts.get_mut(part) {
            *state = Part::Waiting;
            self.waiting += 1;
            self.next = self.next.min(part);
        }
    }
}
