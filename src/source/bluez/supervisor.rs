//! Whether the radio scans, and what to do about it. Without I/O.
//!
//! The event stream cannot tell: it never ends, and says nothing when bluetoothd dies, the adapter is
//! unplugged or the bus is gone. So the radio is looked at in intervals, a scan that does not run is started,
//! silence is mended by starting it again and then by a new connection, and two late answers in a row mean a new
//! connection as well.
//!
//! An adapter that is switched off stays off until somebody switches it on. Where [`Wishes::power_on`] says so, one
//! that is found switched off is switched on; one that somebody switches off while it scans is left alone even then.

use std::time::Duration;

use crate::limits;
use crate::source::{Body, DownReason};
use crate::time::Mono;

/// The state of the radio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The system bus cannot be reached, or calls over it are not answered.
    NoBus,
    /// bluetoothd does not answer.
    NoDaemon,
    /// It has no adapter, or not the one that is configured.
    NoAdapter,
    /// The adapter is switched off, and is to stay so.
    Off,
    /// All is there; a scan is about to start.
    Starting,
    Scanning,
    /// A scan runs and nothing is heard.
    Silent,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Connect to the bus anew; an older connection is given up.
    Connect,
    /// Look for the adapter, and whether it is on and scans.
    Look,
    /// Start a scan.
    Start,
    /// Stop the scan, then start one.
    Restart,
    /// Listen to events for this long.
    Listen(Duration),
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Connected,
    /// The bus refused or went away.
    BusLost,
    /// A call was not answered in time.
    TimedOut,
    /// bluetoothd gave an error where it should have told of its adapters.
    NoDaemon,
    NoAdapter,
    Adapter {
        powered: bool,
        discovering: bool,
    },
    PowerOn,
    PowerOff,
    /// A scan runs.
    Started,
    /// The adapter would not scan.
    Refused(String),
    /// An advertisement was received.
    Heard,
}

/// What is wanted of the radio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// An adapter that is found switched off is switched on.
    pub power_on: bool,
    /// Silence after which the scan is started again and the silence told; `None`: it may be silent.
    pub silence: Option<Duration>,
}

/// The radio's state machine.
#[derive(Debug)]
pub struct Supervisor {
    wishes: Wishes,
    state: State,
    /// What is done at `due`: `Connect`, `Look` or `Start`.
    next: Next,
    due: Mono,
    /// Late answers in a row.
    late: u32,
    /// Start of the silence that is measured now.
    heard: Mono,
    /// Silence was told and nothing was heard since.
    silent: bool,
    /// The adapter's words when it last refused to scan.
    refusal: Option<String>,
    told: Option<Body>,
}

impl Supervisor {
    /// Nothing is connected yet.
    #[must_use]
    pub fn new(wishes: Wishes) -> Self {
        Self {
            wishes,
            state: State::NoBus,
            next: Next::Connect,
            due: Mono::default(),
            late: 0,
            heard: Mono::default(),
            silent: false,
            refusal: None,
            told: None,
        }
    }

    /// What to do at `now`. What comes of it is told to [`Self::observe`].
    pub fn next(&mut self, now: Mono) -> Next {
        if self.due <= now {
            // If nothing is observed of it, it is done again.
            self.due = now.plus(limits::RADIO_RETRY);
            return self.next;
        }
        let silent_at = self.wishes.silence.map(|silence| self.heard.plus(silence));
        match (self.state, silent_at) {
            (State::Scanning, Some(at)) if at <= now => {
                (self.state, self.silent, self.heard) = (State::Silent, true, now);
                Next::Restart
            }
            (State::Silent, Some(at)) if at <= now => {
                self.heard = now;
                Next::Connect
            }
            (State::Scanning | State::Silent, Some(at)) => {
                Next::Listen(self.due.min(at).since(now))
            }
            _ => Next::Listen(self.due.since(now)),
        }
    }

    /// Takes note of what was seen.
    pub fn observe(&mut self, seen: Seen, now: Mono) {
        if seen == Seen::TimedOut {
            self.late += 1;
            if self.late >= 2 {
                self.go(State::NoBus, Next::Connect, now);
            }
            return;
        }
        // Signals show that the bus is alive, not that calls are answered.
        if !matches!(seen, Seen::Heard | Seen::PowerOn | Seen::PowerOff) {
            self.late = 0;
        }
        let scanning = matches!(self.state, State::Scanning | State::Silent);
        let retry = now.plus(limits::RADIO_RETRY);
        let poll = now.plus(limits::RADIO_POLL);
        match seen {
            Seen::Connected => self.go(State::Starting, Next::Look, now),
            Seen::BusLost => self.go(State::NoBus, Next::Connect, retry),
            Seen::NoDaemon => self.go(State::NoDaemon, Next::Look, retry),
            Seen::NoAdapter => self.go(State::NoAdapter, Next::Look, retry),
            Seen::Adapter { powered: true, discovering: true } if scanning => {
                self.go(self.state, Next::Look, poll);
            }
            Seen::Adapter { powered: false, .. }
                if scanning || self.state == State::Off || !self.wishes.power_on =>
            {
                self.go(State::Off, Next::Look, retry);
            }
            Seen::Adapter { .. } => self.go(State::Starting, Next::Start, now),
            Seen::PowerOff if scanning => self.go(State::Off, Next::Look, retry),
            Seen::PowerOn if scanning || self.state == State::Off => {
                self.go(self.state, Next::Look, now);
            }
            Seen::Started => {
                let state = if self.silent { State::Silent } else { State::Scanning };
                (self.refusal, self.heard) = (None, now);
                self.go(state, Next::Look, poll);
            }
            Seen::Refused(words) => {
                self.refusal = Some(words);
                self.go(State::Starting, Next::Look, retry);
            }
            Seen::Heard => {
                self.heard = now;
                self.silent = false;
                if self.state == State::Silent {
                    self.state = State::Scanning;
                }
            }
            Seen::PowerOff | Seen::PowerOn | Seen::TimedOut => {}
        }
    }

    /// What to tell, once per change.
    pub fn report(&mut self) -> Option<Body> {
        let radio = |words: &str| Some(Body::Down(DownReason::Radio(words.to_owned())));
        let body = match self.state {
            State::NoBus => radio("the system bus does not answer"),
            State::NoDaemon => radio("bluetoothd does not answer"),
            State::NoAdapter => radio("there is no such Bluetooth adapter"),
            State::Off => radio("the Bluetooth adapter is switched off"),
            State::Silent => radio("nothing is heard"),
            State::Scanning => Some(Body::Up),
            State::Starting => {
                let words = self.refusal.as_ref()?;
                radio(&format!("the Bluetooth adapter will not scan: {words}"))
            }
        };
        if self.told == body || (self.told.is_none() && self.due == Mono::default()) {
            return None;
        }
        self.told.clone_from(&body);
        body
    }

    fn go(&mut self, state: State, next: Next, due: Mono) {
        (self.state, self.next, self.due) = (state, next, due);
    }
}

#[cfg(test)]
mod tests;
