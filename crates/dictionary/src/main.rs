//! Trains the dictionary (`train`), or tells what it is worth (`measure`): see docs/batch.md.

mod measure;
mod train;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("train") => train::run(),
        Some("measure") => measure::run(),
        _ => bail!("usage: tillgate-dictionary train | measure"),
    }
}
