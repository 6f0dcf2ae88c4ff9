//! `[[rule]]`s and flags: names looked up, tests compiled, captures checked.

use std::time::Duration;

use super::columns::{Column, Columns};
use super::compile::lookup;
use super::events::{ATTACH, CAPTURES, CONTINUES, EVENTS, Event, FLAGS, METHODS, MODES, REASONS};
use super::patterns::{Patterns, groups};
use super::raw::{Raw, RawRule};
use super::rule::{Attach, Fixed, Meaning, Origin, Rule, Test};

use crate::limits;
use crate::spanned::{Fault, Place, Remarks};

/// The state in which a document begins.
const FIRST_STATE: &str = "header";

/// States that a dialect may have: one bit each in a rule.
const STATES: usize = 64;

/// `on`: what a rule looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Line,
    Barcode,
    DrawerKick,
}

const ON: &[(&str, On)] =
    &[("line", On::Line), ("barcode", On::Barcode), ("drawer_kick", On::DrawerKick)];

/// All rules of a file, and what a drawer kick alone means.
#[derive(Debug)]
pub(super) struct Rules {
    pub rules: Vec<Rule>,
    pub no_sale_after: Option<Duration>,
}

impl Patterns {
    /// Flags first, then the rules. They are tried one by one: measured, a set of all patterns takes ten times
    /// the memory and the time, because its automaton outgrows any cache.
    pub(super) fn rules(&mut self, raw: &Raw, remarks: &Remarks<'_>) -> Rules {
        let known = states(raw, remarks);
        let mut all = Rules { rules: Vec::new(), no_sale_after: Some(limits::KICK_WINDOW) };
        let mut kick = false;
        for (name, (pattern, place)) in &raw.flags {
            let flag = lookup(name, FLAGS, "flag", remarks);
            if let Some((event, (pattern, _))) = flag.zip(self.line(pattern, place, remarks)) {
                let more = event != Event::Cancelled;
                let means = Meaning { more, ..Meaning::of(event) };
                let flag = FLAGS.iter().find(|(_, known)| *known == event);
                let origin = Origin::Flag(flag.map_or("", |(name, _)| *name));
                all.rules.push(Rule { test: Test::Line(pattern), means, origin });
            }
        }
        for raw in &raw.rules {
            let on = raw.on.as_ref().and_then(|on| lookup(on, ON, "source", remarks));
            match on.unwrap_or(On::Line) {
                // The first rule counts, as everywhere.
                On::DrawerKick if kick => drop(no_sale_after(raw, remarks)),
                On::DrawerKick => (kick, all.no_sale_after) = (true, no_sale_after(raw, remarks)),
                on => all.rules.extend(self.rule(raw, on, &known, remarks)),
            }
            if all.rules.len() > limits::DIALECT_RULES {
                let most = limits::DIALECT_RULES;
                remarks.mistake(&raw.place, Fault::new(format!("more than {most} patterns")));
                break;
            }
        }
        all
    }

    /// One rule for each of its patterns.
    fn rule(&mut self, raw: &RawRule, on: On, known: &[&str], remarks: &Remarks<'_>) -> Vec<Rule> {
        let means = meaning(raw, known, remarks);
        let Some(means) = means else {
            // Its other mistakes are told all the same.
            raw.re.iter().for_each(|(pattern, place)| drop(self.regex(pattern, place, remarks)));
            return Vec::new();
        };
        let tests = self.tests(raw, on, means.event, remarks);
        let rule = |(test, line): (Test, &usize)| {
            let origin = Origin::Line { base: raw.base, line: *line };
            Rule { test, means: means.clone(), origin }
        };
        tests.into_iter().zip(&raw.lines).map(rule).collect()
    }

    /// What the rule looks at: each of its patterns, or its columns.
    fn tests(&mut self, raw: &RawRule, on: On, event: Event, remarks: &Remarks<'_>) -> Vec<Test> {
        if raw.re.is_empty() == raw.cols.is_empty() {
            let hint = "re = '^TOTAL %{money:amount}$'".to_owned();
            remarks
                .missing(&raw.place, Fault::new("a rule needs either `re` or `cols`").hint(hint));
            return Vec::new();
        }
        if !raw.cols.is_empty() {
            if on == On::Barcode {
                remarks
                    .mistake(&raw.place, Fault::new("a barcode has no columns").hint("use `re`"));
            }
            return columns(raw, event, remarks).map(Test::Columns).into_iter().collect();
        }
        let mut tests = Vec::new();
        for (pattern, place) in &raw.re {
            let test = match on {
                On::Barcode => self
                    .regex(pattern, place, remarks)
                    .map(|(regex, hir)| (Test::Barcode(regex), groups(&hir))),
                _ => self
                    .line(pattern, place, remarks)
                    .map(|(pattern, groups)| (Test::Line(pattern), groups)),
            };
            let Some((test, groups)) = test else { continue };
            let names: Vec<&str> = groups.iter().map(String::as_str).collect();
            captures(&names, event, place, remarks);
            tests.push(test);
        }
        tests
    }
}

/// What a rule means; none without an event.
pub(super) fn meaning(raw: &RawRule, known: &[&str], remarks: &Remarks<'_>) -> Option<Meaning> {
    let event = event(raw, remarks);
    let states: Vec<(&str, u8)> = known.iter().copied().zip(0..64).collect();
    let mut within = 0;
    for state in &raw.states {
        within |= lookup(state, &states, "state", remarks).map_or(0, |state| 1 << state);
    }
    let attach = raw.attach.as_ref().and_then(|text| lookup(text, ATTACH, "place", remarks));
    let continues = raw.continues.as_ref().and_then(|text| {
        if !matches!(event, None | Some(Event::Item | Event::Deposit)) {
            let hint = "event = \"item\"".to_owned();
            remarks.mistake(
                &text.1,
                Fault::new("only an article continues on another line").hint(hint),
            );
        }
        lookup(text, CONTINUES, "line", remarks)
    });
    let unless = raw.unless.iter().filter_map(|name| lookup(name, &events(), "event", remarks));
    let unless = unless.fold(0, |bits, event| bits | event.bit());
    if raw.unless_within.is_some() {
        let hint = "on = \"drawer_kick\"".to_owned();
        remarks.mistake(&raw.place, Fault::new("`unless_within` is for drawer kicks").hint(hint));
    }
    let goto = raw.goto.as_ref().map(|(goto, _)| goto.as_str());
    let goto = states.iter().find(|(name, _)| Some(*name) == goto).map(|(_, state)| *state);
    let set = fixed(raw, event, remarks);
    Some(Meaning {
        event: event?,
        states: if raw.states.is_empty() { u64::MAX } else { within },
        goto,
        attach: attach.unwrap_or(Attach::PreviousLine),
        continues,
        more: raw.more,
        unless,
        set,
    })
}

fn events() -> Vec<(&'static str, Event)> {
    EVENTS.iter().map(|(name, event, _)| (*name, *event)).collect()
}

fn event(raw: &RawRule, remarks: &Remarks<'_>) -> Option<Event> {
    if let Some(name) = &raw.event {
        return lookup(name, &events(), "event", remarks);
    }
    remarks.missing(&raw.place, Fault::new("a rule needs `event`").hint("event = \"total\""));
    None
}

/// What the rule says itself; a stock rule must name a reason and an order rule how the order leaves.
fn fixed(raw: &RawRule, event: Option<Event>, remarks: &Remarks<'_>) -> Fixed {
    let set = &raw.set;
    let need = |what: &str, there: bool, of: Event, hint: &str| {
        if event == Some(of) && !there {
            remarks.missing(&raw.place, Fault::new(format!("the rule needs `{what}`")).hint(hint));
        }
    };
    need("set.reason", set.reason.is_some(), Event::Stock, "set = { reason = \"restock\" }");
    need("set.mode", set.mode.is_some(), Event::Order, "set = { mode = \"pick_up\" }");
    let method = |name, remarks: &Remarks<'_>| lookup(name, METHODS, "payment method", remarks);
    Fixed {
        tender: set.tender.as_ref().and_then(|name| method(name, remarks)),
        declined: set.declined,
        included: set.included,
        code: set.code.as_ref().map(|(code, _)| code.clone()),
        reason: set.reason.as_ref().and_then(|name| lookup(name, REASONS, "stock reason", remarks)),
        mode: set.mode.as_ref().and_then(|name| lookup(name, MODES, "order mode", remarks)),
    }
}

/// What a drawer kick without a receipt means: `no_sale` after a while, or nothing (`skip`).
fn no_sale_after(raw: &RawRule, remarks: &Remarks<'_>) -> Option<Duration> {
    let event = event(raw, remarks);
    if event.is_some_and(|event| !matches!(event, Event::NoSale | Event::Skip)) {
        let hint = "event = \"no_sale\", or \"skip\"".to_owned();
        remarks.mistake(
            &raw.place,
            Fault::new("a drawer kick alone is a `no_sale` or nothing").hint(hint),
        );
    }
    for (text, place) in raw.re.iter().chain(raw.cols.iter().map(|(_, range)| range)) {
        remarks.mistake(place, Fault::new(format!("a drawer kick has no text to match `{text}`")));
    }
    let mut after = limits::KICK_WINDOW;
    if let Some(within) = &raw.unless_within {
        let events = [("receipt_created", ())];
        within.event.as_ref().map(|event| lookup(event, &events, "event", remarks));
        match &within.ms {
            Some((ms @ 1.., _)) if Duration::from_millis(*ms) <= limits::KICK_WINDOW_MAX => {
                after = Duration::from_millis(*ms);
            }
            other => {
                let most = limits::KICK_WINDOW_MAX.as_millis();
                let place = other.as_ref().map_or(&raw.place, |(_, place)| place);
                remarks.mistake(
                    place,
                    Fault::new(format!("`ms` must be 1 to {most}")).hint("ms = 8000"),
                );
            }
        }
    }
    (event != Some(Event::Skip)).then_some(after)
}

fn columns(raw: &RawRule, event: Event, remarks: &Remarks<'_>) -> Option<Columns> {
    let mut columns = Vec::new();
    for ((name, place), (range, at)) in &raw.cols {
        let known = CAPTURES.iter().find(|known| *known == name);
        let column = known.and_then(|known| Column::parse(known, range));
        if known.is_some() && column.is_none() {
            let hint = "\"25-30\", counted from 1, or \"31-\"".to_owned();
            remarks.mistake(at, Fault::new(format!("`{range}` are no columns")).hint(hint));
        }
        if known.is_none() {
            let hint = format!("there are: {}", CAPTURES.join(", "));
            remarks.mistake(place, Fault::new(format!("unknown capture `{name}`")).hint(hint));
        }
        columns.extend(column);
    }
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let whole = names.len() == raw.cols.len();
    if whole {
        captures(&names, event, &raw.place, remarks);
    }
    match Columns::new(columns, needs(event)) {
        Ok(columns) => Some(columns).filter(|_| whole),
        Err((left, right)) => {
            let message = format!("the columns of `{left}` and `{right}` overlap");
            remarks.mistake(&raw.place, Fault::new(message));
            None
        }
    }
}

fn needs(event: Event) -> &'static [&'static [&'static str]] {
    let found = EVENTS.iter().find(|(_, known, _)| *known == event);
    found.map_or(&[], |(_, _, needs)| needs)
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

/// Notes captures that do not exist, and those that an event misses.
pub(super) fn captures(names: &[&str], event: Event, place: &Place, remarks: &Remarks<'_>) {
    for name in names.iter().filter(|name| !CAPTURES.contains(*name)) {
        let hint = format!("there are: {}", CAPTURES.join(", "));
        remarks.mistake(place, Fault::new(format!("unknown capture `{name}`")).hint(hint));
    }
    let title = EVENTS.iter().find(|(_, known, _)| *known == event).map_or("", |(name, ..)| name);
    for any in needs(event).iter().filter(|any| !any.iter().any(|need| names.contains(need))) {
        let hint = format!("capture it with %{{…:{}}}", any.join("} or %{…:"));
        remarks.missing(
            place,
            Fault::new(format!("event `{title}` needs `{}`", any.join("` or `"))).hint(hint),
        );
    }
}
