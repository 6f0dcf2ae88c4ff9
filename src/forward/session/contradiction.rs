//! A cloud that confirms, while rows go, what no broker can have from here: the folder was wiped or put back and nobody
//! said so at the start, or a stranger writes to `…/ack`.
//!
//! # Invariants
//! - It frees nothing. All that is not surely delivered gets other numbers (`store::renumber`) before the next row
//!   goes, so that no row is sent or freed under a number that the cloud has with another content.
//! - Numbers change only while nothing flies and no rows are asked for: an answer never means a row that has others
//!   now.
//! - An epoch that began is followed by [`EPOCH_REST`] in which none begins for that, and nothing is freed.
//!
//! # How
//! A broker can have what it acknowledged with success or never answered ([`Lane::taken`]); what it refused it has not.

use tillgate_events::{Class, Watermarks};

use super::asking::Asking;
use super::{Concern, Output, Session};
use crate::config::Confirm;
use crate::forward::lane::Lane;
use crate::forward::notices::Notices;
use crate::forward::unkept::Verdict;
use crate::forward::watermark::Watermark;
use crate::forward::window::Window;
use crate::limits::{DELIVERED_EVERY, EPOCH_REST, MARK_TELL_EVERY, MARK_TELLS};
use crate::store::is_plausible;
use crate::time::Mono;

/// What the cloud said that cannot be, and what becomes of it.
#[derive(Debug, Default)]
pub(super) struct Contradiction {
    /// The highest of each class; empty without a contradiction.
    said: Watermarks,
    /// An epoch is about to begin: nothing is sent.
    pub acts: bool,
    /// None begins before.
    rests_until: Option<Mono>,
    /// The cloud's words were found to fit this numbering.
    agreed: bool,
    /// What the store was told of, and when.
    noted: (Option<Mono>, Watermarks),
    /// How many were told, since when, and what was no watermark at all.
    tells: (Option<Mono>, u32),
    no_mark: String,
}

impl Session {
    /// Takes watermarks that contradict: true when these free nothing.
    pub(super) fn contradicts(
        &mut self,
        marks: &[(Class, Watermark)],
        now: Mono,
        out: &mut Vec<Output>,
    ) -> bool {
        let disbelieved = |(class, found): &&(Class, Watermark)| {
            self.lanes.get(class).is_some_and(|lane| lane.disbelieves(*found))
        };
        let beyond: Vec<_> = marks.iter().filter(disbelieved).copied().collect();
        let contradict = beyond.iter().any(|(_, found)| is_plausible(*found));
        if !contradict && self.contradiction.said.is_empty() {
            return false;
        }
        for (class, found) in marks.iter().filter(|(_, found)| is_plausible(*found)) {
            let said = self.contradiction.said.entry(*class).or_default();
            *said = *found.max(said);
        }
        for (class, found) in beyond {
            self.refuse_mark(class, found, now, out);
        }
        let rests = self.contradiction.rests_until.filter(|until| now < *until);
        if rests.is_some() {
            self.tell(Concern::Rests, now, out);
        }
        true
    }

    /// Begins to act on it once its time has come, and asks the store once nothing is on its way.
    pub(super) fn act(&mut self, now: Mono, out: &mut Vec<Output>) {
        let Contradiction { said, acts, rests_until, .. } = &mut self.contradiction;
        let rests = rests_until.is_some_and(|until| now < until);
        if self.asking == Asking::Done && !said.is_empty() && !rests {
            (*acts, self.asking) = (true, Asking::Draining);
        }
        let idle = self.window.as_ref().is_none_or(Window::is_empty) && self.fetching.is_none();
        if self.asking == Asking::Draining && idle {
            self.asking = Asking::Comparing;
            out.push(Output::Contradicted(said.clone()));
        }
    }

    /// When that time comes.
    pub(super) fn acts_at(&self) -> Option<Mono> {
        let waits = self.asking == Asking::Done && !self.contradiction.said.is_empty();
        self.contradiction.rests_until.filter(|_| waits)
    }

    /// The store was asked the last time, in vain.
    pub(super) fn asked_in_vain(&self, out: &mut Vec<Output>) -> bool {
        if self.contradiction.acts {
            out.push(Output::Contradicted(self.contradiction.said.clone()));
        }
        self.contradiction.acts
    }

    /// The store compared; `begins` as [`super::Input::Numbered`]. What the cloud said meanwhile: what contradicted
    /// frees nothing afterwards either.
    pub(super) fn compared(&mut self, begins: Option<u32>, now: Mono) -> Watermarks {
        let acted = std::mem::take(&mut self.contradiction.acts);
        self.contradiction.said.clear();
        let said = std::mem::take(&mut self.said);
        if acted {
            self.contradiction.rests_until = Some(now.plus(EPOCH_REST));
        }
        self.contradiction.agreed |= begins.is_some();
        if let (true, Some(epoch)) = (acted, begins) {
            self.lanes.values_mut().for_each(|lane| lane.renumbered(epoch));
            self.cursors.clear();
            (self.notices, self.gaps_due) = (Notices::new(), true);
        }
        said
    }

    /// A watermark that frees nothing: counted, and told unless it is the same as last time.
    pub(super) fn refuse_mark(
        &mut self,
        class: Class,
        found: Watermark,
        now: Mono,
        out: &mut Vec<Output>,
    ) {
        let Some(lane) = self.lanes.get_mut(&class) else { return };
        let Verdict::Refused { sent, first } = lane.confirmed(found, now) else { return };
        self.progress.marks_refused += 1;
        if first {
            let concern = match found.epoch {
                0 => Concern::NoEpoch { class },
                _ => Concern::Watermark { class, found, sent },
            };
            self.tell(concern, now, out);
        }
    }

    /// What stands on `…/ack` is of no form.
    pub(super) fn no_mark(&mut self, words: String, now: Mono, out: &mut Vec<Output>) {
        self.progress.marks_refused += 1;
        if self.contradiction.no_mark != words {
            self.contradiction.no_mark.clone_from(&words);
            self.tell(Concern::NoMark(words), now, out);
        }
    }

    fn tell(&mut self, concern: Concern, now: Mono, out: &mut Vec<Output>) {
        let (since, told) = &mut self.contradiction.tells;
        if since.is_none_or(|since| since.plus(MARK_TELL_EVERY) <= now) {
            (*since, *told) = (Some(now), 0);
        }
        *told += 1;
        if *told <= MARK_TELLS {
            out.push(Output::Report(concern));
        }
    }

    /// The cloud confirmed what a broker may have.
    pub(super) fn agreed(&mut self) {
        self.contradiction.agreed = true;
    }

    /// Lets the store know now and then what was delivered.
    pub(super) fn note_delivered(&mut self, now: Mono, out: &mut Vec<Output>) {
        let (at, noted) = &self.contradiction.noted;
        if at.is_some_and(|at| now < at.plus(DELIVERED_EVERY)) {
            return;
        }
        let delivered = self.delivered();
        if delivered != *noted {
            self.contradiction.noted = (Some(now), delivered.clone());
            out.push(Output::Delivered(delivered));
        }
    }

    /// Of each class how far all was delivered with success; nothing while the cloud has not agreed.
    #[must_use]
    pub fn delivered(&self) -> Watermarks {
        let knows = self.confirm == Confirm::Cloud && self.contradiction.agreed;
        let delivered = |(class, lane): (&Class, &Lane)| Some((*class, lane.delivered_upto()?));
        self.lanes.iter().filter(|_| knows).filter_map(delivered).collect()
    }

    /// Of each class how far a broker may have anything.
    #[must_use]
    pub fn taken(&self) -> Watermarks {
        self.lanes.iter().map(|(class, lane)| (*class, lane.taken())).collect()
    }
}
