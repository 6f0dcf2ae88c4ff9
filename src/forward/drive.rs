//! The task that drives the session: feeds it with what happens, carries out what it says.
//!
//! # Constraints
//! - One task, no locks. Every wait is in one `select!`, and everything in it can be cancelled.
//! - A connection is given up when nothing at all came over it for twice the keep-alive: the client itself can
//!   block on a half-open connection.
//! - A kick right after CONNACK must not make us hammer the broker: only a delivered row, or a connection that
//!   lasted, resets the backoff.

use std::future::Future;
use std::time::Duration;

use tokio::sync::oneshot;

use super::link::{ForwardSettings, Link, Request};
use super::message;
use super::mqtt::{Connection, Event, Trouble};
use super::report::Report;
use super::session::{Input, Outbound, Output, Session};
use super::state::{self, Status};
use super::watermark;
use crate::backoff::Backoff;
use crate::clock::Clock;
use crate::config::Encoding;
use crate::limits::{
    CONNECT_TIMEOUT, CONNECTION_PROVEN, FETCH_ROWS, FETCH_ROWS_JSON, RECONNECT_MAX,
};
use crate::store::{Row, RowId};
use crate::time::Mono;

/// Forwards rows until `stop` is ready and what can be sent is sent, or the pipeline is gone.
pub async fn run(
    settings: ForwardSettings,
    link: Link,
    stop: impl Future<Output = ()>,
    clock: Clock,
) {
    let mut driver = Driver::new(settings, link, clock);
    tokio::pin!(stop);
    driver.feed(Input::Committed(driver.seen)).await;
    while !driver.finished {
        let wait = driver.next_deadline().since(driver.now());
        tokio::select! {
            event = next_event(&mut driver.wire) => driver.heard(event).await,
            rows = answer(&mut driver.fetch) => driver.fetched(rows).await,
            committed = driver.link.newest.changed() => driver.committed(committed.is_ok()).await,
            () = &mut stop, if driver.stop_by.is_none() => driver.stop().await,
            () = tokio::time::sleep(wait) => driver.wake().await,
        }
        driver.publish_state();
    }
    driver.report.disconnected(clock.now().wall);
    driver.publish_state();
}

/// The connection, if there is one.
enum Wire {
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

struct Driver {
    settings: ForwardSettings,
    link: Link,
    clock: Clock,
    session: Session,
    backoff: Backoff,
    wire: Wire,
    fetch: Option<oneshot::Receiver<Vec<Row>>>,
    /// The newest row that may have been sent before: later ones are surely sent for the first time.
    seen: RowId,
    /// Set by the stop: the end at the latest.
    stop_by: Option<Mono>,
    report: Report,
    finished: bool,
}

impl Driver {
    fn new(settings: ForwardSettings, mut link: Link, clock: Clock) -> Self {
        let seen = *link.newest.borrow_and_update();
        let now = clock.now();
        Self {
            session: Session::new(settings.mqtt.confirm, settings.epoch),
            settings,
            link,
            clock,
            backoff: Backoff::new(fastrand::Rng::new(), RECONNECT_MAX),
            wire: Wire::Down { until: now.mono },
            fetch: None,
            seen,
            stop_by: None,
            report: Report::new(now.wall),
            finished: false,
        }
    }

    fn now(&self) -> Mono {
        self.clock.now().mono
    }

    /// Gives the session an input and carries out what it says.
    async fn feed(&mut self, input: Input) {
        let mut outputs = Vec::new();
        self.session.step(input, self.now(), &mut outputs);
        for output in outputs {
            let done = match output {
                Output::Fetch { after } => self.ask_for(after).await,
                Output::Free(rows) => self.request(Request::Free(rows)).await,
                Output::Send(outbound) => self.send(outbound),
                Output::Reconnect(violation) => Err(Trouble(violation.to_string())),
                Output::Disconnect => self.say_goodbye(),
            };
            if let Err(trouble) = done {
                // The session forgets all that flew; outputs that are left were for this connection.
                self.lost(trouble);
                let mut rest = Vec::new();
                self.session.step(Input::Disconnected, self.now(), &mut rest);
                self.finished |= rest.contains(&Output::Disconnect);
            }
        }
    }

    async fn request(&mut self, request: Request) -> Result<(), Trouble> {
        if self.link.requests.send(request).await.is_err() {
            self.finished = true;
        }
        Ok(())
    }

    async fn ask_for(&mut self, after: RowId) -> Result<(), Trouble> {
        let (reply, answer) = oneshot::channel();
        self.fetch = Some(answer);
        let max_rows = match self.settings.mqtt.encoding {
            Encoding::Postcard => FETCH_ROWS,
            Encoding::Json => FETCH_ROWS_JSON,
        };
        self.request(Request::Rows { after, max_rows, reply }).await
    }

    fn send(&mut self, outbound: Outbound) -> Result<(), Trouble> {
        let since = self.clock.now().wall;
        let Wire::Up(live) = &self.wire else { return Ok(()) };
        let ForwardSettings { topics, .. } = &self.settings;
        let status = |status| state::message(status, &self.settings, since);
        match outbound {
            Outbound::Birth => {
                live.connection.publish(topics.state(), true, status(Status::Online))
            }
            Outbound::Farewell => {
                live.connection.publish(topics.state(), true, status(Status::Stopped))
            }
            Outbound::Subscribe => live.connection.subscribe(topics.ack()),
            Outbound::Row(class, message) => {
                live.connection.publish(topics.events(class), false, message)
            }
        }
    }

    /// Closes the connection; without one, that is the end.
    fn say_goodbye(&mut self) -> Result<(), Trouble> {
        match &mut self.wire {
            Wire::Up(live) if live.connected.is_some() => {
                live.closing = true;
                live.connection.disconnect()
            }
            Wire::Up(_) | Wire::Down { .. } => {
                self.finished = true;
                Ok(())
            }
        }
    }

    async fn fetched(&mut self, rows: Vec<Row>) {
        self.fetch = None;
        let ForwardSettings { mqtt, gateway_id, .. } = &self.settings;
        let seen = self.seen;
        self.seen = rows.last().map_or(seen, |row| row.id.max(seen));
        let parcel = |row: Row| {
            let replay = row.id <= seen;
            message::parcel(&row, mqtt.encoding, gateway_id, replay)
        };
        let parcels = rows.into_iter().map(parcel).collect();
        self.feed(Input::Fetched(parcels)).await;
    }

    async fn committed(&mut self, pipeline_lives: bool) {
        if !pipeline_lives {
            self.finished = true;
            return;
        }
        let newest = *self.link.newest.borrow_and_update();
        self.feed(Input::Committed(newest)).await;
    }

    async fn stop(&mut self) {
        let now = self.now();
        self.stop_by = Some(now.plus(self.settings.stop_within));
        // The last third is for the farewell.
        let until = now.plus(self.settings.stop_within * 2 / 3);
        self.feed(Input::Stop { until }).await;
    }

    async fn heard(&mut self, event: Result<Event, Trouble>) {
        let now = self.now();
        if let Wire::Up(live) = &mut self.wire {
            live.heard = now;
        }
        match event {
            Ok(Event::Connected { receive_maximum: 0, .. }) => {
                self.fail(Trouble("the broker lets nothing be sent".to_owned())).await;
            }
            Ok(Event::Connected { receive_maximum, max_packet }) => {
                self.connected();
                self.feed(Input::Connected { receive_maximum, max_packet }).await;
            }
            Ok(Event::Taken { packet_id }) => self.feed(Input::Taken { packet_id }).await,
            Ok(Event::Acked { packet_id, reason }) => {
                self.feed(Input::Acked { packet_id, reason }).await;
            }
            Ok(Event::NotSubscribed { packet_id }) => {
                self.report.trouble(
                    "the broker does not let this gateway read its …/ack topic".to_owned(),
                );
                self.feed(Input::Acked { packet_id, reason: 0 }).await;
            }
            Ok(Event::Message(payload)) => match watermark::parse(&payload) {
                Ok(marks) => self.feed(Input::Watermarks(marks)).await,
                Err(error) => {
                    let words = format!("what stands on …/ack is no watermark: {error}");
                    self.report.trouble(words);
                }
            },
            Ok(Event::Closed) => self.finished = true,
            Ok(Event::Other) => {}
            Err(trouble) => self.fail(trouble).await,
        }
        self.prove();
    }

    /// A deadline has come.
    async fn wake(&mut self) {
        let now = self.now();
        if self.stop_by.is_some_and(|end| end <= now) {
            self.finished = true;
            return;
        }
        let due = self.wire_deadline() <= now;
        match self.wire {
            Wire::Down { .. } if due => self.connect().await,
            Wire::Up(_) if due => {
                self.fail(Trouble("the broker no longer answers".to_owned())).await;
            }
            Wire::Up(_) | Wire::Down { .. } => {}
        }
        self.prove();
        self.feed(Input::Tick).await;
    }

    fn next_deadline(&self) -> Mono {
        let others = self.session.deadline().into_iter().chain(self.stop_by);
        others.fold(self.wire_deadline(), Mono::min)
    }

    /// When the next attempt is due, or a connection over which nothing comes is given up.
    fn wire_deadline(&self) -> Mono {
        match &self.wire {
            Wire::Down { until } => *until,
            Wire::Up(live) if live.connected.is_none() => {
                live.heard.plus(CONNECT_TIMEOUT + Duration::from_secs(1))
            }
            Wire::Up(live) => {
                live.heard.plus(self.settings.mqtt.keep_alive * 2 + Duration::from_secs(5))
            }
        }
    }

    async fn connect(&mut self) {
        let lost = state::text(Status::Lost, &self.settings, self.clock.now().wall);
        let ForwardSettings { mqtt, topics, gateway_id, .. } = &self.settings;
        match Connection::open(mqtt, gateway_id, (&topics.state(), &lost)) {
            Ok(connection) => {
                let delivered_before = self.session.totals().delivered;
                self.wire = Wire::Up(Live {
                    connection,
                    connected: None,
                    delivered_before,
                    proven: false,
                    heard: self.now(),
                    closing: false,
                });
            }
            Err(trouble) => self.fail(trouble).await,
        }
    }

    fn connected(&mut self) {
        let now = self.clock.now();
        if let Wire::Up(live) = &mut self.wire {
            live.connected = Some(now.mono);
        }
        self.report.connected(now.wall, &self.settings.mqtt.host);
    }

    /// The connection is gone, or could not be made.
    async fn fail(&mut self, trouble: Trouble) {
        let closing = matches!(&self.wire, Wire::Up(live) if live.closing);
        self.lost(trouble);
        self.finished |= closing;
        self.feed(Input::Disconnected).await;
    }

    fn lost(&mut self, trouble: Trouble) {
        let now = self.clock.now();
        self.report.disconnected(now.wall);
        self.wire = Wire::Down { until: now.mono.plus(self.backoff.wait()) };
        self.report.trouble(trouble.0);
    }

    /// Resets the backoff once the connection has shown that it works.
    fn prove(&mut self) {
        let (now, delivered) = (self.now(), self.session.totals().delivered);
        let Wire::Up(live) = &mut self.wire else { return };
        let lasted = live.connected.is_some_and(|since| now.since(since) >= CONNECTION_PROVEN);
        if !live.proven && (lasted || delivered > live.delivered_before) {
            live.proven = true;
            self.backoff.reset();
        }
    }

    fn publish_state(&mut self) {
        self.report.follow(&self.session, self.settings.epoch);
        self.report.publish(&self.link.state);
    }
}

/// The next event of the connection; never ready without one.
async fn next_event(wire: &mut Wire) -> Result<Event, Trouble> {
    match wire {
        Wire::Up(live) => live.connection.next().await,
        Wire::Down { .. } => std::future::pending().await,
    }
}

/// The rows asked for; none when the pipeline dropped the question; never ready without a question.
async fn answer(fetch: &mut Option<oneshot::Receiver<Vec<Row>>>) -> Vec<Row> {
    match fetch {
        Some(answer) => answer.await.unwrap_or_default(),
        None => std::future::pending().await,
    }
}
