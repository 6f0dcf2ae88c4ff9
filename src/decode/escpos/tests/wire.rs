//! What goes wrong on the wire: noise, silence, losses, bounds, and reads that end anywhere.

use proptest::prelude::*;

use super::*;

#[test]
fn an_unknown_command_is_counted_with_its_place_and_costs_two_bytes() {
    let (facts, decoder) = decode_with(EscposOptions::default(), b"AB\x1B\xFEC\n\x1BYD\n");
    assert_eq!(lines(&facts), ["ABC", "D"]);
    let counters = decoder.counters();
    assert_eq!(counters.unknown, 2);
    assert_eq!(counters.last_unknown, Some(Unknown { offset: 6, lead: 0x1B, opcode: b'Y' }));
    assert!(!counters.understood());
}

#[test]
fn a_payload_without_its_tail_is_given_up_and_the_next_receipt_decodes() {
    let decoder = Decoder::new(EscposOptions::default());
    printed::check_payload(decoder, b"\x1Dv0\x00\xFF\x00\xFF\x00short", b"\x1DV\x00");
}

#[test]
fn half_a_card_number_at_a_break_or_silence_is_hidden() {
    printed::check_half_card(|| Decoder::new(EscposOptions::default()));
}

#[test]
fn silence_ends_a_document_and_prints_what_no_line_feed_ended() {
    let mut decoder = Decoder::new(EscposOptions::default());
    let mut out = Vec::new();
    decoder.push(b"TOTAL", Mono(0), &mut out);
    assert!(out.is_empty());
    decoder.tick(decoder.deadline().unwrap(), &mut out);
    assert_eq!((lines(&out), out.last()), (vec!["TOTAL".to_owned()], Some(&IDLE)));
}

#[test]
fn a_device_that_goes_away_breaks_the_document_and_nothing_else() {
    let mut decoder = Decoder::new(EscposOptions::default());
    let mut out = Vec::new();
    decoder.push(b"half a recei\x1D(k\x10", Mono(0), &mut out);
    decoder.broken(&mut out);
    assert_eq!(out.last(), Some(&DocumentFact::End(DocumentEnd::Broken)));
    decoder.push(b"whole\n\x1DV\x00", Mono(1), &mut out);
    assert_eq!((lines(&out).last().unwrap().as_str(), out.last()), ("whole", Some(&CUT)));
}

#[test]
fn a_document_without_end_overflows_and_goes_on() {
    let (facts, decoder) =
        decode_with(EscposOptions::default(), &b"line\n".repeat(limits::DOCUMENT_LINES + 1));
    assert_eq!(decoder.counters().overflow, 1);
    let ends: Vec<_> = facts.iter().filter(|f| matches!(f, DocumentFact::End(_))).collect();
    assert_eq!(ends, [&DocumentFact::End(DocumentEnd::Overflow), &IDLE]);
    assert_eq!(lines(&facts).len(), limits::DOCUMENT_LINES + 1);
}

#[test]
fn a_long_page_reads_the_same_however_its_bytes_were_cut() {
    let mut bytes = b"\x1b@\x1bL".to_vec();
    bytes.extend((0..4000_u32).map(|n| b'a' + u8::try_from(n % 26).unwrap()));
    bytes.extend(b"\x0c");
    let facts = |size: usize| {
        let mut decoder = Decoder::new(EscposOptions::default());
        let mut facts = Vec::new();
        bytes.chunks(size).for_each(|chunk| decoder.push(chunk, Mono(0), &mut facts));
        decoder.finish(&mut facts);
        facts
    };
    for size in [1, 7, 100, 511] {
        assert_eq!(facts(size), facts(bytes.len()), "in pieces of {size}");
    }
}

/// Pushes `bytes`, lets silence pass, and says what bytes that were `ä£` print as.
fn after_silence(bytes: &[u8]) -> Vec<String> {
    let mut decoder = Decoder::new(EscposOptions::default());
    let mut out = Vec::new();
    decoder.push(b"\x1Bt\x10\x1BR\x03", Mono(0), &mut out);
    decoder.push(bytes, Mono(0), &mut out);
    let now = Mono(0).plus(limits::DOCUMENT_IDLE + limits::PAYLOAD_IDLE);
    out.clear();
    decoder.push(b"\xE4#\n", now, &mut out);
    decoder.finish(&mut out);
    lines(&out)
}

#[test]
fn settings_are_forgotten_after_more_unknown_commands_than_a_printer_has() {
    let (kept, forgotten) = (["ä£"], ["Σ#"]);
    let few = b"\x1BY".repeat(limits::NOISE_COMMANDS);
    assert_eq!(after_silence(&few), kept);
    assert_eq!(after_silence(&[&few, b"A\n\x1DV\x00".as_slice(), &few].concat()), kept);
    assert_eq!(after_silence(&[&few, b"\x1BY".as_slice()].concat()), forgotten);
    assert_eq!(after_silence(&[&few, b"\x1BYA\n\x1DV\x00".as_slice()].concat()), forgotten);
}

#[test]
fn a_payload_longer_than_any_printer_holds_is_no_payload() {
    for claim in [
        b"\x1Dv0\x00\xFF\xFF\xFF\xFF".as_slice(),
        b"\x1D8L\x01\x00\x00\x02",
        b"\x1Cq\x01\xFF\xFF\xFF\xFF",
    ] {
        let (facts, decoder) = decode_with(EscposOptions::default(), &[claim, b"TEA\n"].concat());
        assert_eq!((lines(&facts), decoder.counters().unknown), (vec!["TEA".to_owned()], 1));
    }
}

#[test]
fn half_a_character_does_not_outlive_silence() {
    let default_page = CodePage::named("gb18030").unwrap();
    let options = EscposOptions { default_page, ..EscposOptions::default() };
    printed::check_half_character(Decoder::new(options), 0x81);
}

#[test]
fn a_page_of_many_pieces_overflows_at_the_same_glyph_however_it_was_cut() {
    // Half-width and double-byte glyphs in turn: every glyph is a piece of its own.
    let mut bytes = b"\x1BL\x1C&\x1CC\x01\x1C!\x04".to_vec();
    bytes.extend(b"\xB1\x88\x9F".repeat(limits::PAGE_RUNS));
    bytes.push(0x0C);
    let facts = |size: usize| {
        let mut decoder = Decoder::new(EscposOptions::default());
        let mut facts = Vec::new();
        bytes.chunks(size).for_each(|chunk| decoder.push(chunk, Mono(0), &mut facts));
        facts
    };
    let whole = facts(bytes.len());
    assert_eq!(whole.iter().filter(|f| **f == DocumentFact::End(DocumentEnd::Overflow)).count(), 2);
    for size in [7, 100, 4096] {
        assert!(facts(size) == whole, "in pieces of {size}");
    }
}

#[test]
fn a_position_beyond_all_numbers_stays_there() {
    let wide = b"\x1BL\x1DP\x01\x01\x1B \xFF\x1D!\x77".as_slice();
    let bytes = [wide, &b"x".repeat(30_000), b"\t\x1B*\x00\x01\x00\xFFy\n\x0CTEA\n"].concat();
    assert_eq!(lines(&decode(&bytes)).last().map(String::as_str), Some("TEA"));
}

proptest! {
    #[test]
    fn facts_do_not_depend_on_how_bytes_are_cut(
        pieces in proptest::collection::vec(piece(), 0..60),
        size in 1usize..40,
    ) {
        printed::holds_however_cut(|| Decoder::new(EscposOptions::default()), &pieces.concat(), size)?;
    }
}

/// Commands of the printer, text, and anything.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let commands: &[&[u8]] = &[
        b"\x1BL",
        b"\x0C",
        b"\x1D$\x40\x00",
        b"\x1Dv0\x00\x01\x00\x02\x00ab",
        b"\x1B*\x00\x02\x00ab",
        b"\x1C&",
        b"\x1CC\x01",
        b"\x1C.",
        b"\x1B=\x02",
        b"\x1B=\x01",
        b"\x1DV\x00",
        b"\x1DVA",
        b"\x1B@",
        b"\n",
        b"\r\n",
        b"\t",
        b"\x1DkI\x04",
        b"\x1Dk\x024006381333931\x00",
        b"\x1D(k\x05\x001P0",
        b"\x1D(k\x03\x001Q0",
        b"\x1B$\x50\x00",
        b"\x1Bt\x10",
        b"TOTAL 1.00",
        b"4111 1111 ",
        b"\x8D\x87",
    ];
    prop_oneof![
        proptest::sample::select(commands).prop_map(<[u8]>::to_vec),
        proptest::collection::vec(any::<u8>(), 1..8),
    ]
}
