//! Which sequence numbers were given out, as far as the mark beside the database knows.
//!
//! # Invariants
//! - No number at or beyond [`Reach::bound`] was given out: before a commit would, more are set aside in the mark.
//! - A class that was not used in a run has none set aside, and neither has any after an orderly stop.
//!
//! # How
//! The mark is written as seldom as before: what is set aside grows with the pace at which a class uses it up, so
//! that it lasts until the mark is written anyway.

use std::collections::BTreeMap;

use tillgate_events::{Class, Loss};

use crate::limits::{STORE_MARK_EPOCHS, STORE_RESERVE};

/// How far a class is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// All numbers below were given out.
    pub next: u64,
    /// Numbers from `next` to below this one may have been.
    pub bound: u64,
}

impl Reach {
    /// Nothing was given out.
    pub const NONE: Self = Self { next: 1, bound: 1 };

    /// Nothing is known.
    pub const UNKNOWN: Self = Self { next: 1, bound: Loss::OPEN_END + 1 };

    /// The same at a number due next, with nothing further set aside.
    pub fn at(self, next: u64) -> Self {
        Self { next, bound: self.bound.max(next) }
    }

    /// How many to set aside, `used` being used up since that was last done.
    fn pace(self, used: u64) -> u64 {
        let before = self.bound.saturating_sub(self.next);
        STORE_RESERVE.max(used.saturating_mul(2)).max(before / 2)
    }
}

/// The classes of one epoch.
pub(super) type Classes = BTreeMap<Class, Reach>;

/// The numbers of the newest epochs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Given(pub BTreeMap<u32, Classes>);

impl Given {
    /// How far a class is; `None` for an epoch that is not known.
    pub fn reach(&self, epoch: u32, class: Class) -> Option<Reach> {
        let classes = self.0.get(&epoch)?;
        Some(classes.get(&class).copied().unwrap_or(Reach::NONE))
    }

    /// Adds an epoch of which nothing was given out, and forgets the oldest.
    pub fn begin(&mut self, epoch: u32) {
        self.0.insert(epoch, Classes::new());
        while self.0.len() > STORE_MARK_EPOCHS {
            self.0.pop_first();
        }
    }

    /// Takes in that these are due next.
    pub fn at(&mut self, epoch: u32, next: &BTreeMap<Class, u64>) {
        let classes = self.0.entry(epoch).or_default();
        for (class, next) in next {
            let reach = classes.entry(*class).or_insert(Reach::NONE);
            *reach = reach.at(*next);
        }
    }

    /// Sets numbers aside beyond `ends`, of classes that used some since `before` was written.
    pub fn set_aside(&mut self, epoch: u32, ends: &BTreeMap<Class, u64>, before: &Self) {
        let Some(classes) = self.0.get_mut(&epoch) else { return };
        for (class, end) in ends {
            let Some(reach) = classes.get_mut(class) else { continue };
            let last = before.reach(epoch, *class).unwrap_or(*reach);
            let used = end.saturating_sub(last.next);
            if used > 0 {
                reach.bound = reach.bound.max(end.saturating_add(last.pace(used)));
            }
        }
    }

    /// Nothing more is given out in this epoch for now: what was set aside is not used.
    pub fn close(&mut self, epoch: u32) {
        for reach in self.0.get_mut(&epoch).into_iter().flat_map(BTreeMap::values_mut) {
            reach.bound = reach.next;
        }
    }

    /// Whether numbers of this epoch are set aside: the run that did so did not end in order.
    pub fn is_open(&self, epoch: u32) -> bool {
        let mut reaches = self.0.get(&epoch).into_iter().flat_map(BTreeMap::values);
        reaches.any(|reach| reach.next < reach.bound)
    }
}
