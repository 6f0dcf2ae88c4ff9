//! `tillgate capture` and `learn` on a real pty: what is recorded replays like the bytes themselves.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use serialport::{SerialPort as _, TTYPort};

const RECEIPTS: &[u8] = b"\x1b@\x1bE\x01CORNER SHOP\n\x1bE\x00Receipt 7\nTea\x1b$\x80\x002,50\n\
    Total  2,50\nVisa  2,50\nCARD 4111 1111 11\x1bE\x0111 1111\n\x1bp\x00\x19\x19\x1dV\x00\
    \x1b@CORNER SHOP\nReceipt 8\nTea  2,50\nTotal  2,50\nCash  2,50\n\x1dV\x00";

/// A command that listens to a pty, with the till's side of it.
pub struct Listening {
    port: String,
    till: TTYPort,
    child: Child,
    errors: BufReader<ChildStderr>,
}

impl Listening {
    /// Starts `tillgate COMMAND PORT ARGS…` in `folder` and waits until it says that it listens.
    pub fn start(folder: &Path, command: &str, args: &[&str], says: &str) -> Self {
        // A child of another test may hold on to the pty: then another one is taken.
        let started = (0..20).find_map(|_| Self::try_start(folder, command, args, says));
        started.unwrap_or_else(|| panic!("it never says {says:?}"))
    }

    fn try_start(folder: &Path, command: &str, args: &[&str], says: &str) -> Option<Self> {
        let (mut till, slave) = TTYPort::pair().unwrap();
        till.set_timeout(Duration::from_secs(20)).unwrap();
        let port = slave.name().unwrap();
        drop(slave);
        let mut child = Command::new(env!("CARGO_BIN_EXE_tillgate"))
            .current_dir(folder)
            .args([command, &port])
            .args(args)
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains(says) {
            line.clear();
            if errors.read_line(&mut line).unwrap() == 0 {
                assert_eq!(child.wait().unwrap().code(), Some(75));
                return None;
            }
        }
        Some(Self { port, till, child, errors })
    }

    /// Prints, and waits for the end; what was said on the way.
    pub fn print(mut self, bytes: &[u8]) -> (Option<i32>, String, String) {
        self.till.write_all(bytes).unwrap();
        let errors: Vec<String> = self.errors.lines().map(Result::unwrap).collect();
        let output = self.child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), errors.join("\n"))
    }
}

fn replay(folder: &Path, file: &str, flag: &str) -> String {
    let args = ["replay", file, "--dialect", "escpos-comma", flag];
    let output = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .current_dir(folder)
        .args(args)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_recording_replays_like_the_bytes_and_holds_no_card() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let args = ["-o", "till.tgcap", "--documents", "2"];
    let (code, _, said) = Listening::start(folder, "capture", &args, "recording").print(RECEIPTS);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("till.tgcap: 2 documents"), "{said}");
    std::fs::write(folder.join("till.bin"), RECEIPTS).unwrap();
    for flag in ["--lines", "--json"] {
        assert_eq!(replay(folder, "till.tgcap", flag), replay(folder, "till.bin", flag));
    }
    let recording = std::fs::read_to_string(folder.join("till.tgcap")).unwrap();
    for line in
        ["tgcap 1\ninfo port /dev/pts/", "info settings 9600 8N1", "info bytes 161\n", " kick\n"]
    {
        assert!(recording.contains(line), "{line:?} is not in\n{recording}");
    }
    assert!(recording.contains("CARD **** **** **** 1111"), "{recording}");
    assert!(!recording.contains("4111"), "{recording}");
}

#[test]
fn a_port_is_learnt_with_its_speed() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["-o", "till.toml", "--documents", "2"];
    let listening = Listening::start(folder.path(), "learn", &args, "listening at 9600 8N1");
    let (code, _, said) = listening.print(RECEIPTS);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("% make sense"), "{said}");
    assert!(!said.contains("4111") && !said.contains("34 31 31 31"), "{said}");
    let dialect = std::fs::read_to_string(folder.path().join("till.toml")).unwrap();
    assert!(dialect.contains("# The port: 9600 8N1."), "{dialect}");
    assert!(dialect.contains("extends = \"escpos-comma\""), "{dialect}");
}

#[test]
fn noise_is_another_speed() {
    let folder = tempfile::tempdir().unwrap();
    let noise: Vec<u8> = (0..256u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut listening =
        Listening::start(folder.path(), "learn", &["--documents", "2"], "listening at 9600 8N1");
    listening.till.write_all(&noise).unwrap();
    let mut line = String::new();
    while !line.contains("listening at 19200 8N1") {
        line.clear();
        assert_ne!(
            listening.errors.read_line(&mut line).unwrap(),
            0,
            "it never tries another speed"
        );
    }
    let (code, _, said) = listening.print(RECEIPTS);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_port_that_another_program_holds_is_not_disturbed() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["-o", "till.tgcap", "--documents", "2"];
    let first = Listening::start(folder.path(), "capture", &args, "recording");
    let output = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .current_dir(folder.path())
        .args(["capture", &first.port, "-o", "second.tgcap"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(75), "{said}");
    assert!(said.contains("another program holds it") && said.contains("journalctl"), "{said}");
    let (code, _, said) = first.print(RECEIPTS);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn what_is_no_port_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = |source: &str| {
        let args = ["capture", source, "-o", "x.tgcap", "--config", "none.toml"];
        let output = Command::new(env!("CARGO_BIN_EXE_tillgate"))
            .current_dir(folder.path())
            .args(args)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = run("/dev/no-such-port");
    assert_eq!((code, said.contains("there is nothing")), (Some(75), true), "{said}");
    let (code, said) = run("till-9");
    assert_eq!((code, said.contains("none.toml")), (Some(78), true), "{said}");
}

#[test]
fn what_a_scanner_or_a_display_says_holds_no_card_without_a_dialect() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let number = "4539573893556710";
    let cells: String =
        number.chars().zip('\x01'..).map(|(c, at)| format!("\x1f${at}\x01{c}")).collect();
    for bytes in [
        format!("]Q1{number}\r\n"),
        format!("]C101095060001343528200{number}\r\n"),
        format!("]C1010950600013435221{number}\x1d10ABC\r\n"),
        format!("\x0cCARD {}\x1f\x24\x01\x020", &number[..15]),
        format!("\x0c{cells}"),
    ] {
        let args = ["-o", "x.tgcap", "--force", "--seconds", "2"];
        Listening::start(folder, "capture", &args, "recording").print(bytes.as_bytes());
        let recorded = std::fs::read_to_string(folder.join("x.tgcap")).unwrap();
        let digits: String = recorded.chars().filter(char::is_ascii_digit).collect();
        assert!(recorded.contains('*') && !digits.contains("45395738"), "{recorded}");
    }
}
