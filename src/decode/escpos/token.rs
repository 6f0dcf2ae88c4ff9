//! The tokenizer: bytes to commands and runs of text.
//!
//! Streaming: a command may be cut anywhere by the end of a read, and the next read goes on. Payloads are
//! counted down, not stored, except for the first bytes that say what they are; one that claims more than
//! `limits::PAYLOAD_BYTES` is none. Nothing panics, nothing grows. No byte of printable text is below 20h in any encoding that printers use, so tokens are cut
//! without knowing the code page.
//!
//! Bytes for a customer display (`ESC = 2` … `ESC = 1`) are not the printer's: they are only counted. A
//! display's own commands have other lengths, so nothing but the next `ESC =` is looked for among them.

use super::table::{ARGS, Body, SCAN_MAX, rule};
use crate::limits;

/// The byte that opens a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// Real-time commands.
    Dle,
    /// Seiko's own commands; on other printers a control byte that means nothing.
    Dc2,
    Esc,
    Fs,
    Gs,
}

impl Lead {
    /// The byte that opens the command.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Dle => 0x10,
            Self::Dc2 => 0x12,
            Self::Esc => 0x1B,
            Self::Fs => 0x1C,
            Self::Gs => 0x1D,
        }
    }

    const fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            0x10 => Self::Dle,
            0x12 => Self::Dc2,
            0x1B => Self::Esc,
            0x1C => Self::Fs,
            0x1D => Self::Gs,
            _ => return None,
        })
    }
}

/// One thing that the printer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Printable bytes, none below 20h; a double-byte character may be cut by the end of the input.
    Text(&'a [u8]),
    LineFeed,
    CarriageReturn,
    Tab,
    FormFeed,
    Cancel,
    /// A complete command. Its payload's first bytes are in [`Tokenizer::payload`].
    Command(Command),
    /// A command that no table knows, at this offset from the start of the stream.
    Unknown {
        offset: u64,
        lead: Lead,
        opcode: u8,
    },
    /// A control byte that means nothing to a printer.
    Dropped(u8),
    /// So many bytes for the customer display.
    Display(usize),
}

/// A command without its payload.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Command {
    pub lead: Lead,
    pub opcode: u8,
    args: [u8; ARGS],
    count: u8,
}

impl Command {
    /// The bytes between the opcode and the payload.
    #[must_use]
    pub fn args(&self) -> &[u8] {
        self.args.get(..usize::from(self.count)).unwrap_or_default()
    }
}

// Arguments may be text of a misread stream, and text may be secret.
impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Command({:?} {:02X}, {} args)", self.lead, self.opcode, self.count)
    }
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
        left: u32,
        head: u8,
        size: fn(&[u8], &[u8]) -> u64,
        bytes: [u8; 4],
        got: u8,
    },
    RecordData {
        left: u32,
        head: u8,
        size: fn(&[u8], &[u8]) -> u64,
        bytes: u64,
    },
    /// The display listens; how much of `ESC =` was seen.
    Display {
        seen: u8,
    },
}

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

impl Default for Tokenizer {
    fn default() -> Self {
        Self {
            state: State::Ground,
            command: Command { lead: Lead::Esc, opcode: 0, args: [0; ARGS], count: 0 },
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
                let missing = usize::from(until.saturating_sub(self.command.count));
                for byte in take(input, missing) {
                    push_arg(&mut self.command, *byte);
                }
                if self.command.count < until {
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
            State::RecordHead { left, head, size, mut bytes, mut got } => {
                for byte in take(input, usize::from(head - got)) {
                    if let Some(slot) = bytes.get_mut(usize::from(got)) {
                        *slot = *byte;
                    }
                    got += 1;
                }
                self.state = if got < head {
                    State::RecordHead { left, head, size, bytes, got }
                } else {
                    let head_bytes = bytes.get(..usize::from(head)).unwrap_or_default();
                    let bytes = size(self.command.args(), head_bytes);
                    if limits::PAYLOAD_BYTES < bytes {
                        return Some(self.unknown());
                    }
                    State::RecordData { left, head, size, bytes }
                };
                self.record_done()
            }
            State::RecordData { left, head, size, bytes } => {
                let data = take(input, usize::try_from(bytes).unwrap_or(usize::MAX));
                let bytes = bytes - data.len() as u64;
                self.state = State::RecordData { left, head, size, bytes };
                self.record_done()
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
                self.command = Command { lead, opcode: 0, args: [0; ARGS], count: 0 };
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
            Body::Args(count, then) => State::Args { until: self.command.count + count, then },
            Body::Data(claim) if limits::PAYLOAD_BYTES < claim => return Some(self.unknown()),
            Body::Data(left) => State::Data { left },
            Body::Until { end, times } => State::Until { end, times, room: SCAN_MAX },
            Body::Tabs => State::Tabs { last: 0, count: 0 },
            Body::Records { left, head, size } => {
                State::RecordHead { left, head, size, bytes: [0; 4], got: 0 }
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

    fn keep(&mut self, data: &[u8]) {
        let symbol = self.command.lead == Lead::Gs
            && (self.command.opcode == b'k' || matches!(self.command.args(), [b'k', ..]));
        let most = if symbol { limits::SYMBOL_BYTES } else { 2 * ARGS };
        let room = most.saturating_sub(self.payload.len());
        self.payload.extend(data.iter().take(room));
    }

    fn until<'a>(
        &mut self,
        input: &mut &'a [u8],
        end: u8,
        times: u8,
        room: u16,
    ) -> Option<Token<'a>> {
        let byte = *take(input, 1).first()?;
        if byte == end && times <= 1 {
            return Some(self.complete());
        }
        if room == 0 {
            return Some(self.unknown());
        }
        self.keep(&[byte]);
        let times = if byte == end { times - 1 } else { times };
        self.state = State::Until { end, times, room: room - 1 };
        None
    }

    fn tab_stop<'a>(&mut self, input: &mut &'a [u8], last: u8, count: u8) -> Option<Token<'a>> {
        let stop = *input.first()?;
        if stop == 0 {
            take(input, 1);
        }
        if stop <= last || count == 32 {
            return Some(self.complete());
        }
        take(input, 1);
        self.payload.push(stop);
        self.state = State::Tabs { last: stop, count: count + 1 };
        None
    }

    /// Goes on with the next record, or completes the command after the last one.
    fn record_done<'a>(&mut self) -> Option<Token<'a>> {
        let State::RecordData { left, head, size, bytes: 0 } = self.state else { return None };
        self.enter(Body::Records { left: left - 1, head, size })
    }

    fn display<'a>(&mut self, input: &mut &'a [u8], seen: u8) -> Token<'a> {
        let before = input.len();
        let mut seen = seen;
        while seen < 2 {
            let quiet =
                if seen == 0 { memchr::memchr(0x1B, input).unwrap_or(input.len()) } else { 0 };
            take(input, quiet);
            let Some(byte) = take(input, 1).first() else { break };
            seen = match (seen, byte) {
                (1, b'=') => 2,
                (_, 0x1B) => 1,
                _ => 0,
            };
        }
        self.state = if seen == 2 {
            self.start = self.offset;
            self.command = Command { lead: Lead::Esc, opcode: b'=', args: [0; ARGS], count: 0 };
            // Another `ESC = 2` leads back here.
            State::Args { until: 1, then: |_| Body::Done }
        } else {
            State::Display { seen }
        };
        Token::Display(before - input.len())
    }
}

fn push_arg(command: &mut Command, byte: u8) {
    if let Some(slot) = command.args.get_mut(usize::from(command.count)) {
        *slot = byte;
    }
    command.count += 1;
}

/// Splits up to `count` bytes off the front.
fn take<'a>(input: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (head, tail) = input.split_at(count.min(input.len()));
    *input = tail;
    head
}
