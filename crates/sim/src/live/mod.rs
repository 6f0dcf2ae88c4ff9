//! The running agent's own figures: how soon, how much of the disk, how much memory. For the benchmark only.
//!
//! Each run has a broker, a subscriber and `tillgate confirm` of its own, and receipts of 16 lines and 10 contract
//! events through a serial line. When something was accepted is read off the agent's own syncs, which strace writes
//! down; where CPU is measured there is no strace.

mod drain;
mod sync;

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::{Instant, sleep, sleep_until};

pub use drain::{Drained, drain, idle_with_tls};
use sync::{Syncs, wall};

use crate::peers::lines::{self, ARTICLES};
use crate::peers::rival::{How, Rival, Running};
use crate::peers::scene::Scene;
use crate::peers::{Cost, Options};
use crate::pty::Sink as _;

/// Contract events of one receipt.
pub const EVENTS: u32 = 10;
/// Between two receipts that are each alone.
const ALONE: Duration = Duration::from_millis(700);
/// What is freed afterwards belongs to a run's cost.
const AFTERWARDS: Duration = Duration::from_millis(1500);

/// Runs figures to their end on this thread.
pub fn block_on<T>(figures: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(figures))
}

/// Receipts one by one, on a disk with nothing else to do for us.
pub struct Alone {
    /// Milliseconds from a receipt's last byte until it is synced, sorted.
    pub accepted_ms: Vec<f64>,
    /// Until a subscriber has it, sorted. The broker's PUBACK leaves in the same turn.
    pub arrived_ms: Vec<f64>,
    /// What one append with fdatasync took meanwhile, sorted.
    pub plain_ms: Vec<f64>,
    /// Bytes written for each receipt.
    pub written: f64,
    /// Syncs for each receipt.
    pub syncs: f64,
}

/// Prints so many receipts, each alone.
pub async fn alone(options: &Options, receipts: u32) -> Result<Alone> {
    let rival = Rival::ours(options, How { traced: true, ..How::default() });
    let scene = &mut Scene::set(options, &rival).await?;
    sleep(AFTERWARDS).await;
    let before = below(scene);
    let mut plain = sync::Plain::new(scene.folder.path())?;
    let (mut walls, mut starts) = (Vec::new(), Vec::new());
    for number in 1..=receipts {
        scene.pty.write_all(&lines::receipts(number, number + 1)).await?;
        starts.push(Instant::now());
        walls.push(wall());
        sleep(ALONE).await;
        plain.append()?;
    }
    sleep(AFTERWARDS).await;
    let used = below(scene) - before;
    let syncs = Syncs::read(scene.folder.path())?;
    let first = *walls.first().context("no receipt")?;
    let accepted = walls.iter().filter_map(|printed| Some(syncs.first_after(*printed)? - printed));
    let times = scene.subscriber.tally().times.clone();
    let came = times.chunks(ARTICLES as usize).skip(1).filter_map(|receipt| receipt.first());
    let arrived = starts.iter().zip(came).map(|(start, came)| millis(came.duration_since(*start)));
    Ok(Alone {
        accepted_ms: sorted(accepted.map(|seconds| seconds * 1e3)),
        arrived_ms: sorted(arrived),
        plain_ms: plain.sorted_ms(),
        written: used.written as f64 / f64::from(receipts),
        syncs: syncs.count_after(first) as f64 / f64::from(receipts),
    })
}

/// A run at a steady pace.
pub struct Steady {
    /// Of one core, 0 to 1.
    pub cpu: f64,
    /// Bytes written for each contract event.
    pub written: f64,
    /// Bytes of payload for each contract event.
    pub wire: f64,
}

/// So many receipts a second, with this commit interval.
pub async fn steady(
    options: &Options,
    rate: u32,
    interval_ms: u32,
    seconds: u32,
) -> Result<Steady> {
    let config = format!("[buffer]\ncommit_interval_ms = {interval_ms}\n");
    let rival = Rival::ours(options, How { config, traced: false });
    let scene = &mut Scene::set(options, &rival).await?;
    sleep(AFTERWARDS).await;
    let (before, wire, start) = (scene.cost(), scene.subscriber.tally().bytes, Instant::now());
    let receipts = rate * seconds;
    for number in 1..=receipts {
        scene.pty.write_all(&lines::receipts(number, number + 1)).await?;
        sleep_until(start + Duration::from_secs(1) * number / rate.max(1)).await;
    }
    let cpu = (scene.cost() - before).cpu / start.elapsed().as_secs_f64();
    scene.settle((1 + receipts) * ARTICLES).await;
    sleep(AFTERWARDS).await;
    let events = f64::from(receipts * EVENTS);
    let bytes = scene.subscriber.tally().bytes - wire;
    let written = (scene.cost() - before).written as f64 / events;
    Ok(Steady { cpu, written, wire: bytes as f64 / events })
}

/// As much as it takes.
pub struct Burst {
    /// Syncs in the busiest second.
    pub most_syncs: usize,
    /// Peak memory in kB.
    pub peak_kb: u64,
    /// CPU seconds for 100 000 contract events.
    pub cpu: f64,
}

/// All receipts as fast as the line takes them.
pub async fn burst(options: &Options) -> Result<Burst> {
    let rival = Rival::ours(options, How { traced: true, ..How::default() });
    let scene = &mut Scene::set(options, &rival).await?;
    let before = below(scene);
    scene.pty.write_all(&lines::receipts(1, 1 + options.receipts)).await?;
    scene.settle((1 + options.receipts) * ARTICLES).await;
    let used = below(scene) - before;
    let cpu = used.cpu / f64::from(options.receipts * EVENTS) * 1e5;
    let most_syncs = Syncs::read(scene.folder.path())?.most_in_a_second();
    Ok(Burst { most_syncs, peak_kb: used.peak_kb, cpu })
}

fn below(scene: &Scene<'_>) -> Cost {
    scene.running.as_ref().map(Running::cost_below).unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The value below which this share of sorted values is.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        for (share, expected) in [(0.0, 0.0), (0.5, 50.0), (0.99, 99.0), (1.0, 100.0)] {
            assert_eq!(quantile(&values, share), expected);
        }
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
