//! The lines of a document, redacted with their neighbours: the end of a line may cut a secret.
//!
//! Each line is held back until the next one (or the end of the document) is there, and both are looked at
//! as they were printed: what was found with the line before does not hide what goes on in the line after.
//! A track may run on into a third line, up to its end sentinel.
//!
//! Bounded: one line is held and at most `limits::HELD_FACTS` other facts that came after it; their order
//! is kept.

use super::{Fate, RawLine, apply, fates, may_hide_secret, set, text};
use crate::decode::fact::{DocumentFact, LayoutLine};
use crate::limits;

/// Characters of track 1 at most (ISO/IEC 7813), the longer of the two.
const TRACK_MAX: usize = 79;

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
    after: Vec<DocumentFact>,
}

impl Redactor {
    /// Takes a line; lets the one before go.
    pub fn line(&mut self, line: RawLine, out: &mut Vec<DocumentFact>) {
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
