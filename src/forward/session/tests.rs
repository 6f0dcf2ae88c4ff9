//! The session against a model of a store, a client, a broker and a cloud, all of them rude, under a seed.

use std::time::Duration;

use tillgate_events::Class;

use super::*;
use crate::forward::parcel::Message;
use crate::limits::UNKEPT_ROWS;
use crate::store::GapReason;

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
    seeds(100).into_iter().for_each(|seed| check(seed, Confirm::Broker));
}

#[test]
fn nothing_is_freed_early_and_everything_in_the_end_when_the_cloud_confirms() {
    seeds(100).into_iter().for_each(|seed| check(seed, Confirm::Cloud));
}

/// A session under test that is told everything in words of its own.
struct Talk {
    session: Session,
    now: Mono,
    out: Vec<Output>,
    next_packet_id: u16,
}

impl Talk {
    fn new(confirm: Confirm, sent: u64) -> Self {
        let next = BTreeMap::from([(Class::Pos, sent + 1)]);
        let session = Session::new(confirm, 1, &next);
        Self { session, now: Mono(1), out: Vec::new(), next_packet_id: 0 }
    }

    fn step(&mut self, input: Input) -> Vec<Output> {
        self.out.clear();
        self.session.step(input, self.now, &mut self.out);
        self.out.clone()
    }

    fn connect(&mut self, receive_maximum: u16) -> Vec<Output> {
        self.next_packet_id = 0;
        self.step(Input::Connected { receive_maximum, max_packet: 10_000 })
    }

    /// The oldest message is sent and acknowledged.
    fn deliver(&mut self, limit: u16, reason: u8) -> Vec<Output> {
        self.next_packet_id = self.next_packet_id % limit + 1;
        let packet_id = self.next_packet_id;
        let mut out = self.step(Input::Taken { packet_id });
        out.extend(self.step(Input::Acked { packet_id, reason }));
        out
    }

    fn watermark(&mut self, epoch: u32, sequence: u64) -> Vec<Output> {
        self.step(Input::Watermarks(vec![(Class::Pos, Watermark { epoch, sequence })]))
    }
}

/// Rows of one receipt each: the sequence is the id.
fn parcels(ids: std::ops::RangeInclusive<i64>) -> Vec<Parcel> {
    let parcel = |id: i64| Parcel {
        id: RowId(id),
        class: Class::Pos,
        epoch: 1,
        last_sequence: id.unsigned_abs(),
        messages: vec![Message { payload: vec![1], content_type: "", properties: Vec::new() }],
    };
    ids.map(parcel).collect()
}

fn hole(first_sequence: u64, count: u64) -> Gap {
    let (id, reason) = (GapId(1), GapReason::Damage);
    Gap { id, class: Class::Pos, epoch: 1, first_sequence, count, bytes: 1, reason }
}

fn fetched(ids: std::ops::RangeInclusive<i64>) -> Input {
    Input::Fetched { parcels: parcels(ids), gaps: Vec::new() }
}

fn freed(out: &[Output]) -> Vec<i64> {
    let ids = out.iter().filter_map(|output| match output {
        Output::Free(ids) => Some(ids.iter().map(|id| id.0)),
        _ => None,
    });
    ids.flatten().collect()
}

#[test]
fn a_watermark_beyond_what_was_sent_frees_nothing_and_is_said_once() {
    let mut talk = Talk::new(Confirm::Cloud, 2);
    talk.connect(2);
    talk.step(Input::Committed(RowId(9)));
    talk.step(fetched(1..=9));
    talk.deliver(2, 0);
    talk.deliver(2, 0);
    // Rows 1 and 2 were sent by an earlier run, 3 and 4 are on their way now.
    for (epoch, sequence) in [(1, 5), (1, u64::MAX), (2, 1), (2, 1)] {
        let again = talk.session.progress().marks_refused == 3;
        let out = talk.watermark(epoch, sequence);
        assert!(freed(&out).is_empty(), "{epoch} {sequence}");
        let said = out.iter().any(|it| matches!(it, Output::Report(Concern::Watermark { .. })));
        assert_eq!(said, !again);
    }
    assert_eq!(talk.session.progress().marks_refused, 4);
}

#[test]
fn a_watermark_of_what_an_earlier_run_sent_frees_before_anything_is_sent() {
    let mut talk = Talk::new(Confirm::Cloud, 3);
    talk.connect(2);
    assert!(freed(&talk.watermark(1, 3)).is_empty());
    talk.step(Input::Committed(RowId(3)));
    assert_eq!(freed(&talk.step(fetched(1..=3))), [1, 2, 3]);
}

#[test]
fn with_a_receive_maximum_of_one_nothing_is_sent_before_the_last_was_acknowledged() {
    let mut talk = Talk::new(Confirm::Cloud, 0);
    talk.step(Input::Committed(RowId(2)));
    assert!(talk.connect(1).starts_with(&[Output::Send(Outbound::Birth)]));
    let sent = |out: &[Output]| out.iter().filter(|it| matches!(it, Output::Send(_))).count();
    assert_eq!(sent(&talk.step(fetched(1..=2))), 0);
    assert_eq!(talk.deliver(1, 0), [Output::Send(Outbound::Subscribe)]);
    for _ in 0..2 {
        assert_eq!(sent(&talk.deliver(1, 0)), 1);
    }
}

#[test]
fn a_refused_birth_is_said_but_not_that_nobody_listens() {
    for (reason, said) in [(0, false), (16, false), (135, true)] {
        let mut talk = Talk::new(Confirm::Broker, 0);
        talk.connect(5);
        let out = talk.deliver(5, reason);
        assert_eq!(out.contains(&Output::Report(Concern::Birth(reason))), said, "{reason}");
    }
}

#[test]
fn when_the_store_cannot_be_read_the_same_rows_are_asked_for_again_later() {
    let mut talk = Talk::new(Confirm::Broker, 0);
    talk.connect(5);
    let ask = Output::Fetch { after: RowId(0) };
    assert_eq!(talk.step(Input::Committed(RowId(3))), [ask.clone()]);
    assert_eq!(talk.step(Input::Unread), []);
    assert_eq!(talk.session.deadline(), Some(talk.now.plus(RETRY_MIN)));
    talk.now = talk.now.plus(RETRY_MIN);
    assert_eq!(talk.step(Input::Tick), [ask]);
}

#[test]
fn a_row_too_large_for_the_broker_lets_others_pass_and_is_tried_on_the_next_connection() {
    let mut talk = Talk::new(Confirm::Broker, 0);
    talk.connect(5);
    talk.step(Input::Committed(RowId(3)));
    let mut rows = parcels(1..=3);
    rows[1].messages[0].payload = vec![1; 10_000];
    let fetch = Input::Fetched { parcels: rows, gaps: Vec::new() };
    let out = talk.step(fetch.clone());
    assert!(matches!(out[0], Output::Report(Concern::TooLarge { class: Class::Pos, .. })));
    talk.deliver(5, 0);
    assert_eq!(freed(&talk.deliver(5, 0)), [1]);
    assert_eq!(freed(&talk.deliver(5, 0)), [3]);
    assert_eq!(talk.step(Input::Tick), [], "it does not spin");
    assert!(talk.connect(5).contains(&Output::Fetch { after: RowId(0) }));
    assert_eq!(talk.session.progress().too_large, 1);
}

#[test]
fn a_loss_is_told_before_rows_and_let_go_of_when_heard() {
    let mut talk = Talk::new(Confirm::Broker, 0);
    talk.connect(1);
    talk.step(Input::Committed(RowId(3)));
    let gap = hole(1, 2);
    talk.step(Input::Fetched { parcels: parcels(3..=3), gaps: vec![gap.clone()] });
    assert_eq!(talk.deliver(1, 0), [Output::Send(Outbound::Gap(gap.clone()))]);
    let refused = talk.deliver(1, 135);
    assert!(refused.contains(&Output::Report(Concern::Gap(135))), "{refused:?}");
    assert!(!refused.contains(&Output::Settle(vec![gap.clone()])));
    talk.deliver(1, 0);
    talk.now = talk.now.plus(RETRY_MIN);
    assert_eq!(talk.step(Input::Tick), [Output::Send(Outbound::Gap(gap.clone()))]);
    assert!(talk.deliver(1, 0).contains(&Output::Settle(vec![gap])));
}

#[test]
fn a_loss_that_grew_while_it_was_told_is_told_again() {
    let mut talk = Talk::new(Confirm::Broker, 0);
    talk.connect(5);
    talk.deliver(5, 0);
    let learn = |gap: Gap| Input::Fetched { parcels: Vec::new(), gaps: vec![gap] };
    talk.step(learn(hole(1, 2)));
    talk.step(learn(hole(1, 3)));
    assert_eq!(talk.deliver(5, 0), [], "only the shorter one was told");
    assert_eq!(talk.deliver(5, 0), [Output::Settle(vec![hole(1, 3)])]);
}

/// Lets everything happen that follows: rows are read, messages delivered. Counts rows sent and rows freed.
fn run(talk: &mut Talk, out: Vec<Output>, store: &[Parcel], gap: &Gap) -> (usize, usize) {
    let (mut out, mut sent, mut freed) = (VecDeque::from(out), 0, 0);
    while let Some(output) = out.pop_front() {
        match output {
            Output::Fetch { after } => {
                let rows = store.iter().filter(|row| row.id > after).take(64).cloned();
                let gaps = vec![gap.clone()];
                out.extend(talk.step(Input::Fetched { parcels: rows.collect(), gaps }));
            }
            Output::Send(outbound) => {
                sent += usize::from(matches!(outbound, Outbound::Row(..)));
                out.extend(talk.deliver(20, 0));
            }
            Output::Free(rows) => freed += rows.len(),
            _ => {}
        }
    }
    (sent, freed)
}

#[test]
fn an_announced_hole_at_which_the_cloud_stands_does_not_stop_sending() {
    let all = 3 * UNKEPT_ROWS;
    let (mut store, gap) = (parcels(1..=all as i64), hole(11, 2));
    store.retain(|row| !(11..=12).contains(&row.id.0));
    let mut talk = Talk::new(Confirm::Cloud, 10);
    let mut out = talk.connect(20);
    out.extend(talk.watermark(1, 10));
    out.extend(talk.step(Input::Committed(RowId(all as i64))));
    assert_eq!(run(&mut talk, out, &store, &gap), (all - 12, 10));
    // The cloud goes on: what made way in memory is looked at again, and all is freed.
    let out = talk.watermark(1, all as u64);
    assert_eq!(run(&mut talk, out, &store, &gap), (0, all - 12));
}
