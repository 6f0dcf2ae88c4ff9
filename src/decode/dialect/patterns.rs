//! Patterns: parts filled in, compiled within their limit, their needs gathered for the prefilter.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use regex_syntax::hir::{Hir, HirKind};
use tillgate_events::{Currency, PaymentMethod};

use super::compile::lookup;
use super::engine::{Captures, Engine, Slots};
use super::events::METHODS;
use super::fields::Fields;
use super::macros::Macros;
use super::prefilter::{self, Needs, Prefilter};
use super::raw::Raw;
use super::recall::{Answer, Recall, is_blind};
use super::rule::{Blank, Boundaries};

use super::Locale;
use crate::spanned::{Fault, Place, Remarks, Text, quote};

/// A pattern as it is written, compiled when it is first wanted: of a built-in dialect's hundreds of patterns a till
/// that always prints alike needs a few.
#[derive(Debug)]
pub(super) struct Regex {
    /// As in the file.
    pub(super) text: Box<str>,
    parts: Arc<Macros>,
    engine: OnceLock<Option<Engine>>,
}

impl Regex {
    /// None for a pattern that does not compile, and no dialect with one gets here.
    fn engine(&self) -> Option<&Engine> {
        let compile = || Engine::new(&self.parts.parse(&self.text).ok()?).ok();
        self.engine.get_or_init(compile).as_ref()
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.engine().is_some_and(|engine| engine.is_match(text))
    }

    pub(super) fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.engine()?.captures(text)
    }

    /// The text with a space instead of each match.
    pub(super) fn blank<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.engine().map_or(Cow::Borrowed(text), |engine| engine.blank(text))
    }
}

/// A pattern for lines, and what a line needs for it to be worth trying.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) regex: Regex,
    pub(super) needs: Needs,
    /// Its number in its dialect.
    pub(super) number: u16,
    /// It makes no difference between the digits from 1 to 9.
    pub(super) blind: bool,
}

impl Pattern {
    /// Whether it matches the line that `recall` was turned to.
    pub(super) fn is_match(&self, line: &str, filter: &Prefilter, recall: &mut Recall) -> bool {
        match recall.answer(self.number) {
            Answer::No => return false,
            Answer::Yes(_) => return true,
            Answer::Unknown => {}
        }
        let found = self.is_worth(line, filter, recall) && self.regex.is_match(line);
        if found && self.blind {
            recall.matches_all(self.number, Slots::default());
        }
        self.note(found, recall);
        found
    }

    /// What it captures of the line that `recall` was turned to.
    pub(super) fn captures<'l>(
        &self,
        line: &'l str,
        filter: &Prefilter,
        recall: &mut Recall,
    ) -> Option<Fields<'l>> {
        match recall.answer(self.number) {
            Answer::No => return None,
            Answer::Yes(slots) => {
                return self.regex.engine().map(|it| Fields::Pattern(it.captured(line, slots)));
            }
            Answer::Unknown => {}
        }
        let worth = self.is_worth(line, filter, recall);
        let found = worth.then(|| self.regex.captures(line)).flatten();
        if let Some(slots) = found.as_ref().filter(|_| self.blind).and_then(Captures::slots) {
            recall.matches_all(self.number, slots);
        }
        self.note(found.is_some(), recall);
        found.map(Fields::Pattern)
    }

    fn is_worth(&self, line: &str, filter: &Prefilter, recall: &mut Recall) -> bool {
        let worth = recall.meets(filter, line, &self.needs);
        if !worth && self.needs.blind {
            recall.matches_none(self.number);
        }
        worth
    }

    fn note(&self, found: bool, recall: &mut Recall) {
        if !found && self.blind {
            recall.matches_none(self.number);
        }
    }
}

/// Whether a dialect's patterns are compiled when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// A file's: all its mistakes are told.
    Compile,
    /// A built-in dialect's: tests have compiled it.
    Tested,
}

/// Compiles patterns with the file's parts filled in.
pub(super) struct Patterns {
    parts: Arc<Macros>,
    proof: Proof,
    /// Of the patterns that lines are tried with.
    needs: prefilter::Builder,
    /// How many of them there are.
    count: u16,
}

impl Patterns {
    pub(super) fn new(
        raw: &Raw,
        locale: &Locale,
        currency: Currency,
        proof: Proof,
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
        Self { parts: Arc::new(parts), proof, needs: prefilter::Builder::default(), count: 0 }
    }

    /// A pattern and its syntax.
    pub(super) fn regex(
        &self,
        pattern: &str,
        place: &Place,
        remarks: &Remarks<'_>,
    ) -> Option<(Regex, Hir)> {
        let parsed = self.parts.parse(pattern).and_then(|hir| {
            // Only whether it compiles: it is done again if a line ever comes near it.
            if self.proof == Proof::Compile {
                Engine::new(&hir)?;
            }
            Ok(hir)
        });
        match parsed {
            Ok(hir) => {
                let (text, parts) = (pattern.into(), Arc::clone(&self.parts));
                Some((Regex { text, parts, engine: OnceLock::new() }, hir))
            }
            Err(error) => {
                remarks.mistake(place, Fault::new(format!("bad pattern: {error}")));
                None
            }
        }
    }

    /// A pattern that lines are tried with, and the names of its groups.
    pub(super) fn line(
        &mut self,
        pattern: &str,
        place: &Place,
        remarks: &Remarks<'_>,
    ) -> Option<(Pattern, Vec<String>)> {
        let (regex, hir) = self.regex(pattern, place, remarks)?;
        let (needs, number, blind) = (self.needs.add(&hir), self.count, is_blind(&hir));
        self.count = self.count.saturating_add(1);
        Some((Pattern { regex, needs, number, blind }, groups(&hir)))
    }

    fn lines(&mut self, texts: &[Text], remarks: &Remarks<'_>) -> Vec<Pattern> {
        let line = |(text, place): &Text| Some(self.line(text, place, remarks)?.0);
        texts.iter().filter_map(line).collect()
    }

    /// What all patterns need, when there are no more.
    pub(super) fn prefilter(self) -> Prefilter {
        self.needs.build()
    }

    pub(super) fn boundaries(&mut self, raw: &Raw, remarks: &Remarks<'_>) -> Boundaries {
        let receipt = &raw.receipt;
        let one = |text: &Option<Text>| {
            let (text, place) = text.as_ref()?;
            self.regex(text, place, remarks)
        };
        let sku = one(&receipt.sku).map(|(regex, _)| regex);
        let blank = one(&receipt.blank)
            .map(|(regex, hir)| Blank { regex, begins: prefilter::begins(&hir) });
        Boundaries {
            start: self.lines(&receipt.start, remarks),
            end: self.lines(&receipt.end, remarks),
            end_extra: receipt
                .end_extra
                .as_ref()
                .map_or(0, |(n, _)| u32::try_from(*n).unwrap_or(0)),
            ignore: self.lines(&receipt.ignore, remarks),
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
}

/// The names of a pattern's groups.
pub(super) fn groups(hir: &Hir) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = vec![hir];
    while let Some(part) = rest.pop() {
        match part.kind() {
            HirKind::Capture(group) => {
                names.extend(group.name.as_deref().map(str::to_owned));
                rest.push(&group.sub);
            }
            HirKind::Repetition(repeated) => rest.push(&repeated.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => rest.extend(parts),
            _ => {}
        }
    }
    names
}
