//! What is proposed, as files: a dialect and, beside it, its golden samples.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tillgate_events::Currency;

use super::Failure;
use crate::cli::replay::{self, Input};
use crate::cli::{exit, files};
use crate::decode::dialect::Dialect;

/// Documents that become golden samples.
pub const SAMPLES: usize = 3;

/// Golden samples of the first documents: recordings.
#[derive(Default)]
pub struct Samples {
    stem: String,
    recordings: Vec<Vec<u8>>,
}

impl Samples {
    /// Of these recordings the first ones, beside `file`.
    pub fn new(file: &Path, recordings: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { stem: stem(file), recordings: recordings.into_iter().take(SAMPLES).collect() }
    }

    /// What the dialect says of them.
    pub fn blocks(&self) -> String {
        let value = |place: &str| toml::Value::String(place.to_owned()).to_string();
        let block = |number| {
            let (recording, events) = names(&self.stem, number);
            let (recording, events) = (value(&recording), value(&events));
            format!("\n[[sample]]\nfile = {recording}\nevents = {events}\n")
        };
        (1..=self.recordings.len()).map(block).collect()
    }

    /// Writes the dialect and them, with what it makes of them.
    pub fn write(
        &self,
        file: &Path,
        text: &str,
        dialect: &Arc<Dialect>,
        currency: Currency,
    ) -> io::Result<()> {
        files::write(file, text)?;
        for (number, recording) in (1..).zip(&self.recordings) {
            let (place, events) = names(&self.stem, number);
            files::write(&beside(file, &place), recording)?;
            let mut input = Input::of(recording.clone())?;
            let told = replay::events(Arc::clone(dialect), currency, &mut input)?;
            files::write(&beside(file, &events), told)?;
        }
        Ok(())
    }
}

/// Refuses where anything is there that may be written: before anybody waits for receipts, and before the first file.
pub fn refuse_to_replace(file: &Path, force: bool) -> Result<(), Failure> {
    let names = (1..=SAMPLES).map(|number| names(&stem(file), number));
    let places = names.flat_map(|(recording, events)| [recording, events]);
    let all = std::iter::once(file.to_owned()).chain(places.map(|place| beside(file, &place)));
    files::refuse_to_replace(all, force).map_err(|told| (exit::USAGE, told))
}

/// A sample's recording and its events, as the dialect names them.
fn names(stem: &str, number: usize) -> (String, String) {
    let name = format!("{stem}-samples/{number}");
    (format!("{name}.tgcap"), format!("{name}.jsonl"))
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn beside(file: &Path, place: &str) -> PathBuf {
    file.with_file_name(place)
}
