//! Writes the bytes of one simulated till to standard output, for `tillgate replay` and for measuring.
//!
//! `cargo run -p tillgate-sim --example receipts -- columns|positioned|plain COUNT SEED > till.bin`; the truth
//! goes to standard error, one line a receipt: number, total, tax, discounts, articles, cash, card.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::{Context, bail};
use tillgate_sim::store::{Device, ReceiptTruth, Said, Style, Till};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().context("usage: columns|positioned|plain COUNT SEED");
    let style = match next()?.as_str() {
        "columns" => Style::Columns,
        "positioned" => Style::Positioned,
        "plain" => Style::Plain,
        other => bail!("{other} is no style"),
    };
    let (count, seed): (u32, u64) = (next()?.parse()?, next()?.parse()?);
    let opened = jiff::civil::date(2026, 11, 21).at(9, 0, 0, 0);
    let mut till = Till::new("till-1", style, opened, seed);
    let (mut out, mut truth) = (io::stdout().lock(), io::stderr().lock());
    for minute in 0..count {
        let utterance = till.next(Duration::from_secs(60 * u64::from(minute)));
        out.write_all(&utterance.bytes)?;
        if let Said::Receipt(receipt) = utterance.said {
            let ReceiptTruth { number, total, tax, discount, items, cash, card, .. } = receipt;
            writeln!(truth, "{number:06} {total} {tax} {discount} {items} {cash} {card}")?;
        }
    }
    Ok(())
}
