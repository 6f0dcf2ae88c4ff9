//! Card data, looked for the way an auditor would: the built agent with everything logged, made-up numbers
//! printed in every form, and then all that it wrote or sent searched for them.
//!
//! That the search finds what is there is shown by the same numbers stored, sent and logged as they are.

mod corpus;
mod print;
mod search;

use std::cell::Cell;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tillgate::decode::beacon::ReceiverDecoder;

use tillgate::decode::dialect::{Dialect, Grammar, Setting};
use tillgate::decode::document::{Printer, PrinterOptions};
use tillgate::decode::door;
use tillgate::decode::escpos::EscposOptions;
use tillgate::decode::escpos::token::Tokenizer;
use tillgate::decode::line::LineSplitter;
use tillgate::decode::text::TextOptions;
use tillgate::source::{Body, Reading, SourceId};
use tillgate::store::{NewRow, Store};
use tillgate::time::{Mono, Now};
use tillgate_events::{
    Batch, BootId, Class, ClockQuality, Currency, Header, Record, Unknown, UtcMs, encode,
};
use tillgate_sim::demo::arrivals::Arrivals;
use tillgate_sim::pty::{Pty, Sink as _};

use crate::support::mosquitto::{Broker, Subscriber};
use crate::support::{skipped, wait_for};
use print::Secrets;
use search::{LOG, Search};

const SEED: u64 = 20_261_121;

/// What the agent is told of its ports.
fn write_config(dir: &Path, broker: &Broker, ports: &[(&str, &Pty)]) {
    let mut toml = format!(
        "[gateway]\nid = \"gw-audit\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"Europe/Berlin\"\n\
         currency = \"EUR\"\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:{}\"\n\
         \n[buffer]\nmax_bytes = \"16MiB\"\n",
        dir.join("data").display(),
        broker.port
    );
    for (dialect, pty) in ports {
        let port = pty.path().display();
        write!(toml, "\n[[serial]]\nname = \"{dialect}\"\nport = \"{port}\"\n").unwrap();
        writeln!(toml, "baud = 115200\ndialect = \"{dialect}\"").unwrap();
    }
    std::fs::write(dir.join("tillgate.toml"), toml).unwrap();
}

/// The agent; a test that fails does not leave it running.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(dir: &Path) -> Agent {
    let log = std::fs::File::create(dir.join("log")).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["run", "--config"])
        .arg(dir.join("tillgate.toml"))
        .env("TILLGATE_LOG", "trace")
        .stdout(Stdio::from(log.try_clone().unwrap()))
        .stderr(Stdio::from(log))
        .spawn();
    Agent(child.unwrap())
}

/// What the subscriber has: payloads as they came, and expanded.
fn arrivals(subscriber: &Subscriber) -> (Vec<Vec<u8>>, Arrivals) {
    let mut arrivals = Arrivals::default();
    let mut raw = Vec::new();
    for line in subscriber.lines() {
        let (topic, hex) = line.split_once(' ').unwrap();
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let payload: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        arrivals.take(topic, &payload);
        raw.push(payload);
    }
    (raw, arrivals)
}

fn copy_of(dir: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap).filter(|e| e.path().is_file())
    {
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

#[tokio::test]
async fn no_card_data_is_stored_logged_or_sent() {
    let Some(broker) = Broker::start("allow_anonymous true").await else {
        return skipped("secrets", "no Mosquitto; try `make setup`");
    };
    let dir = TempDir::new().unwrap();
    let mut secrets = Secrets::new(SEED);
    let (mut escpos, mut text) = (Pty::open().unwrap(), Pty::open().unwrap());
    write_config(dir.path(), &broker, &[("escpos-generic", &escpos), ("text-generic", &text)]);
    let subscriber = Subscriber::start(&broker, "tillgate/v1/#", "%t %x").await;
    let mut agent = start(dir.path());

    let mut documents = secrets.printed();
    documents.extend(secrets.lines().into_iter().map(|line| format!("{line}\n").into_bytes()));
    let journal = secrets.lines();
    for (index, document) in documents.iter().enumerate() {
        let head = format!("DOCUMENT E{index}X\n").into_bytes();
        escpos.write_all(&[&head, document, &b"\x1DV\x00"[..]].concat()).await.unwrap();
    }
    for (index, line) in journal.iter().enumerate() {
        text.write_all(format!("DOCUMENT T{index}X\r\n{line}\r\n\x0C").as_bytes()).await.unwrap();
    }
    // Looked at only when something came: expanding is slow in a test.
    let seen = Cell::new(0);
    let arrived = |marker: &str| {
        let lines = subscriber.lines().len();
        if lines <= seen.replace(lines) {
            return None;
        }
        let (_, arrivals) = arrivals(&subscriber);
        arrivals.texts.iter().any(|text| text.contains(marker)).then_some(())
    };
    for marker in [format!("E{}X", documents.len() - 1), format!("T{}X", journal.len() - 1)] {
        seen.set(0);
        wait_for(&marker, || arrived(&marker)).await;
    }
    let running = copy_of(&dir.path().join("data"));
    // One breaks off because the device falls silent, the other because the agent stops: perhaps
    // before it is read.
    escpos.write_all(&[b"DOCUMENT LASTE\n", &secrets.broken_off()[..]].concat()).await.unwrap();
    wait_for("the document that silence ended", || arrived("LASTE")).await;
    text.write_all(&[b"DOCUMENT LASTT\n", &secrets.broken_off()[..]].concat()).await.unwrap();
    let pid = agent.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(agent.0.wait().unwrap().code(), Some(0));

    let search = Search::new(&secrets.numbers, &secrets.labelled);
    let (raw, arrivals) = arrivals(&subscriber);
    let mut found = search.find_in_directory(running.path());
    found.extend(search.find_in_directory(&dir.path().join("data")));
    found.extend(search.find(LOG, &std::fs::read(dir.path().join("log")).unwrap()));
    found.extend(raw.iter().flat_map(|payload| search.find("a payload", payload)));
    found.extend(arrivals.texts.iter().flat_map(|text| search.find(text, text.as_bytes())));
    assert_eq!(found, Vec::<String>::new());
    let log = std::fs::read_to_string(dir.path().join("log")).unwrap();
    assert!(log.contains("DEBUG"), "not everything was logged");
    let all = arrivals.texts.concat();
    for index in 0..documents.len() {
        assert!(all.contains(&format!("E{index}X")), "document {index} did not arrive");
    }
    println!(
        "{} numbers and {} codes in {} documents: none found",
        secrets.numbers.len(),
        secrets.labelled.len(),
        documents.len() + journal.len() + 2
    );
}

/// A batch that holds `text` as it is.
fn batch(text: &str) -> Vec<u8> {
    let body = Unknown { kind: "unparsed_document".into(), text: text.into() };
    let body = tillgate_events::Body::Unknown(body);
    let record = Record { at: UtcMs(0), source: "till".into(), body };
    let header = Header {
        gateway_id: "gw".into(),
        store_id: 7,
        class: Class::Ops,
        epoch: 1,
        first_sequence: 1,
        wall: UtcMs(0),
        boot_id: BootId::default(),
        mono_us: 0,
        clock: ClockQuality::Synced,
    };
    encode(&Batch { header, records: vec![record] }).unwrap()
}

#[test]
fn the_search_finds_what_was_not_redacted() {
    let mut secrets = Secrets::new(SEED);
    for line in secrets.lines() {
        let [numbers, labelled] = [&secrets.numbers, &secrets.labelled].map(|all| {
            let printed =
                line.replace("\n    ", "").replace(['\n', ' ', '-', '.', '/', '_', ':'], "");
            let within = |secret: &&String| {
                let secret = secret.replace(['\n', ' ', ':'], "");
                printed.contains(&secret)
                    || 8 < secret.len() && printed.contains(&secret[..12])
                    || 8 < secret.len() && printed.contains(&secret[8..])
            };
            all.iter().filter(within).cloned().collect::<Vec<_>>()
        });
        let search = Search::new(&numbers, &labelled);
        let dir = TempDir::new().unwrap();
        let (mut store, _) = Store::open(dir.path(), 64 << 20, UtcMs(0)).unwrap();
        let payload = batch(&line);
        let row =
            NewRow { class: Class::Ops, first_sequence: 1, count: 1, payload: payload.clone() };
        store.commit(&[row], &[]).unwrap();
        drop(store);
        let mut arrivals = Arrivals::default();
        arrivals.take("tillgate/v1/test/7/gw/evt/ops", &payload);
        let finds = [
            search.find_in_directory(dir.path()),
            arrivals.texts.iter().flat_map(|text| search.find(text, text.as_bytes())).collect(),
        ];
        assert!(finds.iter().all(|found| !found.is_empty()), "{line:?}");
        if !numbers.is_empty() && line.bytes().filter(u8::is_ascii_digit).count() == 16 {
            let digits: Vec<u8> = line.bytes().filter(u8::is_ascii_digit).collect();
            let hex: String = digits.iter().map(|byte| format!("{byte:02x}")).collect();
            for logged in [format!("got {digits:?}"), format!("got 0{hex}"), format!("got {hex}")] {
                assert!(!search.find(LOG, logged.as_bytes()).is_empty(), "{logged}");
            }
        }
    }
}

#[test]
fn what_is_printed_of_decoders_and_their_facts_holds_no_card_data() {
    let mut secrets = Secrets::new(SEED);
    let lines = secrets.lines().join("\nOK\n");
    let documents: Vec<u8> = secrets.printed().concat();
    let stream = [lines.as_bytes(), b"\n", &documents].concat();
    let mut shown = String::new();
    for (options, stream) in [
        (PrinterOptions::Escpos(EscposOptions::default()), &stream[..]),
        (PrinterOptions::Text(TextOptions::default()), lines.as_bytes()),
    ] {
        let mut printer = Printer::new(options.clone());
        let mut facts = Vec::new();
        printer.push(stream, Mono(0), &mut facts);
        printer.finish(&mut facts);
        writeln!(shown, "{options:?} {facts:?} {:?}", printer.counters()).unwrap();
        let setting = Setting { currency: Currency::new("EUR").unwrap(), decimal: None };
        let dialect = Dialect::builtin("text-generic", &setting).unwrap().unwrap();
        let mut grammar = Grammar::new(dialect.into());
        let mut said = Vec::new();
        for fact in facts {
            grammar.step(fact, &mut said);
        }
        assert!(said.len() > 20);
        writeln!(shown, "{said:?}").unwrap();
    }
    let mut tokenizer = Tokenizer::default();
    let mut input = &stream[..];
    while let Some(token) = tokenizer.next(&mut input) {
        writeln!(shown, "{token:?}").unwrap();
    }
    // What is not redacted yet says how long it is, and nothing else. A till on a counter's port is no till.
    let mut splitter = LineSplitter::default();
    let (mut counter, mut receiver) = (door::lines(), ReceiverDecoder::default());
    let number = secrets.numbers[0].as_bytes();
    splitter.push(number, |_| {});
    counter.push(number, |_| {});
    receiver.push(number, |_| {});
    let body = Body::Bytes(number.to_vec());
    let reading = Reading { source: SourceId(0), at: Now::default(), body };
    writeln!(shown, "{splitter:?} {counter:?} {receiver:?} {reading:?}").unwrap();

    let search = Search::new(&secrets.numbers, &secrets.labelled);
    assert_eq!(search.find("Debug", shown.as_bytes()), Vec::<String>::new());
}
