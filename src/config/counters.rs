//! People counters of `[[door]]`: what a serial one speaks, and where one on a Modbus line keeps its totals.

use std::path::PathBuf;
use std::time::Duration;

use super::devices::Devices;
use super::model::{DoorKind, SerialLine};
use crate::decode::counter::Protocol;
pub use crate::decode::counter::registers::Layout;
use crate::limits;
use crate::spanned::{Fault, Table, Value};

/// Where a counter on a Modbus line keeps its totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModbusCounter {
    /// Its address on the line, 1 to 247.
    pub unit: u8,
    /// Its holding registers, not its input registers.
    pub holding: bool,
    /// The first register of the total of who came in, and of who went out; the first of all is 0.
    pub registers: [u16; 2],
    /// How a total lies in them.
    pub layout: Layout,
    /// How often it is asked.
    pub every: Duration,
}

/// The Modbus lines of a file: how each was opened first, by which line of the file, and how many counters hang there.
#[derive(Debug, Default)]
pub struct Buses(Vec<(SerialLine, usize, usize)>);

impl DoorKind {
    /// Bits after which the totals of a counter begin again, where that is known.
    #[must_use]
    pub fn counter_bits(&self) -> Option<u32> {
        match self {
            Self::SerialCounter { protocol, .. } => protocol.bits(),
            Self::ModbusCounter { counter, .. } => Some(counter.layout.bits()),
            _ => None,
        }
    }
}

const SPEAKS: &[(&str, Speaks)] =
    &[("lines", Speaks::Lines), ("terabee", Speaks::Terabee), ("point-six", Speaks::PointSix)];

/// A protocol, as the file names it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaks {
    Lines,
    Terabee,
    PointSix,
}

const HOLDING: &[(&str, bool)] = &[("input", false), ("holding", true)];
const LOW_FIRST: &[(&str, bool)] = &[("high-first", false), ("low-first", true)];

/// How manuals number the first input and the first holding register.
const MANUALS: [(u16, &str); 2] = [(30_001, "input"), (40_001, "holding")];

impl Devices<'_> {
    /// `kind = "serial-counter"`
    pub(super) fn serial_counter(&mut self, table: &mut Table<'_>) -> Option<DoorKind> {
        let line = self.line(table);
        let speaks = table.or("protocol", Speaks::Lines, |v| v.one_of(SPEAKS));
        let protocol = match speaks? {
            Speaks::PointSix => {
                let sensor = table.required("sensor", serial_number);
                Protocol::PointSix { sensor: sensor? }
            }
            Speaks::Lines => Protocol::Lines,
            Speaks::Terabee => Protocol::Terabee,
        };
        Some(DoorKind::SerialCounter { line: line?, protocol })
    }

    /// `kind = "modbus-counter"`
    pub(super) fn modbus_counter(&mut self, table: &mut Table<'_>) -> Option<DoorKind> {
        let line = self.bus(table);
        let unit = table.required("unit", |v| v.integer(1..=247));
        let holding = table.or("registers", false, |v| v.one_of(HOLDING));
        let registers = [register(table, "in_register"), register(table, "out_register")];
        let bits = table.or("bits", 32, bits);
        let low_first = table.or("word_order", false, |v| v.one_of(LOW_FIRST));
        let every = table.or("poll_s", limits::MODBUS_POLL_S, |v| v.integer(1..=3600));
        let layout = match (bits?, low_first?) {
            (16, _) if table.has("word_order") => {
                let fault = Fault::new("a total of 16 bits is one word");
                table.mistake("word_order", fault.hint("leave `word_order` out"));
                return None;
            }
            (16, _) => Layout::One,
            (_, false) => Layout::HighFirst,
            (_, true) => Layout::LowFirst,
        };
        let [Some(entered), Some(exited)] = registers else { return None };
        let (line, unit, holding) = (line?, unit?, holding?);
        self.claim_registers(table, &line, (unit, holding), [entered, exited], layout);
        let every = Duration::from_secs(every?);
        let counter = ModbusCounter { unit, holding, registers: [entered, exited], layout, every };
        Some(DoorKind::ModbusCounter { line, counter })
    }

    /// No total is read twice, and none lies in another.
    fn claim_registers(
        &mut self,
        table: &Table<'_>,
        line: &SerialLine,
        (unit, holding): (u8, bool),
        [entered, exited]: [u16; 2],
        layout: Layout,
    ) {
        let kind = if holding { "holding" } else { "input" };
        for (key, first) in [("in_register", entered), ("out_register", exited)] {
            let port = line.port.display();
            let thing = format!("{kind} register {first} of unit {unit} on {port}");
            self.attachments.claim(table, key, &thing);
            if first.checked_add(layout.words() - 1).is_none() {
                let fault = Fault::new("the total goes beyond the last register, 65535");
                table.mistake(key, fault);
            }
        }
        let apart = entered.abs_diff(exited);
        if apart > 0 && apart < layout.words() {
            let fault = Fault::new("the total of who went out lies in that of who came in");
            let hint = "a total of 32 bits has two registers: the next one begins two later; or `bits = 16`";
            table.mistake("out_register", fault.hint(hint));
        }
    }

    /// A line that others on it may have named before.
    fn bus(&mut self, table: &mut Table<'_>) -> Option<SerialLine> {
        let line = self.open_line(table)?;
        let here = table.line_of("port");
        let Some((first, at, counters)) = self.buses.of(&line.port) else {
            self.claim_port(table, &line.port);
            self.buses.0.push((line.clone(), here, 1));
            return Some(line);
        };
        *counters += 1;
        if *counters > limits::MODBUS_COUNTERS {
            let fault =
                Fault::new(format!("more than {} counters on one line", limits::MODBUS_COUNTERS));
            table.mistake("port", fault.hint("ask some of them on a line of their own"));
        }
        if *first != line {
            let fault = Fault::new("the same line is opened in two ways");
            let hint = format!("`baud` and `format` must be as with the [[door]] of line {at}");
            table.mistake("port", fault.hint(hint));
        }
        Some(line)
    }
}

impl Buses {
    fn of(&mut self, port: &PathBuf) -> Option<&mut (SerialLine, usize, usize)> {
        self.0.iter_mut().find(|(line, ..)| line.port == *port)
    }
}

fn register(table: &mut Table<'_>, key: &'static str) -> Option<u16> {
    let register = table.required(key, |v| v.integer::<u16>(0..=65_535))?;
    for (first, kind) in MANUALS {
        if let Some(number) = register.checked_sub(first).filter(|number| *number < 9_999) {
            let fault = Fault::new(format!("{register} looks like a manual's number"));
            let there = format!("`registers = \"{kind}\"`, `{key} = {number}`");
            let hint =
                format!("on the line registers begin at 0: {register} of a manual is {there}");
            table.warn(key, fault.hint(hint));
        }
    }
    Some(register)
}

fn bits(value: Value<'_>) -> Result<u64, Fault> {
    let bits = value.integer(0..=64)?;
    if [16, 32].contains(&bits) {
        return Ok(bits);
    }
    Err(Fault::new(format!("a total of {bits} bits")).hint("16 or 32"))
}

/// The serial number of a sensor in eight hexadecimal digits.
fn serial_number(value: Value<'_>) -> Result<u32, Fault> {
    let text = value.str()?;
    let digits = text.len() == 8 && text.bytes().all(|it| it.is_ascii_hexdigit());
    let number = u32::from_str_radix(text, 16).ok().filter(|_| digits);
    number.ok_or_else(|| {
        let fault = Fault::new("no serial number of a sensor");
        fault.hint("eight hexadecimal digits, the third to the tenth of its packets")
    })
}
