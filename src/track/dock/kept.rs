//! Stays that outlive a run: what is kept of each, and how the next run goes on with it.
//!
//! The next run may be of another boot, whose monotonic clock begins anew: a moment before it has the time zero on
//! that clock, and its wall time alone counts. What passed while nobody listened is no silence.

use tillgate_events::UtcMs;

use super::Yard;
use super::stay::Stay;
use crate::limits;
use crate::time::{Mono, Now};

/// A truck at a dock, in times that outlive the boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The dock's name.
    pub dock: String,
    /// Its id; `None`: it has no tag.
    pub truck: Option<String>,
    /// What it brings.
    pub shipment: String,
    /// See [`Stay`].
    pub dc_id: Option<u64>,
    /// See [`Stay`].
    pub unload_minutes: u32,
    /// See [`Stay`].
    pub planned: Option<UtcMs>,
    /// How the dock's door stood, where that was known.
    pub open: Option<bool>,
    /// Arrived, near last, and heard last.
    pub times: [UtcMs; 3],
    /// The door opened for it, and shut last.
    pub door: [Option<UtcMs>; 2],
}

impl Yard {
    /// All trucks at docks, if they are to be kept now: at once what records tell of, and now and then that they were
    /// heard.
    pub fn take_kept(&mut self, now: Mono) -> Option<Vec<Kept>> {
        let due = now.since(self.kept_at) >= limits::DOCK_KEPT_EACH;
        let heard = due && self.stays.iter().any(|stay| stay.heard.mono > self.kept_at);
        if !self.changed && !heard {
            return None;
        }
        (self.changed, self.kept_at) = (false, now);
        Some(self.stays.iter().filter_map(|stay| self.kept(stay)).collect())
    }

    /// Goes on, from `now`, with what an earlier run kept; before anything is heard. A truck whose dock is not there
    /// any more is left out, and counted.
    pub fn restore(&mut self, now: Now, kept: Vec<Kept>) {
        for it in kept {
            let place = self.docks.iter().position(|dock| dock.config.name == it.dock);
            let Some(place) = place.filter(|_| self.stays.len() < limits::STAYS) else {
                self.left_out += 1;
                continue;
            };
            if let Some(dock) = self.docks.get_mut(place) {
                dock.leaf.restore(it.open);
                dock.hears = Some(now.mono);
            }
            self.expected.has_come(&it.shipment);
            let own = self.reefers.iter_mut().filter(|reefer| reefer.is_of(it.truck.as_deref()));
            own.for_each(super::reefer::Reefer::arrived);
            self.stays.push(Stay::kept(it, place, |at| moment(now, at)));
        }
        self.kept_at = now.mono;
    }

    fn kept(&self, stay: &Stay) -> Option<Kept> {
        let dock = self.docks.get(stay.dock)?;
        Some(stay.to_keep(&dock.config.name, dock.leaf.level_now()))
    }
}

/// That moment on both clocks: zero on the monotonic one where it was before this boot.
fn moment(now: Now, at: UtcMs) -> Now {
    let ago = now.wall.0.checked_sub(at.0).and_then(|ms| u64::try_from(ms).ok());
    let mono = ago.and_then(|ms| now.mono.0.checked_sub(ms.checked_mul(1000)?));
    Now { mono: Mono(mono.unwrap_or(0)), wall: at }
}
