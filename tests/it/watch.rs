//! `tillgate watch` on real ptys: plain lines of what became of what is printed, and panels on a terminal's screen.

mod vt;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use rustix::termios::{Winsize, tcsetwinsize};
use serialport::{SerialPort as _, TTYPort};

use vt::Vt;

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
    let at = |words: &str| squeezed.iter().position(|shown| shown.starts_with(words));
    assert!(at("SHOP") < at("Tea") && at("Bar") < at("*"), "not as on the paper:\n{shown}");
    assert!(shown.contains("2.50, 1 lines, checks passed"), "{shown}");
    assert!(!shown.contains("41111"), "{shown}");
    assert!(!shown.contains('\x1b'), "{shown}");
}

/// `watch` with a terminal of its own, and the device that it watches.
struct Watching {
    device: Option<TTYPort>,
    terminal: TTYPort,
    /// The command's side of the terminal.
    inside: File,
    child: Child,
    vt: Vt,
}

/// Runs a command without this process's files: one that held the device's side of its port would keep it plugged in.
const CLOSED: &str = "for fd in /proc/self/fd/*; do fd=${fd##*/}; if (( fd > 2 )); then eval \"exec $fd>&-\"; fi; done; \
    exec \"$0\" \"$@\"";

fn set_size(terminal: &File, rows: u16, columns: u16) {
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(terminal, size).unwrap();
}

impl Watching {
    fn start(rows: u16, columns: u16, dialect: &str) -> Self {
        // A child of another test may hold on to the pty: then another one is taken.
        let started = (0..20).find_map(|_| Self::try_start(rows, columns, dialect));
        started.expect("a pty of its own")
    }

    fn try_start(rows: u16, columns: u16, dialect: &str) -> Option<Self> {
        let (device, port) = TTYPort::pair().unwrap();
        let name = port.name().unwrap();
        drop(port);
        let (mut terminal, inside) = TTYPort::pair().unwrap();
        terminal.set_timeout(Duration::from_secs(30)).unwrap();
        let path = inside.name().unwrap();
        let inside = File::options().read(true).write(true).open(path).unwrap();
        set_size(&inside, rows, columns);
        let child = Command::new("bash")
            .args(["-c", CLOSED, env!("CARGO_BIN_EXE_tillgate")])
            .args(["watch", &name, "--dialect", dialect])
            .stdin(inside.try_clone().unwrap())
            .stdout(inside.try_clone().unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let vt = Vt::new(usize::from(rows), usize::from(columns));
        let mut watching = Self { device: Some(device), terminal, inside, child, vt };
        let mut was_shown = false;
        watching.until(|vt| {
            was_shown |= vt.alternate;
            vt.text().contains("listening") || (was_shown && !vt.alternate)
        });
        if watching.vt.alternate {
            return Some(watching);
        }
        assert_eq!(watching.child.wait().unwrap().code(), Some(75));
        None
    }

    fn say(&mut self, bytes: &[u8]) {
        self.device.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// Reads the screen until it is like that.
    fn until(&mut self, mut holds: impl FnMut(&Vt) -> bool) {
        let mut bytes = [0; 4096];
        while !holds(&self.vt) {
            match self.terminal.read(&mut bytes) {
                Ok(count) => self.vt.feed(&bytes[..count]),
                Err(error) => panic!("{error}: the screen is\n{}", self.vt.text()),
            }
        }
        assert_eq!(self.vt.left_bounds, 0, "{}", self.vt.text());
        if std::env::var_os("SHOW_SCREENS").is_some() {
            println!("{}\n{}", "=".repeat(80), self.vt.text());
        }
    }

    /// Until the last row is drawn and these are there.
    fn shows(&mut self, words: &[&str]) {
        self.until(|vt| {
            words.iter().all(|word| vt.text().contains(word)) && vt.text().ends_with("Ctrl-C ends")
        });
    }

    fn interrupt(&mut self) {
        let done = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(done.unwrap().success());
        self.until(|vt| !vt.alternate && vt.cursor);
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const RECEIPT: &[u8] = b"\x1b@SHOP WITH A NAME THAT IS RATHER LONG INDEED\nReceipt 4711\n\
    Tea                                   2,50\nTotal                                 2,50\n\
    Bar                                   3,00\nZur\x81ck                                0,50\n\x1dV\x00";

#[test]
fn a_receipt_is_shown_within_the_bounds_of_a_screen() {
    for (rows, columns) in [(24, 80), (10, 40)] {
        let mut watching = Watching::start(rows, columns, "escpos-comma");
        assert!(!watching.vt.cursor);
        watching.say(RECEIPT);
        watching.shows(&[
            "listening",
            "2,50 total",
            "2.50, 1 lines",
            "checks passed",
            "1 documents",
        ]);
        // A till of many receipts moves up and never out.
        watching.say(&RECEIPT.repeat(20));
        watching.shows(&["21 documents"]);
        watching.interrupt();
    }
}

#[test]
fn a_screen_that_changes_its_size_is_drawn_anew() {
    let mut watching = Watching::start(24, 80, "escpos-comma");
    watching.say(RECEIPT);
    watching.shows(&["checks passed"]);
    for (rows, columns) in [(10, 40), (30, 120), (4, 20)] {
        // Nothing is printed meanwhile.
        watching.vt.resize(usize::from(rows), usize::from(columns));
        set_size(&watching.inside, rows, columns);
        let last = usize::from(rows) - 1;
        watching.until(|vt| vt.text().lines().nth(last) == Some("Ctrl-C ends"));
    }
    watching.interrupt();
}

#[test]
fn a_machine_is_shown_with_what_its_records_mean() {
    let folder = tempfile::tempdir().unwrap();
    let dialect = folder.path().join("machine.toml");
    let records = "schema = 1\nid = \"machine\"\n[framer]\nkind = \"delimited\"\ncheck = { algorithm = \"xor\" }\n\
        [fields]\nseparator = \"|\"\n\
        [[record]]\nmatch = { field = 0, is = \"S\" }\nevent = \"item\"\nfields = { desc = 1, amount = 2 }\n\
        [[record]]\nmatch = { field = 0, is = \"T\" }\nevent = \"total\"\nfields = { amount = 1 }\n\
        [[record]]\nmatch = { field = 0, is = \"P\" }\nevent = \"tender\"\nset = { tender = \"CASH\" }\n\
        fields = { amount = 1 }\nends = true\n";
    std::fs::write(&dialect, records).unwrap();
    let mut watching = Watching::start(24, 80, dialect.to_str().unwrap());
    for record in ["S|Tea|2.50", "S|4111111111111111|1.00", "X|what is this", "T|3.50", "P|3.50"] {
        let check = record.bytes().fold(3, |sum, byte| sum ^ byte);
        watching.say(&[&[2], record.as_bytes(), &[3, check]].concat());
    }
    watching.shows(&[
        "S | Tea | 2.50                           item",
        "! nobody",
        "tender",
        "3.50, 2 lines",
        "1 documents",
    ]);
    assert!(!watching.vt.text().contains("41111"), "{}", watching.vt.text());
    watching.interrupt();
}

#[test]
fn scans_and_weights_are_shown() {
    let mut watching = Watching::start(10, 80, "scanner-aim");
    watching.say(b"]E04006381333931\r");
    watching.shows(&["EAN13 4006381333931", "scan", "scanned 04006381333931"]);
    watching.interrupt();
    let mut watching = Watching::start(10, 80, "scale-toledo-8217");
    watching.say(b"\x0201250\r\x0201250\r");
    watching.shows(&["1250 g", "weight"]);
    watching.interrupt();
}

#[test]
fn a_device_that_is_unplugged_is_told_and_waited_for() {
    let mut watching = Watching::start(24, 80, "escpos-comma");
    watching.say(RECEIPT);
    watching.shows(&["checks passed"]);
    drop(watching.device.take());
    watching.shows(&["UNPLUGGED", "checks passed"]);
    watching.interrupt();
}
