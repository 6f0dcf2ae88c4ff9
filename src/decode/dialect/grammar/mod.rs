//! The grammar: laid-out lines to facts, by a dialect's rules.
//!
//! The first rule that matches a line (in the present state) takes it; what no rule takes may be an article's
//! description, and else is passed on as unmatched. Barcodes have rules of their own. A drawer kick is passed on as it
//! is: only time tells whether it belongs to a receipt, and time is the tracker's business.

mod document;
mod records;

use std::sync::Arc;

use self::document::Document;
pub use self::records::{RecordGrammar, RecordStep};
use super::facts::Reader;
use super::fields::Fields;
use super::patterns::Pattern;
use super::recall::Recall;
use super::rule::{Origin, Rule, Test};
use super::{Dialect, digits, money};
use crate::decode::fact::Said;
use crate::decode::{DocumentEnd, DocumentFact, PosFact};

/// Reads documents of one source.
#[derive(Debug)]
pub struct Grammar {
    dialect: Arc<Dialect>,
    /// What the patterns said of the present line, and of others before it.
    recall: Box<Recall>,
    document: Document,
    last: Last,
}

/// What became of the last fact, for people who want to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Last {
    /// What was done with the line.
    pub fate: Fate,
    /// It began a new document while another was open.
    pub started: bool,
    /// The rules that took it, with what they mean.
    pub rules: Vec<(Origin, &'static str)>,
    /// What is doubtful in how they read it.
    pub note: Option<&'static str>,
}

/// What was done with a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// Nothing: it was empty, or no line.
    #[default]
    Blank,
    /// `receipt.ignore` has it.
    Ignored,
    /// It was put to the rules.
    Read,
}

/// What the rules are asked about.
#[derive(Clone, Copy)]
enum Input<'l> {
    Line {
        /// Without frames and the spaces around.
        text: &'l str,
        /// As printed: columns count from its start.
        printed: &'l str,
    },
    Barcode(&'l str),
}

impl Grammar {
    /// A grammar at the start of a document.
    #[must_use]
    pub fn new(dialect: Arc<Dialect>) -> Self {
        Self {
            dialect,
            recall: Box::default(),
            document: Document::default(),
            last: Last::default(),
        }
    }

    /// What became of the fact that was taken last.
    #[must_use]
    pub fn last(&self) -> &Last {
        &self.last
    }

    /// As if no line had come before.
    #[cfg(test)]
    pub fn forget(&mut self) {
        *self.recall = Recall::default();
    }

    /// Takes one step of a document; appends what it means.
    pub fn step(&mut self, fact: DocumentFact, out: &mut Vec<PosFact>) {
        (self.last.fate, self.last.started) = (Fate::Blank, false);
        self.last.rules.clear();
        self.last.note = None;
        match fact {
            DocumentFact::Line(line) => self.line(&line.text, out),
            DocumentFact::DrawerKick => out.push(PosFact::DrawerKick),
            DocumentFact::Barcode { symbology, data } => {
                self.document.open = true;
                let dialect = Arc::clone(&self.dialect);
                if !self.rules(&dialect, Input::Barcode(&data), out) {
                    out.push(PosFact::Barcode { symbology, data });
                }
            }
            DocumentFact::Graphic { width, height } => {
                self.document.open = true;
                out.push(PosFact::Graphic { width, height });
            }
            DocumentFact::End(end) => self.end(end, out),
        }
    }

    /// As [`Grammar::step`], and notes in `said` what it was given, with the ends of documents that a rule found.
    pub fn step_noted(&mut self, fact: DocumentFact, out: &mut Vec<PosFact>, said: &mut Vec<Said>) {
        let before = out.len();
        let noted = Said::Printed(fact.clone());
        self.step(fact, out);
        let ends = out.iter().skip(before).filter(|fact| matches!(fact, PosFact::End(_))).count();
        let started = self.last.started && 0 < ends;
        said.extend(started.then_some(Said::Closed));
        said.push(noted);
        said.extend((usize::from(started) < ends).then_some(Said::Closed));
    }

    /// Whether a document began that did not end.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.document.open
    }

    fn line(&mut self, printed: &str, out: &mut Vec<PosFact>) {
        let dialect = Arc::clone(&self.dialect);
        let bounds = &dialect.boundaries;
        let printed = &*digits::plain(printed, dialect.locale.decimal);
        let line = match &bounds.blank {
            Some(blank) => blank.blank(printed),
            None => printed.into(),
        };
        let text = line.trim();
        if text.is_empty() {
            return;
        }
        self.recall.turn_to(text);
        if self.any(&dialect, &bounds.ignore, text) {
            self.last.fate = Fate::Ignored;
            return;
        }
        self.last.fate = Fate::Read;
        if self.document.open && self.any(&dialect, &bounds.start, text) {
            self.last.started = true;
            self.end(DocumentEnd::Init, out);
        }
        self.document.open = true;
        if self.any(&dialect, &bounds.end, text) {
            self.document.closing.get_or_insert(bounds.end_extra.saturating_add(1));
        }
        self.with_label(&dialect, text, printed, out);
        if let Some(left) = &mut self.document.closing {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.end(DocumentEnd::Cut, out);
            }
        }
    }

    fn any(&mut self, dialect: &Dialect, patterns: &[Pattern], line: &str) -> bool {
        let (filter, recall) = (&dialect.prefilter, &mut self.recall);
        patterns.iter().any(|pattern| pattern.is_match(line, filter, recall))
    }

    /// Gives a line to the rules, together with the label on the line before if it is that label's amount.
    fn with_label(&mut self, dialect: &Dialect, text: &str, printed: &str, out: &mut Vec<PosFact>) {
        match self.document.label.take() {
            Some(label) if dialect.amount_only.is_match(text) => {
                let both = format!("{label}  {text}");
                self.recall.turn_to(&both);
                self.text(dialect, &both, &both, out);
            }
            label => {
                if let Some(label) = label {
                    self.document.text(label, out);
                }
                self.text(dialect, text, printed, out);
            }
        }
    }

    fn text(&mut self, dialect: &Dialect, text: &str, printed: &str, out: &mut Vec<PosFact>) {
        if !self.rules(dialect, Input::Line { text, printed }, out) {
            if money::has_other_sign(text, &dialect.locale) {
                self.document.other_decimal(money::other_sign(&dialect.locale));
            }
            self.document.text(text.to_owned(), out);
        }
    }

    /// Asks the rules in order; true when one took it.
    fn rules(&mut self, dialect: &Dialect, input: Input<'_>, out: &mut Vec<PosFact>) -> bool {
        let mut taken = false;
        for (index, rule) in dialect.rules.iter().enumerate() {
            let Rule { means, .. } = rule;
            if matches!(&rule.test, Test::Line(pattern) if self.recall.is_none(pattern.number)) {
                continue;
            }
            if (taken && !means.more) || !self.document.allows(means, index) {
                continue;
            }
            let Some(fields) = fields(dialect, rule, input, &mut self.recall) else { continue };
            let (Input::Line { text, .. } | Input::Barcode(text)) = input;
            let reader = Reader { dialect, means, text, fields: &fields };
            if !self.document.take(&reader, out) {
                continue;
            }
            taken = true;
            self.last.rules.push((rule.origin, means.event.name()));
            self.last.note = self.last.note.or_else(|| reader.note());
            self.document.saw(means.event, index);
            self.document.goes(means, reader.is_doubtful());
            if !means.more {
                break;
            }
        }
        taken
    }

    fn end(&mut self, end: DocumentEnd, out: &mut Vec<PosFact>) {
        std::mem::take(&mut self.document).close(end, out);
    }
}

/// What a rule captures, if it looks at this sort of input and matches.
fn fields<'l>(
    dialect: &Dialect,
    rule: &Rule,
    input: Input<'l>,
    recall: &mut Recall,
) -> Option<Fields<'l>> {
    match (&rule.test, input) {
        (Test::Line(pattern), Input::Line { text, .. }) => {
            pattern.captures(text, &dialect.prefilter, recall)
        }
        (Test::Columns(columns), Input::Line { printed, .. }) => columns.read(printed, dialect),
        (Test::Barcode(regex), Input::Barcode(data)) => regex.captures(data).map(Fields::Pattern),
        _ => None,
    }
}
