//! One receipt of the day with all its sums, and what the contract makes of it.
//!
//! Invariants: sums are computed here and never read back from paper; a voided line counts in no sum; what was
//! approved, less the change, is the total; on a return everything is negative.

use jiff::civil::DateTime;
use tillgate_events::{
    Currency, DiscountType, Line, Payment, PaymentMethod, PaymentStatus, Promotion, Receipt,
    ReceiptType, StockChange, StockReason,
};

use super::goods::{Offer, Product};
use crate::store::{Style, Tax, ascii};

/// What is sold in euros.
const EURO: &str = "EUR";

/// One article on the receipt.
#[derive(Clone, Debug)]
pub struct BillLine {
    pub product: &'static Product,
    /// Positive; 1 for weighed goods.
    pub pieces: i64,
    pub grams: Option<i64>,
    pub offer: Option<Offer>,
    /// Taken back before it was paid.
    pub voided: bool,
}

/// How a part was paid; cents as tendered, positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paid {
    Cash(i64),
    /// Words on the paper, method, last four digits, amount.
    Card(&'static str, PaymentMethod, u16, i64),
    /// Words on the paper, method, amount.
    Other(&'static str, PaymentMethod, i64),
    /// A card that was refused first.
    Declined,
}

/// What kind of paper it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sale,
    Return,
    Training,
}

/// A receipt to print.
#[derive(Clone, Debug)]
pub struct Bill {
    pub terminal: &'static str,
    pub number: u32,
    pub at: DateTime,
    pub style: Style,
    pub tax: Tax,
    pub kind: Kind,
    pub lines: Vec<BillLine>,
    /// Code and cents off the whole receipt.
    pub coupon: Option<(&'static str, i64)>,
    pub paid: Vec<Paid>,
}

impl BillLine {
    /// Cents before the discount.
    pub fn gross(&self) -> i64 {
        let price = self.product.price;
        self.grams.map_or(self.pieces * price, |grams| share(price, grams, 1000))
    }

    /// Cents off, positive.
    pub fn off(&self) -> i64 {
        match self.offer.filter(|_| !self.voided) {
            None => 0,
            Some(Offer::Coded { off, .. }) => off * self.pieces,
            Some(Offer::Percent(percent)) => share(self.gross(), percent, 100),
            Some(Offer::SecondFree) => self.pieces / 2 * self.product.price,
        }
    }

    /// What the contract calls the discount, and how it was reckoned; `None` when nothing came off.
    pub fn promotion(&self) -> Option<(String, DiscountType)> {
        let offer = self.offer.filter(|_| self.off() > 0)?;
        Some(match offer {
            Offer::Coded { code, .. } => (code.to_owned(), DiscountType::FixedAmount),
            Offer::Percent(percent) => (format!("DISCOUNT-{percent}"), DiscountType::Percentage),
            Offer::SecondFree => ("BOGO".to_owned(), DiscountType::Bogo),
        })
    }
}

impl Bill {
    /// The id that the gateway gives it.
    pub fn id(&self) -> String {
        let day = self.at.date().to_string().replace('-', "");
        format!("{}-{day}-{:06}", self.terminal, self.number)
    }

    /// Lines that were not taken back.
    pub fn open(&self) -> impl Iterator<Item = &BillLine> {
        self.lines.iter().filter(|line| !line.voided)
    }

    /// Sum of the lines, net of their discounts.
    pub fn subtotal(&self) -> i64 {
        self.open().map(|line| line.gross() - line.off()).sum()
    }

    fn net(&self) -> i64 {
        self.subtotal() - self.coupon.map_or(0, |(_, off)| off)
    }

    /// The tax, added or contained.
    pub fn tax_amount(&self) -> i64 {
        match self.tax {
            Tax::Added { percent } => share(self.net(), percent, 100),
            Tax::Included { percent } => share(self.net(), percent, 100 + percent),
        }
    }

    /// What is to be paid, or paid back; positive.
    pub fn total(&self) -> i64 {
        let added = matches!(self.tax, Tax::Added { .. });
        self.net() + if added { self.tax_amount() } else { 0 }
    }

    /// Given back in cash.
    pub fn change(&self) -> i64 {
        self.paid.iter().map(Paid::amount).sum::<i64>() - self.total()
    }

    /// What must arrive.
    pub fn expected(&self) -> Receipt {
        let sign = if self.kind == Kind::Return { -1 } else { 1 };
        let gross: i64 = self.open().map(BillLine::gross).sum();
        let net = self.net();
        Receipt {
            receipt_id: self.id(),
            receipt_type: if sign < 0 { ReceiptType::Return } else { ReceiptType::Sale },
            terminal_id: self.terminal.to_owned(),
            customer_id: None,
            campaign_id: None,
            impression_id: None,
            currency: euro(),
            gross_subtotal: sign * gross,
            discount: sign * (gross - net),
            subtotal: sign * net,
            tax: sign * self.tax_amount(),
            total: sign * self.total(),
            printed_at: Some(self.at.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
            complete: true,
            checks_passed: true,
            training: self.kind == Kind::Training,
            lines: self.lines.iter().map(|line| self.line(line, sign)).collect(),
            payments: self.payments(sign),
            promotions: self.promotions(),
            stock_changes: self.stock(sign),
        }
    }

    fn line(&self, line: &BillLine, sign: i64) -> Line {
        let name = line.product.name;
        Line {
            description: if self.style == Style::Plain { ascii(name) } else { name.to_owned() },
            sku: Some(line.product.sku.to_owned()),
            product_id: Some(line.product.id),
            quantity: sign * line.pieces,
            unit_price: line.product.price,
            extended_price: sign * (line.gross() - line.off()),
            discount: line.off(),
            promo_code: line.promotion().map(|(code, _)| code),
            weight_grams: line.grams,
            department: None,
            tax_code: None,
            voided: line.voided,
        }
    }

    fn payments(&self, sign: i64) -> Vec<Payment> {
        let payment = |paid: &Paid| Payment {
            method: paid.method(),
            amount: sign * paid.amount(),
            change: if matches!(paid, Paid::Cash(_)) { self.change() } else { 0 },
            status: match paid {
                Paid::Declined => PaymentStatus::Declined,
                _ => PaymentStatus::Approved,
            },
            decline_reason: (*paid == Paid::Declined).then(|| "INSUFFICIENT FUNDS".to_owned()),
            card_last4: match paid {
                Paid::Card(_, _, last4, _) => Some(format!("{last4:04}")),
                _ => None,
            },
            transaction_id: None,
            processing_time_ms: 0,
        };
        self.paid.iter().map(payment).collect()
    }

    fn promotions(&self) -> Vec<Promotion> {
        let on_line = |(number, line): (u32, &BillLine)| {
            let (promo_code, discount_type) = line.promotion()?;
            Some(Promotion {
                promo_code,
                discount: line.off(),
                discount_type,
                product_count: line.pieces.unsigned_abs() as u32,
                product_ids: vec![line.product.id],
                line_number: Some(number),
            })
        };
        let mut all: Vec<_> = (1..).zip(&self.lines).filter_map(on_line).collect();
        all.extend(self.coupon.map(|(code, off)| Promotion {
            promo_code: code.to_owned(),
            discount: off,
            discount_type: DiscountType::FixedAmount,
            product_count: self.open().map(|line| line.pieces).sum::<i64>().unsigned_abs() as u32,
            product_ids: self.open().map(|line| line.product.id).collect(),
            line_number: None,
        }));
        all
    }

    fn stock(&self, sign: i64) -> Vec<StockChange> {
        if self.kind == Kind::Training {
            return Vec::new();
        }
        let reason = if sign < 0 { StockReason::Return } else { StockReason::Sale };
        self.open().map(|line| change(line.product, -sign * line.pieces, reason)).collect()
    }
}

impl Paid {
    /// Cents as tendered.
    pub fn amount(&self) -> i64 {
        match self {
            Self::Cash(amount) | Self::Card(_, _, _, amount) | Self::Other(_, _, amount) => *amount,
            Self::Declined => 0,
        }
    }

    fn method(&self) -> PaymentMethod {
        match self {
            Self::Cash(_) => PaymentMethod::Cash,
            Self::Card(_, method, _, _) | Self::Other(_, method, _) => *method,
            Self::Declined => PaymentMethod::CreditCard,
        }
    }
}

/// A change as the contract tells it, before anybody counted.
pub fn change(product: &Product, quantity_delta: i64, reason: StockReason) -> StockChange {
    StockChange {
        dc_id: None,
        product_id: product.id,
        quantity_delta,
        reason,
        sku: Some(product.sku.to_owned()),
        on_hand: None,
        counted: false,
    }
}

/// What everything costs.
pub fn euro() -> Currency {
    #[expect(clippy::unwrap_used, reason = "three capital letters")]
    Currency::new(EURO).unwrap()
}

/// `amount * part / whole`, rounded half up; for positive numbers.
pub fn share(amount: i64, part: i64, whole: i64) -> i64 {
    (amount * part + whole / 2) / whole
}
