//! A cloud that confirms what no broker can have: nothing is freed, nothing goes, and what is here gets other numbers.

use tillgate_events::{Class, Watermarks};

use super::rules::{Talk, fetched, freed};
use crate::config::Confirm;
use crate::forward::session::{Concern, Input, Outbound, Output};
use crate::forward::watermark::Watermark;
use crate::limits::{EPOCH_REST, MARK_TELLS, RETRY_MIN};
use crate::store::RowId;

const FETCH: Output = Output::Fetch { class: Class::Pos, after: RowId(0) };

fn marks(epoch: u32, sequence: u64) -> Watermarks {
    [(Class::Pos, Watermark { epoch, sequence })].into()
}

/// Three rows that no earlier run sent, the first messages of which got these reasons.
fn talk(reasons: &[u8]) -> Talk {
    let mut talk = Talk::new(Confirm::Cloud, 0);
    talk.connect(9);
    talk.deliver(9, 0);
    talk.deliver(9, 0);
    talk.step(Input::Committed(RowId(3)));
    talk.step(fetched(1..=3));
    reasons.iter().for_each(|reason| drop(talk.deliver(9, *reason)));
    talk
}

/// Whether the store is told of a contradiction once nothing flies any more.
fn contradicts(talk: &mut Talk, sequence: u64) -> bool {
    let mut out = talk.watermark(1, sequence);
    assert_eq!(freed(&out).is_empty(), out.iter().any(is_watermark), "{out:?}");
    for _ in 0..3 {
        out.extend(talk.step(Input::Disconnected));
    }
    out.contains(&Output::Contradicted(marks(1, sequence)))
}

fn is_watermark(output: &Output) -> bool {
    matches!(output, Output::Report(Concern::Watermark { .. }))
}

fn check(reasons: &[u8], sequence: u64, expected: bool) {
    assert_eq!(contradicts(&mut talk(reasons), sequence), expected, "{reasons:?} {sequence}");
}

#[test]
fn a_broker_has_what_it_took_or_did_not_answer_and_not_what_it_refused() {
    check(&[0, 0, 0], 3, false);
    check(&[0, 0, 0], 4, true);
    check(&[16, 16, 16], 1, true);
    check(&[135, 135, 135], 1, true);
    check(&[0, 135, 135], 1, false);
    check(&[0, 135, 135], 2, true);
    check(&[0, 0], 4, true);
}

#[test]
fn what_a_broker_never_answered_may_have_arrived() {
    let mut talk = talk(&[16]);
    talk.step(Input::Disconnected);
    talk.connect(9);
    let out = talk.watermark(1, 3);
    assert!(!out.iter().any(is_watermark), "rows 2 and 3 flew: {out:?}");
    assert_eq!(talk.session.taken()[&Class::Pos], Watermark { epoch: 1, sequence: 3 });
}

#[test]
fn numbers_change_only_when_nothing_flies_and_all_comes_again_under_others() {
    let mut talk = talk(&[0]);
    let out = talk.watermark(1, 15);
    assert_eq!(freed(&out), [0; 0]);
    assert!(!out.contains(&Output::Contradicted(marks(1, 15))), "two are on their way");
    talk.step(Input::Committed(RowId(4)));
    talk.deliver(9, 0);
    assert_eq!(talk.deliver(9, 16), [Output::Contradicted(marks(1, 15))]);
    talk.pass(RETRY_MIN);
    assert_eq!(talk.step(Input::Tick), [], "nothing goes before the answer");
    assert_eq!(talk.step(Input::Uncompared), []);
    talk.pass(RETRY_MIN);
    assert_eq!(talk.step(Input::Tick), [Output::Contradicted(marks(1, 15))]);
    let out = talk.step(Input::Numbered { begins: Some(2) });
    assert_eq!(out, [Output::Send(Outbound::Birth), FETCH]);
    // What is left of the epoch before was delivered, but not because of that word.
    assert_eq!(freed(&talk.step(fetched(1..=1))), [0; 0]);
    assert_eq!(freed(&talk.watermark(1, 1)), [0; 0]);
    assert_eq!(freed(&talk.deliver(9, 0)), [0; 0], "the birth");
    assert_eq!(freed(&talk.deliver(9, 0)), [1]);
}

#[test]
fn soon_after_an_epoch_began_none_begins_and_nothing_is_freed() {
    let mut talk = talk(&[0, 0, 0]);
    assert!(contradicts(&mut talk, 9));
    talk.step(Input::Numbered { begins: Some(2) });
    talk.connect(9);
    for (sequence, told) in [(5, true), (6, true)] {
        let out = talk.watermark(2, sequence);
        assert_eq!(out.contains(&Output::Report(Concern::Rests)), told, "{out:?}");
        assert!(freed(&out).is_empty());
    }
    assert!(freed(&talk.watermark(1, 3)).is_empty(), "not by what fits either");
    talk.step(Input::Disconnected);
    talk.pass(EPOCH_REST);
    let out = talk.step(Input::Fetched { parcels: Vec::new(), gaps: Vec::new() });
    assert!(out.contains(&Output::Contradicted(marks(2, 6))), "{out:?}");
}

#[test]
fn who_writes_one_senseless_watermark_after_the_other_does_not_fill_the_log() {
    let mut talk = talk(&[]);
    let mut told = 0;
    for nth in 0..10 * u64::from(MARK_TELLS) {
        let out = match nth % 2 {
            0 => talk.watermark(0, nth),
            _ => talk.step(Input::NoMark(format!("column {nth}"))),
        };
        told += out.iter().filter(|it| matches!(it, Output::Report(_))).count();
    }
    assert_eq!(told, MARK_TELLS as usize);
    assert_eq!(talk.session.progress().marks_refused, 10 * u64::from(MARK_TELLS));
}

#[test]
fn the_store_hears_what_was_delivered_once_the_cloud_agrees() {
    let mut talk = talk(&[0, 0]);
    assert_eq!(
        talk.session.delivered(),
        Watermarks::new(),
        "nobody said that these are our numbers"
    );
    let out = talk.watermark(1, 1);
    assert!(out.contains(&Output::Delivered(marks(1, 2))), "{out:?}");
    // What was refused stands before all that follows.
    talk.deliver(9, 16);
    assert_eq!(talk.session.delivered(), marks(1, 2));
}
