//! What the forwarder says of itself: to the log once per change, to the health report always.

use tillgate_events::UtcMs;
use tokio::sync::watch;

use super::link::LinkState;
use super::session::{Concern, Session};

/// The state of the link as told so far.
#[derive(Debug)]
pub(super) struct Report {
    state: LinkState,
}

impl Report {
    /// Not connected since now.
    pub(super) fn new(now: UtcMs) -> Self {
        Self { state: LinkState { since: now, ..LinkState::default() } }
    }

    pub(super) fn connected(&mut self, now: UtcMs, host: &str) {
        self.state.connected = true;
        self.state.since = now;
        self.state.last_error = None;
        self.state.clock_suspect = false;
        tracing::info!(host, "connected to the broker");
    }

    /// Whether the last connection failed because the clock shows a time at which a certificate is not valid, and
    /// nothing vouches for the clock.
    pub(super) fn clock_suspect(&mut self, suspect: bool) {
        self.state.clock_suspect = suspect;
    }

    pub(super) fn disconnected(&mut self, now: UtcMs) {
        if self.state.connected {
            self.state.connected = false;
            self.state.since = now;
        }
    }

    /// Something is wrong on the other side that the session dealt with.
    pub(super) fn concern(&mut self, concern: &Concern) {
        tracing::error!("{concern}");
        self.state.last_error = Some(concern.to_string());
    }

    /// Something is wrong.
    pub(super) fn trouble(&mut self, words: String) {
        if self.state.last_error.as_ref() != Some(&words) {
            tracing::warn!("{words}; rows stay in the store and are sent later");
            self.state.last_error = Some(words);
        }
    }

    /// Takes over what the session knows.
    pub(super) fn follow(&mut self, session: &Session) {
        self.state.progress = session.progress();
        self.state.sent.clone_from(session.sent());
        let refused = session.refused();
        if refused != self.state.refused {
            match refused {
                Some((class, reason)) => {
                    let meaning = reason_words(reason);
                    tracing::warn!(class = class.name(), reason, "not delivered: {meaning}");
                }
                None => tracing::info!("the broker delivers again"),
            }
            self.state.refused = refused;
        }
    }

    /// Shows the state, waking its watchers only when it changed.
    pub(super) fn publish(&self, shown: &watch::Sender<LinkState>) {
        shown.send_if_modified(|shown| {
            let changed = *shown != self.state;
            shown.clone_from(&self.state);
            changed
        });
    }
}

/// What a PUBACK's reason means for whoever has to mend it.
fn reason_words(reason: u8) -> &'static str {
    match reason {
        16 => "nobody has subscribed to the topic",
        135 => "the broker does not let this gateway publish there",
        144 => "the broker does not accept the topic's name",
        151 => "a quota of the broker is exceeded",
        153 => "the broker does not accept the payload's format",
        _ => "the broker gives no better reason",
    }
}
