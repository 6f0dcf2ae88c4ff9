//! What a till prints, and the records that follow.
//!
//! Each `testdata/*.txt` of the dialects is a till's journal: its first line names dialect and currency,
//! `^L` is a form feed. Beside it stands what must be read. `UPDATE_GOLDEN=1` rewrites the latter.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::tz::TimeZone;
use tillgate_events::{Currency, PaymentMethod, PaymentStatus, StockChange, Unknown};

use super::*;
use crate::decode::dialect::{Checks, Key};
use crate::decode::dialect::{Dialect, Grammar, Setting};
use crate::decode::{DocumentEnd, DocumentFact, Item, LayoutLine};
use crate::track::catalog::Catalog;

mod cards;
mod copies;
mod discounts;
mod kicks;
mod pauses;
mod properties;
mod slips;
mod tenders;
mod voids;

fn settings(currency: Currency) -> TillSettings {
    let product = |id, name: &str| (id, None, Some(name.to_owned()));
    TillSettings {
        source: "till-1".into(),
        terminal: "till-1".into(),
        currency,
        store_id: 7,
        zone: TimeZone::UTC,
        business_day_starts: Duration::ZERO,
        checks: Checks {
            lines_sum_equals_total: true,
            tenders_minus_change_equals_total: true,
            total_is_sum: false,
        },
        key: Key::default(),
        no_sale_after: Some(limits::KICK_WINDOW),
        private: false,
        catalog: Arc::new(Catalog::new([product(501, "apple"), product(502, "Jumper Blue")])),
    }
}

fn eur() -> Currency {
    Currency::new("EUR").unwrap()
}

fn at(seconds: u64) -> Now {
    let start = Now { mono: Mono(0), wall: UtcMs(1_795_000_000_000) };
    start.plus(std::time::Duration::from_secs(seconds))
}

/// A built-in dialect, compiled once.
fn dialect(id: &str, currency: Currency) -> Arc<Dialect> {
    static COMPILED: Mutex<BTreeMap<String, Arc<Dialect>>> = Mutex::new(BTreeMap::new());
    let compile = || {
        let setting = Setting { currency, decimal: None };
        Arc::new(Dialect::builtin(id, &setting).unwrap().unwrap())
    };
    let key = format!("{id} {}", currency.code());
    Arc::clone(COMPILED.lock().unwrap().entry(key).or_insert_with(compile))
}

/// Reads a journal, a form feed or its end ending each document.
fn replay(journal: &str) -> String {
    let (head, body) = journal.split_once('\n').unwrap();
    let mut head = head.trim_start_matches("# ").split(' ');
    let (id, currency) = (head.next().unwrap(), Currency::new(head.next().unwrap()).unwrap());
    let dialect = dialect(id, currency);
    let private = dialect.private;
    let mut grammar = Grammar::new(dialect);
    let mut tracker = ReceiptTracker::new(TillSettings { private, ..settings(currency) });
    let (mut text, mut records) = (String::new(), Vec::new());
    for line in body.lines().chain(["^L"]) {
        let mut facts = Vec::new();
        grammar.step(
            match line {
                "^L" => DocumentFact::End(DocumentEnd::Cut),
                line => DocumentFact::Line(LayoutLine { text: line.into(), ..Default::default() }),
            },
            &mut facts,
        );
        for fact in facts {
            writeln!(text, "{fact:?}").unwrap();
            tracker.step(at(0), fact, &mut records);
        }
    }
    records.iter().for_each(|record| summary(record, &mut text));
    text
}

fn summary(record: &Record, text: &mut String) {
    let Body::Receipt(receipt) = &record.body else {
        writeln!(text, "\n{:?}", record.body).unwrap();
        return;
    };
    let Receipt { receipt_id, receipt_type, printed_at, gross_subtotal, discount, .. } = &**receipt;
    let Receipt { tax, total, checks_passed, training, terminal_id, .. } = &**receipt;
    writeln!(text, "\n{receipt_type:?} {receipt_id} at {terminal_id}, {printed_at:?}").unwrap();
    writeln!(text, "gross {gross_subtotal} discount {discount} tax {tax} total {total}").unwrap();
    writeln!(text, "checks {checks_passed} training {training}").unwrap();
    receipt.lines.iter().for_each(|line| {
        let grams = line.weight_grams.map_or(String::new(), |grams| format!(", {grams} g"));
        let voided = if line.voided { ", voided" } else { "" };
        writeln!(
            text,
            "  {} x {:?} at {}: {} (less {}){grams}{voided}",
            line.quantity, line.description, line.unit_price, line.extended_price, line.discount
        )
        .unwrap();
    });
    receipt.payments.iter().for_each(|payment| writeln!(text, "  {payment:?}").unwrap());
    receipt.promotions.iter().for_each(|promotion| writeln!(text, "  {promotion:?}").unwrap());
    receipt.stock_changes.iter().for_each(|change| {
        writeln!(text, "  stock {} {}", change.product_id, change.quantity_delta).unwrap();
    });
}

#[test]
fn receipts_of_many_shapes_read_as_expected() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/decode/dialect/testdata");
    let mut checked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let found = replay(&std::fs::read_to_string(&path).unwrap());
        let golden = path.with_extension("expected");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(found, expected, "{}", path.display());
        checked += 1;
    }
    assert!(checked >= 12, "only {checked} receipts");
}

/// Gives facts to a tracker, each with its second, and says what came out.
fn track(facts: &[(u64, PosFact)]) -> (Vec<Body>, ReceiptTracker) {
    track_at(settings(eur()), facts)
}

fn track_at(settings: TillSettings, facts: &[(u64, PosFact)]) -> (Vec<Body>, ReceiptTracker) {
    let mut tracker = ReceiptTracker::new(settings);
    let mut records = Vec::new();
    for (second, fact) in facts {
        tracker.step(at(*second), fact.clone(), &mut records);
    }
    (records.into_iter().map(|record| record.body).collect(), tracker)
}

fn item(description: &str, amount: i64) -> PosFact {
    let description = description.to_owned();
    PosFact::Item(Item { description, quantity_milli: 1000, amount, ..Item::default() })
}

fn tender(method: PaymentMethod, amount: i64, status: PaymentStatus) -> PosFact {
    PosFact::Tender {
        method,
        amount,
        status,
        decline_reason: None,
        card_last4: None,
        transaction_id: None,
    }
}

/// Records in a few words each.
fn words(bodies: &[Body]) -> Vec<String> {
    let word = |body: &Body| match body {
        Body::Receipt(it) => {
            let checks = if it.checks_passed { "" } else { ", checks failed" };
            format!("{:?} {} of {}{checks}", it.receipt_type, it.receipt_id, it.total)
        }
        Body::ReceiptVoided(it) => format!("void {}", it.receipt_id),
        Body::NoSale(_) => "no sale".to_owned(),
        Body::InventoryUpdated(it) => {
            let cause = it.cause.as_deref().unwrap_or("-");
            let StockChange { product_id, quantity_delta, reason, .. } = &it.change;
            format!("{reason:?} {product_id} x {quantity_delta} by {cause}")
        }
        Body::InventoryCounted(it) => format!("counted {} x {}", it.product_id, it.quantity),
        Body::OnlineOrderPicked(it) => format!("picked {}", it.order_id),
        Body::OnlineOrderShipped(it) => format!("shipped {}", it.order_id),
        Body::Unknown(it) => format!("{}: {}", it.kind, it.text.replace('\n', " | ")),
        other => panic!("{other:?}"),
    };
    bodies.iter().map(word).collect()
}

/// One document, and the words of its records.
fn check_document(facts: &[PosFact], expected: &[&str]) -> Vec<Body> {
    let mut facts: Vec<_> = facts.iter().map(|fact| (0, fact.clone())).collect();
    facts.push((0, CUT));
    let (bodies, _) = track(&facts);
    assert_eq!(words(&bodies), expected);
    bodies
}

fn number(number: &str) -> PosFact {
    PosFact::Number(number.to_owned())
}

fn approved(method: PaymentMethod, amount: i64) -> PosFact {
    tender(method, amount, PaymentStatus::Approved)
}

const CUT: PosFact = PosFact::End(DocumentEnd::Cut);

fn only_receipt(bodies: &[Body]) -> &Receipt {
    match bodies {
        [Body::Receipt(receipt)] => receipt,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_document_cut_short_is_sent_as_incomplete() {
    let (bodies, _) = track(&[(0, item("tea", 100)), (1, PosFact::End(DocumentEnd::Broken))]);
    let receipt = only_receipt(&bodies);
    assert_eq!((receipt.complete, receipt.checks_passed, receipt.total), (false, false, 100));
}

#[test]
fn empty_documents_yield_nothing_and_images_are_told_of() {
    assert_eq!(track(&[(0, CUT)]).0, []);
    let (bodies, _) = track(&[(0, PosFact::Graphic { width: 8, height: 9 }), (1, CUT)]);
    let expected = Unknown { kind: "graphic_receipt".into(), text: "[image 8 x 9]".into() };
    assert_eq!(bodies, [Body::Unknown(expected)]);
}

#[test]
fn a_total_alone_is_no_sale() {
    let (bodies, _) = track(&[(0, PosFact::Total(1234)), (1, CUT)]);
    let expected = Unknown { kind: "unparsed_document".into(), text: "[total 1234]".into() };
    assert_eq!(bodies, [Body::Unknown(expected)]);
}

#[test]
fn a_bare_decline_is_the_card_before_it() {
    let approved = PaymentStatus::Approved;
    let (bodies, _) = track(&[
        (0, item("tea", 100)),
        (0, PosFact::Total(100)),
        (0, tender(PaymentMethod::CreditCard, 100, approved)),
        (0, tender(PaymentMethod::Other, 0, PaymentStatus::Declined)),
        (0, tender(PaymentMethod::Cash, 100, approved)),
        (1, CUT),
    ]);
    let receipt = only_receipt(&bodies);
    let statuses: Vec<_> = receipt.payments.iter().map(|p| (p.method, p.status)).collect();
    assert_eq!(
        statuses,
        [(PaymentMethod::CreditCard, PaymentStatus::Declined), (PaymentMethod::Cash, approved),]
    );
    assert!(receipt.checks_passed);
}

#[test]
fn checks_lower_the_flag_and_keep_the_receipt() {
    let paid = |amount| (0, tender(PaymentMethod::Cash, amount, PaymentStatus::Approved));
    let tax = |amount| PosFact::Tax { code: None, amount, included: false };
    for (facts, passes) in [
        (vec![(0, item("tea", 100)), (0, PosFact::Total(100)), paid(100)], true),
        (vec![(0, item("tea", 100)), (0, tax(7)), (0, PosFact::Total(107)), paid(107)], true),
        (vec![(0, item("tea", 107)), (0, tax(7)), (0, PosFact::Total(107)), paid(107)], true),
        (
            vec![
                (0, item("tea", 102)),
                (0, PosFact::Rounding(-2)),
                (0, PosFact::Total(100)),
                paid(100),
            ],
            true,
        ),
        (vec![(0, item("tea", 100)), (0, PosFact::Total(101)), paid(101)], false),
        (vec![(0, item("tea", 100)), (0, PosFact::Total(100)), paid(99)], false),
        (vec![(0, item("tea", 100)), (0, PosFact::Total(100))], false),
    ] {
        let (bodies, _) = track(&[facts.as_slice(), &[(1, CUT)]].concat());
        assert_eq!(only_receipt(&bodies).checks_passed, passes, "{facts:?}");
    }
}

#[test]
fn parts_beyond_the_limit_make_the_receipt_incomplete() {
    let mut facts = vec![(0, item("tea", 1)); limits::RECEIPT_PARTS + 3];
    facts.push((1, CUT));
    let (bodies, tracker) = track(&facts);
    let receipt = only_receipt(&bodies);
    assert_eq!((receipt.lines.len(), receipt.complete), (limits::RECEIPT_PARTS, false));
    assert_eq!(tracker.counters().dropped_parts, 3);
}

#[test]
fn a_post_void_names_the_receipt_that_it_voids() {
    let (bodies, _) = track(&[
        (0, PosFact::Cancelled { number: Some("41".into()), reason: None }),
        (0, PosFact::Number("42".into())),
        (0, CUT),
    ]);
    assert!(
        matches!(bodies.as_slice(), [Body::ReceiptVoided(v)] if v.receipt_id.ends_with("-41")),
        "{bodies:?}"
    );
}
