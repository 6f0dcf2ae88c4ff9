//! After a start: nothing of the store goes before the cloud was asked, and all of it when nobody answers.

use tillgate_events::{Class, Watermarks};

use super::rules::{Talk, fetched};
use crate::config::Confirm;
use crate::forward::session::{Input, Outbound, Output};
use crate::forward::watermark::Watermark;
use crate::limits::{ASK_CLOUD, RETRY_MIN};
use crate::store::RowId;

const FETCH: Output = Output::Fetch { class: Class::Pos, after: RowId(0) };

/// A start with three rows in the store, all accepted before it.
fn start(confirm: Confirm) -> Talk {
    let mut talk = Talk::new(confirm, 3);
    talk.session =
        std::mem::replace(&mut talk.session, Talk::new(confirm, 3).session).asking_first();
    talk.step(Input::Committed(RowId(3)));
    talk
}

fn marks(epoch: u32, sequence: u64) -> Watermarks {
    [(Class::Pos, Watermark { epoch, sequence })].into()
}

fn says(talk: &mut Talk, marks: &Watermarks) -> Vec<Output> {
    talk.step(Input::Watermarks(marks.clone().into_iter().collect()))
}

fn asks_for_rows(out: &[Output]) -> bool {
    out.iter().any(|it| matches!(it, Output::Fetch { .. }))
}

#[test]
fn where_the_broker_confirms_there_is_nobody_to_ask() {
    assert!(start(Confirm::Broker).connect(9).contains(&FETCH));
}

#[test]
fn what_the_cloud_says_is_compared_and_counts_before_rows_are_read() {
    let mut talk = start(Confirm::Cloud);
    assert!(!asks_for_rows(&talk.connect(9)));
    assert_eq!(says(&mut talk, &marks(1, 1)), [Output::Compare(marks(1, 1))]);
    // It goes on meanwhile: the last word counts.
    assert_eq!(says(&mut talk, &marks(1, 2)), []);
    assert_eq!(talk.step(Input::Numbered { begins: None }), [FETCH]);
    let out = talk.step(fetched(1..=3));
    assert!(out.contains(&Output::Free(vec![RowId(1), RowId(2)])), "{out:?}");
    // Once a start is enough.
    talk.step(Input::Disconnected);
    assert!(asks_for_rows(&talk.connect(9)));
}

#[test]
fn an_epoch_that_begins_is_told_and_what_the_cloud_says_of_those_before_is_believed() {
    let mut talk = start(Confirm::Cloud);
    talk.connect(9);
    for _ in 0..2 {
        talk.deliver(9, 0);
    }
    says(&mut talk, &marks(1, 70));
    let out = talk.step(Input::Numbered { begins: Some(2) });
    assert_eq!(out, [Output::Send(Outbound::Birth), FETCH]);
    let out = talk.step(fetched(1..=3));
    assert!(out.contains(&Output::Free((1..=3).map(RowId).collect())), "{out:?}");
    assert_eq!(talk.session.progress().marks_refused, 0);
    says(&mut talk, &marks(2, 1));
    assert_eq!(talk.session.progress().marks_refused, 1, "of that epoch nothing was sent");
}

#[test]
fn when_nobody_answers_rows_go_once_the_broker_says_that_it_is_there() {
    let mut talk = start(Confirm::Cloud);
    talk.connect(9);
    talk.pass(10 * ASK_CLOUD);
    assert_eq!(talk.step(Input::Tick), [], "the subscription does not stand yet");
    talk.deliver(9, 0);
    talk.deliver(9, 0);
    assert_eq!(says(&mut talk, &Watermarks::new()), [], "nothing was said");
    talk.pass(ASK_CLOUD);
    assert_eq!(talk.step(Input::Tick), [Output::Send(Outbound::Subscribe)], "its birth was told");
    assert_eq!(talk.step(Input::Tick), []);
    assert_eq!(talk.deliver(9, 0), [FETCH]);
}

#[test]
fn a_connection_that_breaks_answers_nothing() {
    let mut talk = start(Confirm::Cloud);
    talk.connect(9);
    talk.deliver(9, 0);
    talk.deliver(9, 0);
    talk.step(Input::Disconnected);
    talk.pass(ASK_CLOUD);
    assert!(!asks_for_rows(&talk.connect(9)));
    talk.deliver(9, 0);
    talk.deliver(9, 0);
    talk.pass(ASK_CLOUD);
    talk.step(Input::Tick);
    talk.step(Input::Disconnected);
    assert!(!asks_for_rows(&talk.connect(9)), "nor does one on which the broker was asked in vain");
    assert_eq!(says(&mut talk, &marks(1, 1)), [Output::Compare(marks(1, 1))]);
}

#[test]
fn a_store_that_cannot_compare_is_asked_again_later() {
    let mut talk = start(Confirm::Cloud);
    talk.connect(9);
    says(&mut talk, &marks(1, 1));
    assert_eq!(talk.step(Input::Uncompared), []);
    says(&mut talk, &marks(1, 2));
    talk.pass(RETRY_MIN);
    assert_eq!(talk.step(Input::Tick), [Output::Compare(marks(1, 2))]);
    assert_eq!(talk.step(Input::Numbered { begins: None }), [FETCH]);
}

#[test]
fn a_stop_does_not_wait_for_an_answer() {
    let mut talk = start(Confirm::Cloud);
    talk.connect(9);
    talk.deliver(9, 0);
    talk.deliver(9, 0);
    talk.step(Input::Stop { until: crate::time::Mono(2) });
    talk.pass(RETRY_MIN);
    assert_eq!(talk.step(Input::Tick), [Output::Send(Outbound::Farewell)]);
}
