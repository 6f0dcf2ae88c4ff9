//! Framers of every kind on what a wire may say: megabytes of noise, and frames whose check others computed.

use std::time::Duration;

use tillgate::decode::frame::check::{CheckAlgorithm, CheckEncoding, CheckOptions};
use tillgate::decode::frame::{
    CheckPlace, DelimitedOptions, DleOptions, FixedOptions, FrameKind, Framer, FramerOptions,
    IdleOptions, LengthOptions, LineOptions, Reason,
};
use tillgate::limits;
use tillgate::time::Mono;

fn posnet() -> FrameKind {
    let check = CheckOptions {
        algorithm: CheckAlgorithm::Crc16Xmodem,
        include_end: false,
        encoding: CheckEncoding::HexUpper,
        ..CheckOptions::default()
    };
    FrameKind::Delimited(DelimitedOptions {
        check: Some(check),
        place: CheckPlace::BeforeEnd { mark: Some(b'#') },
        ..DelimitedOptions::default()
    })
}

/// Every kind, a frame of it, and the data of that frame. The checks are not computed here: they are published
/// or were taken off a wire.
fn vectors() -> Vec<(FrameKind, &'static [u8], &'static [u8])> {
    let delimited = DelimitedOptions::default();
    let terminal: (&[u8], &[u8]) = (b"\x020200|123|\x03\x31", b"0200|123|");
    let trinit: (&[u8], &[u8]) = (b"\x02trinit\tbm0\t#4825\x03", b"trinit\tbm0\t");
    let trline: (&[u8], &[u8]) =
        (b"\x02trline\tnaChleb\tvt1\tpr200\t#B23A\x03", b"trline\tnaChleb\tvt1\tpr200\t");
    let length =
        FrameKind::Length(LengthOptions { check: None, bias: 2, ..LengthOptions::default() });
    vec![
        (FrameKind::Delimited(delimited), terminal.0, terminal.1),
        (posnet(), trinit.0, trinit.1),
        (posnet(), trline.0, trline.1),
        (length, b"\x02\x03abc", b"\x03abc"),
        (FrameKind::Line(LineOptions::default()), b"TOTAL 1.00\r\n", b"TOTAL 1.00"),
        (
            FrameKind::Dle(DleOptions { check: None, ..DleOptions::default() }),
            b"\x10\x02a\x10\x10\x10\x03",
            b"a\x10",
        ),
        (FrameKind::Idle(IdleOptions::default()), b"abc", b"abc"),
        (FrameKind::Fixed(FixedOptions { size: 3 }), b"abc", b"abc"),
    ]
}

fn framer(kind: FrameKind) -> Framer {
    Framer::new(FramerOptions { kind, ..FramerOptions::default() }).unwrap()
}

#[test]
fn published_frames_are_whole() {
    for (kind, bytes, data) in vectors() {
        let (mut framer, mut frames) = (framer(kind), Vec::new());
        framer.push(bytes, Mono(0), &mut frames);
        framer.finish(&mut frames);
        assert_eq!(frames.len(), 1, "{}", bytes.escape_ascii());
        assert_eq!((&*frames[0].bytes, frames[0].reason), (data, Reason::Whole));
    }
}

#[test]
fn a_published_frame_with_one_bit_wrong_is_not_whole() {
    for (kind, bytes, _) in vectors().into_iter().take(3) {
        for bit in 0..8 * bytes.len() {
            let mut damaged = bytes.to_vec();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let (mut framer, mut frames) = (framer(kind.clone()), Vec::new());
            framer.push(&damaged, Mono(0), &mut frames);
            framer.finish(&mut frames);
            assert!(frames.iter().all(|frame| !frame.complete), "bit {bit}: {frames:?}");
        }
    }
}

#[test]
fn after_megabytes_of_noise_and_silence_the_next_frame_is_whole() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let noise: Vec<u8> = (0..256 * 1024).map(|_| random.u8(..)).collect();
    for (kind, bytes, data) in vectors() {
        let (mut framer, mut frames, mut now) = (framer(kind), Vec::new(), Mono(0));
        for _ in 0..4 {
            framer.push(&noise, now, &mut frames);
            assert!(frames.iter().all(|frame| frame.bytes.len() <= limits::FRAME_BYTES));
            frames.clear();
            now = now.plus(Duration::from_millis(1));
        }
        now = now.plus(limits::PAYLOAD_IDLE);
        framer.tick(now, &mut frames);
        assert_eq!(framer.deadline(), None);
        frames.clear();
        framer.push(bytes, now, &mut frames);
        framer.finish(&mut frames);
        assert_eq!((frames.len(), &*frames[0].bytes), (1, data), "{}", bytes.escape_ascii());
    }
}
