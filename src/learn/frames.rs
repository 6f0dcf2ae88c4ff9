//! How a machine's frames are told apart: marks, checks, sizes.
//!
//! Each guess is put through the framers of `decode` themselves, so what is found is what the agent would read. A
//! check proves its frames: it must hold on all of them, and on several that differ. Without one only bytes that
//! frames of one size explain are believed. Where nothing fits, nothing is proposed.

mod length;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::checks::{self, Written};
use crate::decode::frame::check::CheckOptions;
use crate::decode::frame::{
    CheckPlace, DelimitedOptions, DleOptions, FrameKind, Framer, FramerOptions, Reason,
};
use crate::limits;
use crate::time::Mono;

/// Control bytes that stand alone between frames.
const SINGLES: [u8; 4] = [0x06, 0x15, 0x04, 0x05];

/// Frames of one size have at least so many bytes, and at most.
const SIZES: std::ops::RangeInclusive<usize> = 4..=256;

/// What was found out of a machine's framing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framing {
    /// `[framer]` as a dialect has it, without its heading.
    pub toml: String,
    /// What stands in the frames. It may hold card numbers.
    pub frames: Vec<Vec<u8>>,
    /// So many bytes of each are its length and what stands before it.
    pub head: usize,
    /// Silence alone separates them: there is no telling without it.
    pub by_silence: bool,
    /// A check holds on all of them.
    pub checked: bool,
    /// What is not known, for a person to look at.
    pub doubts: Vec<String>,
}

/// Finds the frames in `bytes`.
#[must_use]
pub fn find(bytes: &[u8]) -> Option<Framing> {
    let bytes = bytes.get(..limits::LEARN_FRAMES_BYTES.min(bytes.len())).unwrap_or_default();
    let found = marked(bytes).or_else(|| escaped(bytes)).or_else(|| lines(bytes));
    found.or_else(|| length::find(bytes)).or_else(|| fixed(bytes))
}

/// Frames of bytes that came in bursts with silence between, where nothing else tells them apart. What prints ends its
/// lines, so bytes with any line end or with a printer's commands are none.
#[must_use]
pub fn by_silence(bursts: &[Vec<u8>]) -> Option<Framing> {
    let paper = |byte: &u8| matches!(byte, b'\r' | b'\n' | 0x0C | 0x1B..=0x1D);
    let distinct: BTreeSet<&Vec<u8>> = bursts.iter().collect();
    let short = bursts.iter().all(|burst| SIZES.contains(&burst.len()));
    if distinct.len() <= limits::LEARN_FRAMES || !short || bursts.iter().flatten().any(paper) {
        return None;
    }
    let mut found = framing("idle", "", None, bursts.to_vec());
    found.by_silence = true;
    found.doubts.push(
        "only silence between them tells these frames apart, and perhaps it is a scanner without a suffix: \
         `extends = \"scanner-aim\"` with `suffix = \"silence\"`"
            .to_owned(),
    );
    Some(found)
}

/// Bytes that come often enough to be a mark.
fn often(bytes: &[u8], is: impl Fn(u8) -> bool) -> Vec<u8> {
    let count = |byte: &u8| bytes.iter().filter(|other| *other == byte).count();
    (0..=u8::MAX).filter(|byte| is(*byte) && limits::LEARN_FRAMES <= count(byte)).collect()
}

/// The byte that every line begins with, where there is one.
fn first_of_lines(bytes: &[u8]) -> Option<u8> {
    let lines = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty());
    let first: BTreeSet<u8> = lines.filter_map(|line| line.first().copied()).collect();
    first.first().copied().filter(|byte| first.len() == 1 && byte.is_ascii_punctuation())
}

/// Frames between two marks, with a check.
fn marked(bytes: &[u8]) -> Option<Framing> {
    let control = |byte: u8| (1..0x20).contains(&byte) && !SINGLES.contains(&byte);
    let ends = often(bytes, control);
    let starts = often(bytes, |byte| control(byte) && !matches!(byte, b'\r' | b'\n'));
    for start in starts.into_iter().chain(first_of_lines(bytes)) {
        for end in ends.iter().copied().filter(|end| *end != start && covers(bytes, start, *end)) {
            let mut fits: Vec<Framing> = Vec::new();
            for (place, check) in checks::placed() {
                let (start, end) = (vec![start], vec![end]);
                let kind = FrameKind::Delimited(DelimitedOptions {
                    start: start.clone(),
                    end: end.clone(),
                    check: Some(check.clone()),
                    place,
                    ..DelimitedOptions::default()
                });
                if let Some(frames) = holds(bytes, kind) {
                    let marks = format!("start = {}\nend = {}\n", byte(&start), byte(&end));
                    fits.push(framing("delimited", &marks, Some((&check, place)), frames));
                }
            }
            if let Some(best) = best(fits) {
                return Some(best);
            }
        }
    }
    None
}

/// Whether nearly all bytes are between these marks, or near: in noise half of them are not.
fn covers(bytes: &[u8], start: u8, end: u8) -> bool {
    let (mut covered, mut rest) = (0, bytes);
    let next = |rest: &[u8], mark: u8| rest.iter().position(|byte| *byte == mark);
    while let Some(at) = next(rest, start) {
        let (_, frame) = rest.split_at(at);
        let Some(length) = next(frame, end) else { break };
        // A mark and the longest check behind it.
        covered += length + 6;
        rest = frame.get(length..).unwrap_or_default();
    }
    bytes.len() * 8 / 10 <= covered
}

/// Frames between marks behind a DLE, with a check.
fn escaped(bytes: &[u8]) -> Option<Framing> {
    let starts = bytes.windows(2).filter(|two| *two == [0x10, 0x02]).count();
    if starts < limits::LEARN_FRAMES {
        return None;
    }
    let mut fits = Vec::new();
    for check in checks::all() {
        let options = DleOptions { check: Some(check.clone()), ..DleOptions::default() };
        if let Some(frames) = holds(bytes, FrameKind::Dle(options)) {
            fits.push(framing("dle", "", Some((&check, CheckPlace::AfterEnd)), frames));
        }
    }
    best(fits)
}

/// Lines whose last characters are a check. Their framer does not look at it, so a person must know.
fn lines(bytes: &[u8]) -> Option<Framing> {
    let all = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty());
    let mut all: Vec<&[u8]> = all.collect();
    if !bytes.ends_with(b"\r") && !bytes.ends_with(b"\n") {
        all.pop();
    }
    let distinct: BTreeSet<&[u8]> = all.iter().copied().collect();
    if distinct.len() < limits::LEARN_FRAMES {
        return None;
    }
    for check in checks::all().filter(|check| !check.include_start && !check.include_end) {
        let width = check.width();
        for between in 0..=1 {
            let holds = |line: &[u8]| {
                let (data, found) = line.split_at_checked(line.len().checked_sub(width)?)?;
                let summed = data.get(..data.len().checked_sub(between)?)?;
                let sign = data.last().is_none_or(|byte| !byte.is_ascii_alphanumeric());
                (sign || between == 0)
                    .then(|| check.holds(&[summed], found).then(|| data.to_vec()))?
            };
            let frames: Vec<Vec<u8>> = all.iter().filter_map(|line| holds(line)).collect();
            // The first line may have been cut.
            if distinct.len().max(all.len()) <= frames.len() + 1
                && limits::LEARN_FRAMES <= frames.len()
            {
                let mut found = framing("line", "", None, frames);
                let before = if between == 0 {
                    "what stands before them"
                } else {
                    "what stands before the sign before them"
                };
                found.doubts.push(format!(
                    "the last {width} characters of each line are a check ({}) of {before}; a framer of kind \
                     `line` does not verify it",
                    Written(&check, CheckPlace::AfterEnd)
                ));
                return Some(found);
            }
        }
    }
    None
}

/// Frames of one size: at places that never change or always hold the same kind of character.
fn fixed(bytes: &[u8]) -> Option<Framing> {
    // What comes at a wrong speed may repeat itself, too, but it is no text.
    let text = bytes.iter().filter(|byte| matches!(byte, 0x20..=0x7E)).count();
    if bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0x1B)) || text * 10 < bytes.len() * 8
    {
        return None;
    }
    let size = SIZES.clone().find(|size| is_size(bytes, *size))?;
    let frames: Vec<Vec<u8>> = bytes.chunks_exact(size).map(<[u8]>::to_vec).collect();
    let mut found = framing("fixed", &format!("size = {size}\n"), None, frames);
    found.doubts.push(format!(
        "frames of {size} bytes without marks: only their places say so, and only silence brings them back in step"
    ));
    Some(found)
}

/// Whether frames of this size explain the bytes: by chance no place would be the same in all of them.
fn is_size(bytes: &[u8], size: usize) -> bool {
    let frames: Vec<&[u8]> = bytes.chunks_exact(size).collect();
    let distinct: BTreeSet<&[u8]> = frames.iter().copied().collect();
    if distinct.len() < limits::LEARN_FRAMES + 1 || !bytes.len().is_multiple_of(size) {
        return false;
    }
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 1,
        b'A'..=b'Z' | b'a'..=b'z' | b' ' => 2,
        0x21..=0x7E => 3,
        0..=0x1F => 4,
        _ => 5,
    };
    let column = |at: usize| frames.iter().filter_map(move |frame| frame.get(at).copied());
    let same = |at: &usize| column(*at).collect::<BTreeSet<u8>>().len() == 1;
    let alike = |at: &usize| column(*at).map(class).collect::<BTreeSet<i32>>().len() == 1;
    let constant = (0..size).filter(same).count();
    // Digits and letters all over are one class at any size: what never changes tells the size.
    2 <= constant && constant < size && size * 9 / 10 <= (0..size).filter(alike).count()
}

/// The frames, if nearly everything is in frames and enough of them differ.
fn holds(bytes: &[u8], kind: FrameKind) -> Option<Vec<Vec<u8>>> {
    let options = FramerOptions { kind, singles: SINGLES.to_vec(), ..FramerOptions::default() };
    let mut framer = Framer::new(options).ok()?;
    let mut frames = Vec::new();
    framer.push(bytes, Mono(0), &mut frames);
    framer.finish(&mut frames);
    let whole = frames.into_iter().filter(|frame| frame.reason == Reason::Whole);
    let whole: Vec<Vec<u8>> = whole.map(|frame| frame.bytes).collect();
    let counters = framer.counters();
    let distinct: BTreeSet<&Vec<u8>> = whole.iter().filter(|frame| !frame.is_empty()).collect();
    let longest = whole.iter().map(Vec::len).max().unwrap_or_default() as u64;
    // The recording may begin and end in the middle of a frame, and a line may have a second end.
    let lost = counters.noise <= longest + counters.frames + counters.bytes / 50;
    let good = limits::LEARN_FRAMES <= distinct.len() && counters.bad() <= 1 + counters.frames / 20;
    (good && lost).then_some(whole)
}

/// The plainest of all that fit; the others are told.
fn best(fits: Vec<Framing>) -> Option<Framing> {
    let most = fits.iter().map(|fit| fit.frames.len()).max()?;
    let mut fits = fits.into_iter().filter(|fit| fit.frames.len() == most);
    let mut best = fits.next()?;
    let others: Vec<String> = fits
        .filter_map(|fit| {
            fit.toml.lines().find(|line| line.starts_with("check")).map(str::to_owned)
        })
        .collect();
    if let Some(first) = others.first() {
        let count = others.len();
        best.doubts
            .push(format!("{count} other checks hold on all frames as well, such as `{first}`"));
    }
    Some(best)
}

fn framing(
    kind: &str,
    keys: &str,
    check: Option<(&CheckOptions, CheckPlace)>,
    frames: Vec<Vec<u8>>,
) -> Framing {
    let mut toml = format!("kind = \"{kind}\"\n{keys}");
    if let Some((check, place)) = check {
        let _ = writeln!(toml, "check = {{ {} }}", Written(check, place));
    }
    let singles: Vec<String> = SINGLES.iter().map(|byte| format!("{byte:#04x}")).collect();
    let _ = writeln!(toml, "singles = [{}]", singles.join(", "));
    let checked = check.is_some();
    Framing { toml, frames, head: 0, by_silence: false, checked, doubts: Vec::new() }
}

fn byte(mark: &[u8]) -> String {
    mark.first().map_or_else(String::new, |byte| format!("{byte:#04x}"))
}

#[cfg(test)]
mod tests;
