//! The BLE source against a fake bluetoothd on a private bus, over the real btleplug.
//!
//! libdbus takes the address of the system bus from the environment, so the source runs in a process of its own:
//! this test binary again, which then only scans and writes each reading as a line.
#![allow(
    clippy::print_stderr,
    reason = "that is how the two processes talk, and how a skip is said loudly"
)]

mod adverse;
mod outside;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use dbus::Message;
use dbus::channel::Channel;
use tillgate::clock::Clock;
use tillgate::config::BluezReceiver;
use tillgate::source::{Body, Outlet, Reading, SourceId, Stop, bluez};
use tillgate::{limits, source};
use tillgate_sim::bluez::{ADAPTER_ADDRESS, Advertisement, Answers, FakeBluez};
use tokio::sync::{mpsc, watch};

const DEADLINE: Duration = Duration::from_secs(30);
/// How long nothing must come where nothing may come.
const QUIET: Duration = Duration::from_millis(500);
/// Set in the process that scans; its value is the adapter, or empty.
const SCANNER: &str = "TILLGATE_TEST_SCANNER";

/// Set there where an adapter that is found switched off is left alone.
const STAYS_OFF: &str = "TILLGATE_TEST_SCANNER_STAYS_OFF";

const TAG: [u8; 6] = [0xaa, 0xbb, 0xcc, 0, 0, 1];
const SOON: Duration = Duration::from_millis(20);

/// A system bus of our own.
struct Bus {
    folder: tempfile::TempDir,
    daemon: Child,
}

impl Bus {
    /// `None` without a dbus-daemon, which is said loudly.
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "<busconfig><type>session</type><listen>{}</listen><auth>EXTERNAL</auth>\
             <policy context='default'><allow send_destination='*' eavesdrop='true'/>\
             <allow eavesdrop='true'/><allow own='*'/></policy></busconfig>",
            address(folder.path())
        );
        std::fs::write(folder.path().join("bus.conf"), config).unwrap();
        let daemon = daemon(folder.path())?;
        Some(Self { folder, daemon })
    }

    fn address(&self) -> String {
        address(self.folder.path())
    }

    fn restart(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
        self.daemon = daemon(self.folder.path()).unwrap();
    }

    /// How many programs are connected, the one that asks included.
    fn connections(&self) -> usize {
        let mut bus = Channel::open_private(&self.address()).unwrap();
        bus.register().unwrap();
        let own = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
        let ask = Message::new_method_call(own.0, own.1, own.0, "ListNames").unwrap();
        let names: Vec<String> =
            bus.send_with_reply_and_block(ask, DEADLINE).unwrap().read1().unwrap();
        names.iter().filter(|name| name.starts_with(':')).count()
    }

    fn bluetoothd(&self) -> FakeBluez {
        FakeBluez::start(&self.address()).unwrap()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn address(folder: &Path) -> String {
    format!("unix:path={}/bus", folder.display())
}

/// Returns once it listens.
fn daemon(folder: &Path) -> Option<Child> {
    let _ = std::fs::remove_file(folder.join("bus"));
    let mut command = Command::new("dbus-daemon");
    command.arg(format!("--config-file={}/bus.conf", folder.display()));
    command.args(["--nofork", "--print-address"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut daemon) = command.spawn() else {
        eprintln!("\n*** SKIPPED: no dbus-daemon here, so the BLE source is not tested ***\n");
        return None;
    };
    let mut line = String::new();
    BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("unix:"), "dbus-daemon said {line:?}");
    Some(daemon)
}

/// The process that scans. It ends when its input does.
struct Scanner {
    process: Child,
    lines: Receiver<String>,
}

impl Scanner {
    /// `test` is the full name of the test that calls [`scans`] first.
    fn start(test: &str, bus: &Bus, adapter: &str) -> Self {
        Self::start_with(test, bus, adapter, &[])
    }

    /// The same, with something more in its environment.
    fn start_with(test: &str, bus: &Bus, adapter: &str, set: &[(&str, &str)]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--nocapture"]).env(SCANNER, adapter);
        command.envs(set.iter().copied());
        command.env("DBUS_SYSTEM_BUS_ADDRESS", bus.address());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (sender, lines) = channel();
        let output = BufReader::new(process.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                match line.strip_prefix("READING ") {
                    Some(reading) => drop(sender.send(reading.to_owned())),
                    None => eprintln!("scanner: {line}"),
                }
            }
        });
        Self { process, lines }
    }

    fn next(&self) -> String {
        self.lines.recv_timeout(DEADLINE).unwrap()
    }

    /// The next reading is `expected`.
    fn says(&self, expected: &str) {
        assert_eq!(self.next(), expected);
    }

    /// `expected` comes, whatever is said before.
    fn says_at_last(&self, expected: &str) {
        while self.next() != expected {}
    }

    fn is_quiet(&self) {
        assert_eq!(self.lines.recv_timeout(QUIET), Err(RecvTimeoutError::Timeout));
    }
}

impl Drop for Scanner {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// In the process that scans: scans until the input ends, and returns true.
fn scans() -> bool {
    let Ok(adapter) = std::env::var(SCANNER) else { return false };
    let (sender, mut readings) = mpsc::channel(limits::READINGS_QUEUE);
    let (stop, stopped) = watch::channel(false);
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = stop.send(true);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let out = Outlet::for_events(SourceId(0), sender);
        let adapter = Some(adapter).filter(|adapter| !adapter.is_empty());
        let receiver = BluezReceiver {
            adapter,
            power_on: std::env::var_os(STAYS_OFF).is_none(),
            silence: Some(limits::RADIO_SILENCE),
        };
        tokio::spawn(bluez::run(receiver, Clock::start(), out, Stop::new(stopped)));
        while let Some(Reading { body, .. }) = readings.recv().await {
            eprintln!("READING {}", shown(&body));
        }
        eprintln!("READING the end");
    });
    true
}

fn shown(body: &Body) -> String {
    match body {
        Body::Advert(source::Advert { address, random, rssi, manufacturer, service }) => {
            let kind = if *random { " random" } else { "" };
            let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
            let parts = manufacturer.iter().chain(service);
            let parts: Vec<String> =
                parts.map(|(id, data)| format!("{id:04x}={}", hex(data))).collect();
            format!("{}{kind} {rssi} {}", hex(address), parts.join(" "))
        }
        other => format!("{other:?}"),
    }
}

fn numbered(n: u32) -> Advertisement {
    // The strength changes with some and not with others, as it does in a store.
    let device = (n % 10) as u8;
    let rssi = -60 - i16::from((n / 30 % 3) as u8);
    Advertisement::new([0xaa, 0xbb, 0xcc, 0, 1, device], rssi)
        .with_manufacturer(0xffff, &n.to_be_bytes())
}

#[test]
fn two_hundred_adverts_a_second_arrive_without_a_gap() {
    if scans() {
        return;
    }
    let Some(bus) = Bus::start() else { return };
    let bluetoothd = bus.bluetoothd();
    let name = "beacons::two_hundred_adverts_a_second_arrive_without_a_gap";
    let scanner = Scanner::start(name, &bus, "");
    scanner.says("Up");
    assert_eq!(bluetoothd.status().filter, ["DuplicateData=1", "RSSI=-127", "Transport=le"]);

    bluetoothd.hear((0..10).map(numbered).collect(), SOON);
    for _ in 0..10 {
        scanner.next();
    }
    bluetoothd.hear((10..2010).map(numbered).collect(), Duration::from_millis(5));
    for n in 10..2010_u32 {
        let line = scanner.next();
        assert!(line.ends_with(&format!("ffff={n:08x}")), "{line} instead of number {n}");
    }
    scanner.is_quiet();
}

#[test]
fn the_first_advert_of_a_new_device_is_not_lost() {
    if scans() {
        return;
    }
    let Some(bus) = Bus::start() else { return };
    let bluetoothd = bus.bluetoothd();
    let scanner = Scanner::start("beacons::the_first_advert_of_a_new_device_is_not_lost", &bus, "");
    scanner.says("Up");
    let first = |n| Advertisement {
        random: true,
        ..Advertisement::new([0xc0, 0, 0, 0, 0, n], -70).with_service(0xfeaa, &[0, n])
    };
    bluetoothd.hear((0..50).map(first).collect(), SOON);
    for n in 0..50 {
        scanner.says(&format!("c000000000{n:02x} random -70 feaa=00{n:02x}"));
    }
}

#[test]
fn a_daemon_that_dies_or_stops_scanning_is_survived() {
    if scans() {
        return;
    }
    let Some(bus) = Bus::start() else { return };
    let name = "beacons::a_daemon_that_dies_or_stops_scanning_is_survived";
    let scanner = Scanner::start(name, &bus, &ADAPTER_ADDRESS.to_lowercase());
    scanner.says("Down(Radio(\"bluetoothd does not answer\"))");

    let bluetoothd = bus.bluetoothd();
    scanner.says("Up");
    drop(bluetoothd);
    scanner.says("Down(Radio(\"bluetoothd does not answer\"))");

    // Killed and started again before anybody looked.
    drop(bus.bluetoothd());
    let bluetoothd = bus.bluetoothd();
    scanner.says("Up");
    let steadily = |n: u8| {
        let advert = Advertisement::new(TAG, -60).with_manufacturer(0xffff, &[n]);
        vec![advert; 400]
    };
    let often = Duration::from_millis(100);
    bluetoothd.hear(steadily(1), often);
    scanner.says_at_last("aabbcc000001 -60 ffff=01");

    let starts = bluetoothd.status().starts;
    bluetoothd.stop_discovery();
    assert!(bluetoothd.waits_for(DEADLINE, |status| status.starts > starts));
    scanner.says_at_last("aabbcc000001 -60 ffff=01");

    bluetoothd.power(false);
    scanner.says_at_last("Down(Radio(\"the Bluetooth adapter is switched off\"))");
    bluetoothd.power(true);
    scanner.says("Up");
    scanner.says_at_last("aabbcc000001 -60 ffff=01");

    bluetoothd.plug(None);
    scanner.says_at_last("Down(Radio(\"there is no such Bluetooth adapter\"))");
    bluetoothd.plug(Some(0));
    scanner.says("Up");
    scanner.says_at_last("aabbcc000001 -60 ffff=01");
}

#[test]
fn a_daemon_that_hangs_costs_a_new_connection_and_leaves_none_behind() {
    if scans() {
        return;
    }
    let Some(bus) = Bus::start() else { return };
    let bluetoothd = bus.bluetoothd();
    let name = "beacons::a_daemon_that_hangs_costs_a_new_connection_and_leaves_none_behind";
    let scanner = Scanner::start(name, &bus, "");
    scanner.says("Up");
    let before = bus.connections();
    bluetoothd.hang(true);
    scanner.says("Down(Radio(\"the system bus does not answer\"))");
    bluetoothd.hang(false);
    scanner.says("Up");
    assert_eq!(bus.connections(), before);
    bluetoothd.hear(vec![numbered(3)], SOON);
    scanner.says("aabbcc000103 -60 ffff=00000003");
}

#[test]
fn a_bus_that_dies_is_survived() {
    if scans() {
        return;
    }
    let Some(mut bus) = Bus::start() else { return };
    let _bluetoothd = bus.bluetoothd();
    let scanner = Scanner::start("beacons::a_bus_that_dies_is_survived", &bus, "hci0");
    scanner.says("Up");
    bus.restart();
    let bluetoothd = bus.bluetoothd();
    scanner.says_at_last("Up");
    bluetoothd.hear(vec![numbered(7)], SOON);
    scanner.says("aabbcc000107 -60 ffff=00000007");
}

#[test]
fn what_is_malformed_is_passed_over() {
    if scans() {
        return;
    }
    let Some(bus) = Bus::start() else { return };
    let bluetoothd = bus.bluetoothd();
    let mut scanner = Scanner::start("beacons::what_is_malformed_is_passed_over", &bus, "");
    scanner.says("Up");
    let tag = |last| [0xaa, 0, 0, 0, 0, last];
    bluetoothd.hear_wrong_types(tag(1));
    bluetoothd.hear_without_address(tag(2));
    let long = Advertisement::new(tag(3), -60).with_manufacturer(1, &[0; 300]);
    let unknown = Advertisement::new(tag(4), 127).with_manufacturer(1, &[4]);
    let mut private = Advertisement::new(tag(5), -60).with_manufacturer(1, &[5]);
    private.service.push(("12345678-1234-1234-1234-123456789abc".to_owned(), vec![1]));
    private.service.push(("nonsense".to_owned(), vec![1]));
    bluetoothd.hear(vec![long.clone(), long, unknown.clone(), unknown, private], SOON);
    scanner.says("aa0000000005 -60 0001=05");
    bluetoothd.hear_wrong_types(tag(5));
    scanner.is_quiet();

    drop(scanner.process.stdin.take());
    scanner.says("the end");
    assert!(!bluetoothd.status().discovering, "the scan is stopped with the source");
}
