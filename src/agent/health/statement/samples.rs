//! A statement of a busy morning, for tests.

use std::collections::BTreeMap;
use std::time::Duration;

use tillgate_events::{BootId, Class, ClockQuality, UtcMs};

use super::{About, Statement};
use crate::agent::health::Health;
use crate::agent::health::rates::{DayRate, ShortRates};
use crate::agent::health::snapshot::{DeviceHealth, Passed, Snapshot};
use crate::forward::{LinkState, Progress};
use crate::store::{Stamp, Vitals, Waiting};
use crate::time::{Mono, Now};

/// When it is.
const AT: Now = Now { mono: Mono(7_200_000_000), wall: UtcMs(1_795_269_900_123) };

/// Who says it.
pub fn about() -> About {
    About {
        gateway: "gw-0007".to_owned(),
        started: Now { mono: Mono(3_600_000_000), wall: UtcMs(1_795_266_300_123) },
        boot_id: BootId([7; 16]),
        max_bytes: 512 << 20,
        interval_s: 60,
    }
}

/// What is known.
pub fn snapshot() -> Snapshot {
    let stamp = Stamp { wall: UtcMs(0), mono: Mono(7_110_000_000), boot_id: BootId([7; 16]) };
    let pos = Waiting { rows: 3, records: 8, bytes: 900, oldest: Some(stamp) };
    let waiting = Class::ALL.into_iter().map(|class| (class, Waiting::default()));
    let mut vitals = Vitals {
        waiting: waiting.collect(),
        gaps: 1,
        gap_records: 4,
        thinned_records: 9,
        quarantine: 0,
        journal_bytes: 2 << 20,
        journal_open: 1,
        used_bytes: 14 << 20,
        free_bytes: 1 << 20,
        disk_free_bytes: Some(3 << 30),
    };
    vitals.waiting.insert(Class::Pos, pos);
    let mut health = Health::default();
    health.records.accepted = 41;
    health.store.commits = 90;
    health.tills.receipts = 38;
    let mut streams: BTreeMap<Class, Passed> =
        Class::ALL.into_iter().map(|class| (class, Passed::default())).collect();
    streams.insert(Class::Pos, Passed { seen: 41, accepted: 40, sent: 39, kept: 32 });
    let device = |name: &str, state: &str, reason: Option<&str>| DeviceHealth {
        name: name.to_owned(),
        state: state.to_owned(),
        reason: reason.map(str::to_owned),
    };
    Snapshot {
        at: AT,
        health,
        streams,
        vitals: Some(vitals),
        accepted_bytes: 8_196_721,
        written_bytes: Some(40_960),
        clock: ClockQuality::Synced,
        link: LinkState {
            connected: true,
            since: UtcMs(1_795_266_301_000),
            progress: Progress { sent: 30, kept: 27, reconnects: 2, ..Progress::default() },
            ..LinkState::default()
        },
        devices: vec![
            device("till-1", "degraded", Some("the printer has no paper")),
            device("a \"b\\c\nd", "down", Some("not there")),
        ],
    }
}

/// All of it.
pub fn statement() -> Statement {
    let day = DayRate { bytes_per_hour: Some(8_196_721), measured: Duration::from_secs(3600) };
    let short = ShortRates { commits: 0.4, written_bytes: Some(1365.3) };
    Statement::new(&about(), &snapshot(), day, short)
}
