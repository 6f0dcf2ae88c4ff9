//! The checked configuration: what the rest of the agent sees. Every value in it is usable as it is.

use std::path::PathBuf;
use std::time::Duration;

use tillgate_events::Currency;

use crate::decode::TagKey;

/// A whole gateway.
#[derive(Clone, Debug)]
pub struct Config {
    pub gateway: GatewayConfig,
    pub mqtt: MqttConfig,
    pub buffer: BufferConfig,
    pub serial: Vec<SerialConfig>,
    pub doors: Vec<DoorConfig>,
    pub receivers: Vec<ReceiverConfig>,
    pub tags: Vec<TagConfig>,
    pub products: Vec<Product>,
}

/// `[gateway]`
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// One level of a topic: letters, digits, `-`, `_`, `.`.
    pub id: String,
    /// Likewise.
    pub tenant: String,
    /// Greater than 0.
    pub store_id: u64,
    /// An IANA zone that the system knows.
    pub timezone: String,
    pub currency: Currency,
    pub data_dir: PathBuf,
}

/// `[mqtt]`
#[derive(Clone, Debug)]
pub struct MqttConfig {
    pub host: String,
    pub port: u16,
    /// `mqtts://`. Plain `mqtt://` is accepted for loopback hosts only.
    pub tls: bool,
    /// PEM file of the authorities; required with TLS.
    pub ca: Option<PathBuf>,
    /// PEM files; both or neither.
    pub client_cert: Option<PathBuf>,
    /// `credential:NAME` has become a path in systemd's credentials directory.
    pub client_key: Option<PathBuf>,
    pub username: Option<String>,
    /// File that holds the password.
    pub password_file: Option<PathBuf>,
    pub encoding: Encoding,
    pub confirm: Confirm,
    pub keep_alive: Duration,
}

/// What goes over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Batches, compressed.
    Postcard,
    /// One contract envelope per message.
    Json,
}

/// What frees a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// A PUBACK with a success reason.
    Broker,
    /// The watermark on `…/ack`.
    Cloud,
}

/// `[buffer]`
#[derive(Clone, Debug)]
pub struct BufferConfig {
    /// Cap on the database with its log.
    pub max_bytes: u64,
    pub commit_interval: Duration,
}

/// Parity of a serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    None,
    Even,
    Odd,
}

/// Data bits, parity, stop bits: `8N1`, `7E1` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineFormat {
    /// 7 or 8.
    pub data_bits: u8,
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
}

/// How a serial line is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialLine {
    pub port: PathBuf,
    pub baud: u32,
    pub format: LineFormat,
}

/// `[[serial]]`: a till.
#[derive(Clone, Debug)]
pub struct SerialConfig {
    pub name: String,
    pub line: SerialLine,
    /// A built-in dialect's id, or a file.
    pub dialect: String,
    /// What records call the till: its name, unless `terminal` says otherwise.
    pub terminal: String,
    /// `,` or `.`: overrides the dialect's decimal sign.
    pub decimal: Option<char>,
    /// Overrides the dialect's first code page: `cp858`, `windows-1252`.
    pub code_page: Option<String>,
}

/// `[[door]]`
#[derive(Clone, Debug)]
pub struct DoorConfig {
    pub name: String,
    pub zone: String,
    pub kind: DoorKind,
}

/// How a door is watched.
#[derive(Clone, Debug)]
pub enum DoorKind {
    /// A counter that writes lines.
    SerialCounter { line: SerialLine },
    /// A contact on one line of a GPIO chip.
    GpioContact { chip: PathBuf, line: u32, debounce: Duration, active_low: bool },
}

/// `[[receiver]]`: who hears beacons, and where it hangs.
#[derive(Clone, Debug)]
pub struct ReceiverConfig {
    pub name: String,
    pub zone: String,
    pub kind: ReceiverKind,
}

/// How a receiver is attached.
#[derive(Clone, Debug)]
pub enum ReceiverKind {
    /// Writes `$GPRP` lines.
    Serial { line: SerialLine },
    /// BlueZ; `adapter` is an address (`00:1A:…`) or a name (`hci0`); the first one if absent.
    Bluez { adapter: Option<String> },
}

/// What a tag hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagClass {
    Customer,
    Staff,
    Asset,
    Truck,
    Reference,
}

/// `[[tag]]`: an enrolled tag. All others are only counted.
#[derive(Clone, Debug)]
pub struct TagConfig {
    pub id: String,
    pub class: TagClass,
    pub key: TagKey,
}

/// `[[product]]`: joins what is printed to the product's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    pub id: u64,
    pub sku: Option<String>,
    /// As printed on the receipt.
    pub name: Option<String>,
}
