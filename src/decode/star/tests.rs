//! Hand-made streams; `tests/it/star.rs` has those of others.

use proptest::prelude::*;

use super::*;
use crate::decode::document::Unknown;
use crate::decode::document::printed::{self, CUT, IDLE, lines};
use crate::decode::fact::{DocumentEnd, LayoutLine};
use crate::time::Mono;

fn decode_with(options: StarOptions, bytes: &[u8]) -> (Vec<DocumentFact>, Decoder) {
    printed::decode(Decoder::new(options), bytes)
}

fn decoder() -> Decoder {
    Decoder::new(StarOptions::default())
}

fn check(bytes: &[u8], expected: &[&str]) {
    printed::check(decoder(), bytes, expected);
}

fn check_others(bytes: &[u8], expected: &[DocumentFact]) {
    printed::check_others(decoder(), bytes, expected);
}

#[test]
fn columns_set_by_position_or_tab_are_kept() {
    check(
        b"BEER\x1B\x1DA\xF0\x002\x1B\x1DA\x50\x0113.00\n",
        &["BEER                2       13.00"],
    );
    check(b"CASH\x1B\x1DR\x48\x00200.00\n", &["CASH      200.00"]);
    check(b"123456\x1B\x1DR\xDC\xFFX\n", &["123456 X"]);
    check(b"\x1Bl\x07TOTAL\x1B\x1DA\x90\x001.00\n", &["       TOTAL       1.00"]);
    check(b"A\tB\n\x1BD\x0A\x14\x00A\tB\tC\tD\n", &["A       B", "A         B         C D"]);
}

#[test]
fn sizes_and_emphasis_are_seen() {
    let line = |text: &str, enlarged, bold| {
        DocumentFact::Line(LayoutLine { text: text.to_owned(), enlarged, bold })
    };
    let check = |bytes: &[u8], enlarged, bold| {
        let (facts, _) = decode_with(StarOptions::default(), bytes);
        let text = "TOTAL";
        assert_eq!(facts, [line(text, enlarged, bold), line(text, false, false), IDLE]);
    };
    check(b"\x1Bi\x01\x01TOTAL\n\x1Bi00TOTAL\n", true, false);
    check(b"\x1BW1TOTAL\n\x1BW\x00TOTAL\n", true, false);
    check(b"\x1Bh\x02TOTAL\n\x1Bh0TOTAL\n", true, false);
    check(b"\x0ETOTAL\n\x14TOTAL\n", true, false);
    check(b"\x1B\x0ETOTAL\n\x1B\x14TOTAL\n", true, false);
    check(b"\x1BETOTAL\n\x1BFTOTAL\n", false, true);
}

#[test]
fn the_unit_of_columns_follows_font_and_spacing() {
    check(b"\x1B\x1EF\x01ITEM\x1B\x1DA\x5A\x001.00\n", &["ITEM      1.00"]);
    check(b"\x1BPITEM\x1B\x1DA\x96\x001.00\n", &["ITEM      1.00"]);
    check(b"\x1B \x08ITEM\x1B\x1DA\xC8\x001.00\n", &["ITEM      1.00"]);
}

#[test]
fn carriage_return_and_line_feed_are_one_line_end() {
    check(b"a\rb\r\nc\n\rd\n\ne\n", &["a", "b", "c", "d", "", "e"]);
    let options = StarOptions { carriage_return: CarriageReturn::Return, ..StarOptions::default() };
    let (facts, _) = decode_with(options, b"|   |\r RED\r\n");
    assert_eq!(lines(&facts), ["|RED|"]);
}

#[test]
fn text_follows_code_page_and_national_variant() {
    check(b"\x1B\x1Dt\x04\xD5 \x1B\x1Dt\x20\x80 \x1B\x1Dt\x01\x9B\n", &["€ € ¢"]);
    check(b"\x1BR8\\100\x1BR\x02 [\\]\x1BR0 [ \x1BRD\\\n", &["¥100 ÄÖÜ [ ₩"]);
    check(b"\x1B\x1Dt\x61\xA1\n", &["ก"]);
    check(b"\x1B\x1D)U\x02\x000\x01\xE5\x90\x88 \xE2\x82\xAC\n", &["合 €"]);
}

#[test]
fn japanese_printers_switch_between_shift_jis_jis_and_katakana() {
    check(b"\x1B$1\x8D\x87\x8Cv\x1B$0 \xB1\x95\n", &["合計 ｱ-"]);
    check(b"\x1Bp\x39\x67\x37\x57\x1Bq 100\n", &["合計 100"]);
    check(b"\x1B$1\x1Bp\x39\x67\x1Bq\x8Cv\n", &["合計"]);
    let korean = || StarOptions {
        default_page: CodePage::named("euc-kr").unwrap(),
        ..StarOptions::default()
    };
    assert_eq!(lines(&decode_with(korean(), b"\xC7\xD5\xB0\xE8 100\n").0), ["합계 100"]);
}

#[test]
fn a_page_is_read_from_top_to_bottom() {
    let page = |leave: &[u8]| {
        let start = b"\x1B\x1DP0\x1B\x1DP21\x1B\x1DP3\x00\x00\x00\x00\x00\x02\x00\x02";
        let second = b"\x1B\x1DP4\x40\x00\x1B\x1DA\x00\x00TOTAL\x1B\x1DA\x90\x001.00";
        let first = b"\x1B\x1DP4\x10\x00\x1B\x1DA\x00\x00SHOP";
        [start.as_slice(), second, first, leave].concat()
    };
    check(&page(b"\x1B\x1DP7\x1Bd3"), &["SHOP", "TOTAL       1.00"]);
    check(&page(b"\x1B\x1DP8x\n"), &["x"]);
    check(&page(b"\x18x\n"), &["x"]);
}

#[test]
fn cuts_form_feeds_and_a_new_start_end_a_document() {
    check_others(b"one\n\x1Bd\x02two\n\x0C\x1Bd3", &[CUT, CUT]);
    check_others(b"one\n\x1B@two", &[DocumentFact::End(DocumentEnd::Init), IDLE]);
    let options = StarOptions { cut_ends_document: false, ..StarOptions::default() };
    let (facts, _) = decode_with(options, b"one\n\x1Bd\x01two\n\x1Bd3");
    assert_eq!(facts.len(), 3);
}

#[test]
fn drawer_kicks_are_facts() {
    let kick = || DocumentFact::DrawerKick;
    check_others(b"\x1B\x07\x0B\x37\x07\x1C\x19\x1A", &[kick(), kick(), kick(), kick()]);
    check_others(b"\x1B*rA\x1B*rD1\x00\x1B*rB", &[kick()]);
}

#[test]
fn codes_are_facts() {
    let code = |symbology, data: &str| DocumentFact::Barcode { symbology, data: data.to_owned() };
    check_others(b"\x1Bb312\x504006381333931\x1E", &[code("EAN13", "4006381333931"), IDLE]);
    check_others(b"\x1Bb\x06\x01\x01\x50AB%012%5\x1E", &[code("CODE128", "AB%12"), IDLE]);
    let qr = b"\x1B\x1DyS02\x1B\x1DyS12\x1B\x1DyD1\x00\x04\x00abcd\x1B\x1DyP\x1B\x1DyI";
    check_others(qr, &[code("QR", "abcd"), IDLE]);
    let pdf = b"\x1B\x1DxS0\x00\x01\x01\x1B\x1DxS1\x02\x1B\x1DxD\x03\x00xyz\x1B\x1DxP";
    check_others(pdf, &[code("PDF417", "xyz"), IDLE]);
    let bare = decode_with(StarOptions::default(), b"\x1Bb612\x504111111111111111\x1E").0;
    assert_eq!(bare, [code("CODE128", "************1111"), IDLE]);
}

#[test]
fn rows_of_dots_are_one_graphic() {
    let graphic = |width, height| DocumentFact::Graphic { width, height };
    let raster =
        b"\x1B*rA\x1B*rP0\x00b\x02\x00ab\x1B*rY24\x00b\x01\x00ck\x01\x00d\x1B\x0C\x00\x1B*rB";
    check_others(raster, &[graphic(16, 2), CUT]);
    let strips = [b"\x1Bk\x01\x00".as_slice(), &[0x1B; 24], b"\n"].concat().repeat(2);
    check_others(&strips, &[graphic(8, 48), IDLE]);
    let block = [b"\x1B\x1DS\x01\x02\x00\x03\x00\x00".as_slice(), &[0x0A; 6]].concat();
    check_others(&block, &[graphic(16, 3), IDLE]);
    check_others(b"\x1BK\x02\x00ab\x1BX\x01\x00abc", &[graphic(2, 8), graphic(1, 24), IDLE]);
}

#[test]
fn commands_of_every_length_are_skipped() {
    let skipped: &[&[u8]] = &[
        b"\x1B\x1C\x70\x01\x00",
        b"\x1B\x1Cq\x02\x01\x00\x01\x0012345678\x01\x00\x01\x0012345678",
        b"\x1B#,10000\n\0",
        b"\x1B\x1D#+10001\n\0",
        b"\x1B?\n\0",
        b"\x1BC\x10\x1BC\0\x10",
        b"\x1B&\x01\x01A123456789012345678901234567890123456789012345678",
        b"\x1B&\x01\x00A",
        b"\x1B\x06\x01\x1B\x06\x18\x05\x17",
        b"\x1B\x1EC0\x1B\x1Ed3\x1B\x1Ea\x00",
        b"\x1B\x1D\x03\x01\x00\x00\x04",
        b"\x1B\x1D\x19\x11\x01\x02\x03\x1B\x1D\x07\x01\x02\x03",
        b"\x1B\x1D(A\x03\x00abc\x1B\x1D)B\x02\x00ab",
        b"\x1B\x1DyD2\x02\x01\x02\x00ab\x00\x01\x00c",
        b"\x1B^\x01\x01\x00ab\x1Br!!123456789012345678901234567890123456789012345678901234567890123456789012",
        b"\x1BN\x05\x1BO\x1B/1\x1B_\x00\x1B-1\x1BU\x00\x1BI\x01",
    ];
    for bytes in skipped {
        check(&[bytes, b"x\n".as_slice()].concat(), &["x"]);
    }
}

#[test]
fn an_unknown_command_is_counted_with_its_place_and_costs_two_bytes() {
    let (facts, decoder) = decode_with(StarOptions::default(), b"AB\x1B\xFEC\n\x1B(D\n");
    assert_eq!(lines(&facts), ["ABC", "D"]);
    let counters = decoder.counters();
    assert_eq!(counters.unknown, 2);
    assert_eq!(counters.last_unknown, Some(Unknown { offset: 6, lead: 0x1B, opcode: b'(' }));
}

#[test]
fn a_payload_without_its_tail_is_given_up_and_the_next_receipt_decodes() {
    printed::check_payload(decoder(), b"\x1B\x1DS\x01\xFF\x00\xFF\x00\x00short", b"\x1Bd3");
}

#[test]
fn half_a_card_number_at_a_break_or_silence_is_hidden() {
    printed::check_half_card(decoder);
}

#[test]
fn half_a_character_does_not_outlive_silence() {
    let default_page = CodePage::named("gb18030").unwrap();
    let options = StarOptions { default_page, ..StarOptions::default() };
    printed::check_half_character(Decoder::new(options), 0x81);
}

#[test]
fn noise_is_forgotten_with_the_next_silence_and_a_few_strange_commands_are_not() {
    let after = |noise: &[u8]| {
        let mut decoder = Decoder::new(StarOptions::default());
        let mut out = Vec::new();
        decoder.push(&[b"\x1B\x1Dt\x20".as_slice(), noise].concat(), Mono(0), &mut out);
        let later = Mono(0).plus(limits::PAYLOAD_IDLE * 2);
        decoder.tick(later, &mut out);
        out.clear();
        decoder.push(b"\x80\n\x1Bd3", later, &mut out);
        lines(&out)
    };
    assert_eq!(after(&b"\x1B(".repeat(limits::NOISE_COMMANDS)), ["€"]);
    assert_eq!(after(&b"\x1B(".repeat(limits::NOISE_COMMANDS + 1)), ["Ç"]);
}

#[test]
fn text_in_raster_mode_ends_it() {
    let (facts, _) = decode_with(StarOptions::default(), b"\x1B*rAThe end of it was lost.\n");
    assert_eq!(lines(&facts), ["f it was lost."]);
}

#[test]
fn a_card_number_in_pieces_is_redacted() {
    check(b"\x1BE4111\x1BF 1111\x1B\x1DA\x78\x001111 \x1Bi111111\n", &["**** **** **** 1111"]);
    check(b"Card 4111 1111\n     1111 1111\n", &["Card **** ****", "     **** 1111"]);
}

proptest! {
    #[test]
    fn facts_do_not_depend_on_how_bytes_are_cut(
        pieces in proptest::collection::vec(piece(), 0..60),
        size in 1usize..40,
    ) {
        printed::holds_however_cut(decoder, &pieces.concat(), size)?;
    }

    #[test]
    fn a_good_receipt_after_any_noise_and_silence_decodes(
        noise in proptest::collection::vec(any::<u8>(), 0..2000),
    ) {
        printed::holds_after_noise(decoder(), &noise, (b"\x1B@", b"\x1Bd3"))?;
    }
}

/// Commands of the printer, text, and anything.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let commands: &[&[u8]] = &[
        b"\x1B\x1DP0",
        b"\x1B\x1DP7",
        b"\x1B\x1DP4\x40\x00",
        b"\x1B*rA",
        b"\x1B*rB",
        b"b\x02\x00ab",
        b"\x1B$1",
        b"\x1Bp",
        b"\x1Bq",
        b"\x1Bk\x01\x00",
        b"\x1Bd3",
        b"\x1B@",
        b"\n",
        b"\r\n",
        b"\t",
        b"\x1Bb312\x50",
        b"\x1E",
        b"\x1B\x1DyD1\x00\x02\x00",
        b"\x1B\x1DyP",
        b"\x1B\x1DA\x50\x00",
        b"\x1B\x1Dt\x04",
        b"TOTAL 1.00",
        b"4111 1111 ",
        b"\x8D\x87",
        b"\x1B\x1D)U\x02\x000\x01",
    ];
    prop_oneof![
        proptest::sample::select(commands).prop_map(<[u8]>::to_vec),
        proptest::collection::vec(any::<u8>(), 1..8),
    ]
}
