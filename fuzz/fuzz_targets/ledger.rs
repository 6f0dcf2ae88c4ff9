//! Any bytes as a file of entries, and as what comes on each kind of topic: read or refused, and what was read is
//! written and read again without a change.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::ledger::{Found, Origin, Tally, find, heads, read};

const TOPICS: [&str; 3] = ["r/acme/7/gw/evt/pos", "r/acme/7/gw/gap", "r/acme/7/gw/state"];

fuzz_target!(|data: &[u8]| {
    let (mut rest, mut tally) = (data, Tally::default());
    while let Ok(Some((entry, _))) = read(&mut rest) {
        if let Some(bytes) = entry.to_bytes() {
            let again = read(&mut bytes.as_slice()).ok().flatten();
            assert_eq!(again.map(|(entry, _)| entry), Some(entry.clone()));
        }
        let _ = tally.replay(&entry);
    }
    if let Found::Entry(at) = find(data, &mut (1 << 20)) {
        assert!(data.get(at..).is_some_and(|mut rest| !matches!(read(&mut rest), Ok(None))));
    }
    for topic in TOPICS {
        let Some(origin) = Origin::of(topic, "r") else { continue };
        for entry in heads(origin, &[], data).into_iter().flatten() {
            assert!(0 < entry.head.first && entry.head.first <= entry.head.last);
            tally.take(&entry.head);
        }
    }
});
