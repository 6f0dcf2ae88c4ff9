//! A payment terminal whose till's receipts are not read: its payments in words.
//!
//! The contract's payment belongs to a receipt or an order, and here is neither: each is an `unknown_event`. The
//! lines of a card slip are gathered into one.

use tillgate_events::{Currency, PaymentStatus, Record};

use super::Speaker;
use crate::decode::{CardOperation, CardPayment, DocumentFact, PaymentFact};
use crate::limits;
use crate::time::{Mono, Now};

/// One payment terminal.
#[derive(Debug)]
pub struct PaymentTracker {
    speaker: Speaker,
    slip: Slip,
}

impl PaymentTracker {
    /// The payment terminal of this register.
    #[must_use]
    pub fn new(speaker: Speaker) -> Self {
        Self { speaker, slip: Slip::default() }
    }

    /// Takes what the terminal says; appends what it means.
    pub fn step(&mut self, now: Now, fact: PaymentFact, out: &mut Vec<Record>) {
        self.tick(now, out);
        if let PaymentFact::Result(payment) = &fact {
            out.push(payment_record(&self.speaker, now, payment));
        } else {
            beside(&self.speaker, &mut self.slip, now, fact, out);
        }
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        self.slip.clock_set(by_ms);
    }

    /// Lets time pass: a slip without an end is over.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Record>) {
        if self.deadline().is_some_and(|due| due <= now.mono) {
            out.extend(self.slip.end(&self.speaker));
        }
    }

    /// When [`PaymentTracker::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.slip.deadline()
    }
}

/// A card slip, line by line.
#[derive(Debug, Default)]
pub(in crate::track) struct Slip {
    last: Option<Now>,
    text: String,
}

impl Slip {
    fn take(&mut self, now: Now, line: &str) {
        self.last = Some(now);
        if self.text.len() < limits::UNPARSED_CHARS {
            if !self.text.is_empty() {
                self.text.push('\n');
            }
            self.text.push_str(line);
        }
    }

    /// The wall clock was set by so many milliseconds.
    pub(in crate::track) fn clock_set(&mut self, by_ms: i64) {
        self.last = self.last.map(|at| at.clock_set(by_ms));
    }

    /// When it is over without an end.
    pub(in crate::track) fn deadline(&self) -> Option<Mono> {
        self.last.map(|last| last.mono.plus(limits::SLIP_IDLE))
    }

    /// Its record, if anything is on it.
    pub(in crate::track) fn end(&mut self, speaker: &Speaker) -> Option<Record> {
        let Self { last, text } = std::mem::take(self);
        let last = last.filter(|_| !text.is_empty())?;
        Some(speaker.unknown(last.wall, "payment_slip", &text))
    }
}

/// A payment that belongs to no receipt.
pub(in crate::track) fn payment_record(
    speaker: &Speaker,
    now: Now,
    payment: &CardPayment,
) -> Record {
    speaker.unknown(now.wall, "payment", &words(payment))
}

/// What a terminal says beside results of payments.
pub(in crate::track) fn beside(
    speaker: &Speaker,
    slip: &mut Slip,
    now: Now,
    fact: PaymentFact,
    out: &mut Vec<Record>,
) {
    match fact {
        PaymentFact::Slip(DocumentFact::Line(line)) => slip.take(now, &line.text),
        PaymentFact::Slip(DocumentFact::End(_)) => out.extend(slip.end(speaker)),
        PaymentFact::DayTotal { amount, currency } => {
            out.push(speaker.unknown(now.wall, "payment_day_total", &day(amount, currency)));
        }
        PaymentFact::Aborted { operation, code, reason } => {
            let text = aborted(operation, code, &reason);
            out.push(speaker.unknown(now.wall, "payment_aborted", &text));
        }
        // A request is told with its result; that it is over says nothing more; a slip has no codes and images.
        PaymentFact::Requested { .. }
        | PaymentFact::Completed(_)
        | PaymentFact::Result(_)
        | PaymentFact::Slip(_) => {}
    }
}

/// What a terminal says, in words, as the records have it. Nothing for the end of a slip.
#[must_use]
pub fn said(fact: &PaymentFact) -> Option<String> {
    Some(match fact {
        PaymentFact::Requested { operation, amount, currency } => {
            let operation = operation_name(Some(*operation));
            format!("[{operation} asked for{}]", money(*amount, *currency))
        }
        PaymentFact::Result(payment) => words(payment),
        PaymentFact::DayTotal { amount, currency } => day(*amount, *currency),
        PaymentFact::Completed(operation) => format!("[{} completed]", operation_name(*operation)),
        PaymentFact::Aborted { operation, code, reason } => aborted(*operation, *code, reason),
        PaymentFact::Slip(DocumentFact::Line(line)) => line.text.clone(),
        PaymentFact::Slip(_) => return None,
    })
}

fn day(amount: Option<i64>, currency: Option<Currency>) -> String {
    format!("[terminal's day{}]", money(amount, currency))
}

fn aborted(operation: Option<CardOperation>, code: u8, reason: &str) -> String {
    format!("[{} aborted {code} {reason}]", operation_name(operation))
}

/// `[payment CREDIT_CARD APPROVED 12.50 EUR card 1234 transaction 57000001-000042]`
fn words(payment: &CardPayment) -> String {
    let status = match payment.status {
        PaymentStatus::Approved => "approved",
        PaymentStatus::Declined => "declined",
    };
    let mut text = format!("[{} {status}", operation_name(payment.operation));
    text.push_str(&money(payment.amount, payment.currency));
    text.push_str(&format!(", {:?}", payment.method));
    let trace = payment.trace_number.map(|trace| format!("{trace:06}"));
    for (label, value) in [
        ("card", &payment.card_name),
        ("ending in", &payment.card_last4),
        ("terminal", &payment.terminal_id),
        ("trace", &trace),
        ("because", &payment.decline_reason),
    ] {
        if let Some(value) = value {
            text.push_str(&format!(", {label} {value}"));
        }
    }
    text.push(']');
    text
}

/// ` 1250 EUR`: minor units, as everywhere; nothing where nothing is known.
fn money(amount: Option<i64>, currency: Option<Currency>) -> String {
    let amount = amount.map_or(String::new(), |amount| format!(" {amount}"));
    currency.map_or(amount.clone(), |currency| format!("{amount} {}", currency.code()))
}

fn operation_name(operation: Option<CardOperation>) -> &'static str {
    match operation {
        None | Some(CardOperation::Payment) => "payment",
        Some(CardOperation::Refund) => "refund",
        Some(CardOperation::Reversal) => "reversal",
        Some(CardOperation::Reservation) => "reservation",
        Some(CardOperation::ReservationReversal) => "reservation given free",
        Some(CardOperation::ReservationPart) => "reservation in part",
        Some(CardOperation::ReservationTaken) => "reservation taken",
        Some(CardOperation::EndOfDay) => "end of day",
        Some(CardOperation::Other) => "other",
    }
}
