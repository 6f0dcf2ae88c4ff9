//! Serial sources on real ptys. No sleeping: each test waits for readings, with a deadline that only a failure
//! reaches.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use serialport::{SerialPort as _, TTYPort};
use tillgate::clock::Clock;
use tillgate::config::{LineFormat, Parity, SerialLine};
use tillgate::limits;
use tillgate::source::{Body, DownReason, Outlet, Reading, SourceCounters, SourceId, Stop, serial};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(20);
/// How long nothing must come where nothing may come.
const QUIET: Duration = Duration::from_millis(700);
/// Set in the process that only holds a port.
const HOLD: &str = "TILLGATE_TEST_HOLD";

const PLAIN: LineFormat = LineFormat { data_bits: 8, parity: Parity::None, stop_bits: 1 };

/// The till's side of a cable.
struct Cable {
    master: TTYPort,
    path: PathBuf,
}

impl Cable {
    fn new() -> Self {
        let (mut master, slave) = TTYPort::pair().unwrap();
        master.set_timeout(DEADLINE).unwrap();
        let path = slave.name().unwrap().into();
        Self { master, path }
    }

    async fn print(mut self, bytes: &[u8]) -> Self {
        let bytes = bytes.to_vec();
        let write = move || self.master.write_all(&bytes).map(|()| self);
        spawn_blocking(write).await.unwrap().unwrap()
    }
}

/// A running source.
struct Source {
    readings: mpsc::Receiver<Reading>,
    counters: Arc<SourceCounters>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Source {
    fn start(port: &Path, format: LineFormat, queue: usize) -> Self {
        let (sender, readings) = mpsc::channel(queue);
        let (stop, stopped) = watch::channel(false);
        let out = Outlet::for_bytes(SourceId(0), sender);
        let counters = out.counters();
        let line = SerialLine { port: port.into(), baud: 9600, format };
        let run = serial::run(line, Clock::start(), out, Stop::new(stopped), 1);
        Self { readings, counters, stop, task: tokio::spawn(run) }
    }

    fn on(port: &Path) -> Self {
        Self::start(port, PLAIN, 100)
    }

    async fn next(&mut self) -> Body {
        timeout(DEADLINE, self.readings.recv()).await.unwrap().unwrap().body
    }

    /// Collects `count` bytes; anything else is a failure.
    async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut got = Vec::new();
        while got.len() < count {
            match self.next().await {
                Body::Bytes(bytes) => got.extend(bytes),
                other => panic!("{other:?} after {} bytes", got.len()),
            }
        }
        got
    }

    async fn stays_quiet(&mut self) {
        let reading = timeout(QUIET, self.readings.recv()).await;
        assert!(reading.is_err(), "{reading:?}");
    }

    async fn stop(self) {
        self.stop.send(true).unwrap();
        timeout(DEADLINE, self.task).await.unwrap().unwrap();
    }
}

/// The link goes first: the number of a closed pty is soon another test's.
fn unplug(cable: Cable, link: &Path) {
    std::fs::remove_file(link).unwrap();
    drop(cable);
}

#[tokio::test]
async fn every_byte_arrives_in_order() {
    let cable = Cable::new();
    let mut source = Source::on(&cable.path);
    assert_eq!(source.next().await, Body::Up);
    let every: Vec<u8> = (0..20_000_u32).map(|n| (n * 7 % 256) as u8).collect();
    let sent = [&[0x00, 0xff, 0x11, 0x13, 0x03, 0x04, 0x0d, 0x0a, 0x1a], &every[..]].concat();
    let _cable = cable.print(&sent).await;
    assert_eq!(source.bytes(sent.len()).await, sent);
    assert_eq!(source.counters.bytes.load(Relaxed), sent.len() as u64);
}

#[tokio::test]
async fn an_idle_port_is_not_an_unplugged_one() {
    let cable = Cable::new();
    let mut source = Source::on(&cable.path);
    assert_eq!(source.next().await, Body::Up);
    source.stays_quiet().await;
    let _cable = cable.print(b"still there").await;
    assert_eq!(source.bytes(11).await, b"still there");
}

#[tokio::test]
async fn an_unplug_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till");
    let cable = Cable::new();
    symlink(&cable.path, &path).unwrap();
    let mut source = Source::on(&path);
    assert_eq!(source.next().await, Body::Up);
    let cable = cable.print(b"last words").await;
    assert_eq!(source.bytes(10).await, b"last words");
    unplug(cable, &path);
    assert_eq!(source.next().await, Body::Down(DownReason::Unplugged));
    source.stays_quiet().await;
    assert_eq!(source.counters.opened.load(Relaxed), 1);
}

#[tokio::test]
async fn a_port_is_found_again_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till");
    let first = Cable::new();
    symlink(&first.path, &path).unwrap();
    let mut source = Source::on(&path);
    assert_eq!(source.next().await, Body::Up);

    unplug(first, &path);
    assert_eq!(source.next().await, Body::Down(DownReason::Unplugged));
    let second = Cable::new();
    symlink(&second.path, &path).unwrap();
    assert_eq!(source.next().await, Body::Up);
    let _second = second.print(b"back").await;
    assert_eq!(source.bytes(4).await, b"back");
}

#[tokio::test]
async fn a_path_that_leads_elsewhere_is_an_unplug() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till");
    let first = Cable::new();
    symlink(&first.path, &path).unwrap();
    let mut source = Source::on(&path);
    assert_eq!(source.next().await, Body::Up);
    let second = Cable::new();
    std::fs::remove_file(&path).unwrap();
    symlink(&second.path, &path).unwrap();
    assert_eq!(source.next().await, Body::Down(DownReason::Unplugged));
    assert_eq!(source.next().await, Body::Up);
    let _second = second.print(b"new").await;
    assert_eq!(source.bytes(3).await, b"new");
}

#[tokio::test]
async fn a_missing_node_is_told_once_and_opened_when_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till");
    let mut source = Source::on(&path);
    assert_eq!(source.next().await, Body::Down(DownReason::Missing));
    source.stays_quiet().await;
    let cable = Cable::new();
    symlink(&cable.path, &path).unwrap();
    assert_eq!(source.next().await, Body::Up);
}

#[tokio::test]
async fn a_file_is_no_port() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut source = Source::on(file.path());
    let reason = DownReason::Other("not a serial port".to_owned());
    assert_eq!(source.next().await, Body::Down(reason));
}

#[tokio::test]
async fn a_second_reader_finds_the_port_busy_until_the_first_stops() {
    let cable = Cable::new();
    let mut first = Source::on(&cable.path);
    assert_eq!(first.next().await, Body::Up);
    let mut second = Source::on(&cable.path);
    assert_eq!(second.next().await, Body::Down(DownReason::Busy));
    let cable = cable.print(b"for one").await;
    assert_eq!(first.bytes(7).await, b"for one");
    first.stop().await;
    assert_eq!(second.next().await, Body::Up);
    let _cable = cable.print(b"then the other").await;
    assert_eq!(second.bytes(14).await, b"then the other");
}

#[tokio::test]
async fn a_killed_holder_does_not_keep_the_port() {
    if let Some(path) = std::env::var_os(HOLD) {
        let mut source = Source::on(Path::new(&path));
        eprintln!("\nHOLDER {:?}", source.next().await);
        return std::future::pending().await;
    }
    let cable = Cable::new();
    let mut holder = Holder::start(&cable.path);
    let mut lines = BufReader::new(holder.0.stderr.take().unwrap()).lines();
    let said = lines.find_map(|line| line.unwrap().strip_prefix("HOLDER ").map(str::to_owned));
    assert_eq!(said.as_deref(), Some("Up"));

    let mut source = Source::on(&cable.path);
    assert_eq!(source.next().await, Body::Down(DownReason::Busy));
    drop(holder);
    assert!(others_can_open(&cable.path), "TIOCEXCL is left on the pty");
    assert_eq!(source.next().await, Body::Up);
}

/// A process of its own that holds a port until it is killed.
struct Holder(Child);

impl Holder {
    fn start(port: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["serial::a_killed_holder_does_not_keep_the_port", "--exact", "--nocapture"]);
        command.env(HOLD, port).stdout(Stdio::null()).stderr(Stdio::piped());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether a user without rights over everything can open `path`: root is never refused.
fn others_can_open(path: &Path) -> bool {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    std::fs::set_permissions(path, mode).unwrap();
    let open = format!("exec 3<>{}", path.display());
    let as_nobody = ["--reuid=65534", "--clear-groups", "sh", "-c", &open];
    match Command::new("setpriv").args(as_nobody).output() {
        Ok(output) if String::from_utf8_lossy(&output.stderr).contains("setpriv:") => {
            Command::new("sh").args(["-c", &open]).status().unwrap().success()
        }
        Ok(output) => output.status.success(),
        Err(_) => Command::new("sh").args(["-c", &open]).status().unwrap().success(),
    }
}

#[tokio::test]
async fn seven_bits_with_even_parity_are_read_through_eight() {
    let cable = Cable::new();
    let format = LineFormat { data_bits: 7, parity: Parity::Even, stop_bits: 1 };
    let mut source = Source::start(&cable.path, format, 100);
    assert_eq!(source.next().await, Body::Up);
    let even = |byte: u8| byte | ((byte.count_ones() as u8 % 2) << 7);
    let mut sent: Vec<u8> = b"TOTAL 12.30\r\n".iter().copied().map(even).collect();
    sent[0] ^= 0x80;
    let _cable = cable.print(&sent).await;
    assert_eq!(source.bytes(sent.len()).await, b"TOTAL 12.30\r\n");
    assert_eq!(source.counters.parity_errors.load(Relaxed), 1);
}

#[tokio::test]
async fn a_full_hand_over_loses_the_newest_says_so_and_goes_on() {
    let cable = Cable::new();
    let mut source = Source::start(&cable.path, PLAIN, 1);
    assert_eq!(source.next().await, Body::Up);
    let sent: Vec<u8> = (0..limits::READER_BUFFER + 100_000).map(|n| (n % 251) as u8).collect();
    let cable = cable.print(&sent).await;
    let all_read = async {
        while source.counters.bytes.load(Relaxed) < sent.len() as u64 {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, all_read).await.unwrap();
    let dropped = source.counters.dropped.load(Relaxed);
    assert!(dropped > 90_000, "only {dropped} dropped");

    let kept = sent.len() - dropped as usize;
    assert_eq!(source.bytes(kept).await, sent[..kept]);
    assert_eq!(source.next().await, Body::Overrun { bytes: dropped });
    let _cable = cable.print(b"and on").await;
    assert_eq!(source.bytes(6).await, b"and on");
}
