//! A record's bytes to its fields: places, separators, keys.

use std::ops::Range;

use crate::decode::codepage::CodePage;
use crate::decode::redact;
use crate::limits;

/// `[fields]`: how a record is cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldsOptions {
    /// Places of the first fields, in bytes. What is behind the last of them is separated.
    pub head: Vec<Range<usize>>,
    /// Stands between fields; `None`: the rest is one field.
    pub separator: Option<u8>,
    /// The record ends before the first of these behind its head.
    pub until: Vec<u8>,
    /// A record that holds this byte behind its head is the answer of the other side, and is not read.
    pub answer: Option<u8>,
    /// How the key of a field is told from its value, where fields have any.
    pub key: Option<FieldKey>,
}

/// How the key of a field is told from its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKey {
    /// The key has so many characters.
    Length(usize),
    /// This stands between key and value.
    Sign(char),
}

/// A record cut into redacted fields. At most `limits::RECORD_FIELDS`: the last one holds the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    values: Vec<String>,
    key: Option<FieldKey>,
}

impl Fields {
    /// Fields as they are, redacted again.
    #[must_use]
    pub(super) fn of(values: &[String], key: Option<FieldKey>) -> Self {
        let values = values.iter().take(limits::RECORD_FIELDS);
        Self { values: values.map(|value| redact::text(value)).collect(), key }
    }

    /// All of them in their order. Where two of them together are a secret, each is hidden as far as both are.
    #[must_use]
    pub fn values(&self) -> Vec<String> {
        let (joined, line) = (self.values.join(" | "), self.line());
        if joined.trim_end() == line {
            return self.values.clone();
        }
        let apart: Vec<String> = line.split(" | ").map(str::to_owned).collect();
        if apart.len() == self.values.len() { apart } else { vec![line] }
    }

    /// The field of this place, from 0.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<&str> {
        self.values.get(place).map(String::as_str)
    }

    /// The value of the first field with this key.
    #[must_use]
    pub fn keyed(&self, key: &str) -> Option<&str> {
        let kind = self.key?;
        self.values.iter().find_map(|field| match kind {
            FieldKey::Length(length) if key.chars().count() == length => field.strip_prefix(key),
            FieldKey::Length(_) => None,
            FieldKey::Sign(sign) => field.strip_prefix(key)?.strip_prefix(sign),
        })
    }

    /// All of it as a line, redacted once more: what two fields hold together may be a secret.
    #[must_use]
    pub fn line(&self) -> String {
        redact::text(&self.values.join(" | "))
    }
}

/// Cuts records; the code page is the device's, or UTF-8 where a field is that.
#[derive(Debug)]
pub(super) struct Cutter {
    options: FieldsOptions,
    page: Option<CodePage>,
    utf8: CodePage,
    fallback: CodePage,
}

impl Cutter {
    pub fn new(options: FieldsOptions, page: Option<CodePage>) -> Self {
        let (utf8, fallback) = (CodePage::utf8(), CodePage::cp437());
        Self { options, page, utf8, fallback }
    }

    /// Fields that were cut before.
    pub fn again(&self, values: &[String]) -> Fields {
        Fields::of(values, self.options.key)
    }

    /// The fields; `None` for an answer.
    pub fn cut(&self, record: &[u8]) -> Option<Fields> {
        let options = &self.options;
        let mut values: Vec<String> = Vec::new();
        for place in &options.head {
            let end = place.end.min(record.len());
            values.push(self.value(record.get(place.start..end).unwrap_or_default()));
        }
        let behind = options.head.iter().map(|place| place.end).max().unwrap_or_default();
        let rest = record.get(behind.min(record.len())..).unwrap_or_default();
        if options.answer.is_some_and(|answer| rest.contains(&answer)) {
            return None;
        }
        let end = rest.iter().position(|byte| options.until.contains(byte));
        let rest = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let room = limits::RECORD_FIELDS.saturating_sub(values.len()).max(1);
        match options.separator {
            Some(separator) => {
                let fields = rest.splitn(room, |byte| *byte == separator);
                values.extend(fields.map(|field| self.value(field)));
            }
            None if rest.is_empty() => {}
            None => values.push(self.value(rest)),
        }
        Some(Fields { values, key: options.key })
    }

    /// The text of a record that is not cut.
    pub fn text(&self, record: &[u8]) -> String {
        let page = match &self.page {
            Some(page) => page,
            None if std::str::from_utf8(record).is_ok() => &self.utf8,
            None => &self.fallback,
        };
        let text = page.decode(record);
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }

    fn value(&self, bytes: &[u8]) -> String {
        redact::text(self.text(bytes).trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(options: FieldsOptions, record: &[u8]) -> Option<Fields> {
        Cutter::new(options, None).cut(record)
    }

    fn check(options: FieldsOptions, record: &[u8], expected: &[&str]) {
        assert_eq!(cut(options, record).unwrap().values, expected);
    }

    fn tabs() -> FieldsOptions {
        FieldsOptions { separator: Some(b'\t'), ..FieldsOptions::default() }
    }

    #[test]
    fn fields_stand_between_separators_or_at_places() {
        check(tabs(), b"0\tTEA\t\t4,98", &["0", "TEA", "", "4,98"]);
        check(FieldsOptions::default(), b"all of it", &["all of it"]);
        check(FieldsOptions::default(), b"", &[]);
        let head = FieldsOptions { head: vec![0..2, 2..3, 9..12], ..FieldsOptions::default() };
        check(head.clone(), b"49ATEA   100", &["49", "A", "100"]);
        check(head, b"4", &["4", "", ""]);
    }

    #[test]
    fn behind_the_head_the_rest_is_separated_up_to_its_end() {
        let options =
            FieldsOptions { head: vec![0..1, 1..2], until: vec![4, 5], answer: Some(4), ..tabs() };
        check(options.clone(), b"#1TEA\tA\x05junk", &["#", "1", "TEA", "A"]);
        assert_eq!(cut(options, b"#1TEA\x04ST\x05"), None);
    }

    #[test]
    fn keys_are_of_a_length_or_before_a_sign() {
        let keyed = |key, record: &[u8]| cut(FieldsOptions { key: Some(key), ..tabs() }, record);
        let fields = keyed(FieldKey::Length(2), b"trline\tnaChleb\tpr200").unwrap();
        assert_eq!((fields.keyed("na"), fields.keyed("pr")), (Some("Chleb"), Some("200")));
        assert_eq!(
            (fields.keyed("vt"), fields.keyed("p"), fields.at(0)),
            (None, None, Some("trline"))
        );
        let fields = keyed(FieldKey::Sign('='), b"name=Tea\tnam=x").unwrap();
        assert_eq!((fields.keyed("name"), fields.keyed("nam")), (Some("Tea"), Some("x")));
    }

    #[test]
    fn card_numbers_leave_no_field_and_no_line() {
        let fields = cut(tabs(), b"PAY\t4111111111111111\t;4111111111111111=2512?").unwrap();
        assert!(!format!("{fields:?} {}", fields.line()).contains("41111111"), "{fields:?}");
        let apart = cut(tabs(), b"4111 1111\t1111 1111").unwrap();
        assert_eq!(apart.at(1), Some("1111 1111"));
    }

    #[test]
    fn more_fields_than_the_bound_stay_in_the_last() {
        let record = vec![b'\t'; 1000];
        let fields = cut(tabs(), &record).unwrap();
        assert_eq!(fields.values.len(), limits::RECORD_FIELDS);
    }
}
