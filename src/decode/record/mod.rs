//! Records of machines: frames to fields to facts, by the field maps of a dialect.
//!
//! A dialect with `[[record]]`s has its frames cut into fields ([`Fields`]); the first record that matches says what
//! they mean. A dialect without any has each frame read as one line by its `[[rule]]`s. What nothing takes is
//! passed on as unmatched, redacted.
//!
//! How to drive it: as every decoder of `decode`. A document ends by a record that says so, by silence, or
//! when the device is lost.
//!
//! Bounded: the framer's frame, one article and `limits::DOCUMENT_LINES` records of a document; more of them end it
//! as overflow.

mod fields;
mod step;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use fields::{FieldKey, Fields, FieldsOptions};
pub use step::Step;

use super::dialect::{Dialect, FramerKind, Grammar, Last, RecordGrammar};
use super::document::{Document, Standing};
use super::fact::{DocumentEnd, DocumentFact, LayoutLine, PosFact, Said};
use super::frame::{self, Frame, Framer, FramerError, Reason};
use super::redact::RawLine;
use crate::limits;
use crate::time::Mono;
use fields::Cutter;
use step::Steps;

/// What the records held. Only grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Records that a field map took.
    pub records: u64,
    /// Records that none took.
    pub unmatched: u64,
    /// Answers of the other side.
    pub answers: u64,
    /// Documents ended.
    pub documents: u64,
    /// Documents cut short by a bound of `limits`.
    pub overflow: u64,
}

/// Decodes the bytes of one machine.
pub struct Decoder {
    framer: Framer,
    cutter: Cutter,
    way: Way,
    idle: Duration,
    /// A document began that did not end; so many records.
    open: usize,
    /// When the last byte came.
    last: Mono,
    counters: Counters,
    /// The event of the record that was read last.
    event: Option<&'static str>,
    /// What the machine said since that was taken, or since the last bytes.
    said: Vec<Said>,
    steps: Steps,
}

/// How frames are read.
enum Way {
    Records(RecordGrammar),
    Lines(Box<Document>, Grammar),
}

impl Decoder {
    /// A line of which nothing was read yet.
    ///
    /// # Errors
    /// Where the dialect's framer is none for records.
    pub fn new(dialect: Arc<Dialect>) -> Result<Self, FramerError> {
        let FramerKind::Frames(options) = &dialect.framer.kind else {
            return Err(FramerError::NoDelimiter);
        };
        let framer = Framer::new((**options).clone())?;
        let cutter = Cutter::new(dialect.fields().clone(), dialect.framer.default_page.clone());
        let idle = dialect.framer.idle;
        let way = if dialect.has_records() {
            Way::Records(RecordGrammar::new(dialect))
        } else {
            Way::Lines(Box::default(), Grammar::new(dialect))
        };
        Ok(Self {
            framer,
            cutter,
            way,
            idle,
            open: 0,
            last: Mono::default(),
            counters: Counters::default(),
            event: None,
            said: Vec::new(),
            steps: Steps::default(),
        })
    }

    /// Takes bytes that arrived at `now`, which never goes back.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<PosFact>) {
        // Whoever wants it has taken it by now.
        self.said.clear();
        self.tick(now, out);
        self.last = now;
        self.framed(out, |framer, frames| framer.push(bytes, now, frames));
    }

    /// Ends what silence ends.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<PosFact>) {
        self.framed(out, |framer, frames| framer.tick(now, frames));
        if self.is_open() && self.last.plus(self.idle) <= now {
            self.end(DocumentEnd::Idle, out);
        }
    }

    /// When `tick` has something to do, if no byte comes before.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let end = self.is_open().then(|| self.last.plus(self.idle));
        self.framer.deadline().into_iter().chain(end).min()
    }

    /// The device went away or bytes were lost: the open document ends incomplete.
    pub fn broken(&mut self, out: &mut Vec<PosFact>) {
        self.framed(out, Framer::broken);
        self.end(DocumentEnd::Broken, out);
    }

    /// No more bytes belong to what was begun.
    pub fn finish(&mut self, out: &mut Vec<PosFact>) {
        self.framed(out, Framer::finish);
        self.end(DocumentEnd::Idle, out);
    }

    /// Moves what the machine said since the last call to `out`; it does not wait for more than the next bytes.
    pub fn take_said(&mut self, out: &mut Vec<Said>) {
        out.append(&mut self.said);
    }

    /// From now on each step is kept until [`Decoder::take_steps`].
    pub fn keep_steps(&mut self) {
        self.steps.keep();
    }

    /// What was done since the last call, record by record; together they read what the calls since then yielded.
    pub fn take_steps(&mut self) -> Vec<Step> {
        self.steps.take()
    }

    /// The event of the record that was read last, as dialects name it; its fact may still wait for more.
    #[must_use]
    pub fn last_event(&self) -> Option<&'static str> {
        self.event
    }

    /// Takes what a machine said before, in place of its bytes.
    pub fn again(&mut self, said: Said, out: &mut Vec<PosFact>) {
        match (&mut self.way, said) {
            (Way::Records(_), Said::Fields(values)) => {
                self.fields(&self.cutter.again(&values), out);
            }
            (Way::Records(_), Said::Printed(DocumentFact::End(why))) => self.end(why, out),
            (Way::Lines(document, grammar), Said::Printed(fact)) => {
                document.resume(&[&fact], &Standing::default(), &mut Vec::new());
                self.open = if matches!(fact, DocumentFact::End(_)) { 0 } else { self.open + 1 };
                let before = out.len();
                grammar.step(fact.clone(), out);
                self.steps.add(|| fact, grammar.last(), behind(out, before));
            }
            _ => {}
        }
        // It is known already.
        self.said.clear();
    }

    /// What the framing took in since the start.
    #[must_use]
    pub fn frame_counters(&self) -> &frame::Counters {
        self.framer.counters()
    }

    /// What the records held since the start.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Whether a document began that did not end.
    #[must_use]
    pub fn is_open(&self) -> bool {
        0 < self.open
    }

    /// Silence counts from here.
    pub fn wait_from(&mut self, now: Mono) {
        self.last = now;
    }

    /// Takes the frames that `step` yields.
    fn framed(&mut self, out: &mut Vec<PosFact>, step: impl FnOnce(&mut Framer, &mut Vec<Frame>)) {
        let mut frames = Vec::new();
        step(&mut self.framer, &mut frames);
        for frame in frames.iter().filter(|frame| frame.reason == Reason::Whole) {
            self.record(&frame.bytes, out);
        }
    }

    fn record(&mut self, bytes: &[u8], out: &mut Vec<PosFact>) {
        if let Way::Records(_) = &self.way {
            match self.cutter.cut(bytes) {
                Some(fields) => self.fields(&fields, out),
                None => self.counters.answers += 1,
            }
            return;
        }
        self.bound(out);
        let text = self.cutter.text(bytes).trim_end().to_owned();
        let Way::Lines(document, _) = &mut self.way else { return };
        let mut facts = Vec::new();
        document.line(RawLine { text, ..RawLine::default() }, &mut facts);
        self.lines(facts, out);
        self.counters.records += 1;
        self.open += 1;
    }

    /// A document of too many records ends.
    fn bound(&mut self, out: &mut Vec<PosFact>) {
        if limits::DOCUMENT_LINES <= self.open {
            self.counters.overflow += 1;
            self.end(DocumentEnd::Overflow, out);
        }
    }

    /// Has the grammar read a record's fields.
    fn fields(&mut self, fields: &Fields, out: &mut Vec<PosFact>) {
        self.bound(out);
        let Way::Records(grammar) = &mut self.way else { return };
        let before = out.len();
        let step = grammar.step(fields, out);
        let line =
            || DocumentFact::Line(LayoutLine { text: fields.line(), ..LayoutLine::default() });
        self.steps.add(line, grammar.last(), behind(out, before));
        self.event = step.event;
        self.said.extend(step.began_anew.then_some(Said::Closed));
        self.said.push(Said::Fields(fields.values()));
        self.said.extend(step.ended.then_some(Said::Closed));
        self.counters.records += u64::from(step.taken);
        self.counters.unmatched += u64::from(!step.taken);
        self.counters.documents += u64::from(step.began_anew) + u64::from(step.ended);
        self.open = match (grammar.is_open(), step.began_anew) {
            (false, _) => 0,
            (true, true) => 1,
            (true, false) => self.open + 1,
        };
    }

    /// Has the grammar read lines.
    fn lines(&mut self, facts: Vec<DocumentFact>, out: &mut Vec<PosFact>) {
        for fact in facts {
            if let Way::Lines(_, grammar) = &mut self.way {
                let before = out.len();
                grammar.step_noted(fact.clone(), out, &mut self.said);
                self.steps.add(|| fact, grammar.last(), behind(out, before));
            }
        }
    }

    fn end(&mut self, why: DocumentEnd, out: &mut Vec<PosFact>) {
        if std::mem::take(&mut self.open) == 0 {
            return;
        }
        self.counters.documents += 1;
        let mut facts = Vec::new();
        match &mut self.way {
            Way::Records(grammar) => {
                let before = out.len();
                grammar.end(why, out);
                let end = || DocumentFact::End(why);
                self.steps.add(end, &Last::default(), behind(out, before));
                self.said.push(Said::Printed(DocumentFact::End(why)));
            }
            Way::Lines(document, _) => document.end(why, &mut facts),
        }
        self.lines(facts, out);
    }
}

/// The facts from this place on.
fn behind(facts: &[PosFact], place: usize) -> &[PosFact] {
    facts.get(place..).unwrap_or_default()
}
