//! Printed documents: one way to drive every decoder of printer and journal bytes.
//!
//! [`Printer`] takes bytes and moments and yields redacted [`DocumentFact`]s. It never fails: what it does
//! not understand is counted in [`PrinterCounters`] and skipped.
//!
//! How to drive it: `push` what arrives; `tick` when `deadline` has come; `broken` when the device went
//! away or bytes were lost; `finish` at the end of a replayed file. Facts do not depend on how the bytes
//! were cut into pushes.
//!
//! | file | job |
//! |---|---|
//! | `drive` | what all decoders share: silence, going on after a crash |
//! | `commanded` | what languages of commands share |
//! | `auto` | finds out which language it is |
//! | `tokens` | bytes to commands |
//! | `charset` | text bytes to characters |
//! | `paper`, `layout`, `page` | glyphs at dot positions to lines, for those that print |
//! | `noise` | whether bytes can be what was sent |
//! | `assembler` | lines to documents, redacted |
//! | `standing` | where a decoder stands |

mod assembler;
mod auto;
pub(in crate::decode) mod charset;
mod commanded;
mod drive;
pub(in crate::decode) mod layout;
pub(in crate::decode) mod noise;
mod page;
pub(in crate::decode) mod paper;
#[cfg(test)]
pub(in crate::decode) mod printed;
mod standing;
pub(in crate::decode) mod tokens;

pub(in crate::decode) use assembler::Document;
pub use auto::{Auto, AutoOptions};
pub(in crate::decode) use commanded::Commanded;
pub(in crate::decode) use drive::Decode;
pub use drive::Drive;
pub use paper::CarriageReturn;
pub use standing::{Characters, Standing};

use super::fact::DocumentFact;
use super::{display, escpos, star, text};
use crate::time::Mono;

/// What a decoder took in, and what it could not use. Only grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrinterCounters {
    /// Bytes taken.
    pub bytes: u64,
    /// Commands understood, or skipped by the rule for their length.
    pub commands: u64,
    /// Commands that no table knows.
    pub unknown: u64,
    /// The newest of them.
    pub last_unknown: Option<Unknown>,
    /// Control bytes that mean nothing.
    pub dropped: u64,
    /// Bytes for another device on the same wire.
    pub display: u64,
    /// Payloads that stopped in the middle.
    pub abandoned: u64,
    /// Lines broken at `limits::LINE_CHARS`.
    pub long_lines: u64,
    /// Documents cut short by a bound of `limits`.
    pub overflow: u64,
    /// Documents ended.
    pub documents: u64,
}

impl PrinterCounters {
    /// Pieces of input that could not be used.
    #[must_use]
    pub fn bad(&self) -> u64 {
        self.unknown + self.abandoned + self.overflow + self.long_lines
    }

    /// Whether every byte was understood or skipped by rule.
    #[must_use]
    pub fn understood(&self) -> bool {
        self.unknown == 0 && self.abandoned == 0 && self.overflow == 0
    }

    /// Adds what another decoder counted after this one.
    fn add(&mut self, after: &Self) {
        let moved = |unknown: Unknown| Unknown { offset: self.bytes + unknown.offset, ..unknown };
        self.last_unknown = after.last_unknown.map(moved).or(self.last_unknown);
        self.bytes += after.bytes;
        self.commands += after.commands;
        self.unknown += after.unknown;
        self.dropped += after.dropped;
        self.display += after.display;
        self.abandoned += after.abandoned;
        self.long_lines += after.long_lines;
        self.overflow += after.overflow;
        self.documents += after.documents;
    }
}

/// A command that no table knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Bytes from the start of the stream.
    pub offset: u64,
    /// The byte that opened it, and the one after.
    pub lead: u8,
    /// The byte after it.
    pub opcode: u8,
}

/// Which language a device prints in, and its settings.
#[derive(Clone, Debug)]
pub enum PrinterOptions {
    /// ESC/POS commands.
    Escpos(escpos::EscposOptions),
    /// Star Line Mode or StarPRNT.
    Star(star::StarOptions),
    /// A customer display.
    Display(display::DisplayOptions),
    /// Plain text.
    Text(text::TextOptions),
    /// ESC/POS, Star or text: whatever comes.
    Auto(AutoOptions),
}

/// A decoder of one device's bytes.
pub enum Printer {
    /// ESC/POS commands.
    Escpos(Box<escpos::Decoder>),
    /// Star Line Mode or StarPRNT.
    Star(Box<star::Decoder>),
    /// A customer display.
    Display(Box<display::Decoder>),
    /// Plain text.
    Text(Box<text::Decoder>),
    /// ESC/POS, Star or text: whatever comes.
    Auto(Box<Auto>),
}

/// The same call for whichever decoder it is.
macro_rules! each {
    ($printer:expr, $decoder:ident => $call:expr) => {
        match $printer {
            Printer::Escpos($decoder) => $call,
            Printer::Star($decoder) => $call,
            Printer::Display($decoder) => $call,
            Printer::Text($decoder) => $call,
            Printer::Auto($decoder) => $call,
        }
    };
}

impl Printer {
    /// A decoder in its start state.
    #[must_use]
    pub fn new(options: PrinterOptions) -> Self {
        match options {
            PrinterOptions::Escpos(options) => {
                Self::Escpos(Box::new(escpos::Decoder::new(options)))
            }
            PrinterOptions::Star(options) => Self::Star(Box::new(star::Decoder::new(options))),
            PrinterOptions::Display(options) => {
                Self::Display(Box::new(display::Decoder::new(options)))
            }
            PrinterOptions::Text(options) => Self::Text(Box::new(text::Decoder::new(options))),
            PrinterOptions::Auto(options) => Self::Auto(Box::new(Auto::new(options))),
        }
    }

    /// Takes bytes that arrived at `now`, which never goes back.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<DocumentFact>) {
        each!(self, decoder => decoder.push(bytes, now, out));
    }

    /// Ends what silence ends.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<DocumentFact>) {
        each!(self, decoder => decoder.tick(now, out));
    }

    /// When `tick` has something to do, if no byte comes before.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        each!(self, decoder => decoder.deadline())
    }

    /// The device went away or bytes were lost: the open document ends incomplete.
    pub fn broken(&mut self, out: &mut Vec<DocumentFact>) {
        each!(self, decoder => decoder.broken(out));
    }

    /// The last byte of a replayed file was pushed.
    pub fn finish(&mut self, out: &mut Vec<DocumentFact>) {
        each!(self, decoder => decoder.finish(out));
    }

    /// Where it stands, to go on there after a crash.
    #[must_use]
    pub fn stands(&self) -> Standing {
        each!(self, decoder => decoder.stands())
    }

    /// Whether something printed is no fact yet.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        match self {
            Self::Escpos(decoder) => decoder.is_holding(),
            Self::Star(decoder) => decoder.is_holding(),
            Self::Display(decoder) => decoder.is_holding(),
            Self::Text(decoder) => decoder.is_holding(),
            Self::Auto(decoder) => decoder.holds_facts(),
        }
    }

    /// Goes on at `now` in a document of which `printed` was passed on by the decoder that stood there.
    pub fn resume(
        &mut self,
        printed: &[&DocumentFact],
        at: &Standing,
        now: Mono,
        out: &mut Vec<DocumentFact>,
    ) {
        each!(self, decoder => decoder.resume(printed, at, now, out));
    }

    /// The device answers at `now`: silence counts from here.
    pub fn wait_from(&mut self, now: Mono) {
        each!(self, decoder => decoder.wait_from(now));
    }

    /// What was taken in since the start.
    #[must_use]
    pub fn counters(&self) -> &PrinterCounters {
        each!(self, decoder => decoder.counters())
    }
}
