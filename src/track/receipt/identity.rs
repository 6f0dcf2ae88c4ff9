//! Which paper is which: ids, and what a copy has in common with its original.
//!
//! Papers are receipts, slips (stock, orders, cash moved) and voids; only papers of one kind are compared.
//!
//! A copy is known by one of these:
//! - what the dialect calls the key (number, register, printed time, total) is equal. Without a number in it, only a
//!   time printed to the second is proof: two equal coffees within a minute are two sales;
//! - the paper says that it is a copy, and number and total, or all of the content, are those of an earlier one: a
//!   copy may bear the time of its own printing, and leave lines out.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp, civil};
use sha2::{Digest as _, Sha256};
use tillgate_events::{Receipt, UtcMs};

use super::TillSettings;
use super::draft::Draft;

/// What a paper is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    Receipt,
    Slip,
    Void,
}

/// What identifies a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    paper: Paper,
    /// `{terminal}-{yyyymmdd}-{number}`; where no number is printed a hash of the body, and of the moment it came if
    /// nothing on the paper tells it from another one alike. The day is the shop's.
    pub id: String,
    /// As printed, without zeros in front.
    pub number: Option<String>,
    /// Equal for a copy.
    key: [u8; 32],
    /// Of all that is on the paper but the time.
    content: [u8; 32],
    /// Equal keys are the same paper.
    certain: bool,
    /// The paper says that it is a copy.
    pub reprint: bool,
    /// Rung up in training mode.
    training: bool,
    /// It was not cut short.
    pub complete: bool,
    total: i64,
}

/// The identity of a receipt made from `draft`.
pub fn of_receipt(
    receipt: &Receipt,
    draft: &Draft,
    settings: &TillSettings,
    at: UtcMs,
) -> Identity {
    let key = settings.key;
    let number = draft.number.as_ref().filter(|_| key.number);
    let printed = receipt.printed_at.as_deref().filter(|_| key.printed_at);
    let content = content(receipt);
    let mut body = String::new();
    if key.terminal {
        body.push_str(&slug(&receipt.terminal_id));
    }
    let _ = write!(body, "\n{}", printed.unwrap_or_default());
    match number {
        Some(number) if key.total => drop(write!(body, "\n{number}\n{}", receipt.total)),
        Some(number) => drop(write!(body, "\n{number}")),
        None => drop(write!(body, "\n{content}")),
    }
    let certain = number.is_some() || printed.is_some_and(to_the_second);
    let mut identity = of(Paper::Receipt, draft, settings, at, &body, &content, certain);
    identity.total = receipt.total;
    identity.complete = receipt.complete;
    identity
}

/// The identity of a slip that says `content`; `unique`: what it says happens once only.
pub fn of_slip(
    draft: &Draft,
    settings: &TillSettings,
    at: UtcMs,
    content: &str,
    unique: bool,
) -> Identity {
    let number = draft.number.as_deref();
    // A copy of a numbered slip may bear the time of its own printing.
    let printed = draft.printed_at.as_deref().filter(|_| number.is_none() && !unique);
    let body = format!("{:?}\n{}\n{content}", number, printed.unwrap_or_default());
    let certain = unique || number.is_some() || printed.is_some_and(to_the_second);
    of(Paper::Slip, draft, settings, at, &body, content, certain)
}

/// The identity of the void of the receipt `id`; `numbered`: the receipt is told by its number.
pub fn of_void(
    id: &str,
    draft: &Draft,
    settings: &TillSettings,
    at: UtcMs,
    numbered: bool,
) -> Identity {
    let printed = draft.printed_at.as_deref();
    let certain = numbered || printed.is_some_and(to_the_second);
    of(Paper::Void, draft, settings, at, id, id, certain)
}

fn of(
    paper: Paper,
    draft: &Draft,
    settings: &TillSettings,
    at: UtcMs,
    body: &str,
    content: &str,
    certain: bool,
) -> Identity {
    let terminal = slug(draft.terminal.as_deref().unwrap_or(&settings.terminal));
    let day = business_day(draft.printed_at.as_deref(), at, settings);
    let key: [u8; 32] = Sha256::digest(body.as_bytes()).into();
    let number = draft.number.as_deref().filter(|_| settings.key.number);
    // Two equal sales are two receipts, also when the agent was started anew between them.
    let unique =
        if certain { key } else { Sha256::digest([&key[..], &at.0.to_le_bytes()].concat()).into() };
    let name = number.map_or_else(|| short_hash(&unique), slug);
    Identity {
        paper,
        id: format!("{terminal}-{day}-{name}"),
        number: number.map(bare_number),
        key,
        content: Sha256::digest(content.as_bytes()).into(),
        certain,
        reprint: draft.reprint,
        training: draft.training,
        complete: true,
        total: 0,
    }
}

impl Identity {
    /// Whether this is the same paper as an earlier one.
    pub fn repeats(&self, earlier: &Self) -> bool {
        let numbered = || {
            self.number.is_some()
                && self.number == earlier.number
                && (self.total == earlier.total || !earlier.complete)
                && self.paper == Paper::Receipt
        };
        let nameless = || self.number.is_none() || earlier.number.is_none();
        let marked =
            || self.reprint && (numbered() || (nameless() && self.content == earlier.content));
        // Asked of all papers that are remembered: what tells them apart soonest comes first.
        let begin = |key: &[u8; 32]| key.first_chunk::<8>().map(|begin| u64::from_le_bytes(*begin));
        let keyed = || begin(&self.key) == begin(&earlier.key) && self.key == earlier.key;
        let same = (self.certain && keyed()) || marked();
        same && self.paper == earlier.paper && self.training == earlier.training
    }

    /// Whether both would have one id, and are not the same paper.
    pub fn clashes(&self, earlier: &Self) -> bool {
        let slip = |identity: &Self| identity.paper == Paper::Slip;
        // Ids of a day differ in their ends.
        let end = |identity: &Self| identity.id.as_bytes().last().copied();
        end(self) == end(earlier) && self.id == earlier.id && slip(self) == slip(earlier)
    }

    /// Whether this is the receipt with this number.
    pub fn is_receipt(&self, number: &str) -> bool {
        self.paper == Paper::Receipt && self.number.as_deref() == Some(number)
    }
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

/// A receipt's number as another paper may name it.
pub fn bare_number(number: &str) -> String {
    let slug = slug(number.trim());
    let bare = slug.trim_start_matches('0');
    if bare.is_empty() { slug } else { bare.to_owned() }
}

/// The shop's day as `yyyymmdd`, by the printed time or else by the gateway's: it may end after midnight.
fn business_day(printed: Option<&str>, at: UtcMs, settings: &TillSettings) -> String {
    let printed = printed.and_then(|printed| {
        let moment = printed.parse::<civil::DateTime>().ok().filter(|_| printed.len() > 10);
        moment.or_else(|| {
            // A date without a time is taken as it is.
            let noon = printed.get(..10)?.parse::<civil::Date>().ok()?.at(12, 0, 0, 0);
            Some(noon)
        })
    });
    let moment = printed.unwrap_or_else(|| {
        let time = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
        time.to_zoned(settings.zone.clone()).datetime()
    });
    let starts = SignedDuration::try_from(settings.business_day_starts).unwrap_or_default();
    let day = moment.checked_sub(starts).unwrap_or(moment).date();
    day.to_string().replace('-', "")
}

/// `2026-11-21T14:05:09`: seconds of zero may only be missing.
fn to_the_second(printed: &str) -> bool {
    printed.get(17..19).is_some_and(|seconds| seconds != "00")
}

fn short_hash(key: &[u8; 32]) -> String {
    key.iter().take(6).fold(String::from("h"), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Safe in an id: letters, digits, `-`, `_`, `.`; at most 64.
fn slug(text: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' }
    };
    text.chars().take(64).map(safe).collect()
}
