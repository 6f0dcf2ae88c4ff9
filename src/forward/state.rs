//! What stands, retained, on `…/state`: one JSON object.

use std::collections::BTreeMap;

use tillgate_events::UtcMs;

use super::link::ForwardSettings;
use super::message::JSON;
use super::parcel::Message;

/// What a gateway is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Connected.
    Online,
    /// Said goodbye.
    Stopped,
    /// The connection broke: the last will.
    Lost,
}

/// The object as text. The times are strings like all times of the contract.
pub(super) fn text(status: Status, settings: &ForwardSettings, since: UtcMs) -> String {
    let status = match status {
        Status::Online => "online",
        Status::Stopped => "stopped",
        Status::Lost => "lost",
    };
    // At the start, so that a loss of the last ones shows even if nothing comes after them.
    let next: BTreeMap<_, _> = settings.next.iter().map(|(it, next)| (it.name(), next)).collect();
    serde_json::json!({
        "status": status,
        "gateway": settings.gateway_id,
        "version": env!("CARGO_PKG_VERSION"),
        "epoch": settings.epoch,
        "next": next,
        "started": settings.started.to_string(),
        "since": since.to_string(),
    })
    .to_string()
}

/// The object as a message.
pub(super) fn message(status: Status, settings: &ForwardSettings, since: UtcMs) -> Message {
    let payload = text(status, settings, since).into_bytes();
    Message { payload, content_type: JSON, properties: Vec::new() }
}
