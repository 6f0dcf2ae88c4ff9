//! What a device printed, document by document, as far as it is kept.

use crate::decode::dialect::digits;
use crate::decode::{DocumentEnd, DocumentFact};
use crate::limits;

/// All documents of a device.
#[derive(Debug, Default)]
pub struct Paper {
    /// Those that have ended, or were begun.
    pub documents: Vec<Document>,
    /// Lines left out because there were too many.
    pub left_out: usize,
    lines: usize,
    open: bool,
    /// A picture came, and no line since the last document.
    picture: bool,
}

/// One document.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Its lines that are not empty, without spaces around.
    pub lines: Vec<String>,
    /// Why it ended; nothing while it has not.
    pub end: Option<DocumentEnd>,
    /// A picture came before its first line.
    pub picture: bool,
    /// Codes printed on it, with their kinds.
    pub barcodes: Vec<(&'static str, String)>,
}

impl Paper {
    /// Takes what was printed next.
    pub fn step(&mut self, fact: &DocumentFact) {
        match fact {
            DocumentFact::Line(line) if line.text.trim().is_empty() => {}
            DocumentFact::Line(_) if limits::LEARN_LINES <= self.lines => self.left_out += 1,
            DocumentFact::Line(line) => {
                self.lines += 1;
                let text = digits::plain(line.text.trim(), '.').into_owned();
                self.document(|document| document.lines.push(text));
            }
            DocumentFact::Barcode { symbology, data } => {
                let code = (*symbology, data.clone());
                self.document(|document| document.barcodes.push(code));
            }
            DocumentFact::End(end) => {
                if self.open {
                    self.document(|document| document.end = Some(*end));
                }
                (self.open, self.picture) = (false, false);
            }
            DocumentFact::Graphic { .. } => self.picture |= !self.open,
            DocumentFact::DrawerKick => {}
        }
    }

    fn document(&mut self, change: impl FnOnce(&mut Document)) {
        if !std::mem::replace(&mut self.open, true) {
            let picture = std::mem::take(&mut self.picture);
            self.documents.push(Document { picture, ..Document::default() });
        }
        if let Some(document) = self.documents.last_mut() {
            change(document);
        }
    }

    /// All lines of all documents.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.documents.iter().flat_map(|document| &document.lines).map(String::as_str)
    }

    /// Whether paper was cut behind each document that ended; nothing else separates them.
    #[must_use]
    pub fn is_all_cut(&self) -> bool {
        let mut ends = self.documents.iter().filter_map(|document| document.end);
        self.is_cut() && ends.all(|end| end == DocumentEnd::Cut)
    }

    /// Whether paper was cut between documents, rather than only silence.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.documents.iter().any(|document| document.end == Some(DocumentEnd::Cut))
    }
}
