//! What must hold for every seed.

use std::collections::BTreeMap;

use tillgate_events::Body;

use super::*;
use crate::day::tables::Kind;

fn script(seed: u64, days: u32) -> Script {
    Script::new(&Setting { seed, days, visitors: 120, ..Setting::default() })
}

#[test]
fn the_same_seed_says_the_same_bytes_and_another_one_does_not() {
    let (one, two) = (script(7, 2), script(7, 2));
    assert_eq!(one.spoken, two.spoken);
    assert_eq!(one.expected, two.expected);
    assert_eq!(one.beside, two.beside);
    assert_ne!(one.spoken, script(8, 2).spoken);
}

#[test]
fn what_is_paid_less_change_is_the_total_of_every_receipt() {
    let mut receipts = 0;
    for record in script(3, 2).expected {
        let Body::Receipt(it) = record.body else { continue };
        let paid: i64 = it.payments.iter().map(|payment| payment.amount - payment.change).sum();
        let lines: i64 =
            it.lines.iter().filter(|line| !line.voided).map(|line| line.extended_price).sum();
        let coupon = it.promotions.iter().filter(|promotion| promotion.line_number.is_none());
        assert_eq!(paid, it.total, "{it:?}");
        assert_eq!(lines - coupon.map(|it| it.discount).sum::<i64>(), it.subtotal, "{it:?}");
        assert_eq!(it.gross_subtotal - it.discount, it.subtotal, "{it:?}");
        assert!(it.total != 0 || it.promotions.iter().any(|it| it.discount > 0), "{it:?}");
        receipts += 1;
    }
    assert!(receipts > 100, "{receipts}");
}

#[test]
fn true_stock_is_never_negative_and_the_book_is_what_events_say() {
    let script = script(5, 6);
    let column = |row: &[String], n: usize| row[n].parse::<i64>().unwrap();
    let hours = script.beside.rows(Kind::StockHours);
    assert!(hours.iter().all(|row| column(row, 2) >= 0));
    let mut book: BTreeMap<i64, i64> = BTreeMap::new();
    let mut records: Vec<_> = script.expected.iter().collect();
    records.sort_by_key(|record| record.at);
    for record in records {
        let changes = match &record.body {
            Body::Receipt(it) => it.stock_changes.as_slice(),
            Body::InventoryUpdated(it) => std::slice::from_ref(&it.change),
            Body::InventoryCounted(it) => {
                book.insert(it.product_id as i64, it.quantity);
                continue;
            }
            _ => continue,
        };
        for change in changes {
            *book.get_mut(&(change.product_id as i64)).unwrap() += change.quantity_delta;
        }
    }
    // The last picture of the last day is taken before the last visitors have paid.
    let last: Vec<_> = hours.iter().rev().take(goods::PRODUCTS.len()).collect();
    let apart: i64 = last.iter().map(|row| (column(row, 3) - book[&column(row, 1)]).abs()).sum();
    assert!(apart < 40, "{apart} pieces apart");
}

#[test]
fn nobody_comes_before_the_store_opens_or_after_it_closes() {
    for (days, hours_open) in [(7, 24), (1, 1)] {
        let setting = Setting { seed: 2, days, hours: hours_open, visitors: 60 };
        let mut came = 0;
        for record in Script::new(&setting).expected {
            if let Body::CustomerEntered(_) = record.body {
                let (opens, closes) = hours(&setting, (record.at.0 / DAY) as u32);
                assert!((opens..closes).contains(&record.at.0), "{}", written(record.at.0));
                came += 1;
            }
        }
        assert!(came > 0);
    }
}

#[test]
fn who_comes_in_goes_out_and_every_totals_counter_tells_them_all() {
    let script = script(4, 2);
    let count = |inward: bool, door: Device| {
        let of = |record: &&Record| match record.body {
            Body::CustomerEntered(_) => inward && record.source == door.name(),
            Body::CustomerExited(_) => !inward && record.source == door.name(),
            _ => false,
        };
        script.expected.iter().filter(of).count()
    };
    for door in [Device::MainDoor, Device::CarParkDoor] {
        assert_eq!(count(true, door), count(false, door));
    }
    let last = script.spoken.iter().rfind(|it| it.device == Device::CarParkDoor).unwrap();
    let expected = count(true, Device::CarParkDoor);
    assert_eq!(String::from_utf8_lossy(&last.bytes), format!("IN={expected} OUT={expected}\r\n"));
}

#[test]
fn promoted_products_sell_by_their_true_lift() {
    let script = Script::new(&Setting { seed: 1, days: 12, ..Setting::default() });
    // Chocolate is promoted on every third day and taken 80 % more often then.
    let mut sold = [(0.0, 0.0); 2];
    for record in &script.expected {
        let Body::Receipt(it) = &record.body else { continue };
        let [promoted, usual] = &mut sold;
        let day = if (record.at.0 / DAY) % 3 == 0 { promoted } else { usual };
        day.0 += it.lines.iter().filter(|line| line.product_id == Some(108)).count() as f64;
        day.1 += 1.0;
    }
    let [promoted, usual] = sold.map(|(lines, receipts)| lines / receipts);
    let lift = promoted / usual - 1.0;
    assert!((0.3..1.4).contains(&lift), "lift {lift}: {sold:?}");
}

#[test]
fn every_row_of_every_table_has_a_field_for_each_column() {
    let tables = script(9, 6).beside;
    for kind in Kind::ALL {
        assert!(kind.keys() <= kind.columns().len());
        let wide = kind.columns().len();
        assert!(tables.rows(kind).iter().all(|row| row.len() == wide), "{}", kind.name());
    }
    for kind in [
        Kind::Lifts,
        Kind::Trucks,
        Kind::Temperatures,
        Kind::Visits,
        Kind::Impressions,
        Kind::Vanished,
    ] {
        assert!(!tables.rows(kind).is_empty(), "{}", kind.name());
    }
}
