//! The lines of a document, redacted with their neighbours: the end of a line may cut a secret.
//!
//! Each line is held back until the next one (or the end of the document) is there, and both are looked at
//! as they were printed: what was found with the line before does not hide what goes on in the line after.
//! Blank lines are no neighbours. A track may run on into a third line, up to its end sentinel.
//!
//! Where the device fell silent, went away or bytes were lost in the middle of a line, half a number may be
//! left that nothing can check: digits at that place that may begin a card's number are hidden, and so are
//! the digits that the next line begins with, but for four.
//!
//! Bounded: one line is held and at most `limits::HELD_FACTS` other facts that came after it; their order
//! is kept.

use super::groups::{Gap, groups};
use super::pan::{hide_but_four, values};
use super::{Fate, RawLine, apply, brand, fates, may_hide_secret, plain, set, text, visible};
use crate::decode::fact::{DocumentFact, LayoutLine};
use crate::limits;

/// Characters of track 1 at most (ISO/IEC 7813), the longer of the two.
const TRACK_MAX: usize = 79;

/// Digits of half a number that are worth hiding at its beginning: six may be shown.
const HEAD_MIN: usize = 7;

/// And at its end: four may be shown, and a short number says nothing.
const REST_MIN: usize = 8;

/// A line and what its neighbours say of it; no fates: all stays.
struct Held {
    line: RawLine,
    fates: Vec<Fate>,
}

/// See the module's doc.
#[derive(Default)]
pub(in crate::decode) struct Redactor {
    held: Option<Held>,
    /// A track ran through both lines that were looked at last.
    in_track: bool,
    /// The line before was cut off: the next one may begin with the rest of a number.
    resumes: bool,
    after: Vec<DocumentFact>,
}

impl Redactor {
    /// Takes a line; lets the one before go.
    pub fn line(&mut self, mut line: RawLine, out: &mut Vec<DocumentFact>) {
        if line.text.is_empty() {
            let RawLine { text, enlarged, bold } = line;
            return self.fact(DocumentFact::Line(LayoutLine { text, enlarged, bold }), out);
        }
        line.text = visible(&line.text).into_owned();
        if std::mem::take(&mut self.resumes) {
            line.text = without_rest(&line.text);
        }
        let rest_of_track = self.rest_of_track(&line.text);
        let mut fates = self.look_at_both(&line.text);
        if let Some(length) = rest_of_track {
            fates.resize(line.text.chars().count(), Fate::Keep);
            set(&mut fates, 0..length, Fate::Drop);
        }
        let in_track = self.in_track;
        self.flush(out);
        self.in_track = in_track;
        self.held = Some(Held { line, fates });
    }

    /// Takes any other fact; it leaves after the line before it.
    pub fn fact(&mut self, fact: DocumentFact, out: &mut Vec<DocumentFact>) {
        if self.held.is_some() && self.after.len() >= limits::HELD_FACTS {
            self.flush(out);
        }
        if self.held.is_some() { self.after.push(fact) } else { out.push(fact) }
    }

    /// Lets everything go.
    pub fn flush(&mut self, out: &mut Vec<DocumentFact>) {
        self.in_track = false;
        if let Some(Held { line: RawLine { text, enlarged, bold }, fates }) = self.held.take() {
            let text = if fates.is_empty() {
                text
            } else {
                apply(&text.chars().collect::<Vec<_>>(), &fates)
            };
            let text = if may_hide_secret(&text, "") { self::text(&text) } else { text };
            out.push(DocumentFact::Line(LayoutLine { text, enlarged, bold }));
        }
        out.append(&mut self.after);
    }

    /// The held line was cut off, or the beginning of the next one is missing.
    pub fn cut_off(&mut self) {
        self.resumes = true;
        if let Some(held) = &mut self.held {
            let fates = without_head(&held.line.text);
            held.fates.resize(fates.len(), Fate::Keep);
            for (slot, fate) in held.fates.iter_mut().zip(fates) {
                *slot = fate.max(*slot);
            }
        }
    }

    /// Whether something waits.
    pub fn is_holding(&self) -> bool {
        self.held.is_some()
    }

    /// Looks at the held line and the one after it together; returns what becomes of the latter.
    fn look_at_both(&mut self, next: &str) -> Vec<Fate> {
        self.in_track = false;
        let Some(held) = &mut self.held else { return Vec::new() };
        if !may_hide_secret(&held.line.text, next) {
            return Vec::new();
        }
        let mut chars: Vec<char> = held.line.text.chars().collect();
        let cut = chars.len();
        chars.push('\n');
        chars.extend(next.chars());
        let (mut fates, open_track) = fates(&chars);
        self.in_track = open_track.is_some_and(|start| start < cut);
        let second = fates.split_off(cut + 1);
        fates.truncate(cut);
        held.fates.resize(cut, Fate::Keep);
        for (slot, fate) in held.fates.iter_mut().zip(fates) {
            *slot = fate.max(*slot);
        }
        second
    }

    /// Characters at the start of `line` that belong to a track which began two lines before.
    fn rest_of_track(&self, line: &str) -> Option<usize> {
        let mut start = line.chars().take(TRACK_MAX);
        self.in_track.then(|| start.position(|c| c == '?').map(|end| end + 1)).flatten()
    }
}

/// Hides the digits at the end of `text` with which a card's number may begin.
fn without_head(text: &str) -> Vec<Fate> {
    let chars = plain::fold(&text.chars().collect::<Vec<_>>());
    let mut fates = vec![Fate::Keep; chars.len()];
    let groups = groups(&chars, &[]);
    let chain = groups.iter().rposition(|group| group.gap == Gap::Break).unwrap_or(0);
    let trailing = |c: &char| matches!(c, ' ' | '-' | '.');
    let ends = groups.last().is_some_and(|last| chars.iter().skip(last.end).all(trailing));
    for group in groups.iter().skip(chain).filter(|_| ends) {
        let digits: Vec<u8> = values(&chars, group.start..chars.len()).collect();
        let count = HEAD_MIN..=brand::DIGITS_MAX;
        if count.contains(&digits.len()) && brand::may_begin_card(&digits) {
            for at in (group.start..chars.len())
                .filter(|at| chars.get(*at).is_some_and(char::is_ascii_digit))
            {
                set(&mut fates, at..at + 1, Fate::Mask);
            }
            break;
        }
    }
    fates
}

/// `text` without the digits it begins with, but for four.
fn without_rest(text: &str) -> String {
    let all: Vec<char> = text.chars().collect();
    let chars = plain::fold(&all);
    let mut fates = vec![Fate::Keep; chars.len()];
    let groups = groups(&chars, &[]);
    let leads =
        groups.first().is_some_and(|first| chars.iter().take(first.start).all(|c| *c == ' '));
    let chain = groups
        .iter()
        .skip(1)
        .take_while(|group| group.gap == Gap::Same(' ') || group.gap == Gap::Same('-'));
    let end = chain.last().or(groups.first()).map_or(0, |group| group.end);
    let count = values(&chars, 0..end).count();
    if leads && (REST_MIN..=brand::DIGITS_MAX).contains(&count) {
        hide_but_four(&chars, 0..end, &mut fates);
    }
    apply(&all, &fates)
}
