//! A folder that is opened again and again, cut anywhere, with files that follow each other.

use tempfile::TempDir;
use tillgate_events::Class;

use super::*;
use crate::ledger::{Head, Kind};

fn records(number: u64) -> Entry {
    let gateway = "acme/7/gw".to_owned();
    let (kind, class, part) = (Kind::Records, Class::Pos, None);
    let head = Head { kind, gateway, class, epoch: 1, first: number, last: number, part };
    Entry { head, payload: vec![7; 30] }
}

/// Stores the records of these numbers, each with a sync of its own.
fn store(dir: &Path, file_bytes: u64, numbers: std::ops::RangeInclusive<u64>) {
    let Opened { mut folder, mut tally, .. } = Folder::open(dir, file_bytes).unwrap();
    for entry in numbers.map(records) {
        tally.take(&entry.head);
        folder.append(&entry).unwrap();
        folder.sync(&tally).unwrap();
    }
}

/// How far the only stream is.
fn reached(tally: &Tally) -> u64 {
    tally.watermarks("acme/7/gw").get(&Class::Pos).map_or(0, |mark| mark.sequence)
}

#[test]
fn a_file_cut_at_any_byte_keeps_its_whole_entries_and_goes_on() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1 << 20, 1..=3);
    let (_, path) = files(dir.path()).unwrap().pop().unwrap();
    let whole = fs::read(&path).unwrap();
    let entry = (whole.len() - MAGIC.len()) / 3;
    for length in MAGIC.len()..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let opened = Folder::open(dir.path(), 1 << 20).unwrap();
        let (kept, cut) = ((length - MAGIC.len()) / entry, (length - MAGIC.len()) % entry);
        assert_eq!((reached(&opened.tally), opened.cut), (kept as u64, cut as u64), "{length}");
        drop(opened);
        if cut > 0 {
            let torn = fs::read(path.with_extension("torn")).unwrap();
            assert_eq!(torn, whole[length - cut..length]);
        }
        store(dir.path(), 1 << 20, kept as u64 + 1..=3);
        assert_eq!(fs::read(&path).unwrap(), whole, "{length}");
    }
}

#[test]
fn a_full_file_is_followed_by_one_that_begins_with_all_that_is_known() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 300, 1..=20);
    store(dir.path(), 300, 22..=30);
    let all = files(dir.path()).unwrap();
    assert!(all.len() > 5, "{}", all.len());
    for (_, path) in &all[..all.len() - 1] {
        fs::remove_file(path).unwrap();
    }
    let opened = Folder::open(dir.path(), 300).unwrap();
    assert_eq!(reached(&opened.tally), 20);
    let streams: Vec<_> = opened.tally.gateways().flat_map(|(_, it)| it.values()).collect();
    assert_eq!((streams[0].arrived(), streams[0].lost().count()), (29, 1));
}

#[test]
fn a_folder_has_one_user_and_nothing_foreign_is_touched() {
    let dir = TempDir::new().unwrap();
    let first = Folder::open(dir.path(), 1000).unwrap();
    assert!(matches!(Folder::open(dir.path(), 1000), Err(FolderError::Busy(_))));
    drop(first);
    fs::write(dir.path().join("00000002.tgledger"), "something else").unwrap();
    assert!(matches!(Folder::open(dir.path(), 1000), Err(FolderError::Foreign(_))));
    let untouched = fs::read(dir.path().join("00000002.tgledger")).unwrap();
    assert_eq!(untouched, b"something else");
}

#[test]
fn zeros_at_the_end_are_cut_off_however_many() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1 << 20, 1..=3);
    let (_, path) = files(dir.path()).unwrap().pop().unwrap();
    let whole = fs::read(&path).unwrap();
    for zeros in [1, 7, 8, 9, 4096] {
        fs::write(&path, [whole.as_slice(), &vec![0; zeros]].concat()).unwrap();
        let opened = Folder::open(dir.path(), 1 << 20).unwrap();
        assert_eq!((reached(&opened.tally), opened.cut), (3, zeros as u64));
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
}

#[test]
fn a_bit_that_flipped_before_a_whole_entry_cuts_nothing_off() {
    let dir = TempDir::new().unwrap();
    store(dir.path(), 1 << 20, 1..=3);
    let (_, path) = files(dir.path()).unwrap().pop().unwrap();
    let whole = fs::read(&path).unwrap();
    let entry = (whole.len() - MAGIC.len()) / 3;
    for at in MAGIC.len()..MAGIC.len() + 2 * entry {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(&path, &damaged).unwrap();
        let told = Folder::open(dir.path(), 1 << 20).unwrap_err().to_string();
        let begins = at - (at - MAGIC.len()) % entry;
        let words = format!("{entry} bytes from byte {begins} on");
        assert!(told.contains(&words), "{at}: {told}");
        assert_eq!(fs::read(&path).unwrap(), damaged, "{at}");
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(reached(&Folder::open(dir.path(), 1 << 20).unwrap().tally), 3);
}
