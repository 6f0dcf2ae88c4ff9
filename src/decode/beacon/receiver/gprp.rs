//! `$GPRP,<tag address>,<receiver address>,<rssi>,<payload hex>[,<time>…]`: the text line of INGICS gateways.
//!
//! Report types `$GPRP`, `$RSPR`, `$1MAD` and `$LRAD` carry an advertisement; any other one of letters and digits, such
//! as `$HBRP` and `$GPSR`, is a heartbeat. Fields after the payload are passed over, and so is a checksum `*CC` at the
//! end. Addresses are twelve hex digits, the RSSI a decimal number of dBm.

use super::{LineError, Said};
use crate::decode::beacon::hex;
use crate::decode::beacon::sighting::Sighting;
use crate::decode::fact::Address;
use crate::limits;

/// Report types whose fifth field is an advertising payload.
const ADVERT_REPORTS: [&str; 4] = ["$GPRP", "$RSPR", "$1MAD", "$LRAD"];

/// Characters of a report's type.
const TYPE_CHARS: usize = 5;

pub(super) fn parse(line: &str, take: impl FnOnce(Said<'_>)) -> Result<(), LineError> {
    let mut fields = line.split(',');
    let kind = fields.next().unwrap_or_default();
    if !ADVERT_REPORTS.contains(&kind) {
        let letters = kind.bytes().skip(1).all(|byte| byte.is_ascii_alphanumeric());
        if kind.len() != TYPE_CHARS || !letters {
            return Err(LineError::OtherLine);
        }
        take(Said::Heartbeat);
        return Ok(());
    }
    let mut payload = [0; limits::ADVERT_BYTES];
    let report = (|| {
        let sender = address(fields.next()?)?;
        address(fields.next()?)?;
        let rssi = fields.next()?.trim().parse().ok()?;
        let digits = fields.next()?.split('*').next()?.trim();
        Some((sender, rssi, hex::read(digits, &mut payload)?))
    })();
    let (sender, rssi, length) = report.ok_or(LineError::Malformed)?;
    let payload = payload.get(..length).unwrap_or_default();
    take(Said::Advert(&Sighting::new(sender, None, rssi).with_payload(payload)));
    Ok(())
}

/// Twelve hex digits.
fn address(text: &str) -> Option<Address> {
    let mut bytes = [0; 6];
    let length = hex::read(text.trim(), &mut bytes)?;
    (length == bytes.len()).then_some(Address(bytes))
}
