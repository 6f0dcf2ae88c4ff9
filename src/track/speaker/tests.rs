//! What devices beside the printer say, and the records that follow.

use tillgate_events::{Currency, PaymentMethod, PaymentStatus};

use super::drawer::LeftOpen;
use super::*;
use crate::decode::scan::Element;
use crate::decode::{
    CardOperation, CardPayment, DocumentEnd, DocumentFact, DrawerFact, LayoutLine, PaymentFact,
    ScaleFact, ScanFact,
};
use crate::time::{Mono, Now};

fn speaker() -> Speaker {
    Speaker { source: "device".into(), terminal: "till-1".into() }
}

fn at(seconds: u64) -> Now {
    Now { mono: Mono(0), wall: UtcMs(0) }.plus(std::time::Duration::from_secs(seconds))
}

/// A scan, and the number and data that are told.
fn check_scan(fact: ScanFact, gtin: Option<&str>, data: &str) {
    let mut out = Vec::new();
    ScanTracker::new(speaker()).step(at(0), fact, &mut out);
    assert!(
        matches!(out.as_slice(), [Record { body: Body::BarcodeScanned(scan), .. }]
            if scan.gtin.as_deref() == gtin && scan.data == data && scan.terminal_id == "till-1"),
        "{out:?}"
    );
}

#[test]
fn a_scan_is_told_with_its_number_and_a_document_of_a_person_without_all() {
    let gtin = Some("04012345678901".to_owned());
    let ean = ScanFact { gtin: gtin.clone(), data: "4012345678901".into(), ..Default::default() };
    check_scan(ean.clone(), gtin.as_deref(), "4012345678901");
    check_scan(ScanFact { id: true, ..ean.clone() }, None, "");
    let element = Element { ai: "10".into(), value: "A7".into(), valid: true };
    let redacted = ScanFact { data: String::new(), elements: vec![element], ..ean };
    check_scan(redacted, gtin.as_deref(), "(10)A7");
}

/// What a scale says, and the grams or kinds that are told.
fn check_scale(facts: &[ScaleFact], expected: &[&str]) {
    let (mut tracker, mut out) = (ScaleTracker::new(speaker()), Vec::new());
    facts.iter().for_each(|fact| tracker.step(at(0), *fact, &mut out));
    let told = out.iter().map(|record| match &record.body {
        Body::WeightMeasured(weight) => format!("{} {}", weight.grams, weight.stable),
        Body::Unknown(unknown) => unknown.kind.clone(),
        other => panic!("{other:?}"),
    });
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[test]
fn a_scale_tells_weights_and_once_what_it_cannot_weigh() {
    let weight = |grams, stable| ScaleFact::Weight { grams, stable, net: false };
    check_scale(&[weight(250, true), weight(250, true)], &["250 true", "250 true"]);
    check_scale(&[weight(90, false), weight(90, false), weight(0, true)], &["90 false"]);
    let (over, under) = (ScaleFact::Over, ScaleFact::Under);
    check_scale(&[over, over, weight(5, true), over], &["scale_over", "5 true", "scale_over"]);
    check_scale(&[under, under], &["scale_under"]);
}

#[test]
fn a_drawer_that_stays_open_is_told_once_for_each_opening() {
    let (mut drawer, speaker) = (LeftOpen::default(), speaker());
    let left = limits::DRAWER_LEFT_OPEN.as_secs();
    assert!(drawer.edge(at(1), DrawerFact::Opened));
    assert!(!drawer.edge(at(2), DrawerFact::Opened));
    assert_eq!(drawer.deadline(), Some(at(1 + left).mono));
    let told = |drawer: &mut LeftOpen, second: u64| drawer.tick(at(second), &speaker).is_some();
    assert_eq!([left, 1 + left, 9 + left].map(|s| told(&mut drawer, s)), [false, true, false]);
    assert!(!drawer.edge(at(10 + left), DrawerFact::Closed));
    assert!(drawer.edge(at(11 + left), DrawerFact::Opened));
    assert!(told(&mut drawer, 11 + 2 * left));
}

fn payment(operation: Option<CardOperation>, status: PaymentStatus) -> PaymentFact {
    PaymentFact::Result(Box::new(CardPayment {
        operation,
        status,
        decline_reason: (status == PaymentStatus::Declined).then(|| "no cover".to_owned()),
        amount: Some(1250),
        currency: Some(Currency::new("EUR").unwrap()),
        method: PaymentMethod::DebitCard,
        card_name: Some("girocard".into()),
        card_last4: Some("4242".into()),
        terminal_id: Some("57000001".into()),
        trace_number: Some(42),
        receipt_number: None,
        turnover_number: None,
        month_day_time: None,
        processing_ms: None,
        whole: true,
    }))
}

/// What a payment terminal says, and the kinds and texts that are told within a minute.
fn check_payment(facts: &[PaymentFact], expected: &[(&str, &str)]) {
    let (mut tracker, mut out) = (PaymentTracker::new(speaker()), Vec::new());
    facts.iter().for_each(|fact| tracker.step(at(0), fact.clone(), &mut out));
    tracker.tick(at(60), &mut out);
    let told = out.iter().map(|record| match &record.body {
        Body::Unknown(unknown) => (unknown.kind.as_str(), unknown.text.as_str()),
        other => panic!("{other:?}"),
    });
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert_eq!(tracker.deadline(), None);
}

#[test]
fn a_payment_terminal_without_a_till_tells_its_payments_in_words() {
    let rest = "DebitCard, card girocard, ending in 4242, terminal 57000001, trace 000042";
    let (approved, declined) = (PaymentStatus::Approved, PaymentStatus::Declined);
    check_payment(
        &[payment(Some(CardOperation::Payment), approved), payment(None, declined)],
        &[
            ("payment", &format!("[payment approved 1250 EUR, {rest}]")),
            ("payment", &format!("[payment declined 1250 EUR, {rest}, because no cover]")),
        ],
    );
    let reversal = payment(Some(CardOperation::Reversal), approved);
    check_payment(&[reversal], &[("payment", &format!("[reversal approved 1250 EUR, {rest}]"))]);
}

#[test]
fn what_a_payment_terminal_says_beside_is_told_by_kind() {
    let operation = Some(CardOperation::Payment);
    let aborted = PaymentFact::Aborted { operation, code: 108, reason: "cancelled".into() };
    check_payment(&[aborted], &[("payment_aborted", "[payment aborted 108 cancelled]")]);
    let total = PaymentFact::DayTotal { amount: Some(5), currency: None };
    check_payment(&[total], &[("payment_day_total", "[terminal's day 5]")]);
    let line = |text: &str| {
        let line = LayoutLine { text: text.to_owned(), ..Default::default() };
        PaymentFact::Slip(DocumentFact::Line(line))
    };
    let end = PaymentFact::Slip(DocumentFact::End(DocumentEnd::Cut));
    check_payment(
        &[line("CARD"), line("1.00"), end, line("COPY")],
        &[("payment_slip", "CARD\n1.00"), ("payment_slip", "COPY")],
    );
    check_payment(&[PaymentFact::Completed(operation)], &[]);
}
