//! What a pattern says of the shape of a line: its ends, and how much of some signs it has at least.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// A set of bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes([u64; 4]);

impl Bytes {
    pub fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte / 64)).is_some_and(|bits| bits & (1 << (byte % 64)) != 0)
    }

    /// Whether it has all digits from 1 to 9 or none of them.
    pub fn is_blind(&self) -> bool {
        let count = (b'1'..=b'9').filter(|digit| self.has(*digit)).count();
        matches!(count, 0 | 9)
    }

    fn add(&mut self, first: u8, last: u8) {
        for byte in first..=last {
            if let Some(bits) = self.0.get_mut(usize::from(byte / 64)) {
                *bits |= 1 << (byte % 64);
            }
        }
    }
}

/// The bytes that a line can begin with; `None` where the pattern does not begin at the line's start or can
/// match nothing at all.
pub fn first(hir: &Hir) -> Option<Bytes> {
    let anchored = hir.properties().look_set_prefix().contains(Look::Start);
    edge(hir, End::First).filter(|_| anchored)
}

/// As [`first`], for the end.
pub fn last(hir: &Hir) -> Option<Bytes> {
    let anchored = hir.properties().look_set_suffix().contains(Look::End);
    edge(hir, End::Last).filter(|_| anchored)
}

/// The bytes that a match can begin with, wherever it stands; `None` where one can be empty.
pub fn begins(hir: &Hir) -> Option<Bytes> {
    edge(hir, End::First)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

fn edge(hir: &Hir, end: End) -> Option<Bytes> {
    let mut bytes = Bytes::default();
    (!reach(hir, end, &mut bytes)).then_some(bytes)
}

/// Adds the bytes at one end of every match; true when a match can be empty, so that what stands beside it is
/// at the end.
fn reach(hir: &Hir, end: End, bytes: &mut Bytes) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => {
            let byte = if end == End::First { literal.0.first() } else { literal.0.last() };
            byte.iter().for_each(|byte| bytes.add(**byte, **byte));
            byte.is_none()
        }
        HirKind::Class(class) => {
            reach_class(class, end, bytes);
            false
        }
        HirKind::Repetition(repetition) => {
            reach(&repetition.sub, end, bytes) || repetition.min == 0
        }
        HirKind::Capture(capture) => reach(&capture.sub, end, bytes),
        HirKind::Concat(parts) if end == End::First => {
            parts.iter().all(|part| reach(part, end, bytes))
        }
        HirKind::Concat(parts) => parts.iter().rev().all(|part| reach(part, end, bytes)),
        HirKind::Alternation(parts) => {
            let mut empty = false;
            for part in parts {
                empty |= reach(part, end, bytes);
            }
            empty
        }
    }
}

fn reach_class(class: &Class, end: End, bytes: &mut Bytes) {
    match class {
        Class::Bytes(class) => {
            class.ranges().iter().for_each(|range| bytes.add(range.start(), range.end()));
        }
        Class::Unicode(class) => {
            for range in class.ranges() {
                let (start, stop) = (edge_byte(range.start(), end), edge_byte(range.end(), end));
                if end == End::First || range.end().is_ascii() {
                    // Lead bytes grow with the characters.
                    bytes.add(start, stop);
                    continue;
                }
                if range.start().is_ascii() {
                    bytes.add(start, 0x7F);
                }
                bytes.add(0x80, 0xBF);
            }
        }
    }
}

fn edge_byte(c: char, end: End) -> u8 {
    let mut buffer = [0; 4];
    let encoded = c.encode_utf8(&mut buffer).as_bytes();
    let byte = if end == End::First { encoded.first() } else { encoded.last() };
    byte.copied().unwrap_or_default()
}

/// Sorts of signs that are counted.
const SORTS: usize = 5;

/// How many digits, points, commas, percent signs and spaces. Numbers beyond 255 count as 255.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u8; SORTS]);

/// The sort of an ASCII character.
fn sort(byte: u8) -> Option<usize> {
    match byte {
        b'0'..=b'9' => Some(0),
        b'.' => Some(1),
        b',' => Some(2),
        b'%' => Some(3),
        SPACE => Some(4),
        _ => None,
    }
}

const SPACE: u8 = b' ';

impl Counts {
    /// Tabs and all characters beyond ASCII count as spaces: some of them are.
    pub fn of_line(line: &[u8]) -> Self {
        let mut counts = Self::default();
        for byte in line {
            let byte = if *byte < 0x20 || *byte >= 0x7F { SPACE } else { *byte };
            if let Some(count) = sort(byte).and_then(|sort| counts.0.get_mut(sort)) {
                *count = count.saturating_add(1);
            }
        }
        counts
    }

    pub fn at_most(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).all(|(mine, others)| *mine <= others)
    }

    fn one(sort: Option<usize>) -> Self {
        let mut counts = Self::default();
        if let Some(count) = sort.and_then(|sort| counts.0.get_mut(sort)) {
            *count = 1;
        }
        counts
    }

    fn with(self, other: Self, join: impl Fn(u8, u8) -> u8) -> Self {
        let mut counts = self;
        counts.0.iter_mut().zip(other.0).for_each(|(mine, others)| *mine = join(*mine, others));
        counts
    }
}

/// The fewest of each sort that a match has.
pub fn counts(hir: &Hir) -> Counts {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Counts::default(),
        HirKind::Literal(literal) => {
            let each = literal.0.iter().map(|byte| Counts::one(sort(*byte)));
            each.fold(Counts::default(), |sum, one| sum.with(one, u8::saturating_add))
        }
        HirKind::Class(class) => Counts::one(class_sort(class)),
        HirKind::Repetition(repetition) => {
            let times = u8::try_from(repetition.min).unwrap_or(u8::MAX);
            counts(&repetition.sub).with(Counts::default(), |mine, _| mine.saturating_mul(times))
        }
        HirKind::Capture(capture) => counts(&capture.sub),
        HirKind::Concat(parts) => {
            let each = parts.iter().map(counts);
            each.fold(Counts::default(), |sum, part| sum.with(part, u8::saturating_add))
        }
        HirKind::Alternation(parts) => {
            let fewest = parts.iter().map(counts).reduce(|a, b| a.with(b, u8::min));
            fewest.unwrap_or_default()
        }
    }
}

/// The one sort that all characters of a class belong to.
fn class_sort(class: &Class) -> Option<usize> {
    let Class::Unicode(class) = class else { return None };
    let ranges = || class.ranges().iter().map(|range| (range.start(), range.end()));
    if ranges().next().is_some() && ranges().all(|(first, last)| are_spaces(first, last)) {
        return sort(SPACE);
    }
    let mut sorts = ranges().map(|(first, last)| {
        let (first, last) = (sort_of(first)?, sort_of(last)?);
        // Digits are the only sort of more than one character.
        (first == last).then_some(first)
    });
    let one = sorts.next()??;
    sorts.all(|sort| sort == Some(one)).then_some(one)
}

fn sort_of(c: char) -> Option<usize> {
    u8::try_from(c).ok().filter(u8::is_ascii).filter(|byte| *byte != SPACE).and_then(sort)
}

/// Whether [`Counts::of_line`] counts all of a range as spaces.
fn are_spaces(first: char, last: char) -> bool {
    last < ' ' || (first, last) == (' ', ' ') || first >= '\u{7F}'
}
