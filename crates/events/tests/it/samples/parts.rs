//! What the samples are made of.

use tillgate_events::*;

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

pub fn apples() -> Line {
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

pub fn bananas() -> Line {
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

pub fn card() -> Payment {
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

pub fn cash() -> Payment {
    Payment { method: PaymentMethod::Cash, amount: 500, change: 458, card_last4: None, ..card() }
}

pub fn promotion() -> Promotion {
    Promotion {
        promo_code: "APPLE10".into(),
        discount: 25,
        discount_type: DiscountType::Percentage,
        product_count: 1,
        product_ids: vec![4711],
        line_number: Some(1),
    }
}

pub fn sold() -> StockChange {
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

pub fn order() -> OnlineOrder {
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

pub fn fulfillment(node_type: NodeType, mode: FulfillmentMode) -> Fulfillment {
    Fulfillment { order_id: "O-5501".into(), node_type, node_id: 7, mode }
}

pub fn crossing(occupancy: Option<u32>) -> Crossing {
    Crossing {
        sensor_id: "main-entrance".into(),
        zone: "ENTRANCE".into(),
        customer_count: 1,
        dwell_time: 0,
        occupancy,
        window_seconds: 0,
    }
}

pub fn visit(dwell_time: u32) -> VisitCrossing {
    VisitCrossing {
        sensor_id: "grocery".into(),
        zone: "GROCERY".into(),
        dwell_time,
        visit_id: "v-31".into(),
    }
}

pub fn zone_change(visit_id: Option<String>) -> CustomerZoneChanged {
    CustomerZoneChanged {
        customer_ble_id: "p:5d41402abc4b2a76".into(),
        from_zone: "ENTRANCE".into(),
        to_zone: "GROCERY".into(),
        dwell_seconds: 37,
        visit_id,
    }
}

pub fn eur() -> Currency {
    Currency::new("EUR").unwrap()
}
