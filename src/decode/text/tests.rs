//! Journals by example.

use super::*;
use crate::decode::document::PrinterCounters;
use crate::decode::document::printed::lines;

fn decode(options: TextOptions, bytes: &[u8]) -> (Vec<DocumentFact>, PrinterCounters) {
    let mut decoder = Decoder::new(options);
    let mut out = Vec::new();
    decoder.push(bytes, Mono(0), &mut out);
    decoder.finish(&mut out);
    (out, decoder.counters().clone())
}

fn check(bytes: &[u8], expected: &[&str]) {
    let (facts, _) = decode(TextOptions::default(), bytes);
    assert_eq!(lines(&facts), expected);
    assert_eq!(facts.last(), Some(&DocumentFact::End(DocumentEnd::Idle)));
}

#[test]
fn every_kind_of_line_end_is_one_line_end() {
    check(b"a\rb\nc\r\nd\n\re\n\nf", &["a", "b", "c", "d", "e", "", "f"]);
}

#[test]
fn tabs_go_to_columns_of_eight() {
    check(b"ab\tc\t\td\n", &["ab      c               d"]);
}

#[test]
fn cursor_sequences_are_skipped_and_a_move_to_another_row_ends_the_line() {
    check(b"\x1B[2J\x1B[1;1HMILK\x1B[1m 1.00\x1B[2;1HBREAD 2.00\r\n", &["MILK 1.00", "BREAD 2.00"]);
}

#[test]
fn a_form_feed_ends_the_document() {
    let (facts, counters) = decode(TextOptions::default(), b"one\r\n\x0Ctwo\r\n");
    let ends = facts.iter().filter(|f| matches!(f, DocumentFact::End(_))).count();
    assert_eq!((ends, counters.documents, counters.understood()), (2, 2, true));
}

#[test]
fn silence_ends_the_document() {
    let mut decoder = Decoder::new(TextOptions::default());
    let mut out = Vec::new();
    decoder.push(b"TOTAL 1.00\r\n", Mono(1), &mut out);
    let deadline = decoder.deadline().unwrap();
    assert_eq!(deadline, Mono(1).plus(limits::DOCUMENT_IDLE));
    decoder.tick(deadline, &mut out);
    assert_eq!(lines(&out), ["TOTAL 1.00"]);
    assert_eq!(decoder.deadline(), None);
}

#[test]
fn parity_in_bit_7_is_stripped() {
    let parity: Vec<u8> =
        b"TOTAL 12.50\r\n".iter().map(|b| b | (b.count_ones() as u8 % 2) << 7).collect();
    let options = TextOptions { strip_bit7: true, ..TextOptions::default() };
    assert_eq!(lines(&decode(options, &parity).0), ["TOTAL 12.50"]);
}

#[test]
fn other_control_bytes_and_sequences_are_counted() {
    let (facts, counters) = decode(TextOptions::default(), b"\x00\x02A\x1B(B\x03\r\n");
    assert_eq!(lines(&facts), ["AB"]);
    assert_eq!((counters.dropped, counters.unknown), (3, 1));
}

#[test]
fn an_endless_line_is_broken() {
    let (facts, counters) = decode(TextOptions::default(), &b"x".repeat(limits::LINE_CHARS * 3));
    assert_eq!((lines(&facts).len(), counters.long_lines), (3, 3));
}

#[test]
fn double_byte_text_survives_any_cut() {
    let options = || TextOptions { page: Some(CodePage::shift_jis()), ..TextOptions::default() };
    let mut decoder = Decoder::new(options());
    let mut out = Vec::new();
    for byte in b"\x8D\x87\x8Cv 100\n" {
        decoder.push(&[*byte], Mono(0), &mut out);
    }
    decoder.finish(&mut out);
    assert_eq!(lines(&out), ["合計 100"]);
}

/// Nobody said which page the journal is in.
fn reads(bytes: &[u8], expected: &str) {
    check(bytes, &[expected]);
}

#[test]
fn a_line_that_is_utf_8_is_read_as_such() {
    reads("Café 2,50 €\n".as_bytes(), "Café 2,50 €");
    reads("合計\t100\n".as_bytes(), "合計      100");
    reads("\u{FEFF}Maß\n".as_bytes(), "Maß");
    reads("├──┤ Tee\u{A0}1,00\n".as_bytes(), "+--+ Tee 1,00");
}

#[test]
fn any_other_line_is_read_as_the_ibm_pc_wrote_it() {
    reads(b"Caf\x82 2,50\n", "Café 2,50");
    reads(b"\xC4\xC4\xB3 Ma\xE1\n", "--| Maß");
    // One byte that is no UTF-8 decides for its line, and for no other.
    let mixed = ["Käse ".as_bytes(), b"\x84\n", "Käse\n".as_bytes()].concat();
    check(&mixed, &["K├ñse ä".replace('├', "+").as_str(), "Käse"]);
}

#[test]
fn a_page_that_was_named_is_not_guessed_at() {
    let options = TextOptions { page: CodePage::named("cp1252"), ..TextOptions::default() };
    assert_eq!(lines(&decode(options, "Café\n".as_bytes()).0), ["CafÃ©"]);
}

#[test]
fn a_long_line_is_broken_between_characters() {
    let (facts, _) = decode(TextOptions::default(), "x€".repeat(limits::LINE_CHARS).as_bytes());
    let found = lines(&facts);
    assert_eq!(found.concat(), "x€".repeat(limits::LINE_CHARS));
    assert!(found.iter().all(|line| line.chars().count() <= limits::LINE_CHARS));
    let (facts, _) = decode(TextOptions::default(), &b"a\t".repeat(limits::LINE_CHARS));
    assert!(lines(&facts).iter().all(|line| line.len() <= limits::LINE_CHARS));
}

#[test]
fn half_a_character_does_not_outlive_silence() {
    let options = TextOptions { page: CodePage::named("gb18030"), ..TextOptions::default() };
    let mut decoder = Decoder::new(options);
    let mut out = Vec::new();
    decoder.push(b"A\n\x81", Mono(0), &mut out);
    decoder.push(b"TEA\n", Mono(0).plus(limits::DOCUMENT_IDLE), &mut out);
    decoder.finish(&mut out);
    assert_eq!(lines(&out).last().map(String::as_str), Some("TEA"));
}
