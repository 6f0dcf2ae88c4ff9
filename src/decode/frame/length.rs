//! Frames that say how long they are.
//!
//! ```text
//! 02 LEN data XOR               total = LEN + 3
//! 01 LEN SEQ CMD data 05 SUM 03 LEN counts from itself to 05, plus 20h: total = LEN - 20h + 6
//! ```
//!
//! Invariant: a wrong start costs nothing but itself. The bytes of a candidate that fails are kept and
//! searched again from the byte after its start, so a real frame inside is found. One failure is reported
//! for a stretch of bytes, not one for each start in it.

use super::assembly::Assembly;
use super::check::CheckOptions;
use super::options::check_mark;
use super::{Frame, FramerError, Reason};

/// Where the length stands and what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LengthOptions {
    /// May be empty: then only silence brings a lost framer back in step.
    pub start: Vec<u8>,
    /// Bytes from the first of the start mark to the length field.
    pub offset: usize,
    /// Bytes of the length field.
    pub width: usize,
    /// How the field is written.
    pub encoding: LengthEncoding,
    /// Added to the field's value gives the whole frame: start mark, check and tail included.
    pub bias: i32,
    /// What every frame ends with, behind the check.
    pub tail: Vec<u8>,
    /// Stands before the tail and is over all before it; `include_end` means nothing here.
    pub check: Option<CheckOptions>,
}

/// How a length is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LengthEncoding {
    /// Binary, one byte.
    U8,
    /// Binary, low byte first.
    U16Le,
    /// Binary, high byte first.
    U16Be,
    /// Two decimal digits a byte.
    Bcd,
    /// Decimal digits.
    Ascii,
    /// Half bytes, each plus 30h.
    Nibble30,
}

impl Default for LengthOptions {
    /// `02 LEN data XOR`, the XOR from LEN on.
    fn default() -> Self {
        Self {
            start: vec![0x02],
            offset: 1,
            width: 1,
            encoding: LengthEncoding::U8,
            bias: 3,
            tail: Vec::new(),
            check: Some(CheckOptions::default()),
        }
    }
}

impl LengthOptions {
    pub(super) fn check(&self, max_frame: usize) -> Result<(), FramerError> {
        if !self.start.is_empty() {
            check_mark("start", &self.start)?;
        }
        if !self.tail.is_empty() {
            check_mark("tail", &self.tail)?;
        }
        let most = match self.encoding {
            LengthEncoding::U8 => 1,
            LengthEncoding::U16Le | LengthEncoding::U16Be => 2,
            LengthEncoding::Bcd => 3,
            LengthEncoding::Ascii => 6,
            LengthEncoding::Nibble30 => 4,
        };
        let binary = matches!(self.encoding, LengthEncoding::U16Le | LengthEncoding::U16Be);
        if self.width > most || self.width == 0 || binary && self.width != 2 {
            return Err(FramerError::LengthWidth(most));
        }
        if self.offset < self.start.len() {
            return Err(FramerError::LengthOffset);
        }
        let fits = self.offset.saturating_add(self.width + self.behind()) <= max_frame;
        if fits { Ok(()) } else { Err(FramerError::Size) }
    }

    /// Bytes of check and tail.
    fn behind(&self) -> usize {
        self.check.as_ref().map_or(0, CheckOptions::width) + self.tail.len()
    }

    /// Bytes up to the end of the length field.
    fn header(&self) -> usize {
        self.offset + self.width
    }

    /// Bytes of the whole frame, if the field says anything sensible.
    fn total(&self, bytes: &[u8]) -> Option<usize> {
        let field = bytes.get(self.offset..self.header())?;
        let digits = |base: i64, digit: fn(u8) -> Option<u8>| {
            field.iter().try_fold(0, |sum, byte| Some(sum * base + i64::from(digit(*byte)?)))
        };
        let value: i64 = match self.encoding {
            LengthEncoding::U8 | LengthEncoding::U16Be => digits(256, Some)?,
            LengthEncoding::U16Le => {
                field.iter().rev().fold(0, |sum, byte| sum * 256 + i64::from(*byte))
            }
            LengthEncoding::Bcd => digits(100, |byte| {
                (byte >> 4 < 10 && byte & 0x0F < 10).then(|| (byte >> 4) * 10 + (byte & 0x0F))
            })?,
            LengthEncoding::Ascii => {
                digits(10, |byte| byte.is_ascii_digit().then_some(byte & 0x0F))?
            }
            LengthEncoding::Nibble30 => {
                digits(16, |byte| (0x30..0x40).contains(&byte).then_some(byte & 0x0F))?
            }
        };
        let total = usize::try_from(value + i64::from(self.bias)).ok()?;
        (self.header() + self.behind() <= total).then_some(total)
    }

    /// The data of a whole frame, or what is wrong with it.
    fn data<'a>(&self, frame: &'a [u8]) -> Result<&'a [u8], Reason> {
        let rest = frame.strip_suffix(&*self.tail).ok_or(Reason::Malformed)?;
        let data = |counted: &'a [u8]| counted.get(self.start.len()..).ok_or(Reason::Malformed);
        let Some(check) = &self.check else { return data(rest) };
        let cut = rest.len().checked_sub(check.width()).ok_or(Reason::Malformed)?;
        let (counted, found) = rest.split_at_checked(cut).ok_or(Reason::Malformed)?;
        let over = if check.include_start { counted } else { data(counted)? };
        if check.holds(&[over], found) { data(counted) } else { Err(Reason::Check) }
    }
}

/// Finds frames by their length. The candidate and what came after it are the bytes of the [`Assembly`].
pub(super) struct Length {
    options: LengthOptions,
    /// Bytes held that belong to a failure already reported.
    reported: usize,
}

/// What the bytes held are.
enum Candidate {
    /// Not enough to tell.
    Waits,
    /// Its first byte starts no frame.
    Stray,
    /// It looked like a frame of so many bytes.
    Failed(Reason, usize),
    /// A frame of so many bytes with this data.
    Whole(usize, Vec<u8>),
}

impl Length {
    pub fn new(options: LengthOptions) -> Self {
        Self { options, reported: 0 }
    }

    pub fn byte(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        if !assembly.is_open() {
            assembly.open();
        }
        // There is room: a candidate longer than the bound was refused.
        let _ = assembly.keep(byte);
        self.search(assembly, out);
    }

    /// Takes every frame out of the bytes held.
    fn search(&mut self, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        while assembly.is_open() {
            match self.look(assembly) {
                Candidate::Waits => return,
                Candidate::Stray => self.drop_first(true, assembly, out),
                Candidate::Failed(reason, length) => self.fail(reason, length, assembly, out),
                Candidate::Whole(length, data) => {
                    assembly.emit(data, out);
                    self.drop(length, assembly);
                }
            }
        }
    }

    fn look(&self, assembly: &Assembly) -> Candidate {
        let (bytes, options) = (&assembly.bytes, &self.options);
        let begun = bytes.len().min(options.start.len());
        if bytes.get(..begun) != options.start.get(..begun) {
            return Candidate::Stray;
        }
        if bytes.len() < options.header() {
            return Candidate::Waits;
        }
        match options.total(bytes) {
            None => Candidate::Failed(Reason::Malformed, options.header()),
            Some(total) if assembly.max() < total => {
                Candidate::Failed(Reason::Overflow, options.header())
            }
            Some(total) => match bytes.get(..total).map(|frame| options.data(frame)) {
                None => Candidate::Waits,
                Some(Ok(data)) => Candidate::Whole(total, data.to_vec()),
                Some(Err(reason)) => Candidate::Failed(reason, total),
            },
        }
    }

    /// The candidate of `length` bytes is none: the search goes on behind its first byte.
    fn fail(
        &mut self,
        reason: Reason,
        length: usize,
        assembly: &mut Assembly,
        out: &mut Vec<Frame>,
    ) {
        if self.reported == 0 {
            self.reported = length;
            assembly.report(reason, out);
        }
        self.drop_first(false, assembly, out);
    }

    fn drop_first(&mut self, stray: bool, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        let first = assembly.bytes.first().copied();
        // Within a lost frame a control byte is only a byte.
        match first {
            Some(byte) if stray && self.reported == 0 => assembly.stray(byte, out),
            _ => assembly.noise(),
        }
        self.drop(1, assembly);
    }

    fn drop(&mut self, count: usize, assembly: &mut Assembly) {
        assembly.bytes.drain(..count.min(assembly.bytes.len()));
        self.reported = self.reported.saturating_sub(count);
        if assembly.bytes.is_empty() {
            assembly.close();
        }
    }

    /// The candidate will not be completed, but what came after its start may hold a frame.
    pub fn silence(&mut self, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        while assembly.is_open() {
            self.fail(Reason::Idle, assembly.bytes.len(), assembly, out);
            self.search(assembly, out);
        }
        self.reported = 0;
    }

    pub fn reset(&mut self, assembly: &mut Assembly) {
        if self.reported != 0 {
            assembly.close();
        }
        self.reported = 0;
    }
}
