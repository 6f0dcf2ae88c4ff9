//! Frames between `DLE STX` and `DLE ETX`, with every DLE of the data doubled, then a check.
//!
//! Used by payment terminals (ZVT) and some fiscal printers. The check is computed over the data before it
//! is escaped; its own bytes are not escaped unless `check_escaped` says so.
//!
//! `DLE STX` within a frame begins another: the first lost its end. After a wrong check, its bytes may
//! already be the start of the next frame, so they are read again.

use super::assembly::Assembly;
use super::check::{ByteOrder, CheckAlgorithm, CheckOptions};
use super::{Frame, FramerError, Reason};

/// The marks and the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DleOptions {
    /// Doubled in data, and before both marks.
    pub dle: u8,
    /// Behind a DLE it starts a frame.
    pub stx: u8,
    /// Behind a DLE it ends a frame.
    pub etx: u8,
    /// Over the data; `include_start` adds STX, `include_end` ETX, neither with its DLE.
    pub check: Option<CheckOptions>,
    /// A DLE in the check is doubled too.
    pub check_escaped: bool,
}

impl Default for DleOptions {
    /// As ZVT has it: CRC-16/KERMIT over data and ETX, low byte first, not escaped.
    fn default() -> Self {
        let check = CheckOptions {
            algorithm: CheckAlgorithm::Crc16Kermit,
            order: ByteOrder::LowFirst,
            ..CheckOptions::default()
        };
        Self { dle: 0x10, stx: 0x02, etx: 0x03, check: Some(check), check_escaped: false }
    }
}

impl DleOptions {
    pub(super) fn check(&self) -> Result<(), FramerError> {
        let same = self.dle == self.stx || self.dle == self.etx || self.stx == self.etx;
        if same { Err(FramerError::SameBytes) } else { Ok(()) }
    }
}

/// Where in a frame the last byte left off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    OutsideDle,
    Data,
    DataDle,
    Check,
    CheckDle,
}

/// Finds frames and undoes the escaping.
pub(super) struct Dle {
    options: DleOptions,
    state: State,
    /// What of the check came so far.
    check: Vec<u8>,
}

impl Dle {
    pub fn new(options: DleOptions) -> Self {
        Self { options, state: State::Outside, check: Vec::new() }
    }

    pub fn byte(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        match self.state {
            State::Outside | State::OutsideDle => self.outside(byte, assembly, out),
            State::Data if byte == self.options.dle => self.state = State::DataDle,
            State::Data => self.keep(byte, assembly, out),
            State::DataDle => self.escaped(byte, assembly, out),
            State::Check if self.options.check_escaped && byte == self.options.dle => {
                self.state = State::CheckDle;
            }
            State::Check => self.checked(byte, assembly, out),
            State::CheckDle if byte == self.options.dle => self.checked(byte, assembly, out),
            State::CheckDle => {
                // No doubled DLE: the check is lost, and these two may open the next frame.
                self.check.clear();
                assembly.give_up(Reason::Check, out);
                self.state = State::OutsideDle;
                self.outside(byte, assembly, out);
            }
        }
    }

    fn outside(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        let after_dle = self.state == State::OutsideDle;
        if after_dle && byte == self.options.stx {
            self.state = State::Data;
            return assembly.open();
        }
        if after_dle {
            assembly.noise();
        }
        if byte == self.options.dle {
            self.state = State::OutsideDle;
        } else {
            self.state = State::Outside;
            assembly.stray(byte, out);
        }
    }

    fn keep(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        if assembly.keep(byte) {
            self.state = State::Data;
        } else {
            self.state = State::Outside;
            assembly.give_up(Reason::Overflow, out);
        }
    }

    /// The byte after a DLE in data.
    fn escaped(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        let DleOptions { dle, stx, etx, .. } = self.options;
        if byte == dle {
            self.keep(byte, assembly, out);
        } else if byte == stx {
            assembly.give_up(Reason::Restart, out);
            assembly.open();
            self.state = State::Data;
        } else if byte != etx {
            self.state = State::Outside;
            assembly.give_up(Reason::Malformed, out);
            assembly.stray(byte, out);
        } else if self.options.check.is_some() {
            self.state = State::Check;
        } else {
            self.state = State::Outside;
            assembly.whole(out);
        }
    }

    /// One byte of the check.
    fn checked(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        let Some(options) = &self.options.check else { return };
        self.state = State::Check;
        self.check.push(byte);
        if self.check.len() < options.width() {
            return;
        }
        let stx: &[u8] = if options.include_start { &[self.options.stx] } else { &[] };
        let etx: &[u8] = if options.include_end { &[self.options.etx] } else { &[] };
        let check = std::mem::take(&mut self.check);
        let holds = options.holds(&[stx, &assembly.bytes, etx], &check);
        self.state = State::Outside;
        if holds {
            return assembly.whole(out);
        }
        assembly.give_up(Reason::Check, out);
        for byte in check {
            self.byte(byte, assembly, out);
        }
    }

    pub fn waits(&self) -> bool {
        self.state != State::Outside
    }

    pub fn reset(&mut self, assembly: &mut Assembly) {
        if self.state == State::OutsideDle {
            assembly.noise();
        }
        self.state = State::Outside;
        self.check.clear();
    }
}
