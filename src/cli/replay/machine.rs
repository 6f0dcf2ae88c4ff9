//! A capture of a device that is no printer: a machine's records, a payment terminal, a scanner, a scale.
//!
//! A file has no clock: each fact is a second after the one before, and a document's end makes it a minute. Silence
//! is at the end of the file only, so frames that nothing but silence separates are one.
//!
//! Where each record is shown, it is taken from the steps of the machine's grammar, which tell its rule too; what other
//! devices say has no rule and is shown in words.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tillgate_events::{Record, UtcMs};

use super::{Args, Input, Piece, Stop, View, report, said};
use crate::agent::{BuildError, machine::Trackers};
use crate::decode::device::{Device, DeviceFact};
use crate::decode::dialect::Dialect;
use crate::decode::record::Step;
use crate::decode::{DocumentFact, PosFact, Said};
use crate::limits;
use crate::time::{Mono, Now};
use crate::track::catalog::Catalog;
use crate::track::receipt::{ReceiptTracker, TillSettings};
use crate::track::speaker::Speaker;

/// Puts the capture through the device's decoder and trackers; tells what of it could not be used.
pub fn replay(
    args: &Args,
    dialect: &Arc<Dialect>,
    input: &mut Input,
    out: &mut dyn Write,
) -> Result<Option<String>, Stop> {
    let framing = |error| Stop::Dialect(BuildError::Framing(error));
    let device = Device::new(dialect).map_err(framing)?;
    let Some(mut device) = device else { return Ok(None) };
    let mut replay = Replay::new(args, dialect);
    replay.watch(&mut device);
    let mut facts = Vec::new();
    while let Some(piece) = input.piece().map_err(Stop::Input)? {
        match piece {
            Piece::Bytes(bytes) => device.push(&bytes, Mono(0), &mut facts),
            Piece::Said(_, said) => device.again(said, &mut facts),
            Piece::Fact(_, fact) => device.again(Said::Printed(fact), &mut facts),
            Piece::Info(..) => {}
        }
        replay.take(&mut device, &mut facts, out).map_err(Stop::Write)?;
    }
    device.finish(&mut facts);
    replay.take(&mut device, &mut facts, out).map_err(Stop::Write)?;
    drop(replay.finish(out).map_err(Stop::Write)?);
    Ok(report::damaged(&device))
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
    let Some(device) = &mut device else { return replay.finish(out).map_err(Stop::Write) };
    replay.watch(device);
    let mut facts = Vec::new();
    for (now, said) in said {
        device.resume(said, now.mono, &mut facts);
        replay.at = Some(now);
        replay.take(device, &mut facts, out).map_err(Stop::Write)?;
    }
    replay.at = None;
    device.finish(&mut facts);
    replay.take(device, &mut facts, out).map_err(Stop::Write)?;
    replay.finish(out).map_err(Stop::Write)
}

struct Replay {
    trackers: Trackers,
    view: View,
    now: Now,
    /// The moment of what is replayed, where that is known.
    at: Option<Now>,
}

impl Replay {
    fn new(args: &Args, dialect: &Dialect) -> Self {
        let wall = UtcMs(args.start.as_millisecond());
        let currency = dialect.currency.unwrap_or(args.currency);
        let view = View::of(args, dialect, currency, wall);
        let receipts = ReceiptTracker::new(TillSettings {
            source: args.terminal.clone(),
            terminal: args.terminal.clone(),
            currency,
            store_id: args.store_id,
            zone: TimeZone::UTC,
            business_day_starts: Duration::ZERO,
            checks: dialect.checks,
            key: dialect.key,
            no_sale_after: dialect.no_sale_after,
            private: dialect.private,
            catalog: Arc::new(Catalog::default()),
        });
        let speaker = Speaker { source: args.terminal.clone(), terminal: args.terminal.clone() };
        let trackers = Trackers::new(receipts, speaker);
        Self { trackers, view, now: Now { mono: Mono(0), wall }, at: None }
    }

    /// Whether single records are shown.
    fn watch(&self, device: &mut Device) {
        if matches!(self.view, View::Lines | View::Explain(_)) {
            device.keep_steps();
        }
    }

    /// Takes what the device said: record by record, where these are shown.
    fn take(
        &mut self,
        device: &mut Device,
        facts: &mut Vec<DeviceFact>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let shown = matches!(self.view, View::Lines | View::Explain(_));
        match device.take_steps().filter(|_| shown) {
            Some(steps) => {
                // The steps hold them all.
                facts.clear();
                steps.into_iter().try_for_each(|step| self.step(step, out))
            }
            None => facts.drain(..).try_for_each(|fact| {
                match (&mut self.view, said::words(&fact)) {
                    (View::Lines, Some(words)) => writeln!(out, "{words}")?,
                    (View::Explain(explain), Some(words)) => explain.said(&words, out)?,
                    _ => {}
                }
                self.fact(fact, out)
            }),
        }
    }

    fn step(&mut self, step: Step, out: &mut dyn Write) -> io::Result<()> {
        let Step { fact, last, read } = step;
        match (&mut self.view, &fact) {
            (View::Lines, DocumentFact::Line(line)) => writeln!(out, "{}", line.text)?,
            (View::Explain(explain), fact) => explain.step(fact, &last, &read, out)?,
            _ => {}
        }
        read.into_iter().try_for_each(|fact| self.fact(DeviceFact::Pos(fact), out))
    }

    fn fact(&mut self, fact: DeviceFact, out: &mut dyn Write) -> io::Result<()> {
        let ends = matches!(fact, DeviceFact::Pos(PosFact::End(_)));
        let mut records = Vec::new();
        self.now = self.at.unwrap_or(self.now);
        self.trackers.step(self.now, fact, &mut records);
        self.now = self.now.plus(Duration::from_secs(if ends { 60 } else { 1 }));
        self.show(&records, out)
    }

    /// Whatever waits has waited long enough.
    fn finish(mut self, out: &mut dyn Write) -> io::Result<View> {
        let mut records = Vec::new();
        self.trackers.tick(self.now.plus(limits::RECEIPT_IDLE), &mut records);
        self.show(&records, out)?;
        match &mut self.view {
            View::Summary(summary) => summary.finish(self.trackers.receipts(), out)?,
            View::Explain(explain) => explain.finish(self.trackers.receipts(), out)?,
            _ => {}
        }
        Ok(self.view)
    }

    fn show(&mut self, records: &[Record], out: &mut dyn Write) -> io::Result<()> {
        match &mut self.view {
            View::Lines | View::Records(_) => Ok(()),
            View::Explain(explain) => records.iter().try_for_each(|r| explain.record(r, out)),
            View::Events(events) => records.iter().try_for_each(|r| events.print(r, out)),
            View::Summary(summary) => records.iter().try_for_each(|r| summary.print(r, out)),
        }
    }
}
