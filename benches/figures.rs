//! The figures of the README: `make bench` prints the table. Nothing here passes or fails; a figure that
//! depends on the machine stands beside one of something plain, measured in the same run.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a benchmark reads clocks and stops where it is surprised"
)]

#[path = "figures/drain.rs"]
mod drain;
#[path = "figures/stock.rs"]
mod stock;
#[path = "figures/wire.rs"]
mod wire;

use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::civil::date;
use jiff::tz::TimeZone;
use regex::{Regex, RegexBuilder};
use tillgate::agent::till::Till;
use tillgate::decode::DocumentFact;
use tillgate::decode::beacon::{
    AllowList, Format, ReceiverDecoder, Said, SecretKey, Sender, Strangers, TagMatch,
};
use tillgate::decode::dialect::{Dialect, Grammar, Setting};
use tillgate::decode::document::{Printer, PrinterOptions};
use tillgate::decode::escpos::EscposOptions;
use tillgate::decode::escpos::token::Tokenizer;
use tillgate::limits;
use tillgate::store::{NewRow, RowId, Store};
use tillgate::time::{Mono, Now, UtcMs};
use tillgate::track::receipt::{ReceiptTracker, TillSettings};
use tillgate_events::{
    Batch, BootId, Class, ClockQuality, Currency, Header, Record, encode, expand_batch,
};
use tillgate_sim::store::{Device as _, Style, Till as SimulatedTill};

#[path = "parts/live.rs"]
mod live;

/// What a field tech writes for one kind of till.
const FORTY: &str = include_str!("forty.toml");
/// Receipts of one round.
const RECEIPTS: usize = 4000;
/// Rounds of which the median counts.
const ROUNDS: usize = 5;

fn main() {
    // `cargo test` builds benches and may run them; only `cargo bench` measures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    if std::env::var("ONLY").is_ok_and(|only| only == "stock") {
        return stock::keeping();
    }
    // `ONLY=drain` for those figures alone.
    if std::env::var("ONLY").is_ok_and(|only| only == "drain") {
        return drain::draining(&records(&receipts(Style::Positioned, 200)));
    }
    let stream = receipts(Style::Positioned, RECEIPTS);
    // `cargo bench --bench figures -- live`: only what the released binary does.
    if std::env::args().any(|argument| argument == "live") {
        return live::figures(&records(&stream));
    }
    // `ONLY=wire`: only what the batches come to, and their commits.
    if std::env::var("ONLY").is_ok_and(|only| only == "wire") {
        let records = records(&stream);
        committing(&records);
        live::day(&records);
        return wire::figures();
    }
    // `ONLY=parsing`: only from bytes to records.
    if std::env::var("ONLY").is_ok_and(|only| only == "parsing") {
        return parsing(&stream);
    }
    println!("\n{RECEIPTS} receipts, {} bytes of ESC/POS, {ROUNDS} rounds, median\n", stream.len());
    println!("| figure | value | command |\n|---|---|---|");
    parsing(&stream);
    let records = records(&stream);
    hearing();
    committing(&records);
    wire::figures();
    drain::draining(&records);
    stock::keeping();
    binary();
    live::figures(&records);
}

fn row(figure: &str, value: &str) {
    println!("| {figure} | {value} | `make bench` |");
}

/// What a till prints, one receipt after another.
fn receipts(style: Style, count: usize) -> Vec<u8> {
    let mut till = SimulatedTill::new("till-1", style, date(2026, 11, 21).at(9, 0, 0, 0), 1);
    let minute = |n: usize| Duration::from_secs(60 * n as u64);
    (0..count).flat_map(|n| till.next(minute(n)).bytes).collect()
}

fn median(mut run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| run()).collect();
    times.sort();
    times[ROUNDS / 2]
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn parsing(stream: &[u8]) {
    let megabytes = |time: Duration| stream.len() as f64 / 1e6 / time.as_secs_f64();
    let split = median(|| timed(|| split_lines(stream)));
    let tokens = median(|| timed(|| tokenize(stream)));
    let layout = median(|| timed(|| lay_out(stream)));
    let printed = lines(stream);
    let grammar = median(|| timed(|| read(dialect(), &printed)));
    let forty = median(|| timed(|| read(shop(), &printed)));
    let plainly = one_by_one();
    let one_by_one = median(|| timed(|| try_all(&plainly, &printed)));
    let whole = median(|| timed(|| drop(records(stream))));
    row("memchr line split, for comparison", &format!("{:.0} MB/s", megabytes(split)));
    row("ESC/POS to commands", &format!("{:.0} MB/s", megabytes(tokens)));
    row("ESC/POS to redacted lines", &format!("{:.1} MB/s", megabytes(layout)));
    let rate = |time: Duration| format!("{:.0} lines/s", printed.len() as f64 / time.as_secs_f64());
    row("lines to facts, a shop's own 40 rules", &rate(forty));
    row("the same 40 one by one by `regex`, for comparison", &rate(one_by_one));
    row("lines to facts, generic dialect", &rate(grammar));
    let per_second = RECEIPTS as f64 / whole.as_secs_f64();
    let value = format!("{:.1} MB/s, {per_second:.0} receipts/s", megabytes(whole));
    row("ESC/POS to checked receipts", &value);
}

/// Advertisements in the lines of a serial receiver, of as many addresses.
const ADVERTS: usize = 10_000;

/// What a store full of strangers costs with 1000 tags enrolled; then with all keys of changing addresses that may be.
fn hearing() {
    let beacon = |minor| TagMatch::Beacon {
        format: Format::IBeacon,
        uuid: [7; 16],
        major: Some(1),
        minor: Some(minor),
    };
    let mut tags: Vec<TagMatch> = (0..1000).map(beacon).collect();
    let mut lines = String::new();
    for n in 0..ADVERTS {
        lines += &format!("$GPRP,40{n:010X},F008D1798C00,-70,0201060AFF4C001005{n:08X}00\r\n");
    }
    let rate = |time: Duration| format!("{:.0} adverts/s", ADVERTS as f64 / time.as_secs_f64());
    let plain = median(|| timed(|| listen(&AllowList::new(&tags), &lines)));
    row("adverts of strangers, line to count, 1000 tags", &rate(plain));
    let keys = (0..limits::RESOLVED_TAGS).map(|n| SecretKey::new([n as u8; 16]));
    tags.extend(keys.map(|key| TagMatch::Resolving(Some(key))));
    let list = AllowList::new(&tags);
    let resolving = median(|| timed(|| listen(&list, &lines)));
    let figure = format!("the same, {} keys of changing addresses", limits::RESOLVED_TAGS);
    row(&figure, &rate(resolving));
}

fn listen(list: &AllowList, lines: &str) {
    let (mut decoder, mut strangers) = (ReceiverDecoder::default(), Strangers::default());
    for chunk in lines.as_bytes().chunks(4096) {
        decoder.push(chunk, |said| {
            if let Said::Advert(sighting) = said
                && list.sender(sighting) == Sender::Stranger
            {
                strangers.note(sighting.address);
            }
        });
    }
    black_box(strangers.end());
}

fn split_lines(stream: &[u8]) {
    let mut length = 0;
    for end in memchr::memchr_iter(b'\n', stream) {
        length ^= end;
    }
    black_box(length);
}

fn tokenize(stream: &[u8]) {
    let mut tokenizer = Tokenizer::default();
    let mut count = 0_usize;
    for chunk in stream.chunks(4096) {
        let mut rest = chunk;
        while let Some(token) = tokenizer.next(&mut rest) {
            black_box(&token);
            count += 1;
        }
    }
    black_box(count);
}

fn lay_out(stream: &[u8]) {
    let mut printer = Printer::new(PrinterOptions::Escpos(EscposOptions::default()));
    let mut facts = Vec::new();
    for chunk in stream.chunks(4096) {
        printer.push(chunk, Mono(0), &mut facts);
        black_box(&facts);
        facts.clear();
    }
}

/// The stream as laid-out lines and ends.
fn lines(stream: &[u8]) -> Vec<DocumentFact> {
    let mut printer = Printer::new(PrinterOptions::Escpos(EscposOptions::default()));
    let mut facts = Vec::new();
    printer.push(stream, Mono(0), &mut facts);
    facts
}

/// Understands lines.
fn read(dialect: Dialect, lines: &[DocumentFact]) {
    let mut grammar = Grammar::new(Arc::new(dialect));
    let mut facts = Vec::new();
    for line in lines {
        grammar.step(line.clone(), &mut facts);
        black_box(&facts);
        facts.clear();
    }
}

/// A shop's own dialect.
fn shop() -> Dialect {
    Dialect::parse("forty", FORTY, &Setting { currency: euro(), decimal: None }).unwrap()
}

/// Its patterns, as the usual library compiles them.
fn one_by_one() -> Vec<Regex> {
    let file: toml::Table = FORTY.parse().unwrap();
    let rules = file["rule"].as_array().unwrap();
    let patterns = rules.iter().flat_map(|rule| rule["re"].as_array().unwrap());
    let compiled = |pattern: &str| RegexBuilder::new(pattern).case_insensitive(true).build();
    patterns.map(|pattern| compiled(pattern.as_str().unwrap()).unwrap()).collect()
}

/// The first pattern that matches each line captures it; nothing is made of it.
fn try_all(patterns: &[Regex], lines: &[DocumentFact]) {
    for line in lines {
        let DocumentFact::Line(line) = line else { continue };
        black_box(patterns.iter().find_map(|pattern| pattern.captures(&line.text)));
    }
}

fn euro() -> Currency {
    Currency::new("EUR").unwrap()
}

fn dialect() -> Dialect {
    let setting = Setting { currency: euro(), decimal: None };
    Dialect::builtin("escpos-generic", &setting).unwrap().unwrap()
}

/// The stream's receipts, by the code that the daemon runs.
fn records(stream: &[u8]) -> Vec<Record> {
    let (currency, dialect) = (euro(), dialect());
    let settings = TillSettings {
        source: "till-1".to_owned(),
        terminal: "till-1".to_owned(),
        currency,
        store_id: 7,
        zone: TimeZone::UTC,
        business_day_starts: Duration::ZERO,
        checks: dialect.checks,
        key: dialect.key,
        no_sale_after: dialect.no_sale_after,
        private: dialect.private,
        catalog: Arc::default(),
    };
    let printer = dialect.framer.printer();
    let mut till =
        Till::new(printer, Grammar::new(Arc::new(dialect)), ReceiptTracker::new(settings));
    let (now, mut out) = (Now { mono: Mono(0), wall: UtcMs(1_790_000_000_000) }, Vec::new());
    for chunk in stream.chunks(4096) {
        till.push(now, chunk, &mut out);
    }
    till.broken(now, &mut out);
    out
}

fn header(first_sequence: u64) -> Header {
    Header {
        gateway_id: "gw-0007".to_owned(),
        store_id: 7,
        class: Class::Pos,
        epoch: 1,
        first_sequence,
        wall: UtcMs(1_790_000_000_000),
        boot_id: BootId::default(),
        mono_us: 0,
        clock: ClockQuality::Synced,
    }
}

/// Batches of 64 receipts, committed one after another; a raw append with the same bytes beside it.
fn committing(records: &[Record]) {
    let batches: Vec<Batch> = records
        .chunks(64)
        .enumerate()
        .map(|(n, group)| Batch { header: header(1 + 64 * n as u64), records: group.to_vec() })
        .collect();
    let events: usize = batches.iter().map(|batch| expand_batch(batch).count()).sum();
    let json: usize =
        batches.iter().flat_map(expand_batch).map(|event| event.to_json_line().len() + 1).sum();
    let payloads: Vec<Vec<u8>> = batches.iter().map(|batch| encode(batch).unwrap()).collect();
    let wire: usize = payloads.iter().map(Vec::len).sum();

    let dir = tempfile::tempdir_in(".").unwrap();
    let mut disk = 0_u64;
    let commits = median(|| {
        let folder = dir.path().join(format!("store-{}", fastrand::u64(..)));
        let mut store = Store::open(&folder, 1 << 30, UtcMs(0)).unwrap().0;
        let time = timed(|| commit(&mut store, &batches));
        drop(store);
        disk = ["outbox.db", "outbox.db-wal"]
            .iter()
            .filter_map(|file| std::fs::metadata(folder.join(file)).ok())
            .map(|file| file.len())
            .sum();
        std::fs::remove_dir_all(folder).unwrap();
        time
    });
    let appends = median(|| timed(|| append(dir.path(), &payloads)));
    let rate = |time: Duration| events as f64 / time.as_secs_f64();
    let ratio = appends.as_secs_f64() / commits.as_secs_f64();
    let value = format!(
        "{:.0} events/s, {ratio:.2} × raw append and fdatasync of the same batches",
        rate(commits)
    );
    row("receipts encoded and committed, 64 a batch", &value);
    row("on disk", &format!("{:.1} bytes/event", disk as f64 / events as f64));
    row("on the wire", &format!("{:.1} bytes/event", wire as f64 / events as f64));
    row("as JSON, for comparison", &format!("{:.0} bytes/event", json as f64 / events as f64));
    let alone: Vec<usize> = records
        .iter()
        .take(200)
        .map(|record| Batch { header: header(1), records: vec![record.clone()] })
        .map(|batch| encode(&batch).unwrap().len())
        .collect();
    let alone = alone.iter().sum::<usize>() as f64 / alone.len() as f64;
    row("one receipt in a batch of its own", &format!("{alone:.0} bytes"));
}

fn commit(store: &mut Store, batches: &[Batch]) {
    let mut freed: Vec<RowId> = Vec::new();
    for batch in batches {
        let row = NewRow {
            class: Class::Pos,
            first_sequence: batch.header.first_sequence,
            count: batch.records.len() as u32,
            payload: encode(batch).unwrap(),
        };
        freed = store.commit(&[row], &[]).unwrap();
    }
    black_box(freed);
}

fn append(dir: &Path, payloads: &[Vec<u8>]) {
    let mut file = std::fs::File::create(dir.join("append")).unwrap();
    for payload in payloads {
        file.write_all(payload).unwrap();
        file.sync_data().unwrap();
    }
}

/// The released binary: its size, and what it takes at rest. The one that cargo builds beside a benchmark has more
/// in it, because the tests' libraries ask for more of the libraries they share.
fn binary() {
    let Ok(program) = std::env::var("TILLGATE") else {
        eprintln!("TILLGATE names no released binary: its figures are left out");
        return;
    };
    let size = std::fs::metadata(&program).unwrap().len();
    row("stripped binary", &format!("{:.2} MB", size as f64 / 1e6));
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("tillgate.toml");
    let data = dir.path().join("data");
    let text = format!(
        "[gateway]\nid = \"gw\"\ntenant = \"t\"\nstore_id = 7\ntimezone = \"UTC\"\ncurrency = \"EUR\"\n\
         data_dir = \"{}\"\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\nconfirm = \"broker\"\n\
         [[serial]]\nname = \"till-1\"\nport = \"/dev/ttyS99\"\nbaud = 9600\n\
         dialect = \"escpos-generic\"\n",
        data.display()
    );
    std::fs::write(&config, text).unwrap();
    let start = Instant::now();
    let mut agent = Command::new(&program)
        .args(["run", "--config"])
        .arg(&config)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = BufReader::new(agent.stderr.take().unwrap());
    let running = log.lines().map_while(Result::ok).any(|line| line.contains("running"));
    let started = start.elapsed();
    assert!(running, "the agent did not start");
    let status = std::fs::read_to_string(format!("/proc/{}/status", agent.id())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    row("resident memory, one till, idle", resident.trim());
    row("start to running", &format!("{} ms", started.as_millis()));
    agent.kill().unwrap();
    agent.wait().unwrap();
}
