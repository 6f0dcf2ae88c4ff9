//! `[[door]]`: how each door is watched, and what no door can tell by itself.

use std::path::PathBuf;
use std::time::Duration;

use super::devices::Devices;
use super::model::{DoorConfig, DoorKind};
use super::tag_model::TagConfig;
use super::value;
use crate::decode::beacon::TagMatch;
use crate::spanned::{Fault, Table, Value, quote};

/// How a door is watched, as the file names it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Watch {
    Counter,
    Contact,
    Lines,
    Pair,
    Sensor,
    Modbus,
}

const KINDS: &[(&str, Watch)] = &[
    ("gpio-contact", Watch::Contact),
    ("serial-counter", Watch::Counter),
    ("serial-contact", Watch::Lines),
    ("gpio-pair", Watch::Pair),
    ("ble-contact", Watch::Sensor),
    ("modbus-counter", Watch::Modbus),
];

/// Lengths of a window: they divide an hour, so that windows of all doors lie side by side.
const WINDOWS: [u64; 9] = [0, 10, 30, 60, 120, 300, 600, 900, 3600];

/// Milliseconds for which a level must hold: a reed bounces longer than a beam's relay.
const DEBOUNCE_CONTACT: u64 = 20;
const DEBOUNCE_BEAM: u64 = 5;

impl Devices<'_> {
    /// `[[door]]`
    pub fn door(&mut self, table: &mut Table<'_>) -> Option<DoorConfig> {
        let name = self.name(table);
        let zone = table.required("zone", value::label);
        let window = table.or("window_s", 0, window);
        let kind = match table.required("kind", |v| v.one_of(KINDS)) {
            Some(Watch::Counter) => self.serial_counter(table),
            Some(Watch::Modbus) => self.modbus_counter(table),
            Some(Watch::Contact) => self.contact(table),
            Some(Watch::Lines) => self.line(table).map(|line| DoorKind::SerialContact { line }),
            Some(Watch::Pair) => self.pair(table),
            Some(Watch::Sensor) => {
                let tag = table.required("tag", |v| v.str().map(str::to_owned));
                if let Some(tag) = &tag {
                    let thing = format!("the sensor {}", quote(tag));
                    self.attachments.claim(table, "tag", &thing);
                }
                tag.map(|tag| DoorKind::BleContact { tag })
            }
            None => {
                table.allow_unknown();
                None
            }
        };
        let window = Duration::from_secs(window?);
        Some(DoorConfig { name: name?, zone: zone?, kind: kind?, window, counts_openings: true })
    }

    /// What a door names must be there, and who is inside can be told only of doors that count both ways.
    pub fn check_doors(
        &self,
        root: &Table<'_>,
        doors: &[DoorConfig],
        tags: &[TagConfig],
        occupancy: bool,
    ) {
        for door in doors {
            if let DoorKind::BleContact { tag: id } = &door.kind {
                let complaint = match tags.iter().find(|tag| tag.id == *id) {
                    Some(tag) if matches!(tag.known_by, TagMatch::Address(..)) => None,
                    Some(_) => Some("is not known by its address"),
                    None => Some("is not there"),
                };
                if let Some(complaint) = complaint {
                    let what = format!(
                        "the [[tag]] {} of the door {} {complaint}",
                        quote(id),
                        quote(&door.name)
                    );
                    let hint = "a sensor is a [[tag]] with `match = { address = \"…\" }`";
                    root.mistake("door", Fault::new(what).hint(hint));
                }
            }
            if occupancy && one_way(&door.kind) && door.counts_openings {
                let what = format!(
                    "`occupancy` with the door {}, which cannot tell who leaves",
                    quote(&door.name)
                );
                let hint = "count that door both ways, or leave `occupancy` out of [gateway]";
                root.mistake("door", Fault::new(what).hint(hint));
            }
        }
        if occupancy && doors.is_empty() {
            root.warn("gateway", Fault::new("`occupancy` without any [[door]]: nobody is counted"));
        }
    }

    fn contact(&mut self, table: &mut Table<'_>) -> Option<DoorKind> {
        let chip = self.chip(table);
        let line = gpio_line(table);
        let (debounce, active_low) = levels(table, DEBOUNCE_CONTACT);
        let (chip, line) = (chip?, line?);
        let key = if table.has("line") { "line" } else { "lines" };
        self.attachments.claim(table, key, &format!("line {line} of {}", chip.display()));
        Some(DoorKind::GpioContact { chip, line, debounce: debounce?, active_low: active_low? })
    }

    fn pair(&mut self, table: &mut Table<'_>) -> Option<DoorKind> {
        let chip = self.chip(table);
        let lines = table.required("lines", |v| match *v.list(offset)?.as_slice() {
            [outer, inner] if outer != inner => Ok([outer, inner]),
            _ => {
                let fault = Fault::new("two beams hang on two lines");
                Err(fault.hint("the outer one first: `lines = [17, 27]`"))
            }
        });
        let (debounce, active_low) = levels(table, DEBOUNCE_BEAM);
        let counts_weak = table.or("count_weak", true, Value::boolean);
        let (chip, lines) = (chip?, lines?);
        for line in lines {
            self.attachments.claim(table, "lines", &format!("line {line} of {}", chip.display()));
        }
        let (debounce, active_low, counts_weak) = (debounce?, active_low?, counts_weak?);
        Some(DoorKind::GpioPair { chip, lines, debounce, active_low, counts_weak })
    }

    fn chip(&self, table: &mut Table<'_>) -> Option<PathBuf> {
        let chip = table.or("chip", PathBuf::from("/dev/gpiochip0"), value::path)?;
        self.warn_if_missing(table, "chip", &chip);
        Some(chip)
    }
}

/// Whether it counts passages without their direction.
fn one_way(kind: &DoorKind) -> bool {
    match kind {
        DoorKind::GpioContact { .. }
        | DoorKind::SerialContact { .. }
        | DoorKind::BleContact { .. } => true,
        DoorKind::SerialCounter { protocol, .. } => !protocol.tells_both_ways(),
        DoorKind::ModbusCounter { .. } | DoorKind::GpioPair { .. } => false,
    }
}

/// How long a level must hold, and whether low means that something is there.
fn levels(table: &mut Table<'_>, debounce_ms: u64) -> (Option<Duration>, Option<bool>) {
    let debounce = table.or("debounce_ms", debounce_ms, |v| v.integer(0..=1000));
    let active_low = table.or("active_low", false, Value::boolean);
    (debounce.map(Duration::from_millis), active_low)
}

fn window(value: Value<'_>) -> Result<u64, Fault> {
    let seconds = value.integer(0..=3600)?;
    if WINDOWS.contains(&seconds) {
        return Ok(seconds);
    }
    let known: Vec<String> = WINDOWS.iter().map(u64::to_string).collect();
    let fault = Fault::new(format!("a window of {seconds} s"));
    Err(fault.hint(format!("one of {}; 0 tells each crossing", known.join(", "))))
}

fn offset(value: Value<'_>) -> Result<u32, Fault> {
    value.integer(0..=4095)
}

/// `line = 17` or `lines = [17]`: a contact has exactly one.
fn gpio_line(table: &mut Table<'_>) -> Option<u32> {
    if table.has("line") && table.has("lines") {
        table.mistake("lines", Fault::new("`line` and `lines` say the same").hint("keep one"));
    }
    if !table.has("lines") {
        return table.required("line", offset);
    }
    table.optional("line", offset);
    table.optional("lines", |v| match v.list(offset)?.as_slice() {
        [line] => Ok(*line),
        _ => Err(Fault::new("a contact hangs on one line").hint("write `line = 17`")),
    })
}
