//! The inverse of expansion, for tests: records put together again from their events.

use tillgate_events::*;

/// The body that expands to these events. Taken from the original is only what the contract has no key for:
/// the currency of orders and impressions, and two details of a tag window.
pub fn body(events: &[Envelope], original: &Body) -> Body {
    let event = &events[0];
    match event.payload.clone() {
        Payload::ReceiptCreated(_) => Body::Receipt(Box::new(receipt(events))),
        Payload::OnlineOrderCreated(_) => order(events, original),
        Payload::OnlineOrderPicked(step) => Body::OnlineOrderPicked(Fulfillment {
            order_id: step.order_id,
            node_type: step.node_type,
            node_id: step.node_id,
            mode: step.fulfillment_mode,
        }),
        Payload::OnlineOrderShipped(step) => Body::OnlineOrderShipped(Fulfillment {
            order_id: step.order_id,
            node_type: step.node_type,
            node_id: step.node_id,
            mode: step.fulfillment_mode,
        }),
        Payload::ReceiptVoided(voided) => Body::ReceiptVoided(ReceiptVoided {
            receipt_id: voided.receipt_id,
            terminal_id: voided.terminal_id,
            reason: voided.reason,
        }),
        Payload::NoSale(opened) => Body::NoSale(NoSale { terminal_id: opened.terminal_id }),
        Payload::BarcodeScanned(scanned) => Body::BarcodeScanned(BarcodeScanned {
            terminal_id: scanned.terminal_id,
            symbology: scanned.symbology,
            gtin: scanned.gtin,
            data: scanned.data,
        }),
        Payload::WeightMeasured(weight) => Body::WeightMeasured(WeightMeasured {
            terminal_id: weight.terminal_id,
            grams: weight.grams,
            stable: weight.stable,
        }),
        Payload::StoreOpened(_) => Body::StoreOpened,
        Payload::StoreClosed(_) => Body::StoreClosed,
        Payload::DeviceStatusChanged(changed) => Body::DeviceStatusChanged(DeviceStatusChanged {
            device: changed.device,
            status: changed.status,
            reason: changed.reason,
        }),
        Payload::UnknownEvent(unknown) => {
            Body::Unknown(Unknown { kind: unknown.kind, text: unknown.text })
        }
        other => stock(&other)
            .or_else(|| visit(event, original))
            .or_else(|| dock(other))
            .expect("every payload is known"),
    }
}

fn stock(payload: &Payload) -> Option<Body> {
    Some(match payload.clone() {
        Payload::InventoryUpdated(change) => Body::InventoryUpdated(InventoryUpdated {
            change: stock_change(&change),
            cause: change.source,
        }),
        Payload::InventoryCounted(counted) => Body::InventoryCounted(InventoryCounted {
            product_id: counted.product_id,
            sku: counted.sku,
            quantity: counted.quantity,
            expected_quantity: counted.expected_quantity,
        }),
        Payload::ShrinkDetected(shrink) => Body::ShrinkDetected(ShrinkDetected {
            product_id: shrink.product_id,
            missing_quantity: shrink.missing_quantity,
            value: shrink.value_cents,
            since: shrink.since,
        }),
        Payload::StockoutDetected(stockout) => Body::StockoutDetected(StockoutDetected {
            dc_id: stockout.dc_id,
            product_id: stockout.product_id,
            last_known_quantity: stockout.last_known_quantity,
            lost_sales_per_hour: stockout.lost_sales_cents_per_hour,
        }),
        Payload::ReorderTriggered(reorder) => Body::ReorderTriggered(ReorderTriggered {
            dc_id: reorder.dc_id,
            product_id: reorder.product_id,
            current_quantity: reorder.current_quantity,
            reorder_quantity: reorder.reorder_quantity,
            reorder_point: reorder.reorder_point,
        }),
        _ => return None,
    })
}

fn visit(event: &Envelope, original: &Body) -> Option<Body> {
    Some(match (event.payload.clone(), original) {
        (Payload::CustomerEntered(people), Body::VisitEntered(_)) => {
            Body::VisitEntered(visited(event, people))
        }
        (Payload::CustomerExited(people), Body::VisitExited(_)) => {
            Body::VisitExited(visited(event, people))
        }
        (Payload::CustomerEntered(people), _) => Body::CustomerEntered(crossing(people)),
        (Payload::CustomerExited(people), _) => Body::CustomerExited(crossing(people)),
        (Payload::BlePingDetected(ping), Body::TagWindow(window)) => Body::TagWindow(TagWindow {
            beacon_id: ping.beacon_id,
            customer_ble_id: ping.customer_ble_id,
            zone: ping.zone,
            ping_count: ping.ping_count,
            rssi_sum: window.rssi_sum,
            rssi_min: ping.rssi_min,
            rssi_max: ping.rssi_max,
            first_seen: ping.first_seen,
            last_seen: ping.last_seen,
            max_gap_ms: window.max_gap_ms,
        }),
        (Payload::CustomerZoneChanged(change), _) => {
            Body::CustomerZoneChanged(CustomerZoneChanged {
                customer_ble_id: change.customer_ble_id,
                from_zone: change.from_zone,
                to_zone: change.to_zone,
                dwell_seconds: change.dwell_seconds,
                visit_id: event.session_id.clone(),
            })
        }
        (Payload::AdImpression(shown), Body::AdImpression(original)) => {
            Body::AdImpression(Box::new(AdImpression {
                channel: shown.channel,
                campaign_id: shown.campaign_id,
                creative_id: shown.creative_id,
                customer_ad_id: shown.customer_ad_id,
                impression_id: shown.impression_id,
                currency: original.currency,
                cost: shown.cost.units,
                device_type: shown.device_type,
                customer_id: shown.customer_id,
                zone: shown.zone,
                dwell_seconds: shown.dwell_seconds,
                visit_id: event.session_id.clone(),
            }))
        }
        _ => return None,
    })
}

fn crossing(people: payload::CustomerCrossing) -> Crossing {
    Crossing {
        sensor_id: people.sensor_id,
        zone: people.zone,
        customer_count: people.customer_count,
        dwell_time: people.dwell_time,
        occupancy: people.occupancy,
        window_seconds: people.window_seconds,
    }
}

fn visited(event: &Envelope, people: payload::CustomerCrossing) -> VisitCrossing {
    VisitCrossing {
        sensor_id: people.sensor_id,
        zone: people.zone,
        dwell_time: people.dwell_time,
        visit_id: event.session_id.clone().unwrap(),
    }
}

fn dock(payload: Payload) -> Option<Body> {
    let hundredths = |celsius: Decimal| i32::try_from(celsius.units).unwrap();
    Some(match payload {
        Payload::TruckArrived(truck) => Body::TruckArrived(TruckArrived {
            truck_id: truck.truck_id,
            dc_id: truck.dc_id,
            shipment_id: truck.shipment_id,
            estimated_unload_minutes: truck.estimated_unload_duration,
            dock: truck.dock,
            planned_arrival: truck.planned_arrival,
        }),
        Payload::TruckDeparted(truck) => Body::TruckDeparted(TruckDeparted {
            truck_id: truck.truck_id,
            dc_id: truck.dc_id,
            shipment_id: truck.shipment_id,
            actual_unload_minutes: truck.actual_unload_duration,
            dock: truck.dock,
            temperature: truck.temperature_min_c.map(|minimum| Temperature {
                minimum: hundredths(minimum),
                mean: hundredths(truck.temperature_mean_c.unwrap()),
                maximum: hundredths(truck.temperature_max_c.unwrap()),
            }),
            temperature_breach_minutes: truck.temperature_breach_minutes,
        }),
        Payload::TemperatureRecorded(recorded) => Body::TemperatureRecorded(TemperatureRecorded {
            sensor_id: recorded.sensor_id,
            truck_id: recorded.truck_id,
            temperature: Temperature {
                minimum: hundredths(recorded.minimum_c),
                mean: hundredths(recorded.mean_c),
                maximum: hundredths(recorded.maximum_c),
            },
            sample_count: recorded.sample_count,
            window_seconds: recorded.window_seconds,
        }),
        _ => return None,
    })
}

fn order(events: &[Envelope], original: &Body) -> Body {
    let Payload::OnlineOrderCreated(created) = events[0].payload.clone() else { unreachable!() };
    let Body::OnlineOrderCreated(original) = original else { panic!("this was no order") };
    let payments = events[1..].iter().zip(1..).map(|(event, number)| match event.payload.clone() {
        Payload::PaymentProcessed(paid) => payment(&created.order_id, number, paid),
        other => panic!("{} is no child of an order", other.event_type().name()),
    });
    Body::OnlineOrderCreated(Box::new(OnlineOrder {
        payments: payments.collect(),
        fulfillment: Fulfillment {
            order_id: created.order_id.clone(),
            node_type: created.node_type,
            node_id: created.node_id,
            mode: created.fulfillment_mode,
        },
        customer_id: created.customer_id,
        campaign_id: created.campaign_id,
        impression_id: created.impression_id,
        item_count: created.item_count,
        currency: original.currency,
        gross_subtotal: created.gross_subtotal_cents,
        discount: created.discount_cents,
        subtotal: created.subtotal_cents,
        tax: created.tax_cents,
        total: created.total_cents,
    }))
}

pub fn receipt(events: &[Envelope]) -> Receipt {
    let Payload::ReceiptCreated(created) = &events[0].payload else { panic!("no receipt first") };
    let created = created.clone();
    let mut receipt = Receipt {
        receipt_id: created.receipt_id,
        receipt_type: created.receipt_type,
        terminal_id: created.terminal_id,
        customer_id: created.customer_id,
        campaign_id: created.campaign_id,
        impression_id: created.impression_id,
        currency: created.currency,
        gross_subtotal: created.gross_subtotal_cents,
        discount: created.discount_cents,
        subtotal: created.subtotal_cents,
        tax: created.tax_cents,
        total: created.total_cents,
        printed_at: created.printed_at,
        complete: created.complete,
        checks_passed: created.checks_passed,
        training: created.training,
        lines: vec![],
        payments: vec![],
        promotions: vec![],
        stock_changes: vec![],
    };
    events[1..].iter().for_each(|event| add(&mut receipt, event.payload.clone()));
    receipt
}

fn add(receipt: &mut Receipt, child: Payload) {
    match child {
        Payload::ReceiptLineAdded(line) => receipt.lines.push(Line {
            description: line.description,
            sku: line.sku,
            product_id: line.product_id,
            quantity: line.quantity,
            unit_price: line.unit_price_cents,
            extended_price: line.extended_price_cents,
            discount: line.discount_cents,
            promo_code: line.promo_code,
            weight_grams: line.weight_grams,
            department: line.department,
            tax_code: line.tax_code,
            voided: line.voided,
        }),
        Payload::PaymentProcessed(payment) => {
            let number = receipt.payments.len() + 1;
            receipt.payments.push(self::payment(&receipt.receipt_id, number, payment));
        }
        Payload::PromotionApplied(promotion) => receipt.promotions.push(Promotion {
            promo_code: promotion.promo_code,
            discount: promotion.discount_cents,
            discount_type: promotion.discount_type,
            product_count: promotion.product_count,
            product_ids: promotion.product_ids,
            line_number: promotion.line_number,
        }),
        Payload::InventoryUpdated(change) => receipt.stock_changes.push(stock_change(&change)),
        other => panic!("{} is no child of a receipt", other.event_type().name()),
    }
}

/// A transaction id that expansion would have made stands for none.
fn payment(paid_for: &str, number: usize, payment: payload::PaymentProcessed) -> Payment {
    let made = format!("{paid_for}-p{number}");
    Payment {
        method: payment.payment_method,
        amount: payment.amount_cents,
        change: payment.change_cents,
        status: payment.status,
        decline_reason: payment.decline_reason,
        card_last4: payment.card_last4,
        transaction_id: (payment.transaction_id != made).then_some(payment.transaction_id),
        processing_time_ms: payment.processing_time_ms,
    }
}

fn stock_change(change: &payload::InventoryUpdated) -> StockChange {
    StockChange {
        dc_id: change.dc_id,
        product_id: change.product_id,
        quantity_delta: change.quantity_delta,
        reason: change.reason,
        sku: change.sku.clone(),
        on_hand: change.on_hand,
        counted: change.counted,
    }
}
