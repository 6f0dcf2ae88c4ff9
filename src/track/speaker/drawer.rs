//! A drawer that stays open: told of once. What an opening means only the till's receipts can tell.

use tillgate_events::Record;

use super::Speaker;
use crate::decode::DrawerFact;
use crate::limits;
use crate::time::{Mono, Now};

/// Since when a drawer is open.
#[derive(Debug, Default)]
pub(in crate::track) struct LeftOpen {
    open: Option<Now>,
    told: bool,
}

impl LeftOpen {
    /// Takes an edge; true when the drawer was closed before and is open now.
    pub(in crate::track) fn edge(&mut self, now: Now, fact: DrawerFact) -> bool {
        match fact {
            DrawerFact::Closed => {
                *self = Self::default();
                false
            }
            DrawerFact::Opened => {
                let before = self.open.is_some();
                self.open.get_or_insert(now);
                !before
            }
        }
    }

    /// The wall clock was set by so many milliseconds.
    pub(in crate::track) fn clock_set(&mut self, by_ms: i64) {
        self.open = self.open.map(|at| at.clock_set(by_ms));
    }

    /// The record that the drawer stands open, once; its time is when it opened.
    pub(in crate::track) fn tick(&mut self, now: Now, speaker: &Speaker) -> Option<Record> {
        self.deadline().filter(|due| *due <= now.mono)?;
        self.told = true;
        let at = self.open?.wall;
        let text = format!("[drawer open for {} s]", limits::DRAWER_LEFT_OPEN.as_secs());
        Some(speaker.unknown(at, "drawer_left_open", &text))
    }

    /// When [`LeftOpen::tick`] has something to do.
    pub(in crate::track) fn deadline(&self) -> Option<Mono> {
        let open = self.open.filter(|_| !self.told)?;
        Some(open.mono.plus(limits::DRAWER_LEFT_OPEN))
    }
}
