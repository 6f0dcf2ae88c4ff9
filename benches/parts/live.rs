//! Rows that take a running agent: how soon, how much of the disk, how much memory; and what a backlog and a day of
//! receipts come to.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark stops where it is surprised"
)]

use std::error::Error;
use std::path::{Path, PathBuf};

use tillgate::store::{NewRow, Store};
use tillgate_events::{Batch, Class, Record, UtcMs, encode, expand_batch};
use tillgate_sim::live::{self, quantile};
use tillgate_sim::peers::Options;

use super::{header, row};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Receipts that are each alone.
const ALONE: u32 = 60;
/// Seconds of a steady pace.
const STEADY: u32 = 20;
/// Receipts a second, 10 events each: 50 events a second.
const RATE: u32 = 5;
/// Receipts of a burst.
const BURST: u32 = 2000;
/// Events of a backlog.
const BACKLOG: usize = 1_000_000;

/// Prints all of these rows.
pub fn figures(records: &[Record]) {
    day(records);
    let Ok(program) = std::env::var("TILLGATE") else { return };
    let folder = tempfile::tempdir_in("target").unwrap();
    let whole = |path: &Path| std::fs::canonicalize(path).unwrap();
    let options = Options {
        agent: whole(&PathBuf::from(program)),
        folder: whole(folder.path()),
        rounds: 1,
        receipts: BURST,
        only: None,
    };
    let told = live::block_on(async {
        alone(&options).await?;
        steady(&options).await?;
        burst(&options).await?;
        memory(&options).await?;
        backlog(&options, records).await
    });
    if let Err(error) = told.unwrap() {
        println!("| the rows that follow | not here: {error} | `make bench` |");
    }
}

async fn alone(options: &Options) -> Result<()> {
    let alone = live::alone(options, ALONE).await?;
    let spread = |values: &[f64]| {
        let at = |share| quantile(values, share);
        format!("p50 {:.1} ms, p99 {:.1} ms", at(0.5), at(0.99))
    };
    row("append and fdatasync of 1 KiB, for comparison", &spread(&alone.plain_ms));
    row("a receipt's last byte to accepted", &spread(&alone.accepted_ms));
    row("to a subscriber, as the broker's PUBACK", &spread(&alone.arrived_ms));
    let value = format!("{:.1} kB, {:.1} fdatasync", alone.written / 1e3, alone.syncs);
    row("written for one receipt alone, confirmed and freed", &value);
    Ok(())
}

async fn steady(options: &Options) -> Result<()> {
    for (name, interval) in [("as it is", 100), ("`commit_interval_ms = 1000`", 1000)] {
        let steady = live::steady(options, RATE, interval, STEADY).await?;
        let value = format!(
            "{:.2} % of a core, {:.0} bytes/event written",
            steady.cpu * 100.0,
            steady.written
        );
        row(&format!("50 events/s, {name}"), &value);
    }
    Ok(())
}

async fn burst(options: &Options) -> Result<()> {
    let burst = live::burst(options).await?;
    let value = format!(
        "{:.2} CPU s per 100k events, {} fdatasync in the busiest second, {:.1} MB resident at most",
        burst.cpu,
        burst.most_syncs,
        burst.peak_kb as f64 / 1e3
    );
    row("a burst through the whole path, under strace", &value);
    Ok(())
}

async fn memory(options: &Options) -> Result<()> {
    let idle = live::idle_with_tls(options).await?.ok_or("no openssl")?;
    row("resident memory, one till, idle, TLS 1.3 with a certificate", &format!("{idle} kB"));
    Ok(())
}

/// A backlog as an outage leaves it: batches of 64 receipts.
async fn backlog(options: &Options, records: &[Record]) -> Result<()> {
    let mut size = 0;
    let (mut events, mut count) = (0, 0);
    let fill = |folder: &Path| {
        std::fs::create_dir_all(folder)?;
        let mut store = Store::open(folder, 1 << 30, UtcMs(0))?.0;
        for group in records.chunks(64).cycle() {
            let batch = Batch { header: header(1 + count), records: group.to_vec() };
            events += expand_batch(&batch).count();
            count += group.len() as u64;
            let payload = encode(&batch)?;
            let first_sequence = batch.header.first_sequence;
            let count = group.len() as u32;
            store.commit(&[NewRow { class: Class::Pos, first_sequence, count, payload }], &[])?;
            if BACKLOG <= events {
                break;
            }
        }
        drop(store);
        size = std::fs::metadata(folder.join("outbox.db"))?.len();
        Ok(count)
    };
    let drained = live::drain(options, fill).await?;
    let megabytes = size as f64 / 1e6 * BACKLOG as f64 / events as f64;
    row("a backlog of a million events on disk", &format!("{megabytes:.1} MB"));
    let value = format!(
        "{:.0} events/s stored by `tillgate confirm`, {:.1} MB resident at most",
        events as f64 / drained.seconds,
        drained.peak_kb as f64 / 1e3
    );
    row("that backlog sent, from the agent's start", &value);
    Ok(())
}

/// A day's receipts as they come: each is a message, because receipts are sent at once.
pub fn day(records: &[Record]) {
    let batches = records
        .iter()
        .zip(1..)
        .map(|(record, n)| Batch { header: header(n), records: vec![record.clone()] });
    let (mut bytes, mut events) = (0, 0);
    for batch in batches {
        bytes += encode(&batch).unwrap().len();
        events += expand_batch(&batch).count();
    }
    let each = bytes as f64 / events as f64;
    row("on the wire, each receipt a message of its own", &format!("{each:.1} bytes/event"));
}
