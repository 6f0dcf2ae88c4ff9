//! A damaged file of `confirm`: `verify` tells what it did not understand, `confirm` leaves it as it is.

use std::process::Command;

use tempfile::TempDir;
use tillgate::ledger::{Entry, Head, Kind, MAGIC, read};
use tillgate_events::Class;

use crate::confirm::verify;

#[test]
fn a_damaged_file_is_told_as_such_and_left_as_it_is() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("00000001.tgledger");
    let entry = |last| {
        let (kind, class, gateway) = (Kind::Produced, Class::Pos, "acme/7/gw".to_owned());
        let head = Head { kind, gateway, class, epoch: 1, first: 1, last, part: None };
        Entry { head, payload: Vec::new() }.to_bytes().unwrap()
    };
    let mut flipped = [entry(7), entry(8)].concat();
    flipped[20] ^= 1;
    let again = Head { kind: Kind::Again, ..read(&mut &*entry(3)).unwrap().unwrap().0.head };
    let again = Entry { head: again, payload: Vec::new() }.to_bytes().unwrap();
    let zeros = vec![0; 4096];
    // The bytes behind the first ones; verify's code, lost and bad; confirm's code where it does not start.
    let cases: [(&[u8], &[u8], _, _); 5] = [
        (&MAGIC, &flipped, (1, Some(8), Some(1)), Some(65)),
        (&MAGIC, &[flipped.as_slice(), &zeros].concat(), (1, Some(8), Some(1)), Some(65)),
        (&MAGIC, &again, (1, Some(3), Some(0)), None),
        (&MAGIC, &[again.as_slice(), &zeros].concat(), (1, Some(3), Some(0)), None),
        (b"something else", b"", (65, None, None), Some(65)),
    ];
    for (begin, rest, expected, refused) in cases {
        let bytes = [begin, rest].concat();
        std::fs::write(&file, &bytes).unwrap();
        let (report, code) = verify(dir.path());
        let found = (code, report["sum"]["lost"].as_u64(), report["bad"].as_u64());
        assert_eq!(found, expected, "{rest:?}");
        let Some(refused) = refused else { continue };
        let done = Command::new(env!("CARGO_BIN_EXE_tillgate"))
            .args(["confirm", "--broker", "mqtt://127.0.0.1:1", "--store"])
            .arg(dir.path())
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(refused), "{rest:?}");
        assert_eq!(std::fs::read(&file).unwrap(), bytes);
    }
}
