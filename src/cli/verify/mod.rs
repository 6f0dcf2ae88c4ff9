//! `tillgate verify`: what a subscriber stored, and the proof that nothing was lost.
//!
//! # What the numbers are derived from
//! A gateway numbers the records of a class without holes from 1 on, in each epoch. So *produced* is the highest
//! number that any record, loss or birth names; *arrived* are the different numbers that are there; *evicted* those
//! that were told to be lost and are not; *lost* is the rest, by number. What a gateway still holds and never named
//! is not known here; what is on its way counts as lost until it arrived.
//!
//! # Constraints
//! Memory is bounded by the number of holes, not by the size of the input. What is damaged counts as not there.

mod lines;
mod repeats;
mod stored;
pub(in crate::cli) mod table;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use self::table::{Row, Sum};
use super::confirm::folder::FolderError;
use super::exit;
use crate::ledger::{Head, MAGIC, Taken, Tally};

/// Arguments of `tillgate verify`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Reads the folder of `tillgate confirm` or one file of it, JSON lines as `tillgate decode` prints \
    them (with lines from …/gap and …/state among them), or, with --framed, payloads each after its length. \
    Exit code: 0 nothing is lost, 1 something is or has a number twice, 65 a part of the input is not understood, 66 there is nothing."
)]
pub struct Args {
    /// A folder, a file, or `-` for standard input
    #[arg(value_name = "FILE|DIR|-")]
    input: PathBuf,
    /// The file holds many payloads, each after its length as a little-endian u32
    #[arg(long)]
    framed: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// What arrived.
    pub tally: Tally,
    /// Messages that were read.
    pub messages: u64,
    /// Messages that are not understood, or contradict themselves: they count as not there.
    pub bad: u64,
    /// What is wrong with the first of them, and other remarks.
    pub remarks: Vec<String>,
}

/// Remarks at most.
const REMARKS: usize = 20;

impl Findings {
    /// Something was read.
    fn count(&mut self, head: &Head) {
        self.messages += 1;
        if self.tally.take(head) == Taken::Full {
            self.bad("more holes than fit into memory");
        }
    }

    /// Something cannot be used.
    fn bad(&mut self, why: impl std::fmt::Display) {
        self.bad += 1;
        self.remark(why);
    }

    fn remark(&mut self, words: impl std::fmt::Display) {
        if self.remarks.len() < REMARKS {
            self.remarks.push(words.to_string());
        }
    }
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let found = match verify(args, &mut io::stdin().lock()) {
        Ok(found) => found,
        Err(error) => {
            let _ = writeln!(io::stderr().lock(), "{error}");
            return ExitCode::from(failure(&error));
        }
    };
    for remark in &found.remarks {
        let _ = writeln!(io::stderr().lock(), "{remark}");
    }
    let mut out = io::stdout().lock();
    let printed = if args.json { print_json(&found, &mut out) } else { print(&found, &mut out) };
    match printed.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(exit::TEMPORARY),
        _ => ExitCode::from(code(&found)),
    }
}

fn failure(error: &FolderError) -> u8 {
    match error {
        FolderError::Entry { .. } | FolderError::Foreign(_) => exit::DATA,
        _ => exit::NO_INPUT,
    }
}

fn code(found: &Findings) -> u8 {
    let Sum { lost, twice, .. } = table::sum(&found.tally);
    match (lost.max(twice), found.bad, found.messages) {
        (1.., _, _) => exit::LOST,
        (0, 1.., _) => exit::DATA,
        (0, 0, 0) => exit::NO_INPUT,
        (0, 0, 1..) => 0,
    }
}

fn verify(args: &Args, stdin: &mut dyn Read) -> Result<Findings, FolderError> {
    let mut found = Findings::default();
    let path = &args.input;
    if path == Path::new("-") {
        lines::read(stdin, args.framed, &mut found)
            .map_err(|source| FolderError::File { file: path.clone(), source })?;
        return Ok(found);
    }
    let at = |source| FolderError::File { file: path.clone(), source };
    if path.is_dir() {
        stored::folder(path, &mut found)?;
        return Ok(found);
    }
    let mut begins = Vec::new();
    let mut file = File::open(path).map_err(at)?;
    Read::by_ref(&mut file).take(MAGIC.len() as u64).read_to_end(&mut begins).map_err(at)?;
    if begins == MAGIC {
        stored::file(path, 1, (true, true), &mut found)?;
    } else {
        let mut all = BufReader::new(begins.as_slice().chain(file));
        lines::read(&mut all, args.framed, &mut found).map_err(at)?;
    }
    Ok(found)
}

fn print(found: &Findings, out: &mut impl Write) -> io::Result<()> {
    table::write(out, &found.tally, usize::MAX)?;
    if found.bad > 0 {
        writeln!(
            out,
            "{} messages or stretches are not understood and count as not there",
            found.bad
        )?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Report {
    sum: Sum,
    bad: u64,
    streams: Vec<Row>,
}

fn print_json(found: &Findings, out: &mut impl Write) -> io::Result<()> {
    let streams = table::rows(&found.tally).collect();
    let report = Report { sum: table::sum(&found.tally), bad: found.bad, streams };
    serde_json::to_writer(&mut *out, &report)?;
    writeln!(out)
}
