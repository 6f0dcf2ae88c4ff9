//! Whatever a till asks and a printer answers, nothing panics; the drawer opens and closes in turn, paper
//! ends and comes in turn.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::DrawerFact::{Closed, Opened};
use tillgate::decode::PrinterFact::{Drawer, PaperBack, PaperOut};
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
    for turn in [[Drawer(Opened), Drawer(Closed)], [PaperOut, PaperBack]] {
        let of = || facts.iter().filter(|fact| turn.contains(fact));
        assert!(of().eq(turn.iter().cycle().take(of().count())));
    }
});
