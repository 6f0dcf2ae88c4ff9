//! A month of a stock system's files through the real agent: what the gateway then has on the shelf is held against the
//! inventory that the files say.
//!
//! A folder has `inventory_change_NAME.txt` and `inventory_snapshot_NAME.txt` (see [`files`] for their columns), and
//! perhaps `expected_inventory_current.csv`. Each store has one gateway: an agent of its own with one `[[stock_feed]]`
//! on a pseudo-terminal and a broker. The lines come in the order of their times, at the speed that is asked for, and
//! byte by byte as the files have them.
//!
//! Invariants: the truth comes from the files alone (the expected file where there is one, and always what the files
//! add up to); every wait is bounded; no agent is left running. The online store, number 0, has no shelf and so no
//! gateway: it is only held against the files.

mod feed;
pub mod files;
mod report;
#[cfg(test)]
mod tests;
pub mod truth;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

pub use report::Report;

use files::Month;
use truth::Shelf;

/// The online store, which has no gateway.
pub const ONLINE: u64 = 0;

/// What is replayed, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The agent's binary.
    pub agent: PathBuf,
    /// The folder of files.
    pub folder: PathBuf,
    /// So many times faster than it was; as fast as the agent reads unless given.
    pub speed: Option<u32>,
}

/// Replays the month; `tell` hears a line for each store and day.
///
/// # Errors
/// When the files make no sense, or the month could not be played to its end.
pub async fn run(options: &Options, tell: &mut dyn FnMut(&str)) -> Result<Report> {
    let folder = &options.folder;
    let month = Month::read(folder).with_context(|| folder.display().to_string())?;
    let stores = month.stores();
    if stores.is_empty() {
        bail!("{}: no line of a change or a count", folder.display());
    }
    let mut report = Report::default();
    let computed: Shelf = stores.iter().flat_map(|store| truth::shelf(&month, *store)).collect();
    if let Some(expected) = &month.expected {
        report.compare("the files add up to", expected, &computed);
    }
    let expected = month.expected.as_ref().unwrap_or(&computed);
    for store in stores {
        let lines: Vec<&files::Row> = month.rows.iter().filter(|row| row.store == store).collect();
        if store == ONLINE {
            tell(&format!(
                "store {ONLINE}: the online store has no gateway; {} lines",
                lines.len()
            ));
            continue;
        }
        let found = feed::replay(options, store, &lines, tell).await?;
        let of_store = expected.iter().filter(|(key, _)| key.0 == store);
        let of_store: Shelf = of_store.map(|(key, stock)| (*key, stock.clone())).collect();
        report.lines += lines.len();
        report.stores += 1;
        report.compare("the gateway says", &of_store, &found);
    }
    Ok(report)
}
