//! Any text as a recording: read or refused, and what was read is written and read again without a change.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::learn::recording::{self, MAGIC, Record};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let Ok(records) = recording::read(&format!("{MAGIC}\n{text}")) else { return };
    for record in records {
        let line = match &record {
            Record::Fact(at, fact) => recording::fact(*at, fact),
            Record::Said(at, said) => recording::said(*at, said),
            Record::Info(..) => continue,
        };
        if let Ok(again) = recording::read(&format!("{MAGIC}\n{line}")) {
            assert_eq!(again, [record]);
        }
    }
});
