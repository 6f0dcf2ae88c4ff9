//! The session, sans-IO: what to send, what is on its way, what an acknowledgement frees.
//!
//! # Constraints
//! - SQLite is the only queue: broker, client and connection may forget everything at any moment.
//! - Fetched rows are bounded: more are asked for only while less than a window of messages waits.
//!
//! # Invariants
//! - A row is freed only when each of its messages was acknowledged with reason 0 over the connection that
//!   carried it, or the cloud's watermark covers it; one beyond what a broker may have covers nothing
//!   (`contradiction`).
//! - Reason 16 (nobody subscribed) and every reason from 128 on mean *not delivered*: the row stays, its class
//!   waits with a growing pause, the other classes go on.
//! - Rows of a class are first sent in the order they were accepted in. After a disconnect sending starts
//!   again from the oldest row that was not freed.
//! - Each class is read by a cursor of its own, and prompt ones ([`Tier`](crate::store::Tier)) go before the bulk,
//!   whatever waits of that; the bulk leaves room for them in the window.
//! - After a start, where the cloud confirms, nothing of the store goes before the cloud was asked how far it is
//!   (`asking`).
//! - Losses are told before rows. No more is on its way than the broker allows, birth and subscription included.
//!
//! `step` takes one [`Input`] and appends [`Output`]s, to be carried out in order.

mod answers;
mod asking;
mod contradiction;
mod io;
mod sending;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tillgate_events::{Class, Watermarks};

use asking::Asking;
use contradiction::Contradiction;
pub use io::{Concern, Input, Outbound, Output};

use super::lane::Lane;
use super::link::Progress;
use super::notices::Notices;
use super::pacer::Pacer;
use super::parcel::{Slice, mark_of};
use super::watermark::Watermark;
use super::window::{Violation, Window};
use crate::config::{Allowance, Confirm};
use crate::store::{GapId, Row, RowId};
use crate::time::Mono;

/// What flies.
#[derive(Clone, Copy, Debug)]
enum Flight {
    Birth,
    Subscribe,
    /// The same once more, to see whether the broker is there.
    Probe,
    Farewell,
    Health,
    /// With the numbers it had when it was told.
    Gap(GapId, u64),
    Row {
        class: Class,
        id: RowId,
        part: usize,
        bytes: usize,
    },
}

/// A fetch on its way.
#[derive(Clone, Copy, Debug)]
struct Fetching {
    class: Class,
    /// The newest row when it was asked for.
    newest: RowId,
    /// Its answer is still wanted.
    wanted: bool,
}

/// Where the session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Running,
    /// Rows still go until then.
    Stopping {
        until: Mono,
    },
    /// No more rows; what flies is waited for.
    Ending,
    /// The farewell is on its way.
    Parting,
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Session {
    confirm: Confirm,
    asking: Asking,
    /// What the cloud said while it was asked.
    said: Watermarks,
    contradiction: Contradiction,
    lanes: BTreeMap<Class, Lane>,
    notices: Notices,
    /// What a new connection begins with and has not been handed over.
    opening: VecDeque<(Outbound, Flight)>,
    /// Present while connected.
    window: Option<Window<Flight>>,
    max_packet: usize,
    /// Rows of each class up to here were asked for.
    cursors: BTreeMap<Class, RowId>,
    newest: RowId,
    fetching: Option<Fetching>,
    allowance: Allowance,
    pacer: Pacer,
    /// The pacer holds something back until then.
    paced_until: Option<Mono>,
    /// Messages of the bulk on their way, and their bytes.
    bulk_flying: (u16, usize),
    /// After the store could not be read, not before this.
    unread_until: Option<Mono>,
    /// After losses were let go of: the store may show others then, once this time has come, and from then on
    /// until it was asked.
    gaps_at: Option<Mono>,
    gaps_due: bool,
    /// To be sent on `…/health`: the newest only, for what it says of a moment long gone helps nobody.
    health: Option<String>,
    /// It was refused, and that was told.
    health_refused: bool,
    life: Life,
    progress: Progress,
    /// Records that were published, each counted once.
    sent: BTreeMap<Class, u64>,
    /// Connections since the start.
    connections: u64,
}

impl Session {
    /// A session that is not connected. `epoch` is the store's, and `next` the first number of each class that no
    /// broker can have: what is below may have been sent before.
    #[must_use]
    pub fn new(confirm: Confirm, epoch: u32, next: &BTreeMap<Class, u64>) -> Self {
        let lane = |class| {
            let sequence = next.get(&class).map_or(0, |next| next.saturating_sub(1));
            (class, Lane::new(confirm, Watermark { epoch, sequence }))
        };
        Self {
            confirm,
            asking: Asking::Done,
            said: Watermarks::new(),
            contradiction: Contradiction::default(),
            lanes: Class::ALL.into_iter().map(lane).collect(),
            notices: Notices::new(),
            opening: VecDeque::new(),
            window: None,
            max_packet: 0,
            cursors: BTreeMap::new(),
            newest: RowId(0),
            fetching: None,
            allowance: Allowance::default(),
            pacer: Pacer::default(),
            paced_until: None,
            bulk_flying: (0, 0),
            unread_until: None,
            gaps_at: None,
            gaps_due: false,
            health: None,
            health_refused: false,
            life: Life::Running,
            progress: Progress::default(),
            sent: BTreeMap::new(),
            connections: 0,
        }
    }

    /// The same with bounds on what may be handed over; without, only those of the connection hold.
    #[must_use]
    pub fn within(self, allowance: Allowance) -> Self {
        Self { pacer: Pacer::new(&allowance), allowance, ..self }
    }

    /// Takes one input and appends what follows from it.
    pub fn step(&mut self, input: Input, now: Mono, out: &mut Vec<Output>) {
        let mut freed = BTreeSet::new();
        match input {
            Input::Connected { receive_maximum, max_packet } => {
                self.connected(receive_maximum, max_packet);
            }
            Input::Disconnected => self.disconnected(),
            Input::Committed(newest) => self.newest = self.newest.max(newest),
            Input::Fetched { parcels, gaps } => self.fetched(parcels, gaps, &mut freed, out),
            Input::Unread => self.unread(now),
            Input::Taken { packet_id } => {
                if let Some(Err(violation)) = self.window.as_mut().map(|w| w.taken(packet_id)) {
                    self.violated(violation, out);
                }
            }
            Input::Acked { packet_id, reason } => {
                self.acked(packet_id, reason, now, &mut freed, out);
            }
            Input::Watermarks(marks) if self.is_asking() => {
                self.heard(marks.into_iter().collect(), out);
            }
            Input::Watermarks(marks) => self.confirmed(&marks, now, &mut freed, out),
            Input::Numbered { begins } => {
                let said: Vec<_> = self.numbered(begins, now).into_iter().collect();
                self.confirmed(&said, now, &mut freed, out);
            }
            Input::NoMark(words) => self.no_mark(words, now, out),
            Input::Uncompared => self.uncompared(now),
            Input::Health(text) => self.health = Some(text),
            Input::Tick => {}
            Input::Stop { until } => {
                if self.life == Life::Running {
                    self.life = Life::Stopping { until };
                }
            }
        }
        if !freed.is_empty() {
            self.progress.kept += freed.len() as u64;
            out.push(Output::Free(freed.into_iter().collect()));
        }
        self.go_on(now, out);
    }

    /// When [`Input::Tick`] is due at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let stop = match self.life {
            Life::Stopping { until } => Some(until),
            Life::Running | Life::Ending | Life::Parting => None,
        };
        let paced = self.paced_until;
        let others = [stop, self.unread_until, self.gaps_at, self.notices.deadline(), paced];
        let others = others.into_iter().chain([self.asking_deadline(), self.acts_at()]);
        let others = others.flatten();
        self.lanes.values().filter_map(Lane::deadline).chain(others).min()
    }

    /// A class that the broker refuses, and its reason.
    #[must_use]
    pub fn refused(&self) -> Option<(Class, u8)> {
        self.lanes.iter().find_map(|(class, lane)| lane.refused.map(|reason| (*class, reason)))
    }

    /// What was done since the start.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let reconnects = self.connections.saturating_sub(1);
        Progress { reconnects, ..self.progress }
    }

    /// How much of a row that was asked for is wanted now.
    #[must_use]
    pub fn slice(&self, row: &Row) -> Slice {
        self.lanes.get(&row.class).map_or(Slice::NONE, |lane| lane.slice(row.id, mark_of(row)))
    }

    /// Records of each class that were published since the start, each counted once.
    #[must_use]
    pub fn sent(&self) -> &BTreeMap<Class, u64> {
        &self.sent
    }

    fn connected(&mut self, receive_maximum: u16, max_packet: usize) {
        self.disconnected();
        self.connections += 1;
        self.max_packet = max_packet;
        self.window = Some(Window::new(receive_maximum.min(self.allowance.in_flight)));
        self.opening.push_back((Outbound::Birth, Flight::Birth));
        if self.confirm == Confirm::Cloud {
            self.opening.push_back((Outbound::Subscribe, Flight::Subscribe));
        }
    }

    fn disconnected(&mut self) {
        self.window = None;
        self.opening.clear();
        self.notices.disconnected();
        self.asking_lost_connection();
        (self.bulk_flying, self.paced_until) = ((0, 0), None);
        let again: Vec<(Class, RowId)> =
            self.lanes.iter_mut().map(|(class, lane)| (*class, lane.disconnected())).collect();
        for (class, again) in again {
            self.go_back(class, again);
        }
        if let Life::Parting = self.life {
            self.life = Life::Ending;
        }
    }

    fn cursor(&mut self, class: Class) -> &mut RowId {
        self.cursors.entry(class).or_default()
    }

    /// Rows of the class after this one are wanted again: an answer on its way would leave a hole.
    fn go_back(&mut self, class: Class, after: RowId) {
        let cursor = self.cursor(class);
        *cursor = after.min(*cursor);
        if let Some(fetching) = self.fetching.as_mut().filter(|it| it.class == class) {
            fetching.wanted = false;
        }
    }

    fn violated(&mut self, violation: Violation, out: &mut Vec<Output>) {
        self.disconnected();
        out.push(Output::Reconnect(violation));
    }
}

#[cfg(test)]
mod tests;
