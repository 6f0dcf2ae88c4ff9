//! What a realistic receipt costs on the wire.

use tillgate_events::*;

use crate::samples;

const NAMES: [&str; 24] = [
    "Apples Gala",
    "Bananas",
    "Whole Milk 1L",
    "Butter 250g",
    "Rye Bread",
    "Eggs 10pc",
    "Gouda sliced",
    "Tomatoes",
    "Cucumber",
    "Orange Juice",
    "Spaghetti 500g",
    "Olive Oil",
    "Rice Basmati",
    "Yoghurt",
    "Coffee 500g",
    "Tea Earl Grey",
    "Chocolate 70%",
    "Toothpaste",
    "Shampoo",
    "Paper Towels",
    "Salmon",
    "Chicken Breast",
    "Mineral Water",
    "Pilsner 0.5L",
];

/// With these, 192 articles.
const BRANDS: [&str; 8] =
    ["House", "Budget", "Organic", "Premium", "Farmhouse", "Family Pack", "Local", "Classic"];

/// Eight lines and one payment; every number differs from receipt to receipt.
fn receipt(seed: &mut u64) -> Receipt {
    let mut below = |limit: u64| {
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) % limit
    };
    let lines: Vec<Line> = (0..8)
        .map(|_| {
            let item = below(192);
            let (quantity, unit_price) = (below(3) as i64 + 1, 79 + item as i64 * 7);
            Line {
                description: format!("{} {}", BRANDS[item as usize % 8], NAMES[item as usize / 8]),
                sku: None,
                product_id: Some(4000 + item),
                quantity,
                unit_price,
                extended_price: quantity * unit_price,
                discount: 0,
                promo_code: None,
                weight_grams: None,
                department: None,
                tax_code: Some(if item < 128 { "A" } else { "B" }.into()),
                voided: false,
            }
        })
        .collect();
    let subtotal = lines.iter().map(|line| line.extended_price).sum();
    let tax = subtotal * 7 / 100;
    let (number, terminal, card) = (below(1_000_000), below(3) + 1, below(2) == 0);
    Receipt {
        receipt_id: format!("{terminal}-20261121-{number:06}"),
        terminal_id: terminal.to_string(),
        customer_id: None,
        campaign_id: None,
        impression_id: None,
        gross_subtotal: subtotal,
        discount: 0,
        subtotal,
        tax,
        total: subtotal + tax,
        printed_at: Some(format!("2026-11-21T14:{:02}:00", below(60))),
        payments: vec![Payment {
            method: if card { PaymentMethod::CreditCard } else { PaymentMethod::Cash },
            amount: subtotal + tax,
            change: 0,
            status: PaymentStatus::Approved,
            decline_reason: None,
            card_last4: card.then(|| format!("{:04}", below(10_000))),
            transaction_id: None,
            processing_time_ms: 0,
        }],
        promotions: vec![],
        stock_changes: vec![],
        lines,
        ..samples::receipt()
    }
}

/// Payload bytes, events and JSON bytes of a batch of receipts.
fn measure(receipts: usize) -> (usize, usize, usize) {
    let mut seed = 7;
    let records = (0..receipts).map(|n| Record {
        at: UtcMs(samples::AT.0 + n as i64 * 7_123),
        source: format!("till-{}", n % 3),
        body: Body::Receipt(Box::new(receipt(&mut seed))),
    });
    let batch = Batch { header: samples::header(Class::Pos), records: records.collect() };
    let lines: Vec<String> = expand_batch(&batch).map(|event| event.to_json_line()).collect();
    let json = lines.iter().map(String::len).sum();
    (encode(&batch).unwrap().len(), lines.len(), json)
}

#[test]
fn a_full_batch_of_receipts_takes_few_bytes_per_event() {
    for receipts in [1, 64] {
        let (bytes, events, json) = measure(receipts);
        let each = bytes as f64 / events as f64;
        println!(
            "{receipts} receipts: {bytes} bytes, {events} events, {each:.1} each; JSON {json}"
        );
        let limit = if receipts == 1 { 60.0 } else { 15.0 };
        assert!(each < limit, "{receipts} receipts: {each:.1} bytes per event");
    }
}

#[test]
fn a_full_batch_of_tag_windows_takes_few_bytes_per_window() {
    let windows = 256;
    let mut seed: u64 = 7;
    let records = (0..windows).map(|n| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (random, tag) = ((seed >> 33) as i64, n % 40);
        let at = samples::AT.0 + n / 40 * 10_000;
        let zone = if tag % 2 == 0 { "GROCERY" } else { "CHECKOUT" };
        let window = TagWindow {
            beacon_id: zone.to_lowercase(),
            customer_ble_id: format!(
                "{:016x}",
                (tag as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ),
            zone: zone.into(),
            ping_count: 20 + (random % 30) as u32,
            rssi_sum: -1500 - random % 1000,
            rssi_min: -80 - (random % 9) as i8,
            rssi_max: -60 + (random % 7) as i8,
            first_seen: UtcMs(at - 10_000 + random % 500),
            last_seen: UtcMs(at - random % 700),
            max_gap_ms: 200 + (random % 800) as u32,
        };
        Record { at: UtcMs(at), source: zone.to_lowercase(), body: Body::TagWindow(window) }
    });
    let batch = Batch { header: samples::header(Class::Visit), records: records.collect() };
    let each = encode(&batch).unwrap().len() as f64 / windows as f64;
    println!("{windows} tag windows: {each:.1} bytes each");
    assert!(each < 25.0, "{each:.1} bytes per window");
}
