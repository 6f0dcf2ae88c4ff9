//! One task per device of the configuration. Source ids are positions in the order tills, doors, receivers,
//! the same as in `build`.

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::config::{Config, DoorKind, ReceiverKind, SerialLine};
use crate::source::{Outlet, Reading, SourceId, Stop, bluez, gpio, serial};

/// Starts every source.
pub fn spawn(
    config: &Config,
    tasks: &mut JoinSet<()>,
    readings: &mpsc::Sender<Reading>,
    told: &watch::Receiver<bool>,
    clock: Clock,
) {
    let mut starter = Starter { tasks, readings, told, clock, next: 0 };
    for till in &config.serial {
        starter.serial(&till.line);
    }
    for door in &config.doors {
        match &door.kind {
            DoorKind::SerialCounter { line } => starter.serial(line),
            DoorKind::GpioContact { .. } => starter.gpio(&door.kind),
        }
    }
    for receiver in &config.receivers {
        match &receiver.kind {
            ReceiverKind::Serial { line } => starter.serial(line),
            ReceiverKind::Bluez { adapter } => starter.bluez(adapter.as_deref()),
        }
    }
}
