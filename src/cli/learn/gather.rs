//! What a device printed, with what is known of how.

use std::io;

use tillgate_events::Currency;

use crate::agent;
use crate::cli::replay::{Input, Piece};
use crate::decode::codepage::CodePage;
use crate::decode::detect::bit7::{Bit7, Statistic};
use crate::decode::detect::{Evidence, Language};
use crate::decode::dialect::Setting;
use crate::decode::document::{AutoOptions, Printer, PrinterCounters, PrinterOptions};
use crate::decode::{DocumentFact, Said};
use crate::learn::pages::{self, Score, Verdict};
use crate::learn::propose::Page;
use crate::limits;
use crate::time::Mono;

/// Bytes of a file or a port that are kept to be shown.
pub const HEAD: usize = 64 * 1024;

/// One byte of so many may mean nothing, and so many in any case.
const NOISE: u64 = 30;
const NOISE_LEAST: u64 = 8;

/// Signs of a language that count when they come late.
const LATE_SIGNS: usize = 2;

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
    /// The same as they came, cut where silence was; of a port only.
    pub bursts: Vec<Vec<u8>>,
    /// What the decoder counted.
    pub counters: PrinterCounters,
    /// Its code page, where it is not the usual one.
    pub page: Option<Page>,
    /// What a recording of a machine holds, in its order. Bounded as the facts are.
    pub said: Vec<(u64, Said)>,
    /// The dialect that a recording was made with.
    pub dialect: Option<String>,
    /// Speed and format of the port.
    pub line: Option<String>,
}

/// Takes bytes and keeps what comes of them.
pub struct Gatherer {
    printer: Printer,
    /// The bytes as they came, to be read again with another code page. Bounded by `limits::LEARN_BYTES`.
    log: Vec<(Mono, Vec<u8>)>,
    logged: usize,
    /// The page that was asked for, by its name.
    page: Option<(String, CodePage)>,
    /// What is known of the language; else the first bytes tell it.
    language: Language,
    statistic: Statistic,
    start: Option<Mono>,
    /// When the last bytes came.
    last: Option<Mono>,
    gathered: Gathered,
    /// Documents that ended.
    pub documents: usize,
}

impl Gatherer {
    /// Reads with a code page, or finds out which.
    pub fn new(page: Option<(String, CodePage)>) -> Self {
        Self {
            printer: printer(page.as_ref().map(|(_, page)| page), Language::Unknown),
            log: Vec::new(),
            logged: 0,
            page,
            language: Language::Unknown,
            statistic: Statistic::default(),
            start: None,
            last: None,
            gathered: Gathered::default(),
            documents: 0,
        }
    }

    /// Bytes that came at `now`; what was laid out with them.
    pub fn push(&mut self, bytes: &[u8], now: Mono) -> Vec<DocumentFact> {
        self.statistic.add(bytes);
        self.burst(bytes, now);
        let room = HEAD.saturating_sub(self.gathered.head.len()).min(bytes.len());
        self.gathered.head.extend_from_slice(bytes.get(..room).unwrap_or_default());
        if self.logged + bytes.len() <= limits::LEARN_BYTES {
            self.logged += bytes.len();
            self.log.push((now, bytes.to_vec()));
        }
        let mut facts = Vec::new();
        self.printer.push(bytes, now, &mut facts);
        self.keep(facts, now)
    }

    /// Bytes behind a silence begin a new burst. A file has no silence in it.
    fn burst(&mut self, bytes: &[u8], now: Mono) {
        let last = self.last.replace(now);
        let bursts = &mut self.gathered.bursts;
        let silent = last.is_none_or(|last| limits::LEARN_SILENCE <= now.since(last));
        match bursts.last_mut() {
            _ if limits::LEARN_FRAMES_BYTES < self.logged => {}
            Some(burst) if !silent => burst.extend_from_slice(bytes),
            _ => bursts.push(bytes.to_vec()),
        }
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

    /// All of it, read again where its letters say that it is in another code page than the usual one.
    pub fn finish(mut self) -> Gathered {
        let log = std::mem::take(&mut self.log);
        if let Some(language) = self.late_language() {
            let printer = printer(self.page.as_ref().map(|(_, page)| page), language);
            let mut again = Self { printer, language, ..Self::new(self.page.take()) };
            for (at, bytes) in log {
                again.push(&bytes, at);
            }
            return again.finish();
        }
        if let Some((name, _)) = self.page.take() {
            let said = Page { name: Some(name), doubt: None };
            return Gathered { page: Some(said), ..self.gather() };
        }
        let gathered = self.gather();
        let found = match verdict(&gathered, &log) {
            Verdict::Usual => return gathered,
            Verdict::Found { page, letters, others } => {
                let others = match others.as_slice() {
                    [] => String::new(),
                    others => format!("; {} fit nearly as well", others.join(" and ")),
                };
                let doubt = format!("{letters} letters are most like words with it{others}");
                Page { name: Some(page.to_owned()), doubt: Some(doubt) }
            }
            Verdict::Unknown => {
                let doubt = "its letters make no words with any that was tried: tillgate learn … --page NAME";
                Page { name: None, doubt: Some(doubt.to_owned()) }
            }
        };
        let page = found.name.as_deref().and_then(CodePage::named);
        let Some(page) = page else { return Gathered { page: Some(found), ..gathered } };
        let printer = printer(Some(&page), gathered.language);
        let again = Self::new(Some((String::new(), page)));
        let mut again = Self { printer, language: gathered.language, ..again };
        for (at, bytes) in &log {
            again.push(bytes, *at);
        }
        Gathered { page: Some(found), line: gathered.line, ..again.gather() }
    }

    /// A printer's language that the first bytes did not tell, because its commands come late: only cuts, perhaps.
    fn late_language(&self) -> Option<Language> {
        let Printer::Auto(auto) = &self.printer else { return None };
        let evidence = Evidence::of(&self.gathered.head);
        let late = auto.language() == Language::Text && LATE_SIGNS <= evidence.margin();
        Some(evidence.language()).filter(|_| late)
    }

    fn gather(mut self) -> Gathered {
        let mut facts = Vec::new();
        self.printer.finish(&mut facts);
        let now = self.start.unwrap_or_default();
        self.keep(facts, now);
        let mut gathered = self.gathered;
        gathered.counters = self.printer.counters().clone();
        if let Printer::Auto(auto) = &self.printer {
            gathered.language = auto.language();
        } else {
            gathered.language = self.language;
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
    /// Whether it is a recording of a device that prints nothing.
    pub fn is_machine(&self) -> bool {
        let own = |(_, said): &(u64, Said)| !matches!(said, Said::Printed(_));
        let framed = || {
            let setting = Setting { currency: Currency::new("EUR")?, decimal: None };
            let dialect = agent::dialect(self.dialect.as_deref()?, &setting).ok()?;
            Some(!dialect.framer.is_printer())
        };
        self.said.iter().any(own) || framed().unwrap_or_default()
    }

    /// Whether too much of it means nothing: a printer's bytes are text and known commands.
    pub fn is_noise(&self) -> bool {
        let PrinterCounters { bytes, unknown, dropped, .. } = self.counters;
        let lost = unknown + dropped;
        NOISE_LEAST <= lost && bytes / NOISE < lost
    }

    fn say(&mut self, at: u64, said: Said) {
        if self.said.len() < limits::LEARN_LINES {
            self.said.push((at, said));
        } else {
            self.left_out += 1;
        }
    }

    fn add(&mut self, at: u64, fact: DocumentFact) {
        if self.facts.len() < limits::LEARN_LINES {
            self.facts.push((at, fact));
        } else {
            self.left_out += 1;
        }
    }
}

/// A printer that is read with this page until it selects another, in this language where its commands tell it.
fn printer(page: Option<&CodePage>, language: Language) -> Printer {
    let mut options = AutoOptions::default();
    if let Some(page) = page {
        options.escpos.default_page = page.clone();
        options.star.default_page = page.clone();
        options.text.page = Some(page.clone());
    }
    Printer::new(match language {
        Language::Escpos => PrinterOptions::Escpos(options.escpos),
        Language::Star => PrinterOptions::Star(options.star),
        Language::Text | Language::Unknown => PrinterOptions::Auto(options),
    })
}

/// What the first bytes are like with each page.
fn verdict(usual: &Gathered, log: &[(Mono, Vec<u8>)]) -> Verdict {
    let texts = |facts: &[DocumentFact]| -> Vec<String> {
        let line = |fact: &DocumentFact| match fact {
            DocumentFact::Line(line) => Some(line.text.clone()),
            _ => None,
        };
        facts.iter().filter_map(line).collect()
    };
    let score = |texts: Vec<String>| Score::of(texts.iter().map(String::as_str));
    let head = |page: &CodePage| {
        let (mut facts, mut room) = (Vec::new(), HEAD);
        let mut printer = printer(Some(page), usual.language);
        for (at, bytes) in log {
            let some = bytes.get(..room.min(bytes.len())).unwrap_or_default();
            printer.push(some, *at, &mut facts);
            room -= some.len();
        }
        printer.finish(&mut facts);
        score(texts(&facts))
    };
    if usual.head.is_ascii() {
        return Verdict::Usual;
    }
    let facts: Vec<DocumentFact> = usual.facts.iter().map(|(_, fact)| fact.clone()).collect();
    let read =
        pages::CANDIDATES.iter().filter_map(|name| Some((*name, head(&CodePage::named(name)?))));
    pages::verdict(score(texts(&facts)), &read.collect::<Vec<_>>())
}

/// Reads a file of bytes or a recording.
///
/// # Errors
/// As the system words them.
pub fn file(input: &mut Input, page: Option<(String, CodePage)>) -> io::Result<Gathered> {
    let mut recorded = Gathered::default();
    let mut bytes = Gatherer::new(page);
    while let Some(piece) = input.piece()? {
        match piece {
            Piece::Bytes(read) => drop(bytes.push(&read, Mono(0))),
            Piece::Fact(at, fact) => {
                recorded.say(at, Said::Printed(fact.clone()));
                recorded.add(at, fact);
            }
            Piece::Info(key, value) if key == "language" => recorded.language = named(&value),
            Piece::Info(key, value) if key == "settings" => recorded.line = Some(value),
            Piece::Info(key, value) if key == "dialect" => recorded.dialect = Some(value),
            Piece::Said(at, said) => recorded.say(at, said),
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
