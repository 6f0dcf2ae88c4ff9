//! `tillgate watch`: what tills print, line by line, with what became of each line and the events they make.
//!
//! A port has one reader. While the agent holds it, this command says so and ends; it never takes a port away.
//! On a terminal each till has a panel; elsewhere everything is printed as plain lines.

mod panel;

use std::io::{self, IsTerminal as _, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tillgate_events::{Currency, Record};

use self::panel::{Panel, Row};
use super::device::{self, Line, Until};
use super::exit;
use crate::agent;
use crate::config::{self, SerialLine};
use crate::decode::dialect::{Dialect, Fate, Grammar, Setting};
use crate::decode::document::Printer;
use crate::decode::{DocumentFact, PosFact};
use crate::source::Body;
use crate::source::serial::listen::{self, Heard};
use crate::time::Now;
use crate::track::catalog::Catalog;
use crate::track::receipt::{ReceiptTracker, TillSettings};

/// Arguments of `tillgate watch`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Nothing is sent or kept. A port that the agent reads cannot be watched: read along with \
    `journalctl -fu tillgate`, or stop the agent meanwhile."
)]
pub struct Args {
    /// A port (/dev/…, with --dialect), or a configuration whose tills are all watched.
    #[arg(default_value = config::DEFAULT_PATH)]
    pub source: PathBuf,
    /// The dialect of the port: built in, or a file.
    #[arg(long)]
    pub dialect: Option<String>,
    /// The shop's currency, unless the dialect or the configuration names one.
    #[arg(long, default_value = "EUR")]
    pub currency: String,
    #[command(flatten)]
    line: Line,
    #[command(flatten)]
    until: Until,
}

/// A till that is watched.
struct Till {
    printer: Printer,
    grammar: Grammar,
    tracker: ReceiptTracker,
    documents: usize,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    match watch(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, told)) => {
            // When standard error is gone too, nothing is left to do.
            let _ = writeln!(io::stderr().lock(), "{told}");
            ExitCode::from(code)
        }
    }
}

fn watch(args: &Args) -> Result<(), (u8, String)> {
    let (lines, mut tills, mut panels) = what(args).map_err(|told| (exit::CONFIG, told))?;
    let mut screen = Screen::new(io::stdout().is_terminal());
    let mut start = None;
    let mut refused = None;
    let listened = listen::listen(&lines, |now, heard| {
        let began = *start.get_or_insert(now.mono);
        let written = match heard {
            Heard::Reading(at, body) => match (tills.get_mut(at), panels.get_mut(at)) {
                (Some(till), Some(panel)) => {
                    if let Body::Down(reason) = &body {
                        let port = lines.get(at).map(|line| line.port.clone()).unwrap_or_default();
                        panel.state = device::refusal(&port, reason);
                        if lines.len() == 1 {
                            refused = Some(panel.state.clone());
                        }
                    }
                    till.hear(now, &body, panel);
                    screen.show(&mut panels)
                }
                _ => Ok(()),
            },
            Heard::Tick => {
                tills.iter_mut().zip(&mut panels).for_each(|(till, panel)| till.tick(now, panel));
                screen.show(&mut panels)
            }
            Heard::Interrupted => Ok(()),
        };
        let documents = tills.iter().map(|till| till.documents).sum();
        let over = args.until.is_over(now.mono.since(began), documents);
        let stop = over || refused.is_some() || written.is_err();
        if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    screen.restore();
    listened.map_err(|error| (exit::TEMPORARY, error.to_string()))?;
    refused.map_or(Ok(()), |told| Err((exit::TEMPORARY, told)))
}

/// The ports, what reads them, and where it is shown.
type Watched = (Vec<SerialLine>, Vec<Till>, Vec<Panel>);

fn what(args: &Args) -> Result<Watched, String> {
    let currency = Currency::new(&args.currency).ok_or("--currency: three capital letters")?;
    let mut watched: Watched = (Vec::new(), Vec::new(), Vec::new());
    let mut add = |name: &str, line: SerialLine, dialect: &str, setting: &Setting| {
        let dialect = agent::dialect(dialect, setting).map_err(|error| error.to_string())?;
        let settings = device::settings(&line);
        watched.2.push(Panel::new(format!("{name}  {}  {settings}", dialect.id)));
        watched.1.push(Till::new(name, Arc::new(dialect), setting.currency));
        watched.0.push(line);
        Ok::<(), String>(())
    };
    if device::is_port(&args.source) || args.dialect.is_some() {
        let dialect = args.dialect.as_deref().ok_or("a port needs --dialect")?;
        let line = args.line.serial(&args.source, 9600);
        let name = args.source.display().to_string();
        add(&name, line, dialect, &Setting { currency, decimal: None })?;
    } else {
        let told = |mistakes: Vec<config::Mistake>| {
            mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        let config = config::load(&args.source).map_err(told)?;
        for till in config.serial {
            let setting = Setting { currency: config.gateway.currency, decimal: till.decimal };
            add(&till.name, till.line, &till.dialect, &setting)?;
        }
    }
    if watched.0.is_empty() {
        return Err(format!("{}: no till to watch", args.source.display()));
    }
    Ok(watched)
}

impl Till {
    fn new(name: &str, dialect: Arc<Dialect>, currency: Currency) -> Self {
        let settings = TillSettings {
            source: name.to_owned(),
            terminal: name.to_owned(),
            currency: dialect.currency.unwrap_or(currency),
            store_id: 1,
            zone: jiff::tz::TimeZone::system(),
            business_day_starts: Duration::ZERO,
            checks: dialect.checks,
            key: dialect.key,
            no_sale_after: dialect.no_sale_after,
            catalog: Arc::new(Catalog::default()),
        };
        Self {
            printer: dialect.framer.printer(),
            grammar: Grammar::new(dialect),
            tracker: ReceiptTracker::new(settings),
            documents: 0,
        }
    }

    fn hear(&mut self, now: Now, body: &Body, panel: &mut Panel) {
        let mut facts = Vec::new();
        match body {
            Body::Up => panel.state = "listening".to_owned(),
            Body::Bytes(bytes) => self.printer.push(bytes, now.mono, &mut facts),
            Body::Down(_) | Body::Overrun { .. } => self.printer.broken(&mut facts),
            Body::Edge { .. } | Body::Advert(_) | Body::AdvertsDropped { .. } => {}
        }
        self.read(now, facts, panel);
    }

    fn tick(&mut self, now: Now, panel: &mut Panel) {
        let mut facts = Vec::new();
        self.printer.tick(now.mono, &mut facts);
        self.read(now, facts, panel);
        let mut records = Vec::new();
        self.tracker.tick(now, &mut records);
        records.iter().for_each(|record| panel.record(record));
    }

    fn read(&mut self, now: Now, facts: Vec<DocumentFact>, panel: &mut Panel) {
        let counters = self.printer.counters();
        panel.count(counters.bytes, counters.bad(), self.documents);
        for fact in facts {
            let text = match &fact {
                DocumentFact::Line(line) => Some(line.text.clone()),
                DocumentFact::Barcode { symbology, data } => Some(format!("[{symbology} {data}]")),
                DocumentFact::DrawerKick => Some("[drawer kick]".to_owned()),
                DocumentFact::Graphic { .. } => Some("[graphic]".to_owned()),
                DocumentFact::End(_) => None,
            };
            let mut read = Vec::new();
            self.grammar.step(fact, &mut read);
            panel.line(text.map(|text| row(text, &self.grammar)), &read);
            let mut records: Vec<Record> = Vec::new();
            for fact in read {
                self.documents += usize::from(matches!(fact, PosFact::End(_)));
                self.tracker.step(now, fact, &mut records);
            }
            records.iter().for_each(|record| panel.record(record));
        }
    }
}

/// A printed line with what its dialect made of it.
fn row(text: String, grammar: &Grammar) -> Row {
    let last = grammar.last();
    let said = match last.fate {
        Fate::Ignored => "ignored".to_owned(),
        _ => last.rules.iter().map(|(_, event)| *event).collect::<Vec<_>>().join(", "),
    };
    let waits = last.fate == Fate::Read && last.rules.is_empty();
    Row { text, said, waits }
}

/// Where panels are shown.
struct Screen {
    terminal: bool,
}

impl Screen {
    fn new(terminal: bool) -> Self {
        if terminal {
            // The other screen, and no cursor: what was there before comes back.
            let _ = write!(io::stdout().lock(), "\x1b[?1049h\x1b[?25l");
        }
        Self { terminal }
    }

    fn show(&mut self, panels: &mut [Panel]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if !self.terminal {
            panels.iter_mut().flat_map(Panel::news).try_for_each(|line| writeln!(out, "{line}"))?;
            return out.flush();
        }
        if !panels.iter_mut().any(Panel::changed) {
            return Ok(());
        }
        let size = rustix::termios::tcgetwinsize(&out).ok();
        let (rows, columns) = size.map_or((24, 80), |size| (size.ws_row, size.ws_col));
        let colour = super::colour(true);
        let (rows, columns) = (usize::from(rows.max(8)), usize::from(columns.max(40)));
        out.write_all(panel::draw(panels, rows, columns, colour).as_bytes())?;
        out.flush()
    }

    fn restore(&mut self) {
        if std::mem::replace(&mut self.terminal, false) {
            let _ = write!(io::stdout().lock(), "\x1b[?25h\x1b[?1049l");
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.restore();
    }
}
