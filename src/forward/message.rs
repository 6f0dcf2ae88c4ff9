//! Rows to messages: CloudEvents in MQTT 5's binary mode, either the batch as it is or one JSON envelope per
//! event. A loss is one JSON object.
//!
//! A resend carries the same bytes; only the property `replay` tells it apart.

use tillgate_events::{Batch, Envelope, Loss, decode, expand};

use super::parcel::{Message, Parcel, Slice, mark_of};
use super::watermark;
use crate::config::Encoding;
use crate::store::{Gap, Row};

/// Content type of a batch.
pub const BATCH: &str = "application/vnd.tillgate.batch+postcard;v=1";

/// Content type of everything in JSON.
pub const JSON: &str = "application/json; charset=utf-8";

/// CloudEvents `type` of a batch; an envelope's is its event's name.
const BATCH_TYPE: &str = "tillgate.batch";

/// CloudEvents `type` of a loss.
const GAP_TYPE: &str = "tillgate.gap";

/// Makes a row ready to be sent, or as much of it as is wanted. `replay` says that it may have been sent before.
///
/// A row that cannot be decoded (of another version, put back from a copy) goes out as the batch it is,
/// whatever the encoding: the cloud keeps such payloads apart and counts them.
#[must_use]
pub fn parcel(row: &Row, encoding: Encoding, gateway: &str, replay: bool, slice: Slice) -> Parcel {
    let last_sequence = mark_of(row).sequence;
    let origin = Origin { row, gateway, replay };
    let Row { id, class, epoch, count, .. } = *row;
    let ready = |messages, until| Parcel {
        id,
        class,
        epoch,
        last_sequence,
        until,
        records: count,
        messages,
    };
    if slice.most == 0 {
        return ready(Vec::new(), last_sequence);
    }
    match (decode(&row.payload), encoding) {
        (Ok(batch), Encoding::Json) => {
            let (messages, until) = origin.envelopes(&batch, slice);
            ready(messages, until)
        }
        (Ok(batch), Encoding::Postcard) => ready(vec![origin.batch(Some(&batch))], last_sequence),
        (Err(_), _) => ready(vec![origin.batch(None)], last_sequence),
    }
}

/// Makes a loss ready to be told.
#[must_use]
pub fn gap(gap: &Gap, gateway: &str) -> Message {
    let Gap { class, epoch, first_sequence, count, bytes, reason, .. } = *gap;
    let last_sequence = watermark::after(gap).sequence;
    let (gateway_id, reason) = (gateway.to_owned(), reason.name().to_owned());
    let loss = Loss {
        gateway: gateway_id,
        class,
        epoch,
        first_sequence,
        last_sequence,
        count,
        bytes,
        reason,
    };
    let class = class.name();
    let properties = vec![
        ("specversion", "1.0".to_owned()),
        ("id", format!("{gateway}-{class}-{epoch}-{first_sequence}-gap-{count}")),
        ("source", format!("tillgate/{gateway}")),
        ("type", GAP_TYPE.to_owned()),
    ];
    // Writing numbers and text into memory does not fail.
    let payload = serde_json::to_vec(&loss).unwrap_or_default();
    Message { payload, content_type: JSON, properties }
}

/// What stands on `…/health`.
pub(super) fn health(text: String) -> Message {
    Message { payload: text.into_bytes(), content_type: JSON, properties: Vec::new() }
}

/// What all messages of a row share.
struct Origin<'a> {
    row: &'a Row,
    gateway: &'a str,
    replay: bool,
}

impl Origin<'_> {
    fn batch(&self, batch: Option<&Batch>) -> Message {
        let Row { class, epoch, first_sequence, count, payload, .. } = self.row;
        let mut properties = vec![
            ("specversion", "1.0".to_owned()),
            ("id", format!("{}-{}-{epoch}-{first_sequence}", self.gateway, class.name())),
            ("source", format!("tillgate/{}", self.gateway)),
            ("type", BATCH_TYPE.to_owned()),
        ];
        if let Some(batch) = batch {
            properties.push(("time", batch.header.wall.to_string()));
            properties.push(("timequality", batch.header.clock.name().to_owned()));
        }
        properties.extend(self.numbers(*first_sequence, *count, "postcard"));
        Message { payload: payload.clone(), content_type: BATCH, properties }
    }

    /// The messages of whole records, and the number of the last one.
    fn envelopes(&self, batch: &Batch, slice: Slice) -> (Vec<Message>, u64) {
        let (mut messages, mut until) = (Vec::new(), slice.after);
        for (index, record) in batch.records.iter().enumerate() {
            let sequence = batch.header.sequence(index);
            if sequence <= slice.after {
                continue;
            }
            let events = expand(&batch.header, index, record);
            if !messages.is_empty() && messages.len() + events.len() > slice.most {
                break;
            }
            let clock = batch.header.clock.name();
            let numbers = (sequence, events.len());
            let of_record = events.into_iter().zip(1..);
            messages
                .extend(of_record.map(|(event, part)| self.envelope(&event, part, numbers, clock)));
            until = sequence;
        }
        (messages, until)
    }

    /// One event: part `part` of `parts` of the record with this number.
    fn envelope(
        &self,
        event: &Envelope,
        part: usize,
        (sequence, parts): (u64, usize),
        clock: &str,
    ) -> Message {
        let payload = event.to_json_line().trim_end().as_bytes().to_vec();
        let mut properties = vec![
            ("specversion", "1.0".to_owned()),
            ("id", event.trace_id.clone()),
            ("source", event.source.clone()),
            ("type", event.event_type().name().to_owned()),
            ("time", event.ingest_timestamp.to_string()),
            ("timequality", clock.to_owned()),
        ];
        properties.extend(self.numbers(sequence, 1, "json"));
        // So that whoever confirms knows when a record is whole.
        properties.extend([("part", part.to_string()), ("parts", parts.to_string())]);
        Message { payload, content_type: JSON, properties }
    }

    fn numbers(&self, sequence: u64, count: u32, encoding: &str) -> [(&'static str, String); 5] {
        [
            ("seq", sequence.to_string()),
            ("epoch", self.row.epoch.to_string()),
            ("count", count.to_string()),
            ("enc", encoding.to_owned()),
            ("replay", self.replay.to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use tillgate_events::{
        Body, BootId, Class, ClockQuality, Header, NoSale, Record, UtcMs, encode,
    };

    use super::*;
    use crate::store::{GapId, GapReason, RowId};

    fn row() -> Row {
        let record = |at| Record {
            at: UtcMs(at),
            source: "till-1".into(),
            body: Body::NoSale(NoSale { terminal_id: "T1".into() }),
        };
        let header = Header {
            gateway_id: "gw".into(),
            store_id: 7,
            class: Class::Pos,
            epoch: 2,
            first_sequence: 40,
            wall: UtcMs(1_795_269_900_123),
            boot_id: BootId::default(),
            mono_us: 5,
            clock: ClockQuality::Synced,
        };
        let records = vec![record(1_795_269_900_000), record(1_795_269_900_001)];
        let payload = encode(&Batch { header, records }).unwrap();
        Row { id: RowId(3), class: Class::Pos, epoch: 2, first_sequence: 40, count: 2, payload }
    }

    fn properties(message: &Message) -> String {
        message.properties.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
    }

    fn check(message: &Message, expected: &Expect) {
        expected.assert_eq(&properties(message));
    }

    #[test]
    fn a_batch_goes_out_byte_for_byte_with_its_numbers_beside_it() {
        let parcel = parcel(&row(), Encoding::Postcard, "gw", false, Slice::WHOLE);
        assert_eq!((parcel.messages.len(), parcel.last_sequence), (1, 41));
        assert_eq!(parcel.messages[0].payload, row().payload);
        let expected = expect![[r#"
            specversion: 1.0
            id: gw-pos-2-40
            source: tillgate/gw
            type: tillgate.batch
            time: 2026-11-21T14:05:00.123Z
            timequality: synced
            seq: 40
            epoch: 2
            count: 2
            enc: postcard
            replay: false
        "#]];
        check(&parcel.messages[0], &expected);
    }

    #[test]
    fn in_json_each_event_is_a_message_with_its_own_number() {
        let parcel = parcel(&row(), Encoding::Json, "gw", true, Slice::WHOLE);
        assert_eq!((parcel.messages.len(), parcel.last_sequence), (2, 41));
        assert!(parcel.messages[1].payload.starts_with(br#"{"event_type":"no_sale","#));
        let expected = expect![[r#"
            specversion: 1.0
            id: gw-pos-2-41
            source: tillgate/gw/till-1
            type: no_sale
            time: 2026-11-21T14:05:00.001Z
            timequality: synced
            seq: 41
            epoch: 2
            count: 1
            enc: json
            replay: true
            part: 1
            parts: 1
        "#]];
        check(&parcel.messages[1], &expected);
    }

    /// The numbers of the messages of a slice, and how far it goes.
    fn check_slice(after: u64, most: usize, expected: (&[&str], u64)) {
        let parcel = parcel(&row(), Encoding::Json, "gw", true, Slice { after, most });
        let number = |message: &Message| message.properties[6].1.clone();
        let numbers: Vec<String> = parcel.messages.iter().map(number).collect();
        assert_eq!(
            (numbers, parcel.until),
            (expected.0.iter().map(|it| (*it).into()).collect(), expected.1)
        );
    }

    #[test]
    fn of_a_row_only_as_many_records_are_made_ready_as_are_wanted() {
        check_slice(0, 9, (&["40", "41"], 41));
        check_slice(0, 1, (&["40"], 40));
        check_slice(39, 2, (&["40", "41"], 41));
        check_slice(40, 1, (&["41"], 41));
        check_slice(u64::MAX, 0, (&[], 41));
    }

    #[test]
    fn a_payload_that_cannot_be_read_still_goes_out_as_it_is() {
        let damaged = Row { payload: b"of another version".to_vec(), ..row() };
        let parcel = parcel(&damaged, Encoding::Json, "gw", false, Slice::WHOLE);
        assert_eq!(parcel.messages.len(), 1);
        assert_eq!(parcel.messages[0].payload, b"of another version");
        assert_eq!(parcel.messages[0].content_type, BATCH);
    }

    #[test]
    fn a_loss_names_its_numbers_and_why() {
        let lost = Gap {
            id: GapId(9),
            class: Class::Visit,
            epoch: 2,
            first_sequence: 40,
            count: 3,
            bytes: 512,
            reason: GapReason::Cap,
        };
        let message = gap(&lost, "gw");
        let payload = String::from_utf8(message.payload.clone()).unwrap();
        let expected = expect![[
            r#"{"gateway":"gw","class":"visit","epoch":2,"first_sequence":40,"last_sequence":42,"count":3,"bytes":512,"reason":"cap"}"#
        ]];
        expected.assert_eq(&payload);
        let expected = expect![[r#"
            specversion: 1.0
            id: gw-visit-2-40-gap-3
            source: tillgate/gw
            type: tillgate.gap
        "#]];
        check(&message, &expected);
    }
}
