//! One of every other kind of record, in turn, so that none is rare in training.
//!
//! Whoever adds a kind to the contract adds it here and runs `make dictionary` again before it is released.

use fastrand::Rng;
use tillgate_events::{
    AdImpression, BarcodeScanned, Body, Currency, CustomerZoneChanged, DeviceStatus,
    DeviceStatusChanged, Fulfillment, FulfillmentMode, InventoryCounted, InventoryUpdated, NoSale,
    NodeType, OnlineOrder, Payment, PaymentMethod, PaymentStatus, ReceiptVoided, Record,
    ReorderTriggered, ShrinkDetected, StockChange, StockReason, StockoutDetected, Temperature,
    TemperatureRecorded, TruckArrived, TruckDeparted, Unknown, UtcMs, WeightMeasured,
};

use crate::shop::Shop;

/// What [`Unknown`] records are of, with what they say.
const UNKNOWNS: [(&str, &str); 10] = [
    ("cash_in", "PAID IN [100.00]"),
    ("cash_out", "SAFE DROP [500.00]"),
    ("operator_signed_on", "CASHIER 12"),
    ("operator_signed_off", "KASSIERER 3"),
    (
        "unparsed_document",
        "X REPORT\nTERMINAL 1\nGROSS SALES 1204.50\nCASH 730.20\nCARD 474.30\nNO SALE 4\n",
    ),
    ("unparsed_document", "Z-BERICHT\nUMSATZ 2204,10\nBAR 930,00\nKARTE 1274,10\nSTORNO 3\n"),
    ("receipt_notes", "THANK YOU FOR SHOPPING WITH US"),
    ("payment_day_total", "TOTAL [120450] COUNT [88]"),
    ("drawer_left_open", "60 s"),
    ("unknown_devices", "37"),
];
const REASONS: [&str; 5] = [
    "unplugged",
    "not there",
    "held by another program",
    "no permission to open it",
    "no line for 120 s",
];

/// The `n`th record.
pub fn record(shop: &Shop, currency: Currency, n: usize, at: UtcMs, rng: &mut Rng) -> Record {
    let till = rng.choice(shop.tills).copied().unwrap_or("till-1");
    let (source, body) = match n % 5 {
        0 => beside_the_till(shop, till, n / 5, rng),
        1 => ("stock", stock(shop, at, n / 5, rng)),
        2 => gateway(shop, till, n / 5, rng),
        3 => dock(at, n / 5, rng),
        _ => orders(shop, currency, n / 5, rng),
    };
    Record { at, source: source.to_owned(), body }
}

fn beside_the_till(
    shop: &Shop,
    till: &'static str,
    n: usize,
    rng: &mut Rng,
) -> (&'static str, Body) {
    let terminal_id = shop.paper.terminal.unwrap_or(till).to_owned();
    let body = match n % 4 {
        0 => Body::NoSale(NoSale { terminal_id }),
        1 => Body::ReceiptVoided(ReceiptVoided {
            receipt_id: format!("{terminal_id}-20261121-{:05}", rng.u32(1..90_000)),
            terminal_id,
            reason: rng.bool().then(|| "VOID".to_owned()),
        }),
        2 => {
            let data = format!("2012{:09}", rng.u32(0..1_000_000_000));
            let (symbology, gtin) = ("EAN-13".to_owned(), Some(format!("0{data}")));
            return (
                "scanner-1",
                Body::BarcodeScanned(BarcodeScanned { terminal_id, symbology, gtin, data }),
            );
        }
        _ => {
            let (grams, stable) = (rng.i64(20..4000), rng.u32(0..10) != 0);
            return (
                "scale-1",
                Body::WeightMeasured(WeightMeasured { terminal_id, grams, stable }),
            );
        }
    };
    (till, body)
}

fn stock(shop: &Shop, at: UtcMs, n: usize, rng: &mut Rng) -> Body {
    let product_id = 4000 + rng.u64(0..shop.articles as u64) * 3;
    let (dc_id, sku) = (
        rng.bool().then(|| rng.u64(1..9)),
        rng.bool().then(|| format!("A-{}", rng.u32(100..9999))),
    );
    let quantity = rng.i64(0..60);
    match n % 5 {
        0 => Body::InventoryUpdated(InventoryUpdated {
            change: StockChange {
                dc_id,
                product_id,
                quantity_delta: quantity * 4 + 1,
                reason: *rng
                    .choice(&[
                        StockReason::InboundShipment,
                        StockReason::Adjustment,
                        StockReason::Damaged,
                    ])
                    .unwrap_or(&StockReason::Adjustment),
                sku,
                on_hand: rng.bool().then(|| rng.i64(0..400)),
                counted: rng.bool(),
            },
            cause: rng.bool().then(|| format!("SHP-{}", rng.u32(10..9999))),
        }),
        1 => Body::InventoryCounted(InventoryCounted {
            product_id,
            sku,
            quantity,
            expected_quantity: rng.bool().then_some(quantity + 2),
        }),
        2 => Body::ShrinkDetected(ShrinkDetected {
            product_id,
            missing_quantity: rng.i64(1..9),
            value: Some(rng.i64(100..9000)),
            since: UtcMs(at.0 - rng.i64(1..14) * 86_400_000),
        }),
        3 => Body::StockoutDetected(StockoutDetected {
            dc_id,
            product_id,
            last_known_quantity: 0,
            lost_sales_per_hour: rng.bool().then(|| rng.i64(100..9000)),
        }),
        _ => Body::ReorderTriggered(ReorderTriggered {
            dc_id,
            product_id,
            current_quantity: rng.i64(0..20),
            reorder_quantity: rng.i64(1..40) * 12,
            reorder_point: rng.i64(1..5) * 10,
        }),
    }
}

fn gateway(shop: &Shop, till: &'static str, n: usize, rng: &mut Rng) -> (&'static str, Body) {
    match n % 5 {
        0 | 1 => {
            let (kind, text) = *rng.choice(&UNKNOWNS).unwrap_or(&("", ""));
            (till, Body::Unknown(Unknown { kind: kind.to_owned(), text: text.to_owned() }))
        }
        2 if n.is_multiple_of(20) => ("gateway", Body::StoreOpened),
        2 => ("gateway", Body::StoreClosed),
        _ => {
            let device = shop.doors.first().filter(|_| rng.bool()).map_or(till, |(name, _)| name);
            let up = rng.bool();
            let status = if up { DeviceStatus::Up } else { DeviceStatus::Down };
            let reason = rng.choice(&REASONS).filter(|_| !up).map(|&reason| reason.to_owned());
            let device = device.to_owned();
            ("gateway", Body::DeviceStatusChanged(DeviceStatusChanged { device, status, reason }))
        }
    }
}

fn dock(at: UtcMs, n: usize, rng: &mut Rng) -> (&'static str, Body) {
    let (truck_id, shipment_id) =
        (format!("truck-{}", rng.u32(1..40)), format!("SHP-{}", rng.u32(10..9999)));
    let (dc_id, dock) = (rng.bool().then(|| rng.u64(1..9)), rng.u32(1..4).to_string());
    let mean = *rng.choice(&[400, -1800]).unwrap_or(&0) + rng.i32(-80..80);
    let temperature =
        Temperature { minimum: mean - rng.i32(5..90), mean, maximum: mean + rng.i32(5..90) };
    match n % 3 {
        0 => {
            let planned_arrival = rng.bool().then(|| UtcMs(at.0 - rng.i64(-60..60) * 60_000));
            let estimated_unload_minutes = rng.u32(3..18) * 5;
            (
                "dock-1",
                Body::TruckArrived(TruckArrived {
                    truck_id,
                    dc_id,
                    shipment_id,
                    estimated_unload_minutes,
                    dock,
                    planned_arrival,
                }),
            )
        }
        1 => (
            "dock-1",
            Body::TruckDeparted(TruckDeparted {
                truck_id,
                dc_id,
                shipment_id,
                actual_unload_minutes: rng.u32(10..90),
                dock,
                temperature: rng.bool().then_some(temperature),
                temperature_breach_minutes: rng.bool().then(|| rng.u32(0..9)),
            }),
        ),
        _ => (
            "fridge-3",
            Body::TemperatureRecorded(TemperatureRecorded {
                sensor_id: "fridge-3".to_owned(),
                truck_id: rng.bool().then_some(truck_id),
                temperature,
                sample_count: rng.u32(4..60),
                window_seconds: 600,
            }),
        ),
    }
}

fn orders(shop: &Shop, currency: Currency, n: usize, rng: &mut Rng) -> (&'static str, Body) {
    let order_id = format!("O-{}", rng.u32(1000..99_999));
    let fulfillment = Fulfillment {
        order_id,
        node_type: NodeType::Store,
        node_id: shop.store,
        mode: FulfillmentMode::Bopis,
    };
    let pseudonym = format!("{:016x}", rng.u64(..));
    let zone = |rng: &mut Rng| rng.choice(shop.receivers).map_or("", |(_, zone)| zone).to_owned();
    match n % 5 {
        0 => ("shop", Body::OnlineOrderCreated(Box::new(order(currency, fulfillment, rng)))),
        1 => ("shop", Body::OnlineOrderPicked(fulfillment)),
        2 => ("shop", Body::OnlineOrderShipped(fulfillment)),
        3 => (
            "zones",
            Body::CustomerZoneChanged(CustomerZoneChanged {
                customer_ble_id: pseudonym,
                from_zone: zone(rng),
                to_zone: zone(rng),
                dwell_seconds: rng.u32(5..900),
                visit_id: None,
            }),
        ),
        _ => (
            "screen-1",
            Body::AdImpression(Box::new(AdImpression {
                channel: "IN_STORE_SCREEN".to_owned(),
                campaign_id: rng.u32(1..90).to_string(),
                creative_id: format!("cr-{}", rng.u32(1..40)),
                customer_ad_id: pseudonym,
                impression_id: format!("imp-20261121-{}", rng.u32(1..9999)),
                currency,
                cost: rng.i64(1..20),
                device_type: "SCREEN".to_owned(),
                customer_id: None,
                zone: Some(zone(rng)),
                dwell_seconds: Some(rng.u32(2..40)),
                visit_id: None,
            })),
        ),
    }
}

fn order(currency: Currency, fulfillment: Fulfillment, rng: &mut Rng) -> OnlineOrder {
    let subtotal = rng.i64(500..20_000);
    let payment = Payment {
        method: PaymentMethod::MobilePay,
        amount: subtotal,
        change: 0,
        status: PaymentStatus::Approved,
        decline_reason: None,
        card_last4: None,
        transaction_id: Some(format!("TX-{}", rng.u32(1000..99_999))),
        processing_time_ms: rng.u32(200..4000),
    };
    OnlineOrder {
        fulfillment,
        customer_id: rng.bool().then(|| rng.u64(1000..99_999)),
        campaign_id: None,
        impression_id: None,
        item_count: rng.u32(1..12),
        currency,
        gross_subtotal: subtotal,
        discount: 0,
        subtotal,
        tax: subtotal * 7 / 107,
        total: subtotal,
        payments: vec![payment],
    }
}
