//! The rows, each beside how it is played.

mod cloud;
mod damage;
mod input;
mod kill;
mod link;
mod power;
mod restored;
mod storage;

use super::Row;

/// All faults that can be made around a built agent, by number.
pub const ROWS: &[Row] = &[
    power::POWER_CUT,
    kill::KILLED,
    storage::SYNC_FAILS,
    power::DISK_FULL,
    damage::DAMAGED,
    cloud::BROKER_KILLED,
    link::OFFLINE,
    link::REFUSED,
    input::MALFORMED,
    link::UNPLUGGED,
    kill::SECOND,
    kill::STOPPED,
    damage::FUTURE,
    cloud::SUBSCRIBER_KILLED,
    restored::RESTORED,
];
