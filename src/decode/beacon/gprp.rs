//! Serial receivers: lines `$GPRP,<tag address>,<receiver address>,<rssi>,<payload hex>[,<time>…]`.
//!
//! The text line of INGICS gateways. Report types `$GPRP`, `$RSPR`, `$1MAD` and `$LRAD` carry an
//! advertisement; fields after the payload, and any other line, are ignored: `$HBRP` and the like are
//! heartbeats. Addresses are twelve hex digits, the RSSI a decimal number of dBm.

use super::ad;
use crate::decode::line::LineSplitter;
use crate::limits;
use crate::source::Advert;

/// Report types whose fifth field is an advertising payload.
const ADVERT_REPORTS: [&str; 4] = ["$GPRP", "$RSPR", "$1MAD", "$LRAD"];

/// Why a report was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GprpError {
    /// A line of another kind: not a fault.
    #[error("not a report of an advertisement")]
    OtherLine,
    /// A line of this kind that is damaged.
    #[error("an advertisement report with a bad or missing field")]
    Malformed,
}

/// Reads one line.
///
/// # Errors
/// [`GprpError::OtherLine`] for heartbeats and other reports, [`GprpError::Malformed`] for an advertisement
/// report that is broken; both are only counted.
pub fn parse(line: &str) -> Result<Advert, GprpError> {
    let mut fields = line.trim().split(',');
    let kind = fields.next().unwrap_or_default();
    if !ADVERT_REPORTS.contains(&kind) {
        return Err(GprpError::OtherLine);
    }
    let report = (|| {
        let address = hex(fields.next()?)?.try_into().ok()?;
        let _receiver: [u8; 6] = hex(fields.next()?)?.try_into().ok()?;
        let rssi = fields.next()?.trim().parse().ok()?;
        let payload = hex(fields.next()?)?;
        (payload.len() <= limits::ADVERT_BYTES).then_some((address, rssi, payload))
    })();
    let (address, rssi, payload): ([u8; 6], i8, Vec<u8>) = report.ok_or(GprpError::Malformed)?;
    let (manufacturer, service) = ad::split(&payload);
    Ok(Advert { address, random: false, rssi, manufacturer, service })
}

/// Bytes of a receiver's port to adverts.
#[derive(Debug, Default)]
pub struct GprpDecoder {
    lines: LineSplitter,
    malformed: u64,
}

impl GprpDecoder {
    /// Takes bytes; calls `heard` for each advertisement in them.
    pub fn push(&mut self, bytes: &[u8], mut heard: impl FnMut(Advert)) {
        let malformed = &mut self.malformed;
        self.lines.push(bytes, |line| match parse(line) {
            Ok(advert) => heard(advert),
            Err(GprpError::Malformed) => *malformed += 1,
            Err(GprpError::OtherLine) => {}
        });
    }

    /// Forgets a line that was cut off.
    pub fn broken(&mut self) {
        self.lines.clear();
    }

    /// Reports that were broken, and lines that were too long.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.malformed + self.lines.too_long()
    }
}

/// Hex digits to bytes.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.trim().chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let (pairs, odd) = digits.as_deref()?.as_chunks::<2>();
    odd.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}
