//! The session against a model of a store, a client, a broker and a cloud, all of them rude, under a seed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use tillgate_events::Class;

use crate::config::Confirm;
use crate::forward::parcel::{Message, Parcel};
use crate::forward::session::{Concern, Input, Outbound, Output, Session};
use crate::forward::watermark::Watermark;
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
    fetch: Option<RowId>,
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
    /// What the cloud committed: per class and epoch, the last sequences of whole rows.
    committed: BTreeMap<(Class, u32), BTreeSet<u64>>,
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
            session: Session::new(confirm, 2, &BTreeMap::new()),
            now: Mono(1),
            confirm,
            epoch: 1,
            rows: BTreeMap::new(),
            next_row: 1,
            next_sequence: BTreeMap::new(),
            firsts: BTreeMap::new(),
            fetch: None,
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
                Output::Fetch { after } => assert!(self.fetch.replace(after).is_none()),
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
            Outbound::Birth | Outbound::Subscribe | Outbound::Farewell => Handed::Control,
        };
        assert!(self.online);
        self.client.push_back(handed);
        let on_their_way = self.client.len() + self.flying.len();
        assert!(on_their_way <= usize::from(self.limit.min(MQTT_WINDOW)));
    }

    /// Where the cloud confirms, its watermark must have passed the gap as well; that it can only once it heard.
    fn settle(&mut self, gap: &Gap) {
        assert!(self.told.contains(&gap.id), "never told: {gap:?}");
        assert_eq!(self.gaps.remove(&gap.id).as_ref(), Some(gap));
        if self.confirm == Confirm::Cloud && gap.epoch == 2 {
            assert!(self.heard.contains(&gap.id), "the cloud never heard of {gap:?}");
        }
    }

    /// The store loses a row.
    fn lose(&mut self) {
        let ids: Vec<RowId> = self.rows.keys().copied().collect();
        let Some(id) = self.random.choice(ids) else { return };
        let Some(row) = self.rows.remove(&id) else { return };
        let first_sequence = self.firsts[&id];
        let gap = Gap {
            id: GapId(id.0),
            class: row.class,
            epoch: row.epoch,
            first_sequence,
            count: row.last_sequence + 1 - first_sequence,
            bytes: 1,
            reason: GapReason::Damage,
        };
        self.gaps.insert(gap.id, gap);
        self.lost.insert(id, row);
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

    fn free(&mut self, id: RowId) {
        let Some(parcel) = self.rows.get(&id).or_else(|| self.lost.get(&id)) else {
            assert!(self.freed.contains(&id));
            return;
        };
        let all = (0..parcel.messages.len()).map(|part| (id, part));
        let due = if self.confirm == Confirm::Cloud && parcel.epoch == 2 {
            &self.arrived
        } else {
            &self.delivered
        };
        assert!(all.clone().all(|name| due.contains(&name)), "freed too early: {id:?}");
        self.freed.insert(id);
        self.rows.remove(&id);
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
        *last += self.random.u64(1..4);
        let parts = if self.random.u8(..4) == 0 { self.random.usize(2..6) } else { 1 };
        let width = if self.random.u8(..20) == 0 { LARGE } else { 1 };
        let message = |part| Message {
            payload: format!("{} {part:<width$}", id.0).into_bytes(),
            content_type: "text/plain",
            properties: Vec::new(),
        };
        let messages = (0..parts).map(message).collect();
        let parcel = Parcel { id, class, epoch: self.epoch, last_sequence: *last, messages };
        self.rows.insert(id, parcel);
        self.step(Input::Committed(id));
    }

    fn answer_fetch(&mut self) {
        let Some(after) = self.fetch.take() else { return };
        let most = self.random.usize(1..20);
        let rows = self.rows.range(RowId(after.0 + 1)..).take(most);
        let parcels = rows.map(|(_, parcel)| parcel.clone()).collect();
        let gaps = CLASSES.into_iter().flat_map(|class| {
            self.gaps.values().filter(move |gap| gap.class == class).take(3).cloned()
        });
        let gaps = gaps.collect();
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

    fn ack(&mut self) {
        let ids: Vec<u16> = self.flying.keys().copied().collect();
        let Some(packet_id) = self.random.choice(ids) else { return };
        let Some(handed) = self.flying.remove(&packet_id) else { return };
        let refused = handed != Handed::Control && self.random.u8(..100) < self.refuse;
        let reason = if refused { if self.random.bool() { 16 } else { 135 } } else { 0 };
        let arrives = self.random.u8(..100) >= self.lose;
        match handed {
            Handed::Row(name) if !refused => {
                self.delivered.insert(name);
                if arrives {
                    self.arrive(name);
                }
            }
            Handed::Gap(id) if !refused => {
                self.told.insert(id);
                if arrives && self.heard.insert(id) {
                    let row = &self.lost[&RowId(id.0)];
                    let stream = self.committed.entry((row.class, row.epoch)).or_default();
                    stream.insert(row.last_sequence);
                }
            }
            Handed::Row(_) | Handed::Gap(_) | Handed::Control => {}
        }
        self.step(Input::Acked { packet_id, reason });
    }

    fn arrive(&mut self, name: Name) {
        self.arrived.insert(name);
        let Some(parcel) = self.rows.get(&name.0).or_else(|| self.lost.get(&name.0)) else {
            return;
        };
        let mut parts = (0..parcel.messages.len()).map(|part| (name.0, part));
        if parts.all(|name| self.arrived.contains(&name)) {
            let stream = self.committed.entry((parcel.class, parcel.epoch)).or_default();
            stream.insert(parcel.last_sequence);
            let begun = self.begun.entry(parcel.class).or_default();
            *begun = parcel.epoch.max(*begun);
        }
    }

    /// The watermarks of the newest epoch in which the cloud has anything.
    fn publish_watermarks(&mut self) {
        let mut marks = Vec::new();
        for class in CLASSES {
            // An epoch begins with its first record; a loss alone begins none.
            let Some(epoch) = self.begun.get(&class) else { continue };
            // What the store lost and told is not waited for.
            let lost = self.lost.iter().filter(|(id, _)| !self.heard.contains(&GapId(id.0)));
            let rows = self.rows.values().chain(lost.map(|(_, row)| row));
            let missing = rows.filter(|row| (row.class, row.epoch) == (class, *epoch));
            let missing = missing.filter(|row| {
                (0..row.messages.len()).any(|part| !self.arrived.contains(&(row.id, part)))
            });
            // One before the first row that is not whole, else all that was given out.
            let first_missing = missing.map(|row| row.last_sequence).min();
            let stream = &self.committed[&(class, *epoch)];
            let whole = stream.iter().filter(|last| first_missing.is_none_or(|m| **last < m));
            let sequence = whole.max();
            let Some(sequence) = sequence else { continue };
            marks.push((class, Watermark { epoch: *epoch, sequence: *sequence }));
        }
        self.step(Input::Watermarks(marks));
    }

    fn pass_time(&mut self) {
        let millis = self.random.u64(1..20_000);
        self.now = self.now.plus(Duration::from_millis(millis));
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
            28..30 if rough => self.lose(),
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

/// The seeds to run: one that the environment names, or `count` fresh ones.
fn seeds(count: usize) -> Vec<u64> {
    match std::env::var("TILLGATE_SEED").ok().and_then(|seed| seed.parse().ok()) {
        Some(seed) => vec![seed],
        None => (0..count).map(|_| fastrand::u64(..)).collect(),
    }
}

#[test]
fn nothing_is_freed_early_and_everything_in_the_end_when_the_broker_confirms() {
    seeds(60).into_iter().for_each(|seed| check(seed, Confirm::Broker));
}

#[test]
fn nothing_is_freed_early_and_everything_in_the_end_when_the_cloud_confirms() {
    seeds(60).into_iter().for_each(|seed| check(seed, Confirm::Cloud));
}
