//! Products: what printed things are called.

use std::path::Path;

use super::devices::Seen;
use super::environment::{Environment, unreadable};
use super::model::Product;
use super::{catalog, value};
use crate::limits;
use crate::spanned::{Fault, Mistake, Table, quote};

/// The catalogue's products, then the `[[product]]`s.
pub fn products(root: &mut Table<'_>, env: &dyn Environment) -> Vec<Product> {
    let file = match root.peek("catalog") {
        Some(value) if value.is_table() => {
            root.section("catalog", |table| table.required("file", value::path))
        }
        _ => root.optional("catalog", value::path),
    };
    let mut seen = Seen::default();
    let mut products = file.map_or_else(Vec::new, |file| from_catalog(root, &file, env, &mut seen));
    products.extend(root.sections("product", |table| product(table, &mut seen)));
    products
}

fn from_catalog(
    root: &Table<'_>,
    path: &Path,
    env: &dyn Environment,
    seen: &mut Seen,
) -> Vec<Product> {
    let name = path.display().to_string();
    let text = match env.read(path, limits::CATALOG_BYTES) {
        Ok(text) => text,
        Err(error) => {
            root.mistake("catalog", unreadable(&name, &error));
            return Vec::new();
        }
    };
    let (rows, mut mistakes) = catalog::parse(&name, &text);
    let mut products = Vec::with_capacity(rows.len());
    for (line, product) in rows {
        for thing in identities(&product) {
            if let Err(first) = seen.take(thing.clone(), format!("{name}:{line}")) {
                let fault = Fault::new(format!("{thing} is there twice"));
                let fault = fault.hint(format!("first in {first}"));
                mistakes.push(Mistake::at_line(&name, line, fault));
            }
        }
        products.push(product);
    }
    root.mistakes_elsewhere(mistakes);
    products
}

fn identities(product: &Product) -> impl Iterator<Item = String> {
    let id = format!("the product id {}", product.id);
    let sku = product.sku.as_ref().map(|sku| format!("the sku {}", quote(sku)));
    std::iter::once(id).chain(sku)
}

fn product(table: &mut Table<'_>, seen: &mut Seen) -> Option<Product> {
    let id = table.required("id", |v| v.integer(1..=i64::MAX.unsigned_abs()));
    let sku = table.optional("sku", value::label);
    let name = table.optional("name", value::label);
    if !table.has("sku") && !table.has("name") {
        let fault = Fault::new("a product without `sku` and `name` is never recognised");
        table.mistake("id", fault.hint("add what the receipt prints for it"));
    }
    let product = Product { id: id?, sku, name };
    for (thing, key) in identities(&product).zip(["id", "sku"]) {
        seen.claim(table, key, &thing);
    }
    Some(product)
}
