//! How a receipt is paid.

use PaymentMethod::{Cash, CreditCard, DebitCard, GiftCard, LoyaltyPoints, Other};

use super::*;

/// Payments after an article of 10.00, as (method, amount, change).
fn check(facts: &[PosFact], expected: &[(PaymentMethod, i64, i64)]) {
    let sale = [item("tea", 1000), PosFact::Total(1000)];
    let facts: Vec<_> =
        sale.iter().chain(facts).cloned().chain([CUT]).map(|fact| (0, fact)).collect();
    let (bodies, _) = track(&facts);
    let receipt = match bodies.first() {
        Some(Body::Receipt(receipt)) => receipt,
        other => panic!("{other:?}"),
    };
    let found = receipt.payments.iter().map(|p| (p.method, p.amount, p.change));
    assert_eq!(found.collect::<Vec<_>>(), expected, "{facts:?}");
    assert!(receipt.checks_passed, "{facts:?}");
}

#[test]
fn change_is_given_on_the_payment_before_it_and_rather_on_cash() {
    let change = PosFact::Change;
    check(&[approved(Cash, 1500), change(500)], &[(Cash, 1500, 500)]);
    check(&[approved(Other, 1500), change(500)], &[(Cash, 1500, 500)]);
    check(
        &[approved(Cash, 900), approved(CreditCard, 300), change(200)],
        &[(Cash, 900, 200), (CreditCard, 300, 0)],
    );
    check(
        &[approved(GiftCard, 700), change(100), approved(Cash, 1000), change(600)],
        &[(GiftCard, 700, 0), (Cash, 1000, 700)],
    );
    check(
        &[approved(Cash, 600), change(100), approved(Cash, 1000), change(500)],
        &[(Cash, 600, 100), (Cash, 1000, 500)],
    );
    check(&[approved(CreditCard, 1500), change(500)], &[(CreditCard, 1500, 500)]);
}

#[test]
fn change_printed_twice_is_given_once() {
    let change = PosFact::Change;
    check(&[approved(Cash, 1500), change(500), change(500)], &[(Cash, 1500, 500)]);
    check(&[change(500), approved(Cash, 1500), change(500)], &[(Cash, 1500, 500)]);
    check(&[change(500), approved(Cash, 1500)], &[(Cash, 1500, 500)]);
}

#[test]
fn points_and_gift_cards_pay_like_money() {
    check(
        &[approved(LoyaltyPoints, 150), approved(GiftCard, 500), approved(Cash, 350)],
        &[(LoyaltyPoints, 150, 0), (GiftCard, 500, 0), (Cash, 350, 0)],
    );
}

#[test]
fn a_payment_taken_back_is_none_and_payments_printed_with_a_minus_are_some() {
    check(
        &[approved(CreditCard, 1000), approved(CreditCard, -1000), approved(Cash, 1000)],
        &[(Cash, 1000, 0)],
    );
    check(&[approved(Cash, -1000)], &[(Cash, 1000, 0)]);
}

#[test]
fn a_payment_that_is_named_on_the_line_below_is_one_payment() {
    check(&[approved(Other, 1000), approved(CreditCard, 1000)], &[(CreditCard, 1000, 0)]);
    check(
        &[approved(Cash, 400), approved(Other, 600), approved(DebitCard, 600)],
        &[(Cash, 400, 0), (DebitCard, 600, 0)],
    );
    check(
        &[approved(Other, 1500), approved(Cash, 1500), PosFact::Change(500)],
        &[(Cash, 1500, 500)],
    );
    check(
        &[approved(Other, 1500), PosFact::Change(500), approved(Cash, 1500)],
        &[(Cash, 1500, 500)],
    );
    // Two payments where only both of them make the sum.
    check(
        &[approved(Other, 500), approved(CreditCard, 500)],
        &[(Other, 500, 0), (CreditCard, 500, 0)],
    );
}

#[test]
fn a_loyalty_account_that_is_a_number_is_the_customer_and_points_are_told() {
    let loyalty =
        |member: &str, points| PosFact::Loyalty { member: Some(member.to_owned()), points };
    for (fact, customer, notes) in [
        (loyalty("0770", None), Some(770), ""),
        (loyalty("770", Some(12)), Some(770), "[loyalty 770 12 points]"),
        (loyalty("A-77", None), None, "[loyalty A-77]"),
        (loyalty("0", None), None, "[loyalty 0]"),
    ] {
        let (bodies, _) = track(&[(0, number("7")), (0, item("tea", 100)), (0, fact), (0, CUT)]);
        let Some(Body::Receipt(receipt)) = bodies.first() else { panic!("{bodies:?}") };
        assert_eq!(receipt.customer_id, customer);
        let told = words(&bodies[1..]).concat();
        assert_eq!(told.strip_prefix("receipt_notes: till-1-20261118-7 | ").unwrap_or(""), notes);
    }
}

#[test]
fn what_a_machine_does_not_tell_follows_from_the_rest() {
    let mut settings = settings(eur());
    settings.checks.total_is_sum = true;
    let check = |paid: &[(PaymentMethod, i64)], expected: &[(i64, i64)]| {
        let mut tracker = ReceiptTracker::new(settings.clone());
        let mut out = Vec::new();
        let paid = paid.iter().map(|(method, amount)| approved(*method, *amount));
        let facts = [item("tea", 320), item("bun", 200)].into_iter().chain(paid).chain([CUT]);
        facts.for_each(|fact| tracker.step(at(0), fact, &mut out));
        let bodies: Vec<_> = out.into_iter().map(|record| record.body).collect();
        let receipt = only_receipt(&bodies);
        let found: Vec<_> = receipt.payments.iter().map(|p| (p.amount, p.change)).collect();
        assert_eq!((found.as_slice(), receipt.total), (expected, 520));
        assert!(receipt.complete && receipt.checks_passed);
    };
    check(&[(PaymentMethod::Cash, 520)], &[(520, 0)]);
    check(&[(PaymentMethod::Cash, 1000)], &[(1000, 480)]);
    check(&[(PaymentMethod::CreditCard, 0)], &[(520, 0)]);
    check(&[(PaymentMethod::GiftCard, 100), (PaymentMethod::Cash, 0)], &[(100, 0), (420, 0)]);
}
