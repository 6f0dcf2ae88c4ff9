//! Lines that the terminal has printed: one by one (06 D1) or in blocks (06 D3).
//!
//! A line begins with an attribute byte: FFh feeds as many lines as the next byte says, any other from 81h on
//! is the last line; bits 5 and 4 enlarge it. In blocks, tag 07 is a line and tag 09 an attribute. Lines
//! leave redacted, as those of any printer.

use super::tlv::{self, Tag};
use super::value;
use crate::decode::codepage::CodePage;
use crate::decode::document::Document;
use crate::decode::fact::{DocumentEnd, DocumentFact};
use crate::decode::redact::RawLine;

const TAG_LINE: u32 = 0x07;
const TAG_ATTRIBUTE: u32 = 0x09;

/// Attribute that feeds paper.
const FEED: u8 = 0xFF;

/// The slip that is being printed.
#[derive(Default)]
pub(super) struct Slip {
    document: Document,
    facts: Vec<DocumentFact>,
}

impl Slip {
    /// Takes the data of a 06 D1.
    pub fn line(&mut self, data: &[u8], page: &CodePage) {
        match data {
            [FEED, count, ..] => (0..*count).for_each(|_| self.print(&[], 0, page)),
            [attribute, text @ ..] => {
                self.print(text, *attribute, page);
                if 0x80 < *attribute {
                    self.end(DocumentEnd::Cut);
                }
            }
            [] => {}
        }
    }

    /// Takes the container of a 06 D3; says whether it was understood to its end.
    pub fn block(&mut self, container: &[u8], page: &CodePage) -> bool {
        let mut attribute = 0;
        let mut last = false;
        let read = tlv::walk(container, &mut |tag: Tag<'_>| match (tag.number, tag.value) {
            (TAG_LINE, text) => self.print(text, attribute, page),
            (TAG_ATTRIBUTE, [value, ..]) => {
                attribute = *value;
                last |= 0x80 < attribute;
            }
            _ => {}
        });
        if last {
            self.end(DocumentEnd::Cut);
        }
        read.is_some()
    }

    /// Nothing more belongs to this slip.
    pub fn end(&mut self, why: DocumentEnd) {
        self.document.end(why, &mut self.facts);
    }

    pub fn is_open(&self) -> bool {
        self.document.is_open()
    }

    /// What was printed since the last call.
    pub fn drain(&mut self) -> impl Iterator<Item = DocumentFact> {
        self.facts.drain(..)
    }

    fn print(&mut self, text: &[u8], attribute: u8, page: &CodePage) {
        let text = value::raw_text(text, page).trim_end().to_owned();
        let enlarged = attribute < 0x80 && attribute & 0x30 != 0;
        self.document.line(RawLine { text, enlarged, bold: false }, &mut self.facts);
    }
}
