//! The store's day: when it opens and closes, by its hours, by what happens in it, or by a contact.
//!
//! # Invariants
//! - Opening and closing come by turns, also over a restart: what was told last is kept with the records.
//! - By the hours a change is told with its time in them, once, even if the agent or the clock missed the moment. Of
//!   what was missed the last two changes are told, at a first start only that the store is open.
//! - Timers run on the monotonic clock. A clock that is set back makes nothing happen twice; one that was far ahead
//!   does not keep the store from opening.

use std::time::Duration;

use jiff::tz::TimeZone;
use tillgate_events::{Body, Record, UtcMs};

use super::hours::{Change, around};
use crate::config::OpenedBy;
use crate::limits;
use crate::time::{Mono, Now};
use crate::track::total::Totals;

/// Names of what is kept.
const OPEN: &str = "open";
const CHANGED: &str = "open_changed_ms";
const ACTIVE: &str = "active_ms";

/// What the totals of the store are called.
pub(super) const KEPT: [&str; 3] = [OPEN, CHANGED, ACTIVE];

/// The day of one store.
#[derive(Debug)]
pub struct Day {
    by: OpenedBy,
    zone: TimeZone,
    open: Option<bool>,
    /// When the last change was that was told.
    told: Option<UtcMs>,
    /// By activity: the last one. By a contact: when it closed. Then the timer runs.
    last: Option<Now>,
    /// By the hours: when to look again.
    look: Mono,
}

impl Day {
    pub fn new(by: OpenedBy, zone: TimeZone) -> Self {
        Self { by, zone, open: None, told: None, last: None, look: Mono(0) }
    }

    /// Takes what an earlier run kept; `now` is when this one begins.
    pub fn restore(&mut self, now: Now, totals: &Totals) {
        self.open = totals.get(OPEN).map(|open| open != 0);
        self.told = totals.get(CHANGED).map(UtcMs);
        let active = totals.get(ACTIVE).filter(|_| self.open == Some(true));
        if let (OpenedBy::Activity { .. }, Some(at)) = (&self.by, active) {
            let ago = u64::try_from(now.wall.0.saturating_sub(at)).unwrap_or(0);
            let ago = Duration::from_millis(ago).as_micros();
            let mono = now.mono.0.saturating_sub(u64::try_from(ago).unwrap_or(u64::MAX));
            self.last = Some(Now { mono: Mono(mono), wall: UtcMs(at) });
        }
    }

    /// Something happened in the store.
    pub fn active(&mut self, now: Now, kept: &mut Totals, out: &mut Vec<Record>) {
        if !matches!(self.by, OpenedBy::Activity { .. }) {
            return;
        }
        self.tick(now, kept, out);
        self.last = Some(now);
        kept.set(ACTIVE, now.wall.0);
        self.change(Change { at: now.wall, open: true }, kept, out);
    }

    /// A contact opened or closed, or was found so.
    pub fn contact(
        &mut self,
        now: Now,
        name: &str,
        open: bool,
        kept: &mut Totals,
        out: &mut Vec<Record>,
    ) {
        if !matches!(&self.by, OpenedBy::Contact { door, .. } if door == name) {
            return;
        }
        self.tick(now, kept, out);
        if open {
            self.last = None;
            self.change(Change { at: now.wall, open: true }, kept, out);
        } else if self.open == Some(true) {
            self.last.get_or_insert(now);
        }
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, kept: &mut Totals, out: &mut Vec<Record>) {
        if self.deadline().is_none_or(|due| now.mono < due) {
            return;
        }
        if let OpenedBy::Hours(hours) = &self.by {
            let changes = around(hours, now.wall, &self.zone);
            self.by_hours(now, &changes, kept, out);
        } else if let Some(last) = self.last.take() {
            self.change(Change { at: last.wall, open: false }, kept, out);
        }
    }

    /// When [`Day::tick`] has something to do.
    pub fn deadline(&self) -> Option<Mono> {
        match &self.by {
            OpenedBy::Hours(_) => Some(self.look),
            OpenedBy::Activity { idle } => Some(self.last?.mono.plus(*idle)),
            OpenedBy::Contact { hold, .. } => Some(self.last?.mono.plus(*hold)),
        }
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        self.last = self.last.map(|last| last.clock_set(by_ms));
        self.look = Mono(0);
    }

    fn by_hours(&mut self, now: Now, changes: &[Change], kept: &mut Totals, out: &mut Vec<Record>) {
        let ahead = |told: UtcMs| told.0.saturating_sub(now.wall.0) > millis(limits::HOURS_AHEAD);
        if self.told.is_some_and(ahead) {
            self.told = None;
        }
        let next = changes.iter().find(|change| change.at > now.wall);
        let soon = next.map(|next| next.at.0.saturating_sub(now.wall.0).unsigned_abs());
        let soon = soon.map_or(limits::HOURS_LOOK, Duration::from_millis);
        self.look = now.mono.plus(soon.min(limits::HOURS_LOOK));
        let past = changes.iter().filter(|change| change.at <= now.wall).rev();
        // Where nothing was told that could have been missed, only how it is now matters.
        let fresh = self.open.is_none() || self.told.is_none();
        let missed: Vec<Change> = past.take(if fresh { 1 } else { 2 }).copied().collect();
        self.open.get_or_insert(false);
        for change in missed.into_iter().rev() {
            if self.told.is_none_or(|told| change.at > told) {
                self.change(change, kept, out);
                self.told = Some(change.at);
            }
        }
    }

    fn change(&mut self, change: Change, kept: &mut Totals, out: &mut Vec<Record>) {
        if self.open.unwrap_or(false) == change.open {
            return;
        }
        (self.open, self.told) = (Some(change.open), Some(change.at));
        kept.set(OPEN, change.open.into());
        kept.set(CHANGED, change.at.0);
        let body = if change.open { Body::StoreOpened } else { Body::StoreClosed };
        out.push(Record { at: change.at, source: super::SOURCE.to_owned(), body });
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
