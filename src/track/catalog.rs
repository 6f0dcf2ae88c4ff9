//! The product catalogue: what is printed joined to the product's number.

use std::collections::HashMap;

/// One product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The product's number.
    pub product_id: u64,
    /// As printed.
    pub sku: Option<String>,
}

/// Products by article number and by printed name.
#[derive(Debug, Default)]
pub struct Catalog {
    by_sku: HashMap<String, Entry>,
    by_name: HashMap<String, Entry>,
}

impl Catalog {
    /// Builds the catalogue from (number, article number, printed name). The first product of a name counts.
    pub fn new(products: impl IntoIterator<Item = (u64, Option<String>, Option<String>)>) -> Self {
        let mut catalog = Self::default();
        for (product_id, sku, name) in products {
            let entry = Entry { product_id, sku: sku.clone() };
            if let Some(sku) = sku {
                catalog.by_sku.entry(key(&sku)).or_insert_with(|| entry.clone());
            }
            if let Some(name) = name {
                catalog.by_name.entry(key(&name)).or_insert(entry);
            }
        }
        catalog
    }

    /// The product of an article line: by its article number, else by its name as printed.
    #[must_use]
    pub fn find(&self, sku: Option<&str>, description: &str) -> Option<&Entry> {
        let by_sku = sku.and_then(|sku| self.by_sku.get(&key(sku)));
        by_sku.or_else(|| self.by_name.get(&key(description)))
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
    }
}
