//! Barcode scanners: bytes of a serial port to [`ScanFact`]s.
//!
//! | file | job |
//! |---|---|
//! | `identifier` | AIM identifiers and makers' letters: which symbology |
//! | [`gtin`] | article numbers and check digits |
//! | [`ai`], `lint`, `date` | GS1 application identifiers and the checks of their data |
//! | [`element`] | element strings and Digital Links |
//! | [`restricted`] | prices and weights inside article numbers, by country or by the shop's own rules |
//! | [`measure`] | price, weight and count of what was scanned |
//! | `personal` | documents of persons: dropped |
//! | `reading` | one payload to one fact |
//!
//! Constraints: no panic on any input, bounded memory, the same facts however the bytes are cut. A document of
//! a person leaves nothing but the word that one was scanned. No payload ever reaches an error or a log.
//!
//! A scan ends with its suffix, or with silence where the scanner sends none. STX before and ETX after the
//! payload, and a preamble if one is told, are taken off. A payload without its suffix is given up after
//! `limits::PAYLOAD_IDLE`; one longer than `limits::SCAN_BYTES` is dropped up to its end. Both are counted.

pub mod ai;
mod date;
pub mod element;
pub mod gtin;
mod identifier;
mod lint;
pub mod measure;
mod personal;
mod reading;
pub mod restricted;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use element::Element;
pub use identifier::{Letters, symbology_named};
pub use measure::ScanPrice;

use std::time::Duration;

use super::fact::ScanFact;
use crate::limits;
use crate::time::Mono;
use reading::Reading;
use restricted::Rules;

const STX: u8 = 0x02;
const ETX: u8 = 0x03;

/// What ends a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Suffix {
    /// CR, LF, or both.
    #[default]
    Line,
    /// This byte: TAB, EOT, ETX, ….
    Byte(u8),
    /// Nothing: silence.
    Silence,
}

/// How a scanner was set up, and what the shop's numbers mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanOptions {
    /// What ends a scan.
    pub suffix: Suffix,
    /// Sent before every scan; taken off where it is there.
    pub preamble: Vec<u8>,
    /// Whose one-letter prefixes are understood.
    pub letters: Letters,
    /// Sent for FNC1 by scanners that replace GS.
    pub separator: Option<char>,
    /// Without an identifier, eight digits that could be both are UPC-E and not GTIN-8: so in North America.
    pub upc_e: bool,
    /// Rules for numbers with a price or weight inside.
    pub rules: Rules,
    /// Silence that ends a scan, for [`Suffix::Silence`].
    pub silence: Duration,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self {
            suffix: Suffix::Line,
            preamble: Vec::new(),
            letters: Letters::None,
            separator: None,
            upc_e: false,
            rules: Rules::default(),
            silence: limits::SCAN_SILENCE,
        }
    }
}

/// What a scanner said, and what of it could not be used. Only grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes taken.
    pub bytes: u64,
    /// Scans read.
    pub scans: u64,
    /// Documents of persons among them.
    pub documents: u64,
    /// Payloads that lost their end.
    pub abandoned: u64,
    /// Payloads longer than `limits::SCAN_BYTES`.
    pub overlong: u64,
    /// EAN or UPC whose digits or check digit are wrong.
    pub bad_articles: u64,
    /// GS1 symbols that hold no element strings.
    pub bad_elements: u64,
    /// Element strings whose check digit, date or the like is wrong, or that contradict each other.
    pub doubtful: u64,
    /// Numbers whose price or weight has a wrong check digit.
    pub bad_measures: u64,
}

impl Counters {
    /// Pieces of input that could not be used as they should.
    #[must_use]
    pub fn bad(&self) -> u64 {
        self.abandoned + self.overlong + self.bad_articles + self.bad_elements + self.bad_measures
    }
}

/// Decodes the bytes of one scanner. It has no `Debug` on purpose: it holds what was scanned.
pub struct ScanDecoder {
    suffix: Suffix,
    silence: Duration,
    reading: Reading,
    payload: Vec<u8>,
    state: State,
    /// Bytes or the device were lost: what comes may be the inside of a document.
    lost: bool,
    /// When the last byte came.
    last: Mono,
    counters: Counters,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Payload,
    /// The payload is too long: its rest is dropped.
    Overlong,
    /// A document of a person: all is dropped until silence.
    Document,
}

impl ScanDecoder {
    /// A decoder in its start state.
    #[must_use]
    pub fn new(options: ScanOptions) -> Self {
        Self {
            suffix: options.suffix,
            silence: options.silence,
            reading: Reading::new(options),
            payload: Vec::new(),
            state: State::Payload,
            lost: false,
            last: Mono::default(),
            counters: Counters::default(),
        }
    }

    /// Takes bytes that arrived at `now`, which never goes back.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<ScanFact>) {
        self.tick(now, out);
        self.last = now;
        self.counters.bytes += bytes.len() as u64;
        for byte in bytes {
            self.byte(*byte, out);
        }
    }

    /// Ends what silence ends.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<ScanFact>) {
        while self.deadline().is_some_and(|deadline| deadline <= now) {
            match (self.state, self.suffix) {
                (State::Payload, Suffix::Silence) => self.end(out),
                _ => self.finish(out),
            }
        }
    }

    /// When [`Self::tick`] has something to do, if no byte comes before.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let silence = match (self.state, self.suffix) {
            (State::Document, _) => limits::SCAN_DOCUMENT_SILENCE,
            (State::Payload, _) if self.payload.is_empty() => return None,
            (_, Suffix::Silence) => self.silence,
            _ => limits::PAYLOAD_IDLE,
        };
        Some(self.last.plus(silence))
    }

    /// The device went away or bytes were lost: a scan without its start or end is none.
    pub fn broken(&mut self, _out: &mut Vec<ScanFact>) {
        self.counters.abandoned += u64::from(!self.payload.is_empty());
        self.payload.clear();
        self.lost = true;
        if self.state == State::Overlong {
            self.state = State::Payload;
        }
    }

    /// No more bytes belong to what was begun.
    pub fn finish(&mut self, out: &mut Vec<ScanFact>) {
        if self.suffix == Suffix::Silence {
            self.end(out);
        }
        self.counters.abandoned += u64::from(!self.payload.is_empty());
        self.payload.clear();
        self.state = State::Payload;
    }

    /// What was taken in since the start.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<ScanFact>) {
        let ends = match self.suffix {
            Suffix::Line => matches!(byte, b'\r' | b'\n'),
            Suffix::Byte(suffix) => byte == suffix,
            Suffix::Silence => false,
        };
        match self.state {
            State::Document => {}
            _ if ends => self.end(out),
            State::Overlong => {}
            State::Payload if self.payload.len() < limits::SCAN_BYTES => self.payload.push(byte),
            State::Payload => {
                self.counters.overlong += 1;
                self.payload.clear();
                self.state = State::Overlong;
            }
        }
    }

    /// The payload is whole.
    fn end(&mut self, out: &mut Vec<ScanFact>) {
        if self.state == State::Payload {
            let payload = self.payload.strip_prefix(&[STX]).unwrap_or(&self.payload);
            let payload = payload.strip_suffix(&[ETX]).unwrap_or(payload);
            if let Some(fact) = self.reading.read(payload, self.lost, &mut self.counters) {
                self.counters.scans += 1;
                self.lost = false;
                if fact.id {
                    self.counters.documents += 1;
                    self.state = State::Document;
                }
                out.push(fact);
            }
        } else if self.state == State::Overlong {
            self.state = State::Payload;
        }
        self.payload.clear();
    }
}
