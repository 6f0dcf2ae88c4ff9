//! The checked configuration of docks, reefers and screens: see [`super::model`].

use std::path::PathBuf;
use std::time::Duration;

use super::model::SerialLine;

/// All that docks need.
#[derive(Clone, Debug, Default)]
pub struct DocksConfig {
    /// `[[dock]]`
    pub docks: Vec<DockConfig>,
    /// `[[reefer]]`
    pub reefers: Vec<ReeferConfig>,
    /// `[deliveries]`: the plan's file.
    pub deliveries: Option<PathBuf>,
}

/// `[[dock]]`: a door and a receiver beside it.
#[derive(Clone, Debug)]
pub struct DockConfig {
    /// What the file calls it; part of what is sent.
    pub name: String,
    /// The `[[receiver]]` that hears trucks here.
    pub receiver: String,
    /// Its door.
    pub door: DockDoor,
    /// A truck's tag this strong, in dBm, stands at the dock.
    pub near_dbm: i8,
    /// How long it is near before it has arrived.
    pub arrives_after: Duration,
    /// Silence, the door shut, after which it has left.
    pub leaves_after: Duration,
    /// Minutes that unloading takes where no plan says so.
    pub unload_minutes: u32,
}

/// Who tells that a dock's door is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DockDoor {
    /// The `[[door]]` of this name, which then counts nobody.
    Door(String),
    /// The `[[tag]]` with this id: a sensor with a contact.
    Tag(String),
}

/// `[[reefer]]`: a sensor of something that is kept cold.
#[derive(Clone, Debug)]
pub struct ReeferConfig {
    /// The id of the sensor's `[[tag]]`.
    pub sensor: String,
    /// The id of the truck that it travels with.
    pub truck: Option<String>,
    /// In hundredths of a degree Celsius: colder is a breach.
    pub low: Option<i32>,
    /// In hundredths of a degree Celsius: warmer is a breach.
    pub high: Option<i32>,
    /// A breach this long is told.
    pub alarm_after: Duration,
}

/// `[[screen]]`: a player that tells what it showed.
#[derive(Clone, Debug)]
pub struct ScreenConfig {
    /// What the file calls it; part of what is sent.
    pub name: String,
    /// The part of the store that it stands in.
    pub zone: String,
    /// Where it hangs, and how it is opened.
    pub line: SerialLine,
    /// What records say where the player does not.
    pub channel: String,
    /// Likewise.
    pub device_type: String,
}
