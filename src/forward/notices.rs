//! What is lost and must be told: one message on `…/gap` for each gap of the store.
//!
//! # Invariants
//! - A gap is let go of only when it was told in full and acknowledged with success; where the cloud confirms,
//!   only when its watermark has passed it as well, because a PUBACK does not mean that the cloud heard of it.
//! - Of an epoch that the cloud has left no watermark says that. There a gap is told once more after the cloud was
//!   heard to have left it, and let go of when the cloud is heard again after that: then it was there to hear it.
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
    /// Told of an epoch that the cloud has left, and the cloud said something since.
    Heard,
}

/// A gap, and how it is told.
#[derive(Debug)]
struct Notice {
    gap: Gap,
    telling: Telling,
    /// The cloud was known to have left its epoch when it was last told.
    is_late: bool,
}

/// The gaps of the store that are not let go of.
#[derive(Debug)]
pub(super) struct Notices {
    gaps: BTreeMap<GapId, Notice>,
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
            if known.is_none_or(|known| known.gap != gap) {
                let notice = Notice { gap, telling: Telling::Waiting, is_late: false };
                self.gaps.insert(notice.gap.id, notice);
                self.again_pause = RESEND_MIN;
            }
        }
    }

    /// The gaps of a class.
    pub(super) fn of(&self, class: Class) -> impl Iterator<Item = &Gap> {
        self.gaps.values().map(|it| &it.gap).filter(move |gap| gap.class == class)
    }

    /// The gap to tell next, which flies from now on; `is_left`: the cloud is in a later epoch.
    pub(super) fn send(&mut self, is_left: impl Fn(&Gap) -> bool) -> Option<Gap> {
        if self.paused.is_some() {
            return None;
        }
        let notice = self.gaps.values_mut().find(|it| it.telling == Telling::Waiting)?;
        (notice.telling, notice.is_late) = (Telling::Flying, is_left(&notice.gap));
        Some(notice.gap.clone())
    }

    /// Whether [`Self::send`] would tell one.
    pub(super) fn any_due(&self) -> bool {
        let waits = |it: &Notice| it.telling == Telling::Waiting;
        self.paused.is_none() && self.gaps.values().any(waits)
    }

    /// It was told, with so many numbers. One that grew meanwhile is still to be told.
    pub(super) fn delivered(&mut self, id: GapId, count: u64, now: Mono) {
        self.pause = RETRY_MIN;
        self.again_at.get_or_insert(now.plus(self.again_pause));
        if let Some(notice) = self.gaps.get_mut(&id)
            && notice.gap.count == count
        {
            notice.telling = Telling::Told;
        }
    }

    /// It was not told. True when nothing was refused just before.
    pub(super) fn refuse(&mut self, id: GapId, now: Mono) -> bool {
        if let Some(notice) = self.gaps.get_mut(&id) {
            notice.telling = Telling::Waiting;
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
        for notice in self.gaps.values_mut().filter(|it| it.telling == from) {
            notice.telling = Telling::Waiting;
        }
    }

    /// The connection is gone, and with it the certainty that anybody heard.
    pub(super) fn disconnected(&mut self) {
        self.all_waiting(Telling::Flying);
        self.all_waiting(Telling::Told);
        (self.paused, self.again_at) = (None, None);
    }

    /// The cloud said how far it is in a class; see the module's documentation for `is_left`.
    pub(super) fn heard(&mut self, class: Class, is_left: impl Fn(&Gap) -> bool) {
        let told = |it: &&mut Notice| it.telling == Telling::Told && it.gap.class == class;
        for notice in self.gaps.values_mut().filter(told) {
            if is_left(&notice.gap) {
                notice.telling = if notice.is_late { Telling::Heard } else { Telling::Waiting };
            }
        }
    }

    /// Lets go of what was told and is `passed`, and of what the cloud was there to hear.
    pub(super) fn settle(&mut self, passed: impl Fn(&Gap) -> bool) -> Vec<Gap> {
        let done = self.gaps.extract_if(.., |_, notice| match notice.telling {
            Telling::Told => passed(&notice.gap),
            Telling::Heard => true,
            Telling::Waiting | Telling::Flying => false,
        });
        let done = done.map(|(_, notice)| notice.gap).collect();
        if self.gaps.is_empty() {
            self.again_at = None;
        }
        done
    }
}
