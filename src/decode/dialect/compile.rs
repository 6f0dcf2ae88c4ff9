//! From the file as written to a dialect fit for use: names looked up, patterns compiled, all mistakes noted.

use std::time::Duration;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use tillgate_events::{Currency, PaymentMethod};

use super::macros::Macros;
use super::raw::{self, Raw, RawFramer, RawRule};
use super::spanned::{Mistake, Sink, Text};
use super::{
    Attach, Boundaries, CAPTURES, Checks, Dialect, EVENTS, Event, Fixed, Framer, FramerKind,
    Locale, METHODS, Rule, Setting,
};
use crate::decode::codepage::CodePage;
use crate::decode::escpos::CarriageReturn;
use crate::limits;

/// The state in which a document begins.
const FIRST_STATE: &str = "header";

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
    let patterns = Patterns::new(raw, &locale, sink);
    let tenders = patterns.tenders(raw, sink);
    let boundaries = patterns.boundaries(raw, sink);
    let (rules, sources) = patterns.rules(raw, sink);
    let set = RegexSetBuilder::new(&sources)
        .case_insensitive(true)
        .size_limit(limits::REGEX_BYTES.saturating_mul(sources.len().max(1)))
        .build();
    let prefilter = set.map_err(|error| sink.note(&(0..0), error.to_string(), None)).ok()?;
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
        prefilter,
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
        Some(name) => page(name, sink)?,
        None => CodePage::cp437(),
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
fn lookup<T: Copy>(
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

/// Compiles patterns with the file's parts filled in.
struct Patterns {
    parts: Macros,
}

impl Patterns {
    fn new(raw: &Raw, locale: &Locale, sink: &mut Sink<'_>) -> Self {
        let words: Vec<&str> = raw.tenders.iter().map(|(_, (words, _))| words.as_str()).collect();
        let tender = if words.is_empty() { "[^\\s\\S]".to_owned() } else { words.join("|") };
        let mut parts = Macros::new(locale, &tender);
        for ((name, place), (part, _)) in &raw.words {
            if !parts.define(name, part) {
                sink.note(place, format!("`{name}` is the name of a built-in part"), None);
            }
        }
        Self { parts }
    }

    /// The compiled pattern and its expanded source.
    fn regex(
        &self,
        pattern: &str,
        place: &std::ops::Range<usize>,
        sink: &mut Sink<'_>,
    ) -> Option<(Regex, String)> {
        let compiled = self.parts.expand(pattern).and_then(|source| {
            RegexBuilder::new(&source)
                .case_insensitive(true)
                .size_limit(limits::REGEX_BYTES)
                .build()
                .map(|regex| (regex, source))
                .map_err(|error| error.to_string())
        });
        match compiled {
            Ok(compiled) => Some(compiled),
            Err(error) => {
                sink.note(place, format!("bad pattern: {error}"), None);
                None
            }
        }
    }

    fn set(&self, texts: &[Text], sink: &mut Sink<'_>) -> Option<RegexSet> {
        let compiled = texts.iter().filter_map(|(text, place)| self.regex(text, place, sink));
        let sources: Vec<String> = compiled.map(|(_, source)| source).collect();
        let set = RegexSetBuilder::new(&sources).case_insensitive(true).build();
        set.ok().filter(|set| !set.is_empty())
    }

    fn boundaries(&self, raw: &Raw, sink: &mut Sink<'_>) -> Boundaries {
        let receipt = &raw.receipt;
        let mut one = |text: &Option<Text>| {
            let (text, place) = text.as_ref()?;
            self.regex(text, place, sink).map(|(regex, _)| regex)
        };
        let (blank, sku) = (one(&receipt.blank), one(&receipt.sku));
        Boundaries {
            start: self.set(&receipt.start, sink),
            end: self.set(&receipt.end, sink),
            end_extra: receipt
                .end_extra
                .as_ref()
                .map_or(0, |(n, _)| u32::try_from(*n).unwrap_or(0)),
            ignore: self.set(&receipt.ignore, sink),
            blank,
            sku,
        }
    }

    /// The words of each payment method, whole.
    fn tenders(&self, raw: &Raw, sink: &mut Sink<'_>) -> Vec<(PaymentMethod, Regex)> {
        let mut tenders = Vec::new();
        for (name, (words, place)) in &raw.tenders {
            let method = lookup(name, METHODS, "payment method", sink);
            let regex = self.regex(&format!("^(?:{words})$"), place, sink);
            tenders.extend(method.zip(regex.map(|(regex, _)| regex)));
        }
        tenders
    }

    /// Flags first, then the rules; with each the source of its pattern.
    fn rules(&self, raw: &Raw, sink: &mut Sink<'_>) -> (Vec<Rule>, Vec<String>) {
        let mut states = vec![FIRST_STATE];
        states.extend(raw.rules.iter().filter_map(|rule| Some(rule.goto.as_ref()?.0.as_str())));
        states.dedup();
        let mut known: Vec<&str> = Vec::new();
        states.into_iter().for_each(|state| {
            if !known.contains(&state) {
                known.push(state);
            }
        });
        if known.len() > 64 {
            sink.note(&(0..0), "more than 64 states", None);
        }
        let mut rules = Vec::new();
        let mut sources = Vec::new();
        for (name, (pattern, place)) in &raw.flags {
            let flag = lookup(name, FLAGS, "flag", sink);
            if let Some((event, (regex, source))) = flag.zip(self.regex(pattern, place, sink)) {
                rules.push(Rule { more: event != Event::Cancelled, ..Rule::new(regex, event) });
                sources.push(source);
            }
        }
        for raw in &raw.rules {
            for (rule, source) in self.rule(raw, &known, sink) {
                rules.push(rule);
                sources.push(source);
            }
        }
        (rules, sources)
    }

    /// One rule for each of its patterns.
    fn rule(&self, raw: &RawRule, known: &[&str], sink: &mut Sink<'_>) -> Vec<(Rule, String)> {
        if raw.re.is_empty() {
            sink.note(
                &raw.place,
                "a rule needs `re`",
                Some("re = '^TOTAL %{money:amount}$'".into()),
            );
        }
        let names: Vec<(&str, Event)> =
            EVENTS.iter().map(|(name, event, _)| (*name, *event)).collect();
        let event = match &raw.event {
            Some(name) => lookup(name, &names, "event", sink),
            None => {
                sink.note(&raw.place, "a rule needs `event`", Some("event = \"total\"".into()));
                None
            }
        };
        let table: Vec<(&str, u8)> = known.iter().copied().zip(0..64).collect();
        let mut states = 0;
        for state in &raw.states {
            states |= lookup(state, &table, "state", sink).map_or(0, |state| 1 << state);
        }
        let attaches = [("previous_line", Attach::PreviousLine), ("receipt", Attach::Receipt)];
        let attach = raw.attach.as_ref().and_then(|text| lookup(text, &attaches, "place", sink));
        let unless = raw.unless.iter().filter_map(|name| lookup(name, &names, "event", sink));
        let unless = unless.fold(0, |bits, event| bits | event.bit());
        let set = Fixed {
            tender: raw
                .set_tender
                .as_ref()
                .and_then(|n| lookup(n, METHODS, "payment method", sink)),
            declined: raw.set_declined,
            included: raw.set_included,
            code: raw.set_code.as_ref().map(|(code, _)| code.clone()),
        };
        let mut rules = Vec::new();
        for (pattern, place) in &raw.re {
            let Some((event, (regex, source))) = event.zip(self.regex(pattern, place, sink)) else {
                continue;
            };
            captures(&regex, event, place, sink);
            let rule = Rule {
                states: if raw.states.is_empty() { u64::MAX } else { states },
                goto: raw.goto.as_ref().and_then(|(goto, _)| {
                    table.iter().find(|(name, _)| name == goto).map(|(_, state)| *state)
                }),
                attach: attach.unwrap_or(Attach::PreviousLine),
                more: raw.more,
                unless,
                set: set.clone(),
                ..Rule::new(regex, event)
            };
            rules.push((rule, source));
        }
        rules
    }
}

impl Rule {
    /// A rule in every state that changes nothing but reads its event.
    fn new(regex: Regex, event: Event) -> Self {
        Self {
            regex,
            event,
            states: u64::MAX,
            goto: None,
            attach: Attach::Receipt,
            more: false,
            unless: 0,
            set: Fixed::default(),
        }
    }
}

/// `[receipt.flags]`: what a mark anywhere on a receipt says of all of it.
const FLAGS: &[(&str, Event)] = &[
    ("reprint", Event::Reprint),
    ("training", Event::Training),
    ("void", Event::Cancelled),
    ("refund", Event::Refund),
    ("no_sale", Event::NoSale),
];

/// Notes captures that do not exist, and those that an event misses.
fn captures(regex: &Regex, event: Event, place: &std::ops::Range<usize>, sink: &mut Sink<'_>) {
    let names: Vec<&str> = regex.capture_names().flatten().collect();
    for name in names.iter().filter(|name| !CAPTURES.contains(*name)) {
        let hint = format!("there are: {}", CAPTURES.join(", "));
        sink.note(place, format!("unknown capture `{name}`"), Some(hint));
    }
    let Some((title, _, needs)) = EVENTS.iter().find(|(_, known, _)| *known == event) else {
        return;
    };
    for any in needs.iter().filter(|any| !any.iter().any(|need| names.contains(need))) {
        let hint = format!("capture it with %{{…:{}}}", any.join("} or %{…:"));
        sink.note(place, format!("event `{title}` needs `{}`", any.join("` or `")), Some(hint));
    }
}
