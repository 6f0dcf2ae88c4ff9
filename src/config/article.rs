//! One product as a catalogue writes it, checked: the same keys in CSV and TOML.

use std::collections::BTreeMap;

use tillgate_events::Currency;

use super::model::Product;
use crate::decode::scan::gtin::{self, Gtin};
use crate::limits;
use crate::spanned::{Fault, quote};

/// What a product may have.
pub const TEXTS: [&str; 15] = [
    "id",
    "sku",
    "name",
    "gtin",
    "plu",
    "description",
    "category",
    "department",
    "supplier",
    "price",
    "cost",
    "safety_stock",
    "reorder_point",
    "reorder_quantity",
    "refrigerated",
];

/// Digits of a PLU.
const PLU_DIGITS: usize = 5;
/// Characters of a word for people.
const LABEL_CHARS: usize = 64;

/// A product's keys and what is written for them; several values have `|` between them.
pub type Raw = BTreeMap<String, String>;

/// Every mistake by its key.
type Faults = Vec<(&'static str, Fault)>;

/// Checks a product.
///
/// # Errors
/// Every mistake.
pub fn product(raw: &Raw, currency: Currency) -> Result<Product, Faults> {
    let mut read = Reader { raw, faults: Vec::new() };
    let id = read.id();
    let (sku, name) = (read.label("sku"), read.label("name"));
    let (gtins, plus) = (read.many("gtin", valid_gtin), read.many("plu", valid_plu));
    let descriptions = read.many("description", valid_label);
    let (price, cost) = (read.money("price", currency), read.money("cost", currency));
    let [safety_stock, reorder_point, reorder_quantity] =
        ["safety_stock", "reorder_point", "reorder_quantity"].map(|key| read.pieces(key));
    let (category, department) = (read.label("category"), read.label("department"));
    let supplier = read.label("supplier");
    let refrigerated = read.truth("refrigerated");
    read.together(reorder_point, reorder_quantity);
    let recognised = ["sku", "name", "gtin", "plu", "description"];
    if !recognised.iter().any(|key| raw.contains_key(*key)) {
        let fault = Fault::new("a product without `sku` and `name` is never recognised");
        read.faults.push(("id", fault.hint("add what the receipt prints for it")));
    }
    match id.filter(|_| read.faults.is_empty()) {
        Some(id) => Ok(Product {
            id,
            sku,
            name,
            gtins,
            plus,
            descriptions,
            category,
            department,
            supplier,
            price,
            cost,
            safety_stock,
            reorder: reorder_point.zip(reorder_quantity),
            refrigerated,
        }),
        None => Err(read.faults),
    }
}

struct Reader<'r> {
    raw: &'r Raw,
    faults: Faults,
}

impl Reader<'_> {
    fn id(&mut self) -> Option<u64> {
        let written = self.raw.get("id").map(String::as_str).unwrap_or_default();
        let id = written.parse().ok().filter(|id| (1..=i64::MAX.unsigned_abs()).contains(id));
        if id.is_none() {
            let what = format!("`id`: {} is not a whole number above 0", quote(written));
            self.faults.push(("id", Fault::new(what)));
        }
        id
    }

    fn one<T>(
        &mut self,
        key: &'static str,
        check: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        match check(self.raw.get(key)?) {
            Ok(value) => Some(value),
            Err(mut fault) => {
                fault.message = format!("`{key}`: {}", fault.message);
                self.faults.push((key, fault));
                None
            }
        }
    }

    fn many(
        &mut self,
        key: &'static str,
        check: impl Fn(&str) -> Result<String, Fault>,
    ) -> Vec<String> {
        let all = self.one(key, |text| {
            let parts = text.split('|').map(str::trim).filter(|part| !part.is_empty());
            let parts: Vec<String> = parts.map(check).collect::<Result<_, _>>()?;
            if limits::CATALOG_NAMES < parts.len() {
                let most = limits::CATALOG_NAMES;
                return Err(Fault::new(format!("{} values, at most {most} are kept", parts.len())));
            }
            Ok(parts)
        });
        all.unwrap_or_default()
    }

    fn label(&mut self, key: &'static str) -> Option<String> {
        self.one(key, valid_label)
    }

    fn money(&mut self, key: &'static str, currency: Currency) -> Option<i64> {
        self.one(key, |text| money(text, currency))
    }

    fn pieces(&mut self, key: &'static str) -> Option<i64> {
        self.one(key, |text| {
            let pieces = text.parse().ok().filter(|it| (0..=limits::STOCK_QUANTITY).contains(it));
            pieces.ok_or_else(|| {
                Fault::new(format!("{} is no number of pieces", quote(text)))
                    .hint("a whole number, 0 or more")
            })
        })
    }

    fn truth(&mut self, key: &'static str) -> bool {
        let truth = self.one(key, |text| match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err(Fault::new(format!("{} is neither true nor false", quote(text)))),
        });
        truth.unwrap_or_default()
    }

    /// A reorder point needs to know how many, and the other way round.
    fn together(&mut self, point: Option<i64>, quantity: Option<i64>) {
        let pair = [("reorder_point", "reorder_quantity"), ("reorder_quantity", "reorder_point")];
        for (one, other) in pair {
            if self.raw.contains_key(one) && !self.raw.contains_key(other) {
                let fault = Fault::new(format!("`{one}` without `{other}`"));
                self.faults.push((one, fault.hint("at so many pieces, so many are ordered: both")));
            }
        }
        if quantity == Some(0) && point.is_some() {
            let fault = Fault::new("`reorder_quantity`: an order of nothing");
            self.faults.push(("reorder_quantity", fault.hint("leave both away for no orders")));
        }
    }
}

fn valid_label(text: &str) -> Result<String, Fault> {
    if LABEL_CHARS < text.chars().count() || text.chars().any(char::is_control) {
        return Err(Fault::new(format!("{} is no name", quote(text))).hint("1 to 64 characters"));
    }
    Ok(text.to_owned())
}

fn valid_gtin(text: &str) -> Result<String, Fault> {
    if Gtin::parse(text).is_some() {
        return Ok(text.to_owned());
    }
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || !matches!(text.len(), 8 | 12..=14) {
        let fault = Fault::new(format!("{} is no GTIN", quote(text)));
        return Err(fault.hint("8, 12, 13 or 14 digits; a shop's own number is a `sku`"));
    }
    let right = text.get(..text.len() - 1).and_then(gtin::check_digit);
    let hint = right.map(|digit| format!("its last digit would be {digit}"));
    Err(Fault::new(format!("{} has a wrong check digit", quote(text))).hint_if(hint))
}

fn valid_plu(text: &str) -> Result<String, Fault> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    if !digits || !(1..=PLU_DIGITS).contains(&text.len()) {
        let fault = Fault::new(format!("{} is no PLU", quote(text)));
        return Err(fault.hint("1 to 5 digits"));
    }
    Ok(text.to_owned())
}

/// `2.49` to minor units.
fn money(text: &str, currency: Currency) -> Result<i64, Fault> {
    let digits = usize::try_from(currency.minor_digits()).unwrap_or(2);
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let minor = format!("{whole}{part:0<digits$}");
    let fits = !whole.is_empty() && number(whole) && number(part) && part.len() <= digits;
    minor.parse().ok().filter(|_| fits).ok_or_else(|| {
        let example = currency.decimal(249);
        Fault::new(format!("{} is no amount of {}", quote(text), currency.code()))
            .hint(format!("write it as {example}, without a sign or a currency"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, &str)], expected: &str) {
        let raw: Raw = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let found = match product(&raw, Currency::new("EUR").unwrap()) {
            Ok(it) => {
                format!("{:?} {:?} {:?} {:?}", it.price, it.gtins, it.reorder, it.refrigerated)
            }
            Err(faults) => faults
                .into_iter()
                .map(|(key, fault)| {
                    format!("{key} {} ({})", fault.message, fault.hint.unwrap_or_default())
                })
                .collect::<Vec<_>>()
                .join("; "),
        };
        assert_eq!(found, expected, "{pairs:?}");
    }

    #[test]
    fn a_product_is_read_whole_or_told_whole() {
        check(&[("id", "1"), ("sku", "a")], "None [] None false");
        check(
            &[
                ("id", "1"),
                ("gtin", "4006381333931 | 96385074"),
                ("price", "2.5"),
                ("refrigerated", "yes"),
                ("reorder_point", "4"),
                ("reorder_quantity", "20"),
            ],
            "Some(250) [\"4006381333931\", \"96385074\"] Some((4, 20)) true",
        );
        check(
            &[("id", "0"), ("price", "2,50")],
            "id `id`: `0` is not a whole number above 0 (); \
             price `price`: `2,50` is no amount of EUR (write it as 2.49, without a sign or a currency); \
             id a product without `sku` and `name` is never recognised (add what the receipt prints for it)",
        );
        check(
            &[("id", "1"), ("gtin", "4006381333932")],
            "gtin `gtin`: `4006381333932` has a wrong check digit (its last digit would be 1)",
        );
        check(
            &[("id", "1"), ("plu", "4011"), ("reorder_point", "4")],
            "reorder_point `reorder_point` without `reorder_quantity` (at so many pieces, so many are ordered: both)",
        );
        check(
            &[("id", "1"), ("plu", "x"), ("safety_stock", "-1"), ("refrigerated", "cold")],
            "plu `plu`: `x` is no PLU (1 to 5 digits); \
             safety_stock `safety_stock`: `-1` is no number of pieces (a whole number, 0 or more); \
             refrigerated `refrigerated`: `cold` is neither true nor false ()",
        );
    }

    #[test]
    fn money_has_the_digits_of_its_currency() {
        let check = |code, text, expected: Option<i64>| {
            assert_eq!(money(text, Currency::new(code).unwrap()).ok(), expected, "{text} {code}");
        };
        check("EUR", "2", Some(200));
        check("EUR", "2.4", Some(240));
        check("EUR", "2.499", None);
        check("JPY", "249", Some(249));
        check("JPY", "2.4", None);
        check("KWD", "2.4", Some(2400));
        check("EUR", "-2", None);
        check("EUR", ".5", None);
    }
}
