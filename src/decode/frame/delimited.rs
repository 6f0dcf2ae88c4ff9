//! Frames between a start and an end mark, perhaps with a check behind or before the end.
//!
//! ```text
//! 02 data 03 check            payment terminals         CheckPlace::AfterEnd
//! 02 data # check 03          Posnet fiscal printers    CheckPlace::BeforeEnd { mark: Some(b'#') }
//! ```
//!
//! A start mark in data begins another frame, since the first lost its end, unless `start_in_data` says that
//! data may hold it. After a wrong check, its bytes may already be the start of the next frame, so they are
//! read again.

use super::assembly::Assembly;
use super::check::{CheckEncoding, CheckOptions};
use super::options::check_mark;
use super::{Frame, FramerError, Reason};

/// The marks, the escape and the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelimitedOptions {
    /// Every frame begins with these bytes.
    pub start: Vec<u8>,
    /// Every frame ends with these bytes, a check behind them apart.
    pub end: Vec<u8>,
    /// The byte after it is data, whatever it is.
    pub escape: Option<u8>,
    /// Data may hold the start mark as it is.
    pub start_in_data: bool,
    /// `None`: frames have no check.
    pub check: Option<CheckOptions>,
    /// Where the check stands.
    pub place: CheckPlace,
}

/// Where the check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckPlace {
    /// Behind the end mark.
    AfterEnd,
    /// Behind this byte, if there is one, and before the end mark.
    BeforeEnd {
        /// The byte; `None`: the check follows the data.
        mark: Option<u8>,
    },
}

impl Default for DelimitedOptions {
    /// STX, ETX and the XOR of data and ETX behind it.
    fn default() -> Self {
        Self {
            start: vec![0x02],
            end: vec![0x03],
            escape: None,
            start_in_data: false,
            check: Some(CheckOptions::default()),
            place: CheckPlace::AfterEnd,
        }
    }
}

impl DelimitedOptions {
    pub(super) fn check(&self) -> Result<(), FramerError> {
        check_mark("start", &self.start)?;
        check_mark("end", &self.end)?;
        let hides = |mark: &[u8]| self.escape.is_some_and(|escape| mark.contains(&escape));
        let same = self.start == self.end || hides(&self.start) || hides(&self.end);
        if same {
            return Err(FramerError::SameBytes);
        }
        // Such a check would now and then be the end mark.
        let before = self.place != CheckPlace::AfterEnd && self.end.len() == 1;
        let binary = |check: &CheckOptions| check.encoding == CheckEncoding::Raw;
        let unsure = before && self.check.as_ref().is_some_and(binary);
        if unsure { Err(FramerError::BinaryCheck) } else { Ok(()) }
    }
}

/// Where in a frame the last byte left off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    Data,
    Escaped,
    /// Behind the end, in the check.
    Check,
}

/// Finds frames between marks.
pub(super) struct Delimited {
    options: DelimitedOptions,
    state: State,
    /// What of the start mark, or of the check, came so far.
    partial: Vec<u8>,
    /// Bytes since the start of the data or the last escaped byte: marks are not made of escaped bytes.
    plain: usize,
    /// The data as it came, where the check is over that.
    raw: Vec<u8>,
}

impl Delimited {
    pub fn new(options: DelimitedOptions) -> Self {
        Self { options, state: State::Outside, partial: Vec::new(), plain: 0, raw: Vec::new() }
    }

    pub fn byte(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        match self.state {
            State::Outside => self.outside(byte, assembly, out),
            State::Data | State::Escaped => self.data(byte, assembly, out),
            State::Check => self.check(byte, assembly, out),
        }
    }

    fn outside(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        self.partial.push(byte);
        while !self.options.start.starts_with(&self.partial) {
            let stray = self.partial.remove(0);
            assembly.stray(stray, out);
        }
        if self.partial == self.options.start {
            self.begin(assembly);
        }
    }

    fn begin(&mut self, assembly: &mut Assembly) {
        self.partial.clear();
        self.raw.clear();
        self.plain = 0;
        self.state = State::Data;
        assembly.open();
    }

    fn data(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        if self.options.check.as_ref().is_some_and(|check| check.over_escaped) {
            self.raw.push(byte);
        }
        if self.state == State::Data && self.options.escape == Some(byte) {
            self.state = State::Escaped;
            return;
        }
        let escaped = self.state == State::Escaped;
        self.plain = if escaped { 0 } else { self.plain + 1 };
        self.state = State::Data;
        if !assembly.keep(byte) {
            self.state = State::Outside;
            self.raw.clear();
            assembly.give_up(Reason::Overflow, out);
            self.outside(byte, assembly, out);
        } else if self.at(&self.options.end, assembly) {
            self.end(assembly, out);
        } else if !self.options.start_in_data && self.at(&self.options.start, assembly) {
            assembly.give_up(Reason::Restart, out);
            self.begin(assembly);
        }
    }

    /// Whether the newest bytes are this mark.
    fn at(&self, mark: &[u8], assembly: &Assembly) -> bool {
        self.plain >= mark.len() && assembly.bytes.ends_with(mark)
    }

    fn end(&mut self, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        assembly.bytes.truncate(assembly.bytes.len().saturating_sub(self.options.end.len()));
        self.raw.truncate(self.raw.len().saturating_sub(self.options.end.len()));
        self.state = State::Outside;
        match (&self.options.check, self.options.place) {
            (None, _) => assembly.whole(out),
            (Some(_), CheckPlace::AfterEnd) => self.state = State::Check,
            (Some(check), CheckPlace::BeforeEnd { mark }) => {
                let start = if check.include_start { &*self.options.start } else { &[] };
                match inner_check(check, mark, start, assembly, &self.raw) {
                    Some(length) => {
                        assembly.bytes.truncate(length);
                        assembly.whole(out);
                    }
                    None => assembly.give_up(Reason::Check, out),
                }
            }
        }
    }

    /// One byte of the check behind the end.
    fn check(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        let Some(check) = &self.options.check else { return };
        self.partial.push(byte);
        if self.partial.len() < check.width() {
            return;
        }
        let start = if check.include_start { &*self.options.start } else { &[] };
        let end = if check.include_end { &*self.options.end } else { &[] };
        let data = if check.over_escaped { &self.raw } else { &assembly.bytes };
        let found = std::mem::take(&mut self.partial);
        let holds = check.holds(&[start, data, end], &found);
        self.state = State::Outside;
        if holds {
            return assembly.whole(out);
        }
        assembly.give_up(Reason::Check, out);
        for byte in found {
            self.byte(byte, assembly, out);
        }
    }

    pub fn waits(&self) -> bool {
        !self.partial.is_empty()
    }

    pub fn reset(&mut self, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        if self.state == State::Outside {
            for byte in std::mem::take(&mut self.partial) {
                assembly.stray(byte, out);
            }
        }
        self.state = State::Outside;
        self.partial.clear();
        self.raw.clear();
    }
}

/// How long the data is if the check before the end holds.
fn inner_check(
    check: &CheckOptions,
    mark: Option<u8>,
    start: &[u8],
    assembly: &Assembly,
    raw: &[u8],
) -> Option<usize> {
    let whole: &[u8] = if check.over_escaped { raw } else { &assembly.bytes };
    let (data, found) = whole.split_at_checked(whole.len().checked_sub(check.width())?)?;
    let (data, mark) = match (mark, data.split_last()) {
        (None, _) => (data, None),
        (Some(mark), Some((last, data))) if *last == mark => (data, Some(mark)),
        _ => return None,
    };
    let counted = if check.include_end { mark.as_slice() } else { &[] };
    let behind = check.width() + usize::from(mark.is_some());
    let length = assembly.bytes.len().checked_sub(behind)?;
    check.holds(&[start, data, counted], found).then_some(length)
}
