//! A door: from what its counter, contact or beams say to crossings and running totals.

use std::sync::Arc;

use tillgate_events::Record;

use super::chain::{Said, What};
use super::health::Doors;
use crate::decode::counter::Counter;
use crate::decode::counter::registers::Layout;
use crate::decode::door::{ContactDecoder, PairDecoder};
use crate::decode::line::LineReader;
use crate::decode::{BeamFact, DoorFact, SensorFact, TagKey};
use crate::time::{Mono, Now};
use crate::track::beam::{BeamPair, BeamSaid};
use crate::track::door::{self, DoorTracker};

/// One door.
pub struct Door {
    name: Arc<str>,
    eyes: Eyes,
    tracker: DoorTracker,
    /// What others are to hear.
    said: Vec<Said>,
    /// The pair became faulty, or works again, since this was last asked.
    news: Option<Fault>,
    seen: Vec<BeamSaid>,
}

/// What watches a door.
pub enum Eyes {
    /// A counter that tells by itself.
    Counter(Counter),
    /// A counter that is asked, and how often it answered something else.
    Registers(Layout, u64),
    /// A contact that writes lines, and whether it said that the door is open.
    Lines(LineReader<bool>, Option<bool>),
    /// A contact on a pin.
    Contact(ContactDecoder),
    /// Two beams, each on a pin.
    Pair(PairDecoder, Box<BeamPair>),
    /// An enrolled sensor, heard over the air, and whether it said that the door is open.
    Tag(TagKey, Option<bool>),
}

/// Whether a pair of beams can tell who passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A beam is stuck.
    Stuck,
    /// No beam is stuck any more.
    Mended,
}

/// Why a door with a stuck beam is degraded.
pub const STUCK: &str = "a beam is blocked for good: passages are counted without their direction";

impl Door {
    /// The door of this name.
    #[must_use]
    pub fn new(name: &str, eyes: Eyes, tracker: DoorTracker) -> Self {
        let (said, seen) = (Vec::new(), Vec::new());
        Self { name: name.into(), eyes, tracker, said, news: None, seen }
    }

    /// Takes bytes of its port.
    pub fn push(&mut self, now: Now, bytes: &[u8], out: &mut Vec<Record>) {
        match &mut self.eyes {
            Eyes::Counter(decoder) => {
                decoder.push(bytes, |fact| self.tracker.step(now, fact, out));
            }
            Eyes::Lines(lines, _) => {
                let mut levels = Vec::new();
                lines.push(bytes, |open| levels.push(open));
                levels.into_iter().for_each(|open| self.level(now, open, out));
            }
            _ => {}
        }
    }

    /// Takes the registers of its totals.
    pub fn registers(&mut self, now: Now, words: &[u16], out: &mut Vec<Record>) {
        if let Eyes::Registers(layout, malformed) = &mut self.eyes {
            match layout.totals(words) {
                Some(fact) => self.tracker.step(now, fact, out),
                None => *malformed += 1,
            }
        }
    }

    /// Takes an edge of one of its pins.
    pub fn edge(&mut self, now: Now, edge: (u32, bool, u32), out: &mut Vec<Record>) {
        let (line, active, sequence) = edge;
        match &mut self.eyes {
            Eyes::Contact(decoder) => {
                let mut facts = Vec::with_capacity(2);
                decoder.edge(active, sequence, |fact| facts.push(fact));
                facts.into_iter().for_each(|fact| self.fact(now, fact, out));
            }
            Eyes::Pair(decoder, _) => {
                let mut facts = Vec::with_capacity(2);
                decoder.edge(line, active, sequence, |fact| facts.push(fact));
                facts.into_iter().for_each(|fact| self.beams(now, fact, out));
            }
            Eyes::Counter(_) | Eyes::Registers(..) | Eyes::Lines(..) | Eyes::Tag(..) => {}
        }
    }

    /// Takes the levels of both its pins.
    pub fn levels(&mut self, now: Now, levels: [bool; 2], out: &mut Vec<Record>) {
        self.beams(now, BeamFact::Levels(levels), out);
    }

    /// Takes what a sensor said, to whomever.
    pub fn hear(&mut self, now: Now, sensor: SensorFact, out: &mut Vec<Record>) {
        let (Eyes::Tag(key, _), SensorFact::Contact { tag, open }) = (&self.eyes, sensor) else {
            return;
        };
        if *key == tag {
            self.level(now, open, out);
        }
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        if let Eyes::Pair(_, pair) = &mut self.eyes {
            pair.tick(now.mono, &mut self.seen);
        }
        self.take_seen(now, out);
        self.tracker.tick(now, out);
    }

    /// When [`Door::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let beams = match &self.eyes {
            Eyes::Pair(_, pair) => pair.deadline(),
            _ => None,
        };
        self.tracker.deadline().into_iter().chain(beams).min()
    }

    /// It answers again: what it says next is a beginning.
    pub fn started(&mut self) {
        match &mut self.eyes {
            Eyes::Counter(decoder) => decoder.started(),
            Eyes::Pair(decoder, pair) => {
                decoder.started();
                pair.restart();
            }
            Eyes::Lines(lines, _) => lines.started(),
            Eyes::Registers(..) | Eyes::Contact(_) | Eyes::Tag(..) => {}
        }
        self.news = None;
    }

    /// Input was lost, or it went away.
    pub fn broken(&mut self) {
        match &mut self.eyes {
            Eyes::Counter(decoder) => decoder.broken(),
            Eyes::Lines(lines, _) => lines.broken(),
            Eyes::Contact(decoder) => decoder.broken(),
            Eyes::Pair(decoder, _) => decoder.broken(),
            Eyes::Registers(..) | Eyes::Tag(..) => {}
        }
    }

    /// The agent stops: a window ends.
    pub fn finish(&mut self, out: &mut Vec<Record>) {
        self.tracker.finish(out);
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        self.tracker.clock_set(by_ms);
    }

    /// Takes what an earlier run kept.
    pub fn restore(&mut self, what: &str, value: i64) {
        self.tracker.restore(what, value);
    }

    /// Running totals that changed since the last call.
    pub fn take_changed(&mut self) -> impl Iterator<Item = (&'static str, i64)> {
        self.tracker.take_changed()
    }

    /// What others are to hear, once.
    pub fn take_said(&mut self) -> impl Iterator<Item = Said> {
        self.said.drain(..)
    }

    /// Whether its beams became faulty, or work again, once.
    pub fn take_news(&mut self) -> Option<Fault> {
        self.news.take()
    }

    /// How much of the input was bad so far, and what that means.
    #[must_use]
    pub fn trouble(&self) -> (u64, &'static str) {
        match &self.eyes {
            Eyes::Counter(decoder) => {
                let (malformed, words) = decoder.malformed();
                (malformed + self.tracker.new_bases(), words)
            }
            Eyes::Registers(_, malformed) => (
                malformed + self.tracker.new_bases(),
                "counts that jumped: check `in_register`, `out_register`, `bits` and `word_order`",
            ),
            Eyes::Lines(lines, _) => (
                lines.malformed(),
                "lines that are neither OPEN nor CLOSED: check baud rate and contact",
            ),
            _ => (self.tracker.uncertain(), "edges were lost"),
        }
    }

    /// Adds this door to all doors' health.
    pub fn add_health(&self, doors: &mut Doors) {
        let totals = self.tracker.totals();
        doors.uncertain += self.tracker.uncertain();
        doors.new_bases += self.tracker.new_bases();
        doors.entered += totals.count(door::ENTERED);
        doors.exited += totals.count(door::EXITED);
        doors.turned_back += totals.count(door::TURNED_BACK);
        doors.weak += totals.count(door::WEAK);
        doors.undirected += totals.count(door::UNDIRECTED);
        doors.estimated += totals.count(door::ESTIMATED);
        doors.faults += totals.count(door::FAULTS);
    }

    /// A contact that repeats itself stands so now.
    fn level(&mut self, now: Now, open: bool, out: &mut Vec<Record>) {
        let (Eyes::Lines(_, last) | Eyes::Tag(_, last)) = &mut self.eyes else { return };
        match last.replace(open) {
            Some(before) if before == open => {}
            Some(_) => self.fact(now, DoorFact::Contact { open }, out),
            None => self.fact(now, DoorFact::ContactIs { open }, out),
        }
    }

    fn fact(&mut self, now: Now, fact: DoorFact, out: &mut Vec<Record>) {
        if let DoorFact::Contact { open } | DoorFact::ContactIs { open } = fact {
            let what = What::Contact { door: Arc::clone(&self.name), open };
            self.said.push(Said { at: now, what });
        }
        self.tracker.step(now, fact, out);
    }

    fn beams(&mut self, now: Now, fact: BeamFact, out: &mut Vec<Record>) {
        if let Eyes::Pair(_, pair) = &mut self.eyes {
            pair.step(now.mono, fact, &mut self.seen);
        }
        self.take_seen(now, out);
    }

    fn take_seen(&mut self, now: Now, out: &mut Vec<Record>) {
        for said in self.seen.drain(..) {
            match said {
                BeamSaid::Stuck(_) => self.news = Some(Fault::Stuck),
                BeamSaid::Recovered => self.news = Some(Fault::Mended),
                _ => {}
            }
            self.tracker.beams(now, said, out);
        }
    }
}
