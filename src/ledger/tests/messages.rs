//! MQTT messages as entries: what is believed and what is not.

use tillgate_events::{
    Batch, Body, BootId, Class, ClockQuality, Header, NoSale, Record, UtcMs, encode,
};

use crate::ledger::{Kind, MessageError, Origin, heads};

const EVENTS: &str = "tillgate/v1/acme/7/gw/evt/pos";
const JSON: &str = r#"{"event_type":"no_sale","payload":{},"trace_id":"gw-pos-2-41-3","ingest_timestamp":"2026-11-21T14:05:00.000Z","schema_version":"1.0","source":"tillgate/gw/t","correlation_id":null,"partition_key":"store_1","session_id":null,"parent_event_id":null}"#;
const LOSS: &str = r#"{"gateway":"gw","class":"visit","epoch":2,"first_sequence":40,"last_sequence":42,"count":3,"bytes":512,"reason":"cap"}"#;

fn batch(gateway: &str) -> Vec<u8> {
    let header = Header {
        gateway_id: gateway.into(),
        store_id: 7,
        class: Class::Pos,
        epoch: 2,
        first_sequence: 40,
        wall: UtcMs(0),
        boot_id: BootId::default(),
        mono_us: 0,
        clock: ClockQuality::Synced,
    };
    let body = Body::NoSale(NoSale { terminal_id: "T1".into() });
    let record = Record { at: UtcMs(0), source: "till-1".into(), body };
    encode(&Batch { header, records: vec![record.clone(), record] }).unwrap()
}

/// Kind, class, epoch, first and last.
type Numbers = (Kind, Class, u32, u64, u64);

/// Topic, properties as `name=value` words, payload; then each entry's numbers, or why there is none.
fn check(topic: &str, words: &str, payload: &[u8], expected: Result<&[Numbers], MessageError>) {
    let split = |word: &str| word.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned()));
    let properties: Vec<_> = words.split_whitespace().filter_map(split).collect();
    let origin = Origin::of(topic, "tillgate/v1").ok_or(MessageError::Topic);
    let found = origin.and_then(|origin| heads(origin, &properties, payload));
    let found = found.map(|entries| {
        let heads = entries.into_iter().map(|it| it.head);
        heads.map(|it| (it.kind, it.class, it.epoch, it.first, it.last)).collect::<Vec<_>>()
    });
    assert_eq!(found, expected.map(<[_]>::to_vec), "{topic} {words}");
}

#[test]
fn a_payload_says_its_numbers_itself() {
    let whole: &[_] = &[(Kind::Records, Class::Pos, 2, 40, 41)];
    check(EVENTS, "seq=1 count=9 epoch=1", &batch("gw"), Ok(whole));
    let one: &[_] = &[(Kind::Records, Class::Pos, 2, 41, 41)];
    check(EVENTS, "part=3 parts=4", JSON.as_bytes(), Ok(one));
    let lost: &[_] = &[(Kind::Gap, Class::Visit, 2, 40, 42)];
    check("tillgate/v1/acme/7/gw/gap", "", LOSS.as_bytes(), Ok(lost));
    let aside: &[_] = &[(Kind::Reserved, Class::Visit, 2, 40, 42)];
    let loss = LOSS.replace("cap", "reserved");
    check("tillgate/v1/acme/7/gw/gap", "", loss.as_bytes(), Ok(aside));
}

#[test]
fn a_batch_of_a_newer_version_is_kept_by_its_properties() {
    let mut newer = batch("gw");
    newer[2] = 9;
    let whole: &[_] = &[(Kind::Records, Class::Pos, 3, 5, 9)];
    check(EVENTS, "seq=5 count=5 epoch=3", &newer, Ok(whole));
    for words in [
        "",
        "seq=5 count=5",
        "seq=0 count=5 epoch=3",
        "seq=5 count=0 epoch=3",
        "seq=18446744073709551615 count=2 epoch=3",
        "seq=-1 count=1 epoch=3",
    ] {
        check(EVENTS, words, &newer, Err(MessageError::Numbers));
    }
}

#[test]
fn a_birth_says_how_many_numbers_were_given_out() {
    let state = "tillgate/v1/acme/7/gw/state";
    let birth = br#"{"status":"online","epoch":2,"next":{"pos":42,"visit":1,"weather":9}}"#;
    check(state, "", birth, Ok(&[(Kind::Produced, Class::Pos, 2, 1, 41)]));
    for nothing in ["", "{}", "{\"epoch\":2}", "\"lost\""] {
        check(state, "", nothing.as_bytes(), Ok(&[]));
    }
}

#[test]
fn what_cannot_be_believed_says_nothing() {
    let mut damaged = batch("gw");
    *damaged.last_mut().unwrap() ^= 1;
    check(EVENTS, "", &damaged, Err(MessageError::Batch(tillgate_events::DecodeError::Damaged)));
    check(EVENTS, "", &batch("other"), Err(MessageError::Foreign));
    check("tillgate/v1/acme/7/gw/evt/visit", "", &batch("gw"), Err(MessageError::Foreign));
    check("tillgate/v1/acme/7/other/gap", "", LOSS.as_bytes(), Err(MessageError::Foreign));
    for words in ["", "part=1", "part=0 parts=1", "part=2 parts=1", "part=1 parts=9999999"] {
        check(EVENTS, words, JSON.as_bytes(), Err(MessageError::Numbers));
    }
    let zero = JSON.replace("-41-", "-0-");
    check(EVENTS, "part=1 parts=1", zero.as_bytes(), Err(MessageError::Numbers));
    for topic in [
        "",
        "tillgate/v1",
        "tillgate/v1/a/7/gw",
        "tillgate/v1/a/7/gw/ack",
        "tillgate/v1/a//gw/gap",
        "tillgate/v2/a/7/gw/gap",
        "tillgate/v1/a/7/gw/evt/weather",
        "tillgate/v1/a/7/gw/evt/pos/x",
    ] {
        check(topic, "", LOSS.as_bytes(), Err(MessageError::Topic));
    }
}
