//! What a busy day of twelve hours comes to as it is sent live: each receipt, crossing and change of state at once,
//! windows of tags with them or after five seconds. Payloads only: topic and properties come to them.
//!
//! Two shops: one that the batches' dictionary was trained on, on another day, and one that training never saw.

use tillgate_dictionary::batch;
use tillgate_dictionary::day::{BUSY, day};
use tillgate_dictionary::shop::{HELD_OUT, Shop, TRAINED};
use tillgate_events::{Batch, Class, encode, expand_batch};

/// No day to train on has this seed.
const SEED: u64 = 77;

/// Prints the rows.
pub fn figures() {
    shop("a shop that the dictionary does not know", &HELD_OUT[0]);
    shop("one that it was trained on, another day", &TRAINED[3]);
}

fn shop(name: &str, shop: &Shop) {
    let day = day(shop, &BUSY, SEED).unwrap();
    let batches = batch::live(shop, day.records, SEED);
    let all = Sums::of(&batches, |_| true);
    let [pos, visit] = [Class::Pos, Class::Visit].map(|it| Sums::of(&batches, |class| class == it));
    let value = format!(
        "{:.1} bytes/event: tills {:.1}, doors and tags {:.1}",
        all.each(),
        pos.each(),
        visit.each()
    );
    super::row(&format!("a busy day live, {name}"), &value);
    // As if each ping were an event of the size that its window has.
    let json = all.json + visit.json / visit.events * day.pings;
    let value = format!(
        "{:.1} MB in {} messages; as JSON {:.0} MB, with an event for each ping {:.1} GB",
        all.bytes as f64 / 1e6,
        all.batches,
        all.json as f64 / 1e6,
        json as f64 / 1e9
    );
    super::row("all of it", &value);
    let value = format!("{:.2} bytes", visit.bytes as f64 / day.pings as f64);
    super::row("for each raw ping of a tag, crossings with them", &value);
}

struct Sums {
    batches: usize,
    events: u64,
    bytes: u64,
    json: u64,
}

impl Sums {
    fn of(batches: &[Batch], wanted: impl Fn(Class) -> bool) -> Self {
        let mut sums = Self { batches: 0, events: 0, bytes: 0, json: 0 };
        for batch in batches.iter().filter(|batch| wanted(batch.header.class)) {
            sums.batches += 1;
            sums.bytes += encode(batch).unwrap().len() as u64;
            for event in expand_batch(batch) {
                sums.events += 1;
                sums.json += event.to_json_line().len() as u64 + 1;
            }
        }
        sums
    }

    fn each(&self) -> f64 {
        self.bytes as f64 / self.events as f64
    }
}
