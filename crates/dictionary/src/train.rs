//! Contents of batches of the shops to train on, and zstd's dictionary of them.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};
use tillgate_dictionary::day::{SMALL, day};
use tillgate_dictionary::shop::TRAINED;
use tillgate_dictionary::{batch, till};
use tillgate_events::{Batch, content};

/// Bytes of the dictionary.
const SIZE: usize = 16 * 1024;
/// Days of each shop.
const DAYS: u64 = 2;
/// What it is written to.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/dictionary/batch-1.zdict");

pub fn run() -> Result<()> {
    let samples = samples()?;
    let bytes: usize = samples.iter().map(Vec::len).sum();
    let dictionary = zstd::dict::from_samples(&samples, SIZE).context("training")?;
    ensure!(!holds_card_number(&dictionary), "there is what passes for a card number in it");
    std::fs::create_dir_all(Path::new(FILE).parent().context("a folder")?)?;
    std::fs::write(FILE, &dictionary)?;
    let sum = Sha256::digest(&dictionary);
    let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    println!("{} samples, {bytes} bytes; {} bytes, SHA-256 {sum}", samples.len(), dictionary.len());
    Ok(())
}

/// Contents of live batches, and of some larger ones.
fn samples() -> Result<Vec<Vec<u8>>> {
    let mut samples = Vec::new();
    for shop in &TRAINED {
        for seed in 0..DAYS {
            let records = day(shop, &SMALL, seed)?.records;
            let mut batches: Vec<Batch> = batch::grouped(shop, &records, 16, seed);
            batches.extend(batch::live(shop, records, seed + 1000));
            for batch in &batches {
                samples.push(content(batch)?);
            }
        }
    }
    Ok(samples)
}

/// Whether any thirteen to nineteen digits in a row satisfy the check digit of card numbers.
fn holds_card_number(bytes: &[u8]) -> bool {
    let runs =
        bytes.split(|byte| !byte.is_ascii_digit()).filter_map(|run| std::str::from_utf8(run).ok());
    let windows = |run: &str| {
        (13..=19)
            .any(|length| (0..run.len()).any(|at| run.get(at..at + length).is_some_and(till::luhn)))
    };
    runs.into_iter().any(windows)
}
