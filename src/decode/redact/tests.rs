//! Redaction by example and by property.
//!
//! `CASES` sets how many random cases run (default 20,000), `SEED` repeats a run.

use proptest::prelude::*;

use super::*;
use crate::decode::DocumentFact;
use crate::limits;

fn check(input: &str, expected: &str) {
    assert_eq!(text(input), expected);
}

fn untouched(input: &str) {
    check(input, input);
}

#[test]
fn card_numbers_keep_their_last_four_digits() {
    check("VISA 4111111111111111", "VISA ************1111");
    check("4111 1111 1111 1111 12/27", "**** **** **** 1111 12/27");
    check("5500-0000-0000-0004", "****-****-****-0004");
    check("AMEX 3782 822463 10005 OK", "AMEX **** ****** *0005 OK");
    check("6011.1111.1111.1117", "****.****.****.1117");
    check("4 1 1 1  1 1 1 1  1 1 1 1  1 1 1 1", "* * * *  * * * *  * * * *  1 1 1 1");
    check("1 4111 1111 1111 1111", "1 **** **** **** 1111");
    check("４１１１１１１１１１１１１１１１", "************１１１１");
}

#[test]
fn masked_numbers_amounts_dates_and_articles_stay() {
    untouched("************1111");
    untouched("4111 11** **** 1111");
    untouched("XXXXXXXXXXXX7890");
    untouched("1072  1  80.00  80.00  80.00");
    untouched("4.00 12.50 3.00 100.00 4.00 4.00");
    untouched("2026-11-21 14:05:00 0003-01");
    untouched("4111111111111112");
    untouched("5012345678900 TEA 1.99");
    untouched("TEL : 07-5547360 / 016-7993391  FAX : 07-5624059");
    untouched("GST ID : 002116837376");
}

#[test]
fn an_article_number_is_told_from_a_card_by_how_it_was_printed() {
    // Passes as EAN-13 and as a Visa number of 13 digits.
    let both = "4000000000006";
    assert!(text(both).starts_with("*********"));
    assert_eq!(barcode("EAN13", both), both);
    assert_eq!(barcode("CODE128", "4111111111111111"), "************1111");
}

#[test]
fn track_data_is_dropped_whole() {
    check("A %B4111111111111111^DOE/JOHN^27121010000000? B", "A  B");
    check("A ;4111111111111111=27121010000000? B", "A  B");
    check("A ;4111111111111111=2712", "A");
    check("57: 4111111111111111D27121010000012345F", "57: F");
    untouched("100% Bio; 3=2+1");
}

#[test]
fn labelled_security_codes_are_masked() {
    check("CVV: 123", "CVV: ***");
    check("cvc2 4567", "cvc2 ****");
    check("Security code no. 987", "Security code no. ***");
    check("CID=1234 OK", "CID=**** OK");
    untouched("ACID 123");
    untouched("CVV 12345");
    untouched("INVOICE 123");
}

/// The lines that leave for the lines that come.
fn redacted(lines: &[&str]) -> Vec<String> {
    let mut redactor = Redactor::default();
    let mut out = Vec::new();
    for line in lines {
        redactor.line(RawLine { text: (*line).to_owned(), ..RawLine::default() }, &mut out);
    }
    redactor.flush(&mut out);
    let text = |fact: DocumentFact| match fact {
        DocumentFact::Line(line) => line.text,
        other => format!("{other:?}"),
    };
    out.into_iter().map(text).collect()
}

#[test]
fn secrets_cut_by_a_line_end_are_found() {
    assert_eq!(
        redacted(&["CARD 41111111", "  11111111", "CVV", "123"]),
        ["CARD ********", "  ****1111", "CVV", "***"]
    );
    assert_eq!(redacted(&["%B4111111111111111^DOE/", "JOHN^2712101?"]), ["", ""]);
    assert_eq!(redacted(&["TOTAL 4.00", "CASH 11.00"]), ["TOTAL 4.00", "CASH 11.00"]);
}

#[test]
fn a_track_is_dropped_over_all_the_lines_it_was_cut_into() {
    let one = ["SALE", "A %B4111111111111111^DOE/JOHN", "MIDDLE^27121010000", "00123? B", "4.00"];
    assert_eq!(redacted(&one), ["SALE", "A", "", " B", "4.00"]);
    let two = ["SALE 1", ";4111111111111111=2712", "1010000000? B", "TOTAL?"];
    assert_eq!(redacted(&two), ["SALE 1", "", " B", "TOTAL?"]);
    let endless = ["SALE 1", ";4111111111111111=2712", "1010000000", "TOTAL 4.00", "HELP?"];
    assert_eq!(redacted(&endless), ["SALE 1", "", "", "TOTAL 4.00", "HELP?"]);
}

/// What secrets are made of, and what is around them.
fn text_with_secrets() -> impl Strategy<Value = String> {
    let pieces = [
        "4111111111111111",
        "4000000000004002",
        "4111",
        "1111",
        "5500 0000 0000 0004",
        "37828224631",
        "%B4111111111111111^DOE/JOHN^2712101?",
        ";4111111111111111=27121010000000?",
        "%B",
        "^",
        ";",
        "=",
        "?",
        "D",
        "2712101",
        "CVV",
        "CID:",
        "security code no.",
        " ",
        " ",
        "-",
        ".",
        "*",
        "\n",
        "1",
        "12",
        "123",
        "0",
        "TEA",
        "４",
        "６",
    ];
    let piece = prop_oneof![
        prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        (0..1_000_000_000_u64).prop_map(|number| number.to_string()),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn what_is_redacted_has_nothing_left_to_redact(secret in text_with_secrets()) {
        let once = text(&secret);
        prop_assert_eq!(text(&once), once);
    }
}

#[test]
fn redacting_again_changes_nothing() {
    for secret in [
        "VISA 4000000000004002 4111 1111 1111",
        "CVV ;4111111111111111=27121010000000?123",
        "4111;4111111111111111=27121010000000?111111111111",
        "41111111 %B4111111111111111^DOE/JOHN^27121010000000? 11111111",
    ] {
        let once = text(secret);
        check(&once, &once);
    }
}

#[test]
fn other_facts_keep_their_place_and_no_more_than_the_bound_wait() {
    let mut redactor = Redactor::default();
    let mut out = Vec::new();
    redactor.line(RawLine { text: "41111111".to_owned(), ..RawLine::default() }, &mut out);
    redactor.fact(DocumentFact::DrawerKick, &mut out);
    assert!(out.is_empty());
    redactor.line(RawLine { text: "11111111".to_owned(), ..RawLine::default() }, &mut out);
    assert!(
        matches!(&out[..], [DocumentFact::Line(line), DocumentFact::DrawerKick] if line.text == "********")
    );
    for _ in 0..=limits::HELD_FACTS {
        redactor.fact(DocumentFact::DrawerKick, &mut out);
    }
    assert_eq!(out.len(), 2 + 1 + limits::HELD_FACTS + 1);
}

/// Prefix and length of cards in use.
const CARDS: &[(&str, usize)] = &[
    ("4", 16),
    ("4", 13),
    ("4", 19),
    ("51", 16),
    ("55", 16),
    ("2221", 16),
    ("2720", 16),
    ("34", 15),
    ("37", 15),
    ("6011", 16),
    ("65", 16),
    ("3528", 16),
    ("36", 14),
    ("38", 14),
    ("62", 16),
    ("62", 19),
    ("6759", 16),
    ("5018", 16),
    ("2200", 16),
];

/// A number that passes Luhn's check.
fn card(random: &mut fastrand::Rng) -> String {
    let (prefix, length) = *random.choice(CARDS).unwrap();
    let mut number = prefix.to_owned();
    while number.len() < length - 1 {
        number.push(random.digit(10));
    }
    let sum: u32 = number
        .chars()
        .rev()
        .enumerate()
        .map(|(place, c)| {
            let d = c.to_digit(10).unwrap() * (2 - place as u32 % 2);
            d / 10 + d % 10
        })
        .sum();
    number.push(char::from_digit((10 - sum % 10) % 10, 10).unwrap());
    number
}

/// The number as someone might print it: together, in equal groups or as its brand does.
fn written(number: &str, random: &mut fastrand::Rng) -> String {
    let separators = [" ", "-", ".", "  ", " - "];
    let sizes: &[usize] = match random.u8(0..5) {
        0 => return number.to_owned(),
        1 if number.len() < 16 => &[4, 6, 5],
        2 => &[1],
        3 => &[random.usize(2..=9)],
        _ => &[4],
    };
    let one = random.choice(separators).unwrap();
    let mixed = sizes == [4];
    let mut out = String::new();
    let mut sizes = sizes.iter().cycle();
    let mut rest = number;
    while !rest.is_empty() {
        let (group, after) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
        out.push_str(group);
        if !after.is_empty() {
            out.push_str(if mixed { random.choice(separators).unwrap() } else { one });
        }
        rest = after;
    }
    out
}

/// The ESC/POS stream of a text with commands strewn in, which do not change what is read.
fn stream(text: &str, random: &mut fastrand::Rng) -> Vec<u8> {
    const HARMLESS: &[&[u8]] = &[
        b"\x1BE\x01",
        b"\x1BE\x00",
        b"\x1B-\x01",
        b"\x1D!\x11",
        b"\x1D!\x00",
        b"\x1B!\x08",
        b"\x10\x04\x01",
        b"\x1BM\x01",
        b"\x1BM\x00",
        b"\x1Bp\x00\x32\xFA",
        b"\x1B\\\x00\x00",
        b"\x00",
        b"\x1Bt\x10",
    ];
    let mut bytes = Vec::new();
    for byte in text.bytes() {
        if random.u8(0..6) == 0 {
            bytes.extend_from_slice(random.choice(HARMLESS).unwrap());
        }
        bytes.push(byte);
    }
    bytes
}

#[test]
fn no_card_number_leaves_the_decoder_however_it_is_printed() {
    let number = |name: &str, default| {
        std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
    };
    let seed = number("SEED", fastrand::u64(..));
    println!("SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for case in 0..number("CASES", 20_000) {
        let number = card(&mut random);
        let mut text = format!("CARD {} OK", written(&number, &mut random));
        if random.bool() {
            // Cut by a line end, between two digits.
            let places: Vec<usize> = text
                .char_indices()
                .skip(6)
                .filter(|(_, c)| c.is_ascii_digit())
                .map(|(at, _)| at)
                .collect();
            text.insert(*random.choice(&places).unwrap(), '\n');
            text = text.replace(" \n", "\n");
        }
        text.push('\n');
        let bytes = stream(&text, &mut random);
        let mut decoder =
            crate::decode::escpos::Decoder::new(crate::decode::escpos::EscposOptions::default());
        let mut facts = Vec::new();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(random.usize(1..=rest.len()));
            decoder.push(chunk, crate::time::Mono(0), &mut facts);
            rest = after;
        }
        decoder.finish(&mut facts);
        let shown: String = format!("{facts:?}").chars().filter(char::is_ascii_digit).collect();
        assert!(shown.len() <= 4, "SEED={seed} case {case}: {text:?} became {facts:?}");
    }
}

#[test]
fn a_receipt_number_and_the_date_below_it_are_no_card() {
    for number in (1..2_000_000).step_by(397) {
        for date in ["2026-11-21 14:05", "21.11.2026 14:05:33", "11-21-26 02:05", "21 11 2026"] {
            let lines = [format!("RECEIPT # {number}"), date.to_owned(), "TOTAL 2.50".to_owned()];
            assert_eq!(redacted(&lines.each_ref().map(String::as_str)), lines);
        }
    }
}

#[test]
fn an_article_number_and_the_amount_below_it_are_no_card() {
    for article in (4_000_000_000_000_u64..4_000_000_400_000).step_by(997) {
        let lines = [format!("TEA {article}"), "13.50 A".to_owned(), "TOTAL 13.50".to_owned()];
        let found = redacted(&lines.each_ref().map(String::as_str));
        assert_eq!(found.last(), lines.last());
        assert_eq!(found.get(1), lines.get(1));
    }
}
