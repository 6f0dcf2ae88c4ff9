//! The session against a model of a store, a client, a broker and a cloud, all of them rude, under a seed.

mod cloud;
mod store;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use tillgate_events::Class;

use crate::config::{Allowance, Confirm};
use crate::forward::parcel::{Message, Parcel};
use crate::forward::session::{Concern, Input, Outbound, Output, Session};
use crate::limits::MQTT_WINDOW;
use crate::store::{Gap, GapId, GapReason, RowId};
use crate::time::Mono;

/// Row and part, as a payload carries them.
type Name = (RowId, usize);

/// Bytes of a message that not every broker here takes.
const LARGE: usize = 1000;

const CLASSES: [Class; 3] = [Class::Pos, Class::Visit, Class::Ops];

/// What was handed to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handed {
    Control,
    Gap(GapId),
    Row(Name),
}

/// Some brokers count what comes.
fn allowance(seed: u64) -> Allowance {
    let paced = seed.is_multiple_of(3);
    let messages_per_s = paced.then_some(200);
    let bytes_per_s = (paced && seed.is_multiple_of(2)).then_some(400_000);
    Allowance { messages_per_s, bytes_per_s, ..Allowance::default() }
}

/// Everything around a session.
struct World {
    random: fastrand::Rng,
    session: Session,
    now: Mono,
    confirm: Confirm,
    epoch: u32,
    rows: BTreeMap<RowId, Parcel>,
    next_row: i64,
    next_sequence: BTreeMap<Class, u64>,
    firsts: BTreeMap<RowId, u64>,
    fetch: Option<(Class, RowId)>,
    /// The store was asked to compare.
    compares: bool,
    online: bool,
    limit: u16,
    next_packet_id: u16,
    client: VecDeque<Handed>,
    flying: BTreeMap<u16, Handed>,
    max_packet: usize,
    /// Rows that the store lost, and the gaps for them that it was not told to forget.
    lost: BTreeMap<RowId, Parcel>,
    gaps: BTreeMap<GapId, Gap>,
    /// What was told and acknowledged, and what the cloud heard of it.
    told: BTreeSet<GapId>,
    heard: BTreeSet<GapId>,
    /// Acknowledged with success at least once.
    delivered: BTreeSet<Name>,
    /// The last sequences of rows, per class and epoch: what the cloud has or has heard to be lost, and what
    /// it waits for.
    committed: BTreeMap<(Class, u32), BTreeSet<u64>>,
    missing: BTreeMap<(Class, u32), BTreeSet<u64>>,
    /// Whether the cloud names an epoch of which it has the beginning neither got nor heard to be lost.
    names_beginnings: bool,
    /// The newest epoch of which a whole row arrived.
    begun: BTreeMap<Class, u32>,
    arrived: BTreeSet<Name>,
    first_sends: BTreeMap<Class, Name>,
    freed: BTreeSet<RowId>,
    /// In percent: messages refused, and messages acknowledged but lost by the broker.
    refuse: u8,
    lose: u8,
    done: bool,
}

impl World {
    fn new(seed: u64, confirm: Confirm) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            session: Session::new(confirm, 2, &BTreeMap::new())
                .within(allowance(seed))
                .asking_first(),
            now: Mono(1),
            confirm,
            epoch: 1,
            rows: BTreeMap::new(),
            next_row: 1,
            next_sequence: BTreeMap::new(),
            firsts: BTreeMap::new(),
            fetch: None,
            compares: false,
            online: false,
            limit: 0,
            next_packet_id: 0,
            client: VecDeque::new(),
            flying: BTreeMap::new(),
            max_packet: 0,
            lost: BTreeMap::new(),
            gaps: BTreeMap::new(),
            told: BTreeSet::new(),
            heard: BTreeSet::new(),
            delivered: BTreeSet::new(),
            committed: BTreeMap::new(),
            missing: BTreeMap::new(),
            names_beginnings: seed.is_multiple_of(2),
            begun: BTreeMap::new(),
            arrived: BTreeSet::new(),
            first_sends: BTreeMap::new(),
            freed: BTreeSet::new(),
            refuse: 10,
            lose: 10,
            done: false,
        }
    }

    fn step(&mut self, input: Input) {
        let mut out = Vec::new();
        self.session.step(input, self.now, &mut out);
        for output in out {
            match output {
                Output::Fetch { class, after } => {
                    assert!(self.fetch.replace((class, after)).is_none());
                }
                Output::Compare(_) => self.compares = true,
                Output::Contradicted(marks) => panic!("an honest cloud contradicts: {marks:?}"),
                Output::Delivered(upto) => self.delivered_upto(&upto),
                Output::Send(outbound) => self.send(outbound),
                Output::Free(rows) => rows.into_iter().for_each(|row| self.free(row)),
                Output::Settle(gaps) => gaps.iter().for_each(|gap| self.settle(gap)),
                Output::Report(Concern::TooLarge { most, .. }) => assert_eq!(most, self.max_packet),
                Output::Report(_) => {}
                Output::Reconnect(violation) => panic!("{violation}"),
                Output::Disconnect => self.done = true,
            }
        }
    }

    fn send(&mut self, outbound: Outbound) {
        let handed = match outbound {
            Outbound::Row(class, message) => {
                assert!(message.wire_bytes() <= self.max_packet);
                Handed::Row(self.first_send(class, &message))
            }
            Outbound::Gap(gap) => Handed::Gap(gap.id),
            Outbound::Birth | Outbound::Subscribe | Outbound::Health(_) | Outbound::Farewell => {
                Handed::Control
            }
        };
        assert!(self.online);
        self.client.push_back(handed);
        let on_their_way = self.client.len() + self.flying.len();
        assert!(on_their_way <= usize::from(self.limit.min(MQTT_WINDOW)));
    }

    fn first_send(&mut self, class: Class, message: &Message) -> Name {
        let text = String::from_utf8(message.payload.clone()).unwrap();
        let (id, part) = text.trim_end().split_once(' ').unwrap();
        let name = (RowId(id.parse().unwrap()), part.parse().unwrap());
        let newest = self.first_sends.entry(class).or_insert(name);
        let (row, part) = *newest;
        let follows = name <= *newest || name == (row, part + 1) || (name.0 > row && name.1 == 0);
        assert!(follows, "{name:?} after {newest:?}");
        *newest = name.max(*newest);
        name
    }

    fn commit(&mut self) {
        let class = CLASSES[self.random.usize(..CLASSES.len())];
        self.commit_to(class);
    }

    fn commit_to(&mut self, class: Class) {
        let id = RowId(self.next_row);
        self.next_row += 1;
        let last = self.next_sequence.entry(class).or_default();
        self.firsts.insert(id, *last + 1);
        let records = self.random.u32(1..4);
        *last += u64::from(records);
        let parts = if self.random.u8(..4) == 0 { self.random.usize(2..6) } else { 1 };
        let width = if self.random.u8(..20) == 0 { LARGE } else { 1 };
        let message = |part| Message {
            payload: format!("{} {part:<width$}", id.0).into_bytes(),
            content_type: "text/plain",
            properties: Vec::new(),
        };
        let messages = (0..parts).map(message).collect();
        let parcel = Parcel {
            id,
            class,
            epoch: self.epoch,
            last_sequence: *last,
            until: *last,
            records,
            messages,
        };
        self.missing.entry((class, self.epoch)).or_default().insert(*last);
        self.rows.insert(id, parcel);
        self.step(Input::Committed(id));
    }

    fn answer_fetch(&mut self) {
        if std::mem::take(&mut self.compares) {
            let fails = self.random.u8(..4) == 0;
            self.step(if fails { Input::Uncompared } else { Input::Numbered { begins: None } });
        }
        let Some((class, after)) = self.fetch.take() else { return };
        let most = self.random.usize(1..20);
        let rows = self.rows.range(RowId(after.0 + 1)..);
        let rows = rows.filter(|(_, parcel)| parcel.class == class).take(most);
        let parcels = rows.map(|(_, parcel)| parcel.clone()).collect();
        let gaps = self.oldest_gaps();
        let unread = self.random.u8(..10) == 0;
        self.step(if unread { Input::Unread } else { Input::Fetched { parcels, gaps } });
    }

    fn connect(&mut self) {
        self.disconnect();
        self.online = true;
        self.limit = self.random.u16(1..50);
        self.max_packet = if self.refuse > 0 && self.random.bool() { LARGE } else { 10_000 };
        let (receive_maximum, max_packet) = (self.limit, self.max_packet);
        self.step(Input::Connected { receive_maximum, max_packet });
    }

    fn disconnect(&mut self) {
        self.online = false;
        self.next_packet_id = 0;
        self.client.clear();
        self.flying.clear();
        self.step(Input::Disconnected);
    }

    fn take(&mut self) {
        let Some(message) = self.client.pop_front() else { return };
        self.next_packet_id = self.next_packet_id % self.limit.min(MQTT_WINDOW) + 1;
        let packet_id = self.next_packet_id;
        assert!(self.flying.insert(packet_id, message).is_none(), "packet ids collide");
        self.step(Input::Taken { packet_id });
    }

    fn pass_time(&mut self) {
        if self.random.u8(..10) == 0 {
            self.step(Input::Health("well".to_owned()));
        }
        let millis = self.random.u64(1..20_000);
        let later = self.now.plus(Duration::from_millis(millis));
        // When nothing is about to happen there is nothing to wait for but the session's own clock.
        let idle = self.client.is_empty() && self.flying.is_empty() && self.fetch.is_none();
        let due = self.session.deadline().filter(|_| idle);
        self.now = due.map_or(later, |due| due.max(later));
        self.step(Input::Tick);
    }

    /// One thing happens.
    fn happen(&mut self, rough: bool) {
        match self.random.u8(..100) {
            0..20 if rough => self.commit(),
            20..23 if rough => self.connect(),
            23..25 if rough => self.disconnect(),
            25..28 if rough && self.epoch == 1 && self.next_row > 40 => {
                self.epoch = 2;
                self.next_sequence.clear();
            }
            28..30 if rough => self.lose_some(),
            30..33 => self.pass_time(),
            33..40 => self.publish_watermarks(),
            40..55 => self.answer_fetch(),
            55..78 => self.take(),
            _ => self.ack(),
        }
    }
}

/// Runs rough times, then calm ones, and checks that nothing is left.
fn check(seed: u64, confirm: Confirm) {
    eprintln!("TILLGATE_SEED={seed} repeats this, {confirm:?}");
    let mut world = World::new(seed, confirm);
    world.connect();
    for _ in 0..2_000 {
        world.happen(true);
    }
    (world.refuse, world.lose) = (0, 0);
    // So that each class goes on after what it lost.
    CLASSES.into_iter().for_each(|class| world.commit_to(class));
    // No new connection where one stands: that would heal what is stuck.
    if !world.online || world.max_packet == LARGE {
        world.connect();
    }
    for _ in 0..200_000 {
        if world.rows.is_empty() && world.gaps.is_empty() {
            break;
        }
        world.happen(false);
    }
    assert!(world.gaps.is_empty(), "gaps stay for ever: {:?}", world.gaps);
    assert!(world.rows.is_empty(), "{} rows stay for ever", world.rows.len());
    world.step(Input::Stop { until: world.now.plus(Duration::from_secs(1000)) });
    for _ in 0..1000 {
        world.happen(false);
    }
    assert!(world.done, "it never said goodbye");
}

/// The seeds to run: `TILLGATE_SEED`, or as many fresh ones as `TILLGATE_SEEDS` says.
fn seeds() -> Vec<u64> {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match number("TILLGATE_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("TILLGATE_SEEDS").unwrap_or(60)).map(|_| fastrand::u64(..)).collect(),
    }
}

#[test]
fn nothing_is_freed_early_and_everything_in_the_end_when_the_broker_confirms() {
    seeds().into_iter().for_each(|seed| check(seed, Confirm::Broker));
}

#[test]
fn nothing_is_freed_early_and_everything_in_the_end_when_the_cloud_confirms() {
    seeds().into_iter().for_each(|seed| check(seed, Confirm::Cloud));
}
