//! The kinds of round: a burst, a calm run, a kill in the middle, and an outage that ends in a kill.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep, sleep_until};

use super::Options;
use super::lines::{self, ARTICLES, LINES};
use super::process::Cost;
use super::rival::Rival;
use super::scene::Scene;
use crate::pty::Sink as _;

/// Lines a second of a run that is paced.
const PACE: u64 = 1000;
/// Receipts of such a run: six seconds of them.
const PACED: u32 = 375;
/// Receipts printed while the broker is away.
const AWAY: u32 = 1250;
/// How long a till may take to print while the broker is away.
const PATIENCE: Duration = Duration::from_secs(30);
/// What commits and frees afterwards belongs to a burst's cost.
const AFTERWARDS: Duration = Duration::from_millis(1500);

/// A burst as it went.
#[derive(Clone, Copy, Debug)]
pub struct Burst {
    /// From the first byte written to the last new arrival.
    pub seconds: f64,
    /// Lines whose receipts arrived in whole.
    pub lines: f64,
    /// What the peer used meanwhile.
    pub cost: Cost,
    /// Bytes of payload that arrived.
    pub wire: u64,
}

/// What became of numbered lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// How many were printed.
    pub printed: u64,
    /// How many never came.
    pub lost: u64,
    /// How many came more than once.
    pub doubled: u64,
    /// Of those, what the receiver cannot tell by an identity.
    pub unknowingly: u64,
}

/// As many lines as fast as the peer reads them.
pub async fn burst(options: &Options, rival: &Rival) -> Result<Burst> {
    let scene = &mut Scene::set(options, rival).await?;
    let (cost, wire) = (scene.cost(), scene.subscriber.tally().bytes);
    let text = lines::receipts(1, 1 + options.receipts);
    let start = Instant::now();
    scene.pty.write_all(&text).await?;
    let articles = (1 + options.receipts) * ARTICLES;
    scene.settle(articles).await;
    let (last, arrived, bytes) = {
        let tally = scene.subscriber.tally();
        (tally.last_new, tally.arrived, tally.bytes)
    };
    sleep(AFTERWARDS).await;
    let share = f64::from(LINES) / f64::from(ARTICLES);
    Ok(Burst {
        seconds: last.map_or(Duration::ZERO, |last| last - start).as_secs_f64(),
        lines: arrived.saturating_sub(u64::from(ARTICLES)) as f64 * share,
        cost: scene.cost() - cost,
        wire: bytes - wire,
    })
}

/// Six seconds at 1000 lines a second, and nothing happens.
pub async fn calm(options: &Options, rival: &Rival) -> Result<Loss> {
    let scene = &mut Scene::set(options, rival).await?;
    paced(scene, 1, 1 + PACED, PACE).await?;
    Ok(ending(scene, 1 + PACED).await)
}

/// The same, and in the middle the peer is killed and started again.
pub async fn killed(options: &Options, rival: &Rival) -> Result<Loss> {
    let scene = &mut Scene::set(options, rival).await?;
    paced(scene, 1, PACED / 2, PACE).await?;
    scene.kill().await?;
    scene.start()?;
    paced(scene, PACED / 2, 1 + PACED, PACE).await?;
    Ok(ending(scene, 1 + PACED).await)
}

/// The broker goes, 20 000 lines come at 2000 a second, the peer is killed as soon as it has read them, and both come
/// back.
pub async fn outage(options: &Options, rival: &Rival) -> Result<Loss> {
    let scene = &mut Scene::set(options, rival).await?;
    scene.broker.stop().await?;
    // A peer that stops reading leaves the rest with the till.
    let printing = paced(scene, 1, 1 + AWAY, 2 * PACE);
    let _stopped = tokio::time::timeout(PATIENCE, printing).await;
    scene.taken().await;
    scene.kill().await?;
    scene.broker.restart().await?;
    scene.start()?;
    Ok(ending(scene, 1 + AWAY).await)
}

/// Prints the receipts at so many lines a second.
async fn paced(scene: &mut Scene<'_>, from: u32, to: u32, pace: u64) -> Result<()> {
    let start = Instant::now();
    for (number, after) in (from..to).zip(1_u64..) {
        scene.pty.write_all(&lines::receipts(number, number + 1)).await?;
        sleep_until(start + Duration::from_micros(after * u64::from(LINES) * 1_000_000 / pace))
            .await;
    }
    Ok(())
}

async fn ending(scene: &Scene<'_>, receipts: u32) -> Loss {
    let printed = u64::from(receipts * ARTICLES);
    scene.settle(receipts * ARTICLES).await;
    // What comes again may come late.
    sleep(AFTERWARDS).await;
    let tally = scene.subscriber.tally();
    Loss {
        printed,
        lost: printed.saturating_sub(tally.arrived),
        doubled: tally.doubled(),
        unknowingly: tally.doubled_unknowingly(),
    }
}
