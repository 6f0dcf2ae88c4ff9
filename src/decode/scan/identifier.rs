//! Which symbology a scanner says it read: AIM identifiers `]cm`, and makers' own letters.
//!
//! AIM's are recognised always, for no barcode of a shop begins like one by chance. Makers' letters are
//! ordinary characters and mean different things, so the scanner's make must be told.
//!
//! Source: ISO/IEC 15424 for `]cm`; the code identifier tables of Zebra (Symbol) and Honeywell manuals.

/// What a symbology means for its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// EAN or UPC: an article number.
    Article,
    /// An article number in fourteen digits, if the length is right.
    Interleaved,
    /// Element strings, or a Digital Link.
    Gs1,
    /// PDF417: identity documents use it.
    Document,
    /// Anything.
    Other,
}

/// A symbology.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbology {
    /// As in the events. The printers' decoder uses the same names.
    pub name: &'static str,
    pub kind: Kind,
}

/// Whose letter stands before the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Letters {
    /// The scanner sends none.
    #[default]
    None,
    /// Symbol, Motorola, Zebra, and makers who copy them.
    Symbol,
    /// Honeywell, Hand Held Products.
    Honeywell,
}

use Kind::{Article, Document, Gs1, Interleaved, Other};

/// No identifier came, and the data does not tell.
pub const UNKNOWN: Symbology = Symbology { name: "UNKNOWN", kind: Other };

/// AIM: letter, modifiers it is for (all, if empty), name, kind. The first row that fits.
const AIM: [(char, &str, &str, Kind); 44] = [
    ('A', "", "CODE39", Other),
    ('B', "", "TELEPEN", Other),
    ('C', "1", "GS1-128", Gs1),
    ('C', "", "CODE128", Other),
    ('D', "", "CODE-ONE", Other),
    ('E', "456", "EAN8", Article),
    ('E', "", "EAN13", Article),
    ('F', "", "CODABAR", Other),
    ('G', "", "CODE93", Other),
    ('H', "", "CODE11", Other),
    ('I', "", "ITF", Interleaved),
    ('J', "1", "GS1-DOTCODE", Gs1),
    ('J', "", "DOTCODE", Other),
    ('K', "", "CODE16K", Other),
    ('L', "3", "GS1-MICROPDF417", Gs1),
    ('L', "", "PDF417", Document),
    ('M', "", "MSI", Other),
    ('N', "", "ANKER", Other),
    ('O', "", "CODABLOCK", Other),
    ('P', "", "PLESSEY", Other),
    ('Q', "34", "GS1-QR", Gs1),
    ('Q', "", "QR", Other),
    ('R', "", "INDUSTRIAL-2OF5", Other),
    ('S', "", "INDUSTRIAL-2OF5", Other),
    ('T', "", "CODE49", Other),
    ('U', "", "MAXICODE", Other),
    ('X', "", "OTHER", Other),
    ('Y', "", "OTHER", Other),
    ('Z', "", "KEYBOARD", Other),
    ('c', "", "CHANNEL", Other),
    ('d', "25", "GS1-DATAMATRIX", Gs1),
    ('d', "", "DATAMATRIX", Other),
    ('e', "0", "GS1-DATABAR", Gs1),
    ('e', "", "GS1-COMPOSITE", Gs1),
    ('g', "", "GRID-MATRIX", Other),
    ('h', "1", "GS1-HANXIN", Gs1),
    ('h', "", "HANXIN", Other),
    ('o', "", "OCR", Document),
    ('p', "", "POSICODE", Other),
    ('r', "", "RFID", Other),
    ('s', "", "SUPERCODE", Other),
    ('u', "", "ULTRACODE", Other),
    ('z', "14", "GS1-AZTEC", Gs1),
    ('z', "", "AZTEC", Other),
];

/// Letters of Symbol's scanners.
const SYMBOL: [(char, &str, Kind); 21] = [
    ('A', "EAN", Article),
    ('B', "CODE39", Other),
    ('C', "CODABAR", Other),
    ('D', "CODE128", Other),
    ('E', "CODE93", Other),
    ('F', "ITF", Interleaved),
    ('G', "INDUSTRIAL-2OF5", Other),
    ('H', "CODE11", Other),
    ('J', "MSI", Other),
    ('K', "GS1-128", Gs1),
    ('L', "EAN", Article),
    ('M', "CODE39", Other),
    ('N', "COUPON", Other),
    ('R', "GS1-DATABAR", Gs1),
    ('T', "GS1-COMPOSITE", Gs1),
    ('V', "MATRIX-2OF5", Other),
    ('X', "PDF417", Document),
    ('a', "AZTEC", Other),
    ('q', "QR", Other),
    ('r', "PDF417", Document),
    ('u', "DATAMATRIX", Other),
];

/// Letters of Honeywell's scanners.
const HONEYWELL: [(char, &str, Kind); 24] = [
    ('D', "EAN8", Article),
    ('E', "UPC-E", Article),
    ('H', "HANXIN", Other),
    ('I', "GS1-128", Gs1),
    ('R', "PDF417", Document),
    ('a', "CODABAR", Other),
    ('b', "CODE39", Other),
    ('c', "UPC-A", Article),
    ('d', "EAN13", Article),
    ('e', "ITF", Interleaved),
    ('f', "INDUSTRIAL-2OF5", Other),
    ('g', "MSI", Other),
    ('h', "CODE11", Other),
    ('i', "CODE93", Other),
    ('j', "CODE128", Other),
    ('m', "MATRIX-2OF5", Other),
    ('q', "CODABLOCK", Other),
    ('r', "PDF417", Document),
    ('s', "QR", Other),
    ('w', "DATAMATRIX", Other),
    ('x', "MAXICODE", Other),
    ('y', "GS1-DATABAR", Gs1),
    ('z', "AZTEC", Other),
    ('{', "GS1-DATABAR", Gs1),
];

/// The name of a symbology as it is written here; one that nobody knows is `UNKNOWN`.
#[must_use]
pub fn symbology_named(name: &str) -> &'static str {
    let aim = AIM.iter().map(|(.., name, _)| *name);
    let letters = SYMBOL.iter().chain(&HONEYWELL).map(|(_, name, _)| *name);
    aim.chain(letters).find(|known| *known == name).unwrap_or(UNKNOWN.name)
}

/// The identifier at the start of `text`, and what stands behind it.
#[must_use]
pub fn split(text: &str, letters: Letters) -> (Option<Symbology>, &str) {
    if let Some((symbology, rest)) = aim(text) {
        return (Some(symbology), rest);
    }
    let table: &[(char, &'static str, Kind)] = match letters {
        Letters::None => &[],
        Letters::Symbol => &SYMBOL,
        Letters::Honeywell => &HONEYWELL,
    };
    let mut chars = text.chars();
    let first = chars.next();
    match table.iter().find(|(letter, ..)| Some(*letter) == first) {
        Some((_, name, kind)) => (Some(Symbology { name, kind: *kind }), chars.as_str()),
        None => (None, text),
    }
}

/// An AIM identifier at the start of `text`, and what stands behind it.
#[must_use]
pub fn aim(text: &str) -> Option<(Symbology, &str)> {
    let mut chars = text.strip_prefix(']')?.chars();
    let (letter, modifier) = (chars.next()?, chars.next().filter(char::is_ascii_alphanumeric)?);
    let fits = |row: &&(char, &str, &str, Kind)| {
        row.0 == letter && (row.1.is_empty() || row.1.contains(modifier))
    };
    let (_, _, name, kind) = AIM.iter().find(fits)?;
    Some((Symbology { name, kind: *kind }, chars.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, letters: Letters, expected: (Option<&str>, &str)) {
        let (symbology, rest) = split(text, letters);
        assert_eq!((symbology.map(|symbology| symbology.name), rest), expected, "{text}");
    }

    #[test]
    fn aim_identifiers_are_recognised_whatever_the_make() {
        for letters in [Letters::None, Letters::Symbol, Letters::Honeywell] {
            check("]C10101", letters, (Some("GS1-128"), "0101"));
            check("]C0]Q3", letters, (Some("CODE128"), "]Q3"));
            check("]E496385074", letters, (Some("EAN8"), "96385074"));
            check("]E0", letters, (Some("EAN13"), ""));
            check("]d2a", letters, (Some("GS1-DATAMATRIX"), "a"));
            check("]d1a", letters, (Some("DATAMATRIX"), "a"));
        }
    }

    #[test]
    fn what_is_no_identifier_is_data() {
        for text in ["", "]", "]C", "]C-1", "]k1", "C1", "]é1"] {
            check(text, Letters::None, (None, text));
        }
    }

    #[test]
    fn letters_mean_what_their_maker_says() {
        check("A5901234123457", Letters::Symbol, (Some("EAN"), "5901234123457"));
        check("c036000291452", Letters::Honeywell, (Some("UPC-A"), "036000291452"));
        check("d", Letters::Symbol, (None, "d"));
        check("A5901234123457", Letters::None, (None, "A5901234123457"));
    }
}
