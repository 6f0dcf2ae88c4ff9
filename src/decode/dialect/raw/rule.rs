//! `[[rule]]` and `[[sample]]` as written.

use super::{number, pairs};
use crate::spanned::{Place, Table, Text, Value};

/// `[[rule]]`
#[derive(Debug)]
pub struct RawRule {
    pub place: Place,
    /// Where the rule was written: the built-in dialect, unless it is the file itself, and the lines of its
    /// patterns, or of the rule.
    pub base: Option<&'static str>,
    pub lines: Vec<usize>,
    pub on: Option<Text>,
    pub re: Vec<Text>,
    /// Names and ranges.
    pub cols: Vec<(Text, Text)>,
    pub event: Option<Text>,
    pub states: Vec<Text>,
    pub goto: Option<Text>,
    pub attach: Option<Text>,
    pub continues: Option<Text>,
    pub more: bool,
    pub unless: Vec<Text>,
    pub unless_within: Option<RawWithin>,
    pub set: RawSet,
}

/// `unless_within`
#[derive(Debug)]
pub struct RawWithin {
    pub event: Option<Text>,
    pub ms: Option<(u64, Place)>,
}

/// `set`
#[derive(Debug, Default)]
pub struct RawSet {
    pub tender: Option<Text>,
    pub declined: bool,
    pub included: bool,
    pub code: Option<Text>,
    pub reason: Option<Text>,
    pub mode: Option<Text>,
}

/// `[[sample]]`
#[derive(Debug)]
pub struct RawSample {
    pub place: Place,
    pub file: Option<Text>,
    pub text: Option<Text>,
    pub events: Option<Text>,
}

impl RawRule {
    pub fn read(table: &mut Table<'_>) -> Self {
        let (place, re) = (table.place(), table.texts("re"));
        let written = re.iter().map(|(_, place)| place).chain([&place]);
        let lines = written.map(|place| table.remarks().position(place).0).collect();
        Self {
            place,
            base: None,
            lines,
            on: table.optional("on", Value::text),
            re,
            cols: pairs(table, "cols"),
            event: table.optional("event", Value::text),
            states: table.texts("in"),
            goto: table.optional("goto", Value::text),
            attach: table.optional("attach", Value::text),
            continues: table.optional("continues", Value::text),
            more: table.optional("more", Value::boolean).unwrap_or(false),
            unless: table.texts("unless"),
            unless_within: table.section("unless_within", |within| {
                let event = within.optional("event", Value::text);
                Some(RawWithin { event, ms: number(within, "ms") })
            }),
            set: table.section("set", |set| Some(RawSet::read(set))).unwrap_or_default(),
        }
    }

    /// Mistakes of a rule from elsewhere show at `place`.
    pub fn move_to(&mut self, place: &Place, base: &'static str) {
        self.base.get_or_insert(base);
        self.place = place.clone();
        self.re.iter_mut().for_each(|text| text.1 = place.clone());
    }
}

impl RawSet {
    pub fn read(table: &mut Table<'_>) -> Self {
        Self {
            tender: table.optional("tender", Value::text),
            declined: table.optional("declined", Value::boolean).unwrap_or(false),
            included: table.optional("included", Value::boolean).unwrap_or(false),
            code: table.optional("code", Value::text),
            reason: table.optional("reason", Value::text),
            mode: table.optional("mode", Value::text),
        }
    }
}

impl RawSample {
    pub fn read(table: &mut Table<'_>) -> Self {
        Self {
            place: table.place(),
            file: table.optional("file", Value::text),
            text: table.optional("text", Value::text),
            events: table.optional("events", Value::text),
        }
    }
}
