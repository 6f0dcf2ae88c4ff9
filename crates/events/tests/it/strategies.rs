//! Arbitrary batches: every variant, extreme numbers, any text. Boxed, or a test thread has too little stack.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use tillgate_events::*;

pub fn batch() -> BoxedStrategy<Batch> {
    (header(), vec(record(), 0..6)).prop_map(|(header, records)| Batch { header, records }).boxed()
}

pub fn header() -> BoxedStrategy<Header> {
    let class = (0..Class::ALL.len()).prop_map(|n| Class::ALL[n]);
    let clock = prop_oneof![
        Just(ClockQuality::Synced),
        Just(ClockQuality::Corrected),
        Just(ClockQuality::Unsynced),
    ];
    let who = (text(), any::<u64>(), class, any::<u32>(), any::<u64>());
    (who, time(), any::<[u8; 16]>(), any::<u64>(), clock).prop_map(|(who, wall, boot_id, mono_us, clock)| {
        let (gateway_id, store_id, class, epoch, first_sequence) = who;
        let boot_id = BootId(boot_id);
        #[rustfmt::skip]
        let header =
            Header { gateway_id, store_id, class, epoch, first_sequence, wall, boot_id, mono_us, clock };
        header
    }).boxed()
}

pub fn record() -> BoxedStrategy<Record> {
    (time(), text(), body()).prop_map(|(at, source, body)| Record { at, source, body }).boxed()
}

pub fn body() -> BoxedStrategy<Body> {
    prop_oneof![
        4 => receipt().prop_map(|receipt| Body::Receipt(Box::new(receipt))),
        4 => till(),
        2 => order().prop_map(|order| Body::OnlineOrderCreated(Box::new(order))),
        1 => fulfillment().prop_map(Body::OnlineOrderPicked),
        1 => fulfillment().prop_map(Body::OnlineOrderShipped),
        5 => stock(),
        5 => visit(),
        3 => dock(),
        4 => ops(),
    ]
    .boxed()
}

pub fn receipt() -> BoxedStrategy<Receipt> {
    let kind = prop_oneof![
        Just(ReceiptType::Sale),
        Just(ReceiptType::Return),
        Just(ReceiptType::Exchange)
    ];
    let ids = (text(), kind, text(), of(any::<u64>()), of(text()), of(text()));
    let flags = (of(text()), any::<bool>(), any::<bool>(), any::<bool>());
    let parts =
        (vec(line(), 0..5), vec(payment(), 0..4), vec(promotion(), 0..3), vec(change(), 0..3));
    (ids, currency(), any::<[i64; 5]>(), flags, parts)
        .prop_map(|(ids, currency, amounts, flags, parts)| {
            let (receipt_id, receipt_type, terminal_id, customer_id, campaign_id, impression_id) =
                ids;
            let [gross_subtotal, discount, subtotal, tax, total] = amounts;
            let (printed_at, complete, checks_passed, training) = flags;
            let (lines, payments, promotions, stock_changes) = parts;
            #[rustfmt::skip]
            let receipt = Receipt {
                receipt_id, receipt_type, terminal_id, customer_id, campaign_id, impression_id,
                currency, gross_subtotal, discount, subtotal, tax, total,
                printed_at, complete, checks_passed, training,
                lines, payments, promotions, stock_changes,
            };
            receipt
        })
        .boxed()
}

fn line() -> BoxedStrategy<Line> {
    let what = (text(), of(text()), of(any::<u64>()), of(text()));
    let rest = (of(any::<i64>()), of(text()), of(text()), any::<bool>());
    (what, any::<[i64; 4]>(), rest)
        .prop_map(|(what, numbers, rest)| {
            let (weight_grams, department, tax_code, voided) = rest;
            let (description, sku, product_id, promo_code) = what;
            let [quantity, unit_price, extended_price, discount] = numbers;
            #[rustfmt::skip]
            let line = Line {
                description, sku, product_id, quantity, unit_price, extended_price, discount,
                promo_code, weight_grams, department, tax_code, voided,
            };
            line
        })
        .boxed()
}

fn payment() -> BoxedStrategy<Payment> {
    use PaymentMethod::*;
    let method = prop::sample::select(vec![
        Cash,
        CreditCard,
        DebitCard,
        Check,
        MobilePay,
        LoyaltyPoints,
        GiftCard,
        Other,
    ]);
    let status = prop_oneof![Just(PaymentStatus::Approved), Just(PaymentStatus::Declined)];
    // Never one that expansion could have made.
    let transaction = of("[A-Z0-9]{1,8}");
    let amounts = (any::<i64>(), any::<i64>());
    (method, amounts, status, of(text()), of(text()), transaction, any::<u32>())
        .prop_map(
            |(method, (amount, change), status, decline_reason, card_last4, transaction_id, ms)| {
                Payment {
                    method,
                    amount,
                    change,
                    status,
                    decline_reason,
                    card_last4,
                    transaction_id,
                    processing_time_ms: ms,
                }
            },
        )
        .boxed()
}

fn promotion() -> BoxedStrategy<Promotion> {
    use DiscountType::*;
    let kind = prop::sample::select(vec![Percentage, FixedAmount, Bogo]);
    (text(), any::<i64>(), kind, any::<u32>(), vec(any::<u64>(), 0..4), of(any::<u32>()))
        .prop_map(
            |(promo_code, discount, discount_type, product_count, product_ids, line_number)| {
                Promotion {
                    promo_code,
                    discount,
                    discount_type,
                    product_count,
                    product_ids,
                    line_number,
                }
            },
        )
        .boxed()
}

fn change() -> BoxedStrategy<StockChange> {
    use StockReason::*;
    let reason = prop::sample::select(vec![
        Sale,
        Return,
        InboundShipment,
        OutboundShipment,
        Adjustment,
        Damaged,
        Lost,
        Bopis,
    ]);
    let what = (of(any::<u64>()), any::<u64>(), any::<i64>());
    (what, reason, of(text()), of(any::<i64>()), any::<bool>())
        .prop_map(|((dc_id, product_id, quantity_delta), reason, sku, on_hand, counted)| {
            StockChange { dc_id, product_id, quantity_delta, reason, sku, on_hand, counted }
        })
        .boxed()
}

fn till() -> BoxedStrategy<Body> {
    prop_oneof![
        (text(), text(), of(text())).prop_map(|(receipt_id, terminal_id, reason)| {
            Body::ReceiptVoided(ReceiptVoided { receipt_id, terminal_id, reason })
        }),
        text().prop_map(|terminal_id| Body::NoSale(NoSale { terminal_id })),
        (text(), text(), of(text()), text()).prop_map(|(terminal_id, symbology, gtin, data)| {
            Body::BarcodeScanned(BarcodeScanned { terminal_id, symbology, gtin, data })
        }),
        (text(), any::<i64>(), any::<bool>()).prop_map(|(terminal_id, grams, stable)| {
            Body::WeightMeasured(WeightMeasured { terminal_id, grams, stable })
        }),
    ]
    .boxed()
}

fn fulfillment() -> BoxedStrategy<Fulfillment> {
    use FulfillmentMode::*;
    let node_type = prop_oneof![Just(NodeType::Store), Just(NodeType::Dc)];
    let mode = prop::sample::select(vec![Bopis, ShipFromStore, ShipFromDc]);
    (text(), node_type, any::<u64>(), mode)
        .prop_map(|(order_id, node_type, node_id, mode)| Fulfillment {
            order_id,
            node_type,
            node_id,
            mode,
        })
        .boxed()
}

fn order() -> BoxedStrategy<OnlineOrder> {
    let ids = (fulfillment(), of(any::<u64>()), of(text()), of(text()), any::<u32>());
    (ids, currency(), any::<[i64; 5]>(), vec(payment(), 0..3))
        .prop_map(|(ids, currency, amounts, payments)| {
            let (fulfillment, customer_id, campaign_id, impression_id, item_count) = ids;
            let [gross_subtotal, discount, subtotal, tax, total] = amounts;
            #[rustfmt::skip]
            let order = OnlineOrder {
                fulfillment, customer_id, campaign_id, impression_id, item_count, currency,
                gross_subtotal, discount, subtotal, tax, total, payments,
            };
            order
        })
        .boxed()
}

fn stock() -> BoxedStrategy<Body> {
    prop_oneof![
        (change(), of(text()))
            .prop_map(|(change, cause)| Body::InventoryUpdated(InventoryUpdated { change, cause })),
        (any::<u64>(), of(text()), any::<i64>(), of(any::<i64>())).prop_map(
            |(product_id, sku, quantity, expected_quantity)| {
                let counted = InventoryCounted { product_id, sku, quantity, expected_quantity };
                Body::InventoryCounted(counted)
            }
        ),
        (any::<u64>(), any::<i64>(), of(any::<i64>()), time()).prop_map(
            |(product_id, missing_quantity, value, since)| {
                Body::ShrinkDetected(ShrinkDetected { product_id, missing_quantity, value, since })
            }
        ),
        (of(any::<u64>()), any::<u64>(), any::<i64>(), of(any::<i64>())).prop_map(
            |(dc_id, product_id, last_known_quantity, lost_sales_per_hour)| {
                Body::StockoutDetected(StockoutDetected {
                    dc_id,
                    product_id,
                    last_known_quantity,
                    lost_sales_per_hour,
                })
            }
        ),
        (of(any::<u64>()), any::<u64>(), any::<[i64; 3]>()).prop_map(
            |(dc_id, product_id, quantities)| {
                let [current_quantity, reorder_quantity, reorder_point] = quantities;
                Body::ReorderTriggered(ReorderTriggered {
                    dc_id,
                    product_id,
                    current_quantity,
                    reorder_quantity,
                    reorder_point,
                })
            }
        ),
    ]
    .boxed()
}

fn visit() -> BoxedStrategy<Body> {
    prop_oneof![
        crossing().prop_map(Body::CustomerEntered),
        crossing().prop_map(Body::CustomerExited),
        (any::<bool>(), text(), text(), any::<u32>(), text()).prop_map(
            |(came, sensor_id, zone, dwell_time, visit_id)| {
                let visit = VisitCrossing { sensor_id, zone, dwell_time, visit_id };
                if came { Body::VisitEntered(visit) } else { Body::VisitExited(visit) }
            }
        ),
        tag_window(),
        (text(), text(), text(), any::<u32>(), of(text())).prop_map(
            |(customer_ble_id, from_zone, to_zone, dwell_seconds, visit_id)| {
                Body::CustomerZoneChanged(CustomerZoneChanged {
                    customer_ble_id,
                    from_zone,
                    to_zone,
                    dwell_seconds,
                    visit_id,
                })
            }
        ),
        ad_impression(),
    ]
    .boxed()
}

fn crossing() -> BoxedStrategy<Crossing> {
    let counts = (any::<u32>(), any::<u32>(), of(any::<u32>()), any::<u32>());
    (text(), text(), counts)
        .prop_map(|(sensor_id, zone, (customer_count, dwell_time, occupancy, window_seconds))| {
            Crossing { sensor_id, zone, customer_count, dwell_time, occupancy, window_seconds }
        })
        .boxed()
}

fn tag_window() -> BoxedStrategy<Body> {
    let rssi = (any::<u32>(), any::<i64>(), any::<i8>(), any::<i8>());
    (text(), text(), text(), rssi, time(), time(), any::<u32>())
        .prop_map(|(beacon_id, customer_ble_id, zone, rssi, first_seen, last_seen, max_gap_ms)| {
            let (ping_count, rssi_sum, rssi_min, rssi_max) = rssi;
            #[rustfmt::skip]
            let window = TagWindow {
                beacon_id, customer_ble_id, zone, ping_count, rssi_sum, rssi_min, rssi_max,
                first_seen, last_seen, max_gap_ms,
            };
            Body::TagWindow(window)
        })
        .boxed()
}

fn ad_impression() -> BoxedStrategy<Body> {
    let ids = (text(), text(), text(), text(), text(), text());
    let rest = (of(any::<u64>()), of(text()), of(any::<u32>()), of(text()));
    (ids, currency(), any::<i64>(), rest)
        .prop_map(|(ids, currency, cost, rest)| {
            let (channel, campaign_id, creative_id, customer_ad_id, impression_id, device_type) =
                ids;
            let (customer_id, zone, dwell_seconds, visit_id) = rest;
            #[rustfmt::skip]
        let impression = AdImpression {
            channel, campaign_id, creative_id, customer_ad_id, impression_id, currency, cost,
            device_type, customer_id, zone, dwell_seconds, visit_id,
        };
            Body::AdImpression(Box::new(impression))
        })
        .boxed()
}

fn dock() -> BoxedStrategy<Body> {
    prop_oneof![
        (text(), of(any::<u64>()), text(), any::<u32>(), text(), of(time())).prop_map(
            |(truck_id, dc_id, shipment_id, minutes, dock, planned_arrival)| {
                Body::TruckArrived(TruckArrived {
                    truck_id,
                    dc_id,
                    shipment_id,
                    estimated_unload_minutes: minutes,
                    dock,
                    planned_arrival,
                })
            }
        ),
        (
            text(),
            of(any::<u64>()),
            text(),
            any::<u32>(),
            text(),
            of(temperature()),
            of(any::<u32>())
        )
            .prop_map(
                |(truck_id, dc_id, shipment_id, minutes, dock, temperature, breach)| {
                    Body::TruckDeparted(TruckDeparted {
                        truck_id,
                        dc_id,
                        shipment_id,
                        actual_unload_minutes: minutes,
                        dock,
                        temperature,
                        temperature_breach_minutes: breach,
                    })
                }
            ),
        (text(), of(text()), temperature(), any::<u32>(), any::<u32>()).prop_map(
            |(sensor_id, truck_id, temperature, sample_count, window_seconds)| {
                Body::TemperatureRecorded(TemperatureRecorded {
                    sensor_id,
                    truck_id,
                    temperature,
                    sample_count,
                    window_seconds,
                })
            }
        ),
    ]
    .boxed()
}

fn temperature() -> BoxedStrategy<Temperature> {
    any::<[i32; 3]>()
        .prop_map(|[minimum, mean, maximum]| Temperature { minimum, mean, maximum })
        .boxed()
}

fn ops() -> BoxedStrategy<Body> {
    use DeviceStatus::*;
    prop_oneof![
        Just(Body::StoreOpened),
        Just(Body::StoreClosed),
        (text(), prop::sample::select(vec![Up, Down, Degraded]), of(text())).prop_map(
            |(device, status, reason)| {
                Body::DeviceStatusChanged(DeviceStatusChanged { device, status, reason })
            }
        ),
        (text(), text()).prop_map(|(kind, text)| Body::Unknown(Unknown { kind, text })),
    ]
    .boxed()
}

fn currency() -> BoxedStrategy<Currency> {
    "[A-Z]{3}|EUR|JPY|KWD".prop_map(|code| Currency::new(&code).unwrap()).boxed()
}

fn time() -> BoxedStrategy<UtcMs> {
    prop_oneof![1_700_000_000_000..1_900_000_000_000i64, any::<i64>()].prop_map(UtcMs).boxed()
}

/// Any characters: quotes, controls, several bytes wide.
fn text() -> BoxedStrategy<String> {
    prop_oneof!["[a-z0-9-]{0,8}", "\\PC{0,6}", vec(any::<char>(), 0..4).prop_map(String::from_iter)]
        .boxed()
}
