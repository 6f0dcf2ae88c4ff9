//! A sale as rows of paper, before any printer language.

use jiff::civil::DateTime;

use super::decimal;
use super::sale::{Measure, Sale, SaleLine, Tax, Tender};

/// Characters in a row of normal width.
pub const WIDTH: usize = 42;
/// Characters of the first column of an item.
pub const NAME_WIDTH: usize = 14;

/// One row of paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A picture, where the till can print one.
    Logo,
    /// Centred and enlarged.
    Title(String),
    Centre(String),
    Left(String),
    /// Three columns.
    Item {
        name: String,
        detail: String,
        amount: String,
    },
    /// Two columns.
    Pair {
        left: String,
        right: String,
    },
    /// Two columns, emphasised.
    Total {
        left: String,
        right: String,
    },
    Rule,
    Blank,
    /// Code 128 with the receipt's number.
    Barcode(String),
    /// QR code.
    Qr(String),
}

/// Who printed it, which one, and when.
#[derive(Clone, Debug)]
pub struct Heading {
    pub terminal: String,
    pub number: u32,
    pub at: DateTime,
}

/// All rows of a receipt.
pub fn rows(heading: &Heading, sale: &Sale) -> Vec<Row> {
    let mut rows = vec![Row::Logo, Row::Title("CORNER SHOP".into())];
    rows.push(Row::Centre("Hauptstraße 7, 10115 Berlin".into()));
    rows.push(Row::Blank);
    rows.push(Row::Left(format!("Receipt No: {:06}", heading.number)));
    rows.push(Row::Left(heading.at.strftime("%Y-%m-%d %H:%M").to_string()));
    rows.push(Row::Rule);
    sale.lines.iter().for_each(|line| item(line, &mut rows));
    rows.push(Row::Rule);
    sums(sale, &mut rows);
    sale.tenders.iter().for_each(|tender| paid(tender, &mut rows));
    if sale.change() > 0 {
        rows.push(pair("CHANGE", sale.change()));
    }
    rows.push(Row::Blank);
    rows.push(Row::Barcode(format!("{:06}", heading.number)));
    rows.push(Row::Qr(format!("receipt:{}:{:06}", heading.terminal, heading.number)));
    rows.push(Row::Centre("Prices in €. Thank you!".into()));
    rows
}

fn pair(left: impl Into<String>, cents: i64) -> Row {
    Row::Pair { left: left.into(), right: decimal(cents) }
}

fn item(line: &SaleLine, rows: &mut Vec<Row>) {
    let price = decimal(line.article.price);
    let detail = match line.measure {
        Measure::Pieces(1) => String::new(),
        Measure::Pieces(count) => format!("{count} x {price}"),
        Measure::Grams(grams) => format!("{}.{:03} kg x {price}/kg", grams / 1000, grams % 1000),
    };
    let (name, gross) = (line.article.name, line.gross());
    rows.push(Row::Item { name: name.into(), detail, amount: decimal(gross) });
    if let Some(discount) = line.discount {
        rows.push(pair(format!("Discount {}%", discount.percent), -discount.amount));
    }
    if line.voided {
        rows.push(pair(format!("VOID {name}"), -gross));
    }
}

fn sums(sale: &Sale, rows: &mut Vec<Row>) {
    rows.push(pair("SUBTOTAL", sale.subtotal()));
    if let Some(discount) = sale.discount {
        rows.push(pair(format!("Discount {}%", discount.percent), -discount.amount));
    }
    let total = Row::Total { left: "TOTAL".into(), right: decimal(sale.total()) };
    match sale.tax {
        Tax::Added { percent } => {
            rows.push(pair(format!("TAX {percent}%"), sale.tax_amount()));
            rows.push(total);
        }
        Tax::Included { percent } => {
            rows.push(total);
            rows.push(pair(format!("Incl. VAT {percent}%"), sale.tax_amount()));
        }
    }
}

fn paid(tender: &Tender, rows: &mut Vec<Row>) {
    match tender {
        Tender::Cash { amount } => rows.push(pair("CASH", *amount)),
        Tender::Card { amount, brand, number, careless } => {
            let (hidden, last) = number.split_at(number.len().saturating_sub(4));
            rows.push(pair(format!("{brand} {}{last}", "*".repeat(hidden.len())), *amount));
            if *careless {
                rows.push(Row::Left(format!("Card: {}", grouped(number))));
            }
        }
    }
}

/// In groups of four, as on the card.
fn grouped(number: &str) -> String {
    let mut out = String::new();
    for (n, digit) in number.chars().enumerate() {
        if n > 0 && n % 4 == 0 {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}
