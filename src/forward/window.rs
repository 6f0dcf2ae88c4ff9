//! The window: which messages are on their way, and under which packet id.
//!
//! # Invariants
//! - At most `limit` messages are on their way, and never two with one packet id, in whatever order they are
//!   acknowledged: the client gives out ids 1 to `limit` in a circle, so a message may go only while it is
//!   less than `limit` numbers ahead of the oldest one unacknowledged.
//! - Everything that takes a packet id is counted here: rows, birth, subscription, farewell.
//!
//! A message is first *queued* (handed to the client), then *flying* (the client said under which id).

use std::collections::{BTreeMap, VecDeque};

/// The messages on their way over one connection.
#[derive(Debug)]
pub(super) struct Window<T> {
    limit: u16,
    /// Number of the next message of this connection.
    next: u64,
    queued: VecDeque<(u64, T)>,
    /// By packet id.
    flying: BTreeMap<u16, (u64, T)>,
}

/// The client or the broker did what it must not do: start over with a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// The client sent what was not handed to it.
    #[error("the client sent something that was not handed to it")]
    UnknownMessage,
    /// The client gave a packet id out twice.
    #[error("packet id {0} was given out twice")]
    IdInUse(u16),
    /// The broker acknowledged what is not on its way.
    #[error("the broker acknowledged packet id {0}, which is not on its way")]
    UnknownAck(u16),
}

impl<T> Window<T> {
    /// The window of a new connection.
    pub(super) fn new(limit: u16) -> Self {
        Self { limit, next: 0, queued: VecDeque::new(), flying: BTreeMap::new() }
    }

    /// Whether one more message may go.
    pub(super) fn has_room(&self) -> bool {
        let queued = self.queued.front().map(|(number, _)| *number);
        let flying = self.flying.values().map(|(number, _)| *number).min();
        let oldest = flying.into_iter().chain(queued).min().unwrap_or(self.next);
        self.next - oldest < u64::from(self.limit)
    }

    /// Messages that may be on their way at once.
    pub(super) fn limit(&self) -> u16 {
        self.limit
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queued.is_empty() && self.flying.is_empty()
    }

    /// A message is handed to the client.
    pub(super) fn hand_over(&mut self, message: T) {
        self.queued.push_back((self.next, message));
        self.next += 1;
    }

    /// The client put the next message on the wire under this id.
    pub(super) fn taken(&mut self, packet_id: u16) -> Result<(), Violation> {
        let message = self.queued.pop_front().ok_or(Violation::UnknownMessage)?;
        match self.flying.insert(packet_id, message) {
            Some(_) => Err(Violation::IdInUse(packet_id)),
            None => Ok(()),
        }
    }

    /// The broker acknowledged this id.
    pub(super) fn acked(&mut self, packet_id: u16) -> Result<T, Violation> {
        let message = self.flying.remove(&packet_id);
        message.map(|(_, message)| message).ok_or(Violation::UnknownAck(packet_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_message_holds_the_window_even_when_younger_ones_are_acked() {
        let mut window = Window::new(3);
        for id in 1..=3 {
            window.hand_over(id);
            window.taken(id).unwrap();
        }
        window.acked(2).unwrap();
        window.acked(3).unwrap();
        assert!(!window.has_room(), "the next id would be 1, which is on its way");
        window.acked(1).unwrap();
        assert!(window.has_room() && window.is_empty());
    }

    #[test]
    fn what_must_not_happen_is_noticed() {
        let mut window = Window::new(3);
        assert_eq!(window.taken(1), Err(Violation::UnknownMessage));
        assert_eq!(window.acked(1), Err(Violation::UnknownAck(1)));
        window.hand_over('a');
        window.hand_over('b');
        window.taken(1).unwrap();
        assert_eq!(window.taken(1), Err(Violation::IdInUse(1)));
    }
}
