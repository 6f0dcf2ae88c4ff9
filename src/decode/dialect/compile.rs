//! From the file as written to a dialect fit for use; all mistakes are noted on the way.

use tillgate_events::Currency;

use super::patterns::{Patterns, Proof};
use super::raw::{self, Raw};
use super::rules::Rules;
use super::sample;
use super::{Checks, Dialect, Key, Locale, Setting, framer, moment, record};
use crate::decode::codepage::CodePage;
use crate::limits;
use crate::spanned::{self, Fault, Mistake, Remarks, Text, quote};

/// Compiles a file.
pub(super) fn dialect(
    file: &str,
    text: &str,
    setting: &Setting,
    proof: Proof,
) -> Result<Dialect, Vec<Mistake>> {
    if text.len() > limits::DIALECT_BYTES {
        let fault = Fault::new(format!("longer than {} bytes", limits::DIALECT_BYTES));
        return Err(vec![Mistake::of_file(file, fault)]);
    }
    let (dialect, report) = spanned::read(file, "a dialect", text, |top| {
        let raw = raw::read(top);
        build(&raw, setting, proof, top.remarks())
    });
    match dialect {
        Some(dialect) if report.mistakes.is_empty() => Ok(dialect),
        _ => Err(report.mistakes),
    }
}

fn build(raw: &Raw, setting: &Setting, proof: Proof, remarks: &Remarks<'_>) -> Option<Dialect> {
    if raw.id.as_ref().is_none_or(|(id, _)| id.is_empty()) {
        remarks.missing(&(0..0), Fault::new("`id` is missing").hint("id = \"my-till\""));
    }
    let framer = framer::framer(&raw.framer, remarks);
    let currency = currency(raw, remarks);
    let locale = locale(raw, setting, currency, remarks);
    let own = currency.unwrap_or(setting.currency);
    let mut patterns = Patterns::new(raw, &locale, own, proof, remarks);
    let tenders = patterns.tenders(raw, remarks);
    let boundaries = patterns.boundaries(raw, remarks);
    let Rules { rules, no_sale_after } = patterns.rules(raw, remarks);
    let records = patterns.records(raw, remarks);
    told_twice(raw, remarks);
    let amount_only = patterns.regex("^%{money}$", &(0..0), remarks)?.0;
    Some(Dialect {
        id: raw.id.as_ref()?.0.clone(),
        framer: framer?,
        currency,
        checks: Checks {
            lines_sum_equals_total: raw.lines_sum_equals_total.unwrap_or(true),
            tenders_minus_change_equals_total: raw
                .tenders_minus_change_equals_total
                .unwrap_or(true),
            total_is_sum: raw.total_is_sum.unwrap_or(false),
        },
        key: key(&raw.receipt.key, remarks),
        no_sale_after,
        private: raw.receipt.private == Some(true),
        samples: sample::samples(&raw.samples, remarks),
        boundaries,
        tenders,
        rules,
        fields: record::fields(&raw.fields, remarks),
        records,
        amount_only,
        prefilter: patterns.prefilter(),
        locale,
    })
}

/// A machine's records are read by field maps or as lines, not by both.
fn told_twice(raw: &Raw, remarks: &Remarks<'_>) {
    let line = raw.rules.iter().find(|rule| rule.on.as_ref().is_none_or(|(on, _)| on == "line"));
    if let (Some(record), Some(_)) = (raw.records.first(), line) {
        let fault = Fault::new("a dialect has records or rules for lines, not both");
        remarks.mistake(&record.rule.place, fault.hint("leave `extends` out"));
    }
}

fn key(names: &[Text], remarks: &Remarks<'_>) -> Key {
    if names.is_empty() {
        return Key::default();
    }
    let parts = [("number", 0), ("terminal", 1), ("printed_at", 2), ("total", 3)];
    let mut has = [false; 4];
    for name in names {
        let part = lookup(name, &parts, "part of a receipt's identity", remarks);
        if let Some(part) = part.and_then(|part: usize| has.get_mut(part)) {
            *part = true;
        }
    }
    let [number, terminal, printed_at, total] = has;
    Key { number, terminal, printed_at, total }
}

pub(super) fn page((name, place): &Text, remarks: &Remarks<'_>) -> Option<CodePage> {
    let page = CodePage::named(name);
    if page.is_none() {
        let hint = "cp437, cp858, windows-1252, shift_jis, …".to_owned();
        remarks.mistake(place, Fault::new(format!("unknown code page {}", quote(name))).hint(hint));
    }
    page
}

fn currency(raw: &Raw, remarks: &Remarks<'_>) -> Option<Currency> {
    let (code, place) = raw.locale.currency.as_ref()?;
    let currency = Currency::new(code);
    if currency.is_none() {
        remarks.mistake(
            place,
            Fault::new(format!("{} is no currency", quote(code))).hint("three letters, EUR"),
        );
    }
    currency
}

fn locale(
    raw: &Raw,
    setting: &Setting,
    currency: Option<Currency>,
    remarks: &Remarks<'_>,
) -> Locale {
    let signs = [(".", '.'), (",", ','), ("٫", '.')];
    let own = raw.locale.decimal.as_ref();
    let decimal = own.and_then(|text| lookup(text, &signs, "decimal sign", remarks)).unwrap_or('.');
    let group = raw.locale.group.as_ref().map_or("", |(group, _)| group);
    let mut group: Vec<char> = group.chars().collect();
    if let Some((_, place)) = raw.locale.group.as_ref().filter(|_| group.contains(&decimal)) {
        remarks.mistake(place, Fault::new("the decimal sign cannot be a group separator"));
    }
    let wanted = setting.decimal.unwrap_or(decimal);
    if wanted != decimal {
        group.iter_mut().filter(|c| **c == wanted).for_each(|c| *c = decimal);
    }
    let minor = match &raw.locale.minor {
        Some((minor @ 0..=3, _)) => u32::try_from(*minor).unwrap_or(2),
        Some((_, place)) => {
            remarks.mistake(place, Fault::new("a currency has 0 to 3 decimals"));
            2
        }
        None => currency.unwrap_or(setting.currency).minor_digits(),
    };
    for (format, place) in &raw.locale.date {
        if !moment::is_date_format(format) {
            let fault = Fault::new(format!("{} gives no day, month and year", quote(format)));
            remarks.mistake(place, fault.hint("\"%d.%m.%Y\", \"%m/%d/%y\", \"%Y-%m-%d\""));
        }
    }
    let month_first = raw
        .locale
        .month_first
        .unwrap_or_else(|| MONTH_FIRST.contains(&currency.unwrap_or(setting.currency).code()));
    let dates = raw.locale.date.iter().map(|(format, _)| match month_first {
        true => swapped(format),
        false => format.clone(),
    });
    Locale { decimal: wanted, group, minor, dates: dates.collect() }
}

/// Currencies of countries that write the month before the day.
const MONTH_FIRST: [&str; 2] = ["USD", "PHP"];

/// A format of numbers with the month before the day. With dots between nobody writes it so.
fn swapped(format: &str) -> String {
    for sign in ['/', '-'] {
        let day_first = format!("%d{sign}%m{sign}");
        if let Some(year) = format.strip_prefix(&day_first) {
            return format!("%m{sign}%d{sign}{year}");
        }
    }
    format.to_owned()
}

/// Finds a name in a short table.
pub(super) fn lookup<T: Copy>(
    (name, place): &Text,
    table: &[(&str, T)],
    what: &str,
    remarks: &Remarks<'_>,
) -> Option<T> {
    let found = table.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
    if found.is_none() {
        let known: Vec<&str> = table.iter().map(|(known, _)| *known).collect();
        let near = spanned::did_you_mean(name, known.iter().copied());
        let hint = near.unwrap_or_else(|| known.join(", "));
        remarks.mistake(place, Fault::new(format!("unknown {what} {}", quote(name))).hint(hint));
    }
    found
}
