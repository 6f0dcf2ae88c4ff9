//! The store as a whole: how many are inside, and when it opens and closes.
//!
//! It looks at the records of all devices as they come about. Occupancy is entries less exits, never below zero, and
//! zero from `store_closed` on; it is told only where the configuration says that all doors are counted both ways.
//!
//! # Invariants
//! - A crossing's occupancy is that after it, in the order of the records.
//! - What is kept changes together with the records that changed it.

mod day;
mod hours;

use jiff::tz::TimeZone;
use tillgate_events::{Body, Record};

use super::total::Totals;
use crate::config::OpenedBy;
use crate::time::{Mono, Now};
use day::Day;

/// The source of what is the store's own and no device's.
const SOURCE: &str = "store";

/// How many are inside.
const INSIDE: &str = "inside";

/// One store; by default nothing is known of it, and nothing told.
#[derive(Debug, Default)]
pub struct Shop {
    counts_inside: bool,
    day: Option<Day>,
    kept: Totals,
    /// Kept between calls so that a reading allocates nothing new.
    new: Vec<Record>,
}

impl Shop {
    /// A store whose people inside are counted, or not, and that opens by something, or nobody knows.
    #[must_use]
    pub fn new(counts_inside: bool, opened_by: Option<OpenedBy>, zone: TimeZone) -> Self {
        let day = opened_by.map(|by| Day::new(by, zone));
        Self { counts_inside, day, kept: Totals::default(), new: Vec::new() }
    }

    /// Looks at the records from `before` on, completes them, and appends what follows from them.
    pub fn note(&mut self, now: Now, before: usize, records: &mut Vec<Record>) {
        if !self.counts_inside && self.day.is_none() {
            return;
        }
        for record in records.iter_mut().skip(before) {
            if let (true, Some(day)) = (is_activity(&record.body), &mut self.day) {
                let at = Now { wall: record.at, ..now };
                day.active(at, &mut self.kept, &mut self.new);
            }
            self.count(&mut record.body);
        }
        self.tell(records);
    }

    /// A contact opened or closed, or was found so.
    pub fn contact(&mut self, now: Now, door: &str, open: bool, out: &mut Vec<Record>) {
        if let Some(day) = &mut self.day {
            day.contact(now, door, open, &mut self.kept, &mut self.new);
        }
        self.tell(out);
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        if let Some(day) = &mut self.day {
            day.tick(now, &mut self.kept, &mut self.new);
        }
        self.tell(out);
    }

    /// When [`Shop::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.day.as_ref()?.deadline()
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        if let Some(day) = &mut self.day {
            day.clock_set(by_ms);
        }
    }

    /// Takes what an earlier run kept, once, at `now`.
    pub fn restore<'k>(&mut self, now: Now, kept: impl Iterator<Item = (&'k str, i64)>) {
        for (name, value) in kept {
            let known = day::KEPT.into_iter().chain([INSIDE]).find(|it| *it == name);
            known.into_iter().for_each(|what| self.kept.restore(what, value));
        }
        if let Some(day) = &mut self.day {
            day.restore(now, &self.kept);
        }
    }

    /// What changed since the last call.
    pub fn take_changed(&mut self) -> impl Iterator<Item = (&'static str, i64)> {
        self.kept.take_changed()
    }

    /// How many are inside, where that is counted.
    #[must_use]
    pub fn inside(&self) -> Option<u64> {
        self.counts_inside.then(|| self.kept.count(INSIDE))
    }

    fn count(&mut self, body: &mut Body) {
        let inside = self.kept.get(INSIDE).unwrap_or(0);
        let (crossing, inside) = match body {
            Body::CustomerEntered(it) => {
                let inside = inside.saturating_add(it.customer_count.into());
                (it, inside)
            }
            Body::CustomerExited(it) => {
                let inside = inside.saturating_sub(it.customer_count.into());
                (it, inside.max(0))
            }
            _ => return,
        };
        if self.counts_inside {
            self.kept.set(INSIDE, inside);
            crossing.occupancy = Some(u32::try_from(inside).unwrap_or(u32::MAX));
        }
    }

    fn tell(&mut self, out: &mut Vec<Record>) {
        let closed = self.new.iter().any(|record| matches!(record.body, Body::StoreClosed));
        if closed && self.counts_inside {
            self.kept.set(INSIDE, 0);
        }
        out.append(&mut self.new);
    }
}

/// Whether it shows that the store is open.
fn is_activity(body: &Body) -> bool {
    let crossing = matches!(body, Body::CustomerEntered(_) | Body::CustomerExited(_));
    crossing || matches!(body, Body::Receipt(_) | Body::NoSale(_))
}

#[cfg(test)]
mod tests;
