//! Devices that are no ESC/POS printer: each built-in dialect by `tillgate replay`, and the built binary on ptys with
//! a Star printer, a scanner, a polled scale, a payment terminal and a transaction monitor at once.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serialport::{SerialPort as _, TTYPort};
use tempfile::TempDir;
use tillgate::decode::frame::check::{ByteOrder, CheckAlgorithm, CheckEncoding, CheckOptions};
use tillgate_events::{Body, Record};

use crate::support::agent::{Agent, accepted};
use crate::support::wait_for;

const STAR: &[u8] = b"\x1b@RECEIPT # 7\nTEA   1.00\nTOTAL   1.00\nCASH   1.00\n\x1bd\x02";
const SCAN: &[u8] = b"]E04006381333931\r";
const MONITOR: &[u8] =
    b"\r30\t17\n\r0\tCHLEB\t2\t2,00\t4,00\tA\n\r8\t0\t5,00\n\r9\t1,00\n\r2\t17\t4,00\n";
/// A stable weight of Toledo 8217.
const WEIGHT: &[u8] = b"\x0201.250\r";

/// Records between DLE STX and DLE ETX with their check.
fn zvt(records: &[&[u8]]) -> Vec<u8> {
    let crc = CheckOptions {
        algorithm: CheckAlgorithm::Crc16Kermit,
        order: ByteOrder::LowFirst,
        ..CheckOptions::default()
    };
    let frame = |record: &&[u8]| {
        let check = crc.written(&[record, b"\x03"]);
        let escaped: Vec<u8> =
            record.iter().flat_map(|byte| vec![*byte; if *byte == 0x10 { 2 } else { 1 }]).collect();
        [b"\x10\x02", &*escaped, b"\x10\x03", &check, b"\x06"].concat()
    };
    records.iter().flat_map(frame).collect()
}

/// 10.00 EUR are asked for, approved, done.
pub fn payment() -> Vec<u8> {
    zvt(&[
        b"\x06\x01\x0a\x04\x00\x00\x00\x00\x10\x00\x49\x09\x78",
        b"\x04\x0f\x0c\x27\x00\x04\x00\x00\x00\x00\x10\x00\x49\x09\x78",
        b"\x06\x0f\x00",
    ])
}

/// Runs `tillgate replay` on bytes; what it prints and its exit code.
fn replay(dialect: &str, input: &[u8], view: &[&str]) -> (String, Option<i32>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["replay", "-", "--dialect", dialect])
        .args(view)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

/// What `--json` and `--lines` must hold.
fn check(dialect: &str, input: &[u8], event: &str, line: &str) {
    let (events, code) = replay(dialect, input, &["--json"]);
    assert!(events.contains(event), "{dialect}: {event} is not in {events}");
    assert_eq!(code, Some(0), "{dialect}");
    let (lines, _) = replay(dialect, input, &["--lines"]);
    assert!(lines.contains(line), "{dialect}: {line} is not in {lines}");
}

#[test]
fn every_kind_of_device_is_replayed() {
    let total = "\"total\":";
    check("star-generic", STAR, total, "TOTAL   1.00\n");
    check("auto", STAR, total, "TOTAL   1.00\n");
    check(
        "display-epson",
        b"\x0cTEA             1.00\x1f\x24\x01\x02TOTAL 1.00",
        total,
        "TOTAL 1.00",
    );
    check("display-cd5220", b"\x1bQATEA  1.00\r\x1bQBTOTAL 1.00\r", total, "TOTAL 1.00");
    check("display-utc", b"\x1fTEA             1.00TOTAL 1.00", total, "TOTAL 1.00");
    check("scanner-aim", SCAN, "04006381333931", "EAN13");
    check("scale-toledo-8217", WEIGHT, "1250", "scale 1250 g");
    check("scale-nci", b"\n01.250KG\r\n00\r\x03", "1250", "scale 1250 g");
    check("scale-cas", b"ST,GS,\x01\x02,   1.250 kg\r\n", "1250", "scale 1250 g");
    check("zvt", &payment(), "1000 EUR", "[payment approved");
    check("posnet-monitor", MONITOR, total, "2 | 17 | 4,00");
    let frame = |data: &[u8]| {
        let crc = CheckOptions {
            algorithm: CheckAlgorithm::Crc16Xmodem,
            encoding: CheckEncoding::HexUpper,
            ..CheckOptions::default()
        };
        [b"\x02", data, b"#", &crc.written(&[data]), b"\x03"].concat()
    };
    let host = [
        frame(b"trinit\tbm0\t"),
        frame(b"trline\tnaChleb\tvt1\tpr200\t"),
        frame(b"trpayment\tty0\twa200\t"),
        frame(b"trend\tto200\t"),
    ];
    check("posnet-host", &host.concat(), total, "trend | to200");
    let lrc = [b"\x02PAY|4111111111111111\x03", &[0u8; 0][..]].concat();
    let lrc = [&*lrc, &CheckOptions::default().written(&[&lrc[1..]])].concat();
    check("stx-etx-lrc", &lrc, "PAY|************1111", "PAY|************1111");
}

#[test]
fn what_is_damaged_is_told_by_the_exit_code() {
    let mut broken = payment();
    broken[9] ^= 1;
    assert_eq!(replay("zvt", &broken, &["--json"]).1, Some(65));
}

/// The device's side of a cable.
pub fn cable() -> (TTYPort, PathBuf) {
    let (mut near, far) = TTYPort::pair().unwrap();
    near.set_timeout(Duration::from_secs(20)).unwrap();
    let path = far.name().unwrap().into();
    (near, path)
}

/// What a record of the source says.
fn said(record: &Record) -> String {
    match &record.body {
        Body::Receipt(receipt) => format!("receipt {} {}", receipt.total, receipt.checks_passed),
        Body::BarcodeScanned(scan) => format!("scan {}", scan.gtin.clone().unwrap_or_default()),
        Body::WeightMeasured(weight) => format!("{} g", weight.grams),
        Body::Unknown(unknown) => unknown.kind.clone(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn five_kinds_of_devices_speak_to_one_agent() {
    let dir = TempDir::new().unwrap();
    let mut toml = format!(
        "[gateway]\nid = \"gw-dev\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"Europe/Warsaw\"\n\
         currency = \"EUR\"\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:9\"\n",
        dir.path().join("data").display()
    );
    let mut cables = Vec::new();
    for (name, dialect, mode) in [
        ("star", "star-generic", "listen"),
        ("scanner", "scanner-aim", "listen"),
        ("terminal", "zvt", "listen"),
        ("monitor", "posnet-monitor", "listen"),
        ("scale", "scale-toledo-8217", "poll"),
        ("other", "scale-toledo-8217", "listen"),
    ] {
        let (near, path) = cable();
        let port = path.display();
        write!(toml, "\n[[serial]]\nname = \"{name}\"\nport = \"{port}\"\n").unwrap();
        write!(toml, "dialect = \"{dialect}\"\nmode = \"{mode}\"\n").unwrap();
        cables.push(near);
    }
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
    let agent = Agent::start(dir.path());
    wait_for("all ports are open", || (agent.count("answers") == 6).then_some(())).await;
    for (near, bytes) in cables.iter_mut().zip([STAR, SCAN, &payment(), MONITOR]) {
        near.write_all(bytes).unwrap();
    }
    let mut scale = cables.remove(4);
    let weighed = tokio::task::spawn_blocking(move || {
        let mut question = [0];
        for answer in [b"\x02?\x71\r", WEIGHT, WEIGHT] {
            scale.read_exact(&mut question).unwrap();
            assert_eq!(&question, b"W");
            scale.write_all(answer).unwrap();
        }
        scale
    });
    // As long as the agent runs nobody else may get the port's number.
    cables.insert(4, weighed.await.unwrap());
    wait_for("all devices are read", || (11 <= agent.accepted("")).then_some(())).await;
    assert_eq!(agent.stop(), Some(0));
    let mut other = cables.pop().unwrap();
    other.set_timeout(Duration::from_millis(50)).unwrap();
    assert!(other.read(&mut [0; 16]).is_err(), "a port that is listened to was written to");

    let records = accepted(&dir.path().join("data"));
    let of = |source: &str| -> Vec<String> {
        let status = |record: &&Record| matches!(record.body, Body::DeviceStatusChanged(_));
        let own = records.iter().filter(|record| record.source == source && !status(record));
        own.map(said).collect()
    };
    assert_eq!(of("star"), ["receipt 100 true"]);
    assert_eq!(of("scanner"), ["scan 04006381333931"]);
    assert_eq!(of("terminal"), ["payment"]);
    assert_eq!(of("monitor"), ["receipt 400 true"]);
    assert_eq!(of("scale"), ["1250 g"]);
    assert_eq!(of("other"), Vec::<String>::new());
}

#[test]
fn only_a_scale_that_waits_may_be_polled() {
    let dir = TempDir::new().unwrap();
    let sample = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("firmware-config/tillgate.toml"),
    )
    .unwrap();
    let config = dir.path().join("tillgate.toml");
    std::fs::write(&config, sample.replace("mode = \"listen\"", "mode = \"poll\"")).unwrap();
    let check = Command::new(env!("CARGO_BIN_EXE_tillgate")).arg("check").arg(&config).output();
    let output = check.unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{told}");
    assert!(told.contains("`escpos-generic` has nothing to ask for"), "{told}");
}
