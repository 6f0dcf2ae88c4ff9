//! What follows from a tag that is near, a door that moves, and silence: the rules of [`Yard`].

use super::level::Levels;
use super::reefer::{Load, Reefer};
use super::stay::Stay;
use super::{Dock, Yard};
use crate::limits;
use crate::time::{Mono, Now};

use tillgate_events::Record;

impl Yard {
    /// A truck is near a dock for long enough to have arrived, unless it is there already.
    pub(super) fn is_near(
        &mut self,
        now: Now,
        truck: &str,
        dock: usize,
        since: Now,
        out: &mut Vec<Record>,
    ) {
        let own = |stay: &Stay| stay.truck.as_deref() == Some(truck);
        if let Some(at) = self.stays.iter().position(own) {
            let elsewhere = self.stays.get(at).filter(|stay| stay.dock != dock);
            let Some(stay) = elsewhere else { return self.claim(at, dock, out) };
            // Who is being unloaded cannot be anywhere else.
            let unloading = stay.docked.is_some() && self.is_open(stay.dock);
            if unloading {
                return;
            }
            self.depart(at, out);
        }
        let Some(place) = self.docks.get_mut(dock) else { return };
        let claims =
            |(_, shut): &(Now, Option<Now>)| shut.is_none_or(|shut| since.mono <= shut.mono);
        let opened = place.unclaimed.filter(claims).map(|(opened, _)| opened);
        let arrived = opened.filter(|opened| opened.mono < since.mono).unwrap_or(since);
        if opened.is_some() {
            place.unclaimed = None;
        }
        let Some(at) = self.arrive(Some(truck), dock, arrived, out) else { return };
        if let Some(stay) = self.stays.get_mut(at) {
            (stay.near, stay.heard) = (now, now);
        }
        if let Some(opened) = opened {
            self.dock(at, opened, out);
        } else if self.is_open(dock) && self.unloading_at(dock).is_none() {
            self.dock(at, arrived, out);
        }
    }

    /// A truck that is there already is near again: an opening that nobody claimed is its own.
    fn claim(&mut self, at: usize, dock: usize, out: &mut Vec<Record>) {
        let waits = self.stays.get(at).is_some_and(|stay| stay.docked.is_none());
        let Some(place) = self.docks.get_mut(dock).filter(|_| waits) else { return };
        if let Some((opened, None)) = place.unclaimed {
            place.unclaimed = None;
            self.dock(at, opened, out);
        }
    }

    /// The door was opened: for the truck that is being unloaded, for one that waits, or for nobody yet.
    pub(super) fn opened(&mut self, now: Now, dock: usize, at: Now, out: &mut Vec<Record>) {
        self.changed = true;
        self.reefers.iter_mut().for_each(|reefer| reefer.opened(dock, at));
        if let Some(place) = self.docks.get_mut(dock) {
            place.opened = Some(at);
        }
        let within = |stay: &Stay| now.mono.since(stay.near.mono) <= limits::DOCK_DOCKS_WITHIN;
        if let Some(stay) = self.unloading_at(dock).and_then(|at| self.stays.get(at)) {
            let truck = stay.truck.clone();
            self.open_for(dock, truck.as_deref(), out);
        } else if let Some(stay) =
            self.waiting_at(dock).filter(|it| self.stays.get(*it).is_some_and(within))
        {
            self.dock(stay, at, out);
        } else if let Some(place) = self.docks.get_mut(dock) {
            let unclaimed = place.unclaimed.get_or_insert((at, None));
            unclaimed.1 = None;
        }
    }

    /// The door was shut.
    pub(super) fn shut(&mut self, dock: usize, at: Now) {
        self.changed = true;
        if let Some(stay) = self.unloading_at(dock).and_then(|stay| self.stays.get_mut(stay)) {
            stay.shut = Some(at);
        }
        if let Some((_, shut)) = self.docks.get_mut(dock).and_then(|it| it.unclaimed.as_mut()) {
            *shut = Some(at);
        }
    }

    /// When nobody's door is that of an unknown truck. A tag that is just being heard gets the time to arrive.
    pub(super) fn unknown_due(&self, now: Mono, dock: usize) -> Option<Mono> {
        let (opened, _) = self.docks.get(dock)?.unclaimed?;
        let here = |levels: &&Levels| levels.near(now).is_some_and(|near| near.dock == dock);
        let hearing = self.trucks.iter().filter(|(truck, _)| !self.is_here(truck));
        let last = hearing.map(|(_, levels)| levels).filter(here).map(Levels::last).max();
        let due = opened.mono.plus(limits::DOCK_UNKNOWN_AFTER);
        Some(last.map_or(due, |last| due.max(last.plus(limits::DOCK_FORGET))))
    }

    /// A truck without a tag is at the dock.
    pub(super) fn unknown_came(&mut self, dock: usize, out: &mut Vec<Record>) {
        let unclaimed = self.docks.get_mut(dock).and_then(|it| it.unclaimed.take());
        let Some((opened, shut)) = unclaimed else { return };
        if let Some(at) = self.arrive(None, dock, opened, out) {
            self.dock(at, opened, out);
            if let Some(stay) = self.stays.get_mut(at) {
                stay.shut = shut;
            }
        }
    }

    /// The truck that was unloaded is silent since before the door was opened again, and another one waits: it is the
    /// other one's turn.
    pub(super) fn hand_over(&mut self, now: Now, dock: usize, out: &mut Vec<Record>) {
        let Some((from, opened, due)) = self.handed_over(dock) else { return };
        if due > now.mono {
            return;
        }
        self.depart(from, out);
        if let Some(to) = self.waiting_at(dock) {
            self.dock(to, opened, out);
        }
    }

    /// Who hands over, with which opening, and when.
    pub(super) fn handed_over(&self, dock: usize) -> Option<(usize, Now, Mono)> {
        let place = self.docks.get(dock).filter(|it| it.leaf.is_open())?;
        let opened = place.opened?;
        let from = self.unloading_at(dock)?;
        let stay = self.stays.get(from)?;
        let waits = self.stays.get(self.waiting_at(dock)?)?;
        let silent = opened.mono > stay.heard.mono && waits.heard.mono > stay.heard.mono;
        let reopened = stay.shut.is_some_and(|shut| shut.mono < opened.mono);
        let due = stay.heard.mono.max(opened.mono).plus(place.config.leaves_after);
        (silent && reopened).then_some((from, opened, due))
    }

    /// When a truck has left, should nothing else happen.
    pub(super) fn leaves(&self, stay: &Stay) -> Option<Mono> {
        let dock = self.docks.get(stay.dock)?;
        stay.leaves(dock.config.leaves_after, dock.leaf.is_open(), dock.hears)
    }

    /// The truck at this place of the list has left.
    pub(super) fn depart(&mut self, at: usize, out: &mut Vec<Record>) {
        if at >= self.stays.len() {
            return;
        }
        self.changed = true;
        let stay = self.stays.remove(at);
        let (truck, left) = (stay.truck.as_deref(), stay.left().mono);
        let own = self.reefers.iter_mut().filter(|reefer| reefer.is_of(truck));
        let load = own.filter_map(|reefer| reefer.departed(left)).reduce(Load::with);
        if let Some(dock) = self.docks.get(stay.dock) {
            stay.tell_departed(&dock.config.name, load, out);
        }
    }

    /// Forgets the truck heard longest ago that stands nowhere, where there are too many.
    pub(super) fn make_room_for(&mut self, truck: &str) {
        if self.trucks.len() < limits::TRUCKS || self.trucks.contains_key(truck) {
            return;
        }
        let idle = self.trucks.iter().filter(|(truck, _)| !self.is_here(truck));
        let oldest = idle.min_by_key(|(_, levels)| levels.last()).map(|(truck, _)| truck.clone());
        if let Some(oldest) = oldest {
            self.trucks.remove(&oldest);
            self.left_out += 1;
        }
    }

    fn arrive(
        &mut self,
        truck: Option<&str>,
        dock: usize,
        arrived: Now,
        out: &mut Vec<Record>,
    ) -> Option<usize> {
        if self.stays.len() >= limits::STAYS {
            self.left_out += 1;
            return None;
        }
        let Dock { config, .. } = self.docks.get(dock)?;
        let delivery = self.expected.take(truck, &config.name, arrived.wall);
        let place = (dock, config.name.as_str());
        let stay =
            Stay::new(truck.map(str::to_owned), place, arrived, delivery, config.unload_minutes);
        stay.tell_arrived(&config.name, out);
        self.changed = true;
        self.stays.push(stay);
        self.reefers.iter_mut().filter(|it| it.is_of(truck)).for_each(Reefer::arrived);
        Some(self.stays.len() - 1)
    }

    /// The door was opened for this truck.
    fn dock(&mut self, at: usize, opened: Now, out: &mut Vec<Record>) {
        let Some(stay) = self.stays.get_mut(at) else { return };
        self.changed = true;
        stay.docked = Some(opened);
        let (truck, dock) = (stay.truck.clone(), stay.dock);
        if let Some(place) = self.docks.get(dock) {
            stay.tell_docked(&place.config.name, opened, out);
        }
        self.open_for(dock, truck.as_deref(), out);
    }

    fn open_for(&mut self, dock: usize, truck: Option<&str>, out: &mut Vec<Record>) {
        let own = self.reefers.iter_mut().filter(|reefer| reefer.is_of(truck));
        own.for_each(|reefer| reefer.docked(dock, out));
    }

    fn is_open(&self, dock: usize) -> bool {
        self.docks.get(dock).is_some_and(|it| it.leaf.is_open())
    }

    fn is_here(&self, truck: &str) -> bool {
        self.stays.iter().any(|stay| stay.truck.as_deref() == Some(truck))
    }

    /// Whose door it is.
    fn unloading_at(&self, dock: usize) -> Option<usize> {
        self.stays.iter().position(|stay| stay.dock == dock && stay.docked.is_some())
    }

    /// Who stands before the door: of several the one heard last.
    fn waiting_at(&self, dock: usize) -> Option<usize> {
        let waiting = self.stays.iter().enumerate();
        let waiting = waiting.filter(|(_, stay)| stay.dock == dock && stay.docked.is_none());
        waiting.max_by_key(|(_, stay)| stay.heard.mono).map(|(at, _)| at)
    }
}
