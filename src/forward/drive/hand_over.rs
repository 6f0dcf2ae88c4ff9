//! Each kind of outgoing message: its topic, whether it is retained, what is in it.

use crate::forward::link::ForwardSettings;
use crate::forward::message;
use crate::forward::mqtt::{Connection, Trouble};
use crate::forward::session::Outbound;
use crate::forward::state::{self, Status};
use crate::time::UtcMs;

/// Hands a message to the client. `retain`: `…/state` may be retained. `since` is when what `…/state` says came about.
pub(super) fn hand_over(
    connection: &Connection,
    outbound: Outbound,
    settings: &ForwardSettings,
    retain: bool,
    since: UtcMs,
) -> Result<(), Trouble> {
    let ForwardSettings { topics, gateway_id, .. } = settings;
    let status = |status| state::message(status, settings, since);
    match outbound {
        Outbound::Birth => connection.publish(topics.state(), retain, status(Status::Online)),
        Outbound::Farewell => connection.publish(topics.state(), retain, status(Status::Stopped)),
        Outbound::Subscribe => connection.subscribe(topics.ack()),
        Outbound::Gap(gap) => {
            connection.publish(topics.gap(), false, message::gap(&gap, gateway_id))
        }
        Outbound::Health(text) => connection.publish(topics.health(), false, message::health(text)),
        Outbound::Row(class, message) => connection.publish(topics.events(class), false, message),
    }
}
