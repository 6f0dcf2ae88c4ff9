//! Redaction: card numbers, track data and security codes go before anything else sees a line.
//!
//! Constraint: decoders build a [`LayoutLine`](super::LayoutLine) nowhere but here, so no unredacted text leaves them.
//!
//! - a card number keeps its last four digits, the others become `*`, what separates them stays;
//! - what the magnetic stripe holds (tracks 1, 2 and 3) is dropped whole;
//! - the digits of a labelled security code, PIN or PIN block become `*`;
//! - what a till has masked itself stays, but for digits beyond the first six and the last four.
//!
//! Expiry dates and names stay: with no number beside them they are not card data to protect (PCI DSS 3).
//! Account numbers (IBAN), article numbers, phone numbers and long receipt numbers stay too. What is not
//! found: a number that letters interrupt, one of twelve digits, one of thirteen that is an article's too and
//! that no word calls a card's, and one in the midst of other digits where nothing says so ([`inside`]).
//!
//! Invariant: a redacted text has nothing left to redact. Leaving a track out may bring digits together
//! that are a number, and the last four of one card may begin another, so a text is looked at until nothing
//! more is found; each look takes digits away.
//!
//! A secret may be cut by the end of a line: [`lines`] looks at neighbours together, as they were printed;
//! for two lines together the invariant is not claimed.
//!
//! | file | finds |
//! |---|---|
//! | `pan`, `groups`, `brand` | card numbers: where, how written, whose |
//! | `inside` | those with other digits around them |
//! | `context` | what words say of a number |
//! | `shown` | numbers that were masked too little |
//! | `iban` | account numbers, to leave them alone |
//! | `code`, `track` | security codes, stripes |
//! | `lines`, `half` | what the end of a line or of a document cut |
//! | `element` | numbers within the elements of a barcode |
//! | `plain` | the one way of writing that all of these read |
//! | `glance` | which of them are worth asking, nearly always none |

mod brand;
mod code;
mod context;
mod element;
mod glance;
mod groups;
mod half;
mod iban;
mod inside;
mod lines;
mod pan;
mod plain;
mod shown;
mod track;

#[cfg(test)]
mod tests;

use glance::{Glance, Signs};
pub(in crate::decode) use lines::Redactor;

/// A laid-out line that may hold secrets. It has no `Debug` on purpose.
#[derive(Clone, Default)]
pub(in crate::decode) struct RawLine {
    pub text: String,
    pub enlarged: bool,
    pub bold: bool,
}

/// Digits of an article number at most, as EAN and UPC print it.
const ARTICLE_MAX: usize = 13;

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
    let mut text: String = visible(text).trim_end().to_owned();
    while may_hide_secret(&text) {
        let signs = Glance::default().text(&text).signs;
        if signs.is_none() {
            break;
        }
        let chars: Vec<char> = text.chars().collect();
        let (fates, _) = fates(&chars, signs);
        if fates.iter().all(|fate| *fate == Fate::Keep) {
            break;
        }
        text = apply(&chars, &fates);
    }
    text
}

/// The data of a printed or scanned code without its secrets. An article number printed as EAN or UPC is
/// none, whatever card it looks like.
#[must_use]
pub fn barcode(symbology: &str, data: &str) -> String {
    let article = matches!(symbology, "EAN" | "EAN13" | "EAN8" | "UPC-A" | "UPC-E");
    // A digit that was misread makes no card's number of one.
    if article && data.len() <= ARTICLE_MAX && data.bytes().all(|b| b.is_ascii_digit()) {
        return data.to_owned();
    }
    let mut data = data.to_owned();
    loop {
        // What one of them takes out may bring together what the other finds.
        let shown = text(&element::redacted(symbology, &data));
        if shown == data {
            return shown;
        }
        data = shown;
    }
}

/// Digits of a text at least that is worth a closer look: the shortest secret is a labelled code.
const LOOKED_AT: usize = 3;

/// Whether a text is worth a closer look.
fn may_hide_secret(text: &str) -> bool {
    let digits = text.bytes().filter(|b| b.is_ascii_digit() || *b >= 0x80);
    digits.take(LOOKED_AT).count() == LOOKED_AT
}

/// What becomes of each character, and where a track begins that has no end here. `signs`: of these characters.
fn fates(chars: &[char], signs: Signs) -> (Vec<Fate>, Option<usize>) {
    let mut fates = vec![Fate::Keep; chars.len()];
    let chars = plain::fold(chars);
    if signs.has(Signs::CARD) {
        pan::mark(&chars, &iban::find(&chars), &mut fates);
    }
    if signs.has(Signs::CHIP) {
        inside::mark_elements(&chars, &mut fates);
    }
    if signs.has(Signs::SCANNED) {
        element::mark_scanned(&chars, &mut fates);
    }
    if signs.has(Signs::SHOWN) {
        shown::mark(&chars, &mut fates);
    }
    if signs.has(Signs::CODE) {
        code::mark(&chars, &mut fates);
    }
    let track = signs.has(Signs::TRACK).then(|| track::mark(&chars, &mut fates));
    (fates, track.flatten())
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

/// `text` without characters that take no place.
fn visible(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.is_ascii() && text.chars().any(plain::is_invisible) {
        text.chars().filter(|c| !plain::is_invisible(*c)).collect::<String>().into()
    } else {
        text.into()
    }
}

fn set(fates: &mut [Fate], range: std::ops::Range<usize>, fate: Fate) {
    for slot in fates.get_mut(range).unwrap_or_default() {
        *slot = fate.max(*slot);
    }
}

/// The value of a digit of folded text.
fn digit(c: char) -> Option<u8> {
    c.to_digit(10).and_then(|value| u8::try_from(value).ok())
}
