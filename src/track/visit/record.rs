//! What happened to a customer's tag as a record of the contract.
//!
//! Times of events lie back: they are told by the wall clock of the moment they are told at, so that a clock that was
//! set meanwhile moves all of a visit along. A visit's id is a keyed hash of tag and beginning, so that it names
//! nobody, and dies with the day as the pseudonym does.

use std::time::Duration;

use tillgate_events::{Body, CustomerZoneChanged, Record, UtcMs, VisitCrossing};

use super::{Visited, What};
use crate::time::{Mono, Now};
use crate::track::pseudonym::Pseudonyms;
use crate::track::zone::Field;

/// The record, told at `now`, of a tag of this id; `None` of what has no event.
#[must_use]
pub fn record(
    visited: &Visited,
    id: &str,
    field: &Field,
    now: Now,
    names: &Pseudonyms,
) -> Option<Record> {
    let visit_id = names.of(&format!("visit {id} {}", visited.began.0));
    let crossing = |receiver: usize, zone: usize, dwell: Duration| VisitCrossing {
        sensor_id: name_of(field, receiver),
        zone: field.zone_name(zone).to_owned(),
        dwell_time: seconds(dwell),
        visit_id: visit_id.clone(),
    };
    let (at, receiver, body) = match visited.what {
        What::Entered { at, zone, receiver } => {
            (at, receiver, Body::VisitEntered(crossing(receiver, zone, Duration::ZERO)))
        }
        What::Exited { at, zone, receiver, dwell } => {
            (at, receiver, Body::VisitExited(crossing(receiver, zone, dwell)))
        }
        What::Changed { at, from, to, receiver, dwell } => {
            let changed = CustomerZoneChanged {
                customer_ble_id: names.of(id),
                from_zone: field.zone_name(from).to_owned(),
                to_zone: field.zone_name(to).to_owned(),
                dwell_seconds: seconds(dwell),
                visit_id: Some(visit_id),
            };
            (at, receiver, Body::CustomerZoneChanged(changed))
        }
        What::Away { .. } => return None,
    };
    Some(Record { at: wall(at, now), source: name_of(field, receiver), body })
}

/// What the wall clock of `now` says of a moment before.
#[must_use]
pub fn wall(at: Mono, now: Now) -> UtcMs {
    let ago = i64::try_from(now.mono.since(at).as_millis()).unwrap_or(i64::MAX);
    UtcMs(now.wall.0.saturating_sub(ago))
}

/// Whole seconds, rounded.
fn seconds(duration: Duration) -> u32 {
    u32::try_from((duration.as_millis() + 500) / 1000).unwrap_or(u32::MAX)
}

fn name_of(field: &Field, receiver: usize) -> String {
    field.post(receiver).map(|post| post.name.clone()).unwrap_or_default()
}
