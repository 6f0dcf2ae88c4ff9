//! A status information (04 0F): what the terminal says of one transaction.

use tillgate_events::{Currency, PaymentMethod, PaymentStatus};

use super::code;
use super::field::Field;
use super::value::{self, CardNumber};
use crate::decode::codepage::CodePage;
use crate::decode::fact::CardPayment;

/// The fields that are read, of any record that has them.
#[derive(Default)]
pub(super) struct Values {
    pub result: Option<u8>,
    pub amount: Option<i64>,
    pub currency: Option<Currency>,
    /// Sums of a day are there.
    pub totals: bool,
    /// A card number was there in full.
    pub clear_number: bool,
    /// A value was not what its field allows.
    pub wrong: u32,
    /// A field was not known, so what followed was not read.
    pub unread: bool,
    /// The currency is none of those known.
    pub strange_currency: bool,
    trace: Option<u32>,
    receipt: Option<u32>,
    turnover: Option<u32>,
    terminal: Option<String>,
    time: Option<String>,
    date: Option<String>,
    card_type: Option<u8>,
    card_name: Option<String>,
    last4: Option<String>,
}

impl Values {
    /// Takes a field, if it is one of those that are read.
    pub fn take(&mut self, field: Field<'_>, page: &CodePage) {
        let value = field.value;
        let read = match field.number {
            0x04 => set(&mut self.amount, value::decimal(value)),
            0x0B => set(&mut self.trace, value::small(value)),
            0x0C => set(&mut self.time, moment(value, &[24, 60, 60], ":")),
            0x0D => set(&mut self.date, moment(value, &[13, 32], "-")),
            0x27 => set(&mut self.result, value.first().copied()),
            0x29 => set(&mut self.terminal, value::digits(value)),
            0x49 => self.currency(value),
            // FFFFh stands for no receipt.
            0x87 if value == [0xFF, 0xFF] => true,
            0x87 => set(&mut self.receipt, value::small(value)),
            0x88 => set(&mut self.turnover, value::small(value)),
            0x8A => set(&mut self.card_type, value.first().copied()),
            0x8B => {
                self.card_name = value::name(value, page);
                true
            }
            0x22 => self.card_number(value),
            0x60 => {
                self.totals = true;
                true
            }
            _ => true,
        };
        self.wrong += u32::from(!read);
    }

    /// The payment these values are of; `operation` and what it took are the dialogue's to say.
    pub fn payment(self) -> CardPayment {
        let code = self.result.unwrap_or_default();
        let status = if code == 0 { PaymentStatus::Approved } else { PaymentStatus::Declined };
        let month_day_time = match (self.date, self.time) {
            (Some(date), Some(time)) => Some(format!("{date}T{time}")),
            _ => None,
        };
        CardPayment {
            operation: None,
            status,
            decline_reason: (code != 0).then(|| code::reason(code)),
            amount: self.amount,
            currency: self.currency,
            method: self.card_type.map_or(PaymentMethod::Other, code::method),
            card_name: self.card_name,
            card_last4: self.last4,
            terminal_id: self.terminal,
            trace_number: self.trace,
            receipt_number: self.receipt,
            turnover_number: self.turnover,
            month_day_time,
            processing_ms: None,
            whole: self.wrong == 0 && !self.unread,
        }
    }

    fn currency(&mut self, value: &[u8]) -> bool {
        let Some(number) = value::small(value) else { return false };
        self.currency = code::currency(number);
        self.strange_currency |= self.currency.is_none();
        true
    }

    fn card_number(&mut self, value: &[u8]) -> bool {
        match value::card_number(value) {
            CardNumber::Last4(digits) => self.last4 = Some(digits),
            CardNumber::Clear => self.clear_number = true,
            CardNumber::Nothing => {}
        }
        true
    }
}

fn set<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
    let read = value.is_some();
    *slot = value;
    read
}

/// Two-digit parts, each below its bound, with `between` between them.
fn moment(bytes: &[u8], bounds: &[i64], between: &str) -> Option<String> {
    let part = |(byte, bound): (&u8, &i64)| {
        let number = value::decimal(&[*byte])?;
        (number < *bound).then(|| format!("{number:02}"))
    };
    let parts: Option<Vec<String>> = bytes.iter().zip(bounds).map(part).collect();
    parts.map(|parts| parts.join(between))
}
