//! Whatever the file holds: an answer, places within the file, no panic.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::spanned::did_you_mean;
use crate::time::UtcMs;

/// A machine with nothing on it.
struct Bare;

impl Environment for Bare {
    fn exists(&self, _: &Path) -> bool {
        false
    }
    fn bytes(&self, _: &Path, _: u64) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }
    fn folder(&self, _: &Path) -> Folder {
        Folder::Closed
    }
    fn now(&self) -> UtcMs {
        UtcMs(0)
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

/// A file with every kind of value, one key a line.
const FULL: &str = "\
[gateway]
id = \"gw-1\"
tenant = \"acme\"
store_id = 1
timezone = \"UTC\"
business_day_starts = \"04:00\"
currency = \"EUR\"
data_dir = \"/var/lib/tillgate\"
[mqtt]
url = \"mqtt://localhost\"
[buffer]
max_bytes = \"512MiB\"
commit_interval_ms = 100
journal_bytes = \"8MiB\"
journal_days = 7
[[serial]]
name = \"till-1\"
port = \"/dev/ttyS0\"
baud = 9600
format = \"8N1\"
dialect = \"text-generic\"
code_page = \"cp858\"
[[receiver]]
name = \"r\"
zone = \"A\"
kind = \"bluez\"
adapter = \"hci0\"
power_on = true
silence_s = 60
[[tag]]
id = \"t\"
class = \"asset\"
match = { eddystone = \"00112233445566778899\", instance = \"001122334455\" }
";

/// [`FULL`] with another value for `key`.
fn with(key: &str, value: &str) -> Result<(Config, Vec<Warning>), Vec<Mistake>> {
    let is_it = |line: &&str| line.strip_prefix(key).is_some_and(|it| it.starts_with(" = "));
    assert_eq!(FULL.lines().filter(is_it).count(), 1, "{key}");
    let swap = |line| if is_it(&line) { format!("{key} = {value}\n") } else { format!("{line}\n") };
    parse(&FULL.lines().map(swap).collect::<String>(), "f", &Bare)
}

#[test]
fn what_each_value_may_be_is_taken_and_nothing_else() {
    #[rustfmt::skip]
    let cases: [(&str, &[&str], &[&str]); 18] = [
        ("tenant", &["'a'", "'A-b_c.9'"], &["''", "'a b'", "'a/b'", "'+'", "'#'", "'ä'", "1"]),
        ("store_id", &["1", "0x10", "9223372036854775807"], &["0", "-1", "1.0", "9223372036854775808"]),
        ("business_day_starts", &["'00:00'", "'12:00'"], &["'4:00'", "'04:60'", "'12:01'", "'+4:00'", "4", "''"]),
        ("currency", &["'JPY'", "'KWD'"], &["'eur'", "'EURO'", "'XXX'", "''"]),
        ("data_dir", &["'/d'"], &["'d'", "'/a/../b'", "''", "'/a\0'"]),
        ("url", &["'mqtt://localhost:1884'", "'mqtt://127.1.2.3'", "'mqtt://[::1]:1'", "'mqtt://localhost/'"],
            &["'mqtt://10.0.0.1'", "'mqtts://b'", "'tcp://localhost'", "'mqtt://'", "'mqtt://localhost:0'",
              "'mqtt://localhost:65536'", "'mqtt://localhost:'", "'mqtt://localhost/x'", "'mqtt://u:p@localhost'",
              "'mqtt://[::1'", "'mqtt://localhost:+1'", "'mqtt://127.0.0.1.evil.example'"]),
        ("max_bytes", &["'16MiB'", "'1 TiB'", "16777216"], &["'15MiB'", "'2TiB'", "'512MB'", "'MiB'", "'-1MiB'",
            "'99999999999999GiB'", "1"]),
        ("journal_bytes", &["'1MiB'", "'1GiB'"], &["'1KiB'", "'2GiB'", "-1"]),
        ("journal_days", &["0", "90"], &["91", "-1", "'7'"]),
        ("commit_interval_ms", &["10", "5000"], &["9", "5001", "'100'"]),
        ("baud", &["300", "1_000_000"], &["0", "299", "4000001", "'9600'"]),
        ("format", &["'7E1'", "'8N2'", "'7O2'"], &["'8n1'", "'6N1'", "'8N3'", "'8N'", "'8N1 '", "'8N1.5'"]),
        ("dialect", &["'escpos-generic'"], &["'nope'", "'/no/file.toml'", "'../x'"]),
        ("code_page", &["'cp437'", "'windows-1252'", "'shift_jis'"], &["'cp1'", "'klingon'", "858"]),
        ("adapter", &["'hci12'", "'00:1A:7D:DA:71:13'"], &["'hci'", "'hciX'", "'00:1A:7D:DA:71'", "'0:1:2:3:4:5'"]),
        ("power_on", &["true", "false"], &["1", "'yes'"]),
        ("silence_s", &["0", "5", "3600"], &["4", "3601", "-1", "'60'"]),
        ("match", &["{ ibeacon = 'F7826DA64FA24E988024BC5B71E0893E', major = 0, minor = 65535 }"],
            &["{ ibeacon = 'f7826da64fa24e988024bc5b71e0893', major = 0, minor = 0 }",
              "{ ibeacon = 'f7826da6-4fa24e98-8024-bc5b-71e0893e', major = 0, minor = 0 }",
              "{ ibeacon = 'f7826da64fa24e988024bc5b71e0893e', major = 0, minor = 65536 }",
              "{ eddystone = '00112233445566778899' }", "{ major = 1 }", "{}",
              "{ eddystone = '0011-2233445566778899', instance = '001122334455' }"]),
    ];
    for (key, taken, refused) in cases {
        for value in taken {
            let said = with(key, value).err();
            assert!(said.is_none(), "{key} = {value}: {said:?}");
        }
        for value in refused {
            assert!(with(key, value).is_err(), "{key} = {value} was taken");
        }
    }
}

#[test]
fn a_file_of_a_windows_editor_is_read_as_any_other() {
    let text = format!("\u{feff}{}", FULL.replace('\n', "\r\n"));
    assert!(parse(&text, "f", &Bare).is_ok());
    let mistakes = parse(&text.replace("9600", "96"), "f", &Bare).unwrap_err();
    assert_eq!((mistakes[0].line, mistakes[0].column), (19, 8));
}

#[test]
fn a_mistake_is_file_line_column_message_and_a_hint_below() {
    let said = with("currency", "'EURO'").unwrap_err()[0].to_string();
    let expected =
        "f:7:12: `currency`: `EURO` is no currency of ISO 4217\n  hint: did you mean `EUR`?";
    assert_eq!(said, expected);
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
    let begun = did_you_mean("idle", ["dle", "idle_ms"]);
    assert_eq!(begun.as_deref(), Some("did you mean `idle_ms`?"));
}

#[test]
fn a_catalogue_file_that_is_too_long_is_refused_unread() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), vec![b'x'; 11]).unwrap();
    let error = System.read(file.path(), 10).unwrap_err();
    assert_eq!(error.to_string(), "it is longer than 10 bytes");
    assert_eq!(System.read(file.path(), 11).unwrap().len(), 11);
}
