//! Hand-made streams; the corpus test in `tests/it` has those of others. What is printed is here, what
//! goes wrong on the wire in [`wire`].

mod wire;

use super::*;
use crate::decode::document::printed::{self, CUT, IDLE, lines};
use crate::decode::fact::{DocumentEnd, LayoutLine};
use crate::time::Mono;

fn decode_with(options: EscposOptions, bytes: &[u8]) -> (Vec<DocumentFact>, Decoder) {
    printed::decode(Decoder::new(options), bytes)
}

fn decode(bytes: &[u8]) -> Vec<DocumentFact> {
    decode_with(EscposOptions::default(), bytes).0
}

fn check(bytes: &[u8], expected: &[&str]) {
    printed::check(Decoder::new(EscposOptions::default()), bytes, expected);
}

fn check_others(bytes: &[u8], expected: &[DocumentFact]) {
    printed::check_others(Decoder::new(EscposOptions::default()), bytes, expected);
}

#[test]
fn columns_set_by_position_are_kept() {
    check(b"BEER\x1B$\xF0\x002\x1B$\x50\x0113.00\n", &["BEER                2       13.00"]);
    check(b"CASH\x1B\\\x48\x00200.00\n", &["CASH      200.00"]);
    check(b"\x1DL\x54\x00TOTAL\x1B$\x90\x001.00\n", &["       TOTAL       1.00"]);
}

#[test]
fn columns_may_be_sent_in_any_order_and_do_not_overlap() {
    check(b"\x1B$\xF0\x00RIGHT\x1B$\x00\x00LEFT\n", &["LEFT                RIGHT"]);
    check(b"LONG NAME\x1B$\x18\x001.00\n", &["LONG 1.00 NAME"]);
    check(b"ABC\x1B$\x25\x00D\n", &["ABCD"]);
    check(b"ABC\x1B$\x2D\x00D\n", &["ABC D"]);
}

#[test]
fn a_second_pass_over_the_line_fills_the_gaps_of_the_first() {
    check(b" RED\x0D\x1Br\x00|   | BLACK\n", &["|RED| BLACK"]);
    check(b"TOTAL 1.00\x0DTOTAL 1.00\n", &["TOTAL 1.00"]);
}

#[test]
fn enlarged_words_are_written_once() {
    let facts = decode(b"\x1D!\x11TOTAL 1.00\x1D!\x00\n\x1BE\x01bold\x1BE\x00 thin\n");
    let line = |text: &str, enlarged, bold| {
        DocumentFact::Line(LayoutLine { text: text.to_owned(), enlarged, bold })
    };
    assert_eq!(facts, [line("TOTAL 1.00", true, false), line("bold thin", false, true), IDLE]);
}

#[test]
fn columns_behind_an_enlarged_word_stay_where_they_are() {
    check(b"\x1B!\x20AB\x1B!\x00      |\nAB        |\n", &["AB        |", "AB        |"]);
}

#[test]
fn a_line_in_the_small_font_has_small_columns() {
    check(b"\x1BM\x01ITEM\x1B$\x5A\x001.00\n", &["ITEM      1.00"]);
}

#[test]
fn tabs_go_to_the_stops_that_were_set_or_to_columns_of_eight() {
    check(b"A\tB\tC\n", &["A       B       C"]);
    check(b"\x1BD\x0A\x14\x00A\tB\tC\tD\n", &["A         B         C D"]);
    check(b"\x1BD\x0A\x14\x14A\tB\n", &["A         B"]);
}

#[test]
fn carriage_returns_end_lines_where_the_printer_is_set_so() {
    let options =
        || EscposOptions { carriage_return: CarriageReturn::Newline, ..EscposOptions::default() };
    let (facts, _) = decode_with(options(), b"a\rb\r\nc\n\rd\n\ne");
    assert_eq!(lines(&facts), ["a", "b", "c", "d", "", "e"]);
}

#[test]
fn text_follows_code_page_and_national_variant() {
    check(b"\x1Bt\x13\xD5 \x1Bt\x10\x80 \x1Bt\x02\x9B\n", &["€ € ø"]);
    check(b"\x1BR\x08\\100\x1BR\x02 [\\]\x1BR\x00 [\n", &["¥100 ÄÖÜ ["]);
    check(b"\xC4\xC4\xB3\xDA\n", &["--|+"]);
}

#[test]
fn double_byte_modes_decode() {
    check(b"\x1C&\x1CC\x01\x8D\x87\x8Cv\x1C. 100\n", &["合計 100"]);
    check(b"\x1C&\x39\x67\x37\x57\x1C. 100\n", &["合計 100"]);
    check(b"\x1C(C\x02\x0002\xE5\x90\x88\xE8\xA8\x88 \xE2\x82\xAC\n", &["合計 €"]);
    let korean = EscposOptions {
        double_byte: CodePage::named("euc-kr").unwrap(),
        ..EscposOptions::default()
    };
    let (facts, _) = decode_with(korean, b"\x1C&\xC7\xD5\xB0\xE8 100\x1C.\n");
    assert_eq!(lines(&facts), ["합계 100"]);
}

#[test]
fn double_byte_glyphs_take_two_columns() {
    check(
        b"\x1C&\x1CC\x01\x8D\x87\x8Cv\x1C.\x1B$\x78\x00100\nABCD\x1B$\x78\x00100\n",
        &["合計      100", "ABCD      100"],
    );
}

#[test]
fn what_the_customer_display_shows_is_not_on_the_receipt() {
    check(b"\x1DL\x18\x00A\x1B=\x02\x1B@Total 9.99\x0C\x1B=\x01B\nC\n", &["  AB", "  C"]);
    let (_, decoder) =
        decode_with(EscposOptions::default(), b"\x1B=\x02\x1B@Total\x1B=\x02x\x1B=\x01");
    assert_eq!((decoder.counters().display, decoder.counters().unknown), (12, 0));
}

#[test]
fn page_mode_is_read_from_top_to_bottom() {
    let page = b"\x1BL\x1BW\x00\x00\x00\x00\x40\x02\xC8\x00\x1D$\x64\x00Below\x1D$\x1E\x00\x1B$\x78\x00right\x1B$\x00\x00Above\x0C";
    check(page, &["Above     right", "Below"]);
    check_others(page, &[CUT]);
    check(b"\x1BLgone\x18kept\n\x1B\x0Cagain\n\x1BS", &["kept", "again"]);
}

#[test]
fn documents_end_where_a_person_would_tear_them() {
    check_others(b"one\n\x1DV\x00two\n\x1BithreeA\x1DVB\x00", &[CUT, CUT, CUT]);
    check_others(b"\x1B@one\n\x1B@two\n", &[DocumentFact::End(DocumentEnd::Init), IDLE]);
    check_others(b"\x1B@\n\n\x1B@\x1DV\x00", &[]);
    let part = EscposOptions { cut_ends_document: false, ..EscposOptions::default() };
    assert_eq!(decode_with(part, b"one\n\x1DV\x01two\n\x1Bm").0.len(), 3);
}

#[test]
fn blank_lines_count_between_printed_ones_only() {
    check(b"\n\nA\n\nB\x1Bd\x05C\n\n\n\x1DV\x00", &["A", "", "B", "C"]);
}

#[test]
fn drawer_kicks_codes_and_graphics_are_facts() {
    let kick = DocumentFact::DrawerKick;
    check_others(b"\x1Bp\x00\x32\xFA\x10\x14\x01\x00\x01", &[kick.clone(), kick]);
    let barcode =
        |symbology, data: &str| DocumentFact::Barcode { symbology, data: data.to_owned() };
    check_others(b"\x1Dk\x024006381333931\x00", &[barcode("EAN13", "4006381333931"), IDLE]);
    check_others(b"\x1DkI\x09{C\x0C\x22{BX{{", &[barcode("CODE128", "1234X{"), IDLE]);
    check_others(b"\x1D(k\x07\x001P0abcd\x1D(k\x03\x001Q0", &[barcode("QR", "abcd"), IDLE]);
    let raster = [b"\x1Dv0\x00\x02\x00\x03\x00".as_slice(), &[0x0A; 6], b"\x1DV\x00"].concat();
    check_others(&raster, &[DocumentFact::Graphic { width: 16, height: 3 }, CUT]);
    let strip = [b"\x1B*\x21\x04\x00".as_slice(), &[0x1B; 12], b"\n"].concat();
    check_others(&strip.repeat(3), &[DocumentFact::Graphic { width: 4, height: 72 }, IDLE]);
}

#[test]
fn a_status_poll_inside_a_command_belongs_to_the_command() {
    // The manual of the TM-U295 says so: the first byte of the poll is the argument.
    check(b"\x1B3\x10\x04\x01A\n", &["A"]);
    let raster = [b"\x1Dv0\x00\x01\x00\x03\x00".as_slice(), b"\x10\x04\x01", b"B\n"].concat();
    check(&raster, &["B"]);
}

#[test]
fn a_card_number_in_pieces_of_every_kind_is_redacted() {
    check(
        b"\x1BE\x014111\x1BE\x00 1111\x1B$\x78\x001111 \x1D!\x111111\n",
        &["**** **** **** 1111"],
    );
    check(b"Card 4111 1111\n     1111 1111\n", &["Card **** ****", "     **** 1111"]);
    check(b"4111 1111         \x0D          1111 1111\n", &["**** **** **** 1111"]);
    let facts = decode(b"\x1D(k\x13\x001P04111111111111111\x1D(k\x03\x001Q0");
    assert!(matches!(&facts[0], DocumentFact::Barcode { data, .. } if data == "************1111"));
}
