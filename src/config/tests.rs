//! Whatever the file holds: an answer, places within the file, no panic.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

/// A machine with nothing on it.
struct Bare;

impl Environment for Bare {
    fn exists(&self, _: &Path) -> bool {
        false
    }
    fn read(&self, _: &Path, _: usize) -> io::Result<String> {
        Err(io::ErrorKind::NotFound.into())
    }
    fn credentials(&self) -> Option<PathBuf> {
        None
    }
    fn knows_time_zone(&self, _: &str) -> bool {
        true
    }
    fn time_zones(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Either accepted, or mistakes in order, each at a place that the text has.
fn holds(text: &str) {
    let Err(mistakes) = parse(text, "f", &Bare) else { return };
    assert!(!mistakes.is_empty() && mistakes.len() <= limits::CONFIG_MISTAKES);
    let places: Vec<_> = mistakes.iter().map(|it| (it.line, it.column)).collect();
    assert!(places.is_sorted(), "{places:?}");
    for mistake in &mistakes {
        assert!((1..=text.lines().count().max(1) + 1).contains(&mistake.line), "{mistake}");
        let shown = mistake.render(Severity::Mistake, false);
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
    }
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in any::<String>()) {
        holds(&text);
    }

    #[test]
    fn text_made_of_the_files_own_pieces_gets_an_answer(
        pieces in proptest::collection::vec(
            prop::sample::select(vec![
                "[gateway]\n", "[[serial]]\n", "[[tag]]\n", "[mqtt]\n", "match = ", "{", "}", "[", "]", "id",
                "name", "kind", " = ", "\"", "\n", "1", "-", ".", "url", "mqtts://", "\"bluez\"", "port",
                "\"/dev/x\"", "'''", "\u{1b}", "ä", "0x", "[[serial.port]]\n", "true", ",", "catalog", "#",
            ]),
            0..60,
        )
    ) {
        holds(&pieces.concat());
    }
}

#[test]
fn deep_nesting_is_a_mistake_and_not_a_crash() {
    holds(&format!("a = {}", "[".repeat(200_000)));
    holds(&format!("a{} = 1", ".a".repeat(100_000)));
    holds(&format!("a = {}", "{a=".repeat(100_000)));
}

#[test]
fn many_mistakes_are_cut_off_and_counted() {
    let mut text = String::new();
    for number in 0..1000 {
        let _ = writeln!(text, "key{number} = 1");
    }
    holds(&text);
    let mistakes = parse(&text, "f", &Bare).unwrap_err();
    assert!(mistakes.last().unwrap().hint.as_deref().unwrap().contains("more are not shown"));
}

#[test]
fn a_marked_place_counts_characters_and_not_bytes() {
    let mistake = &parse("\"ä\" = 1\nx = \"ß\"", "f", &Bare).unwrap_err()[0];
    assert_eq!((mistake.line, mistake.column), (1, 1));
}

#[test]
fn a_hint_names_the_nearest_word_or_none() {
    for (written, near) in [("bauds", Some("baud")), ("BAUD", Some("baud")), ("colour", None)] {
        let hint = near.map(|word| format!("did you mean `{word}`?"));
        assert_eq!(did_you_mean(written, ["port", "baud", "format"]), hint);
    }
}

#[test]
fn a_catalogue_file_that_is_too_long_is_refused_unread() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), vec![b'x'; 11]).unwrap();
    let error = System.read(file.path(), 10).unwrap_err();
    assert_eq!(error.to_string(), "it is longer than 10 bytes");
    assert_eq!(System.read(file.path(), 11).unwrap().len(), 11);
}
