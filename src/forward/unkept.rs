//! What a class has sent and the cloud has not confirmed, and which of the cloud's watermarks are believed.
//!
//! # Invariants
//! - A watermark beyond everything that a broker may have frees nothing: it speaks of another gateway's or another
//!   database's numbers. A broker may have what it took or never answered, and has not what it refused. Neither does
//!   the same one when it comes again later.
//! - What was sent of an epoch that the cloud has left since is sent once more, and kept when the cloud is heard after
//!   that: whether it came the first time no watermark can say.
//! - A hole that the store itself announced stops nothing: while the cloud stands before one, the oldest rows
//!   in memory make way for others. They stay in the store and are asked for again once the cloud goes on.
//! - What is sent again is no more than a stretch beyond the watermark: a broker that acknowledges what it drops
//!   keeps a bounded queue for each subscriber, and all at once would overrun that again. The next stretch goes as
//!   soon as the cloud has the last one, as long as what follows has waited its time. A stretch is whole rows, or whole
//!   records of one row. Each one that gets nowhere, though the cloud is there, makes the next ones smaller.

use std::collections::BTreeMap;
use std::time::Duration;

use super::parcel::Slice;
use super::watermark::{self, Watermark};
use crate::limits::{RESEND_MAX, RESEND_MESSAGES, RESEND_MIN, UNKEPT_ROWS};
use crate::store::{Gap, RowId};
use crate::time::Mono;

/// A row that was sent.
#[derive(Clone, Copy, Debug)]
struct Sent {
    mark: Watermark,
    messages: usize,
    at: Mono,
    /// The cloud was known to have left its epoch: no watermark can speak for it, but one that comes says that the
    /// cloud was there.
    is_late: bool,
}

/// Rows of one class that were sent and are not kept.
#[derive(Debug)]
pub(super) struct Unkept {
    rows: BTreeMap<RowId, Sent>,
    watermark: Watermark,
    /// A broker may have what lies up to here: it took it, or never answered.
    sent: Watermark,
    /// A watermark that was not believed.
    refused: Option<Watermark>,
    /// Announced holes: epoch, first number, first number after it.
    holes: Vec<(u32, u64, u64)>,
    /// The first row that made way for others.
    forgotten: Option<RowId>,
    /// The same, once it is time to look at it again.
    recalled: Option<RowId>,
    resend_at: Option<Mono>,
    resend_pause: Duration,
    /// When something was last sent again because nothing else happened.
    resent_at: Mono,
    /// The end of the stretch that was last sent again.
    stretch: Option<Watermark>,
    /// When the first row of it was sent before.
    stretch_at: Mono,
    /// Messages of a stretch.
    piece: usize,
    /// Where the cloud was when something was last sent again, and whether it was heard since.
    tried: (Option<Watermark>, bool),
    /// All was sent a second time since the watermark last moved.
    resent: bool,
}

/// What a watermark does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It frees these rows.
    Kept(Vec<RowId>),
    /// It is not believed; nothing beyond `sent` was sent. `first` unless it is the same as last time.
    Refused { sent: Watermark, first: bool },
}

impl Unkept {
    /// Nothing is unkept. `sent` is the last number that may have been sent before.
    pub(super) fn new(sent: Watermark) -> Self {
        Self {
            rows: BTreeMap::new(),
            watermark: Watermark::default(),
            sent,
            refused: None,
            holes: Vec::new(),
            forgotten: None,
            recalled: None,
            resend_at: None,
            resend_pause: RESEND_MIN,
            resent_at: Mono(0),
            stretch: None,
            stretch_at: Mono(0),
            piece: RESEND_MESSAGES,
            tried: (None, false),
            resent: false,
        }
    }

    /// A broker may have what lies up to `mark`.
    pub(super) fn taken(&mut self, mark: Watermark) {
        self.sent = self.sent.max(mark);
    }

    /// How far a broker may have anything.
    pub(super) fn sent(&self) -> Watermark {
        self.sent
    }

    /// Whether it is not believed that the cloud is so far, where a broker may have what lies up to `taken`.
    pub(super) fn disbelieves(&self, watermark: Watermark, taken: Watermark) -> bool {
        watermark > taken || watermark.epoch == 0 || self.refused == Some(watermark)
    }

    /// A row of so many messages was sent.
    pub(super) fn add(&mut self, id: RowId, mark: Watermark, messages: usize, now: Mono) {
        let is_late = self.has_left(mark.epoch);
        self.rows.insert(id, Sent { mark, messages, at: now, is_late });
        if self.rows.len() > UNKEPT_ROWS
            && let Some((oldest, _)) = self.rows.pop_first()
        {
            self.forgotten = Some(self.forgotten.map_or(oldest, |first| first.min(oldest)));
        }
        let due = now.plus(self.resend_pause);
        let again = self.is_again(mark);
        self.resend_at = Some(self.resend_at.filter(|_| !again).unwrap_or(due));
    }

    /// A row was sent again as far as `end`; the rest of it has waited as long as before.
    pub(super) fn add_cut(&mut self, id: RowId, mark: Watermark, end: Watermark, now: Mono) {
        let sent = Sent { mark, messages: RESEND_MESSAGES, at: self.stretch_at, is_late: false };
        self.rows.insert(id, sent);
        let has_it = self.covers(end);
        self.stretch = Some(end).filter(|_| !has_it);
        self.resend_at = Some(if has_it { now } else { now.plus(self.resend_pause) });
    }

    /// How much of a row with numbers up to `mark` is to be sent now.
    pub(super) fn slice(&self, mark: Watermark) -> Slice {
        let Watermark { epoch, sequence } = self.watermark;
        let after = if mark.epoch == epoch { sequence } else { 0 };
        let is_cut = self.is_again(mark) && !self.has_left(mark.epoch);
        Slice { after, most: if is_cut { self.piece } else { usize::MAX } }
    }

    /// Whether a row with numbers up to `mark` is of the stretch that is sent again.
    pub(super) fn is_again(&self, mark: Watermark) -> bool {
        self.stretch.is_some_and(|end| mark <= end)
    }

    /// Messages that are sent again at once.
    pub(super) fn piece(&self) -> usize {
        self.piece
    }

    /// How far the cloud is.
    pub(super) fn watermark(&self) -> Watermark {
        self.watermark
    }

    pub(super) fn contains(&self, id: RowId) -> bool {
        self.rows.contains_key(&id)
    }

    /// Whether the cloud has everything up to `mark`.
    pub(super) fn covers(&self, mark: Watermark) -> bool {
        mark.epoch == self.watermark.epoch && mark.sequence <= self.watermark.sequence
    }

    /// Whether a row may wait for the cloud to be heard once more.
    pub(super) fn has_room(&self) -> bool {
        self.rows.len() < UNKEPT_ROWS / 2
    }

    /// Whether no watermark can speak for this epoch any more: that the cloud is there is all there is.
    pub(super) fn has_left(&self, epoch: u32) -> bool {
        epoch < self.watermark.epoch
    }

    /// Whether the cloud has gone past a gap.
    pub(super) fn has_passed(&self, gap: &Gap) -> bool {
        self.covers(watermark::after(gap))
    }

    /// The cloud has committed so far, where a broker may have what lies up to `sent`.
    pub(super) fn confirmed(
        &mut self,
        watermark: Watermark,
        sent: Watermark,
        now: Mono,
    ) -> Verdict {
        if self.disbelieves(watermark, sent) {
            let first = self.refused.replace(watermark) != Some(watermark);
            return Verdict::Refused { sent, first };
        }
        self.tried.1 = true;
        let late = self.rows.extract_if(.., |_, sent| sent.is_late);
        let late: Vec<RowId> = late.map(|(id, _)| id).collect();
        if watermark <= self.watermark {
            self.cloud_lives(now);
            return Verdict::Kept(late);
        }
        self.watermark = watermark;
        let is_left = |_: &RowId, sent: &mut Sent| sent.mark.epoch < watermark.epoch;
        // Whether the cloud has these nobody says: once more, now that it is there.
        let left = self.rows.extract_if(.., is_left).map(|(id, _)| id).min();
        let is_kept = |_: &RowId, sent: &mut Sent| {
            sent.mark.epoch == watermark.epoch && sent.mark.sequence <= watermark.sequence
        };
        let mut kept: Vec<RowId> = self.rows.extract_if(.., is_kept).map(|(id, _)| id).collect();
        self.recalled = self.forgotten.take().into_iter().chain(left).min();
        if self.recalled.is_some() {
            // These follow what made way, and are looked at again with it.
            kept.clear();
        }
        kept.extend(late);
        (self.resend_pause, self.resent) = (RESEND_MIN, false);
        let goes_on = self.stretch.take_if(|end| *end <= watermark).is_some();
        self.piece = RESEND_MESSAGES.min(self.piece + usize::from(goes_on));
        self.resend_at = self.rows.first_key_value().map(|(_, first)| {
            let due = first.at.plus(RESEND_MIN);
            if goes_on { due.max(now) } else { now.plus(RESEND_MIN) }
        });
        Verdict::Kept(kept)
    }

    /// The cloud says once more where it stands: it is there, and need not be waited for as long as one that is not.
    fn cloud_lives(&mut self, now: Mono) {
        let soon = self.resent_at.plus(RESEND_MIN).max(now);
        self.resend_at =
            self.resend_at.map(|at| if self.resent_at.0 > 0 { at.min(soon) } else { at });
    }

    /// These holes are announced; they replace those known before.
    pub(super) fn know<'a>(&mut self, gaps: impl Iterator<Item = &'a Gap>) {
        let hole = |gap: &Gap| {
            (gap.epoch, gap.first_sequence, gap.first_sequence.saturating_add(gap.count))
        };
        self.holes = gaps.map(hole).collect();
    }

    /// Whether one more row of this epoch can be sent while `loaded` others wait or fly, the oldest of them of
    /// epoch `oldest`. The next epoch waits until the last one is kept, or no watermark could tell.
    pub(super) fn takes(
        &self,
        epoch: u32,
        loaded: usize,
        oldest: Option<u32>,
        most: usize,
    ) -> bool {
        let sent = self.rows.first_key_value().map(|(_, sent)| sent.mark.epoch);
        let oldest = sent.into_iter().chain(oldest).min();
        let stuck = self.stands_before_a_hole();
        let has_room = self.rows.len() + loaded < most || stuck && loaded < most;
        let oldest = oldest.map(|oldest| oldest.max(self.watermark.epoch));
        has_room && (oldest.is_none_or(|oldest| epoch <= oldest) || stuck && self.resent)
    }

    fn stands_before_a_hole(&self) -> bool {
        let Watermark { epoch, sequence } = self.watermark;
        self.holes.iter().any(|(of, first, end)| {
            let next = if *of == epoch { sequence.saturating_add(1) } else { 1 };
            epoch <= *of && (*first..*end).contains(&next)
        })
    }

    /// Time to send again what is not kept: the first such row. Those that follow it and are not contained any more
    /// are wanted too.
    pub(super) fn resend(&mut self, now: Mono) -> Option<RowId> {
        self.resend_at.take_if(|at| *at <= now)?;
        (self.resent_at, self.resend_pause) = (now, (self.resend_pause * 2).min(RESEND_MAX));
        if self.tried == (Some(self.watermark), true) {
            self.piece = (self.piece / 2).max(1);
        }
        self.tried = (Some(self.watermark), false);
        let hole = self.stands_before_a_hole();
        // Before a hole what made way would be all the store has, again and again.
        let forgotten = if hole { None } else { self.forgotten.take() };
        let first = self.rows.first_key_value().map(|(id, _)| *id);
        if hole || forgotten.is_some() {
            (self.resent, self.stretch) = (true, None);
            self.rows.clear();
        } else {
            self.take_stretch();
            let more = !self.rows.is_empty();
            self.resend_at = more.then(|| now.plus(self.resend_pause));
        }
        forgotten.into_iter().chain(first).min()
    }

    /// Lets go of the first rows, to be sent again: so many messages, and one row at least.
    fn take_stretch(&mut self) {
        let mut messages = 0;
        while let Some((id, sent)) = self.rows.first_key_value().map(|(id, sent)| (*id, *sent)) {
            if messages > 0 && messages + sent.messages > self.piece {
                return;
            }
            if messages == 0 {
                self.stretch_at = sent.at;
            }
            self.rows.remove(&id);
            messages += sent.messages.max(1);
            self.stretch = Some(sent.mark);
        }
    }

    /// The first row that made way, once the cloud went on: it and those after it are to be looked at again.
    pub(super) fn recall(&mut self) -> Option<RowId> {
        self.recalled.take()
    }

    /// When [`Self::resend`] is due.
    pub(super) fn deadline(&self) -> Option<Mono> {
        self.resend_at
    }
}

#[cfg(test)]
mod tests {
    use tillgate_events::Class;

    use super::*;
    use crate::store::{GapId, GapReason};

    const NOW: Mono = Mono(1);

    /// More rows sent than are remembered, the sequence being the id, and the row that a resend begins with.
    fn check(hole: Option<(u64, u64)>, expected: i64) {
        let mut unkept = Unkept::new(Watermark { epoch: 1, sequence: 9000 });
        let gap = hole.map(|(first_sequence, count)| Gap {
            id: GapId(1),
            class: Class::Pos,
            epoch: 1,
            first_sequence,
            count,
            bytes: 1,
            reason: GapReason::Cap,
        });
        unkept.know(gap.iter());
        for id in 1..=UNKEPT_ROWS as u64 + 10 {
            let mark = Watermark { epoch: 1, sequence: 50 + id };
            unkept.add(RowId(id.cast_signed()), mark, 1, NOW);
        }
        assert_eq!(unkept.resend(NOW.plus(RESEND_MIN)), Some(RowId(expected)), "{hole:?}");
    }

    #[test]
    fn what_was_sent_of_an_epoch_before_the_cloud_left_it_goes_once_more_and_waits_for_the_cloud() {
        let (old, new) = (Watermark { epoch: 1, sequence: 5 }, Watermark { epoch: 2, sequence: 1 });
        let mut unkept = Unkept::new(new);
        unkept.add(RowId(1), old, 1, NOW);
        assert_eq!(unkept.confirmed(new, new, NOW), Verdict::Kept(Vec::new()));
        assert_eq!(unkept.recall(), Some(RowId(1)));
        unkept.add(RowId(1), old, 1, NOW);
        assert!(unkept.takes(2, 0, None, UNKEPT_ROWS), "later epochs do not wait for it");
        assert_eq!(unkept.confirmed(new, new, NOW), Verdict::Kept(vec![RowId(1)]));
    }

    #[test]
    fn a_resend_begins_with_what_made_way_unless_a_hole_holds_the_cloud() {
        check(None, 1);
        check(Some((20, 5)), 1);
        check(Some((1, 50)), 11);
    }
}
