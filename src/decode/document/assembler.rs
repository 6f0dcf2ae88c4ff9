//! Lines and other prints to documents.
//!
//! A document opens with the first thing printed and closes with [`Document::end`]; blank lines count only
//! between printed ones. The bands of an image that is sent in strips become one graphic.
//!
//! Bounded by `limits::DOCUMENT_LINES` and `limits::DOCUMENT_BYTES` of text: full, the document ends with
//! `Overflow` and the next print opens another.

use super::{PrinterCounters, Standing};
use crate::decode::fact::{DocumentEnd, DocumentFact};
use crate::decode::redact::{self, RawLine, Redactor};
use crate::limits;

/// Blank lines in a row that are passed on; more are only feed.
const BLANKS_MAX: usize = 8;

/// The document that is being printed.
#[derive(Default)]
pub(in crate::decode) struct Document {
    pub counters: PrinterCounters,
    redactor: Redactor,
    open: bool,
    lines: usize,
    bytes: usize,
    blanks: usize,
    /// Bands so far of an image that may go on.
    graphic: Option<(u32, u32)>,
}

impl Document {
    /// A line was printed, perhaps a blank one.
    pub fn line(&mut self, line: RawLine, out: &mut Vec<DocumentFact>) {
        self.end_graphic(out);
        if line.text.is_empty() {
            self.blanks = BLANKS_MAX.min(self.blanks + 1);
            return;
        }
        let blanks = if self.open { self.blanks } else { 0 };
        self.blanks = 0;
        for _ in 0..blanks {
            self.add(RawLine::default(), out);
        }
        self.add(line, out);
    }

    /// A barcode was printed.
    pub fn barcode(&mut self, symbology: &'static str, data: &str, out: &mut Vec<DocumentFact>) {
        self.end_graphic(out);
        let data = redact::barcode(symbology, data);
        self.print(data.len(), out);
        self.redactor.fact(DocumentFact::Barcode { symbology, data }, out);
    }

    /// An image, or a band of one, was printed. Dots.
    pub fn graphic(&mut self, width: u32, height: u32, out: &mut Vec<DocumentFact>) {
        match &mut self.graphic {
            Some((w, h)) if *w == width => *h = h.saturating_add(height),
            _ => {
                self.end_graphic(out);
                self.print(0, out);
                self.graphic = Some((width, height));
            }
        }
    }

    /// The drawer was told to open, which may happen outside of a document.
    pub fn drawer_kick(&mut self, out: &mut Vec<DocumentFact>) {
        self.end_graphic(out);
        self.redactor.fact(DocumentFact::DrawerKick, out);
    }

    /// Nothing more belongs to the line before: it need not wait for the next one.
    pub fn let_go(&mut self, out: &mut Vec<DocumentFact>) {
        self.end_graphic(out);
        self.redactor.flush(out);
    }

    /// The line that came last was cut off: half a secret may be left.
    pub fn cut_off(&mut self) {
        self.redactor.cut_off();
    }

    /// Nothing more belongs to this document. Where bytes were lost, its last line counts as cut off.
    pub fn end(&mut self, why: DocumentEnd, out: &mut Vec<DocumentFact>) {
        if why == DocumentEnd::Broken {
            self.cut_off();
        }
        self.end_graphic(out);
        self.redactor.flush(out);
        if self.open {
            self.counters.documents += 1;
            out.push(DocumentFact::End(why));
        }
        self.open = false;
        self.lines = 0;
        self.bytes = 0;
        self.blanks = 0;
    }

    /// A bound was reached.
    pub fn overflow(&mut self, out: &mut Vec<DocumentFact>) {
        self.counters.overflow += 1;
        self.end(DocumentEnd::Overflow, out);
    }

    /// What waits for the next line, and whether half a number is hidden in it.
    pub fn stands(&self) -> Standing {
        let (mut held, half) = self.redactor.preview();
        let graphic = self.graphic.map(|(width, height)| DocumentFact::Graphic { width, height });
        held.extend(graphic);
        Standing { half, held, ..Standing::default() }
    }

    /// Whether something printed is no fact yet.
    pub fn is_holding(&self) -> bool {
        self.graphic.is_some() || self.redactor.is_holding()
    }

    /// Goes on with a document of which `printed` was passed on already.
    pub fn resume(
        &mut self,
        printed: &[&DocumentFact],
        at: &Standing,
        out: &mut Vec<DocumentFact>,
    ) {
        let texts = |fact: &&DocumentFact| match fact {
            DocumentFact::Line(line) => line.text.len(),
            DocumentFact::Barcode { data, .. } => data.len(),
            _ => 0,
        };
        self.open = !printed.is_empty() || !at.held.is_empty();
        self.lines = printed.len() + at.held.len();
        self.bytes = printed.iter().map(texts).sum();
        self.redactor.resume(at.held.clone(), at.half || at.middle, out);
    }

    /// Whether anything was printed that no end followed.
    pub fn is_open(&self) -> bool {
        self.open || self.redactor.is_holding()
    }

    fn add(&mut self, line: RawLine, out: &mut Vec<DocumentFact>) {
        self.print(line.text.len(), out);
        self.redactor.line(line, out);
    }

    /// Makes room for one more print of `bytes`.
    fn print(&mut self, bytes: usize, out: &mut Vec<DocumentFact>) {
        if limits::DOCUMENT_LINES <= self.lines || limits::DOCUMENT_BYTES < self.bytes + bytes {
            self.overflow(out);
        }
        self.open = true;
        self.lines += 1;
        self.bytes += bytes;
    }

    fn end_graphic(&mut self, out: &mut Vec<DocumentFact>) {
        if let Some((width, height)) = self.graphic.take() {
            self.redactor.fact(DocumentFact::Graphic { width, height }, out);
        }
    }
}
