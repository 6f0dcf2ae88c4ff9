//! Which receipt is which: numbers that come again, and copies.

use super::*;

#[test]
fn the_same_number_a_day_later_is_another_receipt() {
    let day = 24 * 60 * 60;
    let mut facts = Vec::new();
    for second in [0, day - 1, 2 * day + 10] {
        facts.extend([
            (second, PosFact::Number("7".into())),
            (second, item("tea", 100)),
            (second, CUT),
        ]);
    }
    let (bodies, tracker) = track(&facts);
    assert_eq!(bodies.len(), 3);
    assert_eq!((tracker.counters().receipts, tracker.counters().reprints), (2, 1));
}

#[test]
fn a_number_given_out_twice_on_a_day_keeps_both_sales_apart() {
    let sale = |amount| [(0, PosFact::Number("7".into())), (0, item("tea", amount)), (0, CUT)];
    let (bodies, _) = track(&[sale(100), sale(200)].concat());
    let ids: Vec<&str> = bodies
        .iter()
        .map(|body| match body {
            Body::Receipt(receipt) => receipt.receipt_id.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids, ["till-1-20261118-7", "till-1-20261118-7-2"]);
}

/// Sales and copies as (marked as a copy, number, total); what each becomes: a receipt's id, or a kind.
fn check_copies(papers: &[(bool, &str, i64)], expected: &[&str]) -> Vec<Body> {
    let mut facts = Vec::new();
    for (second, (copy, number, amount)) in (0..).zip(papers) {
        facts.extend(copy.then_some((second, PosFact::Reprint)));
        facts.extend([
            (second, PosFact::Number((*number).into())),
            (second, PosFact::PrintedAt(format!("2026-11-21T14:05:{second:02}"))),
            (second, item("tea", *amount)),
            (second, PosFact::Total(*amount)),
            (second, CUT),
        ]);
    }
    let (bodies, _) = track(&facts);
    let words = bodies.iter().map(|body| match body {
        Body::Receipt(receipt) => receipt.receipt_id.as_str(),
        Body::Unknown(unknown) => unknown.kind.as_str(),
        other => panic!("{other:?}"),
    });
    assert_eq!(words.collect::<Vec<_>>(), expected);
    bodies
}

#[test]
fn a_marked_copy_is_known_by_day_number_and_total_whenever_it_was_printed() {
    check_copies(&[(false, "7", 100), (true, "7", 100)], &["till-1-20261121-7", "reprint"]);
}

#[test]
fn a_copy_of_a_receipt_that_was_never_seen_is_told_with_all_that_it_says() {
    let bodies = check_copies(
        &[(true, "7", 150), (true, "7", 150), (false, "8", 100), (true, "8", 999)],
        &["reprint_unseen", "reprint_unseen", "till-1-20261121-8", "reprint_unseen"],
    );
    let Some(Body::Unknown(copy)) = bodies.first() else { panic!("{bodies:?}") };
    for part in ["till-1-20261121-7", "EUR", "tea", "150"] {
        assert!(copy.text.contains(part), "{part} in {:?}", copy.text);
    }
}

#[test]
fn a_copy_that_was_never_seen_is_bounded() {
    let mut facts = vec![(0, PosFact::Reprint)];
    facts.extend(vec![(0, item("tea", 1)); limits::RECEIPT_PARTS]);
    facts.push((1, CUT));
    let (bodies, tracker) = track(&facts);
    assert!(matches!(bodies.as_slice(),
        [Body::Unknown(copy)] if copy.text.chars().count() <= limits::UNPARSED_CHARS));
    assert_eq!((tracker.counters().reprints, tracker.counters().receipts), (1, 0));
}
