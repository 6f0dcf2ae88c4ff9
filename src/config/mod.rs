//! The configuration: one TOML file, read once, checked as a whole.
//!
//! Every mistake of a file is told at once, each with its place and what to do. What [`parse`] returns can be
//! used as it is; nothing later asks again. What is odd but works (a port that is not plugged in yet) is a
//! warning.
//!
//! [`crate::spanned`] reads TOML with places and knows nothing of gateways; `sections`, `devices`, `tag` and
//! `products` are the schema; `value` and `radio` read single values; [`Environment`] is all that the check asks of the
//! machine.

mod article;
mod catalog;
mod counters;
mod devices;
mod dialects;
mod dock_model;
mod docks;
mod doors;
mod environment;
mod files;
mod hours;
mod joined;
mod model;
mod pem;
mod preset;
mod products;
mod radio;
mod sections;
mod tag;
mod tag_model;
mod value;
mod x509;
mod zone;
mod zone_model;

#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::path::Path;

pub use counters::{Layout, ModbusCounter};
pub use dock_model::{DockConfig, DockDoor, DocksConfig, ReeferConfig, ScreenConfig};
pub use environment::{CREDENTIALS_DIR, DIALECT_DIR, Environment, Folder, System};
pub use hours::{Hours, OpenedBy, Stretch};
pub use model::{
    AnswersConfig, BluezReceiver, BufferConfig, Config, Confirm, DoorConfig, DoorKind, Encoding,
    FeedConfig, GatewayConfig, HealthConfig, LineFormat, MetricsConfig, MqttConfig, Parity,
    Product, ReceiverConfig, ReceiverKind, SerialConfig, SerialLine, SerialMode,
};
pub use preset::{Allowance, Preset};
pub use tag_model::{Privacy, TagClass, TagConfig};
pub use zone_model::{PresenceByClass, PresenceConfig, ZoneConfig};

pub use value::{BrokerUrl, broker_url_text};

use files::{Files, Purpose};

use tillgate_events::Currency;

use crate::limits;
use crate::spanned;
pub use crate::spanned::{Mistake, Severity, Warning};

/// What can be used, and what is odd in it; or all mistakes.
type Checked = Result<(Config, Vec<Warning>), Vec<Mistake>>;

/// Reads the catalogue's file anew on this machine.
///
/// # Errors
/// Every mistake in it; then the products that are known stay.
pub fn reload_catalog(file: &Path, currency: Currency) -> Result<Vec<Product>, Vec<Mistake>> {
    products::reload(file, currency, &System)
}

/// Where the configuration is unless the command line says otherwise.
pub const DEFAULT_PATH: &str = "/etc/tillgate/tillgate.toml";

/// Reads and checks the file at `path` on this machine, for a start. Warnings are left to [`check`].
///
/// # Errors
/// Every mistake of the file, sorted by place; never an empty list.
pub fn load(path: &Path) -> Result<Config, Vec<Mistake>> {
    read(path, &System, Purpose::Start).map(|(config, _)| config)
}

/// Reads and checks the file at `path`.
///
/// # Errors
/// As [`load`].
pub fn check(path: &Path, env: &dyn Environment) -> Checked {
    read(path, env, Purpose::Check)
}

fn read(path: &Path, env: &dyn Environment, purpose: Purpose) -> Checked {
    let file = path.display().to_string();
    match env.read(path, limits::CONFIG_BYTES) {
        Ok(text) => parse_for(&text, &file, env, purpose),
        Err(error) => {
            let hint = match error.kind() {
                ErrorKind::FileTooLarge => Some("a catalogue of products has a file of its own"),
                ErrorKind::NotFound => Some(
                    "name another with --config FILE; firmware-config/tillgate.toml is a sample with every key",
                ),
                _ => None,
            };
            let fault = environment::unreadable("it", &error).hint_if(hint.map(str::to_owned));
            Err(vec![Mistake::of_file(&file, fault)])
        }
    }
}

/// Checks a configuration's text; `file` is what messages call it.
///
/// # Errors
/// As [`load`].
pub fn parse(text: &str, file: &str, env: &dyn Environment) -> Checked {
    parse_for(text, file, env, Purpose::Check)
}

fn parse_for(text: &str, file: &str, env: &dyn Environment, purpose: Purpose) -> Checked {
    let files = Files { env, purpose };
    let (config, report) =
        spanned::read(file, "the file", text, |root| sections::read(root, files));
    match config {
        Some(config) if report.mistakes.is_empty() => Ok((config, report.warnings)),
        _ => Err(report.mistakes),
    }
}
