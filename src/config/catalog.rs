//! A product catalogue: a CSV file whose first line names its columns, in any order, or a TOML file of `[[product]]`s.
//!
//! Both have the same keys ([`COLUMNS`]). In CSV a field may hold several values with `|` between them where a product
//! may have several.

use csv::{ReaderBuilder, StringRecord};

use super::article::{self, Raw, TEXTS};
use super::model::Product;
use crate::limits;
use crate::spanned::{Fault, Mistake, did_you_mean, quote};
use tillgate_events::Currency;

/// What columns are called; `product_id` is `id` too, as other systems write it.
const HINT: &str = "the first line is: id,sku,name, and as many of the others as there are";

/// Products with the lines they stand on, and every mistake.
pub fn parse(file: &str, text: &str, currency: Currency) -> (Vec<(usize, Product)>, Vec<Mistake>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let mut mistakes: Vec<Mistake> =
        check_header(&header).into_iter().map(|fault| Mistake::of_file(file, fault)).collect();
    if !mistakes.is_empty() {
        return (Vec::new(), mistakes);
    }
    let columns: Vec<&str> = header.iter().map(column).collect();
    let lines: Vec<&str> = text.lines().collect();
    let mut products = Vec::new();
    for record in reader.records() {
        let place = match &record {
            Ok(record) => record.position(),
            Err(error) => error.position(),
        };
        let line = usize::try_from(place.map_or(1, csv::Position::line)).unwrap_or(usize::MAX);
        if limits::CATALOG_ITEMS <= products.len() {
            mistakes.push(Mistake::at_line(file, line, too_many()));
            break;
        }
        match record {
            Ok(record) => {
                let written = lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
                let raw = raw(&columns, &record);
                match article::product(&raw, currency) {
                    Ok(product) => products.push((line, product)),
                    Err(faults) => mistakes.extend(faults.into_iter().map(|(key, fault)| {
                        let place = columns.iter().position(|it| *it == key);
                        let at = place.map_or(1, |place| column_of(written, place));
                        Mistake::at((line, at), file, fault)
                    })),
                }
            }
            Err(error) => mistakes.push(Mistake::at_line(file, line, broken(&error))),
        }
    }
    (products, mistakes)
}

/// What is said where there are more products than are taken.
pub fn too_many() -> Fault {
    Fault::new(format!("more than {} products", limits::CATALOG_ITEMS))
        .hint("leave out what this store does not sell")
}

fn broken(error: &csv::Error) -> Fault {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let fault = Fault::new(format!("{len} fields where the header has {expected_len}"));
            fault.hint("put a field that has commas in it into double quotes")
        }
        _ => Fault::new("this line is not CSV"),
    }
}

fn check_header(header: &StringRecord) -> Vec<Fault> {
    if header.len() == 1 && header.iter().any(|field| field.contains([';', '\t'])) {
        let fault = Fault::new("the columns are not separated by commas");
        return vec![fault.hint("save it as CSV with commas")];
    }
    let mut faults: Vec<Fault> = header
        .iter()
        .filter(|field| !TEXTS.contains(&column(field)))
        .map(|field| {
            let fault = Fault::new(format!("unknown column {}", quote(field)));
            fault.hint(did_you_mean(field, TEXTS).unwrap_or_else(|| HINT.to_owned()))
        })
        .collect();
    for name in TEXTS {
        let times = header.iter().filter(|field| column(field) == name).count();
        if times > 1 {
            faults.push(Fault::new(format!("the column `{name}` is there twice")));
        }
    }
    if !header.iter().any(|field| column(field) == "id") {
        faults.push(Fault::new("there is no column `id`").hint(HINT));
    }
    faults
}

/// A column by the one name that it has here.
fn column(name: &str) -> &str {
    match name {
        "product_id" | "item_id" => "id",
        "department_id" => "department",
        other => other,
    }
}

fn raw(columns: &[&str], record: &StringRecord) -> Raw {
    let fields = columns.iter().zip(record).filter(|(_, text)| !text.is_empty());
    fields.map(|(column, text)| ((*column).to_owned(), text.to_owned())).collect()
}

/// In which column of a line of CSV its field number `place` begins, from 1.
fn column_of(line: &str, place: usize) -> usize {
    let (mut field, mut quoted) = (0, false);
    for (at, c) in line.chars().enumerate() {
        if field == place {
            return at + 1;
        }
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => field += 1,
            _ => {}
        }
    }
    line.chars().count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_where_it_begins() {
        let check = |line, place, expected| {
            assert_eq!(column_of(line, place), expected, "{line} {place}");
        };
        check("1,a,b", 0, 1);
        check("1,a,b", 1, 3);
        check("1,\"a, b\",c", 2, 10);
        check("1,a", 5, 4);
    }
}
