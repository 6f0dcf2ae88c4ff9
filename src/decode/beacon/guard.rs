//! Which packets of enrolled sensors are new: several receivers hear one, sensors send each several times, and
//! somebody may record one and send it again.
//!
//! Invariants: an encrypted packet counts once, and never one with a lower counter than the last that counted, also
//! after a restart of the agent ([`Guard::changed`], [`Guard::restore`]). A sensor whose battery was changed begins
//! again at zero: that is believed after [`limits::SENSOR_RESTART_SILENCE`] without it, below
//! [`limits::SENSOR_RESTART_COUNTER`], and once in [`limits::SENSOR_RESTART_EVERY`]. Only who is enrolled has an
//! entry, so the tables are bounded.
//!
//! Numbers that are not encrypted prove nothing and only tell repetitions apart.

use std::collections::{BTreeMap, HashMap};

use crate::decode::fact::TagKey;
use crate::limits;
use crate::time::Mono;

/// What numbers a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counter {
    /// Nothing: each packet is taken as new.
    #[default]
    None,
    /// BTHome's packet id.
    Packet(u8),
    /// Ruuvi's measurement sequence.
    Sequence(u16),
    /// The counter of an encrypted packet, and what that sensor's is remembered under.
    Sealed(u32, Fingerprint),
}

/// A sensor and its key, as a number that says neither. Not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub i64);

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was not heard before.
    New,
    /// It was heard just now, here or elsewhere: its sender is there, and says nothing new.
    Again,
    /// It was heard before and is sent again: its sender may be anybody.
    Replayed,
}

/// Remembers the last packet of each sensor.
#[derive(Debug, Default)]
pub struct Guard {
    last: HashMap<TagKey, (Counter, Mono)>,
    /// Counters of an earlier run, and since when this one listens.
    before: HashMap<Fingerprint, u32>,
    since: Mono,
    /// When a sensor was last believed to have begun again.
    restarted: HashMap<TagKey, Mono>,
    /// Counters to be written down.
    changed: BTreeMap<Fingerprint, u32>,
    replayed: u64,
}

impl Counter {
    /// The number itself.
    #[must_use]
    pub fn number(self) -> Option<u32> {
        match self {
            Self::None => None,
            Self::Packet(number) => Some(number.into()),
            Self::Sequence(number) => Some(number.into()),
            Self::Sealed(number, _) => Some(number),
        }
    }
}

impl Guard {
    /// What the packet `counter` of `tag` is at `now`.
    pub fn admit(&mut self, now: Mono, tag: TagKey, counter: Counter) -> Verdict {
        let last = self.last.get(&tag).copied();
        let verdict = match (counter, last) {
            (Counter::None, _) => return Verdict::New,
            (Counter::Sealed(number, print), last) => self.sealed(now, tag, (number, print), last),
            (Counter::Packet(number), Some((Counter::Packet(before), at))) => {
                plain(number.wrapping_sub(before).into(), 64, now, at)
            }
            (Counter::Sequence(number), Some((Counter::Sequence(before), at))) => {
                plain(number.wrapping_sub(before).into(), 1 << 14, now, at)
            }
            _ => Verdict::New,
        };
        match verdict {
            Verdict::New => {
                self.last.insert(tag, (counter, now));
            }
            Verdict::Again => {
                // That of an encrypted packet is not moved on, or one packet could be sent again for ever.
                let repeated = self.last.get_mut(&tag).filter(|(last, _)| *last == counter);
                if let (Some((_, at)), Counter::Packet(_) | Counter::Sequence(_)) =
                    (repeated, counter)
                {
                    *at = now;
                }
            }
            Verdict::Replayed => self.replayed += 1,
        }
        verdict
    }

    /// Takes at `now` what an earlier run wrote down.
    pub fn restore(&mut self, now: Mono, counters: impl IntoIterator<Item = (Fingerprint, u32)>) {
        self.before.extend(counters);
        self.since = now;
    }

    /// What is to be written down since the last call.
    pub fn changed(&mut self) -> BTreeMap<Fingerprint, u32> {
        std::mem::take(&mut self.changed)
    }

    /// Packets that were sent again by somebody.
    #[must_use]
    pub fn replayed(&self) -> u64 {
        self.replayed
    }

    fn sealed(
        &mut self,
        now: Mono,
        tag: TagKey,
        (number, print): (u32, Fingerprint),
        last: Option<(Counter, Mono)>,
    ) -> Verdict {
        let (before, at) = match last {
            Some((Counter::Sealed(before, _), at)) => (Some(before), at),
            _ => (self.before.get(&print).copied(), self.since),
        };
        let soon = last.is_some() && now.since(at) <= limits::SENSOR_SEALED_REPEAT;
        let verdict = match before {
            Some(before) if number == before && soon => Verdict::Again,
            Some(before) if number <= before && !self.begins_again(now, tag, number, at) => {
                Verdict::Replayed
            }
            _ => Verdict::New,
        };
        if verdict == Verdict::New {
            self.changed.insert(print, number);
        }
        verdict
    }

    /// Whether a counter that went back may be that of a sensor with a new battery.
    fn begins_again(&mut self, now: Mono, tag: TagKey, number: u32, last: Mono) -> bool {
        let silent = now.since(last) >= limits::SENSOR_RESTART_SILENCE;
        let lately = |at: &Mono| now.since(*at) < limits::SENSOR_RESTART_EVERY;
        let believed = silent
            && number < limits::SENSOR_RESTART_COUNTER
            && !self.restarted.get(&tag).is_some_and(lately);
        if believed {
            self.restarted.insert(tag, now);
        }
        believed
    }
}

/// `ahead` of the last one, modulo the counter's range; up to `window` is newer. After a silence any number is.
fn plain(ahead: u32, window: u32, now: Mono, last: Mono) -> Verdict {
    let silent = now.since(last) > limits::SENSOR_REPEAT;
    if (1..=window).contains(&ahead) || silent { Verdict::New } else { Verdict::Again }
}
