//! Golden samples: what a till sent, and the events that must come of it.
//!
//! `[[sample]]` names a capture (`file`) or holds a journal (`text`), and a file of `events`: one JSON event of
//! the contract a line, as `tillgate replay --json` prints them with its default clock and ids. Names are
//! relative to the dialect's file and stay in its folder. Reading the files is the caller's business; here is what
//! is compared and how: events as values, so that the order of keys and spaces does not matter; empty lines and
//! lines that begin with `#` do not count.

use serde_json::Value;

use super::raw::RawSample;

use crate::limits;
use crate::spanned::{Fault, Remarks, Text, quote};

/// One `[[sample]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// What the till sent.
    pub input: SampleInput,
    /// File of the expected events, relative to the dialect's.
    pub events: String,
    /// Line and column of the dialect's file where the sample stands, from 1.
    pub place: (usize, usize),
}

/// Where a sample's bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SampleInput {
    /// A capture, relative to the dialect's file.
    File(String),
    /// Lines, as UTF-8, whatever the framer's code page: for a dialect whose framer is `text`.
    Text(String),
}

/// The first thing in which events are not as expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// A line of the golden file is no JSON.
    #[error("line {line} of the expected events is no JSON: {error}")]
    NoJson {
        /// From 1.
        line: usize,
        /// What the reader of JSON says.
        error: String,
    },
    /// One value differs.
    #[error("event {event}: `{path}` is {found}, expected {expected}")]
    Value {
        /// From 1.
        event: usize,
        /// Keys and places, with points between.
        path: String,
        /// As JSON, or `missing`.
        found: String,
        /// As JSON, or `missing`.
        expected: String,
    },
    /// There are fewer or more events.
    #[error("{found} events, expected {expected}")]
    Count {
        /// Of the replay.
        found: usize,
        /// Of the golden file.
        expected: usize,
    },
}

/// Compares the events of a replay with the expected ones, both as lines of JSON.
///
/// # Errors
/// The first difference. Values are told before a different number of events.
pub fn compare(expected: &str, found: &str) -> Result<(), Difference> {
    let (expected, found) = (events(expected)?, events(found)?);
    for (number, (expected, found)) in (1..).zip(expected.iter().zip(&found)) {
        if let Some(difference) = differ(number, String::new(), expected, found) {
            return Err(difference);
        }
    }
    if expected.len() == found.len() {
        return Ok(());
    }
    Err(Difference::Count { found: found.len(), expected: expected.len() })
}

fn events(text: &str) -> Result<Vec<Value>, Difference> {
    let lines = (1..).zip(text.lines().map(str::trim));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let read = |(line, text): (usize, &str)| {
        serde_json::from_str(text)
            .map_err(|error| Difference::NoJson { line, error: error.to_string() })
    };
    lines.map(read).collect()
}

/// The first difference of two values at `path`; of objects, keys in their order.
fn differ(event: usize, path: String, expected: &Value, found: &Value) -> Option<Difference> {
    if expected == found {
        return None;
    }
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let of_both = |key: &String| match (expected.get(key), found.get(key)) {
                (Some(expected), Some(found)) => differ(event, below(key), expected, found),
                (expected, found) => Some(Difference::value(event, below(key), expected, found)),
            };
            expected.keys().chain(found.keys()).find_map(of_both)
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let mut pairs = (0..).zip(expected.iter().zip(found));
            pairs.find_map(|(at, (e, f)): (usize, _)| differ(event, below(&at.to_string()), e, f))
        }
        (Value::Number(expected), Value::Number(found)) if decimal(expected) == decimal(found) => {
            None
        }
        _ => Some(Difference::value(event, path, Some(expected), Some(found))),
    }
}

/// A number without zeros that say nothing: 2.50 is 2.5.
fn decimal(number: &serde_json::Number) -> String {
    let text = number.to_string();
    match text.contains('.') && !text.contains(['e', 'E']) {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

impl Difference {
    fn value(event: usize, path: String, expected: Option<&Value>, found: Option<&Value>) -> Self {
        let text = |value: Option<&Value>| value.map_or("missing".to_owned(), Value::to_string);
        Self::Value { event, path, found: text(found), expected: text(expected) }
    }
}

/// Checks what the file says of its samples.
pub(super) fn samples(raw: &[RawSample], remarks: &Remarks<'_>) -> Vec<Sample> {
    if let Some(over) = raw.get(limits::DIALECT_SAMPLES) {
        let most = limits::DIALECT_SAMPLES;
        remarks.mistake(&over.place, Fault::new(format!("more than {most} samples")));
    }
    raw.iter().filter_map(|raw| sample(raw, remarks)).collect()
}

fn sample(raw: &RawSample, remarks: &Remarks<'_>) -> Option<Sample> {
    let events = raw.events.as_ref().and_then(|name| inside(name, remarks));
    if raw.events.is_none() {
        let hint = "events = \"samples/a.jsonl\"".to_owned();
        remarks.missing(&raw.place, Fault::new("a sample needs `events`").hint(hint));
    }
    let input = match (&raw.file, &raw.text) {
        (Some(name), None) => inside(name, remarks).map(SampleInput::File),
        (None, Some((text, _))) => Some(SampleInput::Text(text.clone())),
        _ => {
            let hint = "file = \"samples/a.bin\"".to_owned();
            remarks.missing(
                &raw.place,
                Fault::new("a sample needs either `file` or `text`").hint(hint),
            );
            None
        }
    };
    Some(Sample { input: input?, events: events?, place: remarks.position(&raw.place) })
}

/// A name that stays in the dialect's folder.
fn inside((name, place): &Text, remarks: &Remarks<'_>) -> Option<String> {
    let good = !name.is_empty() && name.split('/').all(|part| !part.is_empty() && part != "..");
    if !good {
        let hint = "a file beside the dialect's or below it".to_owned();
        remarks.mistake(
            place,
            Fault::new(format!("{} is not in the dialect's folder", quote(name))).hint(hint),
        );
    }
    good.then(|| name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "{\"a\":1,\"b\":{\"c\":[1,2.50]}}\n{\"a\":2}\n";

    fn check(expected: &str, found: &str, told: &str) {
        let result = compare(expected, found);
        assert_eq!(result.map_or_else(|e| e.to_string(), |()| String::new()), told, "{found}");
    }

    #[test]
    fn events_are_compared_as_values() {
        check(TWO, TWO, "");
        check(TWO, "# by hand\n{ \"b\": {\"c\": [1, 2.5]}, \"a\": 1 }\n\n{\"a\":2}", "");
        check("", "\n", "");
    }

    #[test]
    fn the_first_difference_is_told_with_its_place() {
        check(TWO, "{\"a\":1,\"b\":{\"c\":[1,3]}}\n", "event 1: `b.c.1` is 3, expected 2.50");
        check(TWO, "{\"a\":1,\"b\":{\"c\":[1]}}\n", "event 1: `b.c` is [1], expected [1,2.50]");
        check(TWO, "{\"a\":1}\n", "event 1: `b` is missing, expected {\"c\":[1,2.50]}");
        check("{\"a\":null}", "{}", "event 1: `a` is missing, expected null");
        check("{}", "{\"a\":1}", "event 1: `a` is 1, expected missing");
        check("1", "\"1\"", "event 1: `` is \"1\", expected 1");
        check(TWO, TWO.lines().next().unwrap(), "1 events, expected 2");
        check("# none", TWO, "2 events, expected 0");
        check(
            "{}\n{",
            TWO,
            "line 2 of the expected events is no JSON: EOF while parsing an object at line 1 column 1",
        );
    }
}
