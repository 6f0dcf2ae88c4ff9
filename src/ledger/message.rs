//! An MQTT message as entries. What a payload says of itself counts; its properties only where it cannot be read.

use std::collections::BTreeMap;

use serde::Deserialize;
use tillgate_events::{
    Batch, Class, DecodeError, JsonError, Loss, LossError, check_envelope, decode,
};

use super::entry::{Entry, Head, Kind};
use crate::limits::{LEDGER_PARTS, MQTT_PACKET_BYTES};

/// Characters of one level of a topic at most, and below, which: as on the gateway.
const LEVEL_CHARS: usize = 64;

/// Why a message says nothing. Never quotes what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Not one of the contract's topics.
    #[error("not a topic of a gateway")]
    Topic,
    /// Damaged, or not a batch at all.
    #[error("{0}")]
    Batch(#[from] DecodeError),
    /// Not an event of the contract.
    #[error("{0}")]
    Json(#[from] JsonError),
    /// Not a loss.
    #[error("{0}")]
    Loss(#[from] LossError),
    /// Another gateway's, or another class's, than the topic says.
    #[error("it is of another gateway or class than its topic")]
    Foreign,
    /// Its numbers are missing or make no sense.
    #[error("its numbers are missing or make no sense")]
    Numbers,
    /// Longer than any that a gateway sends.
    #[error("longer than any message")]
    TooLong,
}

/// What a topic says, below the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// Tenant, store and gateway: `acme/7/gw-0007`.
    pub gateway: &'a str,
    /// The gateway's own name.
    name: &'a str,
    kind: Topic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    Events(Class),
    Gap,
    State,
}

impl<'a> Origin<'a> {
    /// Whether a gateway says on it that it is there.
    #[must_use]
    pub fn is_state(&self) -> bool {
        self.kind == Topic::State
    }

    /// Reads a topic: `ROOT/tenant/store/gateway/evt/class`, `…/gap` or `…/state`.
    #[must_use]
    pub fn of(topic: &'a str, root: &str) -> Option<Self> {
        let below = topic.strip_prefix(root)?.strip_prefix('/')?;
        let mut levels = below.splitn(4, '/');
        let (tenant, store, name) = (levels.next()?, levels.next()?, levels.next()?);
        let kind = match levels.next()? {
            "gap" => Topic::Gap,
            "state" => Topic::State,
            other => Topic::Events(Class::from_name(other.strip_prefix("evt/")?)?),
        };
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let plain = |level: &str| {
            !level.is_empty() && level.len() <= LEVEL_CHARS && level.chars().all(letter)
        };
        let gateway = below.get(..tenant.len() + store.len() + name.len() + 2)?;
        [tenant, store, name].into_iter().all(plain).then_some(Self { gateway, name, kind })
    }
}

/// The part of `…/state` that says how far a gateway's numbers are.
#[derive(Deserialize)]
struct State {
    epoch: u32,
    #[serde(default)]
    next: BTreeMap<String, u64>,
}

/// What a message says.
///
/// # Errors
/// When it says nothing that can be believed: it is neither stored nor confirmed.
pub fn heads(
    origin: Origin<'_>,
    properties: &[(String, String)],
    payload: &[u8],
) -> Result<Vec<Entry>, MessageError> {
    if payload.len() > MQTT_PACKET_BYTES {
        return Err(MessageError::TooLong);
    }
    let head = |kind, class, epoch, first, last| {
        let gateway = origin.gateway.to_owned();
        Head { kind, gateway, class, epoch, first, last, part: None }
    };
    let head = match origin.kind {
        Topic::Gap => {
            let loss = Loss::parse(payload)?;
            if loss.gateway != origin.name {
                return Err(MessageError::Foreign);
            }
            head(Kind::of(&loss), loss.class, loss.epoch, loss.first_sequence, loss.last_sequence)
        }
        Topic::State => return Ok(produced(payload, head)),
        Topic::Events(class) if payload.starts_with(b"{") => {
            let (epoch, number) = json_numbers(payload, origin.name, class)?;
            let part = part(properties)?;
            Head { part: Some(part), ..head(Kind::Records, class, epoch, number, number) }
        }
        Topic::Events(class) => {
            let (epoch, first, count) = batch_numbers(payload, properties, origin.name, class)?;
            let last = first.checked_add(count).and_then(|end| end.checked_sub(1));
            let last = last.filter(|last| 0 < first && first <= *last);
            head(Kind::Records, class, epoch, first, last.ok_or(MessageError::Numbers)?)
        }
    };
    if head.epoch == 0 {
        return Err(MessageError::Numbers);
    }
    Ok(vec![Entry { head, payload: payload.to_vec() }])
}

/// What a gateway's birth says of the numbers it has given out. Anything else on `…/state` says nothing here.
fn produced(payload: &[u8], head: impl Fn(Kind, Class, u32, u64, u64) -> Head) -> Vec<Entry> {
    let Ok(State { epoch, next }) = serde_json::from_slice(payload) else { return Vec::new() };
    if epoch == 0 {
        return Vec::new();
    }
    let known = next.iter().filter_map(|(name, next)| Some((Class::from_name(name)?, *next)));
    known
        .filter(|(_, next)| *next > 1)
        .map(|(class, next)| head(Kind::Produced, class, epoch, 1, next - 1))
        .map(|head| Entry { head, payload: Vec::new() })
        .collect()
}

/// Epoch, first number and count of a batch.
fn batch_numbers(
    payload: &[u8],
    properties: &[(String, String)],
    gateway: &str,
    class: Class,
) -> Result<(u32, u64, u64), MessageError> {
    match decode(payload) {
        Ok(Batch { header, records }) => {
            if header.gateway_id != gateway || header.class != class {
                return Err(MessageError::Foreign);
            }
            Ok((header.epoch, header.first_sequence, records.len() as u64))
        }
        // Of a newer gateway: kept as it is.
        Err(DecodeError::UnknownVersion { .. }) => {
            let number = |name| property::<u64>(properties, name);
            let epoch = property(properties, "epoch");
            Ok((epoch?, number("seq")?, number("count")?))
        }
        Err(error) => Err(error.into()),
    }
}

/// Epoch and number of an event: both are in its trace id.
fn json_numbers(payload: &[u8], gateway: &str, class: Class) -> Result<(u32, u64), MessageError> {
    #[derive(Deserialize)]
    struct Named {
        trace_id: String,
    }
    check_envelope(payload)?;
    let named: Named = serde_json::from_slice(payload).map_err(|_| MessageError::Numbers)?;
    let rest = named.trace_id.strip_prefix(gateway).and_then(|rest| rest.strip_prefix('-'));
    let rest = rest.and_then(|rest| rest.strip_prefix(class.name())?.strip_prefix('-'));
    let mut numbers = rest.ok_or(MessageError::Foreign)?.split('-');
    let epoch = numbers.next().and_then(|text| text.parse().ok());
    let number = numbers.next().and_then(|text| text.parse().ok()).filter(|number| *number > 0);
    epoch.zip(number).ok_or(MessageError::Numbers)
}

fn part(properties: &[(String, String)]) -> Result<(u32, u32), MessageError> {
    let part = (property(properties, "part")?, property(properties, "parts")?);
    let is_sound = 0 < part.0 && part.0 <= part.1 && part.1 <= LEDGER_PARTS;
    if is_sound { Ok(part) } else { Err(MessageError::Numbers) }
}

fn property<T: std::str::FromStr>(
    properties: &[(String, String)],
    name: &str,
) -> Result<T, MessageError> {
    let value = properties.iter().find(|(key, _)| key == name);
    value.and_then(|(_, value)| value.parse().ok()).ok_or(MessageError::Numbers)
}
