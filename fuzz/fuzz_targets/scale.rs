//! No bytes of a scale make the decoder panic, and its facts do not depend on how they were cut. The first
//! byte decides the cut, the second the settings.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::ScaleFact;
use tillgate::decode::scale::{Protocol, ScaleDecoder, ScaleOptions, Unit};
use tillgate::time::Mono;

const PROTOCOLS: [Protocol; 5] =
    [Protocol::Toledo8217, Protocol::Toledo8213, Protocol::Nci, Protocol::Cas, Protocol::CasPd];

fn facts<'a>(options: &ScaleOptions, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<ScaleFact> {
    let mut decoder = ScaleDecoder::new(options.clone());
    let mut facts = Vec::new();
    for piece in pieces {
        decoder.push(piece, Mono(0), &mut facts);
    }
    decoder.finish(&mut facts);
    facts
}

fuzz_target!(|input: &[u8]| {
    let [cut, settings, bytes @ ..] = input else { return };
    let options = ScaleOptions {
        protocol: PROTOCOLS[usize::from(*settings) % PROTOCOLS.len()],
        unit: if settings & 0x80 != 0 { Unit::Pound } else { Unit::Kilogram },
        every: settings & 0x40 != 0,
        ..ScaleOptions::default()
    };
    let found = facts(&options, bytes.chunks(usize::from(*cut).max(1)));
    assert_eq!(found, facts(&options, std::iter::once(bytes)));
});
