//! A day of one shop, in the order of time.

use anyhow::Result;
use fastrand::Rng;
use tillgate_events::{Record, UtcMs};

use crate::shop::Shop;
use crate::till::Till;
use crate::{rest, visit};

/// How much happens.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Hours.
    pub hours: i64,
    /// Receipts.
    pub receipts: usize,
    /// People through doors.
    pub crossings: usize,
    /// Tags in the shop at any time.
    pub tags: usize,
    /// Times a second that a receiver near it hears a tag.
    pub rate: f64,
    /// Everything else: device states, voids, stock, trucks and so on.
    pub rest: usize,
}

/// A busy day of twelve hours: 6000 receipts and 12 000 crossings, 40 tags heard 4.3 times a second.
pub const BUSY: Pace =
    Pace { hours: 12, receipts: 6000, crossings: 12_000, tags: 40, rate: 4.3, rest: 600 };

/// A day to train on.
pub const SMALL: Pace =
    Pace { hours: 1, receipts: 500, crossings: 300, tags: 8, rate: 2.0, rest: 500 };

/// What happened.
pub struct Day {
    /// In the order of their times.
    pub records: Vec<Record>,
    /// Raw pings that the tags' windows are made of.
    pub pings: u64,
}

/// 2026-11-21 08:00 UTC.
const OPENED: i64 = 1_795_248_000_000;

/// The shop's day from this seed.
///
/// # Errors
/// When the shop's currency is none.
pub fn day(shop: &Shop, pace: &Pace, seed: u64) -> Result<Day> {
    let rng = &mut Rng::with_seed(seed ^ shop.store.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    // Another date for each seed.
    let opened = OPENED + (seed % 300) as i64 * 86_400_000;
    let (length, currency) = (pace.hours * 3_600_000, shop.currency()?);
    let mut tills = Vec::new();
    for name in shop.tills {
        tills.push(Till::new(shop, name, rng.u64(..))?);
    }
    let moment = |rng: &mut Rng| UtcMs(opened + rng.i64(0..length));
    let mut times: Vec<UtcMs> = (0..pace.receipts).map(|_| moment(rng)).collect();
    times.sort();
    let mut records = Vec::new();
    for at in times {
        records.extend(rng.choice(&mut tills).map(|till| till.receipt(at)));
    }
    records.extend((0..pace.crossings).filter_map(|_| {
        let at = moment(rng);
        visit::crossing(shop, at, rng)
    }));
    records.extend((0..pace.rest).map(|n| rest::record(shop, currency, n, moment(rng), rng)));
    let pings = walks(shop, pace, opened, rng, &mut records);
    records.sort_by_key(|record| record.at);
    Ok(Day { records, pings })
}

/// Visits of tags, one after the other, each of some minutes.
fn walks(shop: &Shop, pace: &Pace, opened: i64, rng: &mut Rng, records: &mut Vec<Record>) -> u64 {
    let (end, mut pings) = (opened + pace.hours * 3_600_000, 0);
    for _ in 0..pace.tags {
        let mut since = opened + rng.i64(0..60_000);
        while since < end {
            let until = since + rng.i64(300_000..2_400_000);
            let (windows, heard) = visit::walk(shop, since..until.min(end), pace.rate, rng);
            records.extend(windows);
            pings += heard;
            since = until + rng.i64(1000..20_000);
        }
    }
    pings
}
