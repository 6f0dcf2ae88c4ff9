//! Whether the radio scans, and what to do about it. Without I/O.
//!
//! btleplug's event stream cannot tell: it never ends, and says nothing when bluetoothd dies, the adapter is
//! unplugged or the bus is gone. So the radio is looked at in intervals, a scan that does not run is started,
//! silence is mended by starting it again and then by a new connection, and two late answers in a row mean a new
//! connection as well.
//!
//! An adapter that is found switched off is switched on once. One that somebody switches off while it scans is
//! left alone until somebody switches it on.

use std::time::Duration;

use crate::limits;
use crate::source::{Body, DownReason};
use crate::time::Mono;

/// The state of the radio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The system bus cannot be reached.
    NoBus,
    /// bluetoothd does not answer.
    NoDaemon,
    /// It has no adapter, or not the one that is configured.
    NoAdapter,
    /// Somebody switched the adapter off.
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

/// The radio's state machine.
#[derive(Debug)]
pub struct Supervisor {
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
    pub fn new() -> Self {
        Self {
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
        let silent_at = self.heard.plus(limits::RADIO_SILENCE);
        match self.state {
            State::Scanning if silent_at <= now => {
                (self.state, self.silent, self.heard) = (State::Silent, true, now);
                Next::Restart
            }
            State::Silent if silent_at <= now => {
                self.heard = now;
                Next::Connect
            }
            State::Scanning | State::Silent => Next::Listen(self.due.min(silent_at).since(now)),
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
        self.late = 0;
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
            Seen::Adapter { powered: false, .. } if scanning || self.state == State::Off => {
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
            State::NoBus => radio("the system bus cannot be reached"),
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
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const ON: Seen = Seen::Adapter { powered: true, discovering: true };
    const IDLE: Seen = Seen::Adapter { powered: true, discovering: false };
    const OFF: Seen = Seen::Adapter { powered: false, discovering: false };

    /// Runs the machine: when it wants something done, the next of `answers` is observed; an answer that is an
    /// event (`Heard`, `PowerOn`, `PowerOff`, `BusLost` while it listens) is observed in the middle of its wait.
    fn check(answers: &[Seen], expected: &Expect) {
        let mut supervisor = Supervisor::new();
        let mut now = Mono(1);
        let mut shown = Vec::new();
        let mut answers = answers.iter();
        let event = |seen: &Seen| {
            matches!(seen, Seen::Heard | Seen::PowerOn | Seen::PowerOff | Seen::BusLost)
        };
        while let Some(answer) = answers.as_slice().first() {
            match supervisor.next(now) {
                Next::Listen(wait) if event(answer) => {
                    now = now.plus(wait / 2);
                    supervisor.observe(answer.clone(), now);
                    answers.next();
                }
                Next::Listen(wait) => {
                    now = now.plus(wait);
                    continue;
                }
                next => {
                    shown.push(format!("{next:?} at {} s", now.0 / 1_000_000));
                    // Of looks in a row, the last is shown.
                    if let [.., a, b] = &mut shown[..]
                        && a.starts_with("Look")
                        && b.starts_with("Look")
                    {
                        std::mem::swap(a, b);
                        shown.pop();
                    }
                    supervisor.observe(answer.clone(), now);
                    answers.next();
                }
            }
            if let Some(body) = supervisor.report() {
                shown.push(format!("  {body:?}"));
            }
        }
        expected.assert_eq(&shown.join("\n"));
    }

    #[test]
    fn a_radio_that_works_is_up_and_looked_at() {
        check(
            &[Seen::Connected, IDLE, Seen::Started, Seen::Heard, ON, ON],
            &expect![[r#"
            Connect at 0 s
            Look at 0 s
            Start at 0 s
              Up
            Look at 10 s"#]],
        );
    }

    #[test]
    fn what_is_missing_is_told_in_words_and_once() {
        check(
            &[
                Seen::BusLost,
                Seen::Connected,
                Seen::NoDaemon,
                Seen::NoDaemon,
                Seen::NoAdapter,
                OFF,
                Seen::Refused("not ready".to_owned()),
                IDLE,
                Seen::Started,
            ],
            &expect![[r#"
                Connect at 0 s
                  Down(Radio("the system bus cannot be reached"))
                Connect at 2 s
                Look at 2 s
                  Down(Radio("bluetoothd does not answer"))
                Look at 6 s
                  Down(Radio("there is no such Bluetooth adapter"))
                Look at 8 s
                Start at 8 s
                  Down(Radio("the Bluetooth adapter will not scan: not ready"))
                Look at 10 s
                Start at 10 s
                  Up"#]],
        );
    }

    #[test]
    fn a_scan_that_stopped_unseen_is_started_again_without_a_word() {
        check(
            &[Seen::Connected, IDLE, Seen::Started, ON, IDLE, Seen::Started],
            &expect![[r#"
            Connect at 0 s
            Look at 0 s
            Start at 0 s
              Up
            Look at 10 s
            Start at 10 s"#]],
        );
    }

    #[test]
    fn a_switch_off_is_respected_and_a_switch_on_resumes_at_once() {
        check(
            &[
                Seen::Connected,
                IDLE,
                Seen::Started,
                Seen::PowerOff,
                OFF,
                OFF,
                Seen::PowerOn,
                IDLE,
                Seen::Started,
            ],
            &expect![[r#"
                Connect at 0 s
                Look at 0 s
                Start at 0 s
                  Up
                  Down(Radio("the Bluetooth adapter is switched off"))
                Look at 7 s
                Start at 7 s
                  Up"#]],
        );
    }

    #[test]
    fn a_daemon_that_comes_back_switched_off_is_switched_on() {
        check(
            &[Seen::Connected, IDLE, Seen::Started, Seen::NoDaemon, OFF, Seen::Started],
            &expect![[r#"
                Connect at 0 s
                Look at 0 s
                Start at 0 s
                  Up
                Look at 5 s
                  Down(Radio("bluetoothd does not answer"))
                Look at 7 s
                Start at 7 s
                  Up"#]],
        );
    }

    #[test]
    fn two_late_answers_in_a_row_mean_a_new_connection() {
        check(
            &[
                Seen::Connected,
                IDLE,
                Seen::Started,
                Seen::TimedOut,
                ON,
                Seen::TimedOut,
                Seen::TimedOut,
                Seen::Connected,
            ],
            &expect![[r#"
                Connect at 0 s
                Look at 0 s
                Start at 0 s
                  Up
                Look at 14 s
                  Down(Radio("the system bus cannot be reached"))
                Connect at 14 s"#]],
        );
    }

    #[test]
    fn silence_is_told_and_mended_by_a_new_scan_then_by_a_new_connection() {
        let mut answers = vec![Seen::Connected, IDLE, Seen::Started];
        answers.extend(std::iter::repeat_n(ON, 24));
        answers.push(Seen::Started);
        answers.extend(std::iter::repeat_n(ON, 24));
        answers.extend([Seen::Connected, ON, Seen::Started, Seen::Heard]);
        check(
            &answers,
            &expect![[r#"
            Connect at 0 s
            Look at 0 s
            Start at 0 s
              Up
            Look at 120 s
            Restart at 120 s
              Down(Radio("nothing is heard"))
            Look at 240 s
            Connect at 240 s
            Look at 240 s
            Start at 240 s
              Up"#]],
        );
    }

    #[test]
    fn a_bus_that_dies_is_connected_to_anew() {
        check(
            &[
                Seen::Connected,
                IDLE,
                Seen::Started,
                Seen::BusLost,
                Seen::BusLost,
                Seen::Connected,
                IDLE,
                Seen::Started,
            ],
            &expect![[r#"
                Connect at 0 s
                Look at 0 s
                Start at 0 s
                  Up
                  Down(Radio("the system bus cannot be reached"))
                Connect at 5 s
                Look at 5 s
                Start at 5 s
                  Up"#]],
        );
    }
}
