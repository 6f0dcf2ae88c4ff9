//! What a configuration would run, as a table and as JSON.

use std::path::Path;

use serde::Serialize;

use super::count;
use crate::config::{
    BluezReceiver, Config, Confirm, DockDoor, DoorKind, Encoding, Environment, Parity,
    ReceiverKind, SerialLine, TagClass,
};

/// What would run.
#[derive(Debug, Serialize)]
pub struct Plan {
    gateway: Gateway,
    broker: Broker,
    buffer: Buffer,
    health: Health,
    devices: Vec<Device>,
    tags: Tags,
    products: usize,
}

#[derive(Debug, Serialize)]
struct Gateway {
    id: String,
    tenant: String,
    store_id: u64,
    timezone: String,
    currency: String,
}

#[derive(Debug, Serialize)]
struct Broker {
    url: String,
    tls: bool,
    client_certificate: bool,
    password: bool,
    encoding: &'static str,
    confirm: &'static str,
    keep_alive_s: u64,
    preset: &'static str,
    in_flight: u16,
    messages_per_s: Option<u32>,
    bytes_per_s: Option<u32>,
    max_packet_bytes: usize,
    retain: bool,
}

#[derive(Debug, Serialize)]
struct Buffer {
    data_dir: String,
    max_bytes: u64,
    commit_interval_ms: u128,
    journal_bytes: u64,
    journal_days: u64,
}

#[derive(Debug, Serialize)]
struct Health {
    /// 0: never.
    interval_s: u64,
    metrics: Option<String>,
}

#[derive(Debug, Default, Serialize)]
struct Tags {
    customer: usize,
    staff: usize,
    asset: usize,
    truck: usize,
    reference: usize,
}

/// One row of the table.
#[derive(Debug, Default, Serialize)]
struct Device {
    name: String,
    kind: &'static str,
    /// A path, a line of a GPIO chip, or an adapter.
    port: String,
    /// Rate and format of a serial port.
    settings: Option<String>,
    dialect: Option<String>,
    zone: Option<String>,
    /// `None` where only a running Bluetooth daemon could tell.
    present: Option<bool>,
}

impl Plan {
    /// The plan of a checked configuration on this machine.
    pub fn of(config: &Config, env: &dyn Environment) -> Self {
        let (gateway, mqtt) = (&config.gateway, &config.mqtt);
        let scheme = if mqtt.tls { "mqtts" } else { "mqtt" };
        let host =
            if mqtt.host.contains(':') { format!("[{}]", mqtt.host) } else { mqtt.host.clone() };
        Self {
            gateway: Gateway {
                id: gateway.id.clone(),
                tenant: gateway.tenant.clone(),
                store_id: gateway.store_id,
                timezone: gateway.timezone.clone(),
                currency: gateway.currency.code().to_owned(),
            },
            broker: Broker {
                url: format!("{scheme}://{host}:{}", mqtt.port),
                tls: mqtt.tls,
                client_certificate: mqtt.tls && mqtt.client_cert.is_some(),
                password: mqtt.password_file.is_some(),
                encoding: match mqtt.encoding {
                    Encoding::Postcard => "postcard",
                    Encoding::Json => "json",
                },
                confirm: match mqtt.confirm {
                    Confirm::Broker => "broker",
                    Confirm::Cloud => "cloud",
                },
                keep_alive_s: mqtt.keep_alive.as_secs(),
                preset: mqtt.allowance.preset.name(),
                in_flight: mqtt.allowance.in_flight,
                messages_per_s: mqtt.allowance.messages_per_s,
                bytes_per_s: mqtt.allowance.bytes_per_s,
                max_packet_bytes: mqtt.allowance.packet_bytes,
                retain: mqtt.allowance.retain,
            },
            buffer: Buffer {
                data_dir: gateway.data_dir.display().to_string(),
                max_bytes: config.buffer.max_bytes,
                commit_interval_ms: config.buffer.commit_interval.as_millis(),
                journal_bytes: config.buffer.journal_bytes,
                journal_days: config.buffer.journal_age.as_secs() / (24 * 60 * 60),
            },
            health: Health {
                interval_s: config.health.interval_s,
                metrics: config.metrics.listen.map(|address| format!("http://{address}/metrics")),
            },
            devices: devices(config, env),
            tags: tags(config),
            products: config.products.len(),
        }
    }

    /// The plan for a person, ending with a line end.
    pub fn text(&self, colour: bool) -> String {
        let Self { gateway, broker, buffer, tags, .. } = self;
        let mut out = format!(
            "gateway   {} of {}, store {}, {}, {}\n",
            gateway.id, gateway.tenant, gateway.store_id, gateway.timezone, gateway.currency
        );
        let identity = match (broker.client_certificate, broker.password) {
            (true, true) => "client certificate and password",
            (true, false) => "client certificate",
            (false, true) => "password",
            (false, false) => "no identity",
        };
        out += &format!("broker    {}, {identity}, {}\n", broker.url, broker.encoding);
        out += &format!("freed     when the {} confirms\n", broker.confirm);
        out += &format!(
            "buffer    {}, at most {} MiB, committed every {} ms\n\
             journal   at most {} MiB, finished documents for {} days\n",
            buffer.data_dir,
            buffer.max_bytes >> 20,
            buffer.commit_interval_ms,
            buffer.journal_bytes >> 20,
            buffer.journal_days
        );
        let topic = match self.health.interval_s {
            0 => "not told".to_owned(),
            seconds => format!("told every {seconds} s"),
        };
        let metrics = self.health.metrics.as_deref().unwrap_or("no metrics");
        out += &format!("health    {topic}, {metrics}\n");
        out += &format!(
            "tags      {} customer, {} staff, {} asset, {} truck, {} reference\n",
            tags.customer, tags.staff, tags.asset, tags.truck, tags.reference
        );
        out += &format!("products  {}\n\n", self.products);
        out += &self.table(colour);
        let missing = self.devices.iter().filter(|it| it.present == Some(false)).count();
        if missing > 0 {
            out += &format!(
                "\n{} missing: the daemon goes on without and waits\n",
                count(missing, "device")
            );
        }
        out
    }

    fn table(&self, colour: bool) -> String {
        let (bold, yellow, reset) =
            if colour { ("\x1b[1m", "\x1b[33m", "\x1b[0m") } else { ("", "", "") };
        let mut rows = vec![["NAME", "KIND", "DIALECT", "ZONE", "HERE", "PORT"].map(str::to_owned)];
        rows.extend(self.devices.iter().map(Device::cells));
        let mut widths = [0; 6];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let mut out = String::new();
        for (index, row) in rows.iter().enumerate() {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            let line = cells.collect::<Vec<_>>().join("  ");
            let missing = row.iter().any(|cell| cell == "missing");
            let paint = if index == 0 {
                bold
            } else if missing {
                yellow
            } else {
                ""
            };
            let reset = if paint.is_empty() { "" } else { reset };
            out += &format!("{paint}{}{reset}\n", line.trim_end());
        }
        out
    }
}

impl Device {
    fn cells(&self) -> [String; 6] {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let here = match self.present {
            Some(true) => "present",
            Some(false) => "missing",
            None => "-",
        };
        let port = match &self.settings {
            Some(settings) => format!("{} {settings}", self.port),
            None => self.port.clone(),
        };
        let (dialect, zone) = (or_dash(&self.dialect), or_dash(&self.zone));
        [self.name.clone(), self.kind.to_owned(), dialect, zone, here.to_owned(), port]
    }

    fn on_port(self, line: &SerialLine, env: &dyn Environment) -> Self {
        let format = line.format;
        let parity = match format.parity {
            Parity::None => 'N',
            Parity::Even => 'E',
            Parity::Odd => 'O',
        };
        let settings = format!("{} {}{parity}{}", line.baud, format.data_bits, format.stop_bits);
        Self { settings: Some(settings), ..self.at(&line.port, env) }
    }

    fn at(self, path: &Path, env: &dyn Environment) -> Self {
        Self { port: path.display().to_string(), present: Some(env.exists(path)), ..self }
    }
}

fn devices(config: &Config, env: &dyn Environment) -> Vec<Device> {
    let tills = config.serial.iter().map(|till| {
        let kind = if till.till.is_some() { "payment terminal" } else { "till" };
        let device = Device { name: till.name.clone(), kind, ..Device::default() };
        Device { dialect: Some(till.dialect.clone()), ..device.on_port(&till.line, env) }
    });
    let doors = config.doors.iter().map(|door| {
        let zone = Some(door.zone.clone());
        let device = Device { name: door.name.clone(), zone, ..Device::default() };
        match &door.kind {
            DoorKind::SerialCounter { line, .. } => {
                Device { kind: "serial-counter", ..device.on_port(line, env) }
            }
            DoorKind::ModbusCounter { line, counter } => {
                let device = Device { kind: "modbus-counter", ..device.on_port(line, env) };
                Device { port: format!("{} unit {}", device.port, counter.unit), ..device }
            }
            DoorKind::SerialContact { line } => {
                Device { kind: "serial-contact", ..device.on_port(line, env) }
            }
            DoorKind::GpioContact { chip, line, .. } => {
                let port = format!("{} line {line}", chip.display());
                Device { kind: "gpio-contact", port, ..device.at(chip, env) }
            }
            DoorKind::GpioPair { chip, lines: [outer, inner], .. } => {
                let port = format!("{} lines {outer}, {inner}", chip.display());
                Device { kind: "gpio-pair", port, ..device.at(chip, env) }
            }
            DoorKind::BleContact { tag } => {
                Device { kind: "ble-contact", port: format!("tag {tag}"), ..device }
            }
        }
    });
    let receivers = config.receivers.iter().map(|receiver| {
        let zone = Some(receiver.zone.clone());
        let device = Device { name: receiver.name.clone(), zone, ..Device::default() };
        match &receiver.kind {
            ReceiverKind::Serial { line, .. } => {
                Device { kind: "serial receiver", ..device.on_port(line, env) }
            }
            ReceiverKind::Bluez(BluezReceiver { adapter, .. }) => {
                let port = adapter.clone().unwrap_or_else(|| "first adapter".to_owned());
                Device { kind: "bluez receiver", port, ..device }
            }
        }
    });
    let wires = config.serial.iter().filter_map(|till| till.answers.as_ref());
    let answers = wires.map(|wire| {
        let device = Device { name: wire.name.clone(), kind: "answers", ..Device::default() };
        device.on_port(&wire.line, env)
    });
    let screens = config.screens.iter().map(|screen| {
        let zone = Some(screen.zone.clone());
        let device =
            Device { name: screen.name.clone(), kind: "screen", zone, ..Device::default() };
        device.on_port(&screen.line, env)
    });
    let docks = config.docks.docks.iter().map(|dock| {
        let (DockDoor::Door(door) | DockDoor::Tag(door)) = &dock.door;
        let port = format!("door {door}, receiver {}", dock.receiver);
        Device { name: dock.name.clone(), kind: "dock", port, ..Device::default() }
    });
    let plan = config.docks.deliveries.iter().map(|file| {
        let device = Device { name: "deliveries".to_owned(), kind: "plan", ..Device::default() };
        device.at(file, env)
    });
    let feeds = config.feeds.iter().map(|feed| {
        let device = Device { name: feed.name.clone(), kind: "stock feed", ..Device::default() };
        device.on_port(&feed.line, env)
    });
    tills
        .chain(doors)
        .chain(receivers)
        .chain(answers)
        .chain(screens)
        .chain(docks)
        .chain(plan)
        .chain(feeds)
        .collect()
}

fn tags(config: &Config) -> Tags {
    let mut tags = Tags::default();
    for tag in &config.tags {
        *match tag.class {
            TagClass::Customer => &mut tags.customer,
            TagClass::Staff => &mut tags.staff,
            TagClass::Asset => &mut tags.asset,
            TagClass::Truck => &mut tags.truck,
            TagClass::Reference => &mut tags.reference,
        } += 1;
    }
    tags
}
