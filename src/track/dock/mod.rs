//! Docks: doors, trucks' tags, reefers and the delivery plan to `truck_arrived`, `truck_departed` and
//! `temperature_recorded`.
//!
//! All docks are judged together, because neighbours hear the same trucks. The rules:
//!
//! * a tag that is near a dock ([`level`]) for a minute has *arrived*;
//! * it is *docked* when the door opens while it is near, or within half an hour of that;
//! * a door that opens for nobody brings an *unknown* truck, once a tag had five minutes to be heard: one that travels
//!   inside a trailer is heard only when that is open;
//! * a truck whose door is shut and that is silent for three minutes has *departed*, with its last advert, but not
//!   before the door was shut. One that was never docked gets half an hour from when it was near, because trailers
//!   are shut too; it was in the *yard* only.
//!
//! While a dock's receiver is lost silence means nothing. Stays outlive a run (`kept`).

mod expected;
mod kept;
mod leaf;
mod level;
mod reefer;
mod rules;
mod stay;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use tillgate_events::Record;

use self::expected::Expected;
pub use self::kept::Kept;
use self::leaf::Leaf;
use self::level::Levels;
use self::reefer::Reefer;
use self::stay::Stay;
use crate::config::{DockConfig, DockDoor, DocksConfig, ReeferConfig};
use crate::decode::ReceiverFact;
use crate::decode::delivery::Plan;
use crate::time::{Mono, Now};

/// All docks of a gateway.
#[derive(Debug)]
pub struct Yard {
    docks: Vec<Dock>,
    near_dbm: Vec<i8>,
    trucks: BTreeMap<String, Levels>,
    stays: Vec<Stay>,
    expected: Expected,
    reefers: Vec<Reefer>,
    left_out: u64,
    /// The time up to which everything was judged.
    judged: Mono,
    /// Stays came about, went on or ended since they were kept last, at that time.
    changed: bool,
    kept_at: Mono,
}

#[derive(Debug)]
struct Dock {
    config: DockConfig,
    leaf: Leaf,
    /// An opening that no truck has claimed, and when the door was shut again.
    unclaimed: Option<(Now, Option<Now>)>,
    /// The last opening.
    opened: Option<Now>,
    /// Since when its receiver is heard; `None` while it is lost.
    hears: Option<Mono>,
}

impl Yard {
    /// These docks; `None` where there is neither a dock nor a reefer.
    #[must_use]
    pub fn new(config: &DocksConfig) -> Option<Self> {
        if config.docks.is_empty() && config.reefers.is_empty() {
            return None;
        }
        let dock = |config: &DockConfig| Dock {
            config: config.clone(),
            leaf: Leaf::default(),
            unclaimed: None,
            opened: None,
            hears: Some(Mono::default()),
        };
        let reefer = |it: &_| Reefer::new(ReeferConfig::clone(it), config.docks.len());
        Some(Self {
            docks: config.docks.iter().map(dock).collect(),
            near_dbm: config.docks.iter().map(|dock| dock.near_dbm).collect(),
            trucks: BTreeMap::new(),
            stays: Vec::new(),
            expected: Expected::default(),
            reefers: config.reefers.iter().map(reefer).collect(),
            left_out: 0,
            judged: Mono::default(),
            changed: false,
            kept_at: Mono::default(),
        })
    }

    /// A truck's tag was heard by a receiver.
    pub fn heard(
        &mut self,
        now: Now,
        receiver: &str,
        truck: &str,
        rssi: i8,
        out: &mut Vec<Record>,
    ) {
        let Some(dock) = self.docks.iter().position(|it| it.config.receiver == receiver) else {
            return;
        };
        self.tick(now, out);
        self.make_room_for(truck);
        let levels = self.trucks.entry(truck.to_owned());
        let levels = levels.or_insert_with(|| Levels::new(self.docks.len()));
        let near = levels.hear(now, dock, rssi, &self.near_dbm);
        let own = |stay: &&mut Stay| stay.truck.as_deref() == Some(truck);
        if let Some(stay) = self.stays.iter_mut().find(own) {
            if stay.dock == dock {
                stay.heard = now;
            }
            if near.is_some_and(|near| near.dock == stay.dock) {
                stay.near = now;
            }
        }
        let Some(near) = near else { return };
        let after = self.docks.get(near.dock).map(|it| it.config.arrives_after);
        if after.is_some_and(|after| now.mono.since(near.since.mono) >= after) {
            self.is_near(now, truck, near.dock, near.since, out);
        }
    }

    /// A dock's receiver was lost, or is back.
    pub fn receiver(&mut self, now: Now, name: &str, fact: ReceiverFact) {
        for dock in self.docks.iter_mut().filter(|it| it.config.receiver == name) {
            dock.hears = match fact {
                ReceiverFact::Back => Some(dock.hears.unwrap_or(now.mono)),
                ReceiverFact::Lost => None,
            };
        }
    }

    /// A door says how it stands.
    pub fn door(&mut self, now: Now, door: &DockDoor, open: bool, out: &mut Vec<Record>) {
        self.tick(now, out);
        for dock in self.docks.iter_mut().filter(|it| it.config.door == *door) {
            dock.leaf.level(now, open);
        }
    }

    /// A sensor measured a temperature, in hundredths of a degree Celsius.
    pub fn measured(&mut self, now: Now, sensor: &str, value: i32, out: &mut Vec<Record>) {
        self.tick(now, out);
        for reefer in self.reefers.iter_mut().filter(|it| it.is(sensor)) {
            reefer.measured(now, value, out);
        }
    }

    /// There is a new plan.
    pub fn planned(&mut self, plan: Arc<Plan>) {
        self.expected.renew(plan);
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        self.judged = now.mono;
        for dock in 0..self.docks.len() {
            let change = self.docks.get_mut(dock).and_then(|it| it.leaf.settle(now.mono));
            match change {
                Some((true, at)) => self.opened(now, dock, at, out),
                Some((false, at)) => self.shut(dock, at),
                None => {}
            }
            if self.unknown_due(now.mono, dock).is_some_and(|due| due <= now.mono) {
                self.unknown_came(dock, out);
            }
            self.hand_over(now, dock, out);
        }
        while let Some(at) =
            self.stays.iter().position(|it| self.leaves(it).is_some_and(|due| due <= now.mono))
        {
            self.depart(at, out);
        }
        self.reefers.iter_mut().for_each(|reefer| reefer.tick(now, out));
    }

    /// When [`Yard::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let doors = self.docks.iter().filter_map(|dock| dock.leaf.due());
        let unknown = (0..self.docks.len()).filter_map(|dock| self.unknown_due(self.judged, dock));
        let over = (0..self.docks.len()).filter_map(|dock| self.handed_over(dock).map(|it| it.2));
        let leave = self.stays.iter().filter_map(|stay| self.leaves(stay));
        let reefers = self.reefers.iter().filter_map(Reefer::due);
        doors.chain(unknown).chain(over).chain(leave).chain(reefers).min()
    }

    /// The agent stops: windows of temperatures end; trucks stay where they are.
    pub fn finish(&mut self, now: Now, out: &mut Vec<Record>) {
        self.tick(now, out);
        self.reefers.iter_mut().for_each(|reefer| reefer.finish(now, out));
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        self.trucks.values_mut().for_each(|levels| levels.clock_set(by_ms));
        self.changed |= !self.stays.is_empty();
        self.stays.iter_mut().for_each(|stay| stay.clock_set(by_ms));
        self.reefers.iter_mut().for_each(|reefer| reefer.clock_set(by_ms));
        for dock in &mut self.docks {
            dock.leaf.clock_set(by_ms);
            let unclaimed = dock.unclaimed.as_mut();
            let unclaimed = unclaimed.map(|(opened, shut)| [Some(opened), shut.as_mut()]);
            let times = unclaimed.into_iter().flatten().chain([dock.opened.as_mut()]);
            times.flatten().for_each(|time| *time = time.clock_set(by_ms));
        }
    }

    /// Trucks that were forgotten or not told of for want of room.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}
