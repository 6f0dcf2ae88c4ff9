//! From the file as written to a dialect fit for use; all mistakes are noted on the way.

use std::time::Duration;

use tillgate_events::Currency;

use super::raw::{self, Raw, RawFramer};
use super::rules::Patterns;
use super::spanned::{Mistake, Sink, Text};
use super::{Checks, Dialect, Framer, FramerKind, Locale, Setting};
use crate::decode::codepage::CodePage;
use crate::decode::escpos::CarriageReturn;
use crate::limits;

/// Compiles a file.
pub fn dialect(file: &str, text: &str, setting: &Setting) -> Result<Dialect, Vec<Mistake>> {
    let mut sink = Sink::new(file, text);
    if text.len() > limits::DIALECT_BYTES {
        let bytes = limits::DIALECT_BYTES;
        sink.note(&(0..0), format!("longer than {bytes} bytes"), None);
        return Err(sink.mistakes);
    }
    let raw = raw::read(text, &mut sink);
    let dialect = build(&raw, setting, &mut sink);
    match dialect {
        Some(dialect) if sink.mistakes.is_empty() => Ok(dialect),
        _ => {
            sink.mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
            Err(sink.mistakes)
        }
    }
}

fn build(raw: &Raw, setting: &Setting, sink: &mut Sink<'_>) -> Option<Dialect> {
    if raw.id.as_ref().is_none_or(|(id, _)| id.is_empty()) {
        sink.note(&(0..0), "`id` is missing", Some("id = \"my-till\"".into()));
    }
    let framer = framer(&raw.framer, sink);
    let currency = currency(raw, sink);
    let locale = locale(raw, setting, currency, sink);
    let patterns = Patterns::new(raw, &locale, currency.unwrap_or(setting.currency), sink);
    let tenders = patterns.tenders(raw, sink);
    let boundaries = patterns.boundaries(raw, sink);
    let rules = patterns.rules(raw, sink);
    Some(Dialect {
        id: raw.id.as_ref()?.0.clone(),
        framer: framer?,
        currency,
        checks: Checks {
            lines_sum_equals_total: raw.lines_sum_equals_total.unwrap_or(true),
            tenders_minus_change_equals_total: raw
                .tenders_minus_change_equals_total
                .unwrap_or(true),
        },
        boundaries,
        tenders,
        rules,
        amount_only: patterns.regex("^%{money}$", &(0..0), sink)?.0,
        locale,
    })
}

fn framer(raw: &RawFramer, sink: &mut Sink<'_>) -> Option<Framer> {
    let kinds = [("escpos", FramerKind::Escpos), ("text", FramerKind::Text)];
    let kind = match &raw.kind {
        Some(kind) => lookup(kind, &kinds, "framer", sink),
        None => {
            sink.note(&(0..0), "`framer.kind` is missing", Some("\"escpos\" or \"text\"".into()));
            None
        }
    };
    let modes = [("return", CarriageReturn::Return), ("newline", CarriageReturn::Newline)];
    let cr = raw.cr.as_ref().and_then(|cr| lookup(cr, &modes, "carriage return mode", sink));
    let idle = match &raw.idle_ms {
        Some((0, place)) => {
            sink.note(place, "`idle_ms` must be more than 0", Some("idle_ms = 1500".into()));
            None
        }
        Some((ms, _)) => Some(Duration::from_millis(*ms)),
        None => Some(limits::DOCUMENT_IDLE),
    };
    let mut pages = Vec::new();
    for ((number, place), name) in &raw.pages {
        let page = page(name, sink);
        match number.parse::<u8>() {
            Ok(number) => pages.extend(page.map(|page| (number, page))),
            Err(_) => sink.note(place, "a page number is 0 to 255", None),
        }
    }
    let default_page = match &raw.default_page {
        Some(name) => Some(page(name, sink)?),
        None => None,
    };
    Some(Framer {
        kind: kind?,
        cut_ends_document: raw.cut_ends_document.unwrap_or(true),
        idle: idle?,
        default_page,
        pages,
        bit7: raw.bit7.unwrap_or(false),
        carriage_return: cr.unwrap_or_default(),
    })
}

fn page((name, place): &Text, sink: &mut Sink<'_>) -> Option<CodePage> {
    let page = CodePage::named(name);
    if page.is_none() {
        let hint = "cp437, cp858, windows-1252, shift_jis, …".to_owned();
        sink.note(place, format!("unknown code page `{name}`"), Some(hint));
    }
    page
}

fn currency(raw: &Raw, sink: &mut Sink<'_>) -> Option<Currency> {
    let (code, place) = raw.locale.currency.as_ref()?;
    let currency = Currency::new(code);
    if currency.is_none() {
        sink.note(place, format!("`{code}` is no currency"), Some("three letters, EUR".into()));
    }
    currency
}

fn locale(raw: &Raw, setting: &Setting, currency: Option<Currency>, sink: &mut Sink<'_>) -> Locale {
    let signs = [(".", '.'), (",", ',')];
    let own = raw.locale.decimal.as_ref();
    let decimal = own.and_then(|text| lookup(text, &signs, "decimal sign", sink)).unwrap_or('.');
    let group = raw.locale.group.as_ref().map_or("", |(group, _)| group);
    let mut group: Vec<char> = group.chars().collect();
    if let Some((_, place)) = raw.locale.group.as_ref().filter(|_| group.contains(&decimal)) {
        sink.note(place, "the decimal sign cannot be a group separator", None);
    }
    let wanted = setting.decimal.unwrap_or(decimal);
    if wanted != decimal {
        group.iter_mut().filter(|c| **c == wanted).for_each(|c| *c = decimal);
    }
    let minor = match &raw.locale.minor {
        Some((minor @ 0..=3, _)) => u32::try_from(*minor).unwrap_or(2),
        Some((_, place)) => {
            sink.note(place, "a currency has 0 to 3 decimals", None);
            2
        }
        None => currency.unwrap_or(setting.currency).minor_digits(),
    };
    let dates = raw.locale.date.iter().map(|(format, _)| format.clone()).collect();
    Locale { decimal: wanted, group, minor, dates }
}

/// Finds a name in a short table.
pub(super) fn lookup<T: Copy>(
    (name, place): &Text,
    table: &[(&str, T)],
    what: &str,
    sink: &mut Sink<'_>,
) -> Option<T> {
    let found = table.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
    if found.is_none() {
        let known: Vec<&str> = table.iter().map(|(known, _)| *known).collect();
        sink.note(place, format!("unknown {what} `{name}`"), Some(known.join(", ")));
    }
    found
}
