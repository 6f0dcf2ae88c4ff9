//! The golden samples of a dialect's file: what they must yield, and what they do.
//!
//! A sample is replayed as `tillgate replay --json` does, with the default clock and ids and without any settings of a
//! gateway, so that a dialect is right or wrong by itself.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tillgate_events::Currency;

use crate::agent;
use crate::cli::replay::{self, Input};
use crate::decode::codepage::CodePage;
use crate::decode::dialect::sample::{Difference, SampleInput, compare};
use crate::decode::dialect::{Dialect, Sample, Setting};
use crate::limits;
use crate::spanned::{Fault, Mistake, quote};

/// Lines of a difference that are shown.
const DIFF_LINES: usize = 12;

/// What came of the samples of one dialect.
#[derive(Debug, Default)]
pub struct Samples {
    /// How many there are.
    pub count: usize,
    /// Files of expected events that were written.
    pub written: Vec<PathBuf>,
    /// Those that do not yield what they must.
    pub mistakes: Vec<Mistake>,
}

/// Replays all samples of the dialect file `file`. With `accept`, what they yield is written as what they must.
pub fn check(file: &str, accept: bool) -> Samples {
    let mut all = Samples::default();
    let Some(currency) = Currency::new("EUR") else { return all };
    let setting = Setting { currency, decimal: None };
    let dialect = match agent::dialect(file, &setting) {
        Ok(dialect) => dialect,
        Err(agent::BuildError::Dialect(refused)) => {
            all.mistakes = refused.mistakes;
            return all;
        }
        Err(error) => {
            all.mistakes = vec![Mistake::of_file(file, Fault::new(error.to_string()))];
            return all;
        }
    };
    let samples = dialect.samples.clone();
    all.count = samples.len();
    let mut run = Run { file, accept, currency, journal: None, dialect: Arc::new(dialect) };
    for sample in &samples {
        match run.sample(sample) {
            Ok(written) => all.written.extend(written),
            Err(fault) => all.mistakes.push(Mistake::at(sample.place, file, fault)),
        }
    }
    all
}

/// One dialect's samples on their way.
struct Run<'f> {
    file: &'f str,
    accept: bool,
    currency: Currency,
    dialect: Arc<Dialect>,
    /// The same, for samples that are written out in the file: those are UTF-8.
    journal: Option<Arc<Dialect>>,
}

impl Run<'_> {
    /// Replays one sample; tells the file that was written, if one was.
    fn sample(&mut self, sample: &Sample) -> Result<Option<PathBuf>, Fault> {
        let (dialect, bytes) = match &sample.input {
            SampleInput::File(name) => (Arc::clone(&self.dialect), self.read(name)?),
            SampleInput::Text(text) => (self.journal()?, text.clone().into_bytes()),
        };
        let unread = |error: std::io::Error| Fault::new(format!("the sample: {error}"));
        let mut input = Input::of(bytes).map_err(unread)?;
        let found = replay::events(dialect, self.currency, &mut input).map_err(unread)?;
        let path = self.path(&sample.events);
        if self.accept {
            let told = |error| Fault::new(format!("{} cannot be written: {error}", path.display()));
            let same =
                std::fs::read_to_string(&path).is_ok_and(|text| compare(&text, &found).is_ok());
            if same {
                return Ok(None);
            }
            std::fs::write(&path, found).map_err(told)?;
            return Ok(Some(path));
        }
        let expected = String::from_utf8(self.read(&sample.events)?)
            .map_err(|_| Fault::new(format!("{} is not UTF-8", quote(&sample.events))))?;
        compare(&expected, &found).map(|()| None).map_err(|difference| {
            let diff = diff(&difference, &expected, &found);
            let message = format!(
                "{} does not yield {}: {difference}{diff}",
                name(sample),
                quote(&sample.events)
            );
            let hint =
                "mend the rules; or, where the new events are right, run `tillgate check --accept`";
            Fault::new(message).hint(hint)
        })
    }

    fn journal(&mut self) -> Result<Arc<Dialect>, Fault> {
        if let Some(dialect) = &self.journal {
            return Ok(Arc::clone(dialect));
        }
        let setting = Setting { currency: self.currency, decimal: None };
        let mut dialect =
            agent::dialect(self.file, &setting).map_err(|error| Fault::new(error.to_string()))?;
        dialect.framer.default_page = Some(CodePage::utf8());
        let dialect = Arc::new(dialect);
        self.journal = Some(Arc::clone(&dialect));
        Ok(dialect)
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(self.file).parent().unwrap_or(Path::new("")).join(name)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, Fault> {
        let path = self.path(name);
        let told = |error| {
            let fault = Fault::new(format!("{} cannot be read: {error}", path.display()));
            fault.hint("`tillgate check --accept` writes the events of a sample")
        };
        let mut bytes = Vec::new();
        let bound = u64::try_from(limits::SAMPLE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        let file = std::fs::File::open(&path).map_err(told)?;
        file.take(bound).read_to_end(&mut bytes).map_err(told)?;
        if limits::SAMPLE_BYTES < bytes.len() {
            let most = limits::SAMPLE_BYTES;
            return Err(Fault::new(format!("{} is longer than {most} bytes", path.display())));
        }
        Ok(bytes)
    }
}

fn name(sample: &Sample) -> String {
    match &sample.input {
        SampleInput::File(name) => quote(name),
        SampleInput::Text(_) => "the sample's text".to_owned(),
    }
}

/// What differs in the first event that differs, a line each.
fn diff(difference: &Difference, expected: &str, found: &str) -> String {
    let at = match difference {
        Difference::Value { event, .. } => event.saturating_sub(1),
        Difference::Count { found, expected } => *found.min(expected),
        Difference::NoJson { .. } => return String::new(),
    };
    let event = |text: &str| {
        let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        let value = lines.skip(at).map(serde_json::from_str).next().and_then(Result::ok);
        let mut leaves = BTreeMap::new();
        flatten("", &value.unwrap_or(Value::Null), &mut leaves);
        leaves
    };
    let (expected, found) = (event(expected), event(found));
    let mut lines = Vec::new();
    for key in expected.keys().chain(found.keys().filter(|key| !expected.contains_key(*key))) {
        let (before, after) = (expected.get(key), found.get(key));
        if before != after {
            lines.extend(before.map(|value| format!("\n    - {key}: {value}")));
            lines.extend(after.map(|value| format!("\n    + {key}: {value}")));
        }
    }
    let more = lines.len().saturating_sub(DIFF_LINES);
    lines.truncate(DIFF_LINES);
    let more = if more > 0 { format!("\n    … {more} more") } else { String::new() };
    format!("{}{more}", lines.concat())
}

fn flatten(path: &str, value: &Value, out: &mut BTreeMap<String, String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(&below(key), value, out)),
        Value::Array(list) => {
            (0..).zip(list).for_each(|(at, value): (usize, _)| {
                flatten(&below(&at.to_string()), value, out);
            });
        }
        Value::Null if path.is_empty() => {}
        leaf => drop(out.insert(path.to_owned(), leaf.to_string())),
    }
}
