//! How a device is, for the agent's health.

use tillgate_events::DeviceStatus;

use super::{Chain, Kind};
use crate::agent::health::Health;
use crate::agent::health::snapshot::DeviceHealth;

impl Chain {
    /// In which state this device is.
    #[must_use]
    pub fn state(&self) -> DeviceHealth {
        let state = match self.device.status() {
            Some(DeviceStatus::Up) => "up",
            Some(DeviceStatus::Down) => "down",
            Some(DeviceStatus::Degraded) => "degraded",
            None => "unknown",
        };
        let reason = self.device.reason().map(str::to_owned);
        DeviceHealth { name: self.name.clone(), state: state.to_owned(), reason }
    }

    /// Adds this device to the agent's health.
    pub fn add_health(&self, health: &mut Health) {
        let devices = &mut health.devices;
        match self.device.status() {
            Some(DeviceStatus::Up) => devices.up += 1,
            Some(DeviceStatus::Down) => devices.down += 1,
            Some(DeviceStatus::Degraded) => devices.degraded += 1,
            None => {}
        }
        devices.bad_input += self.bad;
        match &self.kind {
            Kind::Till(till) => till.add_health(&mut health.tills),
            Kind::Machine(machine) => machine.add_health(&mut health.tills),
            Kind::Answers(_) | Kind::Deliveries(_) | Kind::Feed(_) => {}
            Kind::Screen(screen) => health.screens.unknown_keys += screen.0.unknown_keys(),
            Kind::Door(door) => door.add_health(&mut health.doors),
            Kind::Receiver(receiver) => receiver.add_health(&mut health.tags),
        }
    }
}
