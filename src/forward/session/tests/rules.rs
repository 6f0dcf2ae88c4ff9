//! The session told one thing after the other: each rule by itself.

use std::collections::{BTreeMap, VecDeque};

use tillgate_events::Class;

use crate::config::Confirm;
use crate::forward::parcel::{Message, Parcel};
use crate::forward::session::{Concern, Input, Outbound, Output, Session};
use crate::forward::watermark::Watermark;
use crate::limits::{CLOUD_EPOCH_MAX, RESEND_MAX, RESEND_MIN, RETRY_MIN, UNKEPT_ROWS};
use crate::store::{Gap, GapId, GapReason, RowId};
use crate::time::Mono;

/// A session under test that is told everything in words of its own.
pub(super) struct Talk {
    pub session: Session,
    now: Mono,
    out: Vec<Output>,
    next_packet_id: u16,
}

impl Talk {
    pub fn new(confirm: Confirm, sent: u64) -> Self {
        let next = BTreeMap::from([(Class::Pos, sent + 1)]);
        let session = Session::new(confirm, 1, &next);
        Self { session, now: Mono(1), out: Vec::new(), next_packet_id: 0 }
    }

    /// What follows; of classes other than `pos` the store has nothing, and says so at once.
    pub fn step(&mut self, input: Input) -> Vec<Output> {
        let (mut next, mut all) = (Some(input), Vec::new());
        while let Some(input) = next.take() {
            self.out.clear();
            self.session.step(input, self.now, &mut self.out);
            for output in self.out.drain(..) {
                match output {
                    Output::Fetch { class, .. } if class != Class::Pos => {
                        next = Some(Input::Fetched { parcels: Vec::new(), gaps: Vec::new() });
                    }
                    other => all.push(other),
                }
            }
        }
        all
    }

    pub fn connect(&mut self, receive_maximum: u16) -> Vec<Output> {
        self.next_packet_id = 0;
        self.step(Input::Connected { receive_maximum, max_packet: 10_000 })
    }

    /// The oldest message is sent and acknowledged.
    pub fn deliver(&mut self, limit: u16, reason: u8) -> Vec<Output> {
        self.next_packet_id = self.next_packet_id % limit + 1;
        let packet_id = self.next_packet_id;
        let mut out = self.step(Input::Taken { packet_id });
        out.extend(self.step(Input::Acked { packet_id, reason }));
        out
    }

    pub fn pass(&mut self, time: std::time::Duration) {
        self.now = self.now.plus(time);
    }

    pub fn watermark(&mut self, epoch: u32, sequence: u64) -> Vec<Output> {
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
        until: id.unsigned_abs(),
        records: 1,
        messages: vec![Message { payload: vec![1], content_type: "", properties: Vec::new() }],
    };
    ids.map(parcel).collect()
}

fn hole(first_sequence: u64, count: u64) -> Gap {
    let (id, reason) = (GapId(1), GapReason::Damage);
    Gap { id, class: Class::Pos, epoch: 1, first_sequence, count, bytes: 1, reason }
}

pub(super) fn fetched(ids: std::ops::RangeInclusive<i64>) -> Input {
    Input::Fetched { parcels: parcels(ids), gaps: Vec::new() }
}

pub(super) fn freed(out: &[Output]) -> Vec<i64> {
    let ids = out.iter().filter_map(|output| match output {
        Output::Free(ids) => Some(ids.iter().map(|id| id.0)),
        _ => None,
    });
    ids.flatten().collect()
}

#[test]
fn a_watermark_that_no_gateway_can_have_reached_frees_nothing_and_is_said_once() {
    let mut talk = Talk::new(Confirm::Cloud, 2);
    talk.connect(2);
    talk.step(Input::Committed(RowId(9)));
    talk.step(fetched(1..=9));
    talk.deliver(2, 0);
    talk.deliver(2, 0);
    // No gateway can have been there.
    let most = CLOUD_EPOCH_MAX;
    for (epoch, sequence) in [(0, 1), (1, u64::MAX), (most, 1), (most, 1)] {
        let again = talk.session.progress().marks_refused == 3;
        let out = talk.watermark(epoch, sequence);
        assert!(freed(&out).is_empty(), "{epoch} {sequence}");
        let said = out.iter().any(|it| matches!(it, Output::Report(_)));
        assert!(!out.iter().any(|it| matches!(it, Output::Contradicted(_))), "{epoch} {sequence}");
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
    let ask = Output::Fetch { class: Class::Pos, after: RowId(0) };
    assert_eq!(talk.step(Input::Committed(RowId(3))), std::slice::from_ref(&ask));
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
    assert!(talk.connect(5).contains(&Output::Fetch { class: Class::Pos, after: RowId(1) }));
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
fn a_loss_of_an_epoch_that_the_cloud_left_is_told_once_more_until_the_cloud_is_heard() {
    let session = Session::new(Confirm::Cloud, 3, &BTreeMap::new());
    let mut talk = Talk { session, ..Talk::new(Confirm::Cloud, 0) };
    talk.connect(5);
    talk.deliver(5, 0);
    talk.deliver(5, 0);
    talk.step(Input::Fetched { parcels: Vec::new(), gaps: vec![hole(1, 2)] });
    let settled = Output::Settle(vec![hole(1, 2)]);
    assert!(!talk.deliver(5, 0).contains(&settled), "a broker may acknowledge it for nobody");
    let again = talk.watermark(2, 9);
    assert!(again.contains(&Output::Send(Outbound::Gap(hole(1, 2)))), "{again:?}");
    assert!(!talk.deliver(5, 0).contains(&settled));
    assert!(talk.watermark(2, 9).contains(&settled));
}

#[test]
fn after_losses_were_let_go_of_the_store_is_asked_for_others_though_no_row_waits() {
    let mut talk = Talk::new(Confirm::Broker, 0);
    talk.connect(1);
    talk.deliver(1, 0);
    talk.step(Input::Fetched { parcels: Vec::new(), gaps: vec![hole(1, 2)] });
    assert_eq!(talk.deliver(1, 0), [Output::Settle(vec![hole(1, 2)])], "not at once");
    assert_eq!(talk.session.deadline(), Some(talk.now.plus(RETRY_MIN)));
    talk.now = talk.now.plus(RETRY_MIN);
    assert_eq!(talk.step(Input::Tick), [Output::Fetch { class: Class::Pos, after: RowId(0) }]);
    talk.step(Input::Fetched { parcels: Vec::new(), gaps: Vec::new() });
    assert_eq!((talk.step(Input::Tick), talk.session.deadline()), (Vec::new(), None), "once");
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
            Output::Fetch { after, .. } => {
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

#[test]
fn what_the_cloud_does_not_confirm_is_sent_again_after_a_time_that_doubles() {
    let mut talk = Talk::new(Confirm::Cloud, 0);
    let (store, gap) = (parcels(1..=3), hole(900, 1));
    let mut out = talk.connect(20);
    out.extend(talk.step(Input::Committed(RowId(3))));
    assert_eq!(run(&mut talk, out, &store, &gap), (3, 0));
    let mut pause = RESEND_MIN;
    for nth in 1..8 {
        talk.now = Mono(talk.now.plus(pause).0 - 1);
        let early = talk.step(Input::Tick);
        assert_eq!(run(&mut talk, early, &[], &gap).0, 0, "not before {pause:?}");
        talk.now = Mono(talk.now.0 + 1);
        let due = talk.step(Input::Tick);
        assert_eq!(run(&mut talk, due, &store, &gap), (3, 0), "after {pause:?}");
        assert_eq!(talk.session.progress().resent, 3 * nth);
        pause = (pause * 2).min(RESEND_MAX);
    }
    assert_eq!(pause, RESEND_MAX);
    // Once the cloud moves, patience is short again; what it went back to frees nothing and stops nothing.
    assert_eq!(freed(&talk.watermark(1, 1)), [1]);
    assert!(freed(&talk.watermark(1, 0)).is_empty());
    talk.now = talk.now.plus(RESEND_MIN);
    let due = talk.step(Input::Tick);
    assert_eq!(run(&mut talk, due, &store[1..], &gap), (2, 0));
    assert_eq!(freed(&talk.watermark(1, 3)), [2, 3]);
}
