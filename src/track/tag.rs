//! Tags heard to windows of one tag at one receiver (`ble_ping_detected`).
//!
//! Only enrolled tags exist here: any other is a count. A window keeps first, last, count, sum, extremes and
//! the longest silence, so that dwell computed from windows equals dwell computed from every ping. Windows
//! run on the monotonic clock; wall times are those of the pings.
//!
//! Customers' tags leave as a pseudonym (see [`Pseudonyms`]), things under their own id; staff are not
//! reported at all. Bounded: with [`limits::TAGS`] windows open the oldest is closed early and counted.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tillgate_events::{Body, Record, TagWindow};

use super::pseudonym::Pseudonyms;
use crate::config::{TagClass, TagConfig};
use crate::decode::beacon::{AllowList, TagMatch};
use crate::decode::{TagHeard, TagKey};
use crate::limits;
use crate::time::{Mono, Now, UtcMs};

/// The enrolled tags of a gateway.
#[derive(Debug, Default)]
pub struct Enrolled {
    list: AllowList,
    tags: Vec<TagConfig>,
}

impl Enrolled {
    /// The tags in the order in which `list` has them.
    #[must_use]
    pub fn new(list: AllowList, tags: &[TagConfig]) -> Self {
        Self { list, tags: tags.to_vec() }
    }

    /// Who sends what.
    #[must_use]
    pub fn list(&self) -> &AllowList {
        &self.list
    }

    /// Id and class of the tag with this key. One of many that are enrolled together has its own numbers behind their
    /// id: `loyalty.7.14`.
    #[must_use]
    pub fn get(&self, key: &TagKey) -> Option<(Cow<'_, str>, TagClass)> {
        let place = usize::try_from(self.list.place(key)?).ok()?;
        let TagConfig { id, class, known_by } = self.tags.get(place)?;
        let (TagKey::IBeacon { major, minor, .. } | TagKey::AltBeacon { major, minor, .. }) = key
        else {
            return Some((id.into(), *class));
        };
        let id = match known_by {
            TagMatch::Beacon { major: None, .. } => format!("{id}.{major}.{minor}").into(),
            TagMatch::Beacon { minor: None, .. } => format!("{id}.{minor}").into(),
            _ => id.into(),
        };
        Some((id, *class))
    }
}

/// One receiver.
#[derive(Debug)]
pub struct TagTracker {
    receiver: String,
    zone: String,
    window: Duration,
    enrolled: Arc<Enrolled>,
    open: BTreeMap<TagKey, Open>,
    /// Adverts of devices that are not enrolled.
    unknown: u64,
    /// Windows that were closed early for want of room.
    evicted: u64,
}

/// A window that still takes pings.
#[derive(Clone, Copy, Debug)]
struct Open {
    since: Mono,
    last: Mono,
    first_seen: UtcMs,
    last_seen: UtcMs,
    count: u32,
    sum: i64,
    min: i8,
    max: i8,
    max_gap: Duration,
}

impl TagTracker {
    /// The receiver with this name in this zone; windows last `window`.
    #[must_use]
    pub fn new(receiver: &str, zone: &str, window: Duration, enrolled: Arc<Enrolled>) -> Self {
        Self {
            receiver: receiver.to_owned(),
            zone: zone.to_owned(),
            window,
            enrolled,
            open: BTreeMap::new(),
            unknown: 0,
            evicted: 0,
        }
    }

    /// The tags that are heard here.
    #[must_use]
    pub fn enrolled(&self) -> &Arc<Enrolled> {
        &self.enrolled
    }

    /// Takes a ping; of which class the tag is. Appends windows that it ends.
    pub fn heard(
        &mut self,
        now: Now,
        tag: TagHeard,
        names: &Pseudonyms,
        out: &mut Vec<Record>,
    ) -> Option<TagClass> {
        let class = self.enrolled.get(&tag.key).map(|(_, class)| class);
        match class {
            None => self.unknown(),
            Some(TagClass::Staff) => {}
            Some(_) => self.add(now, tag, names, out),
        }
        class
    }

    fn add(&mut self, now: Now, tag: TagHeard, names: &Pseudonyms, out: &mut Vec<Record>) {
        self.tick(now, names, out);
        if !self.open.contains_key(&tag.key) && self.open.len() >= limits::TAGS {
            self.evict(names, out);
        }
        self.open
            .entry(tag.key)
            .and_modify(|window| window.add(now, tag.rssi))
            .or_insert_with(|| Open::new(now, tag.rssi));
    }

    /// Counts an advertisement of a device that is not enrolled, or of no known format.
    pub fn unknown(&mut self) {
        self.unknown += 1;
    }

    /// Appends the windows that are over.
    pub fn tick(&mut self, now: Now, names: &Pseudonyms, out: &mut Vec<Record>) {
        let over = |open: &Open| now.mono.since(open.since) >= self.window;
        let ended: Vec<TagKey> =
            self.open.iter().filter(|(_, open)| over(open)).map(|(key, _)| *key).collect();
        for key in ended {
            self.close(key, names, out);
        }
    }

    /// Appends the window of one tag: it went elsewhere.
    pub fn flush(&mut self, key: TagKey, names: &Pseudonyms, out: &mut Vec<Record>) {
        self.close(key, names, out);
    }

    /// Appends all windows: the day's key is about to change, or the agent stops.
    pub fn finish(&mut self, names: &Pseudonyms, out: &mut Vec<Record>) {
        while let Some((&key, _)) = self.open.first_key_value() {
            self.close(key, names, out);
        }
    }

    /// The wall clock was set by so many milliseconds: the times of open windows move along.
    pub fn clock_set(&mut self, by_ms: i64) {
        for open in self.open.values_mut() {
            for time in [&mut open.first_seen, &mut open.last_seen] {
                time.0 = time.0.saturating_add(by_ms);
            }
        }
    }

    /// When the next window ends.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.open.values().map(|open| open.since.plus(self.window)).min()
    }

    /// (adverts of devices that are not enrolled, windows closed early).
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.unknown, self.evicted)
    }

    fn evict(&mut self, names: &Pseudonyms, out: &mut Vec<Record>) {
        let oldest = self.open.iter().min_by_key(|(_, open)| open.last).map(|(key, _)| *key);
        if let Some(key) = oldest {
            self.evicted += 1;
            self.close(key, names, out);
        }
    }

    fn close(&mut self, key: TagKey, names: &Pseudonyms, out: &mut Vec<Record>) {
        let (Some(open), Some((id, class))) = (self.open.remove(&key), self.enrolled.get(&key))
        else {
            return;
        };
        let customer_ble_id = match class {
            TagClass::Customer => names.of(&id),
            TagClass::Staff | TagClass::Asset | TagClass::Truck | TagClass::Reference => {
                id.into_owned()
            }
        };
        let window = TagWindow {
            beacon_id: self.receiver.clone(),
            customer_ble_id,
            zone: self.zone.clone(),
            ping_count: open.count,
            rssi_sum: open.sum,
            rssi_min: open.min,
            rssi_max: open.max,
            first_seen: open.first_seen,
            last_seen: open.last_seen,
            max_gap_ms: u32::try_from(open.max_gap.as_millis()).unwrap_or(u32::MAX),
        };
        let source = self.receiver.clone();
        out.push(Record { at: open.last_seen, source, body: Body::TagWindow(window) });
    }
}

impl Open {
    fn new(now: Now, rssi: i8) -> Self {
        Self {
            since: now.mono,
            last: now.mono,
            first_seen: now.wall,
            last_seen: now.wall,
            count: 1,
            sum: i64::from(rssi),
            min: rssi,
            max: rssi,
            max_gap: Duration::ZERO,
        }
    }

    fn add(&mut self, now: Now, rssi: i8) {
        self.max_gap = self.max_gap.max(now.mono.since(self.last));
        self.last = now.mono;
        self.last_seen = now.wall;
        self.count = self.count.saturating_add(1);
        self.sum += i64::from(rssi);
        self.min = self.min.min(rssi);
        self.max = self.max.max(rssi);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::beacon::Format;

    fn key(minor: u16) -> TagKey {
        TagKey::IBeacon { uuid: [7; 16], major: 1, minor }
    }

    fn tracker() -> TagTracker {
        let tag = |minor, class| {
            let (uuid, format) = ([7; 16], Format::IBeacon);
            let known_by = TagMatch::Beacon { format, uuid, major: Some(1), minor: Some(minor) };
            TagConfig { id: format!("tag-{minor}"), class, known_by }
        };
        let tags = [tag(1, TagClass::Customer), tag(2, TagClass::Truck), tag(3, TagClass::Staff)];
        let enrolled = Enrolled::new(AllowList::new(tags.iter().map(|tag| &tag.known_by)), &tags);
        TagTracker::new("grocery", "GROCERY", Duration::from_secs(30), Arc::new(enrolled))
    }

    /// Pings as (second, minor, rssi); the windows they make, as (id, pings, sum, gap in s).
    fn windows(pings: &[(u64, u16, i8)]) -> Vec<(String, u32, i64, u32)> {
        let (mut tracker, mut out, names) = (tracker(), Vec::new(), Pseudonyms::new([1; 64]));
        for &(second, minor, rssi) in pings {
            let now = Now::default().plus(Duration::from_secs(second));
            let tag = TagHeard { key: key(minor), rssi, power_at_1m: None };
            tracker.heard(now, tag, &names, &mut out);
        }
        tracker.finish(&names, &mut out);
        assert!(tracker.deadline().is_none());
        let windows = out.into_iter().map(|record| match record.body {
            Body::TagWindow(w) => {
                (w.customer_ble_id, w.ping_count, w.rssi_sum, w.max_gap_ms / 1000)
            }
            other => panic!("{other:?}"),
        });
        windows.collect()
    }

    #[test]
    fn pings_of_one_window_become_one_record() {
        let truck = |count, sum, gap| ("tag-2".to_owned(), count, sum, gap);
        assert_eq!(windows(&[(0, 2, -60), (1, 2, -70), (20, 2, -50)]), [truck(3, -180, 19)]);
        assert_eq!(windows(&[(0, 2, -60), (30, 2, -70)]), [truck(1, -60, 0), truck(1, -70, 0)]);
    }

    #[test]
    fn a_customers_id_never_appears_and_staff_and_strangers_make_no_record() {
        let found = windows(&[(0, 1, -60), (0, 3, -60), (0, 99, -60)]);
        assert_eq!(found.len(), 1);
        assert!(found.iter().all(|(id, ..)| !id.contains("tag-1")), "{found:?}");
    }

    #[test]
    fn strangers_are_counted() {
        let mut tracker = tracker();
        let tag = TagHeard { key: key(99), rssi: -50, power_at_1m: None };
        tracker.heard(Now::default(), tag, &Pseudonyms::new([1; 64]), &mut Vec::new());
        assert_eq!(tracker.counts(), (1, 0));
    }
}
