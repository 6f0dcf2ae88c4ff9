//! Door facts to `customer_entered` and `customer_exited`, one by one or by windows, and to running totals.
//!
//! Event lines and beams become crossings at once, or are summed up in windows of the clock. Totals of a counter become
//! the difference to the last totals: the first ones ever set the base, a wrap is seen through, and a reset counts from
//! zero when the new value is small. A jump that is none of these counts nobody: it is a new base, and counted as such.
//! A contact knows no direction: each opening is one entry, which is right for an entrance with one way; a contact's
//! closing says nothing.
//!
//! # Invariants
//! - The totals `entered` and `exited` are the sums of the records that were appended: they change in the same call.
//! - The base of a counter is kept as of the last records, so that who passed while nobody listened, or since a window
//!   began that a crash cut short, is counted by the next reading, and nobody twice.

mod base;
mod window;

use std::time::Duration;

use tillgate_events::{Body, Crossing, Record, Unknown, UtcMs};

use super::beam::BeamSaid;
use super::total::Totals;
use crate::decode::DoorFact;
use crate::time::{Mono, Now};
use window::Window;

/// Names of what is kept of a door. The first ones are counts, told in the agent's health.
pub const TOTALS: [&str; 9] =
    [ENTERED, EXITED, TURNED_BACK, WEAK, FAULTS, UNDIRECTED, ESTIMATED, BASE_IN, BASE_OUT];
/// People who came in, as told.
pub const ENTERED: &str = "entered";
/// People who went out, as told.
pub const EXITED: &str = "exited";
/// People who came and went back.
pub const TURNED_BACK: &str = "turned_back";
/// Passages among those told that never blocked both beams.
pub const WEAK: &str = "weak";
/// Times that a beam was stuck.
pub const FAULTS: &str = "faults";
/// People who passed while a beam was stuck: not told, nobody knows which way.
pub const UNDIRECTED: &str = "undirected";
/// People who may have walked close behind others: not told, a guess.
pub const ESTIMATED: &str = "estimated";
const BASE_IN: &str = "base_in";
const BASE_OUT: &str = "base_out";

/// What is told of a beam in which something stands.
const BLOCKED: &str = "door_beam_blocked";

/// How a door is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorSettings {
    /// Its name in the configuration.
    pub name: String,
    /// The zone of the store that it leads into.
    pub zone: String,
    /// How long crossings are summed up; zero: each is told by itself.
    pub window: Duration,
    /// Openings of a contact are entries.
    pub counts_openings: bool,
    /// Bits after which the totals of a counter begin again; `None`: any usual number.
    pub counter_bits: Option<u32>,
}

impl DoorSettings {
    /// A door that tells each crossing.
    #[must_use]
    pub fn new(name: &str, zone: &str) -> Self {
        let (name, zone) = (name.to_owned(), zone.to_owned());
        let window = Duration::ZERO;
        Self { name, zone, window, counts_openings: true, counter_bits: None }
    }
}

/// One door.
#[derive(Debug)]
pub struct DoorTracker {
    settings: DoorSettings,
    /// What a cumulative counter said last.
    base: Option<(u64, u64)>,
    window: Option<Window>,
    totals: Totals,
    uncertain: u64,
    new_bases: u64,
}

impl DoorTracker {
    /// A door of which nothing is known.
    #[must_use]
    pub fn new(settings: DoorSettings) -> Self {
        let totals = Totals::default();
        Self { settings, base: None, window: None, totals, uncertain: 0, new_bases: 0 }
    }

    /// Takes a fact; appends what it means.
    pub fn step(&mut self, now: Now, fact: DoorFact, out: &mut Vec<Record>) {
        let passed = match fact {
            DoorFact::Passed { entered, exited } => (entered, exited),
            DoorFact::Totals { entered, exited } => self.since_last(entered, exited),
            DoorFact::Contact { open } => (u32::from(open && self.settings.counts_openings), 0),
            DoorFact::ContactIs { .. } => (0, 0),
            DoorFact::Uncertain => {
                self.uncertain += 1;
                (0, 0)
            }
            DoorFact::Blocked => {
                out.push(self.words(now, BLOCKED, "[the beam is blocked]".to_owned()));
                (0, 0)
            }
        };
        self.passed(now, passed, out);
    }

    /// Takes what a pair of beams saw; appends what it means.
    pub fn beams(&mut self, now: Now, said: BeamSaid, out: &mut Vec<Record>) {
        match said {
            BeamSaid::Passed { inward, weak, more } => {
                self.totals.add(WEAK, weak.into());
                self.totals.add(ESTIMATED, more);
                if more > 0 {
                    let way = if inward { "in" } else { "out" };
                    let text = format!("[1 {way}, perhaps {more} more close behind]");
                    out.push(self.words(now, "door_tailgating", text));
                }
                self.passed(now, (u32::from(inward), u32::from(!inward)), out);
            }
            BeamSaid::TurnedBack => self.totals.add(TURNED_BACK, 1),
            BeamSaid::Uncertain => self.uncertain += 1,
            BeamSaid::Undirected => self.totals.add(UNDIRECTED, 1),
            BeamSaid::Blocked(beam) => {
                let text = format!("[the {} beam is blocked]", beam.name());
                out.push(self.words(now, BLOCKED, text));
            }
            BeamSaid::Stuck(_) => self.totals.add(FAULTS, 1),
            BeamSaid::Recovered => {}
        }
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        if self.window.is_some_and(|window| window.ends <= now.mono) {
            self.finish(out);
        }
    }

    /// When [`DoorTracker::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.window.map(|window| window.ends)
    }

    /// Ends the window.
    pub fn finish(&mut self, out: &mut Vec<Record>) {
        if let Some(window) = self.window.take() {
            self.tell(window.last, (window.entered, window.exited), out);
        }
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        if let Some(window) = &mut self.window {
            window.last.0 = window.last.0.saturating_add(by_ms);
        }
    }

    /// Takes what an earlier run kept under this name.
    pub fn restore(&mut self, what: &str, value: i64) {
        let Some(what) = TOTALS.into_iter().find(|it| *it == what) else { return };
        self.totals.restore(what, value);
        let base = |what| self.totals.get(what).and_then(|value| u64::try_from(value).ok());
        self.base = base(BASE_IN).zip(base(BASE_OUT));
    }

    /// The running totals.
    #[must_use]
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Those that changed since the last call.
    pub fn take_changed(&mut self) -> impl Iterator<Item = (&'static str, i64)> {
        self.totals.take_changed()
    }

    /// Times that edges were lost or told nothing.
    #[must_use]
    pub fn uncertain(&self) -> u64 {
        self.uncertain
    }

    /// Times that totals jumped and only set a new base: how many passed is not known.
    #[must_use]
    pub fn new_bases(&self) -> u64 {
        self.new_bases
    }

    fn since_last(&mut self, entered: u64, exited: u64) -> (u32, u32) {
        let before = self.base.replace((entered, exited));
        let bits = self.settings.counter_bits;
        let moved =
            before.map(|(e, x)| [base::moved(e, entered, bits), base::moved(x, exited, bits)]);
        let jumped = moved.is_some_and(|moved| moved.contains(&None));
        self.new_bases += u64::from(jumped);
        if (moved.is_none() || jumped) && self.window.is_none() {
            self.keep_base();
        }
        let [entered, exited] = moved.unwrap_or_default().map(Option::unwrap_or_default);
        (entered, exited)
    }

    fn passed(&mut self, now: Now, passed: (u32, u32), out: &mut Vec<Record>) {
        if passed == (0, 0) {
            return;
        }
        if self.settings.window.is_zero() {
            return self.tell(now.wall, passed, out);
        }
        self.tick(now, out);
        let length = self.settings.window;
        self.window.get_or_insert_with(|| Window::at(now, length)).add(now.wall, passed);
    }

    /// Appends the records, and counts what they say.
    fn tell(&mut self, at: UtcMs, (entered, exited): (u32, u32), out: &mut Vec<Record>) {
        out.extend(self.crossing(at, entered, Body::CustomerEntered));
        out.extend(self.crossing(at, exited, Body::CustomerExited));
        self.totals.add(ENTERED, entered);
        self.totals.add(EXITED, exited);
        self.keep_base();
    }

    fn keep_base(&mut self) {
        let Some((entered, exited)) = self.base else { return };
        let as_kept = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        self.totals.set(BASE_IN, as_kept(entered));
        self.totals.set(BASE_OUT, as_kept(exited));
    }

    fn crossing(&self, at: UtcMs, count: u32, body: fn(Crossing) -> Body) -> Option<Record> {
        let window = self.settings.window.as_secs();
        let crossing = Crossing {
            sensor_id: self.settings.name.clone(),
            zone: self.settings.zone.clone(),
            customer_count: count,
            dwell_time: 0,
            occupancy: None,
            window_seconds: u32::try_from(window).unwrap_or(u32::MAX),
        };
        let record = Record { at, source: self.settings.name.clone(), body: body(crossing) };
        (count > 0).then_some(record)
    }

    /// What has no event of its own, in words.
    fn words(&self, now: Now, kind: &str, text: String) -> Record {
        let body = Body::Unknown(Unknown { kind: kind.to_owned(), text });
        Record { at: now.wall, source: self.settings.name.clone(), body }
    }
}

#[cfg(test)]
mod tests;
