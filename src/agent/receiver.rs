//! Who hears beacons: from a serial receiver's lines or BlueZ's adverts to windows of tags, facts of sensors, and a
//! count of everybody else.
//!
//! A receiver on a serial port also proves that it lives. Of one that does not, nothing may be concluded: silence of
//! its tags would look like everybody leaving. So whoever decides by it is told when it is lost and when it is back.

use std::sync::Arc;
use std::time::Duration;

use tillgate_events::{Body, Record, Unknown};

use super::chain::Said;
use super::chain::What;
use super::health::Tags;
use crate::config::TagClass;
use crate::decode::ReceiverFact;
use crate::decode::TagKey;
use crate::decode::beacon::{
    Guard, ReceiverDecoder, Said as Line, Sender, Sighting, Strangers, Verdict,
};
use crate::limits;
use crate::source::Advert;
use crate::time::{Mono, Now};
use crate::track::pseudonym::Pseudonyms;
use crate::track::tag::TagTracker;
use crate::track::zone::Hearing;

/// How a receiver is listened to.
#[derive(Clone, Copy, Debug)]
pub struct Listening {
    /// It writes lines; otherwise its source says whether it can be believed.
    pub lines: bool,
    /// Silence, heartbeats included, after which it is lost; `None`: it may be silent.
    pub silence: Option<Duration>,
    /// Unknown devices are counted.
    pub counts_strangers: bool,
}

/// One receiver.
pub struct Receiver {
    name: Arc<str>,
    listening: Listening,
    decoder: ReceiverDecoder,
    ears: Ears,
    /// The last sign of life; `None` while its source has none, and after it fell silent.
    alive: Option<Mono>,
    /// What was told of it last.
    state: Option<ReceiverFact>,
    /// Since when it is as was told.
    since: Mono,
    receiver_said: Vec<Said>,
}

/// What is made of an advertisement.
struct Ears {
    tracker: TagTracker,
    strangers: Option<Strangers>,
    /// When the first stranger of the window was heard.
    strangers_since: Option<Mono>,
    unproven: u64,
    said: Vec<Said>,
    /// Its name, if trucks are heard here for a dock.
    dock: Option<Arc<str>>,
}

impl Receiver {
    /// The receiver of this name, of which nothing is known yet.
    #[must_use]
    pub fn new(name: &str, listening: Listening, tracker: TagTracker) -> Self {
        Self {
            name: name.into(),
            listening,
            decoder: ReceiverDecoder::default(),
            ears: Ears {
                tracker,
                strangers: listening.counts_strangers.then(Strangers::default),
                strangers_since: None,
                unproven: 0,
                said: Vec::new(),
                dock: None,
            },
            alive: None,
            state: None,
            since: Mono::default(),
            receiver_said: Vec::new(),
        }
    }

    /// The same, where trucks are heard for a dock.
    #[must_use]
    pub fn at_dock(mut self) -> Self {
        self.ears.dock = Some(Arc::clone(&self.name));
        self
    }

    /// Takes bytes of its port. True when this ends a silence that was told of.
    pub fn push(
        &mut self,
        now: Now,
        bytes: &[u8],
        names: &Pseudonyms,
        guard: &mut Guard,
        out: &mut Vec<Record>,
    ) -> bool {
        let (ears, mut lives) = (&mut self.ears, false);
        self.decoder.push(bytes, |line| {
            lives = true;
            if let Line::Advert(sighting) = line {
                ears.hear(now, sighting, names, guard, out);
            }
        });
        let was_silent = lives && self.alive.is_none() && self.state == Some(ReceiverFact::Lost);
        if lives {
            self.alive = Some(now.mono);
            self.tell(now, ReceiverFact::Back);
        }
        was_silent
    }

    /// Takes an advert of BlueZ.
    pub fn advert(
        &mut self,
        now: Now,
        advert: &Advert,
        names: &Pseudonyms,
        guard: &mut Guard,
        out: &mut Vec<Record>,
    ) {
        self.ears.hear(now, &Sighting::from(advert), names, guard, out);
    }

    /// Its source has it (again).
    pub fn came(&mut self, now: Now) {
        self.alive = Some(now.mono);
        if !self.listening.lines {
            self.tell(now, ReceiverFact::Back);
        }
    }

    /// Its source lost it.
    pub fn went(&mut self, now: Now) {
        self.alive = None;
        self.tell(now, ReceiverFact::Lost);
    }

    /// How long it may be silent, once, when it has been for that long.
    pub fn fell_silent(&mut self, now: Mono) -> Option<Duration> {
        let silence = self.listening.silence?;
        self.alive.filter(|alive| now.since(*alive) >= silence)?;
        self.alive = None;
        Some(silence)
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, names: &Pseudonyms, out: &mut Vec<Record>) {
        self.ears.tracker.tick(now, names, out);
        let over = |since: Mono| now.mono.since(since) >= limits::STRANGERS_WINDOW;
        if self.ears.strangers_since.is_some_and(over) {
            self.tell_strangers(now, out);
        }
        let silent = |alive: Mono| {
            self.listening.silence.is_some_and(|silence| now.mono.since(alive) >= silence)
        };
        if self.alive.is_some_and(silent) {
            self.tell(now, ReceiverFact::Lost);
        }
    }

    /// When [`Receiver::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let strangers = self.ears.strangers_since.map(|it| it.plus(limits::STRANGERS_WINDOW));
        let silence = self.alive.zip(self.listening.silence).map(|(at, it)| at.plus(it));
        [self.ears.tracker.deadline(), strangers, silence].into_iter().flatten().min()
    }

    /// Since when and until when it heard what there was; `None` while it is lost.
    #[must_use]
    pub fn hearing(&self, now: Mono) -> Option<Hearing> {
        if self.state != Some(ReceiverFact::Back) {
            return None;
        }
        // Who sends no heartbeats hears as long as nobody says otherwise.
        let proves_it = self.listening.lines && self.listening.silence.is_some();
        let until = if proves_it { self.alive? } else { now };
        Some(Hearing { since: self.since, until })
    }

    /// Ends the window of one tag.
    pub fn close_window(&mut self, key: TagKey, names: &Pseudonyms, out: &mut Vec<Record>) {
        self.ears.tracker.flush(key, names, out);
    }

    /// Ends all windows of tags.
    pub fn close_windows(&mut self, names: &Pseudonyms, out: &mut Vec<Record>) {
        self.ears.tracker.finish(names, out);
    }

    /// Input was lost, or the receiver went.
    pub fn broken(&mut self, names: &Pseudonyms, out: &mut Vec<Record>) {
        self.decoder.broken();
        self.ears.tracker.finish(names, out);
    }

    /// The agent stops.
    pub fn finish(&mut self, now: Now, out: &mut Vec<Record>) {
        self.tell_strangers(now, out);
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        self.ears.tracker.clock_set(by_ms);
    }

    /// What others are to hear, once.
    pub fn take_said(&mut self) -> impl Iterator<Item = Said> {
        self.receiver_said.drain(..).chain(self.ears.said.drain(..))
    }

    /// Lines that were broken.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.decoder.malformed()
    }

    /// Adds what was counted here.
    pub fn add_health(&self, tags: &mut Tags) {
        let (strangers, closed_early) = self.ears.tracker.counts();
        tags.strangers += strangers;
        tags.closed_early += closed_early;
        tags.unproven += self.ears.unproven;
    }

    fn tell(&mut self, now: Now, fact: ReceiverFact) {
        if self.state.replace(fact) != Some(fact) {
            self.since = now.mono;
            let what = What::Receiver(Arc::clone(&self.name), fact);
            self.receiver_said.push(Said { at: now, what });
        }
    }

    /// About how many unknown devices there were, unless they are too few to be told.
    fn tell_strangers(&mut self, now: Now, out: &mut Vec<Record>) {
        let (Some(strangers), Some(since)) =
            (&mut self.ears.strangers, self.ears.strangers_since.take())
        else {
            return;
        };
        if let Some(devices) = strangers.end() {
            let seconds = now.mono.since(since).as_secs();
            let text = format!("[devices {devices} in {seconds} s]");
            let body = Body::Unknown(Unknown { kind: "unknown_devices".to_owned(), text });
            out.push(Record { at: now.wall, source: self.name.as_ref().to_owned(), body });
        }
    }
}

impl Ears {
    fn hear(
        &mut self,
        now: Now,
        sighting: &Sighting<'_>,
        names: &Pseudonyms,
        guard: &mut Guard,
        out: &mut Vec<Record>,
    ) {
        let (heard, frame) = match self.tracker.enrolled().list().sender(sighting) {
            Sender::Stranger => return self.stranger(now.mono, sighting),
            Sender::Unproven(_) => {
                self.unproven += 1;
                return;
            }
            Sender::Known(heard, frame) => (heard, frame),
        };
        let counter = frame.as_ref().map(|frame| frame.counter).unwrap_or_default();
        let verdict = guard.admit(now.mono, heard.key, counter);
        if verdict == Verdict::Replayed {
            return;
        }
        let class = self.tracker.heard(now, heard, names, out);
        if class == Some(TagClass::Customer) {
            self.said.push(Said { at: now, what: What::Customer(heard) });
        }
        if let Some(receiver) = &self.dock
            && let Some((id, TagClass::Truck)) = self.tracker.enrolled().get(&heard.key)
        {
            let (receiver, truck) = (Arc::clone(receiver), id.as_ref().into());
            let what = What::Truck { receiver, truck, rssi: heard.rssi };
            self.said.push(Said { at: now, what });
        }
        if let (Verdict::New, Some(frame)) = (verdict, frame) {
            let facts = frame.facts(heard.key).map(What::Sensor);
            self.said.extend(facts.map(|what| Said { at: now, what }));
        }
    }

    fn stranger(&mut self, now: Mono, sighting: &Sighting<'_>) {
        self.tracker.unknown();
        if let Some(strangers) = &mut self.strangers {
            strangers.note(sighting.address);
            self.strangers_since.get_or_insert(now);
        }
    }
}

#[cfg(test)]
mod tests;
