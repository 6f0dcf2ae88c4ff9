//! No bytes of a scanner make the decoder panic, its facts do not depend on how they were cut, and article
//! numbers are fourteen digits. The first byte decides the cut, the second the settings.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::ScanFact;
use tillgate::decode::scan::restricted::Rules;
use tillgate::decode::scan::{Letters, ScanDecoder, ScanOptions, Suffix};
use tillgate::time::Mono;

fn facts<'a>(options: &ScanOptions, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<ScanFact> {
    let mut decoder = ScanDecoder::new(options.clone());
    let mut facts = Vec::new();
    for piece in pieces {
        decoder.push(piece, Mono(0), &mut facts);
    }
    decoder.finish(&mut facts);
    facts
}

fuzz_target!(|input: &[u8]| {
    let [cut, settings, bytes @ ..] = input else { return };
    let options = ScanOptions {
        suffix: [Suffix::Line, Suffix::Byte(b'\t'), Suffix::Silence][usize::from(settings % 3)],
        letters: [Letters::None, Letters::Symbol, Letters::Honeywell]
            [usize::from(settings / 3 % 3)],
        separator: (settings & 0x80 != 0).then_some('|'),
        upc_e: settings & 0x40 != 0,
        rules: Rules::of_country("DE").unwrap_or_default(),
        ..ScanOptions::default()
    };
    let found = facts(&options, bytes.chunks(usize::from(*cut).max(1)));
    assert_eq!(found, facts(&options, std::iter::once(bytes)));
    for gtin in found.iter().filter_map(|fact| fact.gtin.as_ref()) {
        assert!(gtin.len() == 14 && gtin.bytes().all(|b| b.is_ascii_digit()));
    }
});
