//! No delivery plan makes its reader panic, and every mistake has a place that the plan has. The first byte decides
//! between CSV and TOML.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use tillgate::decode::delivery::{Yardstick, parse};

fuzz_target!(|input: &[u8]| {
    let Some((kind, bytes)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let file = if kind % 2 == 0 { "plan.csv" } else { "plan.toml" };
    let by = Yardstick { zone: TimeZone::UTC, docks: vec!["north".to_owned()] };
    match parse(file, text, &by) {
        Ok(plan) => assert!(plan.deliveries.iter().all(|it| !it.shipment_id.is_empty())),
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            let lines = text.split('\n').count() + 1;
            assert!(mistakes.iter().all(|it| (1..=lines).contains(&it.line) && it.column > 0));
        }
    }
});
