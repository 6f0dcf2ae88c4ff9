//! Receipts as the agent's tracker makes them of what a till prints.

use anyhow::Result;
use fastrand::Rng;
use tillgate_events::{
    Body, Currency, DiscountType, Line, Payment, PaymentMethod, PaymentStatus, Promotion, Receipt,
    ReceiptType, Record, StockChange, StockReason, UtcMs,
};

use crate::shop::{Shop, Sku};
use crate::words;

/// What stands before or behind a word.
const BRANDS: [&str; 10] =
    ["", "", "", "Bio ", "Premium ", "Eco ", "Classic ", "Family ", "Local ", "Budget "];
const SIZES: [&str; 12] =
    ["", "", "", " 1L", " 0.5L", " 250g", " 500g", " 1kg", " 6x", " 10pc", " XL", " 330ml"];

struct Article {
    name: String,
    sku: Option<String>,
    product: Option<u64>,
    price: i64,
    weighed: bool,
    tax: Option<String>,
    department: Option<String>,
}

/// One till of a shop, with its assortment.
pub struct Till {
    shop: Shop,
    currency: Currency,
    name: &'static str,
    articles: Vec<Article>,
    number: u32,
    rng: Rng,
}

impl Till {
    /// The till with this name. All tills of a shop sell the same, whatever the seed of the day.
    ///
    /// # Errors
    /// When the shop's currency is none.
    pub fn new(shop: &Shop, name: &'static str, seed: u64) -> Result<Self> {
        let mut assortment = Rng::with_seed(shop.store);
        let words = words::list(shop.words);
        let articles =
            (0..shop.articles).map(|n| Article::new(shop, &words, n as u64, &mut assortment));
        let articles = articles.collect();
        let mut rng = Rng::with_seed(seed);
        let number = rng.u32(1..90_000);
        Ok(Self { shop: *shop, currency: shop.currency()?, name, articles, number, rng })
    }

    /// The receipt printed at `at`.
    pub fn receipt(&mut self, at: UtcMs) -> Record {
        self.number += 1;
        let lines: Vec<Line> = (0..self.pieces()).filter_map(|_| self.line()).collect();
        let kept = || lines.iter().filter(|line| !line.voided);
        let gross = kept().map(|line| line.extended_price + line.discount).sum::<i64>();
        let discount = kept().map(|line| line.discount).sum::<i64>();
        let (net, percent) = (gross - discount, self.shop.tax);
        let tax =
            if self.shop.included { net * percent / (100 + percent) } else { net * percent / 100 };
        let total = if self.shop.included { net } else { net + tax };
        let printed = printed(at, self.shop.paper.seconds);
        let receipt = Receipt {
            receipt_id: self.id(&printed),
            receipt_type: if self.chance(2) { ReceiptType::Return } else { ReceiptType::Sale },
            terminal_id: self.terminal().to_owned(),
            customer_id: None,
            campaign_id: None,
            impression_id: None,
            currency: self.currency,
            gross_subtotal: gross,
            discount,
            subtotal: net,
            tax,
            total,
            printed_at: Some(printed),
            complete: true,
            checks_passed: !self.chance(1),
            training: false,
            payments: self.payments(total),
            promotions: self.promotions(&lines),
            stock_changes: self.stock(&lines),
            lines,
        };
        let body = Body::Receipt(Box::new(receipt));
        Record { at, source: self.name.to_owned(), body }
    }

    fn terminal(&self) -> &'static str {
        self.shop.paper.terminal.unwrap_or(self.name)
    }

    fn id(&mut self, printed: &str) -> String {
        let day: String = printed.chars().take(10).filter(char::is_ascii_digit).collect();
        let terminal = self.terminal();
        if self.shop.paper.numbered {
            format!("{terminal}-{day}-{:05}", self.number)
        } else {
            format!("{terminal}-{day}-h{:012x}", self.rng.u64(..1 << 48))
        }
    }

    /// Lines of a receipt: mostly few.
    fn pieces(&mut self) -> usize {
        let most = *self.rng.choice(&[3, 6, 10, 18]).unwrap_or(&6);
        self.rng.usize(1..=most)
    }

    fn line(&mut self) -> Option<Line> {
        // Some articles sell far better than others.
        let rank = self.rng.f64() * self.rng.f64() * self.articles.len() as f64;
        let quantity = *self.rng.choice(&[1, 1, 1, 1, 1, 2, 2, 3, 4, 6])?;
        let (grams, sometimes) = (self.rng.i64(80..2500), self.rng.u32(0..100));
        let share = *self.rng.choice(&[10, 20, 25, 50])?;
        let promotion = self.rng.choice(self.shop.paper.promotions).copied();
        let article = self.articles.get(rank as usize)?;
        let weight = article.weighed.then_some(grams);
        let quantity = if weight.is_some() { 1 } else { quantity };
        let gross = weight.map_or(quantity * article.price, |grams| article.price * grams / 1000);
        let discount = if sometimes < 8 { gross * share / 100 } else { 0 };
        Some(Line {
            description: article.name.clone(),
            sku: article.sku.clone(),
            product_id: article.product,
            quantity,
            unit_price: article.price,
            extended_price: gross - discount,
            discount,
            promo_code: promotion.filter(|_| 0 < discount).map(str::to_owned),
            weight_grams: weight,
            department: article.department.clone(),
            tax_code: article.tax.clone(),
            voided: sometimes == 99,
        })
    }

    fn payments(&mut self, total: i64) -> Vec<Payment> {
        use PaymentMethod::{Cash, CreditCard, DebitCard, GiftCard, MobilePay, Other};
        let methods = [
            Cash, Cash, Cash, CreditCard, CreditCard, DebitCard, DebitCard, MobilePay, GiftCard,
            Other,
        ];
        let method = *self.rng.choice(&methods).unwrap_or(&Cash);
        let card = matches!(method, CreditCard | DebitCard);
        let note = if method == Cash {
            *self.rng.choice(&[1, 100, 500, 1000, 5000]).unwrap_or(&1)
        } else {
            1
        };
        let amount = (total.max(1) + note - 1) / note * note;
        let last4 = (card && !self.chance(20)).then(|| format!("{:04}", self.rng.u32(0..10_000)));
        let transaction =
            (card && self.chance(30)).then(|| format!("{:06}", self.rng.u32(0..1_000_000)));
        vec![Payment {
            method,
            amount,
            change: amount - total.max(1),
            status: PaymentStatus::Approved,
            decline_reason: None,
            card_last4: last4,
            transaction_id: transaction,
            processing_time_ms: 0,
        }]
    }

    fn promotions(&self, lines: &[Line]) -> Vec<Promotion> {
        let numbered = lines.iter().zip(1..).filter(|(line, _)| 0 < line.discount && !line.voided);
        let promotion = |(line, number): (&Line, u32)| Promotion {
            promo_code: line.promo_code.clone().unwrap_or_default(),
            discount: line.discount,
            discount_type: if number % 2 == 0 {
                DiscountType::Percentage
            } else {
                DiscountType::FixedAmount
            },
            product_count: 1,
            product_ids: line.product_id.into_iter().collect(),
            line_number: Some(number),
        };
        numbered.map(promotion).collect()
    }

    fn stock(&self, lines: &[Line]) -> Vec<StockChange> {
        let change = |line: &Line| {
            Some(StockChange {
                dc_id: None,
                product_id: line.product_id?,
                quantity_delta: -line.quantity,
                reason: StockReason::Sale,
                sku: line.sku.clone(),
                on_hand: None,
                counted: false,
            })
        };
        lines.iter().filter(|line| !line.voided).filter_map(change).collect()
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(0..100) < percent
    }
}

impl Article {
    fn new(shop: &Shop, words: &[&str], number: u64, rng: &mut Rng) -> Self {
        let pick = |rng: &mut Rng, list: &[&str]| rng.choice(list).copied().map(str::to_owned);
        let word = pick(rng, words).unwrap_or_default();
        let (brand, size) =
            (pick(rng, &BRANDS).unwrap_or_default(), pick(rng, &SIZES).unwrap_or_default());
        let name = format!("{brand}{word}{size}");
        // Whoever shouts, shouts all of it.
        let loud = word.chars().nth(1).is_some_and(char::is_uppercase);
        Self {
            name: if loud { name.to_uppercase() } else { name },
            sku: sku(shop.paper.sku, rng),
            product: shop.catalogue.then_some(4000 + number * 3),
            price: *rng
                .choice(&[29, 49, 79, 99, 119, 149, 189, 199, 249, 299, 349, 499, 799, 1299])
                .unwrap_or(&99)
                + rng.i64(0..5) * 10,
            weighed: rng.u32(0..100) < 10,
            tax: pick(rng, shop.paper.taxes),
            department: pick(rng, shop.paper.departments),
        }
    }
}

/// An article number that no check digit makes a card's.
fn sku(kind: Sku, rng: &mut Rng) -> Option<String> {
    match kind {
        Sku::None => None,
        Sku::Short => Some(format!("{}", rng.u32(10_000..1_000_000))),
        Sku::Ean => loop {
            let digits = format!(
                "{}{:09}",
                rng.choice(&["2012", "4006", "5000", "7891"])?,
                rng.u32(0..1_000_000_000)
            );
            if !luhn(&digits) {
                break Some(digits);
            }
        },
    }
}

/// Whether the digits satisfy the check digit of card numbers (ISO/IEC 7812-1 annex B).
pub fn luhn(digits: &str) -> bool {
    let values = digits.bytes().rev().map(|digit| u32::from(digit.wrapping_sub(b'0')));
    let doubled = |value: u32| if 4 < value { value * 2 - 9 } else { value * 2 };
    let sum: u32 =
        values.enumerate().map(|(n, value)| if n % 2 == 1 { doubled(value) } else { value }).sum();
    sum.is_multiple_of(10)
}

/// The local time as the tracker writes it, taken as UTC.
fn printed(at: UtcMs, seconds: bool) -> String {
    let text = at.to_string();
    let (minutes, second) =
        (text.get(..16).unwrap_or_default(), text.get(16..19).unwrap_or_default());
    if seconds { format!("{minutes}{second}") } else { format!("{minutes}:00") }
}
