//! TOML with places: reads a file table by table, key by key, and collects every mistake.
//!
//! Shared by the configuration and by dialects; it knows nothing of either. Nothing stops at the first mistake:
//! a reader asks a [`Table`] for what it wants and gets `None` where the file is wrong, and the mistake is
//! already noted. Keys that no reader asked for are mistakes too, so a table's reader is also its schema. Where
//! the file has syntax errors, missing keys are not reported (they may sit in the part that could not be read),
//! nor are unknown keys behind the first one, nor anything else on a line that has such an error.

mod mistake;
mod near;
mod table;
mod value;

use std::cell::RefCell;
use std::ops::Range;

use toml::de::DeTable;

use crate::limits;
use crate::order;

use mistake::Source;
pub use mistake::{Fault, Mistake, Severity, Warning, did_you_mean, quote};
pub use table::Table;
pub use value::Value;

/// A place in a file, in bytes. One that ends at 0 stands for the file as a whole.
pub type Place = Range<usize>;

/// A string with its place.
pub type Text = (String, Place);

/// What a file's reading brought to light, in the order of the file.
#[derive(Debug, Default)]
pub struct Report {
    /// What makes the file unusable.
    pub mistakes: Vec<Mistake>,
    /// What is odd but works.
    pub warnings: Vec<Warning>,
}

/// Reads `text` as TOML and hands its root table to `body`, which messages call `title`. Any result of `body`
/// is usable only if the report has no mistakes.
pub fn read<T>(
    file: &str,
    title: &str,
    text: &str,
    body: impl FnOnce(&mut Table<'_>) -> T,
) -> (T, Report) {
    let (root, errors) = DeTable::parse_recoverable(text);
    let source = Source::new(file, text);
    let broken: Vec<Mistake> = errors
        .iter()
        .map(|error| source.mistake(&error.span().unwrap_or(0..0), syntax(error.message())))
        .collect();
    let broken_from = errors.iter().map(|error| error.span().unwrap_or(0..0).start).min();
    let remarks = Remarks { source, broken_from, report: RefCell::default() };
    let mut table = Table::new(&remarks, root.get_ref(), 0..0, title.to_owned());
    let result = body(&mut table);
    table.finish();
    let mut report = remarks.report.into_inner();
    let on_broken_line = |it: &Mistake| broken.iter().any(|at| at.line == it.line);
    report.mistakes.retain(|it| it.file != file || !on_broken_line(it));
    report.mistakes.extend(broken);
    report.sort(file);
    (result, report)
}

fn syntax(message: &str) -> Fault {
    let fault = Fault::new(format!("not TOML: {message}"));
    if message.contains("duplicate key") {
        fault.hint("keep one of the two")
    } else if message.contains("escape") {
        fault.hint("put a pattern into single quotes: there a backslash is a backslash")
    } else {
        fault
    }
}

impl Report {
    /// By place, the main file first; bounded.
    fn sort(&mut self, main: &str) {
        for list in [&mut self.mistakes, &mut self.warnings] {
            order::by_key(list, |it| (it.file != main, it.file.clone(), it.line, it.column));
            let more = list.len().saturating_sub(limits::CONFIG_MISTAKES);
            list.truncate(limits::CONFIG_MISTAKES);
            if let (Some(last), true) = (list.last_mut(), more > 0) {
                last.hint = Some(format!("{more} more are not shown"));
            }
        }
    }
}

/// Where the readers of all tables of a file leave what they have to say of it.
#[derive(Debug)]
pub struct Remarks<'a> {
    source: Source<'a>,
    /// The first syntax error: what seems missing may only be unreadable, and what stands behind it may belong to a
    /// table whose header was not read.
    broken_from: Option<usize>,
    report: RefCell<Report>,
}

impl Remarks<'_> {
    /// Something is wrong at `place`.
    pub fn mistake(&self, place: &Place, fault: Fault) {
        let mistake = self.source.mistake(place, fault);
        self.report.borrow_mut().mistakes.push(mistake);
    }

    /// Line and column of a place, from 1.
    #[must_use]
    pub fn position(&self, place: &Place) -> (usize, usize) {
        self.source.position(place.start)
    }

    /// Something is not there that `place` needs; said only where it cannot be in a part that is unreadable.
    pub fn missing(&self, place: &Place, fault: Fault) {
        if self.broken_from.is_none() {
            self.mistake(place, fault);
        }
    }

    /// A key at `place` that nobody asked for; said only where its table is surely the one that it stands in.
    pub fn unknown(&self, place: &Place, fault: Fault) {
        if self.broken_from.is_none_or(|from| place.start < from) {
            self.mistake(place, fault);
        }
    }

    /// Something at `place` is odd.
    pub fn warning(&self, place: &Place, fault: Fault) {
        let warning = self.source.mistake(place, fault);
        self.report.borrow_mut().warnings.push(warning);
    }
}
