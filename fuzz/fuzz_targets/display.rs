//! No bytes make a customer display's decoder panic, and its facts do not depend on how the bytes were cut.
//! The first byte decides the command set, the second the cut.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tillgate::decode::DocumentFact;
use tillgate::decode::display::{Decoder, DisplayOptions, DisplaySet};
use tillgate::limits;
use tillgate::time::Mono;

/// A moment passes after every 64 bytes, so that the screen is told in between.
fn facts(options: &DisplayOptions, bytes: &[u8], size: usize) -> Vec<DocumentFact> {
    let mut decoder = Decoder::new(options.clone());
    let mut facts = Vec::new();
    let mut now = Mono(0);
    for part in bytes.chunks(64) {
        for piece in part.chunks(size) {
            decoder.push(piece, now, &mut facts);
        }
        now = now.plus(limits::DISPLAY_SETTLE + Duration::from_millis(1));
    }
    decoder.finish(&mut facts);
    facts
}

fuzz_target!(|input: &[u8]| {
    let [kind, cut, bytes @ ..] = input else { return };
    let set = match kind & 3 {
        0 => DisplaySet::Epson,
        1 => DisplaySet::Cd5220,
        2 => DisplaySet::Utc,
        _ => DisplaySet::Aedex,
    };
    let options = DisplayOptions { set, clear_settles: kind & 4 != 0, ..DisplayOptions::default() };
    let size = usize::from(*cut).max(1);
    assert_eq!(facts(&options, bytes, size), facts(&options, bytes, 64));
});
