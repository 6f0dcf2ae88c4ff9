//! How strong one truck's tag is at each dock, and at which of them it stands.
//!
//! A mean that follows in time, not in adverts, so that sparse tags and busy ones are judged alike. A truck is near
//! one dock at most: it must be strong there, and by a margin stronger than at any other. No single advert decides.

use crate::limits;
use crate::time::{Mono, Now};

/// One truck.
#[derive(Debug)]
pub struct Levels {
    docks: Vec<Option<Level>>,
    near: Option<Near>,
    last: Mono,
}

/// Of the truck at one dock.
#[derive(Clone, Copy, Debug)]
struct Level {
    dbm: f64,
    at: Mono,
    adverts: u32,
}

/// Where the truck stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near {
    /// The dock's place.
    pub dock: usize,
    /// Since when.
    pub since: Now,
}

impl Levels {
    /// A truck that was not heard yet, where there are so many docks.
    #[must_use]
    pub fn new(docks: usize) -> Self {
        Self { docks: vec![None; docks], near: None, last: Mono::default() }
    }

    /// Takes an advert; `near_dbm` are the docks' thresholds. Where the truck stands now.
    pub fn hear(&mut self, now: Now, dock: usize, rssi: i8, near_dbm: &[i8]) -> Option<Near> {
        self.last = now.mono;
        if let Some(level) = self.docks.get_mut(dock) {
            match level.as_mut().filter(|level| level.is_fresh(now.mono)) {
                Some(level) => level.follow(now.mono, rssi),
                None => *level = Some(Level { dbm: rssi.into(), at: now.mono, adverts: 1 }),
            }
        }
        self.near = self.judge(now, near_dbm);
        self.near
    }

    /// Where the truck stands, unless it was silent for too long.
    #[must_use]
    pub fn near(&self, now: Mono) -> Option<Near> {
        self.near.filter(|near| self.level(now, near.dock).is_some())
    }

    /// When it was heard last, by any dock.
    #[must_use]
    pub fn last(&self) -> Mono {
        self.last
    }

    /// The wall clock was set.
    pub fn clock_set(&mut self, by_ms: i64) {
        if let Some(near) = &mut self.near {
            near.since = near.since.clock_set(by_ms);
        }
    }

    fn judge(&self, now: Now, near_dbm: &[i8]) -> Option<Near> {
        let threshold = |dock: usize| near_dbm.get(dock).map_or(0.0, |dbm| f64::from(*dbm));
        // The strongest neighbour; one that was heard once or twice may keep a truck from being near, and cannot take
        // it away.
        let other = |dock: usize, adverts: u32| {
            let others = (0..self.docks.len()).filter(|other| *other != dock);
            let levels = others.filter_map(|other| self.level(now.mono, other));
            let counted = levels.filter(|level| level.adverts >= adverts);
            counted.map(|level| level.dbm).fold(f64::NEG_INFINITY, f64::max)
        };
        let stays = |near: &Near| {
            self.level(now.mono, near.dock).is_some_and(|here| {
                here.dbm >= threshold(near.dock) - limits::DOCK_HYSTERESIS_DB
                    && other(near.dock, limits::DOCK_ADVERTS) < here.dbm + limits::DOCK_MARGIN_DB
            })
        };
        let begins = |dock: &usize| {
            self.level(now.mono, *dock).is_some_and(|here| {
                here.adverts >= limits::DOCK_ADVERTS
                    && here.dbm >= threshold(*dock)
                    && here.dbm >= other(*dock, 1) + limits::DOCK_MARGIN_DB
            })
        };
        let new = || (0..self.docks.len()).find(begins).map(|dock| Near { dock, since: now });
        self.near.filter(stays).or_else(new)
    }

    /// At a dock where the truck was heard lately.
    fn level(&self, now: Mono, dock: usize) -> Option<Level> {
        self.docks.get(dock).copied().flatten().filter(|level| level.is_fresh(now))
    }
}

impl Level {
    fn is_fresh(&self, now: Mono) -> bool {
        now.since(self.at) < limits::DOCK_FORGET
    }

    fn follow(&mut self, now: Mono, rssi: i8) {
        let passed = now.since(self.at).as_secs_f64() / limits::DOCK_TAU.as_secs_f64();
        self.dbm += (1.0 - (-passed).exp()) * (f64::from(rssi) - self.dbm);
        self.at = now;
        self.adverts = self.adverts.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Adverts as (second, dock, dBm); the dock that the truck is near after the last of them.
    fn check(adverts: &[(u64, usize, i8)], expected: Option<usize>) {
        let mut levels = Levels::new(2);
        let mut near = None;
        for (second, dock, rssi) in adverts {
            let now = Now::default().plus(Duration::from_secs(*second));
            near = levels.hear(now, *dock, *rssi, &[-70, -70]);
        }
        assert_eq!(near.map(|near| near.dock), expected, "{adverts:?}");
    }

    #[test]
    fn a_truck_is_near_after_some_strong_adverts_and_never_after_one() {
        check(&[(0, 0, -50)], None);
        check(&[(0, 0, -60), (2, 0, -60)], None);
        check(&[(0, 0, -60), (2, 0, -60), (4, 0, -60)], Some(0));
        check(&[(0, 0, -80), (2, 0, -80), (4, 0, -40)], None);
        check(&[(0, 0, -60), (40, 0, -60), (80, 0, -60)], None);
    }

    #[test]
    fn between_neighbours_six_decibels_decide() {
        let both = |left: i8, right: i8| {
            [(0, 0, left), (0, 1, right), (2, 0, left), (2, 1, right), (4, 0, left), (4, 1, right)]
        };
        check(&both(-60, -66), Some(0));
        check(&both(-60, -65), None);
        check(&both(-68, -60), Some(1));
        check(&both(-80, -90), None);
    }

    #[test]
    fn a_truck_that_is_near_stays_so_through_a_weak_advert_and_a_little_less_strength() {
        let near = [(0, 0, -68), (2, 0, -68), (4, 0, -68)];
        let then = |more: &[(u64, usize, i8)], expected| check(&[&near, more].concat(), expected);
        then(&[(6, 0, -73), (30, 0, -73), (50, 0, -73)], Some(0));
        then(&[(6, 0, -90)], Some(0));
        then(&[(5, 0, -85), (6, 0, -68)], Some(0));
        then(&[(6, 0, -80), (12, 0, -80), (30, 0, -80)], None);
        then(&[(10, 1, -63), (14, 1, -63), (18, 1, -63)], Some(0));
        then(&[(10, 1, -60)], Some(0));
        then(&[(10, 1, -60), (14, 1, -60), (18, 1, -60)], Some(1));
    }
}
