//! The product catalogue: what is printed joined to the product, and what is known of that.
//!
//! A line is matched by its code first: a GTIN in any of its lengths (when its check digit is right), a PLU, an article
//! number; then by its description, letters and digits alone, in one case. The first product of a code or name counts.

use std::collections::HashMap;

use crate::decode::scan::gtin::article_code;

/// One product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The product's number.
    pub product_id: u64,
    /// As printed.
    pub sku: Option<String>,
    /// What the ledger goes by.
    pub goods: Goods,
}

/// What the ledger goes by. Amounts are minor units of the shop's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Goods {
    /// Of one piece.
    pub price: Option<i64>,
    /// What one piece costs the shop.
    pub cost: Option<i64>,
    /// At so many pieces, so many are ordered.
    pub reorder: Option<(i64, i64)>,
}

/// A product as the catalogue is made of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Article {
    /// The product's number.
    pub product_id: u64,
    /// As printed.
    pub sku: Option<String>,
    /// GTINs and PLUs.
    pub codes: Vec<String>,
    /// Everything that a till may print for it.
    pub names: Vec<String>,
    /// What the ledger goes by.
    pub goods: Goods,
}

/// Products by article number and by printed name.
#[derive(Debug, Default)]
pub struct Catalog {
    entries: Vec<Entry>,
    by_id: HashMap<u64, usize>,
    by_code: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
}

impl Catalog {
    /// Builds the catalogue from (number, article number, printed name).
    pub fn new(products: impl IntoIterator<Item = (u64, Option<String>, Option<String>)>) -> Self {
        Self::of(products.into_iter().map(|(product_id, sku, name)| {
            let names = name.into_iter().collect();
            Article { product_id, sku, names, ..Article::default() }
        }))
    }

    /// Builds the catalogue.
    pub fn of(articles: impl IntoIterator<Item = Article>) -> Self {
        let mut catalog = Self::default();
        for article in articles {
            let place = catalog.entries.len();
            let Article { product_id, sku, codes, names, goods } = article;
            for code in sku.iter().chain(&codes) {
                catalog.by_code.entry(article_code(code)).or_insert(place);
            }
            for name in names {
                catalog.by_name.entry(key(&name)).or_insert(place);
            }
            catalog.by_id.entry(product_id).or_insert(place);
            catalog.entries.push(Entry { product_id, sku, goods });
        }
        catalog
    }

    /// The product of an article line: by its code, else by its name as printed.
    #[must_use]
    pub fn find(&self, sku: Option<&str>, description: &str) -> Option<&Entry> {
        let by_code = sku.and_then(|sku| self.by_code.get(&article_code(sku)));
        let place = by_code.or_else(|| self.by_name.get(&key(description)))?;
        self.entries.get(*place)
    }

    /// The product with this number.
    #[must_use]
    pub fn product(&self, id: u64) -> Option<&Entry> {
        self.entries.get(*self.by_id.get(&id)?)
    }

    /// Whether it knows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Letters and digits alone, in one case: what survives a printer's abbreviations of spaces and dots.
#[must_use]
pub fn key(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_found_by_number_before_name() {
        let catalog = Catalog::new([
            (1, Some("4006381333931".into()), Some("Pen blue".into())),
            (2, None, Some("PEN  BLUE.".into())),
            (3, None, Some("Ink".into())),
        ]);
        let find = |sku, name| catalog.find(sku, name).map(|entry| entry.product_id);
        assert_eq!(find(Some("4006381333931"), "INK"), Some(1));
        assert_eq!(find(Some("9"), "pen  blue"), Some(1));
        assert_eq!(find(None, "INK."), Some(3));
        assert_eq!(find(None, "paper"), None);
        assert_eq!(catalog.product(3).map(|entry| entry.product_id), Some(3));
        assert_eq!(catalog.product(4), None);
    }

    #[test]
    fn a_code_is_found_however_it_is_written() {
        let check = |code: &str, printed: &str, found: bool| {
            let codes = vec![code.to_owned()];
            let catalog = Catalog::of([Article { product_id: 1, codes, ..Article::default() }]);
            assert_eq!(catalog.find(Some(printed), "").is_some(), found, "{code} as {printed}");
        };
        check("4006381333931", "04006381333931", true);
        check("036000291452", "0036000291452", true);
        check("4006381333931", "4006381333932", false);
        check("4011", "04011", true);
        check("04011", "4011", true);
        check("A-4711", "a4711", true);
        check("4711", "4711000", false);
    }

    #[test]
    fn all_names_of_a_product_are_its_own() {
        let names = vec!["Whole milk 1 l".to_owned(), "MILK 3.5% 1L".to_owned()];
        let catalog = Catalog::of([Article { product_id: 7, names, ..Article::default() }]);
        for name in ["WHOLE MILK 1L", "Milk 3,5 % 1l"] {
            assert_eq!(catalog.find(None, name).map(|entry| entry.product_id), Some(7), "{name}");
        }
    }
}
