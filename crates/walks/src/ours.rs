//! The agent's own decider: as it decided at each moment, and as its events tell the walk in the end.

use std::time::Duration;

use tillgate::config::{PresenceConfig, ZoneConfig};
use tillgate::decode::TagKey;
use tillgate::limits;
use tillgate::time::Mono;
use tillgate::track::visit::{VisitTracker, Visited, What};
use tillgate::track::zone::{Field, Hearing};

use crate::Ms;
use crate::radio::Line;
use crate::rivals::{Decide, Said};

const TAG: TagKey = TagKey::Resolved(1);

/// The tracker of visits with one tag.
pub struct Ours {
    tracker: VisitTracker,
    hearing: Vec<Hearing>,
    events: Vec<Visited>,
}

impl Ours {
    /// With so many receivers, each a zone.
    #[must_use]
    pub fn new(receivers: usize, settings: ZoneConfig) -> Self {
        let mut field = Field::default();
        for place in 0..receivers {
            field.add(&place.to_string(), &place.to_string(), 0.0);
        }
        let hearing = vec![Hearing::default(); receivers];
        Self { tracker: VisitTracker::new(field, settings), hearing, events: Vec::new() }
    }

    /// What the events say, at each of these moments.
    #[must_use]
    pub fn told(mut self, moments: &[Ms]) -> Vec<Said> {
        self.tracker.finish(&mut self.events);
        let mut told = vec![None; moments.len()];
        for event in &self.events {
            let (from, zone) = match event.what {
                What::Entered { at, zone, .. } => (at, Some(zone)),
                What::Changed { at, to, .. } => (at, Some(to)),
                What::Exited { at, .. } => (at, None),
                What::Away { .. } => continue,
            };
            let after = moments.iter().zip(&mut told).filter(|(at, _)| from <= mono(**at));
            after.for_each(|(_, said)| *said = zone);
        }
        told
    }
}

impl Decide for Ours {
    fn hear(&mut self, line: Line) {
        let now = mono(line.at);
        if let Some(hearing) = self.hearing.get_mut(line.receiver) {
            if limits::RECEIVER_SILENCE <= now.since(hearing.until) {
                hearing.since = now;
            }
            hearing.until = now;
            self.tracker.hears(line.receiver, *hearing);
        }
        self.tracker.tick(now, &mut self.events);
        if let Some(rssi) = line.rssi {
            let rules = PresenceConfig::default();
            self.tracker.heard(now, (TAG, rules), (line.receiver, rssi), &mut self.events);
        }
    }

    fn zone(&mut self, now: Ms) -> Said {
        self.tracker.tick(mono(now), &mut self.events);
        self.tracker.decided(&TAG)
    }
}

fn mono(at: Ms) -> Mono {
    Mono::default().plus(Duration::from_millis(at))
}
