//! One task per device of the configuration. Source ids are positions in the order tills, doors, receivers,
//! the same as in `build`.

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::config::{Config, DoorKind, ReceiverKind, SerialLine};
use crate::source::gpio::Contact;
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
            DoorKind::GpioContact { chip, line, debounce, active_low } => {
                let (chip, offset) = (chip.clone(), *line);
                starter.gpio(Contact {
                    chip,
                    line: offset,
                    debounce: *debounce,
                    active_low: *active_low,
                });
            }
        }
    }
    for receiver in &config.receivers {
        match &receiver.kind {
            ReceiverKind::Serial { line } => starter.serial(line),
            ReceiverKind::Bluez { adapter } => starter.bluez(adapter.clone()),
        }
    }
}

struct Starter<'a> {
    tasks: &'a mut JoinSet<()>,
    readings: &'a mpsc::Sender<Reading>,
    told: &'a watch::Receiver<bool>,
    clock: Clock,
    next: u16,
}

impl Starter<'_> {
    fn serial(&mut self, line: &SerialLine) {
        let (out, stop, seed) =
            (Outlet::for_bytes(self.id(), self.readings.clone()), self.stop(), fastrand::u64(..));
        self.tasks.spawn(serial::run(line.clone(), self.clock, out, stop, seed));
    }

    fn gpio(&mut self, contact: Contact) {
        let (out, stop, seed) =
            (Outlet::for_events(self.id(), self.readings.clone()), self.stop(), fastrand::u64(..));
        self.tasks.spawn(gpio::run(contact, self.clock, out, stop, seed));
    }

    fn bluez(&mut self, adapter: Option<String>) {
        let (out, stop, seed) =
            (Outlet::for_events(self.id(), self.readings.clone()), self.stop(), fastrand::u64(..));
        self.tasks.spawn(bluez::run(adapter, self.clock, out, stop, seed));
    }

    /// The position of the source that is being started.
    fn id(&mut self) -> SourceId {
        let id = SourceId(self.next);
        self.next = self.next.saturating_add(1);
        id
    }

    fn stop(&self) -> Stop {
        Stop::new(self.told.clone())
    }
}
