//! The task that drives the desk: messages in, entries to the folder, acknowledgements and watermarks out.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::io;

use tillgate_events::{Watermarks, render_watermarks};

use super::folder::{Folder, FolderError};
use super::show::Show;
use crate::backoff::Backoff;
use crate::clock::Clock;
use crate::config::MqttConfig;
use crate::forward::{Arrival, Delivery, Inbound, Trouble};
use crate::ledger::{
    Behind, Birth, Desk, Entry, Head, Input, Kind, Origin, Output, Recent, Tally, heads,
};
use crate::limits::{LEDGER_GROUP, REOPEN_MAX};
use crate::time::Mono;

/// What is subscribed to below a gateway's topics.
const BELOW: [&str; 3] = ["evt/+", "gap", "state"];

/// Why it ends.
#[derive(Debug, thiserror::Error)]
pub enum ClerkError {
    /// The folder failed.
    #[error("{0}")]
    Folder(#[from] FolderError),
    /// Nobody reads what is printed.
    #[error("cannot write: {0}")]
    Show(#[from] io::Error),
}

/// See the module's documentation.
pub struct Clerk {
    mqtt: MqttConfig,
    client_id: String,
    root: String,
    desk: Desk,
    folder: Folder,
    show: Show,
    clock: Clock,
    backoff: Backoff,
    link: Link,
    /// Messages of this connection that are not acknowledged.
    deliveries: BTreeMap<u64, Delivery>,
    next_token: u64,
    /// Watermarks to publish, and whose turn it is: a newer one takes the place of an older one.
    marks: BTreeMap<String, Watermarks>,
    turns: VecDeque<String>,
    /// Appended and not synced.
    appended: Vec<Entry>,
}

enum Link {
    Down { until: Mono },
    Up { inbound: Inbound, heard: Mono },
}

impl Clerk {
    /// Not connected; the first attempt is due now.
    pub fn new(
        mqtt: MqttConfig,
        client_id: &str,
        root: &str,
        folder: Folder,
        (tally, recent): (Tally, Recent),
        show: Show,
    ) -> Self {
        let clock = Clock::start();
        Self {
            mqtt,
            client_id: client_id.to_owned(),
            root: root.to_owned(),
            desk: Desk::new(tally, recent),
            folder,
            show,
            link: Link::Down { until: clock.now().mono },
            clock,
            backoff: Backoff::new(fastrand::Rng::new(), REOPEN_MAX),
            deliveries: BTreeMap::new(),
            next_token: 0,
            marks: BTreeMap::new(),
            turns: VecDeque::new(),
            appended: Vec::new(),
        }
    }

    /// Works until `stop` is ready.
    pub async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(), ClerkError> {
        tokio::pin!(stop);
        loop {
            self.show.table(self.desk.tally(), self.now(), false)?;
            let wait = self.deadline().since(self.now());
            let happened = tokio::select! {
                arrival = next(&mut self.link) => self.arrived(arrival),
                () = tokio::time::sleep(wait) => {
                    self.wake();
                    Ok(())
                }
                () = &mut stop => break,
            };
            // What was appended must be synced even if the connection broke meanwhile.
            self.sync()?;
            if let Err(trouble) = happened.and_then(|()| self.publish()) {
                self.down(&trouble);
            }
        }
        if let Link::Up { inbound, .. } = &mut self.link {
            // The session stays: what the broker is not told now comes again. One that does not hear the farewell
            // notices by itself.
            let _ = tokio::time::timeout(REOPEN_MAX / 10, async {
                while inbound.owes() && inbound.next().await.is_ok() {}
                let _ = inbound.disconnect();
                while inbound.next().await.is_ok() {}
            })
            .await;
        }
        self.show.table(self.desk.tally(), self.clock.now().mono, true)?;
        Ok(())
    }

    fn now(&self) -> Mono {
        self.clock.now().mono
    }

    /// Takes what came and what is there already, up to what one sync may cover.
    fn arrived(&mut self, first: Result<Arrival, Trouble>) -> Result<(), Trouble> {
        let mut next = Some(first);
        for _ in 0..LEDGER_GROUP {
            let Some(arrival) = next else { break };
            self.take(arrival?)?;
            next = match &mut self.link {
                Link::Up { inbound, .. } => inbound.ready(),
                Link::Down { .. } => None,
            };
        }
        match next {
            Some(arrival) => self.take(arrival?),
            None => Ok(()),
        }
    }

    fn take(&mut self, arrival: Arrival) -> Result<(), Trouble> {
        let now = self.now();
        let Link::Up { inbound, heard } = &mut self.link else { return Ok(()) };
        if !matches!(arrival, Arrival::Said) {
            *heard = now;
        }
        match arrival {
            Arrival::Connected => {
                self.show.tell("connected to the broker");
                let root = &self.root;
                let filters = BELOW.map(|below| format!("{root}/+/+/+/{below}"));
                inbound.subscribe(filters.into())?;
                self.deliveries.clear();
                self.step(Input::Connected);
            }
            Arrival::Subscribed { granted } => {
                self.backoff.reset();
                if granted < BELOW.len() {
                    self.show.tell(&format!(
                        "the broker lets us read {granted} of {} kinds of topics",
                        BELOW.len()
                    ));
                }
            }
            Arrival::Message(delivery) => self.message(delivery),
            Arrival::Refused { reason } => {
                self.show.tell(&format!("the broker refuses a watermark (reason {reason})"));
            }
            Arrival::Heard | Arrival::Said => {}
        }
        Ok(())
    }

    fn message(&mut self, delivery: Delivery) {
        let origin = Origin::of(delivery.topic(), &self.root);
        let read = origin.map(|origin| heads(origin, delivery.properties(), delivery.payload()));
        if let Some(gateway) = origin.filter(Origin::is_state).map(|it| it.gateway.to_owned())
            && let Some(birth) = Birth::parse(delivery.payload())
        {
            self.step(Input::Born { gateway, birth, live: delivery.is_live() });
        }
        let entries = match read {
            Some(Ok(entries)) => entries,
            Some(Err(error)) => {
                let topic = delivery.topic().escape_default();
                self.show.tell(&format!("{topic}: not stored and not confirmed: {error}"));
                Vec::new()
            }
            None => Vec::new(),
        };
        self.next_token += 1;
        let token = self.next_token;
        self.deliveries.insert(token, delivery);
        self.step(Input::Arrived { entries, token });
    }

    fn step(&mut self, input: Input) {
        let mut out = Vec::new();
        self.desk.step(input, &mut out);
        self.act(out);
    }

    fn act(&mut self, out: Vec<Output>) {
        for output in out {
            match output {
                Output::Append(entry) => self.append(entry),
                // Written already.
                Output::Note(_) => {}
                Output::Behind(gateway, Behind { class, knows, published }) => {
                    self.show.tell(&format!(
                        "{gateway}: it begins with {} epoch {} after {}, and is confirmed in epoch {} up to {}: it was \
                         wiped or put back; its watermark is published again",
                        class.name(),
                        knows.epoch,
                        knows.sequence,
                        published.epoch,
                        published.sequence
                    ));
                }
                Output::Full(entry) => {
                    let name = &entry.head.gateway;
                    self.show.tell(&format!("{name}: no room for another hole; not confirmed"));
                }
                Output::Acknowledge(token) => {
                    if let (Some(delivery), Link::Up { inbound, .. }) =
                        (self.deliveries.remove(&token), &mut self.link)
                    {
                        inbound.acknowledge(&delivery);
                    }
                }
                Output::Publish(gateway, marks) => {
                    if self.marks.insert(gateway.clone(), marks).is_none() {
                        self.turns.push_back(gateway);
                    }
                }
            }
        }
    }

    fn append(&mut self, entry: Entry) {
        if entry.head.kind == Kind::Twice {
            let Head { gateway, class, epoch, first, last, .. } = &entry.head;
            let class = class.name();
            self.show.tell(&format!(
                "{gateway} {class} epoch {epoch}: {first}-{last}: other records were stored under these numbers \
                 before: they were given out twice; both are kept"
            ));
        }
        self.appended.push(entry);
    }

    fn sync(&mut self) -> Result<(), ClerkError> {
        for entry in &self.appended {
            self.folder.append(entry)?;
        }
        self.folder.sync(self.desk.tally())?;
        let mut out = Vec::new();
        self.desk.step(Input::Synced, &mut out);
        for output in &out {
            if let Output::Note(entry) = output {
                self.folder.append(entry)?;
            }
        }
        self.folder.note()?;
        self.act(out);
        for entry in std::mem::take(&mut self.appended) {
            self.show.line(&entry.head, self.desk.tally())?;
        }
        self.show.flush()?;
        Ok(())
    }

    fn publish(&mut self) -> Result<(), Trouble> {
        let Link::Up { inbound, .. } = &mut self.link else { return Ok(()) };
        for _ in 0..inbound.room() {
            let Some(gateway) = self.turns.pop_front() else { break };
            let Some(marks) = self.marks.remove(&gateway) else { continue };
            inbound.publish(format!("{}/{gateway}/ack", self.root), render_watermarks(&marks))?;
        }
        Ok(())
    }

    /// When the next attempt is due, or a connection over which nothing comes is given up.
    fn deadline(&self) -> Mono {
        let link = match &self.link {
            Link::Down { until } => *until,
            Link::Up { heard, .. } => heard.plus(self.mqtt.keep_alive * 2),
        };
        self.show.due().map_or(link, |due| due.min(link))
    }

    fn wake(&mut self) {
        let now = self.now();
        match &self.link {
            Link::Down { until } if *until <= now => {
                match Inbound::open(&self.mqtt, &self.client_id) {
                    Ok(inbound) => self.link = Link::Up { inbound, heard: now },
                    Err(trouble) => self.down(&trouble),
                }
            }
            Link::Up { heard, .. } if heard.plus(self.mqtt.keep_alive * 2) <= now => {
                self.down(&Trouble::new("the broker no longer answers".to_owned()));
            }
            Link::Down { .. } | Link::Up { .. } => {}
        }
    }

    fn down(&mut self, trouble: &Trouble) {
        self.show.tell(&format!("{trouble}; trying again"));
        self.deliveries.clear();
        self.link = Link::Down { until: self.now().plus(self.backoff.wait()) };
    }
}

/// What comes over the connection; never ready without one. Can be cancelled.
async fn next(link: &mut Link) -> Result<Arrival, Trouble> {
    match link {
        Link::Up { inbound, .. } => inbound.next().await,
        Link::Down { .. } => std::future::pending().await,
    }
}
