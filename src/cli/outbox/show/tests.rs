//! The table as it is shown.

use expect_test::{Expect, expect};

use super::*;
use crate::agent::Buffer;

fn found() -> Found {
    let class = |class, batches, oldest_s| Waiting {
        class,
        batches: Some(batches),
        records: Some(batches * 4),
        bytes: Some(batches * 700),
        oldest_s,
    };
    let gap = |first_sequence| GapRow {
        class: "visit",
        epoch: 2,
        first_sequence,
        count: 3,
        reason: "cap",
    };
    Found {
        salvage_pages_left: Some(0),
        source: "database",
        gone: false,
        said_s_ago: None,
        data_dir: "/var/lib/tillgate".to_owned(),
        waiting: vec![
            class("pos", 12, Some(5000)),
            class("visit", 1200, Some(200_000)),
            class("ops", 0, None),
        ],
        gaps: Some(7),
        gap_records: Some(21),
        thinned_records: Some(1700),
        first_gaps: (0..6).map(|number| gap(number * 10)).collect(),
        quarantine: Some(1),
        buffer: Buffer {
            max_bytes: 512 << 20,
            used_bytes: Some(13 << 20),
            journal_bytes: Some(2 << 20),
            journal_open: Some(1),
            disk_free_bytes: Some(3 << 30),
            room_bytes: Some(499 << 20),
            bytes_per_hour: Some(8_577_000),
            measured_s: 86_400,
            hours_left: Some(61),
        },
        rate_s_ago: None,
    }
}

fn check(found: &Found, expected: &Expect) {
    let told = table(found, false);
    expected.assert_eq(&told);
    let painted = table(found, true);
    let mut parts = painted.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    let plain = first + &parts.map(|it| it.split_once('m').unwrap().1).collect::<String>();
    assert_eq!(plain, told);
    assert_ne!(painted, told);
}

#[test]
fn a_database_nobody_holds_is_shown_in_full() {
    check(
        &found(),
        &expect![[r#"
            No agent holds /var/lib/tillgate. This is in the database.

            WAITS  BATCHES  RECORDS      BYTES  OLDEST
            pos         12       48    8.2 KiB  83 min
            visit     1200     4800  820.3 KiB     2 d
            ops          0        0        0 B       -
            all       1212     4848  828.5 KiB     2 d

            losses      7 not told or not confirmed, of 21 records
                        visit, epoch 2, 0 to 2: cap
                        visit, epoch 2, 10 to 12: cap
                        visit, epoch 2, 20 to 22: cap
                        visit, epoch 2, 30 to 32: cap
                        visit, epoch 2, 40 to 42: cap
                        and 2 more
            thinned     1700 records are part of others: nothing of them is lost
            quarantine  1 damaged batches kept for inspection
            journal     2.0 MiB, 1 documents open
            buffer      13.0 MiB of 512.0 MiB used, 3.0 GiB free on the disk
            lasts       61 h without the cloud, at 8.1 MiB an hour, measured over the last 24 h
        "#]],
    );
}

#[test]
fn an_agents_word_is_shown_with_its_age_and_what_it_does_not_know() {
    let mut said = Found { source: "agent", said_s_ago: Some(14), first_gaps: vec![], ..found() };
    (said.gaps, said.gap_records, said.quarantine) = (Some(0), Some(0), None);
    (said.buffer.bytes_per_hour, said.buffer.hours_left) = (None, None);
    check(
        &said,
        &expect![[r#"
            An agent holds /var/lib/tillgate. It said this 14 s ago.

            WAITS  BATCHES  RECORDS      BYTES  OLDEST
            pos         12       48    8.2 KiB  83 min
            visit     1200     4800  820.3 KiB     2 d
            ops          0        0        0 B       -
            all       1212     4848  828.5 KiB     2 d

            losses      none that the cloud has not heard of
            thinned     1700 records are part of others: nothing of them is lost
            quarantine  ?
            journal     2.0 MiB, 1 documents open
            buffer      13.0 MiB of 512.0 MiB used, 3.0 GiB free on the disk
            lasts       unknown: the agent has not run for long enough to know a rate
        "#]],
    );
    said.said_s_ago = Some(900);
    assert!(table(&said, false).starts_with(
        "An agent holds /var/lib/tillgate, and said this 15 min ago: it may be stuck.\n"
    ));
}

/// How long the buffer lasts, in words.
fn check_lasts(
    rate: Option<u64>,
    hours: Option<u64>,
    measured_s: u64,
    ago: Option<u64>,
    expected: &str,
) {
    let mut found = found();
    (found.buffer.bytes_per_hour, found.buffer.hours_left) = (rate, hours);
    (found.buffer.measured_s, found.rate_s_ago) = (measured_s, ago);
    assert_eq!(lasts(&found), expected);
}

#[test]
fn the_forecast_says_what_it_knows_it_from() {
    let unknown = "unknown: the agent has not run for long enough to know a rate";
    check_lasts(None, None, 60, None, unknown);
    let day = "61 h without the cloud, at 8.1 MiB an hour, measured over the last 24 h";
    check_lasts(Some(8_577_000), Some(61), 86_500, None, day);
    let short = "3 h without the cloud, at 1.0 KiB an hour, measured over only 3 h, too little to know a day";
    check_lasts(Some(1024), Some(3), 10_900, None, short);
    let old = "3 h without the cloud, at 1.0 KiB an hour, measured over the last 24 h, which ended 20 min ago";
    check_lasts(Some(1024), Some(3), 86_400, Some(1200), old);
    let never = "for ever: nothing was accepted, measured over the last 24 h";
    check_lasts(Some(0), None, 86_400, None, never);
}

#[test]
fn a_database_that_is_gone_is_told_whoever_says_so() {
    let gone = Found { gone: true, ..found() };
    let none = table(&Found { source: "none", ..gone }, false);
    assert!(none.contains("the database is gone") && none.lines().count() == 1, "{none}");
    let agent = Found { source: "agent", said_s_ago: Some(4), gone: true, ..found() };
    let told = table(&agent, false);
    assert!(told.contains("deleted or replaced") && told.contains("WAITS"), "{told}");
}
