//! Records as batches: as a gateway commits them, and grouped as in a backlog.

use std::collections::BTreeMap;

use fastrand::Rng;
use tillgate_events::{Batch, Body, BootId, Class, ClockQuality, Header, Record, UtcMs};

use crate::shop::Shop;

/// How long a window waits for a commit of its own, in milliseconds; everything else is committed at once.
const LINGER_MS: i64 = 5000;
/// Records of one class in one batch.
const MOST: usize = 64;

/// Batches as a gateway makes them live, from records in the order of time.
pub fn live(shop: &Shop, records: Vec<Record>, seed: u64) -> Vec<Batch> {
    let mut numbers = Numbers::new(shop, seed);
    let (mut batches, mut waiting) = (Vec::new(), Vec::<Record>::new());
    for record in records {
        let late = waiting.first().is_some_and(|first| first.at.0 + LINGER_MS <= record.at.0);
        if late {
            let at = waiting.first().map_or(record.at, |first| UtcMs(first.at.0 + LINGER_MS));
            numbers.commit(&mut waiting, at, &mut batches);
        }
        let (at, prompt) =
            (record.at, !matches!(record.body, Body::TagWindow(_) | Body::Unknown(_)));
        waiting.push(record);
        if prompt || MOST <= waiting.len() {
            numbers.commit(&mut waiting, at, &mut batches);
        }
    }
    batches
}

/// Batches of so many records of one class each, as an outage's are after thinning or a burst's.
pub fn grouped(shop: &Shop, records: &[Record], count: usize, seed: u64) -> Vec<Batch> {
    let mut numbers = Numbers::new(shop, seed);
    let mut batches = Vec::new();
    for class in Class::ALL {
        let of_class: Vec<&Record> =
            records.iter().filter(|record| record.class() == class).collect();
        for group in of_class.chunks(count.max(1)) {
            let mut waiting: Vec<Record> = group.iter().copied().cloned().collect();
            let at = waiting.last().map_or(UtcMs(0), |record| record.at);
            numbers.commit(&mut waiting, at, &mut batches);
        }
    }
    batches
}

/// What a gateway counts.
struct Numbers {
    header: Header,
    next: BTreeMap<Class, u64>,
    rng: Rng,
}

impl Numbers {
    fn new(shop: &Shop, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut boot = [0; 16];
        rng.fill(&mut boot);
        let header = Header {
            gateway_id: shop.gateway.to_owned(),
            store_id: shop.store,
            class: Class::Pos,
            epoch: 1,
            first_sequence: 0,
            wall: UtcMs(0),
            boot_id: BootId(boot),
            // Up for some hours or weeks.
            mono_us: 0,
            clock: ClockQuality::Synced,
        };
        let from = rng.u64(1..50_000);
        let next = Class::ALL.into_iter().map(|class| (class, from)).collect();
        Self { header, next, rng }
    }

    fn commit(&mut self, waiting: &mut Vec<Record>, at: UtcMs, batches: &mut Vec<Batch>) {
        let mut groups: BTreeMap<Class, Vec<Record>> = BTreeMap::new();
        for record in waiting.drain(..) {
            groups.entry(record.class()).or_default().push(record);
        }
        let wall = UtcMs(at.0 + self.rng.i64(1..30));
        for (class, records) in groups {
            let next = self.next.entry(class).or_default();
            let (first_sequence, count) = (*next, records.len() as u64);
            *next += count;
            let header = Header {
                class,
                first_sequence,
                wall,
                mono_us: (wall.0.rem_euclid(30 * 86_400_000) * 1000 + self.rng.i64(0..1000))
                    .unsigned_abs(),
                ..self.header.clone()
            };
            batches.push(Batch { header, records });
        }
    }
}
