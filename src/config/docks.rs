//! `[[dock]]`, `[[reefer]]` and `[deliveries]`: what trucks need. They name doors, receivers and tags, so they are
//! read after those. And `[[screen]]`.

use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::devices::{Devices, Seen};
use super::dock_model::{DockConfig, DockDoor, DocksConfig, ReeferConfig, ScreenConfig};
use super::environment::unreadable;
use super::files::{Files, Purpose};
use super::model::{DoorConfig, DoorKind, ReceiverConfig};
use super::tag_model::{TagClass, TagConfig};
use super::value;
use crate::decode::delivery::{self, Yardstick};
use crate::limits;
use crate::spanned::{Fault, Table, Value, did_you_mean, quote};

/// Strength at which a truck stands at its dock, unless the dock says otherwise.
const NEAR_DBM: i8 = -70;
const UNLOAD_MINUTES: u32 = 60;
const ALARM_MINUTES: u64 = 15;

/// What was read before.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub doors: &'a [DoorConfig],
    pub receivers: &'a [ReceiverConfig],
    pub tags: &'a [TagConfig],
    /// Devices that are there and have mistakes.
    pub broken: &'a [String],
    /// Of the store, where it is known.
    pub zone: Option<&'a str>,
}

impl Known<'_> {
    fn is_broken(&self, name: &str) -> bool {
        self.broken.iter().any(|broken| broken == name)
    }
}

/// Reads all of them.
pub fn docks(
    root: &mut Table<'_>,
    devices: &mut Devices<'_>,
    known: Known<'_>,
    files: Files<'_>,
) -> DocksConfig {
    let mut seen = Seen::default();
    let docks = root.sections("dock", |table| dock(table, devices, known, &mut seen));
    let reefers = root.sections("reefer", |table| reefer(table, known, &mut seen));
    let deliveries = root.section("deliveries", |table| deliveries(table, &docks, known, files));
    DocksConfig { docks, reefers, deliveries }
}

impl Devices<'_> {
    /// `[[screen]]`
    pub fn screen(&mut self, table: &mut Table<'_>) -> Option<ScreenConfig> {
        let name = self.name(table);
        let zone = table.required("zone", value::label);
        let line = self.line(table);
        let channel = table.or("channel", "IN_STORE".to_owned(), value::label);
        let device_type = table.or("device_type", "SCREEN".to_owned(), value::label);
        let (channel, device_type) = (channel?, device_type?);
        Some(ScreenConfig { name: name?, zone: zone?, line: line?, channel, device_type })
    }
}

fn dock(
    table: &mut Table<'_>,
    devices: &mut Devices<'_>,
    known: Known<'_>,
    seen: &mut Seen,
) -> Option<DockConfig> {
    let name = devices.name(table);
    let receiver = table.required("receiver", |v| receiver(v, known));
    let door = table.required("door", |v| door(v, known));
    let near = table.or("near_dbm", NEAR_DBM, dbm);
    let seconds = |v: Value<'_>| v.integer(1..=3600).map(Duration::from_secs);
    let arrives = table.or("arrives_s", limits::DOCK_ARRIVES_AFTER, seconds);
    let leaves = table.or("leaves_s", limits::DOCK_LEAVES_AFTER, seconds);
    let unload = table.or("unload_min", UNLOAD_MINUTES, |v| v.integer(1..=24 * 60));
    // One that serves two docks cannot tell them apart.
    for key in ["receiver", "door"] {
        if let Some(written) = table.peek(key).and_then(|v| v.str().ok()) {
            seen.claim(table, key, &format!("the {key} {} of a dock", quote(written)));
        }
    }
    let (receiver, door) = (receiver?, door?);
    Some(DockConfig {
        name: name?,
        receiver,
        door,
        near_dbm: near?,
        arrives_after: arrives?,
        leaves_after: leaves?,
        unload_minutes: unload?,
    })
}

fn receiver(v: Value<'_>, known: Known<'_>) -> Result<String, Fault> {
    let text = v.str()?;
    let names = || known.receivers.iter().map(|it| it.name.as_str());
    if names().any(|name| name == text) || known.is_broken(text) {
        return Ok(text.to_owned());
    }
    let fault = Fault::new(format!("no [[receiver]] has the name {}", quote(text)));
    Err(fault.hint_if(did_you_mean(text, names())))
}

fn door(v: Value<'_>, known: Known<'_>) -> Result<DockDoor, Fault> {
    let text = v.str()?;
    if let Some(door) = known.doors.iter().find(|door| door.name == text) {
        return match door.kind {
            DoorKind::GpioContact { .. }
            | DoorKind::SerialContact { .. }
            | DoorKind::BleContact { .. } => Ok(DockDoor::Door(text.to_owned())),
            DoorKind::SerialCounter { .. }
            | DoorKind::ModbusCounter { .. }
            | DoorKind::GpioPair { .. } => {
                let fault = Fault::new(format!("{} counts people", quote(text)));
                Err(fault.hint("a dock's door has a contact: gpio-contact or serial-contact"))
            }
        };
    }
    if known.is_broken(text) {
        return Ok(DockDoor::Door(text.to_owned()));
    }
    if known.tags.iter().any(|tag| tag.id == text) {
        return sensor(text, known).map(DockDoor::Tag);
    }
    let names = known.doors.iter().map(|it| it.name.as_str());
    let names = names.chain(known.tags.iter().map(|it| it.id.as_str()));
    let nobody = format!("no [[door]] has the name {0}, and no [[tag]] the id {0}", quote(text));
    let near = did_you_mean(text, names);
    Err(Fault::new(nobody)
        .hint(near.unwrap_or_else(|| "name a [[door]] with a contact".to_owned())))
}

/// The id of a tag that measures something and is nobody's.
fn sensor(text: &str, known: Known<'_>) -> Result<String, Fault> {
    let ids = || known.tags.iter().map(|tag| tag.id.as_str());
    match known.tags.iter().find(|tag| tag.id == text).map(|tag| tag.class) {
        Some(TagClass::Customer | TagClass::Staff) => {
            let fault = Fault::new(format!("the tag {} is a person's", quote(text)));
            Err(fault.hint("a sensor has the class asset, truck or reference"))
        }
        Some(_) => Ok(text.to_owned()),
        None => {
            let fault = Fault::new(format!("no [[tag]] has the id {}", quote(text)));
            Err(fault.hint_if(did_you_mean(text, ids())))
        }
    }
}

/// The id of a truck's tag; of one of many that are enrolled together, with its numbers.
fn truck(text: &str, known: Known<'_>) -> Result<String, Fault> {
    let trucks = || known.tags.iter().filter(|tag| tag.class == TagClass::Truck);
    let is_it = |tag: &TagConfig| {
        let rest = text.strip_prefix(&tag.id);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if trucks().any(is_it) {
        return Ok(text.to_owned());
    }
    let fault = Fault::new(format!("no [[tag]] of the class truck has the id {}", quote(text)));
    Err(fault.hint_if(did_you_mean(text, trucks().map(|tag| tag.id.as_str()))))
}

fn reefer(table: &mut Table<'_>, known: Known<'_>, seen: &mut Seen) -> Option<ReeferConfig> {
    let sensor = table.required("sensor", |v| sensor(v.str()?, known));
    if let Some(sensor) = &sensor {
        seen.claim(table, "sensor", &format!("the sensor {}", quote(sensor)));
    }
    let truck = table.optional("truck", |v| truck(v.str()?, known));
    let low = table.or("min_c", None, |v| hundredths(v).map(Some));
    let high = table.or("max_c", None, |v| hundredths(v).map(Some));
    let alarm = table.or("alarm_min", ALARM_MINUTES, |v| v.integer(1..=24 * 60));
    if let (Some(Some(low)), Some(Some(high))) = (low, high)
        && low >= high
    {
        table.mistake("min_c", Fault::new("`min_c` is not below `max_c`"));
    }
    if !table.has("min_c") && !table.has("max_c") && table.has("alarm_min") {
        let fault = Fault::new("`alarm_min` without `min_c` or `max_c`");
        table.mistake("alarm_min", fault.hint("an alarm needs a limit"));
    }
    let alarm_after = Duration::from_secs(60 * alarm?);
    Some(ReeferConfig { sensor: sensor?, truck, low: low?, high: high?, alarm_after })
}

fn deliveries(
    table: &mut Table<'_>,
    docks: &[DockConfig],
    known: Known<'_>,
    files: Files<'_>,
) -> Option<PathBuf> {
    let path = table.required("file", value::path)?;
    if docks.is_empty() {
        let fault = Fault::new("a delivery plan without a [[dock]]");
        table.warn("file", fault.hint("nobody would arrive by it"));
    }
    let shown = path.display().to_string();
    let text = match files.env.read(&path, limits::PLAN_BYTES) {
        Ok(text) => text,
        // It may come every night, and the daemon waits for it.
        Err(error) => {
            table.warn("file", unreadable(&shown, &error));
            return Some(path);
        }
    };
    let zone = known.zone.and_then(|zone| TimeZone::get(zone).ok()).unwrap_or(TimeZone::UTC);
    let by = Yardstick { zone, docks: docks.iter().map(|dock| dock.name.clone()).collect() };
    if let Err(mistakes) = delivery::parse(&shown, &text, &by) {
        match files.purpose {
            Purpose::Check => table.mistakes_elsewhere(mistakes),
            Purpose::Start => {}
        }
    }
    Some(path)
}

fn dbm(v: Value<'_>) -> Result<i8, Fault> {
    let dbm = v.signed()?;
    let dbm = i8::try_from(dbm).ok().filter(|dbm| (-110..=-20).contains(dbm));
    dbm.ok_or_else(|| Fault::new("no strength of a tag").hint("dBm from -110 to -20, as -70"))
}

/// Degrees with at most two decimals, as hundredths.
fn hundredths(v: Value<'_>) -> Result<i32, Fault> {
    let text = v.number()?;
    let fault = || Fault::new(format!("{} is no temperature", quote(&text)));
    let fault = || fault().hint("degrees Celsius from -100 to 200, as -18 or -18.5");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(&text)),
    };
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = rest.len() <= 2 && rest.bytes().all(|b| b.is_ascii_digit());
    let cents = format!("{rest:0<2}").parse::<i32>().ok().filter(|_| plain);
    let value = whole.parse::<i32>().ok().zip(cents);
    let value = value.and_then(|(whole, cents)| whole.checked_mul(100)?.checked_add(cents));
    value.map(|value| sign * value).filter(|it| (-10_000..=20_000).contains(it)).ok_or_else(fault)
}
