//! `tillgate replay` from outside: samples with what must be printed beside them, and every exit code.
//!
//! `UPDATE_GOLDEN=1` rewrites what must be printed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Runs the binary on bytes given on standard input.
fn replay(input: &[u8], args: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["replay", "-"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// A sample's bytes; `.hex` files hold them as digits.
fn sample(name: &str) -> Vec<u8> {
    let bytes = std::fs::read(folder().join(name)).unwrap();
    if !name.ends_with(".hex") {
        return bytes;
    }
    let digits: Vec<u8> = bytes.into_iter().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/replay")
}

/// Compares what is printed with `NAME.VIEW`, where the view is `lines`, `jsonl` or `table`.
fn check(name: &str, dialect: &str) {
    for (view, flag) in [("lines", Some("--lines")), ("jsonl", Some("--json")), ("table", None)] {
        let args: Vec<&str> = ["--dialect", dialect].into_iter().chain(flag).collect();
        let output = replay(&sample(name), &args);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let found = String::from_utf8(output.stdout).unwrap();
        let golden = folder().join(name).with_extension(view);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(found, expected, "{name} as {view}");
    }
}

/// The exit code and what standard error says.
fn refused(input: &[u8], args: &[&str]) -> (Option<i32>, String) {
    let output = replay(input, args);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_text_journal_replays_as_expected() {
    check("journal.txt", "text-generic");
}

#[test]
fn a_journal_in_utf_8_and_one_of_the_ibm_pc_read_the_same() {
    let args = ["--dialect", "text-generic", "--lines"];
    let utf8 = replay("Käse  2.00\nCafé  1.00\n".as_bytes(), &args);
    let cp437 = replay(b"K\x84se  2.00\nCaf\x82  1.00\n", &args);
    assert!(String::from_utf8(utf8.stdout.clone()).unwrap().contains("Käse  2.00"));
    assert_eq!(utf8.stdout, cp437.stdout);
}

#[test]
fn a_printer_stream_with_positioned_columns_replays_as_expected() {
    check("columns.hex", "escpos-generic");
}

#[test]
fn a_dialect_file_replays_like_a_built_in_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.toml");
    std::fs::write(&path, "schema = 1\nid = \"shop\"\nextends = \"text-generic\"\n").unwrap();
    let built_in = replay(&sample("journal.txt"), &["--json", "--dialect", "text-generic"]);
    let file = replay(&sample("journal.txt"), &["--json", "--dialect", path.to_str().unwrap()]);
    assert_eq!(file.stdout, built_in.stdout);
    assert!(!file.stdout.is_empty());
}

#[test]
fn the_flags_decide_ids_clock_currency_and_decimal_sign() {
    let args = ["--json", "--dialect", "text-generic", "--store-id", "9", "--gateway", "gw-x"];
    let more = ["--terminal", "till-9", "--start", "2027-02-03T04:05:06Z"];
    let money = ["--currency", "CHF", "--decimal", ","];
    let output =
        replay(b"TEE  2,50\nTOTAL  2,50\nBAR  2,50\n", &[&args[..], &more, &money].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "\"trace_id\":\"gw-x-pos-1-1\"",
        "\"source\":\"tillgate/gw-x/till-9\"",
        "\"partition_key\":\"store_9\"",
        "\"ingest_timestamp\":\"2027-02-03T04:05:06.000Z\"",
        "\"currency\":\"CHF\"",
        "\"total\":2.50,",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn an_unknown_command_gives_65_and_the_rest_is_printed() {
    let bytes = b"TEA 1.00\n\x1d\xf0TOTAL 1.00\n";
    let (code, stderr) = refused(bytes, &["--dialect", "escpos-generic"]);
    assert_eq!(code, Some(65), "{stderr}");
    assert!(stderr.starts_with("1 unknown commands, 0 payloads cut off, 0 documents too long"));
    let lines = replay(bytes, &["--dialect", "escpos-generic", "--lines"]).stdout;
    assert!(String::from_utf8(lines).unwrap().contains("TOTAL 1.00"));
}

#[test]
fn a_missing_file_gives_66() {
    let output = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["replay", "/nonexistent/capture.bin", "--dialect", "text-generic"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(66));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("/nonexistent/capture.bin: "));
}

#[test]
fn a_missing_file_and_a_bad_dialect_are_told_of_together() {
    let output = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["replay", "/nonexistent/capture.bin", "--dialect", "no-such-dialect"])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{told}");
    assert!(told.starts_with("/nonexistent/capture.bin: No such file"), "{told}");
    assert!(told.contains("dialect no-such-dialect: "), "{told}");
}

#[test]
fn a_bad_dialect_gives_78_with_every_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.toml");
    std::fs::write(&path, "schema = 1\nid = \"bad\"\ncolor = 1\n[framer]\nkind = 3\n").unwrap();
    let (code, stderr) = refused(b"", &["--dialect", path.to_str().unwrap()]);
    assert_eq!(code, Some(78));
    assert!(stderr.contains("bad.toml:3:1: unknown key `color`"), "{stderr}");
    assert!(
        stderr.contains("bad.toml:5:8: `kind`: this is a whole number, not a string"),
        "{stderr}"
    );
    let (code, stderr) = refused(b"", &["--dialect", "no-such-dialect"]);
    assert_eq!((code, stderr.contains("escpos-generic")), (Some(78), true), "{stderr}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let many = b"TEA  1.00\n".repeat(100_000);
    let mut child = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["replay", "-", "--dialect", "text-generic", "--lines"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let _ = child.stdin.take().unwrap().write_all(&many);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn bytes_with_parity_get_a_hint_where_the_dialect_reads_eight_bits() {
    let text = b"CORNER SHOP\nReceipt 7\nMilk  2.50\nTotal  2.50\nCash  2.50\n";
    let even = |byte: &u8| byte | ((byte.count_ones() as u8 & 1) << 7);
    let parity: Vec<u8> = text.iter().map(even).collect();
    let check = |input: &[u8], dialect: &str, hinted: bool| {
        let output = replay(input, &["--dialect", dialect]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.contains("the till sends 7E1"), hinted, "{dialect}: {said}");
    };
    check(&parity, "text-generic", true);
    check(&parity, "escpos-generic", true);
    check(&parity, "auto", false);
    check(text, "text-generic", false);
}
