//! One day from the first truck to the last visitor: what is to happen is drawn first, then happens in order of time.

use tillgate_events::{Body, Record, UtcMs};

use super::checkout::Tills;
use super::goods::{PRODUCTS, PROMOTIONS, Product};
use super::people::{self, Visitor};
use super::shelf::Shelf;
use super::supply::{self, Truck};
use super::tables::Kind;
use super::{At, DAY, Device, HOUR, MINUTE, Script, Setting, Spoken, hours, office, written};

/// Days between two counts of all stock.
pub const COUNT_DAYS: u32 = 5;

/// What is to happen.
pub enum Event {
    Counted,
    Snapshot,
    Docked(Truck),
    Damaged,
    Vanished,
    Ordered,
    NoSale,
    Training,
    Paying(Visitor),
}

/// The store and all that was said in it.
pub struct Shop {
    pub setting: Setting,
    pub shelf: Shelf,
    pub tills: Tills,
    pub script: Script,
    /// The day, from 0.
    pub day: u32,
    /// Of the day.
    pub rng: fastrand::Rng,
    /// Numbers of slips, orders, visits and shipments.
    pub numbers: [u32; 4],
    /// What comes back to its shelf, and when.
    pub coming: Vec<(At, &'static Product, i64)>,
}

impl Shop {
    pub fn new(setting: &Setting) -> Self {
        let mut rng = fastrand::Rng::with_seed(setting.seed);
        Self {
            setting: *setting,
            shelf: Shelf::full(),
            tills: Tills::new(&mut rng),
            script: Script::default(),
            day: 0,
            rng,
            numbers: [0; 4],
            coming: Vec::new(),
        }
    }

    /// One day.
    pub fn play(&mut self, day: u32) {
        self.day = day;
        self.rng = fastrand::Rng::with_seed(
            self.setting.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(day),
        );
        self.tills.new_day();
        self.lifts();
        let mut events = self.plan();
        events.sort_by_key(|(at, _)| *at);
        for (at, event) in events {
            self.come_back(at);
            self.happen(at, event);
        }
        self.come_back(At::MAX);
        people::doors_report(self);
    }

    fn plan(&mut self) -> Vec<(At, Event)> {
        let midnight = i64::from(self.day) * DAY;
        let (opens, closes) = hours(&self.setting, self.day);
        let mut events = Vec::new();
        if self.day.is_multiple_of(COUNT_DAYS) {
            events.push((midnight + 5 * HOUR, Event::Counted));
        }
        events.extend((opens / HOUR..=closes / HOUR).map(|hour| (hour * HOUR, Event::Snapshot)));
        let trucks = supply::trucks(self);
        events.extend(trucks.into_iter().map(|truck| (truck.departs, Event::Docked(truck))));
        let span = closes - opens;
        let mut draw = |count: u32, event: fn() -> Event| {
            for _ in 0..count {
                events.push((opens + self.rng.i64(0..span.max(MINUTE)), event()));
            }
        };
        draw(3, || Event::Damaged);
        draw(4, || Event::Vanished);
        draw(5, || Event::Ordered);
        draw(4, || Event::NoSale);
        draw(1, || Event::Training);
        let visitors = people::visitors(self);
        events.extend(visitors.into_iter().map(|visitor| (visitor.pays, Event::Paying(visitor))));
        events
    }

    fn happen(&mut self, at: At, event: Event) {
        match event {
            Event::Counted => office::count(self, at),
            Event::Snapshot => self.snapshot(at),
            Event::Docked(truck) => supply::docked(self, &truck),
            Event::Damaged => office::damage(self, at),
            Event::Vanished => self.vanish(at),
            Event::Ordered => office::order(self, at),
            Event::NoSale => self.tills_no_sale(at),
            Event::Training => self.tills_training(at),
            Event::Paying(visitor) => self.pay(&visitor),
        }
    }

    /// What was given back up to now is on its shelf again: not before it was printed, or it would be sold first.
    fn come_back(&mut self, now: At) {
        let (there, later) = self.coming.drain(..).partition(|(at, ..)| *at <= now);
        self.coming = later;
        let there: Vec<(At, &Product, i64)> = there;
        for (_, product, pieces) in there {
            self.shelf.book_change(product, pieces);
        }
    }

    fn snapshot(&mut self, at: At) {
        for product in &PRODUCTS {
            let (real, book) = (self.shelf.real(product), self.shelf.book(product));
            let row = vec![written(at), product.id.to_string(), real.to_string(), book.to_string()];
            self.script.beside.push(Kind::StockHours, row);
        }
    }

    /// Somebody takes something without paying.
    fn vanish(&mut self, at: At) {
        let Some(product) = self.rng.choice(&PRODUCTS) else { return };
        let gone = self.shelf.vanish(product, 1 + self.rng.i64(0..3));
        if gone > 0 {
            let value = gone * product.price;
            let row = [written(at), product.id.to_string(), gone.to_string(), value.to_string()];
            self.script.beside.push(Kind::Vanished, row.to_vec());
        }
    }

    fn lifts(&mut self) {
        let today = written(i64::from(self.day) * DAY);
        let (date, _) = today.split_once('T').unwrap_or((&today, ""));
        for promotion in &PROMOTIONS {
            let held = promotion.day_of_three == self.day % 3;
            if held {
                let lift = promotion.lift_percent.to_string();
                let row = vec![date.to_owned(), promotion.product.to_string(), lift];
                self.script.beside.push(Kind::Lifts, row);
            }
        }
    }

    /// A device says something.
    pub fn say(&mut self, at: At, device: Device, bytes: Vec<u8>) {
        self.script.spoken.push(Spoken { at, device, bytes, barrier: false });
    }

    /// What was said last is a barrier.
    pub fn barrier(&mut self) {
        if let Some(spoken) = self.script.spoken.last_mut() {
            spoken.barrier = true;
        }
    }

    /// What must come of it.
    pub fn expect(&mut self, at: At, device: Device, body: Body) {
        let source = device.name().to_owned();
        self.script.expected.push(Record { at: UtcMs(at), source, body });
    }

    /// The next number of a kind.
    pub fn number(&mut self, kind: usize) -> u32 {
        let Some(number) = self.numbers.get_mut(kind) else { return 0 };
        *number += 1;
        *number
    }
}
