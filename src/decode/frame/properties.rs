//! What holds for every kind of framer, on anything that a line may say.

use std::time::Duration;

use proptest::prelude::*;

use super::check::{CheckEncoding, CheckOptions};
use super::*;

/// Bytes that frames are made of: garbage from them looks like frames most of the time.
const TELLING: &[u8] =
    &[0x01, 0x02, 0x03, 0x05, 0x06, 0x10, 0x15, 0x24, 0x30, b'\n', b'\r', b'a', 0xFF];

const MAX: usize = 48;

const ENCODINGS: [LengthEncoding; 6] = [
    LengthEncoding::U8,
    LengthEncoding::U16Le,
    LengthEncoding::U16Be,
    LengthEncoding::Bcd,
    LengthEncoding::Ascii,
    LengthEncoding::Nibble30,
];

fn lrc() -> CheckOptions {
    CheckOptions::default()
}

/// The same in two digits.
fn lrc_digits() -> CheckOptions {
    CheckOptions { encoding: CheckEncoding::HexUpper, ..lrc() }
}

fn kinds() -> Vec<FrameKind> {
    let delimited = DelimitedOptions::default;
    let length = LengthOptions::default;
    let tail = vec![0x03];
    vec![
        FrameKind::Line(LineOptions { max_len: MAX, ..LineOptions::default() }),
        FrameKind::Delimited(delimited()),
        FrameKind::Delimited(DelimitedOptions { escape: Some(0x10), ..delimited() }),
        FrameKind::Delimited(DelimitedOptions {
            start: vec![0x01, 0x01, 0x02],
            check: Some(lrc_digits()),
            place: CheckPlace::BeforeEnd { mark: Some(b'a') },
            ..delimited()
        }),
        FrameKind::Dle(DleOptions::default()),
        FrameKind::Dle(DleOptions {
            check: Some(lrc()),
            check_escaped: true,
            ..DleOptions::default()
        }),
        FrameKind::Length(length()),
        FrameKind::Length(LengthOptions { tail, bias: 4, ..length() }),
        FrameKind::Length(LengthOptions { start: Vec::new(), offset: 0, ..length() }),
        FrameKind::Idle(IdleOptions::default()),
        FrameKind::Fixed(FixedOptions { size: 5 }),
    ]
}

fn framer(kind: FrameKind) -> Framer {
    let repeat = RepeatOptions { after_nak: Some(0x15), numbered: false };
    let singles = vec![0x06, 0x15];
    let max_frame = MAX;
    Framer::new(FramerOptions { kind, singles, repeat, max_frame, ..FramerOptions::default() })
        .unwrap()
}

/// A frame of this kind with this data, written without any code of the framers but the check's.
fn written(kind: &FrameKind, data: &[u8]) -> Vec<u8> {
    let escaped = |escape: u8, specials: &[u8]| -> Vec<u8> {
        let byte = |b: &u8| if specials.contains(b) { vec![escape, *b] } else { vec![*b] };
        data.iter().flat_map(byte).collect()
    };
    match kind {
        FrameKind::Line(_) => [data, b"\r\n"].concat(),
        FrameKind::Idle(_) | FrameKind::Fixed(_) => data.to_vec(),
        FrameKind::Delimited(o) => match o.place {
            CheckPlace::AfterEnd => {
                let data_escaped = o.escape.map_or(data.to_vec(), |e| escaped(e, &[e, 0x02, 0x03]));
                [&*o.start, &data_escaped, &o.end, &lrc().written(&[data, &o.end])].concat()
            }
            CheckPlace::BeforeEnd { .. } => {
                [&*o.start, data, b"a", &lrc_digits().written(&[data, b"a"]), &o.end].concat()
            }
        },
        FrameKind::Dle(o) => {
            let check = o.check.as_ref().unwrap().written(&[data, &[o.etx]]);
            let double =
                |b: &u8| if o.check_escaped && *b == o.dle { vec![*b; 2] } else { vec![*b] };
            let check: Vec<u8> = check.iter().flat_map(double).collect();
            [&[o.dle, o.stx], &*escaped(o.dle, &[o.dle]), &[o.dle, o.etx], &check].concat()
        }
        FrameKind::Length(o) => {
            let length = [u8::try_from(data.len()).unwrap()];
            let check = lrc().written(&[&length, data]);
            let bias = usize::try_from(o.bias).unwrap();
            // Without a start mark the field counts one byte less.
            assert_eq!(
                o.start.len() + 1 + check.len() + o.tail.len(),
                bias - usize::from(o.start.is_empty())
            );
            let length = if o.start.is_empty() { [length[0] - 1] } else { length };
            let check = lrc().written(&[&length, data]);
            [&*o.start, &length, data, &check, &o.tail].concat()
        }
    }
}

/// The data of such a frame as the framer gives it.
fn expected(kind: &FrameKind, data: &[u8]) -> Vec<u8> {
    match kind {
        FrameKind::Length(o) => {
            let length = u8::try_from(data.len()).unwrap() - u8::from(o.start.is_empty());
            [&[length], data].concat()
        }
        _ => data.to_vec(),
    }
}

/// Data of five bytes that every kind can carry, marks in it where they may be escaped.
fn data(kind: &FrameKind) -> BoxedStrategy<Vec<u8>> {
    let any_byte = match kind {
        FrameKind::Dle(_) | FrameKind::Length(_) | FrameKind::Fixed(_) | FrameKind::Idle(_) => true,
        FrameKind::Delimited(options) => options.escape.is_some(),
        FrameKind::Line(_) => false,
    };
    let byte = if any_byte { any::<u8>().boxed() } else { (0x20u8..0x7F).boxed() };
    prop::collection::vec(byte, 5).boxed()
}

fn garbage() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(TELLING), 0..120)
}

fn a_kind() -> impl Strategy<Value = FrameKind> {
    prop::sample::select(kinds())
}

/// A kind, and what its line says: frames, garbage and cut frames in any order.
fn line() -> impl Strategy<Value = (FrameKind, Vec<u8>)> {
    a_kind().prop_flat_map(|kind| {
        let of = kind.clone();
        let whole = data(&kind).prop_map(move |data| written(&of, &data));
        let cut = (whole.clone(), 0usize..12).prop_map(|(mut frame, length)| {
            frame.truncate(length);
            frame
        });
        let piece = prop_oneof![3 => whole, 1 => cut, 2 => garbage()];
        let line = prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat());
        (Just(kind), line)
    })
}

fn frames<'a>(kind: &FrameKind, pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Frame>, Counters) {
    let (mut framer, mut out) = (framer(kind.clone()), Vec::new());
    for piece in pieces {
        framer.push(piece, Mono(0), &mut out);
    }
    framer.finish(&mut out);
    (out, framer.counters().clone())
}

proptest! {
    #[test]
    fn frames_do_not_depend_on_how_the_bytes_were_cut((kind, bytes) in line(), size in 1usize..9) {
        let whole = frames(&kind, std::iter::once(&*bytes));
        prop_assert_eq!(frames(&kind, bytes.chunks(size)), whole);
    }

    #[test]
    fn a_framer_holds_no_more_than_one_frame((kind, bytes) in line()) {
        let (mut framer, mut out) = (framer(kind), Vec::new());
        for byte in &bytes {
            framer.push(&[*byte], Mono(0), &mut out);
            prop_assert!(framer.assembly.bytes.len() <= MAX);
        }
        for frame in &out {
            prop_assert!(frame.bytes.len() <= MAX);
            prop_assert_eq!(frame.complete, frame.reason.complete());
        }
    }

    #[test]
    fn after_anything_and_silence_the_next_frame_is_found(
        (kind, garbage, data) in line().prop_flat_map(|(kind, bytes)| {
            let data = data(&kind);
            (Just(kind), Just(bytes), data)
        })
    ) {
        let (mut framer, mut out) = (framer(kind.clone()), Vec::new());
        framer.push(&garbage, Mono(0), &mut out);
        let later = Mono(0).plus(Duration::from_secs(3));
        framer.tick(later, &mut out);
        prop_assert_eq!(framer.deadline(), None);
        framer.broken(&mut out); // forgets what may be repeated
        out.clear();
        framer.push(&written(&kind, &data), later, &mut out);
        framer.finish(&mut out);
        prop_assert_eq!(&out.last().unwrap().bytes, &expected(&kind, &data));
        prop_assert!(out.last().unwrap().complete);
    }

    #[test]
    fn a_cut_frame_is_reported_and_never_taken_for_whole(
        kind in a_kind(),
        // No byte of it is a mark or a length, so no frame is in it by chance.
        data in prop::collection::vec(0x62u8..0x7F, 5),
        keep in 1usize..5,
    ) {
        prop_assume!(!matches!(kind, FrameKind::Idle(_)));
        let start = match &kind {
            FrameKind::Delimited(options) => options.start.len(),
            FrameKind::Dle(_) => 2,
            _ => 1,
        };
        let mut cut = written(&kind, &data);
        cut.truncate(keep.max(start));
        let (out, counters) = frames(&kind, std::iter::once(&*cut));
        prop_assert_eq!(counters.abandoned, 1);
        prop_assert!(out.iter().any(|frame| frame.reason == Reason::Idle));
        prop_assert!(out.iter().all(|frame| frame.reason != Reason::Whole));
    }

    #[test]
    fn a_length_of_any_shape_depends_on_no_cut_and_holds_its_bound(
        encoding in prop::sample::select(&ENCODINGS[..]),
        (offset, width, bias) in (0usize..8, 1usize..7, -128i32..128),
        (start, tail, checked) in (0usize..4, 0usize..4, any::<bool>()),
        bytes in prop::collection::vec(prop::sample::select(TELLING), 0..200),
        size in 1usize..9,
    ) {
        let kind = FrameKind::Length(LengthOptions {
            start: vec![0x02; start],
            offset,
            width,
            encoding,
            bias,
            tail: vec![0x03; tail],
            check: checked.then(lrc),
        });
        let options = FramerOptions { kind, max_frame: MAX, ..FramerOptions::default() };
        if options.check().is_err() {
            return Ok(()); // refused, which is all there is to it
        }
        let run = |size: usize| {
            let (mut framer, mut out) = (Framer::new(options.clone()).unwrap(), Vec::new());
            for piece in bytes.chunks(size) {
                framer.push(piece, Mono(0), &mut out);
                assert!(framer.assembly.bytes.len() <= MAX);
            }
            framer.finish(&mut out);
            assert_eq!(framer.deadline(), None);
            (out, framer.counters().clone())
        };
        prop_assert_eq!(run(size), run(200));
    }
}
