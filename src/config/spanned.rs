//! Reads TOML table by table, key by key, and collects every mistake with its place.
//!
//! Nothing stops at the first mistake: a reader asks for what it wants and gets `None` where the file is
//! wrong, and the mistake is already noted. Keys that no reader asked for are mistakes too, so a table's
//! reader is also its schema. Where the file has syntax errors, missing keys are not reported (they may sit in
//! the part that could not be read), nor is anything else on a line that has such an error.

mod value;

use std::cell::RefCell;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::mistake::{Fault, Mistake, Source, Warning, did_you_mean, quote};
use crate::limits;

pub use value::Value;
use value::kind;

/// What a file's reading brought to light, in the order of the file.
#[derive(Debug, Default)]
pub struct Report {
    pub mistakes: Vec<Mistake>,
    pub warnings: Vec<Warning>,
}

/// Reads `text` as TOML and hands its root table to `body`. Any result of `body` is usable only if the report
/// has no mistakes.
pub fn read<T>(file: &str, text: &str, body: impl FnOnce(&mut Table<'_>) -> T) -> (T, Report) {
    let (root, errors) = DeTable::parse_recoverable(text);
    let source = Source::new(file, text);
    let broken: Vec<Mistake> = errors
        .iter()
        .map(|error| source.mistake(error.span().unwrap_or(0..0), syntax(error.message())))
        .collect();
    let notes = Notes { source, broken: !broken.is_empty(), report: RefCell::default() };
    let mut table = Table::new(&notes, root.get_ref(), 0..0, "the file".to_owned());
    let result = body(&mut table);
    table.finish();
    let mut report = notes.report.into_inner();
    let on_broken_line = |it: &Mistake| broken.iter().any(|at| at.line == it.line);
    report.mistakes.retain(|it| it.file != file || !on_broken_line(it));
    report.mistakes.extend(broken);
    report.sort(file);
    (result, report)
}

fn syntax(message: &str) -> Fault {
    let fault = Fault::new(format!("not TOML: {message}"));
    if message.contains("duplicate key") { fault.hint("keep one of the two") } else { fault }
}

impl Report {
    /// By place, the main file first; bounded.
    fn sort(&mut self, main: &str) {
        for list in [&mut self.mistakes, &mut self.warnings] {
            list.sort_by_cached_key(|it| (it.file != main, it.file.clone(), it.line, it.column));
            let more = list.len().saturating_sub(limits::CONFIG_MISTAKES);
            list.truncate(limits::CONFIG_MISTAKES);
            if let (Some(last), true) = (list.last_mut(), more > 0) {
                last.hint = Some(format!("{more} more are not shown"));
            }
        }
    }
}

/// Where readers of all tables of a file leave their remarks.
#[derive(Debug)]
struct Notes<'a> {
    source: Source<'a>,
    /// The file has syntax errors: what seems missing may only be unreadable.
    broken: bool,
    report: RefCell<Report>,
}

impl Notes<'_> {
    fn mistake(&self, span: Range<usize>, fault: Fault) {
        let mistake = self.source.mistake(span, fault);
        self.report.borrow_mut().mistakes.push(mistake);
    }
}

/// A table that is being read.
#[derive(Debug)]
pub struct Table<'a> {
    notes: &'a Notes<'a>,
    map: &'a DeTable<'a>,
    /// Of its header.
    span: Range<usize>,
    /// As messages call it: `[gateway]`.
    title: String,
    asked: Vec<&'static str>,
    open: bool,
}

impl<'a> Table<'a> {
    fn new(notes: &'a Notes<'a>, map: &'a DeTable<'a>, span: Range<usize>, title: String) -> Self {
        Self { notes, map, span, title, asked: Vec::new(), open: false }
    }

    /// The value of a key that must be there.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Value<'a>) -> Result<T, Fault>,
    ) -> Option<T> {
        if !self.has(key) {
            self.missing(key, &format!("key `{key}` is missing in {}", self.title));
        }
        self.optional(key, read)
    }

    /// The value of a key that may be absent.
    pub fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Value<'a>) -> Result<T, Fault>,
    ) -> Option<T> {
        self.asked.push(key);
        let value = self.map.get(key)?;
        match read(Value::new(value.get_ref())) {
            Ok(value) => Some(value),
            Err(fault) => {
                let message = format!("`{key}`: {}", fault.message);
                self.notes.mistake(value.span(), Fault { message, ..fault });
                None
            }
        }
    }

    /// The value of a key, or `default` where the key is absent; `None` only where the file is wrong.
    pub fn or<T>(
        &mut self,
        key: &'static str,
        default: T,
        read: impl FnOnce(Value<'a>) -> Result<T, Fault>,
    ) -> Option<T> {
        let absent = !self.has(key);
        self.optional(key, read).or(absent.then_some(default))
    }

    /// A table that may be absent.
    pub fn section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Table<'a>) -> Option<T>,
    ) -> Option<T> {
        self.asked.push(key);
        let value = self.map.get(key)?;
        let title = format!("[{key}]");
        let span = value.span();
        if let DeValue::Table(map) = value.get_ref() {
            return self.child(map, span, title, read);
        }
        let fault = Fault::new(format!("`{key}` is a table, not {}", kind(value.get_ref())));
        self.notes.mistake(
            span,
            fault.hint(format!("write {title} and its keys below, or {key} = {{ … }}")),
        );
        None
    }

    /// A table that must be there.
    pub fn required_section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Table<'a>) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            self.missing(key, &format!("[{key}] is missing in {}", self.title));
        }
        self.section(key, read)
    }

    /// All tables of an array of tables; none if it is absent. Those that could not be read are left out.
    pub fn sections<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Table<'a>) -> Option<T>,
    ) -> Vec<T> {
        self.asked.push(key);
        let title = format!("[[{key}]]");
        let Some(value) = self.map.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            let fault = Fault::new(format!("`{key}` is a list of tables"));
            self.notes.mistake(value.span(), fault.hint(format!("write {title}")));
            return Vec::new();
        };
        let mut all = Vec::new();
        for item in items {
            if let DeValue::Table(map) = item.get_ref() {
                all.extend(self.child(map, item.span(), title.clone(), &mut read));
            } else {
                let fault = Fault::new(format!("`{key}` is a list of tables"));
                self.notes.mistake(item.span(), fault.hint(format!("write {title}")));
            }
        }
        all
    }

    fn child<T>(
        &self,
        map: &'a DeTable<'a>,
        span: Range<usize>,
        title: String,
        read: impl FnOnce(&mut Table<'a>) -> Option<T>,
    ) -> Option<T> {
        let mut table = Table::new(self.notes, map, span, title);
        let result = read(&mut table);
        table.finish();
        result
    }

    /// Whether the key is there at all.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// What the key holds, before anyone reads it: `None` where it is absent.
    #[must_use]
    pub fn peek(&self, key: &str) -> Option<Value<'a>> {
        self.map.get(key).map(|value| Value::new(value.get_ref()))
    }

    /// A mistake in the value of `key`, or of the table where the key is absent.
    pub fn mistake(&self, key: &str, fault: Fault) {
        self.notes.mistake(self.span_of(key), fault);
    }

    /// Something odd in the value of `key`.
    pub fn warn(&self, key: &str, fault: Fault) {
        let warning = self.notes.source.mistake(self.span_of(key), fault);
        self.notes.report.borrow_mut().warnings.push(warning);
    }

    /// Mistakes of another file that this one refers to.
    pub fn mistakes_elsewhere(&self, mistakes: Vec<Mistake>) {
        self.notes.report.borrow_mut().mistakes.extend(mistakes);
    }

    /// The line of the value of `key`.
    #[must_use]
    pub fn line_of(&self, key: &str) -> usize {
        self.notes.source.line(self.span_of(key).start)
    }

    /// Accepts keys that nobody asked for: the schema depends on a key that is itself wrong.
    pub fn allow_unknown(&mut self) {
        self.open = true;
    }

    fn span_of(&self, key: &str) -> Range<usize> {
        self.map.get(key).map_or_else(|| self.span.clone(), toml::Spanned::span)
    }

    fn missing(&self, key: &str, message: &str) {
        let near = self.map.keys().map(|key| key.get_ref().as_ref());
        let near = did_you_mean(key, near).map(|hint| hint.replace("did you mean", "is it"));
        if !self.notes.broken {
            self.notes.mistake(self.span.clone(), Fault::new(message).hint_if(near));
        }
    }

    fn finish(self) {
        if self.open {
            return;
        }
        for key in self.map.keys().filter(|key| !self.asked.contains(&key.get_ref().as_ref())) {
            let name = key.get_ref().as_ref();
            let hint = did_you_mean(name, self.asked.iter().copied())
                .unwrap_or_else(|| format!("it has these: {}", self.asked.join(", ")));
            let fault = Fault::new(format!("unknown key {} in {}", quote(name), self.title));
            self.notes.mistake(key.span(), fault.hint(hint));
        }
    }
}
