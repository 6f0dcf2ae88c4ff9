//! Bytes to commands and runs of text, for any device whose commands begin with a control byte.
//!
//! A [`Table`] says how long a device's commands are: it is shown the bytes of a command so far and answers
//! with a [`Body`]. Streaming: a command may be cut anywhere by the end of a read. Payloads are counted
//! down, not stored, except for as many first bytes as the table wants. Nothing panics, nothing grows.
//!
//! An unknown command costs its bytes so far, except a last one that can only be the next thing: a line end
//! or the start of another command.

use crate::decode::document::Unknown;
use crate::limits;

/// Bytes of a command before its payload, at most.
pub(in crate::decode) const HEAD: usize = 16;

/// Bytes that a terminator is searched in; the longest such command is a barcode of 255 characters.
const SCAN_MAX: u16 = 512;

/// What follows the bytes of a command that are known.
#[derive(Clone, Copy, Debug)]
pub(in crate::decode) enum Body {
    /// Nothing more: the command is complete.
    Done,
    /// So many bytes, then ask again.
    More(u8),
    /// So many bytes of data.
    Data(u64),
    /// Data up to and including this byte, at most [`SCAN_MAX`] bytes.
    Until(u8),
    /// So many records: `head` bytes each, at most four, then as many as `size` says of command and record.
    Records { left: u32, head: u8, size: fn(&[u8], &[u8]) -> u64 },
    /// A control byte that means nothing.
    Dropped,
    /// No such command.
    Unknown,
}

/// The commands of a kind of device.
pub(in crate::decode) trait Table {
    /// What follows `head`, which starts with a byte that is no text.
    fn rule(&self, head: &[u8]) -> Body;

    /// Whether `byte` is printed where no command is open.
    fn is_text(&self, byte: u8) -> bool {
        byte >= 0x20
    }

    /// How many bytes of the payload of `head` are worth keeping.
    fn keep(&self, head: &[u8]) -> usize;
}

/// One thing that the device is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::decode) enum Token<'a> {
    /// Printable bytes; a double-byte character may be cut by the end of the input.
    Text(&'a [u8]),
    /// A complete command: see [`Tokens::head`] and [`Tokens::payload`].
    Command,
    Unknown(Unknown),
    /// A control byte that means nothing.
    Dropped(u8),
}

/// Where in a command the last byte left off.
#[derive(Clone, Copy)]
enum State {
    Ground,
    /// The head is complete at this length.
    Head(usize),
    Data(u64),
    Until {
        end: u8,
        room: u16,
    },
    Record {
        left: u32,
        head: u8,
        size: fn(&[u8], &[u8]) -> u64,
        bytes: [u8; 4],
        got: u8,
        /// Of the record, once its head is complete.
        data: Option<u64>,
    },
}

/// See the module's doc.
pub(in crate::decode) struct Tokens<T> {
    pub table: T,
    state: State,
    head: [u8; HEAD],
    count: usize,
    payload: Vec<u8>,
    /// Bytes consumed since the start.
    offset: u64,
    /// Where the command at hand began.
    start: u64,
}

impl<T: Table> Tokens<T> {
    pub fn new(table: T) -> Self {
        Self {
            table,
            state: State::Ground,
            head: [0; HEAD],
            count: 0,
            payload: Vec::new(),
            offset: 0,
            start: 0,
        }
    }

    /// The next token, or nothing once `input` is used up.
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Option<Token<'a>> {
        while !input.is_empty() {
            let before = input.len();
            let at = self.offset;
            let token = self.step(input, at);
            self.offset += (before - input.len()) as u64;
            if token.is_some() {
                return token;
            }
        }
        None
    }

    /// The bytes of the command that came last, without its payload.
    pub fn head(&self) -> &[u8] {
        self.head.get(..self.count).unwrap_or_default()
    }

    /// The first bytes of the payload of the command that came last.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Whether a command was begun and not completed.
    pub fn pending(&self) -> bool {
        !matches!(self.state, State::Ground)
    }

    /// Forgets the command at hand.
    pub fn abandon(&mut self) {
        self.state = State::Ground;
        self.payload.clear();
    }

    fn step<'a>(&mut self, input: &mut &'a [u8], at: u64) -> Option<Token<'a>> {
        match self.state {
            State::Ground => {
                let run = input.iter().position(|byte| !self.table.is_text(*byte));
                let run = run.unwrap_or(input.len());
                if run > 0 {
                    return Some(Token::Text(take(input, run)));
                }
                self.start = at;
                self.count = 0;
                self.payload.clear();
                self.head_byte(input, 1)
            }
            State::Head(length) => self.head_byte(input, length),
            State::Data(left) => {
                let data = take(input, usize::try_from(left).unwrap_or(usize::MAX));
                self.store(data);
                self.enter(Body::Data(left - data.len() as u64))
            }
            State::Until { end, room } => self.until(input, end, room),
            State::Record { .. } => self.record(input),
        }
    }

    /// Takes a byte of the head, which is complete at `length`.
    fn head_byte<'a>(&mut self, input: &mut &'a [u8], length: usize) -> Option<Token<'a>> {
        let byte = *input.first()?;
        let Some(slot) = self.head.get_mut(self.count) else { return Some(self.unknown()) };
        *slot = byte;
        self.count += 1;
        if self.count < length {
            take(input, 1);
            self.state = State::Head(length);
            return None;
        }
        let body = self.table.rule(self.head());
        let next = self.count > 1 && matches!(byte, 0x0A | 0x0D | 0x1B);
        if !(next && matches!(body, Body::Unknown | Body::Dropped)) {
            take(input, 1);
        }
        self.enter(body)
    }

    /// Goes on with what follows, or completes the command.
    fn enter<'a>(&mut self, body: Body) -> Option<Token<'a>> {
        self.state = match body {
            Body::Done | Body::Data(0) | Body::Records { left: 0, .. } => {
                self.state = State::Ground;
                return Some(Token::Command);
            }
            Body::More(count) => State::Head(self.count + usize::from(count)),
            Body::Data(left) if left <= limits::PAYLOAD_BYTES => State::Data(left),
            Body::Until(end) => State::Until { end, room: SCAN_MAX },
            Body::Records { left, head, size } => {
                State::Record { left, head, size, bytes: [0; 4], got: 0, data: None }
            }
            Body::Dropped => {
                self.state = State::Ground;
                return Some(Token::Dropped(self.head().first().copied().unwrap_or(0)));
            }
            Body::Data(_) | Body::Unknown => return Some(self.unknown()),
        };
        None
    }

    fn unknown<'a>(&mut self) -> Token<'a> {
        self.state = State::Ground;
        let [lead, opcode, ..] = self.head;
        Token::Unknown(Unknown {
            offset: self.start,
            lead,
            opcode: if self.count > 1 { opcode } else { 0 },
        })
    }

    fn store(&mut self, data: &[u8]) {
        let room = self.table.keep(self.head()).saturating_sub(self.payload.len());
        self.payload.extend(data.iter().take(room));
    }

    fn until<'a>(&mut self, input: &mut &'a [u8], end: u8, room: u16) -> Option<Token<'a>> {
        let byte = *take(input, 1).first()?;
        if byte == end {
            return self.enter(Body::Done);
        }
        if room == 0 {
            return Some(self.unknown());
        }
        self.store(&[byte]);
        self.state = State::Until { end, room: room - 1 };
        None
    }

    /// Goes on with a record; after the last one the command is complete.
    fn record<'a>(&mut self, input: &mut &'a [u8]) -> Option<Token<'a>> {
        let State::Record { left, head, size, mut bytes, mut got, data } = self.state else {
            return None;
        };
        let rest = if let Some(rest) = data {
            rest - take(input, usize::try_from(rest).unwrap_or(usize::MAX)).len() as u64
        } else {
            for byte in take(input, usize::from(head.saturating_sub(got))) {
                if let Some(slot) = bytes.get_mut(usize::from(got)) {
                    *slot = *byte;
                }
                got += 1;
            }
            if got < head {
                self.state = State::Record { left, head, size, bytes, got, data: None };
                return None;
            }
            size(self.head(), bytes.get(..usize::from(head)).unwrap_or_default())
        };
        if rest == 0 {
            return self.enter(Body::Records { left: left - 1, head, size });
        }
        self.state = State::Record { left, head, size, bytes, got, data: Some(rest) };
        None
    }
}

/// Splits up to `count` bytes off the front.
fn take<'a>(input: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (head, tail) = input.split_at(count.min(input.len()));
    *input = tail;
    head
}

#[cfg(test)]
mod tests;
