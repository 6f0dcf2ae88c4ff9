//! Drawer kicks and openings: which of them are a `no_sale`.

use super::*;

#[test]
fn a_kick_without_a_receipt_is_a_no_sale_after_eight_seconds() {
    let (bodies, mut tracker) = track(&[(0, PosFact::DrawerKick)]);
    assert_eq!(bodies, []);
    assert_eq!(tracker.deadline(), Some(at(8).mono));
    let mut out = Vec::new();
    tracker.tick(at(7), &mut out);
    assert_eq!(out, []);
    tracker.tick(at(8), &mut out);
    assert!(
        matches!(out.as_slice(), [Record { body: Body::NoSale(_), at: when, .. }] if *when == at(0).wall)
    );
    assert_eq!(tracker.deadline(), None);
}

#[test]
fn a_kick_before_in_or_after_a_receipt_belongs_to_it() {
    for kick in [0, 2, 4] {
        let mut facts = vec![(1, item("tea", 100)), (3, CUT)];
        let place = facts.iter().position(|(second, _)| *second > kick).unwrap_or(facts.len());
        facts.insert(place, (kick, PosFact::DrawerKick));
        let (bodies, mut tracker) = track(&facts);
        let mut out = Vec::new();
        tracker.tick(at(100), &mut out);
        assert_eq!((bodies.len(), out.len()), (1, 0), "kick at {kick}");
    }
}

#[test]
fn a_kick_waits_for_an_open_document_however_slow_the_printer() {
    let (bodies, tracker) = track(&[
        (0, PosFact::DrawerKick),
        (1, item("tea", 100)),
        (30, item("tea", 100)),
        (31, CUT),
    ]);
    only_receipt(&bodies);
    assert_eq!(tracker.deadline(), None);
}

/// What a till says, and whether a `no_sale` follows within ten minutes.
fn check_kick(window: Option<u64>, facts: &[(u64, PosFact)], expected: u64) {
    let no_sale_after = window.map(Duration::from_secs);
    let (_, mut tracker) = track_at(TillSettings { no_sale_after, ..settings(eur()) }, facts);
    tracker.tick(at(600), &mut Vec::new());
    assert_eq!(tracker.counters().no_sales, expected, "{window:?} {facts:?}");
}

#[test]
fn the_dialect_says_how_long_a_kick_waits_and_whether_it_means_anything() {
    let kick = (0, PosFact::DrawerKick);
    let sale = |second| [(second, item("tea", 100)), (second, CUT)];
    let late = [std::slice::from_ref(&kick), &sale(20)].concat();
    check_kick(Some(8), &late, 1);
    check_kick(Some(30), &late, 0);
    check_kick(None, &late, 0);
    check_kick(None, &[(0, PosFact::Drawer { open: true })], 1);
    check_kick(Some(8), &[kick.clone(), (1, PosFact::Drawer { open: true })], 1);
    let cash = PosFact::CashMoved { amount: 100, reason: None };
    check_kick(Some(8), &[kick.clone(), (1, cash), (1, CUT)], 0);
    check_kick(Some(8), &[kick, (1, PosFact::NoSale), (1, CUT)], 1);
}

#[test]
fn an_opening_that_no_sale_explains_is_a_no_sale_and_told_when_it_lasts() {
    let (mut tracker, mut out) = (ReceiptTracker::new(settings(eur())), Vec::new());
    for fact in [item("tea", 100), CUT] {
        tracker.step(at(0), fact, &mut out);
    }
    out.clear();
    tracker.drawer(at(1), DrawerFact::Opened, &mut out);
    tracker.drawer(at(9), DrawerFact::Closed, &mut out);
    tracker.tick(at(100), &mut out);
    assert_eq!((out.len(), tracker.deadline()), (0, None));
    tracker.drawer(at(200), DrawerFact::Opened, &mut out);
    tracker.tick(at(600), &mut out);
    let bodies: Vec<_> = out.into_iter().map(|record| record.body).collect();
    assert_eq!(words(&bodies), ["no sale", "drawer_left_open: [drawer open for 180 s]"]);
}
