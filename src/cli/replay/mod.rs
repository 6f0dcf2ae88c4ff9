//! `tillgate replay`: a capture through decode and track, without a daemon.
//!
//! The file holds bytes, or is a recording of `tillgate capture`. A file has no clock, so every document is a minute
//! after the one before: the same file and flags give the same output, byte for byte. Memory does not grow with the
//! file.
//!
//! With `--since` the documents of the agent's journal are replayed instead (see [`journal`]).

mod explain;
mod input;
mod journal;
mod machine;
mod parity;
mod report;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tillgate_events::{Currency, Record, UtcMs};

pub use self::explain::Explain;
pub use self::input::{Input, Piece};
use self::parity::Parity;
pub(super) use self::report::money;
use self::report::{Events, Summary};
use super::exit;
use crate::agent::{self, BuildError};
use crate::clock::Clock;
use crate::decode::codepage::CodePage;
use crate::decode::dialect::{Dialect, Grammar, Setting};
use crate::decode::document::{Printer, PrinterCounters};
use crate::decode::{DocumentEnd, DocumentFact, PosFact};
use crate::limits;
use crate::store::StoreError;
use crate::time::{Mono, Now};
use crate::track::catalog::Catalog;
use crate::track::receipt::{ReceiptTracker, TillSettings};

/// Between two documents of a file.
const DOCUMENT_MICROS: u64 = 60_000_000;

/// Arguments of `tillgate replay`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 every byte was understood or skipped by rule, 65 there were unknown \
    commands, cut-off payloads or overflows, 66 no such file or no documents, 75 the database changes too fast, 78 the \
    dialect or the configuration has mistakes."
)]
pub struct Args {
    /// The bytes that a till sent; `-` is standard input. With `--since`: the gateway's configuration, or its
    /// database `outbox.db`.
    pub file: PathBuf,
    /// A built-in dialect (escpos-generic, auto, scanner-aim, zvt, …) or a dialect file.
    #[arg(long, required_unless_present = "since")]
    pub dialect: Option<String>,
    /// Replay what the agent's journal has since then: `2026-11-21T08:00:00Z`, `2026-11-21`, `90m`, `2h` or `7d`. The
    /// agent may run meanwhile. Without `--dialect` as the configuration says.
    #[arg(long, value_parser = journal::since)]
    pub since: Option<journal::Since>,
    /// Only this device of the journal.
    #[arg(long, requires = "since")]
    pub device: Option<String>,
    /// Print the laid-out lines and nothing else; nothing marks the end of a document.
    #[arg(long, conflicts_with = "json")]
    pub lines: bool,
    /// Print one event of the contract a line; with `--explain` one object a line of the till. Without any of
    /// these: a table of receipts.
    #[arg(long)]
    pub json: bool,
    /// Print for each line which rule took it, and for each receipt which checks failed and by how much.
    #[arg(long, conflicts_with = "lines")]
    pub explain: bool,
    /// The store's number in events.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub store_id: u64,
    /// The gateway's id in events.
    #[arg(long, default_value = "gw-0")]
    pub gateway: String,
    /// The till's name: the events' source, and the terminal where a receipt names none.
    #[arg(long, default_value = "till-1")]
    pub terminal: String,
    /// When the first document was printed; each further one is a minute later.
    #[arg(long, default_value = "2026-01-01T00:00:00Z")]
    pub start: Timestamp,
    /// The shop's currency, unless the dialect names one.
    #[arg(long, default_value = "EUR", value_parser = currency)]
    pub currency: Currency,
    /// The decimal sign, `.` or `,`, whatever the dialect says.
    #[arg(long, value_parser = decimal)]
    pub decimal: Option<char>,
    /// The code page of the till's text (cp437, windows-1252, utf-8, …), whatever the dialect says.
    #[arg(long, value_parser = code_page)]
    pub code_page: Option<CodePage>,
}

fn currency(text: &str) -> Result<Currency, String> {
    Currency::new(text).ok_or_else(|| "three capital letters, such as EUR".to_owned())
}

fn decimal(text: &str) -> Result<char, String> {
    match text {
        "." => Ok('.'),
        "," => Ok(','),
        _ => Err("`.` or `,`".to_owned()),
    }
}

fn code_page(text: &str) -> Result<CodePage, String> {
    CodePage::named(text)
        .ok_or_else(|| "cp437, cp858, windows-1252, shift_jis, utf-8, …".to_owned())
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let mut errors = io::stderr().lock();
    let mut out = BufWriter::new(io::stdout().lock());
    let result = replay(args, &mut out).and_then(|counters| {
        out.flush().map_err(Stop::Write)?;
        Ok(counters)
    });
    // When standard error is gone too, nothing is left to do.
    let (code, told) = match result {
        Ok(counters) if counters.understood() => return ExitCode::SUCCESS,
        Ok(counters) => (exit::DATA, writeln!(errors, "{}", report::not_understood(&counters))),
        Err(Stop::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {
            return ExitCode::SUCCESS;
        }
        Err(Stop::Write(error)) => (exit::TEMPORARY, writeln!(errors, "cannot write: {error}")),
        Err(Stop::Input(error)) => {
            // What is no recording although it says so is data, not a missing file.
            let data = error.kind() == ErrorKind::InvalidData;
            let code = if data { exit::DATA } else { exit::NO_INPUT };
            (code, writeln!(errors, "{}: {error}", args.file.display()))
        }
        Err(Stop::Dialect(error)) => {
            // All at once: the file was not looked at yet.
            if let Some(missing) = unreadable(&args.file) {
                drop(writeln!(errors, "{}: {missing}", args.file.display()));
            }
            (exit::CONFIG, writeln!(errors, "{error}"))
        }
        Err(Stop::Config(told)) => (exit::CONFIG, writeln!(errors, "{told}")),
        Err(Stop::Journal(error)) => (journal_code(&error), writeln!(errors, "{error}")),
        Err(Stop::Nothing(file)) => {
            let file = file.display();
            (exit::NO_INPUT, writeln!(errors, "{file}: no such documents in the journal"))
        }
    };
    drop(told);
    ExitCode::from(code)
}

fn journal_code(error: &StoreError) -> u8 {
    match error {
        StoreError::File { .. } => exit::NO_INPUT,
        StoreError::Busy(_) | StoreError::Full | StoreError::Retry(_) => exit::TEMPORARY,
        _ => exit::DATA,
    }
}

/// Why the capture cannot be opened, if so.
fn unreadable(file: &Path) -> Option<io::Error> {
    if file == Path::new("-") { None } else { File::open(file).err() }
}

/// Why a replay ended early: each has its exit code.
#[derive(Debug)]
enum Stop {
    /// The capture cannot be read.
    Input(io::Error),
    /// The dialect cannot be used.
    Dialect(BuildError),
    /// The output cannot be written.
    Write(io::Error),
    /// The configuration has mistakes, or names no dialect.
    Config(String),
    /// The journal cannot be read.
    Journal(StoreError),
    /// It has nothing of what was asked for.
    Nothing(PathBuf),
}

fn replay(args: &Args, out: &mut dyn Write) -> Result<PrinterCounters, Stop> {
    if let Some(since) = args.since {
        return journal::replay(args, since, Clock::start().now().wall, out);
    }
    let setting = Setting { currency: args.currency, decimal: args.decimal };
    let mut dialect = agent::dialect(args.named(), &setting).map_err(Stop::Dialect)?;
    if let Some(page) = &args.code_page {
        dialect.framer.default_page = Some(page.clone());
    }
    let dialect = Arc::new(dialect);
    let mut input = Input::open(&args.file).map_err(Stop::Input)?;
    if !dialect.framer.is_printer() {
        return machine::replay(args, &dialect, &mut input, out);
    }
    let mut till = Till::new(args, dialect);
    while let Some(piece) = input.piece().map_err(Stop::Input)? {
        till.take(piece, out).map_err(Stop::Write)?;
    }
    if let Some(hint) = till.parity.hint() {
        // When standard error is gone, nothing is left to do.
        let _ = writeln!(io::stderr(), "{hint}");
    }
    till.finish(out).map_err(Stop::Write)
}

/// The events of `input` as [`Args::json`] prints them with the default clock and ids.
///
/// # Errors
/// When the input cannot be read.
pub fn events(dialect: Arc<Dialect>, currency: Currency, input: &mut Input) -> io::Result<String> {
    let args = Args { json: true, ..Args::plain(currency) };
    let mut out = Vec::new();
    if !dialect.framer.is_printer() {
        let replayed = machine::replay(&args, &dialect, input, &mut out);
        replayed.map_err(|stop| io::Error::other(format!("{stop:?}")))?;
        return Ok(String::from_utf8_lossy(&out).into_owned());
    }
    let mut till = Till::new(&args, dialect);
    while let Some(piece) = input.piece()? {
        till.take(piece, &mut out)?;
    }
    till.finish(&mut out)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// The records of printed facts, in their order.
#[must_use]
pub fn records(
    dialect: Arc<Dialect>,
    currency: Currency,
    facts: impl IntoIterator<Item = DocumentFact>,
) -> Vec<Record> {
    let mut till = Till::new(&Args::plain(currency), dialect);
    till.view = View::Records(Vec::new());
    // A vector takes whatever is written.
    let written = facts.into_iter().try_for_each(|fact| till.document(fact, &mut Vec::new()));
    drop(written.and_then(|()| till.end(&mut Vec::new())));
    match till.view {
        View::Records(records) => records,
        _ => Vec::new(),
    }
}

impl Args {
    /// The dialect as it was named.
    fn named(&self) -> &str {
        self.dialect.as_deref().unwrap_or_default()
    }

    /// As the command line without any flag. The dialect is the caller's business.
    fn plain(currency: Currency) -> Self {
        Self {
            file: PathBuf::from("-"),
            dialect: None,
            since: None,
            device: None,
            lines: false,
            json: false,
            explain: false,
            store_id: 1,
            gateway: "gw-0".to_owned(),
            terminal: "till-1".to_owned(),
            start: Timestamp::new(1_767_225_600, 0).unwrap_or(Timestamp::UNIX_EPOCH),
            currency,
            decimal: None,
            code_page: None,
        }
    }
}

/// What is printed.
enum View {
    Lines,
    Events(Events),
    Summary(Summary),
    Explain(Box<Explain>),
    Records(Vec<Record>),
}

/// A till made of the daemon's own parts.
struct Till {
    printer: Printer,
    grammar: Grammar,
    tracker: ReceiptTracker,
    view: View,
    start: Now,
    /// The moment of what is replayed, where that is known.
    at: Option<Now>,
    /// Documents that ended.
    documents: u64,
    /// Something was printed since then.
    printing: bool,
    parity: Parity,
}

impl Till {
    fn new(args: &Args, dialect: Arc<Dialect>) -> Self {
        let wall = UtcMs(args.start.as_millisecond());
        let currency = dialect.currency.unwrap_or(args.currency);
        let view = match (args.lines, args.json) {
            _ if args.explain => {
                let colour = super::colour(io::stdout().is_terminal());
                View::Explain(Box::new(Explain::new(
                    args.named(),
                    dialect.checks,
                    currency,
                    (args.json, colour),
                )))
            }
            (true, _) => View::Lines,
            (_, true) => View::Events(Events::new(&args.gateway, args.store_id, wall)),
            _ => View::Summary(Summary::default()),
        };
        let settings = TillSettings {
            source: args.terminal.clone(),
            terminal: args.terminal.clone(),
            currency,
            store_id: args.store_id,
            zone: TimeZone::UTC,
            business_day_starts: Duration::ZERO,
            checks: dialect.checks,
            key: dialect.key,
            no_sale_after: dialect.no_sale_after,
            catalog: Arc::new(Catalog::default()),
        };
        Self {
            parity: Parity::new(&dialect.framer),
            printer: dialect.framer.printer(),
            grammar: Grammar::new(dialect),
            tracker: ReceiptTracker::new(settings),
            view,
            start: Now { mono: Mono(0), wall },
            at: None,
            documents: 0,
            printing: false,
        }
    }

    /// Goes on where another till's events were printed.
    fn goes_on(&mut self, view: Option<View>) {
        if let Some(view @ View::Events(_)) = view {
            self.view = view;
        }
    }

    fn take(&mut self, piece: Piece, out: &mut dyn Write) -> io::Result<()> {
        match piece {
            Piece::Bytes(bytes) => self.push(&bytes, out),
            Piece::Fact(_, fact) => self.document(fact, out),
            // What machines say prints nothing.
            Piece::Info(..) | Piece::Said(..) => Ok(()),
        }
    }

    fn push(&mut self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        self.parity.add(bytes);
        let mut facts = Vec::new();
        self.printer.push(bytes, Mono(0), &mut facts);
        facts.into_iter().try_for_each(|fact| self.document(fact, out))
    }

    fn finish(mut self, out: &mut dyn Write) -> io::Result<PrinterCounters> {
        let mut facts = Vec::new();
        self.printer.finish(&mut facts);
        for fact in facts {
            self.document(fact, out)?;
        }
        self.end(out)?;
        Ok(self.printer.counters().clone())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        // A capture without a cut ends here; whatever waits has waited long enough.
        let mut records = Vec::new();
        let end = DocumentFact::End(DocumentEnd::Idle);
        let mut read = Vec::new();
        self.grammar.step(end, &mut read);
        if let View::Explain(explain) = &mut self.view {
            explain.step(&DocumentFact::End(DocumentEnd::Idle), self.grammar.last(), &read, out)?;
        }
        read.into_iter().for_each(|fact| self.tracker.step(self.now(), fact, &mut records));
        self.tracker.tick(self.now().plus(limits::RECEIPT_IDLE), &mut records);
        self.show(&records, out)?;
        match &mut self.view {
            View::Summary(summary) => summary.finish(self.tracker.counters(), out),
            View::Explain(explain) => explain.finish(self.tracker.counters(), out),
            _ => Ok(()),
        }
    }

    /// The moment of the present document. A kick after the cut still belongs to the document before.
    fn now(&self) -> Now {
        if let Some(at) = self.at {
            return at;
        }
        let later = self.documents - u64::from(!self.printing && self.documents > 0);
        self.start.plus(std::time::Duration::from_micros(DOCUMENT_MICROS.saturating_mul(later)))
    }

    fn document(&mut self, fact: DocumentFact, out: &mut dyn Write) -> io::Result<()> {
        if let (View::Lines, DocumentFact::Line(line)) = (&self.view, &fact) {
            return writeln!(out, "{}", line.text);
        }
        let mut read = Vec::new();
        let shown = matches!(self.view, View::Explain(_)).then(|| fact.clone());
        self.grammar.step(fact, &mut read);
        if let (Some(fact), View::Explain(explain)) = (shown, &mut self.view) {
            explain.step(&fact, self.grammar.last(), &read, out)?;
        }
        let mut records = Vec::new();
        for fact in read {
            self.printing |= !matches!(fact, PosFact::DrawerKick);
            let ends = matches!(fact, PosFact::End(_));
            self.tracker.step(self.now(), fact, &mut records);
            if ends {
                self.documents += 1;
                self.printing = false;
            }
        }
        self.show(&records, out)
    }

    fn show(&mut self, records: &[Record], out: &mut dyn Write) -> io::Result<()> {
        match &mut self.view {
            View::Lines => Ok(()),
            View::Events(events) => records.iter().try_for_each(|r| events.print(r, out)),
            View::Summary(summary) => records.iter().try_for_each(|r| summary.print(r, out)),
            View::Explain(explain) => records.iter().try_for_each(|r| explain.record(r, out)),
            View::Records(all) => {
                all.extend_from_slice(records);
                Ok(())
            }
        }
    }
}
