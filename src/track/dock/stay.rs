//! One truck's stay at a dock, and the records that it makes.
//!
//! The contract has arrival and departure; when the door was opened, what a stay came to in all, a truck that only
//! stood in the yard and one that has no tag are told in words beside them.

use std::time::Duration;

use tillgate_events::{Body, Record, TruckArrived, TruckDeparted, Unknown};

use super::kept::Kept;
use super::reefer::Load;
use crate::decode::delivery::Delivery;
use crate::limits;
use crate::time::{Mono, Now, UtcMs};

/// What a truck without a tag is called.
pub const UNKNOWN_TRUCK: &str = "unknown";

/// A truck at a dock.
#[derive(Debug)]
pub struct Stay {
    /// Its id; `None`: it has no tag.
    pub truck: Option<String>,
    /// The dock's place.
    pub dock: usize,
    /// Since when.
    pub arrived: Now,
    /// When it was near last.
    pub near: Now,
    /// The last advert at the dock's receiver; of a truck without a tag the opening of the door.
    pub heard: Now,
    /// When the door was opened for it.
    pub docked: Option<Now>,
    /// When the door was shut last since then.
    pub shut: Option<Now>,
    /// What it brings.
    pub shipment: String,
    dc_id: Option<u64>,
    unload_minutes: u32,
    planned: Option<UtcMs>,
}

impl Stay {
    /// A truck at the dock of this place and name, which brings `delivery`; otherwise unloading is expected to take
    /// `unload_minutes`.
    #[must_use]
    pub fn new(
        truck: Option<String>,
        (dock, name): (usize, &str),
        arrived: Now,
        delivery: Option<Delivery>,
        unload_minutes: u32,
    ) -> Self {
        let shipment = delivery.as_ref().map(|it| it.shipment_id.clone());
        let called = truck.as_deref().unwrap_or(name);
        Self {
            shipment: shipment.unwrap_or_else(|| unplanned(called, arrived.wall)),
            dc_id: delivery.as_ref().and_then(|it| it.dc_id),
            planned: delivery.as_ref().map(|it| it.planned),
            unload_minutes: delivery.and_then(|it| it.unload_minutes).unwrap_or(unload_minutes),
            truck,
            dock,
            arrived,
            near: arrived,
            heard: arrived,
            docked: None,
            shut: None,
        }
    }

    /// The stay that was kept of the dock at this place, with the moment of each of its times.
    pub fn kept(kept: Kept, dock: usize, moment: impl Fn(UtcMs) -> Now) -> Self {
        let [arrived, near, heard] = kept.times.map(&moment);
        let [docked, shut] = kept.door.map(|at| at.map(&moment));
        let Kept { truck, shipment, dc_id, unload_minutes, planned, .. } = kept;
        Self {
            truck,
            dock,
            arrived,
            near,
            heard,
            docked,
            shut,
            shipment,
            dc_id,
            unload_minutes,
            planned,
        }
    }

    /// What is kept of it.
    #[must_use]
    pub fn to_keep(&self, dock: &str, open: Option<bool>) -> Kept {
        Kept {
            dock: dock.to_owned(),
            truck: self.truck.clone(),
            shipment: self.shipment.clone(),
            dc_id: self.dc_id,
            unload_minutes: self.unload_minutes,
            planned: self.planned,
            open,
            times: [self.arrived, self.near, self.heard].map(|it| it.wall),
            door: [self.docked, self.shut].map(|it| it.map(|it| it.wall)),
        }
    }

    /// When it has left, should nothing be heard `for_` so long and the door stay as it is; `None` while it cannot.
    /// While its receiver is lost, and before it was `back`, silence means nothing.
    #[must_use]
    pub fn leaves(&self, for_: Duration, door_open: bool, back: Option<Mono>) -> Option<Mono> {
        let back = back?;
        let heard = self.heard.mono.max(back);
        if self.docked.is_none() {
            let near = self.near.mono.max(back).plus(limits::DOCK_DOCKS_WITHIN);
            return Some(heard.plus(for_).max(near));
        }
        let shut = self.shut.filter(|_| !door_open)?;
        let since = if self.truck.is_some() { heard.max(shut.mono) } else { shut.mono };
        Some(since.plus(for_))
    }

    /// When it left, told now that it has: with its last advert, and not before its door was shut.
    #[must_use]
    pub fn left(&self) -> Now {
        let shut = self.shut.unwrap_or(self.heard);
        if (shut.mono, shut.wall) > (self.heard.mono, self.heard.wall) { shut } else { self.heard }
    }

    /// `truck_arrived`, and in words that nobody knows it.
    pub fn tell_arrived(&self, dock: &str, out: &mut Vec<Record>) {
        if self.truck.is_none() {
            let text =
                format!("[dock {dock} shipment {} opened {}]", self.shipment, self.arrived.wall);
            out.push(words(dock, self.arrived.wall, "unknown_truck", text));
        }
        let body = Body::TruckArrived(TruckArrived {
            truck_id: self.truck_id(),
            dc_id: self.dc_id,
            shipment_id: self.shipment.clone(),
            estimated_unload_minutes: self.unload_minutes,
            dock: dock.to_owned(),
            planned_arrival: self.planned,
        });
        out.push(Record { at: self.arrived.wall, source: dock.to_owned(), body });
    }

    /// In words that the door was opened for it.
    pub fn tell_docked(&self, dock: &str, at: Now, out: &mut Vec<Record>) {
        let text =
            format!("[{} arrived {} docked {}]", self.about(dock), self.arrived.wall, at.wall);
        out.push(words(dock, at.wall, "truck_docked", text));
    }

    /// `truck_departed`, and the whole stay in words.
    pub fn tell_departed(&self, dock: &str, load: Option<Load>, out: &mut Vec<Record>) {
        let left = self.left();
        let unloaded = self.docked.map(|docked| {
            let shut = self.shut.unwrap_or(left);
            (docked, shut, minutes(between(docked, shut)))
        });
        let body = Body::TruckDeparted(TruckDeparted {
            truck_id: self.truck_id(),
            dc_id: self.dc_id,
            shipment_id: self.shipment.clone(),
            actual_unload_minutes: unloaded.map_or(0, |(.., minutes)| minutes),
            dock: dock.to_owned(),
            temperature: load.map(|load| load.temperature),
            temperature_breach_minutes: load.and_then(|load| load.breach.map(minutes)),
        });
        let (about, arrived) = (self.about(dock), self.arrived.wall);
        let dwell = minutes(between(self.arrived, left));
        let rest = format!("departed {} dwell_minutes {dwell}", left.wall);
        let (kind, text) = match unloaded {
            Some((docked, shut, minutes)) => {
                let door =
                    format!("docked {} shut {} unload_minutes {minutes}", docked.wall, shut.wall);
                ("truck_stay", format!("[{about} arrived {arrived} {door} {rest}]"))
            }
            None => ("yard_presence", format!("[{about} arrived {arrived} {rest}]")),
        };
        out.push(words(dock, left.wall, kind, text));
        out.push(Record { at: left.wall, source: dock.to_owned(), body });
    }

    /// The wall clock was set. A time before this boot was told by another setting of it.
    pub fn clock_set(&mut self, by_ms: i64) {
        let Self { arrived, near, heard, docked, shut, .. } = self;
        let times = [Some(arrived), Some(near), Some(heard), docked.as_mut(), shut.as_mut()];
        let this_boot = |time: &&mut Now| time.mono != Mono::default();
        for time in times.into_iter().flatten().filter(this_boot) {
            *time = time.clock_set(by_ms);
        }
    }

    fn truck_id(&self) -> String {
        self.truck.clone().unwrap_or_else(|| UNKNOWN_TRUCK.to_owned())
    }

    fn about(&self, dock: &str) -> String {
        format!("truck {} dock {dock} shipment {}", self.truck_id(), self.shipment)
    }
}

/// What no event of the contract holds.
pub fn words(source: &str, at: UtcMs, kind: &str, text: String) -> Record {
    let body = Body::Unknown(Unknown { kind: kind.to_owned(), text });
    Record { at, source: source.to_owned(), body }
}

/// How long it was; by the wall clock where it began before this boot.
fn between(from: Now, to: Now) -> Duration {
    if from.mono == Mono::default() {
        let ms = to.wall.0.saturating_sub(from.wall.0);
        return Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    }
    to.mono.since(from.mono)
}

/// Whole minutes, the nearest.
pub fn minutes(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs().saturating_add(30) / 60).unwrap_or(u32::MAX)
}

/// The shipment of a truck that no plan knows: who, and when to the second, which is unique at a gateway.
fn unplanned(called: &str, at: UtcMs) -> String {
    let digits = at.to_string().replace(['-', ':'], "");
    let second = digits.split('.').next().unwrap_or_default();
    format!("unplanned-{called}-{second}Z")
}
