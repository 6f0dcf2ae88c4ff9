//! No line of a serial receiver and no advertisement in it makes the decoder panic, and what is heard does
//! not depend on how the bytes were cut. The first byte decides the cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::TagHeard;
use tillgate::decode::beacon::{GprpDecoder, tag_heard};

fn heard<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Option<TagHeard>>, u64) {
    let (mut decoder, mut heard) = (GprpDecoder::default(), Vec::new());
    pieces.for_each(|piece| decoder.push(piece, |advert| heard.push(tag_heard(&advert))));
    (heard, decoder.malformed())
}

fuzz_target!(|input: &[u8]| {
    let Some((cut, bytes)) = input.split_first() else { return };
    let size = usize::from(*cut).max(1);
    assert_eq!(heard(bytes.chunks(size)), heard(std::iter::once(bytes)));
});
