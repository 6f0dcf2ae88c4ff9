//! What the dictionary is worth, on days that it was not trained on.

use anyhow::Result;
use tillgate_dictionary::batch;
use tillgate_dictionary::day::{BUSY, Pace, day};
use tillgate_dictionary::shop::{HELD_OUT, Shop, TRAINED};
use tillgate_events::{Batch, Class, content, encode, expand_batch};

/// A tenth of a busy day: the same mix.
const TENTH: Pace = BUSY;
/// Not one of the days trained on.
const SEED: u64 = 77;

pub fn run() -> Result<()> {
    println!("| shops | class | events | batches | bytes/event | without dictionary |\n|---|---|---|---|---|---|");
    tell("trained on, another day", &TRAINED)?;
    tell("never trained on", &HELD_OUT)?;
    if let Ok(path) = std::env::var("DICTIONARY") {
        levels(&std::fs::read(path)?)?;
    }
    Ok(())
}

fn batches(shops: &[Shop]) -> Result<Vec<Batch>> {
    let mut all = Vec::new();
    for shop in shops {
        all.extend(batch::live(shop, day(shop, &TENTH, SEED)?.records, SEED));
    }
    Ok(all)
}

fn tell(name: &str, shops: &[Shop]) -> Result<()> {
    let batches = batches(shops)?;
    for class in Class::ALL.into_iter().map(Some).chain([None]) {
        let (mut events, mut count, mut bytes, mut plain) = (0, 0, 0, 0);
        for batch in batches.iter().filter(|batch| class.is_none_or(|class| batch.header.class == class)) {
            events += expand_batch(batch).count();
            count += 1;
            bytes += encode(batch)?.len();
            let content = content(batch)?;
            plain += 12 + zstd::bulk::compress(&content, 1)?.len().min(content.len());
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

/// Sizes and times by level with another dictionary.
fn levels(dictionary: &[u8]) -> Result<()> {
    let contents = batches(&HELD_OUT)?.iter().map(content).collect::<Result<Vec<_>, _>>()?;
    for level in [1, 2, 3, 4, 6, 9, 19] {
        let prepared = zstd::dict::EncoderDictionary::copy(dictionary, level);
        let start = std::time::Instant::now();
        let mut bytes = 0;
        for content in &contents {
            bytes += zstd::bulk::Compressor::with_prepared_dictionary(&prepared)?.compress(content)?.len();
        }
        println!("level {level}: {} bytes/batch, {:.1} us", bytes / contents.len(), start.elapsed().as_secs_f64() * 1e6 / contents.len() as f64);
    }
    Ok(())
}
