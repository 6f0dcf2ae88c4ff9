//! What `tillgate replay` prints: events of the contract, or a table for people.

use std::io::{self, Write};

use tillgate_events::{
    Body, BootId, Class, ClockQuality, Header, PaymentStatus, Receipt, Record, UtcMs, expand,
};

use crate::decode::device::Device;
use crate::decode::document::PrinterCounters;
use crate::track::receipt;

/// Prints records as events, numbered as a fresh gateway would.
pub struct Events {
    header: Header,
    /// The last sequence number of each class.
    sequences: Vec<(Class, u64)>,
}

impl Events {
    pub fn new(gateway_id: &str, store_id: u64, wall: UtcMs) -> Self {
        let header = Header {
            gateway_id: gateway_id.to_owned(),
            store_id,
            class: Class::Pos,
            epoch: 1,
            first_sequence: 1,
            wall,
            boot_id: BootId::default(),
            mono_us: 0,
            clock: ClockQuality::Synced,
        };
        Self { header, sequences: Vec::new() }
    }

    pub fn print(&mut self, record: &Record, out: &mut dyn Write) -> io::Result<()> {
        self.header.class = record.class();
        self.header.first_sequence = self.next(record.class());
        for envelope in expand(&self.header, 0, record) {
            writeln!(out, "{}", envelope.to_json_line())?;
        }
        Ok(())
    }

    fn next(&mut self, class: Class) -> u64 {
        match self.sequences.iter_mut().find(|(known, _)| *known == class) {
            Some((_, last)) => {
                *last += 1;
                *last
            }
            None => {
                self.sequences.push((class, 1));
                1
            }
        }
    }
}

/// Prints a row a record, and what it all came to.
#[derive(Default)]
pub struct Summary {
    titled: bool,
}

impl Summary {
    pub fn print(&mut self, record: &Record, out: &mut dyn Write) -> io::Result<()> {
        if !std::mem::replace(&mut self.titled, true) {
            row(out, ["RECEIPT", "TYPE", "LINES", "DISCOUNT", "TAX", "TOTAL", "PAID", "CHECKS"])?;
        }
        match &record.body {
            Body::Receipt(receipt) => self.receipt(receipt, out),
            Body::ReceiptVoided(voided) => writeln!(out, "{}  voided", voided.receipt_id),
            Body::NoSale(_) => writeln!(out, "drawer opened without a sale"),
            Body::Unknown(unknown) => {
                let first = unknown.text.lines().next().unwrap_or("");
                writeln!(out, "{}: {first}", unknown.kind)
            }
            _ => Ok(()),
        }
    }

    fn receipt(&self, receipt: &Receipt, out: &mut dyn Write) -> io::Result<()> {
        let money = |minor: i64| money(minor, receipt.currency.minor_digits());
        let approved = receipt.payments.iter().filter(|p| p.status == PaymentStatus::Approved);
        let paid = approved.fold(0i64, |sum, p| sum.saturating_add(p.amount - p.change));
        let checks = match (receipt.complete, receipt.checks_passed) {
            (false, _) => "incomplete",
            (true, false) => "failed",
            (true, true) => "passed",
        };
        let kind = format!("{:?}", receipt.receipt_type).to_uppercase();
        let kind = if receipt.training { "TRAINING".to_owned() } else { kind };
        let lines = receipt.lines.len().to_string();
        let sums = [receipt.discount, receipt.tax, receipt.total, paid].map(money);
        let [discount, tax, total, paid] = sums.each_ref().map(String::as_str);
        row(out, [&receipt.receipt_id, &kind, &lines, discount, tax, total, paid, checks])
    }

    /// The last line: what the capture held.
    pub fn finish(
        &self,
        counters: receipt::ReceiptCounters,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let receipt::ReceiptCounters {
            receipts,
            failed_checks,
            reprints,
            voided,
            no_sales,
            unparsed,
            unmatched_lines,
            ..
        } = counters;
        writeln!(
            out,
            "{receipts} receipts ({failed_checks} with failed checks), {reprints} reprints, \
             {voided} voided, {no_sales} without a sale, {unparsed} other documents, \
             {unmatched_lines} lines that no rule took"
        )
    }
}

fn row(out: &mut dyn Write, cells: [&str; 8]) -> io::Result<()> {
    let [id, kind, lines, discount, tax, total, paid, checks] = cells;
    writeln!(
        out,
        "{id:<36}  {kind:<8}  {lines:>5}  {discount:>9}  {tax:>9}  {total:>10}  {paid:>10}  {checks}"
    )
}

/// Minor units with the currency's decimals.
pub(in crate::cli) fn money(minor: i64, digits: u32) -> String {
    let scale = 10u64.saturating_pow(digits);
    let (whole, part) = (minor.unsigned_abs() / scale, minor.unsigned_abs() % scale);
    let sign = if minor < 0 { "-" } else { "" };
    match digits {
        0 => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{part:0width$}", width = digits as usize),
    }
}

/// Why the exit code is 65, of a device that is no printer.
pub fn damaged(device: &Device) -> Option<String> {
    if device.bad() == 0 {
        return None;
    }
    let Some(frames) = device.frames() else {
        return Some(format!("{} pieces of what came could not be used", device.bad()));
    };
    let reasons = [
        (frames.bad_checks, "with a wrong check"),
        (frames.abandoned, "cut off"),
        (frames.restarted, "in which another one began"),
        (frames.overflow, "too long"),
        (frames.malformed, "against their format"),
        (frames.broken, "broken off"),
        (device.bad().saturating_sub(frames.bad()), "whole, but not understood"),
    ];
    let counted = reasons.into_iter().filter(|(count, _)| 0 < *count);
    let told: Vec<String> = counted.map(|(count, what)| format!("{count} {what}")).collect();
    let mut text = format!("frames that could not be used: {}", told.join(", "));
    if frames.frames == 0 && 0 < frames.bad_checks {
        text += "; no check held at all, so the dialect's `check` or its marks are wrong: `tillgate learn FILE` finds \
                 out which check holds";
    }
    Some(text)
}

/// Why the exit code is 65.
pub fn not_understood(counters: &PrinterCounters) -> String {
    let mut text = format!(
        "{} unknown commands, {} payloads cut off, {} documents too long",
        counters.unknown, counters.abandoned, counters.overflow
    );
    if let Some(last) = counters.last_unknown {
        text += &format!(
            "; the last unknown one is {:02X} {:02X} at byte {}",
            last.lead, last.opcode, last.offset
        );
    }
    text
}
