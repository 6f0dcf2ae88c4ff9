//! What the cloud says it has: `{"pos": {"epoch": 1, "sequence": 4711}, …}`, retained on `…/ack`.
//!
//! The one place that knows this form: the gateway reads it, whoever confirms writes it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Class;

/// How far the cloud has committed a class without a hole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Watermark {
    /// Of the numbering meant.
    pub epoch: u32,
    /// Committed up to and with this one.
    pub sequence: u64,
}

/// The watermarks of one gateway, by class.
pub type Watermarks = BTreeMap<Class, Watermark>;

/// Reads a message from `…/ack`. Classes that this version does not know are passed over. An empty message clears what
/// was retained: it says nothing.
///
/// # Errors
/// When it is not of this form: then it confirms nothing.
pub fn parse_watermarks(payload: &[u8]) -> Result<Watermarks, serde_json::Error> {
    if payload.is_empty() {
        return Ok(Watermarks::new());
    }
    let Named(marks) = serde_json::from_slice(payload)?;
    let known = |(name, mark): (String, _)| Some((Class::from_name(&name)?, mark));
    Ok(marks.into_iter().filter_map(known).collect())
}

/// By any name, each once: of two that contradict each other neither is believed.
struct Named(BTreeMap<String, Watermark>);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EachOnce).map(Self)
    }
}

struct EachOnce;

impl<'de> Visitor<'de> for EachOnce {
    type Value = BTreeMap<String, Watermark>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with one watermark for each class")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut marks = BTreeMap::new();
        while let Some((name, mark)) = map.next_entry()? {
            if marks.insert(name, mark).is_some() {
                return Err(A::Error::custom("a name stands there twice"));
            }
        }
        Ok(marks)
    }
}

/// A message for `…/ack`.
#[must_use]
pub fn render_watermarks(marks: &Watermarks) -> String {
    let line = serde_json::to_string(marks);
    debug_assert!(line.is_ok(), "names and integers always serialise");
    line.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_classes_are_read_and_others_passed_over() {
        let text =
            br#"{"pos": {"epoch": 2, "sequence": 9}, "weather": {"epoch": 1, "sequence": 1}}"#;
        let expected = BTreeMap::from([(Class::Pos, Watermark { epoch: 2, sequence: 9 })]);
        assert_eq!(parse_watermarks(text).unwrap(), expected);
    }

    #[test]
    fn a_watermark_that_was_cleared_confirms_nothing_and_is_no_mistake() {
        assert_eq!(parse_watermarks(b"").unwrap(), BTreeMap::new());
    }

    const TWICE: &str =
        r#"{"pos": {"epoch": 1, "sequence": 20}, "pos": {"epoch": 1, "sequence": 0}}"#;

    #[test]
    fn what_is_no_watermark_confirms_nothing() {
        for bad in [
            " ",
            "[]",
            "{\"pos\": 5}",
            "{\"pos\": {\"epoch\": -1, \"sequence\": 1}}",
            "\u{0}",
            TWICE,
        ] {
            assert!(parse_watermarks(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let mark = |epoch, sequence| Watermark { epoch, sequence };
        let marks =
            BTreeMap::from([(Class::Pos, mark(1, 4711)), (Class::Visit, mark(3, u64::MAX))]);
        let text = render_watermarks(&marks);
        assert_eq!(
            text,
            r#"{"pos":{"epoch":1,"sequence":4711},"visit":{"epoch":3,"sequence":18446744073709551615}}"#
        );
        assert_eq!(parse_watermarks(text.as_bytes()).unwrap(), marks);
        assert_eq!(parse_watermarks(b"{}").unwrap(), BTreeMap::new());
    }
}
