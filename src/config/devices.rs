//! Tills, doors and receivers: what hangs on which port, and that nothing is used twice.

use std::collections::HashMap;
use std::path::Path;

use super::counters::Buses;
use super::dialects::{self, refuse_unless_asked};
use super::environment::Environment;
use super::joined::Joined;
use super::model::{
    AnswersConfig, BluezReceiver, FeedConfig, LineFormat, Parity, ReceiverConfig, ReceiverKind,
    SerialConfig, SerialLine, SerialMode,
};
use super::{radio, value, zone};
use crate::decode::status::Level;
use crate::limits;
use crate::spanned::{Fault, Table, Value, quote};

/// Rates that devices are really set to; others between the bounds are accepted with a warning.
const USUAL_BAUD: [u32; 15] = [
    300, 600, 1200, 2400, 4800, 9600, 14_400, 19_200, 28_800, 38_400, 57_600, 115_200, 230_400,
    460_800, 921_600,
];

const EIGHT_N_ONE: LineFormat = LineFormat { data_bits: 8, parity: Parity::None, stop_bits: 1 };

/// Remembers what was used and where, so that a second use is a mistake.
#[derive(Debug, Default)]
pub struct Seen(HashMap<String, String>);

impl Seen {
    /// Takes `thing` (as a message calls it) for the value of `key`; a mistake there if it is taken.
    pub fn claim(&mut self, table: &Table<'_>, key: &str, thing: &str) {
        let here = format!("line {}", table.line_of(key));
        if let Err(first) = self.take(thing.to_owned(), here) {
            let fault = Fault::new(format!("{thing} is used twice"));
            table.mistake(key, fault.hint(format!("first used in {first}")));
        }
    }

    /// Takes `thing`, unless it is taken: then says where.
    pub fn take(&mut self, thing: String, here: String) -> Result<(), String> {
        match self.0.get(&thing) {
            Some(first) => Err(first.clone()),
            None => {
                self.0.insert(thing, here);
                Ok(())
            }
        }
    }
}

/// Reads all devices of a file.
pub struct Devices<'e> {
    env: &'e dyn Environment,
    names: Seen,
    /// Ports, GPIO lines, adapters.
    pub(super) attachments: Seen,
    joined: Joined,
    /// Ports that several may share.
    pub(super) buses: Buses,
}

impl<'e> Devices<'e> {
    pub fn new(env: &'e dyn Environment) -> Self {
        Self {
            env,
            names: Seen::default(),
            attachments: Seen::default(),
            joined: Joined::default(),
            buses: Buses::default(),
        }
    }

    /// `[[serial]]`
    pub fn serial(&mut self, table: &mut Table<'_>) -> Option<SerialConfig> {
        let name = self.name(table);
        let line = self.line(table);
        let env = self.env;
        let dialect = table.required("dialect", |v| dialects::named(v, env));
        let terminal = table.optional("terminal", value::label);
        let decimal = table.optional("decimal", value::decimal);
        let code_page = table.optional("code_page", value::code_page);
        let mode = table.or("mode", SerialMode::Listen, |v| v.one_of(MODES));
        let till = self.joined.till(table, name.as_deref(), dialect.as_deref(), env);
        let answers = self.answers(table, name.as_deref(), dialect.as_deref(), line.as_ref());
        if let (Some(SerialMode::Poll), Some(dialect)) = (mode, &dialect) {
            refuse_unless_asked(table, dialect, env);
        }
        if let Some(dialect) = &dialect {
            table.mistakes_elsewhere(dialects::mistakes(dialect, decimal, env));
        }
        let name = name?;
        Some(SerialConfig {
            terminal: terminal.unwrap_or_else(|| name.clone()),
            name,
            line: line?,
            dialect: dialect?,
            decimal,
            code_page,
            mode: mode?,
            till,
            answers,
        })
    }

    /// What no single `[[serial]]` can tell: whether the tills are there that others name.
    pub fn check_joined(&self, root: &Table<'_>) {
        self.joined.check(root.remarks(), self.env);
    }

    /// The wire on which a till's printer answers; it is as fast as the other one.
    fn answers(
        &mut self,
        table: &mut Table<'_>,
        name: Option<&str>,
        dialect: Option<&str>,
        till: Option<&SerialLine>,
    ) -> Option<AnswersConfig> {
        let port = table.optional("answers", value::path);
        let level = table.or("drawer_open_level", Level::High, |v| v.one_of(LEVELS));
        if !table.has("answers") && table.has("drawer_open_level") {
            let fault = Fault::new("`drawer_open_level` without `answers`");
            table.mistake("drawer_open_level", fault.hint("the printer's answers tell the level"));
        }
        let (port, name) = (port?, format!("{}.answers", name?));
        self.names.claim(table, "answers", &format!("the name {}", quote(&name)));
        self.attachments.claim(table, "answers", &format!("the port {}", port.display()));
        self.warn_of_port(table, "answers", &port);
        dialects::refuse_unless_answered(table, dialect?, self.env);
        Some(AnswersConfig { name, line: SerialLine { port, ..till?.clone() }, level: level? })
    }

    /// `[[receiver]]`
    pub fn receiver(&mut self, table: &mut Table<'_>) -> Option<ReceiverConfig> {
        let name = self.name(table);
        let zone = table.required("zone", value::label);
        let offset_db = table.or("offset_db", 0, |v| zone::decibels(v, -40..=40));
        let bluez = table.required("kind", |v| v.one_of(&[("serial", false), ("bluez", true)]));
        let kind = match bluez {
            Some(false) => {
                let silence = table.or("silence_s", Some(limits::RECEIVER_SILENCE), radio::silence);
                self.line(table)
                    .and_then(|line| Some(ReceiverKind::Serial { line, silence: silence? }))
            }
            Some(true) => self.bluez(table).map(ReceiverKind::Bluez),
            None => {
                table.allow_unknown();
                None
            }
        };
        Some(ReceiverConfig { name: name?, zone: zone?, offset_db: offset_db?, kind: kind? })
    }

    fn bluez(&mut self, table: &mut Table<'_>) -> Option<BluezReceiver> {
        let adapter = table.optional("adapter", radio::adapter);
        let shown = adapter.as_deref().unwrap_or("the first one");
        let thing = format!("the Bluetooth adapter ({shown})");
        let key = if table.has("adapter") { "adapter" } else { "kind" };
        self.attachments.claim(table, key, &thing);
        if adapter.as_deref().is_some_and(|name| name.starts_with("hci")) {
            let fault = Fault::new(format!("{shown} may be another adapter after the next start"));
            table.warn(key, fault.hint("use its address; `bluetoothctl list` tells it"));
        }
        let power_on = table.or("power_on", false, Value::boolean);
        let silence = table.or("silence_s", Some(limits::RADIO_SILENCE), radio::silence);
        Some(BluezReceiver { adapter, power_on: power_on?, silence: silence? })
    }

    /// Names of devices that have mistakes: those that are none of `whole`. Who names one of them is told nothing.
    pub(super) fn broken(&self, whole: &[&str]) -> Vec<String> {
        let name = |thing: &String| {
            let name = thing.strip_prefix("the name `")?.strip_suffix('`')?;
            (!whole.contains(&name)).then(|| name.to_owned())
        };
        self.names.0.keys().filter_map(name).collect()
    }

    /// `[[stock_feed]]`
    pub fn feed(&mut self, table: &mut Table<'_>) -> Option<FeedConfig> {
        let name = self.name(table);
        let line = self.line(table);
        Some(FeedConfig { name: name?, line: line? })
    }

    pub(super) fn name(&mut self, table: &mut Table<'_>) -> Option<String> {
        let name = table.required("name", value::name)?;
        self.names.claim(table, "name", &format!("the name {}", quote(&name)));
        Some(name)
    }

    pub(super) fn line(&mut self, table: &mut Table<'_>) -> Option<SerialLine> {
        let line = self.open_line(table)?;
        self.claim_port(table, &line.port);
        Some(line)
    }

    pub(super) fn claim_port(&mut self, table: &Table<'_>, port: &Path) {
        self.attachments.claim(table, "port", &format!("the port {}", port.display()));
    }

    /// How a line is opened that others may share.
    pub(super) fn open_line(&self, table: &mut Table<'_>) -> Option<SerialLine> {
        let port = table.required("port", value::path);
        let baud = table.or("baud", 9600, |v| v.integer(300..=4_000_000));
        if let Some(baud) = baud.filter(|it| !USUAL_BAUD.contains(it)) {
            let fault = Fault::new(format!("{baud} baud is unusual"));
            table.warn("baud", fault.hint("most tills have 9600, 19200, 38400 or 115200"));
        }
        let format = table.or("format", EIGHT_N_ONE, value::line_format);
        let port = port?;
        self.warn_of_port(table, "port", &port);
        Some(SerialLine { port, baud: baud?, format: format? })
    }

    fn warn_of_port(&self, table: &Table<'_>, key: &str, port: &Path) {
        let shown = port.display();
        if ["/dev/ttyUSB", "/dev/ttyACM"].iter().any(|it| shown.to_string().starts_with(it)) {
            let fault = Fault::new(format!("{shown} may be another device after the next start"));
            table.warn(key, fault.hint("use its name in /dev/serial/by-path"));
        }
        self.warn_if_missing(table, key, port);
    }

    pub(super) fn warn_if_missing(&self, table: &Table<'_>, key: &str, path: &Path) {
        if !self.env.exists(path) {
            let fault = Fault::new(format!("{} is not there", path.display()));
            table.warn(key, fault.hint("the daemon goes on without it and waits for it"));
        }
    }
}

/// Whether a port is only listened to.
const MODES: &[(&str, SerialMode)] = &[("listen", SerialMode::Listen), ("poll", SerialMode::Poll)];

/// What the drawer's pin reads while it is open.
const LEVELS: &[(&str, Level)] = &[("high", Level::High), ("low", Level::Low)];

/// A gateway without any device is legal (it is being set up), but hardly meant.
pub fn warn_if_none(root: &Table<'_>) {
    const DEVICES: [&str; 5] = ["serial", "door", "receiver", "screen", "stock_feed"];
    if !DEVICES.iter().any(|key| root.has(key)) {
        let fault = Fault::new(
            "no device is configured: nothing is read, and only this gateway's state is sent",
        );
        root.warn("", fault.hint("add [[serial]], [[door]] or [[receiver]]"));
    }
}
