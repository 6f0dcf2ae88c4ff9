//! No stream makes a framer panic, frames do not depend on how the bytes were cut, and none is longer than
//! allowed. The first byte decides the kind, the second the cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::frame::check::{CheckAlgorithm, CheckEncoding, CheckOptions};
use tillgate::decode::frame::{
    CheckPlace, DelimitedOptions, DleOptions, FixedOptions, Frame, FrameKind, Framer,
    FramerOptions, IdleOptions, LineOptions, RepeatOptions,
};
use tillgate::time::Mono;

const MAX: usize = 64;

fn kind(number: u8) -> FrameKind {
    let delimited = DelimitedOptions::default;
    let check = CheckOptions {
        algorithm: CheckAlgorithm::Sum8,
        encoding: CheckEncoding::HexUpper,
        over_escaped: true,
        ..CheckOptions::default()
    };
    match number % 7 {
        0 => FrameKind::Line(LineOptions { max_len: MAX, ..LineOptions::default() }),
        1 => FrameKind::Delimited(delimited()),
        2 => FrameKind::Delimited(DelimitedOptions {
            start: vec![1, 1, 2],
            escape: Some(0x10),
            check: Some(check),
            place: CheckPlace::BeforeEnd { mark: Some(b'#') },
            ..delimited()
        }),
        3 => FrameKind::Dle(DleOptions::default()),
        4 => FrameKind::Dle(DleOptions { check_escaped: true, ..DleOptions::default() }),
        5 => FrameKind::Idle(IdleOptions::default()),
        _ => FrameKind::Fixed(FixedOptions { size: 5 }),
    }
}

fn frames<'a>(number: u8, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Frame> {
    let options = FramerOptions {
        kind: kind(number),
        max_frame: MAX,
        singles: vec![0x06, 0x15],
        repeat: RepeatOptions { after_nak: Some(0x15), numbered: number & 0x80 != 0 },
        ..FramerOptions::default()
    };
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
    let [number, cut, bytes @ ..] = input else { return };
    let whole = frames(*number, std::iter::once(bytes));
    assert!(whole.iter().all(|frame| frame.bytes.len() <= MAX));
    assert_eq!(frames(*number, bytes.chunks(usize::from(*cut).max(1))), whole);
});
