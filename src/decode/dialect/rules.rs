//! Patterns and rules: parts filled in, compiled within their limit, names looked up.

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use tillgate_events::{Currency, PaymentMethod};

use super::classes;
use super::compile::lookup;
use super::macros::Macros;
use super::raw::{Raw, RawRule};
use super::{Attach, Boundaries, CAPTURES, EVENTS, Event, Fixed, Locale, METHODS, Rule};
use crate::limits;
use crate::spanned::{Fault, Place, Remarks, Text, quote};

/// The state in which a document begins.
const FIRST_STATE: &str = "header";

/// States that a dialect may have: one bit each in a rule.
const STATES: usize = 64;

/// Compiles patterns with the file's parts filled in.
pub(super) struct Patterns {
    parts: Macros,
}

impl Patterns {
    pub(super) fn new(
        raw: &Raw,
        locale: &Locale,
        currency: Currency,
        remarks: &Remarks<'_>,
    ) -> Self {
        let words: Vec<&str> = raw.tenders.iter().map(|(_, (words, _))| words.as_str()).collect();
        let tender = if words.is_empty() { "[^\\s\\S]".to_owned() } else { words.join("|") };
        let mut parts = Macros::new(locale, currency, &tender);
        for ((name, place), (part, _)) in &raw.words {
            if !parts.define(name, part) {
                remarks.mistake(
                    place,
                    Fault::new(format!("{} is the name of a built-in part", quote(name))),
                );
            }
        }
        Self { parts }
    }

    /// The compiled pattern and its expanded source.
    pub(super) fn regex(
        &self,
        pattern: &str,
        place: &Place,
        remarks: &Remarks<'_>,
    ) -> Option<(Regex, String)> {
        let compiled = self.parts.expand(pattern).map(|source| classes::narrow(&source));
        let compiled = compiled.and_then(|source| {
            RegexBuilder::new(&source)
                .case_insensitive(true)
                .size_limit(limits::REGEX_BYTES)
                .dfa_size_limit(limits::REGEX_CACHE_BYTES)
                .build()
                .map(|regex| (regex, source))
                .map_err(|error| error.to_string())
        });
        match compiled {
            Ok(compiled) => Some(compiled),
            Err(error) => {
                remarks.mistake(place, Fault::new(format!("bad pattern: {error}")));
                None
            }
        }
    }

    fn set(&self, texts: &[Text], remarks: &Remarks<'_>) -> Option<RegexSet> {
        let compiled = texts.iter().filter_map(|(text, place)| self.regex(text, place, remarks));
        let sources: Vec<String> = compiled.map(|(_, source)| source).collect();
        let set = RegexSetBuilder::new(&sources).case_insensitive(true).build();
        set.ok().filter(|set| !set.is_empty())
    }

    pub(super) fn boundaries(&self, raw: &Raw, remarks: &Remarks<'_>) -> Boundaries {
        let receipt = &raw.receipt;
        let one = |text: &Option<Text>| {
            let (text, place) = text.as_ref()?;
            self.regex(text, place, remarks).map(|(regex, _)| regex)
        };
        let (blank, sku) = (one(&receipt.blank), one(&receipt.sku));
        Boundaries {
            start: self.set(&receipt.start, remarks),
            end: self.set(&receipt.end, remarks),
            end_extra: receipt
                .end_extra
                .as_ref()
                .map_or(0, |(n, _)| u32::try_from(*n).unwrap_or(0)),
            ignore: self.set(&receipt.ignore, remarks),
            blank,
            sku,
        }
    }

    /// The words of each payment method, whole.
    pub(super) fn tenders(&self, raw: &Raw, remarks: &Remarks<'_>) -> Vec<(PaymentMethod, Regex)> {
        let mut tenders = Vec::new();
        for (name, (words, place)) in &raw.tenders {
            let method = lookup(name, METHODS, "payment method", remarks);
            let regex = self.regex(&format!("^(?:{words})$"), place, remarks);
            tenders.extend(method.zip(regex.map(|(regex, _)| regex)));
        }
        tenders
    }

    /// Flags first, then the rules. They are tried one by one: measured, a set of all patterns takes ten times
    /// the memory and the time, because its automaton outgrows any cache.
    pub(super) fn rules(&self, raw: &Raw, remarks: &Remarks<'_>) -> Vec<Rule> {
        let known = states(raw, remarks);
        let mut rules = Vec::new();
        for (name, (pattern, place)) in &raw.flags {
            let flag = lookup(name, FLAGS, "flag", remarks);
            if let Some((event, (regex, _))) = flag.zip(self.regex(pattern, place, remarks)) {
                rules.push(Rule { more: event != Event::Cancelled, ..Rule::new(regex, event) });
            }
        }
        for raw in &raw.rules {
            rules.extend(self.rule(raw, &known, remarks));
            if rules.len() > limits::DIALECT_RULES {
                let most = limits::DIALECT_RULES;
                remarks.mistake(&raw.place, Fault::new(format!("more than {most} patterns")));
                break;
            }
        }
        rules
    }

    /// One rule for each of its patterns.
    fn rule(&self, raw: &RawRule, known: &[&str], remarks: &Remarks<'_>) -> Vec<Rule> {
        if raw.re.is_empty() {
            remarks.missing(
                &raw.place,
                Fault::new("a rule needs `re`").hint("re = '^TOTAL %{money:amount}$'"),
            );
        }
        let names: Vec<(&str, Event)> =
            EVENTS.iter().map(|(name, event, _)| (*name, *event)).collect();
        let event = match &raw.event {
            Some(name) => lookup(name, &names, "event", remarks),
            None => {
                remarks.missing(
                    &raw.place,
                    Fault::new("a rule needs `event`").hint("event = \"total\""),
                );
                None
            }
        };
        let table: Vec<(&str, u8)> = known.iter().copied().zip(0..64).collect();
        let mut states = 0;
        for state in &raw.states {
            states |= lookup(state, &table, "state", remarks).map_or(0, |state| 1 << state);
        }
        let attaches = [("previous_line", Attach::PreviousLine), ("receipt", Attach::Receipt)];
        let attach = raw.attach.as_ref().and_then(|text| lookup(text, &attaches, "place", remarks));
        let unless = raw.unless.iter().filter_map(|name| lookup(name, &names, "event", remarks));
        let unless = unless.fold(0, |bits, event| bits | event.bit());
        let set = Fixed {
            tender: raw
                .set_tender
                .as_ref()
                .and_then(|n| lookup(n, METHODS, "payment method", remarks)),
            declined: raw.set_declined,
            included: raw.set_included,
            code: raw.set_code.as_ref().map(|(code, _)| code.clone()),
        };
        let mut rules = Vec::new();
        for (pattern, place) in &raw.re {
            let Some((event, (regex, _))) = event.zip(self.regex(pattern, place, remarks)) else {
                continue;
            };
            captures(&regex, event, place, remarks);
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
            rules.push(rule);
        }
        rules
    }
}

/// Every state that a rule goes to, the first one first.
fn states<'r>(raw: &'r Raw, remarks: &Remarks<'_>) -> Vec<&'r str> {
    let mut known = vec![FIRST_STATE];
    for (state, place) in raw.rules.iter().filter_map(|rule| rule.goto.as_ref()) {
        if known.contains(&state.as_str()) {
            continue;
        }
        if known.len() == STATES {
            remarks.mistake(place, Fault::new(format!("more than {STATES} states")));
            break;
        }
        known.push(state);
    }
    known
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
fn captures(regex: &Regex, event: Event, place: &Place, remarks: &Remarks<'_>) {
    let names: Vec<&str> = regex.capture_names().flatten().collect();
    for name in names.iter().filter(|name| !CAPTURES.contains(*name)) {
        let hint = format!("there are: {}", CAPTURES.join(", "));
        remarks.mistake(place, Fault::new(format!("unknown capture `{name}`")).hint(hint));
    }
    let Some((title, _, needs)) = EVENTS.iter().find(|(_, known, _)| *known == event) else {
        return;
    };
    for any in needs.iter().filter(|any| !any.iter().any(|need| names.contains(need))) {
        let hint = format!("capture it with %{{…:{}}}", any.join("} or %{…:"));
        remarks.mistake(
            place,
            Fault::new(format!("event `{title}` needs `{}`", any.join("` or `"))).hint(hint),
        );
    }
}
