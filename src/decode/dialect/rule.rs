//! Rules as they are used: a test, a meaning, and when it counts.

use std::borrow::Cow;

use tillgate_events::PaymentMethod;

use super::columns::Columns;
use super::events::Event;
use super::patterns::{Pattern, Regex};
use super::prefilter::Bytes;
use crate::decode::{OrderMode, StockReason};

/// One pattern of a `[[rule]]`, or a flag.
#[derive(Debug)]
pub(super) struct Rule {
    pub test: Test,
    pub means: Meaning,
    pub origin: Origin,
}

/// Where a rule is written, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A line of the dialect's file, or of a built-in one that it extends.
    Line {
        /// The built-in dialect; none for the file itself.
        base: Option<&'static str>,
        /// From 1.
        line: usize,
    },
    /// A flag of `[receipt.flags]`.
    Flag(&'static str),
}

/// What a rule's line means, and when it counts.
#[derive(Clone, Debug)]
pub(super) struct Meaning {
    pub event: Event,
    /// Bit per state.
    pub states: u64,
    pub goto: Option<u8>,
    pub attach: Attach,
    /// Where the other half of a two-line article stands.
    pub continues: Option<Continues>,
    /// After this rule, further rules of this sort may take the same line.
    pub more: bool,
    /// Bit per event: not once another rule has read one of these.
    pub unless: u64,
    pub set: Fixed,
}

/// What a rule looks at.
#[derive(Debug)]
pub(super) enum Test {
    Line(Pattern),
    /// A line by its columns.
    Columns(Columns),
    /// A barcode's data.
    Barcode(Regex),
}

#[cfg(test)]
impl Rule {
    /// The pattern for lines, where it has one.
    pub(super) fn pattern(&self) -> Option<&Pattern> {
        match &self.test {
            Test::Line(pattern) => Some(pattern),
            _ => None,
        }
    }
}

impl Meaning {
    /// In every state, changing nothing: the event and no more.
    pub(super) fn of(event: Event) -> Self {
        Self {
            event,
            states: u64::MAX,
            goto: None,
            attach: Attach::Receipt,
            continues: None,
            more: false,
            unless: 0,
            set: Fixed::default(),
        }
    }
}

/// What a rule says itself instead of capturing it.
#[derive(Clone, Debug, Default)]
pub(super) struct Fixed {
    pub tender: Option<PaymentMethod>,
    pub declined: bool,
    pub included: bool,
    pub code: Option<String>,
    pub reason: Option<StockReason>,
    pub mode: Option<OrderMode>,
}

/// What a discount belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attach {
    PreviousLine,
    Receipt,
}

/// Where an article's description stands when it is not on the line of its amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Continues {
    PreviousLine,
    NextLine,
}

/// A pattern that is read as spaces, and the bytes that a match can begin with, where that is known.
#[derive(Debug)]
pub(super) struct Blank {
    pub regex: Regex,
    pub begins: Option<Bytes>,
}

impl Blank {
    /// The text with a space instead of each match.
    pub fn blank<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let may = |begins: &Bytes| text.bytes().any(|byte| begins.has(byte));
        match self.begins.as_ref().is_none_or(may) {
            true => self.regex.blank(text),
            false => Cow::Borrowed(text),
        }
    }
}

/// `[receipt]`: where receipts begin and end besides cut and silence, and what is not read.
#[derive(Debug, Default)]
pub(super) struct Boundaries {
    pub start: Vec<Pattern>,
    pub end: Vec<Pattern>,
    /// Lines that still belong to the receipt after its end mark.
    pub end_extra: u32,
    pub ignore: Vec<Pattern>,
    /// Read as spaces: the frames of tables.
    pub blank: Option<Blank>,
    /// Splits an article number (`sku`) off a description (`desc`).
    pub sku: Option<Regex>,
}
