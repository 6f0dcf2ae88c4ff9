//! The stock as a table for people.

use tillgate_events::UtcMs;

use super::gather::{All, One, Row, State};
use crate::cli::paint::Paint;

/// Names that no product has, in the table; `--json` has more.
const UNMATCHED_SHOWN: usize = 10;
/// Characters of a name.
const NAME_CHARS: usize = 28;

/// All products, ending with a line end.
pub fn table(all: &All, colour: bool) -> String {
    let paint = Paint { colour };
    let count = |state: State| all.counts.get(&state).copied().unwrap_or(0);
    let mut out = format!(
        "store {}: {} products; {} below zero, {} out, {} low, {} never counted\n",
        all.store_id,
        all.products.len(),
        count(State::Negative),
        count(State::Out),
        count(State::Low),
        count(State::NeverCounted)
    );
    if all.damaged_rows > 0 {
        let text = format!("{} damaged rows: count these products", all.damaged_rows);
        out += &(paint.warn(&text) + "\n");
    }
    out += "\n";
    out += &rows(&all.products, paint);
    if !all.unmatched.is_empty() {
        out += "\nlines of receipts that no product has:\n";
    }
    for name in all.unmatched.iter().take(UNMATCHED_SHOWN) {
        out += &format!("{:>8}  {}\n", name.lines, name.description);
    }
    out
}

/// One product with its movements, ending with a line end.
pub fn product(one: &One, colour: bool) -> String {
    let paint = Paint { colour };
    let mut out = rows(std::slice::from_ref(&one.row), paint);
    if let (Some(counted), Some(at)) = (one.row.counted, one.row.counted_at) {
        out += &format!("\ncounted {counted} at {}, {:+} since\n", time(at), one.row.changed);
    }
    out += &format!("sold in 28 days: {}\n", one.sold_28_days);
    if one.row.ordered {
        out += "an order was told of, and it was not replenished since\n";
    }
    if !one.movements.is_empty() {
        out += "\nlast movements, the newest last (those before the count are in it):\n";
    }
    for it in &one.movements {
        let reason = serde_json::to_value(it.reason).ok();
        let reason = reason.as_ref().and_then(|it| it.as_str()).unwrap_or("?").to_owned();
        let before = if it.counts || one.row.counted.is_none() { "" } else { "  before the count" };
        out += &format!("{}  {:>+8}  {reason}{before}\n", time(it.at), it.quantity);
    }
    out
}

fn rows(products: &[Row], paint: Paint) -> String {
    let mut rows = vec![
        ["STATE", "PRODUCT", "SKU", "NAME", "ON HAND", "REORDER", "COUNTED"].map(str::to_owned),
    ];
    rows.extend(products.iter().map(cells));
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut out = String::new();
    let states = std::iter::once(None).chain(products.iter().map(|row| Some(row.state)));
    for (row, state) in rows.iter().zip(states) {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            if matches!(column, 1 | 4 | 5) {
                format!("{cell:>width$}")
            } else {
                format!("{cell:width$}")
            }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let line = line.trim_end();
        let line = match state {
            None => paint.put("1", line),
            Some(State::Negative | State::Out) => paint.put("31", line),
            Some(State::Low) => paint.warn(line),
            Some(State::NeverCounted | State::Unknown) => paint.put("2", line),
            Some(State::Ok) => line.to_owned(),
        };
        out += &format!("{line}\n");
    }
    out
}

fn cells(row: &Row) -> [String; 7] {
    let state = match row.state {
        State::Negative => "below zero",
        State::Out => "out",
        State::Low => "low",
        State::NeverCounted => "never counted",
        State::Ok => "ok",
        State::Unknown => "-",
    };
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let name = row.name.as_ref().map(|name| name.chars().take(NAME_CHARS).collect());
    [
        state.to_owned(),
        row.product_id.to_string(),
        or_dash(row.sku.clone()),
        or_dash(name),
        or_dash(row.on_hand.map(|it| it.to_string())),
        or_dash(row.reorder_point.map(|it| it.to_string())),
        or_dash(row.counted_at.map(time)),
    ]
}

/// To the minute, UTC.
fn time(at: UtcMs) -> String {
    at.to_string().chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}
