//! One TOML value, and what it may be read as.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::DeValue;

use super::{Fault, Place, Text, did_you_mean, quote};

/// A range that ends here or later has no upper end worth telling.
const UNBOUNDED: u64 = i64::MAX.unsigned_abs();

/// A value that is being read.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    raw: &'a DeValue<'a>,
    start: usize,
    end: usize,
}

impl<'a> Value<'a> {
    pub(super) fn new(value: &'a Spanned<DeValue<'a>>) -> Self {
        let Place { start, end } = value.span();
        Self { raw: value.get_ref(), start, end }
    }

    /// Where it stands.
    #[must_use]
    pub fn place(self) -> Place {
        self.start..self.end
    }

    /// Whether it is a table: to be read as a section.
    #[must_use]
    pub fn is_table(self) -> bool {
        self.raw.is_table()
    }

    /// A string.
    ///
    /// # Errors
    /// It is none.
    pub fn str(self) -> Result<&'a str, Fault> {
        self.raw.as_str().ok_or_else(|| self.wrong("a string"))
    }

    /// A string, and where it stands.
    ///
    /// # Errors
    /// It is none.
    pub fn text(self) -> Result<Text, Fault> {
        Ok((self.str()?.to_owned(), self.place()))
    }

    /// A date, a time or both, in quotes or without; as it is written.
    ///
    /// # Errors
    /// It is neither a date nor a string.
    pub fn moment(self) -> Result<String, Fault> {
        match self.raw {
            DeValue::Datetime(moment) => Ok(moment.to_string()),
            _ => self.str().map(str::to_owned),
        }
    }

    /// A number as it is written, whole or with decimals.
    ///
    /// # Errors
    /// It is none.
    pub fn number(self) -> Result<String, Fault> {
        match self.raw {
            DeValue::Float(number) => Ok(number.as_str().replace('_', "")),
            _ => self.signed().map(|number| number.to_string()).map_err(|_| self.wrong("a number")),
        }
    }

    /// `true` or `false`.
    pub fn boolean(self) -> Result<bool, Fault> {
        self.raw.as_bool().ok_or_else(|| self.wrong("true or false"))
    }

    /// A whole number within `range`, and within what `T` holds.
    pub fn integer<T: TryFrom<u64>>(self, range: RangeInclusive<u64>) -> Result<T, Fault> {
        let number = self.raw.as_integer().ok_or_else(|| self.wrong("a whole number"))?;
        u64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .filter(|number| range.contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| {
                let (low, high) = range.into_inner();
                let shown = quote(&number.to_string());
                Fault::new(match high {
                    0..UNBOUNDED => format!("{shown} is not within {low} to {high}"),
                    _ => format!("{shown} is not a number from {low} up"),
                })
            })
    }

    /// A whole number with a sign.
    ///
    /// # Errors
    /// It is none, or more than 64 bits hold.
    pub fn signed(self) -> Result<i64, Fault> {
        let number = self.raw.as_integer().ok_or_else(|| self.wrong("a whole number"))?;
        i64::from_str_radix(number.as_str(), number.radix())
            .map_err(|_| Fault::new(format!("{} is too large", quote(&number.to_string()))))
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_list(self) -> bool {
        self.raw.is_array()
    }

    /// A list, each of its items read by `read`.
    pub fn list<T>(self, read: impl FnMut(Value<'a>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
        let items = self.raw.as_array().ok_or_else(|| self.wrong("a list"))?;
        items.iter().map(Value::new).map(read).collect()
    }

    /// One of the words, as what it stands for.
    pub fn one_of<T: Copy>(self, words: &[(&str, T)]) -> Result<T, Fault> {
        let written = self.str()?;
        let known = || words.iter().map(|(word, _)| *word);
        words.iter().find(|(word, _)| *word == written).map(|(_, meaning)| *meaning).ok_or_else(
            || {
                let list = known().collect::<Vec<_>>().join(", ");
                let fault = Fault::new(format!("{} is not one of {list}", quote(written)));
                fault.hint_if(did_you_mean(written, known()))
            },
        )
    }

    fn wrong(self, wanted: &str) -> Fault {
        let fault = Fault::new(format!("this is {}, not {wanted}", kind(self.raw)));
        match self.raw {
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_)
                if wanted == "a string" =>
            {
                fault.hint("put it in quotes")
            }
            DeValue::String(_) if wanted != "a list" => fault.hint("write it without quotes"),
            _ => fault,
        }
    }
}

/// What a value is, in words.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
