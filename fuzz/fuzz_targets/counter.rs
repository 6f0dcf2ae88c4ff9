//! No bytes make the decoder of a counter's frames panic, its facts do not depend on how they were cut, and totals stay
//! within the counter's bits. The first byte decides the cut, its lowest bit the protocol.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::DoorFact;
use tillgate::decode::counter::{Counter, Protocol};

fn facts<'a>(protocol: Protocol, pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<DoorFact>, u64) {
    let (mut counter, mut facts) = (Counter::new(protocol), Vec::new());
    pieces.for_each(|piece| counter.push(piece, |fact| facts.push(fact)));
    (facts, counter.malformed().0)
}

fuzz_target!(|input: &[u8]| {
    let Some((cut, bytes)) = input.split_first() else { return };
    let protocol = match cut & 1 {
        0 => Protocol::Terabee,
        _ => Protocol::PointSix { sensor: 0x1234_5678 },
    };
    let whole = facts(protocol, std::iter::once(bytes));
    assert_eq!(facts(protocol, bytes.chunks(usize::from(*cut).max(1))), whole);
    let most = protocol.bits().map_or(u64::MAX, |bits| (1 << bits) - 1);
    for fact in whole.0 {
        match fact {
            DoorFact::Totals { entered, exited } => assert!(entered.max(exited) <= most),
            other => assert_eq!(other, DoorFact::Blocked),
        }
    }
});
