//! What one device says and another one's receipts explain: the way between a chain and the router.

use std::sync::Arc;

use tillgate_events::Record;

use super::{Chain, Kind, trouble};
use crate::decode::delivery::Plan;
use crate::decode::{PaymentFact, PrinterFact, ReceiverFact, SensorFact, TagHeard};
use crate::source::Body;
use crate::time::Now;

/// What one device says and a till's receipts explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub at: Now,
    pub what: What,
}

/// See [`Said`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Payment(PaymentFact),
    Printer(PrinterFact),
    /// An enrolled sensor, by whichever receiver heard it first.
    Sensor(SensorFact),
    /// A customer's tag, by the receiver that says it.
    Customer(TagHeard),
    /// The receiver of this name.
    Receiver(Arc<str>, ReceiverFact),
    /// The contact of a door opened or closed, or was found so.
    Contact {
        /// The door's name.
        door: Arc<str>,
        open: bool,
    },
    /// A truck's tag was heard by the receiver of a dock.
    Truck {
        receiver: Arc<str>,
        truck: Arc<str>,
        rssi: i8,
    },
    /// There is a new delivery plan.
    Plan(Arc<Plan>),
}

impl Chain {
    /// Takes what another device said.
    pub fn hear(&mut self, said: Said, out: &mut Vec<Record>) {
        match (&mut self.kind, said.what) {
            (Kind::Till(till), What::Payment(fact)) => till.payment(said.at, fact, out),
            (Kind::Till(till), What::Printer(PrinterFact::Drawer(fact))) => {
                till.drawer(said.at, fact, out);
            }
            (Kind::Till(_), What::Printer(PrinterFact::PaperOut)) => {
                self.degraded(said.at, trouble::NO_PAPER, out);
            }
            (Kind::Till(_), What::Printer(PrinterFact::PaperBack)) => {
                self.mended(said.at, trouble::NO_PAPER, out);
            }
            (Kind::Machine(machine), What::Payment(fact)) => machine.payment(said.at, fact, out),
            (Kind::Door(door), What::Sensor(fact)) => {
                door.hear(said.at, fact, out);
                self.collect_said(said.at);
            }
            _ => {}
        }
    }

    /// Takes bytes that went to this device on another line.
    pub fn overhear(&mut self, now: Now, body: &Body) {
        if let Kind::Answers(answers) = &mut self.kind {
            match body {
                Body::Bytes(bytes) => answers.asked(now, bytes),
                _ => answers.broken(),
            }
        }
        self.collect_said(now);
    }

    /// What was said since the last call.
    pub fn take_said(&mut self) -> impl Iterator<Item = Said> {
        std::mem::take(&mut self.said).into_iter()
    }

    /// Puts together what the router is to fetch.
    pub(super) fn collect_said(&mut self, now: Now) {
        match &mut self.kind {
            Kind::Machine(machine) => {
                let said = machine.take_payments().map(What::Payment);
                self.said.extend(said.map(|what| Said { at: now, what }));
            }
            Kind::Answers(answers) => {
                let said = answers.take_said();
                self.said.extend(said.map(|(at, fact)| Said { at, what: What::Printer(fact) }));
            }
            Kind::Receiver(receiver) => self.said.extend(receiver.take_said()),
            Kind::Door(door) => self.said.extend(door.take_said()),
            Kind::Deliveries(deliveries) => {
                let plan = deliveries.take_said().map(What::Plan);
                self.said.extend(plan.map(|what| Said { at: now, what }));
            }
            _ => {}
        }
    }
}
