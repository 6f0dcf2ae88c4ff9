//! No stream makes a framer by length panic, whatever its options, and frames do not depend on how the bytes
//! were cut. The first bytes are the options.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::frame::check::{CheckAlgorithm, CheckOptions};
use tillgate::decode::frame::{
    Frame, FrameKind, Framer, FramerOptions, LengthEncoding, LengthOptions,
};
use tillgate::time::Mono;

fn frames<'a>(options: FramerOptions, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Frame> {
    let mut frames = Vec::new();
    let Ok(mut framer) = Framer::new(options) else { return frames };
    for piece in pieces {
        framer.push(piece, Mono(0), &mut frames);
    }
    framer.finish(&mut frames);
    assert!(framer.deadline().is_none());
    frames
}

fuzz_target!(|input: &[u8]| {
    let [kind, offset, width, bias, marks, cut, bytes @ ..] = input else { return };
    let encoding = match kind % 6 {
        0 => LengthEncoding::U8,
        1 => LengthEncoding::U16Le,
        2 => LengthEncoding::U16Be,
        3 => LengthEncoding::Bcd,
        4 => LengthEncoding::Ascii,
        _ => LengthEncoding::Nibble30,
    };
    let algorithm =
        if kind & 0x40 == 0 { CheckAlgorithm::Xor } else { CheckAlgorithm::Crc16Kermit };
    let options = FramerOptions {
        kind: FrameKind::Length(LengthOptions {
            start: vec![0x02; usize::from(marks & 3)],
            offset: usize::from(offset % 8),
            width: usize::from(width % 8),
            encoding,
            bias: i32::from(bias.cast_signed()),
            tail: vec![0x03; usize::from(marks >> 2 & 3)],
            check: (kind & 0x80 == 0)
                .then(|| CheckOptions { algorithm, ..CheckOptions::default() }),
        }),
        max_frame: 64,
        ..FramerOptions::default()
    };
    let whole = frames(options.clone(), std::iter::once(bytes));
    assert!(whole.iter().all(|frame| frame.bytes.len() <= 64));
    assert_eq!(frames(options, bytes.chunks(usize::from(*cut).max(1))), whole);
});
