//! How the journal writes what a device said: one fact a line, as recordings do, and records of machines.
//!
//! ```text
//! 1763722800123 line   TEE   2,50
//! 1763722800200 end cut
//! 1763722800200 record trline<TAB>naTee<TAB>pr250
//! ```
//!
//! The number is the moment in milliseconds since 1970, UTC. Everything is redacted, and redacted once more here.
//! The tail of a page begins with a line of words: where the printer's decoder stands.

use crate::decode::document::Standing;
use crate::decode::{Said, redact};
use crate::learn::recording::{self, Record};
use crate::store::JournalDocument;
use crate::time::UtcMs;

/// Before the fields of a machine's record.
const RECORD: &str = "record";

/// In place of lines that are missing from a document.
pub const HOLE: &str = "hole\n";

/// A document as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// What the device said, and when.
    pub said: Vec<(UtcMs, Said)>,
    /// Where the decoder stood.
    pub standing: Standing,
    /// Something of it is missing.
    pub hole: bool,
    /// Its last page does not say where the decoder stood: as far as printing goes, it is over.
    pub whole: bool,
}

/// One line; nothing for the end of a document that a dialect found, and for what belongs to none.
#[must_use]
pub fn line(at: UtcMs, said: &Said) -> String {
    let millis = u64::try_from(at.0).unwrap_or_default();
    match said {
        Said::Printed(fact) => recording::fact(millis, fact),
        Said::Fields(values) => {
            let fields = values.iter().map(|value| recording::escaped(&redact::text(value)));
            format!("{millis} {RECORD} {}\n", fields.collect::<Vec<_>>().join("\t"))
        }
        Said::Closed | Said::Payment(_) | Said::Scan(_) | Said::Scale(_) => String::new(),
    }
}

/// The tail of a page. Its facts have no time of their own.
#[must_use]
pub fn tail(standing: &Standing) -> String {
    let facts = standing.held.iter().map(|fact| line(UtcMs(0), &Said::Printed(fact.clone())));
    format!("{}\n{}", standing.words(), facts.collect::<String>())
}

/// Reads a document. What cannot be read is passed over, and is a hole.
#[must_use]
pub fn read(document: &JournalDocument) -> Written {
    let mut written = Written { hole: document.damaged, ..Written::default() };
    for line in document.text.split('\n').filter(|line| !line.is_empty()) {
        match said(line) {
            Some(said) => written.said.push(said),
            None => written.hole = true,
        }
    }
    written.whole = document.tail.is_empty() && !written.hole;
    let (words, held) = document.tail.split_once('\n').unwrap_or_default();
    written.standing = Standing::of_words(words);
    for line in held.split('\n').filter(|line| !line.is_empty()) {
        match said(line) {
            Some((_, Said::Printed(fact))) => written.standing.held.push(fact),
            _ => written.hole = true,
        }
    }
    written
}

fn said(line: &str) -> Option<(UtcMs, Said)> {
    let (millis, rest) = line.split_once(' ')?;
    let at = UtcMs(millis.parse().ok()?);
    if let Some(fields) = rest.strip_prefix(RECORD).and_then(|rest| rest.strip_prefix(' ')) {
        let values = fields.split('\t').map(recording::unescaped);
        return Some((at, Said::Fields(values.collect::<Result<_, _>>().ok()?)));
    }
    match recording::record(line) {
        Ok(Record::Fact(_, fact)) => Some((at, Said::Printed(fact))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decode::{DocumentEnd, DocumentFact, LayoutLine};

    fn printed(text: &str) -> DocumentFact {
        DocumentFact::Line(LayoutLine { text: text.to_owned(), bold: true, enlarged: false })
    }

    fn document(text: String, tail: String) -> JournalDocument {
        JournalDocument { text, tail, ..JournalDocument::default() }
    }

    fn check(said: &Said, expected: &str) {
        let written = line(UtcMs(7), said);
        assert_eq!(written, expected);
        let found = read(&document(written, String::new()));
        let said = vec![(UtcMs(7), said.clone())];
        assert_eq!(found, Written { said, whole: true, ..Written::default() });
    }

    #[test]
    fn what_was_given_is_written_in_lines_and_read_again() {
        check(&Said::Printed(printed("  TEE  2,50")), "7 bold   TEE  2,50\n");
        check(&Said::Printed(DocumentFact::End(DocumentEnd::Cut)), "7 end cut\n");
        let fields = ["a", "", "c\td\\e"].map(str::to_owned).to_vec();
        check(&Said::Fields(fields), "7 record a\t\tc\\u{9}d\\u{5c}e\n");
        let symbol = DocumentFact::Barcode { symbology: "QR", data: "x".repeat(7000) };
        check(&Said::Printed(symbol), &format!("7 barcode QR {}\n", "x".repeat(7000)));
        assert_eq!(line(UtcMs(7), &Said::Closed), "");
    }

    #[test]
    fn a_tail_says_where_the_decoder_stood_and_what_it_held() {
        let held = vec![printed("TOTAL"), DocumentFact::DrawerKick];
        let standing = Standing { middle: true, held, ..Standing::default() };
        let written = read(&document(String::new(), tail(&standing)));
        assert_eq!(written, Written { standing, ..Written::default() });
        for (text, tail) in [(HOLE, ""), ("7 nonsense\n", ""), ("", "\nx\n")] {
            assert!(read(&document(text.to_owned(), tail.to_owned())).hole, "{text:?} {tail:?}");
        }
    }

    #[test]
    fn no_card_number_is_written_whoever_gives_it() {
        let number = "4111111111111111";
        let fields = Said::Fields(vec![number.to_owned()]);
        for said in [Said::Printed(printed(number)), fields] {
            assert!(!line(UtcMs(0), &said).contains("41111111"));
        }
    }

    proptest! {
        #[test]
        fn any_fields_survive(values in prop::collection::vec(any::<String>(), 1..5)) {
            let values: Vec<String> = values.iter().map(|value| redact::text(value)).collect();
            let said = Said::Fields(values);
            let found = read(&document(line(UtcMs(1), &said), String::new()));
            prop_assert_eq!(found.said, vec![(UtcMs(1), said)]);
        }

        #[test]
        fn any_text_is_read(text in any::<String>(), tail in any::<String>()) {
            let _ = read(&document(text, tail));
        }
    }
}
