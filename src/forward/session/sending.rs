//! What follows without further input: lanes wake, messages go, rows are fetched, the end comes.

use super::{Flight, Life, Outbound, Output, Session};
use crate::forward::lane::Lane;
use crate::forward::parcel::PUBLISH_OVERHEAD;
use crate::forward::window::Window;
use crate::limits::{MQTT_WINDOW, RETRY_MIN};
use crate::time::Mono;

impl Session {
    pub(super) fn go_on(&mut self, now: Mono, out: &mut Vec<Output>) {
        self.wake(now);
        self.settle(now, out);
        if matches!(self.life, Life::Stopping { until } if until <= now) {
            self.life = Life::Ending;
        }
        if matches!(self.life, Life::Running | Life::Stopping { .. }) {
            self.send(out);
            self.fetch(out);
        }
        if matches!(self.life, Life::Stopping { .. }) && self.is_done() {
            self.life = Life::Ending;
        }
        if self.life == Life::Ending {
            self.part(out);
        }
    }

    fn wake(&mut self, now: Mono) {
        self.unread_until = self.unread_until.filter(|until| now < *until);
        self.notices.tick(now);
        self.gaps_due |= self.gaps_at.take_if(|at| *at <= now).is_some();
        let again = self.lanes.values_mut().filter_map(|lane| lane.tick(now)).min();
        if let Some(again) = again.filter(|again| *again < self.cursor) {
            self.cursor = again;
            self.went_back();
        }
    }

    /// Lets go of losses that were told, and asks for others: not at once, for the store may be unable to forget.
    fn settle(&mut self, now: Mono, out: &mut Vec<Output>) {
        let lanes = &self.lanes;
        let told =
            self.notices.settle(|gap| lanes.get(&gap.class).is_none_or(|it| it.has_passed(gap)));
        if told.is_empty() {
            return;
        }
        self.progress.gaps_told += told.len() as u64;
        for (class, lane) in &mut self.lanes {
            lane.know(self.notices.of(*class));
        }
        self.gaps_at.get_or_insert(now.plus(RETRY_MIN));
        out.push(Output::Settle(told));
    }

    /// Hands over messages while there is room: the opening, losses, health, then rows in their order over all classes.
    fn send(&mut self, out: &mut Vec<Output>) {
        while self.window.as_ref().is_some_and(Window::has_room) {
            let next = self.opening.pop_front();
            let next = next.or_else(|| self.next_gap()).or_else(|| self.next_health());
            let next = next.or_else(|| self.next_row());
            let Some((outbound, flight)) = next else { return };
            if let Some(window) = &mut self.window {
                window.hand_over(flight);
            }
            out.push(Output::Send(outbound));
        }
    }

    fn next_gap(&mut self) -> Option<(Outbound, Flight)> {
        let gap = self.notices.send()?;
        if let Some(lane) = self.lanes.get_mut(&gap.class) {
            lane.telling(&gap);
        }
        let flight = Flight::Gap(gap.id, gap.count);
        Some((Outbound::Gap(gap), flight))
    }

    /// One that the broker would not take is dropped.
    fn next_health(&mut self) -> Option<(Outbound, Flight)> {
        let text = self.health.take()?;
        let fits = text.len() + PUBLISH_OVERHEAD <= self.max_packet;
        fits.then_some((Outbound::Health(text), Flight::Health))
    }

    fn next_row(&mut self) -> Option<(Outbound, Flight)> {
        let due = self.lanes.iter_mut().filter_map(|(class, lane)| {
            let id = lane.due()?;
            Some((id, *class, lane))
        });
        let (id, class, lane) = due.min_by_key(|(id, ..)| *id)?;
        let sent = lane.send(id)?;
        self.progress.resent += u64::from(sent.again);
        if !sent.again && sent.part == 0 {
            *self.sent.entry(class).or_default() += u64::from(sent.records);
        }
        let flight = Flight::Row { class, id, part: sent.part };
        Some((Outbound::Row(class, sent.message), flight))
    }

    fn fetch(&mut self, out: &mut Vec<Output>) {
        let waiting: usize = self.lanes.values().map(Lane::waiting).sum();
        let more = self.more_to_fetch() || self.gaps_due;
        let wanted = waiting < usize::from(MQTT_WINDOW) && more;
        let idle = self.fetching.is_none() && self.unread_until.is_none();
        if self.window.is_some() && idle && wanted {
            (self.gaps_at, self.gaps_due) = (None, false);
            self.fetching = Some((self.newest, true));
            out.push(Output::Fetch { after: self.cursor });
        }
    }

    /// Whether nothing more can be sent now.
    fn is_done(&self) -> bool {
        let idle = self.window.as_ref().is_none_or(Window::is_empty) && self.opening.is_empty();
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
