//! What the cloud says it has: `{"pos": {"epoch": 1, "sequence": 4711}, …}`, retained on `…/ack`.

use std::collections::BTreeMap;

use serde::Deserialize;
use tillgate_events::Class;

use crate::store::Gap;

/// How far the cloud has committed a class without a hole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Watermark {
    /// Of the numbering meant.
    pub epoch: u32,
    /// Committed up to and with this one.
    pub sequence: u64,
}

impl Watermark {
    /// How far the cloud is once it went past a gap.
    pub(super) fn after(gap: &Gap) -> Self {
        let sequence = gap.first_sequence.saturating_add(gap.count).saturating_sub(1);
        Self { epoch: gap.epoch, sequence }
    }
}

/// Reads a message from `…/ack`. Classes that this version does not know are passed over.
pub(super) fn parse(payload: &[u8]) -> Result<Vec<(Class, Watermark)>, serde_json::Error> {
    let marks: BTreeMap<String, Watermark> = serde_json::from_slice(payload)?;
    Ok(marks
        .into_iter()
        .filter_map(|(name, mark)| Some((Class::from_name(&name)?, mark)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_classes_are_read_and_others_passed_over() {
        let text =
            br#"{"pos": {"epoch": 2, "sequence": 9}, "weather": {"epoch": 1, "sequence": 1}}"#;
        assert_eq!(parse(text).unwrap(), [(Class::Pos, Watermark { epoch: 2, sequence: 9 })]);
    }

    #[test]
    fn what_is_no_watermark_confirms_nothing() {
        for bad in
            ["", "[]", "{\"pos\": 5}", "{\"pos\": {\"epoch\": -1, \"sequence\": 1}}", "\u{0}"]
        {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
