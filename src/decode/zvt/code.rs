//! Result codes, card types and currency numbers in words.

use tillgate_events::{Currency, PaymentMethod};

/// Why a terminal said no. Codes to 63h are the host's own, in decimal.
pub(super) fn reason(code: u8) -> String {
    let words = match code {
        0x00 => "no reason given",
        0x01..=0x63 => return format!("host code {code}"),
        0x64 => "card not readable",
        0x65 => "card data missing",
        0x66 => "processing error",
        0x67 => "not allowed for debit cards",
        0x68 => "not allowed for credit cards",
        0x6A => "turnover file full",
        0x6B => "terminal not registered",
        0x6C => "cancelled or timed out",
        0x6E => "card blocked",
        0x6F => "wrong currency",
        0x71 => "credit too low",
        0x72 => "chip error",
        0x73 => "card data wrong",
        0x77 => "end of day not possible",
        0x78 => "card expired",
        0x79 => "card not valid yet",
        0x7A => "card unknown",
        0x7B | 0x7C | 0x7E => "no fallback to the stripe",
        0x7D => "communication error",
        0x83 => "function not possible",
        0x85 => "key missing",
        0x89 => "PIN pad defective",
        0x9A => "protocol error",
        0x9B => "no connection to the host",
        0x9C => "terminal busy",
        0xA0 => "receiver not ready",
        0xA1 => "host does not answer",
        0xA3 => "no connection",
        0xB1 | 0xB2 => "memory full",
        0xB4 => "already reversed",
        0xB5 => "reversal not possible",
        0xB7 => "amount of the reservation wrong",
        0xB8 => "reservation failed",
        0xC3 => "amount too high",
        0xC5 => "payment method not supported",
        0xC6 => "currency not supported",
        0xC8 => "amount too low",
        0xCC => "printer not ready",
        0xF0 => "end of day is due",
        0xFF => "system error",
        _ => return format!("code {code:02X}"),
    };
    words.to_owned()
}

/// What a card of this type is. Brands that issue both kinds count as credit.
pub(super) fn method(card_type: u8) -> PaymentMethod {
    match card_type {
        // ec-Cash, girocard, Visa Electron, V PAY, Maestro.
        2 | 5 | 11 | 13 | 46 => PaymentMethod::DebitCard,
        // Mastercard, American Express, Visa, Diners Club, JCB.
        6 | 8 | 10 | 12 | 14 => PaymentMethod::CreditCard,
        _ => PaymentMethod::Other,
    }
}

/// The currency of this ISO 4217 number, where terminals of this kind are used.
pub(super) fn currency(number: u32) -> Option<Currency> {
    let code = match number {
        978 => "EUR",
        756 => "CHF",
        36 => "AUD",
        124 => "CAD",
        156 => "CNY",
        191 => "HRK",
        203 => "CZK",
        208 => "DKK",
        348 => "HUF",
        352 => "ISK",
        392 => "JPY",
        578 => "NOK",
        752 => "SEK",
        826 => "GBP",
        840 => "USD",
        941 => "RSD",
        946 => "RON",
        949 => "TRY",
        975 => "BGN",
        980 => "UAH",
        985 => "PLN",
        _ => return None,
    };
    Currency::new(code)
}
