//! A store whose clock is set while things happen: the same things happened.

use std::sync::Arc;

use proptest::prelude::*;
use tempfile::TempDir;
use tillgate_events::{ClockQuality, TagWindow, decode};

use super::*;
use crate::agent::chain::{Chain, Kind};
use crate::agent::door::{Door, Eyes};
use crate::agent::fixture::{escpos_till, pipeline, till};
use crate::agent::receiver::{Listening, Receiver};
use crate::config::{TagClass, TagConfig};
use crate::decode::beacon::{AllowList, Format, TagMatch};
use crate::decode::counter::{Counter, Protocol};
use crate::source::SourceId;
use crate::time::UtcMs;
use crate::track::door::{DoorSettings, DoorTracker};
use crate::track::tag::{Enrolled, TagTracker};

const UUID: [u8; 16] = [0xf7; 16];

/// Devices by their source ids, and what each may say.
const SAID: [(u16, &str); 9] = [
    (0, "RECEIPT # 1\nAPPLE   1.00\n"),
    (0, "BREAD   2.50\nTOTAL   3.50\nCASH   3.50\n\x0c"),
    (0, "no line of a receipt\n\x0c"),
    (1, "\x1bp\x00\x19\x7a"),
    (1, "TEA   1.00\nTOTAL   1.00\nCASH   1.00\n\x1dV\x00"),
    (2, "IN 1\r\n"),
    (2, "OUT 2\r\n"),
    (3, "$GPRP,AABBCC000001,112233445566,-63,"),
    (3, "$GPRP,AABBCC000002,112233445566,-70,"),
];

fn chains() -> Vec<Chain> {
    let known_by = |minor| TagMatch::Beacon {
        format: Format::IBeacon,
        uuid: UUID,
        major: Some(1),
        minor: Some(minor),
    };
    let tag = |minor| TagConfig {
        id: format!("t-{minor}"),
        class: TagClass::Truck,
        known_by: known_by(minor),
    };
    let tags = [tag(7), tag(8)];
    let enrolled = Enrolled::new(AllowList::new(tags.iter().map(|tag| &tag.known_by)), &tags);
    let tracker = TagTracker::new("dock", "DOCK", limits::TAG_WINDOW, Arc::new(enrolled));
    let listening = Listening { lines: true, silence: None, counts_strangers: false };
    let receiver = Receiver::new("dock", listening, tracker);
    let counter = DoorTracker::new(DoorSettings::new("door", "ENTRANCE"));
    let counter = Door::new("door", Eyes::Counter(Counter::new(Protocol::Lines)), counter);
    vec![
        till("till-1"),
        escpos_till("till-2"),
        Chain::new("door", Kind::Door(Box::new(counter))),
        Chain::new("dock", Kind::Receiver(Box::new(receiver))),
    ]
}

/// What happens: so long after the last thing this is said, and the clock was set by so many ms before.
#[derive(Clone, Copy, Debug)]
struct Happening {
    after_ms: u64,
    said: usize,
    set_ms: Option<i64>,
}

fn reading(said: usize, at: Now) -> Reading {
    let (source, text) = SAID[said];
    let mut text = text.as_bytes().to_vec();
    if source == 3 {
        let minor = if said == 7 { "0007" } else { "0008" };
        text.extend(format!("0201061aff4c000215{}0001{minor}c5\r\n", "f7".repeat(16)).bytes());
    }
    Reading { source: SourceId(source), at, body: crate::source::Body::Bytes(text) }
}

/// Six in the morning: no day ends while this goes on.
const START: Now = Now { mono: Mono(60_000_000), wall: UtcMs(1_795_240_800_000) };

/// Lets all of it happen, with the clock set or not, and every timer served when it is due. What was accepted, each
/// batch with its times told since the machine booted by the clock of the batch.
fn accepted(happenings: &[Happening], clock_is_set: bool) -> Vec<Record> {
    let dir = TempDir::new().unwrap();
    let mut pipeline = pipeline(dir.path(), chains(), START);
    let (mut now, mut offset) = (START, 0_i64);
    pipeline.resume(now).unwrap();
    for happening in happenings {
        let until = now.mono.plus(Duration::from_millis(happening.after_ms));
        while let Some(due) = pipeline.deadline(false).filter(|due| *due <= until) {
            now = even(due.max(now.mono), offset);
            pipeline.tick(now, None);
        }
        if let Some(by_ms) = happening.set_ms.filter(|_| clock_is_set) {
            offset = by_ms;
        }
        now = even(until, offset);
        // The stamp is of the source's own look at the clocks: it may see a step before the pipeline does.
        pipeline.reading(now.mono, reading(happening.said, now));
        pipeline.tick(now, None);
    }
    pipeline.finish(even(now.mono.plus(Duration::from_secs(1)), offset));
    let outbox = pipeline.acceptor.outbox_mut();
    let mut rows = outbox.rows_after(RowId(0), 1 << 20, usize::MAX).unwrap();
    // Order is of a class: that the clock was set is a record itself, and begins a row of its class.
    rows.sort_by_key(|row| row.class);
    let mut records = Vec::new();
    for row in rows {
        let mut batch = decode(&row.payload).unwrap();
        assert_eq!(batch.header.clock, ClockQuality::Unsynced, "no time client runs in a test");
        let believed = Now { mono: Mono(batch.header.mono_us), wall: batch.header.wall };
        batch.correct(-believed.wall_at_boot());
        records.extend(batch.records);
    }
    records.retain(|record| !matches!(&record.body, Body::Unknown(it) if it.kind == "clock_set"));
    records
}

/// The clocks at `mono`, the wall clock off by so much.
fn even(mono: Mono, offset_ms: i64) -> Now {
    START.plus(mono.since(START.mono)).clock_set(offset_ms)
}

/// Ids that are made of the day, which is the wall clock's.
fn without_days(mut records: Vec<Record>) -> Vec<Record> {
    for record in &mut records {
        match &mut record.body {
            Body::Receipt(receipt) => receipt.receipt_id.clear(),
            Body::ReceiptVoided(void) => void.receipt_id.clear(),
            Body::Unknown(copy) if copy.kind.starts_with("reprint") => copy.text.clear(),
            _ => {}
        }
    }
    records
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    // Whole seconds: what differs by less is no step.
    let year = 366 * 24 * 3_600_i64;
    let off = prop_oneof![-100..100_i64, -10 * year..10 * year];
    let set = prop_oneof![Just(None), off.prop_map(|seconds| Some(1000 * seconds))];
    let after = prop_oneof![1..300_u64, 300..3_000_u64, 3_000..200_000_u64];
    let one = (after, 0..SAID.len(), set);
    let one = one.prop_map(|(after_ms, said, set_ms)| Happening { after_ms, said, set_ms });
    proptest::collection::vec(one, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_clock_that_is_set_changes_no_record_but_the_times_of_the_wall(happenings in happenings()) {
        let even = without_days(accepted(&happenings, false));
        let set = without_days(accepted(&happenings, true));
        prop_assert_eq!(&even, &set);
        for record in &set {
            if let Body::TagWindow(TagWindow { first_seen, last_seen, .. }) = &record.body {
                prop_assert!(first_seen <= last_seen, "a negative time: {:?}", record);
            }
        }
    }
}
