//! A machine that speaks in frames: its framing, sketches of its records, and a golden sample of what it said.

use std::io::{self, Write};
use std::sync::Arc;

use tillgate_events::Currency;

use super::gather::Gathered;
use super::samples::Samples;
use super::{Args, Failure, id, view};
use crate::cli::capture::Recorder;
use crate::cli::exit;
use crate::cli::replay::{self, Input};
use crate::decode::device::Device;
use crate::decode::dialect::{Dialect, Setting};
use crate::learn::frames::Framing;
use crate::learn::records;
use crate::limits;
use crate::time::Now;

/// Shows what was found out, and proposes a dialect.
pub fn learn(
    args: &Args,
    gathered: &Gathered,
    framing: &Framing,
    told: &mut dyn Write,
) -> Result<(), Failure> {
    view::frames(gathered, framing, args.hex, told)
        .map_err(|error| (exit::TEMPORARY, error.to_string()))?;
    let text = records::dialect(&id(args), gathered.line.as_deref(), framing);
    let currency = currency()?;
    let whole = std::slice::from_ref(&gathered.head);
    let pieces = if framing.by_silence { &gathered.bursts } else { whole };
    let recording = recorded(&text, currency, pieces)
        .map_err(|error| (exit::BUG, format!("{text}\nthe proposal does not load: {error}")))?;
    propose(args, text, recording, told)
}

/// Writes a proposal with what was said as its golden sample, and says how good it is.
pub fn propose(
    args: &Args,
    mut text: String,
    recording: Vec<u8>,
    told: &mut dyn Write,
) -> Result<(), Failure> {
    let currency = currency()?;
    let mut input = Input::of(recording.clone()).map_err(|error| unread(&error))?;
    let samples = args.output.as_deref().map(|file| Samples::new(file, [recording]));
    text += &samples.as_ref().map_or_else(String::new, Samples::blocks);
    let setting = Setting { currency, decimal: None };
    let dialect = Dialect::parse("the proposal", &text, &setting)
        .map_err(|error| (exit::BUG, format!("{text}\nthe proposal does not load: {error}")))?;
    let dialect = Arc::new(dialect);
    super::write(args, &text, samples.as_ref(), &dialect, currency)?;
    let events = replay::events(dialect, currency, &mut input).map_err(|error| unread(&error))?;
    let receipts = |sums: &str| {
        events.lines().filter(|event| event.contains(&format!("\"checks_passed\":{sums}"))).count()
    };
    let sums = (receipts("true"), receipts("false"));
    view::conclude(&text, sums, args.output.as_deref(), told)
        .map_err(|error| (exit::TEMPORARY, error.to_string()))
}

fn unread(error: &io::Error) -> Failure {
    (exit::DATA, error.to_string())
}

/// Of shops that say no other.
pub fn currency() -> Result<Currency, Failure> {
    Currency::new("EUR").ok_or((exit::BUG, String::new()))
}

/// A recording of what was said, with silence between these pieces.
fn recorded(text: &str, currency: Currency, pieces: &[Vec<u8>]) -> Result<Vec<u8>, String> {
    let setting = Setting { currency, decimal: None };
    let dialect = Dialect::parse("the proposal", text, &setting).map_err(|e| e.to_string())?;
    let device = Device::new(&Arc::new(dialect)).map_err(|error| error.to_string())?;
    let mut recording = Vec::new();
    let written = || -> io::Result<()> {
        let device = device.ok_or_else(|| io::Error::other("it is no machine"))?;
        let mut recorder = Recorder::new(device, &mut recording)?;
        let mut now = Now::default();
        for piece in pieces {
            recorder.bytes(now, piece)?;
            now = now.plus(limits::LEARN_SILENCE);
        }
        recorder.finish(None).map(drop)
    };
    written().map_err(|error| error.to_string())?;
    Ok(recording)
}
