//! `[fields]` and `[[record]]`: how a machine's record is cut into fields, and what they mean.

use super::columns::Column;
use super::events::Event;
use super::patterns::{Patterns, Regex};
use super::raw::{FieldName, Raw, RawField, RawFields, RawKey, RawRecord};
use super::rule::{Meaning, Origin};
use super::rules::{captures, meaning};
use crate::decode::record::{FieldKey, FieldsOptions};
use crate::limits;
use crate::spanned::{Fault, Place, Remarks};

/// One `[[record]]`.
#[derive(Debug)]
pub(super) struct Record {
    pub tests: Vec<Condition>,
    pub origin: Origin,
    /// `None`: it only starts or ends a document.
    pub means: Option<Meaning>,
    pub cells: Vec<(&'static str, Cell)>,
    pub constants: Vec<(&'static str, String)>,
    /// Another record before this one ends the document first.
    pub starts: bool,
    /// The document ends with it.
    pub ends: bool,
}

/// One condition of `match`.
#[derive(Debug)]
pub(super) struct Condition {
    pub field: FieldName,
    /// Any of them; none: whatever it holds.
    pub is: Vec<String>,
    pub not: Vec<String>,
    pub there: bool,
}

/// Where a capture stands, and how it is written.
#[derive(Debug)]
pub(super) struct Cell {
    pub at: FieldName,
    pub scale: Option<Scale>,
    /// The first group is what counts.
    pub part: Option<Regex>,
}

/// Digits behind a point that is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Digits(u32),
    /// As many as the currency has.
    Minor,
}

/// Compiles `[fields]`.
pub(super) fn fields(raw: &RawFields, remarks: &Remarks<'_>) -> FieldsOptions {
    let mut head = Vec::new();
    for (text, place) in &raw.head {
        match Column::parse("", text) {
            Some(column) => head.push(column.start..column.end),
            None => {
                let fault = Fault::new(format!("`{text}` are no places"));
                remarks.mistake(place, fault.hint("\"1-4\", counted from 1"));
            }
        }
    }
    let one = |what: &str, written: &Option<(Vec<u8>, Place)>| match written {
        Some((bytes, place)) => {
            if bytes.len() != 1 {
                remarks.mistake(place, Fault::new(format!("`{what}` is one byte")));
            }
            bytes.first().copied()
        }
        None => None,
    };
    let key = raw.key.as_ref().and_then(|(key, place)| match key {
        RawKey::Length(length) => Some(FieldKey::Length(*length)),
        RawKey::Sign(sign) => {
            let mut signs = sign.chars();
            let one = signs.next().filter(|_| signs.next().is_none());
            if one.is_none() {
                let fault = Fault::new("`key` is a sign or a number of characters");
                remarks.mistake(place, fault.hint("key = \"=\", or key = 2"));
            }
            one.map(FieldKey::Sign)
        }
    });
    FieldsOptions {
        head,
        separator: one("separator", &raw.separator),
        until: raw.until.clone(),
        answer: one("answer", &raw.answer),
        key,
    }
}

impl Patterns {
    /// Compiles the `[[record]]`s.
    pub(super) fn records(&self, raw: &Raw, remarks: &Remarks<'_>) -> Vec<Record> {
        if let Some(over) = raw.records.get(limits::DIALECT_RULES) {
            let most = limits::DIALECT_RULES;
            remarks.mistake(&over.rule.place, Fault::new(format!("more than {most} records")));
        }
        raw.records.iter().filter_map(|raw| self.record(raw, remarks)).collect()
    }

    fn record(&self, raw: &RawRecord, remarks: &Remarks<'_>) -> Option<Record> {
        let only_bounds = raw.rule.event.is_none() && (raw.starts || raw.ends);
        let means = if only_bounds { None } else { meaning(&raw.rule, &["header"], remarks) };
        if let Some(means) = &means {
            needs(raw, means.event, remarks);
        }
        let cells = raw
            .fields
            .iter()
            .map(|(name, field, place)| Some((*name, self.cell(field, place, remarks)?)));
        let cells: Vec<_> = cells.collect::<Option<_>>()?;
        let tests: Vec<_> = raw.tests.iter().map(condition).collect::<Option<_>>()?;
        let line = raw.rule.lines.first().copied().unwrap_or_default();
        let origin = Origin::Line { base: raw.rule.base, line };
        (only_bounds || means.is_some()).then(|| Record {
            tests,
            origin,
            means,
            cells,
            constants: raw.constants.clone(),
            starts: raw.starts,
            ends: raw.ends,
        })
    }

    fn cell(&self, raw: &RawField, place: &Place, remarks: &Remarks<'_>) -> Option<Cell> {
        let part = match &raw.part {
            Some((pattern, at)) => {
                let (regex, hir) = self.regex(pattern, at, remarks)?;
                if hir.properties().explicit_captures_len() == 0 {
                    let fault = Fault::new("`part` needs a group");
                    remarks.mistake(at, fault.hint("part = '^.(.*)$'"));
                }
                Some(regex)
            }
            None => None,
        };
        let scale = match (raw.decimals, raw.minor) {
            (Some(_), true) => {
                let fault = Fault::new("`decimals` and `minor` say the same");
                remarks.mistake(place, fault.hint("keep one"));
                None
            }
            (Some(decimals), false) => Some(Scale::Digits(decimals)),
            (None, true) => Some(Scale::Minor),
            (None, false) => None,
        };
        Some(Cell { at: raw.at.clone(), scale, part })
    }
}

/// Notes captures that the event misses. The amount of an article follows from its price.
fn needs(raw: &RawRecord, event: Event, remarks: &Remarks<'_>) {
    let mut names: Vec<&str> = raw.fields.iter().map(|(name, ..)| *name).collect();
    names.extend(raw.constants.iter().map(|(name, _)| *name));
    if names.contains(&"unit") {
        names.push("amount");
    }
    captures(&names, event, &raw.rule.place, remarks);
}

fn condition(raw: &super::raw::RawTest) -> Option<Condition> {
    let texts = |texts: &[(String, Place)]| texts.iter().map(|(text, _)| text.clone()).collect();
    Some(Condition {
        field: raw.field.clone()?,
        is: texts(&raw.is),
        not: texts(&raw.not),
        there: raw.there.unwrap_or(true),
    })
}
