//! What goes before what, and how fast, while a backlog drains.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tillgate_events::Class;

use crate::config::{Allowance, Confirm, Preset};
use crate::forward::parcel::{Message, Parcel};
use crate::forward::session::{Input, Outbound, Output, Session};
use crate::limits::BULK_BYTES;
use crate::store::RowId;
use crate::time::Mono;

/// A session, a store of rows and a broker that acknowledges in order, when it is told to.
struct Line {
    session: Session,
    now: Mono,
    rows: Vec<(RowId, Class, usize)>,
    flying: VecDeque<(u16, Option<Class>)>,
    limit: u16,
    next_packet_id: u16,
    sent: Vec<(Class, RowId, Mono)>,
}

impl Line {
    fn new(allowance: Allowance) -> Self {
        Self {
            session: Session::new(Confirm::Broker, 1, &BTreeMap::new()).within(allowance),
            now: Mono(1_000_000),
            rows: Vec::new(),
            flying: VecDeque::new(),
            limit: allowance.in_flight,
            next_packet_id: 0,
            sent: Vec::new(),
        }
    }

    fn connect(&mut self) {
        self.step(Input::Connected { receive_maximum: 100, max_packet: 1 << 20 });
    }

    fn commit(&mut self, class: Class, count: usize, bytes: usize) {
        for _ in 0..count {
            let id = RowId(self.rows.len() as i64 + 1);
            self.rows.push((id, class, bytes));
        }
        self.step(Input::Committed(RowId(self.rows.len() as i64)));
    }

    fn step(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let mut out = Vec::new();
            self.session.step(input, self.now, &mut out);
            for output in out {
                match output {
                    Output::Fetch { class, after } => inputs.push_back(self.answer(class, after)),
                    Output::Send(outbound) => {
                        let packet_id = self.take(&outbound);
                        inputs.push_back(Input::Taken { packet_id });
                    }
                    _ => {}
                }
            }
        }
    }

    fn answer(&mut self, class: Class, after: RowId) -> Input {
        let rows = self.rows.iter().filter(|(id, of, _)| *of == class && after < *id).take(64);
        let parcels = rows.map(|(id, class, bytes)| {
            let payload = id.0.to_le_bytes().into_iter().cycle().take((*bytes).max(8)).collect();
            let message = Message { payload, content_type: "", properties: Vec::new() };
            let last_sequence = id.0.unsigned_abs();
            Parcel {
                id: *id,
                class: *class,
                epoch: 1,
                last_sequence,
                until: last_sequence,
                records: 1,
                messages: vec![message],
            }
        });
        Input::Fetched { parcels: parcels.collect(), gaps: Vec::new() }
    }

    fn take(&mut self, outbound: &Outbound) -> u16 {
        self.next_packet_id = self.next_packet_id % self.limit + 1;
        let class = match outbound {
            Outbound::Row(class, message) => {
                let id = RowId(i64::from_le_bytes(*message.payload.first_chunk().unwrap()));
                self.sent.push((*class, id, self.now));
                Some(*class)
            }
            _ => None,
        };
        self.flying.push_back((self.next_packet_id, class));
        assert!(self.flying.len() <= usize::from(self.limit));
        self.next_packet_id
    }

    /// The broker acknowledges the oldest message; false if none flies.
    fn acknowledge(&mut self) -> bool {
        let Some((packet_id, _)) = self.flying.pop_front() else { return false };
        self.step(Input::Acked { packet_id, reason: 0 });
        true
    }

    /// All that can be sent goes; time passes only while the pace holds.
    fn drain(&mut self) {
        loop {
            if self.acknowledge() {
                continue;
            }
            let Some(due) = self.session.deadline() else { return };
            self.now = due.max(self.now);
            self.step(Input::Tick);
        }
    }

    fn flying_of(&self, class: Class) -> usize {
        self.flying.iter().filter(|(_, of)| *of == Some(class)).count()
    }
}

#[test]
fn a_receipt_goes_next_however_much_of_the_bulk_waits() {
    let mut line = Line::new(Allowance::default());
    line.commit(Class::Visit, 5000, 100);
    line.connect();
    for _ in 0..500 {
        line.acknowledge();
    }
    assert_eq!(line.flying_of(Class::Visit), 16, "half of the window is left");
    line.commit(Class::Pos, 1, 100);
    let (class, ..) = *line.sent.last().unwrap();
    assert_eq!(class, Class::Pos, "it waits for nothing");
    line.drain();
    assert_eq!(line.sent.len(), 5001);
}

#[test]
fn a_backlog_of_prompt_classes_goes_before_the_bulk_and_each_class_in_its_order() {
    let mut line = Line::new(Allowance::default());
    for _ in 0..300 {
        line.commit(Class::Visit, 3, 100);
        line.commit(Class::Pos, 1, 100);
        line.commit(Class::Ops, 1, 100);
    }
    line.connect();
    line.drain();
    assert_eq!(line.sent.len(), 1500);
    for class in [Class::Pos, Class::Ops, Class::Visit] {
        let ids: Vec<RowId> =
            line.sent.iter().filter(|(of, ..)| *of == class).map(|(_, id, _)| *id).collect();
        assert!(ids.is_sorted(), "{class:?}");
    }
    let bulk_first = line.sent.iter().take(600).filter(|(of, ..)| *of == Class::Visit).count();
    assert!(bulk_first < 300, "{bulk_first} of the first 600 were of the bulk");
}

#[test]
fn large_messages_of_the_bulk_leave_a_thin_line_free() {
    let mut line = Line::new(Allowance::default());
    line.commit(Class::Visit, 100, BULK_BYTES / 2);
    line.connect();
    line.acknowledge();
    assert_eq!(line.flying_of(Class::Visit), 2);
    line.commit(Class::Visit, 1, 4 * BULK_BYTES);
    line.drain();
    assert_eq!(line.sent.len(), 101, "one that is larger than all that may fly goes alone");
}

#[test]
fn the_first_row_of_a_backlog_goes_with_the_connection() {
    for (name, preset) in Preset::NAMES {
        let mut line = Line::new(preset.allowance());
        line.commit(Class::Pos, 500, 100);
        line.connect();
        let connected = line.now;
        line.drain();
        let first = line.sent[0].2;
        assert!(first.since(connected) < Duration::from_secs(2), "{name}");
        assert_eq!(line.sent.len(), 500, "{name}");
    }
}

#[test]
fn a_preset_bounds_what_goes_in_any_second_and_receipts_get_their_share_first() {
    let allowance = Preset::Aws.allowance();
    let mut line = Line::new(allowance);
    line.commit(Class::Visit, 1000, 100);
    line.connect();
    line.drain();
    let times: Vec<Mono> = line.sent.iter().map(|(.., at)| *at).collect();
    let most = times.iter().map(|from| {
        times.iter().filter(|at| *from <= **at && at.since(*from) < Duration::from_secs(1)).count()
    });
    assert!(most.max().unwrap() <= 100, "AWS closes the connection of who sends more");
    let took = times.last().unwrap().since(times[0]);
    assert!(took <= Duration::from_secs(13), "{took:?}: the rate is used");

    line.commit(Class::Visit, 1000, 100);
    line.commit(Class::Pos, 1, 100);
    let committed = line.now;
    line.drain();
    let (.., sent) = *line.sent.iter().find(|(class, ..)| *class == Class::Pos).unwrap();
    assert!(sent.since(committed) <= Duration::from_millis(30), "{:?}", sent.since(committed));
}

#[test]
fn a_stop_sends_what_the_pace_holds_back() {
    let mut line = Line::new(Preset::Aws.allowance());
    line.commit(Class::Pos, 100, 100);
    line.connect();
    line.step(Input::Stop { until: line.now.plus(Duration::from_secs(5)) });
    line.drain();
    assert_eq!(line.sent.len(), 100);
}
