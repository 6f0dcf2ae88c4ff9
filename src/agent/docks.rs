//! All docks: what others say, and of which tag it is, to the tracker that judges them.

use std::sync::Arc;

use tillgate_events::Record;

use super::chain::{Said, What};
use crate::config::{DockDoor, DocksConfig};
use crate::decode::{Quantity, SensorFact, TagKey};
use crate::store::KeptStay;
use crate::time::{Mono, Now};
use crate::track::dock::{Kept, Yard};
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
            What::Contact { door, open } => {
                self.yard.door(now, &DockDoor::Door(door.as_ref().to_owned()), *open, out);
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
            What::Sensor(_) | What::Customer(_) | What::Payment(_) | What::Printer(_) => {}
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

    /// Goes on with the trucks at docks that an earlier run kept.
    pub fn restore(&mut self, now: Now, stays: Vec<KeptStay>) {
        self.yard.restore(now, stays.into_iter().map(from_store).collect());
    }

    /// All trucks at docks, if they are to be kept now.
    pub fn take_kept(&mut self, now: Mono) -> Option<Vec<KeptStay>> {
        Some(self.yard.take_kept(now)?.into_iter().map(to_store).collect())
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

fn from_store(stay: KeptStay) -> Kept {
    let KeptStay { dock, truck, shipment, dc_id, unload_minutes, planned, open, .. } = stay;
    let times = [stay.arrived, stay.near, stay.heard];
    let door = [stay.docked, stay.shut];
    Kept { dock, truck, shipment, dc_id, unload_minutes, planned, open, times, door }
}

fn to_store(kept: Kept) -> KeptStay {
    let Kept { dock, truck, shipment, dc_id, unload_minutes, planned, open, times, door } = kept;
    let ([arrived, near, heard], [docked, shut]) = (times, door);
    KeptStay {
        dock,
        truck,
        shipment,
        dc_id,
        unload_minutes,
        planned,
        open,
        arrived,
        near,
        heard,
        docked,
        shut,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tillgate_events::Body;

    use super::*;
    use crate::config::{DockConfig, TagClass, TagConfig};
    use crate::decode::Address;
    use crate::decode::beacon::{AllowList, Seal, TagMatch};
    use crate::limits;

    #[test]
    fn a_sensor_with_a_contact_is_a_docks_door() {
        let address = Address([0xa4, 0xc1, 0x38, 0x8d, 0x18, 0xb2]);
        let known_by = TagMatch::Address(address, Seal::None);
        let tag = TagConfig { id: "flap".to_owned(), class: TagClass::Asset, known_by };
        let list = AllowList::new(std::iter::once(&tag.known_by));
        let enrolled = Arc::new(Enrolled::new(list, std::slice::from_ref(&tag)));
        let dock = DockConfig {
            name: "north".to_owned(),
            receiver: "radio".to_owned(),
            door: DockDoor::Tag("flap".to_owned()),
            near_dbm: -70,
            arrives_after: limits::DOCK_ARRIVES_AFTER,
            leaves_after: limits::DOCK_LEAVES_AFTER,
            unload_minutes: 60,
        };
        let config = DocksConfig { docks: vec![dock], ..DocksConfig::default() };
        let (mut docks, mut out) = (Docks::new(&config, enrolled).unwrap(), Vec::new());
        let contact =
            |open| What::Sensor(SensorFact::Contact { tag: TagKey::Address(address), open });
        let start = Now::default();
        docks.hear(&Said { at: start, what: contact(false) }, &mut out);
        let opened = start.plus(Duration::from_secs(60));
        docks.hear(&Said { at: opened, what: contact(true) }, &mut out);
        docks.tick(opened.plus(limits::DOCK_DOOR_SETTLES), &mut out);
        assert_eq!(docks.deadline(), Some(opened.plus(limits::DOCK_UNKNOWN_AFTER).mono));
        docks.tick(opened.plus(limits::DOCK_UNKNOWN_AFTER), &mut out);
        let arrived = out.iter().find(|record| matches!(record.body, Body::TruckArrived(_)));
        assert_eq!(arrived.map(|record| record.at), Some(opened.wall), "{out:?}");
    }

    #[test]
    fn without_docks_and_reefers_there_is_nothing_to_judge() {
        assert!(Docks::new(&DocksConfig::default(), Arc::default()).is_none());
    }
}
