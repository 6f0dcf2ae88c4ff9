//! Plain things measured in the same run, so that rates say something on another machine: the same lines through a
//! serial line that somebody only reads, and appended to a file that is synced as often as we commit.

use std::io::Write as _;
use std::process::Stdio;

use anyhow::Result;
use tokio::process::Command;
use tokio::time::{Duration, Instant, sleep};

use super::lines::{self, LINES};
use super::{Options, report};
use crate::pty::{Pty, Sink as _};

/// Receipts of one append: as many as force a commit of ours.
const GROUP: usize = 64;

/// Lines a second of plain things.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain {
    /// Read from the line and thrown away.
    pub read: f64,
    /// Appended and synced, a group at a time.
    pub appended: f64,
}

/// Medians of as many rounds as the peers get.
pub async fn measure(options: &Options) -> Result<Plain> {
    let text = lines::receipts(0, options.receipts);
    let count = f64::from(options.receipts * LINES);
    let (mut read, mut appended) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        read.push(count / through(&text).await?.as_secs_f64());
        appended.push(count / append(options, &text)?.as_secs_f64());
    }
    Ok(Plain { read: report::median(&mut read), appended: report::median(&mut appended) })
}

async fn through(text: &[u8]) -> Result<Duration> {
    let mut pty = Pty::open()?;
    let mut reader = Command::new("cat");
    reader.arg(pty.path()).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    let _reader = reader.spawn()?;
    pty.write_all(b"x").await?;
    while 0 < pty.unread()? {
        sleep(Duration::from_millis(1)).await;
    }
    let start = Instant::now();
    pty.write_all(text).await?;
    while 0 < pty.unread()? {
        tokio::task::yield_now().await;
    }
    Ok(start.elapsed())
}

fn append(options: &Options, text: &[u8]) -> Result<Duration> {
    let receipt = text.len() / options.receipts.max(1) as usize;
    let mut file = tempfile::tempfile_in(&options.folder)?;
    let start = Instant::now();
    for group in text.chunks((receipt * GROUP).max(1)) {
        file.write_all(group)?;
        file.sync_data()?;
    }
    Ok(start.elapsed())
}
