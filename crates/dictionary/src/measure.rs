//! What the dictionary is worth, on days that it was not trained on.
#![allow(clippy::disallowed_methods, reason = "it measures times")]

use std::time::{Duration, Instant};

use anyhow::Result;
use tillgate_dictionary::batch;
use tillgate_dictionary::day::{BUSY, day};
use tillgate_dictionary::shop::{HELD_OUT, Shop, TRAINED};
use tillgate_events::{Batch, Class, content, encode, expand_batch};

/// Bytes of the frame's first version before the content.
const FIRST: usize = 12;
/// Not one of the days trained on.
const SEED: u64 = 77;

pub fn run() -> Result<()> {
    println!(
        "| shops | class | events | batches | bytes/event | without dictionary |\n|---|---|---|---|---|---|"
    );
    tell("trained on, another day", &TRAINED)?;
    tell("never trained on", &HELD_OUT)?;
    packing(&batches(&HELD_OUT)?)
}

fn batches(shops: &[Shop]) -> Result<Vec<Batch>> {
    let mut all = Vec::new();
    for shop in shops {
        all.extend(batch::live(shop, day(shop, &BUSY, SEED)?.records, SEED));
    }
    Ok(all)
}

fn tell(name: &str, shops: &[Shop]) -> Result<()> {
    let batches = batches(shops)?;
    for class in Class::ALL.into_iter().map(Some).chain([None]) {
        let of_class =
            batches.iter().filter(|it| class.is_none_or(|class| it.header.class == class));
        let (mut events, mut count, mut bytes, mut plain) = (0, 0, 0, 0);
        for batch in of_class {
            events += expand_batch(batch).count();
            count += 1;
            bytes += encode(batch)?.len();
            let content = content(batch)?;
            plain += FIRST + zstd::bulk::compress(&content, 1)?.len().min(content.len());
        }
        let each = |bytes: usize| bytes as f64 / events.max(1) as f64;
        println!(
            "| {name} | {} | {events} | {count} | {:.1} | {:.1} |",
            class.map_or("all", Class::name),
            each(bytes),
            each(plain)
        );
    }
    Ok(())
}

/// Processor time of both ways in one run; the median of some rounds.
fn packing(batches: &[Batch]) -> Result<()> {
    let contents = batches.iter().map(content).collect::<Result<Vec<_>, _>>()?;
    let plain = median(|| {
        contents.iter().try_for_each(|content| zstd::bulk::compress(content, 1).map(drop)).is_ok()
    });
    let whole = median(|| batches.iter().try_for_each(|batch| encode(batch).map(drop)).is_ok());
    let written = median(|| batches.iter().try_for_each(|batch| content(batch).map(drop)).is_ok());
    let each = |time: Duration| time.as_secs_f64() * 1e6 / batches.len() as f64;
    println!(
        "a batch: written {:.1} us, zstd alone {:.1} us; all with the dictionary {:.1} us",
        each(written),
        each(plain),
        each(whole)
    );
    Ok(())
}

fn median(mut work: impl FnMut() -> bool) -> Duration {
    let mut times: Vec<Duration> = (0..5)
        .map(|_| {
            let start = Instant::now();
            assert!(work());
            start.elapsed()
        })
        .collect();
    times.sort();
    times.get(2).copied().unwrap_or_default()
}
