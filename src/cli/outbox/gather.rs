//! What is known of the outbox, out of the database or out of what the agent last said.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tillgate_events::{Class, UtcMs};

use super::OutboxError;
use crate::agent::{self, Buffer, DayRate, HEALTH_FILE};
use crate::clock::Clock;
use crate::config::Config;
use crate::limits;
use crate::store::{Gap, GapReason, Inspection, StoreError, Vitals};
use crate::time::Now;

/// What `--json` prints.
#[derive(Debug, Default, PartialEq, Serialize)]
pub struct Found {
    /// `database`, `agent` (what it last said), or `none`: there is no outbox yet.
    pub source: &'static str,
    /// The database is not there, and was: it was deleted or replaced, perhaps under an agent that runs.
    pub gone: bool,
    /// Of an agent's word: how old it is.
    pub said_s_ago: Option<u64>,
    pub data_dir: String,
    /// In the order of the classes.
    pub waiting: Vec<Waiting>,
    pub gaps: Option<u64>,
    pub gap_records: Option<u64>,
    /// Records that were joined to others, as far as the cloud has not heard of it.
    pub thinned_records: Option<u64>,
    /// The first ones; none in an agent's word.
    pub first_gaps: Vec<GapRow>,
    pub quarantine: Option<u64>,
    /// Pages of a damaged database that are still to be looked at: nothing is sent before they are. 0 for none.
    pub salvage_pages_left: Option<u64>,
    pub buffer: Buffer,
    /// The rate in `buffer` is an agent's that ran until so long ago.
    pub rate_s_ago: Option<u64>,
}

/// One class.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    pub class: &'static str,
    pub batches: Option<u64>,
    pub records: Option<u64>,
    pub bytes: Option<u64>,
    pub oldest_s: Option<u64>,
}

/// Numbers that will not come.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct GapRow {
    pub class: &'static str,
    pub epoch: u32,
    pub first_sequence: u64,
    pub count: u64,
    pub reason: &'static str,
}

/// Reads the database, or where an agent holds it what that last said.
pub fn gather(config: &Config) -> Result<Found, OutboxError> {
    let (dir, now) = (&config.gateway.data_dir, Clock::start().now());
    let said = said(dir);
    match Inspection::open(dir) {
        Ok(Some(outbox)) => {
            let (vitals, gaps) = (outbox.vitals()?, outbox.gaps()?);
            let found = of_database(config, &vitals, &gaps, said.as_ref().ok(), now);
            let salvage_pages_left = Some(outbox.salvage_pages_left(dir)?);
            Ok(Found { salvage_pages_left, ..found })
        }
        // It may be gone under an agent that runs.
        Ok(None) => {
            if let Some(said) = said.ok().filter(files_are_gone) {
                return Ok(of_agent(dir, &said, now.wall));
            }
            let data_dir = dir.display().to_string();
            let buffer = Buffer { max_bytes: config.buffer.max_bytes, ..Buffer::default() };
            let gone = Inspection::is_gone(dir);
            Ok(Found { source: "none", gone, data_dir, buffer, ..Found::default() })
        }
        Err(StoreError::Busy(_)) => match said {
            Ok(said) => Ok(of_agent(dir, &said, now.wall)),
            Err(why) => Err(OutboxError::Held(dir.join(HEALTH_FILE), why)),
        },
        Err(error) => Err(error.into()),
    }
}

/// What the agent last wrote of itself.
fn said(dir: &Path) -> Result<Value, String> {
    let mut text = String::new();
    let file = File::open(dir.join(HEALTH_FILE)).map_err(|error| error.to_string())?;
    let read = file.take(limits::HEALTH_FILE_BYTES).read_to_string(&mut text);
    read.map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|_| "it is not JSON".to_owned())
}

fn of_database(
    config: &Config,
    vitals: &Vitals,
    gaps: &[Gap],
    said: Option<&Value>,
    now: Now,
) -> Found {
    let boot_id = agent::boot_id();
    let waiting = |class: Class| {
        let found = vitals.waiting.get(&class).copied().unwrap_or_default();
        Waiting {
            class: class.name(),
            batches: Some(found.rows),
            records: Some(found.records),
            bytes: Some(found.bytes),
            oldest_s: found.oldest.map(|stamp| stamp.age_s(now, boot_id)),
        }
    };
    let gap = |gap: &Gap| GapRow {
        class: gap.class.name(),
        epoch: gap.epoch,
        first_sequence: gap.first_sequence,
        count: gap.count,
        reason: gap.reason.name(),
    };
    let bytes_per_hour = said.and_then(|said| number(said, "/buffer/bytes_per_hour"));
    let measured_s = said.and_then(|said| number(said, "/buffer/measured_s")).unwrap_or(0);
    let day = DayRate { bytes_per_hour, measured: Duration::from_secs(measured_s) };
    Found {
        source: "database",
        gone: false,
        said_s_ago: None,
        data_dir: config.gateway.data_dir.display().to_string(),
        waiting: Class::ALL.into_iter().map(waiting).collect(),
        gaps: Some(vitals.gaps),
        gap_records: Some(vitals.gap_records),
        thinned_records: Some(vitals.thinned_records),
        first_gaps: gaps.iter().filter(|it| it.reason != GapReason::Thinned).map(gap).collect(),
        quarantine: Some(vitals.quarantine),
        salvage_pages_left: None,
        buffer: agent::buffer(config.buffer.max_bytes, Some(vitals), day),
        rate_s_ago: said.filter(|_| bytes_per_hour.is_some()).and_then(|it| age_s(it, now.wall)),
    }
}

fn of_agent(dir: &Path, said: &Value, now: UtcMs) -> Found {
    let waiting = |class: Class| {
        let of = |field| number(said, &format!("/streams/{}/{field}", class.name()));
        Waiting {
            class: class.name(),
            batches: of("waiting_rows"),
            records: of("waiting_records"),
            bytes: of("waiting_bytes"),
            oldest_s: of("oldest_s"),
        }
    };
    let of = |field| number(said, &format!("/buffer/{field}"));
    Found {
        source: "agent",
        gone: files_are_gone(said),
        said_s_ago: age_s(said, now),
        data_dir: dir.display().to_string(),
        waiting: Class::ALL.into_iter().map(waiting).collect(),
        gaps: number(said, "/gaps/untold"),
        gap_records: number(said, "/gaps/untold_records"),
        thinned_records: number(said, "/gaps/untold_thinned"),
        first_gaps: Vec::new(),
        quarantine: number(said, "/store/quarantine"),
        salvage_pages_left: number(said, "/store/salvage_pages_left"),
        buffer: Buffer {
            max_bytes: of("max_bytes").unwrap_or(0),
            used_bytes: of("used_bytes"),
            journal_bytes: of("journal_bytes"),
            journal_open: of("journal_open"),
            disk_free_bytes: of("disk_free_bytes"),
            room_bytes: of("room_bytes"),
            bytes_per_hour: of("bytes_per_hour"),
            measured_s: of("measured_s").unwrap_or(0),
            hours_left: of("hours_left"),
        },
        rate_s_ago: None,
    }
}

fn files_are_gone(said: &Value) -> bool {
    number(said, "/store/files_gone").is_some_and(|looks| looks > 0)
}

fn number(said: &Value, place: &str) -> Option<u64> {
    said.pointer(place)?.as_u64()
}

/// How old an agent's word is; the clock may have been set since.
fn age_s(said: &Value, now: UtcMs) -> Option<u64> {
    let at: jiff::Timestamp = said.get("at")?.as_str()?.parse().ok()?;
    Some(u64::try_from(now.0.saturating_sub(at.as_millisecond()) / 1000).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_agent_said_is_taken_over_and_what_it_did_not_know_stays_unknown() {
        let said = json!({
            "at": "2026-11-21T14:05:00.000Z",
            "streams": {"pos": {"waiting_rows": 3, "waiting_records": 8, "oldest_s": 90}},
            "gaps": {"untold": 1, "untold_records": null},
            "buffer": {"max_bytes": 100, "hours_left": 61, "room_bytes": -1},
            "store": "nonsense",
        });
        let now = UtcMs(1_795_269_960_000);
        let found = of_agent(Path::new("/d"), &said, now);
        assert_eq!((found.source, found.said_s_ago), ("agent", Some(60)));
        let pos = found.waiting.iter().find(|it| it.class == "pos").unwrap();
        assert_eq!((pos.batches, pos.bytes, pos.oldest_s), (Some(3), None, Some(90)));
        assert_eq!((found.gaps, found.gap_records, found.quarantine), (Some(1), None, None));
        assert_eq!((found.buffer.hours_left, found.buffer.room_bytes), (Some(61), None));
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_negative_age() {
        assert_eq!(age_s(&json!({"at": "2026-11-21T14:05:00.000Z"}), UtcMs(0)), Some(0));
        assert_eq!(age_s(&json!({"at": "yesterday"}), UtcMs(0)), None);
    }
}
