//! The shop's devices as the agent's chains. Dialects are read once for all seeds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::tz::TimeZone;
use tillgate::agent::door::{Door, Eyes};
use tillgate::agent::till::Till;
use tillgate::agent::{Chain, Kind, Listening, Receiver, Router};
use tillgate::config::{TagClass, TagConfig};
use tillgate::decode::beacon::{AllowList, Format, TagMatch};
use tillgate::decode::counter::{Counter, Protocol};
use tillgate::decode::dialect::{Dialect, Grammar, Setting};
use tillgate::limits::TAG_WINDOW;
use tillgate::track::door::{DoorSettings, DoorTracker};
use tillgate::track::receipt::{ReceiptTracker, TillSettings};
use tillgate::track::tag::{Enrolled, TagTracker};
use tillgate_events::Currency;
use tillgate_sim::store::{Style, TAG_UUID};

use crate::shop::{TAGS, What};

/// The chains of these devices, in their order.
pub fn router<'a>(devices: impl Iterator<Item = (&'a str, What)>) -> Result<Router> {
    let mut router = Router::default();
    for (name, what) in devices {
        let kind = match what {
            What::Till(style) => till(name, style)?,
            What::Door => {
                let tracker = DoorTracker::new(DoorSettings::new(name, "entrance"));
                let eyes = Eyes::Counter(Counter::new(Protocol::Lines));
                Kind::Door(Box::new(Door::new(name, eyes, tracker)))
            }
            What::Receiver => Kind::Receiver(Box::new(receiver(name))),
        };
        router.add(Chain::new(name, kind), None);
    }
    Ok(router)
}

fn till(name: &str, style: Style) -> Result<Kind> {
    let dialect = dialect(if style == Style::Plain { "text-generic" } else { "escpos-generic" })?;
    let settings = TillSettings {
        source: name.to_owned(),
        terminal: name.to_owned(),
        currency: currency()?,
        store_id: 7,
        zone: TimeZone::UTC,
        business_day_starts: Duration::ZERO,
        checks: dialect.checks,
        key: dialect.key,
        no_sale_after: dialect.no_sale_after,
        private: dialect.private,
        catalog: Arc::default(),
    };
    let printer = dialect.framer.printer();
    Ok(Kind::Till(Box::new(Till::new(
        printer,
        Grammar::new(dialect),
        ReceiptTracker::new(settings),
    ))))
}

fn receiver(name: &str) -> Receiver {
    let (format, uuid, major) = (Format::IBeacon, TAG_UUID, Some(7));
    let tag = |minor| TagConfig {
        id: format!("tag-{minor}"),
        class: TagClass::Customer,
        known_by: TagMatch::Beacon { format, uuid, major, minor: Some(minor) },
    };
    let tags: Vec<TagConfig> = (1..=TAGS).map(tag).collect();
    let enrolled = Enrolled::new(AllowList::new(tags.iter().map(|tag| &tag.known_by)), &tags);
    let listening = Listening { lines: true, silence: None, counts_strangers: false };
    Receiver::new(name, listening, TagTracker::new(name, "grocery", TAG_WINDOW, Arc::new(enrolled)))
}

fn currency() -> Result<Currency> {
    Currency::new("EUR").context("no such currency")
}

fn dialect(id: &str) -> Result<Arc<Dialect>> {
    static READ: Mutex<BTreeMap<String, Arc<Dialect>>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(dialect) = read.get(id) {
        return Ok(Arc::clone(dialect));
    }
    let setting = Setting { currency: currency()?, decimal: None };
    let dialect = Arc::new(Dialect::builtin(id, &setting).context("no such dialect")??);
    read.insert(id.to_owned(), Arc::clone(&dialect));
    Ok(dialect)
}
