//! The kinds of record that have something optional, without it.

use tillgate_events::*;

use super::AT;
use super::parts::*;

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
        ("grocery", Body::VisitEntered(visit(0))),
        ("grocery", Body::VisitExited(visit(0))),
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
