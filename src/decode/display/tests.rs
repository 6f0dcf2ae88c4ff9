//! Hand-made streams; `tests/it/star.rs` has the commands of others.

use proptest::prelude::*;

use super::*;
use crate::decode::document::Unknown;
use crate::decode::document::printed::lines;

const SETS: [DisplaySet; 4] =
    [DisplaySet::Epson, DisplaySet::Cd5220, DisplaySet::Utc, DisplaySet::Aedex];

fn decoder(set: DisplaySet) -> Decoder {
    Decoder::new(DisplayOptions { set, ..DisplayOptions::default() })
}

/// `bytes` leave these rows on the screen, and every byte is understood.
fn check(set: DisplaySet, bytes: &[u8], expected: &[&str]) {
    let mut decoder = decoder(set);
    let mut out = Vec::new();
    decoder.push(bytes, Mono(0), &mut out);
    decoder.finish(&mut out);
    assert_eq!(lines(&out), expected);
    assert!(decoder.counters().understood(), "{:?}", decoder.counters());
}

/// Each of `steps` (milliseconds, bytes) in turn, and the lines that were told until the next.
fn check_times(set: DisplaySet, steps: &[(u64, &[u8], &[&str])]) {
    let mut decoder = decoder(set);
    let mut now = Mono(0);
    for (index, (millis, bytes, told)) in steps.iter().enumerate() {
        let mut out = Vec::new();
        decoder.push(bytes, now, &mut out);
        now = now.plus(Duration::from_millis(*millis));
        decoder.tick(now, &mut out);
        assert_eq!(lines(&out), *told, "step {index}");
    }
}

#[test]
fn epson_displays_are_written_over() {
    let check = |bytes: &[u8], expected: &[&str]| check(DisplaySet::Epson, bytes, expected);
    check(
        b"\x0CCOFFEE          2.50\r\nTOTAL           2.50",
        &["COFFEE          2.50", "TOTAL           2.50"],
    );
    check(b"old text\x0CNEW\x1F\x24\x03\x02at 3,2\x0Bn", &["nEW", "  at 3,2"]);
    check(b"\x0Cabc\x08\x08X\x09Y\r\nlost\x18low", &["aXcY", "low"]);
    check(b"first\x1B@second\x1F\x0Aup", &["second", "      up"]);
    check(b"\x1FBz\x1F\x0A\x1F\x0Dr", &["                   r", "                   z"]);
    check(b"01234567890123456789abc", &["01234567890123456789", "abc"]);
    check(b"\x1F\x021\r\n2\r\n3", &["2", "3"]);
    check(b"\x1F\x0301234567890123456789ab", &["234567890123456789ab"]);
    check(b"\x1BR\x02[\x1Bt\x13\xD5\x1B\x25\x01\x1BW\x01\x01\x01\x01\x14\x02", &["Ä€"]);
    check(b"1\x1F.2\x1F,5\x1F;0", &["12.5,0;"]);
    check(b"\x1F(G\x02\x00\x61\x01\x1F(G\x02\x00\x60\x01\x8D\x87\x1F(G\x02\x00\x60\x00x", &["合x"]);
    check(b"\x1B&\x02\x20\x21\x01ab\x01cdx\x1B?\x20", &["x"]);
}

#[test]
fn bytes_for_the_printer_on_the_same_wire_are_not_shown() {
    let mut decoder = decoder(DisplaySet::Epson);
    let mut out = Vec::new();
    decoder.push(b"\x1B=\x02SHOWN\x1B=\x01\x1Bi\x0Cprinted\n\x1B=\x02 too", Mono(0), &mut out);
    decoder.finish(&mut out);
    assert_eq!(lines(&out), ["SHOWN too"]);
    assert!(decoder.counters().understood() && decoder.counters().display > 0);
}

#[test]
fn cd5220_displays_take_whole_rows() {
    let check = |bytes: &[u8], expected: &[&str]| check(DisplaySet::Cd5220, bytes, expected);
    check(b"\x0C\x1BQACOFFEE\r\x1BQBTOTAL 2.50\r", &["COFFEE", "TOTAL 2.50"]);
    check(
        b"\x1BQDa message that is longer than the row\r",
        &["a message that is longer than the row"],
    );
    check(b"\x1BQDa message that is longer than the row\rX", &["X"]);
    check(b"\x1BQA0123456789012345678901234\r", &["01234567890123456789"]);
    check(b"\x1Bl\x03\x02low\x1B[Htop\x1B*\x04\x1B_\x00\x1Bf\x41\x1Bc\x41", &["top", "  low"]);
    check(b"\x1B\x12one\r\ntwo\r\nthree\x1B\x11", &["two", "three"]);
    check(
        b"ab\x1B[D\x1B[DX\x1B[BY\x1B[LZ\x1B[A\x1B[RW\x1B[KV",
        &["Xb                 W", "ZY                 V"],
    );
    check(b"\x1BW\x01\x01\x14\x01x\x1BW\x00y\x1F\x24\x01\x02z", &["xy", "z"]);
}

#[test]
fn utc_displays_position_by_cell() {
    let check = |bytes: &[u8], expected: &[&str]| check(DisplaySet::Utc, bytes, expected);
    check(b"old\x1FCOFFEE\x10\x14TOTAL\x0F\x122.\x13\x14", &["COFFEE            2.", "TOTAL"]);
    check(b"\x1Bd\x1BuACOFFEE\r\x1BuBTOTAL\r\x1B\x0F\r", &["COFFEE", "TOTAL"]);
    check(b"\x1BuI01234567890123456789second\r", &["01234567890123456789", "second"]);
    check(b"\x1BuE12:30\r\x1BuDrunning\r\x1BuH!#\r", &["running"]);
}

#[test]
fn aedex_displays_let_the_printers_bytes_pass() {
    let check = |bytes: &[u8], expected: &[&str]| check(DisplaySet::Aedex, bytes, expected);
    check(b"printed\n!#1COFFEE\rprinted!\n!#2TOTAL\r", &["COFFEE", "TOTAL"]);
    check(b"!#901234567890123456789second\r", &["01234567890123456789", "second"]);
    check(b"!#8+-\r!#1no\r+-1yes\r+-5\r", &["yes"]);
    check(b"!#1lost\r!#A\r!#4running\r", &["running"]);
}

#[test]
fn only_what_stands_still_is_told_and_only_once() {
    check_times(
        DisplaySet::Epson,
        &[
            (299, b"\x0CCOF", &[]),
            (299, b"FEE", &[]),
            (1, b"", &["COFFEE"]),
            (5000, b"\x0CCOFFEE", &[]),
            (200, b"\x0CTEA", &[]),
            (300, b"\x0CCOFFEE", &[]),
            (300, b"\r\nTOTAL", &["COFFEE", "TOTAL"]),
            (300, b"\x0C", &[]),
            (300, b"COFFEE\r\nTOTAL", &["COFFEE", "TOTAL"]),
        ],
    );
}

#[test]
fn a_document_ends_when_nothing_new_is_shown_for_a_while() {
    let mut decoder = decoder(DisplaySet::Epson);
    let mut out = Vec::new();
    decoder.push(b"A", Mono(0), &mut out);
    let told = Mono(0).plus(limits::DISPLAY_SETTLE);
    assert_eq!(decoder.deadline(), Some(told));
    decoder.tick(told, &mut out);
    let end = told.plus(limits::DISPLAY_IDLE);
    assert_eq!((out.len(), decoder.deadline()), (1, Some(end)));
    decoder.tick(end, &mut out);
    assert_eq!(out.last(), Some(&DocumentFact::End(DocumentEnd::Idle)));
    assert_eq!(decoder.deadline(), None);
}

#[test]
fn a_late_tick_tells_the_same_as_many_small_ones() {
    let facts = |moments: &[u64]| {
        let mut decoder = decoder(DisplaySet::Epson);
        let mut out = Vec::new();
        decoder.push(b"A", Mono(0), &mut out);
        decoder.push(b"B", Mono(60_200_000), &mut out);
        moments.iter().for_each(|moment| decoder.tick(Mono(*moment), &mut out));
        out
    };
    let late = facts(&[200_000_000]);
    assert_eq!(late, facts(&[60_300_000, 60_500_000, 130_000_000, 200_000_000]));
    assert_eq!(late.iter().filter(|f| matches!(f, DocumentFact::End(_))).count(), 2);
}

#[test]
fn a_recording_without_times_tells_what_was_cleared() {
    let options = DisplayOptions { clear_settles: true, ..DisplayOptions::default() };
    let mut decoder = Decoder::new(options);
    let mut out = Vec::new();
    decoder.push(b"\x0CCOFFEE\x0CTEA\x0CTEA\x0C\x0CTOTAL", Mono(0), &mut out);
    decoder.finish(&mut out);
    assert_eq!(lines(&out), ["COFFEE", "TEA", "TOTAL"]);
}

#[test]
fn a_device_that_goes_away_takes_its_screen_along() {
    let mut decoder = decoder(DisplaySet::Epson);
    let mut out = Vec::new();
    decoder.push(b"COFFEE", Mono(0), &mut out);
    decoder.tick(Mono(400_000), &mut out);
    decoder.push(b"\rTEA", Mono(500_000), &mut out);
    decoder.broken(&mut out);
    assert_eq!(lines(&out), ["COFFEE"]);
    assert_eq!(out.last(), Some(&DocumentFact::End(DocumentEnd::Broken)));
    assert_eq!(decoder.deadline(), None);
}

#[test]
fn strange_commands_are_counted_and_noise_is_not_told() {
    let mut decoder = decoder(DisplaySet::Epson);
    let mut out = Vec::new();
    decoder.push(b"\x0CA\x1BzB", Mono(0), &mut out);
    decoder.tick(Mono(400_000), &mut out);
    assert_eq!(lines(&out), ["AB"]);
    let unknown = Unknown { offset: 2, lead: 0x1B, opcode: b'z' };
    assert_eq!(decoder.counters().last_unknown, Some(unknown));
    decoder.push(b"\x1B=\x01", Mono(500_000), &mut out);
    decoder.push(&b"\x1B=\x02\x1F\x03\x1Bz#".repeat(9), Mono(500_000), &mut out);
    decoder.tick(Mono(900_000), &mut out);
    decoder.push(b"C", Mono(900_000), &mut out);
    decoder.tick(Mono(1_300_000), &mut out);
    assert_eq!(lines(&out), ["AB", "C"]);
}

#[test]
fn a_string_without_its_end_is_given_up() {
    let mut decoder = decoder(DisplaySet::Cd5220);
    let mut out = Vec::new();
    decoder.push(b"\x1BQACOFF", Mono(0), &mut out);
    decoder.push(b"TEA", Mono(0).plus(limits::PAYLOAD_IDLE), &mut out);
    decoder.finish(&mut out);
    assert_eq!((lines(&out), decoder.counters().abandoned), (vec!["TEA".to_owned()], 1));
}

#[test]
fn a_card_number_is_not_told() {
    check(DisplaySet::Epson, b"4111 1111 1111 1111", &["**** **** **** 1111"]);
    check(DisplaySet::Cd5220, b"\x1BQA4111111111111111\r", &["************1111"]);
}

proptest! {
    #[test]
    fn facts_do_not_depend_on_how_bytes_are_cut(
        set in proptest::sample::select(SETS.as_slice()),
        clear_settles in any::<bool>(),
        bytes in proptest::collection::vec(prop_oneof![
            any::<u8>(),
            proptest::sample::select(b"\x1B\x1F\x0C\r\n!#QAu1\x10 AB".as_slice()),
        ], 0..300),
        size in 1usize..40,
    ) {
        let facts = |size: usize| {
            let options = DisplayOptions { set, clear_settles, ..DisplayOptions::default() };
            let mut decoder = Decoder::new(options);
            let mut out = Vec::new();
            for (index, part) in bytes.chunks(100).enumerate() {
                let now = Mono(index as u64 * 250_000);
                part.chunks(size).for_each(|chunk| decoder.push(chunk, now, &mut out));
            }
            decoder.finish(&mut out);
            (out, decoder.counters().clone())
        };
        prop_assert_eq!(facts(size), facts(usize::MAX));
    }
}
