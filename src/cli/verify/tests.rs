//! Inputs of each kind with holes, repetitions, losses and epochs; and the exit code.

mod bits;

use tillgate_events::{
    Batch, Body, BootId, Class, ClockQuality, Header, NoSale, Record, UtcMs, encode,
};

use super::*;

fn payload(epoch: u32, first_sequence: u64, count: usize) -> Vec<u8> {
    let header = Header {
        gateway_id: "gw-7".into(),
        store_id: 7,
        class: Class::Pos,
        epoch,
        first_sequence,
        wall: UtcMs(0),
        boot_id: BootId::default(),
        mono_us: 0,
        clock: ClockQuality::Synced,
    };
    let body = Body::NoSale(NoSale { terminal_id: "T1".into() });
    let record = Record { at: UtcMs(0), source: "till-1".into(), body };
    encode(&Batch { header, records: vec![record; count] }).unwrap()
}

fn framed(payloads: &[Vec<u8>]) -> Vec<u8> {
    let length = |payload: &[u8]| u32::try_from(payload.len()).unwrap().to_le_bytes();
    payloads.iter().flat_map(|payload| [&length(payload), payload.as_slice()].concat()).collect()
}

fn loss(epoch: u32, first: u64, last: u64) -> String {
    let count = last + 1 - first;
    format!(
        r#"{{"gateway":"gw-7","class":"pos","epoch":{epoch},"first_sequence":{first},"last_sequence":{last},"count":{count},"bytes":9,"reason":"cap"}}"#
    )
}

/// Lines of events: `2-41` is record 41 of epoch 2, `2-41-3` a part of it; other words are lines as they are.
fn lines(words: &[&str]) -> String {
    let line = |word: &&str| match word.starts_with('{') {
        true => format!("{word}\n"),
        false => format!("{{\"event_type\":\"x\",\"trace_id\":\"gw-7-pos-{word}\"}}\n"),
    };
    words.iter().map(line).collect()
}

/// Produced, arrived, evicted, duplicated and lost; bad messages; the exit code.
type Expected = ([u64; 5], u64, u8);

fn check(input: &[u8], framed: bool, expected: Expected) {
    let args = Args { input: "-".into(), framed, json: false };
    let found = verify(&args, &mut &*input).unwrap();
    let Sum { produced, arrived, evicted, duplicated, lost, thinned, .. } =
        table::sum(&found.tally);
    assert_eq!(produced, arrived + evicted + thinned + lost);
    let numbers = [produced, arrived, evicted, duplicated, lost];
    assert_eq!((numbers, found.bad, code(&found)), expected, "{:?}", found.remarks);
}

#[test]
fn payloads_are_counted_by_their_numbers() {
    let check = |payloads: &[Vec<u8>], expected| check(&framed(payloads), true, expected);
    let (one, two) = (payload(1, 1, 5), payload(1, 6, 4));
    check(&[one.clone(), two.clone()], ([9, 9, 0, 0, 0], 0, 0));
    check(&[two.clone(), one.clone(), two.clone()], ([9, 9, 0, 4, 0], 0, 0));
    check(&[one.clone(), payload(1, 8, 2)], ([9, 7, 0, 0, 2], 0, 1));
    check(&[one.clone(), payload(1, 8, 2), loss(1, 6, 7).into()], ([9, 7, 2, 0, 0], 0, 0));
    check(&[one.clone(), payload(2, 1, 2), payload(3, 2, 1)], ([9, 8, 0, 0, 1], 0, 1));
    check(&[one.clone(), b"noise".to_vec()], ([5, 5, 0, 0, 0], 1, 65));
    check(&[], ([0; 5], 0, 66));
}

#[test]
fn what_was_joined_to_others_is_not_lost() {
    let thinned = loss(1, 6, 7).replace("cap", "thinned");
    let input = framed(&[payload(1, 1, 5), thinned.into(), payload(1, 8, 2)]);
    check(&input, true, ([9, 7, 0, 0, 0], 0, 0));
    let args = Args { input: "-".into(), framed: true, json: false };
    let found = verify(&args, &mut input.as_slice()).unwrap();
    let mut told = Vec::new();
    print(&found, &mut told).unwrap();
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains("evicted    thinned"), "{told}");
    assert!(
        told.ends_with("arrived 7 · evicted 0 · thinned 2 · duplicated 0 · twice 0 · lost 0\n"),
        "{told}"
    );
}

#[test]
fn lines_are_counted_by_their_trace_ids() {
    let check = |words: &[&str], expected| check(lines(words).as_bytes(), false, expected);
    check(&["1-1", "1-2", "1-3"], ([3, 3, 0, 0, 0], 0, 0));
    // Events of one record are one record, also where it comes again.
    check(&["1-1-1", "1-1-2", "1-1", "1-2"], ([2, 2, 0, 0, 0], 0, 0));
    check(&["1-1-1", "1-1-2", "1-1-1", "1-1-2"], ([1, 1, 0, 1, 0], 0, 0));
    check(&["1-1", "1-2", "1-1", "1-2"], ([2, 2, 0, 2, 0], 0, 0));
    check(&["1-2", "2-1", "2-4"], ([6, 3, 0, 0, 3], 0, 1));
    check(&["1-2", &loss(1, 1, 1), &loss(1, 3, 5)], ([5, 1, 4, 0, 0], 0, 0));
    check(&["1-1", &loss(1, 1, 1)], ([1, 1, 0, 0, 0], 0, 0));
    let birth = r#"{"epoch":1,"gateway":"gw-7","next":{"pos":4,"weather":9},"status":"online"}"#;
    check(&["1-1", birth], ([3, 1, 0, 0, 2], 0, 1));
    check(&["1-1", "1-2", "1-3", birth], ([3, 3, 0, 0, 0], 0, 0));
    for bad in ["{}", "{\"first_sequence\":0}", "{\"trace_id\":\"gw\"}", "{"] {
        check(&["1-1", bad], ([1, 1, 0, 0, 0], 1, 65));
    }
}

#[test]
fn what_came_again_is_the_same_in_any_order() {
    let header =
        r#"{"gateway_id":"gw-7","class":"pos","epoch":1,"first_sequence":1,"count":4,"bytes":1}"#;
    let once = ["1-1-1", "1-1-2", "1-2", "1-3-1", "1-3-2", "1-3-3", "1-4", header];
    // Record 1 came twice and record 3 three times, of which the last was not whole.
    let again = ["1-1-1", "1-1-2", "1-3-1", "1-3-2", "1-3-3", "1-3-2"];
    for seed in 0..40 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut words = once.to_vec();
        rng.shuffle(&mut words);
        check(lines(&words).as_bytes(), false, ([4, 4, 0, 0, 0], 0, 0));
        words.extend(again);
        rng.shuffle(&mut words);
        check(lines(&words).as_bytes(), false, ([4, 4, 0, 3, 0], 0, 0));
    }
}

#[test]
fn headers_stand_for_the_events_after_them() {
    let header = |first: u64, count: u64| {
        format!(
            r#"{{"gateway_id":"gw-7","class":"pos","epoch":1,"first_sequence":{first},"count":{count},"bytes":1}}"#
        )
    };
    let (one, two) = (header(1, 2), header(3, 1));
    check(lines(&[&one, &two]).as_bytes(), false, ([3, 3, 0, 0, 0], 0, 0));
    check(lines(&[&one, "1-1", "1-2", &two, "1-3"]).as_bytes(), false, ([3, 3, 0, 0, 0], 0, 0));
    check(lines(&[&one, "1-1", "1-2", &one]).as_bytes(), false, ([2, 2, 0, 2, 0], 0, 0));
}

#[test]
fn a_gateway_may_have_dashes_and_words_of_classes_in_its_name() {
    let check = |id: &str, expected| assert_eq!(lines::numbers(id), expected, "{id}");
    check("gw-pos-1-2", Some((("gw", Class::Pos, 1), 2)));
    check("gw-pos-1-2-3", Some((("gw", Class::Pos, 1), 2)));
    check("a-pos-1-visit-2-3", Some((("a-pos-1", Class::Visit, 2), 3)));
    check("a-pos-pos-2-3-4", Some((("a-pos", Class::Pos, 2), 3)));
    check("-pos-1-2", None);
    check("gw-pos-1", None);
    check("gw-weather-1-2", None);
}

#[test]
fn no_numbering_has_the_number_0() {
    check(lines(&["0-1"]).as_bytes(), false, ([0; 5], 1, 65));
    check(&framed(&[payload(0, 1, 5)]), true, ([0; 5], 1, 65));
    check(lines(&[&loss(0, 1, 5)]).as_bytes(), false, ([0; 5], 1, 65));
    let birth = r#"{"epoch":0,"gateway":"gw-7","next":{"pos":4},"status":"online"}"#;
    check(lines(&[birth]).as_bytes(), false, ([0; 5], 1, 65));
}

#[test]
fn numberings_of_which_nothing_was_given_out_are_not_shown() {
    let aside = |epoch| loss(epoch, 1, 9).replace("cap", "reserved");
    let input = lines(&["1-1", &aside(2), &aside(3)]);
    check(input.as_bytes(), false, ([1, 1, 0, 0, 0], 0, 0));
    let args = Args { input: "-".into(), framed: false, json: false };
    let found = verify(&args, &mut input.as_bytes()).unwrap();
    assert_eq!(table::rows(&found.tally).count(), 1);
}
