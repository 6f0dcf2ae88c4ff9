//! What the open document of each device was given, on its way into the store's journal, and back after a crash.
//!
//! # Invariants
//! - What is written is redacted: it is what a grammar was given.
//! - A document ends in the journal with the fact that ended it, before the records of that end can be committed;
//!   each commit takes all records and all ended pages together. So what was accepted is never put back, and what was
//!   not accepted is.
//! - A document that was printed to its end, and of which something waits (for a card payment, for the rest of its
//!   sale), stays open until that was told.
//! - Memory: an open document is bounded by its decoder, pages that wait for the store by `limits::JOURNAL_WAITING`.
//!
//! # How
//! [`Log`] belongs to a device's chain and collects; the pipeline gathers pages from all logs before a commit, and asks
//! for one a commit interval after the first line that is not yet written. [`Pages`] keeps them until the store has
//! them. Facts that come while nothing is open wait for the next document without asking for a commit.

mod pages;
pub mod text;

pub use pages::Pages;

use crate::decode::document::Standing;
use crate::decode::{DocumentEnd, DocumentFact, PosFact, Said};
use crate::limits;
use crate::store::Page;
use crate::time::{Mono, Now};

/// The documents of one device, as far as they are not handed on. They are numbered in their order.
#[derive(Debug, Default)]
pub struct Log {
    /// The number of the document that is being printed, or comes next.
    paper: u64,
    text: String,
    /// What is left of the texts of documents that were printed to their end and of which something waits.
    waiting: Vec<(u64, String)>,
    /// The same of documents that are over.
    ended: Vec<(u64, String)>,
    /// There is something that a further fact may belong to.
    open: bool,
    /// The tail that was handed on last.
    tail: String,
    /// When the first bytes of open documents came that are not handed on.
    since: Option<Mono>,
}

impl Log {
    /// The number of the document that the next fact belongs to.
    pub fn paper(&self) -> u64 {
        self.paper
    }

    /// The device said this.
    pub fn said(&mut self, now: Now, said: &[Said]) {
        for said in said {
            if matches!(said, Said::Closed) {
                self.close();
                continue;
            }
            self.text += &text::line(now.wall, said);
            if matches!(said, Said::Printed(DocumentFact::End(_))) {
                self.close();
            }
        }
    }

    /// Whether a further fact may belong to what is open, and which documents something waits of, after all facts
    /// that came.
    pub fn settle(&mut self, now: Now, at_rest: bool, waits: impl Fn(u64) -> bool) {
        if !at_rest {
            self.open = true;
        } else if self.open || self.text.len() > limits::DOCUMENT_BYTES {
            self.close();
        }
        self.ended.extend(self.waiting.extract_if(.., |(paper, _)| !waits(*paper)));
        if self.waiting.iter().any(|(_, text)| !text.is_empty()) {
            self.since.get_or_insert(now.mono);
        }
    }

    /// Bytes came: where a document is open, the journal's view of it is older than this.
    pub fn touch(&mut self, now: Now) {
        if self.open {
            self.since.get_or_insert(now.mono);
        }
    }

    /// What is in the store under this number is open. Later documents are put back after it.
    pub fn resume(&mut self, paper: u64) {
        (self.paper, self.open) = (paper, true);
    }

    /// The document that was put back had been printed to its end.
    pub fn resumed_to_its_end(&mut self) {
        self.close();
    }

    /// When the first bytes came that are not handed on and should be.
    pub fn since(&self) -> Option<Mono> {
        self.since
    }

    /// Hands on what is not yet; `standing` is asked where a document is open.
    pub fn gather(
        &mut self,
        device: &str,
        now: Now,
        standing: impl FnOnce() -> Standing,
        out: &mut Vec<Page>,
    ) {
        let page = |paper, text, ends, tail| {
            let device = device.to_owned();
            Page { device, paper, at: now.wall, ends, text, tail }
        };
        let ended = self.ended.drain(..);
        out.extend(ended.map(|(paper, text)| page(paper, text, true, String::new())));
        if self.since.take().is_none() {
            return;
        }
        for (paper, text) in self.waiting.iter_mut().filter(|(_, text)| !text.is_empty()) {
            out.push(page(*paper, std::mem::take(text), false, String::new()));
        }
        if self.open {
            let (tail, text) = (text::tail(&standing()), std::mem::take(&mut self.text));
            if !text.is_empty() || tail != self.tail {
                self.tail.clone_from(&tail);
                out.push(page(self.paper, text, false, tail));
            }
        }
    }

    fn close(&mut self) {
        if self.open || !self.text.is_empty() {
            self.waiting.push((self.paper, std::mem::take(&mut self.text)));
            self.paper += 1;
        }
        self.open = false;
        self.since = None;
        self.tail.clear();
    }
}

/// What may still come for a document that was put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rest {
    /// None was put back, or it goes on as if nothing had been.
    #[default]
    Normal,
    /// Nothing came since.
    Awaited {
        /// What was in the middle at the crash is missing for certain.
        lost: bool,
    },
    /// The rest came, and something before it is missing: the document ends incomplete.
    Lost,
}

impl Rest {
    /// Bytes came.
    pub fn came(&mut self) {
        if let Self::Awaited { lost } = *self {
            *self = if lost { Self::Lost } else { Self::Normal };
        }
    }

    /// A fact of the document: where something is missing before its end, that end is no whole one.
    pub fn end(&mut self, fact: PosFact) -> PosFact {
        match fact {
            PosFact::End(end) if std::mem::take(self) == Self::Lost && end.complete() => {
                PosFact::End(DocumentEnd::Broken)
            }
            fact => fact,
        }
    }

    /// Silence may end the document now: without its rest it is incomplete.
    pub fn missed(&mut self) {
        if matches!(self, Self::Awaited { .. }) {
            *self = Self::Lost;
        }
    }
}

#[cfg(test)]
mod tests;
