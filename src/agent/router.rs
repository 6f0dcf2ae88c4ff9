//! All devices, and who of them hears whom.
//!
//! Chains know nothing of each other. Some devices belong to a till all the same: its payment terminal, and the
//! other wire of its printer. What they say ([`Said`](super::chain::Said)) is handed to the till's chain at once,
//! on the same thread; what the till sends to its printer is told to whoever reads the printer's answers. A device
//! that goes away ends nothing but itself.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use tillgate_events::Record;

#[cfg(test)]
use super::chain::Said;
use super::chain::{Chain, What};
use super::docks::Docks;
use super::health::Health;
use super::health::snapshot::DeviceHealth;
use super::visits::Visits;
#[cfg(test)]
use crate::decode::SensorFact;
use crate::decode::TagKey;
use crate::decode::beacon::{Fingerprint, Guard};
use crate::source::{Poll, Reading};
use crate::store::{JournalDocument, KeptStay, Page, Total};
use crate::time::{Mono, Now};
use crate::track::catalog::Catalog;
use crate::track::pseudonym::Pseudonyms;
use crate::track::shop::Shop;

/// The chains by their source ids.
#[derive(Default)]
pub struct Router {
    places: Vec<Place>,
    /// Of all receivers: they hear the same sensors.
    guard: Guard,
    /// What all of them together say of the store.
    shop: Shop,
    /// Hears what doors, receivers and sensors say.
    docks: Option<Docks>,
    /// Of customers, where there are receivers.
    visits: Visits,
    /// What was said to everybody.
    #[cfg(test)]
    heard: Vec<Said>,
}

struct Place {
    chain: Chain,
    /// The till that hears what is said here.
    till: Option<usize>,
    /// Who is told what goes over this line.
    answers: Option<usize>,
}

impl Router {
    /// Devices of this store, none so far.
    #[must_use]
    pub fn of(shop: Shop) -> Self {
        Self { shop, ..Self::default() }
    }

    /// Adds a device that belongs to the till at `till`, if there is one; its place.
    pub fn add(&mut self, chain: Chain, till: Option<usize>) -> usize {
        let place = self.places.len();
        self.places.push(Place { chain, till, answers: None });
        place
    }

    /// The docks that hear everybody.
    #[must_use]
    pub fn with_docks(self, docks: Option<Docks>) -> Self {
        Self { docks, ..self }
    }

    /// Follows customers' tags by what the receivers among the devices hear.
    pub fn follow(&mut self, visits: Visits) {
        self.visits = visits;
    }

    /// Adds the other wire of the printer of the till at `till`.
    pub fn add_answers(&mut self, chain: Chain, till: usize) {
        let place = self.add(chain, Some(till));
        if let Some(till) = self.places.get_mut(till) {
            till.answers = Some(place);
        }
    }

    /// How each device is asked.
    #[must_use]
    pub fn polls(&self) -> Vec<Option<Poll>> {
        self.places.iter().map(|place| place.chain.poll()).collect()
    }

    /// Takes a reading; appends the records that it completes.
    pub fn step(&mut self, reading: Reading, names: &Pseudonyms, out: &mut Vec<Record>) {
        let (at, now, before) = (usize::from(reading.source.0), reading.at, out.len());
        let answers = self.places.get(at).and_then(|place| place.answers);
        if let Some(answers) = answers {
            self.overhear(answers, &reading, names, out);
        }
        if let Some(place) = self.places.get_mut(at) {
            place.chain.step(reading, names, &mut self.guard, out);
        }
        self.listen(at, now);
        self.deliver(at, names, out);
        self.shop.note(now, before, out);
    }

    /// Lets time pass for those that wait for it.
    pub fn tick(&mut self, now: Now, names: &Pseudonyms, out: &mut Vec<Record>) {
        let before = out.len();
        for at in 0..self.places.len() {
            let due = |place: &&mut Place| place.chain.deadline().is_some_and(|it| it <= now.mono);
            if let Some(place) = self.places.get_mut(at).filter(due) {
                place.chain.tick(now, names, out);
                self.deliver(at, names, out);
            }
        }
        if self.visits.deadline().is_some_and(|due| due <= now.mono) {
            (0..self.places.len()).for_each(|at| self.listen(at, now));
            self.visits.tick(now, names, out, &mut windows(&mut self.places));
        }
        if let Some(docks) = &mut self.docks
            && docks.deadline().is_some_and(|due| due <= now.mono)
        {
            docks.tick(now, out);
        }
        self.shop.note(now, before, out);
        self.shop.tick(now, out);
    }

    /// Ends visits and the windows of tags: the day's key is about to change.
    pub fn close_windows(&mut self, now: Now, names: &Pseudonyms, out: &mut Vec<Record>) {
        self.visits.finish(now, names, out);
        self.places.iter_mut().for_each(|place| place.chain.close_windows(names, out));
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        self.places.iter_mut().for_each(|place| place.chain.clock_set(by_ms));
        self.shop.clock_set(by_ms);
        if let Some(docks) = &mut self.docks {
            docks.clock_set(by_ms);
        }
    }

    /// From now on products are these.
    pub fn set_catalog(&mut self, catalog: &Arc<Catalog>) {
        self.places.iter_mut().for_each(|place| place.chain.set_catalog(catalog));
    }

    /// Sources whose stock changes have numbers of their own.
    #[must_use]
    pub fn feeds(&self) -> HashSet<String> {
        let feeds = self.places.iter().map(|place| &place.chain).filter(|chain| chain.is_feed());
        feeds.map(|chain| chain.name().to_owned()).collect()
    }

    /// When [`Router::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let devices = self.places.iter().filter_map(|place| place.chain.deadline());
        let docks = self.docks.as_ref().and_then(Docks::deadline);
        let others = [docks, self.visits.deadline(), self.shop.deadline()];
        devices.chain(others.into_iter().flatten()).min()
    }

    /// No reading comes any more: ends what is open. Those that tills hear end first.
    pub fn finish(&mut self, now: Now, names: &Pseudonyms, out: &mut Vec<Record>) {
        let before = out.len();
        self.visits.finish(now, names, out);
        for heard in [true, false] {
            for at in 0..self.places.len() {
                let its_turn = |place: &&mut Place| place.till.is_some() == heard;
                if let Some(place) = self.places.get_mut(at).filter(its_turn) {
                    place.chain.finish(now, names, out);
                    self.deliver(at, names, out);
                }
            }
        }
        if let Some(docks) = &mut self.docks {
            docks.finish(now, out);
        }
        self.shop.note(now, before, out);
    }

    /// Puts back the document that a device was in the middle of when the agent died; false if there is no such device.
    pub fn resume(&mut self, now: Now, document: &JournalDocument, out: &mut Vec<Record>) -> bool {
        let mut named = self.places.iter_mut().map(|place| &mut place.chain);
        let Some(chain) = named.find(|chain| chain.name() == document.device) else { return false };
        chain.resume(now, document, out);
        true
    }

    /// Takes the counters of sensors' encrypted packets that an earlier run kept.
    pub fn restore_counters(&mut self, now: Mono, counters: Vec<(i64, u32)>) {
        let counters = counters.into_iter();
        self.guard.restore(now, counters.map(|(print, number)| (Fingerprint(print), number)));
    }

    /// Takes the running totals that an earlier run kept, once; `now` is when this one begins.
    pub fn restore_totals(&mut self, now: Now, totals: &[Total]) {
        for total in totals {
            let mut chains = self.places.iter_mut().map(|place| &mut place.chain);
            if let Some(chain) = chains.find(|chain| chain.name() == total.source) {
                chain.restore(&total.what, total.value);
            }
        }
        let of_store = totals.iter().filter(|total| total.source.is_empty());
        self.shop.restore(now, of_store.map(|total| (&*total.what, total.value)));
    }

    /// Those that changed since the last call; those of the store itself have an empty source.
    pub fn totals_to_keep(&mut self) -> Vec<Total> {
        let mut changed = Vec::new();
        let mut keep = |source: &str, (what, value): (&str, i64)| {
            changed.push(Total { source: source.to_owned(), what: what.to_owned(), value });
        };
        for Place { chain, .. } in &mut self.places {
            chain.take_totals(&mut keep);
        }
        self.shop.take_changed().for_each(|total| keep("", total));
        changed
    }

    /// Goes on with the trucks at docks that an earlier run kept.
    pub fn restore_stays(&mut self, now: Now, stays: Vec<KeptStay>) {
        if let Some(docks) = &mut self.docks {
            docks.restore(now, stays);
        }
    }

    /// All trucks at docks, if they are to be kept now.
    pub fn stays_to_keep(&mut self, now: Mono) -> Option<Vec<KeptStay>> {
        self.docks.as_mut()?.take_kept(now)
    }

    /// Those that are new since the last call.
    pub fn counters_to_keep(&mut self) -> BTreeMap<i64, u32> {
        let changed = self.guard.changed().into_iter();
        changed.map(|(Fingerprint(print), number)| (print, number)).collect()
    }

    /// When the first line came that the journal should get.
    #[must_use]
    pub fn journal_since(&self) -> Option<Mono> {
        self.places.iter().filter_map(|place| place.chain.journal_since()).min()
    }

    /// Hands on what the journal does not have.
    pub fn gather(&mut self, now: Now, out: &mut Vec<Page>) {
        self.places.iter_mut().for_each(|place| place.chain.gather(now, out));
    }

    /// What sensors said since the last call.
    #[cfg(test)]
    pub fn sensor_facts(&mut self) -> Vec<SensorFact> {
        let heard = self.heard.drain(..).filter_map(|said| match said.what {
            What::Sensor(fact) => Some(fact),
            _ => None,
        });
        heard.collect()
    }

    /// Adds every device to the agent's health.
    pub fn add_health(&self, health: &mut Health) {
        self.places.iter().for_each(|place| place.chain.add_health(health));
        health.tags.replayed = self.guard.replayed();
        health.doors.inside = self.shop.inside();
        health.docks.left_out = self.docks.as_ref().map_or(0, Docks::left_out);
        self.visits.add_health(&mut health.tags);
    }

    /// In which state each device is.
    #[must_use]
    pub fn states(&self) -> Vec<DeviceHealth> {
        self.places.iter().map(|place| place.chain.state()).collect()
    }

    /// Tells who follows tags until when a receiver heard what there was.
    fn listen(&mut self, at: usize, now: Now) {
        let hearing = self.places.get(at).and_then(|place| place.chain.hearing(now.mono));
        if let Some(hearing) = hearing {
            self.visits.hears(at, hearing);
        }
    }

    /// Tells whoever reads a printer's answers what went to the printer.
    fn overhear(
        &mut self,
        at: usize,
        reading: &Reading,
        names: &Pseudonyms,
        out: &mut Vec<Record>,
    ) {
        if let Some(place) = self.places.get_mut(at) {
            place.chain.overhear(reading.at, &reading.body);
        }
        self.deliver(at, names, out);
    }

    /// Hands what was said at a place to the till that it belongs to; what sensors and receivers say to everybody,
    /// since each device knows best which of them it waits for.
    fn deliver(&mut self, at: usize, names: &Pseudonyms, out: &mut Vec<Record>) {
        let Some(place) = self.places.get_mut(at) else { return };
        let said: Vec<_> = place.chain.take_said().collect();
        for said in &said {
            if let What::Contact { door, open } = &said.what {
                self.shop.contact(said.at, door, *open, out);
            }
        }
        match place.till {
            Some(till) => {
                if let Some(till) = self.places.get_mut(till) {
                    said.into_iter().for_each(|said| till.chain.hear(said, out));
                }
            }
            None => {
                let all = 0..if said.is_empty() { 0 } else { self.places.len() };
                for said in said {
                    if let What::Customer(heard) = said.what {
                        let mut windows = windows(&mut self.places);
                        self.visits.heard((at, said.at), heard, names, out, &mut windows);
                        continue;
                    }
                    if let Some(docks) = &mut self.docks {
                        docks.hear(&said, out);
                    }
                    let chains = self.places.iter_mut().map(|place| &mut place.chain);
                    chains.for_each(|chain| chain.hear(said.clone(), out));
                    #[cfg(test)]
                    self.heard.push(said);
                }
                // A door whose sensor was heard says that it opened.
                all.filter(|other| *other != at).for_each(|other| self.deliver(other, names, out));
            }
        }
    }
}

/// Ends the windows of one tag at all receivers.
fn windows(places: &mut [Place]) -> impl FnMut(TagKey, &Pseudonyms, &mut Vec<Record>) {
    |key, names, out| {
        places.iter_mut().for_each(|place| place.chain.close_window(key, names, out));
    }
}

#[cfg(test)]
mod tests;
