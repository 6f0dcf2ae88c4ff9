//! Every kind of record with everything that can be there.

use tillgate_events::*;

use super::AT;
use super::parts::*;

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
        ("grocery", Body::VisitEntered(visit(0))),
        ("grocery", Body::VisitExited(visit(754))),
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
