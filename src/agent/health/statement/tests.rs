//! The object byte for byte, and against its page in the documentation.

use expect_test::expect;
use serde_json::Value;

use super::samples::{about, snapshot, statement};
use super::*;
use crate::agent::health::rates::{DayRate, ShortRates};

#[test]
fn the_statement_is_as_documented() {
    let text = serde_json::to_string_pretty(&statement()).unwrap();
    let expected = expect![[r#"
        {
          "gateway": "gw-0007",
          "version": "0.1.0",
          "at": "2026-11-21T14:05:00.123Z",
          "started": "2026-11-21T13:05:00.123Z",
          "uptime_s": 3600,
          "interval_s": 60,
          "clock": "synced",
          "streams": {
            "dock": {
              "seen": 0,
              "accepted": 0,
              "sent": 0,
              "kept": 0,
              "waiting_rows": 0,
              "waiting_records": 0,
              "waiting_bytes": 0,
              "oldest_s": null
            },
            "ops": {
              "seen": 0,
              "accepted": 0,
              "sent": 0,
              "kept": 0,
              "waiting_rows": 0,
              "waiting_records": 0,
              "waiting_bytes": 0,
              "oldest_s": null
            },
            "pos": {
              "seen": 41,
              "accepted": 40,
              "sent": 39,
              "kept": 32,
              "waiting_rows": 3,
              "waiting_records": 8,
              "waiting_bytes": 900,
              "oldest_s": 90
            },
            "stock": {
              "seen": 0,
              "accepted": 0,
              "sent": 0,
              "kept": 0,
              "waiting_rows": 0,
              "waiting_records": 0,
              "waiting_bytes": 0,
              "oldest_s": null
            },
            "visit": {
              "seen": 0,
              "accepted": 0,
              "sent": 0,
              "kept": 0,
              "waiting_rows": 0,
              "waiting_records": 0,
              "waiting_bytes": 0,
              "oldest_s": null
            }
          },
          "gaps": {
            "untold": 1,
            "untold_records": 4,
            "untold_thinned": 9,
            "told": 0
          },
          "buffer": {
            "max_bytes": 536870912,
            "used_bytes": 14680064,
            "disk_free_bytes": 3221225472,
            "journal_bytes": 2097152,
            "journal_open": 1,
            "room_bytes": 524288000,
            "bytes_per_hour": 8196721,
            "measured_s": 3600,
            "hours_left": 63
          },
          "cloud": {
            "connected": true,
            "since": "2026-11-21T13:05:01.000Z",
            "error": null,
            "clock_suspect": false,
            "refused_class": null,
            "refused_reason": null,
            "sent": 30,
            "kept": 27,
            "refused": 0,
            "resent": 0,
            "reconnects": 2,
            "too_large": 0,
            "marks_refused": 0,
            "unread": 0,
            "gaps_told": 0
          },
          "store": {
            "commits": 90,
            "refusals": 0,
            "freed_rows": 0,
            "evicted_records": 0,
            "thinned_records": 0,
            "damaged_rows": 0,
            "disk_full": 0,
            "mark_failures": 0,
            "files_gone": 0,
            "corrected_rows": 0,
            "journal_pages": 0,
            "journal_dropped": 0,
            "journal_holes": 0,
            "salvage_pages_left": 0,
            "quarantine": 0,
            "written_bytes": 40960,
            "commits_per_s": 0.4,
            "written_bytes_per_s": 1365.3
          },
          "records": {
            "accepted": 41,
            "not_yet_accepted": 0,
            "unwritable": 0
          },
          "tills": {
            "receipts": 38,
            "failed_checks": 0,
            "reprints": 0,
            "voided": 0,
            "no_sales": 0,
            "unparsed": 0,
            "unmatched_lines": 0,
            "dropped_parts": 0
          },
          "doors": {
            "uncertain": 0,
            "new_bases": 0,
            "entered": 0,
            "exited": 0,
            "turned_back": 0,
            "weak": 0,
            "undirected": 0,
            "estimated": 0,
            "faults": 0,
            "inside": null
          },
          "tags": {
            "strangers": 0,
            "closed_early": 0,
            "unproven": 0,
            "replayed": 0,
            "visitors": 0,
            "visits_cut_short": 0,
            "dropped": 0,
            "wait_ms": 0
          },
          "docks": {
            "left_out": 0
          },
          "screens": {
            "unknown_keys": 0
          },
          "devices": [
            {
              "name": "till-1",
              "state": "degraded",
              "reason": "the printer has no paper"
            },
            {
              "name": "a \"b\\c\nd",
              "state": "down",
              "reason": "not there"
            }
          ]
        }"#]];
    expected.assert_eq(&text);
}

#[test]
fn what_cannot_be_known_is_null() {
    let mut dark = snapshot();
    (dark.vitals, dark.written_bytes) = (None, None);
    let day = DayRate { bytes_per_hour: None, measured: std::time::Duration::ZERO };
    let text = Statement::new(&about(), &dark, day, ShortRates::default()).to_json();
    let tree: Value = serde_json::from_str(&text).unwrap();
    for place in [
        "/buffer/used_bytes",
        "/buffer/hours_left",
        "/buffer/bytes_per_hour",
        "/gaps/untold",
        "/store/written_bytes",
        "/store/written_bytes_per_s",
        "/streams/pos/waiting_rows",
        "/streams/pos/oldest_s",
    ] {
        assert_eq!(tree.pointer(place), Some(&Value::Null), "{place} in {text}");
    }
}

/// Every field, as `streams.pos.seen`; of classes and devices the first.
fn fields(path: &str, tree: &Value, found: &mut Vec<String>) {
    let below =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match tree {
        Value::Object(object) if path == "streams" => {
            object.values().take(1).for_each(|it| fields("streams.CLASS", it, found));
        }
        Value::Object(object) => {
            object.iter().for_each(|(name, it)| fields(&below(name), it, found));
        }
        Value::Array(items) => {
            items.iter().take(1).for_each(|it| fields(&format!("{path}[]"), it, found));
        }
        _ => found.push(path.to_owned()),
    }
}

#[test]
fn every_field_has_its_row_in_the_documentation() {
    let tree: Value = serde_json::from_str(&statement().to_json()).unwrap();
    let mut found = Vec::new();
    fields("", &tree, &mut found);
    assert!(found.len() > 60, "{found:?}");
    let page = include_str!("../../../../docs/health.md");
    let missing: Vec<_> =
        found.iter().filter(|field| !page.contains(&format!("| `{field}` |"))).collect();
    assert!(missing.is_empty(), "not in docs/health.md: {missing:?}");
}
