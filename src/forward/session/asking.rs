//! Asking the cloud, once after a start: before a row goes, what is retained on `…/ack` is compared with what the store
//! handed out. See `store::doubt` for why.
//!
//! # Invariants
//! - No row is asked for before the answer was compared, or nobody answers: [`ASK_CLOUD`] after the subscription
//!   stands it is asked for once more, and the broker's acknowledgement, over the same connection, says that nothing
//!   was lost on the way. Nobody else sees that, as they would a second birth.
//! - What the cloud says meanwhile waits, and counts afterwards.

use tillgate_events::Watermarks;

use super::{Flight, Outbound, Output, Session};
use crate::config::Confirm;
use crate::limits::{ASK_CLOUD, RETRY_MIN};
use crate::time::Mono;

/// How far that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// Rows may go.
    Done,
    /// The cloud has said nothing; once it stands that the subscription does, until then.
    Waiting(Option<Mono>),
    /// It has said nothing, and the broker is asked whether it is there.
    Probing,
    /// The cloud contradicts, and what flies is waited for.
    Draining,
    /// The store compares.
    Comparing,
    /// The store could not: once more then.
    Again(Mono),
}

impl Session {
    /// The same, but before it sends rows it wants to know from the cloud, where that confirms, how far it is.
    #[must_use]
    pub fn asking_first(self) -> Self {
        let asking = match self.confirm {
            Confirm::Cloud => Asking::Waiting(None),
            Confirm::Broker => Asking::Done,
        };
        Self { asking, ..self }
    }

    pub(super) fn is_asking(&self) -> bool {
        self.asking != Asking::Done
    }

    pub(super) fn subscribed(&mut self, now: Mono) {
        if self.asking == Asking::Waiting(None) {
            self.asking = Asking::Waiting(Some(now.plus(ASK_CLOUD)));
        }
    }

    /// The broker is there, and has delivered what it had before that.
    pub(super) fn probed(&mut self) {
        if self.asking == Asking::Probing {
            self.asking = Asking::Done;
        }
    }

    /// The cloud said something while rows may not go yet.
    pub(super) fn heard(&mut self, marks: Watermarks, out: &mut Vec<Output>) {
        if marks.is_empty() {
            return;
        }
        self.said = marks;
        if matches!(self.asking, Asking::Waiting(_) | Asking::Probing) {
            self.compare(out);
        }
    }

    pub(super) fn asking_lost_connection(&mut self) {
        if matches!(self.asking, Asking::Waiting(_) | Asking::Probing) {
            self.asking = Asking::Waiting(None);
        }
    }

    /// The store compared. `begins`: the epoch that begins with what waits.
    pub(super) fn numbered(&mut self, begins: Option<u32>, now: Mono) -> Watermarks {
        self.asking = Asking::Done;
        let said = self.compared(begins, now);
        if let Some(epoch) = begins {
            for lane in self.lanes.values_mut() {
                lane.believe_before(epoch);
            }
            if self.window.is_some() {
                self.opening.push_back((Outbound::Birth, Flight::Birth));
            }
        }
        said
    }

    /// The store could not compare now.
    pub(super) fn uncompared(&mut self, now: Mono) {
        self.asking = Asking::Again(now.plus(RETRY_MIN));
    }

    pub(super) fn ask(&mut self, now: Mono, out: &mut Vec<Output>) {
        match self.asking {
            Asking::Waiting(Some(until)) if until <= now => {
                self.asking = Asking::Probing;
                self.opening.push_back((Outbound::Subscribe, Flight::Probe));
            }
            Asking::Again(at) if at <= now => self.compare(out),
            _ => {}
        }
    }

    pub(super) fn asking_deadline(&self) -> Option<Mono> {
        match self.asking {
            Asking::Waiting(until) => until,
            Asking::Again(at) => Some(at),
            Asking::Done | Asking::Probing | Asking::Draining | Asking::Comparing => None,
        }
    }

    fn compare(&mut self, out: &mut Vec<Output>) {
        self.asking = Asking::Comparing;
        if self.asked_in_vain(out) {
            return;
        }
        out.push(Output::Compare(self.said.clone()));
    }
}
