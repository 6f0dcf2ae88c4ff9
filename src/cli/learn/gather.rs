//! What a device printed, with what is known of how.

use std::io;

use crate::cli::replay::{Input, Piece};
use crate::decode::DocumentFact;
use crate::decode::detect::bit7::{Bit7, Statistic};
use crate::decode::detect::{Evidence, Language};
use crate::decode::document::{AutoOptions, Printer, PrinterCounters, PrinterOptions};
use crate::limits;
use crate::time::Mono;

/// Bytes of a file or a port that are kept to be shown.
pub const HEAD: usize = 64 * 1024;

/// What was printed.
#[derive(Debug, Default)]
pub struct Gathered {
    /// What was laid out, with milliseconds since the start. Bounded by `limits::LEARN_LINES`.
    pub facts: Vec<(u64, DocumentFact)>,
    /// Facts left out.
    pub left_out: usize,
    /// What the device speaks.
    pub language: Language,
    /// Signs that say so; nothing of a recording.
    pub evidence: Option<Evidence>,
    /// What bit 7 is.
    pub bit7: Option<Bit7>,
    /// The first bytes.
    pub head: Vec<u8>,
    /// What the decoder counted.
    pub counters: PrinterCounters,
    /// It is a recording of a device that prints nothing.
    pub is_machine: bool,
    /// Speed and format of the port.
    pub line: Option<String>,
}

/// Takes bytes and keeps what comes of them.
pub struct Gatherer {
    printer: Printer,
    statistic: Statistic,
    start: Option<Mono>,
    gathered: Gathered,
    /// Documents that ended.
    pub documents: usize,
}

impl Gatherer {
    pub fn new() -> Self {
        Self {
            printer: Printer::new(PrinterOptions::Auto(AutoOptions::default())),
            statistic: Statistic::default(),
            start: None,
            gathered: Gathered::default(),
            documents: 0,
        }
    }

    /// Bytes that came at `now`; what was laid out with them.
    pub fn push(&mut self, bytes: &[u8], now: Mono) -> Vec<DocumentFact> {
        self.statistic.add(bytes);
        let room = HEAD.saturating_sub(self.gathered.head.len()).min(bytes.len());
        self.gathered.head.extend_from_slice(bytes.get(..room).unwrap_or_default());
        let mut facts = Vec::new();
        self.printer.push(bytes, now, &mut facts);
        self.keep(facts, now)
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Mono) -> Vec<DocumentFact> {
        let mut facts = Vec::new();
        self.printer.tick(now, &mut facts);
        self.keep(facts, now)
    }

    fn keep(&mut self, facts: Vec<DocumentFact>, now: Mono) -> Vec<DocumentFact> {
        let since = now.since(*self.start.get_or_insert(now));
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        for fact in &facts {
            self.documents += usize::from(matches!(fact, DocumentFact::End(_)));
            self.gathered.add(millis, fact.clone());
        }
        facts
    }

    /// All of it.
    pub fn finish(mut self) -> Gathered {
        let mut facts = Vec::new();
        self.printer.finish(&mut facts);
        let now = self.start.unwrap_or_default();
        self.keep(facts, now);
        let mut gathered = self.gathered;
        gathered.counters = self.printer.counters().clone();
        if let Printer::Auto(auto) = &self.printer {
            gathered.language = auto.language();
        }
        let evidence = Evidence::of(&gathered.head);
        if gathered.language == Language::Unknown {
            gathered.language = evidence.language();
        }
        gathered.evidence = Some(evidence);
        gathered.bit7 = self.statistic.guess();
        gathered
    }
}

impl Gathered {
    fn add(&mut self, at: u64, fact: DocumentFact) {
        if self.facts.len() < limits::LEARN_LINES {
            self.facts.push((at, fact));
        } else {
            self.left_out += 1;
        }
    }
}

/// Reads a file of bytes or a recording.
///
/// # Errors
/// As the system words them.
pub fn file(input: &mut Input) -> io::Result<Gathered> {
    let mut recorded = Gathered::default();
    let mut bytes = Gatherer::new();
    while let Some(piece) = input.piece()? {
        match piece {
            Piece::Bytes(read) => drop(bytes.push(&read, Mono(0))),
            Piece::Fact(at, fact) => recorded.add(at, fact),
            Piece::Info(key, value) if key == "language" => recorded.language = named(&value),
            Piece::Info(key, value) if key == "settings" => recorded.line = Some(value),
            Piece::Said(..) => recorded.is_machine = true,
            Piece::Info(..) => {}
        }
    }
    Ok(if input.is_recording() { recorded } else { bytes.finish() })
}

fn named(language: &str) -> Language {
    match language {
        "escpos" => Language::Escpos,
        "star" => Language::Star,
        "text" => Language::Text,
        _ => Language::Unknown,
    }
}
