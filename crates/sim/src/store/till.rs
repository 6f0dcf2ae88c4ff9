//! A till: one sale after the other.

use std::time::Duration;

use jiff::civil::DateTime;

use super::emit::{self, Style};
use super::receipt::{self, Heading};
use super::sale::{Sale, Tax, Tender};
use super::truth::{ReceiptTruth, Said};
use super::{Device, Utterance};

/// Milliseconds between two receipts of a till that cuts its paper.
const PAUSE_CUT_MS: std::ops::Range<u64> = 800..3500;
/// Longer for plain text, where only silence ends a document.
const PAUSE_SILENCE_MS: std::ops::Range<u64> = 3000..4500;

/// A till with its own sequence of numbers.
pub struct Till {
    terminal: String,
    style: Style,
    tax: Tax,
    opened: DateTime,
    number: u32,
    rng: fastrand::Rng,
}

impl Till {
    /// `opened` is the store's local time when it begins to sell.
    pub fn new(terminal: &str, style: Style, opened: DateTime, seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let tax = if style == Style::Positioned {
            Tax::Included { percent: 19 }
        } else {
            Tax::Added { percent: 7 }
        };
        let number = rng.u32(100..900_000);
        Self { terminal: terminal.to_owned(), style, tax, opened, number, rng }
    }
}

impl Device for Till {
    fn next(&mut self, elapsed: Duration) -> Utterance {
        self.number += 1;
        let sale = Sale::random(&mut self.rng, self.tax);
        let at =
            self.opened.saturating_add(jiff::SignedDuration::from_secs(elapsed.as_secs() as i64));
        let heading = Heading { terminal: self.terminal.clone(), number: self.number, at };
        let kick = sale.tenders.iter().any(|tender| matches!(tender, Tender::Cash { .. }));
        let rows = receipt::rows(&heading, &sale);
        let pause = if self.style == Style::Plain { PAUSE_SILENCE_MS } else { PAUSE_CUT_MS };
        Utterance {
            pause: Duration::from_millis(self.rng.u64(pause)),
            bytes: emit::document(self.style, &rows, kick),
            said: Said::Receipt(ReceiptTruth::new(&self.terminal, self.number, &sale)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(style: Style) -> Vec<String> {
        let mut till =
            Till::new("till-1", style, jiff::civil::date(2026, 11, 21).at(14, 5, 0, 0), 3);
        let print = |_| String::from_utf8_lossy(&till.next(Duration::ZERO).bytes).into_owned();
        (0..200).map(print).collect()
    }

    #[test]
    fn the_same_seed_prints_the_same_receipts() {
        assert_eq!(texts(Style::Columns), texts(Style::Columns));
    }

    #[test]
    fn a_plain_receipt_reads_like_any_other() {
        let text = texts(Style::Plain).swap_remove(0);
        for part in
            ["CORNER SHOP", "Receipt No: ", "2026-11-21 14:05", "SUBTOTAL", "TAX 7%", "TOTAL"]
        {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }

    #[test]
    fn what_is_printed_holds_the_true_total_and_every_careless_card_number() {
        let mut till = Till::new("till-1", Style::Plain, DateTime::default(), 3);
        let mut cards = 0;
        for _ in 0..300 {
            let utterance = till.next(Duration::ZERO);
            let text = String::from_utf8(utterance.bytes).unwrap();
            let Said::Receipt(truth) = utterance.said else { panic!("a till prints receipts") };
            let total = text.lines().find(|line| line.starts_with("TOTAL")).unwrap();
            assert!(
                total.ends_with(&format!(" {}", super::super::decimal(truth.total))),
                "{total}"
            );
            for number in &truth.card_numbers {
                assert!(text.replace(' ', "").contains(number));
                cards += 1;
            }
        }
        assert!(cards > 10, "{cards} card numbers in 300 receipts");
    }
}
