//! What is lost and must be told: one message on `…/gap` for each gap of the store.
//!
//! # Invariants
//! - A gap is let go of only when it was told in full and acknowledged with success; where the cloud confirms,
//!   only when its watermark has passed it as well, because a PUBACK does not mean that the cloud heard of it.
//! - Until then it is told again on each connection and, with growing pauses, over the same one.

use std::collections::BTreeMap;
use std::time::Duration;

use tillgate_events::Class;

use crate::limits::{RESEND_MAX, RESEND_MIN, RETRY_MAX, RETRY_MIN};
use crate::store::{Gap, GapId};
use crate::time::Mono;

/// Where the telling of a gap stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telling {
    Waiting,
    Flying,
    Told,
}

/// The gaps of the store that are not let go of.
#[derive(Debug)]
pub(super) struct Notices {
    gaps: BTreeMap<GapId, (Gap, Telling)>,
    /// After a refusal, not before this.
    paused: Option<Mono>,
    pause: Duration,
    /// When what was told is told again.
    again_at: Option<Mono>,
    again_pause: Duration,
}

impl Notices {
    pub(super) fn new() -> Self {
        Self {
            gaps: BTreeMap::new(),
            paused: None,
            pause: RETRY_MIN,
            again_at: None,
            again_pause: RESEND_MIN,
        }
    }

    /// Takes in what the store says; what grew is told again.
    pub(super) fn learn(&mut self, gaps: Vec<Gap>) {
        for gap in gaps {
            let known = self.gaps.get(&gap.id);
            if known.is_none_or(|(known, _)| *known != gap) {
                self.gaps.insert(gap.id, (gap, Telling::Waiting));
                self.again_pause = RESEND_MIN;
            }
        }
    }

    /// The gaps of a class.
    pub(super) fn of(&self, class: Class) -> impl Iterator<Item = &Gap> {
        self.gaps.values().map(|(gap, _)| gap).filter(move |gap| gap.class == class)
    }

    /// The gap to tell next, which flies from now on.
    pub(super) fn send(&mut self) -> Option<Gap> {
        if self.paused.is_some() {
            return None;
        }
        let waiting = |telling: &Telling| *telling == Telling::Waiting;
        let (gap, telling) = self.gaps.values_mut().find(|(_, telling)| waiting(telling))?;
        *telling = Telling::Flying;
        Some(gap.clone())
    }

    /// Whether [`Self::send`] would tell one.
    pub(super) fn any_due(&self) -> bool {
        let waits = |(_, telling): &(Gap, Telling)| *telling == Telling::Waiting;
        self.paused.is_none() && self.gaps.values().any(waits)
    }

    /// It was told, with so many numbers. One that grew meanwhile is still to be told.
    pub(super) fn delivered(&mut self, id: GapId, count: u64, now: Mono) {
        self.pause = RETRY_MIN;
        self.again_at.get_or_insert(now.plus(self.again_pause));
        if let Some((gap, telling)) = self.gaps.get_mut(&id)
            && gap.count == count
        {
            *telling = Telling::Told;
        }
    }

    /// It was not told. True when nothing was refused just before.
    pub(super) fn refuse(&mut self, id: GapId, now: Mono) -> bool {
        if let Some((_, telling)) = self.gaps.get_mut(&id) {
            *telling = Telling::Waiting;
        }
        let first = self.pause == RETRY_MIN && self.paused.is_none();
        if self.paused.is_none() {
            self.paused = Some(now.plus(self.pause));
            self.pause = (self.pause * 2).min(RETRY_MAX);
        }
        first
    }

    pub(super) fn tick(&mut self, now: Mono) {
        self.paused = self.paused.filter(|until| now < *until);
        if self.again_at.take_if(|at| *at <= now).is_some() {
            self.again_pause = (self.again_pause * 2).min(RESEND_MAX);
            self.all_waiting(Telling::Told);
        }
    }

    /// When [`Self::tick`] is due.
    pub(super) fn deadline(&self) -> Option<Mono> {
        self.paused.into_iter().chain(self.again_at).min()
    }

    fn all_waiting(&mut self, from: Telling) {
        for (_, telling) in self.gaps.values_mut().filter(|(_, telling)| *telling == from) {
            *telling = Telling::Waiting;
        }
    }

    /// The connection is gone, and with it the certainty that anybody heard.
    pub(super) fn disconnected(&mut self) {
        self.all_waiting(Telling::Flying);
        self.all_waiting(Telling::Told);
        (self.paused, self.again_at) = (None, None);
    }

    /// Lets go of what was told and is `passed`.
    pub(super) fn settle(&mut self, passed: impl Fn(&Gap) -> bool) -> Vec<Gap> {
        let done =
            self.gaps.extract_if(.., |_, (gap, telling)| *telling == Telling::Told && passed(gap));
        let done = done.map(|(_, (gap, _))| gap).collect();
        if self.gaps.is_empty() {
            self.again_at = None;
        }
        done
    }
}
