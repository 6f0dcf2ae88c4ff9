//! A capture of a device that is no printer: a machine's records, a payment terminal, a scanner, a scale.
//!
//! A file has no clock: each fact is a second after the one before, and a document's end makes it a minute. Silence
//! is at the end of the file only, so frames that nothing but silence separates are one.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tillgate_events::{Record, UtcMs};

use super::report::{Events, Summary};
use super::{Args, Input, Piece, Stop, View};
use crate::agent::{BuildError, machine::Trackers};
use crate::decode::device::{Device, DeviceFact};
use crate::decode::dialect::Dialect;
use crate::decode::document::PrinterCounters;
use crate::decode::{PosFact, Said};
use crate::limits;
use crate::time::{Mono, Now};
use crate::track::catalog::Catalog;
use crate::track::receipt::{ReceiptTracker, TillSettings};
use crate::track::speaker::Speaker;

/// Puts the capture through the device's decoder and trackers.
pub fn replay(
    args: &Args,
    dialect: &Arc<Dialect>,
    input: &mut Input,
    out: &mut dyn Write,
) -> Result<PrinterCounters, Stop> {
    let framing = |error| Stop::Dialect(BuildError::Framing(error));
    let device = Device::new(dialect).map_err(framing)?;
    let Some(mut device) = device else { return Ok(PrinterCounters::default()) };
    let mut replay = Replay::new(args, dialect);
    let mut facts = Vec::new();
    while let Some(piece) = input.piece().map_err(Stop::Input)? {
        match piece {
            Piece::Bytes(bytes) => device.push(&bytes, Mono(0), &mut facts),
            Piece::Said(_, said) => device.again(said, &mut facts),
            Piece::Fact(_, fact) => device.again(Said::Printed(fact), &mut facts),
            Piece::Info(..) => {}
        }
        facts.drain(..).try_for_each(|fact| replay.fact(fact, out)).map_err(Stop::Write)?;
    }
    device.finish(&mut facts);
    facts.drain(..).try_for_each(|fact| replay.fact(fact, out)).map_err(Stop::Write)?;
    drop(replay.finish(out).map_err(Stop::Write)?);
    Ok(PrinterCounters { abandoned: device.bad(), ..PrinterCounters::default() })
}

/// Puts records of the journal through the device's field maps and trackers.
pub fn said(
    args: &Args,
    dialect: &Arc<Dialect>,
    said: impl Iterator<Item = (Now, Said)>,
    view: Option<View>,
    out: &mut dyn Write,
) -> Result<View, Stop> {
    let framing = |error| Stop::Dialect(BuildError::Framing(error));
    let mut device = Device::new(dialect).map_err(framing)?;
    let mut replay = Replay::new(args, dialect);
    if let Some(view @ View::Events(_)) = view {
        replay.view = view;
    }
    let mut facts = Vec::new();
    for (now, said) in said {
        if let Some(device) = &mut device {
            device.resume(said, now.mono, &mut facts);
        }
        for fact in facts.drain(..) {
            replay.now = now;
            replay.fact(fact, out).map_err(Stop::Write)?;
        }
    }
    if let Some(device) = &mut device {
        device.finish(&mut facts);
    }
    facts.drain(..).try_for_each(|fact| replay.fact(fact, out)).map_err(Stop::Write)?;
    replay.finish(out).map_err(Stop::Write)
}

struct Replay {
    trackers: Trackers,
    view: View,
    now: Now,
}

impl Replay {
    fn new(args: &Args, dialect: &Dialect) -> Self {
        let wall = UtcMs(args.start.as_millisecond());
        // A record has no rule to explain: it is shown as it was read.
        let view = match (args.lines || args.explain, args.json) {
            (true, _) => View::Lines,
            (_, true) => View::Events(Events::new(&args.gateway, args.store_id, wall)),
            _ => View::Summary(Summary::default()),
        };
        let receipts = ReceiptTracker::new(TillSettings {
            source: args.terminal.clone(),
            terminal: args.terminal.clone(),
            currency: dialect.currency.unwrap_or(args.currency),
            store_id: args.store_id,
            zone: TimeZone::UTC,
            business_day_starts: Duration::ZERO,
            checks: dialect.checks,
            key: dialect.key,
            no_sale_after: dialect.no_sale_after,
            catalog: Arc::new(Catalog::default()),
        });
        let speaker = Speaker { source: args.terminal.clone(), terminal: args.terminal.clone() };
        let trackers = Trackers::new(receipts, speaker);
        Self { trackers, view, now: Now { mono: Mono(0), wall } }
    }

    fn fact(&mut self, fact: DeviceFact, out: &mut dyn Write) -> io::Result<()> {
        if let View::Lines = &self.view {
            return line(&fact, out);
        }
        let ends = matches!(fact, DeviceFact::Pos(PosFact::End(_)));
        let mut records = Vec::new();
        self.trackers.step(self.now, fact, &mut records);
        self.now = self.now.plus(Duration::from_secs(if ends { 60 } else { 1 }));
        self.show(&records, out)
    }

    /// Whatever waits has waited long enough.
    fn finish(mut self, out: &mut dyn Write) -> io::Result<View> {
        let mut records = Vec::new();
        self.trackers.tick(self.now.plus(limits::RECEIPT_IDLE), &mut records);
        self.show(&records, out)?;
        if let View::Summary(summary) = &self.view {
            summary.finish(self.trackers.receipts(), out)?;
        }
        Ok(self.view)
    }

    fn show(&mut self, records: &[Record], out: &mut dyn Write) -> io::Result<()> {
        match &mut self.view {
            View::Lines | View::Explain(_) | View::Records(_) => Ok(()),
            View::Events(events) => records.iter().try_for_each(|r| events.print(r, out)),
            View::Summary(summary) => records.iter().try_for_each(|r| summary.print(r, out)),
        }
    }
}

/// What was read, as text. Facts are redacted.
fn line(fact: &DeviceFact, out: &mut dyn Write) -> io::Result<()> {
    match fact {
        DeviceFact::Pos(PosFact::Unmatched(text)) => writeln!(out, "{text}"),
        DeviceFact::Pos(fact) => match fact.short() {
            Some(short) => writeln!(out, "{short}"),
            None => writeln!(out, "{fact:?}"),
        },
        DeviceFact::Payment(fact) => writeln!(out, "{fact:?}"),
        DeviceFact::Scan(fact) => writeln!(out, "{fact:?}"),
        DeviceFact::Scale(fact) => writeln!(out, "{fact:?}"),
    }
}
