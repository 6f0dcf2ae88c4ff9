//! `tillgate watch` on a real pty, not on a terminal: plain lines of what became of what is printed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use serialport::{SerialPort as _, TTYPort};

/// Starts the command and waits until it listens; nothing where another test's child holds on to the pty.
fn start() -> Option<(TTYPort, Child, BufReader<ChildStdout>)> {
    let (till, slave) = TTYPort::pair().unwrap();
    let port = slave.name().unwrap();
    drop(slave);
    let mut child = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["watch", &port, "--dialect", "escpos-comma", "--documents", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("escpos-comma  9600 8N1  listening") {
        line.clear();
        if out.read_line(&mut line).unwrap() == 0 {
            assert_eq!(child.wait().unwrap().code(), Some(75));
            return None;
        }
    }
    Some((till, child, out))
}

#[test]
fn lines_are_shown_with_what_became_of_them_and_with_their_events() {
    let (mut till, mut child, mut out) = (0..20).find_map(|_| start()).expect("a pty of its own");
    till.write_all(b"\x1b@SHOP\nTea  2,50\nTotal  2,50\nBar 2,50\n4111111111111111\n\x1dV\x00")
        .unwrap();
    let mut shown = String::new();
    out.read_to_string(&mut shown).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let squeezed: Vec<String> =
        shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in ["SHOP ! nobody", "Tea 2,50 item", "Total 2,50 total", "Bar 2,50 tender"] {
        assert!(squeezed.iter().any(|shown| shown == line), "{line:?} is not in\n{shown}");
    }
    assert!(shown.contains("2.50, 1 lines, checks passed"), "{shown}");
    assert!(!shown.contains("41111"), "{shown}");
    assert!(!shown.contains('\x1b'), "{shown}");
}
