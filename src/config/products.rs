//! Products: what printed things are called, and what the stock ledger goes by.

use std::path::{Path, PathBuf};

use tillgate_events::Currency;

use super::article::{self, Raw, TEXTS};
use super::devices::Seen;
use super::environment::{Environment, unreadable};
use super::model::Product;
use super::{catalog, value};
use crate::decode::scan::gtin::article_code;
use crate::limits;
use crate::spanned::{self, Fault, Mistake, Table, Value, quote};

/// What a configuration says of products.
pub struct Products {
    /// The catalogue's file.
    pub file: Option<PathBuf>,
    /// The catalogue's products, then the `[[product]]`s.
    pub all: Vec<Product>,
    /// How many are the catalogue's.
    pub of_file: usize,
}

/// The catalogue's products, then the `[[product]]`s.
pub fn products(root: &mut Table<'_>, currency: Currency, env: &dyn Environment) -> Products {
    let file = match root.peek("catalog") {
        Some(value) if value.is_table() => {
            root.section("catalog", |table| table.required("file", value::path))
        }
        _ => root.optional("catalog", value::path),
    };
    let mut seen = Seen::default();
    let read = file.as_deref().map(|file| from_file(file, currency, env, &mut seen));
    let mut all = match read {
        Some(Ok((products, mistakes))) => {
            root.mistakes_elsewhere(mistakes);
            products
        }
        Some(Err(fault)) => {
            root.mistake("catalog", fault);
            Vec::new()
        }
        None => Vec::new(),
    };
    let of_file = all.len();
    all.extend(root.sections("product", |table| product(table, currency, &mut seen)));
    Products { file, all, of_file }
}

/// Reads a catalogue anew.
///
/// # Errors
/// Every mistake in it.
pub fn reload(
    file: &Path,
    currency: Currency,
    env: &dyn Environment,
) -> Result<Vec<Product>, Vec<Mistake>> {
    match from_file(file, currency, env, &mut Seen::default()) {
        Ok((products, mistakes)) if mistakes.is_empty() => Ok(products),
        Ok((_, mistakes)) => Err(mistakes),
        Err(fault) => Err(vec![Mistake::of_file(&file.display().to_string(), fault)]),
    }
}

fn from_file(
    path: &Path,
    currency: Currency,
    env: &dyn Environment,
    seen: &mut Seen,
) -> Result<(Vec<Product>, Vec<Mistake>), Fault> {
    let name = path.display().to_string();
    let text = env.read(path, limits::CATALOG_BYTES).map_err(|error| unreadable(&name, &error))?;
    if path.extension().is_some_and(|it| it == "toml") {
        return Ok(from_toml(&name, &text, currency, seen));
    }
    let (rows, mut mistakes) = catalog::parse(&name, &text, currency);
    let mut products = Vec::with_capacity(rows.len());
    for (line, product) in rows {
        for (_, thing) in identities(&product) {
            if let Err(first) = seen.take(thing.clone(), format!("{name}:{line}")) {
                let fault = Fault::new(format!("{thing} is there twice"));
                let fault = fault.hint(format!("first in {first}"));
                mistakes.push(Mistake::at_line(&name, line, fault));
            }
        }
        products.push(product);
    }
    Ok((products, mistakes))
}

fn from_toml(
    name: &str,
    text: &str,
    currency: Currency,
    seen: &mut Seen,
) -> (Vec<Product>, Vec<Mistake>) {
    let (products, report) = spanned::read(name, "the catalogue", text, |root| {
        let products = root.sections("product", |table| product(table, currency, seen));
        if limits::CATALOG_ITEMS < products.len() {
            root.mistake("product", catalog::too_many());
        }
        Some(products)
    });
    (products.unwrap_or_default(), report.mistakes)
}

/// What no two products share, by the key that names it.
fn identities(product: &Product) -> Vec<(&'static str, String)> {
    let mut all = vec![("id", format!("the product id {}", product.id))];
    let sku = product.sku.iter().map(|sku| ("sku", format!("the sku {}", quote(sku))));
    all.extend(sku);
    for (key, codes) in [("gtin", &product.gtins), ("plu", &product.plus)] {
        all.extend(codes.iter().map(|code| (key, format!("the code {}", article_code(code)))));
    }
    all
}

fn product(table: &mut Table<'_>, currency: Currency, seen: &mut Seen) -> Option<Product> {
    if !table.has("id") {
        table.required("id", Value::str);
        return None;
    }
    let mut raw = Raw::new();
    for key in TEXTS {
        if let Some(text) = table.optional(key, written) {
            raw.insert(key.to_owned(), text);
        } else if table.has(key) {
            // Told already.
            return None;
        }
    }
    let product = match article::product(&raw, currency) {
        Ok(product) => product,
        Err(faults) => {
            faults.into_iter().for_each(|(key, fault)| table.mistake(key, fault));
            return None;
        }
    };
    for (key, thing) in identities(&product) {
        seen.claim(table, key, &thing);
    }
    Some(product)
}

/// A text, a whole number, a truth, or a list of texts, as a catalogue in CSV would write it.
fn written(value: Value<'_>) -> Result<String, Fault> {
    if value.is_list() {
        return value.list(|value| value.str().map(str::to_owned)).map(|all| all.join("|"));
    }
    if let Ok(number) = value.signed() {
        return Ok(number.to_string());
    }
    if let Ok(truth) = value.boolean() {
        return Ok(truth.to_string());
    }
    let text =
        value.str().map_err(|fault| fault.hint_if(Some("in quotes: \"2.49\"".to_owned())))?;
    if text.trim().is_empty() {
        return Err(Fault::new("there is nothing in it").hint("leave it away"));
    }
    Ok(text.trim().to_owned())
}
