//! A drawer's edges, where the till it belongs to is not read.
//!
//! An opening may be a sale's: only a till's receipts could tell, so it is no `no_sale`. A closing says nothing
//! that the opening did not. A drawer that stays open is told of once.

use tillgate_events::Record;

use super::Speaker;
use crate::decode::DrawerFact;
use crate::limits;
use crate::time::{Mono, Now};

/// One drawer.
#[derive(Debug)]
pub struct DrawerTracker {
    speaker: Speaker,
    left_open: LeftOpen,
}

impl DrawerTracker {
    /// The drawer of this register.
    #[must_use]
    pub fn new(speaker: Speaker) -> Self {
        Self { speaker, left_open: LeftOpen::default() }
    }

    /// Takes an edge; an opening appends a record.
    pub fn step(&mut self, now: Now, fact: DrawerFact, out: &mut Vec<Record>) {
        self.tick(now, out);
        if self.left_open.edge(now, fact) {
            out.push(self.speaker.unknown(now.wall, "drawer_opened", "[drawer opened]"));
        }
    }

    /// Lets time pass: a drawer may have stood open for too long.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        out.extend(self.left_open.tick(now, &self.speaker));
    }

    /// When [`DrawerTracker::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.left_open.deadline()
    }
}

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
