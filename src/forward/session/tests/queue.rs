//! A broker that keeps a bounded queue for a subscriber who is away: it acknowledges the rest, and drops it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use tillgate_events::Class;

use super::rules::Talk;
use crate::config::Confirm;
use crate::forward::parcel::{Message, Parcel, Slice};
use crate::forward::session::{Input, Outbound, Output};
use crate::forward::watermark::Watermark;
use crate::limits::RESEND_MIN;
use crate::store::{Row, RowId};

/// Messages that Mosquitto keeps by default.
const QUEUE: usize = 1000;

/// How long a look at the world takes.
const LOOK: Duration = Duration::from_millis(100);

/// Messages that the subscriber stores in that time.
const STORED: usize = 50;

/// What waits to be sent, and how many messages the broker keeps of it.
#[derive(Clone, Copy)]
struct Backlog {
    rows: u64,
    /// In each row.
    records: u64,
    /// Messages of each record.
    parts: usize,
    queue: usize,
}

/// A gateway, a broker, and a subscriber who is away at first.
struct World {
    talk: Talk,
    backlog: Backlog,
    todo: VecDeque<Output>,
    queue: VecDeque<(u64, usize)>,
    away: bool,
    dropped: usize,
    stored: BTreeMap<u64, BTreeSet<usize>>,
    watermark: u64,
    freed: BTreeSet<RowId>,
}

fn message(number: u64, part: usize) -> Message {
    let properties = vec![("number", number.to_string()), ("part", part.to_string())];
    Message { payload: vec![1], content_type: "", properties }
}

impl World {
    fn new(backlog: Backlog) -> Self {
        let mut talk = Talk::new(Confirm::Cloud, 0);
        let mut todo = VecDeque::from(talk.connect(20));
        todo.extend(talk.step(Input::Committed(RowId(backlog.rows.cast_signed()))));
        Self {
            talk,
            backlog,
            todo,
            queue: VecDeque::new(),
            away: true,
            dropped: 0,
            stored: BTreeMap::new(),
            watermark: 0,
            freed: BTreeSet::new(),
        }
    }

    /// A row of the store, as far as the session wants it.
    fn parcel(&self, id: u64) -> Parcel {
        let Backlog { records, parts, .. } = self.backlog;
        let (first_sequence, last_sequence) = ((id - 1) * records + 1, id * records);
        let (class, count) = (Class::Pos, u32::try_from(records).unwrap());
        let id = RowId(id.cast_signed());
        let row = Row { id, class, epoch: 1, first_sequence, count, payload: Vec::new() };
        let Slice { after, most } = self.talk.session.slice(&row);
        let fits = (most / parts).max(usize::from(most > 0)) as u64;
        let first = first_sequence.max(after.saturating_add(1));
        let until = last_sequence.min(first.saturating_add(fits) - 1);
        let messages =
            (first..=until).flat_map(|number| (0..parts).map(move |part| message(number, part)));
        let messages = messages.collect();
        Parcel { id, class, epoch: 1, last_sequence, until, records: count, messages }
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
                let ids = after.0.cast_unsigned() + 1..=self.backlog.rows;
                let rows = ids.take(4).map(|id| self.parcel(id)).collect();
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
        let number = |at: usize| message.properties[at].1.parse::<u64>().unwrap();
        if self.queue.len() < self.backlog.queue {
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
        let next = |mark: u64| self.stored.get(&(mark + 1));
        while next(self.watermark).is_some_and(|parts| parts.len() == self.backlog.parts) {
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

/// All this is sent while the subscriber is away for so long. All is stored within `within` of its return; how many
/// messages are dropped in that time.
fn dropped_of(backlog: Backlog, away: Duration, within: Duration) -> usize {
    let mut world = World::new(backlog);
    let all = usize::try_from(backlog.rows).unwrap();
    let messages = all * usize::try_from(backlog.records).unwrap() * backlog.parts;
    world.live(away);
    assert!(messages <= backlog.queue || world.dropped > 0, "it is about what is dropped");
    world.back();
    let mut took = Duration::ZERO;
    while world.freed.len() < all && took < within {
        world.live(LOOK);
        took += LOOK;
    }
    let (at, dropped) = (world.watermark, world.dropped);
    assert_eq!(world.freed.len(), all, "after {took:?}, {dropped} dropped, watermark {at}");
    world.dropped
}

fn small(rows: u64, parts: usize) -> Backlog {
    Backlog { rows, records: 1, parts, queue: QUEUE }
}

fn dropped(rows: u64, parts: usize, away: Duration, within: Duration) -> usize {
    dropped_of(small(rows, parts), away, within)
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
    let mut world = World::new(small(40, 3));
    world.live(Duration::from_secs(10_000));
    world.queue.clear();
    world.back();
    world.live(RESEND_MIN + Duration::from_secs(2));
    assert_eq!(world.freed.len(), 40);
}

#[test]
fn a_cloud_that_repeats_itself_and_stands_is_not_sent_everything_each_time() {
    let mut world = World::new(small(40, 1));
    world.live(Duration::from_secs(3600));
    let before = world.talk.session.progress().resent;
    for _ in 0..3000 {
        world.tell();
        world.live(LOOK);
    }
    let again = world.talk.session.progress().resent - before;
    assert!(again <= 40 * 11, "{again} in 300 s");
}

#[test]
fn rows_larger_than_the_subscribers_queue_arrive_piece_by_piece() {
    let check = |rows, records, parts, queue, dropped| {
        let backlog = Backlog { rows, records, parts, queue };
        let messages = rows * records * parts as u64;
        // The subscriber alone needs 2 ms a message; each answer of it is waited for.
        let soon = 2 * RESEND_MIN + Duration::from_millis(4 * messages);
        let found = dropped_of(backlog, Duration::from_secs(20), soon);
        assert!(found <= dropped, "{found} were dropped of {rows} rows");
    };
    check(1, 300, 20, QUEUE, 0);
    check(3, 128, 60, QUEUE, 0);
    check(2, 4, 700, QUEUE, 0);
    // One record that is larger than the queue.
    check(1, 3, 5000, QUEUE, 0);
}

#[test]
fn however_small_the_queue_something_gets_through_each_time() {
    for (records, parts, queue) in [(30, 9, 20), (6, 100, 20), (3, 300, 60), (2, 40, 1)] {
        let backlog = Backlog { rows: 2, records, parts, queue };
        dropped_of(backlog, Duration::from_secs(60), Duration::from_secs(4 * 3600));
    }
}
