//! `[framer]` as written: every key of every kind. Which of them a kind has is checked when the kind is known, and
//! that may be said in the file that this one extends.

use super::pairs;
use crate::spanned::{Fault, Place, Table, Text, Value, quote};

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Text,
    Texts,
    Number,
    Signed,
    Flag,
    Bytes,
}

/// Every key but `kind`, `pages` and `check`, which are read apart.
const KEYS: &[(&str, Sort)] = &[
    ("cut_ends_document", Sort::Flag),
    ("idle_ms", Sort::Number),
    ("default_page", Sort::Text),
    ("bit7", Sort::Flag),
    ("cr", Sort::Text),
    // Displays.
    ("set", Sort::Text),
    ("columns", Sort::Number),
    ("rows", Sort::Number),
    ("settle_ms", Sort::Number),
    ("clear_settles", Sort::Flag),
    // Frames.
    ("max_frame", Sort::Number),
    ("payload_idle_ms", Sort::Number),
    ("singles", Sort::Bytes),
    ("repeat_after_nak", Sort::Bytes),
    ("numbered", Sort::Flag),
    ("delims", Sort::Bytes),
    ("max_len", Sort::Number),
    ("start", Sort::Bytes),
    ("end", Sort::Bytes),
    ("escape", Sort::Bytes),
    ("start_in_data", Sort::Flag),
    ("dle", Sort::Bytes),
    ("stx", Sort::Bytes),
    ("etx", Sort::Bytes),
    ("check_escaped", Sort::Flag),
    ("offset", Sort::Number),
    ("width", Sort::Number),
    ("encoding", Sort::Text),
    ("bias", Sort::Signed),
    ("tail", Sort::Bytes),
    ("gap_ms", Sort::Number),
    ("size", Sort::Number),
    // Scanners.
    ("suffix", Sort::Text),
    ("preamble", Sort::Bytes),
    ("letters", Sort::Text),
    ("separator", Sort::Text),
    ("upc_e", Sort::Flag),
    ("country", Sort::Text),
    ("rules", Sort::Texts),
    ("silence_ms", Sort::Number),
    // Scales.
    ("protocol", Sort::Text),
    ("unit", Sort::Text),
    ("decimals", Sort::Number),
    ("every", Sort::Flag),
    ("poll_ms", Sort::Number),
];

/// What was written.
#[derive(Clone, Debug)]
enum Written {
    Text(String),
    Texts(Vec<Text>),
    Number(u64),
    Signed(i64),
    Flag(bool),
    Bytes(Vec<u8>),
}

/// `[framer]`
#[derive(Debug, Default)]
pub struct RawFramer {
    /// It stands in a file of which is not known what it extends: nothing is missing there.
    pub of_unknown: bool,
    pub kind: Option<Text>,
    pub pages: Vec<(Text, Text)>,
    pub check: Option<RawCheck>,
    values: Vec<(&'static str, Written, Place)>,
    /// Keys of the file itself, not of what it extends.
    pub own: Vec<(&'static str, Place)>,
}

/// `[framer.check]`
#[derive(Clone, Debug, Default)]
pub struct RawCheck {
    pub algorithm: Option<Text>,
    pub seed: Option<(u64, Place)>,
    pub include_start: Option<bool>,
    pub include_end: Option<bool>,
    pub over_escaped: Option<bool>,
    pub encoding: Option<Text>,
    pub order: Option<Text>,
    pub place: Option<Text>,
    pub mark: Option<Vec<u8>>,
}

impl RawFramer {
    pub fn read(table: &mut Table<'_>) -> Self {
        let mut raw = Self { kind: table.optional("kind", Value::text), ..Self::default() };
        for (key, sort) in KEYS {
            if let Some((written, place)) = value(table, key, *sort) {
                raw.own.push((key, place.clone()));
                raw.values.push((key, written, place));
            }
        }
        let place = |key| table.peek(key).map_or(0..0, Value::place);
        for key in ["pages", "check"].into_iter().filter(|key| table.has(key)) {
            raw.own.push((key, place(key)));
        }
        raw.pages = pairs(table, "pages");
        raw.check = table.section("check", |table| Some(RawCheck::read(table)));
        raw
    }

    /// Lays these keys over those of what the file extends.
    pub fn over(mut self, base: Self) -> Self {
        for value in base.values {
            if !self.values.iter().any(|(key, ..)| *key == value.0) {
                self.values.push(value);
            }
        }
        Self {
            kind: self.kind.or(base.kind),
            pages: super::first(self.pages, base.pages),
            check: self.check.or(base.check),
            ..self
        }
    }

    /// Everything was written at `place`, in another file.
    pub fn move_to(&mut self, place: &Place) {
        self.own.clear();
        self.values.iter_mut().for_each(|(_, _, at)| *at = place.clone());
        if let Some(kind) = &mut self.kind {
            kind.1 = place.clone();
        }
        for (name, page) in &mut self.pages {
            (name.1, page.1) = (place.clone(), place.clone());
        }
        if let Some(check) = &mut self.check {
            check.move_to(place);
        }
    }

    fn get(&self, key: &str) -> Option<(&Written, &Place)> {
        let found = self.values.iter().find(|(known, ..)| *known == key);
        found.map(|(_, written, place)| (written, place))
    }

    pub fn text(&self, key: &str) -> Option<Text> {
        match self.get(key)? {
            (Written::Text(text), place) => Some((text.clone(), place.clone())),
            _ => None,
        }
    }

    pub fn texts(&self, key: &str) -> &[Text] {
        match self.get(key) {
            Some((Written::Texts(texts), _)) => texts,
            _ => &[],
        }
    }

    pub fn number(&self, key: &str) -> Option<(u64, Place)> {
        match self.get(key)? {
            (Written::Number(number), place) => Some((*number, place.clone())),
            _ => None,
        }
    }

    pub fn signed(&self, key: &str) -> Option<(i64, Place)> {
        match self.get(key)? {
            (Written::Signed(number), place) => Some((*number, place.clone())),
            _ => None,
        }
    }

    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            (Written::Flag(flag), _) => Some(*flag),
            _ => None,
        }
    }

    pub fn bytes(&self, key: &str) -> Option<(Vec<u8>, Place)> {
        match self.get(key)? {
            (Written::Bytes(bytes), place) => Some((bytes.clone(), place.clone())),
            _ => None,
        }
    }
}

fn value(table: &mut Table<'_>, key: &'static str, sort: Sort) -> Option<(Written, Place)> {
    if sort == Sort::Texts {
        let texts = table.texts(key);
        return Some((Written::Texts(texts), table.peek(key)?.place()));
    }
    table.optional(key, |value| {
        let written = match sort {
            Sort::Number => Written::Number(value.integer(0..=u64::MAX)?),
            Sort::Signed => Written::Signed(value.signed()?),
            Sort::Flag => Written::Flag(value.boolean()?),
            Sort::Bytes => Written::Bytes(bytes(value)?),
            Sort::Text | Sort::Texts => Written::Text(value.str()?.to_owned()),
        };
        Ok((written, value.place()))
    })
}

/// A byte as a number, several as a list of numbers, or text whose characters are bytes.
pub fn bytes(value: Value<'_>) -> Result<Vec<u8>, Fault> {
    if let Ok(text) = value.str() {
        let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
        return bytes.map_err(|_| {
            Fault::new(format!("{} has characters that are no bytes", quote(text)))
                .hint("[0x02, 0x03]")
        });
    }
    let byte = |value: Value<'_>| value.integer::<u8>(0..=255);
    match value.integer::<u8>(0..=255) {
        Ok(byte) => Ok(vec![byte]),
        Err(fault) => value.list(byte).map_err(|list| match value.is_list() {
            true => list,
            false => fault.hint("0x02, [0x02, 0x03] or \"text\""),
        }),
    }
}

impl RawCheck {
    fn read(table: &mut Table<'_>) -> Self {
        Self {
            algorithm: table.optional("algorithm", Value::text),
            seed: super::number(table, "seed"),
            include_start: table.optional("include_start", Value::boolean),
            include_end: table.optional("include_end", Value::boolean),
            over_escaped: table.optional("over_escaped", Value::boolean),
            encoding: table.optional("encoding", Value::text),
            order: table.optional("order", Value::text),
            place: table.optional("place", Value::text),
            mark: table.optional("mark", bytes),
        }
    }

    fn move_to(&mut self, place: &Place) {
        let texts = [&mut self.algorithm, &mut self.encoding, &mut self.order, &mut self.place];
        texts.into_iter().flatten().for_each(|text| text.1 = place.clone());
        if let Some(seed) = &mut self.seed {
            seed.1 = place.clone();
        }
    }
}
