//! Readers of single values that receivers and tags have.

use std::time::Duration;

use super::value::unhex;
use crate::decode::Address;
use crate::spanned::{Fault, Value, quote};

/// A Bluetooth adapter: `hci0`, or its address.
pub fn adapter(value: Value<'_>) -> Result<String, Fault> {
    let text = value.str()?;
    let is_name = text
        .strip_prefix("hci")
        .is_some_and(|n| !n.is_empty() && n.len() <= 3 && n.bytes().all(|b| b.is_ascii_digit()));
    let octet = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let is_address = text.split(':').count() == 6 && text.split(':').all(octet);
    if !is_name && !is_address {
        let fault = Fault::new(format!("{} is no Bluetooth adapter", quote(text)));
        return Err(fault.hint("\"hci0\", or its address as \"00:1A:7D:DA:71:13\""));
    }
    Ok(text.to_owned())
}

/// The address of a device that does not change it.
pub fn device_address(value: Value<'_>) -> Result<Address, Fault> {
    let text = value.str()?;
    let parts: Vec<&str> = text.split(':').collect();
    let shape = parts.len() == 6 && parts.iter().all(|part| part.len() == 2);
    let bytes = unhex(&parts.concat()).filter(|_| shape);
    let address = bytes.and_then(|bytes| bytes.try_into().ok()).map(Address);
    let Some(address) = address else {
        let fault = Fault::new(format!("{} is no Bluetooth address", quote(text)));
        return Err(fault.hint("six bytes between colons, as \"A4:C1:38:8D:18:B2\""));
    };
    if [[0; 6], [0xff; 6]].contains(&address.0) {
        return Err(Fault::new(format!("{} is the address of no device", quote(text))));
    }
    Ok(address)
}

/// Seconds of silence after which a receiver is down; 0 for one that sends no heartbeats.
pub fn silence(value: Value<'_>) -> Result<Option<Duration>, Fault> {
    match value.integer(0..=3600)? {
        0 => Ok(None),
        1..=4 => Err(Fault::new("less than 5 seconds")
            .hint("0 for a receiver without heartbeats, else 5 to 3600")),
        seconds => Ok(Some(Duration::from_secs(seconds))),
    }
}
