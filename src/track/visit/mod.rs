//! Visits of tags: when each came, in which zone it was how long, and when it left.
//!
//! A tag is there with its second advertisement (`min_adverts`), from the first of them. Where it is then, [`zone`]
//! says. It is away when it was not heard for `exit_s` although every receiver that heard it lately did hear; it has
//! left when it was away for `reentry_s`, so that whoever smokes outside comes once. It left when it was heard last.
//!
//! Pure: facts and times in, [`Visited`] out. Durations run on the monotonic clock; absences are no part of any dwell.
//! Bounded by [`limits::VISITS`]; nothing of a tag is left once it has gone.
//!
//! [`zone`]: super::zone

mod presence;
pub mod record;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use super::zone::{Field, Hearing};
use crate::config::{PresenceConfig, ZoneConfig};
use crate::decode::TagKey;
use crate::limits;
use crate::time::Mono;
use presence::Presence;

/// Something about a tag's visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visited {
    /// Whose.
    pub key: TagKey,
    /// When the visit began: with the tag, what it is known by.
    pub began: Mono,
    /// What happened.
    pub what: What,
}

/// See [`Visited`]. Zones and receivers are places in the [`Field`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It came.
    Entered {
        /// When it was first heard.
        at: Mono,
        /// Where it is.
        zone: usize,
        /// Who heard it.
        receiver: usize,
    },
    /// It is in another zone.
    Changed {
        /// When it went there.
        at: Mono,
        /// Where it was.
        from: usize,
        /// Where it is.
        to: usize,
        /// Who hears it best there.
        receiver: usize,
        /// How long it was in `from`.
        dwell: Duration,
    },
    /// It is not heard any more; it may come back.
    Away {
        /// When it was last heard.
        at: Mono,
    },
    /// It left.
    Exited {
        /// When it was last heard.
        at: Mono,
        /// Where it was.
        zone: usize,
        /// Who heard it last.
        receiver: usize,
        /// How long it was there, absences taken off.
        dwell: Duration,
    },
}

/// All tags that are followed.
#[derive(Debug)]
pub struct VisitTracker {
    field: Field,
    settings: ZoneConfig,
    tags: BTreeMap<TagKey, Presence>,
    /// When all were looked at.
    looked: Mono,
    cut_short: u64,
}

impl VisitTracker {
    /// A store with these receivers.
    #[must_use]
    pub fn new(field: Field, settings: ZoneConfig) -> Self {
        Self { field, settings, tags: BTreeMap::new(), looked: Mono::default(), cut_short: 0 }
    }

    /// The store's receivers.
    #[must_use]
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// A receiver heard what there was.
    pub fn hears(&mut self, receiver: usize, hearing: Hearing) {
        self.field.hears(receiver, hearing);
    }

    /// A tag was heard; appends what follows of that.
    pub fn heard(
        &mut self,
        now: Mono,
        (key, rules): (TagKey, PresenceConfig),
        (receiver, rssi): (usize, i8),
        out: &mut Vec<Visited>,
    ) {
        if !self.tags.contains_key(&key) {
            if self.tags.is_empty() {
                self.looked = now;
            }
            self.make_room(out);
        }
        let before = self.tags.remove(&key);
        let before = before.and_then(|it| it.look(now, &self.field, &self.settings, key, out));
        let presence = before.unwrap_or_else(|| Presence::new(now, rules));
        let heard = (receiver, rssi);
        let after = presence.heard(now, heard, &self.field, &self.settings, key, out);
        self.tags.insert(key, after);
    }

    /// Lets time pass: to be called when [`VisitTracker::deadline`] comes.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<Visited>) {
        if self.deadline().is_none_or(|due| now < due) {
            return;
        }
        self.looked = now;
        let (field, settings) = (&self.field, &self.settings);
        let tags = std::mem::take(&mut self.tags).into_iter();
        let tags =
            tags.filter_map(|(key, it)| Some((key, it.look(now, field, settings, key, out)?)));
        self.tags = tags.collect();
    }

    /// Ends all visits: the day's key is about to change, or the agent stops.
    pub fn finish(&mut self, out: &mut Vec<Visited>) {
        while let Some((key, presence)) = self.tags.pop_first() {
            presence.end(key, out);
        }
    }

    /// When [`VisitTracker::tick`] may have something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        (!self.tags.is_empty()).then(|| self.looked.plus(limits::VISIT_LOOK))
    }

    /// The smoothed strength of a tag at a receiver in dBm, where that counts.
    #[must_use]
    pub fn level(&self, key: &TagKey, receiver: usize) -> Option<f64> {
        self.tags.get(key)?.level(receiver)
    }

    /// The zone that a tag is in, as far as that is decided.
    #[must_use]
    pub fn decided(&self, key: &TagKey) -> Option<usize> {
        self.tags.get(key)?.zone()
    }

    /// Tags that are there, or away and not gone.
    #[must_use]
    pub fn visitors(&self) -> usize {
        self.tags.values().filter(|presence| presence.is_visit()).count()
    }

    /// Visits that ended early for want of room.
    #[must_use]
    pub fn cut_short(&self) -> u64 {
        self.cut_short
    }

    fn make_room(&mut self, out: &mut Vec<Visited>) {
        if self.tags.len() < limits::VISITS {
            return;
        }
        let oldest = self.tags.iter().min_by_key(|(_, presence)| presence.last());
        let oldest = oldest.map(|(key, _)| *key);
        if let Some((key, presence)) = oldest.and_then(|key| self.tags.remove_entry(&key)) {
            self.cut_short += u64::from(presence.is_visit());
            presence.end(key, out);
        }
    }
}
