//! What a screen's player says it showed: a line of JSON for each showing.
//!
//! `{"campaign_id":"spring","creative_id":"milk-15s","impression_id":"i-77","cost":0.12,"dwell_seconds":15}`
//!
//! `campaign_id` and `creative_id` must be there. `cost` is in the shop's currency, a number or a string, rounded to
//! its minor unit; `cost_cents` is in minor units and goes before it; without either it is 0. `channel`, `device_type`,
//! `customer_ad_id`, `customer_id` and `dwell_seconds` may be there. Other keys are passed over and counted, lines
//! that are not such an object are counted. Texts are redacted.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Number, Value};
use tillgate_events::Currency;

use super::line::LineSplitter;
use super::redact;
use crate::limits;

/// One showing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenFact {
    /// The campaign that it is credited to.
    pub campaign_id: String,
    /// Which advertisement.
    pub creative_id: String,
    /// The player's own number of the showing.
    pub impression_id: Option<String>,
    /// Minor units of the shop's currency.
    pub cost: i64,
    /// Where it was shown.
    pub channel: Option<String>,
    /// What it was shown on.
    pub device_type: Option<String>,
    /// The viewer's advertising id.
    pub customer_ad_id: Option<String>,
    /// The customer's number.
    pub customer_id: Option<u64>,
    /// How long, in seconds.
    pub dwell_seconds: Option<u32>,
}

/// Bytes of a player's port to showings.
#[derive(Debug)]
pub struct ScreenDecoder {
    currency: Currency,
    lines: LineSplitter,
    malformed: u64,
    unknown_keys: u64,
}

impl ScreenDecoder {
    /// Costs are in this currency.
    #[must_use]
    pub fn new(currency: Currency) -> Self {
        Self { currency, lines: LineSplitter::default(), malformed: 0, unknown_keys: 0 }
    }

    /// Takes bytes; calls `said` for each showing in them.
    pub fn push(&mut self, bytes: &[u8], mut said: impl FnMut(ScreenFact)) {
        let Self { currency, lines, malformed, unknown_keys } = self;
        lines.push(bytes, |line| match parse_line(line, *currency) {
            Some((fact, unknown)) => {
                *unknown_keys += unknown;
                said(fact);
            }
            None => *malformed += 1,
        });
    }

    /// Bytes were lost: the rest of the line says nothing.
    pub fn broken(&mut self) {
        self.lines.skip();
    }

    /// The device went away or came back: what it says next is the start of a line.
    pub fn started(&mut self) {
        self.lines.clear();
    }

    /// Lines that were not understood or too long.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.malformed + self.lines.too_long()
    }

    /// Keys that mean nothing here.
    #[must_use]
    pub fn unknown_keys(&self) -> u64 {
        self.unknown_keys
    }
}

/// A number or a string.
#[derive(Deserialize)]
#[serde(untagged)]
enum Amount {
    Number(Number),
    Text(String),
}

#[derive(Deserialize)]
struct Line {
    campaign_id: String,
    creative_id: String,
    impression_id: Option<String>,
    cost: Option<Amount>,
    cost_cents: Option<i64>,
    channel: Option<String>,
    device_type: Option<String>,
    customer_ad_id: Option<String>,
    customer_id: Option<u64>,
    dwell_seconds: Option<u32>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// Reads one line: the showing, and how many keys of it mean nothing.
#[must_use]
pub fn parse_line(line: &str, currency: Currency) -> Option<(ScreenFact, u64)> {
    let line: Line = serde_json::from_str(line).ok()?;
    let cost = match (line.cost_cents, line.cost) {
        (Some(cents), _) => cents,
        (None, Some(Amount::Number(number))) => minor_units(&number.to_string(), currency)?,
        (None, Some(Amount::Text(text))) => minor_units(text.trim(), currency)?,
        (None, None) => 0,
    };
    let optional = |field: Option<String>| match field.filter(|text| !text.is_empty()) {
        Some(text) => text_field(&text).map(Some),
        None => Some(None),
    };
    let fact = ScreenFact {
        campaign_id: text_field(&line.campaign_id)?,
        creative_id: text_field(&line.creative_id)?,
        impression_id: optional(line.impression_id)?,
        cost: Some(cost).filter(|cost| *cost >= 0)?,
        channel: optional(line.channel)?,
        device_type: optional(line.device_type)?,
        customer_ad_id: optional(line.customer_ad_id)?,
        customer_id: line.customer_id,
        dwell_seconds: line.dwell_seconds,
    };
    Some((fact, line.unknown.len() as u64))
}

fn text_field(text: &str) -> Option<String> {
    let length = text.chars().count();
    let plain =
        (1..=limits::SCREEN_FIELD_CHARS).contains(&length) && !text.chars().any(char::is_control);
    plain.then(|| redact::text(text))
}

/// A decimal number that is not negative, rounded half up. Written out: no exponent.
fn minor_units(text: &str, currency: Currency) -> Option<i64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(rest) {
        return None;
    }
    let places = usize::try_from(currency.minor_digits()).unwrap_or(0);
    let kept: Cow<'_, str> = match rest.get(..places) {
        Some(kept) => kept.into(),
        None => format!("{rest:0<places$}").into(),
    };
    let up = rest.as_bytes().get(places).is_some_and(|digit| *digit >= b'5');
    let units: i64 = format!("{whole}{kept}").parse().ok()?;
    units.checked_add(i64::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euro() -> Currency {
        Currency::new("EUR").unwrap()
    }

    /// What a line costs and how many of its keys are unknown; `None`: it is a bad one.
    fn check(rest: &str, expected: Option<(i64, u64)>) {
        let line = format!(r#"{{"campaign_id":"c","creative_id":"k"{rest}}}"#);
        let found = parse_line(&line, euro()).map(|(fact, unknown)| (fact.cost, unknown));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn costs_are_minor_units_however_they_are_written() {
        check("", Some((0, 0)));
        check(r#","cost":0.12"#, Some((12, 0)));
        check(r#","cost":3"#, Some((300, 0)));
        check(r#","cost":"1.5""#, Some((150, 0)));
        check(r#","cost":0.125"#, Some((13, 0)));
        check(r#","cost":0.1249"#, Some((12, 0)));
        check(r#","cost":0.12,"cost_cents":7"#, Some((7, 0)));
        for bad in ["-1", "1e9", "\"1,50\"", "\"\"", "true", "99999999999999999999"] {
            check(&format!(r#","cost":{bad}"#), None);
        }
    }

    #[test]
    fn keys_that_mean_nothing_are_counted_and_passed_over() {
        check(r#","volume":3,"played_by":{"name":"x"}"#, Some((0, 2)));
    }

    #[test]
    fn a_line_without_its_names_is_a_bad_one() {
        let bad = |line: &str| assert_eq!(parse_line(line, euro()), None, "{line}");
        bad(r#"{"campaign_id":"c"}"#);
        bad(r#"{"campaign_id":"","creative_id":"k"}"#);
        bad(r#"["c","k"]"#);
        bad("TOTAL 12.00");
        check(&format!(r#","channel":"{}""#, "x".repeat(limits::SCREEN_FIELD_CHARS + 1)), None);
        check(r#","channel":"a\u0007b""#, None);
    }

    #[test]
    fn a_card_number_does_not_pass() {
        let line = r#"{"campaign_id":"4111111111111111","creative_id":"k"}"#;
        let (fact, _) = parse_line(line, euro()).unwrap();
        assert!(!fact.campaign_id.contains("411111111111"), "{fact:?}");
    }

    #[test]
    fn bad_lines_are_counted_and_the_next_one_is_read() {
        let (mut decoder, mut shown) = (ScreenDecoder::new(euro()), 0);
        decoder.push(b"{\"campaign_id\":1}\nxx\n{\"campaign_id\":\"c\",", |_| shown += 1);
        decoder.push(b"\"creative_id\":\"k\",\"x\":1}\n", |_| shown += 1);
        assert_eq!((shown, decoder.malformed(), decoder.unknown_keys()), (1, 2, 1));
    }
}
