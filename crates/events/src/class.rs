//! The five classes of events. A class of one gateway is a stream: one topic, one gapless sequence.

use serde::{Deserialize, Serialize};

/// What a record is about; decides its topic (`…/evt/{class}`) and its sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Receipts with all that hangs on them, voids, drawer openings, scans and weights.
    Pos,
    /// Counts, shrink, stockouts, reorders.
    Stock,
    /// Doors, beacons, zones, screens.
    Visit,
    /// Trucks and temperatures.
    Dock,
    /// The gateway itself: device states, opening hours, what could not be understood.
    Ops,
}

impl Class {
    /// All classes, in the order of their numbers in the store.
    pub const ALL: [Self; 5] = [Self::Pos, Self::Stock, Self::Visit, Self::Dock, Self::Ops];

    /// The name in topics, trace ids and the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pos => "pos",
            Self::Stock => "stock",
            Self::Visit => "visit",
            Self::Dock => "dock",
            Self::Ops => "ops",
        }
    }

    /// The class with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}
