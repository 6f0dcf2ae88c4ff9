//! One store's lines through a gateway of its own.
//!
//! Behind the last line comes a count of a product that no line is about. A feed is read in its order: once that count
//! is in the ledger, so is everything before it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::Deserialize;
use tillgate_events::UtcMs;
use tokio::process::Command;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Options;
use super::files::Row;
use super::truth::{Shelf, Stock};
use crate::broker::{Behaviour, Broker};
use crate::demo::agent::Agent;
use crate::limits;
use crate::pty::{Pty, Sink as _};

/// What `tillgate stock --json` says of the products.
#[derive(Deserialize)]
struct Said {
    products: Vec<Product>,
}

#[derive(Deserialize)]
struct Product {
    product_id: u64,
    on_hand: Option<i64>,
    counted: Option<i64>,
    changed: i64,
    as_of: Option<UtcMs>,
}

/// Feeds all lines; what the gateway then has on its shelf.
pub async fn replay(
    options: &Options,
    store: u64,
    rows: &[&Row],
    tell: &mut dyn FnMut(&str),
) -> Result<Shelf> {
    let last = rows.last().context("no lines")?;
    let end = rows.iter().map(|row| row.product).max().and_then(|it| it.checked_add(1));
    let end = end.context("no number is left for the end's product")?;
    let folder = tempfile::tempdir().context("a temporary folder")?;
    let config = folder.path().join("tillgate.toml");
    let broker = Broker::start_new(Behaviour::default()).await.context("the broker")?;
    let mut pty = Pty::open().context("a pseudo-terminal")?;
    std::fs::write(&config, toml(store, broker.port(), folder.path(), pty.path()))?;

    let mut agent = Agent::start(&options.agent, &config, &folder.path().join("agent.log"))?;
    let fed = async {
        opened(&mut agent, &pty).await?;
        let mut days = Days { store, day: None, tell };
        write(&mut pty, rows, options.speed, &mut days).await?;
        put(&mut pty, format!("{end},,{store},{},1\n", shown(last.at)).as_bytes()).await?;
        settled(&options.agent, &config, end).await
    };
    fed.await.with_context(|| format!("store {store}; the agent said: {}", tail(&agent.log())))?;
    agent.terminate();
    let ended = timeout(limits::MONTH_STALL, ended(&mut agent)).await;
    ended.context("the agent did not end")??;
    ensure!(agent.end().await, "the agent did not end cleanly: {}", tail(&agent.log()));
    let mut shelf = stock(&options.agent, &config, store).await?;
    shelf.remove(&(store, end)).context("the end's product is not on the shelf")?;
    Ok(shelf)
}

fn toml(store: u64, broker: u16, folder: &Path, port: &Path) -> String {
    format!(
        "[gateway]\nid = \"gw-{store}\"\ntenant = \"month\"\nstore_id = {store}\ntimezone = \"UTC\"\n\
         currency = \"EUR\"\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:{broker}\"\n\
         confirm = \"broker\"\n\n\
         [[stock_feed]]\nname = \"month\"\nport = \"{}\"\nbaud = 115200\n",
        folder.join("data").display(),
        port.display()
    )
}

async fn opened(agent: &mut Agent, pty: &Pty) -> Result<()> {
    let ports = [pty.path().to_owned()];
    let deadline = Instant::now() + limits::AGENT_START;
    while !agent.has_open(&ports) {
        ensure!(!agent.ended()? && Instant::now() < deadline, "the agent does not open its line");
        sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

async fn ended(agent: &mut Agent) -> Result<()> {
    while !agent.ended()? {
        sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// Tells of each day once.
struct Days<'t> {
    store: u64,
    day: Option<Date>,
    tell: &'t mut dyn FnMut(&str),
}

impl Days<'_> {
    fn at(&mut self, at: DateTime) {
        if self.day != Some(at.date()) {
            self.day = Some(at.date());
            (self.tell)(&format!("store {}: {}", self.store, at.date()));
        }
    }
}

/// Writes all lines, none before its time where a speed is given.
async fn write(
    pty: &mut Pty,
    rows: &[&Row],
    speed: Option<u32>,
    days: &mut Days<'_>,
) -> Result<()> {
    let (start, mut waiting) = (Instant::now(), Vec::new());
    let first = rows.first().map(|row| row.at);
    for row in rows {
        if let (Some(speed), Some(first)) = (speed, first) {
            let since = Duration::try_from(row.at.duration_since(first)).unwrap_or_default();
            let due = start + since / speed.max(1);
            if Instant::now() < due {
                put(pty, &std::mem::take(&mut waiting)).await?;
                sleep_until(due).await;
            }
        }
        days.at(row.at);
        waiting.extend_from_slice(row.line.as_bytes());
        waiting.extend_from_slice(b"\r\n");
        if limits::MONTH_CHUNK <= waiting.len() {
            put(pty, &std::mem::take(&mut waiting)).await?;
        }
    }
    put(pty, &waiting).await
}

async fn put(pty: &mut Pty, bytes: &[u8]) -> Result<()> {
    let written = timeout(limits::MONTH_STALL, pty.write_all(bytes)).await;
    Ok(written.context("the agent reads nothing any more")??)
}

/// Waits until the count behind the last line is in the ledger.
async fn settled(agent: &Path, config: &Path, end: u64) -> Result<()> {
    let deadline = Instant::now() + limits::MONTH_SETTLE;
    let name = end.to_string();
    while !ask(agent, config, &["--product", &name]).await?.status.success() {
        if deadline <= Instant::now() {
            bail!("the last line did not reach the ledger");
        }
        sleep(limits::MONTH_LOOK).await;
    }
    Ok(())
}

async fn ask(agent: &Path, config: &Path, more: &[&str]) -> Result<std::process::Output> {
    let mut command = Command::new(agent);
    command.arg("stock").arg(config).arg("--json").args(more);
    Ok(command.stdin(Stdio::null()).kill_on_drop(true).output().await?)
}

async fn stock(agent: &Path, config: &Path, store: u64) -> Result<Shelf> {
    let output = ask(agent, config, &[]).await?;
    let error = || String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "tillgate stock: {}", error());
    let said: Said = serde_json::from_slice(&output.stdout).context("tillgate stock --json")?;
    let stock = |it: &Product| {
        let as_of = Timestamp::from_millisecond(it.as_of?.0).ok()?;
        let as_of = as_of.to_zoned(TimeZone::UTC).datetime();
        Some(Stock { counted: it.counted?, changed: it.changed, on_hand: it.on_hand?, as_of })
    };
    let row = |it: &Product| Some(((store, it.product_id), stock(it)?));
    Ok(said.products.iter().filter_map(row).collect())
}

fn shown(at: DateTime) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let from = lines.len().saturating_sub(limits::DIFFERENCES_SHOWN);
    lines.get(from..).unwrap_or_default().join(" / ")
}
