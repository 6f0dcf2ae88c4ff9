//! One record of every kind, twice: with everything that can be there, and with as little as can be.

use tillgate_events::*;

pub const AT: UtcMs = UtcMs(1_795_269_900_123);

pub fn header(class: Class) -> Header {
    Header {
        gateway_id: "gw-0007".into(),
        store_id: 7,
        class,
        epoch: 3,
        first_sequence: 1001,
        wall: UtcMs(AT.0 + 400),
        boot_id: BootId::parse("0f4e2a9c-33d1-4b52-8e07-6a1b2c3d4e5f").unwrap(),
        mono_us: 86_400_000_000,
        clock: ClockQuality::Synced,
    }
}

/// All full and bare records in one batch, a second apart.
pub fn mixed_batch() -> Batch {
    let bodies = full().into_iter().chain(bare());
    let records = bodies.zip(0..).map(|((source, body), n)| Record {
        at: UtcMs(AT.0 + n * 1000),
        source: source.into(),
        body,
    });
    Batch { header: header(Class::Pos), records: records.collect() }
}

/// The events of one record as the first of its stream.
pub fn events_of((source, body): (&str, Body)) -> Vec<Envelope> {
    let record = Record { at: AT, source: source.into(), body };
    expand(&header(record.class()), 0, &record)
}

pub fn full() -> Vec<(&'static str, Body)> {
    vec![
        ("till-1", Body::Receipt(Box::new(receipt()))),
        (
            "till-1",
            Body::ReceiptVoided(ReceiptVoided {
                receipt_id: "1-20261121-000122".into(),
                terminal_id: "1".into(),
                reason: Some("CUSTOMER LEFT".into()),
            }),
        ),
        ("till-1", Body::NoSale(NoSale { terminal_id: "1".into() })),
        (
            "scanner-1",
            Body::BarcodeScanned(BarcodeScanned {
                terminal_id: "1".into(),
                symbology: "EAN-13".into(),
                gtin: Some("04006381333931".into()),
                data: "4006381333931".into(),
            }),
        ),
        (
            "scale-1",
            Body::WeightMeasured(WeightMeasured {
                terminal_id: "1".into(),
                grams: 482,
                stable: true,
            }),
        ),
        ("shop", Body::OnlineOrderCreated(Box::new(order()))),
        ("shop", Body::OnlineOrderPicked(fulfillment(NodeType::Store, FulfillmentMode::Bopis))),
        ("shop", Body::OnlineOrderShipped(fulfillment(NodeType::Dc, FulfillmentMode::ShipFromDc))),
        (
            "stock",
            Body::InventoryUpdated(InventoryUpdated {
                change: StockChange {
                    dc_id: Some(2),
                    product_id: 4711,
                    quantity_delta: 240,
                    reason: StockReason::InboundShipment,
                    sku: Some("A-100".into()),
                    on_hand: Some(263),
                    counted: true,
                },
                cause: Some("SHP-88".into()),
            }),
        ),
        (
            "stock",
            Body::InventoryCounted(InventoryCounted {
                product_id: 4711,
                sku: Some("A-100".into()),
                quantity: 20,
                expected_quantity: Some(23),
            }),
        ),
        (
            "stock",
            Body::ShrinkDetected(ShrinkDetected {
                product_id: 4711,
                missing_quantity: 3,
                value: Some(747),
                since: UtcMs(AT.0 - 7 * 86_400_000),
            }),
        ),
        (
            "stock",
            Body::StockoutDetected(StockoutDetected {
                dc_id: Some(2),
                product_id: 4711,
                last_known_quantity: 0,
                lost_sales_per_hour: Some(1245),
            }),
        ),
        (
            "stock",
            Body::ReorderTriggered(ReorderTriggered {
                dc_id: Some(2),
                product_id: 4711,
                current_quantity: 14,
                reorder_quantity: 240,
                reorder_point: 20,
            }),
        ),
        ("main-entrance", Body::CustomerEntered(crossing(Some(12)))),
        ("main-entrance", Body::CustomerExited(crossing(Some(11)))),
        (
            "grocery",
            Body::TagWindow(TagWindow {
                beacon_id: "grocery".into(),
                customer_ble_id: "p:5d41402abc4b2a76".into(),
                zone: "GROCERY".into(),
                ping_count: 8,
                rssi_sum: -532,
                rssi_min: -74,
                rssi_max: -61,
                first_seen: UtcMs(AT.0 - 9_800),
                last_seen: UtcMs(AT.0 - 200),
                max_gap_ms: 1_900,
            }),
        ),
        ("grocery", Body::CustomerZoneChanged(zone_change(Some("v-31".into())))),
        (
            "screen-2",
            Body::AdImpression(Box::new(AdImpression {
                channel: "IN_STORE_SCREEN".into(),
                campaign_id: "42".into(),
                creative_id: "cr-9".into(),
                customer_ad_id: "p:5d41402abc4b2a76".into(),
                impression_id: "imp-20261121-17".into(),
                currency: eur(),
                cost: 5,
                device_type: "SCREEN".into(),
                customer_id: Some(90_210),
                zone: Some("GROCERY".into()),
                dwell_seconds: Some(14),
                visit_id: Some("v-31".into()),
            })),
        ),
        (
            "dock-1",
            Body::TruckArrived(TruckArrived {
                truck_id: "truck-14".into(),
                dc_id: Some(2),
                shipment_id: "SHP-88".into(),
                estimated_unload_minutes: 45,
                dock: "1".into(),
                planned_arrival: Some(UtcMs(AT.0 - 17 * 60_000)),
            }),
        ),
        (
            "dock-1",
            Body::TruckDeparted(TruckDeparted {
                truck_id: "truck-14".into(),
                dc_id: Some(2),
                shipment_id: "SHP-88".into(),
                actual_unload_minutes: 52,
                dock: "1".into(),
                temperature: Some(Temperature { minimum: -1850, mean: -1805, maximum: -5 }),
                temperature_breach_minutes: Some(4),
            }),
        ),
        (
            "fridge-3",
            Body::TemperatureRecorded(TemperatureRecorded {
                sensor_id: "fridge-3".into(),
                truck_id: Some("truck-14".into()),
                temperature: Temperature { minimum: 310, mean: 402, maximum: 490 },
                sample_count: 60,
                window_seconds: 600,
            }),
        ),
        ("gateway", Body::StoreOpened),
        ("gateway", Body::StoreClosed),
        (
            "gateway",
            Body::DeviceStatusChanged(DeviceStatusChanged {
                device: "till-1".into(),
                status: DeviceStatus::Down,
                reason: Some("unplugged".into()),
            }),
        ),
        (
            "till-1",
            Body::Unknown(Unknown {
                kind: "unparsed_line".into(),
                text: "** Grüße \"€\" **".into(),
            }),
        ),
    ]
}

/// The kinds that have something optional, without it.
pub fn bare() -> Vec<(&'static str, Body)> {
    let line = Line {
        sku: None,
        product_id: None,
        promo_code: None,
        weight_grams: None,
        department: None,
        tax_code: None,
        ..apples()
    };
    let bare_receipt = Receipt {
        customer_id: None,
        campaign_id: None,
        impression_id: None,
        printed_at: None,
        lines: vec![line],
        payments: vec![Payment { card_last4: None, ..card() }],
        promotions: vec![Promotion { line_number: None, product_ids: vec![], ..promotion() }],
        stock_changes: vec![StockChange { sku: None, on_hand: None, counted: false, ..sold() }],
        ..receipt()
    };
    let bare_order = OnlineOrder {
        customer_id: None,
        campaign_id: None,
        impression_id: None,
        payments: vec![],
        ..order()
    };
    vec![
        ("till-1", Body::Receipt(Box::new(bare_receipt))),
        (
            "till-1",
            Body::ReceiptVoided(ReceiptVoided {
                receipt_id: "1-20261121-000122".into(),
                terminal_id: "1".into(),
                reason: None,
            }),
        ),
        (
            "scanner-1",
            Body::BarcodeScanned(BarcodeScanned {
                terminal_id: "1".into(),
                symbology: "CODE-128".into(),
                gtin: None,
                data: "LOT-7".into(),
            }),
        ),
        ("shop", Body::OnlineOrderCreated(Box::new(bare_order))),
        ("stock", Body::InventoryUpdated(InventoryUpdated { change: sold(), cause: None })),
        (
            "stock",
            Body::InventoryCounted(InventoryCounted {
                product_id: 4711,
                sku: None,
                quantity: 20,
                expected_quantity: None,
            }),
        ),
        (
            "stock",
            Body::ShrinkDetected(ShrinkDetected {
                product_id: 4711,
                missing_quantity: 3,
                value: None,
                since: AT,
            }),
        ),
        (
            "stock",
            Body::StockoutDetected(StockoutDetected {
                dc_id: None,
                product_id: 4711,
                last_known_quantity: 0,
                lost_sales_per_hour: None,
            }),
        ),
        (
            "stock",
            Body::ReorderTriggered(ReorderTriggered {
                dc_id: None,
                product_id: 4711,
                current_quantity: 19,
                reorder_quantity: 240,
                reorder_point: 20,
            }),
        ),
        ("main-entrance", Body::CustomerEntered(crossing(None))),
        ("main-entrance", Body::CustomerExited(crossing(None))),
        ("grocery", Body::CustomerZoneChanged(zone_change(None))),
        (
            "screen-2",
            Body::AdImpression(Box::new(AdImpression {
                channel: "IN_STORE_SCREEN".into(),
                campaign_id: "42".into(),
                creative_id: "cr-9".into(),
                customer_ad_id: "p:5d41402abc4b2a76".into(),
                impression_id: "imp-20261121-18".into(),
                currency: eur(),
                cost: 5,
                device_type: "SCREEN".into(),
                customer_id: None,
                zone: None,
                dwell_seconds: None,
                visit_id: None,
            })),
        ),
        (
            "dock-1",
            Body::TruckArrived(TruckArrived {
                truck_id: "truck-14".into(),
                dc_id: None,
                shipment_id: "SHP-88".into(),
                estimated_unload_minutes: 45,
                dock: "1".into(),
                planned_arrival: None,
            }),
        ),
        (
            "dock-1",
            Body::TruckDeparted(TruckDeparted {
                truck_id: "truck-14".into(),
                dc_id: None,
                shipment_id: "SHP-88".into(),
                actual_unload_minutes: 52,
                dock: "1".into(),
                temperature: None,
                temperature_breach_minutes: None,
            }),
        ),
        (
            "fridge-3",
            Body::TemperatureRecorded(TemperatureRecorded {
                sensor_id: "fridge-3".into(),
                truck_id: None,
                temperature: Temperature { minimum: 310, mean: 402, maximum: 490 },
                sample_count: 60,
                window_seconds: 600,
            }),
        ),
        (
            "gateway",
            Body::DeviceStatusChanged(DeviceStatusChanged {
                device: "till-1".into(),
                status: DeviceStatus::Up,
                reason: None,
            }),
        ),
    ]
}

pub fn receipt() -> Receipt {
    Receipt {
        receipt_id: "1-20261121-000123".into(),
        receipt_type: ReceiptType::Sale,
        terminal_id: "1".into(),
        customer_id: Some(90_210),
        campaign_id: Some("42".into()),
        impression_id: Some("imp-20261121-17".into()),
        currency: eur(),
        gross_subtotal: 346,
        discount: 25,
        subtotal: 321,
        tax: 21,
        total: 342,
        printed_at: Some("2026-11-21T14:05:00".into()),
        complete: true,
        checks_passed: true,
        training: false,
        lines: vec![apples(), bananas()],
        payments: vec![card(), cash()],
        promotions: vec![promotion()],
        stock_changes: vec![sold()],
    }
}

fn apples() -> Line {
    Line {
        description: "Apples Gala".into(),
        sku: Some("A-100".into()),
        product_id: Some(4711),
        quantity: 2,
        unit_price: 125,
        extended_price: 225,
        discount: 25,
        promo_code: Some("APPLE10".into()),
        weight_grams: None,
        department: Some("PRODUCE".into()),
        tax_code: Some("A".into()),
        voided: false,
    }
}

fn bananas() -> Line {
    Line {
        description: "Bananas".into(),
        sku: Some("B-200".into()),
        product_id: Some(4712),
        quantity: 1,
        unit_price: 199,
        extended_price: 96,
        discount: 0,
        weight_grams: Some(482),
        promo_code: None,
        ..apples()
    }
}

fn card() -> Payment {
    Payment {
        method: PaymentMethod::CreditCard,
        amount: 300,
        change: 0,
        status: PaymentStatus::Approved,
        decline_reason: None,
        card_last4: Some("1234".into()),
        transaction_id: None,
        processing_time_ms: 1840,
    }
}

fn cash() -> Payment {
    Payment { method: PaymentMethod::Cash, amount: 500, change: 458, card_last4: None, ..card() }
}

fn promotion() -> Promotion {
    Promotion {
        promo_code: "APPLE10".into(),
        discount: 25,
        discount_type: DiscountType::Percentage,
        product_count: 1,
        product_ids: vec![4711],
        line_number: Some(1),
    }
}

fn sold() -> StockChange {
    StockChange {
        dc_id: None,
        product_id: 4711,
        quantity_delta: -2,
        reason: StockReason::Sale,
        sku: Some("A-100".into()),
        on_hand: Some(23),
        counted: true,
    }
}

fn order() -> OnlineOrder {
    OnlineOrder {
        fulfillment: fulfillment(NodeType::Store, FulfillmentMode::Bopis),
        customer_id: Some(90_210),
        campaign_id: Some("42".into()),
        impression_id: Some("imp-20261121-17".into()),
        item_count: 3,
        currency: eur(),
        gross_subtotal: 2000,
        discount: 100,
        subtotal: 1900,
        tax: 133,
        total: 2033,
        payments: vec![Payment {
            method: PaymentMethod::MobilePay,
            amount: 2033,
            status: PaymentStatus::Declined,
            decline_reason: Some("INSUFFICIENT_FUNDS".into()),
            transaction_id: Some("TX-5501".into()),
            ..card()
        }],
    }
}

fn fulfillment(node_type: NodeType, mode: FulfillmentMode) -> Fulfillment {
    Fulfillment { order_id: "O-5501".into(), node_type, node_id: 7, mode }
}

fn crossing(occupancy: Option<u32>) -> Crossing {
    Crossing {
        sensor_id: "main-entrance".into(),
        zone: "ENTRANCE".into(),
        customer_count: 1,
        dwell_time: 0,
        occupancy,
        window_seconds: 0,
    }
}

fn zone_change(visit_id: Option<String>) -> CustomerZoneChanged {
    CustomerZoneChanged {
        customer_ble_id: "p:5d41402abc4b2a76".into(),
        from_zone: "ENTRANCE".into(),
        to_zone: "GROCERY".into(),
        dwell_seconds: 37,
        visit_id,
    }
}

fn eur() -> Currency {
    Currency::new("EUR").unwrap()
}
