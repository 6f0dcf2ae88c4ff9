//! From the checked configuration to chains: dialects are read here, once, before anything runs.
//!
//! The order is that of the source ids: tills, doors, receivers, answers of tills' printers, screens, the delivery
//! plan, stock feeds.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::answers::Answers;
use super::catalog;
use super::chain::{Chain, Kind};
use super::deliveries::Deliveries;
use super::docks::Docks;
use super::door::{Door, Eyes};
use super::feed::Feed;
use super::machine::{Machine, Trackers};
use super::receiver::{Listening, Receiver};
use super::router::Router;
use super::till::Till;
use super::visits::Visits;
use crate::config::{
    Config, DockDoor, DoorConfig, DoorKind, Privacy, ReceiverKind, SerialConfig, SerialMode,
    TagClass, TagConfig,
};
use crate::decode::TagKey;
use crate::decode::beacon::{AllowList, TagMatch};
use crate::decode::codepage::CodePage;
use crate::decode::contact;
use crate::decode::counter::Counter;
use crate::decode::delivery::Yardstick;
use crate::decode::device::Device;
use crate::decode::dialect::{BUILTIN, Dialect, DialectError, Grammar, Setting};
use crate::decode::door::{ContactDecoder, PairDecoder};
use crate::decode::frame::FramerError;
use crate::decode::screen::ScreenDecoder;
use crate::decode::status::StatusOptions;
use crate::decode::stock_feed::FeedReader;
use crate::limits;
use crate::spanned::did_you_mean;
use crate::track::beam::BeamPair;
use crate::track::catalog::Catalog;
use crate::track::door::{DoorSettings, DoorTracker};
use crate::track::receipt::{self, ReceiptTracker};
use crate::track::screen::ScreenTracker;
use crate::track::shop::Shop;
use crate::track::speaker::Speaker;
use crate::track::tag::{Enrolled, TagTracker};

/// What the configuration names and cannot be used: mend it.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The system does not know this time zone.
    #[error("time zone {0}: the system does not know it")]
    TimeZone(String),
    /// The dialect's file cannot be read.
    #[error("dialect {path}: {}", unreadable(path, source))]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The dialect's file is too long.
    #[error("dialect {path} is larger than {} bytes", limits::DIALECT_BYTES)]
    TooLarge {
        /// The file.
        path: String,
    },
    /// The dialect has mistakes.
    #[error(transparent)]
    Dialect(#[from] DialectError),
    /// Its framing cannot work.
    #[error(transparent)]
    Framing(#[from] FramerError),
    /// There is no such code page.
    #[error("code page {0} is not known")]
    CodePage(String),
}

/// One chain for each device, and which of them belong to a till.
///
/// # Errors
/// The first dialect that cannot be used.
pub fn devices(config: &Config) -> Result<Router, BuildError> {
    let catalog = Arc::new(catalog::catalog(&config.products));
    let enrolled = Arc::new(enrolled(config));
    let shop = Shop::new(config.gateway.occupancy, config.opened_by.clone(), time_zone(config)?);
    let mut router = Router::of(shop);
    let mut dialects = Dialects::default();
    for till in &config.serial {
        let dialect = dialects.get(config, till)?;
        let chain = serial(config, till, dialect, Arc::clone(&catalog))?;
        router.add(chain, place_of_till(config, till));
    }
    for door in &config.doors {
        router.add(Chain::new(&door.name, Kind::Door(Box::new(watched(config, door)))), None);
    }
    for receiver in &config.receivers {
        let (name, zone) = (&receiver.name, &receiver.zone);
        let tracker = TagTracker::new(name, zone, limits::TAG_WINDOW, Arc::clone(&enrolled));
        let (lines, silence) = match receiver.kind {
            ReceiverKind::Serial { silence, .. } => (true, silence),
            ReceiverKind::Bluez(_) => (false, None),
        };
        let counts_strangers = config.privacy == Privacy::OptIn;
        let listening = Listening { lines, silence, counts_strangers };
        let mut receiver = Receiver::new(name, listening, tracker);
        if config.docks.docks.iter().any(|dock| dock.receiver == *name) {
            receiver = receiver.at_dock();
        }
        router.add(Chain::new(name, Kind::Receiver(Box::new(receiver))), None);
    }
    let places = (config.serial.len() + config.doors.len()..).take(config.receivers.len());
    router.follow(Visits::new(config, &enrolled, places));
    for (place, till) in config.serial.iter().enumerate() {
        if let Some(wire) = &till.answers {
            let options = StatusOptions { drawer_open_level: wire.level, assume_drawer: false };
            let answers = Kind::Answers(Box::new(Answers::new(options)));
            router.add_answers(Chain::new(&wire.name, answers), place);
        }
    }
    for screen in &config.screens {
        let currency = config.gateway.currency;
        let tracker = ScreenTracker::new(screen.clone(), currency);
        let kind = Kind::Screen(Box::new((ScreenDecoder::new(currency), tracker)));
        router.add(Chain::new(&screen.name, kind), None);
    }
    if let Some(file) = &config.docks.deliveries {
        let docks = config.docks.docks.iter().map(|dock| dock.name.clone()).collect();
        let by = Yardstick { zone: time_zone(config)?, docks };
        let deliveries = Deliveries::new(&file.display().to_string(), by);
        router.add(Chain::new(DELIVERIES, Kind::Deliveries(deliveries)), None);
    }
    for feed in &config.feeds {
        let reader = FeedReader::new(config.gateway.store_id, time_zone(config)?);
        let lines = Feed::new(&feed.name, reader, Arc::clone(&catalog));
        router.add(Chain::new(&feed.name, Kind::Feed(Box::new(lines))), None);
    }
    Ok(router.with_docks(Docks::new(&config.docks, enrolled)))
}

/// What the delivery plan's file is called as a device.
const DELIVERIES: &str = "deliveries";

/// A door with what watches it. One that belongs to a dock counts nobody.
fn watched(config: &Config, door: &DoorConfig) -> Door {
    let eyes = match &door.kind {
        DoorKind::SerialCounter { protocol, .. } => Eyes::Counter(Counter::new(*protocol)),
        DoorKind::ModbusCounter { counter, .. } => Eyes::Registers(counter.layout, 0),
        DoorKind::SerialContact { .. } => Eyes::Lines(contact::lines(), None),
        DoorKind::GpioContact { .. } => Eyes::Contact(ContactDecoder::default()),
        DoorKind::GpioPair { lines, counts_weak, .. } => {
            Eyes::Pair(PairDecoder::new(*lines), Box::new(BeamPair::new(*counts_weak)))
        }
        DoorKind::BleContact { tag: id } => {
            let tag = config.tags.iter().find(|tag| tag.id == *id);
            match tag.map(|tag| &tag.known_by) {
                Some(TagMatch::Address(address, _)) => Eyes::Tag(TagKey::Address(*address), None),
                // The check of the configuration refuses others: nothing would be heard of them.
                _ => Eyes::Contact(ContactDecoder::default()),
            }
        }
    };
    let dock = config.docks.docks.iter().any(|it| it.door == DockDoor::Door(door.name.clone()));
    let tracker = DoorTracker::new(DoorSettings {
        name: door.name.clone(),
        zone: door.zone.clone(),
        window: door.window,
        counts_openings: door.counts_openings && !dock,
        counter_bits: door.kind.counter_bits(),
    });
    Door::new(&door.name, eyes, tracker)
}

/// The allow-list, as far as the configured privacy lets it be used.
#[must_use]
pub fn enrolled(config: &Config) -> Enrolled {
    let person = |tag: &TagConfig| matches!(tag.class, TagClass::Customer | TagClass::Staff);
    let heard = |tag: &&TagConfig| config.privacy == Privacy::OptIn || !person(tag);
    let tags: Vec<TagConfig> = config.tags.iter().filter(heard).cloned().collect();
    Enrolled::new(AllowList::new(tags.iter().map(|tag| &tag.known_by)), &tags)
}

/// Where the till is that this device belongs to.
fn place_of_till(config: &Config, device: &SerialConfig) -> Option<usize> {
    let till = device.till.as_ref()?;
    config.serial.iter().position(|it| it.name == *till)
}

/// The store's time zone.
///
/// # Errors
/// When the system has no such zone.
pub fn time_zone(config: &Config) -> Result<TimeZone, BuildError> {
    let name = &config.gateway.timezone;
    TimeZone::get(name).map_err(|_| BuildError::TimeZone(name.clone()))
}

/// A dialect by its id or from its file.
///
/// # Errors
/// When there is no such file, or it is not fit for use.
pub fn dialect(name: &str, setting: &Setting) -> Result<Dialect, BuildError> {
    if let Some(built_in) = Dialect::builtin(name, setting) {
        return Ok(built_in?);
    }
    let unreadable = |source| BuildError::Unreadable { path: name.to_owned(), source };
    let size = std::fs::metadata(Path::new(name)).map_err(unreadable)?.len();
    if size > limits::DIALECT_BYTES as u64 {
        return Err(BuildError::TooLarge { path: name.to_owned() });
    }
    let text = std::fs::read_to_string(name).map_err(unreadable)?;
    Ok(Dialect::parse(name, &text, setting)?)
}

/// What the system said; the built-in ones only where a name was meant, and not a file.
fn unreadable(path: &str, source: &std::io::Error) -> String {
    match source.kind() {
        std::io::ErrorKind::InvalidData => "it is no text in UTF-8".to_owned(),
        std::io::ErrorKind::NotFound if !path.contains(['/', '.']) => {
            let known: Vec<&str> = BUILTIN.iter().map(|(id, _)| *id).collect();
            let near = did_you_mean(path, known);
            let hint = near.unwrap_or_else(|| format!("built in are {}", built_in()));
            format!("{source} ({hint})")
        }
        _ => source.to_string(),
    }
}

/// Dialects by name, decimal sign and code page: tills of one kind share one, because patterns take memory.
#[derive(Default)]
struct Dialects(HashMap<(String, Option<char>, Option<String>), Arc<Dialect>>);

impl Dialects {
    fn get(&mut self, config: &Config, till: &SerialConfig) -> Result<Arc<Dialect>, BuildError> {
        let key = (till.dialect.clone(), till.decimal, till.code_page.clone());
        if let Some(dialect) = self.0.get(&key) {
            return Ok(Arc::clone(dialect));
        }
        let setting = Setting { currency: config.gateway.currency, decimal: till.decimal };
        let mut dialect = dialect(&till.dialect, &setting)?;
        if let Some(name) = &till.code_page {
            let page = CodePage::named(name);
            dialect.framer.default_page =
                Some(page.ok_or_else(|| BuildError::CodePage(name.clone()))?);
        }
        let dialect = Arc::new(dialect);
        self.0.insert(key, Arc::clone(&dialect));
        Ok(dialect)
    }
}

/// What hangs on a `[[serial]]`: a printer, or any other device of the dialect.
fn serial(
    config: &Config,
    till: &SerialConfig,
    dialect: Arc<Dialect>,
    catalog: Arc<Catalog>,
) -> Result<Chain, BuildError> {
    let mut receipts = ReceiptTracker::new(settings(config, till, &dialect, catalog)?);
    if config.serial.iter().any(|it| it.till.as_ref() == Some(&till.name)) {
        receipts = receipts.with_terminal();
    }
    if let Some(device) = Device::new(&dialect)? {
        let poll = device.poll().filter(|_| till.mode == SerialMode::Poll);
        let speaker = Speaker { source: till.name.clone(), terminal: till.terminal.clone() };
        let mut machine = Machine::new(device, Trackers::new(receipts, speaker));
        if place_of_till(config, till).is_some() {
            machine = machine.of_till();
        }
        return Ok(Chain::new(&till.name, Kind::Machine(Box::new(machine))).asked(poll));
    }
    let printer = dialect.framer.printer();
    let till_of = Till::new(printer, Grammar::new(dialect), receipts);
    Ok(Chain::new(&till.name, Kind::Till(Box::new(till_of))))
}

fn settings(
    config: &Config,
    till: &SerialConfig,
    dialect: &Dialect,
    catalog: Arc<Catalog>,
) -> Result<receipt::TillSettings, BuildError> {
    Ok(receipt::TillSettings {
        source: till.name.clone(),
        terminal: till.terminal.clone(),
        currency: dialect.currency.unwrap_or(config.gateway.currency),
        store_id: config.gateway.store_id,
        zone: time_zone(config)?,
        business_day_starts: config.gateway.business_day_starts,
        checks: dialect.checks,
        key: dialect.key,
        no_sale_after: dialect.no_sale_after,
        private: dialect.private,
        catalog,
    })
}

fn built_in() -> String {
    BUILTIN.iter().map(|(id, _)| *id).collect::<Vec<_>>().join(", ")
}
