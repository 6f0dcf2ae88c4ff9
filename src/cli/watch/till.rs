//! A device that is watched: its decoder, its dialect and its trackers, as the agent has them.

use std::sync::Arc;
use std::time::Duration;

use tillgate_events::{Currency, Record};

use super::panel::{Panel, Row};
use super::words;
use crate::agent::machine::Trackers;
use crate::cli::capture::ends;
use crate::decode::device::Device;
use crate::decode::dialect::{Dialect, Fate, Grammar};
use crate::decode::document::Printer;
use crate::decode::frame::FramerError;
use crate::decode::{DocumentFact, PosFact, Said};
use crate::source::Body;
use crate::time::Now;
use crate::track::catalog::Catalog;
use crate::track::receipt::{ReceiptTracker, TillSettings};
use crate::track::speaker::Speaker;

/// A device that is watched.
pub struct Till {
    kind: Kind,
    /// Documents, payments, scans and weights that ended.
    pub documents: usize,
}

enum Kind {
    Printer(Box<Printing>),
    Machine(Box<Speaking>),
}

/// A till that prints.
struct Printing {
    printer: Printer,
    grammar: Grammar,
    tracker: ReceiptTracker,
}

/// A device that does not.
struct Speaking {
    /// Hears what is said.
    ear: Device,
    /// Reads it, one thing after the other, so that each is shown with what became of it.
    reader: Device,
    trackers: Trackers,
    bytes: u64,
}

impl Till {
    /// A device of which nothing was heard.
    ///
    /// # Errors
    /// As [`Device::new`].
    pub fn new(name: &str, dialect: Arc<Dialect>, currency: Currency) -> Result<Self, FramerError> {
        // Receipts are named after it: of a port's path the end is enough.
        let name = name.rsplit('/').next().unwrap_or(name);
        let tracker = ReceiptTracker::new(TillSettings {
            source: name.to_owned(),
            terminal: name.to_owned(),
            currency: dialect.currency.unwrap_or(currency),
            store_id: 1,
            zone: jiff::tz::TimeZone::system(),
            business_day_starts: Duration::ZERO,
            checks: dialect.checks,
            key: dialect.key,
            no_sale_after: dialect.no_sale_after,
            private: dialect.private,
            catalog: Arc::new(Catalog::default()),
        });
        let kind = match (Device::new(&dialect)?, Device::new(&dialect)?) {
            (Some(mut ear), Some(reader)) => {
                ear.keep_said();
                let speaker = Speaker { source: name.to_owned(), terminal: name.to_owned() };
                let trackers = Trackers::new(tracker, speaker);
                Kind::Machine(Box::new(Speaking { ear, reader, trackers, bytes: 0 }))
            }
            _ => Kind::Printer(Box::new(Printing {
                printer: dialect.framer.printer(),
                grammar: Grammar::new(dialect),
                tracker,
            })),
        };
        Ok(Self { kind, documents: 0 })
    }

    /// Takes what the port said.
    pub fn hear(&mut self, now: Now, body: &Body, panel: &mut Panel) {
        self.documents += match &mut self.kind {
            Kind::Printer(till) => till.hear(now, body, panel),
            Kind::Machine(machine) => machine.hear(now, body, panel),
        };
        self.count(panel);
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Now, panel: &mut Panel) {
        self.documents += match &mut self.kind {
            Kind::Printer(till) => till.tick(now, panel),
            Kind::Machine(machine) => machine.tick(now, panel),
        };
        self.count(panel);
    }

    fn count(&self, panel: &mut Panel) {
        let (bytes, bad) = match &self.kind {
            Kind::Printer(till) => {
                let counters = till.printer.counters();
                (counters.bytes, counters.bad())
            }
            Kind::Machine(machine) => (machine.bytes, machine.ear.bad() + machine.ear.noise()),
        };
        panel.count(bytes, bad, self.documents);
    }
}

impl Printing {
    fn hear(&mut self, now: Now, body: &Body, panel: &mut Panel) -> usize {
        let mut facts = Vec::new();
        match body {
            Body::Bytes(bytes) => self.printer.push(bytes, now.mono, &mut facts),
            Body::Down(_) | Body::Overrun { .. } => self.printer.broken(&mut facts),
            _ => {}
        }
        self.read(now, facts, panel)
    }

    fn tick(&mut self, now: Now, panel: &mut Panel) -> usize {
        let mut facts = Vec::new();
        self.printer.tick(now.mono, &mut facts);
        let documents = self.read(now, facts, panel);
        let mut records = Vec::new();
        self.tracker.tick(now, &mut records);
        records.iter().for_each(|record| panel.record(record));
        documents
    }

    /// Shows what was printed; how many documents ended.
    fn read(&mut self, now: Now, facts: Vec<DocumentFact>, panel: &mut Panel) -> usize {
        let mut documents = 0;
        for fact in facts {
            let text = words::printed(&fact);
            let mut read = Vec::new();
            self.grammar.step(fact, &mut read);
            panel.line(text.map(|text| row(text, &self.grammar)), &read);
            let mut records: Vec<Record> = Vec::new();
            for fact in read {
                documents += usize::from(matches!(fact, PosFact::End(_)));
                self.tracker.step(now, fact, &mut records);
            }
            records.iter().for_each(|record| panel.record(record));
        }
        documents
    }
}

impl Speaking {
    fn hear(&mut self, now: Now, body: &Body, panel: &mut Panel) -> usize {
        // What the ear makes of it is the reader's to tell.
        let unread = &mut Vec::new();
        match body {
            Body::Bytes(bytes) => {
                self.bytes += u64::try_from(bytes.len()).unwrap_or_default();
                self.ear.push(bytes, now.mono, unread);
            }
            Body::Down(_) | Body::Overrun { .. } => self.ear.broken(unread),
            _ => {}
        }
        self.read(now, panel)
    }

    fn tick(&mut self, now: Now, panel: &mut Panel) -> usize {
        self.ear.tick(now.mono, &mut Vec::new());
        let documents = self.read(now, panel);
        let mut records = Vec::new();
        self.trackers.tick(now, &mut records);
        records.iter().for_each(|record| panel.record(record));
        documents
    }

    /// Shows what was said; how many documents ended.
    fn read(&mut self, now: Now, panel: &mut Panel) -> usize {
        let mut documents = 0;
        let mut all = Vec::new();
        self.ear.take_said(&mut all);
        for said in all.into_iter().filter(|said| *said != Said::Closed) {
            let text = words::said(&said);
            let mut facts = Vec::new();
            self.reader.again(said, &mut facts);
            // An article waits for its second half: the event is known before its fact.
            let became = words::facts(&facts);
            let became = became.map(|facts| self.reader.last_event().map_or(facts, str::to_owned));
            panel.said(text, became.as_deref());
            documents += facts.iter().filter(|fact| ends(fact)).count();
            let mut records: Vec<Record> = Vec::new();
            facts.into_iter().for_each(|fact| self.trackers.step(now, fact, &mut records));
            records.iter().for_each(|record| panel.record(record));
        }
        documents
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
