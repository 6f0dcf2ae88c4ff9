//! Reading TOML tables so that every mistake has its place and none hides the next.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One mistake in a dialect file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    pub message: String,
    pub hint: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " (hint: {hint})"))
    }
}

/// A place in the file, in bytes.
pub type Place = Range<usize>;

/// A string with its place.
pub type Text = (String, Place);

/// Collects the mistakes of one file.
#[derive(Debug)]
pub struct Sink<'t> {
    file: &'t str,
    text: &'t str,
    pub mistakes: Vec<Mistake>,
}

impl<'t> Sink<'t> {
    pub fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, mistakes: Vec::new() }
    }

    /// Notes a mistake.
    pub fn note(&mut self, place: &Place, message: impl Into<String>, hint: Option<String>) {
        let before = self.text.get(..place.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        self.mistakes.push(Mistake {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).map_or(0, |text| text.chars().count()) + 1,
            message: message.into(),
            hint,
        });
    }
}

/// A table being read: each key is asked for once, and what nobody asked for is a mistake.
pub struct Section<'t, 'i> {
    table: &'t DeTable<'i>,
    name: String,
    asked: Vec<&'static str>,
}

impl<'t, 'i> Section<'t, 'i> {
    pub fn new(name: impl Into<String>, table: &'t DeTable<'i>) -> Self {
        Self { table, name: name.into(), asked: Vec::new() }
    }

    fn get(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.asked.push(key);
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    /// A value of the kind that `read` takes; another kind is a mistake that says what was `wanted`.
    fn value<T>(
        &mut self,
        key: &'static str,
        sink: &mut Sink<'_>,
        wanted: &str,
        read: impl FnOnce(&'t DeValue<'i>) -> Option<T>,
    ) -> Option<(T, Place)> {
        let value = self.get(key)?;
        let read = read(value.get_ref());
        if read.is_none() {
            let found = value.get_ref().type_str();
            sink.note(&value.span(), format!("`{key}` must be {wanted}, not {found}"), None);
        }
        read.map(|read| (read, value.span()))
    }

    pub fn text(&mut self, key: &'static str, sink: &mut Sink<'_>) -> Option<Text> {
        self.value(key, sink, "a string", |value| value.as_str().map(str::to_owned))
    }

    pub fn flag(&mut self, key: &'static str, sink: &mut Sink<'_>) -> Option<bool> {
        self.value(key, sink, "true or false", DeValue::as_bool).map(|(flag, _)| flag)
    }

    pub fn number(&mut self, key: &'static str, sink: &mut Sink<'_>) -> Option<(u64, Place)> {
        self.value(key, sink, "a whole number of 0 or more", |value| {
            let number = value.as_integer()?;
            u64::from_str_radix(number.as_str(), number.radix()).ok()
        })
    }

    /// A string or a list of strings.
    pub fn texts(&mut self, key: &'static str, sink: &mut Sink<'_>) -> Vec<Text> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let single = std::slice::from_ref(value);
        let list = value.get_ref().as_array().map_or(single, |array| &**array);
        let mut texts = Vec::with_capacity(list.len());
        for item in list {
            match item.get_ref().as_str() {
                Some(text) => texts.push((text.to_owned(), item.span())),
                None => sink.note(&item.span(), format!("`{key}` takes strings"), None),
            }
        }
        texts
    }

    pub fn section(&mut self, key: &'static str, sink: &mut Sink<'_>) -> Option<Section<'t, 'i>> {
        let (table, _) = self.value(key, sink, "a table", |value| value.as_table())?;
        Some(Section::new(format!("[{key}]"), table))
    }

    /// `[[key]]`: each table with its place.
    pub fn sections(
        &mut self,
        key: &'static str,
        sink: &mut Sink<'_>,
    ) -> Vec<(Section<'t, 'i>, Place)> {
        let Some((array, _)) = self.value(key, sink, "a list of tables", |value| value.as_array())
        else {
            return Vec::new();
        };
        let mut sections = Vec::with_capacity(array.len());
        for item in array.iter() {
            match item.get_ref().as_table() {
                Some(table) => {
                    sections.push((Section::new(format!("[[{key}]]"), table), item.span()));
                }
                None => sink.note(&item.span(), format!("`{key}` takes tables"), None),
            }
        }
        sections
    }

    /// All pairs of a table whose keys are the author's own.
    pub fn pairs(self, sink: &mut Sink<'_>) -> Vec<(Text, Text)> {
        let mut pairs = Vec::new();
        for (key, value) in self.table {
            match value.get_ref().as_str() {
                Some(text) => pairs.push((
                    (key.get_ref().to_string(), key.span()),
                    (text.to_owned(), value.span()),
                )),
                None => sink.note(&value.span(), format!("{} takes strings", self.name), None),
            }
        }
        pairs
    }

    /// Notes every key that nobody asked for.
    pub fn finish(self, sink: &mut Sink<'_>) {
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if !self.asked.contains(&name) {
                let hint = format!("{} knows: {}", self.name, self.asked.join(", "));
                sink.note(&key.span(), format!("unknown key `{name}`"), Some(hint));
            }
        }
    }
}
