//! Looking for secrets the way an auditor would: any eight digits of a number that stand next to each other,
//! whatever separates them, as text, as a list of bytes or as hexadecimal.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use tillgate_sim::demo::arrivals::Arrivals;

/// Digits that are a find.
const WINDOW: usize = 8;

/// The place where times stand.
pub const LOG: &str = "the log";

/// What to look for.
#[derive(Default)]
pub struct Search {
    /// Each eight digits, and the secret they are of.
    windows: BTreeMap<Vec<u8>, usize>,
    /// Short secrets with their label, as printed.
    labelled: Vec<String>,
}

impl Search {
    pub fn new(numbers: &[String], labelled: &[String]) -> Self {
        let mut windows = BTreeMap::new();
        for (index, number) in numbers.iter().enumerate() {
            assert!(WINDOW <= number.len());
            let all = number.as_bytes().windows(WINDOW);
            windows.extend(all.map(|window| (window.to_vec(), index)));
        }
        Self { windows, labelled: labelled.to_vec() }
    }

    /// What `bytes` give away: for each secret found, where it is.
    pub fn find(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        for (form, digits) in [
            ("text", as_text(bytes, place != LOG)),
            ("byte list", as_list(bytes)),
            ("hex", as_hex(bytes)),
        ] {
            for window in digits.windows(WINDOW) {
                if let Some(secret) = self.windows.get(window) {
                    found.push(format!("{place}: number {secret} as {form}"));
                }
            }
        }
        let text = String::from_utf8_lossy(bytes).replace("\\n", "\n");
        for (index, label) in self.labelled.iter().enumerate().filter(|(_, l)| text.contains(*l)) {
            found.push(format!("{place}: code {index}, {} characters", label.len()));
        }
        found.sort();
        found.dedup();
        found
    }

    /// What a data directory gives away: every file byte by byte, and every row expanded.
    pub fn find_in_directory(&self, dir: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                let bytes = std::fs::read(entry.path()).unwrap();
                found.extend(self.find(&entry.file_name().to_string_lossy(), &bytes));
            }
        }
        let mut arrivals = Arrivals::default();
        for payload in rows(dir) {
            arrivals.take("tillgate/v1/x/7/x/evt/ops", &payload);
        }
        assert_eq!(arrivals.unreadable, Vec::<String>::new());
        found.extend(arrivals.texts.iter().flat_map(|text| self.find(text, text.as_bytes())));
        found
    }
}

/// The payloads of a database, its log played back.
pub fn rows(dir: &Path) -> Vec<Vec<u8>> {
    let connection = Connection::open(dir.join("outbox.db")).unwrap();
    let mut query = connection.prepare("SELECT payload FROM outbox").unwrap();
    let rows = query.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Digits of text; separators between them are left out, anything else is a break. `all`: points and colons
/// are separators too, which in a log would make numbers of times.
fn as_text(bytes: &[u8], all: bool) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte),
        b'.' | b':' if all => None,
        b' ' | b'-' | b'/' | b'_' | b'|' | b',' | b'\n' | b'\r' | 0xA0 | 0xC2 | 0xFF => None,
        _ => Some(b'*'),
    };
    let text = String::from_utf8_lossy(bytes).replace("\\n", " ");
    text.bytes().filter_map(digit).collect()
}

/// Digits of byte lists: `[52, 49, 49]`.
fn as_list(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let value =
        |part: &str| part.trim().trim_start_matches('[').trim_end_matches(']').parse::<u8>();
    text.split(',')
        .map(|part| value(part).ok().filter(u8::is_ascii_digit).unwrap_or(b'*'))
        .collect()
}

/// Digits of hexadecimal: `343131` or `34 31 31`, at both alignments.
fn as_hex(bytes: &[u8]) -> Vec<u8> {
    let dense: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b' ').collect();
    let aligned = |start: usize| {
        let pairs = dense.get(start..).unwrap_or_default().chunks_exact(2);
        pairs.map(|pair| match pair {
            [b'3', digit @ b'0'..=b'9'] => *digit,
            _ => b'*',
        })
    };
    aligned(0).chain([b'*']).chain(aligned(1)).collect()
}
