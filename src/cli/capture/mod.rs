//! `tillgate capture`: records what a port prints, as a file that can be mailed.
//!
//! What is recorded is what the decoders understood, after redaction ([`crate::learn::recording`]): no byte of the port
//! reaches the file, so no card number can. Each document is written when it ends; Ctrl-C ends the recording.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use super::device::{self, Line, Until};
use super::exit;
use crate::agent;
use crate::config::{self, SerialLine};
use crate::decode::DocumentFact;
use crate::decode::dialect::Setting;
use crate::decode::document::{AutoOptions, Printer, PrinterOptions};
use crate::learn::recording;
use crate::source::Body;
use crate::source::serial::listen::{self, Heard};
use crate::time::{Mono, Now};

/// Arguments of `tillgate capture`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The recording holds laid-out lines without card numbers. `tillgate replay`, `learn` and golden \
    samples read it. Ctrl-C ends it."
)]
pub struct Args {
    /// A port (/dev/…), or the name of a till in the configuration.
    pub source: String,
    /// The recording, best with the ending .tgcap.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// The configuration in which tills are looked up.
    #[arg(long, default_value = config::DEFAULT_PATH)]
    pub config: PathBuf,
    /// The dialect whose framer reads the bytes; unless said, printers' languages are told apart.
    #[arg(long)]
    pub dialect: Option<String>,
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
    let (line, dialect) = what(args).map_err(|error| (exit::CONFIG, error))?;
    let printer = printer(dialect.as_deref()).map_err(|error| (exit::CONFIG, error))?;
    let unwritable =
        |error: io::Error| (exit::TEMPORARY, format!("{}: {error}", args.output.display()));
    let file = File::create(&args.output).map_err(unwritable)?;
    let mut recorder = Recorder::new(printer, BufWriter::new(file)).map_err(unwritable)?;
    let mut about =
        vec![("port", line.port.display().to_string()), ("settings", device::settings(&line))];
    about.extend(dialect.map(|dialect| ("dialect", dialect)));
    for (key, value) in about {
        recorder.info(key, &value).map_err(unwritable)?;
    }
    let mut result = Ok(());
    let heard = listen::listen(std::slice::from_ref(&line), |now, heard| {
        let stop = match heard {
            Heard::Reading(_, Body::Down(reason)) => {
                result = Err((exit::TEMPORARY, device::refusal(&line.port, &reason)));
                true
            }
            Heard::Reading(_, Body::Up) => {
                let _ = writeln!(errors, "recording {}; Ctrl-C ends it", line.port.display());
                false
            }
            Heard::Reading(_, Body::Bytes(bytes)) => step(&mut result, recorder.bytes(now, &bytes)),
            Heard::Reading(_, Body::Overrun { .. }) => step(&mut result, recorder.lost(now)),
            Heard::Reading(..) | Heard::Interrupted => false,
            Heard::Tick => step(&mut result, recorder.tick(now)),
        };
        let listened = now.mono.since(recorder.start.unwrap_or(now.mono));
        let over = args.until.is_over(listened, recorder.documents);
        if stop || over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    heard.map_err(|error| (exit::TEMPORARY, error.to_string()))?;
    let documents =
        recorder.finish(listen::counters(&line.port).map(|it| it.framing)).map_err(unwritable)?;
    result?;
    let file = args.output.display();
    Ok(format!(
        "{file}: {documents} documents. Next: tillgate replay {file} --dialect …, or tillgate learn {file}"
    ))
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

fn printer(dialect: Option<&str>) -> Result<Printer, String> {
    let Some(name) = dialect else {
        return Ok(Printer::new(PrinterOptions::Auto(AutoOptions::default())));
    };
    let currency = tillgate_events::Currency::new("EUR").ok_or("EUR")?;
    let setting = Setting { currency, decimal: None };
    let dialect = agent::dialect(name, &setting).map_err(|error| error.to_string())?;
    Ok(dialect.framer.printer())
}

/// Writes what a printer prints.
pub struct Recorder<W> {
    printer: Printer,
    out: W,
    facts: Vec<DocumentFact>,
    /// Documents that ended.
    pub documents: usize,
    start: Option<Mono>,
}

impl<W: Write> Recorder<W> {
    /// Begins a recording.
    ///
    /// # Errors
    /// As `out`'s, here and below.
    pub fn new(printer: Printer, mut out: W) -> io::Result<Self> {
        writeln!(out, "{}", recording::MAGIC)?;
        Ok(Self { printer, out, facts: Vec::new(), documents: 0, start: None })
    }

    /// Says something of the device.
    ///
    /// # Errors
    /// As `out`'s.
    pub fn info(&mut self, key: &str, value: &str) -> io::Result<()> {
        self.out.write_all(recording::info(key, value).as_bytes())
    }

    /// Takes bytes that came at `now`.
    ///
    /// # Errors
    /// As `out`'s.
    pub fn bytes(&mut self, now: Now, bytes: &[u8]) -> io::Result<()> {
        self.printer.push(bytes, now.mono, &mut self.facts);
        self.write(now)
    }

    fn tick(&mut self, now: Now) -> io::Result<()> {
        self.printer.tick(now.mono, &mut self.facts);
        self.write(now)
    }

    fn lost(&mut self, now: Now) -> io::Result<()> {
        self.printer.broken(&mut self.facts);
        self.write(now)
    }

    /// Ends the recording; how many documents it has.
    ///
    /// # Errors
    /// As `out`'s.
    pub fn finish(mut self, framing_errors: Option<u64>) -> io::Result<usize> {
        self.printer.finish(&mut self.facts);
        let at = self.start.unwrap_or_default();
        self.write(Now { mono: at, ..Now::default() })?;
        let counters = self.printer.counters().clone();
        let unknown = counters.last_unknown;
        self.info("bytes", &counters.bytes.to_string())?;
        self.info("commands", &format!("{}, {} unknown", counters.commands, counters.unknown))?;
        if let Some(unknown) = unknown {
            let (lead, opcode) = (unknown.lead, unknown.opcode);
            self.info("last-unknown", &format!("{lead:02x} {opcode:02x} at {}", unknown.offset))?;
        }
        if let Printer::Auto(auto) = &self.printer {
            let language = format!("{:?}", auto.language()).to_lowercase();
            self.info("language", &language)?;
        }
        if let Some(errors) = framing_errors {
            self.info("framing-errors", &errors.to_string())?;
        }
        self.out.flush()?;
        Ok(self.documents)
    }

    fn write(&mut self, now: Now) -> io::Result<()> {
        let start = *self.start.get_or_insert(now.mono);
        let millis = u64::try_from(now.mono.since(start).as_millis()).unwrap_or(u64::MAX);
        for fact in std::mem::take(&mut self.facts) {
            self.out.write_all(recording::fact(millis, &fact).as_bytes())?;
            if matches!(fact, DocumentFact::End(_)) {
                self.documents += 1;
                self.out.flush()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
