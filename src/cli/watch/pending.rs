//! Plain lines in the order of the paper: a line of which it is not known yet what becomes of it holds up those behind.
//!
//! A line that no rule took may still be the name of an article, which the next line of the paper decides. Bounded: of
//! more than [`HELD`] lines none is held up any longer.

use std::collections::VecDeque;

use super::panel::{NOBODY, Row};
use crate::decode::PosFact;

/// Lines that are held up at most.
const HELD: usize = 20;

/// What became of a line that is an article's name.
const NAME: &str = "name";

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct Pending(VecDeque<Row>);

impl Pending {
    /// Takes a line that was printed, if it was one, and what was read; the lines whose fate is known, in their order.
    pub fn line(&mut self, row: Option<Row>, read: &[PosFact]) -> Vec<Row> {
        let before = self.0.len();
        // At most one line waits: the next that waits decides it.
        let another = row.as_ref().is_some_and(|row| row.waits);
        self.0.extend(row);
        for fact in read {
            if let PosFact::Unmatched(text) = fact {
                self.unmatched(text);
            }
        }
        let taken = read.iter().any(|fact| matches!(fact, PosFact::Item(_) | PosFact::Deposit(_)));
        let ends = read.iter().any(|fact| matches!(fact, PosFact::End(_)));
        let decided = match () {
            () if ends || HELD < self.0.len() => self.0.len(),
            () if another || taken => before,
            () => 0,
        };
        for row in self.0.iter_mut().take(decided).filter(|row| row.waits) {
            (row.waits, row.said) = (false, NAME.to_owned());
        }
        let known = self.0.iter().take_while(|row| !row.waits).count();
        self.0.drain(..known).collect()
    }

    fn unmatched(&mut self, text: &str) {
        let mut waiting = self.0.iter_mut().filter(|row| row.waits);
        match waiting.find(|row| row.text.trim() == text) {
            Some(row) => (row.waits, row.said) = (false, NOBODY.to_owned()),
            // It was let go of before.
            None => {
                self.0.push_back(Row { text: text.to_owned(), said: NOBODY.into(), waits: false });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{DocumentEnd, Item};

    fn row(text: &str) -> Option<Row> {
        let (text, said) = text.split_once(": ").unwrap_or((text, ""));
        Some(Row { text: text.into(), said: said.into(), waits: said.is_empty() })
    }

    fn nobody(text: &str) -> PosFact {
        PosFact::Unmatched(text.into())
    }

    /// What is told after each line; `name: event` is a line that a rule took.
    fn check(steps: &[(&str, &[PosFact], &[&str])]) {
        let mut pending = Pending::default();
        for (line, read, expected) in steps {
            let line = if line.is_empty() { None } else { row(line) };
            let told = pending.line(line.clone(), read);
            let told: Vec<String> =
                told.iter().map(|row| format!("{}: {}", row.text, row.said)).collect();
            assert_eq!(told, *expected, "{line:?}");
        }
    }

    #[test]
    fn lines_are_told_in_the_order_of_the_paper() {
        let item = || PosFact::Item(Item::default());
        check(&[
            ("SHOP", &[], &[]),
            ("--: ignored", &[], &[]),
            ("No 7: number", &[nobody("SHOP")], &["SHOP: ! nobody", "--: ignored", "No 7: number"]),
            ("TEA", &[], &[]),
            ("2.50: item", &[], &[]),
            ("MILK", &[item()], &["TEA: name", "2.50: item"]),
            ("SUGAR", &[nobody("MILK")], &["MILK: ! nobody"]),
            ("", &[nobody("SUGAR"), PosFact::End(DocumentEnd::Cut)], &["SUGAR: ! nobody"]),
        ]);
    }

    #[test]
    fn no_line_is_held_up_for_ever() {
        let mut pending = Pending::default();
        pending.line(row("SHOP"), &[]);
        let told: usize = (0..HELD).map(|_| pending.line(row("--: ignored"), &[]).len()).sum();
        assert_eq!(told, HELD + 1);
    }
}
