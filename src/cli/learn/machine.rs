//! A machine that speaks in frames: its framing, sketches of its records, and a golden sample of what it said.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use tillgate_events::Currency;

use super::gather::Gathered;
use super::{Args, Failure, id, view};
use crate::cli::capture::Recorder;
use crate::cli::replay::{self, Input};
use crate::cli::{device, exit};
use crate::decode::device::Device;
use crate::decode::dialect::{Dialect, Setting};
use crate::learn::frames::Framing;
use crate::learn::records;
use crate::time::Now;

/// Shows what was found out, and proposes a dialect.
pub fn learn(
    args: &Args,
    gathered: &Gathered,
    framing: &Framing,
    told: &mut dyn Write,
) -> Result<(), Failure> {
    let unsaid = |error: io::Error| (exit::TEMPORARY, error.to_string());
    view::frames(gathered, framing, args.hex, told).map_err(unsaid)?;
    let name = id(args);
    let mut text = records::dialect(&name, gathered.line.as_deref(), framing);
    let stem = args.output.as_deref().and_then(Path::file_stem).and_then(|stem| stem.to_str());
    let sample = format!("{}-samples/1", stem.unwrap_or(&name));
    if args.output.is_some() {
        let file = |ending: &str| toml::Value::String(format!("{sample}.{ending}")).to_string();
        text += &format!("\n[[sample]]\nfile = {}\nevents = {}\n", file("tgcap"), file("jsonl"));
    }
    let currency = Currency::new("EUR").ok_or((exit::BUG, String::new()))?;
    let (recording, events) = said(&text, currency, &gathered.head)
        .map_err(|error| (exit::BUG, format!("{text}\nthe proposal does not load: {error}")))?;
    match &args.output {
        Some(file) => {
            let unwritable =
                |error: io::Error| (exit::TEMPORARY, format!("{}: {error}", file.display()));
            std::fs::write(file, &text).map_err(unwritable)?;
            let path = device::folder(file).join(format!("{sample}.tgcap"));
            std::fs::create_dir_all(device::folder(&path)).map_err(unwritable)?;
            std::fs::write(&path, recording).map_err(unwritable)?;
            std::fs::write(path.with_extension("jsonl"), &events).map_err(unwritable)?;
        }
        None => io::stdout().lock().write_all(text.as_bytes()).map_err(unsaid)?,
    }
    let receipts = |sums: &str| {
        events.lines().filter(|event| event.contains(&format!("\"checks_passed\":{sums}"))).count()
    };
    let sums = (receipts("true"), receipts("false"));
    view::conclude(&text, sums, args.output.as_deref(), told).map_err(unsaid)
}

/// A recording of what was said, and its events.
fn said(text: &str, currency: Currency, bytes: &[u8]) -> Result<(Vec<u8>, String), String> {
    let setting = Setting { currency, decimal: None };
    let dialect = Dialect::parse("the proposal", text, &setting).map_err(|e| e.to_string())?;
    let dialect = Arc::new(dialect);
    let device = Device::new(&dialect).map_err(|error| error.to_string())?;
    let device = device.ok_or("it is no machine")?;
    let mut recording = Vec::new();
    let recorded = || -> io::Result<String> {
        let mut recorder = Recorder::new(device, &mut recording)?;
        recorder.bytes(Now::default(), bytes)?;
        recorder.finish(None)?;
        replay::events(dialect, currency, &mut Input::of(recording.clone())?)
    };
    let events = recorded().map_err(|error| error.to_string())?;
    Ok((recording, events))
}
