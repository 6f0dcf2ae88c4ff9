//! A lane: what waits, flies and is sent of one class. Order is kept within a lane and nowhere else.
//!
//! # Invariants
//! - First sends go in the order of row ids. A refused message stops the lane until one message got through.
//! - `upto` never passes a row that was neither taken in nor dealt with: a lane that cannot take a row skips
//!   all that follow, and asks for them again later.
//! - What a broker refused it has not: only a row that it took, or whose message it never answered, can be confirmed.
//! - A row is delivered once all its messages were acknowledged with success; then it is freed, or, where the
//!   cloud confirms, sent until the watermark covers it.
//! - What is sent again of a row of many messages begins behind the watermark and ends with a record; the rest of the
//!   row follows when the cloud has that.
//! - A row larger than the broker takes is passed over and stays in the store; the next connection tries it
//!   again. Later rows go out meanwhile: the numbers tell the cloud what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tillgate_events::Loss;

use super::loaded::Loaded;
use super::parcel::{Message, Parcel, Slice};
use super::unkept::{Unkept, Verdict};
use super::watermark::{self, Watermark};
use crate::config::Confirm;
use crate::limits::{OVERSIZED_ROWS, RESEND_REST, RETRY_MAX, RETRY_MIN, UNKEPT_ROWS};
use crate::store::{Gap, RowId};
use crate::time::Mono;

/// Whether a lane may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    Open,
    /// A message was refused.
    Paused {
        until: Mono,
    },
    /// One message at a time, to see whether it gets through now.
    Probing,
}

/// One class.
#[derive(Debug)]
pub(super) struct Lane {
    confirm: Confirm,
    rows: BTreeMap<RowId, Loaded>,
    /// All rows of the class up to here were taken in.
    upto: RowId,
    /// The epoch of the first row that was not taken in, where one was passed over.
    skipped: Option<u32>,
    hold: Hold,
    pause: Duration,
    flying: usize,
    /// Sent and not confirmed by the cloud.
    unkept: Unkept,
    /// Messages sent again since the last rest, and the end of the one that is taken.
    piece: (usize, Option<Mono>),
    /// Rows that this broker cannot take.
    oversized: BTreeSet<RowId>,
    /// The newest row and part ever sent: what is not beyond it is sent again.
    newest: (RowId, usize),
    /// All rows up to here were acknowledged with success, or need not be.
    delivered_upto: Option<Watermark>,
    /// Why the last message was refused, until one gets through.
    pub(super) refused: Option<u8>,
}

/// What became of a fetched row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intake {
    Taken,
    /// The cloud has it already: it can be freed.
    Covered,
    /// Known, or asked for again later.
    PassedOver,
    /// It has a message of so many bytes; whether it is the first such row of the connection.
    TooLarge {
        bytes: usize,
        first: bool,
    },
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// Its place in the row.
    pub part: usize,
    pub message: Message,
    /// In its row.
    pub records: u32,
    /// It was sent before.
    pub again: bool,
}

impl Lane {
    /// An idle lane. `sent` is the last number that may have been sent before.
    pub(super) fn new(confirm: Confirm, sent: Watermark) -> Self {
        Self {
            confirm,
            rows: BTreeMap::new(),
            upto: RowId(0),
            skipped: None,
            hold: Hold::Open,
            pause: RETRY_MIN,
            flying: 0,
            unkept: Unkept::new(sent),
            piece: (0, None),
            oversized: BTreeSet::new(),
            newest: (RowId(0), 0),
            delivered_upto: None,
            refused: None,
        }
    }

    /// How much is wanted of a row with numbers up to `mark` that was fetched.
    pub(super) fn slice(&self, id: RowId, mark: Watermark) -> Slice {
        let passed = self.skipped.is_some() || id <= self.upto || self.unkept.covers(mark);
        if passed || self.is_known(id) { Slice::NONE } else { self.unkept.slice(mark) }
    }

    /// Whether the row is dealt with already.
    fn is_known(&self, id: RowId) -> bool {
        self.rows.contains_key(&id) || self.oversized.contains(&id) || self.unkept.contains(id)
    }

    /// Takes in a fetched row, or passes it over. `max_packet` is what the broker takes.
    pub(super) fn take_in(&mut self, parcel: Parcel, max_packet: usize) -> Intake {
        let id = parcel.id;
        if self.skipped.is_some() || id <= self.upto {
            return Intake::PassedOver;
        }
        if self.unkept.covers(parcel.mark()) {
            self.upto = id;
            // One that is being resent is freed when that is acknowledged.
            let resending = self.rows.contains_key(&id);
            return if resending { Intake::PassedOver } else { Intake::Covered };
        }
        if !self.takes(parcel.epoch, UNKEPT_ROWS) {
            self.skipped = Some(parcel.epoch);
            return Intake::PassedOver;
        }
        self.upto = id;
        if self.is_known(id) {
            return Intake::PassedOver;
        }
        let bytes = parcel.messages.iter().map(Message::wire_bytes).max().unwrap_or(0);
        if bytes > max_packet {
            let first = self.oversized.is_empty();
            self.oversized.insert(id);
            return Intake::TooLarge { bytes, first };
        }
        self.rows.insert(id, Loaded::new(parcel));
        Intake::Taken
    }

    /// The row whose message is due next, if the lane may send one.
    pub(super) fn due(&self) -> Option<RowId> {
        let may_send = match self.hold {
            _ if self.piece.1.is_some() => false,
            Hold::Open => true,
            Hold::Paused { .. } => false,
            Hold::Probing => self.flying == 0,
        };
        let mut rows = self.rows.iter().filter(|(_, row)| row.waiting() > 0);
        if may_send { rows.next().map(|(id, _)| *id) } else { None }
    }

    /// The message that is due next of that row. It flies from now on.
    pub(super) fn send(&mut self, id: RowId, now: Mono) -> Option<Sent> {
        let row = self.rows.get_mut(&id)?;
        let (part, message) = row.send()?;
        let (records, mark) = (row.parcel.records, row.parcel.mark());
        self.flying += 1;
        if self.unkept.is_again(mark) {
            self.piece.0 += 1;
            let ends = self.piece.0 >= self.unkept.piece();
            self.piece = if ends { (0, Some(now.plus(RESEND_REST))) } else { self.piece };
        }
        let again = (id, part) <= self.newest;
        self.newest = self.newest.max((id, part));
        Some(Sent { part, message, records, again })
    }

    /// A message was delivered. The row's id when it can be freed.
    pub(super) fn delivered(&mut self, id: RowId, part: usize, now: Mono) -> Option<RowId> {
        self.flying = self.flying.saturating_sub(1);
        if self.hold == Hold::Probing {
            self.hold = Hold::Open;
        }
        if self.hold == Hold::Open {
            self.pause = RETRY_MIN;
            self.refused = None;
        }
        let row = self.rows.get_mut(&id)?;
        row.delivered(part);
        self.unkept.taken(row.parcel.mark());
        if !row.is_delivered() {
            return None;
        }
        let row = self.rows.remove(&id)?;
        let is_first = |other: Option<&RowId>| other.is_none_or(|other| id < *other);
        if is_first(self.rows.keys().next()) && is_first(self.oversized.first()) {
            self.delivered_upto = self.delivered_upto.max(Some(row.parcel.mark()));
        }
        let (mark, messages, cut) =
            (row.parcel.mark(), row.parcel.messages.len(), row.parcel.cut());
        if self.confirm == Confirm::Broker
            || self.unkept.covers(mark)
            || self.unkept.has_left(mark.epoch) && !self.unkept.has_room()
        {
            return Some(id);
        }
        match cut {
            Some(end) => self.unkept.add_cut(id, mark, end, now),
            None => self.unkept.add(id, mark, messages, now),
        }
        None
    }

    /// A message was not delivered: it waits again, and the lane with it.
    pub(super) fn refuse(&mut self, id: RowId, part: usize, reason: u8, now: Mono) {
        self.flying = self.flying.saturating_sub(1);
        self.refused = Some(reason);
        if let Some(row) = self.rows.get_mut(&id) {
            row.refused(part);
        }
        if !matches!(self.hold, Hold::Paused { .. }) {
            self.hold = Hold::Paused { until: now.plus(self.pause) };
            self.pause = (self.pause * 2).min(RETRY_MAX);
            self.unload();
        }
    }

    /// The cloud has committed so far.
    pub(super) fn confirmed(&mut self, watermark: Watermark, now: Mono) -> Verdict {
        let before = self.unkept.watermark();
        let verdict = self.unkept.confirmed(watermark, self.taken(), now);
        if before < self.unkept.watermark() {
            self.piece = (0, None);
        }
        verdict
    }

    /// All before this epoch may have been sent by another copy of the store.
    pub(super) fn believe_before(&mut self, epoch: u32) {
        let sequence = Loss::OPEN_END;
        self.unkept.taken(Watermark { epoch: epoch.saturating_sub(1), sequence });
    }

    /// All rows that are not surely delivered are in this epoch now: they come again, under other numbers.
    pub(super) fn renumbered(&mut self, epoch: u32) {
        let fresh = Self::new(self.confirm, Watermark::default());
        *self = Self { newest: self.newest, refused: self.refused, ..fresh };
        self.believe_before(epoch);
    }

    /// How far a broker may have anything: it took it, has not answered yet, or never did.
    pub(super) fn taken(&self) -> Watermark {
        let touched = self.rows.values().filter(|row| !row.is_untouched());
        touched.map(|row| row.parcel.mark()).fold(self.unkept.sent(), Watermark::max)
    }

    /// How far all was delivered with success.
    pub(super) fn delivered_upto(&self) -> Option<Watermark> {
        self.delivered_upto
    }

    /// Whether it cannot be that the cloud is so far.
    pub(super) fn disbelieves(&self, watermark: Watermark) -> bool {
        self.unkept.disbelieves(watermark, self.taken())
    }

    /// These holes of the class are announced.
    pub(super) fn know<'a>(&mut self, gaps: impl Iterator<Item = &'a Gap>) {
        self.unkept.know(gaps);
    }

    /// A hole is being announced: the cloud may go on past it.
    pub(super) fn telling(&mut self, gap: &Gap) {
        self.unkept.taken(watermark::after(gap));
    }

    /// Whether the cloud is in a later epoch than a gap.
    pub(super) fn has_left(&self, gap: &Gap) -> bool {
        self.confirm == Confirm::Cloud && self.unkept.has_left(gap.epoch)
    }

    /// Whether the cloud has gone past a gap.
    pub(super) fn has_passed(&self, gap: &Gap) -> bool {
        self.confirm == Confirm::Broker || self.unkept.has_passed(gap)
    }

    /// Time passed. The row after which rows are wanted again, if any.
    pub(super) fn tick(&mut self, now: Mono) -> Option<RowId> {
        if matches!(self.hold, Hold::Paused { until } if until <= now) {
            // Nothing to try it with: the row that was refused was unloaded, and comes again.
            self.hold = if self.rows.is_empty() { Hold::Open } else { Hold::Probing };
        }
        self.piece.1 = self.piece.1.filter(|rest| now < *rest);
        // What is being sent again comes first.
        let resend = if self.sends_again() { None } else { self.unkept.resend(now) };
        if let Some(first) = resend.into_iter().chain(self.unkept.recall()).min() {
            self.upto = self.upto.min(RowId(first.0 - 1));
            self.skipped = None;
            return Some(self.upto);
        }
        let epoch = self.skipped?;
        self.takes(epoch, UNKEPT_ROWS / 2).then(|| {
            self.skipped = None;
            self.upto
        })
    }

    /// When [`Self::tick`] is due.
    pub(super) fn deadline(&self) -> Option<Mono> {
        let retry = match self.hold {
            Hold::Paused { until } => Some(until),
            Hold::Open | Hold::Probing => None,
        };
        let resend = self.unkept.deadline().filter(|_| !self.sends_again());
        retry.into_iter().chain(resend).chain(self.piece.1).min()
    }

    /// The connection is gone and with it all that waited or flew. The row after which rows are wanted again.
    pub(super) fn disconnected(&mut self) -> RowId {
        let loaded = self.rows.first_key_value().map(|(id, _)| id);
        if let Some(first) = loaded.into_iter().chain(self.oversized.first()).min() {
            self.upto = self.upto.min(RowId(first.0 - 1));
        }
        // What was not answered may have arrived.
        self.unkept.taken(self.taken());
        self.rows.clear();
        self.oversized.clear();
        self.skipped = None;
        (self.flying, self.piece) = (0, (0, None));
        self.hold = Hold::Open;
        self.upto
    }

    /// Whether rows that are being sent again wait or fly.
    fn sends_again(&self) -> bool {
        let first = self.rows.first_key_value();
        first.is_some_and(|(_, row)| self.unkept.is_again(row.parcel.mark()))
    }

    /// Whether it takes no row now: what follows is asked for again.
    pub(super) fn is_full(&self) -> bool {
        self.skipped.is_some()
    }

    /// Messages that could go now.
    pub(super) fn waiting(&self) -> usize {
        match self.hold {
            Hold::Open => self.rows.values().map(Loaded::waiting).sum(),
            Hold::Paused { .. } | Hold::Probing => usize::from(self.due().is_some()),
        }
    }

    /// Whether a row of this epoch can be taken in while fewer than `most` are unkept.
    fn takes(&self, epoch: u32, most: usize) -> bool {
        if self.hold != Hold::Open || self.oversized.len() >= OVERSIZED_ROWS {
            return false;
        }
        let oldest = self.rows.first_key_value().map(|(_, row)| row.parcel.epoch);
        self.confirm == Confirm::Broker || self.unkept.takes(epoch, self.rows.len(), oldest, most)
    }

    /// Lets go of rows of which nothing was sent, but for the first: a lane at a stop holds little.
    fn unload(&mut self) {
        while self.rows.len() > 1 {
            let Some(last) = self.rows.last_entry() else { return };
            if !last.get().is_untouched() {
                return;
            }
            self.skipped = Some(last.get().parcel.epoch);
            self.upto = self.upto.min(RowId(last.key().0 - 1));
            last.remove();
        }
    }
}
