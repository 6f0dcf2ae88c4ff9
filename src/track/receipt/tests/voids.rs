//! What is taken back: lines, pieces of them, whole receipts.

use tillgate_events::{ReceiptType, StockReason};

use super::*;

fn pieces(description: &str, pieces: i64, price: i64) -> PosFact {
    PosFact::Item(Item {
        description: description.to_owned(),
        quantity_milli: pieces * 1000,
        unit_price: Some(price),
        amount: pieces * price,
        ..Item::default()
    })
}

fn void(description: Option<&str>, amount: Option<i64>) -> PosFact {
    PosFact::VoidItem { description: description.map(str::to_owned), amount }
}

/// A receipt's lines as (pieces, amount, voided), and the stock it moves as (reason, pieces).
fn check_lines(
    facts: &[PosFact],
    kind: &str,
    lines: &[(i64, i64, bool)],
    stock: &[(StockReason, i64)],
) {
    let facts: Vec<_> = facts.iter().cloned().chain([CUT]).map(|fact| (0, fact)).collect();
    let (bodies, _) = track(&facts);
    let receipt = only_receipt(&bodies);
    let found = receipt.lines.iter().map(|l| (l.quantity, l.extended_price, l.voided));
    assert_eq!(found.collect::<Vec<_>>(), lines, "{facts:?}");
    let moved = receipt.stock_changes.iter().map(|change| (change.reason, change.quantity_delta));
    assert_eq!(moved.collect::<Vec<_>>(), stock, "{facts:?}");
    assert_eq!(format!("{:?}", receipt.receipt_type), kind, "{facts:?}");
}

#[test]
fn a_line_is_taken_back_by_repetition_by_words_by_amount_or_as_the_last() {
    let sale = || vec![pieces("apple", 1, 100), pieces("pear", 1, 200)];
    let first = [(1, 100, true), (1, 200, false)];
    let last = [(1, 100, false), (1, 200, true)];
    for (back, lines, stock) in [
        (pieces("apple", -1, 100), first, &[][..]),
        (void(Some("APPLE"), None), first, &[]),
        (void(None, Some(-100)), first, &[]),
        (void(None, None), last, &[(StockReason::Sale, -1)]),
    ] {
        check_lines(&[sale(), vec![back]].concat(), "Sale", &lines, stock);
    }
}

#[test]
fn some_pieces_taken_back_are_no_return() {
    let lines = [(3, 300, false), (-1, -100, false)];
    let stock = [(StockReason::Sale, -3), (StockReason::Sale, 1)];
    for back in [pieces("apple", -1, 100), void(Some("apple"), Some(100))] {
        check_lines(&[pieces("apple", 3, 100), back], "Sale", &lines, &stock);
    }
}

#[test]
fn another_article_or_price_that_comes_back_is_an_exchange() {
    let stock = [(StockReason::Sale, -1), (StockReason::Return, 1)];
    check_lines(
        &[pieces("apple", 1, 300), pieces("apple", -1, 200)],
        "Exchange",
        &[(1, 300, false), (-1, -200, false)],
        &stock,
    );
    check_lines(
        &[pieces("pear", 1, 300), pieces("apple", -1, 100)],
        "Exchange",
        &[(1, 300, false), (-1, -100, false)],
        &stock[1..],
    );
}

#[test]
fn a_void_of_what_is_not_there_is_told_of() {
    check_document(
        &[number("7"), item("tea", 100), void(Some("coffee"), Some(70))],
        &[
            "Sale till-1-20261118-7 of 100, checks failed",
            "receipt_notes: till-1-20261118-7 | [void without its article]",
        ],
    );
}

fn cancelled(number: Option<&str>) -> PosFact {
    PosFact::Cancelled { number: number.map(str::to_owned), reason: None }
}

/// Documents one a second, and the words of all records.
fn check_documents(documents: &[&[PosFact]], expected: &[&str]) {
    let facts: Vec<_> = (0..)
        .zip(documents)
        .flat_map(|(second, facts)| facts.iter().cloned().chain([CUT]).map(move |f| (second, f)))
        .collect();
    assert_eq!(words(&track(&facts).0), expected);
}

#[test]
fn a_post_void_names_the_receipt_as_it_was_sent() {
    let at = |day: &str| PosFact::PrintedAt(format!("2026-11-{day}T23:00:00"));
    check_documents(
        &[
            &[number("0041"), at("20"), item("tea", 100)],
            &[number("0041"), at("20"), item("tea", 200)],
            &[number("0042"), at("21"), cancelled(Some("41"))],
        ],
        &[
            "Sale till-1-20261120-0041 of 100, checks failed",
            "Sale till-1-20261120-0041-2 of 200, checks failed",
            "void till-1-20261120-0041-2",
        ],
    );
}

#[test]
fn a_receipt_is_voided_once_and_never_in_training() {
    check_documents(
        &[
            &[number("8"), cancelled(Some("7"))],
            &[number("8"), cancelled(Some("7"))],
            &[PosFact::Reprint, number("9"), cancelled(Some("5"))],
            &[PosFact::Training, number("9"), cancelled(Some("6"))],
        ],
        &[
            "void till-1-20261118-7",
            "reprint: till-1-20261118-7",
            "reprint_unseen: till-1-20261118-5 | [void]",
            "training: [void of till-1-20261118-6]",
        ],
    );
}

#[test]
fn a_number_that_a_cancelled_sale_had_does_not_name_the_next_sale() {
    check_documents(
        &[&[number("7"), item("tea", 100), cancelled(None)], &[number("7"), item("tea", 100)]],
        &["void till-1-20261118-7", "Sale till-1-20261118-7-2 of 100, checks failed"],
    );
}

#[test]
fn a_price_changed_by_hand_counts_and_is_told() {
    let price = |was, now| PosFact::PriceOverride {
        description: None,
        was: Some(was),
        now: Some(now),
        reason: None,
    };
    let paid = |amount| approved(PaymentMethod::Cash, amount);
    let id = "till-1-20261118-7";
    for (was, now, total) in [(100, 80, 160), (50, 40, 200)] {
        let receipt = format!("Sale {id} of {total}");
        let note = format!("receipt_notes: {id} | [price override was {was} now {now}]");
        let total = [PosFact::Total(total), paid(total)];
        let facts = [&[number("7"), pieces("tea", 2, 100), price(was, now)], &total[..]].concat();
        check_document(&facts, &[&receipt, &note]);
    }
}

#[test]
fn a_void_with_a_number_of_its_own_is_of_the_original_that_it_names() {
    let cancelled = PosFact::Cancelled { number: None, reason: None };
    let sale = [number("80"), item("tea", 200), PosFact::Total(200), CUT];
    let void = [cancelled, number("81"), PosFact::Original("80".into()), PosFact::Total(-200), CUT];
    let facts: Vec<_> = sale.into_iter().chain(void).map(|fact| (0, fact)).collect();
    let (bodies, _) = track(&facts);
    let ids: Vec<_> = bodies
        .iter()
        .map(|body| match body {
            Body::Receipt(receipt) => receipt.receipt_id.as_str(),
            Body::ReceiptVoided(void) => void.receipt_id.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids, ["till-1-20261118-80"; 2]);
}

#[test]
fn several_pieces_taken_back_together_are_a_correction_and_another_article_a_return() {
    let check = |name: &str, amount, expected| {
        let PosFact::Item(item) = item(name, amount) else { unreachable!() };
        let item = Item { quantity_milli: -2000, unit_price: Some(200), ..item };
        let tea = || pieces("tea", 1, 200);
        let facts = [tea(), tea(), tea(), PosFact::Minus(item), PosFact::Total(200), CUT];
        let (bodies, _) = track(&facts.map(|fact| (0, fact)));
        let receipt = only_receipt(&bodies);
        assert_eq!((receipt.receipt_type, receipt.discount), (expected, 0), "{name}");
    };
    check("tea", -400, ReceiptType::Sale);
    check("coat", -400, ReceiptType::Exchange);
}

#[test]
fn a_void_without_words_is_a_heading_where_the_next_line_repeats_an_article() {
    let bare = || PosFact::VoidItem { description: None, amount: None };
    let minus = |name: &str, amount| {
        let PosFact::Item(item) = item(name, amount) else { unreachable!() };
        PosFact::Minus(item)
    };
    let check = |after: PosFact, open: &[&str]| {
        let facts = [item("tea", 200), item("bun", 100), bare(), after, CUT];
        let (bodies, _) = track(&facts.map(|fact| (0, fact)));
        let lines = &only_receipt(&bodies).lines;
        let left: Vec<_> = lines.iter().filter(|line| !line.voided).collect();
        let names: Vec<_> = left.iter().map(|line| line.description.as_str()).collect();
        assert_eq!(names, open);
    };
    check(minus("tea", -200), &["bun"]);
    check(minus("bun", -100), &["tea"]);
    check(item("bun", -100), &["tea"]);
    check(item("jam", 50), &["tea", "jam"]);
    check(PosFact::Subtotal(200), &["tea"]);
}
