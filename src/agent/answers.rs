//! The other wire of a till's printer: when its drawer opens and closes, and when its paper ends.
//!
//! An answer means nothing without its question, which the till's wire tells. Both are read by tasks of their own,
//! so an answer may come here before its question: each waits [`limits::ANSWER_WAITS`]. Questions and answers are
//! paired in their order, so a later question does no harm.

use std::collections::VecDeque;

use crate::decode::PrinterFact;
use crate::decode::status::{Decoder, StatusOptions};
use crate::limits;
use crate::time::{Mono, Now};

/// One printer's answers.
pub struct Answers {
    decoder: Decoder,
    /// Oldest first.
    waiting: VecDeque<(Now, Vec<u8>)>,
    said: Vec<(Now, PrinterFact)>,
}

impl Answers {
    /// A printer that has not answered yet.
    #[must_use]
    pub fn new(options: StatusOptions) -> Self {
        Self { decoder: Decoder::new(options), waiting: VecDeque::new(), said: Vec::new() }
    }

    /// Takes bytes that the till sent.
    pub fn asked(&mut self, now: Now, bytes: &[u8]) {
        self.decoder.asked(bytes, now.mono);
    }

    /// Takes bytes that the printer sent.
    pub fn push(&mut self, now: Now, bytes: Vec<u8>) {
        self.tick(now);
        if self.waiting.len() >= limits::ANSWER_READINGS {
            self.read_oldest();
        }
        self.waiting.push_back((now, bytes));
    }

    /// Lets time pass: what has waited long enough is read.
    pub fn tick(&mut self, now: Now) {
        while self.oldest_due().is_some_and(|due| due <= now.mono) {
            self.read_oldest();
        }
        if self.waiting.is_empty() {
            self.decoder.tick(now.mono);
        }
    }

    /// When [`Answers::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.oldest_due().or_else(|| self.decoder.deadline())
    }

    /// One of the wires went away, or bytes of it were lost: what was asked is not known any more.
    pub fn broken(&mut self) {
        while !self.waiting.is_empty() {
            self.read_oldest();
        }
        self.decoder.broken();
    }

    /// What changed, and when, once.
    pub fn take_said(&mut self) -> impl Iterator<Item = (Now, PrinterFact)> {
        std::mem::take(&mut self.said).into_iter()
    }

    /// Bytes so far that are no answer.
    #[must_use]
    pub fn bad(&self) -> u64 {
        self.decoder.counters().strange
    }

    fn oldest_due(&self) -> Option<Mono> {
        self.waiting.front().map(|(at, _)| at.mono.plus(limits::ANSWER_WAITS))
    }

    fn read_oldest(&mut self) {
        let Some((at, bytes)) = self.waiting.pop_front() else { return };
        let mut facts = Vec::new();
        self.decoder.push(&bytes, at.mono, &mut facts);
        self.said.extend(facts.into_iter().map(|fact| (at, fact)));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::decode::DrawerFact::{Closed, Opened};
    use PrinterFact::Drawer;

    fn at(ms: u64) -> Now {
        Now::default().plus(Duration::from_millis(ms))
    }

    const DRAWER: &[u8] = b"\x10\x04\x01";
    const PAPER: &[u8] = b"\x10\x04\x04";

    /// What the till asks and the printer answers, each with its millisecond, in the order in which they are read.
    fn check(steps: &[(u64, &[u8], bool)], expected: &[(u64, PrinterFact)]) {
        let mut answers = Answers::new(StatusOptions::default());
        for (ms, bytes, question) in steps {
            match question {
                true => answers.asked(at(*ms), bytes),
                false => answers.push(at(*ms), bytes.to_vec()),
            }
        }
        while let Some(due) = answers.deadline() {
            answers.tick(Now { mono: due, ..Now::default() });
        }
        let expected: Vec<_> = expected.iter().map(|(ms, fact)| (at(*ms), *fact)).collect();
        assert_eq!(answers.take_said().collect::<Vec<_>>(), expected, "{steps:?}");
    }

    #[test]
    fn an_answer_that_is_read_before_its_question_is_understood() {
        let opened = [(11, Drawer(Opened))];
        check(&[(10, DRAWER, true), (11, b"\x16", false)], &opened);
        check(&[(11, b"\x16", false), (10, DRAWER, true)], &opened);
        check(&[(11, b"\x16", false), (10, DRAWER, true), (30, PAPER, true)], &opened);
        check(&[(11, b"\x16", false), (10, PAPER, true), (30, DRAWER, true)], &[]);
        check(&[(10, b"\x16", false), (100, b"\x12", false), (90, DRAWER, true)], &[]);
    }

    #[test]
    fn what_the_printer_tells_unasked_needs_no_question() {
        let steps: [(u64, &[u8], bool); 2] =
            [(10, b"\x14\0\0\0", false), (500, b"\x10\0\0\0", false)];
        check(&steps, &[(10, Drawer(Opened)), (500, Drawer(Closed))]);
    }
}
