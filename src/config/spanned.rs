//! Reads TOML table by table, key by key, and collects every mistake with its place.
//!
//! Nothing stops at the first mistake: a reader asks for what it wants and gets `None` where the file is
//! wrong, and the mistake is already noted. Keys that no reader asked for are mistakes too, so a table's
//! reader is also its schema. Where the file has syntax errors, missing keys are not reported (they may sit in
//! the part that could not be read), nor is anything else on a line that has such an error.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};

use toml::de::{DeTable, DeValue};

use super::mistake::{Fault, Mistake, Source, Warning, did_you_mean, quote};
use crate::limits;

/// A range that ends here or later has no upper end worth telling.
const UNBOUNDED: u64 = i64::MAX.unsigned_abs();

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
        match read(Value { raw: value.get_ref() }) {
            Ok(value) => Some(value),
            Err(fault) => {
                let message = format!("`{key}`: {}", fault.message);
                self.notes.mistake(value.span(), Fault { message, ..fault });
                None
            }
        }
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
        self.map.get(key).map(|value| Value { raw: value.get_ref() })
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

/// A value that is being read.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    raw: &'a DeValue<'a>,
}

impl<'a> Value<'a> {
    /// Whether it is a table: to be read as a section.
    #[must_use]
    pub fn is_table(self) -> bool {
        self.raw.is_table()
    }

    /// A string.
    pub fn str(self) -> Result<&'a str, Fault> {
        self.raw.as_str().ok_or_else(|| self.wrong("a string"))
    }

    /// `true` or `false`.
    pub fn boolean(self) -> Result<bool, Fault> {
        self.raw.as_bool().ok_or_else(|| self.wrong("true or false"))
    }

    /// A whole number within `range`, and within what `T` holds.
    pub fn integer<T: TryFrom<u64>>(self, range: RangeInclusive<u64>) -> Result<T, Fault> {
        let number = self.raw.as_integer().ok_or_else(|| self.wrong("a whole number"))?;
        u64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .filter(|number| range.contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| {
                let (low, high) = range.into_inner();
                let shown = quote(&number.to_string());
                Fault::new(match high {
                    0..UNBOUNDED => format!("{shown} is not within {low} to {high}"),
                    _ => format!("{shown} is not a number from {low} up"),
                })
            })
    }

    /// A list, each of its items read by `read`.
    pub fn list<T>(self, read: impl FnMut(Value<'a>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
        let items = self.raw.as_array().ok_or_else(|| self.wrong("a list"))?;
        items.iter().map(|item| Value { raw: item.get_ref() }).map(read).collect()
    }

    /// One of the words, as what it stands for.
    pub fn one_of<T: Copy>(self, words: &[(&str, T)]) -> Result<T, Fault> {
        let written = self.str()?;
        let known = || words.iter().map(|(word, _)| *word);
        words.iter().find(|(word, _)| *word == written).map(|(_, meaning)| *meaning).ok_or_else(
            || {
                let list = known().collect::<Vec<_>>().join(", ");
                let fault = Fault::new(format!("{} is not one of {list}", quote(written)));
                fault.hint_if(did_you_mean(written, known()))
            },
        )
    }

    fn wrong(self, wanted: &str) -> Fault {
        let fault = Fault::new(format!("this is {}, not {wanted}", kind(self.raw)));
        match self.raw {
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_)
                if wanted == "a string" =>
            {
                fault.hint("put it in quotes")
            }
            DeValue::String(_) if wanted != "a list" => fault.hint("write it without quotes"),
            _ => fault,
        }
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
