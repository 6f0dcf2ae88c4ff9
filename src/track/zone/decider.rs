//! Which zone one tag is in: the best one, once it is better by enough for long enough.
//!
//! A zone is as loud as the best of its receivers. A receiver at which the tag has been silent for the expiry, while
//! the receiver heard, counts no more. Where nothing is left of the zone in which the tag is, any other is better.
//!
//! # When a change was
//! Smoothed strengths lag behind. So beside the level that decides a faster one is kept, and with it the sum of what
//! the tag's zone was ahead of the best other one since it came: where that sum was highest the zone was best for
//! the last time, which is when the change was.

use std::time::Duration;

use super::field::Field;
use super::level::Level;
use crate::config::ZoneConfig;
use crate::limits;
use crate::time::Mono;

/// One tag.
#[derive(Clone, Debug, Default)]
pub struct Decider {
    ears: Vec<Ear>,
    zone: Option<Stay>,
}

/// What one receiver hears of it.
#[derive(Clone, Copy, Debug)]
struct Ear {
    place: usize,
    zone: usize,
    /// Decides.
    slow: Level,
    /// Dates.
    fast: Level,
}

/// The zone it is in.
#[derive(Clone, Copy, Debug)]
struct Stay {
    zone: usize,
    since: Mono,
    /// When it was heard there last.
    heard: Mono,
    /// Since when another one is better by enough.
    beaten: Option<Mono>,
    /// What it was ahead of the best other zone, summed over time in dB s; until when.
    ahead: f64,
    summed: Mono,
    /// The highest such sum, and when that was last.
    peak: f64,
    peak_at: Mono,
}

/// The tag is in another zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it was.
    pub from: Option<usize>,
    /// Where it is.
    pub to: usize,
    /// When the other zone became better.
    pub at: Mono,
}

impl Decider {
    /// The tag was heard by the receiver at `place`.
    pub fn heard(
        &mut self,
        now: Mono,
        place: usize,
        rssi: i8,
        field: &Field,
        settings: &ZoneConfig,
    ) {
        let Some(post) = field.post(place) else { return };
        self.sum(now);
        let dbm = f64::from(rssi) + post.offset_db;
        if let Some(ear) = self.ears.iter_mut().find(|ear| ear.place == place) {
            ear.slow.add(now, dbm, settings.tau);
            ear.fast.add(now, dbm, settings.tau.mul_f64(limits::ZONE_FAST));
        } else {
            self.make_room();
            let level = Level::new(now, dbm);
            self.ears.push(Ear { place, zone: post.zone, slow: level, fast: level });
        }
        if let Some(stay) = self.zone.as_mut().filter(|stay| stay.zone == post.zone) {
            stay.heard = now;
        }
    }

    /// Whether it is in another zone by now. To be asked after each advertisement, and from time to time.
    pub fn decide(&mut self, now: Mono, field: &Field, settings: &ZoneConfig) -> Option<Change> {
        self.sum(now);
        self.ears.retain(|ear| field.silence(ear.place, ear.slow.at()) < settings.expiry);
        let Some(stay) = &mut self.zone else {
            let best = best(&self.ears, |_| true)?;
            let at = self.ears.iter().map(|ear| ear.slow.at()).min().unwrap_or(now);
            self.zone = Some(Stay::new(best.zone, at));
            return Some(Change { from: None, to: best.zone, at });
        };
        let (own, other) = around(&self.ears, stay.zone);
        let margin = f64::from(settings.hysteresis_db);
        let other =
            other.filter(|other| own.is_none_or(|own| own.slow.dbm() + margin <= other.slow.dbm()));
        let Some(other) = other else {
            stay.beaten = None;
            return None;
        };
        if now.since(*stay.beaten.get_or_insert(now)) < settings.hold {
            return None;
        }
        let (from, to) = (stay.zone, other.zone);
        // Where nothing is heard of the old zone any more, it was left when it was heard last, or before.
        let at = if own.is_none() { stay.peak_at.min(stay.heard) } else { stay.peak_at };
        let at = at.max(stay.since);
        *stay = Stay { heard: other.slow.at(), ..Stay::new(to, at) };
        stay.summed = now;
        Some(Change { from: Some(from), to, at })
    }

    /// The zone it is in.
    #[must_use]
    pub fn zone(&self) -> Option<usize> {
        self.zone.map(|stay| stay.zone)
    }

    /// Whether any receiver counts: one that hears and heard it not long ago, or one that cannot say.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        !self.ears.is_empty()
    }

    /// The smoothed strength at a receiver in dBm, where that counts.
    #[must_use]
    pub fn level(&self, place: usize) -> Option<f64> {
        self.ears.iter().find(|ear| ear.place == place).map(|ear| ear.slow.dbm())
    }

    /// The loudest receiver of the zone it is in; of those that count.
    #[must_use]
    pub fn loudest(&self) -> Option<usize> {
        let zone = self.zone()?;
        best(&self.ears, |ear| ear.zone == zone).map(|ear| ear.place)
    }

    /// It is away: nothing that was heard counts any more.
    pub fn forget(&mut self) {
        self.ears.clear();
    }

    /// It is back, as far as is known where it was: a change comes no earlier than this.
    pub fn back(&mut self, now: Mono) {
        if let Some(stay) = &mut self.zone {
            *stay = Stay::new(stay.zone, now);
        }
    }

    /// Sums up how far ahead the tag's zone was until now.
    fn sum(&mut self, now: Mono) {
        let Some(stay) = &mut self.zone else { return };
        let passed = now.since(stay.summed).min(MOST).as_secs_f64();
        stay.summed = stay.summed.max(now);
        let (own, other) = around(&self.ears, stay.zone);
        let lead = match (own, other) {
            (Some(own), Some(other)) => own.fast.dbm() - other.fast.dbm(),
            (Some(_), None) => LEAD_DB,
            (None, Some(_)) => -LEAD_DB,
            (None, None) => 0.0,
        };
        stay.ahead += passed * lead.clamp(-LEAD_DB, LEAD_DB);
        if stay.peak <= stay.ahead {
            (stay.peak, stay.peak_at) = (stay.ahead, now);
        }
    }

    /// With too many receivers the weakest one is forgotten.
    fn make_room(&mut self) {
        if self.ears.len() < limits::ZONE_EARS {
            return;
        }
        let dbm = |ear: &Ear| ear.slow.dbm();
        let weakest =
            self.ears.iter().enumerate().min_by(|(_, a), (_, b)| dbm(a).total_cmp(&dbm(b)));
        if let Some((place, _)) = weakest {
            self.ears.swap_remove(place);
        }
    }
}

/// The most that a zone counts as ahead in dB: also where only one is heard.
const LEAD_DB: f64 = 20.0;

/// The longest time that one look sums up.
const MOST: Duration = Duration::from_secs(60);

impl Stay {
    fn new(zone: usize, since: Mono) -> Self {
        let (ahead, peak) = (0.0, 0.0);
        let (heard, summed, peak_at) = (since, since, since);
        Self { zone, since, heard, beaten: None, ahead, summed, peak, peak_at }
    }
}

/// The best receiver of a zone, and the best one of any other.
fn around(ears: &[Ear], zone: usize) -> (Option<&Ear>, Option<&Ear>) {
    (best(ears, |ear| ear.zone == zone), best(ears, |ear| ear.zone != zone))
}

fn best(ears: &[Ear], of: impl Fn(&Ear) -> bool) -> Option<&Ear> {
    let of_those = ears.iter().filter(|ear| of(ear));
    of_those.max_by(|a, b| a.slow.dbm().total_cmp(&b.slow.dbm()))
}
