//! Customers' tags from the receivers that hear them to the events of their visits.
//!
//! The router owns it, because a visit is the business of all receivers together. Only customers come here: staff is
//! followed by nobody, and of things there are windows alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use tillgate_events::Record;

use super::health::Tags;
use crate::config::{Config, PresenceConfig};
use crate::decode::{TagHeard, TagKey};
use crate::time::{Mono, Now};
use crate::track::pseudonym::Pseudonyms;
use crate::track::tag::Enrolled;
use crate::track::visit::{VisitTracker, Visited, What, record};
use crate::track::zone::{Field, Hearing};

/// Ends the windows of a tag at all receivers, so that none reaches over what happened.
pub type EndWindows<'w> = &'w mut dyn FnMut(TagKey, &Pseudonyms, &mut Vec<Record>);

/// All visits.
pub struct Visits {
    tracker: VisitTracker,
    rules: PresenceConfig,
    enrolled: Arc<Enrolled>,
    /// Where each device among the router's is among the receivers.
    receivers: BTreeMap<usize, usize>,
    visited: Vec<Visited>,
}

impl Default for Visits {
    fn default() -> Self {
        Self {
            tracker: VisitTracker::new(Field::default(), crate::config::ZoneConfig::default()),
            rules: PresenceConfig::default(),
            enrolled: Arc::default(),
            receivers: BTreeMap::new(),
            visited: Vec::new(),
        }
    }
}

impl Visits {
    /// Of a store whose receivers are the router's devices at `places`.
    #[must_use]
    pub fn new(
        config: &Config,
        enrolled: &Arc<Enrolled>,
        places: impl Iterator<Item = usize>,
    ) -> Self {
        let mut field = Field::default();
        for receiver in &config.receivers {
            field.add(&receiver.name, &receiver.zone, f64::from(receiver.offset_db));
        }
        Self {
            tracker: VisitTracker::new(field, config.zones),
            rules: config.zones.presence.customer,
            enrolled: Arc::clone(enrolled),
            receivers: places.zip(0..).collect(),
            visited: Vec::new(),
        }
    }

    /// The device at `place` heard what there was.
    pub fn hears(&mut self, place: usize, hearing: Hearing) {
        if let Some(receiver) = self.receivers.get(&place) {
            self.tracker.hears(*receiver, hearing);
        }
    }

    /// The device at this place heard a customer's tag.
    pub fn heard(
        &mut self,
        (place, now): (usize, Now),
        tag: TagHeard,
        names: &Pseudonyms,
        out: &mut Vec<Record>,
        end_windows: EndWindows<'_>,
    ) {
        let Some(receiver) = self.receivers.get(&place) else { return };
        let whose = (tag.key, self.rules);
        self.tracker.heard(now.mono, whose, (*receiver, tag.rssi), &mut self.visited);
        self.tell(now, names, out, end_windows);
    }

    /// Lets time pass.
    pub fn tick(
        &mut self,
        now: Now,
        names: &Pseudonyms,
        out: &mut Vec<Record>,
        end_windows: EndWindows<'_>,
    ) {
        self.tracker.tick(now.mono, &mut self.visited);
        self.tell(now, names, out, end_windows);
    }

    /// When [`Visits::tick`] may have something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.tracker.deadline()
    }

    /// Ends all visits. Their windows are the caller's business.
    pub fn finish(&mut self, now: Now, names: &Pseudonyms, out: &mut Vec<Record>) {
        self.tracker.finish(&mut self.visited);
        self.tell(now, names, out, &mut |_, _, _| {});
    }

    /// Adds what is counted here.
    pub fn add_health(&self, tags: &mut Tags) {
        tags.visitors += self.tracker.visitors() as u64;
        tags.visits_cut_short += self.tracker.cut_short();
    }

    fn tell(
        &mut self,
        now: Now,
        names: &Pseudonyms,
        out: &mut Vec<Record>,
        end_windows: EndWindows<'_>,
    ) {
        for visited in self.visited.drain(..) {
            if !matches!(visited.what, What::Entered { .. }) {
                end_windows(visited.key, names, out);
            }
            let Some((id, _)) = self.enrolled.get(&visited.key) else { continue };
            out.extend(record::record(&visited, &id, self.tracker.field(), now, names));
        }
    }
}

#[cfg(test)]
mod tests;
