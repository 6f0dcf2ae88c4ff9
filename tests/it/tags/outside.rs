//! The built agent with a receiver on a pty, everything logged, and the addresses of devices that nobody enrolled
//! looked for in all that it wrote or sent.
//!
//! That the search finds what is there is shown by the tag that is enrolled by its address and sent by its id.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tillgate_events::{Body, Record};
use tillgate_sim::demo::arrivals::Arrivals;
use tillgate_sim::pty::{Pty, Sink as _};

use crate::support::agent::accepted;
use crate::support::mosquitto::{Broker, Subscriber};
use crate::support::{skipped, wait_for};

const STRANGERS: usize = 40;
const SEED: u64 = 20_261_121;
const PALLET: [u8; 6] = [0xa4, 0xc1, 0x38, 0x8d, 0x18, 0xb2];

/// Every form in which an address could be found.
fn forms(address: &[u8]) -> Vec<Vec<u8>> {
    let reversed: Vec<u8> = address.iter().rev().copied().collect();
    let mut forms = vec![address.to_vec(), reversed.clone()];
    for bytes in [address, &reversed] {
        for separator in ["", ":", "-", "_", " "] {
            let joined = |upper: bool| {
                let one =
                    |byte: &u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
                bytes.iter().map(one).collect::<Vec<_>>().join(separator)
            };
            forms.extend([joined(false).into_bytes(), joined(true).into_bytes()]);
        }
        let list: Vec<String> = bytes.iter().map(u8::to_string).collect();
        forms.extend([list.join(", ").into_bytes(), list.join(",").into_bytes()]);
    }
    forms
}

/// Which of the secrets stand in `bytes`.
fn find<'s>(bytes: &[u8], secrets: &'s [Vec<u8>]) -> Vec<&'s [u8]> {
    let stands = |form: &Vec<u8>| memchr::memmem::find(bytes, form).is_some();
    secrets.iter().filter(|secret| forms(secret).iter().any(stands)).map(Vec::as_slice).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

fn write_config(dir: &Path, broker: &Broker, pty: &Pty) {
    let toml = format!(
        "[gateway]\nid = \"gw-tags\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"Europe/Berlin\"\n\
         currency = \"EUR\"\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:{}\"\n\
         \n[[receiver]]\nname = \"grocery\"\nzone = \"GROCERY\"\nkind = \"serial\"\nport = \"{}\"\nbaud = 115200\n\
         \n[[tag]]\nid = \"pallet-7\"\nclass = \"asset\"\nmatch = {{ mac = \"A4:C1:38:8D:18:B2\" }}\n\
         \n[[tag]]\nid = \"anna\"\nclass = \"customer\"\n\
         match = {{ ibeacon = \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\", major = 1 }}\n",
        dir.join("data").display(),
        broker.port,
        pty.path().display(),
    );
    std::fs::write(dir.join("tillgate.toml"), toml).unwrap();
}

/// The agent with all of its log in a file; a test that fails does not leave it running.
struct Agent(Child);

impl Agent {
    fn start(dir: &Path) -> Self {
        let log = std::fs::File::create(dir.join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tillgate"));
        command
            .args(["run", "--config"])
            .arg(dir.join("tillgate.toml"))
            .env("TILLGATE_LOG", "trace");
        command.stdout(Stdio::null()).stderr(Stdio::from(log));
        Self(command.spawn().unwrap())
    }

    fn stop(&mut self) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert_eq!(self.0.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a receiver writes of these devices: both kinds of lines, and beacons that nobody enrolled.
fn lines(strangers: &[Vec<u8>], rng: &mut fastrand::Rng) -> String {
    let mut lines = String::new();
    for stranger in strangers {
        let uuid: Vec<u8> = (0..16).map(|_| rng.u8(..)).collect();
        let beacon = format!("1AFF4C000215{}0001000EC5", hex(&uuid));
        let address = hex(stranger);
        writeln!(lines, "$GPRP,{address},F008D1798C00,-60,{beacon}\r").unwrap();
        writeln!(lines, "$GPRP,{address},F008D1798C00,-61,0201060AFF4C001005031C000000\r").unwrap();
        let colons: Vec<String> = stranger.iter().map(|byte| format!("{byte:02X}")).collect();
        let id = colons.join(":");
        writeln!(lines, r#"{{"id":"{id}","rssi":-62,"mac_type":1,"name":"phone"}}"#).unwrap();
    }
    let pallet = hex(&PALLET);
    writeln!(lines, "$GPRP,{pallet},F008D1798C00,-50,0716D2FC4002CA09\r").unwrap();
    let anna = "1AFF4C000215F7826DA64FA24E988024BC5B71E0893E00010007C5";
    writeln!(lines, "$GPRP,{},F008D1798C00,-55,{anna}\r", hex(&strangers[0])).unwrap();
    // Broken, so that it is told of when all the others were read: not with the address.
    for stranger in strangers {
        writeln!(lines, "$GPRP,{},F008D1798C00,loud,00\r", hex(stranger)).unwrap();
    }
    lines
}

#[tokio::test]
async fn no_address_of_an_unknown_device_is_stored_logged_or_sent() {
    let Some(broker) = Broker::start("allow_anonymous true").await else {
        return skipped("addresses", "no Mosquitto; try `make setup`");
    };
    let dir = TempDir::new().unwrap();
    let mut rng = fastrand::Rng::with_seed(SEED);
    let strangers: Vec<Vec<u8>> =
        (0..STRANGERS).map(|_| (0..6).map(|_| rng.u8(..)).collect()).collect();
    let mut pty = Pty::open().unwrap();
    write_config(dir.path(), &broker, &pty);
    let subscriber = Subscriber::start(&broker, "tillgate/v1/#", "%t %x").await;
    let mut agent = Agent::start(dir.path());
    pty.write_all(lines(&strangers, &mut rng).as_bytes()).await.unwrap();
    let log = || std::fs::read(dir.path().join("log")).unwrap();
    wait_for("the broken lines", || {
        String::from_utf8_lossy(&log()).contains("works badly").then_some(())
    })
    .await;
    agent.stop();

    let mut arrivals = Arrivals::default();
    let mut raw = Vec::new();
    for line in subscriber.lines() {
        let (topic, digits) = line.split_once(' ').unwrap();
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let payload: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
        arrivals.take(topic, &payload);
        raw.push(payload);
    }
    let mut places =
        vec![("the log", log()), ("what arrived", arrivals.texts.concat().into_bytes())];
    places.extend(raw.into_iter().map(|payload| ("a payload", payload)));
    for entry in std::fs::read_dir(dir.path().join("data")).unwrap().map(Result::unwrap) {
        places.push(("a file", std::fs::read(entry.path()).unwrap()));
    }
    let records = accepted(&dir.path().join("data"));
    places.push(("the database", format!("{records:?}").into_bytes()));
    for (place, bytes) in &places {
        assert_eq!(find(bytes, &strangers), Vec::<&[u8]>::new(), "{place}");
        assert_eq!(find(bytes, &[PALLET.to_vec()]), Vec::<&[u8]>::new(), "{place}");
    }
    check_what_is_there(&records);
    let log = String::from_utf8(log()).unwrap();
    assert!(log.contains("DEBUG"), "not everything was logged");
}

/// The search had something to search.
fn check_what_is_there(records: &[Record]) {
    let windows: Vec<&str> = records
        .iter()
        .filter_map(|record| match &record.body {
            Body::TagWindow(window) => Some(window.customer_ble_id.as_str()),
            _ => None,
        })
        .collect();
    assert!(windows.contains(&"pallet-7") && windows.len() == 2, "{windows:?}");
    assert!(!format!("{records:?}").contains("anna"), "a customer's id left as it is");
    let told = records.iter().find_map(|record| match &record.body {
        Body::Unknown(unknown) if unknown.kind == "unknown_devices" => Some(unknown.text.clone()),
        _ => None,
    });
    // One of them carried a tag that is enrolled, and was a stranger all the same when it sent something else.
    let told = told.unwrap();
    let count: usize = told.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(count.abs_diff(STRANGERS) <= 3, "{told}");
}

#[test]
fn the_search_finds_an_address_in_every_form() {
    let address = vec![0x5a, 0x10, 0x20, 0x30, 0x40, 0xff];
    for text in [
        "x5a10203040ffx",
        "5A:10:20:30:40:FF",
        "FF-40-30-20-10-5A",
        "[90, 16, 32, 48, 64, 255]",
        "ff_40_30_20_10_5a",
    ] {
        assert_eq!(find(text.as_bytes(), std::slice::from_ref(&address)).len(), 1, "{text}");
    }
    assert_eq!(find(&address, std::slice::from_ref(&address)).len(), 1);
    assert_eq!(find(b"5a10203040fe", std::slice::from_ref(&address)).len(), 0);
}
