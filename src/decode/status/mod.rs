//! What an ESC/POS printer answers its till, where both wires are tapped: whether the drawer is open, and whether
//! there is paper.
//!
//! A kick says that the drawer was told to open; this says that it did, and when it was closed again. Pin 3
//! of the drawer's connector reads high or low; which of them is open depends on the drawer's switch.
//!
//! Sources: Epson's manuals (TM-U220, TM-U295, TM-L90) for `GS a`, `DLE EOT` and `GS r`, Citizen's for how the
//! answers are told apart:
//!
//! | answer | bits | drawer | no paper |
//! |---|---|---|---|
//! | XON, XOFF | 00010001, 00010011 | | |
//! | to `DLE EOT n` | 0xx1xx10 | bit 2, if n was 1 | bits 5 and 6, if n was 4 |
//! | automatic status, first of four bytes | 0xx1xx00 | bit 2 | |
//! | automatic status, the third | 0xx0xxxx | | bits 2 and 3 |
//! | automatic status, the others | 0xx0xxxx | | |
//! | to `GS r n`, `GS I n` | 0xx0xxxx | bit 0, if n of `GS r` was 2 | bits 2 and 3, if it was 1 |
//!
//! No answer says what it answers, so questions are read from the other wire with [`Decoder::asked`].
//!
//! Constraints: no panic on any input; an answer without its question, and a status without its last bytes,
//! change nothing but a count. Bounded by `limits::STATUS_QUESTIONS`.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use super::escpos::token::{Command, Lead, Token, Tokenizer};
use super::fact::{DrawerFact, PrinterFact};
use crate::limits;
use crate::time::Mono;

/// What pin 3 of the drawer's connector reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// No voltage.
    Low,
    /// Voltage.
    #[default]
    High,
}

/// How a till and its drawer differ from others.
#[derive(Clone, Copy, Debug, Default)]
pub struct StatusOptions {
    /// What pin 3 reads while the drawer is open.
    pub drawer_open_level: Level,
    /// Only the printer's wire is tapped, and the till is known to ask for nothing but `DLE EOT 1`.
    pub assume_drawer: bool,
}

/// What came over the printer's wire. Only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusCounters {
    /// Bytes taken.
    pub bytes: u64,
    /// Answers and automatic statuses understood, whatever they say.
    pub answers: u64,
    /// Answers whose question was not seen.
    pub unasked: u64,
    /// Bytes that are no answer, and statuses without their end.
    pub strange: u64,
    /// Questions that were forgotten because nothing answered them.
    pub unanswered: u64,
}

/// What the till asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    /// The drawer's pin.
    Drawer,
    /// The end of the roll.
    Paper,
    Other,
}

/// What an automatic status has said so far.
#[derive(Clone, Copy)]
struct Status {
    drawer: Level,
    no_paper: bool,
    /// Bytes still to come.
    missing: u8,
}

/// Questions of one kind, oldest first, with their moments.
#[derive(Default)]
struct Questions(VecDeque<(Mono, Question)>);

/// Decodes what one printer answers.
pub struct Decoder {
    options: StatusOptions,
    till: Tokenizer,
    /// `DLE EOT`: answered at once.
    real_time: Questions,
    /// `GS r` and `GS I`: answered in turn.
    in_turn: Questions,
    /// An automatic status that has begun.
    status: Option<Status>,
    open: bool,
    no_paper: bool,
    counters: StatusCounters,
    last: Mono,
}

impl Decoder {
    /// A printer of which nothing was read yet. Its drawer rests closed, and it has paper.
    #[must_use]
    pub fn new(options: StatusOptions) -> Self {
        Self {
            options,
            till: Tokenizer::default(),
            real_time: Questions::default(),
            in_turn: Questions::default(),
            status: None,
            open: false,
            no_paper: false,
            counters: StatusCounters::default(),
            last: Mono::default(),
        }
    }

    /// Takes bytes that the till sent at `now`, for the questions among them.
    pub fn asked(&mut self, bytes: &[u8], now: Mono) {
        let mut rest = bytes;
        while let Some(token) = self.till.next(&mut rest) {
            if let Token::Command(command) = token {
                self.question(command, now);
            }
        }
    }

    /// Takes bytes that the printer sent at `now`.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<PrinterFact>) {
        self.tick(now);
        self.last = now;
        self.counters.bytes += bytes.len() as u64;
        for byte in bytes {
            self.byte(*byte, now, out);
        }
    }

    /// Gives up a status whose last bytes do not come.
    pub fn tick(&mut self, now: Mono) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.status = None;
            self.counters.strange += 1;
        }
    }

    /// When [`Self::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.status.map(|_| self.last.plus(limits::PAYLOAD_IDLE))
    }

    /// One of the wires went away or bytes were lost: what was asked is not known any more. The drawer is
    /// believed to be as it was.
    pub fn broken(&mut self) {
        self.till = Tokenizer::default();
        self.real_time = Questions::default();
        self.in_turn = Questions::default();
        self.status = None;
    }

    /// What was taken in since the start.
    #[must_use]
    pub fn counters(&self) -> &StatusCounters {
        &self.counters
    }

    fn question(&mut self, command: Command, now: Mono) {
        let (questions, question) = match (command.lead, command.opcode, command.args()) {
            (Lead::Dle, 0x04, [1]) => (&mut self.real_time, Question::Drawer),
            (Lead::Dle, 0x04, [4]) => (&mut self.real_time, Question::Paper),
            (Lead::Dle, 0x04, _) => (&mut self.real_time, Question::Other),
            (Lead::Gs, b'r', [2 | b'2']) => (&mut self.in_turn, Question::Drawer),
            (Lead::Gs, b'r', [1 | b'1']) => (&mut self.in_turn, Question::Paper),
            (Lead::Gs, b'r' | b'I', _) => (&mut self.in_turn, Question::Other),
            _ => return,
        };
        self.counters.unanswered += questions.ask(question, now);
    }

    fn byte(&mut self, byte: u8, now: Mono, out: &mut Vec<PrinterFact>) {
        // Flow control comes anywhere.
        if matches!(byte, 0x11 | 0x13) {
            return;
        }
        if let Some(mut status) = self.status.take() {
            if byte & 0x90 != 0 {
                self.counters.strange += 1;
            } else if 1 < status.missing {
                status.no_paper |= status.missing == 2 && byte & 0x0C != 0;
                status.missing -= 1;
                self.status = Some(status);
                return;
            } else {
                self.counters.answers += 1;
                self.drawer(status.drawer, out);
                return self.paper(status.no_paper, out);
            }
        }
        match byte & 0x93 {
            0x10 => {
                let drawer = level(byte & 4);
                self.status = Some(Status { drawer, no_paper: false, missing: 3 });
            }
            0x12 => {
                let (asked, forgotten) = self.real_time.answered(now);
                self.counters.unanswered += forgotten;
                let assumed = self.options.assume_drawer.then_some(Question::Drawer);
                self.answer(asked.or(assumed), level(byte & 4), byte & 0x60 != 0, out);
            }
            _ if byte & 0x90 == 0 => {
                let (asked, forgotten) = self.in_turn.answered(now);
                self.counters.unanswered += forgotten;
                self.answer(asked, level(byte & 1), byte & 0x0C != 0, out);
            }
            _ => self.counters.strange += 1,
        }
    }

    /// An answer that reads so, if it was asked for the drawer, or for paper.
    fn answer(
        &mut self,
        asked: Option<Question>,
        drawer: Level,
        no_paper: bool,
        out: &mut Vec<PrinterFact>,
    ) {
        match asked {
            None => self.counters.unasked += 1,
            Some(Question::Other) => self.counters.answers += 1,
            Some(Question::Drawer) => {
                self.counters.answers += 1;
                self.drawer(drawer, out);
            }
            Some(Question::Paper) => {
                self.counters.answers += 1;
                self.paper(no_paper, out);
            }
        }
    }

    /// The pin reads `level`: news only if the drawer was otherwise before.
    fn drawer(&mut self, level: Level, out: &mut Vec<PrinterFact>) {
        let open = level == self.options.drawer_open_level;
        if open != self.open {
            self.open = open;
            let fact = if open { DrawerFact::Opened } else { DrawerFact::Closed };
            out.push(PrinterFact::Drawer(fact));
        }
    }

    /// Whether the roll is at its end: news only if it was otherwise before.
    fn paper(&mut self, none: bool, out: &mut Vec<PrinterFact>) {
        if none != std::mem::replace(&mut self.no_paper, none) {
            out.push(if none { PrinterFact::PaperOut } else { PrinterFact::PaperBack });
        }
    }
}

impl Questions {
    /// Adds a question; says how many old ones were forgotten.
    fn ask(&mut self, question: Question, now: Mono) -> u64 {
        let mut forgotten = self.forget(now);
        if limits::STATUS_QUESTIONS <= self.0.len() {
            self.0.pop_front();
            forgotten += 1;
        }
        self.0.push_back((now, question));
        forgotten
    }

    /// The question that is answered now, and how many before it never were.
    fn answered(&mut self, now: Mono) -> (Option<Question>, u64) {
        let forgotten = self.forget(now);
        (self.0.pop_front().map(|(_, question)| question), forgotten)
    }

    fn forget(&mut self, now: Mono) -> u64 {
        let before = self.0.len();
        self.0.retain(|(asked, _)| now < asked.plus(limits::STATUS_PATIENCE));
        (before - self.0.len()) as u64
    }
}

fn level(bit: u8) -> Level {
    if bit == 0 { Level::Low } else { Level::High }
}
