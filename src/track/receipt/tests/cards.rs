//! The till's payment terminal and the receipts it pays.

use PaymentMethod::{Cash, CreditCard, DebitCard, Other};
use PaymentStatus::{Approved, Declined};

use super::*;
use crate::decode::{CardOperation, CardPayment, PaymentFact};

fn card(amount: i64, status: PaymentStatus) -> PaymentFact {
    PaymentFact::Result(Box::new(CardPayment {
        operation: Some(CardOperation::Payment),
        status,
        decline_reason: None,
        amount: Some(amount),
        currency: None,
        method: DebitCard,
        card_name: None,
        card_last4: Some("4242".into()),
        terminal_id: Some("T1".into()),
        trace_number: Some(7),
        receipt_number: None,
        turnover_number: None,
        month_day_time: None,
        processing_ms: Some(1500),
        whole: true,
    }))
}

fn refund(amount: i64) -> PaymentFact {
    let PaymentFact::Result(mut payment) = card(amount, Approved) else { unreachable!() };
    payment.operation = Some(CardOperation::Refund);
    PaymentFact::Result(payment)
}

/// What the terminal says, then a receipt for tea at 10.00: its payments as (method, amount, status, milliseconds), and
/// how many payments are told on their own in the end.
fn check(
    said: &[PaymentFact],
    printed: &[PosFact],
    expected: &[(PaymentMethod, i64, PaymentStatus, u32)],
    alone: usize,
) -> Receipt {
    let (mut tracker, mut out) = (ReceiptTracker::new(settings(eur())), Vec::new());
    for fact in said {
        tracker.payment(at(0), fact.clone(), &mut out);
    }
    let sale = [item("tea", 1000), PosFact::Total(1000)];
    for fact in sale.iter().chain(printed).cloned().chain([CUT]) {
        tracker.step(at(20), fact, &mut out);
    }
    let due = tracker.deadline();
    let last = if alone == 0 { None } else { Some(at(limits::CARD_WINDOW.as_secs()).mono) };
    assert_eq!(due, last, "{said:?}");
    tracker.tick(at(1000), &mut out);
    let (receipts, others): (Vec<_>, Vec<_>) =
        out.into_iter().map(|record| record.body).partition(|b| matches!(b, Body::Receipt(_)));
    let receipt = only_receipt(&receipts).clone();
    let found =
        receipt.payments.iter().map(|p| (p.method, p.amount, p.status, p.processing_time_ms));
    assert_eq!(found.collect::<Vec<_>>(), expected, "{said:?}");
    let told = words(&others);
    assert!(told.iter().all(|words| words.starts_with("payment: ")), "{told:?}");
    assert_eq!(told.len(), alone, "{told:?}");
    receipt
}

#[test]
fn a_card_that_the_receipt_does_not_print_pays_what_is_left() {
    let receipt = check(&[card(1000, Approved)], &[], &[(DebitCard, 1000, Approved, 1500)], 0);
    let payment = receipt.payments.first().unwrap();
    assert_eq!(payment.transaction_id.as_deref(), Some("T1-000007"));
    assert_eq!((payment.card_last4.as_deref(), receipt.checks_passed), (Some("4242"), true));
    let cash = (Cash, 400, Approved, 0);
    check(
        &[card(600, Approved)],
        &[approved(Cash, 400)],
        &[cash, (DebitCard, 600, Approved, 1500)],
        0,
    );
    check(
        &[card(700, Approved), card(300, Approved)],
        &[],
        &[(DebitCard, 700, Approved, 1500), (DebitCard, 300, Approved, 1500)],
        0,
    );
}

#[test]
fn a_card_that_the_receipt_prints_is_completed_and_not_told_twice() {
    let receipt = check(
        &[card(1000, Approved)],
        &[approved(CreditCard, 1000)],
        &[(CreditCard, 1000, Approved, 1500)],
        0,
    );
    assert!(receipt.checks_passed);
    check(
        &[card(1000, Approved)],
        &[approved(Other, 1000)],
        &[(DebitCard, 1000, Approved, 1500)],
        0,
    );
    check(
        &[card(1000, Approved)],
        &[approved(CreditCard, 1000), PosFact::CardLast4("1111".into())],
        &[(CreditCard, 1000, Approved, 0)],
        1,
    );
}

#[test]
fn a_sale_exercised_in_training_takes_no_payment() {
    check(&[card(1000, Approved)], &[PosFact::Training], &[], 1);
}

#[test]
fn another_amount_is_a_payment_of_its_own() {
    check(&[card(999, Approved)], &[], &[], 1);
    check(&[card(1000, Approved)], &[approved(Cash, 1000)], &[(Cash, 1000, Approved, 0)], 1);
    check(
        &[card(600, Approved)],
        &[approved(CreditCard, 400)],
        &[(CreditCard, 400, Approved, 0)],
        1,
    );
    check(&[refund(1000)], &[], &[], 1);
    check(
        &[card(1000, Approved), card(1000, Approved)],
        &[],
        &[(DebitCard, 1000, Approved, 1500)],
        1,
    );
}

#[test]
fn a_refused_card_belongs_to_the_receipt_that_was_paid_otherwise() {
    check(
        &[card(1000, Declined)],
        &[approved(Cash, 1000)],
        &[(Cash, 1000, Approved, 0), (DebitCard, 1000, Declined, 1500)],
        0,
    );
    check(
        &[card(1000, Declined), card(1000, Approved)],
        &[],
        &[(DebitCard, 1000, Approved, 1500), (DebitCard, 1000, Declined, 1500)],
        0,
    );
    check(
        &[card(1000, Declined)],
        &[approved(CreditCard, 1000)],
        &[(CreditCard, 1000, Approved, 0), (DebitCard, 1000, Declined, 1500)],
        0,
    );
    check(&[card(500, Declined)], &[approved(Cash, 1000)], &[(Cash, 1000, Approved, 0)], 1);
}

#[test]
fn money_back_to_a_card_belongs_to_a_return() {
    let (mut tracker, mut out) = (ReceiptTracker::new(settings(eur())), Vec::new());
    tracker.payment(at(0), refund(300), &mut out);
    for fact in [PosFact::Refund, item("tea", 300), PosFact::Total(300), CUT] {
        tracker.step(at(1), fact, &mut out);
    }
    let bodies: Vec<_> = out.into_iter().map(|record| record.body).collect();
    let receipt = only_receipt(&bodies);
    let found: Vec<_> = receipt.payments.iter().map(|p| (p.method, p.amount)).collect();
    assert_eq!((found, receipt.checks_passed), (vec![(DebitCard, -300)], true));
}

#[test]
fn a_copy_takes_no_payment_and_too_many_payments_are_told_early() {
    let (mut tracker, mut out) = (ReceiptTracker::new(settings(eur())), Vec::new());
    for _ in 0..2 {
        for fact in [number("7"), item("tea", 1000), approved(Cash, 1000), CUT] {
            tracker.step(at(0), fact, &mut out);
        }
        tracker.payment(at(0), card(1000, Approved), &mut out);
    }
    assert_eq!(out.len(), 2);
    for _ in 0..limits::CARD_PAYMENTS {
        tracker.payment(at(1), card(1, Approved), &mut out);
    }
    assert_eq!(out.len(), 4);
    tracker.finish(at(2), &mut out);
    assert_eq!(out.len(), 4 + limits::CARD_PAYMENTS);
}

/// A till with a terminal prints a receipt for tea at 10.00 that ends at second 20; then the terminal speaks, each
/// with its second. What is told until which second.
fn check_late(printed: &[PosFact], said: &[(u64, PaymentFact)], expected: &[(u64, &str)]) {
    let mut tracker = ReceiptTracker::new(settings(eur())).with_terminal();
    let mut told = Vec::new();
    let sale = [item("tea", 1000), PosFact::Total(1000)];
    for second in 20..=1000 {
        let mut out = Vec::new();
        tracker.tick(at(second), &mut out);
        if second == 20 {
            for fact in sale.iter().chain(printed).cloned().chain([CUT]) {
                tracker.step(at(20), fact, &mut out);
            }
        }
        for (_, fact) in said.iter().filter(|(at, _)| *at == second) {
            tracker.payment(at(second), fact.clone(), &mut out);
        }
        told.extend(out.iter().map(|record| (second, in_words(&record.body))));
    }
    let told: Vec<_> = told.iter().map(|(second, words)| (*second, words.as_str())).collect();
    assert_eq!(told, expected, "{printed:?} {said:?}");
    assert_eq!(tracker.deadline(), None);
}

/// A receipt's payments, and whether its sums agree; else the kind.
fn in_words(body: &Body) -> String {
    let Body::Receipt(receipt) = body else { return words(std::slice::from_ref(body)).concat() };
    let paid = receipt
        .payments
        .iter()
        .map(|p| format!("{:?} {} {}", p.method, p.amount, p.processing_time_ms));
    format!("{} {}", paid.collect::<Vec<_>>().join(", "), receipt.checks_passed)
}

#[test]
fn a_receipt_printed_before_the_terminal_speaks_waits_a_little_for_it() {
    let told = [(21, card(1000, Approved))];
    check_late(&[], &told, &[(21, "DebitCard 1000 1500 true")]);
    check_late(&[approved(CreditCard, 1000)], &told, &[(21, "CreditCard 1000 1500 true")]);
    let split = [(21, card(700, Approved)), (23, card(300, Approved))];
    check_late(&[], &split, &[(23, "DebitCard 700 1500, DebitCard 300 1500 true")]);
    let both = [approved(CreditCard, 600), approved(CreditCard, 400)];
    let word = "CreditCard 600 1500, CreditCard 400 1500 true";
    check_late(&both, &[(21, card(400, Approved)), (22, card(600, Approved))], &[(22, word)]);
    let declined = [(21, card(1000, Declined)), (24, card(1000, Approved))];
    check_late(&[], &declined, &[(24, "DebitCard 1000 1500, DebitCard 1000 1500 true")]);
}

#[test]
fn a_receipt_that_needs_no_terminal_does_not_wait() {
    check_late(&[approved(Cash, 1000)], &[], &[(20, "Cash 1000 0 true")]);
    check_late(&[PosFact::Training], &[], &[(20, " false")]);
}

#[test]
fn what_comes_too_late_is_a_payment_of_its_own() {
    let wait = 20 + limits::RECEIPT_AWAITS_CARD.as_secs();
    let last = wait + limits::CARD_WINDOW.as_secs();
    let own =
        "payment: [payment approved 1000, DebitCard, ending in 4242, terminal T1, trace 000007]";
    check_late(&[], &[(wait, card(1000, Approved))], &[(wait, " false"), (last, own)]);
    check_late(&[approved(CreditCard, 1000)], &[], &[(wait, "CreditCard 1000 0 true")]);
}

#[test]
fn the_next_document_and_the_stop_send_the_receipt_that_waits() {
    let mut tracker = ReceiptTracker::new(settings(eur())).with_terminal();
    let mut out = Vec::new();
    for name in ["tea", "bun"] {
        for fact in [number(name), item(name, 1000), approved(CreditCard, 1000), CUT] {
            tracker.step(at(20), fact, &mut out);
        }
    }
    assert_eq!(out.len(), 1);
    tracker.broken(at(21), &mut out);
    assert_eq!(out.len(), 1);
    tracker.finish(at(21), &mut out);
    assert_eq!(out.len(), 2);
}
