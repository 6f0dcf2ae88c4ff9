//! The session, sans-IO: what to send, what is on its way, what an acknowledgement frees.
//!
//! # Constraints
//! - SQLite is the only queue: broker, client and connection may forget everything at any moment.
//! - Fetched rows are bounded: more are asked for only while less than a window of messages waits.
//!
//! # Invariants
//! - A row is freed only when each of its messages was acknowledged with reason 0 over the connection that
//!   carried it, or the cloud's watermark covers it.
//! - Reason 16 (nobody subscribed) and every reason from 128 on mean *not delivered*: the row stays, its class
//!   waits with a growing pause, the other classes go on.
//! - Rows of a class are first sent in the order they were accepted in. After a disconnect sending starts
//!   again from the oldest row that was not freed.
//!
//! `step` takes one [`Input`] and appends [`Output`]s, to be carried out in order.

use std::collections::BTreeMap;

use tillgate_events::Class;

use super::lane::Lane;
use super::parcel::{Message, Parcel};
use super::watermark::Watermark;
use super::window::{Violation, Window};
use crate::config::Confirm;
use crate::limits::MQTT_WINDOW;
use crate::store::RowId;
use crate::time::Mono;

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// The broker accepted the connection, with these bounds of its own.
    Connected {
        /// Messages on their way at once, at most.
        receive_maximum: u16,
        /// Bytes of a packet, at most.
        max_packet: usize,
    },
    /// The connection is gone.
    Disconnected,
    /// Rows up to this one are committed.
    Committed(RowId),
    /// The answer to [`Output::Fetch`]: the rows after the one named there, in order; empty at the end.
    Fetched(Vec<Parcel>),
    /// The client put the oldest message handed to it on the wire, under this packet id.
    Taken {
        /// The client's number for it.
        packet_id: u16,
    },
    /// The broker acknowledged a packet with this reason.
    Acked {
        /// The client's number for it.
        packet_id: u16,
        /// The code of the PUBACK.
        reason: u8,
    },
    /// The cloud's watermarks, one per class.
    Watermarks(Vec<(Class, Watermark)>),
    /// Time passed.
    Tick,
    /// Send what can be sent until then, say goodbye, disconnect.
    Stop {
        /// Then the session ends whatever waits.
        until: Mono,
    },
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ask the store for the rows after this one.
    Fetch {
        /// The row before the first one wanted.
        after: RowId,
    },
    /// Hand this to the client.
    Send(Outbound),
    /// These rows are delivered: let go of them.
    Free(Vec<RowId>),
    /// Drop the connection and make another.
    Reconnect(Violation),
    /// All is said: close the connection.
    Disconnect,
}

/// What is handed to the client. Each takes a packet id and is acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outbound {
    /// The retained "online" on `…/state`.
    Birth,
    /// The subscription to `…/ack`.
    Subscribe,
    /// A row, or a part of one, of this class.
    Row(Class, Message),
    /// The retained "stopped" on `…/state`.
    Farewell,
}

/// What flies.
#[derive(Clone, Copy, Debug)]
enum Flight {
    Control,
    Farewell,
    Row { class: Class, id: RowId, part: usize },
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

/// Totals since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages acknowledged with success.
    pub delivered: u64,
    /// Messages acknowledged without being delivered.
    pub refused: u64,
    /// Rows freed.
    pub freed: u64,
}

/// Success, in a PUBACK.
const SUCCESS: u8 = 0;

/// PUBACK reason "packet too large", also used when a message is too large for the broker by its own word.
const PACKET_TOO_LARGE: u8 = 149;

/// See the module's documentation.
#[derive(Debug)]
pub struct Session {
    confirm: Confirm,
    /// The store's epoch: a watermark beyond it speaks of another database.
    epoch: u32,
    lanes: BTreeMap<Class, Lane>,
    /// Present while connected.
    window: Option<Window<Flight>>,
    max_packet: usize,
    /// Rows up to here were asked for.
    cursor: RowId,
    newest: RowId,
    /// The newest row when a fetch found nothing: no other is asked for before there is a newer one.
    exhausted: RowId,
    /// The newest row when a fetch was asked for, and whether its answer is still wanted.
    fetching: Option<(RowId, bool)>,
    life: Life,
    totals: Totals,
    cloud_ahead: Option<u32>,
}

impl Session {
    /// A session that is not connected. `epoch` is the store's.
    #[must_use]
    pub fn new(confirm: Confirm, epoch: u32) -> Self {
        Self {
            confirm,
            epoch,
            lanes: Class::ALL.into_iter().map(|class| (class, Lane::new(confirm))).collect(),
            window: None,
            max_packet: 0,
            cursor: RowId(0),
            newest: RowId(0),
            exhausted: RowId(0),
            fetching: None,
            life: Life::Running,
            totals: Totals::default(),
            cloud_ahead: None,
        }
    }

    /// Takes one input and appends what follows from it.
    pub fn step(&mut self, input: Input, now: Mono, out: &mut Vec<Output>) {
        let mut freed = Vec::new();
        match input {
            Input::Connected { receive_maximum, max_packet } => {
                self.connected(receive_maximum, max_packet, out);
            }
            Input::Disconnected => self.disconnected(),
            Input::Committed(newest) => self.newest = self.newest.max(newest),
            Input::Fetched(parcels) => self.fetched(parcels, &mut freed),
            Input::Taken { packet_id } => {
                if let Some(Err(violation)) = self.window.as_mut().map(|w| w.taken(packet_id)) {
                    self.violated(violation, out);
                }
            }
            Input::Acked { packet_id, reason } => {
                self.acked(packet_id, reason, now, &mut freed, out);
            }
            Input::Watermarks(marks) => self.confirmed(&marks, now, &mut freed),
            Input::Tick => {}
            Input::Stop { until } => {
                if self.life == Life::Running {
                    self.life = Life::Stopping { until };
                }
            }
        }
        if !freed.is_empty() {
            self.totals.freed += freed.len() as u64;
            out.push(Output::Free(freed));
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
        self.lanes.values().filter_map(Lane::deadline).chain(stop).min()
    }

    /// A class that the broker refuses, and its reason.
    #[must_use]
    pub fn refused(&self) -> Option<(Class, u8)> {
        self.lanes.iter().find_map(|(class, lane)| lane.refused.map(|reason| (*class, reason)))
    }

    /// The epoch of a watermark that is beyond the store's own: it was not applied.
    #[must_use]
    pub fn cloud_ahead(&self) -> Option<u32> {
        self.cloud_ahead
    }

    /// Totals since the start.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Messages on their way.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.window.as_ref().map_or(0, Window::len)
    }

    fn connected(&mut self, receive_maximum: u16, max_packet: usize, out: &mut Vec<Output>) {
        self.disconnected();
        let mut window = Window::new(receive_maximum.min(MQTT_WINDOW));
        self.max_packet = max_packet;
        window.hand_over(Flight::Control);
        out.push(Output::Send(Outbound::Birth));
        if self.confirm == Confirm::Cloud {
            window.hand_over(Flight::Control);
            out.push(Output::Send(Outbound::Subscribe));
        }
        self.window = Some(window);
    }

    fn disconnected(&mut self) {
        self.window = None;
        for lane in self.lanes.values_mut() {
            let again = lane.disconnected();
            self.cursor = self.cursor.min(again);
        }
        self.went_back();
        if let Life::Parting = self.life {
            self.life = Life::Ending;
        }
    }

    /// The cursor went back: an answer on its way would leave a hole.
    fn went_back(&mut self) {
        self.exhausted = RowId(0);
        if let Some((_, wanted)) = &mut self.fetching {
            *wanted = false;
        }
    }

    fn violated(&mut self, violation: Violation, out: &mut Vec<Output>) {
        self.disconnected();
        out.push(Output::Reconnect(violation));
    }

    fn fetched(&mut self, parcels: Vec<Parcel>, freed: &mut Vec<RowId>) {
        let Some((newest, true)) = self.fetching.take() else { return };
        match parcels.last() {
            Some(last) => self.cursor = last.id,
            None => self.exhausted = newest,
        }
        for parcel in parcels {
            let id = parcel.id;
            if self.lanes.get_mut(&parcel.class).is_some_and(|lane| lane.take_in(parcel)) {
                freed.push(id);
            }
        }
    }

    fn acked(
        &mut self,
        packet_id: u16,
        reason: u8,
        now: Mono,
        freed: &mut Vec<RowId>,
        out: &mut Vec<Output>,
    ) {
        let Some(window) = &mut self.window else { return };
        match window.acked(packet_id) {
            Err(violation) => self.violated(violation, out),
            Ok(Flight::Control) => {}
            Ok(Flight::Farewell) => out.push(Output::Disconnect),
            Ok(Flight::Row { class, id, part }) => {
                let Some(lane) = self.lanes.get_mut(&class) else { return };
                if reason == SUCCESS {
                    self.totals.delivered += 1;
                    freed.extend(lane.delivered(id, part, now));
                } else {
                    self.totals.refused += 1;
                    lane.refuse(id, part, reason, now);
                }
            }
        }
    }

    fn confirmed(&mut self, marks: &[(Class, Watermark)], now: Mono, freed: &mut Vec<RowId>) {
        if self.confirm == Confirm::Broker {
            return;
        }
        self.cloud_ahead = marks.iter().map(|(_, mark)| mark.epoch).find(|it| *it > self.epoch);
        for (class, mark) in marks.iter().filter(|(_, mark)| mark.epoch <= self.epoch) {
            if let Some(lane) = self.lanes.get_mut(class) {
                freed.extend(lane.confirmed(*mark, now));
            }
        }
    }

    /// What follows without further input: lanes wake, messages go, rows are fetched, the end comes.
    fn go_on(&mut self, now: Mono, out: &mut Vec<Output>) {
        let again = self.lanes.values_mut().filter_map(|lane| lane.tick(now)).min();
        if let Some(again) = again.filter(|again| *again < self.cursor) {
            self.cursor = again;
            self.went_back();
        }
        if matches!(self.life, Life::Stopping { until } if until <= now) {
            self.life = Life::Ending;
        }
        if matches!(self.life, Life::Running | Life::Stopping { .. }) {
            self.send(now, out);
            self.fetch(out);
        }
        if matches!(self.life, Life::Stopping { .. }) && self.is_done() {
            self.life = Life::Ending;
        }
        if self.life == Life::Ending {
            self.part(out);
        }
    }

    /// Hands over messages while there is room, in the order of the rows over all classes.
    fn send(&mut self, now: Mono, out: &mut Vec<Output>) {
        let Some(window) = &mut self.window else { return };
        while window.has_room() {
            let due = self.lanes.iter_mut().filter_map(|(class, lane)| {
                let id = lane.due()?;
                Some((id, *class, lane))
            });
            let Some((id, class, lane)) = due.min_by_key(|(id, ..)| *id) else { return };
            let Some((part, message)) = lane.send(id) else { return };
            if message.wire_bytes() > self.max_packet {
                lane.refuse(id, part, PACKET_TOO_LARGE, now);
                continue;
            }
            window.hand_over(Flight::Row { class, id, part });
            out.push(Output::Send(Outbound::Row(class, message)));
        }
    }

    fn fetch(&mut self, out: &mut Vec<Output>) {
        let waiting: usize = self.lanes.values().map(Lane::waiting).sum();
        let wanted = waiting < usize::from(MQTT_WINDOW) && self.more_to_fetch();
        if self.window.is_some() && self.fetching.is_none() && wanted {
            self.fetching = Some((self.newest, true));
            out.push(Output::Fetch { after: self.cursor });
        }
    }

    /// Whether nothing more can be sent now.
    fn is_done(&self) -> bool {
        let idle = self.window.as_ref().is_none_or(Window::is_empty);
        idle && self.fetching.is_none() && !self.more_to_fetch()
    }

    fn more_to_fetch(&self) -> bool {
        self.cursor.max(self.exhausted) < self.newest
    }

    /// Says goodbye once nothing flies; without a connection there is nobody to say it to.
    fn part(&mut self, out: &mut Vec<Output>) {
        match &mut self.window {
            None => out.push(Output::Disconnect),
            Some(window) if window.is_empty() => {
                window.hand_over(Flight::Farewell);
                out.push(Output::Send(Outbound::Farewell));
            }
            Some(_) => return,
        }
        self.life = Life::Parting;
    }
}

#[cfg(test)]
mod tests;
