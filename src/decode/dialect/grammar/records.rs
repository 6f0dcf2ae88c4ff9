//! Records of a machine to facts: the first `[[record]]` that matches says what its fields mean.
//!
//! A number whose point is not written gets it here, in the locale's sign, and is then read like one on paper: one
//! reader decides what an amount is. Where a record has a price and a quantity and no amount, that is their product,
//! rounded half away from zero as tills do.

use std::sync::Arc;

use super::document::Document;
use super::{Fate, Last};
use crate::decode::dialect::events::Event;
use crate::decode::dialect::facts::Reader;
use crate::decode::dialect::fields::Fields as Captured;
use crate::decode::dialect::raw::FieldName;
use crate::decode::dialect::record::{Cell, Condition, Record, Scale};
use crate::decode::dialect::{Dialect, Locale, money};
use crate::decode::record::Fields;
use crate::decode::{DocumentEnd, PosFact};

/// Reads the records of one machine.
#[derive(Debug)]
pub struct RecordGrammar {
    dialect: Arc<Dialect>,
    document: Document,
    last: Last,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordStep {
    /// A field map took it.
    pub taken: bool,
    /// The event of the last one that did.
    pub event: Option<&'static str>,
    /// It ended the document before it.
    pub began_anew: bool,
    /// It ended its document.
    pub ended: bool,
}

impl RecordGrammar {
    /// A grammar at the start of a document.
    #[must_use]
    pub fn new(dialect: Arc<Dialect>) -> Self {
        Self { dialect, document: Document::default(), last: Last::default() }
    }

    /// What became of the record that was taken last.
    #[must_use]
    pub fn last(&self) -> &Last {
        &self.last
    }

    /// Takes one record; appends what it means.
    pub fn step(&mut self, fields: &Fields, out: &mut Vec<PosFact>) -> RecordStep {
        let dialect = Arc::clone(&self.dialect);
        let mut step = RecordStep::default();
        self.last = Last { fate: Fate::Read, ..Last::default() };
        for (index, record) in dialect.records.iter().enumerate() {
            if !record.tests.iter().all(|test| test.holds(fields)) {
                continue;
            }
            let more = record.means.as_ref().is_some_and(|means| means.more);
            if step.taken && !more {
                continue;
            }
            if record.starts && self.document.open {
                self.end(DocumentEnd::Init, out);
                step.began_anew = true;
            }
            if !self.read(&dialect, record, index, fields, out) {
                continue;
            }
            step.taken = true;
            step.event = record.means.as_ref().map(|means| means.event.name()).or(step.event);
            self.last.rules.push((record.origin, record.name()));
            step.ended |= record.ends;
            self.document.open |= record.opens();
            if !more {
                break;
            }
        }
        if !step.taken {
            self.document.open = true;
            self.document.flush(out);
            out.push(PosFact::Unmatched(fields.line()));
        }
        self.last.started = step.began_anew;
        if step.ended {
            self.end(DocumentEnd::Cut, out);
        }
        step
    }

    /// Whether a document began that did not end.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.document.open
    }

    /// The document ends.
    pub fn end(&mut self, end: DocumentEnd, out: &mut Vec<PosFact>) {
        std::mem::take(&mut self.document).close(end, out);
    }

    /// Lets a record have the fields; false when what it maps cannot be read after all.
    fn read(
        &mut self,
        dialect: &Dialect,
        record: &Record,
        index: usize,
        fields: &Fields,
        out: &mut Vec<PosFact>,
    ) -> bool {
        let Some(means) = &record.means else { return true };
        let mut texts: Vec<(&'static str, String)> = record.constants.clone();
        for (name, cell) in &record.cells {
            let text = cell.text(fields, &dialect.locale);
            texts.extend(text.filter(|text| !text.is_empty()).map(|text| (*name, text)));
        }
        let article = matches!(means.event, Event::Item | Event::Deposit | Event::VoidItem);
        if article && !texts.iter().any(|(name, _)| *name == "amount") {
            texts.extend(product(&texts, &dialect.locale).map(|amount| ("amount", amount)));
        }
        let cells = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let captured = Captured::Cells(cells);
        let line = fields.line();
        let reader = Reader { dialect, means, text: &line, fields: &captured };
        let taken = self.document.take(&reader, out);
        if taken {
            self.last.note = self.last.note.or_else(|| reader.note());
            self.document.saw(means.event, index);
        }
        taken
    }
}

impl Record {
    /// What it means, in a word.
    fn name(&self) -> &'static str {
        let bound = if self.starts { "start" } else { "end" };
        self.means.as_ref().map_or(bound, |means| means.event.name())
    }

    /// Whether there is a document because of it: what is skipped makes none.
    fn opens(&self) -> bool {
        self.means.as_ref().is_none_or(|means| means.event != Event::Skip)
    }
}

impl FieldName {
    fn of<'f>(&self, fields: &'f Fields) -> Option<&'f str> {
        match self {
            Self::At(place) => fields.at(*place),
            Self::Key(key) => fields.keyed(key),
        }
    }
}

impl Condition {
    fn holds(&self, fields: &Fields) -> bool {
        let Some(found) = self.field.of(fields) else { return !self.there };
        let any = |list: &[String]| list.iter().any(|text| text == found);
        self.there && (self.is.is_empty() || any(&self.is)) && !any(&self.not)
    }
}

impl Cell {
    fn text(&self, fields: &Fields, locale: &Locale) -> Option<String> {
        let text = self.at.of(fields)?;
        let text = match &self.part {
            Some(part) => part.captures(text)?.group(1)?,
            None => text,
        };
        Some(match self.scale {
            Some(Scale::Digits(digits)) => pointed(text, digits, locale),
            Some(Scale::Minor) => pointed(text, locale.minor, locale),
            None => text.to_owned(),
        })
    }
}

/// Digits with the point that is not written; anything else as it is.
fn pointed(text: &str, digits: u32, locale: &Locale) -> String {
    let text = text.trim();
    let bare = text.trim_start_matches(['-', '+']);
    if digits == 0 || bare.is_empty() || !bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    let width = usize::try_from(digits).unwrap_or_default();
    let padded = format!("{bare:0>least$}", least = width.saturating_add(1));
    let (whole, part) = padded.split_at(padded.len().saturating_sub(width));
    format!("{sign}{whole}{}{part}", locale.decimal)
}

/// Price times quantity as an amount.
fn product(texts: &[(&'static str, String)], locale: &Locale) -> Option<String> {
    let get = |name| texts.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
    let unit = money::amount(get("unit")?, locale)?;
    let quantity = get("qty").map_or(Some(1000), |text| money::quantity(text, locale))?;
    let exact = i128::from(unit) * i128::from(quantity);
    let rounded = (exact.abs() + 500) / 1000 * exact.signum();
    let digits = format!("{}{}", if rounded < 0 { "-" } else { "" }, rounded.abs());
    Some(pointed(&digits, locale.minor, locale))
}
