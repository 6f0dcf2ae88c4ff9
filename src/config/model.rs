//! The checked configuration: what the rest of the agent sees. Every value in it is usable as it is.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tillgate_events::Currency;

use super::counters::ModbusCounter;
use super::dock_model::{DocksConfig, ScreenConfig};
use super::hours::OpenedBy;
use super::preset::Allowance;
use super::tag_model::{Privacy, TagConfig};
use super::zone_model::ZoneConfig;
use crate::decode::counter::Protocol;
use crate::decode::status::Level;

/// A whole gateway.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[gateway]`
    pub gateway: GatewayConfig,
    /// `[mqtt]`
    pub mqtt: MqttConfig,
    /// `[buffer]`
    pub buffer: BufferConfig,
    /// `[health]`
    pub health: HealthConfig,
    /// `[metrics]`
    pub metrics: MetricsConfig,
    /// `[[serial]]`: tills.
    pub serial: Vec<SerialConfig>,
    /// `[[door]]`
    pub doors: Vec<DoorConfig>,
    /// `[hours]`: what tells that the store opens and closes.
    pub opened_by: Option<OpenedBy>,
    /// `[[receiver]]`
    pub receivers: Vec<ReceiverConfig>,
    /// `[zones]`
    pub zones: ZoneConfig,
    /// `[privacy]`
    pub privacy: Privacy,
    /// `[[tag]]`
    pub tags: Vec<TagConfig>,
    /// `[[dock]]`, `[[reefer]]`, `[deliveries]`
    pub docks: DocksConfig,
    /// `[[screen]]`
    pub screens: Vec<ScreenConfig>,
    /// `[[stock_feed]]`
    pub feeds: Vec<FeedConfig>,
    /// The catalogue's file, where there is one.
    pub catalog: Option<PathBuf>,
    /// The catalogue's, then the `[[product]]`s.
    pub products: Vec<Product>,
    /// How many of them are the catalogue's.
    pub of_catalog: usize,
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
    /// How long after midnight the shop's day begins; at most [`crate::limits::BUSINESS_DAY_STARTS`].
    pub business_day_starts: Duration,
    /// All doors are counted both ways: who is inside is told.
    pub occupancy: bool,
    /// The shop's.
    pub currency: Currency,
    /// Where the database is.
    pub data_dir: PathBuf,
}

/// `[mqtt]`
#[derive(Clone, Debug)]
pub struct MqttConfig {
    /// The broker's name or address.
    pub host: String,
    /// The broker's TCP port.
    pub port: u16,
    /// `mqtts://`. Plain `mqtt://` is accepted for loopback hosts only.
    pub tls: bool,
    /// PEM file of the authorities; required with TLS.
    pub ca: Option<PathBuf>,
    /// PEM files; both or neither.
    pub client_cert: Option<PathBuf>,
    /// `credential:NAME` has become a path in systemd's credentials directory.
    pub client_key: Option<PathBuf>,
    /// Where the broker wants one.
    pub username: Option<String>,
    /// File that holds the password.
    pub password_file: Option<PathBuf>,
    /// What goes over the wire.
    pub encoding: Encoding,
    /// What frees a row.
    pub confirm: Confirm,
    /// How often the connection proves that it lives.
    pub keep_alive: Duration,
    /// What may be handed to the broker.
    pub allowance: Allowance,
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
    /// At most one commit in this time.
    pub commit_interval: Duration,
    /// Bytes of the journal of documents.
    pub journal_bytes: u64,
    /// How long it keeps finished documents; zero: only open ones are kept.
    pub journal_age: Duration,
}

/// `[health]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthConfig {
    /// Seconds between two messages on `…/health`; 0 for none.
    pub interval_s: u64,
}

/// `[metrics]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MetricsConfig {
    /// Where metrics are told, on this machine alone; `None`: nowhere.
    pub listen: Option<SocketAddr>,
}

/// Parity of a serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// No parity bit.
    None,
    /// An even number of ones.
    Even,
    /// An odd number of ones.
    Odd,
}

/// Data bits, parity, stop bits: `8N1`, `7E1` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineFormat {
    /// 7 or 8.
    pub data_bits: u8,
    /// How bytes are checked.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
}

/// How a serial line is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialLine {
    /// The node to open, best by its path.
    pub port: PathBuf,
    /// Bits a second.
    pub baud: u32,
    /// How bytes are framed.
    pub format: LineFormat,
}

/// `[[serial]]`: a till.
#[derive(Clone, Debug)]
pub struct SerialConfig {
    /// What the file calls it; part of what is sent.
    pub name: String,
    /// Where it hangs, and how it is opened.
    pub line: SerialLine,
    /// A built-in dialect's id, or a file.
    pub dialect: String,
    /// What records call the till: its name, unless `terminal` says otherwise.
    pub terminal: String,
    /// `,` or `.`: overrides the dialect's decimal sign.
    pub decimal: Option<char>,
    /// Overrides the dialect's first code page: `cp858`, `windows-1252`.
    pub code_page: Option<String>,
    /// Whether anything is ever sent to the port.
    pub mode: SerialMode,
    /// Of a payment terminal: the name of the `[[serial]]` whose receipts are paid here.
    pub till: Option<String>,
    /// Of an ESC/POS printer: where its answers can be heard.
    pub answers: Option<AnswersConfig>,
}

/// The wire on which a till's printer answers. It is only listened to.
#[derive(Clone, Debug)]
pub struct AnswersConfig {
    /// What its state is told under: the till's name and `.answers`.
    pub name: String,
    /// Where it hangs; opened as the till's own line.
    pub line: SerialLine,
    /// What the drawer's pin reads while the drawer is open.
    pub level: Level,
}

/// Whether a port is only listened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SerialMode {
    /// Nothing is ever written to it.
    #[default]
    Listen,
    /// A scale whose only host is this gateway: it is asked for its weight.
    Poll,
}

/// `[[door]]`
#[derive(Clone, Debug)]
pub struct DoorConfig {
    /// What the file calls it; part of what is sent.
    pub name: String,
    /// The part of the store that it stands for.
    pub zone: String,
    /// How it is attached.
    pub kind: DoorKind,
    /// How long crossings are summed up; zero: each is told by itself.
    pub window: Duration,
    /// Openings of a contact are entries; not those of the store's shutter.
    pub counts_openings: bool,
}

/// How a door is watched.
#[derive(Clone, Debug)]
pub enum DoorKind {
    /// A counter that tells by itself.
    SerialCounter {
        /// Where it hangs, and how it is opened.
        line: SerialLine,
        /// What it speaks.
        protocol: Protocol,
    },
    /// A counter on a Modbus line, which is asked.
    ModbusCounter {
        /// The line that it shares with others, and how that is opened.
        line: SerialLine,
        /// Which of them it is, and where its totals are.
        counter: ModbusCounter,
    },
    /// A contact that writes a line when it opens or closes.
    SerialContact {
        /// Where it hangs, and how it is opened.
        line: SerialLine,
    },
    /// A contact on one line of a GPIO chip.
    GpioContact {
        /// The chip's node.
        chip: PathBuf,
        /// Its offset on the chip.
        line: u32,
        /// Changes shorter than this are none.
        debounce: Duration,
        /// Low means open.
        active_low: bool,
    },
    /// Two beams on two lines of a GPIO chip.
    GpioPair {
        /// The chip's node.
        chip: PathBuf,
        /// Offsets on the chip: the beam that who comes in meets first, and the other one.
        lines: [u32; 2],
        /// Changes shorter than this are none.
        debounce: Duration,
        /// Low means blocked.
        active_low: bool,
        /// Passages that never blocked both beams are counted.
        counts_weak: bool,
    },
    /// An enrolled sensor that tells over the air whether the door is open.
    BleContact {
        /// The id of its `[[tag]]`.
        tag: String,
    },
}

/// `[[receiver]]`: who hears beacons, and where it hangs.
#[derive(Clone, Debug)]
pub struct ReceiverConfig {
    /// What the file calls it; part of what is sent.
    pub name: String,
    /// The part of the store that it stands for.
    pub zone: String,
    /// What is added to what it hears, in dB: receivers that hear worse than others.
    pub offset_db: i8,
    /// How it is attached.
    pub kind: ReceiverKind,
}

/// How a receiver is attached.
#[derive(Clone, Debug)]
pub enum ReceiverKind {
    /// Writes lines: `$GPRP,…`, or JSON.
    Serial {
        /// Where it hangs, and how it is opened.
        line: SerialLine,
        /// Silence after which it is down, heartbeats included; `None`: it sends none.
        silence: Option<Duration>,
    },
    /// The gateway's own Bluetooth.
    Bluez(BluezReceiver),
}

/// An adapter of the gateway, through BlueZ.
#[derive(Clone, Debug)]
pub struct BluezReceiver {
    /// Its address (`00:1A:…`) or name (`hci0`); the first one if absent.
    pub adapter: Option<String>,
    /// It is switched on where it is found switched off.
    pub power_on: bool,
    /// Silence after which its scan is started again and it is down; `None`: it may be silent.
    pub silence: Option<Duration>,
}

/// `[[stock_feed]]`: another system that tells of stock.
#[derive(Clone, Debug)]
pub struct FeedConfig {
    /// What the file calls it; part of what is sent.
    pub name: String,
    /// Where it hangs, and how it is opened.
    pub line: SerialLine,
}

/// `[[product]]`, or a line of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// The product's number.
    pub id: u64,
    /// As printed on the receipt.
    pub sku: Option<String>,
    /// As printed on the receipt.
    pub name: Option<String>,
    /// With right check digits.
    pub gtins: Vec<String>,
    /// 1 to 5 digits each.
    pub plus: Vec<String>,
    /// What else tills print for it.
    pub descriptions: Vec<String>,
    /// For people.
    pub category: Option<String>,
    /// For people.
    pub department: Option<String>,
    /// For people.
    pub supplier: Option<String>,
    /// Of one piece, in minor units.
    pub price: Option<i64>,
    /// What one piece costs the shop, in minor units.
    pub cost: Option<i64>,
    /// Pieces below which stock counts as low.
    pub safety_stock: Option<i64>,
    /// At so many pieces, so many are ordered.
    pub reorder: Option<(i64, i64)>,
    /// It must be kept cool.
    pub refrigerated: bool,
}
