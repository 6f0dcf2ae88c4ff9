//! What languages of commands have in common: how ESC/POS and Star wait, end and forget.

use std::time::Duration;

use super::charset::Charset;
use super::paper::Paper;
use super::{Decode, Document};
use crate::decode::fact::{DocumentEnd, DocumentFact};
use crate::limits;
use crate::time::Mono;

/// A printer that is told by commands what to print: all that is not the same for every language.
pub(in crate::decode) trait Commanded {
    /// Takes bytes.
    fn read(&mut self, bytes: &[u8], out: &mut Vec<DocumentFact>);

    /// Whether a command was begun and not completed.
    fn pending(&self) -> bool;

    /// Forgets that command.
    fn abandon(&mut self);

    /// As after switching on: nothing of what was set is believed any more.
    fn forget(&mut self);

    /// Silence that ends a document.
    fn idle(&self) -> Duration;

    /// What is printed on, and how text is read.
    fn parts(&self) -> (&Paper, &Charset);

    /// The same, to change it.
    fn parts_mut(&mut self) -> (&mut Paper, &mut Charset);
}

impl<P: Commanded> Decode for P {
    fn take(&mut self, bytes: &[u8], _now: Mono, out: &mut Vec<DocumentFact>) {
        self.read(bytes, out);
    }

    fn deadline(&self, last: Mono) -> Option<Mono> {
        if self.pending() {
            return Some(last.plus(limits::PAYLOAD_IDLE));
        }
        let (paper, charset) = self.parts();
        let waits = paper.is_printing() || charset.waits() || paper.noise.waits();
        waits.then(|| last.plus(self.idle()))
    }

    fn broken(&mut self, out: &mut Vec<DocumentFact>) {
        let (paper, _) = self.parts_mut();
        paper.end(DocumentEnd::Broken, out);
        paper.noise.silence();
        self.forget();
    }

    fn finish(&mut self, out: &mut Vec<DocumentFact>) {
        let pending = self.pending();
        if pending {
            self.abandon();
        }
        let (paper, charset) = self.parts_mut();
        paper.end_by_silence(pending, out);
        charset.interrupt();
        if paper.noise.silence() {
            self.forget();
        }
    }

    fn is_middle(&self) -> bool {
        let (paper, charset) = self.parts();
        self.pending() || charset.waits() || paper.is_middle()
    }

    fn state(&self) -> (&Document, Option<&Charset>) {
        let (paper, charset) = self.parts();
        (&paper.document, Some(charset))
    }

    fn state_mut(&mut self) -> (&mut Document, Option<&mut Charset>) {
        let (paper, charset) = self.parts_mut();
        (&mut paper.document, Some(charset))
    }
}
