//! One sale with all its sums, made from a seed.
//!
//! Invariants: a voided line counts in no sum; a discount never exceeds what it is on; what was tendered, less
//! the change, is the total.

use super::catalog::{ARTICLES, Article};

/// How much of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// So many.
    Pieces(i64),
    /// So heavy.
    Grams(i64),
}

/// A percentage off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discount {
    /// In hundredths.
    pub percent: i64,
    /// Cents, positive.
    pub amount: i64,
}

/// One line of a sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleLine {
    /// What was sold.
    pub article: &'static Article,
    /// How much of it.
    pub measure: Measure,
    /// On this line.
    pub discount: Option<Discount>,
    /// Taken back before the sale was paid.
    pub voided: bool,
}

/// Whether prices contain the tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tax {
    /// Added to the subtotal.
    Added {
        /// In hundredths.
        percent: i64,
    },
    /// Contained in it.
    Included {
        /// In hundredths.
        percent: i64,
    },
}

/// How a part was paid. Amounts are cents, as tendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tender {
    /// In cash.
    Cash {
        /// Cents, as tendered.
        amount: i64,
    },
    /// By card.
    Card {
        /// Cents, as tendered.
        amount: i64,
        /// As printed.
        brand: &'static str,
        /// 16 digits. A careless till prints them all.
        number: String,
        /// The till prints the whole number.
        careless: bool,
    },
}

/// A paid sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// What was sold.
    pub lines: Vec<SaleLine>,
    /// On the whole receipt.
    pub discount: Option<Discount>,
    /// How tax is reckoned.
    pub tax: Tax,
    /// How it was paid.
    pub tenders: Vec<Tender>,
}

impl Sale {
    /// One to eight lines, now and then a discount or a void, one or two tenders.
    pub fn random(rng: &mut fastrand::Rng, tax: Tax) -> Self {
        let mut lines: Vec<_> = (0..rng.usize(1..=8)).map(|_| SaleLine::random(rng)).collect();
        if lines.len() > 1 && chance(rng, 15) {
            let voided = rng.usize(0..lines.len());
            if let Some(line) = lines.get_mut(voided) {
                (line.voided, line.discount) = (true, None);
            }
        }
        let mut sale = Self { lines, discount: None, tax, tenders: Vec::new() };
        if chance(rng, 20) {
            sale.discount = Some(Discount::of(sale.subtotal(), pick(rng, &[5, 10])));
        }
        sale.tenders = pay(rng, sale.total());
        sale
    }

    /// Sum of the lines, net of their discounts.
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().filter(|line| !line.voided).map(SaleLine::net).sum()
    }

    /// All discounts, positive.
    pub fn discounts(&self) -> i64 {
        let on_lines =
            self.lines.iter().filter(|line| !line.voided).filter_map(|line| line.discount);
        on_lines.chain(self.discount).map(|discount| discount.amount).sum()
    }

    /// What the customer pays before added tax.
    fn net(&self) -> i64 {
        self.subtotal() - self.discount.map_or(0, |discount| discount.amount)
    }

    /// The tax, added or contained.
    pub fn tax_amount(&self) -> i64 {
        match self.tax {
            Tax::Added { percent } => share(self.net(), percent, 100),
            Tax::Included { percent } => share(self.net(), percent, 100 + percent),
        }
    }

    /// What the customer pays.
    pub fn total(&self) -> i64 {
        match self.tax {
            Tax::Added { .. } => self.net() + self.tax_amount(),
            Tax::Included { .. } => self.net(),
        }
    }

    /// Given back in cash.
    pub fn change(&self) -> i64 {
        self.tenders.iter().map(Tender::amount).sum::<i64>() - self.total()
    }

    /// Articles sold; weighed goods count 1.
    pub fn item_count(&self) -> i64 {
        self.lines.iter().filter(|line| !line.voided).map(SaleLine::count).sum()
    }
}

impl SaleLine {
    fn random(rng: &mut fastrand::Rng) -> Self {
        let article = rng.choice(&ARTICLES).unwrap_or(&ARTICLES[0]);
        let measure = if article.weighed {
            Measure::Grams(rng.i64(80..=2500))
        } else {
            Measure::Pieces(pick(rng, &[1, 1, 1, 2, 2, 3, 6]))
        };
        let mut line = Self { article, measure, discount: None, voided: false };
        if line.gross() >= 50 && chance(rng, 20) {
            line.discount = Some(Discount::of(line.gross(), pick(rng, &[10, 20, 50])));
        }
        line
    }

    /// Before the discount.
    pub fn gross(&self) -> i64 {
        match self.measure {
            Measure::Pieces(count) => count * self.article.price,
            Measure::Grams(grams) => share(self.article.price, grams, 1000),
        }
    }

    fn net(&self) -> i64 {
        self.gross() - self.discount.map_or(0, |discount| discount.amount)
    }

    fn count(&self) -> i64 {
        match self.measure {
            Measure::Pieces(count) => count,
            Measure::Grams(_) => 1,
        }
    }
}

impl Discount {
    fn of(amount: i64, percent: i64) -> Self {
        Self { percent, amount: share(amount, percent, 100) }
    }
}

impl Tender {
    /// As tendered.
    pub fn amount(&self) -> i64 {
        match self {
            Self::Cash { amount } | Self::Card { amount, .. } => *amount,
        }
    }
}

/// `amount * part / whole`, rounded half up; for positive numbers.
fn share(amount: i64, part: i64, whole: i64) -> i64 {
    (amount * part + whole / 2) / whole
}

fn chance(rng: &mut fastrand::Rng, percent: u32) -> bool {
    rng.u32(0..100) < percent
}

/// One of the choices, of which there is at least one.
fn pick(rng: &mut fastrand::Rng, choices: &[i64]) -> i64 {
    rng.choice(choices).copied().unwrap_or(1)
}

/// Cash with notes, a card, or the one after the other.
fn pay(rng: &mut fastrand::Rng, total: i64) -> Vec<Tender> {
    match rng.u32(0..10) {
        0..=4 => vec![cash(rng, total)],
        5..=8 => vec![card(rng, total)],
        _ if total > 500 => vec![card(rng, total - 500), cash(rng, 500)],
        _ => vec![card(rng, total)],
    }
}

/// The exact amount, or the next multiple of a note.
fn cash(rng: &mut fastrand::Rng, total: i64) -> Tender {
    let note = pick(rng, &[1, 100, 500, 1000, 5000]);
    Tender::Cash { amount: (total + note - 1) / note * note }
}

fn card(rng: &mut fastrand::Rng, amount: i64) -> Tender {
    let (brand, prefix) = if rng.bool() { ("VISA", 4) } else { ("MASTERCARD", rng.u8(51..=55)) };
    Tender::Card { amount, brand, number: card_number(rng, prefix), careless: chance(rng, 30) }
}

/// Sixteen digits that begin with the prefix and satisfy the check digit of ISO/IEC 7812-1 annex B.
fn card_number(rng: &mut fastrand::Rng, prefix: u8) -> String {
    let mut digits = prefix.to_string();
    while digits.len() < 15 {
        digits.push(char::from(rng.u8(b'0'..=b'9')));
    }
    let check = (10 - luhn_sum(&format!("{digits}0")) % 10) % 10;
    format!("{digits}{check}")
}

/// From the right, every second digit doubled, of which the digits are summed.
fn luhn_sum(digits: &str) -> u32 {
    let values = digits.bytes().rev().map(|digit| u32::from(digit.saturating_sub(b'0')));
    values
        .enumerate()
        .map(|(n, value)| if n % 2 == 0 { value } else { value * 2 / 10 + value * 2 % 10 })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILK: &Article = &ARTICLES[0];
    const BANANAS: &Article = &ARTICLES[12];

    fn line(article: &'static Article, measure: Measure) -> SaleLine {
        SaleLine { article, measure, discount: None, voided: false }
    }

    #[test]
    fn sums_of_a_sale_by_hand() {
        let mut discounted = line(MILK, Measure::Pieces(2));
        discounted.discount = Some(Discount::of(discounted.gross(), 10));
        let mut voided = line(MILK, Measure::Pieces(3));
        voided.voided = true;
        let weighed = line(BANANAS, Measure::Grams(482));
        let mut sale = Sale {
            lines: vec![discounted, voided, weighed],
            discount: None,
            tax: Tax::Added { percent: 7 },
            tenders: vec![Tender::Cash { amount: 500 }],
        };
        // 2 x 1.19 - 0.24 + 0.96; 7 % of 3.10 is 0.217
        assert_eq!((sale.subtotal(), sale.tax_amount(), sale.total()), (310, 22, 332));
        assert_eq!((sale.change(), sale.item_count(), sale.discounts()), (168, 3, 24));
        sale.discount = Some(Discount::of(sale.subtotal(), 5));
        sale.tax = Tax::Included { percent: 7 };
        // 3.10 - 0.16; 7/107 of 2.94 is 0.192
        assert_eq!((sale.tax_amount(), sale.total(), sale.discounts()), (19, 294, 40));
    }

    #[test]
    fn every_random_sale_is_paid_exactly_and_owes_nothing_negative() {
        let mut rng = fastrand::Rng::with_seed(7);
        for n in 0..5000 {
            let tax = [Tax::Added { percent: 7 }, Tax::Included { percent: 19 }][n % 2];
            let sale = Sale::random(&mut rng, tax);
            let cash = sale.tenders.iter().any(|tender| matches!(tender, Tender::Cash { .. }));
            assert!(sale.total() > 0, "{sale:?}");
            assert!(sale.change() == 0 || (cash && sale.change() > 0), "{sale:?}");
            assert!(sale.tenders.iter().all(|tender| tender.amount() > 0), "{sale:?}");
            assert!(sale.discounts() < sale.subtotal() + sale.discounts(), "{sale:?}");
        }
    }

    #[test]
    fn card_numbers_satisfy_the_check_digit() {
        assert_eq!(luhn_sum("4111111111111111") % 10, 0);
        let mut rng = fastrand::Rng::with_seed(7);
        for _ in 0..1000 {
            let number = card_number(&mut rng, 52);
            assert!(
                number.len() == 16
                    && number.starts_with("52")
                    && luhn_sum(&number).is_multiple_of(10)
            );
        }
    }
}
