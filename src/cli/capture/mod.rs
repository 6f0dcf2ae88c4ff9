//! `tillgate capture`: records what a device prints or says, as a file that can be mailed.
//!
//! What is recorded is what the decoders understood, after redaction ([`crate::learn::recording`]): no byte of the port
//! reaches the file, so no card number can. Each document is written when it ends; Ctrl-C ends the recording.

mod receivers;
mod recorder;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use recorder::Listener;
pub use recorder::{Recorder, ends};

use super::device::{self, Line, Until};
use super::{exit, files};
use crate::agent;
use crate::config::{self, SerialLine};
use crate::decode::device::Device;
use crate::decode::dialect::Setting;
use crate::decode::document::{AutoOptions, Printer, PrinterOptions};
use crate::source::Body;
use crate::source::serial::listen::{self, Heard};

/// Arguments of `tillgate capture`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The recording holds laid-out lines and the fields of machines, without card numbers. `tillgate \
    replay`, `learn` and golden samples read it. Ctrl-C ends it."
)]
pub struct Args {
    /// A port (/dev/…), or the name of a till or receiver in the configuration; `receivers` for all on serial ports. Of
    /// receivers only enrolled tags are recorded, as lines of JSON.
    pub source: String,
    /// The recording, best with the ending .tgcap.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// The configuration in which tills are looked up.
    #[arg(long, default_value = config::DEFAULT_PATH)]
    pub config: PathBuf,
    /// The dialect whose framer reads the bytes; unless said, printers' languages are told apart. A machine, payment
    /// terminal, scanner or scale needs one: `tillgate learn` proposes it.
    #[arg(long)]
    pub dialect: Option<String>,
    /// Write over a recording that is there already
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    line: Line,
    #[command(flatten)]
    until: Until,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let mut errors = io::stderr().lock();
    let (code, told) = match capture(args, &mut errors) {
        Ok(told) => (0, told),
        Err((code, told)) => (code, told),
    };
    let _ = writeln!(errors, "{told}");
    ExitCode::from(code)
}

fn capture(args: &Args, errors: &mut dyn Write) -> Result<String, (u8, String)> {
    files::refuse_to_replace([&args.output], args.force).map_err(|told| (exit::USAGE, told))?;
    if !args.source.contains('/')
        && let Ok(config) = config::load(&args.config)
    {
        let receivers = receivers::meant(&config, &args.source);
        if !receivers.is_empty() {
            return receivers::capture(args, &config, receivers, errors);
        }
    }
    let (line, dialect) = what(args).map_err(|error| (exit::CONFIG, error))?;
    let listener = listener(dialect.as_deref()).map_err(|error| (exit::CONFIG, error))?;
    let unwritable =
        |error: io::Error| (exit::TEMPORARY, format!("{}: {error}", args.output.display()));
    let mut listener = Some(listener);
    let mut recorder = None;
    let mut result = Ok(());
    let heard = listen::listen(std::slice::from_ref(&line), |now, heard| {
        let stop = match (heard, &mut recorder) {
            (Heard::Reading(_, Body::Down(reason)), _) => {
                result = Err((exit::TEMPORARY, device::refusal(&line.port, &reason)));
                true
            }
            (Heard::Reading(_, Body::Up), None) => {
                // Only now: where the port does not open, a recording that is there stays.
                match listener.take().map(|it| begin(args, it, &line, dialect.as_deref())) {
                    Some(Ok(begun)) => recorder = Some(begun),
                    Some(Err(error)) => result = Err(unwritable(error)),
                    None => {}
                }
                let _ = writeln!(errors, "recording {}; Ctrl-C ends it", line.port.display());
                result.is_err()
            }
            (Heard::Reading(_, Body::Bytes(bytes)), Some(recorder)) => {
                step(&mut result, recorder.bytes(now, &bytes))
            }
            (Heard::Reading(_, Body::Overrun { .. }), Some(recorder)) => {
                step(&mut result, recorder.lost(now))
            }
            (Heard::Tick, Some(recorder)) => step(&mut result, recorder.tick(now)),
            (Heard::Reading(..) | Heard::Tick | Heard::Interrupted, _) => false,
        };
        let begun = recorder.as_ref();
        let listened = begun.and_then(Recorder::start).map(|start| now.mono.since(start));
        let documents = begun.map_or(0, |recorder| recorder.documents);
        let over = args.until.is_over(listened.unwrap_or_default(), documents);
        if stop || over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    heard.map_err(|error| (exit::TEMPORARY, error.to_string()))?;
    let Some(recorder) = recorder else {
        result?;
        return Err((exit::TEMPORARY, format!("{}: it did not open", line.port.display())));
    };
    let documents =
        recorder.finish(listen::counters(&line.port).map(|it| it.framing)).map_err(unwritable)?;
    if result.is_err() && documents == 0 {
        // Of nothing there is no recording, and the next attempt is not refused for its sake.
        let _ = std::fs::remove_file(&args.output);
    }
    result?;
    let file = args.output.display();
    Ok(format!(
        "{file}: {documents} documents. Next: tillgate replay {file} --dialect …, or tillgate learn {file}"
    ))
}

/// A recording that says what it is of.
fn begin(
    args: &Args,
    listener: Listener,
    line: &SerialLine,
    dialect: Option<&str>,
) -> io::Result<Recorder<BufWriter<File>>> {
    let file = files::create(&args.output)?;
    let mut recorder = Recorder::new(listener, BufWriter::new(file))?;
    recorder.info("port", &line.port.display().to_string())?;
    recorder.info("settings", &device::settings(line))?;
    dialect.map_or(Ok(()), |dialect| recorder.info("dialect", dialect))?;
    Ok(recorder)
}

/// Keeps the first error of writing; true when there is one.
fn step(result: &mut Result<(), (u8, String)>, written: io::Result<()>) -> bool {
    if let Err(error) = written {
        *result = Err((exit::TEMPORARY, error.to_string()));
    }
    result.is_err()
}

/// The port to listen to, and the dialect that reads it.
fn what(args: &Args) -> Result<(SerialLine, Option<String>), String> {
    let port = PathBuf::from(&args.source);
    if args.source.contains('/') {
        return Ok((args.line.serial(&port, 9600), args.dialect.clone()));
    }
    let till = device::till(&args.config, &args.source)?;
    Ok((till.line, args.dialect.clone().or(Some(till.dialect))))
}

fn listener(dialect: Option<&str>) -> Result<Listener, String> {
    let Some(name) = dialect else {
        return Ok(Printer::new(PrinterOptions::Auto(AutoOptions::default())).into());
    };
    let currency = tillgate_events::Currency::new("EUR").ok_or("EUR")?;
    let setting = Setting { currency, decimal: None };
    let dialect = Arc::new(agent::dialect(name, &setting).map_err(|error| error.to_string())?);
    let device = Device::new(&dialect).map_err(|error| error.to_string())?;
    Ok(device.map_or_else(|| dialect.framer.printer().into(), Listener::from))
}

#[cfg(test)]
mod tests;
