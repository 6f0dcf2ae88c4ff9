//! Redaction by example; by property in [`random`].

mod random;

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
