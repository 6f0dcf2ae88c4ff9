//! What sensors measured, in one form whatever they speak: BTHome, Ruuvi RAWv2, Eddystone telemetry.

use super::bthome::{self, Objects, Value};
use super::eddystone::Telemetry;
use super::guard::Counter;
use super::ruuvi::Ruuvi;
use crate::decode::fact::{Quantity, SensorFact, TagKey};

/// BTHome's object that numbers packets.
const PACKET_ID: u8 = 0x00;

/// One packet of an enrolled sensor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// By which a repetition is known.
    pub counter: Counter,
    /// Hundredths, per cent, millivolts and so on: see [`Quantity`].
    pub readings: Vec<Reading>,
}

/// One thing that a packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It measured something.
    Measured(Quantity, i32),
    /// It is open, or not.
    Contact(bool),
}

impl Frame {
    /// The facts of sensor `tag`.
    pub fn facts(&self, tag: TagKey) -> impl Iterator<Item = SensorFact> {
        let counter = self.counter.number();
        self.readings.iter().map(move |reading| match *reading {
            Reading::Measured(quantity, value) => {
                SensorFact::Measured { tag, quantity, value, counter }
            }
            Reading::Contact(open) => SensorFact::Contact { tag, open },
        })
    }

    /// Of BTHome's objects; `counter` where the packet has one beside them.
    pub(super) fn of_objects(objects: Objects<'_>, counter: Option<Counter>) -> Self {
        let mut frame = Self::default();
        for (id, value) in objects {
            if let (PACKET_ID, Value::Number { number, .. }) = (id, value) {
                frame.counter = u8::try_from(number).map_or(Counter::None, Counter::Packet);
            }
            frame.readings.extend(reading(id, value));
        }
        frame.counter = counter.unwrap_or(frame.counter);
        frame
    }

    pub(super) fn of_ruuvi(ruuvi: &Ruuvi) -> Self {
        let temperature = ruuvi.temperature.map(|it| hundredths(i32::from(it), 2));
        let humidity = ruuvi.humidity.map(|it| hundredths(i32::from(it), 4));
        let readings = [
            (Quantity::Temperature, temperature),
            (Quantity::Humidity, humidity),
            (Quantity::Pressure, ruuvi.pressure.and_then(|it| i32::try_from(it).ok())),
            (Quantity::Voltage, ruuvi.millivolts.map(i32::from)),
            (Quantity::Movements, ruuvi.movements.map(i32::from)),
        ];
        let counter = ruuvi.sequence.map_or(Counter::None, Counter::Sequence);
        Self { counter, readings: measured(readings) }
    }

    /// The count of adverts is no number of a measurement: it grows with every one that is sent.
    pub(super) fn of_telemetry(telemetry: &Telemetry) -> Self {
        let temperature = telemetry.temperature.map(|it| hundredths(i32::from(it) * 100, 256));
        let readings = [
            (Quantity::Temperature, temperature),
            (Quantity::Voltage, telemetry.millivolts.map(i32::from)),
        ];
        Self { counter: Counter::None, readings: measured(readings) }
    }
}

fn measured<const N: usize>(readings: [(Quantity, Option<i32>); N]) -> Vec<Reading> {
    let said = readings.into_iter().filter_map(|(quantity, value)| Some((quantity, value?)));
    said.map(|(quantity, value)| Reading::Measured(quantity, value)).collect()
}

/// `value / divisor`, rounded half away from zero.
fn hundredths(value: i32, divisor: i32) -> i32 {
    let half = divisor / 2 * value.signum();
    value.saturating_add(half) / divisor
}

/// What a BTHome object says that somebody here can use.
fn reading(id: u8, value: bthome::Value<'_>) -> Option<Reading> {
    let contact = matches!(id, 0x11 | 0x1a | 0x1b | 0x2d);
    let quantity = match id {
        0x02 | 0x45 | 0x57 | 0x58 => Quantity::Temperature,
        0x03 | 0x2e => Quantity::Humidity,
        0x01 => Quantity::Battery,
        0x0c | 0x4a => Quantity::Voltage,
        0x04 => Quantity::Pressure,
        0x21..=0x23 | 0x25 | 0x2c => Quantity::Motion,
        0x2b => Quantity::Tamper,
        _ if contact => return flag(value).map(Reading::Contact),
        _ => return None,
    };
    let value = match (value, quantity) {
        (Value::Flag(flag), _) => i32::from(flag),
        (number, Quantity::Temperature | Quantity::Humidity) => with_decimals(number, 2)?,
        (number, Quantity::Voltage) => with_decimals(number, 3)?,
        // BTHome's hundredths of a hectopascal are pascals.
        (number, Quantity::Pressure) => with_decimals(number, 2)?,
        (number, _) => with_decimals(number, 0)?,
    };
    Some(Reading::Measured(quantity, value))
}

fn flag(value: Value<'_>) -> Option<bool> {
    match value {
        Value::Flag(flag) => Some(flag),
        _ => None,
    }
}

/// The number with so many decimals; those beyond are cut, and no quantity above has more.
fn with_decimals(value: Value<'_>, wanted: u8) -> Option<i32> {
    let Value::Number { number, decimals } = value else { return None };
    let number = if decimals <= wanted {
        number.checked_mul(10_i64.checked_pow(u32::from(wanted - decimals))?)?
    } else {
        number / 10_i64.checked_pow(u32::from(decimals - wanted))?
    };
    i32::try_from(number).ok()
}
