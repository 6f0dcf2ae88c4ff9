//! Receipts and slips of the day on paper: rows first, then the printer's own language.

use super::bill::{Bill, BillLine, Kind, Paid};
use super::goods::Offer;
use crate::store::{Row, Style, Tax, ascii, decimal, document};

/// What ends a document of a journal printer: a form feed.
const FORM_FEED: u8 = 0x0c;

/// Something said of the whole document, between heading and articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// An ordinary receipt.
    None,
    /// A copy of one that was printed before.
    Duplicate,
    /// Ends before it was paid.
    Cancelled,
}

/// The bytes of a receipt.
pub fn receipt(bill: &Bill, mark: Mark) -> Vec<u8> {
    let mut rows = vec![Row::Logo, Row::Title("CORNER SHOP".into())];
    rows.push(Row::Centre("Hauptstraße 7, 10115 Berlin".into()));
    rows.push(Row::Blank);
    let said = match (bill.kind, mark) {
        (_, Mark::Duplicate) => Some("*** DUPLICATE ***"),
        (Kind::Training, _) => Some("*** TRAINING MODE ***"),
        (Kind::Return, _) => Some("*** REFUND ***"),
        _ => None,
    };
    rows.extend(said.map(|said| Row::Centre(said.into())));
    heading(bill, &mut rows);
    bill.lines.iter().for_each(|line| item(line, bill.style, &mut rows));
    rows.push(Row::Rule);
    if mark == Mark::Cancelled {
        rows.push(Row::Centre("TRANSACTION CANCELLED".into()));
        return bytes(bill.style, &rows, false);
    }
    sums(bill, &mut rows);
    bill.paid.iter().for_each(|paid| payment(paid, bill.kind, &mut rows));
    if bill.change() > 0 {
        rows.push(pair("CHANGE", bill.change()));
    }
    rows.push(Row::Blank);
    rows.push(Row::Barcode(format!("{:06}", bill.number)));
    rows.push(Row::Centre("Prices in €. Thank you!".into()));
    let kick = mark == Mark::None && bill.paid.iter().any(|it| matches!(it, Paid::Cash(_)));
    let printed = bytes(bill.style, &rows, kick);
    let displayed = bill.style == Style::Positioned && mark == Mark::None;
    if displayed { shown(bill).into_iter().chain(printed).collect() } else { printed }
}

/// What a display shows that hangs on the same line before the printer: each article as it is scanned, then the total.
/// `ESC = 2` selects the display, `ESC @` clears it, `ESC = 1` selects the printer.
fn shown(bill: &Bill) -> Vec<u8> {
    let articles = bill.lines.iter().map(|line| (line.product.name, line.gross()));
    let texts = articles.chain([("TOTAL", bill.total())]);
    let show = |(name, cents): (&str, i64)| {
        format!("\x1b=\x02\x1b@{:<14}{:>6}\x1b=\x01", ascii(name), decimal(cents)).into_bytes()
    };
    texts.flat_map(show).collect()
}

/// The slip of a drawer that is opened without a sale.
pub fn no_sale(style: Style, at: jiff::civil::DateTime) -> Vec<u8> {
    let when = at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    bytes(style, &[Row::Centre("*** NO SALE ***".into()), Row::Left(when)], true)
}

/// The slip that voids an earlier receipt of the till.
pub fn void(style: Style, number: u32, at: jiff::civil::DateTime) -> Vec<u8> {
    let when = at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let words = format!("POST-VOID OF RECEIPT {number:06}");
    bytes(style, &[Row::Centre(words), Row::Left(when)], false)
}

/// A slip of the back office: a heading, its number and moment, and lines.
pub fn slip(title: &str, number: &str, at: jiff::civil::DateTime, lines: &[String]) -> Vec<u8> {
    let when = at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let mut rows = vec![Row::Left(title.into())];
    if !number.is_empty() {
        rows.push(Row::Left(format!("Slip No: {number}")));
    }
    rows.push(Row::Left(when));
    rows.extend(lines.iter().map(|line| Row::Left(line.clone())));
    bytes(Style::Plain, &rows, false)
}

fn bytes(style: Style, rows: &[Row], kick: bool) -> Vec<u8> {
    let mut bytes = document(style, rows, kick);
    if style == Style::Plain {
        bytes.push(FORM_FEED);
    }
    bytes
}

fn heading(bill: &Bill, rows: &mut Vec<Row>) {
    rows.push(Row::Left(format!("Receipt No: {:06}", bill.number)));
    rows.push(Row::Left(bill.at.strftime("%Y-%m-%d %H:%M:%S").to_string()));
    rows.push(Row::Rule);
}

fn pair(left: impl Into<String>, cents: i64) -> Row {
    Row::Pair { left: left.into(), right: decimal(cents) }
}

fn item(line: &BillLine, style: Style, rows: &mut Vec<Row>) {
    let price = decimal(line.product.price);
    let detail = match line.grams {
        None if line.pieces == 1 => String::new(),
        None => format!("{} x {price}", line.pieces),
        Some(grams) => format!("{}.{:03} kg x {price}/kg", grams / 1000, grams % 1000),
    };
    let name = line.product.name;
    let printed = match style {
        Style::Plain => format!("{} {}", line.product.sku, ascii(name)),
        _ => name.to_owned(),
    };
    rows.push(Row::Item { name: printed.clone(), detail, amount: decimal(line.gross()) });
    if let (Some(offer), 1..) = (line.offer, line.off()) {
        let words = match offer {
            Offer::Coded { code, .. } => format!("PROMO {code}"),
            Offer::Percent(percent) => format!("Discount {percent}%"),
            Offer::SecondFree => "BOGO FREE".to_owned(),
        };
        rows.push(pair(words, -line.off()));
    }
    if line.voided {
        rows.push(pair(format!("VOID {printed}"), -line.gross()));
    }
}

fn sums(bill: &Bill, rows: &mut Vec<Row>) {
    rows.push(pair("SUBTOTAL", bill.subtotal()));
    if let Some((code, off)) = bill.coupon {
        rows.push(pair(format!("COUPON {code}"), -off));
    }
    let total = Row::Total { left: "TOTAL".into(), right: decimal(bill.total()) };
    match bill.tax {
        Tax::Added { percent } => {
            rows.push(pair(format!("TAX {percent}%"), bill.tax_amount()));
            rows.push(total);
        }
        Tax::Included { percent } => {
            rows.push(total);
            rows.push(pair(format!("Incl. VAT {percent}%"), bill.tax_amount()));
        }
    }
}

fn payment(paid: &Paid, kind: Kind, rows: &mut Vec<Row>) {
    match paid {
        Paid::Cash(amount) if kind == Kind::Return => rows.push(pair("CASH REFUND", *amount)),
        Paid::Cash(amount) => rows.push(pair("CASH", *amount)),
        Paid::Card(words, _, last4, amount) => {
            rows.push(pair(format!("{words} ************{last4:04}"), *amount));
        }
        Paid::Other(words, _, amount) => rows.push(pair(*words, *amount)),
        Paid::Declined => rows.push(Row::Left("VISA DECLINED INSUFFICIENT FUNDS".into())),
    }
}
