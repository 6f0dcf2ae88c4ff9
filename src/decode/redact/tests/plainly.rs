//! Redaction without a glance first: every finder looks at every line. The shipping one must do the same.

use super::*;
use crate::decode::fact::LayoutLine;
use crate::decode::redact::half::{without_head, without_rest};

/// [`text`], looked at by every finder.
pub fn text_plainly(text: &str) -> String {
    let mut text: String = visible(text).trim_end().to_owned();
    while may_hide_both(&text, "") {
        let chars: Vec<char> = text.chars().collect();
        let (fates, _) = fates(&chars, Signs::ALL);
        if fates.iter().all(|fate| *fate == Fate::Keep) {
            break;
        }
        text = apply(&chars, &fates);
    }
    text
}

fn may_hide_both(first: &str, second: &str) -> bool {
    let digits = |text: &str| text.bytes().filter(|b| b.is_ascii_digit() || *b >= 0x80).count();
    digits(first) + digits(second) >= 3
}

/// Characters of track 1 at most (ISO/IEC 7813), the longer of the two.
const TRACK_MAX: usize = 79;

/// Digits at most of a line that may be the middle of a number: of a group as brands print it, twice.
const MIDDLE_MAX: usize = 8;

/// A line, what its neighbours say of it (no fates: all stays), and what came after it.
#[derive(Clone)]
struct Held {
    line: RawLine,
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
        let Self { line: RawLine { text, enlarged, bold }, fates, after } = self;
        let text = match fates.is_empty() {
            true => text,
            false => apply(&text.chars().collect::<Vec<_>>(), &fates),
        };
        let text = if may_hide_both(&text, "") { text_plainly(&text) } else { text };
        out.push(DocumentFact::Line(LayoutLine { text, enlarged, bold }));
        out.extend(after);
    }
}

/// The lines of a document, each looked at by every finder.
#[derive(Default)]
pub struct Plainly {
    held: Vec<Held>,
    /// A track ran through both lines that were looked at last.
    in_track: bool,
    /// The line before was cut off: the next one may begin with the rest of a number.
    resumes: bool,
}

impl Plainly {
    /// Takes a line; lets those go that it is no neighbour of.
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
        let mut fates = self.look_at_all(&line.text);
        if let Some(length) = rest_of_track {
            fates.resize(line.text.chars().count(), Fate::Keep);
            set(&mut fates, 0..length, Fate::Drop);
        }
        let joins = is_middle(&line.text) && self.held.last().is_some_and(ends_in_digit);
        let stay = if joins { limits::HELD_LINES - 1 } else { 0 };
        for held in self.held.drain(..self.held.len().saturating_sub(stay)) {
            held.leave(out);
        }
        self.held.push(Held { line, fates, after: Vec::new() });
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

    /// Looks at the held lines and the one after them together; returns what becomes of the latter.
    fn look_at_all(&mut self, next: &str) -> Vec<Fate> {
        self.in_track = false;
        let Some(last) = self.held.last() else { return Vec::new() };
        if !may_hide_both(&last.line.text, next) {
            return Vec::new();
        }
        let mut chars: Vec<char> = Vec::new();
        for held in &self.held {
            chars.extend(held.line.text.chars());
            chars.push('\n');
        }
        let cut = chars.len();
        chars.extend(next.chars());
        let (found, open_track) = fates(&chars, Signs::ALL);
        self.in_track = open_track.is_some_and(|start| start + 1 < cut);
        let mut parts = found.as_slice();
        for held in &mut self.held {
            let (part, rest) =
                parts.split_at_checked(held.line.text.chars().count()).unwrap_or_default();
            held.add(part);
            parts = rest.get(1..).unwrap_or_default();
        }
        parts.to_vec()
    }

    /// Characters at the start of `line` that belong to a track which began two lines before.
    fn rest_of_track(&self, line: &str) -> Option<usize> {
        let mut start = line.chars().take(TRACK_MAX);
        self.in_track.then(|| start.position(|c| c == '?').map(|end| end + 1)).flatten()
    }
}

/// Whether a line may be the middle of a number: a few digits and nothing else.
fn is_middle(text: &str) -> bool {
    let chars = plain::fold(&text.chars().take(limits::LINE_CHARS).collect::<Vec<_>>());
    let digits = chars.iter().filter(|c| c.is_ascii_digit()).count();
    (1..=MIDDLE_MAX).contains(&digits)
        && chars.iter().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '$'))
}

fn ends_in_digit(held: &Held) -> bool {
    let last = held.line.text.trim_end_matches([' ', '-', '$']).chars().next_back();
    last.is_some_and(|c| plain::fold(&[c]).iter().all(char::is_ascii_digit))
}
