//! `[fields]` and `[[record]]` as written.

use super::framer::bytes;
use super::rule::{RawRule, RawSet};
use crate::decode::dialect::events::CAPTURES;
use crate::spanned::{Fault, Place, Table, Text, Value};

/// `[fields]`
#[derive(Debug, Default)]
pub struct RawFields {
    pub head: Vec<Text>,
    pub separator: Option<(Vec<u8>, Place)>,
    pub until: Vec<u8>,
    pub answer: Option<(Vec<u8>, Place)>,
    pub key: Option<(RawKey, Place)>,
}

/// `key` of `[fields]`
#[derive(Clone, Debug)]
pub enum RawKey {
    Length(usize),
    Sign(String),
}

/// `[[record]]`
#[derive(Debug)]
pub struct RawRecord {
    /// What it has in common with a rule.
    pub rule: RawRule,
    pub tests: Vec<RawTest>,
    pub fields: Vec<(&'static str, RawField, Place)>,
    pub constants: Vec<(&'static str, String)>,
    pub starts: bool,
    pub ends: bool,
}

/// One condition of `match`.
#[derive(Debug)]
pub struct RawTest {
    pub field: Option<FieldName>,
    pub is: Vec<Text>,
    pub not: Vec<Text>,
    pub there: Option<bool>,
    pub place: Place,
}

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldName {
    /// By its place, from 0.
    At(usize),
    /// By its key.
    Key(String),
}

/// A value of `fields`.
#[derive(Debug)]
pub struct RawField {
    pub at: FieldName,
    pub decimals: Option<u32>,
    pub minor: bool,
    pub part: Option<Text>,
}

impl RawFields {
    pub fn read(table: &mut Table<'_>) -> Self {
        let placed = |value: Value<'_>| Ok((bytes(value)?, value.place()));
        Self {
            head: table.texts("head"),
            separator: table.optional("separator", placed),
            until: table.optional("until", bytes).unwrap_or_default(),
            answer: table.optional("answer", placed),
            key: table.optional("key", |value| {
                let key = match value.str() {
                    Ok(sign) => RawKey::Sign(sign.to_owned()),
                    Err(_) => RawKey::Length(value.integer(1..=16)?),
                };
                Ok((key, value.place()))
            }),
        }
    }

    /// Keys that are not here are those of `base`.
    pub fn over(self, base: Self) -> Self {
        Self {
            head: if self.head.is_empty() { base.head } else { self.head },
            separator: self.separator.or(base.separator),
            until: if self.until.is_empty() { base.until } else { self.until },
            answer: self.answer.or(base.answer),
            key: self.key.or(base.key),
        }
    }

    pub fn move_to(&mut self, place: &Place) {
        self.head.iter_mut().for_each(|text| text.1 = place.clone());
        for bytes in [&mut self.separator, &mut self.answer].into_iter().flatten() {
            bytes.1 = place.clone();
        }
        if let Some(key) = &mut self.key {
            key.1 = place.clone();
        }
    }
}

impl RawRecord {
    pub fn read(table: &mut Table<'_>) -> Self {
        let one = table.peek("match").is_some_and(Value::is_table);
        let tests = if one {
            table.section("match", |test| Some(RawTest::read(test))).into_iter().collect()
        } else {
            table.sections("match", |test| Some(RawTest::read(test)))
        };
        let rule = RawRule {
            lines: vec![table.remarks().position(&table.place()).0],
            base: None,
            place: table.place(),
            on: None,
            re: Vec::new(),
            cols: Vec::new(),
            event: table.optional("event", Value::text),
            states: Vec::new(),
            goto: None,
            attach: table.optional("attach", Value::text),
            continues: None,
            more: table.optional("more", Value::boolean).unwrap_or(false),
            unless: Vec::new(),
            unless_within: None,
            set: table.section("set", |set| Some(RawSet::read(set))).unwrap_or_default(),
        };
        Self {
            rule,
            tests,
            fields: table.section("fields", |own| Some(fields(own))).unwrap_or_default(),
            constants: table.section("constants", |own| Some(constants(own))).unwrap_or_default(),
            starts: table.optional("starts", Value::boolean).unwrap_or(false),
            ends: table.optional("ends", Value::boolean).unwrap_or(false),
        }
    }

    /// Mistakes of a record from elsewhere show at `place`.
    pub fn move_to(&mut self, place: &Place, base: &'static str) {
        self.rule.move_to(place, base);
        for (_, field, at) in &mut self.fields {
            *at = place.clone();
            if let Some(part) = &mut field.part {
                part.1 = place.clone();
            }
        }
        self.tests.iter_mut().for_each(|test| test.place = place.clone());
    }
}

impl RawTest {
    fn read(table: &mut Table<'_>) -> Self {
        Self {
            field: table.required("field", name),
            is: table.texts("is"),
            not: table.texts("not"),
            there: table.optional("there", Value::boolean),
            place: table.place(),
        }
    }
}

/// The keys are the closed list of captures.
fn fields(table: &mut Table<'_>) -> Vec<(&'static str, RawField, Place)> {
    let mut all = Vec::new();
    for capture in CAPTURES {
        let Some(value) = table.peek(capture) else {
            // Asked for, so that a wrong name is told with all there are.
            table.optional(capture, |_| Ok(()));
            continue;
        };
        let field = if value.is_table() {
            table.section(capture, field)
        } else {
            let at = table.optional(capture, name);
            at.map(|at| RawField { at, decimals: None, minor: false, part: None })
        };
        all.extend(field.map(|field| (*capture, field, value.place())));
    }
    all
}

fn field(table: &mut Table<'_>) -> Option<RawField> {
    let at = table.required("at", name);
    let decimals = table.optional("decimals", |value| value.integer(0..=6));
    let minor = table.optional("minor", Value::boolean).unwrap_or(false);
    let part = table.optional("part", Value::text);
    Some(RawField { at: at?, decimals, minor, part })
}

fn constants(table: &mut Table<'_>) -> Vec<(&'static str, String)> {
    let read = |capture: &&'static str| {
        let text = table.optional(capture, |value| Ok(value.str()?.to_owned()));
        text.map(|text| (*capture, text))
    };
    CAPTURES.iter().filter_map(read).collect()
}

fn name(value: Value<'_>) -> Result<FieldName, Fault> {
    match value.str() {
        Ok(key) => Ok(FieldName::Key(key.to_owned())),
        Err(_) => Ok(FieldName::At(value.integer(0..=255)?)),
    }
}
