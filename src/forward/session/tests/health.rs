//! What stands on `…/health`: the newest only, before rows, and never at their cost. And what counts as sent.

use tillgate_events::Class;

use super::rules::{Talk, fetched};
use crate::config::Confirm;
use crate::forward::session::{Concern, Input, Outbound, Output};
use crate::store::RowId;

fn health(text: &str) -> Input {
    Input::Health(text.to_owned())
}

fn is_sent(text: &str) -> [Output; 1] {
    [Output::Send(Outbound::Health(text.to_owned()))]
}

/// Connected, with the birth delivered.
fn talk() -> Talk {
    let mut talk = Talk::new(Confirm::Broker, 0);
    talk.connect(1);
    talk.deliver(1, 0);
    talk
}

#[test]
fn only_the_newest_is_sent_and_after_a_broken_connection_none_that_is_old() {
    let mut talk = Talk::new(Confirm::Broker, 0);
    assert_eq!(talk.step(health("old")), []);
    assert_eq!(talk.step(health("new")), []);
    talk.connect(1);
    assert_eq!(talk.deliver(1, 0), is_sent("new"));
    talk.step(Input::Disconnected);
    talk.connect(1);
    assert_eq!(talk.deliver(1, 0), []);
}

#[test]
fn it_goes_before_rows_within_the_window_that_it_shares_with_them() {
    let mut talk = talk();
    talk.step(Input::Committed(RowId(2)));
    let sent = talk.step(fetched(1..=2));
    assert!(matches!(sent.as_slice(), [Output::Send(Outbound::Row(..))]), "{sent:?}");
    assert_eq!(talk.step(health("a")), []);
    let sent = talk.deliver(1, 0);
    assert_eq!(sent, [vec![Output::Free(vec![RowId(1)])], is_sent("a").to_vec()].concat());
    let sent = talk.deliver(1, 0);
    assert!(matches!(sent.first(), Some(Output::Send(Outbound::Row(..)))), "{sent:?}");
}

#[test]
fn a_refusal_is_told_once_and_stops_nothing() {
    let mut talk = talk();
    let told = Output::Report(Concern::Health(135));
    for (reason, expected) in
        [(135, vec![told.clone()]), (135, vec![]), (16, vec![]), (135, vec![told])]
    {
        assert_eq!(talk.step(health("a")), is_sent("a"));
        assert_eq!(talk.deliver(1, reason), expected, "{reason}");
    }
}

#[test]
fn one_that_the_broker_would_not_take_is_left_out() {
    let mut talk = talk();
    assert_eq!(talk.step(health(&"x".repeat(10_000))), []);
    assert_eq!(talk.step(health("a")), is_sent("a"));
}

#[test]
fn a_record_counts_as_sent_once_however_often_its_row_goes_out() {
    let mut talk = talk();
    talk.step(Input::Committed(RowId(1)));
    assert_eq!(talk.session.sent().get(&Class::Pos), None);
    talk.step(fetched(1..=1));
    assert_eq!(talk.session.sent().get(&Class::Pos), Some(&1));
    talk.connect(1);
    talk.deliver(1, 0);
    talk.step(fetched(1..=1));
    assert_eq!(talk.session.progress().resent, 1);
    assert_eq!(talk.session.sent().get(&Class::Pos), Some(&1));
}
