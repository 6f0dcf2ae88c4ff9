//! Frames that say how long they are: a mark, a length, and the next frame where that one ends.

use std::collections::BTreeSet;

use super::{Framing, SINGLES, framing, holds, often};
use crate::decode::frame::{CheckPlace, FrameKind, LengthEncoding, LengthOptions};
use crate::learn::checks;
use crate::limits;

/// How lengths are written, with their bytes and their names in a dialect; the likely ones first.
const WRITTEN: [(LengthEncoding, usize, &str); 8] = [
    (LengthEncoding::U8, 1, "u8"),
    (LengthEncoding::U16Be, 2, "u16be"),
    (LengthEncoding::U16Le, 2, "u16le"),
    (LengthEncoding::Bcd, 2, "bcd"),
    (LengthEncoding::Bcd, 1, "bcd"),
    (LengthEncoding::Ascii, 4, "ascii"),
    (LengthEncoding::Ascii, 3, "ascii"),
    (LengthEncoding::Ascii, 2, "ascii"),
];

/// Bytes that no length counts, at most: mark, length and check.
const BIAS: std::ops::RangeInclusive<i32> = 0..=8;

/// The frames, where one ends just where the next one begins, and they are not all of one size.
pub(super) fn find(bytes: &[u8]) -> Option<Framing> {
    let mark = |byte: u8| byte < 0x20 && !matches!(byte, b'\r' | b'\n' | 0x1B..=0x1D);
    for start in often(bytes, |byte| mark(byte) && !SINGLES.contains(&byte)) {
        for offset in 1..=2 {
            for (encoding, width, name) in WRITTEN {
                for bias in BIAS {
                    let start = vec![start];
                    let plain = LengthOptions {
                        start,
                        offset,
                        width,
                        encoding,
                        bias,
                        tail: Vec::new(),
                        check: None,
                    };
                    if let Some(found) = fits(bytes, &plain, name) {
                        return Some(found);
                    }
                }
            }
        }
    }
    None
}

fn fits(bytes: &[u8], plain: &LengthOptions, name: &str) -> Option<Framing> {
    let frames = exact(bytes, plain)?;
    let start = plain.start.first().copied().unwrap_or_default();
    let LengthOptions { offset, width, bias, .. } = plain;
    let keys = format!(
        "start = {start:#04x}\noffset = {offset}\nwidth = {width}\nencoding = \"{name}\"\nbias = {bias}\n"
    );
    let checked = |check| LengthOptions { check: Some(check), ..plain.clone() };
    let check = checks::all().find_map(|check| {
        let kind = FrameKind::Length(checked(check.clone()));
        holds(bytes, kind).filter(|found| found.len() == frames.len()).map(|found| (check, found))
    });
    let head = offset + width - 1;
    if let Some((check, frames)) = check {
        let check = Some((&check, CheckPlace::AfterEnd));
        return Some(Framing { head, ..framing("length", &keys, check, frames) });
    }
    let mut found = Framing { head, ..framing("length", &keys, None, frames) };
    found.doubts.push(
        "the length is a guess: each frame ends where the next one begins, and no check was found that proves it"
            .to_owned(),
    );
    Some(found)
}

/// The frames, if they are of several sizes and nothing but single bytes is between them.
fn exact(bytes: &[u8], options: &LengthOptions) -> Option<Vec<Vec<u8>>> {
    let frames = holds(bytes, FrameKind::Length(options.clone()))?;
    let sizes: BTreeSet<usize> = frames.iter().map(Vec::len).collect();
    let distinct: BTreeSet<&Vec<u8>> = frames.iter().collect();
    let singles = bytes.iter().filter(|byte| SINGLES.contains(byte)).count();
    // The data begins behind the mark.
    let inside: usize = frames.iter().map(|frame| 1 + frame.len()).sum();
    // By chance a length leads to another mark now and then, but not from frame to frame.
    let whole = bytes.len() <= inside + singles;
    (whole && limits::LEARN_FRAMES < distinct.len() && 1 < sizes.len()).then_some(frames)
}
