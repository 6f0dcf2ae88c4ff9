//! A loss as it stands on `…/gap`: the numbers from first to last will never come.

use serde::{Deserialize, Serialize};

use crate::Class;

/// Numbers that were given out and that nobody has to wait for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// Of which gateway.
    pub gateway: String,
    /// Of which stream of it.
    pub class: Class,
    /// Of which numbering.
    pub epoch: u32,
    /// The first number missing, from 1.
    pub first_sequence: u64,
    /// The last number missing.
    pub last_sequence: u64,
    /// How many are missing.
    pub count: u64,
    /// Bytes of payload dropped.
    pub bytes: u64,
    /// `cap`, `damage`, `salvage`, `thinned` or `reserved`.
    pub reason: String,
}

impl Loss {
    /// The reason of numbers that were set aside, and that perhaps no record ever had.
    pub const RESERVED: &str = "reserved";

    /// The reason of numbers whose records were joined to others, because the buffer was full: nothing of them is lost.
    pub const THINNED: &str = "thinned";

    /// Where reserved numbers end when nobody knows where: the last one that JSON carries exactly.
    pub const OPEN_END: u64 = (1 << 53) - 1;

    /// Reads a message from `…/gap`.
    ///
    /// # Errors
    /// When it is not of this form, or its numbers contradict each other: then it speaks for nothing.
    pub fn parse(payload: &[u8]) -> Result<Self, LossError> {
        let loss: Self = serde_json::from_slice(payload)
            .map_err(|error| LossError::NotALoss { line: error.line(), column: error.column() })?;
        let span = loss.last_sequence.checked_sub(loss.first_sequence);
        let is_whole = span.and_then(|span| span.checked_add(1)) == Some(loss.count);
        if loss.first_sequence == 0 || !is_whole { Err(LossError::Numbers) } else { Ok(loss) }
    }
}

/// Why a message on `…/gap` speaks for nothing. Never quotes what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LossError {
    /// It is not such an object.
    #[error("not a loss (line {line}, column {column})")]
    NotALoss {
        /// The line in the text, from 1.
        line: usize,
        /// The column in the line, from 1.
        column: usize,
    },
    /// First, last and count contradict each other.
    #[error("a loss whose numbers contradict each other")]
    Numbers,
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"gateway":"gw","class":"visit","epoch":2,"first_sequence":40,"last_sequence":42,"count":3,"bytes":512,"reason":"cap"}"#;

    #[test]
    fn a_loss_reads_as_it_is_written() {
        let loss = Loss::parse(GOOD.as_bytes()).unwrap();
        assert_eq!((loss.class, loss.first_sequence, loss.last_sequence), (Class::Visit, 40, 42));
        assert_eq!(serde_json::to_string(&loss).unwrap(), GOOD);
    }

    #[test]
    fn numbers_that_contradict_each_other_speak_for_nothing() {
        for (from, to) in
            [("\"count\":3", "\"count\":2"), ("42", "39"), (":40", ":0"), ("visit", "x")]
        {
            assert!(Loss::parse(GOOD.replace(from, to).as_bytes()).is_err(), "{to}");
        }
    }
}
