//! What store, broker and cloud answer: rows taken in, messages acknowledged, rows kept.

use std::collections::BTreeSet;

use tillgate_events::Class;

use super::{Concern, Fetching, Flight, Output, Session};
use crate::config::Confirm;
use crate::forward::lane::Intake;
use crate::forward::parcel::Parcel;
use crate::forward::unkept::Verdict;
use crate::forward::watermark::Watermark;
use crate::limits::RETRY_MIN;
use crate::store::{Gap, RowId, Tier};
use crate::time::Mono;

/// Success, in a PUBACK.
const SUCCESS: u8 = 0;

/// The least reason that is an error. Below it, what is retained stands even if nobody listens.
const ERROR: u8 = 128;

impl Session {
    pub(super) fn fetched(
        &mut self,
        parcels: Vec<Parcel>,
        gaps: Vec<Gap>,
        freed: &mut BTreeSet<RowId>,
        out: &mut Vec<Output>,
    ) {
        self.notices.learn(gaps);
        for (class, lane) in &mut self.lanes {
            lane.know(self.notices.of(*class));
        }
        let Some(Fetching { class, newest, wanted: true }) = self.fetching.take() else { return };
        // Where there is none, the class has none up to the newest row of that time.
        let last = parcels.last().map_or(newest, |last| last.id);
        let cursor = self.cursor(class);
        *cursor = last.max(*cursor);
        for parcel in parcels {
            let (id, class) = (parcel.id, parcel.class);
            let intake = self.lanes.get_mut(&class).map(|it| it.take_in(parcel, self.max_packet));
            match intake {
                Some(Intake::Covered) => {
                    freed.insert(id);
                }
                Some(Intake::TooLarge { bytes, first }) => {
                    self.progress.too_large += 1;
                    let concern = Concern::TooLarge { class, bytes, most: self.max_packet };
                    out.extend(first.then_some(Output::Report(concern)));
                }
                Some(Intake::Taken | Intake::PassedOver) | None => {}
            }
        }
    }

    /// The same rows are asked for again, a little later.
    pub(super) fn unread(&mut self, now: Mono) {
        self.fetching = None;
        self.gaps_due = true;
        self.progress.unread += 1;
        self.unread_until = Some(now.plus(RETRY_MIN));
    }

    pub(super) fn acked(
        &mut self,
        packet_id: u16,
        reason: u8,
        now: Mono,
        freed: &mut BTreeSet<RowId>,
        out: &mut Vec<Output>,
    ) {
        let Some(window) = &mut self.window else { return };
        let flight = match window.acked(packet_id) {
            Err(violation) => return self.violated(violation, out),
            Ok(flight) => flight,
        };
        let delivered = reason == SUCCESS;
        match flight {
            Flight::Birth if reason >= ERROR => out.push(Output::Report(Concern::Birth(reason))),
            Flight::Health => {
                let refused = reason >= ERROR;
                if refused && !self.health_refused {
                    out.push(Output::Report(Concern::Health(reason)));
                }
                self.health_refused = refused;
            }
            Flight::Subscribe => self.subscribed(now),
            Flight::Probe => self.probed(),
            Flight::Birth => {}
            Flight::Farewell => out.push(Output::Disconnect),
            Flight::Gap(id, count) if delivered => self.notices.delivered(id, count, now),
            Flight::Gap(id, _) => {
                let first = self.notices.refuse(id, now);
                out.extend(first.then_some(Output::Report(Concern::Gap(reason))));
            }
            Flight::Row { class, id, part, bytes } => {
                if Tier::of(class) == Tier::Bulk {
                    let (messages, flying) = self.bulk_flying;
                    self.bulk_flying = (messages.saturating_sub(1), flying.saturating_sub(bytes));
                }
                let Some(lane) = self.lanes.get_mut(&class) else { return };
                if delivered {
                    self.progress.sent += 1;
                    freed.extend(lane.delivered(id, part, now));
                } else {
                    self.progress.refused += 1;
                    lane.refuse(id, part, reason, now);
                }
            }
        }
    }

    pub(super) fn confirmed(
        &mut self,
        marks: &[(Class, Watermark)],
        now: Mono,
        freed: &mut BTreeSet<RowId>,
        out: &mut Vec<Output>,
    ) {
        if self.confirm == Confirm::Broker {
            return;
        }
        if self.contradicts(marks, now, out) {
            return;
        }
        for (class, found) in marks {
            let Some(lane) = self.lanes.get_mut(class) else { continue };
            if lane.disbelieves(*found) {
                self.refuse_mark(*class, *found, now, out);
            } else if let Verdict::Kept(rows) = lane.confirmed(*found, now) {
                freed.extend(rows);
                let lane = &*lane;
                self.notices.heard(*class, |gap| lane.has_left(gap));
                self.agreed();
            }
        }
    }
}
