//! One TOML table, and how its keys are asked for.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::value::{Value, kind};
use super::{Fault, Mistake, Place, Remarks, Text, did_you_mean, quote};

/// A table that is being read.
#[derive(Debug)]
pub struct Table<'a> {
    remarks: &'a Remarks<'a>,
    map: &'a DeTable<'a>,
    /// Of its header.
    span: Place,
    /// As messages call it: `[gateway]`.
    title: String,
    asked: Vec<&'static str>,
    open: bool,
}

impl<'a> Table<'a> {
    pub(super) fn new(
        remarks: &'a Remarks<'a>,
        map: &'a DeTable<'a>,
        span: Place,
        title: String,
    ) -> Self {
        Self { remarks, map, span, title, asked: Vec::new(), open: false }
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
        match read(Value::new(value)) {
            Ok(value) => Some(value),
            Err(fault) => {
                let message = format!("`{key}`: {}", fault.message);
                self.remarks.mistake(&value.span(), Fault { message, ..fault });
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
        if let DeValue::Table(map) = value.get_ref() {
            return self.child(map, value.span(), title, read);
        }
        let fault = Fault::new(format!("`{key}` is a table, not {}", kind(value.get_ref())));
        let hint = format!("write {title} and its keys below, or {key} = {{ … }}");
        self.remarks.mistake(&value.span(), fault.hint(hint));
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
        let wrong = |place: Place| {
            let fault = Fault::new(format!("`{key}` is a list of tables"));
            self.remarks.mistake(&place, fault.hint(format!("write {title}")));
        };
        let Some(value) = self.map.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            wrong(value.span());
            return Vec::new();
        };
        let mut all = Vec::new();
        for item in items {
            if let DeValue::Table(map) = item.get_ref() {
                all.extend(self.child(map, item.span(), title.clone(), &mut read));
            } else {
                wrong(item.span());
            }
        }
        all
    }

    /// A string, or each string of a list; none if the key is absent. What is no string is left out.
    pub fn texts(&mut self, key: &'static str) -> Vec<Text> {
        self.asked.push(key);
        let Some(value) = self.map.get(key) else { return Vec::new() };
        let single = std::slice::from_ref(value);
        let items = value.get_ref().as_array().map_or(single, |array| &**array);
        items.iter().filter_map(|item| self.text(key, item)).collect()
    }

    /// All strings of a table whose keys are the author's own.
    pub fn pairs(&mut self) -> Vec<(Text, Text)> {
        self.allow_unknown();
        let pairs = self.map.iter().filter_map(|(key, value)| {
            let name = key.get_ref().as_ref();
            Some(((name.to_owned(), key.span()), self.text(name, value)?))
        });
        pairs.collect()
    }

    fn text(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Option<Text> {
        match Value::new(value).text() {
            Ok(text) => Some(text),
            Err(fault) => {
                let message = format!("{}: {}", quote(key), fault.message);
                self.remarks.mistake(&value.span(), Fault { message, ..fault });
                None
            }
        }
    }

    fn child<T>(
        &self,
        map: &'a DeTable<'a>,
        span: Place,
        title: String,
        read: impl FnOnce(&mut Table<'a>) -> Option<T>,
    ) -> Option<T> {
        let mut table = Table::new(self.remarks, map, span, title);
        let result = read(&mut table);
        table.finish();
        result
    }

    /// Where the table stands.
    #[must_use]
    pub fn place(&self) -> Place {
        self.span.clone()
    }

    /// Where remarks go that no single key is the place of, or that are found later.
    #[must_use]
    pub fn remarks(&self) -> &'a Remarks<'a> {
        self.remarks
    }

    /// Whether the key is there at all.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// What the key holds, before anyone reads it: `None` where it is absent.
    #[must_use]
    pub fn peek(&self, key: &str) -> Option<Value<'a>> {
        self.map.get(key).map(Value::new)
    }

    /// A mistake in the value of `key`, or of the table where the key is absent.
    pub fn mistake(&self, key: &str, fault: Fault) {
        self.remarks.mistake(&self.span_of(key), fault);
    }

    /// Something odd in the value of `key`.
    pub fn warn(&self, key: &str, fault: Fault) {
        self.remarks.warning(&self.span_of(key), fault);
    }

    /// Mistakes of another file that this one refers to.
    pub fn mistakes_elsewhere(&self, mistakes: Vec<Mistake>) {
        self.remarks.report.borrow_mut().mistakes.extend(mistakes);
    }

    /// The line of the value of `key`.
    #[must_use]
    pub fn line_of(&self, key: &str) -> usize {
        self.remarks.source.line(self.span_of(key).start)
    }

    /// Accepts keys that nobody asked for: the schema depends on a key that is itself wrong.
    pub fn allow_unknown(&mut self) {
        self.open = true;
    }

    fn span_of(&self, key: &str) -> Place {
        self.map.get(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    fn missing(&self, key: &str, message: &str) {
        let keys = self.map.keys().map(|key| key.get_ref().as_ref());
        let near = keys.filter(|key| !self.asked.contains(key));
        let near = did_you_mean(key, near).map(|hint| hint.replace("did you mean", "is it"));
        self.remarks.missing(&self.span, Fault::new(message).hint_if(near));
    }

    pub(super) fn finish(self) {
        if self.open {
            return;
        }
        for key in self.map.keys().filter(|key| !self.asked.contains(&key.get_ref().as_ref())) {
            let name = key.get_ref().as_ref();
            let hint = did_you_mean(name, self.asked.iter().copied())
                .unwrap_or_else(|| format!("it has these: {}", self.asked.join(", ")));
            let fault = Fault::new(format!("unknown key {} in {}", quote(name), self.title));
            self.remarks.unknown(&key.span(), fault.hint(hint));
        }
    }
}
