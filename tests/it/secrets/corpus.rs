//! What redaction takes out of receipts that others recorded: hardly anything, because no card is on them.

use std::path::{Path, PathBuf};

use tillgate::decode::redact;

/// The text of the recorded receipts, where they are at hand.
fn texts() -> Vec<String> {
    let root = std::env::var_os("TILLGATE_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let mut texts = Vec::new();
    for (folder, end) in [("python-escpos", ".json"), ("receiptline", ".expected.txt")] {
        let Ok(entries) = std::fs::read_dir(root.join("pos").join(folder)) else { continue };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let files = files.iter().filter(|path| path.to_str().unwrap().ends_with(end));
        texts.extend(files.map(|path| std::fs::read_to_string(path).unwrap()));
    }
    texts
}

#[test]
fn recorded_receipts_stay_as_they_are() {
    let texts = texts();
    if texts.is_empty() {
        return println!("SKIPPED: no corpus (set TILLGATE_CORPUS)");
    }
    let (mut lines, mut runs, mut eaten) = (0, 0, Vec::new());
    for line in texts.iter().flat_map(|text| text.lines()) {
        lines += 1;
        let digits = line.split(|c: char| !c.is_ascii_digit());
        runs += digits.filter(|run| (13..=19).contains(&run.len())).count();
        let shown = redact::text(line);
        if shown != line.trim_end() {
            eaten.push(shown);
        }
    }
    println!("{lines} lines, {runs} runs of 13 to 19 digits, {} lines changed", eaten.len());
    println!("{}", eaten.join("\n"));
    assert!(eaten.len() * 1000 <= lines, "more than one line in a thousand was changed");
}
