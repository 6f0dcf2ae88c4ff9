//! The demo's logic with hand-made batches instead of an agent.

use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use tillgate_events::{
    Batch, Body, BootId, Class, ClockQuality, Crossing, Currency, Header, Line, Payment,
    PaymentMethod, PaymentStatus, Receipt, ReceiptType, Record, TagWindow, Unknown, UtcMs,
};
use tokio::time::timeout;

use super::arrivals::Arrivals;
use super::check::{Report, find_numbers};
use super::subscriber::{News, subscribe};
use crate::broker::{Behaviour, Broker};
use crate::store::{Device, Direction, Door, ReceiptTruth, Receiver, Said, Style, Till, Truth};

/// What a store says in a while.
fn said(seed: u64) -> Vec<Said> {
    let opened = jiff::civil::date(2026, 11, 21).at(14, 5, 0, 0);
    let mut devices: [Box<dyn Device>; 3] = [
        Box::new(Till::new("till-1", Style::Columns, opened, seed)),
        Box::new(Door::new("main-entrance", seed)),
        Box::new(Receiver::new("grocery", 0, 3, 7, seed)),
    ];
    let mut say = |n: u64| {
        let device = &mut devices[n as usize % 3];
        device.next(Duration::from_millis(100 * n)).said
    };
    (0..300).map(&mut say).collect()
}

/// As a perfect gateway would put it; `None` for a stranger.
fn record(said: &Said) -> Option<Record> {
    let source = said.device().to_owned();
    let crossing = || Crossing {
        sensor_id: source.clone(),
        zone: "ENTRANCE".into(),
        customer_count: 1,
        dwell_time: 0,
        occupancy: None,
        window_seconds: 0,
    };
    let body = match said {
        Said::Receipt(truth) => Body::Receipt(Box::new(receipt(truth))),
        Said::Crossing { direction: Direction::In, .. } => Body::CustomerEntered(crossing()),
        Said::Crossing { direction: Direction::Out, .. } => Body::CustomerExited(crossing()),
        Said::Advert { tag: Some(tag), rssi, .. } => Body::TagWindow(TagWindow {
            beacon_id: source.clone(),
            customer_ble_id: format!("pseudonym of {tag}"),
            zone: "GROCERY".into(),
            ping_count: 1,
            rssi_sum: i64::from(*rssi),
            rssi_min: *rssi,
            rssi_max: *rssi,
            first_seen: UtcMs(0),
            last_seen: UtcMs(0),
            max_gap_ms: 0,
        }),
        Said::Advert { tag: None, .. } => return None,
    };
    Some(Record { at: UtcMs(1_795_000_000_000), source, body })
}

fn receipt(truth: &ReceiptTruth) -> Receipt {
    let line = Line {
        description: "all of it".into(),
        sku: None,
        product_id: None,
        quantity: truth.items,
        unit_price: 0,
        extended_price: truth.total,
        discount: truth.discount,
        promo_code: None,
        weight_grams: None,
        department: None,
        tax_code: None,
        voided: false,
    };
    let payment = |method, amount| Payment {
        method,
        amount,
        change: 0,
        status: PaymentStatus::Approved,
        decline_reason: None,
        card_last4: None,
        transaction_id: None,
        processing_time_ms: 0,
    };
    Receipt {
        receipt_id: format!("{}-20261121-{:06}", truth.terminal, truth.number),
        receipt_type: ReceiptType::Sale,
        terminal_id: truth.terminal.clone(),
        customer_id: None,
        campaign_id: None,
        impression_id: None,
        currency: Currency::new("EUR").unwrap(),
        gross_subtotal: truth.total,
        discount: truth.discount,
        subtotal: truth.total,
        tax: truth.tax,
        total: truth.total,
        printed_at: None,
        complete: true,
        checks_passed: true,
        training: false,
        lines: vec![line],
        payments: vec![
            payment(PaymentMethod::Cash, truth.cash),
            payment(PaymentMethod::CreditCard, truth.card),
        ],
        promotions: Vec::new(),
        stock_changes: Vec::new(),
    }
}

/// Batches of five records, in the order of their streams.
fn batches(records: &[Record]) -> Vec<Batch> {
    let mut out = Vec::new();
    for class in Class::ALL {
        let of_class: Vec<_> = records.iter().filter(|record| record.class() == class).collect();
        for (n, records) in of_class.chunks(5).enumerate() {
            let header = Header {
                gateway_id: "gw-demo".into(),
                store_id: 7,
                class,
                epoch: 1,
                first_sequence: 1 + 5 * n as u64,
                wall: UtcMs(1_795_000_000_000),
                boot_id: BootId([7; 16]),
                mono_us: 0,
                clock: ClockQuality::Synced,
            };
            out.push(Batch { header, records: records.iter().map(|r| (*r).clone()).collect() });
        }
    }
    out
}

fn topic(batch: &Batch) -> String {
    format!("tillgate/v1/demo/7/gw-demo/evt/{}", batch.header.class.name())
}

fn arrive(arrivals: &mut Arrivals, batch: &Batch) {
    arrivals.take(&topic(batch), &tillgate_events::encode(batch).unwrap());
}

/// The report after the batches were changed in some way.
fn check(change: impl FnOnce(&mut Vec<Batch>)) -> Report {
    let (mut truth, mut arrivals) = (Truth::default(), Arrivals::default());
    let said = said(1);
    said.iter().for_each(|said| truth.record(said));
    let mut batches = batches(&said.iter().filter_map(record).collect::<Vec<_>>());
    change(&mut batches);
    batches.iter().for_each(|batch| arrive(&mut arrivals, batch));
    let numbers: Vec<&str> = truth.card_numbers().collect();
    let texts = arrivals.texts.iter().map(|text| ("a message".to_owned(), text.as_bytes()));
    Report::new(&truth, &arrivals, &find_numbers(&numbers, texts))
}

fn differs(report: &Report, part: &str) {
    assert!(!report.passed(), "{part}");
    assert!(report.differences.iter().any(|text| text.contains(part)), "{part}: {report:?}");
}

fn first_receipt(batches: &mut [Batch]) -> &mut Receipt {
    match &mut batches[0].records[0].body {
        Body::Receipt(receipt) => receipt,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_arrives_complete_passes() {
    let report = check(|_| {});
    assert!(report.passed(), "{report:?}");
    assert!(report.lines.iter().any(|line| line.what == "receipts" && line.said == "100"));
}

#[test]
fn what_arrives_twice_or_in_another_order_passes_too() {
    let report = check(|batches| {
        let again = batches.clone();
        batches.reverse();
        batches.extend(again);
    });
    assert!(report.passed(), "{report:?}");
    assert!(
        report.lines.iter().any(|line| line.what == "duplicates dropped" && line.arrived != "0")
    );
}

#[test]
fn every_kind_of_difference_is_found() {
    differs(&check(|batches| first_receipt(batches).total += 1), "total");
    differs(&check(|batches| first_receipt(batches).tax += 1), "tax");
    differs(&check(|batches| first_receipt(batches).payments.clear()), "paid");
    differs(&check(|batches| first_receipt(batches).checks_passed = false), "cross-checks failed");
    differs(&check(|batches| first_receipt(batches).receipt_id = "x".into()), "never said");
    differs(&check(|batches| drop(batches.remove(0))), "missing");
    differs(
        &check(|batches| drop(batches.remove(1))),
        "holes in the sequences: pos epoch 1: 6 to 10",
    );
    differs(&check(|batches| drop(batches.pop())), "grocery: pings");
    differs(
        &check(|batches| {
            let unknown = Unknown { kind: "unparsed_document".into(), text: String::new() };
            batches[0].records[0].body = Body::Unknown(unknown);
        }),
        "unexpected records: till-1: unparsed_document",
    );
    // A resend under new numbers would count twice.
    differs(
        &check(|batches| {
            let mut again = batches[0].clone();
            again.header.epoch = 2;
            batches.push(again);
        }),
        "arrived 2 times",
    );
}

#[test]
fn a_card_number_is_found_however_it_is_grouped() {
    let number = said(1).iter().find_map(|said| match said {
        Said::Receipt(receipt) => receipt.card_numbers.first().cloned(),
        _ => None,
    });
    let number = number.expect("one till in a hundred receipts is careless");
    for text in
        [number.clone(), format!("{} {}", &number[..4], &number[4..]), number.replace('4', "4-")]
    {
        differs(
            &check(|batches| first_receipt(batches).lines[0].description.clone_from(&text)),
            "card numbers found",
        );
    }
}

#[test]
fn what_cannot_be_decoded_and_what_the_gateway_lost_are_differences() {
    let mut arrivals = Arrivals::default();
    arrivals.take("tillgate/v1/demo/7/gw-demo/evt/pos", b"noise");
    arrivals.take("tillgate/v1/demo/7/gw-demo/gap", b"{\"class\":\"pos\"}");
    arrivals.take("tillgate/v1/demo/7/gw-demo/state", b"{\"status\":\"online\"}");
    let report = Report::new(&Truth::default(), &arrivals, &[]);
    differs(&report, "unreadable messages");
    differs(&report, "announced losses");
    assert_eq!(arrivals.state, "{\"status\":\"online\"}");
}

/// Polls until such a packet comes.
async fn until(events: &mut EventLoop, wanted: impl Fn(&Packet) -> bool) {
    loop {
        match events.poll().await {
            Ok(Event::Incoming(packet)) if wanted(&packet) => return,
            _ => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn hand_made_batches_pass_through_broker_and_subscriber_also_across_an_outage() {
    let scene = async {
        let mut broker = Broker::start_new(Behaviour::default()).await.unwrap();
        let mut news = subscribe(broker.port());
        assert_eq!(news.recv().await, Some(News::Subscribed));
        let (mut truth, mut arrivals) = (Truth::default(), Arrivals::default());
        let said = said(2);
        said.iter().for_each(|said| truth.record(said));
        let batches = batches(&said.iter().filter_map(record).collect::<Vec<_>>());
        let options = MqttOptions::new("gw-demo", "127.0.0.1", broker.port());
        let (client, mut events) = AsyncClient::new(options, 10);
        for (n, batch) in batches.iter().enumerate() {
            let payload = tillgate_events::encode(batch).unwrap();
            client.publish(topic(batch), QoS::AtLeastOnce, false, payload).await.unwrap();
            until(&mut events, |packet| matches!(packet, Packet::PubAck(_))).await;
            if n == batches.len() / 2 {
                broker.kick_all().await.unwrap();
                // This client would lose what it is given before it has noticed.
                until(&mut events, |packet| matches!(packet, Packet::ConnAck(_))).await;
            }
        }
        // Messages that were under way at the cut come twice.
        while !Report::new(&truth, &arrivals, &[]).passed() {
            if let Some(News::Message(message)) = news.recv().await {
                arrivals.take(&message.topic, &message.payload);
            }
        }
    };
    timeout(Duration::from_secs(30), scene).await.expect("everything arrives in time");
}
