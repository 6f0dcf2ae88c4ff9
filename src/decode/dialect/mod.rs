//! Dialects: how one kind of till writes its receipts, as data.
//!
//! A dialect is a TOML file: a framer (which decoder and its options), a locale (how amounts and dates are
//! written), the receipt's boundaries and flags, and an ordered list of rules. A rule is a pattern with named
//! captures from a closed list ([`CAPTURES`]) and an event; the first rule that matches a line takes it.
//! Patterns ignore case, run in linear time and are limited in size. `%{name}` stands for a part of a
//! pattern (an amount in this locale, a word list of the file), `%{name:capture}` captures it.
//!
//! Nothing in a dialect is guessed at run time: a file with a mistake is refused, all mistakes at once, each
//! with its place. `extends` takes a built-in dialect's rules behind the file's own.

mod builtin;
mod classes;
mod columns;
mod compile;
pub mod digits;
mod engine;
mod events;
mod facts;
mod fields;
mod framer;
mod grammar;
mod macros;
pub mod moment;
pub mod money;
mod patterns;
mod prefilter;
mod raw;
mod recall;
mod record;
mod rule;
mod rules;
pub mod sample;
#[cfg(test)]
mod tests;

use std::time::Duration;

use tillgate_events::{Currency, PaymentMethod};

use super::record::FieldsOptions;
use crate::spanned::Mistake;
pub use builtin::{BUILTIN, source as builtin_source};
pub use events::{CAPTURES, event_names};
pub use framer::{DisplayLook, Framer, FramerKind, KINDS};
pub use grammar::{Fate, Grammar, Last, RecordGrammar, RecordStep};
use patterns::{Proof, Regex};
use prefilter::Prefilter;
use record::Record;
pub use rule::Origin;
use rule::{Boundaries, Rule};
pub use sample::Sample;

/// What the gateway says about its shop before the dialect is read.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Decides how many decimals an amount has, unless the dialect names another currency.
    pub currency: Currency,
    /// Overrides the dialect's decimal sign.
    pub decimal: Option<char>,
}

/// A dialect that is fit for use.
#[derive(Debug)]
pub struct Dialect {
    /// What the file calls itself.
    pub id: String,
    /// Which decoder reads the bytes, and how.
    pub framer: Framer,
    /// How amounts and dates are written.
    pub locale: Locale,
    /// The dialect's own currency; the gateway's where it names none.
    pub currency: Option<Currency>,
    /// Which sums must agree.
    pub checks: Checks,
    /// What two prints of one receipt have in common.
    pub key: Key,
    /// How long a drawer kick may wait for its receipt before it is a `no_sale`; `None`: a kick alone means nothing.
    pub no_sale_after: Option<Duration>,
    /// Of lines that no rule took no more is told than how many: names and addresses may stand there.
    pub private: bool,
    /// Golden samples of the file itself, in its order; not those of what it extends.
    pub samples: Vec<Sample>,
    boundaries: Boundaries,
    tenders: Vec<(PaymentMethod, Regex)>,
    rules: Vec<Rule>,
    fields: FieldsOptions,
    records: Vec<Record>,
    amount_only: Regex,
    /// Of all patterns for lines.
    prefilter: Prefilter,
}

/// Why a dialect was refused: mend the file.
#[derive(Debug, thiserror::Error)]
#[error("{}", .mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct DialectError {
    /// At least one, in the order of the file.
    pub mistakes: Vec<Mistake>,
}

impl Dialect {
    /// Reads a dialect file's text. `file` is its name in messages.
    ///
    /// # Errors
    /// All mistakes of the file.
    pub fn parse(file: &str, text: &str, setting: &Setting) -> Result<Self, DialectError> {
        Self::read(file, text, setting, Proof::Compile)
    }

    fn read(file: &str, text: &str, setting: &Setting, proof: Proof) -> Result<Self, DialectError> {
        compile::dialect(file, text, setting, proof).map_err(|mistakes| DialectError { mistakes })
    }

    /// How the records of a machine are cut.
    #[must_use]
    pub fn fields(&self) -> &FieldsOptions {
        &self.fields
    }

    /// Whether field maps read the records, and not rules for lines.
    #[must_use]
    pub fn has_records(&self) -> bool {
        !self.records.is_empty()
    }

    /// Whether the dialect says what a line or a barcode means.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// A dialect that is compiled in; `None` when there is none of that name.
    ///
    /// # Errors
    /// As [`Dialect::parse`], when the setting does not fit the dialect.
    pub fn builtin(id: &str, setting: &Setting) -> Option<Result<Self, DialectError>> {
        builtin_source(id).map(|text| Self::read(id, text, setting, Proof::Tested))
    }
}

/// `[locale]`: how amounts and dates are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale {
    /// `.` or `,`.
    pub decimal: char,
    /// Separators of thousands; a space stands for the no-break spaces too, `'` for the curly one.
    pub group: Vec<char>,
    /// Decimals of the currency.
    pub minor: u32,
    /// strptime formats, tried in order.
    pub dates: Vec<String>,
}

impl Locale {
    /// True for a separator of thousands.
    #[must_use]
    pub fn is_group(&self, c: char) -> bool {
        let c = match c {
            '\u{a0}' | '\u{202f}' => ' ',
            '\u{2019}' => '\'',
            c => c,
        };
        self.group.contains(&c)
    }
}

/// `receipt.key`: what two prints must have in common to be one receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The number.
    pub number: bool,
    /// The register.
    pub terminal: bool,
    /// Date and time.
    pub printed_at: bool,
    /// The sum.
    pub total: bool,
}

impl Default for Key {
    fn default() -> Self {
        Self { number: true, terminal: true, printed_at: true, total: true }
    }
}

/// `[check]`: cross-checks; they lower `checks_passed` and never drop a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// The lines make the total.
    pub lines_sum_equals_total: bool,
    /// What was paid, less the change, is the total.
    pub tenders_minus_change_equals_total: bool,
    /// The machine tells neither total nor change: its articles make the one, what was paid the other.
    pub total_is_sum: bool,
}
