//! No bytes make a door counter's decoder panic, its facts do not depend on how they were cut, and nobody
//! passes in a crowd. The first byte decides the cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::DoorFact;
use tillgate::decode::door;

fn facts<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<DoorFact>, u64) {
    let (mut decoder, mut facts) = (door::lines(), Vec::new());
    pieces.for_each(|piece| decoder.push(piece, |fact| facts.push(fact)));
    (facts, decoder.malformed())
}

fuzz_target!(|input: &[u8]| {
    let Some((cut, bytes)) = input.split_first() else { return };
    let size = usize::from(*cut).max(1);
    let whole = facts(std::iter::once(bytes));
    assert_eq!(facts(bytes.chunks(size)), whole);
    for fact in whole.0 {
        if let DoorFact::Passed { entered, exited } = fact {
            assert!((1..=10_000).contains(&(entered + exited)));
        }
    }
});
