//! What was expected beside what was found.

use std::fmt;

use serde::Serialize;

use super::truth::{Shelf, Stock};
use crate::limits;

/// The judgement of a month.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Stores that were replayed.
    pub stores: usize,
    /// Lines that were written to feeds.
    pub lines: usize,
    /// Stocks that were compared.
    pub compared: usize,
    /// Stocks that differ.
    pub different: usize,
    /// The first of them in words.
    pub differences: Vec<String>,
}

impl Report {
    /// Whether at least one stock was compared, and all are equal.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.different == 0 && 0 < self.stores && 0 < self.compared
    }

    /// Compares; `who`: whose figures `found` are.
    pub fn compare(&mut self, who: &str, expected: &Shelf, found: &Shelf) {
        let keys = expected.keys().chain(found.keys().filter(|key| !expected.contains_key(key)));
        for key in keys {
            self.compared += 1;
            let (wanted, got) = (expected.get(key), found.get(key));
            if wanted == got {
                continue;
            }
            self.different += 1;
            if self.differences.len() < limits::DIFFERENCES_SHOWN {
                let (store, product) = key;
                let (wanted, got) = (words(wanted), words(got));
                let text = format!("store {store}, product {product}: {wanted}; {who} {got}");
                self.differences.push(text);
            }
        }
    }
}

fn words(stock: Option<&Stock>) -> String {
    stock.map_or("nothing".to_owned(), |it| {
        format!("{} ({} {:+}, {})", it.on_hand, it.counted, it.changed, it.as_of)
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "{difference}")?;
        }
        let (stores, lines, compared) = (self.stores, self.lines, self.compared);
        write!(f, "{stores} stores, {lines} lines, {compared} stocks compared, ")?;
        write!(f, "{} differ", self.different)
    }
}
