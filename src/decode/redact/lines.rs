//! The lines of a document, redacted with their neighbours: the end of a line may cut a secret.
//!
//! Each line is held back until the next one (or the end of the document) is there, and both are looked at
//! as they were printed: what was found with the line before does not hide what goes on in the line after.
//! Lines of few digits and nothing else may be the middle of a number: the lines before them are held as
//! well. Blank lines are no neighbours. A track may run on into a third line, up to its end sentinel.
//!
//! Where the device fell silent, went away or bytes were lost in the middle of a line, half a number may be
//! left that nothing can check: digits at that place that may begin a card's number are hidden, and so are
//! the digits that the next line begins with, but for four.
//!
//! Bounded: at most `limits::HELD_LINES` lines are held and `limits::HELD_FACTS` other facts that came after
//! each; their order is kept.

use std::borrow::Cow;

use super::glance::{Glance, Seen, Signs};
use super::half::{without_head, without_rest};
use super::{Fate, LOOKED_AT, RawLine, apply, fates, may_hide_secret, plain, set, text, visible};
use crate::decode::fact::{DocumentFact, LayoutLine};
use crate::limits;

/// Characters of track 1 at most (ISO/IEC 7813), the longer of the two.
const TRACK_MAX: usize = 79;

/// Digits at most of a line that may be the middle of a number: of a group as brands print it, twice.
const MIDDLE_MAX: usize = 8;

/// A line, what its neighbours say of it (no fates: all stays), and what came after it.
#[derive(Clone)]
struct Held {
    line: RawLine,
    /// What a glance from its neighbour on says.
    seen: Seen,
    /// It was looked at together with a neighbour.
    looked: bool,
    fates: Vec<Fate>,
    after: Vec<DocumentFact>,
}

impl Held {
    /// Adds what another look found.
    fn add(&mut self, fates: &[Fate]) {
        self.fates.resize(fates.len(), Fate::Keep);
        for (slot, fate) in self.fates.iter_mut().zip(fates) {
            *slot = (*slot).max(*fate);
        }
    }

    fn leave(self, out: &mut Vec<DocumentFact>) {
        let Self { line: RawLine { mut text, enlarged, bold }, seen, looked, fates, after } = self;
        if !fates.is_empty() {
            text = apply(&text.chars().collect::<Vec<_>>(), &fates);
        } else if looked || LOOKED_AT <= seen.digits {
            text.truncate(text.trim_end().len());
        }
        // With no sign of anything there is nothing in it.
        if (!fates.is_empty() || !seen.signs.is_none()) && may_hide_secret(&text) {
            text = self::text(&text);
        }
        out.push(DocumentFact::Line(LayoutLine { text, enlarged, bold }));
        out.extend(after);
    }
}

/// See the module's doc.
#[derive(Default)]
pub(in crate::decode) struct Redactor {
    held: Vec<Held>,
    /// How far the lines were glanced over since none was held.
    glance: Glance,
    /// A track ran through both lines that were looked at last.
    in_track: bool,
    /// The line before was cut off: the next one may begin with the rest of a number.
    resumes: bool,
}

impl Redactor {
    /// Takes a line; lets those go that it is no neighbour of.
    pub fn line(&mut self, mut line: RawLine, out: &mut Vec<DocumentFact>) {
        if line.text.is_empty() {
            let RawLine { text, enlarged, bold } = line;
            return self.fact(DocumentFact::Line(LayoutLine { text, enlarged, bold }), out);
        }
        if let Cow::Owned(visible) = visible(&line.text) {
            line.text = visible;
        }
        if std::mem::take(&mut self.resumes) {
            line.text = without_rest(&line.text);
        }
        let rest_of_track = self.rest_of_track(&line.text);
        let seen = self.glance(&line.text);
        let (looked, mut fates) = self.look_at_all(&line.text, seen);
        if let Some(length) = rest_of_track {
            fates.resize(line.text.chars().count(), Fate::Keep);
            set(&mut fates, 0..length, Fate::Drop);
        }
        let joins = is_middle(&line.text) && self.held.last().is_some_and(ends_in_digit);
        let stay = if joins { limits::HELD_LINES - 1 } else { 0 };
        for held in self.held.drain(..self.held.len().saturating_sub(stay)) {
            held.leave(out);
        }
        self.held.push(Held { line, seen, looked, fates, after: Vec::new() });
    }

    /// Takes any other fact; it leaves after the line before it.
    pub fn fact(&mut self, fact: DocumentFact, out: &mut Vec<DocumentFact>) {
        if self.held.last().is_some_and(|held| limits::HELD_FACTS <= held.after.len()) {
            self.flush(out);
        }
        match self.held.last_mut() {
            Some(held) => held.after.push(fact),
            None => out.push(fact),
        }
    }

    /// Lets everything go.
    pub fn flush(&mut self, out: &mut Vec<DocumentFact>) {
        self.in_track = false;
        for held in self.held.drain(..) {
            held.leave(out);
        }
    }

    /// The held line was cut off, or the beginning of the next one is missing.
    pub fn cut_off(&mut self) {
        self.resumes = true;
        if let Some(held) = self.held.last_mut() {
            held.add(&without_head(&held.line.text));
        }
    }

    /// What is held as it would leave if the device went away now, and whether half a number is hidden in it.
    pub fn preview(&self) -> (Vec<DocumentFact>, bool) {
        let (mut whole, mut cut) = (Vec::new(), Vec::new());
        let mut held = self.held.clone();
        held.iter().cloned().for_each(|held| held.leave(&mut whole));
        if let Some(last) = held.last_mut() {
            last.add(&without_head(&last.line.text));
        }
        held.into_iter().for_each(|held| held.leave(&mut cut));
        let half = whole != cut || self.resumes;
        (cut, half)
    }

    /// Holds what [`Self::preview`] showed of another one; `half`: the rest of a number may come.
    pub fn resume(&mut self, held: Vec<DocumentFact>, half: bool, out: &mut Vec<DocumentFact>) {
        for fact in held {
            match fact {
                DocumentFact::Line(LayoutLine { text, enlarged, bold }) => {
                    self.line(RawLine { text, enlarged, bold }, out);
                }
                fact => self.fact(fact, out),
            }
        }
        self.resumes = half;
    }

    /// Whether something waits.
    pub fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Glances at the line after those that are held.
    fn glance(&mut self, next: &str) -> Seen {
        if self.held.is_empty() {
            self.glance = Glance::default();
        }
        self.glance.line(next)
    }

    /// Looks at the held lines and the one after them together; returns whether it did, and what becomes of the
    /// latter.
    fn look_at_all(&mut self, next: &str, seen: Seen) -> (bool, Vec<Fate>) {
        self.in_track = false;
        let Some(last) = self.held.last() else { return (false, Vec::new()) };
        if last.seen.digits + seen.digits < LOOKED_AT {
            return (false, Vec::new());
        }
        self.held.iter_mut().for_each(|held| held.looked = true);
        let signs = self.signs(next, seen);
        if signs.is_none() {
            return (true, Vec::new());
        }
        let mut chars: Vec<char> = Vec::new();
        for held in &self.held {
            chars.extend(held.line.text.chars());
            chars.push('\n');
        }
        let cut = chars.len();
        chars.extend(next.chars());
        let (found, open_track) = fates(&chars, signs);
        self.in_track = open_track.is_some_and(|start| start + 1 < cut);
        let mut parts = found.as_slice();
        for held in &mut self.held {
            let (part, rest) =
                parts.split_at_checked(held.line.text.chars().count()).unwrap_or_default();
            held.add(part);
            parts = rest.get(1..).unwrap_or_default();
        }
        (true, parts.to_vec())
    }

    /// What the held lines and the one after them show at a glance.
    fn signs(&self, next: &str, seen: Seen) -> Signs {
        let mut signs = seen.signs;
        self.held.iter().for_each(|held| signs.add(held.seen.signs));
        if signs.is_none() {
            return signs;
        }
        // They were glanced at from further up: without that it may be none.
        let mut glance = Glance::default();
        let held = self.held.iter().map(|held| held.line.text.as_str());
        held.chain([next]).fold(Signs::default(), |mut signs, text| {
            signs.add(glance.line(text).signs);
            signs
        })
    }

    /// Characters at the start of `line` that belong to a track which began two lines before.
    fn rest_of_track(&self, line: &str) -> Option<usize> {
        let mut start = line.chars().take(TRACK_MAX);
        self.in_track.then(|| start.position(|c| c == '?').map(|end| end + 1)).flatten()
    }
}

/// Whether a line may be the middle of a number: a few digits and nothing else.
fn is_middle(text: &str) -> bool {
    let mut digits = 0;
    let belongs = |c: char| {
        digits += usize::from(c.is_ascii_digit());
        c.is_ascii_digit() || matches!(c, ' ' | '-' | '$')
    };
    let only = text.chars().take(limits::LINE_CHARS).map(plain::folded).all(belongs);
    only && (1..=MIDDLE_MAX).contains(&digits)
}

fn ends_in_digit(held: &Held) -> bool {
    let last = held.line.text.trim_end_matches([' ', '-', '$']).chars().next_back();
    last.is_some_and(|c| plain::folded(c).is_ascii_digit())
}
