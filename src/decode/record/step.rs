//! What was done with each record, for people who want to know.

use crate::decode::dialect::Last;
use crate::decode::{DocumentFact, PosFact};

/// One record as text, redacted, or the end of a document, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The record as a line, its fields apart.
    pub fact: DocumentFact,
    /// Which rules took it.
    pub last: Last,
    /// What it means.
    pub read: Vec<PosFact>,
}

/// Steps, where somebody wants them.
#[derive(Debug, Default)]
pub(super) struct Steps(Option<Vec<Step>>);

impl Steps {
    pub fn keep(&mut self) {
        self.0.get_or_insert_default();
    }

    pub fn take(&mut self) -> Vec<Step> {
        self.0.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Notes a step; `read` is what it added to the facts.
    pub fn add(&mut self, fact: impl FnOnce() -> DocumentFact, last: &Last, read: &[PosFact]) {
        if let Some(steps) = &mut self.0 {
            steps.push(Step { fact: fact(), last: last.clone(), read: read.to_vec() });
        }
    }
}
