//! What follows without further input: lanes wake, messages go, rows are fetched, the end comes.

use tillgate_events::Class;

use super::{Fetching, Flight, Life, Outbound, Output, Session};
use crate::forward::lane::Lane;
use crate::forward::parcel::PUBLISH_OVERHEAD;
use crate::forward::window::Window;
use crate::limits::{BULK_BYTES, MQTT_WINDOW, RETRY_MIN};
use crate::store::{Gap, RowId, Tier};
use crate::time::Mono;

impl Session {
    pub(super) fn go_on(&mut self, now: Mono, out: &mut Vec<Output>) {
        self.wake(now);
        self.ask(now, out);
        self.act(now, out);
        self.note_delivered(now, out);
        self.settle(now, out);
        if matches!(self.life, Life::Stopping { until } if until <= now) {
            self.life = Life::Ending;
        }
        if matches!(self.life, Life::Running | Life::Stopping { .. }) {
            self.send(now, out);
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
        let again: Vec<(Class, RowId)> = self
            .lanes
            .iter_mut()
            .filter_map(|(class, lane)| Some((*class, lane.tick(now)?)))
            .collect();
        for (class, again) in again {
            if again < *self.cursor(class) {
                self.go_back(class, again);
            }
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

    /// Hands over messages while there is room and the pace allows it: the opening, losses, health, then rows, those of
    /// prompt classes first, each tier in its order.
    fn send(&mut self, now: Mono, out: &mut Vec<Output>) {
        self.paced_until = None;
        if self.contradiction.acts {
            return;
        }
        while self.window.as_ref().is_some_and(Window::has_room) {
            let ready = self.pacer.ready_at();
            if now < ready {
                self.paced_until = self.has_something().then_some(ready);
                return;
            }
            let next = self.opening.pop_front();
            let next = next.or_else(|| self.next_gap()).or_else(|| self.next_health());
            let next = next.or_else(|| self.next_row(now));
            let Some((outbound, flight)) = next else { return };
            self.pacer.sent(outbound.wire_bytes(), now);
            if let Some(window) = &mut self.window {
                window.hand_over(flight);
            }
            out.push(Output::Send(outbound));
        }
    }

    /// Whether anything may be due. A loss that is not is looked at once too often.
    fn has_something(&self) -> bool {
        let rows = || self.lanes.values().any(|lane| lane.waiting() > 0);
        !self.opening.is_empty() || self.health.is_some() || self.notices.any_due() || rows()
    }

    fn next_gap(&mut self) -> Option<(Outbound, Flight)> {
        let lanes = &self.lanes;
        let is_left = |gap: &Gap| lanes.get(&gap.class).is_some_and(|it| it.has_left(gap));
        let gap = self.notices.send(is_left)?;
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

    fn next_row(&mut self, now: Mono) -> Option<(Outbound, Flight)> {
        let bulk = self.bulk_may_go();
        let due = self.lanes.iter_mut().filter_map(|(class, lane)| {
            let tier = Tier::of(*class);
            let id = lane.due().filter(|_| tier == Tier::Prompt || bulk)?;
            Some((tier, id, *class, lane))
        });
        let (tier, id, class, lane) = due.min_by_key(|(tier, id, ..)| (*tier, *id))?;
        let sent = lane.send(id, now)?;
        self.progress.resent += u64::from(sent.again);
        if !sent.again && sent.part == 0 {
            *self.sent.entry(class).or_default() += u64::from(sent.records);
        }
        let bytes = sent.message.wire_bytes();
        if tier == Tier::Bulk {
            let (messages, flying) = self.bulk_flying;
            self.bulk_flying = (messages.saturating_add(1), flying + bytes);
        }
        let flight = Flight::Row { class, id, part: sent.part, bytes };
        Some((Outbound::Row(class, sent.message), flight))
    }

    /// Whether the bulk leaves room for what is prompt: one message always goes.
    fn bulk_may_go(&self) -> bool {
        let (messages, bytes) = self.bulk_flying;
        let most = self.window.as_ref().map_or(1, |window| window.limit() / 2);
        messages == 0 || (messages < most && bytes < BULK_BYTES)
    }

    fn fetch(&mut self, out: &mut Vec<Output>) {
        let idle = self.fetching.is_none() && self.unread_until.is_none();
        if self.window.is_none() || !idle || self.is_asking() {
            return;
        }
        let mut classes = Class::ALL;
        classes.sort_by_key(|class| Tier::of(*class));
        let wanted = classes.into_iter().find(|class| self.wants(*class));
        let Some(class) = wanted.or(self.gaps_due.then_some(Class::Pos)) else { return };
        (self.gaps_at, self.gaps_due) = (None, false);
        self.fetching = Some(Fetching { class, newest: self.newest, wanted: true });
        out.push(Output::Fetch { class, after: *self.cursor(class) });
    }

    /// Whether rows of the class should be read: there may be some, few wait, and its lane could take them.
    fn wants(&mut self, class: Class) -> bool {
        let newest = self.newest;
        let more = *self.cursor(class) < newest;
        let takes = |lane: &Lane| lane.waiting() < usize::from(MQTT_WINDOW) && !lane.is_full();
        more && self.lanes.get(&class).is_some_and(takes)
    }

    /// Whether nothing more can be sent now.
    fn is_done(&mut self) -> bool {
        let idle = self.window.as_ref().is_none_or(Window::is_empty) && self.opening.is_empty();
        let paced = self.paced_until.is_some();
        idle && !paced
            && self.fetching.is_none()
            && !Class::ALL.into_iter().any(|it| self.wants(it))
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
