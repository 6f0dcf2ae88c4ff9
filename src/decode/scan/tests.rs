//! Scans as scanners send them, and what is read of each.

use super::*;

/// `GS1-128 05901234123457 "…" (01)… price 1234e-2 1086 g x3 +12 id`, only what is there.
pub(super) fn shown(fact: &ScanFact) -> String {
    let mut words = vec![fact.symbology.to_owned()];
    words.extend(fact.gtin.clone());
    words.push(format!("{:?}", fact.data));
    words.extend(fact.elements.iter().map(|e| format!("({}){}", e.ai, e.value)));
    words.extend(fact.price.map(|price| format!("price {}e-{}", price.value, price.decimals)));
    words.extend(fact.weight_grams.map(|grams| format!("{grams} g")));
    words.extend(fact.count.map(|count| format!("x{count}")));
    words.extend(fact.add_on.as_ref().map(|add_on| format!("+{add_on}")));
    words.extend(fact.id.then(|| "id".to_owned()));
    words.join(" ")
}

pub(super) fn decode(options: &ScanOptions, chunks: &[&[u8]]) -> (Vec<String>, Counters) {
    let (mut decoder, mut facts) = (ScanDecoder::new(options.clone()), Vec::new());
    for chunk in chunks {
        decoder.push(chunk, Mono(0), &mut facts);
    }
    decoder.finish(&mut facts);
    (facts.iter().map(shown).collect(), decoder.counters().clone())
}

fn check_with(options: &ScanOptions, payload: &str, expected: &str) {
    let bytes = format!("{payload}\r\n");
    assert_eq!(decode(options, &[bytes.as_bytes()]).0.join(" | "), expected, "{payload:?}");
}

fn check(payload: &str, expected: &str) {
    check_with(&ScanOptions::default(), payload, expected);
}

#[test]
fn an_article_is_one_number_however_it_was_scanned() {
    check("5901234123457", r#"EAN13 05901234123457 "5901234123457""#);
    check("]E05901234123457", r#"EAN13 05901234123457 "5901234123457""#);
    check("]E00123601057072", r#"EAN13 00123601057072 "0123601057072""#);
    check("123601057072", r#"UPC-A 00123601057072 "123601057072""#);
    check("]E496385074", r#"EAN8 00000096385074 "96385074""#);
    check("]I105901234123457", r#"ITF 05901234123457 "05901234123457""#);
    check("]E004252614", r#"UPC-E 00042100005264 "04252614""#);
    check("]E0425261", r#"UPC-E 00042100005264 "425261""#);
}

#[test]
fn a_misprinted_date_does_not_cost_the_article_where_the_symbol_says_it_is_gs1() {
    let kept = |symbology: &str, data: &str| {
        format!("{symbology} 07032069804988 {data:?} (01)07032069804988 (15)210431")
    };
    let data = "010703206980498815210431";
    check(&format!("]C1{data}"), &kept("GS1-128", data));
    let separated = format!("\u{1d}{data}");
    check(&separated, &kept("UNKNOWN", &separated));
    check(data, &format!("UNKNOWN {data:?}"));
}

#[test]
fn eight_digits_that_could_be_both_are_upc_e_where_that_is_told() {
    check("12345670", r#"EAN8 00000012345670 "12345670""#);
    let american = ScanOptions { upc_e: true, ..ScanOptions::default() };
    check_with(&american, "12345670", r#"UPC-E 00123456000070 "12345670""#);
    check_with(&american, "96385074", r#"EAN8 00000096385074 "96385074""#);
    check("]E412345670", r#"EAN8 00000012345670 "12345670""#);
    let letters = Letters::Symbol;
    let symbol = ScanOptions { letters, ..ScanOptions::default() };
    check_with(&symbol, "A12345670", r#"EAN8 00000012345670 "12345670""#);
    let symbol = ScanOptions { letters, ..american };
    check_with(&symbol, "A12345670", r#"UPC-E 00123456000070 "12345670""#);
}

#[test]
fn add_ons_are_told_beside_the_article() {
    check("]E3977123456789812", r#"EAN13 09771234567898 "9771234567898" +12"#);
    check("]E09771234567898]E212345", r#"EAN13 09771234567898 "9771234567898" +12345"#);
    check("977123456789812345", r#"EAN13 09771234567898 "9771234567898" +12345"#);
    check("]E39638507412", r#"EAN8 00000096385074 "96385074" +12"#);
}

#[test]
fn a_composite_symbol_adds_its_elements_to_the_article() {
    check(
        "]E05901234123457]e0172105263103000500",
        "EAN13 05901234123457 \"5901234123457\" (17)210526 (3103)000500 500 g",
    );
}

#[test]
fn a_wrong_article_number_is_text_and_counted() {
    check("]E05901234123458", r#"EAN13 "5901234123458""#);
    let (_, counters) = decode(&ScanOptions::default(), &[b"]E05901234123458\r"]);
    assert_eq!((counters.bad_articles, counters.scans), (1, 1));
}

#[test]
fn element_strings_come_with_their_measures() {
    // Nothing ends the price before the batch: where a field ends is not known, so there are no elements.
    check("]e00107032069804988392299X10AB", r#"GS1-DATABAR "0107032069804988392299X10AB""#);
    check(
        "]e001070320698049883103001086392299\u{1d}10AB",
        "GS1-DATABAR 07032069804988 \"01070320698049883103001086392299\\u{1d}10AB\" \
         (01)07032069804988 (3103)001086 (3922)99 (10)AB price 99e-2 1086 g",
    );
    check(
        "]Q3https://id.gs1.org/01/614141123452/10/A?30=3",
        "GS1-QR 00614141123452 \"https://id.gs1.org/01/614141123452/10/A?30=3\" \
         (01)00614141123452 (10)A (30)3 x3",
    );
}

#[test]
fn without_an_identifier_only_what_is_sure_is_gs1() {
    check("210526", r#"UNKNOWN "210526""#);
    check("10123", r#"UNKNOWN "10123""#);
    check("0105901234123458", r#"UNKNOWN "0105901234123458""#);
    check("0105901234123457", "UNKNOWN 05901234123457 \"0105901234123457\" (01)05901234123457");
    check("https://example.com/8004/AB12", r#"UNKNOWN "https://example.com/8004/AB12" (8004)AB12"#);
    check("10123\u{1d}17221231", "UNKNOWN \"10123\\u{1d}17221231\" (10)123 (17)221231");
    let bar = ScanOptions { separator: Some('|'), ..ScanOptions::default() };
    check_with(&bar, "10123|17221231", "UNKNOWN \"10123|17221231\" (10)123 (17)221231");
}

#[test]
fn prices_and_weights_in_numbers_follow_the_rules() {
    let swedish = Rules::of_country("SE").unwrap();
    let options = ScanOptions { rules: swedish, ..ScanOptions::default() };
    check_with(&options, "2388060112344", r#"EAN13 02388060100006 "2388060112344" 1234 g"#);
    check("2388060112344", r#"EAN13 02388060112344 "2388060112344""#);
    let british = Rules::of_country("GB").unwrap();
    let options = ScanOptions { rules: british, ..ScanOptions::default() };
    check_with(&options, "2011122812349", r#"EAN13 02011122812349 "2011122812349""#);
    let (_, counters) = decode(&options, &[b"2011122812349\r"]);
    assert_eq!(counters.bad_measures, 1);
}

#[test]
fn framing_is_taken_off() {
    let check = |options: ScanOptions, bytes: &[u8], count: usize| {
        let expected = vec![r#"EAN13 05901234123457 "5901234123457""#; count];
        assert_eq!(decode(&options, &[bytes]).0, expected, "{bytes:?}");
    };
    let suffix = |suffix| ScanOptions { suffix, ..ScanOptions::default() };
    check(suffix(Suffix::Line), b"5901234123457\r\n\n\r5901234123457\n", 2);
    check(suffix(Suffix::Line), b"\x025901234123457\x03\r", 1);
    check(suffix(Suffix::Byte(b'\t')), b"5901234123457\t5901234123457\t", 2);
    check(suffix(Suffix::Byte(ETX)), b"\x025901234123457\x03", 1);
    check(suffix(Suffix::Silence), b"5901234123457", 1);
    let preamble = ScanOptions { preamble: b"#1:".to_vec(), ..ScanOptions::default() };
    check(preamble, b"#1:5901234123457\r5901234123457\r", 2);
    let letters = ScanOptions { letters: Letters::Symbol, ..ScanOptions::default() };
    check(letters, b"A5901234123457\r", 1);
}

#[test]
fn card_numbers_and_tracks_do_not_leave_the_decoder() {
    check("4111111111111111", r#"UNKNOWN "************1111""#);
    check("]Q14111 1111 1111 1111", r#"QR "**** **** **** 1111""#);
    check("]L0;4111111111111111=25121010000000000?", r#"PDF417 """#);
    check("]C1104111111111111111", r#"GS1-128 "" (10)************1111"#);
    check("]C110164111111111111111", r#"GS1-128 "" (10)16************1111"#);
    check("]Q15A0841111111111111115F2403290531", r#"QR "5A08*************1115F2403290531""#);
    check("]Q1164111111111111111", r#"QR "16************1111""#);
    // A misread article is none, and elements are read before anything in them is hidden.
    check("]E04006381333932", r#"EAN13 "4006381333932""#);
    check(
        "]C101095060001343521726113010411129051234",
        r#"GS1-128 09506000134352 "01095060001343521726113010411129051234" (01)09506000134352 (17)261130 (10)411129051234"#,
    );
    // Fourteen digits may be Diners Club's; scanned as ITF they are an article.
    check("30569309025904", r#"UNKNOWN "**********5904""#);
}

/// The start of a licence of nobody.
const LICENCE: &str = "@\n\u{1e}\rANSI 636014040002DL00410278ZV03190008DLDAQD1234567\n\
                       DCSSMITH\nDACJOHN\nDAG1 ROAD\nDBB19800101\r";

#[test]
fn a_document_of_a_person_leaves_one_word() {
    for suffix in [Suffix::Line, Suffix::Byte(b'\r'), Suffix::Byte(b'\t'), Suffix::Silence] {
        for identifier in ["", "]L0"] {
            let options = ScanOptions { suffix, ..ScanOptions::default() };
            let (facts, counters) =
                decode(&options, &[format!("{identifier}{LICENCE}\t").as_bytes()]);
            let name = if identifier.is_empty() { "UNKNOWN" } else { "PDF417" };
            assert_eq!(facts, [format!("{name} \"\" id")], "{suffix:?}");
            assert_eq!(counters.documents, 1);
        }
    }
}

#[test]
fn after_a_document_and_silence_scans_are_read_again() {
    let mut decoder = ScanDecoder::new(ScanOptions::default());
    let mut facts = Vec::new();
    decoder.push(LICENCE.as_bytes(), Mono(0), &mut facts);
    decoder.push(b"DAQD1234\r", Mono(1), &mut facts);
    let over = decoder.deadline().unwrap();
    decoder.push(b"5901234123457\r", over, &mut facts);
    let facts: Vec<String> = facts.iter().map(shown).collect();
    assert_eq!(facts, [r#"UNKNOWN "" id"#, r#"EAN13 05901234123457 "5901234123457""#]);
}

#[test]
fn a_document_whose_start_was_lost_is_dropped_too() {
    let mut decoder = ScanDecoder::new(ScanOptions::default());
    let mut facts = Vec::new();
    decoder.push(b"@", Mono(0), &mut facts);
    decoder.broken(&mut facts);
    decoder.push(b"DCSSMITH\nDACJOHN\nDAG1 ROAD\r", Mono(1), &mut facts);
    let facts: Vec<String> = facts.iter().map(shown).collect();
    assert_eq!(facts, [r#"UNKNOWN "" id"#]);
}

#[test]
fn addresses_in_element_strings_are_left_out() {
    check(
        "]C1003704003068099817334300SMITH\u{1d}420123",
        "GS1-128 \"\" (00)370400306809981733 (420)123",
    );
}

#[test]
fn a_payload_without_its_end_is_given_up_and_counted() {
    let mut decoder = ScanDecoder::new(ScanOptions::default());
    let mut facts = Vec::new();
    decoder.push(b"59012", Mono(0), &mut facts);
    let deadline = decoder.deadline().unwrap();
    assert_eq!(deadline, Mono(0).plus(limits::PAYLOAD_IDLE));
    decoder.push(b"5901234123457\r", deadline, &mut facts);
    assert_eq!(facts.len(), 1);
    assert_eq!((decoder.counters().abandoned, decoder.deadline()), (1, None));
}

#[test]
fn an_endless_payload_is_dropped_and_counted_and_the_next_one_read() {
    let noise = vec![b'x'; limits::SCAN_BYTES + 1];
    let (facts, counters) =
        decode(&ScanOptions::default(), &[&noise, &noise, b"\r5901234123457\r"]);
    assert_eq!((facts.len(), counters.overlong), (1, 1));
}

#[test]
fn bytes_that_are_no_text_are_latin_1() {
    let (facts, _) = decode(&ScanOptions::default(), &[b"]Q1caf\xe9\r"]);
    assert_eq!(facts, [r#"QR "café""#]);
}
