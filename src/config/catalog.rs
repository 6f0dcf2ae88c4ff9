//! A product catalogue: a CSV file with the columns `id`, `sku` and `name` in any order, named by its first line.

use csv::{ReaderBuilder, StringRecord};

use super::model::Product;
use crate::spanned::{Fault, Mistake, did_you_mean, quote};

const COLUMNS: [&str; 3] = ["id", "sku", "name"];

/// Products with the lines they stand on, and every mistake.
pub fn parse(file: &str, text: &str) -> (Vec<(usize, Product)>, Vec<Mistake>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let mut mistakes: Vec<Mistake> =
        check_header(&header).into_iter().map(|fault| Mistake::of_file(file, fault)).collect();
    if !mistakes.is_empty() {
        return (Vec::new(), mistakes);
    }
    let mut products = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(1, csv::Position::line);
                let line = usize::try_from(line).unwrap_or(usize::MAX);
                match product(&header, &record) {
                    Ok(product) => products.push((line, product)),
                    Err(fault) => mistakes.push(Mistake::at_line(file, line, fault)),
                }
            }
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                let line = usize::try_from(line).unwrap_or(usize::MAX);
                mistakes.push(Mistake::at_line(file, line, broken(&error)));
            }
        }
    }
    (products, mistakes)
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
        .filter(|field| !COLUMNS.contains(field))
        .map(|field| {
            let fault = Fault::new(format!("unknown column {}", quote(field)));
            let near = did_you_mean(field, COLUMNS);
            fault.hint(near.unwrap_or_else(|| "the first line is: id,sku,name".to_owned()))
        })
        .collect();
    for column in COLUMNS {
        let times = header.iter().filter(|field| *field == column).count();
        if times > 1 {
            faults.push(Fault::new(format!("the column `{column}` is there twice")));
        }
    }
    if !header.iter().any(|field| field == "id") {
        let fault = Fault::new("there is no column `id`");
        faults.push(fault.hint("the first line is: id,sku,name"));
    }
    faults
}

fn product(header: &StringRecord, record: &StringRecord) -> Result<Product, Fault> {
    let field = |column: &str| {
        let index = header.iter().position(|name| name == column)?;
        record.get(index).filter(|text| !text.is_empty())
    };
    let written = field("id").unwrap_or_default();
    let id = written.parse().ok().filter(|id| (1..=i64::MAX.unsigned_abs()).contains(id));
    let id = id.ok_or_else(|| {
        Fault::new(format!("`id`: {} is not a whole number above 0", quote(written)))
    })?;
    let (sku, name) = (field("sku").map(str::to_owned), field("name").map(str::to_owned));
    if sku.is_none() && name.is_none() {
        let fault = Fault::new("a product without `sku` and `name` is never recognised");
        return Err(fault.hint("add what the receipt prints for it"));
    }
    Ok(Product { id, sku, name })
}
