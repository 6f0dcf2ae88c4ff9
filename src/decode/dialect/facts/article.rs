//! Articles: a line, or two halves of one.

use super::super::money;
use super::Reader;
use crate::decode::Item;

impl Reader<'_> {
    /// An article line; without a quantity it is one piece.
    pub fn item(&self) -> Option<Item> {
        let locale = &self.dialect.locale;
        let amount = self.amount()?;
        let quantity = self.fields.get("qty").map(|text| money::quantity(text, locale));
        let weight = self.fields.get("weight").map(|text| money::weight(text, locale));
        let weight = match weight {
            Some(weight) => Some(weight?),
            None => None,
        };
        if self.is_size(amount, quantity.flatten()) {
            return None;
        }
        let mut item = Item {
            sku: self.text("sku"),
            quantity_milli: weight.map_or(quantity.unwrap_or(Some(1000))?, |(milli, _)| milli),
            unit_price: self.money("unit"),
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

    /// The line as an article: all that stands in front of its amount is its name.
    pub fn named_whole(&self) -> Option<Item> {
        let amount = self.amount()?;
        let name = self.text.rsplit_once(self.fields.get("amount")?)?.0;
        let description = squeeze(name);
        Some(Item { description, quantity_milli: 1000, amount, ..Item::default() })
    }

    /// `6x1,5` is the size of what is sold once: the second number is no price by its decimals, and together they
    /// do not make the amount.
    fn is_size(&self, amount: i64, quantity: Option<i64>) -> bool {
        let locale = &self.dialect.locale;
        let Some((text, quantity)) = self.fields.get("unit").zip(quantity) else { return false };
        if quantity == 1000 || self.fields.get("desc").is_none() {
            return false;
        }
        let decimals = text
            .rsplit_once(locale.decimal)
            .map_or(0, |(_, part)| part.chars().take_while(char::is_ascii_digit).count());
        if decimals >= usize::try_from(locale.minor).unwrap_or(usize::MAX) {
            return false;
        }
        let product =
            money::amount(text, locale).map(|unit| i128::from(unit) * i128::from(quantity));
        product.is_none_or(|product| product.abs() != i128::from(amount.abs()) * 1000)
    }

    /// The first half of an article, whose amounts stand elsewhere.
    pub fn name(&self) -> Item {
        let mut item = Item {
            sku: self.text("sku"),
            department: self.text("dept"),
            tax_code: self.text("tax"),
            ..Item::default()
        };
        if let Some(description) = self.text("desc") {
            self.describe(&mut item, &description);
        }
        item
    }

    /// Gives an article its description; an article number in front of it is split off.
    pub fn describe(&self, item: &mut Item, text: &str) {
        let split = self.dialect.boundaries.sku.as_ref().and_then(|sku| sku.captures(text));
        let part = |name| split.as_ref().and_then(|found| found.name(name));
        match (part("sku"), part("desc")) {
            (Some(sku), Some(desc)) if item.sku.is_none() => {
                item.sku = Some(sku.to_owned());
                item.description = squeeze(desc);
            }
            _ => item.description = squeeze(text),
        }
    }

    /// `2 x 1.50` on a line of its own.
    pub fn detail(&self) -> Option<Detail> {
        let locale = &self.dialect.locale;
        let weight = self.fields.get("weight").and_then(|text| money::weight(text, locale));
        let quantity = self.fields.get("qty").and_then(|text| money::quantity(text, locale));
        let quantity_milli = weight.map(|(milli, _)| milli).or(quantity)?;
        let weight_grams = weight.map(|(_, grams)| grams);
        Some(Detail { quantity_milli, weight_grams, unit_price: self.money("unit")? })
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

/// Signs that tills put in front of a name: taxed, on offer, an extra to the article before.
const MARKS: [char; 7] = ['*', '+', '#', '%', '^', ':', ' '];

/// Inner runs of spaces become one; marks in front and frames of punctuation go.
pub fn squeeze(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    text.trim_start_matches(MARKS).trim_end_matches([':', '*', '=', ' ']).to_owned()
}
