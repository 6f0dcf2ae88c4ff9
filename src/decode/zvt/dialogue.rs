//! What was asked and how it went: records to facts.
//!
//! The till asks (06 01, 06 31 …), the terminal answers with status informations (04 0F), slips (06 D1,
//! 06 D3) and a completion (06 0F) or an abort (06 1E). A status information means a payment only within a
//! dialogue about money; where the request was not heard, it does if it has an amount and no sums of a day.

use super::apdu::Apdu;
use super::code;
use super::field::{self, Stop};
use super::payment::Values;
use super::slip::Slip;
use super::tlv;
use crate::decode::codepage::CodePage;
use crate::decode::fact::{CardOperation, DocumentEnd, PaymentFact};
use crate::time::Mono;

/// What the records held, and what could not be used. Only grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Records with a right length.
    pub apdus: u64,
    /// Records of commands that are not known.
    pub unknown_commands: u64,
    /// Records left at a field that is not known.
    pub unknown_fields: u64,
    /// The newest of those.
    pub last_unknown_field: Option<u8>,
    /// Records with a wrong length, field or tag.
    pub malformed: u64,
    /// Card numbers that were not masked, and not read.
    pub clear_numbers: u64,
    /// Currency numbers that are not known.
    pub strange_currencies: u64,
    /// Payments said.
    pub payments: u64,
}

/// Follows the records of one till and its terminal.
pub struct Dialogue {
    page: CodePage,
    request: Option<Request>,
    slip: Slip,
    counters: Counters,
}

/// What the till asked for last.
#[derive(Clone, Copy)]
struct Request {
    operation: CardOperation,
    amount: Option<i64>,
    currency: Option<tillgate_events::Currency>,
    at: Mono,
    /// A command of one maker: its completion has a form of its own.
    own: bool,
}

impl Dialogue {
    /// A dialogue of which nothing was heard yet. `page`: of printed text, one byte a character.
    #[must_use]
    pub fn new(page: CodePage) -> Self {
        Self { page, request: None, slip: Slip::default(), counters: Counters::default() }
    }

    /// Takes one record, of whatever direction, that arrived at `now`.
    pub fn apdu(&mut self, bytes: &[u8], now: Mono, out: &mut Vec<PaymentFact>) {
        let Some(apdu) = Apdu::parse(bytes) else {
            self.counters.malformed += 1;
            return;
        };
        self.counters.apdus += 1;
        let values = self.read(apdu);
        match apdu.command {
            [0x04, 0x0F] => self.status(values, now, out),
            [0x06, 0x0F] => self.completed(out),
            [0x06, 0x1E] => self.aborted(apdu.data.first().copied().unwrap_or_default(), out),
            [0x06, 0xD1] => self.slip.line(apdu.data, &self.page),
            command => {
                if let Some(operation) = asked(command) {
                    self.requested(operation, command, &values, now, out);
                }
            }
        }
        out.extend(self.slip.drain().map(PaymentFact::Slip));
    }

    /// Records were lost: what is open ends incomplete, and what was asked is no longer known.
    pub fn broken(&mut self, out: &mut Vec<PaymentFact>) {
        self.request = None;
        self.end_slip(DocumentEnd::Broken, out);
    }

    /// Nothing more belongs to what was begun.
    pub fn finish(&mut self, out: &mut Vec<PaymentFact>) {
        self.end_slip(DocumentEnd::Idle, out);
    }

    /// Whether a slip has begun that did not end.
    #[must_use]
    pub fn slip_is_open(&self) -> bool {
        self.slip.is_open()
    }

    /// What the records held since the start.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The values of a record's fields; what it has printed goes to the slip.
    fn read(&mut self, apdu: Apdu<'_>) -> Values {
        let mut values = Values::default();
        let own = apdu.command == [0x06, 0x0F] && self.request.is_some_and(|request| request.own);
        let Some((_, data)) = apdu.parts() else {
            self.counters.unknown_commands += 1;
            return values;
        };
        for field in field::fields(if own { &[] } else { data }) {
            match field {
                Ok(field) if field.number == 0x06 => {
                    let read = match apdu.command {
                        [0x06, 0xD3] => self.slip.block(field.value, &self.page),
                        _ => tlv::walk(field.value, &mut |_| {}).is_some(),
                    };
                    values.wrong += u32::from(!read);
                }
                Ok(field) => values.take(field, &self.page),
                Err(Stop::Short) => values.wrong += 1,
                Err(Stop::Unknown(number)) => {
                    values.unread = true;
                    self.counters.unknown_fields += 1;
                    self.counters.last_unknown_field = Some(number);
                }
            }
        }
        self.counters.malformed += u64::from(0 < values.wrong);
        self.counters.clear_numbers += u64::from(values.clear_number);
        self.counters.strange_currencies += u64::from(values.strange_currency);
        values
    }

    fn requested(
        &mut self,
        operation: CardOperation,
        command: [u8; 2],
        values: &Values,
        now: Mono,
        out: &mut Vec<PaymentFact>,
    ) {
        self.slip.end(DocumentEnd::Idle);
        let (amount, currency) = (values.amount, values.currency);
        let own = command[0] == 0x0F;
        self.request = Some(Request { operation, amount, currency, at: now, own });
        if operation != CardOperation::Other {
            out.push(PaymentFact::Requested { operation, amount, currency });
        }
    }

    fn status(&mut self, values: Values, now: Mono, out: &mut Vec<PaymentFact>) {
        let operation = self.request.map(|request| request.operation);
        if values.totals || operation == Some(CardOperation::EndOfDay) {
            let (amount, currency) = (values.amount, values.currency);
            return out.push(PaymentFact::DayTotal { amount, currency });
        }
        let money = match operation {
            None => values.amount.is_some(),
            Some(operation) => operation != CardOperation::Other,
        };
        if !money || values.result.is_none() {
            return;
        }
        let mut payment = values.payment();
        payment.operation = operation;
        if let Some(request) = self.request {
            payment.amount = payment.amount.or(request.amount);
            payment.currency = payment.currency.or(request.currency);
            payment.processing_ms = u32::try_from(now.since(request.at).as_millis()).ok();
        }
        self.counters.payments += 1;
        out.push(PaymentFact::Result(Box::new(payment)));
    }

    fn completed(&mut self, out: &mut Vec<PaymentFact>) {
        self.end_slip(DocumentEnd::Cut, out);
        let operation = self.request.take().map(|request| request.operation);
        if operation != Some(CardOperation::Other) {
            out.push(PaymentFact::Completed(operation));
        }
    }

    fn aborted(&mut self, code: u8, out: &mut Vec<PaymentFact>) {
        self.end_slip(DocumentEnd::Cut, out);
        let operation = self.request.take().map(|request| request.operation);
        if operation != Some(CardOperation::Other) {
            out.push(PaymentFact::Aborted { operation, code, reason: code::reason(code) });
        }
    }

    fn end_slip(&mut self, why: DocumentEnd, out: &mut Vec<PaymentFact>) {
        self.slip.end(why);
        out.extend(self.slip.drain().map(PaymentFact::Slip));
    }
}

/// What a till's command asks for; `None`: it is the terminal's, or belongs to what was asked before.
fn asked(command: [u8; 2]) -> Option<CardOperation> {
    Some(match command {
        [0x06, 0x01 | 0x21] => CardOperation::Payment,
        [0x06, 0x22] => CardOperation::Reservation,
        [0x06, 0x23] => CardOperation::ReservationPart,
        [0x06, 0x24] => CardOperation::ReservationTaken,
        [0x06, 0x25] => CardOperation::ReservationReversal,
        [0x06, 0x30] => CardOperation::Reversal,
        [0x06, 0x31] => CardOperation::Refund,
        [0x06, 0x50] => CardOperation::EndOfDay,
        // Aborts, texts on the display and on paper, keys: in the middle of things.
        [0x06, 0x85..=0x88 | 0xB0 | 0xD0..=0xDF | 0xE0..=0xFF] => return None,
        [0x05 | 0x06 | 0x08 | 0x0F, _] => CardOperation::Other,
        _ => return None,
    })
}
