//! `tillgate learn`: what does this till speak, and which dialect would read it?
//!
//! Shows bytes and laid-out lines, says what it found out, and proposes a dialect with golden samples. It proposes
//! only what loads; guesses are marked in the file. Of a port it finds the speed, too. Of a machine that speaks in
//! frames it proposes framing and sketches of its records ([`machine`]).

mod gather;
mod machine;
mod recorded;
mod samples;
mod speed;
mod view;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use tillgate_events::{Body, Currency, Record};

use self::gather::Gathered;
use self::samples::Samples;
use super::device::{self, Line, Until};
use super::exit;
use super::replay::{self, Input};
use crate::decode::DocumentFact;
use crate::decode::codepage::CodePage;
use crate::decode::detect::Language;
use crate::decode::detect::bit7::Bit7;
use crate::decode::dialect::{BUILTIN, Dialect, Setting, builtin_source};
use crate::learn::frames;
use crate::learn::paper::Paper;
use crate::learn::propose::{self, Device};
use crate::learn::{recording, records};

/// Arguments of `tillgate learn`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Best with five different receipts: a plain sale, two payments, a return, a cancelled one. \
    Lines that begin with `# CHECK` in the proposal are guesses to look at."
)]
pub struct Args {
    /// A port (/dev/…), a recording of `tillgate capture`, or a file of bytes; `-` is standard input.
    pub source: PathBuf,
    /// Where the dialect is written; its samples go beside it. Unless said, the dialect is printed.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The dialect's name; unless said, that of the file.
    #[arg(long)]
    pub id: Option<String>,
    /// Write over a dialect that is there already.
    #[arg(long)]
    pub force: bool,
    /// The code page of the till's text (cp866, windows-1251, utf-8, …), unless the letters are to tell it. A recording
    /// is text already.
    #[arg(long, value_name = "NAME", value_parser = page)]
    page: Option<(String, CodePage)>,
    /// Show all bytes, not just the first.
    #[arg(long)]
    pub hex: bool,
    #[command(flatten)]
    line: Line,
    #[command(flatten)]
    until: Until,
}

fn page(text: &str) -> Result<(String, CodePage), String> {
    let page = CodePage::named(text).ok_or("cp866, windows-1251, cp852, shift_jis, utf-8, …")?;
    Ok((text.to_owned(), page))
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let mut errors = io::stderr().lock();
    let code = match learn(args, &mut errors) {
        Ok(()) => 0,
        Err((code, told)) => {
            let _ = writeln!(errors, "{told}");
            code
        }
    };
    ExitCode::from(code)
}

/// An exit code, and what is told.
type Failure = (u8, String);

fn learn(args: &Args, told: &mut dyn Write) -> Result<(), Failure> {
    if let Some(file) = &args.output {
        samples::refuse_to_replace(file, args.force)?;
    }
    let gathered = if device::is_port(&args.source) {
        speed::port(args, told)?
    } else {
        let unread =
            |error: io::Error| (exit::NO_INPUT, format!("{}: {error}", args.source.display()));
        let mut input = Input::open(&args.source).map_err(unread)?;
        gather::file(&mut input, args.page.clone()).map_err(unread)?
    };
    let framing = frames::find(&gathered.head);
    let framing = framing.or_else(|| frames::by_silence(&gathered.bursts));
    if let Some(framing) = framing.or_else(|| records::of_lines(&gathered.head)) {
        return machine::learn(args, &gathered, &framing, told);
    }
    if gathered.is_machine() {
        return recorded::learn(args, &gathered, told);
    }
    if gathered.is_noise() {
        let told = "nothing to learn from: these bytes are neither text of a printer nor frames that are known. Is the \
            speed right?";
        return Err((exit::DATA, told.to_owned()));
    }
    let mut paper = Paper::default();
    gathered.facts.iter().for_each(|(_, fact)| paper.step(fact));
    let unsaid = |error: io::Error| (exit::TEMPORARY, error.to_string());
    view::show(&gathered, &paper, args.hex, told).map_err(unsaid)?;
    if paper.documents.iter().all(|document| document.lines.is_empty()) {
        return Err((exit::DATA, "nothing to learn from: no line was printed".to_owned()));
    }
    let currency = machine::currency()?;
    let kind = kind(gathered.language);
    let device = Device {
        id: id(args),
        kind: kind.to_owned(),
        reads: reads(&gathered, &paper, kind, currency),
        page: gathered.page.clone(),
        bit7: gathered.bit7.is_some_and(Bit7::is_parity) && kind == "text",
        line: gathered.line.clone(),
    };
    let mut text = propose::dialect(&device, &paper);
    let samples = args.output.as_deref();
    let samples = samples.map(|file| Samples::new(file, recordings(&gathered.facts)));
    text += &samples.as_ref().map_or_else(String::new, Samples::blocks);
    let setting = Setting { currency, decimal: None };
    let dialect = Dialect::parse("the proposal", &text, &setting)
        .map_err(|error| (exit::BUG, format!("{text}\nthe proposal does not load: {error}")))?;
    let dialect = Arc::new(dialect);
    write(args, &text, samples.as_ref(), &dialect, currency)?;
    let all = gathered.facts.into_iter().map(|(_, fact)| fact);
    let records = replay::records(dialect, currency, all);
    view::conclude(&text, sums(&records), args.output.as_deref(), told).map_err(unsaid)
}

/// Writes the proposal into its files, or prints it.
fn write(
    args: &Args,
    text: &str,
    samples: Option<&Samples>,
    dialect: &Arc<Dialect>,
    currency: Currency,
) -> Result<(), Failure> {
    let (Some(file), Some(samples)) = (&args.output, samples) else {
        let printed = io::stdout().lock().write_all(text.as_bytes());
        return printed.map_err(|error| (exit::TEMPORARY, error.to_string()));
    };
    let unwritable = |error: io::Error| (exit::TEMPORARY, format!("{}: {error}", file.display()));
    samples.write(file, text, dialect, currency).map_err(unwritable)
}

fn id(args: &Args) -> String {
    let stem = args.output.as_deref().and_then(Path::file_stem).and_then(|stem| stem.to_str());
    args.id.clone().or_else(|| stem.map(str::to_owned)).unwrap_or_else(|| "new-till".to_owned())
}

/// The framer's kind for a language.
fn kind(language: Language) -> &'static str {
    match language {
        Language::Text => "text",
        Language::Star if builtin_source("star-generic").is_some() => "star",
        _ => "escpos",
    }
}

/// A built-in dialect that reads everything with all sums right, the plainest first.
fn reads(gathered: &Gathered, paper: &Paper, kind: &str, currency: Currency) -> Option<String> {
    let wanted = paper.documents.iter().filter(|document| 1 < document.lines.len()).count();
    let setting = Setting { currency, decimal: None };
    let right = |(id, text): &&(&str, &str)| {
        let Ok(dialect) = Dialect::parse(id, text, &setting) else { return false };
        let facts = gathered.facts.iter().map(|(_, fact)| fact.clone());
        let records = replay::records(Arc::new(dialect), currency, facts);
        let (passed, failed) = sums(&records);
        // Papers that are no receipts are among them now and then.
        failed == 0 && 0 < passed && wanted <= passed + passed / 4
    };
    let ours = |id: &str| id.starts_with(&format!("{kind}-"));
    let (first, rest): (Vec<_>, Vec<_>) = BUILTIN.iter().partition(|(id, _)| ours(id));
    let found = first.iter().find(|built_in| right(built_in));
    found.or_else(|| rest.iter().find(|built_in| right(built_in))).map(|(id, _)| (*id).to_owned())
}

/// Receipts that pass their checks, and that do not.
pub fn sums(records: &[Record]) -> (usize, usize) {
    let receipts = records.iter().filter_map(|record| match &record.body {
        Body::Receipt(receipt) => Some(receipt),
        _ => None,
    });
    let (passed, failed): (Vec<_>, Vec<_>) =
        receipts.partition(|it| it.checks_passed && it.complete && !it.lines.is_empty());
    (passed.len(), failed.len())
}

/// The first documents as recordings.
fn recordings(facts: &[(u64, DocumentFact)]) -> impl Iterator<Item = Vec<u8>> {
    let document = |facts: &[(u64, DocumentFact)]| {
        let facts = facts.iter().map(|(at, fact)| recording::fact(*at, fact));
        format!("{}\n{}", recording::MAGIC, facts.collect::<String>()).into_bytes()
    };
    let ends = |(_, fact): &(u64, DocumentFact)| matches!(fact, DocumentFact::End(_));
    let whole = move |facts: &&[(u64, DocumentFact)]| facts.last().is_some_and(ends);
    facts.split_inclusive(ends).filter(whole).map(document)
}
