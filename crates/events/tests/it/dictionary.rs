//! The dictionaries: frozen, free of card numbers, and where decoders in other languages find them.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tillgate_events::{Batch, decode, encode};

use crate::samples;

/// What each released dictionary is. A line is added here, and none is changed: payloads stand for ever.
const SUMS: [(&str, &str); 1] =
    [("batch-1.zdict", "0830e71ebc3fed9bab3e3d400139e4814f6165eec6f24876ac58370575963b8c")];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dictionary")
}

fn dictionary(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

#[test]
fn a_dictionary_is_the_one_that_its_number_always_meant() {
    for (name, expected) in SUMS {
        let sum = Sha256::digest(dictionary(name));
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(sum, expected, "{name}");
    }
}

#[test]
fn the_documentation_names_every_dictionary_with_its_sum() {
    let told = fs::read_to_string(folder().join("../../../docs/batch.md")).unwrap();
    for (name, sum) in SUMS {
        assert!(told.contains(&format!("crates/events/dictionary/{name}")), "{name}");
        assert!(told.contains(sum), "{sum}");
    }
}

#[test]
fn no_dictionary_holds_what_passes_for_a_card_number() {
    for (name, _) in SUMS {
        let bytes = dictionary(name);
        for run in bytes.split(|byte| !byte.is_ascii_digit()) {
            let digits: Vec<u32> = run.iter().map(|byte| u32::from(byte - b'0')).collect();
            for length in 13..=19 {
                assert!(!digits.windows(length).any(luhn), "{name}: {digits:?}");
            }
        }
    }
}

/// The check digit of ISO/IEC 7812-1 annex B.
fn luhn(digits: &[u32]) -> bool {
    let value = |(n, digit): (usize, &u32)| {
        if n % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { *digit }
    };
    digits.iter().rev().enumerate().map(value).sum::<u32>().is_multiple_of(10)
}

/// What a decoder in another language does, from the documentation alone: any zstd with the file, and the four bytes
/// put back.
#[test]
fn any_zstd_unpacks_a_batch_with_the_file() {
    let batch = samples::mixed_batch();
    let payload = encode(&batch).unwrap();
    assert_eq!(&payload[..3], b"TG\x02");
    assert_eq!(payload[7], 1, "the number of the dictionary");
    let frame = [[0x28, 0xb5, 0x2f, 0xfd].as_slice(), &payload[8..]].concat();
    let mut zstd = zstd::bulk::Decompressor::with_dictionary(&dictionary("batch-1.zdict")).unwrap();
    let unpacked = zstd.decompress(&frame, 1 << 20).unwrap();
    assert_eq!(unpacked, tillgate_events::content(&batch).unwrap());
}

#[test]
fn a_small_batch_says_little_that_all_batches_say() {
    let mut batch: Batch = samples::mixed_batch();
    batch.records.truncate(1);
    let content = tillgate_events::content(&batch).unwrap();
    let alone = zstd::bulk::compress(&content, 19).unwrap().len().min(content.len());
    let packed = encode(&batch).unwrap();
    assert_eq!(decode(&packed), Ok(batch));
    assert!(packed.len() < alone, "{} with the dictionary, {alone} without", packed.len());
}
