//! One matched line to what it says: captures read by the dialect's locale.

use jiff::civil::{Date, Time};
use regex::Captures;
use tillgate_events::{PaymentMethod, PaymentStatus};

use super::grammar::on_receipt;
use super::{Dialect, Event, Rule, moment, money};
use crate::decode::{Item, PosFact};

/// A rule's match on a line.
pub struct Reader<'a> {
    pub dialect: &'a Dialect,
    pub rule: &'a Rule,
    pub line: &'a str,
    pub captures: &'a Captures<'a>,
}

impl Reader<'_> {
    /// What the line says; `Some(None)` when it is understood and says nothing worth a fact (a discount of
    /// 0.00), `None` when a capture cannot be read.
    pub fn fact(&self) -> Option<Option<PosFact>> {
        let fact = match self.rule.event {
            Event::Number => PosFact::Number(self.text("number")?),
            Event::Terminal => PosFact::Terminal(self.text("terminal")?),
            Event::Subtotal => PosFact::Subtotal(self.amount()?),
            Event::Total => PosFact::Total(self.amount()?),
            Event::Change => PosFact::Change(self.amount()?.saturating_abs()),
            Event::CardLast4 => PosFact::CardLast4(self.text("last4")?),
            Event::Training => PosFact::Training,
            Event::Reprint => PosFact::Reprint,
            Event::Refund => PosFact::Refund,
            Event::NoSale => PosFact::NoSale,
            Event::Cancelled => {
                PosFact::Cancelled { number: self.text("number"), reason: self.text("reason") }
            }
            Event::VoidItem => {
                PosFact::VoidItem { description: self.text("desc"), amount: self.amount() }
            }
            Event::Rounding => return self.unless_zero(PosFact::Rounding(self.amount()?)),
            Event::Tax => return self.tax(),
            Event::Discount => return self.discount(),
            Event::Tender => self.tender(),
            Event::Item | Event::Charge | Event::Detail | Event::PrintedAt => return None,
            Event::Join | Event::Skip => return Some(None),
        };
        Some(Some(fact))
    }

    fn unless_zero(&self, fact: PosFact) -> Option<Option<PosFact>> {
        Some(self.amount().is_none_or(|amount| amount != 0).then_some(fact))
    }

    /// A tax line; of several amounts (net, tax, gross in any order) the smallest is the tax.
    fn tax(&self) -> Option<Option<PosFact>> {
        let amount = match self.captures.name("amounts") {
            Some(amounts) => self.smallest(amounts.as_str())?,
            None => self.amount()?,
        };
        let fact =
            PosFact::Tax { code: self.text("code"), amount, included: self.rule.set.included };
        Some((amount != 0).then_some(fact))
    }

    fn smallest(&self, amounts: &str) -> Option<i64> {
        let locale = &self.dialect.locale;
        let mut read: Vec<i64> = amounts
            .split_whitespace()
            .filter(|part| locale.minor == 0 || part.contains(locale.decimal))
            .filter_map(|part| money::amount(part, locale))
            .collect();
        read.sort_by_key(|amount| amount.abs());
        read.first().copied()
    }

    fn discount(&self) -> Option<Option<PosFact>> {
        let amount = self.amount()?.saturating_abs();
        let fact = PosFact::Discount {
            on_receipt: on_receipt(self.rule.attach),
            code: self.text("code").or_else(|| self.rule.set.code.clone()),
            description: self.text("desc").unwrap_or_default(),
            percent: self.captures.name("percent").and_then(|m| money::percent(m.as_str())),
            amount,
        };
        Some((amount != 0).then_some(fact))
    }

    fn tender(&self) -> PosFact {
        let set = &self.rule.set;
        let words = self.captures.name("tender").map(|found| found.as_str().trim());
        let by_words = words.and_then(|words| {
            let mut tenders = self.dialect.tenders.iter();
            tenders.find(|(_, regex)| regex.is_match(words)).map(|(method, _)| *method)
        });
        let status = if set.declined { PaymentStatus::Declined } else { PaymentStatus::Approved };
        PosFact::Tender {
            method: set.tender.or(by_words).unwrap_or(PaymentMethod::Other),
            amount: self.amount().unwrap_or(0),
            status,
            decline_reason: self.text("reason"),
            card_last4: self.text("last4"),
            transaction_id: None,
        }
    }

    /// An article line; without a quantity it is one piece.
    pub fn item(&self) -> Option<Item> {
        let locale = &self.dialect.locale;
        let amount = self.amount()?;
        let quantity = self.captures.name("qty").map(|m| money::quantity(m.as_str(), locale));
        let weight = self.captures.name("weight").map(|m| money::weight(m.as_str(), locale));
        let weight = match weight {
            Some(weight) => Some(weight?),
            None => None,
        };
        let mut item = Item {
            sku: self.text("sku"),
            quantity_milli: weight.map_or(quantity.unwrap_or(Some(1000))?, |(milli, _)| milli),
            unit_price: self.unit(),
            amount,
            weight_grams: weight.map(|(_, grams)| grams),
            department: self.text("dept"),
            tax_code: self.text("tax"),
            ..Item::default()
        };
        if let Some(description) = self.text("desc") {
            self.describe(&mut item, &description);
        }
        Some(item)
    }

    /// Gives an article its description; an article number in front of it is split off.
    pub fn describe(&self, item: &mut Item, text: &str) {
        let split = self.dialect.boundaries.sku.as_ref().and_then(|sku| sku.captures(text));
        let part = |name| split.as_ref().and_then(|found| found.name(name)).map(|m| m.as_str());
        match (part("sku"), part("desc")) {
            (Some(sku), Some(desc)) if item.sku.is_none() => {
                item.sku = Some(sku.to_owned());
                item.description = squeeze(desc);
            }
            _ => item.description = squeeze(text),
        }
    }

    pub fn detail(&self) -> Option<Detail> {
        let locale = &self.dialect.locale;
        let weight = self.captures.name("weight").and_then(|m| money::weight(m.as_str(), locale));
        let quantity = self.captures.name("qty").and_then(|m| money::quantity(m.as_str(), locale));
        let quantity_milli = weight.map(|(milli, _)| milli).or(quantity)?;
        let weight_grams = weight.map(|(_, grams)| grams);
        Some(Detail { quantity_milli, weight_grams, unit_price: self.unit()? })
    }

    pub fn moment(&self) -> (Option<Date>, Option<Time>) {
        let date = self.captures.name("date");
        let date = date.and_then(|m| moment::date(m.as_str(), &self.dialect.locale.dates));
        let time = self.captures.name("time").and_then(|m| moment::time(m.as_str()));
        (date, time.map(|(time, _)| time))
    }

    fn amount(&self) -> Option<i64> {
        money::amount(self.captures.name("amount")?.as_str(), &self.dialect.locale)
    }

    fn unit(&self) -> Option<i64> {
        money::amount(self.captures.name("unit")?.as_str(), &self.dialect.locale)
    }

    fn text(&self, name: &str) -> Option<String> {
        let text = squeeze(self.captures.name(name)?.as_str());
        (!text.is_empty()).then_some(text)
    }
}

/// How many and at what price, printed apart from the amount.
#[derive(Clone, Copy, Debug)]
pub struct Detail {
    quantity_milli: i64,
    weight_grams: Option<i64>,
    unit_price: i64,
}

impl Detail {
    /// Completes the article if it explains its amount to the nearest minor unit; true if it does.
    pub fn complete(self, item: &mut Item) -> bool {
        let product = i128::from(self.quantity_milli) * i128::from(self.unit_price);
        let fits = (product - i128::from(item.amount) * 1000).abs() <= 500;
        if fits && item.unit_price.is_none() {
            item.quantity_milli = self.quantity_milli;
            item.weight_grams = self.weight_grams;
            item.unit_price = Some(self.unit_price);
        }
        fits
    }
}

/// Inner runs of spaces become one; frames of punctuation go.
pub fn squeeze(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").trim_matches([':', '*', ' ']).to_owned()
}
