//! One task per device of the configuration, and per line that counters share. Source ids are positions in the order
//! tills, doors, receivers, answers of tills' printers, screens, the delivery plan, stock feeds, the same as in
//! `build`.
//!
//! The pipeline ends when nobody can send it a reading any more. So where there is no device, a task that does
//! nothing stands in for one: a gateway that is being set up runs, idle, and says so.

use std::path::PathBuf;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::config::{BluezReceiver, Config, DoorKind, ModbusCounter, ReceiverKind, SerialLine};
use crate::source::gpio::Lines;
use crate::source::{Outlet, Poll, Reading, SourceId, Stop, bluez, file, gpio, modbus, serial};

/// Starts every source.
pub fn spawn(
    config: &Config,
    polls: &[Option<Poll>],
    tasks: &mut JoinSet<()>,
    readings: &mpsc::Sender<Reading>,
    told: &watch::Receiver<bool>,
    clock: Clock,
) {
    let mut starter = Starter { tasks, readings, told, clock, next: 0 };
    for (place, till) in config.serial.iter().enumerate() {
        starter.asked(&till.line, polls.get(place).copied().flatten());
    }
    let mut buses: Vec<(&SerialLine, Vec<(ModbusCounter, Outlet)>)> = Vec::new();
    for door in &config.doors {
        match &door.kind {
            DoorKind::SerialCounter { line, .. } | DoorKind::SerialContact { line } => {
                starter.serial(line);
            }
            DoorKind::GpioContact { chip, line, debounce, active_low } => {
                starter.gpio(Lines::contact(chip, *line, *debounce, *active_low));
            }
            DoorKind::GpioPair { chip, lines, debounce, active_low, .. } => {
                starter.gpio(Lines::pair(chip, *lines, *debounce, *active_low));
            }
            DoorKind::ModbusCounter { line, counter } => {
                let asked = (*counter, Outlet::for_events(starter.id(), readings.clone()));
                match buses.iter_mut().find(|(bus, _)| *bus == line) {
                    Some((_, counters)) => counters.push(asked),
                    None => buses.push((line, vec![asked])),
                }
            }
            // Receivers hear it.
            DoorKind::BleContact { .. } => drop(starter.id()),
        }
    }
    for (line, counters) in buses {
        starter.modbus(line, counters);
    }
    for receiver in &config.receivers {
        match &receiver.kind {
            ReceiverKind::Serial { line, .. } => starter.serial(line),
            ReceiverKind::Bluez(receiver) => starter.bluez(receiver.clone()),
        }
    }
    for answers in config.serial.iter().filter_map(|till| till.answers.as_ref()) {
        starter.serial(&answers.line);
    }
    for screen in &config.screens {
        starter.serial(&screen.line);
    }
    if let Some(path) = &config.docks.deliveries {
        starter.file(path.clone());
    }
    for feed in &config.feeds {
        starter.serial(&feed.line);
    }
    if starter.tasks.is_empty() {
        starter.nothing();
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
        self.asked(line, None);
    }

    fn asked(&mut self, line: &SerialLine, poll: Option<Poll>) {
        let out = Outlet::for_bytes(self.id(), self.readings.clone());
        let (line, clock, stop) = (line.clone(), self.clock, self.stop());
        self.tasks.spawn_local(serial::ask(line, poll, clock, out, stop, fastrand::u64(..)));
    }

    /// All counters on one line.
    fn modbus(&mut self, line: &SerialLine, counters: Vec<(ModbusCounter, Outlet)>) {
        let asks = modbus::run(line.clone(), counters, self.clock, self.stop(), fastrand::u64(..));
        self.tasks.spawn_local(asks);
    }

    fn gpio(&mut self, lines: Lines) {
        let out = Outlet::for_events(self.id(), self.readings.clone());
        let watcher = gpio::run(lines, self.clock, out, self.stop(), fastrand::u64(..));
        self.tasks.spawn_local(watcher);
    }

    fn bluez(&mut self, receiver: BluezReceiver) {
        let out = Outlet::for_events(self.id(), self.readings.clone());
        self.tasks.spawn_local(bluez::run(receiver, self.clock, out, self.stop()));
    }

    fn file(&mut self, path: PathBuf) {
        let out = Outlet::for_bytes(self.id(), self.readings.clone());
        self.tasks.spawn_local(file::run(path, self.clock, out, self.stop(), fastrand::u64(..)));
    }

    fn nothing(&mut self) {
        let (readings, mut stop) = (self.readings.clone(), self.stop());
        self.tasks.spawn_local(async move {
            stop.requested().await;
            drop(readings);
        });
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

#[cfg(test)]
mod tests {
    use tokio::task::LocalSet;

    use super::*;
    use crate::config;

    #[tokio::test]
    async fn without_devices_the_pipeline_goes_on_until_the_agent_is_told_to_stop() {
        let text = "[gateway]\nid = \"gw-1\"\ntenant = \"acme\"\nstore_id = 7\ntimezone = \"UTC\"\n\
                    currency = \"EUR\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n";
        let (config, _) = config::parse(text, "f", &config::System).unwrap();
        let (stop, told) = watch::channel(false);
        let (readings, mut taken) = mpsc::channel(1);
        let mut tasks = JoinSet::new();
        let idle = async {
            spawn(&config, &[], &mut tasks, &readings, &told, Clock::start());
            drop(readings);
            tokio::task::yield_now().await;
            assert_eq!(taken.try_recv().unwrap_err(), mpsc::error::TryRecvError::Empty);
            stop.send_replace(true);
            assert!(taken.recv().await.is_none());
        };
        LocalSet::new().run_until(idle).await;
    }
}
