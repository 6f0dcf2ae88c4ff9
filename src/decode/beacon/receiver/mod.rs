//! Lines of serial receivers: `$GPRP,…` of INGICS gateways, or JSON as OpenMQTTGateway writes it. Each line shows
//! itself which of the two it is.
//!
//! Every line that is of one of these kinds proves that the receiver lives, also one that carries no advertisement:
//! receivers send such a *heartbeat* when they hear nothing. Other lines prove nothing.

mod gprp;
mod json;

use super::sighting::Sighting;
use crate::decode::line::LineSplitter;

/// What a line said.
#[derive(Clone, Copy, Debug)]
pub enum Said<'a> {
    /// An advertisement was heard.
    Advert(&'a Sighting<'a>),
    /// The receiver lives.
    Heartbeat,
}

/// Why a line was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// A line of another kind: not a fault.
    #[error("no line of a receiver")]
    OtherLine,
    /// A line of a known kind that is damaged.
    #[error("an advertisement with a bad or missing field")]
    Malformed,
}

/// Reads one line and hands what it says to `take`.
///
/// # Errors
/// [`LineError`]; both are only counted.
pub fn parse_line(line: &str, take: impl FnOnce(Said<'_>)) -> Result<(), LineError> {
    let line = line.trim();
    match line.as_bytes().first() {
        Some(b'$') => gprp::parse(line, take),
        Some(b'{') => json::parse(line, take),
        _ => Err(LineError::OtherLine),
    }
}

/// Bytes of a receiver's port to what its lines say.
#[derive(Debug, Default)]
pub struct ReceiverDecoder {
    lines: LineSplitter,
    malformed: u64,
}

impl ReceiverDecoder {
    /// Takes bytes; calls `take` for each line in them that was understood.
    pub fn push(&mut self, bytes: &[u8], mut take: impl FnMut(Said<'_>)) {
        let malformed = &mut self.malformed;
        self.lines.push(bytes, |line| match parse_line(line, &mut take) {
            Ok(()) | Err(LineError::OtherLine) => {}
            Err(LineError::Malformed) => *malformed += 1,
        });
    }

    /// Forgets a line that was cut off.
    pub fn broken(&mut self) {
        self.lines.clear();
    }

    /// Advertisements that were broken, and lines that were too long.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.malformed + self.lines.too_long()
    }
}
