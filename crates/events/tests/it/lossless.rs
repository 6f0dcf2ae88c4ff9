//! Nothing of a record is lost when it is expanded: it can be put together again from its events, so two
//! different ones never expand alike.

use proptest::prelude::*;
use tillgate_events::*;

use crate::{collapse, samples, strategies};

proptest! {
    #[test]
    fn a_receipt_can_be_put_together_from_its_events(
        header in strategies::header(),
        receipt in strategies::receipt(),
    ) {
        let body = Body::Receipt(Box::new(receipt.clone()));
        let record = Record { at: samples::AT, source: "till".into(), body };
        prop_assert_eq!(collapse::receipt(&expand(&header, 0, &record)), receipt);
    }

    #[test]
    fn so_can_everything_else(header in strategies::header(), body in strategies::body()) {
        let record = Record { at: samples::AT, source: "source".into(), body: body.clone() };
        let events = expand(&header, 0, &record);
        prop_assert_eq!(collapse::body(&events, &body), body);
        prop_assert!(events.iter().all(|event| event.ingest_timestamp == record.at));
        prop_assert!(events.iter().all(|event| event.source.ends_with("/source")));
    }

    #[test]
    fn anything_expands_to_json_lines_with_distinct_trace_ids(batch in strategies::batch()) {
        let events: Vec<Envelope> = expand_batch(&batch).collect();
        prop_assert!(events.len() >= batch.records.len());
        for event in &events {
            let line = event.to_json_line();
            prop_assert!(!line.contains('\n'));
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            // Numbers and key order survive: nothing went through a float.
            prop_assert_eq!(value.to_string(), line);
        }
        let mut ids: Vec<_> = events.iter().map(|event| &event.trace_id).collect();
        ids.sort();
        ids.dedup();
        let saturated = batch.header.first_sequence > u64::MAX - 6;
        prop_assert!(saturated || ids.len() == events.len());
    }
}

#[test]
fn children_are_numbered_and_name_their_receipt() {
    let (till, body) = samples::full().remove(0);
    let events = samples::events_of((till, body));
    let told: Vec<String> = events
        .iter()
        .map(|event| {
            let parent = event.parent_event_id.as_deref().unwrap_or("-");
            format!("{} {} {parent}", event.event_type().name(), event.trace_id)
        })
        .collect();
    expect_test::expect![[r#"
        receipt_created gw-0007-pos-3-1001 -
        receipt_line_added gw-0007-pos-3-1001-1 1-20261121-000123
        receipt_line_added gw-0007-pos-3-1001-2 1-20261121-000123
        payment_processed gw-0007-pos-3-1001-3 1-20261121-000123
        payment_processed gw-0007-pos-3-1001-4 1-20261121-000123
        promotion_applied gw-0007-pos-3-1001-5 1-20261121-000123
        inventory_updated gw-0007-pos-3-1001-6 1-20261121-000123"#]]
    .assert_eq(&told.join("\n"));
}
