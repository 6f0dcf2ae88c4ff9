//! Frames that are cut, wrong, too long or said twice, and options that find none.

use super::*;

#[test]
fn a_false_start_does_not_swallow_the_frame_behind_it() {
    let frame = b"\x02\x03\x11ab\x11";
    // Wrong length, wrong check and a length that is never reached.
    check(shtrih(), &[b"\x02\x02", &frame[..]].concat(), &["Check", "\x03\x11ab"]);
    check(
        shtrih(),
        &[b"\x02\xFF", &frame[..], frame].concat(),
        &["Idle", "\x03\x11ab", "\x03\x11ab"],
    );
    let damaged = [&datecs_frame(0x21, b"A")[..6], &datecs_frame(0x22, b"B")].concat();
    check(datecs_old(), &damaged, &["Malformed", "%\"1B\x05"]);
}

#[test]
fn a_length_that_is_no_number_starts_no_frame() {
    let no_number = |encoding, width, field: &[u8]| {
        let options = LengthOptions { encoding, width, check: None, ..LengthOptions::default() };
        check(FrameKind::Length(options), &[b"\x02", field].concat(), &["Malformed"]);
    };
    no_number(LengthEncoding::Ascii, 2, b"0\x01");
    no_number(LengthEncoding::Ascii, 2, b"0x");
    no_number(LengthEncoding::Bcd, 1, &[0x0A]);
    no_number(LengthEncoding::Bcd, 1, &[0xF0]);
    no_number(LengthEncoding::Nibble30, 1, b"/");
}

#[test]
fn a_frame_that_stops_is_given_up_and_the_next_one_is_read() {
    let cases = [
        (stx_etx(), b"\x020200|12".to_vec(), b"\x020200|123|\x03\x31".to_vec(), "0200|123|"),
        (stx_etx(), b"\x020200|123|\x03".to_vec(), b"\x02a\x03\x62".to_vec(), "a"),
        (shtrih(), b"\x02\x09ab".to_vec(), b"\x02\x01A\x40".to_vec(), "\x01A"),
        (dle(), b"\x10\x02ab\x10".to_vec(), b"\x06".to_vec(), "06"),
    ];
    for (kind, cut, next, expected) in cases {
        let (mut framer, mut out) = (framer(kind), Vec::new());
        framer.push(&cut, Mono(5), &mut out);
        let deadline = framer.deadline().unwrap();
        assert_eq!(deadline, Mono(5).plus(crate::limits::PAYLOAD_IDLE));
        framer.push(&next, deadline, &mut out);
        assert_eq!(said(&out), ["Idle", expected]);
        assert_eq!(framer.counters().abandoned, 1);
    }
}

#[test]
fn lost_bytes_end_the_open_frame() {
    for kind in [stx_etx(), shtrih(), dle(), FrameKind::Fixed(FixedOptions { size: 9 })] {
        let (mut framer, mut out) = (framer(kind), Vec::new());
        framer.push(b"\x10\x02\x09", Mono(0), &mut out);
        framer.broken(&mut out);
        assert_eq!(said(&out), ["Broken"]);
        assert_eq!(framer.deadline(), None);
    }
}

#[test]
fn check_bytes_that_were_lost_do_not_swallow_the_next_frame() {
    check(stx_etx(), b"\x02a\x03\x02b\x03\x61", &["Check", "b"]);
    let good = [b"\x10\x02b\x10\x03", &*DleOptions::default().check.unwrap().written(&[b"b\x03"])];
    check(dle(), &[b"\x10\x02a\x10\x03", &*good.concat()].concat(), &["Check", "b"]);
    check(dle(), &[b"\x10\x02aaa", &*good.concat()].concat(), &["Restart", "b"]);
    check(dle(), b"\x10\x02a\x10x\x06", &["Malformed", "06"]);
}

#[test]
fn an_endless_frame_is_given_up_once() {
    let endless = [b"\x02".to_vec(), vec![b'x'; 3 * crate::limits::FRAME_BYTES]].concat();
    let bytes = [&*endless, b"\x020200|123|\x03\x31"].concat();
    check(stx_etx(), &bytes, &["Overflow", "0200|123|"]);
    check(FrameKind::Idle(IdleOptions::default()), &endless, &["Overflow"]);
}

#[test]
fn what_the_link_says_again_is_dropped_and_counted() {
    let frame = b"\x020200|123|\x03\x31";
    let asked = RepeatOptions { after_nak: Some(0x15), numbered: false };
    let count = |repeat, bytes: &[u8], expected: &[&str], repeats| {
        let (frames, counters) = run(with(stx_etx(), repeat), bytes);
        assert_eq!(
            (said(&frames), counters.repeats),
            (expected.iter().map(|s| (*s).to_owned()).collect(), repeats)
        );
    };
    let one = "0200|123|";
    count(asked, &[frame, &b"\x15"[..], frame].concat(), &[one, "15"], 1);
    count(asked, &[frame, &b"\x06"[..], frame].concat(), &[one, "06", one], 0);
    count(asked, &[&frame[..], frame].concat(), &[one, one], 0);
    // The second sale is equal to the first, was damaged here, and comes once more.
    let damaged = b"\x020200|124|\x03\x31";
    let twice = [&frame[..], b"\x06", damaged, b"\x15", frame].concat();
    count(asked, &twice, &[one, "06", "Check", "15", one], 0);
    let numbered = RepeatOptions { after_nak: None, numbered: true };
    count(numbered, &[&frame[..], frame, b"\x02a\x03\x62", frame].concat(), &[one, "a", one], 1);
}

#[test]
fn a_frame_that_was_lost_is_not_the_one_before_it() {
    let frame = b"\x020200|123|\x03\x31";
    let repeat = RepeatOptions { after_nak: Some(0x15), numbered: true };
    let (mut framer, mut out) = (with(stx_etx(), repeat), Vec::new());
    framer.push(&[&frame[..], b"\x06\x020200"].concat(), Mono(0), &mut out);
    let later = framer.deadline().unwrap();
    framer.push(&[&b"\x15"[..], frame].concat(), later, &mut out);
    assert_eq!(said(&out), ["0200|123|", "06", "Idle", "15", "0200|123|"]);
}

#[test]
fn no_byte_of_a_frame_is_shown() {
    let (frames, counters) = run(framer(stx_etx()), b"\x024711\x03\x00");
    let (others, _) = run(framer(stx_etx()), b"\x024711\x03\x07");
    let shown = format!("{frames:?} {others:?} {counters:?}");
    assert!(shown.contains("Whole") && !shown.contains("4711") && !shown.contains("52"), "{shown}");
}

#[test]
fn options_without_a_frame_are_refused() {
    let refused = |kind, expected| {
        let options = FramerOptions { kind, ..FramerOptions::default() };
        assert_eq!(Framer::new(options).err(), Some(expected));
    };
    let line = |delims: &[u8], max_len| LineOptions {
        delims: delims.to_vec(),
        max_len,
        cr: CarriageReturn::Ignore,
    };
    refused(FrameKind::Line(line(b"\r", 1)), FramerError::NoDelimiter);
    refused(FrameKind::Line(line(b"\n", 0)), FramerError::Size);
    refused(FrameKind::Fixed(FixedOptions { size: 0 }), FramerError::Size);
    let delimited = |start: &[u8], escape| {
        let start = start.to_vec();
        FrameKind::Delimited(DelimitedOptions { start, escape, ..DelimitedOptions::default() })
    };
    refused(delimited(b"", None), FramerError::Mark("start"));
    refused(delimited(b"\x03", None), FramerError::SameBytes);
    refused(delimited(b"\x02", Some(3)), FramerError::SameBytes);
    refused(
        FrameKind::Dle(DleOptions { stx: 0x10, ..DleOptions::default() }),
        FramerError::SameBytes,
    );
    let place = CheckPlace::BeforeEnd { mark: None };
    let binary = DelimitedOptions { place, ..DelimitedOptions::default() };
    refused(FrameKind::Delimited(binary), FramerError::BinaryCheck);
    let length = |width, offset, encoding| {
        FrameKind::Length(LengthOptions { width, offset, encoding, ..LengthOptions::default() })
    };
    refused(length(2, 1, LengthEncoding::U8), FramerError::LengthWidth(1));
    refused(length(1, 1, LengthEncoding::U16Be), FramerError::LengthWidth(2));
    refused(length(1, 0, LengthEncoding::U8), FramerError::LengthOffset);
    refused(length(1, 5000, LengthEncoding::U8), FramerError::Size);
}
