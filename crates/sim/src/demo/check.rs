//! The truth check: what was said against what arrived, to the cent.
//!
//! Pure. It is passed when every line is equal; the first differences are spelled out one by one. Pseudonyms of
//! tags change with the day, so the number of tags is compared as "at least as many"; the pings and their
//! strengths must be equal for each receiver.

use std::collections::BTreeSet;

use super::arrivals::{Arrivals, Arrived};
use crate::limits;
use crate::store::{Direction, Pings, ReceiptTruth, Truth, decimal};

/// The outcome.
#[derive(Debug, Default)]
pub struct Report {
    pub lines: Vec<Line>,
    /// At most [`limits::DIFFERENCES_SHOWN`].
    pub differences: Vec<String>,
    /// Differences beyond those.
    pub more: usize,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub what: &'static str,
    pub said: String,
    pub arrived: String,
    pub equal: bool,
}

impl Report {
    /// Compares. `leaks` names the places where a card number was found.
    pub fn new(truth: &Truth, arrivals: &Arrivals, leaks: &[String]) -> Self {
        let mut report = Self::default();
        report.receipts(truth, arrivals);
        report.presence(truth, arrivals);
        report.transport(truth, arrivals, leaks);
        report
    }

    /// Adds something that must be so.
    pub fn require(&mut self, what: &'static str, is_so: bool) {
        self.line(what, &"yes", &if is_so { "yes" } else { "no" });
    }

    /// Whether everything is equal.
    pub fn passed(&self) -> bool {
        self.differences.is_empty() && self.lines.iter().all(|line| line.equal)
    }

    fn receipts(&mut self, truth: &Truth, arrivals: &Arrivals) {
        let said: Vec<&ReceiptTruth> = truth.receipts.values().collect();
        let came: Vec<&ReceiptTruth> =
            arrivals.receipts.values().map(|receipt| &receipt.sums).collect();
        self.line("receipts", &said.len(), &came.len());
        let sound = arrivals.receipts.values().filter(|receipt| receipt.sound).count();
        self.line("cross-checks passed", &said.len(), &sound);
        for (what, part) in PARTS {
            let sum = |receipts: &[&ReceiptTruth]| receipts.iter().map(|r| part(r)).sum::<i64>();
            let show = |sum| if what == "articles" { i64::to_string(&sum) } else { decimal(sum) };
            self.line(what, &show(sum(&said)), &show(sum(&came)));
        }
        let keys: BTreeSet<_> = truth.receipts.keys().chain(arrivals.receipts.keys()).collect();
        for key in keys {
            if let Some(text) = compare(truth.receipts.get(key), arrivals.receipts.get(key)) {
                self.differ(format!("receipt {:06} of {}: {text}", key.1, key.0));
            }
        }
    }

    fn presence(&mut self, truth: &Truth, arrivals: &Arrivals) {
        for (what, way) in [("entries", Direction::In), ("exits", Direction::Out)] {
            self.line(what, &truth.crossed(way), &arrivals.crossed(way));
        }
        for key in truth.crossings.keys().chain(arrivals.crossings.keys()).collect::<BTreeSet<_>>()
        {
            let (said, came) = (truth.crossings.get(key), arrivals.crossings.get(key));
            let (said, came) = (said.unwrap_or(&0), came.unwrap_or(&0));
            if said != came {
                self.differ(format!("{} {:?}: {said} said, {came} arrived", key.0, key.1));
            }
        }
        let (said, came) =
            (Pings::total(truth.pings.values()), Pings::total(arrivals.pings.values()));
        self.line("tag pings", &said.count, &came.count);
        self.line("their strengths, summed", &said.rssi_sum, &came.rssi_sum);
        let receivers = truth.pings.keys().map(|(name, _)| name);
        let receivers = receivers.chain(arrivals.pings.keys().map(|(name, _)| name));
        for name in receivers.collect::<BTreeSet<_>>() {
            let said = truth.pings.iter().filter(|(key, _)| key.0 == *name).map(|(_, pings)| pings);
            let came =
                arrivals.pings.iter().filter(|(key, _)| key.0 == *name).map(|(_, pings)| pings);
            let (said, came) = (Pings::total(said), Pings::total(came));
            if said != came {
                self.differ(format!("{name}: pings {said:?} said, {came:?} arrived"));
            }
        }
        let tags: BTreeSet<_> = truth.pings.keys().map(|(_, tag)| tag).collect();
        let pseudonyms: BTreeSet<_> = arrivals.pings.keys().map(|(_, tag)| tag).collect();
        let equal = pseudonyms.len() >= tags.len();
        self.push("tags told apart", tags.len().to_string(), pseudonyms.len().to_string(), equal);
    }

    fn transport(&mut self, truth: &Truth, arrivals: &Arrivals, leaks: &[String]) {
        for (what, found) in [
            ("holes in the sequences", arrivals.holes().as_slice()),
            ("announced losses", &arrivals.announced),
            ("unreadable messages", &arrivals.unreadable),
            ("unexpected records", &arrivals.unexpected),
            ("card numbers found", leaks),
        ] {
            self.line(what, &0, &found.len());
            found.iter().for_each(|text| self.differ(format!("{what}: {text}")));
        }
        let printed = truth.card_numbers().count().to_string();
        self.push("card numbers printed", printed, "—".into(), true);
        self.push("windows of tags", "—".into(), arrivals.windows.to_string(), true);
        self.push("duplicates dropped", "—".into(), arrivals.duplicates.to_string(), true);
    }

    fn line(&mut self, what: &'static str, said: &impl ToString, arrived: &impl ToString) {
        let (said, arrived) = (said.to_string(), arrived.to_string());
        let equal = said == arrived;
        self.push(what, said, arrived, equal);
    }

    fn push(&mut self, what: &'static str, said: String, arrived: String, equal: bool) {
        self.lines.push(Line { what, said, arrived, equal });
    }

    fn differ(&mut self, text: String) {
        if self.differences.len() < limits::DIFFERENCES_SHOWN {
            self.differences.push(text);
        } else {
            self.more += 1;
        }
    }
}

type Part = fn(&ReceiptTruth) -> i64;

/// What is compared of each receipt.
const PARTS: [(&str, Part); 6] = [
    ("total", |receipt| receipt.total),
    ("tax", |receipt| receipt.tax),
    ("discounts", |receipt| receipt.discount),
    ("articles", |receipt| receipt.items),
    ("paid in cash", |receipt| receipt.cash),
    ("paid by card", |receipt| receipt.card),
];

/// `None` when both are equal.
fn compare(said: Option<&ReceiptTruth>, arrived: Option<&Arrived>) -> Option<String> {
    let (said, arrived) = match (said, arrived) {
        (Some(said), Some(arrived)) => (said, arrived),
        (Some(said), None) => return Some(format!("missing, {} said", decimal(said.total))),
        (None, Some(arrived)) => {
            return Some(format!("never said, {} arrived", decimal(arrived.sums.total)));
        }
        (None, None) => return None,
    };
    let mut text: Vec<String> = PARTS
        .iter()
        .filter(|(_, part)| part(said) != part(&arrived.sums))
        .map(|(what, part)| format!("{what} {} said, {} arrived", part(said), part(&arrived.sums)))
        .collect();
    if arrived.times != 1 {
        text.push(format!("arrived {} times", arrived.times));
    }
    if !arrived.sound {
        text.push("incomplete, or its cross-checks failed".into());
    }
    (!text.is_empty()).then(|| text.join("; "))
}

/// The places whose digits hold one of the numbers, whatever stands between the digits.
pub fn find_numbers<'a>(
    numbers: &[&str],
    places: impl Iterator<Item = (String, &'a [u8])>,
) -> Vec<String> {
    let mut found = Vec::new();
    for (place, bytes) in places {
        let digits: String =
            bytes.iter().filter(|b| b.is_ascii_digit()).map(|b| char::from(*b)).collect();
        if numbers.iter().any(|number| digits.contains(number)) {
            found.push(place);
        }
    }
    found
}
