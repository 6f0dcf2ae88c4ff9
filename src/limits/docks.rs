//! Docks, the delivery plan, reefers and screens.

use std::time::Duration;

/// Trucks whose strength is remembered. More: the one heard longest ago that stands at no dock is forgotten and
/// counted.
pub const TRUCKS: usize = 500;

/// Trucks at docks at the same time. More: further ones are not told of, and counted.
pub const STAYS: usize = 100;

/// How fast the mean of a truck's strength follows: after this long a new level counts for two thirds.
pub const DOCK_TAU: Duration = Duration::from_secs(8);

/// Silence after which a truck's strength at a dock is not known any more.
pub const DOCK_FORGET: Duration = Duration::from_secs(30);

/// Adverts of a truck at a dock before its strength means anything.
pub const DOCK_ADVERTS: u32 = 3;

/// A truck that is near stays near until it is this much weaker, in dB.
pub const DOCK_HYSTERESIS_DB: f64 = 4.0;

/// A truck is at this dock and not at its neighbour's if it is this much stronger here, in dB.
pub const DOCK_MARGIN_DB: f64 = 6.0;

/// How long a truck is near before it has arrived, unless its dock says otherwise.
pub const DOCK_ARRIVES_AFTER: Duration = Duration::from_secs(60);

/// A door that opens this long after a truck was near was opened for that truck.
pub const DOCK_DOCKS_WITHIN: Duration = Duration::from_secs(30 * 60);

/// How often it is kept that a truck at a dock was heard: so much earlier it may seem to have left that left while the
/// agent was not there.
pub const DOCK_KEPT_EACH: Duration = Duration::from_secs(60);

/// Silence of a truck, the door shut, after which it has left, unless its dock says otherwise.
pub const DOCK_LEAVES_AFTER: Duration = Duration::from_secs(180);

/// A door's level counts when it has held for this long: contacts bounce, and doors swing.
pub const DOCK_DOOR_SETTLES: Duration = Duration::from_secs(3);

/// How long an opened door waits for a truck's tag before the truck is an unknown one.
pub const DOCK_UNKNOWN_AFTER: Duration = Duration::from_secs(5 * 60);

/// A truck comes this much before or after its planned arrival, at most; otherwise the delivery is not its own.
pub const PLAN_WITHIN: Duration = Duration::from_secs(12 * 60 * 60);

/// The same for a delivery without a truck's name.
pub const PLAN_NAMELESS_WITHIN: Duration = Duration::from_secs(2 * 60 * 60);

/// Bytes of a delivery plan. More: the file is refused, the last plan stays in force.
pub const PLAN_BYTES: usize = 128 * 1024;

/// How often the plan's file is looked at. It is read when it was found the same twice after a change.
pub const PLAN_POLL: Duration = Duration::from_secs(2);

/// A reefer's readings are told together for this long.
pub const REEFER_WINDOW: Duration = Duration::from_secs(5 * 60);

/// Silence of a reefer's sensor that is no longer taken as the temperature last read.
pub const REEFER_SILENCE: Duration = Duration::from_secs(10 * 60);

/// Characters of one field of a screen's line. Longer: the line is a bad one.
pub const SCREEN_FIELD_CHARS: usize = 128;
