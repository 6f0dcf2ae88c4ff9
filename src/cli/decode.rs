//! `tillgate decode`: MQTT payloads to JSON lines, one envelope a line.
//!
//! A payload is a batch or an envelope that is JSON already; each payload says itself which. A bad payload
//! is told on standard error and the others are still printed. Nothing of a payload's content is quoted in
//! an error. Memory is bounded by one payload, however long the input.

pub(in crate::cli) mod payloads;

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use tillgate_events::{Batch, Header, check_envelope, decode, expand_batch};

use self::payloads::Payloads;
use super::exit;

/// Arguments of `tillgate decode`.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Files with one payload each; `-`, or none, is standard input.
    pub files: Vec<PathBuf>,
    /// Each file holds many payloads, each after its length as a little-endian u32.
    #[arg(long)]
    pub framed: bool,
    /// Print the header of each batch before its events.
    #[arg(long)]
    pub header: bool,
    /// Print only the headers. Payloads that are JSON have none and are printed as they are.
    #[arg(long)]
    pub batches: bool,
}

/// Runs the command: exit 65 when a payload was bad, 75 when the output could not be written.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut errors = io::stderr().lock();
    match decode_all(args, &mut io::stdin().lock(), &mut out, &mut errors) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(exit::DATA),
        // The reader has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do when this fails too.
            let _ = writeln!(errors, "cannot write: {error}");
            ExitCode::from(exit::TEMPORARY)
        }
    }
}

/// Decodes everything and returns how many payloads were bad. An error is one of writing.
fn decode_all(
    args: &Args,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> io::Result<usize> {
    let stdin_alone = [PathBuf::from("-")];
    let files = if args.files.is_empty() { stdin_alone.as_slice() } else { &args.files };
    let mut bad = 0;
    for path in files {
        if path == Path::new("-") {
            bad += decode_file(args, "standard input", stdin, out, errors)?;
            continue;
        }
        let name = path.display().to_string();
        match File::open(path) {
            Ok(mut file) => bad += decode_file(args, &name, &mut file, out, errors)?,
            Err(error) => {
                bad += 1;
                writeln!(errors, "{name}: {error}")?;
            }
        }
    }
    out.flush()?;
    Ok(bad)
}

/// Decodes one file and returns how many of its payloads were bad.
fn decode_file(
    args: &Args,
    name: &str,
    input: &mut dyn Read,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> io::Result<usize> {
    let mut payloads = Payloads::new(input, args.framed);
    let (mut number, mut bad) = (0, 0);
    while let Some(payload) = payloads.next() {
        number += 1;
        let printed = match payload {
            Ok(payload) => print(args, &payload, out)?,
            Err(reason) => Err(reason),
        };
        if let Err(reason) = printed {
            bad += 1;
            let place = if args.framed { format!(": payload {number}") } else { String::new() };
            writeln!(errors, "{name}{place}: {reason}")?;
        }
    }
    Ok(bad)
}

/// Prints one payload; the inner error says why it is bad.
fn print(args: &Args, payload: &[u8], out: &mut dyn Write) -> io::Result<Result<(), String>> {
    let first = payload.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'{') {
        return match check_envelope(payload) {
            Ok(line) => writeln!(out, "{line}").map(Ok),
            Err(error) => Ok(Err(error.to_string())),
        };
    }
    match decode(payload) {
        Ok(batch) => print_batch(args, &batch, payload.len(), out).map(Ok),
        Err(error) => Ok(Err(error.to_string())),
    }
}

fn print_batch(args: &Args, batch: &Batch, bytes: usize, out: &mut dyn Write) -> io::Result<()> {
    if args.header || args.batches {
        let line = HeaderLine { header: &batch.header, count: batch.records.len(), bytes };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    if !args.batches {
        for event in expand_batch(batch) {
            writeln!(out, "{}", event.to_json_line())?;
        }
    }
    Ok(())
}

/// A batch's header, the number of its records and the size of its payload.
#[derive(Serialize)]
struct HeaderLine<'a> {
    #[serde(flatten)]
    header: &'a Header,
    count: usize,
    bytes: usize,
}

#[cfg(test)]
mod tests;
