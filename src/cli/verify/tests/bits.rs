//! A folder of `confirm` with any one bit flipped, in any of its files: nothing that was confirmed goes missing without
//! a word, no watermark goes back, and `--repair` makes it whole.

use std::collections::BTreeSet;
use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;
use tillgate_events::Watermark;

use super::*;
use crate::cli::confirm::folder::{self, Folder};
use crate::ledger::{Desk, Entry, Input, Kind, Output, Recent};

/// A message of so many records; what was before them in that class and epoch, this test knows.
fn message(epoch: u32, first: u64, count: u64) -> Entry {
    let (kind, gateway, last) = (Kind::Records, "acme/7/gw-7".to_owned(), first + count - 1);
    let head = Head { kind, gateway, class: Class::Pos, epoch, first, last, part: None };
    Entry { head, payload: payload(epoch, first, count as usize) }
}

/// The folder, the messages in it, and what was published of them.
struct Stored {
    dir: TempDir,
    messages: Vec<Entry>,
    published: Watermark,
}

/// Stores records of two epochs, each group with a sync of its own, in files of so many bytes.
fn store(groups: &[(u64, bool)], file_bytes: u64) -> Stored {
    let dir = TempDir::new().unwrap();
    let mut folder = Folder::open(dir.path(), file_bytes).unwrap().folder;
    let mut desk = Desk::new(Tally::default(), Recent::default());
    let (mut messages, mut published) = (Vec::new(), Watermark::default());
    let (mut epoch, mut next) = (1, 1);
    for (nth, (count, again)) in groups.iter().enumerate() {
        if nth == groups.len() / 2 {
            (epoch, next) = (2, 1);
        }
        let new = message(epoch, next, *count);
        next += count;
        messages.push(new.clone());
        let entries = if *again { vec![new.clone(), new] } else { vec![new] };
        let mut out = Vec::new();
        desk.step(Input::Arrived { entries, token: 1 }, &mut out);
        for output in out.drain(..) {
            let Output::Append(entry) = output else { panic!("{output:?}") };
            folder.append(&entry).unwrap();
        }
        folder.sync(desk.tally()).unwrap();
        desk.step(Input::Synced, &mut out);
        for output in out {
            match output {
                Output::Note(entry) => folder.append(&entry).unwrap(),
                Output::Publish(_, marks) => published = marks[&Class::Pos],
                _ => {}
            }
        }
        folder.note().unwrap();
    }
    Stored { dir, messages, published }
}

/// What `verify` says: lost, and the exit code.
fn judge(dir: &Path) -> (u64, u8) {
    let args = Args { input: dir.to_owned(), framed: false, json: false };
    match verify(&args, &mut io::empty()) {
        Ok(found) => (table::sum(&found.tally).lost, code(&found)),
        Err(error) => (0, failure(&error)),
    }
}

fn records_in(dir: &Path) -> BTreeSet<(u32, u64)> {
    let mut found = BTreeSet::new();
    for (_, path) in folder::files(dir).unwrap() {
        let read = folder::replay(&path, |entry, _| {
            let Head { kind, epoch, first, last, .. } = &entry.head;
            if *kind == Kind::Records {
                found.extend((*first..=*last).map(|number| (*epoch, number)));
            }
            Ok(())
        });
        let _ = read;
    }
    found
}

fn flip(stored: &Stored, at: usize, bit: u8) {
    let files = folder::files(stored.dir.path()).unwrap();
    let sizes = files.iter().map(|(_, path)| fs::metadata(path).unwrap().len() as usize);
    let mut at = at % sizes.clone().sum::<usize>();
    for ((_, path), size) in files.iter().zip(sizes) {
        if at < size {
            let mut bytes = fs::read(path).unwrap();
            bytes[at] ^= 1 << bit;
            fs::write(path, bytes).unwrap();
            return;
        }
        at -= size;
    }
}

fn check_flip(groups: &[(u64, bool)], file_bytes: u64, at: usize, bit: u8) {
    let stored = store(groups, file_bytes);
    let (dir, published) = (stored.dir.path(), stored.published);
    assert_eq!(judge(dir), (0, 0));
    let confirmed = records_in(dir);
    flip(&stored, at, bit);
    let missing = confirmed.difference(&records_in(dir)).count() as u64;
    let (lost, code) = judge(dir);
    // Where a whole file cannot be read, there is no count.
    assert!(missing == 0 || code != 0 && (lost == missing || lost == 0 && code == 65));
    let opens = |dir: &Path| {
        let opened = Folder::open(dir, 1 << 20);
        opened.map(|it| it.tally.watermarks("acme/7/gw-7").get(&Class::Pos).copied())
    };
    match opens(dir) {
        Ok(mark) => assert!(mark >= Some(published), "{mark:?} {published:?}"),
        Err(FolderError::Foreign(_)) => return,
        Err(error) => assert!(matches!(error, FolderError::Damaged { .. }), "{error}"),
    }
    if let Err(error) = folder::repair(dir) {
        return assert!(matches!(error, FolderError::Foreign(_)), "{error}");
    }
    assert!(opens(dir).unwrap() >= Some(published));
    assert_eq!(judge(dir), (missing, u8::from(missing > 0)), "repaired");
    let opened = Folder::open(dir, 1 << 20).unwrap();
    let (mut folder, tally) = (opened.folder, opened.tally);
    stored.messages.iter().for_each(|entry| folder.append(entry).unwrap());
    folder.sync(&tally).unwrap();
    assert_eq!(judge(dir), (0, 0), "came again");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn no_flipped_bit_hides_a_loss(
        groups in proptest::collection::vec((1u64..4, any::<bool>()), 2..9),
        file_bytes in prop_oneof![Just(1u64 << 20), 300u64..1500],
        at in any::<usize>(),
        bit in 0u8..8,
    ) {
        check_flip(&groups, file_bytes, at, bit);
    }
}

#[test]
fn no_bit_of_a_small_folder_hides_a_loss() {
    let groups = [(2, false), (1, true), (3, false), (1, false)];
    let size = |stored: &Stored| {
        let files = folder::files(stored.dir.path()).unwrap();
        files.iter().map(|(_, path)| fs::metadata(path).unwrap().len() as usize).sum::<usize>()
    };
    for file_bytes in [1 << 20, 600] {
        for at in (0..size(&store(&groups, file_bytes))).step_by(11) {
            check_flip(&groups, file_bytes, at, (at % 8) as u8);
        }
    }
}
