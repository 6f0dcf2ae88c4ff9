//! Which receipt is which: ids, and the memory that knows a copy.

use std::collections::VecDeque;
use std::fmt::Write as _;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tillgate_events::{Receipt, UtcMs};

use super::TillSettings;
use super::draft::Draft;
use crate::limits;
use crate::time::Mono;

/// What identifies a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `{terminal}-{yyyymmdd}-{number}`; a hash of the body where no number is printed.
    pub id: String,
    /// Terminal, number, printed time and total: equal for a copy. A hash where no number is printed.
    key: [u8; 32],
    /// A number was printed: equal keys are the same receipt. Without one, two equal coffees are two sales.
    numbered: bool,
    /// The paper says that it is a copy.
    reprint: bool,
}

/// The identity of a receipt made from `draft`.
pub fn of(receipt: &Receipt, draft: &Draft, settings: &TillSettings, at: UtcMs) -> Identity {
    let printed = receipt.printed_at.as_deref();
    let day = printed.and_then(|at| at.get(..10)).map(|day| day.replace('-', ""));
    let day = day.unwrap_or_else(|| local_day(at, settings));
    let terminal = slug(&receipt.terminal_id);
    let body = match &draft.number {
        Some(number) => {
            format!("{terminal}\n{number}\n{}\n{}", printed.unwrap_or(""), receipt.total)
        }
        None => normalised(receipt),
    };
    let key: [u8; 32] = Sha256::digest(body.as_bytes()).into();
    let name = match &draft.number {
        Some(number) => slug(number),
        None => key.iter().take(6).fold(String::from("h"), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }),
    };
    Identity {
        id: format!("{terminal}-{day}-{name}"),
        key,
        numbered: draft.number.is_some(),
        reprint: draft.reprint,
    }
}

/// The body in one canonical text: lines, payments, sums, printed time.
fn normalised(receipt: &Receipt) -> String {
    let mut text = format!("{}\n{:?}\n", receipt.terminal_id, receipt.printed_at);
    for line in &receipt.lines {
        let _ = writeln!(text, "{}|{}|{}", line.description, line.quantity, line.extended_price);
    }
    for payment in &receipt.payments {
        let _ = writeln!(text, "{:?}|{}|{}", payment.method, payment.amount, payment.change);
    }
    let _ = write!(text, "{}|{}", receipt.tax, receipt.total);
    text
}

/// The shop's calendar day as `yyyymmdd`.
fn local_day(at: UtcMs, settings: &TillSettings) -> String {
    let time = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
    let date = time.to_zoned(settings.zone.clone()).date();
    date.to_string().replace('-', "")
}

/// Safe in an id: letters, digits, `-`, `_`, `.`; at most 64.
fn slug(text: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' }
    };
    text.chars().take(64).map(safe).collect()
}

/// Whether a receipt was there before.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// A copy of an earlier one.
    Reprint,
    /// A receipt of its own; `id` is unique among those remembered.
    New { id: String },
}

/// The receipts of the last day.
#[derive(Debug, Default)]
pub struct Identities {
    /// Oldest first: when, id before it was made unique, key.
    recent: VecDeque<(Mono, String, [u8; 32])>,
}

impl Identities {
    /// Looks a receipt up and remembers it.
    pub fn see(&mut self, now: Mono, identity: &Identity) -> Seen {
        while self.recent.front().is_some_and(|(at, _, _)| {
            now.since(*at) > limits::REPRINT_WINDOW
                || self.recent.len() >= limits::RECEIPT_IDENTITIES
        }) {
            self.recent.pop_front();
        }
        let known = self.recent.iter().any(|(_, _, key)| *key == identity.key);
        if identity.reprint || (known && identity.numbered) {
            return Seen::Reprint;
        }
        let same = self.recent.iter().filter(|(_, id, _)| *id == identity.id).count();
        self.recent.push_back((now, identity.id.clone(), identity.key));
        match same {
            0 => Seen::New { id: identity.id.clone() },
            // A number that was given out twice on a day, or an equal receipt without one.
            n => Seen::New { id: format!("{}-{}", identity.id, n + 1) },
        }
    }
}
