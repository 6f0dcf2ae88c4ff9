//! Scales: bytes of a serial port to [`ScaleFact`]s.
//!
//! | file | job |
//! |---|---|
//! | `protocol` | where an answer ends, and what it says |
//! | `weight`, `mass` | text and units to grams, by integers |
//!
//! Constraints: no panic on any input, bounded memory, the same facts however the bytes are cut; after
//! garbage the next answer is found.
//!
//! A scale tells its weight several times a second. A fact is made when goods have come to rest: a stable
//! weight that is not zero, once until the scale moved, was empty, or shows another weight. A scale that does
//! not speak by itself is asked ([`ScaleDecoder::poll`]); only its sole host may do that.

mod mass;
mod protocol;
mod weight;

#[cfg(test)]
mod tests;

pub use mass::Unit;
pub use protocol::Protocol;

use std::time::Duration;

use super::fact::ScaleFact;
use crate::limits;
use crate::time::Mono;
use protocol::{Said, Step};

/// How a scale was set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaleOptions {
    /// What it speaks.
    pub protocol: Protocol,
    /// Where the scale does not tell it.
    pub unit: Unit,
    /// Digits after the point where the scale sends none; by default three for kilograms, two for others,
    /// none for grams.
    pub decimals: Option<u8>,
    /// Every answer is a fact: unstable ones, zeros and repetitions too.
    pub every: bool,
    /// How often [`ScaleDecoder::poll`] wants its request sent.
    pub poll: Duration,
}

impl Default for ScaleOptions {
    fn default() -> Self {
        Self {
            protocol: Protocol::default(),
            unit: Unit::Kilogram,
            decimals: None,
            every: false,
            poll: limits::SCALE_POLL,
        }
    }
}

/// What a scale said, and what of it could not be used. Only grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes taken.
    pub bytes: u64,
    /// Answers understood.
    pub answers: u64,
    /// Answers with a wrong length, text or check.
    pub malformed: u64,
    /// Bytes that belong to no answer.
    pub noise: u64,
    /// Answers that lost their end.
    pub abandoned: u64,
}

impl Counters {
    /// Pieces of input that could not be used.
    #[must_use]
    pub fn bad(&self) -> u64 {
        self.malformed + self.abandoned + self.noise
    }
}

/// Decodes the bytes of one scale.
#[derive(Debug)]
pub struct ScaleDecoder {
    options: ScaleOptions,
    decimals: u8,
    /// The start of an answer.
    held: Vec<u8>,
    /// The last fact told, until the scale moved or was empty.
    told: Option<ScaleFact>,
    ready: bool,
    /// When the last byte came.
    last: Mono,
    counters: Counters,
}

impl ScaleDecoder {
    /// A decoder in its start state.
    #[must_use]
    pub fn new(options: ScaleOptions) -> Self {
        let usual = match options.unit {
            Unit::Kilogram | Unit::Tonne => 3,
            Unit::Gram => 0,
            Unit::Pound | Unit::Ounce | Unit::TroyOunce => 2,
        };
        Self {
            decimals: options.decimals.unwrap_or(usual),
            options,
            held: Vec::new(),
            told: None,
            ready: false,
            last: Mono::default(),
            counters: Counters::default(),
        }
    }

    /// Takes bytes that arrived at `now`, which never goes back.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<ScaleFact>) {
        self.tick(now, out);
        self.last = now;
        self.counters.bytes += bytes.len() as u64;
        let mask = if self.options.protocol.is_ascii() { 0x7F } else { 0xFF };
        for byte in bytes {
            self.held.push(byte & mask);
            self.take(out);
        }
    }

    /// Gives up an answer whose end was lost.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<ScaleFact>) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.finish(out);
        }
    }

    /// When [`Self::tick`] has something to do, if no byte comes before.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        (!self.held.is_empty()).then(|| self.last.plus(limits::PAYLOAD_IDLE))
    }

    /// The device went away or bytes were lost.
    pub fn broken(&mut self, out: &mut Vec<ScaleFact>) {
        self.finish(out);
        self.told = None;
        self.ready = false;
    }

    /// No more bytes belong to what was begun.
    pub fn finish(&mut self, _out: &mut Vec<ScaleFact>) {
        self.counters.abandoned += u64::from(!self.held.is_empty());
        self.held.clear();
    }

    /// What to send to a scale that waits to be asked, and how often.
    #[must_use]
    pub fn poll(&self) -> Option<(&'static [u8], Duration)> {
        self.options.protocol.request().map(|request| (request, self.options.poll))
    }

    /// What to send now because of what the scale said, once; only where it is polled.
    pub fn reply(&mut self) -> Option<&'static [u8]> {
        std::mem::take(&mut self.ready).then(|| self.options.protocol.reply()).flatten()
    }

    /// A byte that says the scale is ready, and what is sent then; only where it is polled.
    #[must_use]
    pub fn handshake(&self) -> Option<(u8, &'static [u8])> {
        self.options.protocol.reply().map(|reply| (protocol::READY, reply))
    }

    /// What was taken in since the start.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Takes what is complete out of `held`.
    fn take(&mut self, out: &mut Vec<ScaleFact>) {
        while !self.held.is_empty() {
            let step = self.options.protocol.step(&self.held, self.options.unit, self.decimals);
            let taken = match step {
                Step::More => return,
                Step::Noise => {
                    self.counters.noise += 1;
                    1
                }
                Step::Known(length) => length,
                Step::Broken(length) => {
                    self.counters.malformed += 1;
                    length
                }
                Step::Answer(length, said) => {
                    self.counters.answers += 1;
                    out.extend(self.told(said));
                    length
                }
            };
            self.held.drain(..taken.min(self.held.len()));
        }
    }

    /// The fact that follows from an answer.
    fn told(&mut self, said: Said) -> Option<ScaleFact> {
        let fact = match said {
            Said::Ready => {
                self.ready = true;
                return None;
            }
            Said::Nothing => return None,
            Said::Motion => {
                self.told = None;
                return None;
            }
            Said::Under => ScaleFact::Under,
            Said::Over => ScaleFact::Over,
            Said::Weight { grams, stable, net } => ScaleFact::Weight { grams, stable, net },
        };
        if self.options.every {
            return Some(fact);
        }
        let at_rest = match fact {
            ScaleFact::Weight { grams, stable, .. } => stable && grams != 0,
            ScaleFact::Under | ScaleFact::Over => true,
        };
        let before = std::mem::replace(&mut self.told, at_rest.then_some(fact));
        self.told.filter(|fact| before != Some(*fact))
    }
}
