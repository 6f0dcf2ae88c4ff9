//! What receivers of tags write: a `$GPRP` line for each advertisement.
//!
//! Line: `$GPRP,<tag address>,<receiver address>,<rssi>,<payload>`, hexadecimal, CR LF. Customers and trucks are
//! iBeacons; the sensor in a reefer speaks Ruuvi's format 5 (company 0x0499): temperature in 0.005 °C, humidity,
//! pressure, acceleration, power, movements, a number that grows with each measurement, and its own address.

use std::fmt::Write as _;

use tillgate_events::{Body, TagWindow, UtcMs};

use super::shop::Shop;
use super::{At, Device, STORE};
use crate::store::TAG_UUID;

/// Major number of the trucks' tags; customers' is the store's.
pub const TRUCKS: u16 = 900;
/// What the sensor in a reefer calls itself; its last byte is the truck's.
const SENSOR: [u8; 5] = [0xc8, 0x25, 0x2d, 0x8e, 0x9c];
/// Between two advertisements that are heard of a customer.
const PAUSE: std::ops::Range<At> = 12_000..30_000;

/// A customer's tag in a zone.
pub fn customer(shop: &mut Shop, radio: Device, tag: u16, from: At, until: At) {
    let mut at = from + shop.rng.i64(0..8000);
    while at < until {
        let rssi = shop.rng.i8(-72..=-50);
        heard(
            shop,
            at,
            radio,
            "",
            &[0xac, 0x23, 0x3f, 0, (tag >> 8) as u8, tag as u8],
            rssi,
            &ibeacon(STORE, tag),
        );
        at += shop.rng.i64(PAUSE);
    }
}

/// A telephone that walks in: its address is of the resolvable kind and comes but once. Nothing must come of it.
pub fn stranger(shop: &mut Shop, at: At) {
    let mut address = [0; 6];
    shop.rng.fill(&mut address);
    address[0] = address[0] & 0x3f | 0x40;
    let (rssi, last) = (shop.rng.i8(-92..=-60), shop.rng.u8(..));
    // Flags, and a message of a common maker of telephones: its company, another type.
    let payload = [0x02, 0x01, 0x1a, 0x07, 0xff, 0x4c, 0x00, 0x10, 0x02, 0x0b, last];
    let line = format!("$GPRP,{},AC233FFF0000,{rssi},{}\r\n", hex(&address), hex(&payload));
    shop.say(at, Device::EntranceRadio, line.into_bytes());
}

/// A truck's tag at the dock.
pub fn truck(shop: &mut Shop, number: u16, from: At, until: At) {
    let mut at = from;
    while at <= until {
        let rssi = shop.rng.i8(-66..=-54);
        let address = [0xac, 0x23, 0x3f, 0xff, 0, number as u8];
        let tag = format!("truck-{number}");
        heard(shop, at, Device::DockRadio, &tag, &address, rssi, &ibeacon(TRUCKS, number));
        at += 20_000;
    }
}

/// The sensor in a reefer: thousandths of a degree.
pub fn reefer(shop: &mut Shop, at: At, number: u16, measured: u16, milli: i32) {
    let rssi = shop.rng.i8(-78..=-66);
    let payload = ruuvi(number, measured, milli);
    let tag = format!("reefer-{number}");
    heard(shop, at, Device::DockRadio, &tag, &address(number), rssi, &payload);
}

/// The address of a reefer's sensor.
pub fn address(number: u16) -> [u8; 6] {
    let [a, b, c, d, e] = SENSOR;
    [a, b, c, d, e, number as u8]
}

fn heard(shop: &mut Shop, at: At, radio: Device, tag: &str, from: &[u8], rssi: i8, payload: &[u8]) {
    let line = format!("$GPRP,{},AC233FFF0000,{rssi},{}\r\n", hex(from), hex(payload));
    shop.say(at, radio, line.into_bytes());
    let window = TagWindow {
        beacon_id: radio.name().to_owned(),
        customer_ble_id: tag.to_owned(),
        zone: String::new(),
        ping_count: 1,
        rssi_sum: i64::from(rssi),
        rssi_min: rssi,
        rssi_max: rssi,
        first_seen: UtcMs(at),
        last_seen: UtcMs(at),
        max_gap_ms: 0,
    };
    shop.expect(at, radio, Body::TagWindow(window));
}

fn ibeacon(major: u16, minor: u16) -> Vec<u8> {
    let mut advert = vec![0x02, 0x01, 0x06, 0x1a, 0xff, 0x4c, 0x00, 0x02, 0x15];
    advert.extend_from_slice(&TAG_UUID);
    advert.extend_from_slice(&major.to_be_bytes());
    advert.extend_from_slice(&minor.to_be_bytes());
    advert.push(0xc5);
    advert
}

fn ruuvi(number: u16, measured: u16, milli: i32) -> Vec<u8> {
    let mut advert = vec![0x02, 0x01, 0x06, 0x1b, 0xff, 0x99, 0x04, 0x05];
    advert.extend_from_slice(&((milli / 5) as i16).to_be_bytes());
    // 60 % humidity in steps of 0.0025; 1013 hPa in Pascal from 50 000 on; lying flat; 3 V and 4 dBm.
    advert
        .extend_from_slice(&[0x5d, 0xc0, 0xc8, 0x64, 0, 4, 0xff, 0xfc, 0x04, 0x0c, 0xac, 0x36, 7]);
    advert.extend_from_slice(&measured.to_be_bytes());
    advert.extend_from_slice(&address(number));
    advert
}

/// Upper-case digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(out, "{byte:02X}");
        out
    })
}
