//! The ledger's rules, and that neither order nor repetition changes what it says.

use std::collections::HashSet;
use std::sync::Arc;

use proptest::prelude::*;
use tillgate_events::{
    Body, InventoryCounted, InventoryUpdated, ReceiptVoided, Record, StockChange, StockReason,
};

use super::book::Moment;
use super::item::{Counted, code, reason};
use super::*;
use crate::limits;
use crate::track::catalog::{Article, Catalog, Goods};

const DAY: i64 = 86_400_000;

fn change(at: i64, delta: i64, number: u64) -> Change {
    let reason = StockReason::Sale;
    Change { product: 1, at: UtcMs(at), delta, reason, key: number, once: number != 0 }
}

fn count(at: i64, quantity: i64) -> Count {
    Count { product: 1, at: UtcMs(at), quantity }
}

#[test]
fn on_hand_is_the_latest_count_and_every_change_at_or_after_it() {
    let mut ledger = Ledger::default();
    let on_hand = |ledger: &Ledger| ledger.item(1).and_then(Item::on_hand);
    ledger.change(change(100, -9, 0)).unwrap();
    assert_eq!(on_hand(&ledger), None, "never counted");
    ledger.count(count(200, 30)).unwrap();
    assert_eq!(on_hand(&ledger), Some(30), "what came before is in the count");
    ledger.change(change(200, -4, 0)).unwrap();
    assert_eq!(on_hand(&ledger), Some(26), "in the same instant: after it");
    ledger.change(change(199, -5, 0)).unwrap();
    assert_eq!(on_hand(&ledger), Some(26), "late, and before the count");
    ledger.change(change(250, -50, 0)).unwrap();
    assert_eq!(on_hand(&ledger), Some(-24), "below zero as it is");
    ledger.count(count(150, 99)).unwrap();
    assert_eq!(on_hand(&ledger), Some(-24), "an older count changes nothing");
    let step = ledger.count(count(300, 5)).unwrap();
    assert_eq!(step.what, Counted::Newest { expected: Some((-24, UtcMs(200))) });
    assert_eq!(on_hand(&ledger), Some(5));
}

#[test]
fn a_change_with_a_number_counts_once_and_the_earliest_of_several_does() {
    let mut ledger = Ledger::default();
    ledger.count(count(100, 10)).unwrap();
    let mut book = |at, number| ledger.change(change(at, -5, number)).unwrap().what;
    assert_eq!(book(150, 7), Booked::New);
    assert_eq!(book(150, 7), Booked::Known);
    assert_eq!(book(160, 7), Booked::Known);
    assert_eq!(book(90, 7), Booked::Earlier);
    assert_eq!(ledger.item(1).and_then(Item::on_hand), Some(10), "it came before the count");
    assert_eq!(ledger.change(change(150, -5, 0)).unwrap().what, Booked::New, "each counts");
    assert_eq!(ledger.change(change(150, -5, 0)).unwrap().what, Booked::New);
    assert_eq!(ledger.item(1).and_then(Item::on_hand), Some(0));
}

#[test]
fn what_is_older_than_the_memory_is_folded_and_still_counts() {
    let mut ledger = Ledger::default();
    let memory = i64::try_from(limits::STOCK_MEMORY.as_millis()).unwrap();
    ledger.count(count(0, 1000)).unwrap();
    ledger.change(change(DAY, -1, 1)).unwrap();
    ledger.change(change(2 * memory, -1, 2)).unwrap();
    let item = ledger.item(1).unwrap();
    assert_eq!((item.on_hand(), item.moves().len(), item.base), (Some(998), 1, -1));
    ledger.change(change(DAY + 1, -10, 3)).unwrap();
    let item = ledger.item(1).unwrap();
    assert_eq!((item.on_hand(), item.moves().len()), (Some(988), 1), "late without a limit");
    assert_eq!(ledger.count(count(DAY, 5)).unwrap().what, Counted::TooOld);
    let changes = ledger.take_changes();
    let kept: Vec<i64> = changes.moves.iter().filter(|it| it.1.is_some()).map(|it| *it.0).collect();
    assert_eq!(kept, [1], "folded rows go");
}

#[test]
fn a_product_that_moves_all_day_keeps_its_days_and_not_its_changes() {
    let mut ledger = Ledger::default();
    ledger.count(count(0, 0)).unwrap();
    let many = limits::STOCK_ITEM_MOVES as i64 * 3;
    for number in 0..many {
        ledger.change(change(number * 60_000, -2, number as u64 + 1)).unwrap();
    }
    let item = ledger.item(1).unwrap();
    assert_eq!(item.on_hand(), Some(-2 * many));
    assert!(item.moves().len() <= limits::STOCK_ITEM_MOVES, "{}", item.moves().len());
    assert_eq!(item.sold(UtcMs(many * 60_000)), 2 * many, "sales are still known");
    let changes = ledger.take_changes();
    assert_eq!(changes.moves.values().flatten().count(), ledger.item(1).unwrap().moves().len());
}

#[test]
fn the_oldest_change_is_forgotten_one_by_one_and_still_counts() {
    let mut item = Item::default();
    let mut gone = Vec::new();
    item.count(count(10, 100), &mut gone);
    for (row, at) in [(1, 5), (2, 10), (3, 20)] {
        item.change(change(at, -7, 0), row, &mut gone).unwrap();
    }
    for (times, base) in [(1, 0), (2, -7), (3, -14), (4, -14)] {
        item.forget_oldest(&mut gone);
        assert_eq!((item.on_hand(), item.base), (Some(86), base), "{times}");
    }
    assert_eq!((gone, item.floor), (vec![1, 2, 3], UtcMs(21)));
    assert_eq!(item.count(count(20, 5), &mut Vec::new()), Counted::TooOld);
}

#[test]
fn the_numbers_of_reasons_come_back_as_they_went() {
    for number in 0..=u8::MAX {
        assert!(reason(number).is_none_or(|reason| code(reason) == number));
    }
    assert!(reason(code(StockReason::Bopis)) == Some(StockReason::Bopis));
}

/// A book over product 1 at 2.40, reordered by 20 from 4 pieces on; `back-office` is a feed.
fn book() -> Book {
    let goods = Goods { price: Some(240), cost: Some(100), reorder: Some((4, 20)) };
    let mut book =
        Book::new(Ledger::default(), Unmatched::default(), HashSet::from(["back-office".into()]));
    let article = Article { product_id: 1, goods, ..Article::default() };
    book.set_catalog(Arc::new(Catalog::of([article])));
    book
}

fn updated(at: i64, delta: i64, reason: StockReason, cause: &str) -> Record {
    let change = StockChange {
        dc_id: None,
        product_id: 1,
        quantity_delta: delta,
        reason,
        sku: None,
        on_hand: None,
        counted: false,
    };
    let body = InventoryUpdated { change, cause: Some(cause.to_owned()) };
    let (at, source) = (UtcMs(at), "back-office".to_owned());
    Record { at, source, body: Body::InventoryUpdated(body) }
}

fn counted(at: i64, quantity: i64) -> Record {
    let body = InventoryCounted { product_id: 1, sku: None, quantity, expected_quantity: None };
    let (at, source) = (UtcMs(at), "back-office".to_owned());
    Record { at, source, body: Body::InventoryCounted(body) }
}

/// What comes of a record, in short.
fn told(book: &mut Book, record: Record) -> String {
    let mut out = Vec::new();
    book.book(record, Moment { wall: UtcMs(100 * DAY), believed: true }, &mut out);
    let short = |record: &Record| match &record.body {
        Body::InventoryUpdated(it) => {
            format!("{:+} makes {:?}", it.change.quantity_delta, it.change.on_hand)
        }
        Body::InventoryCounted(it) => {
            format!("counted {}, expected {:?}", it.quantity, it.expected_quantity)
        }
        Body::StockoutDetected(it) => {
            format!("out after {} at {:?}", it.last_known_quantity, it.lost_sales_per_hour)
        }
        Body::ReorderTriggered(it) => {
            format!("reorder {} {:?}", it.reorder_quantity, it.priority())
        }
        Body::ShrinkDetected(it) => format!("missing {} {:?}", it.missing_quantity, it.value),
        Body::Unknown(it) => format!("{} {}", it.kind, it.text),
        other => format!("{other:?}"),
    };
    out.iter().map(short).collect::<Vec<_>>().join("; ")
}

#[test]
fn each_thing_is_told_once_until_it_is_over() {
    let mut book = book();
    let mut at = 0;
    let mut check = |delta: i64, expected: &str| {
        at += 1;
        let record = updated(at, delta, StockReason::Sale, &format!("n{at}"));
        assert_eq!(told(&mut book, record), expected, "{at}: {delta:+}");
    };
    check(-3, "-3 makes None");
    let counted = told(&mut self::book(), counted(0, 0));
    assert_eq!(
        counted, "counted 0, expected None; out after 0 at Some(0); reorder 20 Urgent",
        "a count of nothing"
    );
    let mut book = self::book();
    let mut at = 0;
    told(&mut book, self::counted(0, 6));
    let mut check = |delta: i64, expected: &str| {
        at += 1;
        let record = updated(at, delta, StockReason::Sale, &format!("n{at}"));
        assert_eq!(told(&mut book, record), expected, "{at}: {delta:+}");
    };
    check(-1, "-1 makes Some(5)");
    check(-2, "-2 makes Some(3); reorder 20 High");
    check(-1, "-1 makes Some(2)");
    // 6 sold in 28 days at 2.40: 1440 / 672.
    check(-2, "-2 makes Some(0); out after 2 at Some(2)");
    check(-1, "-1 makes Some(-1); stock_negative product 1: -1");
    check(-1, "-1 makes Some(-2)");
    check(3, "+3 makes Some(1)");
    check(-3, "-3 makes Some(-2); out after 1 at Some(3); stock_negative product 1: -2");
    check(20, "+20 makes Some(18)");
    check(-14, "-14 makes Some(4); reorder 20 Normal");
}

#[test]
fn a_count_below_the_ledger_is_shrink_net_of_what_was_booked() {
    let mut book = book();
    assert_eq!(told(&mut book, counted(0, 50)), "counted 50, expected None");
    told(&mut book, updated(1, -10, StockReason::Sale, "a"));
    told(&mut book, updated(2, -5, StockReason::Lost, "b"));
    told(&mut book, updated(3, -2, StockReason::Damaged, "c"));
    let shrink = "counted 30, expected Some(33); missing 3 Some(300)";
    assert_eq!(told(&mut book, counted(DAY, 30)), shrink);
    assert_eq!(told(&mut book, counted(DAY, 30)), "", "known");
    assert_eq!(told(&mut book, counted(2 * DAY, 31)), "counted 31, expected Some(30)");
    assert_eq!(told(&mut book, counted(4, 33)), "counted 33, expected None", "older than both");
    assert_eq!(told(&mut book, updated(1, -10, StockReason::Sale, "a")), "", "known");
    assert_eq!(book.counters().repeated, 2);
}

#[test]
fn tomorrow_is_refused_where_the_clock_can_be_believed() {
    let mut book = book();
    let refused = "stock_refused product 1: a time that is still to come";
    assert_eq!(told(&mut book, counted(102 * DAY, 30)), refused);
    assert_eq!(told(&mut book, updated(102 * DAY, 1, StockReason::Sale, "a")), refused);
    let mut out = Vec::new();
    let moment = Moment { wall: UtcMs(0), believed: false };
    book.book(counted(102 * DAY, 30), moment, &mut out);
    assert!(matches!(out.first().map(|it| &it.body), Some(Body::InventoryCounted(_))));
}

#[test]
fn what_happens_now_counts_after_the_count_whatever_an_unset_clock_says() {
    let mut book = book();
    told(&mut book, counted(50 * DAY, 30));
    let mut out = Vec::new();
    let mut record = updated(5, -1, StockReason::Sale, "a");
    record.source = "till-1".to_owned();
    book.book(record, Moment { wall: UtcMs(5), believed: false }, &mut out);
    assert_eq!(book.ledger().item(1).and_then(Item::on_hand), Some(29));
    let mut ahead = updated(5000 * DAY, -1, StockReason::Sale, "b");
    ahead.source = "till-1".to_owned();
    let moment = Moment { wall: ahead.at, believed: false };
    book.book(ahead, moment, &mut Vec::new());
    let item = book.ledger().item(1).unwrap();
    assert_eq!((item.on_hand(), item.as_of()), (Some(28), Some(UtcMs(50 * DAY))));
    assert_eq!(out.first().map(|it| it.at), Some(UtcMs(5)), "the record keeps its time");
}

#[test]
fn a_voided_receipt_gives_back_what_it_booked_once() {
    let mut book = book();
    told(&mut book, counted(0, 10));
    for delta in [-2, -3] {
        let sale = Change { product: 1, at: UtcMs(1), delta, ..change(0, 0, 0) };
        let sale = Change { key: key("r-1"), once: false, ..sale };
        book.ledger_mut().change(sale).unwrap();
    }
    let mut void = || {
        let body =
            ReceiptVoided { receipt_id: "r-1".into(), terminal_id: "1".into(), reason: None };
        let (at, source) = (UtcMs(2), "till-1".to_owned());
        told(&mut book, Record { at, source, body: Body::ReceiptVoided(body) })
    };
    let first = void();
    assert!(first.ends_with("+2 makes Some(7); +3 makes Some(10)"), "{first}");
    assert!(!void().contains("makes"), "a second void");
}

/// A step of a shop: a change with its number, or a count.
fn steps() -> impl Strategy<Value = Vec<(u8, i64, i64)>> {
    prop::collection::vec((0..4_u8, 0..30_i64, -20..20_i64), 1..40)
}

/// Stock, changes since the newest count, and the two newest counts.
type Known = (Option<i64>, i64, Option<Tally>, Option<Tally>);

fn play(steps: &[(u8, i64, i64, u64)]) -> Vec<Known> {
    let mut ledger = Ledger::default();
    for (what, day, amount, number) in steps {
        let product = 1 + number % 2;
        if *what == 0 {
            let quantity = amount.abs();
            ledger.count(Count { product, at: UtcMs(day * DAY), quantity }).unwrap();
        } else {
            ledger.change(Change { product, ..change(day * DAY, *amount, *number) }).unwrap();
        }
    }
    let all = (1..=2).map(|product| ledger.item(product).cloned().unwrap_or_default());
    all.map(|item| (item.on_hand(), item.changed(), item.newest, item.before)).collect()
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_gives_the_same_ledger(
        steps in steps(),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..80),
    ) {
        let numbered: Vec<_> = steps
            .iter()
            .zip(1_u64..)
            .map(|((what, day, amount), number)| (*what, *day, *amount, number))
            .collect();
        let mut other: Vec<_> = order.iter().map(|it| *it.get(&numbered)).collect();
        other.extend(numbered.iter().rev());
        prop_assert_eq!(play(&numbered), play(&other));
    }

    #[test]
    fn what_is_written_down_is_what_is_known(steps in steps(), at in 0..40_usize) {
        let mut ledger = Ledger::default();
        let (mut items, mut moves) = (std::collections::BTreeMap::new(), std::collections::BTreeMap::new());
        for (index, (what, day, amount)) in steps.iter().enumerate() {
            // Days far apart, so that some are folded.
            let time = day * 3 * DAY;
            if *what == 0 {
                ledger.count(count(time, amount.abs())).unwrap();
            } else {
                ledger.change(change(time, *amount, index as u64 + 1)).unwrap();
            }
            if index % 3 == 0 || index == at || index + 1 == steps.len() {
                let changes = ledger.take_changes();
                for product in changes.items {
                    let Item { newest, before, base, floor, ordered, .. } =
                        ledger.item(product).unwrap().clone();
                    items.insert(product, Item::restored(newest, before, (base, floor), ordered));
                }
                for (row, it) in changes.moves {
                    match it {
                        Some(it) => drop(moves.insert(row, it)),
                        None => drop(moves.remove(&row)),
                    }
                }
            }
        }
        let restored = Ledger::restored(items, moves.into_values());
        prop_assert_eq!(restored.item(1), ledger.item(1));
    }
}
