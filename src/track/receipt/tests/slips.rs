//! What stands on paper beside a sale, or without one.

use super::*;
use crate::decode::{OrderMode, StockMove, StockReason};

fn stock(reason: StockReason, name: &str, pieces: i64) -> PosFact {
    PosFact::Stock(StockMove {
        reason,
        sku: None,
        description: Some(name.to_owned()),
        quantity_milli: pieces * 1000,
        place: None,
    })
}

fn order(number: &str, mode: OrderMode) -> PosFact {
    PosFact::Order { number: number.to_owned(), mode }
}

fn order_item(name: &str, pieces: i64) -> PosFact {
    let (sku, description) = (None, Some(name.to_owned()));
    PosFact::OrderItem { sku, description, quantity_milli: pieces * 1000 }
}

fn operator(signed_on: bool) -> PosFact {
    PosFact::Operator { signed_on, operator: Some("12".into()) }
}

#[test]
fn a_stock_slip_books_what_the_catalogue_knows_and_tells_the_rest() {
    check_document(
        &[
            number("88"),
            PosFact::Unmatched("DELIVERY".into()),
            stock(StockReason::Restock, "apple", 12),
            stock(StockReason::Damage, "jumper blue", 1),
            stock(StockReason::Count, "apple", 40),
            stock(StockReason::Shrink, "pear", 1),
        ],
        &[
            "InboundShipment 501 x 12 by 88",
            "Damaged 502 x -1 by 88",
            "counted 501 x 40",
            "stock_slip: [stock shrink pear x 1]",
        ],
    );
}

#[test]
fn an_order_leaves_with_its_articles() {
    check_document(
        &[
            order_item("apple", 1),
            order("W-1", OrderMode::PickUp),
            order_item("apple", 2),
            order_item("pear", 1),
            order("W-2", OrderMode::ShipFromStore),
            order_item("Jumper Blue", 1),
        ],
        &[
            "order_slip: [order item apple x 1]",
            "picked W-1",
            "Bopis 501 x -2 by W-1",
            "order_slip: [order item pear x 1]",
            "shipped W-2",
            "OutboundShipment 502 x -1 by W-2",
        ],
    );
}

#[test]
fn cash_and_operators_are_told_by_kind() {
    let cash = |amount| PosFact::CashMoved { amount, reason: None };
    check_document(&[cash(5000)], &["cash_in: [cash in 5000]"]);
    check_document(&[cash(-5000)], &["cash_out: [cash out 5000]"]);
    check_document(
        &[operator(true), operator(false)],
        &["operator_signed_on: [signed on 12]", "operator_signed_off: [signed off 12]"],
    );
}

#[test]
fn what_is_exercised_in_training_is_not_booked() {
    check_document(
        &[PosFact::Training, stock(StockReason::Restock, "apple", 12)],
        &["training: [stock restock apple x 12]"],
    );
    let sale = [PosFact::Training, number("7"), item("apple", 100), operator(true)];
    let bodies = check_document(
        &sale,
        &["Sale till-1-20261118-7 of 100, checks failed", "training: [signed on 12]"],
    );
    let Some(Body::Receipt(receipt)) = bodies.first() else { panic!("{bodies:?}") };
    assert_eq!((receipt.training, receipt.stock_changes.len()), (true, 0));
}

#[test]
fn a_sale_and_a_slip_on_one_paper_are_both_told_and_their_copy_neither() {
    let paper = [number("7"), item("tea", 100), order("W-1", OrderMode::PickUp), CUT];
    let facts: Vec<_> = paper.iter().chain(&paper).cloned().map(|fact| (0, fact)).collect();
    assert_eq!(
        words(&track(&facts).0),
        [
            "Sale till-1-20261118-7 of 100, checks failed",
            "picked W-1",
            "reprint: till-1-20261118-7"
        ]
    );
}

/// Two equal slips a minute apart, the second perhaps with `mark`: how many of them are booked.
fn check_twice(slip: &[PosFact], mark: Option<PosFact>, booked: u64) {
    let first = slip.iter().cloned().chain([CUT]).map(|fact| (0, fact));
    let second = mark.into_iter().chain(slip.iter().cloned()).chain([CUT]).map(|fact| (60, fact));
    let (bodies, tracker) = track(&first.chain(second).collect::<Vec<_>>());
    let counters = tracker.counters();
    assert_eq!((counters.slips, counters.reprints), (booked, 2 - booked), "{bodies:?}");
}

#[test]
fn a_copy_of_a_slip_is_not_booked_again() {
    let restock = stock(StockReason::Restock, "apple", 12);
    let at = |time: &str| PosFact::PrintedAt(format!("2026-11-18T{time}"));
    check_twice(std::slice::from_ref(&restock), None, 2);
    check_twice(std::slice::from_ref(&restock), Some(PosFact::Reprint), 1);
    check_twice(&[number("88"), restock.clone()], None, 1);
    check_twice(&[at("10:00:00"), restock.clone()], None, 2);
    check_twice(&[at("10:00:01"), restock], None, 1);
    check_twice(&[order("W-1", OrderMode::PickUp)], None, 1);
    check_twice(&[order("W-1", OrderMode::PickUp)], Some(at("10:05:00")), 1);
}

/// Facts without an end: when the tracker wants to be asked again, and what it says then.
fn check_silence(facts: &[(u64, PosFact)], due: u64, expected: &[&str]) {
    let (bodies, mut tracker) = track(facts);
    assert_eq!((bodies, tracker.deadline()), (vec![], Some(at(due).mono)));
    let mut out = Vec::new();
    tracker.tick(at(due - 1), &mut out);
    assert_eq!(out, []);
    tracker.tick(at(due), &mut out);
    let bodies: Vec<_> = out.iter().map(|record| record.body.clone()).collect();
    assert_eq!(words(&bodies), expected);
    let last = facts.last().map_or(0, |(second, _)| *second);
    assert!(out.iter().all(|record| record.at == at(last).wall), "{out:?}");
    assert_eq!(tracker.deadline(), None);
}

#[test]
fn facts_without_an_end_are_taken_as_whole_after_silence() {
    let scan = |second| (second, stock(StockReason::Count, "apple", 4));
    let told = ["counted 501 x 4", "counted 501 x 4"];
    check_silence(&[scan(0), scan(5)], 5 + limits::SLIP_IDLE.as_secs(), &told);
    let sale = [(0, number("7")), (1, item("tea", 100)), (30, item("tea", 100))];
    let told = ["Sale till-1-20261118-7 of 200, checks failed"];
    check_silence(&sale, 30 + limits::RECEIPT_IDLE.as_secs(), &told);
    let header = [(0, PosFact::Unmatched("MARKET".into()))];
    check_silence(&header, limits::RECEIPT_IDLE.as_secs(), &["unparsed_document: MARKET"]);
}

#[test]
fn a_device_that_goes_away_leaves_an_incomplete_sale_or_a_whole_slip() {
    for (fact, complete) in [(item("tea", 100), Some(false)), (operator(true), None)] {
        let (_, mut tracker) = track(&[(0, fact)]);
        let mut out = Vec::new();
        tracker.finish(at(1), &mut out);
        tracker.finish(at(2), &mut out);
        let [record] = out.as_slice() else { panic!("{out:?}") };
        let found = match &record.body {
            Body::Receipt(receipt) => Some(receipt.complete),
            _ => None,
        };
        assert_eq!(found, complete);
    }
}
