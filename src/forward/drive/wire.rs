//! The connection of the moment, or the wait for the next one.
//!
//! # Constraints
//! - A connection is given up when nothing at all came over it for twice the keep-alive: the client itself can
//!   block on a half-open connection. What is sent proves nothing.
//! - A kick right after CONNACK must not make us hammer the broker: only a delivered row, or a connection that
//!   lasted, resets the backoff.

use std::time::Duration;

use crate::backoff::Backoff;
use crate::forward::mqtt::{Connection, Event, Trouble};
use crate::limits::{CONNECT_TIMEOUT, CONNECTION_PROVEN, RECONNECT_MAX, RECONNECT_SPREAD};
use crate::time::Mono;

/// See the module's documentation.
pub(super) struct Wire {
    state: State,
    backoff: Backoff,
}

enum State {
    /// Until then no attempt is made.
    Down {
        until: Mono,
    },
    Up(Live),
}

/// A connection, made or in the making.
struct Live {
    connection: Connection,
    /// Set by CONNACK.
    connected: Option<Mono>,
    /// Messages delivered before this connection.
    delivered_before: u64,
    proven: bool,
    /// When something last came over it.
    heard: Mono,
    closing: bool,
}

impl Wire {
    /// Down; the first attempt is due now.
    pub(super) fn new(now: Mono) -> Self {
        Self {
            state: State::Down { until: now },
            backoff: Backoff::new(fastrand::Rng::new(), RECONNECT_MAX),
        }
    }

    /// The next event of the connection; never ready without one. Can be cancelled.
    pub(super) async fn next(&mut self) -> Result<Event, Trouble> {
        match &mut self.state {
            State::Up(live) => live.connection.next().await,
            State::Down { .. } => std::future::pending().await,
        }
    }

    /// Notes what came at `now`.
    pub(super) fn note(&mut self, event: &Event, now: Mono) {
        if let State::Up(live) = &mut self.state
            && event.is_incoming()
        {
            live.heard = now;
            if matches!(event, Event::Connected { .. }) {
                live.connected = Some(now);
            }
        }
    }

    /// The connection, made or in the making.
    pub(super) fn connection(&self) -> Option<&Connection> {
        match &self.state {
            State::Up(live) => Some(&live.connection),
            State::Down { .. } => None,
        }
    }

    /// An attempt begins; `delivered` messages were delivered before it.
    pub(super) fn up(&mut self, connection: Connection, delivered: u64, now: Mono) {
        self.state = State::Up(Live {
            connection,
            connected: None,
            delivered_before: delivered,
            proven: false,
            heard: now,
            closing: false,
        });
    }

    /// The connection is gone, or could not be made.
    pub(super) fn down(&mut self, now: Mono) {
        // One that was not proven is part of a row of failures, whatever it said.
        let stood = matches!(&self.state, State::Up(live) if live.proven);
        let wait = if stood {
            self.backoff.wait_after_loss(RECONNECT_SPREAD)
        } else {
            self.backoff.wait()
        };
        self.state = State::Down { until: now.plus(wait) };
    }

    /// Begins to close a connection that stands; false without one.
    pub(super) fn close(&mut self) -> Result<bool, Trouble> {
        match &mut self.state {
            State::Up(live) if live.connected.is_some() => {
                live.closing = true;
                live.connection.disconnect().map(|()| true)
            }
            State::Up(_) | State::Down { .. } => Ok(false),
        }
    }

    /// Whether we are closing the connection ourselves.
    pub(super) fn is_closing(&self) -> bool {
        matches!(&self.state, State::Up(live) if live.closing)
    }

    /// Whether the next attempt is due.
    pub(super) fn is_due(&self, now: Mono) -> bool {
        matches!(self.state, State::Down { until } if until <= now)
    }

    /// Whether the connection has been silent for too long.
    pub(super) fn is_silent(&self, keep_alive: Duration, now: Mono) -> bool {
        matches!(self.state, State::Up(_)) && self.deadline(keep_alive) <= now
    }

    /// When the next attempt is due, or a connection over which nothing comes is given up.
    pub(super) fn deadline(&self, keep_alive: Duration) -> Mono {
        match &self.state {
            State::Down { until } => *until,
            State::Up(live) if live.connected.is_none() => {
                live.heard.plus(CONNECT_TIMEOUT + Duration::from_secs(1))
            }
            State::Up(live) => live.heard.plus(keep_alive * 2 + Duration::from_secs(5)),
        }
    }

    /// Resets the backoff once the connection has shown that it works.
    pub(super) fn prove(&mut self, delivered: u64, now: Mono) {
        let State::Up(live) = &mut self.state else { return };
        let lasted = live.connected.is_some_and(|since| now.since(since) >= CONNECTION_PROVEN);
        if !live.proven && (lasted || delivered > live.delivered_before) {
            live.proven = true;
            self.backoff.reset();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::{Allowance, Confirm, Encoding, MqttConfig};

    const KEEP_ALIVE: Duration = Duration::from_secs(20);

    fn wire() -> Wire {
        let mqtt = MqttConfig {
            host: "broker.example.net".into(),
            port: 1883,
            tls: false,
            ca: None,
            client_cert: None,
            client_key: None,
            username: None,
            password_file: None,
            encoding: Encoding::Postcard,
            confirm: Confirm::Broker,
            keep_alive: KEEP_ALIVE,
            allowance: Allowance::default(),
        };
        let mut wire = Wire::new(Mono(0));
        wire.up(Connection::open(&mqtt, "gw", ("state", "{}")).unwrap(), 0, Mono(0));
        wire.note(&Event::Connected { receive_maximum: 1, max_packet: 1, retain: true }, Mono(0));
        wire
    }

    fn check(event: &Event, proves_life: bool) {
        let (mut wire, later) = (wire(), Mono(0).plus(KEEP_ALIVE));
        let before = wire.deadline(KEEP_ALIVE);
        wire.note(event, later);
        assert_eq!(wire.deadline(KEEP_ALIVE) > before, proves_life, "{event:?}");
        assert!(wire.is_silent(KEEP_ALIVE, later.plus(3 * KEEP_ALIVE)));
    }

    #[test]
    fn only_what_comes_from_the_broker_proves_that_it_lives() {
        check(&Event::Acked { packet_id: 1, reason: 0 }, true);
        check(&Event::Message(Vec::new()), true);
        check(&Event::Heard, true);
        check(&Event::Taken { packet_id: 1 }, false);
        check(&Event::Said, false);
        check(&Event::Closed, false);
    }

    #[test]
    fn a_close_counts_only_where_we_asked_for_it() {
        let mut wire = wire();
        assert!(!wire.is_closing());
        assert!(wire.close().unwrap());
        assert!(wire.is_closing());
        wire.down(Mono(0));
        assert!(!wire.is_closing() && !wire.close().unwrap());
    }
}
