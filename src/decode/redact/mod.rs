//! Redaction: card numbers, track data and security codes go before anything else sees a line.
//!
//! Constraint: decoders build a [`LayoutLine`](super::LayoutLine) nowhere but here, so no unredacted text leaves them.
//!
//! - a card number keeps its last four digits, the others become `*`, spaces and dashes stay;
//! - what the magnetic stripe holds (track 1, track 2) is dropped whole;
//! - the digits of a labelled security code become `*`.
//!
//! Invariant: a redacted text has nothing left to redact. Leaving a track out may bring digits together
//! that are a number, and the last four of one card may begin another, so a text is looked at until nothing
//! more is found; each look takes digits away.
//!
//! A secret may be cut by the end of a line: [`lines`] looks at neighbours together, as they were printed;
//! for two lines together the invariant is not claimed.

mod code;
mod lines;
mod pan;
mod track;

#[cfg(test)]
mod tests;

pub(in crate::decode) use lines::Redactor;

/// A laid-out line that may hold secrets. It has no `Debug` on purpose.
#[derive(Clone, Default)]
pub(in crate::decode) struct RawLine {
    pub text: String,
    pub enlarged: bool,
    pub bold: bool,
}

/// What becomes of a character; the more is done to it, the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    let mut text = text.trim_end().to_owned();
    loop {
        let chars: Vec<char> = text.chars().collect();
        let (fates, _) = fates(&chars);
        if fates.iter().all(|fate| *fate == Fate::Keep) {
            return text;
        }
        text = apply(&chars, &fates);
    }
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

/// Whether two lines are worth a closer look: the shortest secrets are a labelled code and twelve digits.
fn may_hide_secret(first: &str, second: &str) -> bool {
    let digits = |text: &str| text.bytes().filter(|b| b.is_ascii_digit() || *b >= 0x80).count();
    digits(first) + digits(second) >= 3
}

/// What becomes of each character, and where a track begins that has no end here.
fn fates(chars: &[char]) -> (Vec<Fate>, Option<usize>) {
    let mut fates = vec![Fate::Keep; chars.len()];
    pan::mark(chars, &mut fates);
    code::mark(chars, &mut fates);
    let open_track = track::mark(chars, &mut fates);
    (fates, open_track)
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
