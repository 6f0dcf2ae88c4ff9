//! Devices that are no printers, behind one face: machines with records, payment terminals, scanners, scales.
//!
//! [`Device`] takes bytes and moments and yields redacted [`DeviceFact`]s; which decoder reads the bytes is the
//! dialect's `[framer] kind`. It is driven as every decoder here.
//!
//! A scan goes to the dialect's rules for barcodes first: a card beside the scanner may start a stock mode. What no
//! rule takes is a scan.

mod fact;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use fact::DeviceFact;
use fact::scanned;

use super::dialect::{Dialect, FramerKind, Grammar};
use super::fact::{PaymentFact, PosFact, Said, ScaleFact, ScanFact};
use super::frame::FramerError;
use super::scale::ScaleDecoder;
use super::scan::ScanDecoder;
use super::zvt::ZvtOptions;
use super::{frame, record, zvt};
use crate::source::Poll;
use crate::time::Mono;

/// A decoder of one device's bytes.
pub struct Device {
    machine: Machine,
    /// What it said that belongs to no document, where somebody wants to know.
    said: Option<Vec<Said>>,
}

enum Machine {
    Records(Box<record::Decoder>),
    Payments(Box<zvt::Decoder>),
    Scans(Box<ScanDecoder>, Option<Box<Grammar>>),
    Scales(Box<ScaleDecoder>),
}

impl Device {
    /// The decoder of this dialect, in its start state; `None` for printers.
    ///
    /// # Errors
    /// Framing under which nothing could ever be found; a dialect that was read has none.
    pub fn new(dialect: &Arc<Dialect>) -> Result<Option<Self>, FramerError> {
        let framer = &dialect.framer;
        let machine = match &framer.kind {
            FramerKind::Frames(_) => {
                Machine::Records(Box::new(record::Decoder::new(Arc::clone(dialect))?))
            }
            FramerKind::Zvt(payload_idle) => {
                let (page, slip_idle) = (framer.page(), framer.idle);
                let options = ZvtOptions { page, payload_idle: *payload_idle, slip_idle };
                Machine::Payments(Box::new(zvt::Decoder::new(options)?))
            }
            FramerKind::Scanner(options) => {
                let rules =
                    dialect.has_rules().then(|| Box::new(Grammar::new(Arc::clone(dialect))));
                Machine::Scans(Box::new(ScanDecoder::new((**options).clone())), rules)
            }
            FramerKind::Scale(options) => {
                Machine::Scales(Box::new(ScaleDecoder::new(options.clone())))
            }
            _ => return Ok(None),
        };
        Ok(Some(Self { machine, said: None }))
    }

    /// From now on what devices without documents say is kept, too, for [`Device::take_said`].
    pub fn keep_said(&mut self) {
        self.said.get_or_insert_default();
    }

    /// Moves what the device said since the last call to `out`: [`Device::again`] makes the same facts of it.
    pub fn take_said(&mut self, out: &mut Vec<Said>) {
        if let Machine::Records(records) = &mut self.machine {
            records.take_said(out);
        }
        out.extend(self.said.iter_mut().flat_map(std::mem::take));
    }

    /// From now on each step of a machine's grammar is kept.
    pub fn keep_steps(&mut self) {
        if let Machine::Records(records) = &mut self.machine {
            records.keep_steps();
        }
    }

    /// The steps of a machine's grammar since the last call: they read all that it says. `None`: another device.
    pub fn take_steps(&mut self) -> Option<Vec<record::Step>> {
        let Machine::Records(records) = &mut self.machine else { return None };
        Some(records.take_steps())
    }

    /// The event of a machine's last record; see [`record::Decoder::last_event`].
    #[must_use]
    pub fn last_event(&self) -> Option<&'static str> {
        let Machine::Records(records) = &self.machine else { return None };
        records.last_event()
    }

    /// Takes what a device said before, in place of its bytes. What this kind of device never says is passed over.
    pub fn again(&mut self, said: Said, out: &mut Vec<DeviceFact>) {
        match (&mut self.machine, said) {
            (Machine::Records(records), said) => {
                collect(out, DeviceFact::Pos, |facts| records.again(said, facts));
            }
            (Machine::Payments(_), Said::Payment(fact)) => out.push(DeviceFact::Payment(fact)),
            (Machine::Payments(_), Said::Printed(fact)) => {
                out.push(DeviceFact::Payment(PaymentFact::Slip(fact)));
            }
            (Machine::Scans(_, rules), Said::Scan(scan)) => {
                scanned(scan, rules.as_deref_mut(), out);
            }
            (Machine::Scales(_), Said::Scale(fact)) => out.push(DeviceFact::Scale(fact)),
            _ => {}
        }
    }

    /// Takes bytes that arrived at `now`, which never goes back.
    pub fn push(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<DeviceFact>) {
        self.run(
            out,
            |records, facts| records.push(bytes, now, facts),
            |payments, facts| payments.push(bytes, now, facts),
            |scans, facts| scans.push(bytes, now, facts),
            |scales, facts| scales.push(bytes, now, facts),
        );
    }

    /// Ends what silence ends.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<DeviceFact>) {
        self.run(
            out,
            |records, facts| records.tick(now, facts),
            |payments, facts| payments.tick(now, facts),
            |scans, facts| scans.tick(now, facts),
            |scales, facts| scales.tick(now, facts),
        );
    }

    /// When `tick` has something to do, if no byte comes before.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        match &self.machine {
            Machine::Records(records) => records.deadline(),
            Machine::Payments(payments) => payments.deadline(),
            Machine::Scans(scans, _) => scans.deadline(),
            Machine::Scales(scales) => scales.deadline(),
        }
    }

    /// The device went away or bytes were lost.
    pub fn broken(&mut self, out: &mut Vec<DeviceFact>) {
        self.run(
            out,
            record::Decoder::broken,
            zvt::Decoder::broken,
            ScanDecoder::broken,
            ScaleDecoder::broken,
        );
    }

    /// No more bytes belong to what was begun.
    pub fn finish(&mut self, out: &mut Vec<DeviceFact>) {
        self.run(
            out,
            record::Decoder::finish,
            zvt::Decoder::finish,
            ScanDecoder::finish,
            ScaleDecoder::finish,
        );
    }

    /// Whether a document began that did not end.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(&self.machine, Machine::Records(records) if records.is_open())
    }

    /// Goes on at `now` in a document of another one, which said this. Devices without documents have none.
    pub fn resume(&mut self, said: Said, now: Mono, out: &mut Vec<DeviceFact>) {
        if matches!(self.machine, Machine::Records(_)) {
            self.again(said, out);
            self.wait_from(now);
        }
    }

    /// The device answers at `now`: silence counts from here.
    pub fn wait_from(&mut self, now: Mono) {
        if let Machine::Records(records) = &mut self.machine {
            records.wait_from(now);
        }
    }

    /// How it is asked, if it has to be.
    #[must_use]
    pub fn poll(&self) -> Option<Poll> {
        let Machine::Scales(scales) = &self.machine else { return None };
        let (request, every) = scales.poll()?;
        Some(Poll { request, every, reply: scales.handshake() })
    }

    /// Pieces of input so far that could not be used.
    #[must_use]
    pub fn bad(&self) -> u64 {
        match &self.machine {
            Machine::Records(records) => {
                records.frame_counters().bad() + records.counters().overflow
            }
            Machine::Payments(payments) => {
                payments.frame_counters().bad() + payments.counters().malformed
            }
            Machine::Scans(scans, _) => scans.counters().bad(),
            Machine::Scales(scales) => scales.counters().bad(),
        }
    }

    /// What a framer made of the bytes so far; `None` where none is in use.
    #[must_use]
    pub fn frames(&self) -> Option<&frame::Counters> {
        match &self.machine {
            Machine::Records(records) => Some(records.frame_counters()),
            Machine::Payments(payments) => Some(payments.frame_counters()),
            Machine::Scans(..) | Machine::Scales(..) => None,
        }
    }

    /// Bytes so far that belong to nothing.
    #[must_use]
    pub fn noise(&self) -> u64 {
        match &self.machine {
            Machine::Records(records) => records.frame_counters().noise,
            Machine::Payments(payments) => payments.frame_counters().noise,
            Machine::Scans(..) => 0,
            Machine::Scales(scales) => scales.counters().noise,
        }
    }
}

impl Device {
    /// The same step for whichever decoder it is.
    fn run(
        &mut self,
        out: &mut Vec<DeviceFact>,
        of_records: impl FnOnce(&mut record::Decoder, &mut Vec<PosFact>),
        of_payments: impl FnOnce(&mut zvt::Decoder, &mut Vec<PaymentFact>),
        of_scans: impl FnOnce(&mut ScanDecoder, &mut Vec<ScanFact>),
        of_scales: impl FnOnce(&mut ScaleDecoder, &mut Vec<ScaleFact>),
    ) {
        let before = out.len();
        match &mut self.machine {
            Machine::Records(records) => {
                collect(out, DeviceFact::Pos, |facts| of_records(records, facts));
            }
            Machine::Payments(payments) => {
                collect(out, DeviceFact::Payment, |facts| of_payments(payments, facts));
            }
            Machine::Scales(scales) => {
                collect(out, DeviceFact::Scale, |facts| of_scales(scales, facts));
            }
            Machine::Scans(scans, rules) => {
                let mut facts = Vec::new();
                of_scans(scans, &mut facts);
                if let Some(said) = &mut self.said {
                    said.extend(facts.iter().cloned().map(Said::Scan));
                }
                return facts.into_iter().for_each(|scan| scanned(scan, rules.as_deref_mut(), out));
            }
        }
        if let Some(said) = &mut self.said {
            said.extend(out.iter().skip(before).filter_map(DeviceFact::said));
        }
    }
}

fn collect<T>(
    out: &mut Vec<DeviceFact>,
    fact: fn(T) -> DeviceFact,
    step: impl FnOnce(&mut Vec<T>),
) {
    let mut facts = Vec::new();
    step(&mut facts);
    out.extend(facts.into_iter().map(fact));
}
