//! What was said in truth, to hold against what arrived.

use std::collections::BTreeMap;

use super::sale::{Sale, Tender};

/// What one utterance meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A receipt was printed.
    Receipt(ReceiptTruth),
    /// One person through a door.
    Crossing {
        /// Which door.
        door: String,
        /// In or out.
        direction: Direction,
    },
    /// One advertisement heard; `tag` is the minor number of a tag of ours, `None` for a stranger.
    Advert {
        /// Who heard it.
        receiver: String,
        /// Minor number of one of our tags; `None` for a stranger.
        tag: Option<u16>,
        /// dBm.
        rssi: i8,
    },
}

impl Said {
    /// The device that said it.
    pub fn device(&self) -> &str {
        match self {
            Self::Receipt(receipt) => &receipt.terminal,
            Self::Crossing { door, .. } => door,
            Self::Advert { receiver, .. } => receiver,
        }
    }
}

/// Through a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Into the store.
    In,
    /// Out of the store.
    Out,
}

/// The sums of one receipt, in cents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptTruth {
    /// The register.
    pub terminal: String,
    /// The printed number.
    pub number: u32,
    /// What was to be paid.
    pub total: i64,
    /// All taxes.
    pub tax: i64,
    /// All discounts, positive.
    pub discount: i64,
    /// Articles sold; weighed goods count 1.
    pub items: i64,
    /// Cash less change.
    pub cash: i64,
    /// Paid by card.
    pub card: i64,
    /// Printed in full by a careless till: these must arrive nowhere.
    pub card_numbers: Vec<String>,
}

impl ReceiptTruth {
    /// Of a sale.
    pub fn new(terminal: &str, number: u32, sale: &Sale) -> Self {
        let mut truth = Self {
            terminal: terminal.to_owned(),
            number,
            total: sale.total(),
            tax: sale.tax_amount(),
            discount: sale.discounts(),
            items: sale.item_count(),
            cash: -sale.change(),
            ..Self::default()
        };
        for tender in &sale.tenders {
            match tender {
                Tender::Cash { amount } => truth.cash += amount,
                Tender::Card { amount, number, careless, .. } => {
                    truth.card += amount;
                    truth.card_numbers.extend(careless.then(|| number.clone()));
                }
            }
        }
        truth
    }
}

/// How often a tag was heard, and how loud.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pings {
    /// Times heard.
    pub count: u64,
    /// Sum of the strengths in dBm.
    pub rssi_sum: i64,
}

impl Pings {
    /// Takes more of them into account.
    pub fn add(&mut self, more: Self) {
        self.count += more.count;
        self.rssi_sum += more.rssi_sum;
    }

    /// All of them together.
    pub fn total<'a>(pings: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut total = Self::default();
        pings.into_iter().for_each(|pings| total.add(*pings));
        total
    }
}

/// Everything that was said.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// By terminal and number.
    pub receipts: BTreeMap<(String, u32), ReceiptTruth>,
    /// By door.
    pub crossings: BTreeMap<(String, Direction), u64>,
    /// Advertisements of our tags, by receiver and minor number.
    pub pings: BTreeMap<(String, u16), Pings>,
    /// Advertisements of strangers.
    pub strangers: u64,
}

impl Truth {
    /// Takes down what a device has said completely.
    pub fn record(&mut self, said: &Said) {
        match said {
            Said::Receipt(receipt) => {
                let key = (receipt.terminal.clone(), receipt.number);
                self.receipts.insert(key, receipt.clone());
            }
            Said::Crossing { door, direction } => {
                *self.crossings.entry((door.clone(), *direction)).or_default() += 1;
            }
            Said::Advert { receiver, tag: Some(tag), rssi } => {
                let pings = self.pings.entry((receiver.clone(), *tag)).or_default();
                pings.add(Pings { count: 1, rssi_sum: i64::from(*rssi) });
            }
            Said::Advert { tag: None, .. } => self.strangers += 1,
        }
    }

    /// All doors together.
    pub fn crossed(&self, direction: Direction) -> u64 {
        self.crossings
            .iter()
            .filter(|((_, way), _)| *way == direction)
            .map(|(_, count)| count)
            .sum()
    }

    /// Every card number that was printed in full.
    pub fn card_numbers(&self) -> impl Iterator<Item = &str> {
        self.receipts.values().flat_map(|receipt| &receipt.card_numbers).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Tax;

    #[test]
    fn the_parts_of_every_receipt_add_up() {
        let mut rng = fastrand::Rng::with_seed(11);
        for number in 0..2000 {
            let sale = Sale::random(&mut rng, Tax::Added { percent: 7 });
            let truth = ReceiptTruth::new("till-1", number, &sale);
            assert_eq!(truth.cash + truth.card, truth.total, "{sale:?}");
            assert!(truth.cash >= 0 && truth.card >= 0 && truth.items > 0, "{sale:?}");
        }
    }

    #[test]
    fn truth_counts_what_was_said() {
        let mut truth = Truth::default();
        let door = |direction| Said::Crossing { door: "main".into(), direction };
        let advert = |tag| Said::Advert { receiver: "grocery".into(), tag, rssi: -60 };
        for said in [door(Direction::In), door(Direction::In), door(Direction::Out)] {
            truth.record(&said);
        }
        for said in [advert(Some(1)), advert(Some(1)), advert(None)] {
            truth.record(&said);
        }
        assert_eq!((truth.crossed(Direction::In), truth.crossed(Direction::Out)), (2, 1));
        let heard = truth.pings[&("grocery".into(), 1)];
        assert_eq!((heard, truth.strangers), (Pings { count: 2, rssi_sum: -120 }, 1));
    }
}
