//! Lines in fixed columns, as an alternative to a pattern: `cols = { desc = "1-24", qty = "25-30", amount = "31-42" }`.
//!
//! Columns are counted from 1 as they stand on paper: a full-width character takes two. A cell is what stands
//! between two borders, without spaces around it. A line is in these columns when no word crosses a border and
//! every cell that is a number reads as one; an empty cell is no capture.

use super::Dialect;
use super::fields::Fields;
use super::money;
use crate::decode::codepage::is_wide;
use crate::order;

/// Named columns in the order of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    columns: Vec<Column>,
    /// Of each of these lists one cell is not empty.
    needs: &'static [&'static [&'static str]],
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub name: &'static str,
    /// From 0.
    pub start: usize,
    /// The first one behind it.
    pub end: usize,
}

impl Column {
    /// Reads `25-30`, `25-` (to the end of the line) or `25`.
    pub(super) fn parse(name: &'static str, text: &str) -> Option<Self> {
        let (first, last) = match text.split_once('-') {
            Some((first, "")) => (first.trim().parse().ok()?, usize::MAX),
            Some((first, last)) => (first.trim().parse().ok()?, last.trim().parse().ok()?),
            None => (text.trim().parse().ok()?, text.trim().parse().ok()?),
        };
        let start = usize::checked_sub(first, 1)?;
        (start < last).then_some(Self { name, start, end: last })
    }
}

impl Columns {
    /// The columns in order; the names of two that overlap, where there are any.
    pub(super) fn new(
        mut columns: Vec<Column>,
        needs: &'static [&'static [&'static str]],
    ) -> Result<Self, (&'static str, &'static str)> {
        order::by_key(&mut columns, |column| column.start);
        for pair in columns.windows(2) {
            if let [left, right] = pair
                && right.start < left.end
            {
                return Err((left.name, right.name));
            }
        }
        Ok(Self { columns, needs })
    }

    /// The cells of a line that is in these columns.
    pub(super) fn read<'l>(&self, line: &'l str, dialect: &Dialect) -> Option<Fields<'l>> {
        let mut cells = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let cell = cell(line, column)?;
            if cell.is_empty() {
                continue;
            }
            if !reads(column.name, cell, dialect) {
                return None;
            }
            cells.push((column.name, cell));
        }
        let has = |name: &&str| cells.iter().any(|(known, _)| known == name);
        let whole = self.needs.iter().all(|any| any.iter().any(has));
        whole.then_some(Fields::Cells(cells))
    }
}

/// What stands in a column; `None` when a word crosses one of its borders.
fn cell<'l>(line: &'l str, column: &Column) -> Option<&'l str> {
    let (from, to) = (at(line, column.start), at(line, column.end));
    let crosses = |place: usize| {
        let (before, after) = line.split_at_checked(place).unwrap_or((line, ""));
        let (left, right) = (before.chars().next_back(), after.chars().next());
        left.is_some_and(|c| !is_blank(c)) && right.is_some_and(|c| !is_blank(c))
    };
    if crosses(from) || crosses(to) {
        return None;
    }
    line.get(from..to).map(|cell| cell.trim_matches(is_blank))
}

/// A space, or the frame of a table.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '|'
}

/// The byte at which a column starts; in the middle of a wide character, the one behind it.
fn at(line: &str, column: usize) -> usize {
    let mut place = 0;
    for (index, c) in line.char_indices() {
        if place >= column {
            return index;
        }
        place += if is_wide(c) { 2 } else { 1 };
    }
    line.len()
}

/// Whether a cell is what its name says.
fn reads(name: &str, cell: &str, dialect: &Dialect) -> bool {
    match name {
        "amount" => dialect.amount_only.is_match(cell),
        "unit" | "was" => money::amount(cell, &dialect.locale).is_some(),
        "qty" => money::quantity(cell, &dialect.locale).is_some(),
        "weight" => money::weight(cell, &dialect.locale).is_some(),
        "percent" => money::percent(cell).is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_from_one_and_include_their_last() {
        for (text, expected) in [
            ("1-24", Some((0, 24))),
            ("25 - 30", Some((24, 30))),
            ("31-", Some((30, usize::MAX))),
            ("7", Some((6, 7))),
            ("0-3", None),
            ("5-4", None),
            ("-4", None),
            ("a-b", None),
            ("", None),
            ("99999999999999999999-", None),
        ] {
            let column = Column::parse("desc", text);
            assert_eq!(column.map(|c| (c.start, c.end)), expected, "{text}");
        }
    }

    #[test]
    fn columns_that_overlap_are_named() {
        let column = |name, text| Column::parse(name, text).unwrap();
        let apart = vec![column("amount", "11-"), column("desc", "1-10")];
        assert!(Columns::new(apart, &[]).is_ok());
        let over = vec![column("amount", "10-"), column("desc", "1-10")];
        assert_eq!(Columns::new(over, &[]), Err(("desc", "amount")));
    }

    #[test]
    fn a_cell_is_cut_at_its_borders_and_no_word_is_cut() {
        let column = |text| Column::parse("desc", text).unwrap();
        for (line, columns, expected) in [
            ("TEA GREEN   2   5.00", "1-10", Some("TEA GREEN")),
            ("TEA GREEN   2   5.00", "11-14", Some("2")),
            ("TEA GREEN   2   5.00", "15-", Some("5.00")),
            ("TEA GREEN   2   5.00", "1-6", None),
            ("TEA", "5-9", Some("")),
            ("|TEA|   2|", "1-4", Some("TEA")),
            ("|TEA|   2|", "6-10", Some("2")),
            ("お茶  100", "1-4", Some("お茶")),
            ("お茶  100", "7-", Some("100")),
            ("", "1-", Some("")),
        ] {
            assert_eq!(cell(line, &column(columns)), expected, "{line:?} {columns}");
        }
    }
}
