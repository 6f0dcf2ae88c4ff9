//! A dialect file as written: every key known, every value of the right kind, nothing compiled yet.
//!
//! `extends` lays the file over a built-in one: single values replace, lists and rules come first.

mod rule;

use toml::de::DeTable;

pub use self::rule::{RawRule, RawSample};
use super::builtin;
use super::spanned::{Place, Section, Sink, Text};

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
    /// Of the file itself only.
    pub samples: Vec<RawSample>,
    pub lines_sum_equals_total: Option<bool>,
    pub tenders_minus_change_equals_total: Option<bool>,
}

/// `[framer]`
#[derive(Debug, Default)]
pub struct RawFramer {
    pub kind: Option<Text>,
    pub cut_ends_document: Option<bool>,
    pub idle_ms: Option<(u64, Place)>,
    pub default_page: Option<Text>,
    pub pages: Vec<(Text, Text)>,
    pub bit7: Option<bool>,
    pub cr: Option<Text>,
}

/// `[locale]`
#[derive(Debug, Default)]
pub struct RawLocale {
    pub decimal: Option<Text>,
    pub group: Option<Text>,
    pub currency: Option<Text>,
    pub minor: Option<(u64, Place)>,
    pub date: Vec<Text>,
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
}

/// Reads a file and what it extends.
pub fn read(text: &str, sink: &mut Sink<'_>) -> Raw {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        sink.note(&error.span().unwrap_or(0..0), error.message(), None);
    }
    let mut top = Section::new("a dialect", table.get_ref());
    match top.number("schema", sink) {
        Some((SCHEMA, _)) => {}
        Some((_, place)) => sink.note(&place, "unknown schema", Some("schema = 1".into())),
        None => sink.note(&(0..0), "`schema` is missing", Some("schema = 1".into())),
    }
    let extends = top.text("extends", sink);
    let own = fields(top, sink);
    match extends {
        None => own,
        Some((base, place)) => match builtin::source(&base) {
            Some(text) => over(own, base_of(text, &place)),
            None => {
                let known: Vec<&str> = builtin::BUILTIN.iter().map(|(id, _)| *id).collect();
                let hint = format!("built in are: {}", known.join(", "));
                sink.note(&place, format!("no built-in dialect `{base}`"), Some(hint));
                own
            }
        },
    }
}

/// A built-in file; what is wrong in it shows at the place that extends it.
fn base_of(text: &'static str, place: &Place) -> Raw {
    let mut quiet = Sink::new("built-in", text);
    let mut raw = read(text, &mut quiet);
    let lists = [&mut raw.receipt.start, &mut raw.receipt.end, &mut raw.receipt.ignore];
    for text in lists.into_iter().flatten() {
        text.1 = place.clone();
    }
    for (name, part) in raw.words.iter_mut().chain(&mut raw.tenders).chain(&mut raw.flags) {
        (name.1, part.1) = (place.clone(), place.clone());
    }
    raw.rules.iter_mut().for_each(|rule| rule.move_to(place));
    raw
}

fn fields(mut top: Section<'_, '_>, sink: &mut Sink<'_>) -> Raw {
    let mut raw = Raw { id: top.text("id", sink), ..Raw::default() };
    if let Some(section) = top.section("framer", sink) {
        raw.framer = framer(section, sink);
    }
    if let Some(section) = top.section("locale", sink) {
        raw.locale = locale(section, sink);
    }
    if let Some(section) = top.section("receipt", sink) {
        receipt(section, &mut raw, sink);
    }
    if let Some(section) = top.section("words", sink) {
        raw.words = section.pairs(sink);
    }
    if let Some(section) = top.section("tenders", sink) {
        raw.tenders = section.pairs(sink);
    }
    if let Some(mut section) = top.section("check", sink) {
        raw.lines_sum_equals_total = section.flag("lines_sum_equals_total", sink);
        raw.tenders_minus_change_equals_total =
            section.flag("tenders_minus_change_equals_total", sink);
        section.finish(sink);
    }
    let rules = top.sections("rule", sink);
    raw.rules =
        rules.into_iter().map(|(section, place)| RawRule::read(section, place, sink)).collect();
    let samples = top.sections("sample", sink);
    raw.samples =
        samples.into_iter().map(|(section, place)| RawSample::read(section, place, sink)).collect();
    top.finish(sink);
    raw
}

fn framer(mut section: Section<'_, '_>, sink: &mut Sink<'_>) -> RawFramer {
    let framer = RawFramer {
        kind: section.text("kind", sink),
        cut_ends_document: section.flag("cut_ends_document", sink),
        idle_ms: section.number("idle_ms", sink),
        default_page: section.text("default_page", sink),
        pages: section.section("pages", sink).map(|pages| pages.pairs(sink)).unwrap_or_default(),
        bit7: section.flag("bit7", sink),
        cr: section.text("cr", sink),
    };
    section.finish(sink);
    framer
}

fn locale(mut section: Section<'_, '_>, sink: &mut Sink<'_>) -> RawLocale {
    let locale = RawLocale {
        decimal: section.text("decimal", sink),
        group: section.text("group", sink),
        currency: section.text("currency", sink),
        minor: section.number("minor", sink),
        date: section.texts("date", sink),
    };
    section.finish(sink);
    locale
}

fn receipt(mut section: Section<'_, '_>, raw: &mut Raw, sink: &mut Sink<'_>) {
    raw.receipt = RawReceipt {
        start: section.texts("start", sink),
        ignore: section.texts("ignore", sink),
        blank: section.text("blank", sink),
        sku: section.text("sku", sink),
        key: section.texts("key", sink),
        ..RawReceipt::default()
    };
    if let Some(mut end) = section.section("end", sink) {
        raw.receipt.end = end.texts("match", sink);
        raw.receipt.end_extra = end.number("extra_lines", sink);
        end.finish(sink);
    }
    if let Some(flags) = section.section("flags", sink) {
        raw.flags = flags.pairs(sink);
    }
    section.finish(sink);
}

/// Lays a file over its base.
fn over(own: Raw, base: Raw) -> Raw {
    Raw {
        id: own.id,
        framer: RawFramer {
            kind: own.framer.kind.or(base.framer.kind),
            cut_ends_document: own.framer.cut_ends_document.or(base.framer.cut_ends_document),
            idle_ms: own.framer.idle_ms.or(base.framer.idle_ms),
            default_page: own.framer.default_page.or(base.framer.default_page),
            pages: first(own.framer.pages, base.framer.pages),
            bit7: own.framer.bit7.or(base.framer.bit7),
            cr: own.framer.cr.or(base.framer.cr),
        },
        locale: RawLocale {
            decimal: own.locale.decimal.or(base.locale.decimal),
            group: own.locale.group.or(base.locale.group),
            currency: own.locale.currency.or(base.locale.currency),
            minor: own.locale.minor.or(base.locale.minor),
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
        },
        flags: first(own.flags, base.flags),
        words: first(own.words, base.words),
        tenders: join(own.tenders, base.tenders),
        rules: join(own.rules, base.rules),
        samples: own.samples,
        lines_sum_equals_total: own.lines_sum_equals_total.or(base.lines_sum_equals_total),
        tenders_minus_change_equals_total: own
            .tenders_minus_change_equals_total
            .or(base.tenders_minus_change_equals_total),
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
