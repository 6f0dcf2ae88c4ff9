//! The files of a month.
//!
//! | file | columns |
//! |---|---|
//! | `inventory_change_NAME.txt` | `trans_id,item_id,store_id,date_time,quantity,change_type_id` |
//! | `inventory_snapshot_NAME.txt` | `item_id,employee_id,store_id,date_time,quantity` |
//! | `expected_inventory_current.csv` | see below |
//!
//! The last one has `store_id,item_id,snapshot_quantity,change_quantity,current_inventory,date_time`.
//! Text with commas, a first line of names, line ends of either kind. Times have no zone and are taken as UTC, here and
//! by the gateway. A file of another beginning (the list of types, of stores) is not read.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use jiff::civil::DateTime;

use super::truth::{Shelf, Stock};
use crate::limits;

const CHANGE: &str = "trans_id,item_id,store_id,date_time,quantity,change_type_id";
const COUNT: &str = "item_id,employee_id,store_id,date_time,quantity";
const EXPECTED: &str =
    "store_id,item_id,snapshot_quantity,change_quantity,current_inventory,date_time";
const EXPECTED_FILE: &str = "expected_inventory_current.csv";

/// All files of a folder.
#[derive(Clone, Debug, Default)]
pub struct Month {
    /// Lines in the order of their times; of one time, counts first.
    pub rows: Vec<Row>,
    /// What must be on the shelves, where the folder says so.
    pub expected: Option<Shelf>,
}

/// A line.
#[derive(Clone, Debug)]
pub struct Row {
    /// Whose shelf.
    pub store: u64,
    /// Of which product.
    pub product: u64,
    /// When.
    pub at: DateTime,
    /// What it says.
    pub said: Said,
    /// As the file has it, without its end.
    pub line: String,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// There are so many.
    Count(i64),
    /// So many more, or less.
    Change {
        /// The line's number.
        id: String,
        /// Pieces.
        pieces: i64,
        /// Why, by its number.
        kind: i64,
    },
}

impl Month {
    /// Reads a folder.
    ///
    /// # Errors
    /// A file that cannot be read, has other columns, or a field that makes no sense: with its place.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut month = Self::default();
        let entries: Result<Vec<_>, _> = fs::read_dir(folder)?.collect();
        let mut paths: Vec<_> = entries?.iter().map(fs::DirEntry::path).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let counts = name.starts_with("inventory_snapshot_");
            let changes =
                name.starts_with("inventory_change_") && name != "inventory_change_type.txt";
            if counts || changes {
                let columns = if counts { COUNT } else { CHANGE };
                let read = if counts { count } else { change };
                month.rows.extend(table(&path, columns, read)?);
            } else if name == EXPECTED_FILE {
                month.expected = Some(table(&path, EXPECTED, expected)?.into_iter().collect());
            }
        }
        month.rows.sort_by_key(|row| (row.at, !matches!(row.said, Said::Count(_))));
        Ok(month)
    }

    /// Every store that a line is about.
    #[must_use]
    pub fn stores(&self) -> BTreeSet<u64> {
        self.rows.iter().map(|row| row.store).collect()
    }
}

/// The rows of a file; what is wrong is told with its place.
fn table<T>(path: &Path, columns: &str, read: fn(&str, &[&str]) -> Result<T>) -> Result<Vec<T>> {
    let name = || path.display().to_string();
    let length = fs::metadata(path).with_context(name)?.len();
    ensure!(length <= limits::MONTH_FILE, "{}: longer than {} bytes", name(), limits::MONTH_FILE);
    let text = fs::read_to_string(path).with_context(name)?;
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let first = lines.next().unwrap_or_default().trim();
    if first != columns {
        bail!("{}: its first line must be {columns}", name());
    }
    let wanted = columns.split(',').count();
    let row = |(number, line): (usize, &str)| {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let row = if fields.len() == wanted {
            read(line, &fields)
        } else {
            Err(anyhow!("{} fields instead of {wanted}", fields.len()))
        };
        row.with_context(|| format!("line {number}"))
    };
    let lines = (2..).zip(lines).filter(|(_, line)| !line.trim().is_empty());
    lines.map(row).collect::<Result<_>>().with_context(name)
}

fn change(line: &str, fields: &[&str]) -> Result<Row> {
    let [id, product, store, at, pieces, kind] = *fields else { bail!("not a change") };
    let said = Said::Change { id: id.to_owned(), pieces: number(pieces)?, kind: number(kind)? };
    row(line, product, store, at, said)
}

fn count(line: &str, fields: &[&str]) -> Result<Row> {
    let [product, _employee, store, at, pieces] = *fields else { bail!("not a count") };
    row(line, product, store, at, Said::Count(number(pieces)?))
}

fn row(line: &str, product: &str, store: &str, at: &str, said: Said) -> Result<Row> {
    let (store, product, line) = (number(store)?, number(product)?, line.to_owned());
    Ok(Row { store, product, at: time(at)?, said, line })
}

fn expected(_line: &str, fields: &[&str]) -> Result<((u64, u64), Stock)> {
    let [store, product, counted, changed, on_hand, at] = *fields else { bail!("not a stock") };
    let (counted, changed, on_hand) = (number(counted)?, number(changed)?, number(on_hand)?);
    let stock = Stock { counted, changed, on_hand, as_of: time(at)? };
    Ok(((number(store)?, number(product)?), stock))
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N> {
    text.parse().ok().with_context(|| format!("{text:?} is not a number"))
}

fn time(text: &str) -> Result<DateTime> {
    text.parse().ok().with_context(|| format!("{text:?} is not a date and time"))
}
