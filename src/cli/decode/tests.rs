//! Payloads in, lines and complaints out.

use tillgate_events::{
    Body, BootId, Class, ClockQuality, NoSale, ReceiptVoided, Record, UtcMs, encode,
};

use super::*;
use crate::limits;

const JSON: &str = r#"{"event_type":"no_sale","payload":{},"trace_id":"g-pos-1-1","ingest_timestamp":"2026-11-21T14:05:00.000Z","schema_version":"1.0","source":"tillgate/g/t","correlation_id":null,"partition_key":"store_1","session_id":null,"parent_event_id":null}"#;

/// A batch of a drawer opening and a void.
fn payload() -> Vec<u8> {
    let header = Header {
        gateway_id: "gw-0007".into(),
        store_id: 7,
        class: Class::Pos,
        epoch: 1,
        first_sequence: 41,
        wall: UtcMs(1_795_269_900_000),
        boot_id: BootId([0xab; 16]),
        mono_us: 5,
        clock: ClockQuality::Synced,
    };
    let opened = Body::NoSale(NoSale { terminal_id: "1".into() });
    let voided = Body::ReceiptVoided(ReceiptVoided {
        receipt_id: "r-1".into(),
        terminal_id: "1".into(),
        reason: None,
    });
    let records = [opened, voided].map(|body| Record {
        at: UtcMs(1_795_269_900_000),
        source: "till-1".into(),
        body,
    });
    encode(&Batch { header, records: records.into() }).unwrap()
}

fn framed(payloads: &[&[u8]]) -> Vec<u8> {
    let length = |payload: &[u8]| u32::try_from(payload.len()).unwrap().to_le_bytes();
    payloads.iter().flat_map(|payload| [&length(payload), *payload].concat()).collect()
}

/// What was printed, what was told, and how many were bad.
fn decoded(args: &Args, mut stdin: &[u8]) -> (String, String, usize) {
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let bad = decode_all(args, &mut stdin, &mut out, &mut errors).unwrap();
    (String::from_utf8(out).unwrap(), String::from_utf8(errors).unwrap(), bad)
}

/// The trace ids in the lines that were printed.
fn check(args: &Args, stdin: &[u8], trace_ids: &[&str], errors: &str) {
    let (out, told, bad) = decoded(args, stdin);
    let lines = out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let ids: Vec<String> = lines.map(|line| line["trace_id"].as_str().unwrap().into()).collect();
    assert_eq!((ids, told.as_str()), (trace_ids.iter().map(|&id| id.into()).collect(), errors));
    assert_eq!(bad, errors.lines().count());
}

#[test]
fn a_payload_becomes_one_line_per_event() {
    let args = Args::default();
    check(&args, &payload(), &["gw-0007-pos-1-41", "gw-0007-pos-1-42"], "");
    let (pretty, all) = (JSON.replace(',', ",\n"), &["g-pos-1-1"]);
    check(&args, pretty.as_bytes(), all, "");
    assert_eq!(decoded(&args, pretty.as_bytes()).0, format!("{JSON}\n"));
}

#[test]
fn bad_payloads_are_told_and_the_others_printed() {
    let args = Args { framed: true, ..Args::default() };
    let mut damaged = payload();
    *damaged.last_mut().unwrap() ^= 1;
    let all =
        [payload().as_slice(), &damaged, b"noise", b"{}", JSON.as_bytes()].map(<[u8]>::to_vec);
    let input = framed(&all.each_ref().map(Vec::as_slice));
    check(
        &args,
        &input,
        &["gw-0007-pos-1-41", "gw-0007-pos-1-42", "g-pos-1-1"],
        "standard input: payload 2: damaged: the checksum does not match\n\
         standard input: payload 3: not a batch: it does not begin like one\n\
         standard input: payload 4: not an envelope: no event_type\n",
    );
}

#[test]
fn a_broken_frame_ends_the_file() {
    let args = Args { framed: true, ..Args::default() };
    check(&args, b"", &[], "");
    check(&args, b"\x01", &[], "standard input: payload 1: ends within a length\n");
    check(&args, b"\x09\0\0\0abc", &[], "standard input: payload 1: ends after 3 of 9 bytes\n");
    let huge = "standard input: payload 1: 4294967295 bytes announced, more than any payload has; \
                stopped here\n";
    check(&args, &[0xff; 100], &[], huge);
    let endless = vec![b' '; limits::MQTT_PACKET_BYTES + 1];
    let long = "standard input: longer than any payload (262144)\n";
    check(&Args::default(), &endless, &[], long);
}

#[test]
fn files_are_read_one_after_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let (good, missing) = (dir.path().join("good"), dir.path().join("missing"));
    std::fs::write(&good, payload()).unwrap();
    let args = Args { files: vec![missing, "-".into(), good], ..Args::default() };
    let (out, told, bad) = decoded(&args, JSON.as_bytes());
    assert_eq!((out.lines().count(), bad), (3, 1));
    assert!(told.contains("missing: "), "{told}");
}

#[test]
fn headers_come_before_or_instead_of_the_events() {
    let header = r#"{"gateway_id":"gw-0007","store_id":7,"class":"pos","epoch":1,"first_sequence":41,"wall":"2026-11-21T14:05:00.000Z","boot_id":"abababab-abab-abab-abab-abababababab","mono_us":5,"clock":"synced","count":2,"bytes":"#;
    let lines = |args: &Args| {
        let (out, _, _) = decoded(args, &payload());
        (out.starts_with(header), out.lines().count())
    };
    assert_eq!(lines(&Args { header: true, ..Args::default() }), (true, 3));
    assert_eq!(lines(&Args { batches: true, ..Args::default() }), (true, 1));
    assert_eq!(lines(&Args::default()), (false, 2));
}

#[test]
fn an_output_that_fails_ends_the_work() {
    let mut full: &mut [u8] = &mut [0; 10];
    let input = payload();
    let result = decode_all(&Args::default(), &mut input.as_slice(), &mut full, &mut Vec::new());
    assert_eq!(result.unwrap_err().kind(), ErrorKind::WriteZero);
}
