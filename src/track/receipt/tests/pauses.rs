//! Sales that stop before their sum.

use super::*;

const IDLE: PosFact = PosFact::End(DocumentEnd::Idle);

fn cash(amount: i64) -> PosFact {
    approved(PaymentMethod::Cash, amount)
}

/// Facts with their seconds, and the words of all that is told until long after.
fn check(facts: &[(u64, PosFact)], expected: &[&str]) {
    let mut tracker = ReceiptTracker::new(settings(eur()));
    let mut out = Vec::new();
    for (second, fact) in facts {
        tracker.step(at(*second), fact.clone(), &mut out);
    }
    tracker.tick(at(10_000), &mut out);
    let complete = |body: &Body| match body {
        Body::Receipt(it) if !it.complete => ", incomplete",
        _ => "",
    };
    let told = out.iter().map(|record| {
        format!("{}{}", words(std::slice::from_ref(&record.body)).join(""), complete(&record.body))
    });
    assert_eq!(told.collect::<Vec<_>>(), expected, "{facts:?}");
    assert_eq!(tracker.deadline(), None);
}

fn articles() -> Vec<(u64, PosFact)> {
    vec![(0, number("7")), (0, item("tea", 100)), (0, item("cake", 200)), (2, IDLE)]
}

fn then(second: u64, facts: &[PosFact]) -> Vec<(u64, PosFact)> {
    let rest = facts.iter().map(|fact| (second, fact.clone()));
    articles().into_iter().chain(rest).collect()
}

const ALONE: &str = "Sale till-1-20261118-7 of 300, checks failed, incomplete";

#[test]
fn articles_that_end_by_silence_are_no_complete_receipt() {
    check(&articles(), &[ALONE]);
    let cut = vec![(0, number("7")), (0, item("tea", 100)), (2, CUT)];
    check(&cut, &["Sale till-1-20261118-7 of 100, checks failed, incomplete"]);
    let summed = vec![(0, number("7")), (0, item("tea", 100)), (0, PosFact::Total(100)), (2, IDLE)];
    check(&summed, &["Sale till-1-20261118-7 of 100, checks failed"]);
}

#[test]
fn sums_after_a_pause_belong_to_the_articles_before_it() {
    let whole = ["Sale till-1-20261118-7 of 300"];
    for end in [CUT, IDLE] {
        check(&then(5, &[PosFact::Total(300), cash(300), end]), &whole);
    }
    let more = [item("milk", 50), IDLE, PosFact::Total(350), cash(350), CUT];
    check(&then(5, &more), &["Sale till-1-20261118-7 of 350"]);
    let more = [item("milk", 50), PosFact::Total(350), cash(350), CUT];
    check(&then(5, &more), &["Sale till-1-20261118-7 of 350"]);
    let foot =
        [PosFact::Total(300), cash(300), number("7"), PosFact::PrintedAt("2026-11-18".into())];
    check(&then(5, &[&foot[..], &[CUT]].concat()), &whole);
    let between =
        [PosFact::Unmatched("PLEASE WAIT".into()), CUT, PosFact::Total(300), cash(300), CUT];
    check(&then(5, &between), &["unparsed_document: PLEASE WAIT", whole[0]]);
}

#[test]
fn a_sale_of_its_own_does_not_swallow_the_one_before() {
    let next = [number("8"), item("milk", 50), PosFact::Total(50), cash(50), CUT];
    check(&then(5, &next), &[ALONE, "Sale till-1-20261118-8 of 50"]);
    let headless = [item("milk", 50), PosFact::Total(50), cash(50), CUT];
    let mut tracker = ReceiptTracker::new(settings(eur()));
    let mut out = Vec::new();
    then(5, &headless).into_iter().for_each(|(s, fact)| tracker.step(at(s), fact, &mut out));
    let complete: Vec<bool> = out
        .iter()
        .filter_map(|record| match &record.body {
            Body::Receipt(receipt) => Some(receipt.complete),
            _ => None,
        })
        .collect();
    assert_eq!(complete, [false, true]);
    // Too late, the sums stand alone.
    let late = limits::RECEIPT_PAUSE.as_secs() + 5;
    check(
        &then(late, &[number("7"), PosFact::Total(300), cash(300), CUT]),
        &[ALONE, "void till-1-20261118-7", "Sale till-1-20261118-7-2 of 300, checks failed"],
    );
}

#[test]
fn a_sale_that_is_cancelled_after_a_pause_never_was() {
    let void = PosFact::Cancelled { number: None, reason: None };
    check(&then(5, &[void, CUT]), &["void till-1-20261118-7"]);
}

#[test]
fn a_drawer_kick_waits_with_the_sale_that_may_explain_it() {
    let paid = [PosFact::Total(300), cash(300), CUT];
    let kicked = [&[PosFact::DrawerKick], &paid[..]].concat();
    check(&then(20, &kicked), &["Sale till-1-20261118-7 of 300"]);
}

#[test]
fn what_waits_for_its_sum_is_told_when_the_agent_stops() {
    let mut tracker = ReceiptTracker::new(settings(eur()));
    let mut out = Vec::new();
    articles().into_iter().for_each(|(s, fact)| tracker.step(at(s), fact, &mut out));
    assert_eq!(tracker.deadline(), Some(at(0).mono.plus(limits::RECEIPT_PAUSE)));
    tracker.broken(at(3), &mut out);
    assert_eq!(out, []);
    tracker.finish(at(4), &mut out);
    let bodies: Vec<_> = out.into_iter().map(|record| record.body).collect();
    assert!(!only_receipt(&bodies).complete);
}
