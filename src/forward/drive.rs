//! The task that drives the session: feeds it with what happens, carries out what it says.
//!
//! # Constraints
//! - One task, no locks. Every wait is in one `select!`, and everything in it can be cancelled.

mod hand_over;
mod wire;

use std::collections::BTreeMap;
use std::future::Future;

use tillgate_events::{Class, ClockQuality, Watermarks, parse_watermarks};
use tokio::sync::{oneshot, watch};

use super::link::{Answer, ForwardSettings, Link, Request};
use super::message;
use super::mqtt::{Connection, Event, Trouble};
use super::report::Report;
use super::session::{Input, Outbound, Output, Session};
use super::state::{self, Status};
use crate::clock::{Clock, TimeSync};
use crate::config::Encoding;
use crate::limits::{FETCH_ROWS, FETCH_ROWS_JSON};
use crate::store::{Numbering, Row, RowId, StoreError};
use crate::time::{Mono, UtcMs};
use hand_over::hand_over;
use wire::Wire;

/// Forwards rows until `stop` is ready and what can be sent is sent, or the pipeline is gone.
pub async fn run(
    settings: ForwardSettings,
    link: Link,
    stop: impl Future<Output = ()>,
    clock: Clock,
) {
    let mut driver = Driver::new(settings, link, clock);
    tokio::pin!(stop);
    driver.feed(Input::Committed(driver.begun)).await;
    while !driver.finished {
        let wait = driver.next_deadline().since(driver.now());
        tokio::select! {
            event = driver.wire.next() => driver.heard(event).await,
            read = answer(&mut driver.fetch) => driver.fetched(read).await,
            compared = answer(&mut driver.compare) => driver.compared(compared).await,
            committed = driver.link.newest.changed() => driver.committed(committed.is_ok()).await,
            text = news(&mut driver.link.health) => driver.feed(Input::Health(text)).await,
            () = &mut stop, if driver.stop_by.is_none() => driver.stop().await,
            () = tokio::time::sleep(wait) => driver.wake().await,
        }
        driver.publish_state();
    }
    driver.report.disconnected(clock.now().wall);
    driver.publish_state();
    driver.wire.down(clock.now().mono);
    driver.end().await;
}

/// What to do where a certificate is not valid now and nothing says that now is right.
const CLOCK_ADVICE: &str =
    "; no time client vouches for the clock: see `timedatectl`, set it, and all goes on by itself";

/// What comes back from the store.
type Read = Result<Answer, StoreError>;
type Compared = Result<Numbering, StoreError>;

struct Driver {
    settings: ForwardSettings,
    link: Link,
    clock: Clock,
    session: Session,
    wire: Wire,
    fetch: Option<oneshot::Receiver<Read>>,
    compare: Option<oneshot::Receiver<Compared>>,
    /// The newest row at the start: it and those before may have been sent by an earlier run.
    begun: RowId,
    /// The newest row of each class that was read since: later ones are surely sent for the first time.
    seen: BTreeMap<Class, RowId>,
    /// Set by the stop: the end at the latest.
    stop_by: Option<Mono>,
    report: Report,
    /// When the connection began, or the last one did.
    connected: UtcMs,
    time_sync: TimeSync,
    /// Both sides let `…/state` be retained.
    retain: bool,
    finished: bool,
}

impl Driver {
    fn new(settings: ForwardSettings, mut link: Link, clock: Clock) -> Self {
        let begun = *link.newest.borrow_and_update();
        let now = clock.now();
        Self {
            session: Session::new(settings.mqtt.confirm, settings.epoch, &settings.untaken)
                .within(settings.mqtt.allowance)
                .asking_first(),
            settings,
            link,
            clock,
            wire: Wire::new(now.mono),
            fetch: None,
            compare: None,
            begun,
            seen: BTreeMap::new(),
            stop_by: None,
            report: Report::new(now.wall),
            connected: now.wall,
            time_sync: TimeSync::default(),
            retain: true,
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
            if let Err(trouble) = self.carry_out(output).await {
                // The session forgets all that flew; what is left of the outputs was for this connection.
                self.lost(trouble);
                let mut rest = Vec::new();
                self.session.step(Input::Disconnected, self.now(), &mut rest);
                self.finished |= rest.contains(&Output::Disconnect);
            }
        }
    }

    async fn carry_out(&mut self, output: Output) -> Result<(), Trouble> {
        match output {
            Output::Fetch { class, after } => self.ask_for(class, after).await,
            Output::Compare(marks) => self.compare(marks, false).await,
            Output::Contradicted(marks) => self.compare(marks, true).await,
            Output::Delivered(marks) => self.request(Request::Delivered(marks)).await,
            Output::Free(rows) => self.request(Request::Free(rows)).await,
            Output::Settle(gaps) => self.request(Request::Settle(gaps)).await,
            Output::Send(outbound) => return self.send(outbound),
            Output::Report(concern) => self.report.concern(&concern),
            Output::Reconnect(violation) => return Err(Trouble::new(violation.to_string())),
            // Without a connection, that is the end.
            Output::Disconnect => self.finished |= !self.wire.close()?,
        }
        Ok(())
    }

    async fn request(&mut self, request: Request) {
        if self.link.requests.send(request).await.is_err() {
            self.finished = true;
        }
    }

    async fn compare(&mut self, marks: Watermarks, contradicts: bool) {
        let (reply, answer) = oneshot::channel();
        self.compare = Some(answer);
        self.request(Request::Compare { contradicts, marks, reply }).await;
    }

    /// Nothing is sent from here on: what the next start needs to know.
    async fn end(&mut self) {
        self.request(Request::Delivered(self.session.delivered())).await;
        self.request(Request::Ended(self.session.taken())).await;
    }

    async fn ask_for(&mut self, class: Class, after: RowId) {
        let (reply, answer) = oneshot::channel();
        self.fetch = Some(answer);
        let max_rows = match self.settings.mqtt.encoding {
            Encoding::Postcard => FETCH_ROWS,
            Encoding::Json => FETCH_ROWS_JSON,
        };
        self.request(Request::Rows { class, after, max_rows, reply }).await;
    }

    fn send(&self, outbound: Outbound) -> Result<(), Trouble> {
        let Some(connection) = self.wire.connection() else { return Ok(()) };
        let since = match outbound {
            // Also of one that is told again, because an epoch begins.
            Outbound::Birth => self.connected,
            _ => self.clock.now().wall,
        };
        hand_over(connection, outbound, &self.settings, self.retain, since)
    }

    async fn fetched(&mut self, read: Option<Read>) {
        self.fetch = None;
        match read {
            Some(Ok(answer)) => {
                let Answer { rows, gaps } = answer;
                let parcels = self.parcels(rows);
                self.feed(Input::Fetched { parcels, gaps }).await;
            }
            Some(Err(error)) => {
                self.report.trouble(format!("the store cannot be read: {error}"));
                self.feed(Input::Unread).await;
            }
            None => self.feed(Input::Unread).await,
        }
    }

    async fn compared(&mut self, compared: Option<Compared>) {
        self.compare = None;
        match compared {
            Some(Ok(Numbering { epoch, next, begins })) => {
                if begins {
                    (self.settings.epoch, self.settings.next) = (epoch, next);
                }
                self.feed(Input::Numbered { begins: begins.then_some(epoch) }).await;
            }
            Some(Err(error)) => {
                self.report.trouble(format!("the numbering cannot be compared: {error}"));
                self.feed(Input::Uncompared).await;
            }
            None => self.feed(Input::Uncompared).await,
        }
    }

    fn parcels(&mut self, rows: Vec<Row>) -> Vec<super::Parcel> {
        let ForwardSettings { mqtt, gateway_id, .. } = &self.settings;
        let (begun, seen, session) = (self.begun, &mut self.seen, &self.session);
        let parcel = |row: Row| {
            let seen = seen.entry(row.class).or_insert(begun);
            let replay = row.id <= *seen;
            *seen = row.id.max(*seen);
            message::parcel(&row, mqtt.encoding, gateway_id, replay, session.slice(&row))
        };
        rows.into_iter().map(parcel).collect()
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
        // The last rows were accepted just before: both news come at once.
        self.committed(true).await;
        let now = self.now();
        self.stop_by = Some(now.plus(self.settings.stop_within));
        // The last third is for the farewell.
        let until = now.plus(self.settings.stop_within * 2 / 3);
        self.feed(Input::Stop { until }).await;
    }

    async fn heard(&mut self, event: Result<Event, Trouble>) {
        match event {
            Ok(event) => {
                self.wire.note(&event, self.now());
                self.happened(event).await;
            }
            Err(trouble) => self.fail(trouble).await,
        }
        self.prove();
    }

    async fn happened(&mut self, event: Event) {
        match event {
            Event::Connected { receive_maximum: 0, .. } => {
                self.fail(Trouble::new("the broker lets nothing be sent".to_owned())).await;
            }
            Event::Connected { receive_maximum, max_packet, retain } => {
                self.retain = retain && self.settings.mqtt.allowance.retain;
                let max_packet = max_packet.min(self.settings.mqtt.allowance.packet_bytes);
                self.connected = self.clock.now().wall;
                self.report.connected(self.connected, &self.settings.mqtt.host);
                self.feed(Input::Connected { receive_maximum, max_packet }).await;
            }
            Event::Taken { packet_id } => self.feed(Input::Taken { packet_id }).await,
            Event::Acked { packet_id, reason } => {
                self.feed(Input::Acked { packet_id, reason }).await;
            }
            Event::NotSubscribed { packet_id } => {
                self.report.trouble(
                    "the broker does not let this gateway read its …/ack topic".to_owned(),
                );
                self.feed(Input::Acked { packet_id, reason: 0 }).await;
            }
            Event::Message(payload) => match parse_watermarks(&payload) {
                Ok(marks) => {
                    self.feed(Input::Watermarks(marks.into_iter().collect())).await;
                }
                Err(error) => self.feed(Input::NoMark(error.to_string())).await,
            },
            Event::Closed => self.finished |= self.wire.is_closing(),
            Event::Heard | Event::Said => {}
        }
    }

    /// A deadline has come.
    async fn wake(&mut self) {
        let now = self.now();
        if self.stop_by.is_some_and(|end| end <= now) {
            self.finished = true;
            return;
        }
        if self.wire.is_due(now) {
            self.connect().await;
        } else if self.wire.is_silent(self.settings.mqtt.keep_alive, now) {
            self.fail(Trouble::new("the broker no longer answers".to_owned())).await;
        }
        self.prove();
        self.feed(Input::Tick).await;
    }

    fn next_deadline(&self) -> Mono {
        let others = self.session.deadline().into_iter().chain(self.stop_by);
        others.fold(self.wire.deadline(self.settings.mqtt.keep_alive), Mono::min)
    }

    async fn connect(&mut self) {
        let lost = state::text(Status::Lost, &self.settings, self.clock.now().wall);
        let ForwardSettings { mqtt, topics, gateway_id, .. } = &self.settings;
        match Connection::open(mqtt, gateway_id, (&topics.state(), &lost)) {
            Ok(connection) => {
                let delivered = self.session.progress().sent;
                let now = self.now();
                self.wire.up(connection, delivered, now);
            }
            Err(trouble) => self.fail(trouble).await,
        }
    }

    /// The connection is gone, or could not be made.
    async fn fail(&mut self, trouble: Trouble) {
        let closing = self.wire.is_closing();
        self.lost(trouble);
        self.finished |= closing;
        self.feed(Input::Disconnected).await;
    }

    fn lost(&mut self, trouble: Trouble) {
        let now = self.clock.now();
        self.report.disconnected(now.wall);
        self.wire.down(now.mono);
        let unproven = trouble.about_time && self.time_sync.quality(now) != ClockQuality::Synced;
        self.report.clock_suspect(unproven);
        let advice = if unproven { CLOCK_ADVICE } else { "" };
        self.report.trouble(trouble.words + advice);
    }

    fn prove(&mut self) {
        let now = self.now();
        self.wire.prove(self.session.progress().sent, now);
    }

    fn publish_state(&mut self) {
        self.report.follow(&self.session);
        self.report.publish(&self.link.state);
    }
}

/// What was asked for; `None` when the pipeline dropped the question; never ready without a question.
async fn answer<T>(asked: &mut Option<oneshot::Receiver<T>>) -> Option<T> {
    match asked {
        Some(answer) => answer.await.ok(),
        None => std::future::pending().await,
    }
}

/// What is to stand on `…/health` when that changes; never ready where nobody says anything.
async fn news(health: &mut watch::Receiver<String>) -> String {
    loop {
        if health.changed().await.is_err() {
            return std::future::pending().await;
        }
        let text = health.borrow_and_update().clone();
        if !text.is_empty() {
            return text;
        }
    }
}
