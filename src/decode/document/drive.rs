//! What all decoders of documents have in common: how they are driven, what silence is, and how one goes on
//! where another stood.
//!
//! A language implements [`Decode`]; [`Drive`] holds it together with the moment of the last byte.

use super::charset::Charset;
use super::{Document, PrinterCounters, Standing};
use crate::decode::fact::DocumentFact;
use crate::time::Mono;

/// What is a language's own.
pub(in crate::decode) trait Decode {
    /// Takes bytes that arrived at `now`; they are counted already.
    fn take(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<DocumentFact>);

    /// When [`Decode::tick`] has something to do, if silence counts from `last`.
    fn deadline(&self, last: Mono) -> Option<Mono>;

    /// Ends what silence since `last` ends.
    fn tick(&mut self, now: Mono, last: Mono, out: &mut Vec<DocumentFact>) {
        if self.deadline(last).is_some_and(|deadline| deadline <= now) {
            self.finish(out);
        }
    }

    /// The device went away or bytes were lost.
    fn broken(&mut self, out: &mut Vec<DocumentFact>);

    /// No more bytes belong to what was begun.
    fn finish(&mut self, out: &mut Vec<DocumentFact>);

    /// Silence counts from here; for those that look at more than the last byte.
    fn wait_from(&mut self, _now: Mono) {}

    /// Whether bytes were taken that are not yet part of a fact.
    fn is_middle(&self) -> bool;

    /// The document, and how text is read where that can be set.
    fn state(&self) -> (&Document, Option<&Charset>);

    /// The same, to change it.
    fn state_mut(&mut self) -> (&mut Document, Option<&mut Charset>);
}

/// A decoder of one device's bytes, see [`super::Printer`].
pub struct Drive<D> {
    decoder: D,
    /// When the last byte came.
    last: Mono,
}

#[expect(private_bounds, reason = "only languages of this crate are driven")]
impl<D: Decode> Drive<D> {
    pub(in crate::decode) fn of(decoder: D) -> Self {
        Self { decoder, last: Mono::default() }
    }

    /// Takes bytes that arrived at `now`.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<DocumentFact>) {
        self.tick(now, out);
        self.last = now;
        self.decoder.state_mut().0.counters.bytes += bytes.len() as u64;
        self.decoder.take(bytes, now, out);
    }

    /// Ends what silence ended.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<DocumentFact>) {
        self.decoder.tick(now, self.last, out);
    }

    /// When [`Self::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.decoder.deadline(self.last)
    }

    /// The device went away or bytes were lost.
    pub fn broken(&mut self, out: &mut Vec<DocumentFact>) {
        self.decoder.broken(out);
    }

    /// No more bytes belong to what was begun.
    pub fn finish(&mut self, out: &mut Vec<DocumentFact>) {
        self.decoder.finish(out);
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> Standing {
        let (document, charset) = self.decoder.state();
        let characters = charset.map(Charset::saved);
        Standing { middle: self.decoder.is_middle(), characters, ..document.stands() }
    }

    /// Whether something printed is no fact yet.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.decoder.state().0.is_holding()
    }

    /// Goes on where another one stood.
    pub fn resume(
        &mut self,
        printed: &[&DocumentFact],
        at: &Standing,
        now: Mono,
        out: &mut Vec<DocumentFact>,
    ) {
        self.wait_from(now);
        let (document, charset) = self.decoder.state_mut();
        if let (Some(charset), Some(characters)) = (charset, at.characters) {
            charset.restore(characters);
        }
        document.resume(printed, at, out);
    }

    /// Silence counts from here.
    pub fn wait_from(&mut self, now: Mono) {
        self.last = now;
        self.decoder.wait_from(now);
    }

    /// What was taken in since the start.
    #[must_use]
    pub fn counters(&self) -> &PrinterCounters {
        &self.decoder.state().0.counters
    }
}
