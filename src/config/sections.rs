//! The file's sections in the order of the sample: each reader is the schema of its table.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tillgate_events::Currency;

use super::devices::{self, Devices};
use super::docks::{self, Known};
use super::environment::{Environment, Folder};
use super::files::{Content, Files, Purpose};
use super::model::{
    BufferConfig, Config, Confirm, Encoding, GatewayConfig, HealthConfig, MetricsConfig, MqttConfig,
};
use super::preset::{Allowance, Preset};
use super::tag_model::Privacy;
use super::{hours, products, tag, value, zone};
use crate::limits;
use crate::spanned::{Fault, Table, Value, did_you_mean, quote};

/// Caps of the buffer: less leaves no room to work in, more is a typing error.
const BUFFER_BYTES: (u64, u64) = (16 << 20, 1 << 40);
const BUFFER_DEFAULT: u64 = 512 << 20;
const COMMIT_INTERVAL_MS: u64 = 100;
const HEALTH_INTERVAL_S: u64 = 60;
/// The least takes every record but the very longest receipts, the most is what the client takes.
const MQTT_PACKET: (u64, u64) = (16 << 10, limits::MQTT_PACKET_BYTES as u64);
/// The least holds some hundred receipts, the most is a part of the least buffer that is common.
const JOURNAL_BYTES: (u64, u64) = (1 << 20, 1 << 30);
/// What prices are read in where the shop's currency is itself a mistake.
const ANY_CURRENCY: &str = "EUR";
const DAY_S: u64 = 24 * 60 * 60;

/// Reads the whole file. What the check has to know of the machine is asked of `files.env`.
pub fn read(root: &mut Table<'_>, files: Files<'_>) -> Option<Config> {
    let env = files.env;
    let gateway = root.required_section("gateway", |table| gateway(table, files));
    let id = gateway.as_ref().map(|gateway| gateway.id.as_str());
    let mqtt = root.required_section("mqtt", |table| mqtt(table, id, files));
    let default = (!root.has("buffer")).then_some(BufferConfig {
        max_bytes: BUFFER_DEFAULT,
        commit_interval: Duration::from_millis(COMMIT_INTERVAL_MS),
        journal_bytes: limits::JOURNAL_BYTES,
        journal_age: limits::JOURNAL_AGE,
    });
    let buffer = root.section("buffer", buffer).or(default);
    let health = if root.has("health") {
        root.section("health", health)
    } else {
        Some(HealthConfig { interval_s: HEALTH_INTERVAL_S })
    };
    let metrics = if root.has("metrics") {
        root.section("metrics", metrics)
    } else {
        Some(MetricsConfig::default())
    };
    let mut devices = Devices::new(env);
    let serial = root.sections("serial", |table| devices.serial(table));
    let mut doors = root.sections("door", |table| devices.door(table));
    let receivers = root.sections("receiver", |table| devices.receiver(table));
    let screens = root.sections("screen", |table| devices.screen(table));
    let feeds = root.sections("stock_feed", |table| devices.feed(table));
    devices.check_joined(root);
    devices::warn_if_none(root);
    let zones = zone::zones(root);
    let privacy =
        if root.has("privacy") { root.section("privacy", privacy) } else { Some(Privacy::OptIn) };
    let tags = tag::tags(root, files, privacy.unwrap_or(Privacy::OptIn));
    let has_hours = root.has("hours");
    let opened_by = root.section("hours", |table| {
        let by = hours::read(table);
        hours::join(by.as_ref(), &mut doors, table);
        by
    });
    let occupancy = gateway.as_ref().is_some_and(|gateway| gateway.occupancy);
    devices.check_doors(root, &doors, &tags, occupancy);
    let zone = gateway.as_ref().map(|gateway| gateway.timezone.as_str());
    let mut whole: Vec<&str> = doors.iter().map(|it| it.name.as_str()).collect();
    whole.extend(receivers.iter().map(|it| it.name.as_str()));
    whole.extend(screens.iter().map(|it| it.name.as_str()));
    whole.extend(feeds.iter().map(|it| it.name.as_str()));
    whole.extend(serial.iter().map(|it| it.name.as_str()));
    whole.extend(serial.iter().filter_map(|it| Some(it.answers.as_ref()?.name.as_str())));
    let broken = devices.broken(&whole);
    let known = Known { doors: &doors, receivers: &receivers, tags: &tags, broken: &broken, zone };
    let docks = docks::docks(root, &mut devices, known, files);
    let currency = gateway.as_ref().map(|gateway| gateway.currency);
    let currency = currency.or_else(|| Currency::new(ANY_CURRENCY))?;
    let products = products::products(root, currency, env);
    Some(Config {
        gateway: gateway?,
        mqtt: mqtt?,
        buffer: buffer?,
        health: health?,
        metrics: metrics?,
        serial,
        doors,
        opened_by: if has_hours { Some(opened_by?) } else { None },
        receivers,
        zones: zones?,
        privacy: privacy?,
        tags,
        docks,
        screens,
        feeds,
        catalog: products.file,
        products: products.all,
        of_catalog: products.of_file,
    })
}

fn gateway(table: &mut Table<'_>, files: Files<'_>) -> Option<GatewayConfig> {
    let id = table.required("id", value::name);
    let tenant = table.required("tenant", value::name);
    let store_id = table.required("store_id", |v| v.integer(1..=i64::MAX.unsigned_abs()));
    let timezone = table.required("timezone", |v| time_zone(v, files.env));
    let day_starts = table.or("business_day_starts", Duration::ZERO, value::business_day_starts);
    let occupancy = table.or("occupancy", false, Value::boolean);
    let currency = table.required("currency", value::currency);
    let data_dir = table.or("data_dir", PathBuf::from("/var/lib/tillgate"), value::path);
    if let Some(data_dir) = &data_dir {
        check_folder(table, data_dir, files);
    }
    Some(GatewayConfig {
        id: id?,
        tenant: tenant?,
        store_id: store_id?,
        timezone: timezone?,
        business_day_starts: day_starts?,
        occupancy: occupancy?,
        currency: currency?,
        data_dir: data_dir?,
    })
}

/// Only what the user who checks can see: the service's user may see something else.
fn check_folder(table: &Table<'_>, data_dir: &Path, files: Files<'_>) {
    let shown = data_dir.display();
    match files.env.folder(data_dir) {
        Folder::Usable => {}
        Folder::Shared(mode) => {
            let what = format!("`data_dir`: other users can look into {shown} (mode {mode:o})");
            table.warn(
                "data_dir",
                Fault::new(what).hint("chmod 700, and the service's user owns it"),
            );
        }
        // A start that fails for this is tried again: it may be mounted otherwise by then.
        Folder::ReadOnly if files.purpose == Purpose::Start => {}
        Folder::ReadOnly => {
            let what = format!("`data_dir`: the file system of {shown} is mounted read-only");
            let hint = "mount it for writing, or name a folder elsewhere";
            table.mistake("data_dir", Fault::new(what).hint(hint));
        }
        Folder::Closed => {
            let fault = Fault::new(format!("`data_dir`: the user who checks cannot write {shown}"));
            let hint = "the service's user must be able to: `sudo -u tillgate tillgate check`";
            table.warn("data_dir", fault.hint(hint));
        }
        Folder::InTheWay(file) => {
            let what = format!("`data_dir`: {} is a file, and no folder", file.display());
            table.mistake("data_dir", Fault::new(what).hint("move it away, or name a folder"));
        }
    }
}

fn time_zone(value: Value<'_>, env: &dyn Environment) -> Result<String, Fault> {
    let name = value.str()?;
    if env.knows_time_zone(name) {
        return Ok(name.to_owned());
    }
    let zones = env.time_zones();
    let fault = Fault::new(format!("{} is no time zone known here", quote(name)));
    if zones.is_empty() {
        return Err(fault.hint("this machine has no time zones: install the package tzdata"));
    }
    let near = did_you_mean(name, zones.iter().map(String::as_str));
    Err(fault.hint(near.unwrap_or_else(|| "an IANA name, as \"Europe/Berlin\"".to_owned())))
}

fn mqtt(table: &mut Table<'_>, gateway_id: Option<&str>, files: Files<'_>) -> Option<MqttConfig> {
    let url = table.required("url", value::broker_url);
    let ca = files.named(table, "ca", Content::Authorities);
    let client_cert = files.named(table, "client_cert", Content::Certificate);
    let client_key = files.named(table, "client_key", Content::Key);
    let username = table.optional("username", value::label);
    let password_file = files.named(table, "password_file", Content::Secret);
    let encoding = [("postcard", Encoding::Postcard), ("json", Encoding::Json)];
    let encoding = table.or("encoding", Encoding::Postcard, |v| v.one_of(&encoding));
    let confirm = [("broker", Confirm::Broker), ("cloud", Confirm::Cloud)];
    let confirm = table.or("confirm", Confirm::Cloud, |v| v.one_of(&confirm));
    let preset = table.or("preset", Preset::Generic, |v| v.one_of(&Preset::NAMES));
    let known = preset.unwrap_or_default();
    let (least, most) = known.keep_alives();
    let keep_alive_s =
        table.or("keep_alive_s", known.keep_alive().as_secs(), |v| v.integer(least..=most));
    let allowance = allowance(table, known);
    files.pair(table, client_cert.as_deref(), client_key.as_deref());
    files.in_name_of(table, client_cert.as_deref(), gateway_id);
    together(table, "client_cert", "client_key");
    together(table, "client_key", "client_cert");
    if table.has("password_file") && !table.has("username") {
        let fault = Fault::new("a password without a `username`");
        table.mistake("password_file", fault.hint("add `username = \"…\"`"));
    }
    let url = url?;
    if url.tls && !table.has("ca") {
        let fault =
            Fault::new("mqtts:// needs `ca`, the authorities that the broker is checked by");
        table.mistake("url", fault.hint("add `ca = \"/etc/tillgate/ca.crt\"`"));
    }
    for key in ["ca", "client_cert", "client_key"] {
        if !url.tls && table.has(key) {
            table.warn(key, Fault::new(format!("`{key}` is not used with mqtt://")));
        }
    }
    Some(MqttConfig {
        host: url.host,
        port: url.port,
        tls: url.tls,
        ca,
        client_cert,
        client_key,
        username,
        password_file,
        encoding: encoding?,
        confirm: confirm?,
        keep_alive: Duration::from_secs(keep_alive_s?),
        allowance: preset.and(allowance)?,
    })
}

/// What the broker allows: what its kind does, unless it is set here.
fn allowance(table: &mut Table<'_>, preset: Preset) -> Option<Allowance> {
    let usual = preset.allowance();
    let in_flight =
        table.or("in_flight", usual.in_flight, |v| v.integer(1..=u64::from(limits::MQTT_WINDOW)));
    let rate = |table: &mut Table<'_>, key, usual: Option<u32>| {
        table.or(key, usual, |v| v.integer(0..=1_000_000_000).map(some_rate))
    };
    let messages_per_s = rate(table, "messages_per_s", usual.messages_per_s);
    let bytes_per_s = rate(table, "bytes_per_s", usual.bytes_per_s);
    let (low, high) = MQTT_PACKET;
    let packet = table.or("max_packet", usual.packet_bytes as u64, |v| value::size(v, low, high));
    let retain = table.or("retain", usual.retain, Value::boolean);
    Some(Allowance {
        preset,
        in_flight: in_flight?,
        messages_per_s: messages_per_s?,
        bytes_per_s: bytes_per_s?,
        packet_bytes: usize::try_from(packet?).ok()?,
        retain: retain?,
    })
}

/// 0 stands for no bound.
fn some_rate(per_s: u64) -> Option<u32> {
    u32::try_from(per_s).ok().filter(|per_s| *per_s > 0)
}

fn together(table: &Table<'_>, one: &str, other: &str) {
    if table.has(one) && !table.has(other) {
        let fault = Fault::new(format!("`{one}` without `{other}`"));
        table.mistake(one, fault.hint("a client certificate is both or neither"));
    }
}

fn buffer(table: &mut Table<'_>) -> Option<BufferConfig> {
    let (low, high) = BUFFER_BYTES;
    let max_bytes = table.or("max_bytes", BUFFER_DEFAULT, |v| value::size(v, low, high));
    let interval = table.or("commit_interval_ms", COMMIT_INTERVAL_MS, |v| v.integer(10..=5000));
    let (low, high) = JOURNAL_BYTES;
    let journal = table.or("journal_bytes", limits::JOURNAL_BYTES, |v| value::size(v, low, high));
    let days =
        table.or("journal_days", limits::JOURNAL_AGE.as_secs() / DAY_S, |v| v.integer(0..=90));
    Some(BufferConfig {
        max_bytes: max_bytes?,
        commit_interval: Duration::from_millis(interval?),
        journal_bytes: journal?,
        journal_age: Duration::from_secs(DAY_S * days?),
    })
}

fn health(table: &mut Table<'_>) -> Option<HealthConfig> {
    let interval_s = table.or("interval_s", HEALTH_INTERVAL_S, value::health_interval);
    Some(HealthConfig { interval_s: interval_s? })
}

fn metrics(table: &mut Table<'_>) -> Option<MetricsConfig> {
    let listen = table.required("listen", value::listen);
    Some(MetricsConfig { listen: Some(listen?) })
}

fn privacy(table: &mut Table<'_>) -> Option<Privacy> {
    let modes = [("optin", Privacy::OptIn), ("assets_only", Privacy::AssetsOnly)];
    table.required("mode", |v| v.one_of(&modes))
}
