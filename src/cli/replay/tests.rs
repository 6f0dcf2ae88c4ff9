//! Flags that change how a capture is read.

use clap::Parser as _;

use super::*;

#[derive(clap::Parser)]
struct Command {
    #[command(flatten)]
    args: Args,
}

/// The laid-out lines of `capture`, read with `flags`.
fn lines(capture: &[u8], flags: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("capture");
    std::fs::write(&path, capture).unwrap();
    let line = ["replay", path.to_str().unwrap(), "--lines", "--dialect"];
    let command = Command::try_parse_from(line.iter().chain(flags)).unwrap();
    let mut out = Vec::new();
    replay(&command.args, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_code_page_of_the_command_line_goes_before_that_of_the_dialect() {
    let check = |flags: &[&str], expected: &str| {
        for dialect in ["text-generic", "escpos-generic"] {
            let flags: Vec<&str> = [dialect].into_iter().chain(flags.iter().copied()).collect();
            assert_eq!(lines(b"K\x84SE 1.00\n", &flags), expected, "{flags:?}");
        }
    };
    check(&[], "KäSE 1.00\n");
    check(&["--code-page", "windows-1252"], "K„SE 1.00\n");
    check(&["--code-page", "cp866"], "KДSE 1.00\n");
}

#[test]
fn a_code_page_that_does_not_exist_is_wrong_usage() {
    let line = ["replay", "-", "--dialect", "text-generic", "--code-page", "klingon"];
    assert!(Command::try_parse_from(line).is_err());
}
