//! What a printed discount belongs to: the article before it, or the whole receipt.

use super::*;

fn less(amount: i64, percent: Option<u32>) -> PosFact {
    let description = "offer".to_owned();
    PosFact::Discount { on_receipt: false, code: None, description, percent, amount }
}

fn deposit(amount: i64) -> PosFact {
    PosFact::Deposit(Item { description: "deposit".into(), ..goods(amount) })
}

fn goods(amount: i64) -> Item {
    let PosFact::Item(item) = item("tea", amount) else { unreachable!() };
    item
}

/// What is printed, and each promotion as (line, amount). The sums agree with `total` whatever a discount belongs to.
fn check(printed: &[PosFact], total: i64, expected: &[(Option<u32>, i64)]) {
    let end = [PosFact::Total(total), approved(PaymentMethod::Cash, total), CUT];
    let facts: Vec<_> = printed.iter().chain(&end).map(|fact| (0, fact.clone())).collect();
    let (bodies, _) = track(&facts);
    let receipt = only_receipt(&bodies);
    let found: Vec<_> = receipt.promotions.iter().map(|p| (p.line_number, p.discount)).collect();
    assert_eq!((found.as_slice(), receipt.checks_passed), (expected, true), "{printed:?}");
}

#[test]
fn a_discount_belongs_to_the_article_before_it_and_never_to_a_deposit() {
    check(&[item("tea", 400), less(100, None)], 300, &[(Some(1), 100)]);
    check(&[item("tea", 400), deposit(25), less(10, None)], 415, &[(Some(1), 10)]);
    check(&[item("tea", 400), deposit(25), less(40, Some(1000))], 385, &[(Some(1), 40)]);
    check(&[deposit(25), less(10, None)], 15, &[(None, 10)]);
    check(&[item("tea", 400), item("bun", 90), less(40, Some(1000))], 450, &[(Some(1), 40)]);
    let three = [item("tea", 400), item("bun", 100), deposit(25), less(50, Some(1000))];
    check(&three, 475, &[(None, 50)]);
}

#[test]
fn a_discount_larger_than_what_its_article_costs_belongs_to_the_receipt() {
    check(&[item("tea", 400), item("bun", 100), less(100, None)], 400, &[(Some(2), 100)]);
    check(&[item("tea", 400), item("bun", 100), less(101, None)], 399, &[(None, 101)]);
    let twice = [item("tea", 400), item("bun", 100), less(60, None), less(50, None)];
    check(&twice, 390, &[(Some(2), 60), (None, 50)]);
}
