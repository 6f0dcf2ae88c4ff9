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

/// Prints one paper after another as (number, printed time, price): which of them are sales.
fn check_key(key: Key, papers: &[(Option<&str>, Option<&str>, i64)], expected: &[bool]) {
    let mut facts = Vec::new();
    for (printed_number, printed_at, amount) in papers {
        facts.extend(printed_number.map(|it| (0, number(it))));
        facts.extend(printed_at.map(|it| (0, PosFact::PrintedAt(format!("2026-11-21T{it}")))));
        facts.extend([(0, item("tea", *amount)), (0, CUT)]);
    }
    let (bodies, _) = track_at(TillSettings { key, ..settings(eur()) }, &facts);
    let sales = bodies.iter().map(|body| matches!(body, Body::Receipt(_)));
    assert_eq!(sales.collect::<Vec<_>>(), expected, "{key:?} {papers:?}");
}

#[test]
fn the_dialect_says_what_two_prints_have_in_common() {
    let all = Key::default();
    let (seven, noon, later) = (Some("7"), Some("12:00:00"), Some("12:01:00"));
    check_key(all, &[(seven, noon, 100), (seven, noon, 100)], &[true, false]);
    check_key(all, &[(seven, noon, 100), (seven, later, 100)], &[true, true]);
    check_key(all, &[(seven, noon, 100), (seven, noon, 200)], &[true, true]);
    let timeless = Key { printed_at: false, ..all };
    check_key(timeless, &[(seven, noon, 100), (seven, later, 100)], &[true, false]);
    let sumless = Key { total: false, ..all };
    check_key(sumless, &[(seven, noon, 100), (seven, noon, 200)], &[true, false]);
    let numberless = Key { number: false, ..all };
    check_key(numberless, &[(seven, noon, 100), (Some("8"), noon, 100)], &[true, true]);
}

#[test]
fn equal_sales_without_a_number_stay_apart_though_the_agent_was_started_anew_between_them() {
    let ids = [0, 5].map(|second| {
        let sale = [item("Milk", 129), PosFact::Total(129), CUT].map(|fact| (second, fact));
        only_receipt(&track(&sale).0).receipt_id.clone()
    });
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn without_a_number_only_a_time_to_the_second_proves_a_copy() {
    let all = Key::default();
    let (minute, second) = (Some("12:00:00"), Some("12:00:05"));
    check_key(all, &[(None, minute, 100), (None, minute, 100)], &[true, true]);
    check_key(all, &[(None, None, 100), (None, None, 100)], &[true, true]);
    check_key(all, &[(None, second, 100), (None, second, 100)], &[true, false]);
    check_key(all, &[(None, second, 100), (None, second, 200)], &[true, true]);
    let timeless = Key { printed_at: false, ..all };
    check_key(timeless, &[(None, second, 100), (None, second, 100)], &[true, true]);
}

#[test]
fn a_marked_copy_may_be_printed_another_day_or_leave_lines_out() {
    let sale = |day: &str, lines: usize| {
        let mut facts = vec![number("7"), PosFact::PrintedAt(format!("2026-11-{day}"))];
        facts.extend(vec![item("tea", 100); lines]);
        facts.extend([PosFact::Total(200), approved(PaymentMethod::Cash, 200), CUT]);
        facts
    };
    for copy in [sale("22", 2), sale("21", 0)] {
        let facts = [sale("21", 2), vec![PosFact::Reprint], copy].concat();
        let facts: Vec<_> = facts.into_iter().map(|fact| (0, fact)).collect();
        let (bodies, _) = track(&facts);
        assert_eq!(
            words(&bodies[1..]).first().and_then(|words| words.split(':').next()),
            Some("reprint")
        );
    }
}

#[test]
fn a_receipt_cut_short_and_printed_again_in_full_is_one_sale() {
    let broken = PosFact::End(DocumentEnd::Broken);
    let first = [number("7"), item("tea", 100), broken];
    let whole = || [number("7"), item("tea", 100), item("tea", 50), PosFact::Total(150), CUT];
    let short = "Sale till-1-20261118-7 of 100, checks failed";
    let sale = "Sale till-1-20261118-7-2 of 150, checks failed";
    for mark in [None, Some(PosFact::Reprint)] {
        let facts = first.iter().cloned().chain(mark.clone()).chain(whole()).chain(whole());
        let (bodies, _) = track(&facts.map(|fact| (0, fact)).collect::<Vec<_>>());
        let expected = match mark {
            Some(_) => vec![short, "void till-1-20261118-7", sale, "reprint: till-1-20261118-7"],
            // Unmarked, with another total: the number may have been given out twice.
            None => vec![short, sale, "reprint: till-1-20261118-7"],
        };
        assert_eq!(words(&bodies), expected);
    }
}

#[test]
fn a_sale_exercised_in_training_is_not_the_sale() {
    let facts = [PosFact::Training, number("7"), item("tea", 100), CUT].into_iter().chain([
        number("7"),
        item("tea", 100),
        CUT,
    ]);
    let (bodies, tracker) = track(&facts.map(|fact| (0, fact)).collect::<Vec<_>>());
    assert_eq!((bodies.len(), tracker.counters().receipts), (2, 2));
}

/// The day in the id of a receipt printed at `printed`, or without a time at the gateway's.
fn check_day(starts: u64, printed: Option<&str>, wall: &str, expected: &str) {
    let business_day_starts = Duration::from_secs(starts * 60 * 60);
    let zone = TimeZone::fixed(jiff::tz::offset(1));
    let mut tracker =
        ReceiptTracker::new(TillSettings { business_day_starts, zone, ..settings(eur()) });
    let wall: jiff::Timestamp = wall.parse().unwrap();
    let now = Now { mono: Mono(0), wall: UtcMs(wall.as_millisecond()) };
    let printed = printed.map(|printed| PosFact::PrintedAt(printed.to_owned()));
    let mut out = Vec::new();
    for fact in printed.into_iter().chain([number("7"), item("tea", 100), CUT]) {
        tracker.step(now, fact, &mut out);
    }
    let bodies: Vec<_> = out.into_iter().map(|record| record.body).collect();
    let id = only_receipt(&bodies).receipt_id.clone();
    assert_eq!(id, format!("till-1-{expected}-7"), "{starts} {printed:?}", printed = wall);
}

#[test]
fn a_shops_day_may_end_after_midnight() {
    let noon = "2026-11-21T12:00:00Z";
    check_day(4, Some("2026-11-21T03:59:59"), noon, "20261120");
    check_day(4, Some("2026-11-21T04:00:00"), noon, "20261121");
    check_day(0, Some("2026-11-21T00:30:00"), noon, "20261121");
    check_day(4, Some("2026-11-21"), noon, "20261121");
    check_day(4, Some("soon"), noon, "20261121");
    check_day(0, None, "2026-11-21T23:30:00Z", "20261122");
    check_day(4, None, "2026-11-21T23:30:00Z", "20261121");
}

#[test]
fn copies_are_known_among_as_many_papers_as_are_remembered() {
    let sale = |n: usize| [(0, number(&n.to_string())), (0, item("tea", 100)), (0, CUT)];
    let papers = (0..limits::RECEIPT_IDENTITIES).chain([0, 1]);
    let (_, tracker) = track(&papers.flat_map(sale).collect::<Vec<_>>());
    let counters = tracker.counters();
    // Paper 0 is forgotten to make room for the first copy, which is therefore a sale; paper 1 then, too.
    let expected = (limits::RECEIPT_IDENTITIES as u64 + 2, 0);
    assert_eq!((counters.receipts, counters.reprints), expected);
    let papers = (0..limits::RECEIPT_IDENTITIES).chain([1, 1]);
    let (_, tracker) = track(&papers.flat_map(sale).collect::<Vec<_>>());
    assert_eq!(tracker.counters().reprints, 2);
}
