//! `[[rule]]`s and flags: names looked up, patterns compiled, captures checked.

use regex::Regex;

use super::compile::lookup;
use super::patterns::{Pattern, Patterns};
use super::raw::{Raw, RawRule};
use super::spanned::{Place, Sink};
use super::{Attach, CAPTURES, EVENTS, Event, Fixed, METHODS, Rule};
use crate::limits;

/// The state in which a document begins.
const FIRST_STATE: &str = "header";

/// States that a dialect may have: one bit each in a rule.
const STATES: usize = 64;

impl Patterns {
    /// Flags first, then the rules. They are tried one by one: measured, a set of all patterns takes ten times
    /// the memory and the time, because its automaton outgrows any cache.
    pub(super) fn rules(&mut self, raw: &Raw, sink: &mut Sink<'_>) -> Vec<Rule> {
        let known = states(raw, sink);
        let mut rules = Vec::new();
        for (name, (pattern, place)) in &raw.flags {
            let flag = lookup(name, FLAGS, "flag", sink);
            if let Some((event, pattern)) = flag.zip(self.line(pattern, place, sink)) {
                rules.push(Rule { more: event != Event::Cancelled, ..Rule::new(pattern, event) });
            }
        }
        for raw in &raw.rules {
            rules.extend(self.rule(raw, &known, sink));
            if rules.len() > limits::DIALECT_RULES {
                let most = limits::DIALECT_RULES;
                sink.note(&raw.place, format!("more than {most} patterns"), None);
                break;
            }
        }
        rules
    }

    /// One rule for each of its patterns.
    fn rule(&mut self, raw: &RawRule, known: &[&str], sink: &mut Sink<'_>) -> Vec<Rule> {
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
            let Some((event, pattern)) = event.zip(self.line(pattern, place, sink)) else {
                continue;
            };
            captures(&pattern.regex, event, place, sink);
            let rule = Rule {
                states: if raw.states.is_empty() { u64::MAX } else { states },
                goto: raw.goto.as_ref().and_then(|(goto, _)| {
                    table.iter().find(|(name, _)| name == goto).map(|(_, state)| *state)
                }),
                attach: attach.unwrap_or(Attach::PreviousLine),
                more: raw.more,
                unless,
                set: set.clone(),
                ..Rule::new(pattern, event)
            };
            rules.push(rule);
        }
        rules
    }
}

/// Every state that a rule goes to, the first one first.
fn states<'r>(raw: &'r Raw, sink: &mut Sink<'_>) -> Vec<&'r str> {
    let mut known = vec![FIRST_STATE];
    for (state, place) in raw.rules.iter().filter_map(|rule| rule.goto.as_ref()) {
        if known.contains(&state.as_str()) {
            continue;
        }
        if known.len() == STATES {
            sink.note(place, format!("more than {STATES} states"), None);
            break;
        }
        known.push(state);
    }
    known
}

impl Rule {
    /// A rule in every state that changes nothing but reads its event.
    fn new(pattern: Pattern, event: Event) -> Self {
        Self {
            pattern,
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
fn captures(regex: &Regex, event: Event, place: &Place, sink: &mut Sink<'_>) {
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
