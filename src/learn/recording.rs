//! The `.tgcap` format: what a device printed or said, as text that can be mailed.
//!
//! It holds what the decoders understood, after redaction, never bytes: there is no card number in it, and a replay
//! gives the same lines as the device did. Control characters and backslashes are written as `\u{1b}`.
//!
//! ```text
//! tgcap 1
//! # Anything behind a hash is for people.
//! info language escpos
//! 0 line CORNER SHOP
//! 12 bold TOTAL        7,43
//! 15 kick
//! 15 barcode EAN13 4006381333931
//! 16 graphic 384 24
//! 20 end cut
//! 31 fields ["S","TEE","2","2.50"]
//! 40 scale {"weight":{"grams":250,"stable":true,"net":false}}
//! ```
//!
//! The first line names the format. Each record is milliseconds since the start, a kind, and the rest of the line.
//! `line`, `bold`, `large` and `bold+large` are printed lines; an `end` says why a document ended. `fields`,
//! `payment`, `scan` and `scale` are what devices said that print nothing ([`said`]).

mod escape;
mod read;
mod said;

use crate::decode::redact;
use crate::decode::{DocumentEnd, DocumentFact, Said};
use crate::limits;

pub use escape::{escaped, unescaped};
pub use read::{Reader, read, record};
pub use said::said;

/// The first line of every recording.
pub const MAGIC: &str = "tgcap 1";

/// Kinds of codes that printers print.
const SYMBOLOGIES: &[&str] = &[
    "UPC-A",
    "UPC-E",
    "EAN13",
    "EAN8",
    "CODE39",
    "ITF",
    "CODABAR",
    "CODE93",
    "CODE128",
    "GS1-128",
    "GS1-DATABAR",
    "PDF417",
    "QR",
    "MAXICODE",
    "GS1-COMPOSITE",
    "AZTEC",
    "DATAMATRIX",
];

/// What codes of other kinds are called.
const OTHER_SYMBOLOGY: &str = "OTHER";

const ENDS: &[(&str, DocumentEnd)] = &[
    ("cut", DocumentEnd::Cut),
    ("init", DocumentEnd::Init),
    ("idle", DocumentEnd::Idle),
    ("broken", DocumentEnd::Broken),
    ("overflow", DocumentEnd::Overflow),
];

const STYLES: &[(&str, bool, bool)] = &[
    ("line", false, false),
    ("bold", true, false),
    ("large", false, true),
    ("bold+large", true, true),
];

/// One line of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Something about the device: a key and a value.
    Info(String, String),
    /// Something was printed, so many milliseconds after the start.
    Fact(u64, DocumentFact),
    /// A device that prints nothing said something, so many milliseconds after the start.
    Said(u64, Said),
}

/// Why a line is no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// The first line is not that of a recording.
    #[error("no recording: the first line is not `{MAGIC}`")]
    Magic,
    /// A line is too long.
    #[error("line {0} is longer than {max} bytes", max = limits::RECORDING_LINE)]
    TooLong(usize),
    /// A line cannot be understood.
    #[error("line {line}: {what}")]
    Malformed {
        /// From 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
}

/// A line that tells something of the device. Redacted, like all text.
#[must_use]
pub fn info(key: &str, value: &str) -> String {
    format!("info {key} {}\n", escaped(&redact::text(value)))
}

/// A line for a fact that came `millis` after the start.
#[must_use]
pub fn fact(millis: u64, fact: &DocumentFact) -> String {
    match fact {
        DocumentFact::Line(line) => {
            let style = STYLES.iter().find(|(_, b, l)| (*b, *l) == (line.bold, line.enlarged));
            let style = style.map_or("line", |(name, ..)| name);
            // Redacted by the decoder; a second look costs nothing and holds whatever feeds this.
            let text = escaped(&redact::text(&line.text));
            if text.is_empty() {
                return format!("{millis} {style}\n");
            }
            format!("{millis} {style} {text}\n")
        }
        DocumentFact::DrawerKick => format!("{millis} kick\n"),
        DocumentFact::Barcode { symbology, data } => {
            let data = escaped(&redact::barcode(symbology, data));
            format!("{millis} barcode {symbology} {data}\n")
        }
        DocumentFact::Graphic { width, height } => format!("{millis} graphic {width} {height}\n"),
        DocumentFact::End(end) => {
            let why = ENDS.iter().find(|(_, known)| known == end).map_or("idle", |(why, _)| why);
            format!("{millis} end {why}\n")
        }
    }
}

/// Whether a file that begins like this is a recording.
#[must_use]
pub fn is_recording(head: &[u8]) -> bool {
    head.starts_with(MAGIC.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::LayoutLine;
    use proptest::prelude::*;

    fn line(text: &str, bold: bool, enlarged: bool) -> DocumentFact {
        DocumentFact::Line(LayoutLine { text: text.to_owned(), bold, enlarged })
    }

    /// A fact, and how it is written after its time.
    fn check(fact: DocumentFact, written: &str) {
        assert_eq!(super::fact(7, &fact), format!("7 {written}\n"));
        let text = format!("{MAGIC}\n7 {written}\r\n");
        assert_eq!(read(&text), Ok(vec![Record::Fact(7, fact)]));
    }

    #[test]
    fn every_fact_is_written_and_read() {
        check(line("  TEE   2,50", false, false), "line   TEE   2,50");
        check(line("TOTAL", true, false), "bold TOTAL");
        check(line("SHOP", false, true), "large SHOP");
        check(line("SHOP", true, true), "bold+large SHOP");
        check(line("", false, false), "line");
        check(line("a\\b\u{85}c", false, false), "line a\\u{5c}b\\u{85}c");
        check(DocumentFact::DrawerKick, "kick");
        check(DocumentFact::Graphic { width: 384, height: 24 }, "graphic 384 24");
        for (why, end) in ENDS {
            check(DocumentFact::End(*end), &format!("end {why}"));
        }
        let data = "4006381333931".to_owned();
        check(DocumentFact::Barcode { symbology: "EAN13", data }, "barcode EAN13 4006381333931");
    }

    #[test]
    fn what_is_no_record_is_told_with_its_line() {
        let check = |text: &str, told: &str| {
            let error = read(text).map(|_| ()).unwrap_err();
            assert_eq!(error.to_string(), told, "{text:?}");
        };
        check("", "no recording: the first line is not `tgcap 1`");
        check("tgcap 2\n", "no recording: the first line is not `tgcap 1`");
        check("tgcap 1\nx", "line 2: a record is a time, a kind and more");
        check("tgcap 1\n\nx line A", "line 3: a record begins with its milliseconds");
        check("tgcap 1\n0 lines A", "line 2: unknown kind of record");
        check("tgcap 1\n0 end of it", "line 2: unknown end");
        check("tgcap 1\n0 graphic 1", "line 2: a graphic has a width and a height");
        check("tgcap 1\n0 line a\\b", "line 2: a backslash is written as \\u{5c}");
        let long = format!("tgcap 1\n0 line {}", "x".repeat(limits::RECORDING_LINE));
        check(&long, "line 2 is longer than 4096 bytes");
    }

    #[test]
    fn a_card_number_written_by_hand_does_not_come_back() {
        let text = format!("{MAGIC}\ninfo note 4111111111111111\n0 line VISA 4111 1111 1111 1111");
        let read = format!("{:?}", read(&text));
        assert!(!read.contains("4111"), "{read}");
        assert!(read.contains("**** **** **** 1111"), "{read}");
    }

    proptest! {
        #[test]
        fn any_line_survives(text in "\\PC*", millis in any::<u64>()) {
            let text = redact::text(&text);
            let fact = line(&text, false, false);
            let written = format!("{MAGIC}\n{}", super::fact(millis, &fact));
            if written.len() < limits::RECORDING_LINE {
                prop_assert_eq!(read(&written), Ok(vec![Record::Fact(millis, fact)]));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = read(&format!("{MAGIC}\n{text}"));
        }
    }
}
