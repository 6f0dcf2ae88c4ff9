//! What a device says badly, and when it is understood again.

use tillgate_events::{Body as Event, DeviceStatus, Record};

use super::{Chain, Kind};
use crate::time::Now;

/// Of a till: its printer said so, and says when it has some again.
pub const NO_PAPER: &str = "the printer has no paper";

impl Chain {
    /// The device works badly, unless it is known not to work at all.
    pub(super) fn degraded(&mut self, now: Now, reason: &str, out: &mut Vec<Record>) {
        if self.device.status() == Some(DeviceStatus::Down) {
            return;
        }
        if let Some(record) = self.device.degraded(now, reason) {
            tracing::warn!(device = self.name, reason, "works badly");
            out.push(record);
        }
    }

    /// What was wrong for this reason is right again.
    pub(super) fn mended(&mut self, now: Now, reason: &str, out: &mut Vec<Record>) {
        let degraded = self.device.status() == Some(DeviceStatus::Degraded);
        if degraded && self.device.reason() == Some(reason) {
            tracing::info!(device = self.name, "works again");
            out.extend(self.device.up(now));
        }
    }

    /// Tells of trouble when it begins, and that it is over; `before` is where the new records begin.
    pub(super) fn judge(&mut self, now: Now, before: usize, out: &mut Vec<Record>) {
        self.collect_said(now);
        let (bad, words) = self.trouble();
        let worse = bad > std::mem::replace(&mut self.bad, bad);
        let status = self.device.status();
        if worse {
            self.recovering = false;
            self.degraded(now, words, out);
        } else if self.recovering
            && status == Some(DeviceStatus::Degraded)
            && (!self.said.is_empty() || out.iter().skip(before).any(|it| self.proves(it)))
        {
            tracing::info!(device = self.name, "works again");
            out.extend(self.device.up(now));
        }
    }

    /// Whether a record shows that the device is understood.
    fn proves(&self, record: &Record) -> bool {
        match &record.body {
            Event::DeviceStatusChanged(_) => false,
            // The contract has no event for what these devices say well. A till tells another device's payments.
            Event::Unknown(unknown) => {
                let till = matches!(self.kind, Kind::Till(_));
                !till && ["payment", "scale_"].iter().any(|it| unknown.kind.starts_with(it))
            }
            _ => true,
        }
    }

    /// How much of the input was bad so far, and what that means.
    pub(super) fn trouble(&self) -> (u64, &'static str) {
        const GARBLED: &str = "input that cannot be understood: check baud rate and dialect";
        match &self.kind {
            Kind::Till(till) => (till.counters().bad(), GARBLED),
            Kind::Machine(machine) => (machine.bad(), GARBLED),
            Kind::Answers(answers) => {
                (answers.bad(), "answers that no printer gives: check baud rate")
            }
            Kind::Receiver(receiver) => (receiver.malformed(), GARBLED),
            Kind::Feed(feed) => {
                (feed.mistakes(), "lines that say nothing of stock: see docs/stock.md")
            }
            Kind::Door(door) => door.trouble(),
            Kind::Deliveries(deliveries) => (
                deliveries.refused(),
                "the delivery plan has mistakes: `tillgate check` names them",
            ),
            Kind::Screen(screen) => {
                (screen.0.malformed(), "lines that are no showing: check baud rate and player")
            }
        }
    }
}
