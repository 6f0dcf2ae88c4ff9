//! The rows, each beside how it is played.

mod cap;
mod certificate;
mod clock;
mod cloud;
mod damage;
mod input;
mod kill;
mod link;
mod power;
mod restored;
mod storage;
mod storm;
mod wire;

use super::Row;

/// All faults that can be made around a built agent, by number.
pub const ROWS: &[Row] = &[
    power::POWER_CUT,
    kill::KILLED,
    storage::SYNC_FAILS,
    cap::CAP,
    power::DISK_FULL,
    damage::DAMAGED,
    cloud::BROKER_KILLED,
    link::OFFLINE,
    link::REFUSED,
    wire::PARTITION,
    clock::CLOCK_SET,
    wire::SLOW_CONSUMER,
    input::MALFORMED,
    storm::STORM,
    link::UNPLUGGED,
    kill::SECOND,
    certificate::CERTIFICATES,
    kill::STOPPED,
    damage::FUTURE,
    cloud::SUBSCRIBER_KILLED,
    restored::RESTORED,
];
