//! A till as the daemon has it, fed with a capture, and what is shown of it.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tillgate_events::{Currency, Record, UtcMs};

use super::Args;
use super::explain::Explain;
use super::input::Piece;
use super::parity::Parity;
use super::report::{Events, Summary};
use crate::decode::dialect::{Dialect, Grammar};
use crate::decode::document::{Printer, PrinterCounters};
use crate::decode::{DocumentEnd, DocumentFact, PosFact};
use crate::limits;
use crate::time::{Mono, Now};
use crate::track::catalog::Catalog;
use crate::track::receipt::{ReceiptTracker, TillSettings};

/// Between two documents of a file.
const DOCUMENT_MICROS: u64 = 60_000_000;

/// What is printed.
pub enum View {
    Lines,
    Events(Events),
    Summary(Summary),
    Explain(Box<Explain>),
    Records(Vec<Record>),
}

impl View {
    /// As the command line says.
    pub fn of(args: &Args, dialect: &Dialect, currency: Currency, wall: UtcMs) -> Self {
        match (args.lines, args.json) {
            _ if args.explain => {
                let colour = crate::cli::colour(io::stdout().is_terminal());
                let how = (args.json, colour);
                Self::Explain(Box::new(Explain::new(args.named(), dialect.checks, currency, how)))
            }
            (true, _) => Self::Lines,
            (_, true) => Self::Events(Events::new(&args.gateway, args.store_id, wall)),
            _ => Self::Summary(Summary::default()),
        }
    }
}

/// A till made of the daemon's own parts.
pub struct Till {
    printer: Printer,
    grammar: Grammar,
    tracker: ReceiptTracker,
    pub view: View,
    start: Now,
    /// The moment of what is replayed, where that is known.
    pub at: Option<Now>,
    /// Documents that ended.
    documents: u64,
    /// Something was printed since then.
    printing: bool,
    pub parity: Parity,
}

impl Till {
    pub fn new(args: &Args, dialect: Arc<Dialect>) -> Self {
        let wall = UtcMs(args.start.as_millisecond());
        let currency = dialect.currency.unwrap_or(args.currency);
        let view = View::of(args, &dialect, currency, wall);
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
            private: dialect.private,
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
    pub fn goes_on(&mut self, view: Option<View>) {
        if let Some(view @ View::Events(_)) = view {
            self.view = view;
        }
    }

    pub fn take(&mut self, piece: Piece, out: &mut dyn Write) -> io::Result<()> {
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

    pub fn finish(mut self, out: &mut dyn Write) -> io::Result<PrinterCounters> {
        let mut facts = Vec::new();
        self.printer.finish(&mut facts);
        for fact in facts {
            self.document(fact, out)?;
        }
        self.end(out)?;
        Ok(self.printer.counters().clone())
    }

    pub fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
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

    pub fn document(&mut self, fact: DocumentFact, out: &mut dyn Write) -> io::Result<()> {
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
