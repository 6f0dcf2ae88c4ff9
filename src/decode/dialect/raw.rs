//! A dialect file as written: every key known, every value of the right kind, nothing compiled yet.
//!
//! `extends` lays the file over a built-in one: single values replace, lists and rules come first.

mod framer;
mod record;
mod rule;

pub use self::framer::{RawCheck, RawFramer};
pub use self::record::{FieldName, RawField, RawFields, RawKey, RawRecord, RawTest};
pub use self::rule::{RawRule, RawSample};
use super::builtin;
use crate::spanned::{self, Fault, Place, Table, Text, Value};

/// The only `schema` there is.
const SCHEMA: u64 = 1;

/// A file, merged with what it extends.
#[derive(Debug, Default)]
pub struct Raw {
    pub id: Option<Text>,
    pub framer: RawFramer,
    pub locale: RawLocale,
    pub receipt: RawReceipt,
    /// Flag name and pattern.
    pub flags: Vec<(Text, Text)>,
    pub words: Vec<(Text, Text)>,
    /// Payment method and words.
    pub tenders: Vec<(Text, Text)>,
    pub rules: Vec<RawRule>,
    pub fields: RawFields,
    pub records: Vec<RawRecord>,
    /// Of the file itself only.
    pub samples: Vec<RawSample>,
    pub lines_sum_equals_total: Option<bool>,
    pub tenders_minus_change_equals_total: Option<bool>,
    pub total_is_sum: Option<bool>,
}

/// `[locale]`
#[derive(Debug, Default)]
pub struct RawLocale {
    pub decimal: Option<Text>,
    pub group: Option<Text>,
    pub currency: Option<Text>,
    pub minor: Option<(u64, Place)>,
    pub date: Vec<Text>,
    pub month_first: Option<bool>,
}

/// `[receipt]`
#[derive(Debug, Default)]
pub struct RawReceipt {
    pub start: Vec<Text>,
    pub end: Vec<Text>,
    pub end_extra: Option<(u64, Place)>,
    pub ignore: Vec<Text>,
    pub blank: Option<Text>,
    pub sku: Option<Text>,
    pub key: Vec<Text>,
    pub private: Option<bool>,
}

/// Reads a file and what it extends.
pub fn read(top: &mut Table<'_>) -> Raw {
    match top.required("schema", |value| Ok((value.integer(0..=u64::MAX)?, value.place()))) {
        Some((SCHEMA, _)) | None => {}
        Some((_, place)) => {
            top.remarks().mistake(&place, Fault::new("unknown schema").hint("schema = 1"));
        }
    }
    let extends = top.optional("extends", Value::text);
    let own = fields(top);
    match extends {
        None => own,
        Some((base, place)) => match builtin::BUILTIN.iter().find(|(id, _)| *id == base) {
            Some((id, text)) => over(own, base_of(id, text, &place)),
            None => {
                let known: Vec<&str> = builtin::BUILTIN.iter().map(|(id, _)| *id).collect();
                let fault = Fault::new(format!("no built-in dialect {}", spanned::quote(&base)));
                let near = spanned::did_you_mean(&base, known.iter().copied());
                let hint = near.unwrap_or_else(|| format!("built in are: {}", known.join(", ")));
                top.remarks().mistake(&place, fault.hint(hint));
                let mut own = own;
                own.framer.of_unknown = true;
                own
            }
        },
    }
}

/// A built-in file; what is wrong in it shows at the place that extends it.
fn base_of(id: &'static str, text: &'static str, place: &Place) -> Raw {
    // Its report is of another file; that every built-in file is right is tested.
    let (mut raw, _) = spanned::read("built-in", "a dialect", text, read);
    let lists = [
        &mut raw.receipt.start,
        &mut raw.receipt.end,
        &mut raw.receipt.ignore,
        &mut raw.receipt.key,
    ];
    let single = [
        &mut raw.locale.decimal,
        &mut raw.locale.group,
        &mut raw.locale.currency,
        &mut raw.receipt.blank,
        &mut raw.receipt.sku,
    ];
    for text in lists.into_iter().flatten().chain(single.into_iter().flatten()) {
        text.1 = place.clone();
    }
    let pairs = [&mut raw.words, &mut raw.tenders, &mut raw.flags];
    for (name, part) in pairs.into_iter().flatten() {
        (name.1, part.1) = (place.clone(), place.clone());
    }
    let numbers = [&mut raw.locale.minor, &mut raw.receipt.end_extra];
    for number in numbers.into_iter().flatten() {
        number.1 = place.clone();
    }
    raw.framer.move_to(place);
    raw.fields.move_to(place);
    raw.rules.iter_mut().for_each(|rule| rule.move_to(place, id));
    raw.records.iter_mut().for_each(|record| record.move_to(place, id));
    raw
}

fn fields(top: &mut Table<'_>) -> Raw {
    let mut raw = Raw { id: top.optional("id", Value::text), ..Raw::default() };
    raw.framer = top.section("framer", |table| Some(RawFramer::read(table))).unwrap_or_default();
    raw.locale = top.section("locale", |table| Some(locale(table))).unwrap_or_default();
    top.section("receipt", |table| {
        receipt(table, &mut raw);
        Some(())
    });
    raw.words = pairs(top, "words");
    raw.tenders = pairs(top, "tenders");
    top.section("check", |table| {
        raw.lines_sum_equals_total = table.optional("lines_sum_equals_total", Value::boolean);
        raw.tenders_minus_change_equals_total =
            table.optional("tenders_minus_change_equals_total", Value::boolean);
        raw.total_is_sum = table.optional("total_is_sum", Value::boolean);
        Some(())
    });
    raw.rules = top.sections("rule", |table| Some(RawRule::read(table)));
    raw.fields = top.section("fields", |own| Some(RawFields::read(own))).unwrap_or_default();
    raw.records = top.sections("record", |table| Some(RawRecord::read(table)));
    raw.samples = top.sections("sample", |table| Some(RawSample::read(table)));
    raw
}

fn locale(table: &mut Table<'_>) -> RawLocale {
    RawLocale {
        decimal: table.optional("decimal", Value::text),
        group: table.optional("group", Value::text),
        currency: table.optional("currency", Value::text),
        minor: number(table, "minor"),
        date: table.texts("date"),
        month_first: table.optional("month_first", Value::boolean),
    }
}

fn receipt(table: &mut Table<'_>, raw: &mut Raw) {
    raw.receipt = RawReceipt {
        start: table.texts("start"),
        ignore: table.texts("ignore"),
        blank: table.optional("blank", Value::text),
        sku: table.optional("sku", Value::text),
        key: table.texts("key"),
        private: table.optional("private", Value::boolean),
        ..RawReceipt::default()
    };
    table.section("end", |end| {
        raw.receipt.end = end.texts("match");
        raw.receipt.end_extra = number(end, "extra_lines");
        Some(())
    });
    raw.flags = pairs(table, "flags");
}

/// A whole number of 0 or more, with its place.
fn number(table: &mut Table<'_>, key: &'static str) -> Option<(u64, Place)> {
    table.optional(key, |value| Ok((value.integer(0..=u64::MAX)?, value.place())))
}

/// A table of the author's own names.
fn pairs(table: &mut Table<'_>, key: &'static str) -> Vec<(Text, Text)> {
    table.section(key, |own| Some(own.pairs())).unwrap_or_default()
}

/// Lays a file over its base.
fn over(own: Raw, base: Raw) -> Raw {
    Raw {
        id: own.id,
        framer: own.framer.over(base.framer),
        locale: RawLocale {
            decimal: own.locale.decimal.or(base.locale.decimal),
            group: own.locale.group.or(base.locale.group),
            currency: own.locale.currency.or(base.locale.currency),
            minor: own.locale.minor.or(base.locale.minor),
            // Formats of one's own are meant as they are written.
            month_first: own.locale.month_first.or(if own.locale.date.is_empty() {
                base.locale.month_first
            } else {
                Some(false)
            }),
            date: if own.locale.date.is_empty() { base.locale.date } else { own.locale.date },
        },
        receipt: RawReceipt {
            start: join(own.receipt.start, base.receipt.start),
            end: join(own.receipt.end, base.receipt.end),
            end_extra: own.receipt.end_extra.or(base.receipt.end_extra),
            ignore: join(own.receipt.ignore, base.receipt.ignore),
            blank: own.receipt.blank.or(base.receipt.blank),
            sku: own.receipt.sku.or(base.receipt.sku),
            key: if own.receipt.key.is_empty() { base.receipt.key } else { own.receipt.key },
            private: own.receipt.private.or(base.receipt.private),
        },
        flags: first(own.flags, base.flags),
        words: first(own.words, base.words),
        tenders: join(own.tenders, base.tenders),
        rules: join(own.rules, base.rules),
        fields: own.fields.over(base.fields),
        records: join(own.records, base.records),
        samples: own.samples,
        lines_sum_equals_total: own.lines_sum_equals_total.or(base.lines_sum_equals_total),
        tenders_minus_change_equals_total: own
            .tenders_minus_change_equals_total
            .or(base.tenders_minus_change_equals_total),
        total_is_sum: own.total_is_sum.or(base.total_is_sum),
    }
}

fn join<T>(mut own: Vec<T>, base: Vec<T>) -> Vec<T> {
    own.extend(base);
    own
}

/// The file's own pairs; the base's for names that the file does not use.
fn first(mut own: Vec<(Text, Text)>, base: Vec<(Text, Text)>) -> Vec<(Text, Text)> {
    for pair in base {
        if !own.iter().any(|(name, _)| name.0 == pair.0.0) {
            own.push(pair);
        }
    }
    own
}
