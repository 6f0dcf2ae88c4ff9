//! A printer whose language is found out from its first bytes.
//!
//! The first `limits::DETECT_BYTES` after a longer silence are held until they say which language they are in
//! (or until they stop coming), and then decoded from the first of them on: nothing is lost. A language that
//! was found stays, with all settings of the printer, until a later document clearly is in the other one.
//! Bytes that say nothing are decoded as ESC/POS, which is what most devices speak.
//!
//! Bit 7 is stripped where it is a parity bit, see [`crate::decode::detect::bit7`].

use std::time::Duration;

use super::{Printer, PrinterCounters, PrinterOptions, Standing};
use crate::decode::detect::{Evidence, Language, bit7};
use crate::decode::escpos::EscposOptions;
use crate::decode::fact::DocumentFact;
use crate::decode::star::StarOptions;
use crate::decode::text::TextOptions;
use crate::limits;
use crate::time::Mono;

/// Signs more than against it that a language needs to replace one that was found before; and bytes that
/// begin commands in what was taken for text.
const REPLACES: usize = 2;

/// Settings for each language.
#[derive(Clone, Debug, Default)]
pub struct AutoOptions {
    /// If it speaks ESC/POS, or nothing says what.
    pub escpos: EscposOptions,
    /// If it speaks a language of Star's.
    pub star: StarOptions,
    /// If it sends lines.
    pub text: TextOptions,
}

/// See the module's doc.
pub struct Auto {
    options: AutoOptions,
    /// The first bytes after a silence; nothing once they are decoded.
    held: Option<Vec<u8>>,
    printer: Option<Box<Printer>>,
    language: Language,
    /// Bytes told the language; it is not just assumed.
    found: bool,
    strip: bool,
    /// Bytes of printers' commands in text.
    strange: usize,
    /// Silence after which the first bytes are looked at again: no document is open then.
    quiet: Duration,
    /// Silence after which no more bytes are waited for.
    patience: Duration,
    /// Of decoders that were replaced.
    before: PrinterCounters,
    counters: PrinterCounters,
    last: Mono,
}

impl Auto {
    /// A device of which nothing was read yet.
    #[must_use]
    pub fn new(options: AutoOptions) -> Self {
        let idles = [options.escpos.idle, options.star.idle, options.text.idle];
        Self {
            held: Some(Vec::new()),
            printer: None,
            language: Language::Unknown,
            found: false,
            strip: false,
            strange: 0,
            quiet: idles.into_iter().fold(limits::PAYLOAD_IDLE, Duration::max),
            patience: idles.into_iter().fold(limits::DETECT_SILENCE, Duration::min),
            options,
            before: PrinterCounters::default(),
            counters: PrinterCounters::default(),
            last: Mono::default(),
        }
    }

    /// Takes bytes that arrived at `now`.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<DocumentFact>) {
        self.tick(now, out);
        self.last = now;
        let mut rest = bytes;
        if let Some(held) = &mut self.held {
            let room = limits::DETECT_BYTES.saturating_sub(held.len()).min(rest.len());
            let (head, tail) = rest.split_at(room);
            held.extend_from_slice(head);
            rest = tail;
            if held.len() >= limits::DETECT_BYTES {
                self.decide(out);
            }
        }
        if !rest.is_empty() {
            self.decode(rest, out);
        }
        self.count();
    }

    /// Decodes what is held, and lets time pass for the decoder.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<DocumentFact>) {
        if self.is_holding() && self.last.plus(self.patience) <= now {
            self.decide(out);
        }
        if !self.is_holding()
            && let Some(printer) = &mut self.printer
        {
            printer.tick(now, out);
        }
        if self.last.plus(self.quiet) <= now {
            self.held.get_or_insert_default();
        }
        self.count();
    }

    /// When [`Self::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        if self.is_holding() {
            return Some(self.last.plus(self.patience));
        }
        self.printer.as_ref().and_then(|printer| printer.deadline())
    }

    /// The device went away or bytes were lost.
    pub fn broken(&mut self, out: &mut Vec<DocumentFact>) {
        self.decide(out);
        if let Some(printer) = &mut self.printer {
            printer.broken(out);
        }
        self.held = Some(Vec::new());
        self.count();
    }

    /// No more bytes belong to what was begun.
    pub fn finish(&mut self, out: &mut Vec<DocumentFact>) {
        self.decide(out);
        if let Some(printer) = &mut self.printer {
            printer.finish(out);
        }
        self.held = Some(Vec::new());
        self.count();
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> Standing {
        let at = self.printer.as_ref().map(|printer| printer.stands()).unwrap_or_default();
        let middle = at.middle || self.is_holding();
        Standing { middle, language: self.language(), strip: self.strip, ..at }
    }

    /// Whether something printed is no fact yet. Bytes whose language is not known are not printed.
    #[must_use]
    pub fn holds_facts(&self) -> bool {
        self.printer.as_ref().is_some_and(|printer| printer.is_holding())
    }

    /// Goes on where another one stood.
    pub fn resume(
        &mut self,
        printed: &[&DocumentFact],
        at: &Standing,
        now: Mono,
        out: &mut Vec<DocumentFact>,
    ) {
        if at.language == Language::Unknown && printed.is_empty() && at.held.is_empty() {
            return;
        }
        self.held = None;
        self.found = at.language != Language::Unknown;
        self.strip = at.strip;
        self.replace(if self.found { at.language } else { Language::Escpos }, out);
        if let Some(printer) = &mut self.printer {
            printer.resume(printed, at, now, out);
        }
        self.last = now;
        self.count();
    }

    /// Silence counts from here.
    pub fn wait_from(&mut self, now: Mono) {
        self.last = now;
        if let Some(printer) = &mut self.printer {
            printer.wait_from(now);
        }
    }

    /// What was taken in since the start.
    #[must_use]
    pub fn counters(&self) -> &PrinterCounters {
        &self.counters
    }

    /// What the device speaks, as far as is known.
    #[must_use]
    pub fn language(&self) -> Language {
        if self.found { self.language } else { Language::Unknown }
    }

    fn is_holding(&self) -> bool {
        self.held.as_ref().is_some_and(|held| !held.is_empty())
    }

    /// Chooses a decoder for what is held, and gives it to that.
    fn decide(&mut self, out: &mut Vec<DocumentFact>) {
        let Some(held) = self.held.take().filter(|held| !held.is_empty()) else { return };
        let mut statistic = bit7::Statistic::default();
        statistic.add(&held);
        if let Some(guess) = statistic.guess() {
            self.strip = guess.is_parity();
        }
        let mut bytes = held.clone();
        if self.strip {
            bit7::strip(&mut bytes);
        }
        let evidence = Evidence::of(&bytes);
        let (found, wanted) = match evidence.language() {
            // A printer's commands came after lines that had none.
            Language::Text if REPLACES <= self.strange => (true, Language::Escpos),
            Language::Unknown => (false, Language::Escpos),
            language => (true, language),
        };
        let replaces = match wanted {
            _ if !found => self.printer.is_none(),
            _ if self.language == Language::Text => wanted != self.language,
            _ if !self.found => wanted != self.language,
            // A document of any language may begin with plain lines.
            Language::Text => false,
            _ => wanted != self.language && REPLACES <= evidence.margin(),
        };
        self.found |= found;
        if replaces {
            self.replace(wanted, out);
        }
        self.decode(&held, out);
    }

    fn replace(&mut self, language: Language, out: &mut Vec<DocumentFact>) {
        if let Some(mut printer) = self.printer.take() {
            printer.finish(out);
            self.before.add(printer.counters());
        }
        self.language = language;
        self.strange = 0;
        self.printer = Some(Box::new(Printer::new(match language {
            Language::Star => PrinterOptions::Star(self.options.star.clone()),
            Language::Text => PrinterOptions::Text(self.options.text.clone()),
            Language::Escpos | Language::Unknown => {
                PrinterOptions::Escpos(self.options.escpos.clone())
            }
        })));
    }

    fn decode(&mut self, bytes: &[u8], out: &mut Vec<DocumentFact>) {
        let Some(printer) = &mut self.printer else { return };
        let mut stripped = Vec::new();
        let bytes = if self.strip {
            stripped.extend_from_slice(bytes);
            bit7::strip(&mut stripped);
            stripped.as_slice()
        } else {
            bytes
        };
        printer.push(bytes, self.last, out);
        if self.language == Language::Text {
            let commands = bytes.iter().filter(|byte| matches!(byte, 0x10 | 0x1C | 0x1D));
            self.strange = self.strange.saturating_add(commands.count());
        }
    }

    fn count(&mut self) {
        self.counters = self.before.clone();
        if let Some(printer) = &self.printer {
            self.counters.add(printer.counters());
        }
    }
}

#[cfg(test)]
mod tests;
