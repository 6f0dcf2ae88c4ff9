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
    total: i64,
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
        total: receipt.total,
    }
}

/// The body in one canonical text: lines, payments, sums, printed time.
fn normalised(receipt: &Receipt) -> String {
    format!("{}\n{:?}\n{}", receipt.terminal_id, receipt.printed_at, content(receipt))
}

/// Lines, payments, tax and total, one a line. Redacted as all of the receipt.
pub fn content(receipt: &Receipt) -> String {
    let mut text = String::new();
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
    /// The paper says that it is a copy, and of what is not remembered: printed while nobody listened, or too
    /// long ago.
    UnseenReprint,
    /// A receipt of its own; `id` is unique among those remembered.
    New { id: String },
}

/// The receipts of the last day.
#[derive(Debug, Default)]
pub struct Identities {
    /// Oldest first, with ids as they were before they were made unique.
    recent: VecDeque<(Mono, Identity)>,
}

impl Identities {
    /// Looks a receipt up and remembers it, unless it is a copy.
    pub fn see(&mut self, now: Mono, identity: &Identity) -> Seen {
        while self.recent.front().is_some_and(|(at, _)| {
            now.since(*at) > limits::REPRINT_WINDOW
                || self.recent.len() >= limits::RECEIPT_IDENTITIES
        }) {
            self.recent.pop_front();
        }
        let known = self.recent.iter().any(|(_, earlier)| identity.repeats(earlier));
        match (known, identity.reprint) {
            (true, _) => return Seen::Reprint,
            (false, true) => return Seen::UnseenReprint,
            (false, false) => {}
        }
        let same = self.recent.iter().filter(|(_, earlier)| earlier.id == identity.id).count();
        self.recent.push_back((now, identity.clone()));
        match same {
            0 => Seen::New { id: identity.id.clone() },
            // A number that was given out twice on a day, or an equal receipt without one.
            n => Seen::New { id: format!("{}-{}", identity.id, n + 1) },
        }
    }
}

impl Identity {
    /// Whether this is the same paper as an earlier one. A marked copy may bear the time of its own printing.
    fn repeats(&self, earlier: &Self) -> bool {
        let marked = self.reprint && earlier.id == self.id && earlier.total == self.total;
        marked || (earlier.key == self.key && (self.reprint || self.numbered))
    }
}
