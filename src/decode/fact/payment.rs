//! What a payment terminal says. Amounts are minor units.

use serde::{Deserialize, Serialize};
use tillgate_events::{Currency, PaymentMethod, PaymentStatus};

use super::{DocumentFact, PosFact};

/// What a till and its payment terminal said to each other. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PaymentFact {
    /// The till asked for something.
    Requested {
        /// What for.
        operation: CardOperation,
        /// How much, if it said so.
        amount: Option<i64>,
        /// Of what, if it said so.
        currency: Option<Currency>,
    },
    /// The terminal said how it went.
    Result(Box<CardPayment>),
    /// The terminal closed its day.
    DayTotal {
        /// Sum of the day, if it is said.
        amount: Option<i64>,
        /// Of what, if it is said.
        currency: Option<Currency>,
    },
    /// The terminal is done; `None`: with what was not heard.
    Completed(Option<CardOperation>),
    /// The terminal gave up.
    Aborted {
        /// `None`: the request was not heard.
        operation: Option<CardOperation>,
        /// The terminal's result code.
        code: u8,
        /// The same in words.
        reason: String,
    },
    /// The card slip, as far as the terminal has the till print it.
    #[serde(skip)]
    Slip(DocumentFact),
}

/// What a till may ask of a payment terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardOperation {
    /// A card pays.
    Payment,
    /// Money goes back to a card.
    Refund,
    /// A payment is taken back.
    Reversal,
    /// Money is set aside.
    Reservation,
    /// What was set aside is given free.
    ReservationReversal,
    /// A part of it is given free, or it is booked in part.
    ReservationPart,
    /// What was set aside is booked.
    ReservationTaken,
    /// The terminal closes its day.
    EndOfDay,
    /// Nothing with money.
    Other,
}

/// One result of a payment terminal. Never holds more of a card's number than its last four digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardPayment {
    /// `None`: the request was not heard.
    pub operation: Option<CardOperation>,
    /// Approved or declined.
    pub status: PaymentStatus,
    /// In words, of a decline.
    pub decline_reason: Option<String>,
    /// Minor units; of the request where the result says none.
    pub amount: Option<i64>,
    /// As the amount; `None` also where its number is not known.
    pub currency: Option<Currency>,
    /// What kind of card it was.
    pub method: PaymentMethod,
    /// Brand of the card, as the terminal calls it.
    pub card_name: Option<String>,
    /// Only where the terminal itself hid the rest of the number.
    pub card_last4: Option<String>,
    /// Of the payment network, not the till's.
    pub terminal_id: Option<String>,
    /// Counts the terminal's transactions.
    pub trace_number: Option<u32>,
    /// Of the terminal's slip.
    pub receipt_number: Option<u32>,
    /// Of the terminal's turnover file.
    pub turnover_number: Option<u32>,
    /// `11-21T14:05:00` by the terminal's clock; it tells no year.
    pub month_day_time: Option<String>,
    /// From the request to this.
    pub processing_ms: Option<u32>,
    /// False where part of what the terminal said was not understood.
    pub whole: bool,
}

impl PaymentFact {
    /// The payment that a terminal's record tells of as a tender; `None` for any other fact.
    #[must_use]
    pub fn of_record(fact: &PosFact) -> Option<Self> {
        let PosFact::Tender { method, amount, status, decline_reason, card_last4, .. } = fact
        else {
            return None;
        };
        let refund = *amount < 0;
        Some(Self::Result(Box::new(CardPayment {
            operation: Some(if refund { CardOperation::Refund } else { CardOperation::Payment }),
            status: *status,
            decline_reason: decline_reason.clone(),
            amount: Some(amount.saturating_abs()),
            currency: None,
            method: *method,
            card_name: None,
            card_last4: card_last4.clone(),
            terminal_id: None,
            trace_number: None,
            receipt_number: None,
            turnover_number: None,
            month_day_time: None,
            processing_ms: None,
            whole: true,
        })))
    }
}

impl CardPayment {
    /// This as a tender of the receipt that is being paid; a refund is negative. `None` if no money of the
    /// receipt moved, or how much is not known.
    #[must_use]
    pub fn tender(&self) -> Option<PosFact> {
        let sign = match self.operation {
            None | Some(CardOperation::Payment) => 1,
            Some(CardOperation::Refund) => -1,
            Some(_) => return None,
        };
        let parts =
            [self.terminal_id.clone(), self.trace_number.map(|trace| format!("{trace:06}"))];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        Some(PosFact::Tender {
            method: self.method,
            amount: sign * self.amount?,
            status: self.status,
            decline_reason: self.decline_reason.clone(),
            card_last4: self.card_last4.clone(),
            transaction_id: (!parts.is_empty()).then(|| parts.join("-")),
        })
    }
}
