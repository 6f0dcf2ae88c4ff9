//! `{"id":"AA:BB:CC:DD:EE:FF","rssi":-60,"manufacturerdata":"4c000215…","servicedata":"…","servicedatauuid":"0xfcd2"}`:
//! JSON as OpenMQTTGateway writes it to a serial line (its BTtoMQTT messages).
//!
//! `manufacturerdata` begins with the company id, low byte first; `servicedata` has its UUID beside it, short or as one
//! of 128 bits; `mac_type` is 0 for a public address, else the address is a random one. An object without `id` (about
//! the receiver's own state) or without a strength is a heartbeat. What else stands in an object is passed over.

use std::borrow::Cow;

use serde::Deserialize;

use super::{LineError, Said};
use crate::decode::beacon::hex;
use crate::decode::beacon::sighting::{Part, Sighting};
use crate::decode::fact::Address;
use crate::limits;

/// The end of a 16-bit UUID that is written as one of 128 bits.
const BASE_UUID: &str = "-0000-1000-8000-00805f9b34fb";

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    rssi: Option<f64>,
    mac_type: Option<f64>,
    #[serde(borrow)]
    manufacturerdata: Option<Cow<'a, str>>,
    #[serde(borrow)]
    servicedata: Option<Cow<'a, str>>,
    #[serde(borrow)]
    servicedatauuid: Option<Cow<'a, str>>,
}

pub(super) fn parse(line: &str, take: impl FnOnce(Said<'_>)) -> Result<(), LineError> {
    let message: Message<'_> = serde_json::from_str(line).map_err(|_| LineError::Malformed)?;
    let (Some(id), Some(rssi)) = (&message.id, message.rssi) else {
        take(Said::Heartbeat);
        return Ok(());
    };
    let (mut manufacturer, mut service) = ([0; limits::ADVERT_BYTES], [0; limits::ADVERT_BYTES]);
    let manufacturer = data(message.manufacturerdata.as_deref(), &mut manufacturer);
    let service = data(message.servicedata.as_deref(), &mut service);
    let sighting = (|| {
        let random = message.mac_type.map(|kind| kind != 0.0);
        let mut sighting = Sighting::new(address(id)?, random, strength(rssi)?);
        if let [low, high, data @ ..] = manufacturer? {
            sighting.add(Part::Manufacturer(u16::from_le_bytes([*low, *high]), data));
        }
        let (uuid, service) = (message.servicedatauuid.as_deref(), service?);
        if let Some(uuid) = uuid.and_then(short_uuid) {
            sighting.add(Part::Service(uuid, service));
        }
        Some(sighting)
    })();
    take(Said::Advert(&sighting.ok_or(LineError::Malformed)?));
    Ok(())
}

/// Hex digits, or none at all.
fn data<'b>(digits: Option<&str>, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let length = hex::read(digits.unwrap_or_default().trim(), buffer)?;
    buffer.get(..length)
}

/// Whole dBm that fit a signed byte, as radios tell them.
fn strength(rssi: f64) -> Option<i8> {
    (-128..=127).find(|dbm| f64::from(*dbm) == rssi.round())
}

/// Six pairs of hex digits between colons, or without.
fn address(text: &str) -> Option<Address> {
    let mut bytes = [0; 6];
    if text.len() == 12 {
        return hex::read(text, &mut bytes).map(|_| Address(bytes));
    }
    let mut pairs = text.split(':');
    for byte in &mut bytes {
        let pair = pairs.next().filter(|pair| pair.len() == 2)?;
        hex::read(pair, std::slice::from_mut(byte))?;
    }
    pairs.next().is_none().then_some(Address(bytes))
}

/// `0xfcd2`, `fcd2` or `0000fcd2-0000-1000-8000-00805f9b34fb`; `None` for UUIDs that are not of 16 bits.
fn short_uuid(text: &str) -> Option<u16> {
    let text = text.trim();
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let short = match digits.len() {
        4 => digits,
        36 if digits.get(8..)?.eq_ignore_ascii_case(BASE_UUID) => {
            digits.get(..8)?.strip_prefix("0000")?
        }
        _ => return None,
    };
    u16::from_str_radix(short, 16).ok()
}
