//! `tillgate watch` on a real pty, not on a terminal: plain lines of what became of what is printed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use serialport::{SerialPort as _, TTYPort};

#[test]
fn lines_are_shown_with_what_became_of_them_and_with_their_events() {
    let (mut till, slave) = TTYPort::pair().unwrap();
    let port = slave.name().unwrap();
    drop(slave);
    let mut child = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["watch", &port, "--dialect", "escpos-comma", "--documents", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    assert!(first.contains("escpos-comma  9600 8N1  listening"), "{first}");
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
