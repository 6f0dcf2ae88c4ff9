//! `tillgate replay --explain`: which rule took each line, which lines nobody took, and which checks failed by how
//! much.
//!
//! Whether nobody took a line shows only later: it may be the name of the article on the next line. So the lines of a
//! document are held back until its end.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::{Value, json};
use tillgate_events::{Body, Currency, PaymentStatus, Receipt, Record};

use super::report::money;
use crate::decode::dialect::{Checks, Fate, Last, Origin, digits};
use crate::decode::{DocumentFact, PosFact};
use crate::track::receipt::ReceiptCounters;

/// Characters that a line may take before what is said of it.
const WIDTH: usize = 48;

/// Explains documents as they are read.
pub struct Explain {
    /// As it was named.
    dialect: String,
    checks: Checks,
    digits: u32,
    json: bool,
    colour: bool,
    document: Vec<Row>,
    /// So many lines have amounts with the other decimal sign.
    other_decimal: Option<(char, u32)>,
    /// From 1.
    number: u64,
    /// Of the present document, as its rules said, and of the one that ended.
    sums: Sums,
    ended: Sums,
    /// Sums for the last line.
    taken: u64,
    ignored: u64,
    nobody: u64,
}

/// A line and what became of it.
struct Row {
    text: String,
    last: Last,
    /// The text that was passed on because no rule took it.
    unmatched: bool,
}

/// What enters the checks beside what a receipt tells.
#[derive(Clone, Copy, Default)]
struct Sums {
    added_tax: i64,
    rounding: i64,
}

/// A check that failed.
struct Failed {
    check: &'static str,
    found: i64,
    expected: i64,
}

impl Explain {
    /// Explains what the dialect that was named `dialect` makes of a capture: as JSON, or perhaps with colours.
    #[must_use]
    pub fn new(
        dialect: &str,
        checks: Checks,
        currency: Currency,
        (json, colour): (bool, bool),
    ) -> Self {
        Self {
            dialect: dialect.to_owned(),
            checks,
            digits: currency.minor_digits(),
            json,
            colour,
            document: Vec::new(),
            other_decimal: None,
            number: 1,
            sums: Sums::default(),
            ended: Sums::default(),
            taken: 0,
            ignored: 0,
            nobody: 0,
        }
    }

    /// A printed fact, and what the grammar made of it.
    pub fn step(
        &mut self,
        fact: &DocumentFact,
        last: &Last,
        read: &[PosFact],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let text = match fact {
            DocumentFact::Line(line) => Some(line.text.clone()),
            DocumentFact::Barcode { symbology, data } => Some(format!("[{symbology} {data}]")),
            DocumentFact::DrawerKick => Some("[drawer kick]".to_owned()),
            DocumentFact::Graphic { width, height } => Some(format!("[graphic {width}x{height}]")),
            DocumentFact::End(_) => None,
        };
        let mut ends = 0;
        for fact in read {
            match fact {
                PosFact::Unmatched(text) => self.nobody(text),
                PosFact::OtherDecimal { sign, lines } => self.other_decimal = Some((*sign, *lines)),
                PosFact::Tax { amount, included: false, .. } => self.sums.added_tax += amount,
                PosFact::Rounding(amount) => self.sums.rounding += amount,
                PosFact::End(_) => {
                    ends += 1;
                    self.ended = std::mem::take(&mut self.sums);
                }
                _ => {}
            }
        }
        // A start mark ends the document before it; an end mark, the one that it is in.
        let closes = 0 < ends && !matches!(fact, DocumentFact::End(_)) && self.first_is_new(last);
        if closes {
            self.print(out)?;
        }
        if let Some(text) = text {
            let unmatched = read
                .iter()
                .any(|fact| matches!(fact, PosFact::Unmatched(own) if digits::is_plain_of(own, text.trim())));
            self.document.push(Row { text, last: last.clone(), unmatched });
        }
        if usize::from(closes) < ends { self.print(out) } else { Ok(()) }
    }

    /// What a device said that no rule has to read.
    pub fn said(&mut self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        if self.json {
            return writeln!(out, "{}", json!({"said": text}));
        }
        writeln!(out, "{text}")
    }

    /// A record that came of the document before.
    pub fn record(&mut self, record: &Record, out: &mut dyn Write) -> io::Result<()> {
        match &record.body {
            Body::Receipt(receipt) => self.receipt(receipt, out)?,
            body if self.json => {
                let (kind, text) = told(body);
                writeln!(
                    out,
                    "{}",
                    json!({"document": self.number.saturating_sub(1), "record": kind, "text": text})
                )?;
            }
            body => {
                let (kind, text) = told(body);
                let first = text.lines().next().unwrap_or_default();
                writeln!(out, "{}", format!("  = {kind} {first}").trim_end())?;
            }
        }
        Ok(())
    }

    /// What it all came to.
    pub fn finish(&mut self, counters: ReceiptCounters, out: &mut dyn Write) -> io::Result<()> {
        let Self { taken, ignored, nobody, .. } = *self;
        if self.json || (taken + ignored + nobody == 0 && counters.receipts == 0) {
            return Ok(());
        }
        writeln!(
            out,
            "\n{taken} lines by rules, {ignored} ignored, {nobody} by nobody; {} receipts, {} with failed checks",
            counters.receipts, counters.failed_checks
        )
    }

    fn first_is_new(&self, last: &Last) -> bool {
        last.fate == Fate::Read && !self.document.is_empty() && last.started
    }

    /// The line that says this was taken by no rule.
    fn nobody(&mut self, text: &str) {
        let mut rows = self.document.iter_mut();
        let row = rows.find(|row| !row.unmatched && digits::is_plain_of(text, row.text.trim()));
        if let Some(row) = row {
            row.unmatched = true;
        }
    }

    fn print(&mut self, out: &mut dyn Write) -> io::Result<()> {
        for row in std::mem::take(&mut self.document) {
            match row.last.fate {
                _ if row.unmatched => self.nobody += 1,
                Fate::Ignored => self.ignored += 1,
                Fate::Read => self.taken += 1,
                Fate::Blank => {}
            }
            if self.json {
                writeln!(out, "{}", self.row_json(&row))?;
            } else {
                self.row_text(&row, out)?;
            }
        }
        self.number += 1;
        let Some((sign, lines)) = self.other_decimal.take() else { return Ok(()) };
        let hint = format!(
            "{lines} lines end in amounts with `{sign}`: try --decimal {sign}, which is `decimal` of `[locale]`"
        );
        if self.json {
            return writeln!(out, "{}", json!({"document": self.number - 1, "hint": hint}));
        }
        writeln!(out, "  ! {hint}")
    }

    fn row_text(&self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let (paint, said) = match row.last.fate {
            _ if row.unmatched => ("\x1b[1;31m", "! nobody".to_owned()),
            Fate::Blank if row.text.trim().is_empty() => return writeln!(out),
            Fate::Blank => ("\x1b[2m", String::new()),
            Fate::Ignored => ("\x1b[2m", "ignored".to_owned()),
            Fate::Read if row.last.rules.is_empty() => {
                ("\x1b[36m", "name of the next article".to_owned())
            }
            Fate::Read => ("\x1b[32m", self.rules(&row.last)),
        };
        let (paint, reset) = if self.colour { (paint, "\x1b[0m") } else { ("", "") };
        let text = &row.text;
        writeln!(out, "{}", format!("{text:WIDTH$}  {paint}{said}{reset}").trim_end())
    }

    /// `item corner-shop:12, more at …`
    fn rules(&self, last: &Last) -> String {
        let one = |(origin, event): &(Origin, &str)| match origin {
            Origin::Flag(name) => format!("{event} (flag {name})"),
            Origin::Line { base, line } => {
                format!("{event} {}:{line}", base.unwrap_or(&self.dialect))
            }
        };
        let rules = last.rules.iter().map(one).collect::<Vec<_>>().join(", ");
        last.note.map_or(rules.clone(), |note| format!("{rules} ({note})"))
    }

    fn row_json(&self, row: &Row) -> Value {
        let rule = |(origin, event): &(Origin, &str)| match origin {
            Origin::Flag(name) => json!({"event": event, "flag": name}),
            Origin::Line { base, line } => {
                json!({"event": event, "dialect": base.unwrap_or(&self.dialect), "line": line})
            }
        };
        let fate = match row.last.fate {
            _ if row.unmatched => "nobody",
            Fate::Blank => "none",
            Fate::Ignored => "ignored",
            Fate::Read if row.last.rules.is_empty() => "name",
            Fate::Read => "rule",
        };
        let rules: Vec<Value> = row.last.rules.iter().map(rule).collect();
        let mut said =
            json!({"document": self.number, "line": row.text, "fate": fate, "rules": rules});
        if let (Some(note), Some(said)) = (row.last.note, said.as_object_mut()) {
            said.insert("note".to_owned(), note.into());
        }
        said
    }

    fn receipt(&mut self, receipt: &Receipt, out: &mut dyn Write) -> io::Result<()> {
        let failed = self.failed(receipt);
        let (number, id) = (self.number.saturating_sub(1), &receipt.receipt_id);
        if self.json {
            let one = |it: &Failed| {
                json!({"check": it.check, "found": it.found, "expected": it.expected,
                       "off": it.found - it.expected})
            };
            let failed: Vec<Value> = failed.iter().map(one).collect();
            let said = json!({"document": number, "receipt": id, "complete": receipt.complete,
                "checks_passed": receipt.checks_passed, "failed": failed});
            return writeln!(out, "{said}");
        }
        let money = |minor: i64| money(minor, self.digits);
        let lines = receipt.lines.len();
        let (red, green, reset) =
            if self.colour { ("\x1b[1;31m", "\x1b[32m", "\x1b[0m") } else { ("", "", "") };
        let total = money(receipt.total);
        write!(out, "  = receipt {id}, {lines} lines, total {total}: ")?;
        if receipt.checks_passed {
            writeln!(out, "{green}checks passed{reset}")?;
        } else {
            writeln!(out, "{red}checks failed{reset}")?;
        }
        for Failed { check, found, expected } in failed {
            if found == expected {
                writeln!(out, "    {red}{check}{reset}: no article was read")?;
                continue;
            }
            let (off, found, expected) = (money(found - expected), money(found), money(expected));
            writeln!(out, "    {red}{check}{reset}: {found} instead of {expected}, off by {off}")?;
        }
        if !receipt.complete {
            writeln!(out, "    incomplete: it has no end")?;
        }
        Ok(())
    }

    /// The checks that failed, told in the reading of the paper that comes nearest.
    fn failed(&self, receipt: &Receipt) -> Vec<Failed> {
        let mut failed = Vec::new();
        let total = receipt.total;
        let net = receipt.subtotal;
        let sums = [net, net + self.ended.added_tax]
            .into_iter()
            .flat_map(|s| [s, s + self.ended.rounding]);
        let near = |found: &i64| (found - total).abs();
        let found = sums.min_by_key(near).unwrap_or(net);
        if self.checks.lines_sum_equals_total && (found != total || receipt.lines.is_empty()) {
            failed.push(Failed { check: "lines_sum_equals_total", found, expected: total });
        }
        let approved = receipt.payments.iter().filter(|p| p.status == PaymentStatus::Approved);
        let paid: i64 = approved.map(|p| p.amount - p.change).sum();
        if self.checks.tenders_minus_change_equals_total
            && paid != total
            && paid != total + self.ended.rounding
        {
            let check = "tenders_minus_change_equals_total";
            failed.push(Failed { check, found: paid, expected: total });
        }
        if receipt.checks_passed { Vec::new() } else { failed }
    }
}

/// What other records are called, and what they say.
fn told(body: &Body) -> (&str, Cow<'_, str>) {
    match body {
        Body::ReceiptVoided(voided) => ("voided", voided.receipt_id.as_str().into()),
        Body::NoSale(_) => ("drawer opened without a sale", "".into()),
        Body::Unknown(unknown) => (&unknown.kind, unknown.text.as_str().into()),
        Body::BarcodeScanned(scanned) => {
            let said = scanned.gtin.as_ref().unwrap_or(&scanned.data);
            ("barcode_scanned", said.as_str().into())
        }
        Body::WeightMeasured(weight) => ("weight_measured", format!("{} g", weight.grams).into()),
        Body::InventoryUpdated(_) => ("inventory_updated", "".into()),
        Body::InventoryCounted(_) => ("inventory_counted", "".into()),
        Body::ShrinkDetected(_) => ("shrink_detected", "".into()),
        Body::OnlineOrderPicked(_) => ("online_order_picked", "".into()),
        Body::OnlineOrderShipped(_) => ("online_order_shipped", "".into()),
        _ => ("record", "".into()),
    }
}
