//! One device's way through decode and track: readings in, records out.
//!
//! A chain owns all state of its device and nothing else, so that readings of one device can never disturb
//! another. What a device says badly is counted, told once per change of state, and the next good input works.

use tillgate_events::Record;

use super::till::Till;
use crate::decode::beacon::{GprpDecoder, tag_heard};
use crate::decode::door::{ContactDecoder, CounterDecoder};
use crate::source::{Advert, Body, Reading};
use crate::time::{Mono, Now};
use crate::track::device::DeviceTracker;
use crate::track::door::DoorTracker;
use crate::track::pseudonym::Pseudonyms;
use crate::track::tag::TagTracker;

/// One device.
pub struct Chain {
    name: String,
    device: DeviceTracker,
    kind: Kind,
    /// Pieces of bad input so far, and whether that was told.
    bad: u64,
    told_bad: bool,
}

/// What hangs on the device.
pub enum Kind {
    Till(Box<Till>),
    CounterDoor(CounterDecoder, DoorTracker),
    ContactDoor(ContactDecoder, DoorTracker),
    /// `$GPRP` lines, or BlueZ: adverts of both end in one tracker.
    Receiver(GprpDecoder, TagTracker),
}

impl Chain {
    /// The chain of the device with this name.
    #[must_use]
    pub fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            device: DeviceTracker::new(name),
            kind,
            bad: 0,
            told_bad: false,
        }
    }

    /// Takes a reading; appends the records it completes.
    pub fn step(&mut self, reading: Reading, names: &Pseudonyms, out: &mut Vec<Record>) {
        let (now, before) = (reading.at, out.len());
        match reading.body {
            Body::Up => {
                self.broken(now, names, out);
                if let Kind::CounterDoor(decoder, _) = &mut self.kind {
                    decoder.started();
                }
                out.extend(self.device.up(now));
                tracing::info!(device = self.name, "answers");
            }
            Body::Down(reason) => {
                self.broken(now, names, out);
                out.extend(self.device.down(now, &reason));
                tracing::warn!(device = self.name, ?reason, "does not answer; trying again");
            }
            Body::Bytes(bytes) => self.bytes(now, &bytes, names, out),
            Body::Overrun { bytes } => {
                self.broken(now, names, out);
                self.degraded(now, &format!("{bytes} bytes lost: the agent was behind"), out);
            }
            Body::Edge { active, sequence, .. } => self.edge(now, active, sequence, out),
            Body::Advert(advert) => self.advert(now, &advert, names, out),
            Body::AdvertsDropped { count } => {
                self.degraded(now, &format!("{count} adverts dropped: the agent was behind"), out);
            }
        }
        self.tell_bad_input(now, out.len() > before, out);
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, names: &Pseudonyms, out: &mut Vec<Record>) {
        let before = out.len();
        match &mut self.kind {
            Kind::Till(till) => till.tick(now, out),
            Kind::Receiver(_, tracker) => tracker.tick(now, names, out),
            Kind::CounterDoor(..) | Kind::ContactDoor(..) => {}
        }
        self.tell_bad_input(now, out.len() > before, out);
    }

    /// The agent stops, or the day's key changes: closes what can be closed without loss.
    pub fn close_windows(&mut self, names: &Pseudonyms, out: &mut Vec<Record>) {
        if let Kind::Receiver(_, tracker) = &mut self.kind {
            tracker.finish(names, out);
        }
    }

    /// When [`Chain::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        match &self.kind {
            Kind::Till(till) => till.deadline(),
            Kind::Receiver(_, tracker) => tracker.deadline(),
            Kind::CounterDoor(..) | Kind::ContactDoor(..) => None,
        }
    }

    /// Ends what the device was in the middle of.
    pub fn broken(&mut self, now: Now, names: &Pseudonyms, out: &mut Vec<Record>) {
        match &mut self.kind {
            Kind::Till(till) => till.broken(now, out),
            Kind::CounterDoor(decoder, _) => decoder.broken(),
            Kind::ContactDoor(decoder, _) => decoder.broken(),
            Kind::Receiver(decoder, tracker) => {
                decoder.broken();
                tracker.finish(names, out);
            }
        }
    }

    fn bytes(&mut self, now: Now, bytes: &[u8], names: &Pseudonyms, out: &mut Vec<Record>) {
        match &mut self.kind {
            Kind::Till(till) => till.push(now, bytes, out),
            Kind::CounterDoor(decoder, tracker) => {
                decoder.push(bytes, |fact| tracker.step(now, fact, out));
            }
            Kind::Receiver(decoder, tracker) => {
                decoder.push(bytes, |advert| hear(tracker, now, &advert, names, out));
            }
            Kind::ContactDoor(..) => {}
        }
    }

    fn edge(&mut self, now: Now, active: bool, sequence: u32, out: &mut Vec<Record>) {
        if let Kind::ContactDoor(decoder, tracker) = &mut self.kind {
            decoder.edge(active, sequence, |fact| tracker.step(now, fact, out));
        }
    }

    fn advert(&mut self, now: Now, advert: &Advert, names: &Pseudonyms, out: &mut Vec<Record>) {
        if let Kind::Receiver(_, tracker) = &mut self.kind {
            hear(tracker, now, advert, names, out);
        }
    }

    fn degraded(&mut self, now: Now, reason: &str, out: &mut Vec<Record>) {
        tracing::warn!(device = self.name, reason, "works badly");
        out.extend(self.device.degraded(now, reason));
    }

    /// Tells of bad input when it begins, and that it is over when something good came without any.
    fn tell_bad_input(&mut self, now: Now, good: bool, out: &mut Vec<Record>) {
        let bad = match &self.kind {
            Kind::Till(till) => till.counters().bad(),
            Kind::CounterDoor(decoder, _) => decoder.malformed(),
            Kind::Receiver(decoder, _) => decoder.malformed(),
            Kind::ContactDoor(_, tracker) => tracker.uncertain(),
        };
        let worse = bad > std::mem::replace(&mut self.bad, bad);
        if worse && !self.told_bad {
            self.told_bad = true;
            self.degraded(now, "input that cannot be understood: check baud rate and dialect", out);
        } else if good && !worse && self.told_bad {
            self.told_bad = false;
            tracing::info!(device = self.name, "understood again");
            out.extend(self.device.up(now));
        }
    }
}

/// An advertisement to a tracker.
fn hear(
    tracker: &mut TagTracker,
    now: Now,
    advert: &Advert,
    names: &Pseudonyms,
    out: &mut Vec<Record>,
) {
    match tag_heard(advert) {
        Some(tag) => tracker.heard(now, tag, names, out),
        None => tracker.unknown(),
    }
}
