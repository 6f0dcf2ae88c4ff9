//! The shop's devices and the gateway's configuration for them.

use std::path::Path;

use super::storm::{STORE, Storm, TAGS};
use crate::limits::SOAK_FILL;
use crate::store::{Device, Door, Style, Till};

/// What a device does with its line.
pub enum Kind {
    /// One thing after another, at the line's pace.
    Device(Box<dyn Device>),
    /// As much as the line takes.
    Storm(Storm),
}

/// A device of the shop and how it is attached.
pub struct Plan {
    /// Its name.
    pub name: &'static str,
    /// Of its line.
    pub baud: u32,
    /// Its kind of table in the configuration.
    pub table: &'static str,
    /// More keys of that.
    pub keys: &'static str,
    /// What it says.
    pub kind: Kind,
    /// Receipts at once in the beginning.
    pub fill: usize,
}

/// All devices.
pub fn plans(seed: u64) -> Vec<Plan> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let opened = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let mut plans = Vec::new();
    for (name, style) in [
        ("till-1", Style::Columns),
        ("till-2", Style::Positioned),
        ("till-3", Style::Columns),
        ("till-4", Style::Plain),
    ] {
        let plain = style == Style::Plain;
        // Plain text ends by silence and cannot be hurried.
        let fill = if plain { 0 } else { SOAK_FILL };
        let keys =
            if plain { "dialect = \"text-generic\"" } else { "dialect = \"escpos-generic\"" };
        let kind = Kind::Device(Box::new(Till::new(name, style, opened, rng.u64(..))));
        plans.push(Plan { name, baud: 9600, table: "serial", keys, kind, fill });
    }
    for name in ["entrance", "car-park"] {
        let keys = "kind = \"serial-counter\"\nzone = \"ENTRANCE\"";
        let kind = Kind::Device(Box::new(Door::new(name, rng.u64(..))));
        plans.push(Plan { name, baud: 9600, table: "door", keys, kind, fill: 0 });
    }
    let (name, keys) = ("grocery", "kind = \"serial\"\nzone = \"GROCERY\"");
    let kind = Kind::Storm(Storm::new(name, rng.u64(..)));
    plans.push(Plan { name, baud: 921_600, table: "receiver", keys, kind, fill: 0 });
    plans
}

/// The gateway's configuration with these tables of devices.
pub fn toml(data: &Path, broker: u16, tables: &str) -> String {
    let tags = (1..=TAGS).map(|minor| {
        format!(
            "[[tag]]\nid = \"customer-{minor}\"\nclass = \"customer\"\nmatch = {{ ibeacon = \
             \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\", major = {STORE}, minor = {minor} }}\n"
        )
    });
    let tags: String = tags.collect();
    let data = data.display();
    format!(
        "[gateway]\nid = \"gw-s\"\ntenant = \"test\"\nstore_id = {STORE}\ntimezone = \"UTC\"\n\
         currency = \"EUR\"\ndata_dir = \"{data}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:{broker}\"\n\
         confirm = \"cloud\"\n\n{tables}\n{tags}"
    )
}
