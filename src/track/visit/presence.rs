//! One tag, from its first advertisement until it has left.

use std::time::Duration;

use super::{Visited, What};
use crate::config::{PresenceConfig, ZoneConfig};
use crate::decode::TagKey;
use crate::limits;
use crate::time::Mono;
use crate::track::zone::{Decider, Field};

/// See the module.
#[derive(Debug)]
pub struct Presence {
    rules: PresenceConfig,
    decider: Decider,
    /// Advertisements that make it there, so far; the first of them.
    counted: u32,
    first: Mono,
    /// When it was heard last, and by whom.
    last: Mono,
    receiver: usize,
    visit: Option<Visit>,
}

/// It is there, or away and not gone.
#[derive(Clone, Copy, Debug)]
struct Visit {
    began: Mono,
    /// Of absences.
    absent: Duration,
    zone: usize,
    zone_since: Mono,
    /// Of those since then.
    zone_absent: Duration,
    away: bool,
}

impl Presence {
    pub fn new(now: Mono, rules: PresenceConfig) -> Self {
        let (decider, visit) = (Decider::default(), None);
        Self { rules, decider, counted: 0, first: now, last: now, receiver: 0, visit }
    }

    /// When it was heard last.
    pub fn last(&self) -> Mono {
        self.last
    }

    /// Whether it is more than a single advertisement.
    pub fn is_visit(&self) -> bool {
        self.visit.is_some()
    }

    /// The zone it is in.
    pub fn zone(&self) -> Option<usize> {
        self.visit.filter(|visit| !visit.away).map(|visit| visit.zone)
    }

    /// The smoothed strength at a receiver in dBm.
    pub fn level(&self, receiver: usize) -> Option<f64> {
        self.decider.level(receiver)
    }

    /// It was heard. [`Presence::look`] at the same moment comes before.
    pub fn heard(
        mut self,
        now: Mono,
        (receiver, rssi): (usize, i8),
        field: &Field,
        settings: &ZoneConfig,
        key: TagKey,
        out: &mut Vec<Visited>,
    ) -> Self {
        let settings = self.settings(settings);
        if let Some(visit) = self.visit.as_mut().filter(|visit| visit.away) {
            let absent = now.since(self.last);
            visit.absent += absent;
            visit.zone_absent += absent;
            visit.away = false;
            self.decider.back(now);
        }
        (self.last, self.receiver) = (now, receiver);
        self.decider.heard(now, receiver, rssi, field, &settings);
        self.decide(now, field, &settings, key, out);
        if self.visit.is_none() {
            self.enter(now, (receiver, rssi), field, key, out);
        }
        self
    }

    /// Time passed; `None` once it has left.
    pub fn look(
        mut self,
        now: Mono,
        field: &Field,
        settings: &ZoneConfig,
        key: TagKey,
        out: &mut Vec<Visited>,
    ) -> Option<Self> {
        let settings = self.settings(settings);
        self.decide(now, field, &settings, key, out);
        let silence = now.since(self.last);
        let unheard = !self.decider.is_heard() || limits::VISIT_GAP <= silence;
        if self.rules.exit <= silence && unheard {
            let Some(visit) = &mut self.visit else { return None };
            if !visit.away {
                visit.away = true;
                self.decider.forget();
                out.push(Visited { key, began: visit.began, what: What::Away { at: self.last } });
            }
            if self.rules.reentry <= silence {
                self.end(key, out);
                return None;
            }
        }
        Some(self)
    }

    /// It left, or nobody follows it any more.
    pub fn end(self, key: TagKey, out: &mut Vec<Visited>) {
        let Some(visit) = self.visit else { return };
        let (at, zone, receiver) = (self.last, visit.zone, self.receiver);
        let dwell = at.since(visit.began).saturating_sub(visit.absent);
        let what = What::Exited { at, zone, receiver, dwell };
        out.push(Visited { key, began: visit.began, what });
    }

    /// Counts an advertisement of a tag that is not there yet.
    fn enter(
        &mut self,
        now: Mono,
        (receiver, rssi): (usize, i8),
        field: &Field,
        key: TagKey,
        out: &mut Vec<Visited>,
    ) {
        let offset = field.post(receiver).map_or(0.0, |post| post.offset_db);
        if f64::from(rssi) + offset < f64::from(self.rules.enter_dbm) {
            return;
        }
        if self.counted == 0 {
            self.first = now;
        }
        self.counted += 1;
        let Some(zone) = self.decider.zone().filter(|_| self.rules.min_adverts <= self.counted)
        else {
            return;
        };
        let (began, absent) = (self.first, Duration::ZERO);
        let (zone_since, zone_absent) = (began, absent);
        self.visit = Some(Visit { began, absent, zone, zone_since, zone_absent, away: false });
        let receiver = self.decider.loudest().unwrap_or(receiver);
        out.push(Visited { key, began, what: What::Entered { at: began, zone, receiver } });
    }

    fn decide(
        &mut self,
        now: Mono,
        field: &Field,
        settings: &ZoneConfig,
        key: TagKey,
        out: &mut Vec<Visited>,
    ) {
        let Some(change) = self.decider.decide(now, field, settings) else { return };
        let Some(visit) = self.visit.as_mut().filter(|visit| visit.zone != change.to) else {
            return;
        };
        // Where it is not heard any more, nothing happens to it.
        let at = change.at.min(self.last).max(visit.zone_since);
        let (from, to) = (visit.zone, change.to);
        let dwell = at.since(visit.zone_since).saturating_sub(visit.zone_absent);
        (visit.zone, visit.zone_since, visit.zone_absent) = (to, at, Duration::ZERO);
        let receiver = self.decider.loudest().unwrap_or(self.receiver);
        let what = What::Changed { at, from, to, receiver, dwell };
        out.push(Visited { key, began: visit.began, what });
    }

    /// A tag that is away is heard by nobody, whatever the expiry.
    fn settings(&self, settings: &ZoneConfig) -> ZoneConfig {
        ZoneConfig { expiry: settings.expiry.min(self.rules.exit), ..*settings }
    }
}
