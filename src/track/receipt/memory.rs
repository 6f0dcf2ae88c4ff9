//! The papers of the last day, to know a copy.
//!
//! At most [`limits::RECEIPT_IDENTITIES`] of them, each for [`limits::REPRINT_WINDOW`]; the oldest goes first. A
//! copy of a paper that was forgotten counts as a sale, unless it says that it is a copy. A receipt that was cut
//! short and is printed again in full replaces the first print, marked as a copy or not.

use std::collections::VecDeque;

use super::identity::Identity;
use crate::limits;
use crate::time::Mono;

/// Whether a paper was there before.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// A copy of an earlier one.
    Reprint,
    /// The paper says that it is a copy, and of what is not remembered: printed while nobody listened, or too
    /// long ago.
    UnseenReprint,
    /// A paper of its own.
    New {
        /// Unique among those remembered.
        id: String,
        /// The id of the same paper, cut short when it was printed before.
        replaces: Option<String>,
    },
}

/// The papers of the last day.
#[derive(Debug, Default)]
pub struct Memory {
    /// Oldest first.
    recent: VecDeque<Known>,
}

#[derive(Debug)]
struct Known {
    since: Mono,
    /// With its id as it was before that was made unique.
    identity: Identity,
    id: String,
}

impl Memory {
    /// Looks a paper up and remembers it, unless it is a copy.
    pub fn see(&mut self, now: Mono, identity: Identity) -> Seen {
        self.forget(now);
        let known = self.recent.iter().rev().find(|known| identity.repeats(&known.identity));
        let cut_short = known.filter(|known| !known.identity.complete && identity.complete);
        match (known, identity.reprint) {
            (_, _) if cut_short.is_some() => {}
            (Some(_), _) => return Seen::Reprint,
            (None, true) => return Seen::UnseenReprint,
            (None, false) => {}
        }
        let replaces = cut_short.map(|known| known.id.clone());
        let same = self.recent.iter().filter(|known| identity.clashes(&known.identity)).count();
        let id = match same {
            0 => identity.id.clone(),
            // A number that was given out twice on a day, or an equal receipt without one.
            n => format!("{}-{}", identity.id, n + 1),
        };
        self.recent.push_back(Known { since: now, identity, id: id.clone() });
        Seen::New { id, replaces }
    }

    /// The id that the latest receipt with this number was sent with.
    pub fn receipt(&self, number: &str) -> Option<&str> {
        let known = self.recent.iter().rev().find(|known| known.identity.is_receipt(number));
        known.map(|known| known.id.as_str())
    }

    fn forget(&mut self, now: Mono) {
        while self.recent.front().is_some_and(|known| {
            now.since(known.since) > limits::REPRINT_WINDOW
                || self.recent.len() >= limits::RECEIPT_IDENTITIES
        }) {
            self.recent.pop_front();
        }
    }
}
