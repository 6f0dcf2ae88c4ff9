//! A broker that keeps a bounded queue for a subscriber who is away: it acknowledges the rest, and drops it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use tillgate_events::Class;

use super::rules::Talk;
use crate::config::Confirm;
use crate::forward::parcel::{Message, Parcel};
use crate::forward::session::{Input, Outbound, Output};
use crate::forward::watermark::Watermark;
use crate::limits::RESEND_MIN;
use crate::store::RowId;

/// Messages that Mosquitto keeps by default.
const QUEUE: usize = 1000;

/// How long a look at the world takes.
const LOOK: Duration = Duration::from_millis(100);

/// Messages that the subscriber stores in that time.
const STORED: usize = 50;

/// A gateway with so many rows of so many messages, a broker, and a subscriber who is away at first.
struct World {
    talk: Talk,
    rows: i64,
    parts: usize,
    todo: VecDeque<Output>,
    queue: VecDeque<(i64, usize)>,
    away: bool,
    dropped: usize,
    stored: BTreeMap<i64, BTreeSet<usize>>,
    watermark: u64,
    freed: BTreeSet<RowId>,
}

impl World {
    fn new(rows: i64, parts: usize) -> Self {
        let mut talk = Talk::new(Confirm::Cloud, 0);
        let mut todo = VecDeque::from(talk.connect(20));
        todo.extend(talk.step(Input::Committed(RowId(rows))));
        Self {
            talk,
            rows,
            parts,
            todo,
            queue: VecDeque::new(),
            away: true,
            dropped: 0,
            stored: BTreeMap::new(),
            watermark: 0,
            freed: BTreeSet::new(),
        }
    }

    fn parcel(&self, id: i64) -> Parcel {
        let property = |part: usize| vec![("id", id.to_string()), ("part", part.to_string())];
        let message =
            |part| Message { payload: vec![1], content_type: "", properties: property(part) };
        Parcel {
            id: RowId(id),
            class: Class::Pos,
            epoch: 1,
            last_sequence: id.unsigned_abs(),
            records: 1,
            messages: (0..self.parts).map(message).collect(),
        }
    }

    /// So much time passes.
    fn live(&mut self, time: Duration) {
        for _ in 0..time.as_millis() / LOOK.as_millis() {
            self.look();
        }
    }

    fn look(&mut self) {
        self.talk.pass(LOOK);
        let tick = self.talk.step(Input::Tick);
        self.todo.extend(tick);
        while let Some(output) = self.todo.pop_front() {
            self.carry_out(output);
        }
        if !self.away {
            self.store();
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Fetch { after, .. } => {
                let rows = (after.0 + 1..=self.rows).take(4).map(|id| self.parcel(id)).collect();
                let read = Input::Fetched { parcels: rows, gaps: Vec::new() };
                self.todo.extend(self.talk.step(read));
            }
            Output::Send(outbound) => {
                if let Outbound::Row(_, message) = outbound {
                    self.arrive(&message);
                }
                self.todo.extend(self.talk.deliver(20, 0));
            }
            Output::Free(rows) => self.freed.extend(rows),
            _ => {}
        }
    }

    fn arrive(&mut self, message: &Message) {
        let number = |at: usize| message.properties[at].1.parse::<i64>().unwrap();
        if self.queue.len() < QUEUE {
            self.queue.push_back((number(0), usize::try_from(number(1)).unwrap()));
        } else {
            self.dropped += 1;
        }
    }

    /// The subscriber stores a few and tells how far it is, again also where it heard nothing new.
    fn store(&mut self) {
        let few: Vec<_> = self.queue.drain(..self.queue.len().min(STORED)).collect();
        for (id, part) in &few {
            self.stored.entry(*id).or_default().insert(*part);
        }
        let next = |mark: u64| self.stored.get(&(mark.cast_signed() + 1));
        while next(self.watermark).is_some_and(|parts| parts.len() == self.parts) {
            self.watermark += 1;
        }
        if !few.is_empty() {
            self.tell();
        }
    }

    fn tell(&mut self) {
        let mark = Watermark { epoch: 1, sequence: self.watermark };
        let marks = Input::Watermarks(vec![(Class::Pos, mark)]);
        self.todo.extend(self.talk.step(marks));
    }

    /// The subscriber is back, and says how far it is.
    fn back(&mut self) {
        (self.away, self.dropped) = (false, 0);
        self.tell();
    }
}

/// So many rows of so many messages are sent while the subscriber is away for so long. All is stored within `within`
/// of its return; how many messages are dropped in that time.
fn dropped(rows: i64, parts: usize, away: Duration, within: Duration) -> usize {
    let mut world = World::new(rows, parts);
    let all = usize::try_from(rows).unwrap();
    world.live(away);
    assert!(all * parts <= QUEUE || world.dropped > 0, "it is about what is dropped");
    world.back();
    let mut took = Duration::ZERO;
    while world.freed.len() < all && took < within {
        world.live(LOOK);
        took += LOOK;
    }
    assert_eq!(world.freed.len(), all, "after {took:?}, {} dropped", world.dropped);
    world.dropped
}

#[test]
fn once_the_subscriber_is_back_all_arrives_soon_and_its_queue_is_not_overrun() {
    // The subscriber alone needs 2 ms a message.
    let own = |messages: u64| Duration::from_millis(2 * messages);
    let (short, long) = (Duration::from_secs(20), Duration::from_secs(10_000));
    let soon = |messages: u64| RESEND_MIN + 2 * own(messages);
    assert_eq!(dropped(60, 15, short, own(900) + 2 * LOOK), 0);
    assert_eq!(dropped(300, 15, short, soon(300 * 15)), 0);
    assert_eq!(dropped(300, 15, long, soon(300 * 15)), 0);
    assert_eq!(dropped(1020, 1, long, soon(1020)), 0);
    // What waited for the watermark and goes for the first time is not held back.
    assert!(dropped(2500, 2, long, 2 * soon(2500 * 2)) < 2500);
}

#[test]
fn a_subscriber_that_comes_back_to_an_empty_queue_need_not_wait_for_the_time_that_doubled() {
    let mut world = World::new(40, 3);
    world.live(Duration::from_secs(10_000));
    world.queue.clear();
    world.back();
    world.live(RESEND_MIN + Duration::from_secs(2));
    assert_eq!(world.freed.len(), 40);
}

#[test]
fn a_cloud_that_repeats_itself_and_stands_is_not_sent_everything_each_time() {
    let mut world = World::new(40, 1);
    world.live(Duration::from_secs(3600));
    let before = world.talk.session.progress().resent;
    for _ in 0..3000 {
        world.tell();
        world.live(LOOK);
    }
    let again = world.talk.session.progress().resent - before;
    assert!(again <= 40 * 11, "{again} in 300 s");
}
