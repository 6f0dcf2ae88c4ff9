//! Customer displays: bytes to what the two lines show, and that to lines of a document.
//!
//! | file | job |
//! |---|---|
//! | `table` | how long each command is, for four command sets |
//! | `command` | what each command does to the screen |
//! | `screen` | the cells |
//!
//! A display is written over, bit by bit, so no byte says that a line is complete. What has not changed for
//! [`DisplayOptions::settle`] was meant to be read: it becomes the screen's lines, unless it is what the
//! lines before said. A document ends when nothing new was shown for [`DisplayOptions::idle`].
//!
//! Constraints: no panic on any input, bounded memory, the same facts however the bytes are cut. After more
//! than `limits::NOISE_COMMANDS` signs of noise what then stands still is noise: it is dropped, and the display
//! is as after switching on.

mod command;
mod screen;
mod table;

#[cfg(test)]
mod tests;

use std::time::Duration;

use screen::Screen;
use table::{ATTENTION, DisplayTable};

use super::codepage::{CodePage, PageMap};
use super::document::charset::Charset;
use super::document::noise::Noise;
use super::document::tokens::{Token, Tokens};
use super::document::{Document, PrinterCounters, Standing};
use super::fact::{DocumentEnd, DocumentFact};
use super::redact::RawLine;
use crate::limits;
use crate::time::Mono;

/// Which commands a display knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DisplaySet {
    /// Epson's DM-D and all that call themselves compatible with ESC/POS.
    #[default]
    Epson,
    /// `ESC Q A … CR`; knows most of Epson's commands, too.
    Cd5220,
    /// US clears, DLE positions; with `ESC u A … CR` in its enhanced mode.
    Utc,
    /// `!#1 … CR`, on the wire to a printer whose bytes pass by.
    Aedex,
}

/// How a display differs from others.
#[derive(Clone, Debug)]
pub struct DisplayOptions {
    /// The commands it knows.
    pub set: DisplaySet,
    /// Cells of a row, up to 64.
    pub columns: usize,
    /// Up to 8.
    pub rows: usize,
    /// What `ESC t n` selects.
    pub page_map: PageMap,
    /// The page before any is selected.
    pub default_page: CodePage,
    /// The page of double-byte characters.
    pub double_byte: CodePage,
    /// How long the screen stands still before it counts as read.
    pub settle: Duration,
    /// What stood on the screen when it is cleared counts as read, however short: for recordings without
    /// times. A scrolling advertisement then becomes many lines.
    pub clear_settles: bool,
    /// Time without news that ends a document.
    pub idle: Duration,
}

impl Default for DisplayOptions {
    fn default() -> Self {
        Self {
            set: DisplaySet::Epson,
            columns: 20,
            rows: 2,
            page_map: PageMap::epson(),
            default_page: CodePage::cp437(),
            double_byte: CodePage::shift_jis(),
            settle: limits::DISPLAY_SETTLE,
            clear_settles: false,
            idle: limits::DISPLAY_IDLE,
        }
    }
}

/// Decodes the bytes sent to one display.
pub struct Decoder {
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
    /// When the last byte came.
    last: Mono,
}

impl Decoder {
    /// A display that was just switched on.
    #[must_use]
    pub fn new(options: DisplayOptions) -> Self {
        let table = DisplayTable { set: options.set, selected: true, attention: ATTENTION };
        Self {
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
        }
    }

    /// Takes bytes that arrived at `now`.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<DocumentFact>) {
        self.tick(now, out);
        self.last = now;
        self.document.counters.bytes += bytes.len() as u64;
        let mut rest = bytes;
        while let Some(token) = self.tokens.next(&mut rest) {
            self.token(token, out);
            if self.screen.take_changed() {
                self.changed = Some(now);
            }
        }
    }

    /// Tells what stood still long enough, ends a document, gives up a string without its end.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<DocumentFact>) {
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

    /// When [`Self::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let string = self.tokens.pending().then(|| self.last.plus(limits::PAYLOAD_IDLE));
        let still = self.changed.map(|changed| changed.plus(self.settle));
        let end = self.document.is_open().then(|| self.told_at.plus(self.idle));
        [string, still, end].into_iter().flatten().min()
    }

    /// The device went away or bytes were lost: nobody knows what the screen shows.
    pub fn broken(&mut self, out: &mut Vec<DocumentFact>) {
        self.tokens.abandon();
        self.document.end(DocumentEnd::Broken, out);
        self.initialise();
        self.forget();
    }

    /// No more bytes belong to what was begun.
    pub fn finish(&mut self, out: &mut Vec<DocumentFact>) {
        if self.tokens.pending() {
            self.abandon();
        }
        if self.changed.is_some() {
            self.tell(self.last, out);
        }
        self.document.end(DocumentEnd::Idle, out);
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> Standing {
        let middle = self.tokens.pending() || self.changed.is_some();
        Standing { middle, characters: Some(self.charset.saved()), ..self.document.stands() }
    }

    /// Whether something printed is no fact yet.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.document.is_holding()
    }

    /// Goes on where another one stood.
    pub fn resume(
        &mut self,
        printed: &[&DocumentFact],
        at: &Standing,
        now: Mono,
        out: &mut Vec<DocumentFact>,
    ) {
        if let Some(characters) = at.characters {
            self.charset.restore(characters);
        }
        self.wait_from(now);
        self.document.resume(printed, at, out);
    }

    /// Silence counts from here.
    pub fn wait_from(&mut self, now: Mono) {
        self.told_at = now;
    }

    /// What was taken in since the start.
    #[must_use]
    pub fn counters(&self) -> &PrinterCounters {
        &self.document.counters
    }

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
