//! No bytes of a player or a contact make their decoders panic, and what they say does not depend on how the bytes
//! were cut. The first byte decides the cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::contact;
use tillgate::decode::screen::{ScreenDecoder, ScreenFact};
use tillgate_events::Currency;

type Said = (Vec<ScreenFact>, Vec<bool>, [u64; 3]);

fn said<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Said {
    let Some(currency) = Currency::new("EUR") else { return Said::default() };
    let (mut screen, mut contact) = (ScreenDecoder::new(currency), contact::lines());
    let (mut shown, mut levels) = (Vec::new(), Vec::new());
    for piece in pieces {
        screen.push(piece, |fact| shown.push(fact));
        contact.push(piece, |open| levels.push(open));
    }
    (shown, levels, [screen.malformed(), screen.unknown_keys(), contact.malformed()])
}

fuzz_target!(|input: &[u8]| {
    let Some((cut, bytes)) = input.split_first() else { return };
    let size = usize::from(*cut).max(1);
    let whole = said(std::iter::once(bytes));
    assert_eq!(said(bytes.chunks(size)), whole);
    assert!(whole.0.iter().all(|fact| fact.cost >= 0 && !fact.campaign_id.is_empty()));
});
