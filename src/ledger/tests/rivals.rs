//! Numbers that two records have, gateways that began below their watermark, and what is written before it is told.

use super::*;

fn records(first: u64, last: u64, content: u8) -> Entry {
    Entry { payload: vec![content], ..entry(Kind::Records, Class::Pos, 1, first, last) }
}

/// What follows from an input.
fn step(desk: &mut Desk, input: Input) -> Vec<Output> {
    let mut out = Vec::new();
    desk.step(input, &mut out);
    out
}

/// How a message is stored: its kind, and whether its payload is.
fn check(desk: &mut Desk, message: Entry, kind: Kind, kept: bool) {
    let words = format!("{message:?}");
    let out = step(desk, Input::Arrived { entries: vec![message], token: 1 });
    let [Output::Append(stored)] = out.as_slice() else { panic!("{words}: {out:?}") };
    assert_eq!((stored.head.kind, !stored.payload.is_empty()), (kind, kept), "{words}");
}

#[test]
fn what_comes_again_is_compared_and_other_records_are_kept() {
    let mut desk = Desk::new(Tally::default(), Recent::default());
    check(&mut desk, records(1, 5, 7), Kind::Records, true);
    check(&mut desk, records(1, 5, 7), Kind::Again, false);
    check(&mut desk, records(1, 5, 8), Kind::Twice, true);
    check(&mut desk, records(1, 5, 8), Kind::Again, false);
    // With other bounds these are other rows; what is new of them is there.
    check(&mut desk, records(5, 7, 8), Kind::Twice, true);
    check(&mut desk, records(8, 8, 8), Kind::Records, true);
    let stream = desk.tally().stream("acme/7/gw", Class::Pos, 1).unwrap().clone();
    let found = (stream.arrived(), stream.twice(), stream.duplicated(), stream.reached());
    assert_eq!(found, (8, 6, 10, 8));
    // Nobody remembers what was stored before this start: it is kept once more.
    let mut desk = Desk::new(desk.tally().clone(), Recent::default());
    check(&mut desk, records(1, 5, 9), Kind::Again, true);
    check(&mut desk, records(1, 5, 9), Kind::Again, false);
}

#[test]
fn a_watermark_is_in_the_file_before_it_is_published() {
    let mut desk = Desk::new(Tally::default(), Recent::default());
    step(&mut desk, Input::Arrived { entries: vec![records(1, 5, 7)], token: 1 });
    let out = step(&mut desk, Input::Synced);
    let note = entry(Kind::Published, Class::Pos, 1, 5, 5).head;
    let is_note = |it: &Output| matches!(it, Output::Note(entry) if entry.head == note);
    assert!(is_note(&out[0]), "{out:?}");
    assert!(matches!(out[1..], [Output::Acknowledge(1), Output::Publish(..)]), "{out:?}");
    // Only one that rises: the same one is told again without a word in the file.
    step(&mut desk, Input::Connected);
    assert!(matches!(step(&mut desk, Input::Synced)[..], [Output::Publish(..)]));
    // What was only set aside is not given out by that.
    let aside = entry(Kind::Reserved, Class::Pos, 1, 6, 261);
    step(&mut desk, Input::Arrived { entries: vec![aside], token: 2 });
    let out = step(&mut desk, Input::Synced);
    let note = entry(Kind::Published, Class::Pos, 1, 5, 261).head;
    assert!(matches!(&out[0], Output::Note(entry) if entry.head == note), "{out:?}");
}

#[test]
fn what_was_published_stays_and_what_is_missing_of_it_is_lost_until_it_comes_again() {
    use Kind::{Published, Records};
    super::check(&[(Published, 1, 9, 9)], (9, 0, 0, 9, Some((1, 9))));
    let (first, mark, last) = ((Records, 1, 1, 5), (Published, 1, 7, 7), (Records, 1, 8, 9));
    super::check(&[first, mark, last], (9, 7, 0, 2, Some((1, 9))));
    super::check(&[first, mark, last, (Records, 1, 6, 7)], (9, 9, 0, 0, Some((1, 9))));
    super::check(&[first, (Published, 1, 5, 261)], (5, 5, 0, 0, Some((1, 261))));
    super::check(&[first, (Kind::Damaged, 1, 6, 6)], (6, 5, 0, 1, Some((1, 5))));
}

/// A birth of a gateway of which `pos` is published up to (2, 9), and what is told of it.
fn born(desk: &mut Desk, start: &str, epoch: u32, next: &str, live: bool, told: bool) {
    let text = format!(
        r#"{{"status":"online","gateway":"gw","epoch":{epoch},"next":{next},"started":"{start}"}}"#
    );
    let birth = Birth::parse(text.as_bytes()).unwrap();
    let out = step(desk, Input::Born { gateway: "acme/7/gw".to_owned(), birth, live });
    assert_eq!(matches!(out[..], [Output::Behind(..)]), told, "{text}: {out:?}");
    // Whoever is behind hears its watermark at once.
    let out = step(desk, Input::Synced);
    assert_eq!(matches!(out[..], [Output::Publish(..)]), told, "{text}: {out:?}");
}

#[test]
fn a_gateway_that_begins_below_its_watermark_is_told() {
    let mut tally = Tally::default();
    tally.take(&entry(Kind::Records, Class::Pos, 2, 1, 9).head);
    tally.take(&entry(Kind::Published, Class::Pos, 2, 9, 9).head);
    let mut desk = Desk::new(tally, Recent::default());
    born(&mut desk, "a", 2, r#"{"pos":10}"#, true, false);
    born(&mut desk, "b", 2, r#"{"pos":9}"#, true, true);
    // It names the numbers of its start at each connect.
    born(&mut desk, "b", 2, r#"{"pos":9}"#, true, false);
    born(&mut desk, "c", 2, "{}", true, true);
    born(&mut desk, "d", 1, r#"{"pos":99}"#, true, true);
    born(&mut desk, "e", 3, r#"{"pos":1}"#, true, false);
    // What the broker kept was said at a start of which records may have come since.
    born(&mut desk, "f", 2, r#"{"pos":2}"#, false, false);
    born(&mut desk, "f", 2, r#"{"pos":2}"#, true, false);
    for other in [r#"{"status":"lost","epoch":2,"next":{},"started":"g"}"#, "", "{}"] {
        assert_eq!(Birth::parse(other.as_bytes()), None, "{other}");
    }
}
