//! The journal in the store: written with rows, read again, bounded.

use tempfile::TempDir;
use tillgate_events::Class;

use super::*;
use crate::store::journal_restore::{StoredPage, restore, settle_restored};
use crate::store::{NewRow, read_journal};

const DAY: i64 = 24 * 60 * 60 * 1000;

fn open(dir: &TempDir) -> Store {
    Store::open(dir.path(), 64 << 20, UtcMs(0)).unwrap().0
}

fn page(device: &str, at: i64, text: &str, ends: bool) -> Page {
    let tail = if ends { String::new() } else { format!("tail of {text}") };
    let (device, text) = (device.to_owned(), text.to_owned());
    Page { device, paper: 0, at: UtcMs(at), ends, text, tail }
}

fn write(store: &mut Store, pages: &[Page]) {
    store.commit_with(&[], &[], pages).unwrap();
}

/// (device, text, tail) of the open documents.
fn open_ones(store: &mut Store) -> Vec<(String, String, String)> {
    let open = store.open_documents().unwrap();
    assert!(open.iter().all(|document| !document.ended && !document.damaged));
    open.into_iter().map(|it| (it.device, it.text, it.tail)).collect()
}

/// Texts of what a reader from outside finds.
fn texts(dir: &TempDir, since: i64) -> Vec<String> {
    let all = read_journal(&dir.path().join("outbox.db"), UtcMs(since)).unwrap();
    all.into_iter().map(|document| document.text).collect()
}

fn whole(name: &str, text: &str, tail: &str) -> (String, String, String) {
    (name.to_owned(), text.to_owned(), tail.to_owned())
}

#[test]
fn open_documents_are_found_again_with_all_pages_and_the_last_tail() {
    let dir = TempDir::new().unwrap();
    let mut store = open(&dir);
    write(&mut store, &[page("a", 1, "1", false), page("b", 1, "x", false)]);
    write(&mut store, &[page("a", 2, "2", false), page("b", 2, "y", true)]);
    write(&mut store, &[page("c", 3, "", true), page("a", 3, "3", true), page("a", 3, "4", false)]);
    let expected = [whole("a", "4", "tail of 4")];
    assert_eq!(open_ones(&mut store), expected);
    drop(store);
    let mut store = open(&dir);
    assert_eq!(open_ones(&mut store), expected);
    let paper = store.open_documents().unwrap()[0].paper;
    write(&mut store, &[Page { paper, ..page("a", 4, "5", false) }]);
    drop(store);
    assert_eq!(open_ones(&mut open(&dir)), [whole("a", "45", "tail of 5")]);
}

#[test]
fn documents_of_one_device_that_are_open_at_once_stay_apart() {
    let dir = TempDir::new().unwrap();
    let mut store = open(&dir);
    let paper = |paper, text, ends| Page { paper, ..page("a", 1, text, ends) };
    write(&mut store, &[paper(7, "1", false), paper(8, "x", false)]);
    write(&mut store, &[paper(8, "y", false), paper(7, "2", false), paper(9, "z", true)]);
    drop(store);
    let mut store = open(&dir);
    let open_ones = store.open_documents().unwrap();
    let found: Vec<&str> = open_ones.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(found, ["12", "xy"], "in the order in which they began");
    write(&mut store, &[Page { paper: open_ones[0].paper, ..page("a", 2, "3", true) }]);
    drop(store);
    let left = open(&dir).open_documents().unwrap();
    assert_eq!((left.len(), left[0].paper, &*left[0].text), (1, open_ones[1].paper, "xy"));
    assert_eq!(texts(&dir, 0), ["123", "xy", "z"]);
}

#[test]
fn an_end_is_written_with_its_rows_or_not_at_all() {
    let dir = TempDir::new().unwrap();
    let mut store = open(&dir);
    write(&mut store, &[page("a", 1, "1", false)]);
    let row = |first_sequence| {
        vec![NewRow { class: Class::Pos, first_sequence, count: 1, payload: vec![1] }]
    };
    // A number that does not follow: the commit is refused.
    store.commit_with(&row(9), &[], &[page("a", 2, "2", true)]).unwrap_err();
    assert_eq!(open_ones(&mut store), [whole("a", "1", "tail of 1")]);
    store.commit_with(&row(1), &[], &[page("a", 2, "2", true)]).unwrap();
    assert_eq!(open_ones(&mut store), []);
    drop(store);
    assert_eq!(open_ones(&mut open(&dir)), []);
}

#[test]
fn beyond_its_bytes_the_oldest_finished_document_goes_first() {
    let dir = TempDir::new().unwrap();
    let mut store = open(&dir);
    store.keep_journal(JournalBounds { bytes: 1000, age: limits::JOURNAL_AGE });
    write(&mut store, &[page("open", 1, &"o".repeat(900), false)]);
    for name in ["1", "2", "3"] {
        write(&mut store, &[page("a", 1, name, false), page("a", 1, &name.repeat(300), true)]);
    }
    drop(store);
    // What is open stays, and leaves no room for others.
    assert_eq!(texts(&dir, 0), ["o".repeat(900)]);

    let mut store = open(&dir);
    store.keep_journal(JournalBounds { bytes: 1000, age: limits::JOURNAL_AGE });
    let paper = store.open_documents().unwrap()[0].paper;
    write(&mut store, &[Page { paper, ..page("open", 2, "", true) }]);
    for name in ["4", "5", "6"] {
        write(&mut store, &[page("a", 2, &name.repeat(350), true)]);
    }
    assert_eq!(store.counters().dropped_documents, 2);
    drop(store);
    assert_eq!(texts(&dir, 0), ["5".repeat(350), "6".repeat(350)]);
}

#[test]
fn finished_documents_go_when_they_are_old() {
    let dir = TempDir::new().unwrap();
    let mut store = open(&dir);
    write(&mut store, &[page("a", 0, "old", true)]);
    write(&mut store, &[page("a", 5 * DAY, "newer", true)]);
    write(&mut store, &[page("b", 7 * DAY, "new", true)]);
    drop(store);
    assert_eq!(texts(&dir, 0), ["newer", "new"]);
    assert_eq!(texts(&dir, 6 * DAY), ["new"]);
    let mut store = open(&dir);
    store.keep_journal(JournalBounds { bytes: 1 << 20, age: Duration::ZERO });
    write(&mut store, &[page("a", 7 * DAY, "open", false), page("b", 7 * DAY, "gone", true)]);
    drop(store);
    assert_eq!(texts(&dir, 0), ["open"]);
}

#[test]
fn finished_documents_give_way_before_any_row_does() {
    let dir = TempDir::new().unwrap();
    let cap = 8 << 20;
    let (mut store, _) = Store::open(dir.path(), cap, UtcMs(0)).unwrap();
    for _ in 0..30 {
        write(&mut store, &[page("a", 1, &"x".repeat(200_000), true)]);
    }
    for number in 1..=15 {
        let payload = vec![7; 100_000];
        let row = NewRow { class: Class::Visit, first_sequence: number, count: 1, payload };
        store.commit(&[row], &[]).unwrap();
    }
    let counters = store.counters();
    assert_eq!(counters.evicted_rows, 0);
    assert!(counters.dropped_documents > 0, "{counters:?}");
}

#[test]
fn a_damaged_page_is_not_handed_out_and_is_missed() {
    let dir = TempDir::new().unwrap();
    let mut store = open(&dir);
    write(&mut store, &[page("a", 1, "one", false)]);
    write(&mut store, &[page("a", 1, "two", false)]);
    store.connection.execute_batch("UPDATE journal SET text = 'twO' WHERE id = 2").unwrap();
    let open = store.open_documents().unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].text.as_str(), open[0].damaged), ("one", true));
}

#[test]
fn a_database_of_an_earlier_version_keeps_its_rows_and_says_its_new_version_outside() {
    let dir = TempDir::new().unwrap();
    let mut store = open(&dir);
    let row = NewRow { class: Class::Pos, first_sequence: 1, count: 1, payload: vec![1, 2] };
    store.commit(&[row], &[]).unwrap();
    // As the first version made it.
    store.connection.execute_batch("DROP TABLE journal; PRAGMA user_version = 1").unwrap();
    drop(store);
    let file = dir.path().join("outbox.db");
    let version = || std::fs::read(&file).unwrap()[63];
    assert_eq!(version(), 1);
    read_journal(&file, UtcMs(0)).unwrap_err();

    let mut store = open(&dir);
    assert_eq!(version(), 5, "what the program before reads before it opens the file");
    assert_eq!((store.backlog().rows, store.next_sequence(Class::Pos)), (1, 2));
    write(&mut store, &[page("a", 1, "1", false)]);
    assert_eq!(open_ones(&mut store).len(), 1);
}

#[test]
fn the_journal_is_read_while_the_agent_holds_the_database_and_writes() {
    let dir = TempDir::new().unwrap();
    let mut store = open(&dir);
    write(&mut store, &[page("a", 1, "1", true)]);
    assert_eq!(texts(&dir, 0), ["1"]);
    write(&mut store, &[page("a", 1, "2", false)]);
    assert_eq!(texts(&dir, 0), ["1", "2"]);
    write(&mut store, &[page("a", 1, "3", true)]);
    assert_eq!(texts(&dir, 0), ["1", "23"]);
}

#[test]
fn of_a_journal_with_missing_pages_nothing_is_put_back_that_was_over() {
    let dir = TempDir::new().unwrap();
    let mut store = open(&dir);
    let stored = |id, document, device: &str, text, ends| StoredPage {
        id,
        document,
        page: page(device, 1, text, ends),
    };
    // The end of `a` was on a page that is gone, as is a page of `c`, perhaps.
    for page in [
        stored(1, 1, "a", "1", false),
        stored(3, 3, "a", "2", true),
        stored(4, 4, "c", "x", false),
        stored(6, 4, "c", "z", false),
        stored(7, 7, "b", "whole", false),
    ] {
        restore(&store.connection, &page).unwrap();
    }
    settle_restored(&store.connection).unwrap();
    store.journal = Journal::read(&store.connection).unwrap();
    let open_ones = store.open_documents().unwrap();
    let found: Vec<_> = open_ones.iter().map(|it| (&*it.device, &*it.text, it.damaged)).collect();
    assert_eq!(found, [("b", "whole", false), ("c", "xz", true)]);
    write(&mut store, &[Page { paper: 4, ..page("c", 2, "!", true) }]);
    assert_eq!(store.open_documents().unwrap().len(), 1);
}
