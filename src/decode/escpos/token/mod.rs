//! The tokenizer: bytes to commands and runs of text.
//!
//! Streaming: a command may be cut anywhere by the end of a read, and the next read goes on. Payloads are
//! counted down, not stored, except for the first bytes that say what they are; one that claims more than
//! `limits::PAYLOAD_BYTES` is none. Nothing panics, nothing grows. No byte of printable text is below 20h in
//! any encoding that printers use, so tokens are cut without knowing the code page.
//!
//! Bytes for a customer display (`ESC = 2` … `ESC = 1`) are not the printer's: they are only counted. A
//! display's own commands have other lengths, so nothing but the next `ESC =` is looked for among them.

mod command;
mod payload;

pub use command::{Command, Lead, Token};

use super::table::{Body, SCAN_MAX, rule};
use crate::limits;
use payload::Records;

/// See the module's doc.
pub struct Tokenizer {
    state: State,
    command: Command,
    payload: Vec<u8>,
    /// Bytes consumed since the start.
    offset: u64,
    /// Where the command at hand began.
    start: u64,
}

/// Where in a command the last byte left off.
#[derive(Clone, Copy)]
enum State {
    Ground,
    Opcode,
    Args {
        until: u8,
        then: fn(&[u8]) -> Body,
    },
    Data {
        left: u64,
    },
    Until {
        end: u8,
        times: u8,
        room: u16,
    },
    Tabs {
        last: u8,
        count: u8,
    },
    RecordHead {
        records: Records,
        bytes: [u8; 4],
        got: u8,
    },
    RecordData {
        records: Records,
        left: u64,
    },
    /// The display listens; how much of `ESC =` was seen.
    Display {
        seen: u8,
    },
}

impl Default for Tokenizer {
    fn default() -> Self {
        Self {
            state: State::Ground,
            command: Command::new(Lead::Esc, 0),
            payload: Vec::new(),
            offset: 0,
            start: 0,
        }
    }
}

impl Tokenizer {
    /// The next token, or nothing once `input` is used up.
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Option<Token<'a>> {
        while !input.is_empty() {
            let before = input.len();
            let token = self.step(input);
            self.offset += (before - input.len()) as u64;
            if token.is_some() {
                return token;
            }
        }
        None
    }

    /// The first bytes of the payload of the command that came last: all of it for barcodes, up to
    /// [`limits::SYMBOL_BYTES`], else enough for the dimensions of an image.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Whether a command was begun and not completed.
    #[must_use]
    pub fn pending(&self) -> bool {
        !matches!(self.state, State::Ground | State::Display { .. })
    }

    /// Forgets the command at hand and speaks to the printer again.
    pub fn reset(&mut self) {
        self.state = State::Ground;
        self.payload.clear();
    }

    /// Forgets the command at hand only.
    pub fn abandon(&mut self) {
        if self.pending() {
            self.reset();
        }
    }

    fn step<'a>(&mut self, input: &mut &'a [u8]) -> Option<Token<'a>> {
        match self.state {
            State::Ground => self.ground(input),
            State::Opcode => self.opcode(input),
            State::Args { until, then } => {
                let missing = usize::from(until.saturating_sub(self.command.count()));
                for byte in take(input, missing) {
                    self.command.push(*byte);
                }
                if self.command.count() < until {
                    None
                } else {
                    self.enter(then(self.command.args()))
                }
            }
            State::Data { left } => {
                let data = take(input, usize::try_from(left).unwrap_or(usize::MAX));
                self.keep(data);
                self.enter(Body::Data(left - data.len() as u64))
            }
            State::Until { end, times, room } => self.until(input, end, times, room),
            State::Tabs { last, count } => self.tab_stop(input, last, count),
            State::RecordHead { records, bytes, got } => {
                self.record_head(input, records, bytes, got)
            }
            State::RecordData { records, left } => {
                let data = take(input, usize::try_from(left).unwrap_or(usize::MAX));
                self.record_data(records, left - data.len() as u64)
            }
            State::Display { seen } => Some(self.display(input, seen)),
        }
    }

    fn ground<'a>(&mut self, input: &mut &'a [u8]) -> Option<Token<'a>> {
        let run = input.iter().position(|byte| *byte < 0x20).unwrap_or(input.len());
        if run > 0 {
            return Some(Token::Text(take(input, run)));
        }
        let byte = *take(input, 1).first()?;
        Some(match byte {
            0x09 => Token::Tab,
            0x0A => Token::LineFeed,
            0x0C => Token::FormFeed,
            0x0D => Token::CarriageReturn,
            0x18 => Token::Cancel,
            _ => {
                let Some(lead) = Lead::of(byte) else { return Some(Token::Dropped(byte)) };
                self.start = self.offset;
                self.command = Command::new(lead, 0);
                self.payload.clear();
                self.state = State::Opcode;
                return None;
            }
        })
    }

    fn opcode<'a>(&mut self, input: &mut &'a [u8]) -> Option<Token<'a>> {
        let opcode = *input.first()?;
        self.command.opcode = opcode;
        let body = rule(self.command.lead, opcode);
        // What follows an unknown command's lead is part of it, unless it can only be the next thing.
        let lone = matches!(self.command.lead, Lead::Dle | Lead::Dc2);
        let lost = lone || matches!(opcode, 0x0A | 0x0D | 0x1B | 0x1D);
        if !(matches!(body, Body::Unknown) && lost) {
            take(input, 1);
        }
        self.enter(body)
    }

    /// Goes on with what follows, or completes the command.
    fn enter<'a>(&mut self, body: Body) -> Option<Token<'a>> {
        self.state = match body {
            Body::Done | Body::Data(0) | Body::Records { left: 0, .. } => {
                return Some(self.complete());
            }
            Body::Args(count, then) => State::Args { until: self.command.count() + count, then },
            Body::Data(claim) if limits::PAYLOAD_BYTES < claim => return Some(self.unknown()),
            Body::Data(left) => State::Data { left },
            Body::Until { end, times } => State::Until { end, times, room: SCAN_MAX },
            Body::Tabs => State::Tabs { last: 0, count: 0 },
            Body::Records { left, head, size } => {
                let records = Records { left, head, size };
                State::RecordHead { records, bytes: [0; 4], got: 0 }
            }
            Body::Unknown => return Some(self.unknown()),
        };
        None
    }

    fn unknown<'a>(&mut self) -> Token<'a> {
        self.state = State::Ground;
        if self.command.lead == Lead::Dc2 {
            return Token::Dropped(self.command.lead.byte());
        }
        Token::Unknown { offset: self.start, lead: self.command.lead, opcode: self.command.opcode }
    }

    fn complete<'a>(&mut self) -> Token<'a> {
        // `ESC = n`: bit 0 the printer, bit 1 the display; with neither nothing changes.
        let display = matches!((self.command.lead, self.command.opcode), (Lead::Esc, b'='))
            && matches!(self.command.args(), [n] if n & 3 == 2);
        self.state = if display { State::Display { seen: 0 } } else { State::Ground };
        Token::Command(self.command)
    }
}

/// Splits up to `count` bytes off the front.
fn take<'a>(input: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (head, tail) = input.split_at(count.min(input.len()));
    *input = tail;
    head
}
