//! When the agent synced, as strace wrote it down, and what a plain append with fdatasync takes beside it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use tokio::time::Instant;

use super::{millis, sorted};
use crate::peers::rival::TRACE;

/// Seconds since 1970, as strace counts them.
#[expect(clippy::disallowed_methods, reason = "to be held against what strace writes")]
pub fn wall() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// When each sync began and ended, in seconds since 1970.
pub struct Syncs(Vec<(f64, f64)>);

impl Syncs {
    /// Of the peer whose round has this folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let text = fs::read_to_string(folder.join("peer").join(TRACE))?;
        Ok(Self(text.lines().filter_map(parse).collect()))
    }

    /// The end of the first one that began after this.
    pub fn first_after(&self, time: f64) -> Option<f64> {
        self.0.iter().find(|(begun, _)| time < *begun).map(|(_, ended)| *ended)
    }

    /// How many began after this.
    pub fn count_after(&self, time: f64) -> usize {
        self.0.iter().filter(|(begun, _)| time < *begun).count()
    }

    /// How many began within one second, where they were densest.
    pub fn most_in_a_second(&self) -> usize {
        let within = |from: f64| self.count_after(from) - self.count_after(from + 1.0) + 1;
        self.0.iter().map(|(begun, _)| within(*begun)).max().unwrap_or_default()
    }
}

/// `PID TIME fdatasync(7) = 0 <DURATION>`; a call that another thread's interrupted has two lines, of which the
/// second (`resumed`) has the duration and the time of the return.
fn parse(line: &str) -> Option<(f64, f64)> {
    let took: f64 = line.strip_suffix('>')?.rsplit_once('<')?.1.parse().ok()?;
    let at: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(if line.contains("resumed") { (at - took, at) } else { (at, at + took) })
}

/// Appends and syncs a page now and then.
pub struct Plain {
    file: File,
    times: Vec<f64>,
}

impl Plain {
    pub fn new(folder: &Path) -> Result<Self> {
        Ok(Self { file: File::create(folder.join("plain"))?, times: Vec::new() })
    }

    pub fn append(&mut self) -> Result<()> {
        let start = Instant::now();
        self.file.write_all(&[7; 1024])?;
        self.file.sync_data()?;
        self.times.push(millis(start.elapsed()));
        Ok(())
    }

    pub fn sorted_ms(self) -> Vec<f64> {
        sorted(self.times.into_iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_in_one_line_or_two_is_one_sync() {
        let text = "\
12 1700000000.500000 fdatasync(7) = 0 <0.250000>
12 1700000001.000000 fdatasync(7 <unfinished ...>
12 1700000001.750000 <... fdatasync resumed>) = 0 <0.500000>
12 1700000002.000000 +++ exited with 0 +++";
        let syncs = Syncs(text.lines().filter_map(parse).collect());
        assert_eq!(
            syncs.0,
            [(1_700_000_000.5, 1_700_000_000.75), (1_700_000_001.25, 1_700_000_001.75)]
        );
        assert_eq!(syncs.first_after(1_700_000_001.0), Some(1_700_000_001.75));
        assert_eq!((syncs.count_after(1_700_000_001.0), syncs.most_in_a_second()), (1, 2));
    }
}
