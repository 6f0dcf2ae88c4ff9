//! The truth in tables: CSV with a header, one file for each, types as Parquet would have them.
//!
//! Moments are local, `2026-11-02T14:05:09`; amounts are cents; an empty field is no value. The first columns of a
//! table are its key ([`Kind::keys`]); the rows are in the order in which things happened.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use super::columns::{Column, form};

/// Which table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Receipts and their sums.
    Receipts,
    /// Their articles.
    Lines,
    /// Their tenders.
    Payments,
    /// Their discounts.
    Promotions,
    /// Every booked change of stock.
    StockChanges,
    /// Every line of a count.
    Counts,
    /// Cancelled receipts.
    Voids,
    /// Drawers opened without a sale, by till.
    NoSales,
    /// Online orders handed over or sent.
    Orders,
    /// People through each door.
    Crossings,
    /// Tags heard, by receiver; customers together.
    Pings,
    /// What screens say they showed.
    Showings,
    /// What follows from stock: by product, what and how often; pieces that are missing.
    Signals,
    /// What has no event of its own.
    Notes,
    /// True and booked stock at each full hour.
    StockHours,
    /// What was taken and never paid.
    Vanished,
    /// What was wanted and not there.
    LostSales,
    /// True effect of the promotions of each day.
    Lifts,
    /// Who came, when, and what receipt came of it.
    Visits,
    /// Where visitors were.
    Zones,
    /// Deliveries.
    Trucks,
    /// What the sensors in reefers measured.
    Temperatures,
    /// What screens showed to whom, and the purchase it is credited with.
    Impressions,
}

impl Kind {
    /// All tables, in the order of the documentation.
    pub const ALL: [Self; 23] = [
        Self::Receipts,
        Self::Lines,
        Self::Payments,
        Self::Promotions,
        Self::StockChanges,
        Self::Counts,
        Self::Voids,
        Self::NoSales,
        Self::Orders,
        Self::Crossings,
        Self::Pings,
        Self::Showings,
        Self::Signals,
        Self::Notes,
        Self::StockHours,
        Self::Vanished,
        Self::LostSales,
        Self::Lifts,
        Self::Visits,
        Self::Zones,
        Self::Trucks,
        Self::Temperatures,
        Self::Impressions,
    ];

    /// The file's name without its ending.
    pub fn name(self) -> &'static str {
        form(self).0
    }

    /// How many of the first columns tell rows apart.
    pub fn keys(self) -> usize {
        form(self).1
    }

    /// Names and types.
    pub fn columns(self) -> &'static [Column] {
        form(self).2
    }
}

/// Rows by table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables(BTreeMap<Kind, Vec<Vec<String>>>);

impl Tables {
    /// Appends a row.
    pub fn push(&mut self, kind: Kind, row: Vec<String>) {
        debug_assert_eq!(row.len(), kind.columns().len(), "{}", kind.name());
        self.0.entry(kind).or_default().push(row);
    }

    /// Adds to the numbers of the row with this key, or begins it: the columns behind the key are whole numbers.
    pub fn add(&mut self, kind: Kind, key: &[&str], numbers: &[i64]) {
        let rows = self.0.entry(kind).or_default();
        let same = |row: &&mut Vec<String>| row.iter().zip(key).all(|(a, b)| a == b);
        match rows.iter_mut().find(same) {
            Some(row) => {
                for (field, number) in row.iter_mut().skip(key.len()).zip(numbers) {
                    *field = (field.parse::<i64>().unwrap_or_default() + number).to_string();
                }
            }
            None => {
                let numbers = numbers.iter().map(ToString::to_string);
                rows.push(key.iter().map(ToString::to_string).chain(numbers).collect());
            }
        }
    }

    /// The rows of one table.
    pub fn rows(&self, kind: Kind) -> &[Vec<String>] {
        self.0.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// Takes over all rows of other tables.
    pub fn append(&mut self, other: Self) {
        for (kind, mut rows) in other.0 {
            self.0.entry(kind).or_default().append(&mut rows);
        }
    }

    /// One table as CSV.
    pub fn csv(&self, kind: Kind) -> String {
        let header: Vec<String> =
            kind.columns().iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut out = String::new();
        for row in std::iter::once(&header).chain(self.rows(kind)) {
            let fields: Vec<String> = row.iter().map(|field| quoted(field)).collect();
            out.push_str(&fields.join(","));
            out.push('\n');
        }
        out
    }

    /// Writes all tables into a folder.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for kind in Kind::ALL {
            fs::write(folder.join(format!("{}.csv", kind.name())), self.csv(kind))?;
        }
        Ok(())
    }
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table as the documentation has it: columns without a type are strings, the first ones are the key.
    fn documented(kind: Kind) -> String {
        let column = |(name, kind): &Column| match *kind {
            "string" => format!("`{name}`"),
            kind => format!("`{name}` {kind}"),
        };
        let (key, rest) = kind.columns().split_at(kind.keys());
        let list = |columns: &[Column]| columns.iter().map(column).collect::<Vec<_>>().join(", ");
        format!("| `{}.csv` | {} | {} |", kind.name(), list(key), list(rest))
    }

    #[test]
    fn every_table_is_documented_with_its_columns() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/simulation.md");
        let text = fs::read_to_string(path).unwrap();
        let missing: Vec<String> =
            Kind::ALL.into_iter().map(documented).filter(|row| !text.contains(row)).collect();
        assert!(missing.is_empty(), "docs/simulation.md misses\n{}", missing.join("\n"));
    }

    #[test]
    fn csv_quotes_what_would_break_it_and_sums_add_up() {
        let mut tables = Tables::default();
        for reason in ["cut short, printed again", "a \"word\""] {
            tables.push(Kind::Voids, vec!["r1".into(), "till-1".into(), reason.into()]);
        }
        let header = "receipt_id,terminal_id,reason\n";
        let rows = "r1,till-1,\"cut short, printed again\"\nr1,till-1,\"a \"\"word\"\"\"\n";
        assert_eq!(tables.csv(Kind::Voids), format!("{header}{rows}"));
        for numbers in [[1, 0], [2, 5]] {
            tables.add(Kind::Crossings, &["main"], &numbers);
        }
        assert_eq!(tables.rows(Kind::Crossings), [["main", "3", "5"]]);
    }
}
