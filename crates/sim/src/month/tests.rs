//! Files to what is on the shelf, and the comparison.

use std::fs;

use super::files::Month;
use super::report::Report;
use super::truth::{Shelf, shelf};

const CHANGES: &str = "trans_id,item_id,store_id,date_time,quantity,change_type_id\r\n";
const COUNTS: &str = "item_id,employee_id,store_id,date_time,quantity\r\n";

fn read(changes: &str, counts: &str) -> anyhow::Result<Month> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("inventory_change_a.txt"), changes).unwrap();
    fs::write(folder.path().join("inventory_snapshot_a.txt"), counts).unwrap();
    fs::write(folder.path().join("inventory_change_type.txt"), "change_type_id,change_type\n")
        .unwrap();
    Month::read(folder.path())
}

fn on_shelf(changes: &[&str], counts: &[&str], store: u64) -> Shelf {
    let text = |first: &str, lines: &[&str]| format!("{first}{}\r\n", lines.join("\r\n"));
    shelf(&read(&text(CHANGES, changes), &text(COUNTS, counts)).unwrap(), store)
}

/// Of one product of store 1: counted, changed and the time of the newest that counts; nothing where it is on no shelf.
fn check(changes: &[&str], counts: &[&str], expected: Option<(i64, i64, &str)>) {
    let shelf = on_shelf(changes, counts, 1);
    let found = shelf.get(&(1, 5)).map(|it| {
        assert_eq!(it.on_hand, it.counted + it.changed);
        (it.counted, it.changed, it.as_of.to_string())
    });
    let expected = expected.map(|(counted, changed, at)| (counted, changed, at.to_owned()));
    assert_eq!(found, expected, "{changes:?} {counts:?}");
}

#[test]
fn a_shelf_is_the_newest_count_and_every_change_at_or_after_it_once() {
    let count = "5,7,1,2021-01-06 00:00:00,40";
    let at = "2021-01-06T00:00:00";
    check(&[], &[count], Some((40, 0, at)));
    check(&["{a},5,1,2021-01-05 23:59:59,-3,1"], &[count], Some((40, 0, at)));
    check(&["{a},5,1,2021-01-06 00:00:00,-3,1"], &[count], Some((40, -3, at)));
    check(&["{a},5,1,2021-01-06 00:00:01,-50,1"], &[count], Some((40, -50, "2021-01-06T00:00:01")));
    let twice = "{a},5,1,2021-01-07 00:00:00,-3,1";
    check(&[twice, twice], &[count], Some((40, -3, "2021-01-07T00:00:00")));
    check(&[twice, "{a},5,1,2021-01-05 00:00:00,-3,1"], &[count], Some((40, 0, at)));
    check(&["{a},5,1,2021-01-07 00:00:00,-3,9"], &[count], Some((40, 0, at)));
    check(&[twice], &["5,,1,2021-01-08 00:00:00,9", count], Some((9, 0, "2021-01-08T00:00:00")));
    check(&[twice], &[], None);
    check(&["{a},5,2,2021-01-07 00:00:00,-3,1"], &[count], Some((40, 0, at)));
}

#[test]
fn a_pick_up_counts_where_it_is_handed_over() {
    let row = |store| format!("{{a}},5,{store},2021-01-07 00:00:00,-3,4");
    let count = |store| format!("5,,{store},2021-01-06 00:00:00,40");
    let stock = |store| {
        on_shelf(&[&row(store)], &[&count(store)], store).remove(&(store, 5)).unwrap().on_hand
    };
    assert_eq!((stock(0), stock(1)), (40, 37));
}

#[test]
fn a_file_that_makes_no_sense_is_told_of_with_its_place() {
    let check = |changes: &str, counts: &str, expected: &str| {
        let error = format!("{:#}", read(changes, counts).unwrap_err());
        assert!(error.contains(expected), "{error}");
    };
    check("id,item\r\n", COUNTS, "inventory_change_a.txt: its first line must be trans_id,");
    let line = |line: &str| format!("{COUNTS}5,7,1,2021-01-06 00:00:00,40\r\n{line}\r\n");
    check(CHANGES, &line("5,7,1,2021-01-06 00:00:00,x"), "line 3: \"x\" is not a number");
    check(CHANGES, &line("5,7,1,monday,4"), "line 3: \"monday\" is not a date and time");
    check(CHANGES, &line("5,7,1"), "line 3: 3 fields instead of 5");
}

#[test]
fn a_report_finds_what_differs_what_is_missing_and_what_is_too_much() {
    let five = on_shelf(&[], &["5,7,1,2021-01-06 00:00:00,40"], 1);
    let less =
        on_shelf(&["{a},5,1,2021-01-06 00:00:00,-1,1"], &["5,7,1,2021-01-06 00:00:00,40"], 1);
    for (expected, found, words) in [
        (&five, &less, "store 1, product 5: 40 (40 +0, 2021-01-06T00:00:00); it says 39 (40 -1, "),
        (&five, &Shelf::new(), "it says nothing"),
        (&Shelf::new(), &five, "product 5: nothing; it says 40"),
    ] {
        let mut report = Report { stores: 1, ..Report::default() };
        report.compare("it says", expected, found);
        assert!(!report.passed() && report.differences[0].contains(words), "{report}");
    }
    let mut report = Report { stores: 1, ..Report::default() };
    assert!(!report.passed(), "nothing was compared");
    report.compare("it says", &five, &five);
    assert!(report.passed());
}
