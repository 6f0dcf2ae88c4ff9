//! One device's way through decode and track: readings in, records out.
//!
//! A chain owns all state of its device and nothing else, so that readings of one device can never disturb
//! another. What only the receipts of another device explain it puts aside as [`Said`]; who is to hear that
//! is the [`Router`](super::router::Router)'s business.
//!
//! What a device says badly is counted and told once per change of state: the device is then *degraded*. It is up
//! again when input that came after the trouble makes a record of something that happened in the store; what was
//! merely ended by the trouble, and what was not understood, proves nothing. A device that is down stays down
//! until its source says otherwise.

mod health;
mod journal;
mod said;
mod trouble;

use std::sync::Arc;

use tillgate_events::{Body as Event, Record};

pub use said::{Said, What};

use super::answers::Answers;
use super::deliveries::Deliveries;
use super::door::{self, Door, Fault};
use super::feed::Feed;
use super::machine::Machine;
use super::receiver::Receiver;
use super::till::Till;
use crate::decode::TagKey;
use crate::decode::beacon::Guard;
use crate::decode::screen::ScreenDecoder;
use crate::source::{Body, DownReason, Poll, Reading};
use crate::time::{Mono, Now};
use crate::track::catalog::Catalog;
use crate::track::device::{DeviceTracker, words};
use crate::track::pseudonym::Pseudonyms;
use crate::track::screen::ScreenTracker;
use crate::track::zone::Hearing;

/// One device.
pub struct Chain {
    name: String,
    device: DeviceTracker,
    kind: Kind,
    /// How the device is asked, where it is.
    poll: Option<Poll>,
    /// Pieces of bad input so far.
    bad: u64,
    /// Input came after the last trouble.
    recovering: bool,
    /// For another chain.
    said: Vec<Said>,
}

/// What hangs on the device.
pub enum Kind {
    /// A till's printer.
    Till(Box<Till>),
    /// A device at a till that is no printer.
    Machine(Box<Machine>),
    /// The other wire of a till's printer.
    Answers(Box<Answers>),
    /// A door.
    Door(Box<Door>),
    /// Another system that tells of stock.
    Feed(Box<Feed>),
    /// Who hears beacons.
    Receiver(Box<Receiver>),
    /// The delivery plan's file.
    Deliveries(Deliveries),
    /// What a screen's player showed.
    Screen(Box<(ScreenDecoder, ScreenTracker)>),
}

impl Chain {
    /// The chain of the device with this name.
    #[must_use]
    pub fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            device: DeviceTracker::new(name),
            kind,
            poll: None,
            bad: 0,
            recovering: false,
            said: Vec::new(),
        }
    }

    /// The device is asked, and not only listened to.
    #[must_use]
    pub fn asked(self, poll: Option<Poll>) -> Self {
        Self { poll, ..self }
    }

    /// How the device is asked; `None` if it is only listened to.
    #[must_use]
    pub fn poll(&self) -> Option<Poll> {
        self.poll
    }

    /// Takes a reading; appends the records it completes. `guard` knows which packets of sensors are new.
    pub fn step(
        &mut self,
        reading: Reading,
        names: &Pseudonyms,
        guard: &mut Guard,
        out: &mut Vec<Record>,
    ) {
        let (now, before) = (reading.at, out.len());
        match reading.body {
            Body::Bytes(bytes) => self.bytes(now, bytes, names, guard, out),
            Body::Edge { line, active, sequence } => {
                if let Kind::Door(door) = &mut self.kind {
                    door.edge(now, (line, active, sequence), out);
                }
            }
            Body::Levels(levels) => {
                if let Kind::Door(door) = &mut self.kind {
                    door.levels(now, levels, out);
                }
            }
            Body::Registers(words) => {
                if let Kind::Door(door) = &mut self.kind {
                    door.registers(now, &words, out);
                }
            }
            Body::Advert(advert) => {
                if let Kind::Receiver(receiver) = &mut self.kind {
                    receiver.advert(now, &advert, names, guard, out);
                }
            }
            trouble => return self.interrupted(now, &trouble, names, out),
        }
        self.recovering = true;
        self.judge(now, before, out);
        self.tell_fault(now, out);
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, names: &Pseudonyms, out: &mut Vec<Record>) {
        let before = out.len();
        match &mut self.kind {
            Kind::Till(till) => till.tick(now, out),
            Kind::Machine(machine) => machine.tick(now, out),
            Kind::Answers(answers) => answers.tick(now),
            Kind::Receiver(receiver) => receiver.tick(now, names, out),
            Kind::Door(door) => door.tick(now, out),
            Kind::Deliveries(_) | Kind::Screen(_) | Kind::Feed(_) => {}
        }
        self.tell_silence(now, out);
        self.judge(now, before, out);
        self.tell_fault(now, out);
    }

    /// Ends the windows of tags, which bear pseudonyms of `names`: the day's key is about to change. What other
    /// devices are in the middle of goes on.
    pub fn close_windows(&mut self, names: &Pseudonyms, out: &mut Vec<Record>) {
        if let Kind::Receiver(receiver) = &mut self.kind {
            receiver.close_windows(names, out);
        }
    }

    /// Ends the window of one tag, where it hears tags.
    pub fn close_window(&mut self, key: TagKey, names: &Pseudonyms, out: &mut Vec<Record>) {
        if let Kind::Receiver(receiver) = &mut self.kind {
            receiver.close_window(key, names, out);
        }
    }

    /// Of a receiver: since when and until when it heard what there was.
    #[must_use]
    pub fn hearing(&self, now: Mono) -> Option<Hearing> {
        match &self.kind {
            Kind::Receiver(receiver) => receiver.hearing(now),
            _ => None,
        }
    }

    /// The wall clock was set by so many milliseconds: what the device is in the middle of moves along.
    pub fn clock_set(&mut self, by_ms: i64) {
        match &mut self.kind {
            Kind::Till(till) => till.clock_set(by_ms),
            Kind::Machine(machine) => machine.clock_set(by_ms),
            Kind::Receiver(receiver) => receiver.clock_set(by_ms),
            Kind::Door(door) => door.clock_set(by_ms),
            Kind::Answers(_) | Kind::Deliveries(_) | Kind::Screen(_) | Kind::Feed(_) => {}
        }
    }

    /// From now on products are these.
    pub fn set_catalog(&mut self, catalog: &Arc<Catalog>) {
        match &mut self.kind {
            Kind::Till(till) => till.set_catalog(Arc::clone(catalog)),
            Kind::Machine(machine) => machine.set_catalog(Arc::clone(catalog)),
            Kind::Feed(feed) => feed.set_catalog(Arc::clone(catalog)),
            _ => {}
        }
    }

    /// Whether what it says has numbers of its own.
    #[must_use]
    pub fn is_feed(&self) -> bool {
        matches!(self.kind, Kind::Feed(_))
    }

    /// When [`Chain::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        match &self.kind {
            Kind::Till(till) => till.deadline(),
            Kind::Machine(machine) => machine.deadline(),
            Kind::Answers(answers) => answers.deadline(),
            Kind::Receiver(receiver) => receiver.deadline(),
            Kind::Door(door) => door.deadline(),
            Kind::Deliveries(_) | Kind::Screen(_) | Kind::Feed(_) => None,
        }
    }

    /// The device's name, which is also its source.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The agent stops: ends what the device is in the middle of, and what waits is told as it is.
    pub fn finish(&mut self, now: Now, names: &Pseudonyms, out: &mut Vec<Record>) {
        self.broken(now, names, out);
        match &mut self.kind {
            Kind::Till(till) => till.finish(now, out),
            Kind::Machine(machine) => machine.finish(now, out),
            Kind::Receiver(receiver) => receiver.finish(now, out),
            Kind::Door(door) => door.finish(out),
            Kind::Answers(_) | Kind::Deliveries(_) | Kind::Screen(_) | Kind::Feed(_) => {}
        }
    }

    /// Ends what the device was in the middle of: it went away, or input was lost.
    pub fn broken(&mut self, now: Now, names: &Pseudonyms, out: &mut Vec<Record>) {
        match &mut self.kind {
            Kind::Till(till) => {
                let before = out.len();
                till.broken(now, out);
                let cut = out.iter().skip(before).filter(|it| is_cut(it)).count();
                if cut > 0 {
                    tracing::info!(
                        device = self.name,
                        "a receipt was cut short: it is sent as incomplete"
                    );
                }
            }
            Kind::Machine(machine) => machine.broken(now, out),
            Kind::Answers(answers) => answers.broken(),
            Kind::Door(door) => door.broken(),
            Kind::Feed(feed) => feed.broken(),
            Kind::Receiver(receiver) => receiver.broken(names, out),
            Kind::Screen(screen) => screen.0.broken(),
            Kind::Deliveries(_) => {}
        }
        self.collect_said(now);
    }

    fn bytes(
        &mut self,
        now: Now,
        bytes: Vec<u8>,
        names: &Pseudonyms,
        guard: &mut Guard,
        out: &mut Vec<Record>,
    ) {
        match &mut self.kind {
            Kind::Till(till) => till.push(now, &bytes, out),
            Kind::Machine(machine) => machine.push(now, &bytes, out),
            Kind::Answers(answers) => answers.push(now, bytes),
            Kind::Door(door) => door.push(now, &bytes, out),
            Kind::Receiver(receiver) => {
                if receiver.push(now, &bytes, names, guard, out) {
                    out.extend(self.device.up(now));
                    tracing::info!(device = self.name, "is heard of again");
                }
            }
            Kind::Deliveries(deliveries) => deliveries.push(&bytes),
            Kind::Screen(screen) => {
                let (decoder, tracker) = &mut **screen;
                decoder.push(&bytes, |fact| out.push(tracker.step(now, fact)));
            }
            Kind::Feed(feed) => feed.push(now, &bytes, out),
        }
    }

    /// A door whose beams are stuck works badly, until they are clear.
    fn tell_fault(&mut self, now: Now, out: &mut Vec<Record>) {
        let Kind::Door(door) = &mut self.kind else { return };
        match door.take_news() {
            Some(Fault::Stuck) => self.degraded(now, door::STUCK, out),
            Some(Fault::Mended) => self.mended(now, door::STUCK, out),
            None => {}
        }
    }

    /// A receiver from which nothing comes any more is down, though its port is there.
    fn tell_silence(&mut self, now: Now, out: &mut Vec<Record>) {
        let Kind::Receiver(receiver) = &mut self.kind else { return };
        if let Some(silence) = receiver.fell_silent(now.mono) {
            let reason = DownReason::Radio(format!("no line for {} s", silence.as_secs()));
            out.extend(self.device.down(now, &reason));
            tracing::warn!(device = self.name, "says nothing more, not even that it lives");
        }
    }

    /// A reading that is no input: the device came or went, or something was lost.
    fn interrupted(&mut self, now: Now, body: &Body, names: &Pseudonyms, out: &mut Vec<Record>) {
        self.recovering = false;
        if !matches!(body, Body::AdvertsDropped { .. }) && !self.awaits_rest(now, body) {
            self.broken(now, names, out);
        }
        // What the end of an open document shows to be bad is part of this trouble, not another one.
        self.bad = self.trouble().0;
        match body {
            Body::Up => {
                match &mut self.kind {
                    Kind::Door(door) => door.started(),
                    Kind::Screen(screen) => screen.0.started(),
                    Kind::Receiver(receiver) => receiver.came(now),
                    Kind::Feed(feed) => feed.came(),
                    _ => {}
                }
                out.extend(self.device.up(now));
                tracing::info!(device = self.name, "answers");
            }
            Body::Down(reason) => {
                if let Kind::Receiver(receiver) = &mut self.kind {
                    receiver.went(now);
                }
                out.extend(self.device.down(now, reason));
                let reason = words(reason);
                tracing::warn!(device = self.name, reason, "does not answer; trying again");
            }
            Body::Overrun { bytes } => {
                self.degraded(now, &format!("{bytes} bytes lost: the agent was behind"), out);
            }
            Body::AdvertsDropped { count } => {
                self.degraded(now, &format!("{count} adverts dropped: the agent was behind"), out);
            }
            Body::Bytes(_)
            | Body::Edge { .. }
            | Body::Levels(_)
            | Body::Registers(_)
            | Body::Advert(_) => {}
        }
        self.collect_said(now);
    }
}

/// Whether a record is a receipt that did not come to its end.
fn is_cut(record: &Record) -> bool {
    matches!(&record.body, Event::Receipt(receipt) if !receipt.complete)
}

#[cfg(test)]
mod tests;
