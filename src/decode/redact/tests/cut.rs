//! Secrets cut by the end of a line or of a document.

use super::*;

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
fn a_number_over_several_lines_is_found() {
    assert_eq!(
        redacted(&["CARD 4111", "1111", "", "1111", "1111", "OK"]),
        ["CARD ****", "****", "", "****", "1111", "OK"]
    );
    assert_eq!(redacted(&["41111", "1111111", "1111"]), ["*****", "*******", "1111"]);
    // A display's cells, each after its place.
    assert_eq!(
        redacted(&["$4$5$3$9$5$7$3$8$       9$", "3$5$", "5$ 6$7$1$0"]),
        ["$*$*$*$*$*$*$*$*$       *$", "*$*$", "*$ 6$7$1$0"]
    );
    let numbers = ["12", "4711", "4712", "4713", "4714", "4715"];
    assert_eq!(redacted(&numbers), numbers);
}

#[test]
fn blank_lines_are_no_neighbours() {
    assert_eq!(redacted(&["CVV", "", "", "123"]), ["CVV", "", "", "***"]);
    assert_eq!(redacted(&["41111111", "", "11111111"]), ["********", "", "****1111"]);
    assert_eq!(redacted(&["A", "", "", "B", ""]), ["A", "", "", "B", ""]);
}

/// What leaves of a line that was cut off, and of the line after it.
fn cut_off(line: &str, next: &str) -> [String; 2] {
    let mut redactor = Redactor::default();
    let mut out = Vec::new();
    redactor.line(RawLine { text: line.to_owned(), ..RawLine::default() }, &mut out);
    redactor.cut_off();
    redactor.flush(&mut out);
    redactor.line(RawLine { text: next.to_owned(), ..RawLine::default() }, &mut out);
    redactor.flush(&mut out);
    [0, 1].map(|at| match out.get(at) {
        Some(DocumentFact::Line(line)) => line.text.clone(),
        other => format!("{other:?}"),
    })
}

#[test]
fn half_a_number_at_a_break_is_hidden() {
    let check = |line: &str, next: &str, expected: [&str; 2]| {
        assert_eq!(cut_off(line, next), expected);
    };
    check("CARD 411111111111", "1111 OK", ["CARD ************", "1111 OK"]);
    check("CARD 4111 1111 1", "11 1111 1111", ["CARD **** **** *", "** **** 1111"]);
    check("%B4111111111", "TOTAL 4.00", ["%B**********", "TOTAL 4.00"]);
    check("41111", "11111111111", ["41111", "*******1111"]);
    check("TOTAL 12.50", "12.50 CASH", ["TOTAL 12.50", "12.50 CASH"]);
    check("BON 0004711", "4711 TEA 1.99", ["BON 0004711", "4711 TEA 1.99"]);
}

#[test]
fn other_facts_keep_their_place_and_no_more_than_the_bound_wait() {
    let mut redactor = Redactor::default();
    let mut out = Vec::new();
    redactor.line(RawLine { text: "41111111".to_owned(), ..RawLine::default() }, &mut out);
    redactor.fact(DocumentFact::DrawerKick, &mut out);
    assert!(out.is_empty());
    redactor.line(RawLine { text: "11111111 OK".to_owned(), ..RawLine::default() }, &mut out);
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
