//! Patterns: parts filled in, compiled within their limit, their needs gathered for the prefilter.

use regex::{Regex, RegexBuilder};
use tillgate_events::{Currency, PaymentMethod};

use super::compile::lookup;
use super::events::METHODS;
use super::fields::Fields;
use super::macros::Macros;
use super::prefilter::{self, Needs, Prefilter, Scan};
use super::raw::Raw;
use super::rule::Boundaries;

use super::{Locale, classes};
use crate::limits;
use crate::spanned::{Fault, Place, Remarks, Text, quote};

/// A pattern, and what a line needs for it to be worth trying.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) regex: Regex,
    pub(super) needs: Needs,
}

impl Pattern {
    pub(super) fn is_match(&self, line: &str, scan: &Scan) -> bool {
        scan.meets(&self.needs) && self.regex.is_match(line)
    }

    pub(super) fn captures<'l>(&self, line: &'l str, scan: &Scan) -> Option<Fields<'l>> {
        if !scan.meets(&self.needs) {
            return None;
        }
        self.regex.captures(line).map(Fields::Pattern)
    }
}

/// Compiles patterns with the file's parts filled in.
pub(super) struct Patterns {
    parts: Macros,
    /// Of the patterns that lines are tried with.
    needs: prefilter::Builder,
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
        Self { parts, needs: prefilter::Builder::default() }
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

    /// A pattern that lines are tried with.
    pub(super) fn line(
        &mut self,
        pattern: &str,
        place: &Place,
        remarks: &Remarks<'_>,
    ) -> Option<Pattern> {
        let (regex, source) = self.regex(pattern, place, remarks)?;
        Some(Pattern { regex, needs: self.needs.add(&source) })
    }

    fn lines(&mut self, texts: &[Text], remarks: &Remarks<'_>) -> Vec<Pattern> {
        texts.iter().filter_map(|(text, place)| self.line(text, place, remarks)).collect()
    }

    /// What all patterns need, when there are no more.
    pub(super) fn prefilter(self) -> Prefilter {
        self.needs.build()
    }

    pub(super) fn boundaries(&mut self, raw: &Raw, remarks: &Remarks<'_>) -> Boundaries {
        let receipt = &raw.receipt;
        let one = |text: &Option<Text>| {
            let (text, place) = text.as_ref()?;
            self.regex(text, place, remarks).map(|(regex, _)| regex)
        };
        let (blank, sku) = (one(&receipt.blank), one(&receipt.sku));
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
