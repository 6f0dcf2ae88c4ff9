//! The session against a model of a store, a client, a broker and a cloud, all of them rude, under a seed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use tillgate_events::Class;

use super::*;

/// Row and part, as a payload carries them.
type Name = (RowId, usize);

const CLASSES: [Class; 3] = [Class::Pos, Class::Visit, Class::Ops];

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
    fetch: Option<RowId>,
    online: bool,
    limit: u16,
    next_packet_id: u16,
    client: VecDeque<Option<Name>>,
    flying: BTreeMap<u16, Option<Name>>,
    /// Acknowledged with success at least once.
    delivered: BTreeSet<Name>,
    /// What the cloud committed: per class and epoch, the last sequences of whole rows.
    committed: BTreeMap<(Class, u32), BTreeSet<u64>>,
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
            session: Session::new(confirm, 2),
            now: Mono(1),
            confirm,
            epoch: 1,
            rows: BTreeMap::new(),
            next_row: 1,
            next_sequence: BTreeMap::new(),
            fetch: None,
            online: false,
            limit: 0,
            next_packet_id: 0,
            client: VecDeque::new(),
            flying: BTreeMap::new(),
            delivered: BTreeSet::new(),
            committed: BTreeMap::new(),
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
                Output::Reconnect(violation) => panic!("{violation}"),
                Output::Disconnect => self.done = true,
            }
        }
    }

    fn send(&mut self, outbound: Outbound) {
        let name = match outbound {
            Outbound::Row(class, message) => Some(self.first_send(class, &message)),
            Outbound::Birth | Outbound::Subscribe | Outbound::Farewell => None,
        };
        assert!(self.online);
        self.client.push_back(name);
        let on_their_way = self.client.len() + self.flying.len();
        // Birth and subscription are never held back.
        assert!(on_their_way <= usize::from(self.limit.clamp(2, MQTT_WINDOW)));
    }

    fn first_send(&mut self, class: Class, message: &Message) -> Name {
        let text = String::from_utf8(message.payload.clone()).unwrap();
        let (id, part) = text.split_once(' ').unwrap();
        let name = (RowId(id.parse().unwrap()), part.parse().unwrap());
        let newest = self.first_sends.entry(class).or_insert(name);
        let (row, part) = *newest;
        let follows = name <= *newest || name == (row, part + 1) || (name.0 > row && name.1 == 0);
        assert!(follows, "{name:?} after {newest:?}");
        *newest = name.max(*newest);
        name
    }

    fn free(&mut self, id: RowId) {
        let parcel = &self.rows[&id];
        let all = (0..parcel.messages.len()).map(|part| (id, part));
        let due = if self.confirm == Confirm::Cloud && parcel.epoch == 2 {
            &self.arrived
        } else {
            &self.delivered
        };
        assert!(all.clone().all(|name| due.contains(&name)), "freed too early: {id:?}");
        assert!(self.freed.insert(id) || !self.rows.contains_key(&id));
        self.rows.remove(&id);
    }

    fn commit(&mut self) {
        let class = CLASSES[self.random.usize(..CLASSES.len())];
        let id = RowId(self.next_row);
        self.next_row += 1;
        let last = self.next_sequence.entry(class).or_default();
        *last += self.random.u64(1..4);
        let parts = if self.random.u8(..4) == 0 { self.random.usize(2..6) } else { 1 };
        let message = |part| Message {
            payload: format!("{} {part}", id.0).into_bytes(),
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
        self.step(Input::Fetched(parcels));
    }

    fn connect(&mut self) {
        self.disconnect();
        self.online = true;
        self.limit = self.random.u16(2..50);
        let receive_maximum = self.limit;
        self.step(Input::Connected { receive_maximum, max_packet: 10_000 });
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
        let name = self.flying.remove(&packet_id).flatten();
        let refused = name.is_some() && self.random.u8(..100) < self.refuse;
        let reason = if refused { if self.random.bool() { 16 } else { 135 } } else { 0 };
        if let Some(name) = name.filter(|_| !refused) {
            self.delivered.insert(name);
            if self.random.u8(..100) >= self.lose {
                self.arrive(name);
            }
        }
        self.step(Input::Acked { packet_id, reason });
    }

    fn arrive(&mut self, name: Name) {
        self.arrived.insert(name);
        let Some(parcel) = self.rows.get(&name.0) else { return };
        let mut parts = (0..parcel.messages.len()).map(|part| (name.0, part));
        if parts.all(|name| self.arrived.contains(&name)) {
            let stream = self.committed.entry((parcel.class, parcel.epoch)).or_default();
            stream.insert(parcel.last_sequence);
        }
    }

    /// The watermarks of the newest epoch in which the cloud has anything.
    fn publish_watermarks(&mut self) {
        let mut marks = Vec::new();
        for class in CLASSES {
            let newest = self.committed.range((class, 0)..=(class, u32::MAX)).next_back();
            let Some(((_, epoch), _)) = newest else { continue };
            let missing =
                self.rows.values().filter(|row| (row.class, row.epoch) == (class, *epoch));
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
            28..33 => self.pass_time(),
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
    // No new connection where one stands: that would heal what is stuck.
    if !world.online {
        world.connect();
    }
    for _ in 0..200_000 {
        if world.rows.is_empty() {
            break;
        }
        world.happen(false);
    }
    assert!(world.rows.is_empty(), "{} rows stay for ever: {:?}", world.rows.len(), world.session);
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
    seeds(100).into_iter().for_each(|seed| check(seed, Confirm::Broker));
}

#[test]
fn nothing_is_freed_early_and_everything_in_the_end_when_the_cloud_confirms() {
    seeds(100).into_iter().for_each(|seed| check(seed, Confirm::Cloud));
}
