//! Redaction: card numbers, track data and security codes go before anything else sees a line.
//!
//! Constraint: decoders build a [`LayoutLine`] nowhere but here, so no unredacted text leaves them.
//!
//! - a card number keeps its last four digits, the others become `*`, spaces and dashes stay;
//! - what the magnetic stripe holds (track 1, track 2) is dropped whole;
//! - the digits of a labelled security code become `*`.
//!
//! A secret may be cut by the end of a line, so [`Redactor`] holds each line back until the next one (or
//! the end of the document) is there and looks at both together. It holds one line and at most
//! `limits::HELD_FACTS` other facts that came after it; their order is kept.

mod code;
mod pan;
mod track;

#[cfg(test)]
mod tests;

use super::fact::{DocumentFact, LayoutLine};
use crate::limits;

/// A laid-out line that may hold secrets. It has no `Debug` on purpose.
#[derive(Clone, Default)]
pub(in crate::decode) struct RawLine {
    pub text: String,
    pub enlarged: bool,
    pub bold: bool,
}

/// What becomes of a character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Keep,
    /// Shown as `*`.
    Mask,
    /// Left out.
    Drop,
}

/// `text` without its secrets.
#[must_use]
pub fn text(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    apply(&chars, &fates(&chars))
}

/// The data of a printed barcode without its secrets. An article number printed as EAN or UPC is none,
/// whatever card it looks like.
#[must_use]
pub fn barcode(symbology: &str, data: &str) -> String {
    let article = matches!(symbology, "EAN13" | "EAN8" | "UPC-A" | "UPC-E");
    if article && data.len() <= 14 && data.bytes().all(|b| b.is_ascii_digit()) {
        return data.to_owned();
    }
    text(data)
}

/// Redacts the lines of a document in pairs. See the module's doc.
#[derive(Default)]
pub(in crate::decode) struct Redactor {
    held: Option<RawLine>,
    after: Vec<DocumentFact>,
}

impl Redactor {
    /// Takes a line; lets the one before go.
    pub fn line(&mut self, mut line: RawLine, out: &mut Vec<DocumentFact>) {
        if let Some(held) = &mut self.held
            && may_hide_secret(&held.text, &line.text)
        {
            let mut chars: Vec<char> = held.text.chars().collect();
            let cut = chars.len();
            chars.push('\n');
            chars.extend(line.text.chars());
            let fates = fates(&chars);
            let (first, second) = (chars.get(..cut), chars.get(cut + 1..));
            let (one, two) = (fates.get(..cut), fates.get(cut + 1..));
            held.text = apply(first.unwrap_or_default(), one.unwrap_or_default());
            line.text = apply(second.unwrap_or_default(), two.unwrap_or_default());
        }
        self.flush(out);
        self.held = Some(line);
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
        if let Some(RawLine { text, enlarged, bold }) = self.held.take() {
            let text = if may_hide_secret(&text, "") { self::text(&text) } else { text };
            out.push(DocumentFact::Line(LayoutLine { text, enlarged, bold }));
        }
        out.append(&mut self.after);
    }

    /// Whether something waits.
    pub fn is_holding(&self) -> bool {
        self.held.is_some()
    }
}

/// Whether two lines are worth a closer look: the shortest secrets are a labelled code and twelve digits.
fn may_hide_secret(first: &str, second: &str) -> bool {
    let digits = |text: &str| text.bytes().filter(|b| b.is_ascii_digit() || *b >= 0x80).count();
    digits(first) + digits(second) >= 3
}

fn fates(chars: &[char]) -> Vec<Fate> {
    let mut fates = vec![Fate::Keep; chars.len()];
    pan::mark(chars, &mut fates);
    code::mark(chars, &mut fates);
    track::mark(chars, &mut fates);
    fates
}

fn apply(chars: &[char], fates: &[Fate]) -> String {
    let shown = chars.iter().zip(fates).filter_map(|(c, fate)| match fate {
        Fate::Keep => Some(*c),
        Fate::Mask => Some('*'),
        Fate::Drop => None,
    });
    let text: String = shown.collect();
    text.trim_end().to_owned()
}

fn set(fates: &mut [Fate], range: std::ops::Range<usize>, fate: Fate) {
    for slot in fates.get_mut(range).unwrap_or_default() {
        *slot = fate;
    }
}

/// ASCII and full-width digits.
fn digit(c: char) -> Option<u8> {
    let value = match c {
        '0'..='9' => u32::from(c) - u32::from('0'),
        '０'..='９' => u32::from(c) - u32::from('０'),
        _ => return None,
    };
    u8::try_from(value).ok()
}
