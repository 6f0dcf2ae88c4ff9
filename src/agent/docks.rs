//! All docks: what others say, and of which tag it is, to the tracker that judges them.

use std::sync::Arc;

use tillgate_events::Record;

use super::chain::{Said, What};
use crate::config::{DockDoor, DocksConfig};
use crate::decode::{Quantity, SensorFact, TagKey};
use crate::time::{Mono, Now};
use crate::track::dock::Yard;
use crate::track::tag::Enrolled;

/// The docks of a gateway.
pub struct Docks {
    yard: Yard,
    enrolled: Arc<Enrolled>,
}

impl Docks {
    /// `None` where there is nothing to judge.
    #[must_use]
    pub fn new(config: &DocksConfig, enrolled: Arc<Enrolled>) -> Option<Self> {
        Yard::new(config).map(|yard| Self { yard, enrolled })
    }

    /// Takes what a device said.
    pub fn hear(&mut self, said: &Said, out: &mut Vec<Record>) {
        let now = said.at;
        match &said.what {
            What::Truck { receiver, truck, rssi } => {
                self.yard.heard(now, receiver, truck, *rssi, out);
            }
            What::Receiver(name, fact) => self.yard.receiver(now, name, *fact),
            What::Door(name, open) => {
                self.yard.door(now, &DockDoor::Door(name.as_ref().to_owned()), *open, out);
            }
            What::Sensor(SensorFact::Contact { tag, open }) => {
                if let Some(id) = self.id(tag) {
                    self.yard.door(now, &DockDoor::Tag(id), *open, out);
                }
            }
            What::Sensor(SensorFact::Measured {
                tag,
                quantity: Quantity::Temperature,
                value,
                ..
            }) => {
                if let Some(id) = self.id(tag) {
                    self.yard.measured(now, &id, *value, out);
                }
            }
            What::Plan(plan) => self.yard.planned(Arc::clone(plan)),
            What::Sensor(_) | What::Payment(_) | What::Printer(_) => {}
        }
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        self.yard.tick(now, out);
    }

    /// When [`Docks::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.yard.deadline()
    }

    /// The agent stops.
    pub fn finish(&mut self, now: Now, out: &mut Vec<Record>) {
        self.yard.finish(now, out);
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        self.yard.clock_set(by_ms);
    }

    /// Trucks that were left out for want of room.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.yard.left_out()
    }

    fn id(&self, tag: &TagKey) -> Option<String> {
        self.enrolled.get(tag).map(|(id, _)| id.into_owned())
    }
}
