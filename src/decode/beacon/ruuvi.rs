//! Ruuvi RAWv2 (data format 5): 24 bytes of manufacturer data, big endian.
//!
//! `05`, temperature (i16, 0.005 °C), humidity (u16, 0.0025 %), pressure (u16, Pa above 50 000), acceleration x, y, z
//! (i16, mG), supply (11 bits, mV above 1600) and power sent with (5 bits, 2 dBm above -40), movements (u8), sequence
//! (u16), address (6). A field whose value is at the end of its range (8000h, FFFFh, 2047, 31, 255) was not measured;
//! that says nothing of the others, also not of the other axes.

use crate::decode::fact::Address;

/// Bluetooth SIG company id of Ruuvi Innovations.
pub(super) const COMPANY: u16 = 0x0499;

/// What one packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruuvi {
    /// 0.005 °C.
    pub temperature: Option<i16>,
    /// 0.0025 % of relative humidity.
    pub humidity: Option<u16>,
    /// Pa.
    pub pressure: Option<u32>,
    /// mG; x, y, z.
    pub acceleration: [Option<i16>; 3],
    /// mV.
    pub millivolts: Option<u16>,
    /// dBm.
    pub power: Option<i8>,
    /// Counts movements; wraps at 255.
    pub movements: Option<u8>,
    /// Counts measurements; wraps at 65 535.
    pub sequence: Option<u16>,
    /// The sensor's own.
    pub address: Option<Address>,
}

/// Reads the manufacturer data without its company id.
#[must_use]
pub fn parse(data: &[u8]) -> Option<Ruuvi> {
    let data: &[u8; 24] = data.try_into().ok()?;
    let &[5, t0, t1, h0, h1, p0, p1, x0, x1, y0, y1, z0, z1, s0, s1, movements, n0, n1, ..] = data
    else {
        return None;
    };
    let signed = |high, low| Some(i16::from_be_bytes([high, low])).filter(|it| *it != i16::MIN);
    let unsigned = |high, low| Some(u16::from_be_bytes([high, low])).filter(|it| *it != u16::MAX);
    let supply = u16::from_be_bytes([s0, s1]);
    let (millivolts, power) = (supply >> 5, i8::try_from(supply & 31).unwrap_or(31));
    let address = data.last_chunk::<6>().filter(|address| **address != [0xff; 6]);
    Some(Ruuvi {
        temperature: signed(t0, t1),
        humidity: unsigned(h0, h1),
        pressure: unsigned(p0, p1).map(|pascal| 50_000 + u32::from(pascal)),
        acceleration: [signed(x0, x1), signed(y0, y1), signed(z0, z1)],
        millivolts: (millivolts != 2047).then_some(1600 + millivolts),
        power: (power != 31).then_some(2 * power - 40),
        movements: (movements != 255).then_some(movements),
        sequence: unsigned(n0, n1),
        address: address.map(|address| Address(*address)),
    })
}
