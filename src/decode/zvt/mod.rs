//! ZVT: what a till and a payment terminal say to each other in Germany, Austria and Switzerland.
//!
//! Source of the format: the published ECR interface (revision 13.11: commands in its chapter 14, fields in
//! 13, tags in 9.4.1, result codes in 10). Serial framing is [`frame`](super::frame)'s `dle`; over TCP the
//! same records travel bare, and [`Dialogue`] takes those.
//!
//! | file | job |
//! |---|---|
//! | `dialogue` | what was asked and how it went → [`PaymentFact`]s |
//! | `apdu` | a record's header, and where its fields begin |
//! | `field` | the fields (BMPs) and how long each is |
//! | `tlv` | tags within the container field |
//! | `value` | decimal numbers, text, the visible end of a card number |
//! | `code` | result codes, card types and currencies in words |
//! | `payment` | a status information to a [`CardPayment`](super::CardPayment) |
//! | `slip` | lines that the terminal has printed |
//!
//! Constraints:
//! - listens only: nothing is acknowledged;
//! - only listed fields are read, the others are skipped by their length; of a card number only the last
//!   four digits are, and only where the terminal masked or shortened it;
//! - a field that is not known has no known length: it is counted and the rest of the record is left.

mod apdu;
mod code;
mod dialogue;
mod field;
mod payment;
mod slip;
mod tlv;
mod value;

#[cfg(test)]
mod tests;

use std::time::Duration;

pub use dialogue::{Counters, Dialogue};

use super::codepage::CodePage;
use super::fact::PaymentFact;
use super::frame::{
    self, DleOptions, Frame, FrameKind, Framer, FramerError, FramerOptions, Reason,
};
use crate::limits;
use crate::time::Mono;

/// How a terminal differs from others.
#[derive(Clone, Debug)]
pub struct ZvtOptions {
    /// Of printed text; one byte a character.
    pub page: CodePage,
    /// Silence after which an unfinished record is given up.
    pub payload_idle: Duration,
    /// Silence that ends a slip.
    pub slip_idle: Duration,
}

impl Default for ZvtOptions {
    fn default() -> Self {
        Self {
            page: CodePage::cp437(),
            payload_idle: limits::PAYLOAD_IDLE,
            slip_idle: limits::DOCUMENT_IDLE,
        }
    }
}

/// Decodes the bytes of one serial line.
pub struct Decoder {
    framer: Framer,
    dialogue: Dialogue,
    slip_idle: Duration,
    last: Mono,
}

impl Decoder {
    /// A line of which nothing was read yet.
    ///
    /// # Errors
    /// None in practice: the framing is fixed.
    pub fn new(options: ZvtOptions) -> Result<Self, FramerError> {
        let framer = Framer::new(FramerOptions {
            kind: FrameKind::Dle(DleOptions::default()),
            max_frame: limits::ZVT_APDU_BYTES,
            idle: options.payload_idle,
            singles: vec![ACK, NAK],
            repeat: frame::RepeatOptions { after_nak: Some(NAK), numbered: false },
            strip_bit7: false,
        })?;
        let dialogue = Dialogue::new(options.page);
        Ok(Self { framer, dialogue, slip_idle: options.slip_idle, last: Mono::default() })
    }

    /// Takes bytes that arrived at `now`, which never goes back.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<PaymentFact>) {
        if bytes.is_empty() {
            return;
        }
        self.tick(now, out);
        self.last = now;
        self.framed(out, |framer, frames| framer.push(bytes, now, frames));
    }

    /// Ends what silence ends.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<PaymentFact>) {
        self.framed(out, |framer, frames| framer.tick(now, frames));
        if self.slip_deadline().is_some_and(|deadline| deadline <= now) {
            self.dialogue.finish(out);
        }
    }

    /// When `tick` has something to do, if no byte comes before.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.framer.deadline().into_iter().chain(self.slip_deadline()).min()
    }

    /// The device went away or bytes were lost.
    pub fn broken(&mut self, out: &mut Vec<PaymentFact>) {
        self.framed(out, Framer::broken);
        self.dialogue.broken(out);
    }

    /// No more bytes belong to what was begun.
    pub fn finish(&mut self, out: &mut Vec<PaymentFact>) {
        self.framed(out, Framer::finish);
        self.dialogue.finish(out);
    }

    /// What the framing took in since the start.
    #[must_use]
    pub fn frame_counters(&self) -> &frame::Counters {
        self.framer.counters()
    }

    /// What the records held since the start.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        self.dialogue.counters()
    }

    fn slip_deadline(&self) -> Option<Mono> {
        self.dialogue.slip_is_open().then(|| self.last.plus(self.slip_idle))
    }

    /// Takes the frames that `step` yields.
    fn framed(
        &mut self,
        out: &mut Vec<PaymentFact>,
        step: impl FnOnce(&mut Framer, &mut Vec<Frame>),
    ) {
        let mut frames = Vec::new();
        step(&mut self.framer, &mut frames);
        for frame in frames {
            match frame.reason {
                Reason::Single => {}
                Reason::Whole => self.dialogue.apdu(&frame.bytes, frame.last, out),
                _ => self.dialogue.broken(out),
            }
        }
    }
}

/// Taken, and: say it again.
const ACK: u8 = 0x06;
/// See [`ACK`].
const NAK: u8 = 0x15;
