//! A statement in Prometheus' text format, version 0.0.4: families with HELP and TYPE, counters that end in `_total`.
//!
//! What is null in the statement has no sample: a gauge that nobody can know is not 0.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use crate::agent::health::statement::Statement;

/// Name, type and help of a family, and how a stream tells it.
type OfStream = (&'static str, &'static str, &'static str, &'static str);

/// Families with one sample for each class: field of the statement's stream, name, type, help.
const STREAMS: [OfStream; 8] = [
    ("seen", "records_seen_total", "counter", "Records made of what left the kernel."),
    ("accepted", "records_accepted_total", "counter", "Records committed and synced."),
    ("sent", "records_sent_total", "counter", "Records published, each counted once."),
    ("kept", "records_kept_total", "counter", "Records confirmed."),
    ("waiting_rows", "waiting_batches", "gauge", "Batches accepted and not kept."),
    ("waiting_records", "waiting_records", "gauge", "Records accepted and not kept."),
    ("waiting_bytes", "waiting_bytes", "gauge", "Payload accepted and not kept."),
    ("oldest_s", "oldest_unkept_seconds", "gauge", "Age of the oldest record that is not kept."),
];

/// Groups of the statement whose numbers are counters since the start.
const COUNTERS: [&str; 8] =
    ["cloud", "store", "records", "tills", "doors", "tags", "docks", "screens"];

/// Numbers of these groups that are of this moment, or told by a family of their own.
const NO_COUNTERS: [&str; 10] = [
    "files_gone",
    "inside",
    "accepted",
    "not_yet_accepted",
    "quarantine",
    "commits_per_s",
    "written_bytes_per_s",
    "gaps_told",
    "refused_reason",
    "wait_ms",
];

/// Group, field, name and help of single gauges.
const GAUGES: [(&str, &str, &str, &str); 16] = [
    ("store", "files_gone", "database_gone", "The database was deleted or replaced."),
    ("doors", "inside", "people_inside", "People inside, where all doors are counted."),
    ("records", "not_yet_accepted", "records_not_accepted", "Records in memory only."),
    ("store", "quarantine", "quarantine_batches", "Damaged batches kept for inspection."),
    ("tags", "wait_ms", "advert_wait_milliseconds", "Longest wait of an advert, of late."),
    ("gaps", "untold", "gaps_untold", "Losses not told, or not confirmed."),
    ("gaps", "untold_records", "gap_records_untold", "Records in these losses."),
    ("gaps", "untold_thinned", "thinned_records_untold", "Records joined to others, not told."),
    ("buffer", "max_bytes", "buffer_max_bytes", "Cap on the database with its log."),
    ("buffer", "used_bytes", "buffer_used_bytes", "Pages in use, and the log."),
    ("buffer", "journal_bytes", "journal_bytes", "Of these, the journal of documents."),
    ("buffer", "journal_open", "journal_open_documents", "Documents being printed."),
    ("buffer", "disk_free_bytes", "disk_free_bytes", "What the file system would give."),
    ("buffer", "room_bytes", "buffer_room_bytes", "What can still be accepted."),
    (
        "buffer",
        "bytes_per_hour",
        "buffer_bytes_per_hour",
        "Accepted, over the last day or since the start.",
    ),
    ("buffer", "measured_s", "buffer_measured_seconds", "Over how long that was measured."),
];

/// The whole page.
pub fn render(statement: &Statement) -> String {
    let tree = serde_json::to_value(statement).unwrap_or_default();
    let mut page = Page::default();
    page.family("info", "gauge", "What runs here.");
    let word = |name: &str| tree.get(name).and_then(Value::as_str).unwrap_or_default();
    let about = [("version", word("version")), ("gateway", word("gateway"))];
    page.sample("info", &about, &1);
    page.single("uptime_seconds", "gauge", "Since the agent started.", &statement.uptime_s);
    let synced = u8::from(word("clock") == "synced");
    page.single("clock_synced", "gauge", "Whether the wall clock can be believed.", &synced);
    let connected = u8::from(statement.cloud.connected);
    page.single("connected", "gauge", "Whether a connection to the broker stands.", &connected);
    page.streams(&tree);
    for (group, field, name, help) in GAUGES {
        page.number(name, "gauge", help, tree.get(group).and_then(|it| it.get(field)));
    }
    if let Some(hours) = statement.buffer.hours_left {
        let help = "Until the buffer is full if nothing is sent.";
        page.single("buffer_left_seconds", "gauge", help, &hours.saturating_mul(3600));
    }
    let told = tree.get("gaps").and_then(|gaps| gaps.get("told"));
    page.number("gaps_told_total", "counter", "Losses told and let go of.", told);
    page.counters(&tree);
    page.devices(statement);
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing into memory does not fail.
        let _ = writeln!(self.text, "# HELP tillgate_{name} {help}\n# TYPE tillgate_{name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: &impl Serialize) {
        let value = serde_json::to_string(value).unwrap_or_default();
        let labels: Vec<String> =
            labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escape(text))).collect();
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.text, "tillgate_{name}{labels} {value}");
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: &impl Serialize) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    fn number(&mut self, name: &str, kind: &str, help: &str, value: Option<&Value>) {
        if let Some(value) = value.filter(|value| value.is_number()) {
            self.single(name, kind, help, value);
        }
    }

    fn streams(&mut self, tree: &Value) {
        let streams = tree.get("streams").and_then(Value::as_object);
        for (field, name, kind, help) in STREAMS {
            self.family(name, kind, help);
            for (class, stream) in streams.into_iter().flatten() {
                if let Some(value) = stream.get(field).filter(|value| value.is_number()) {
                    self.sample(name, &[("class", class)], value);
                }
            }
        }
    }

    /// A counter that is new in the health report is told here without another line of code.
    fn counters(&mut self, tree: &Value) {
        for group in COUNTERS {
            let fields = tree.get(group).and_then(Value::as_object);
            for (field, value) in fields.into_iter().flatten() {
                if value.is_number() && !NO_COUNTERS.contains(&field.as_str()) {
                    let name = format!("{group}_{field}_total");
                    let help = format!("{group}.{field} of the health report.");
                    self.single(&name, "counter", &help, value);
                }
            }
        }
    }

    fn devices(&mut self, statement: &Statement) {
        self.family("device_up", "gauge", "1 for a device that answers, 0 for one that does not.");
        for device in &statement.devices {
            let up = u8::from(matches!(device.state.as_str(), "up" | "degraded"));
            self.sample("device_up", &[("device", &device.name)], &up);
        }
        self.family("device_degraded", "gauge", "1 for a device whose input suffers.");
        for device in &statement.devices {
            let degraded = u8::from(device.state == "degraded");
            self.sample("device_degraded", &[("device", &device.name)], &degraded);
        }
    }
}

/// A label's value: backslash, quote and line end are written with a backslash.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
