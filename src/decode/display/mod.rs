//! Customer displays: bytes to what the two lines show, and that to lines of a document.
//!
//! | file | job |
//! |---|---|
//! | `table` | how long each command is, for four command sets |
//! | `command` | what each command does to the screen |
//! | `screen` | the cells |
//! | `options` | how displays differ |
//!
//! A display is written over, bit by bit, so no byte says that a line is complete. What has not changed for
//! [`DisplayOptions::settle`] was meant to be read: it becomes the screen's lines, unless it is what the
//! lines before said. A document ends when nothing new was shown for [`DisplayOptions::idle`].
//!
//! Constraints: no panic on any input, bounded memory, the same facts however the bytes are cut. After more
//! than `limits::NOISE_COMMANDS` signs of noise what then stands still is noise: it is dropped, and the display
//! is as after switching on.

mod command;
mod options;
mod screen;
mod table;

#[cfg(test)]
mod tests;

use std::time::Duration;

pub use options::{DisplayOptions, DisplaySet};

use screen::Screen;
use table::{ATTENTION, DisplayTable};

use super::document::charset::Charset;
use super::document::noise::Noise;
use super::document::tokens::{Token, Tokens};
use super::document::{Decode, Document, Drive};
use super::fact::{DocumentEnd, DocumentFact};
use super::redact::RawLine;
use crate::limits;
use crate::time::Mono;

/// Decodes the bytes sent to one display.
pub type Decoder = Drive<Display>;

/// The state of a display.
pub struct Display {
    columns: usize,
    settle: Duration,
    clear_settles: bool,
    idle: Duration,
    tokens: Tokens<DisplayTable>,
    charset: Charset,
    screen: Screen,
    /// When the screen last began to look different, while that was not told.
    changed: Option<Mono>,
    /// What was told last.
    told: Vec<String>,
    told_at: Mono,
    document: Document,
    noise: Noise,
    /// When the last byte came; silence counts from [`Self::told_at`].
    last: Mono,
}

impl Drive<Display> {
    /// A display that was just switched on.
    #[must_use]
    pub fn new(options: DisplayOptions) -> Self {
        let table = DisplayTable { set: options.set, selected: true, attention: ATTENTION };
        Self::of(Display {
            columns: options.columns,
            settle: options.settle,
            clear_settles: options.clear_settles,
            idle: options.idle,
            tokens: Tokens::new(table),
            charset: Charset::new(options.page_map, options.default_page, options.double_byte),
            screen: Screen::new(options.rows, options.columns),
            changed: None,
            told: Vec::new(),
            told_at: Mono::default(),
            document: Document::default(),
            noise: Noise::default(),
            last: Mono::default(),
        })
    }
}

impl Decode for Display {
    fn take(&mut self, mut bytes: &[u8], now: Mono, out: &mut Vec<DocumentFact>) {
        self.last = now;
        while let Some(token) = self.tokens.next(&mut bytes) {
            self.token(token, out);
            if self.screen.take_changed() {
                self.changed = Some(now);
            }
        }
    }

    fn deadline(&self, _last: Mono) -> Option<Mono> {
        let string = self.tokens.pending().then(|| self.last.plus(limits::PAYLOAD_IDLE));
        let still = self.changed.map(|changed| changed.plus(self.settle));
        let end = self.document.is_open().then(|| self.told_at.plus(self.idle));
        [string, still, end].into_iter().flatten().min()
    }

    fn tick(&mut self, now: Mono, _last: Mono, out: &mut Vec<DocumentFact>) {
        if self.tokens.pending() && self.last.plus(limits::PAYLOAD_IDLE) <= now {
            self.abandon();
        }
        let still = self.changed.map(|changed| changed.plus(self.settle));
        // In the order in which they were due, however late this call is.
        self.end_if_idle(still.unwrap_or(now).min(now), out);
        if let Some(still) = still.filter(|still| *still <= now) {
            self.tell(still, out);
            self.end_if_idle(now, out);
        }
    }

    fn broken(&mut self, out: &mut Vec<DocumentFact>) {
        self.tokens.abandon();
        self.document.end(DocumentEnd::Broken, out);
        self.initialise();
        self.forget();
    }

    fn finish(&mut self, out: &mut Vec<DocumentFact>) {
        if self.tokens.pending() {
            self.abandon();
        }
        if self.changed.is_some() {
            self.tell(self.last, out);
        }
        self.document.end(DocumentEnd::Idle, out);
    }

    fn wait_from(&mut self, now: Mono) {
        self.told_at = now;
    }

    fn is_middle(&self) -> bool {
        self.tokens.pending() || self.changed.is_some()
    }

    fn state(&self) -> (&Document, Option<&Charset>) {
        (&self.document, Some(&self.charset))
    }

    fn state_mut(&mut self) -> (&mut Document, Option<&mut Charset>) {
        (&mut self.document, Some(&mut self.charset))
    }
}

impl Display {
    fn token(&mut self, token: Token<'_>, out: &mut Vec<DocumentFact>) {
        let Self { tokens, document, .. } = self;
        let counters = &mut document.counters;
        if !matches!(token, Token::Text(_)) {
            self.charset.interrupt();
        }
        match token {
            // On an AEDEX display's wire other bytes are the printer's.
            Token::Text(bytes) if tokens.table.set == DisplaySet::Aedex => {
                counters.display += bytes.len() as u64;
            }
            Token::Text(bytes) => self.put(bytes, None),
            Token::Command => {
                counters.commands += 1;
                self.command(out);
            }
            Token::Unknown(unknown) => {
                counters.unknown += 1;
                counters.last_unknown = Some(unknown);
                self.sign_of_noise();
            }
            Token::Dropped(_) if !tokens.table.selected => counters.display += 1,
            Token::Dropped(byte) => {
                counters.dropped += 1;
                if byte != 0 {
                    self.sign_of_noise();
                }
            }
        }
    }

    /// What noise showed has to stand still as well, to be forgotten.
    fn sign_of_noise(&mut self) {
        self.noise.sign();
        if self.noise.is_heard() {
            self.changed = Some(self.last);
        }
    }

    /// Shows text at the cursor; `mark` shares the place of its characters.
    fn put(&mut self, bytes: &[u8], mark: Option<char>) {
        let Self { charset, screen, .. } = self;
        charset.decode(bytes, |c, double| screen.put(c, double, mark));
    }

    /// The screen is cleared.
    fn clear(&mut self, out: &mut Vec<DocumentFact>) {
        if self.clear_settles {
            self.changed = self.changed.or(self.screen.take_changed().then_some(self.last));
            if self.changed.is_some() {
                self.tell(self.last, out);
            }
        }
        self.screen.clear();
    }

    /// What the screen shows since `still` was meant to be read.
    fn tell(&mut self, still: Mono, out: &mut Vec<DocumentFact>) {
        self.changed = None;
        if self.noise.silence() {
            self.initialise();
            self.forget();
            return;
        }
        let lines = self.screen.lines();
        if lines == self.told {
            return;
        }
        for text in &lines {
            self.document.line(RawLine { text: text.clone(), ..RawLine::default() }, out);
        }
        self.document.let_go(out);
        self.told = lines;
        self.told_at = still;
    }

    fn end_if_idle(&mut self, now: Mono, out: &mut Vec<DocumentFact>) {
        if self.document.is_open() && self.told_at.plus(self.idle) <= now {
            self.document.end(DocumentEnd::Idle, out);
        }
    }

    fn abandon(&mut self) {
        self.tokens.abandon();
        self.document.counters.abandoned += 1;
    }

    /// What `ESC @` does.
    fn initialise(&mut self) {
        self.charset.reset();
        self.screen.mode = screen::Mode::Overwrite;
        self.screen.clear();
        self.tokens.table.selected = true;
        self.tokens.table.attention = ATTENTION;
    }

    fn forget(&mut self) {
        self.screen.take_changed();
        self.changed = None;
        self.told.clear();
        self.noise.silence();
    }
}
