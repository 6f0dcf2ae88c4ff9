//! Whatever a till asks and a printer answers, nothing panics and the drawer opens and closes in turn.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::DrawerFact;
use tillgate::decode::status::{Decoder, StatusOptions};
use tillgate::time::Mono;

fuzz_target!(|input: &[u8]| {
    let mut decoder = Decoder::new(StatusOptions::default());
    let mut facts = Vec::new();
    for (index, piece) in input.split(|byte| *byte == 0xFF).enumerate() {
        let now = Mono(index as u64 * 300_000);
        if index % 2 == 0 {
            decoder.asked(piece, now);
        } else {
            decoder.push(piece, now, &mut facts);
        }
    }
    let turns = [DrawerFact::Opened, DrawerFact::Closed];
    assert!(facts.iter().eq(turns.iter().cycle().take(facts.len())));
});
