//! No line of a serial receiver and no advertisement in it makes the decoder panic, and what is heard does
//! not depend on how the bytes were cut. The first byte decides the cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::TagHeard;
use tillgate::decode::beacon::{ReceiverDecoder, Said, tag_heard};

/// For each line that was understood: the tag that it names, and who sent it.
type Heard = Vec<Option<(Option<TagHeard>, [u8; 6])>>;

fn heard<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Heard, u64) {
    let (mut decoder, mut heard) = (ReceiverDecoder::default(), Vec::new());
    for piece in pieces {
        decoder.push(piece, |said| {
            heard.push(match said {
                Said::Advert(sighting) => Some((tag_heard(sighting), sighting.address.0)),
                Said::Heartbeat => None,
            });
        });
    }
    (heard, decoder.malformed())
}

fuzz_target!(|input: &[u8]| {
    let Some((cut, bytes)) = input.split_first() else { return };
    let size = usize::from(*cut).max(1);
    assert_eq!(heard(bytes.chunks(size)), heard(std::iter::once(bytes)));
});
