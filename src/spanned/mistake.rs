//! What is said of a file: where, what, and what to do about it.
//!
//! A mistake never quotes what follows its place on the line: a secret that does not belong into the file
//! must not travel from there into a log. Control characters are never printed as they are.

use std::fmt;

use serde::Serialize;

use super::{Place, near};

/// Columns of a source line that are still shown. Further to the right: no excerpt.
const EXCERPT_COLUMNS: usize = 160;

/// Characters of a value that a message repeats.
const QUOTE_CHARS: usize = 60;

/// One mistake, with its place. Its `Display` is `file:line:column: message`, then the hint on a line of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// As the reader's caller named it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    #[serde(skip)]
    pub(super) excerpt: Option<Excerpt>,
}

/// Something odd that stops nothing: the same shape as a mistake.
pub type Warning = Mistake;

/// A source line up to the end of the mistake, and how many of its last characters are marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    text: String,
    marked: usize,
}

/// What is wrong, before it has a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The source line must not be shown.
    pub(super) secret: bool,
}

impl Fault {
    /// A fault without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, secret: false }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says what to do about it, where that is known.
    #[must_use]
    pub fn hint_if(self, hint: Option<String>) -> Self {
        Self { hint: hint.or(self.hint), ..self }
    }

    /// Keeps the source line out of what is printed.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

impl Mistake {
    /// A mistake of the file as a whole.
    pub fn of_file(file: &str, fault: Fault) -> Self {
        Self::at_line(file, 1, fault)
    }

    /// A mistake of a whole line.
    pub fn at_line(file: &str, line: usize, fault: Fault) -> Self {
        let Fault { message, hint, .. } = fault;
        Self { file: file.to_owned(), line, column: 1, message, hint, excerpt: None }
    }

    /// A mistake at a place that was found otherwise; it shows no excerpt.
    pub fn at((line, column): (usize, usize), file: &str, fault: Fault) -> Self {
        Self { column, ..Self::at_line(file, line, fault) }
    }

    /// The mistake as printed for a person: the plain form with the source line and a mark under the place.
    #[must_use]
    pub fn render(&self, severity: Severity, colour: bool) -> String {
        let (word, paint) = match severity {
            Severity::Mistake => ("error", "\x1b[1;31m"),
            Severity::Warning => ("warning", "\x1b[1;33m"),
        };
        let (paint, bold, reset) =
            if colour { (paint, "\x1b[1m", "\x1b[0m") } else { ("", "", "") };
        let mut out = format!(
            "{bold}{}:{}:{}:{reset} {paint}{word}{reset}: {}\n",
            self.file, self.line, self.column, self.message
        );
        if let Some(Excerpt { text, marked }) = &self.excerpt {
            let number = self.line.to_string();
            let gutter = " ".repeat(number.len());
            let before = " ".repeat(self.column.saturating_sub(1));
            let mark = "^".repeat(*marked);
            out.push_str(&format!(" {gutter} |\n {number} | {text}\n"));
            out.push_str(&format!(" {gutter} | {before}{paint}{mark}{reset}\n"));
        }
        if let Some(hint) = &self.hint {
            out.push_str(&format!("  {bold}hint{reset}: {hint}\n"));
        }
        out
    }
}

/// How a remark is headed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The file cannot be used.
    Mistake,
    /// The file can be used.
    Warning,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\n  hint: {hint}"))
    }
}

/// A file's text with the offsets of its lines: turns byte ranges into places.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub file: &'a str,
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self { file, text, starts }
    }

    /// The line of a byte offset, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// The line and column of a byte offset, from 1.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.line(offset);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// The mistake `fault` at the bytes `span`.
    pub fn mistake(&self, span: &Place, fault: Fault) -> Mistake {
        let line = self.line(span.start);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let rest = self.text.get(start..).unwrap_or_default();
        let whole = rest.lines().next().unwrap_or_default();
        let chars = |bytes: usize| whole.get(..bytes).unwrap_or(whole).chars().count();
        let column = chars(span.start.saturating_sub(start)) + 1;
        let end = chars(span.end.saturating_sub(start)).max(column);
        let of_file = span.end == 0;
        let shown = end <= EXCERPT_COLUMNS && !whole.trim().is_empty() && !of_file;
        let excerpt = (shown && !fault.secret).then(|| Excerpt {
            text: whole.chars().take(end).map(printable).collect(),
            marked: (end + 1).saturating_sub(column).max(1),
        });
        let Fault { message, hint, .. } = fault;
        Mistake { file: self.file.to_owned(), line, column, message, hint, excerpt }
    }
}

fn printable(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// A value in a message: in backticks, control characters escaped, cut when long.
#[must_use]
pub fn quote(value: &str) -> String {
    let mut shown: String = value.chars().take(QUOTE_CHARS).flat_map(char::escape_debug).collect();
    if value.chars().count() > QUOTE_CHARS {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// ``did you mean `baud`?`` when one of the candidates is near enough to what was written, or begins with it:
/// `password` for `password_file`.
#[must_use]
pub fn did_you_mean<'c>(
    written: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<String> {
    let lower = written.to_lowercase();
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let begun = || {
        let whole = |it: &&&str| it.strip_prefix(&lower).is_some_and(|rest| rest.starts_with('_'));
        candidates.iter().find(whole).copied()
    };
    let near = candidates
        .iter()
        .map(|candidate| (near::distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| *candidate);
    let near = begun().or(near)?;
    Some(format!("did you mean `{near}`?"))
}
