//! A lane: what waits, flies and is sent of one class. Order is kept within a lane and nowhere else.
//!
//! # Invariants
//! - First sends go in the order of row ids. A refused message stops the lane until one message got through.
//! - `upto` never passes a row that was neither taken in nor dealt with: a lane that cannot take a row skips
//!   all that follow, and asks for them again later.
//! - A row is delivered once all its messages were acknowledged with success; then it is freed, or, where the
//!   cloud confirms, sent until the watermark covers it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::parcel::{Message, Parcel};
use super::watermark::Watermark;
use crate::config::Confirm;
use crate::limits::{RESEND_MAX, RESEND_MIN, RETRY_MAX, RETRY_MIN, UNKEPT_ROWS};
use crate::store::RowId;
use crate::time::Mono;

/// The state of one message of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Waiting,
    Flying,
    Delivered,
}

/// A row in memory.
#[derive(Debug)]
struct Loaded {
    parcel: Parcel,
    parts: Vec<Part>,
    /// No message before this one waits.
    next: usize,
    waiting: usize,
}

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
    /// Rows sent that the cloud has not confirmed.
    unkept: BTreeMap<RowId, Watermark>,
    watermark: Watermark,
    resend_at: Option<Mono>,
    resend_pause: Duration,
    /// Why the last message was refused, until one gets through.
    pub(super) refused: Option<u8>,
}

impl Lane {
    pub(super) fn new(confirm: Confirm) -> Self {
        Self {
            confirm,
            rows: BTreeMap::new(),
            upto: RowId(0),
            skipped: None,
            hold: Hold::Open,
            pause: RETRY_MIN,
            flying: 0,
            unkept: BTreeMap::new(),
            watermark: Watermark::default(),
            resend_at: None,
            resend_pause: RESEND_MIN,
            refused: None,
        }
    }

    /// Takes in a fetched row, or passes it over. True when the cloud has it already: it can be freed.
    pub(super) fn take_in(&mut self, parcel: Parcel) -> bool {
        let id = parcel.id;
        if self.skipped.is_some() || id <= self.upto {
            return false;
        }
        let mark = Watermark { epoch: parcel.epoch, sequence: parcel.last_sequence };
        if self.covers(mark) {
            self.upto = id;
            // One that is being resent is freed when that is acknowledged.
            return !self.rows.contains_key(&id);
        }
        if !self.takes(parcel.epoch, UNKEPT_ROWS) {
            self.skipped = Some(parcel.epoch);
            return false;
        }
        self.upto = id;
        if !self.rows.contains_key(&id) && !self.unkept.contains_key(&id) {
            let waiting = parcel.messages.len();
            let parts = vec![Part::Waiting; waiting];
            self.rows.insert(id, Loaded { parcel, parts, next: 0, waiting });
        }
        false
    }

    /// The row whose message is due next, if the lane may send one.
    pub(super) fn due(&self) -> Option<RowId> {
        let may_send = match self.hold {
            Hold::Open => true,
            Hold::Paused { .. } => false,
            Hold::Probing => self.flying == 0,
        };
        let mut rows = self.rows.iter().filter(|(_, row)| row.waiting > 0);
        if may_send { rows.next().map(|(id, _)| *id) } else { None }
    }

    /// The message that is due next of that row, and its place in it. It flies from now on.
    pub(super) fn send(&mut self, id: RowId) -> Option<(usize, Message)> {
        let row = self.rows.get_mut(&id)?;
        let at =
            row.parts.iter().skip(row.next).position(|part| *part == Part::Waiting)? + row.next;
        let message = row.parcel.messages.get(at)?.clone();
        *row.parts.get_mut(at)? = Part::Flying;
        row.next = at + 1;
        row.waiting -= 1;
        self.flying += 1;
        Some((at, message))
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
        *row.parts.get_mut(part)? = Part::Delivered;
        if row.parts.iter().any(|part| *part != Part::Delivered) {
            return None;
        }
        let row = self.rows.remove(&id)?;
        let mark = Watermark { epoch: row.parcel.epoch, sequence: row.parcel.last_sequence };
        // No watermark can speak for an epoch that the cloud has left behind: sent is all there is.
        if self.confirm == Confirm::Broker || self.covers(mark) || mark.epoch < self.watermark.epoch
        {
            return Some(id);
        }
        self.unkept.insert(id, mark);
        self.resend_at.get_or_insert(now.plus(self.resend_pause));
        None
    }

    /// A message was not delivered: it waits again, and the lane with it.
    pub(super) fn refuse(&mut self, id: RowId, part: usize, reason: u8, now: Mono) {
        self.flying = self.flying.saturating_sub(1);
        self.refused = Some(reason);
        if let Some(row) = self.rows.get_mut(&id)
            && let Some(state) = row.parts.get_mut(part)
        {
            *state = Part::Waiting;
            row.waiting += 1;
            row.next = row.next.min(part);
        }
        if !matches!(self.hold, Hold::Paused { .. }) {
            self.hold = Hold::Paused { until: now.plus(self.pause) };
            self.pause = (self.pause * 2).min(RETRY_MAX);
            self.unload();
        }
    }

    /// The cloud has committed so far. Returns the rows that can be freed.
    pub(super) fn confirmed(&mut self, watermark: Watermark, now: Mono) -> Vec<RowId> {
        if watermark <= self.watermark {
            return Vec::new();
        }
        self.watermark = watermark;
        let kept: Vec<RowId> = self
            .unkept
            .iter()
            .filter(|(_, mark)| mark.epoch < watermark.epoch || self.covers(**mark))
            .map(|(id, _)| *id)
            .collect();
        for id in &kept {
            self.unkept.remove(id);
        }
        self.resend_pause = RESEND_MIN;
        self.resend_at = (!self.unkept.is_empty()).then(|| now.plus(self.resend_pause));
        kept
    }

    /// Time passed. The row after which rows are wanted again, if any.
    pub(super) fn tick(&mut self, now: Mono) -> Option<RowId> {
        if matches!(self.hold, Hold::Paused { until } if until <= now) {
            // Nothing to try it with: the row that was refused was unloaded, and comes again.
            self.hold = if self.rows.is_empty() { Hold::Open } else { Hold::Probing };
        }
        if self.resend_at.is_some_and(|at| at <= now) {
            self.resend_at = None;
            self.resend_pause = (self.resend_pause * 2).min(RESEND_MAX);
            if let Some((first, _)) = std::mem::take(&mut self.unkept).pop_first() {
                self.upto = self.upto.min(RowId(first.0 - 1));
                self.skipped = None;
                return Some(self.upto);
            }
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
        retry.into_iter().chain(self.resend_at).min()
    }

    /// The connection is gone and with it all that waited or flew. The row after which rows are wanted again.
    pub(super) fn disconnected(&mut self) -> RowId {
        if let Some((first, _)) = self.rows.first_key_value() {
            self.upto = self.upto.min(RowId(first.0 - 1));
        }
        self.rows.clear();
        self.skipped = None;
        self.flying = 0;
        self.hold = Hold::Open;
        self.upto
    }

    /// Messages that could go now.
    pub(super) fn waiting(&self) -> usize {
        match self.hold {
            Hold::Open => self.rows.values().map(|row| row.waiting).sum(),
            Hold::Paused { .. } | Hold::Probing => usize::from(self.due().is_some()),
        }
    }

    fn covers(&self, mark: Watermark) -> bool {
        mark.epoch == self.watermark.epoch && mark.sequence <= self.watermark.sequence
    }

    /// Whether a row of this epoch can be taken in while fewer than `most` are unkept. The next epoch waits
    /// until the last one is kept, or no watermark could tell.
    fn takes(&self, epoch: u32, most: usize) -> bool {
        if self.hold != Hold::Open {
            return false;
        }
        if self.confirm == Confirm::Broker {
            return true;
        }
        let sent = self.unkept.first_key_value().map(|(_, mark)| mark.epoch);
        let loaded = self.rows.first_key_value().map(|(_, row)| row.parcel.epoch);
        let oldest = sent.into_iter().chain(loaded).min();
        self.unkept.len() + self.rows.len() < most && oldest.is_none_or(|oldest| epoch <= oldest)
    }

    /// Lets go of rows of which nothing was sent, but for the first: a lane at a stop holds little.
    fn unload(&mut self) {
        while self.rows.len() > 1 {
            let Some(last) = self.rows.last_entry() else { return };
            if last.get().waiting < last.get().parts.len() {
                return;
            }
            self.skipped = Some(last.get().parcel.epoch);
            self.upto = self.upto.min(RowId(last.key().0 - 1));
            last.remove();
        }
    }
}
