//! What came lately, as fingerprints: whether records that come under known numbers are the same ones.
//!
//! # Constraints
//! - Memory is bounded by [`LEDGER_RECENT`], the oldest are forgotten first. What is forgotten cannot be compared any
//!   more.
//! - A gateway sends a row again as the same bytes with the same bounds: what else comes under its numbers are other
//!   records. An event as JSON is compared with the same part of its record, and not with a batch.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher as _};

use super::entry::{Entry, Head};
use crate::limits::LEDGER_RECENT;

/// See the module's documentation. Holds a fingerprint of each number and one of each message.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

/// What is known of a message's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing lately.
    Unknown,
    /// This message came.
    Same,
    /// Another message with some of these numbers came.
    Other,
}

impl Recent {
    /// Compares a message with what came.
    #[must_use]
    pub fn look(&self, entry: &Entry) -> Seen {
        if self.known.contains(&message(entry)) {
            return Seen::Same;
        }
        let mut numbers = numbers(&entry.head);
        if numbers.any(|it| self.known.contains(&it)) { Seen::Other } else { Seen::Unknown }
    }

    /// This message came.
    pub fn note(&mut self, entry: &Entry) {
        self.add(message(entry));
        numbers(&entry.head).for_each(|it| self.add(it));
    }

    fn add(&mut self, print: u64) {
        if !self.known.insert(print) {
            return;
        }
        self.order.push_back(print);
        if self.order.len() > LEDGER_RECENT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

fn message(entry: &Entry) -> u64 {
    let Head { gateway, class, epoch, first, last, part, .. } = &entry.head;
    print(&("message", gateway, class.name(), epoch, first, last, part, &entry.payload))
}

/// Of each number, or of the part of one. No batch has more numbers than fit.
fn numbers(head: &Head) -> impl Iterator<Item = u64> {
    let Head { gateway, class, epoch, first, last, part, .. } = head;
    let part = part.map(|(part, _)| part);
    let numbers = (*first..=*last).take(LEDGER_RECENT / 2);
    numbers.map(move |number| print(&("number", gateway, class.name(), epoch, number, part)))
}

fn print(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use tillgate_events::Class;

    use super::*;
    use crate::ledger::Kind;

    fn entry(first: u64, last: u64, part: Option<(u32, u32)>, content: u8) -> Entry {
        let (kind, gateway, class) = (Kind::Records, "acme/7/gw".to_owned(), Class::Pos);
        let head = Head { kind, gateway, class, epoch: 1, first, last, part };
        Entry { head, payload: vec![content; 3] }
    }

    #[test]
    fn the_same_message_is_known_and_another_under_its_numbers_is_told() {
        let mut recent = Recent::default();
        let check = |recent: &Recent, entry: &Entry, expected| {
            assert_eq!(recent.look(entry), expected, "{entry:?}");
        };
        check(&recent, &entry(1, 5, None, 7), Seen::Unknown);
        recent.note(&entry(1, 5, None, 7));
        recent.note(&entry(9, 9, Some((1, 2)), 7));
        check(&recent, &entry(1, 5, None, 7), Seen::Same);
        check(&recent, &entry(1, 5, None, 8), Seen::Other);
        check(&recent, &entry(1, 3, None, 7), Seen::Other);
        check(&recent, &entry(5, 8, None, 7), Seen::Other);
        check(&recent, &entry(6, 8, None, 7), Seen::Unknown);
        // Another encoding, and another part, say nothing of each other.
        check(&recent, &entry(3, 3, Some((1, 1)), 7), Seen::Unknown);
        check(&recent, &entry(9, 9, Some((2, 2)), 7), Seen::Unknown);
        check(&recent, &entry(9, 9, Some((1, 2)), 8), Seen::Other);
        let other = Head { epoch: 2, ..entry(1, 5, None, 8).head };
        check(&recent, &Entry { head: other, payload: vec![8] }, Seen::Unknown);
    }

    #[test]
    fn the_oldest_are_forgotten_first() {
        let mut recent = Recent::default();
        let one = |number| entry(number, number, None, 7);
        let last = LEDGER_RECENT as u64 / 2 + 1;
        (1..=last).for_each(|number| recent.note(&one(number)));
        assert_eq!(recent.known.len(), LEDGER_RECENT);
        assert_eq!(recent.look(&one(1)), Seen::Unknown);
        assert_eq!(recent.look(&one(2)), Seen::Same);
        assert_eq!(recent.look(&one(last)), Seen::Same);
        // A newer version's batch may say that it has any number of records.
        recent.note(&entry(1, u64::MAX, None, 7));
        assert_eq!(recent.known.len(), LEDGER_RECENT);
    }
}
