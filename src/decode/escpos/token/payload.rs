//! Payloads whose end is not simply a length: terminated data, tab stops, records; and the display's bytes.

use super::{Command, Lead, State, Token, Tokenizer, take};
use crate::decode::escpos::table::{ARGS, Body};
use crate::limits;

/// The rest of a list of records: how many, the bytes of each one's head, and what the head says of its size.
#[derive(Clone, Copy)]
pub(super) struct Records {
    pub left: u32,
    pub head: u8,
    pub size: fn(&[u8], &[u8]) -> u64,
}

impl Tokenizer {
    /// Looks for the end of data that says so by a byte.
    pub(super) fn until<'a>(
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

    /// Takes one tab stop; the byte that is none is left for what follows.
    pub(super) fn tab_stop<'a>(
        &mut self,
        input: &mut &'a [u8],
        last: u8,
        count: u8,
    ) -> Option<Token<'a>> {
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

    /// Collects a record's head, which says how long the record is.
    pub(super) fn record_head<'a>(
        &mut self,
        input: &mut &'a [u8],
        records: Records,
        mut bytes: [u8; 4],
        mut got: u8,
    ) -> Option<Token<'a>> {
        for byte in take(input, usize::from(records.head - got)) {
            if let Some(slot) = bytes.get_mut(usize::from(got)) {
                *slot = *byte;
            }
            got += 1;
        }
        if got < records.head {
            self.state = State::RecordHead { records, bytes, got };
            return None;
        }
        let head = bytes.get(..usize::from(records.head)).unwrap_or_default();
        let claim = (records.size)(self.command.args(), head);
        if limits::PAYLOAD_BYTES < claim {
            return Some(self.unknown());
        }
        self.record_data(records, claim)
    }

    /// So many bytes of a record are missing; with none goes on with the next record, or completes the command.
    pub(super) fn record_data<'a>(&mut self, records: Records, left: u64) -> Option<Token<'a>> {
        if 0 < left {
            self.state = State::RecordData { records, left };
            return None;
        }
        let Records { left, head, size } = records;
        self.enter(Body::Records { left: left - 1, head, size })
    }

    /// Skips what the display is told, up to and with the next `ESC =`.
    pub(super) fn display<'a>(&mut self, input: &mut &'a [u8], seen: u8) -> Token<'a> {
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
            self.command = Command::new(Lead::Esc, b'=');
            // Another `ESC = 2` leads back here.
            State::Args { until: 1, then: |_| Body::Done }
        } else {
            State::Display { seen }
        };
        Token::Display(before - input.len())
    }

    /// Keeps the first bytes of a payload.
    pub(super) fn keep(&mut self, data: &[u8]) {
        let symbol = self.command.lead == Lead::Gs
            && (self.command.opcode == b'k' || matches!(self.command.args(), [b'k', ..]));
        let most = if symbol { limits::SYMBOL_BYTES } else { 2 * ARGS };
        let room = most.saturating_sub(self.payload.len());
        self.payload.extend(data.iter().take(room));
    }
}
