//! Frames of real formats; what each kind does with damage is in `damage`.

mod damage;

use std::time::Duration;

use super::check::{CheckAlgorithm, CheckEncoding, CheckOptions};
use super::*;

/// What came out, in words: data as text, a lost frame as its reason, a control byte as a number.
fn said(frames: &[Frame]) -> Vec<String> {
    let word = |frame: &Frame| match frame.reason {
        Reason::Whole => String::from_utf8_lossy(&frame.bytes).into_owned(),
        Reason::Single => format!("{:02x}", frame.bytes[0]),
        lost => {
            assert!(frame.bytes.is_empty() && !frame.complete, "{frame:?}");
            format!("{lost:?}")
        }
    };
    frames.iter().map(word).collect()
}

fn framer(kind: FrameKind) -> Framer {
    with(kind, RepeatOptions::default())
}

fn with(kind: FrameKind, repeat: RepeatOptions) -> Framer {
    let singles = vec![0x06, 0x15, 0x05, 0x04];
    let options = FramerOptions { kind, singles, repeat, ..FramerOptions::default() };
    Framer::new(options).unwrap()
}

fn run(mut framer: Framer, bytes: &[u8]) -> (Vec<Frame>, Counters) {
    let mut out = Vec::new();
    framer.push(bytes, Mono(0), &mut out);
    framer.finish(&mut out);
    assert_eq!(framer.deadline(), None, "nothing is held after silence");
    (out, framer.counters().clone())
}

fn check(kind: FrameKind, bytes: &[u8], expected: &[&str]) {
    assert_eq!(said(&run(framer(kind), bytes).0), expected, "{}", bytes.escape_ascii());
}

fn stx_etx() -> FrameKind {
    FrameKind::Delimited(DelimitedOptions::default())
}

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

/// Sixteen-bit sum in half bytes, as Datecs printers have it.
fn datecs_sum() -> CheckOptions {
    CheckOptions {
        algorithm: CheckAlgorithm::Sum16,
        encoding: CheckEncoding::Nibble30,
        ..CheckOptions::default()
    }
}

fn datecs_old() -> FrameKind {
    FrameKind::Length(LengthOptions {
        start: vec![0x01],
        bias: 6 - 0x20,
        tail: vec![0x03],
        check: Some(datecs_sum()),
        ..LengthOptions::default()
    })
}

/// A whole frame with this sequence number, command and data.
fn datecs_frame(sequence: u8, data: &[u8]) -> Vec<u8> {
    let length = 0x20 + u8::try_from(data.len()).unwrap() + 4;
    let inner = [&[length, sequence, 0x31], data, &[0x05]].concat();
    [&[0x01], &*inner, &datecs_sum().written(&[&inner]), &[0x03]].concat()
}

fn shtrih() -> FrameKind {
    FrameKind::Length(LengthOptions::default())
}

fn dle() -> FrameKind {
    FrameKind::Dle(DleOptions::default())
}

#[test]
fn a_payment_terminal_s_frame_has_its_lrc_behind_the_end() {
    check(stx_etx(), b"\x020200|123|\x03\x31", &["0200|123|"]);
    check(stx_etx(), b"\x05\x020200|123|\x03\x31\x06\x04", &["05", "0200|123|", "06", "04"]);
    // With another seed, and with the start mark counted.
    let seeded = |seed, include_start| {
        let check = CheckOptions { seed, include_start, ..CheckOptions::default() };
        let check = Some(check);
        FrameKind::Delimited(DelimitedOptions { check, ..DelimitedOptions::default() })
    };
    check(seeded(0x7F, false), b"\x020200|123|\x03\x4E", &["0200|123|"]);
    check(seeded(0, true), b"\x020200|123|\x03\x33", &["0200|123|"]);
}

#[test]
fn a_posnet_frame_has_its_crc_before_the_end() {
    check(posnet(), b"\x02trinit\tbm0\t#4825\x03", &["trinit\tbm0\t"]);
    check(
        posnet(),
        b"\x02trline\tnaChleb\tvt1\tpr200\t#B23A\x03",
        &["trline\tnaChleb\tvt1\tpr200\t"],
    );
    check(posnet(), b"\x02trinit\tbm0\t#4826\x03", &["Check"]);
    check(posnet(), b"\x02trinit\tbm0\t 4825\x03", &["Check"]);
    check(posnet(), b"\x02#\x03", &["Check"]);
}

#[test]
fn marks_of_two_bytes_and_escapes_work_together() {
    let kind = || {
        FrameKind::Delimited(DelimitedOptions {
            start: b"\x1BP".to_vec(),
            end: b"\x1B\\".to_vec(),
            check: None,
            ..DelimitedOptions::default()
        })
    };
    check(kind(), b"x\x1B\x1BPone\x1B\\\x1BPtwo\x1B\\", &["one", "two"]);
    check(kind(), b"\x1BPlost\x1BPtwo\x1B\\", &["Restart", "two"]);
    let escaped = FrameKind::Delimited(DelimitedOptions {
        escape: Some(b'/'),
        check: None,
        ..DelimitedOptions::default()
    });
    check(escaped, b"\x02a/\x03b/\x02c//\x03\x02d\x03", &["a\x03b\x02c/", "d"]);
}

#[test]
fn a_check_may_be_over_the_bytes_as_they_came() {
    // ATOL v2: 10h masks 10h and 03h; the XOR is over all after STX with masks and ETX.
    let check_options = CheckOptions { over_escaped: true, ..CheckOptions::default() };
    let kind = FrameKind::Delimited(DelimitedOptions {
        escape: Some(0x10),
        start_in_data: true,
        check: Some(check_options),
        ..DelimitedOptions::default()
    });
    let xor = 0x41 ^ 0x10 ^ 0x03 ^ 0x02 ^ 0x03;
    check(kind, &[0x02, 0x41, 0x10, 0x03, 0x02, 0x03, xor], &["A\x03\x02"]);
}

#[test]
fn a_dle_frame_has_its_data_unescaped_and_its_check_not() {
    // The check of `00 0A 10 FF`, computed by hand over 00 0A 10 FF 03.
    let mut framed = b"\x10\x02\x00\x0A\x10\x10\xFF\x10\x03".to_vec();
    let kermit = DleOptions::default().check.unwrap();
    framed.extend(kermit.written(&[&[0x00, 0x0A, 0x10, 0xFF], &[0x03]]));
    let (frames, _) = run(framer(dle()), &framed);
    assert_eq!(frames[0].bytes, [0x00, 0x0A, 0x10, 0xFF]);
    check(dle(), b"\x06\x10\x15", &["06", "15"]);
}

#[test]
fn check_bytes_that_look_like_an_escape_are_check_bytes() {
    // Of all two-byte data one has the check 10h 10h.
    let kermit = DleOptions::default().check.unwrap();
    let has = |data: &[u8; 2]| kermit.written(&[data, &[0x03]]) == [0x10, 0x10];
    let data = (0..=u16::MAX).map(u16::to_be_bytes).find(has).unwrap();
    assert!(!data.contains(&0x10));
    let framed = [b"\x10\x02", &data[..], b"\x10\x03\x10\x10"].concat();
    assert_eq!(run(framer(dle()), &framed).0[0].bytes, data);
    // A device that doubles them there too.
    let options = DleOptions { check_escaped: true, ..DleOptions::default() };
    let framed = [b"\x10\x02", &data[..], b"\x10\x03\x10\x10\x10\x10"].concat();
    assert_eq!(run(framer(FrameKind::Dle(options)), &framed).0[0].bytes, data);
}

#[test]
fn a_length_may_be_written_in_six_ways() {
    let frame = |encoding, width: usize, bias, header: &[u8]| {
        let options = LengthOptions {
            start: vec![b'S'],
            width,
            encoding,
            bias,
            check: None,
            ..LengthOptions::default()
        };
        let (frames, _) =
            run(framer(FrameKind::Length(options)), &[b"S", header, b"data"].concat());
        assert_eq!(frames.len(), 1, "{encoding:?}");
        assert_eq!(frames[0].bytes, [header, b"data"].concat(), "{encoding:?}");
    };
    frame(LengthEncoding::U8, 1, 2, &[4]);
    frame(LengthEncoding::U16Le, 2, 3, &[4, 0]);
    frame(LengthEncoding::U16Be, 2, 3, &[0, 4]);
    frame(LengthEncoding::Bcd, 2, -91, &[0x00, 0x98]);
    frame(LengthEncoding::Ascii, 3, 4, b"004");
    frame(LengthEncoding::Nibble30, 4, 5 - 0x20, b"0024");
}

#[test]
fn fiscal_printers_frames_are_found_by_length() {
    check(shtrih(), b"\x05\x02\x03\x11ab\x11", &["05", "\x03\x11ab"]);
    check(datecs_old(), &datecs_frame(0x21, b"Bread\tA1.20"), &["/!1Bread\tA1.20\x05"]);
}

#[test]
fn lines_end_with_any_delimiter_and_empty_ones_are_left_out() {
    let line = |cr, delims: &[u8]| {
        FrameKind::Line(LineOptions { cr, delims: delims.to_vec(), max_len: 4 })
    };
    use CarriageReturn::{Delimiter, Ignore};
    check(line(Delimiter, b"\r\n"), b"one\r\n\ntwo\rx", &["one", "two", "Idle"]);
    check(line(Ignore, b"\r\n"), b"o\rne\r\ntwo\n", &["one", "two"]);
    check(line(Delimiter, b";"), b"a\n;b;", &["a\n", "b"]);
    check(line(Delimiter, b"\n"), b"12345678\nnext\n", &["Overflow", "next"]);
}

#[test]
fn fixed_frames_are_counted_and_silence_brings_them_in_step() {
    check(FrameKind::Fixed(FixedOptions { size: 3 }), b"abcdefg", &["abc", "def", "Idle"]);
}

#[test]
fn a_gap_ends_a_frame_where_nothing_else_does() {
    let mut framer = framer(FrameKind::Idle(IdleOptions { gap: Duration::from_millis(50) }));
    let mut out = Vec::new();
    let at = |millis| Mono(0).plus(Duration::from_millis(millis));
    framer.push(b"ab", at(0), &mut out);
    framer.push(b"cd", at(49), &mut out);
    assert_eq!(framer.deadline(), Some(at(99)));
    framer.push(b"ef", at(99), &mut out);
    framer.tick(at(149), &mut out);
    assert_eq!(said(&out), ["abcd", "ef"]);
    assert_eq!((out[0].first, out[0].last), (at(0), at(49)));
}

#[test]
fn bit_seven_may_be_parity() {
    let options = FramerOptions { strip_bit7: true, ..FramerOptions::default() };
    let (frames, _) = run(Framer::new(options).unwrap(), b"\xD7eight\x8D");
    assert_eq!(said(&frames), ["Weight"]);
}
