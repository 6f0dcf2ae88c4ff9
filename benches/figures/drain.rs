//! A store's days that the cloud did not see, drained through a real Mosquitto while the shop goes on.
//!
//! Latency is from the commit of a receipt to the moment when its row may be freed (the broker's PUBACK). It is
//! measured twice in one run, without and with a backlog; the ratio does not depend on the machine. Bytes on the wire
//! are the broker's own count of what came, headers and all.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tillgate::clock::Clock;
use tillgate::config::{Allowance, Confirm, Encoding, MqttConfig};
use tillgate::forward::{self, Answer, ForwardSettings, Link, LinkState, Request, Topics};
use tillgate::limits::FETCH_BYTES;
use tillgate::store::{NewRow, RowId, Store};
use tillgate::time::UtcMs;
use tillgate_events::{
    Batch, Body, BootId, Class, ClockQuality, Crossing, Header, Record, TagWindow, encode,
    expand_batch,
};
use tokio::sync::{mpsc, oneshot, watch};

/// Days of backlog: enough for some seconds.
const DAYS: usize = 2;
/// Of one day of twelve hours.
const RECEIPTS: usize = 1000;
const CROSSINGS: usize = 2000;
/// Tags that are heard all day, each in a window of 30 s; windows are committed every 5 s.
const TAGS: usize = 20;
const WINDOWS: usize = 12 * 60 * 12;
/// Between two live receipts.
const PACE: Duration = Duration::from_millis(20);
/// Of live receipts without a backlog.
const QUIET: usize = 300;

/// Prints the rows, or why there are none.
pub fn draining(receipts: &[Record]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match Broker::start().await {
            Some(broker) => drain(&broker, receipts).await,
            None => {
                eprintln!(
                    "no mosquitto and mosquitto_sub here: the figures of draining are left out"
                );
            }
        }
    });
}

async fn drain(broker: &Broker, receipts: &[Record]) {
    let dir = tempfile::tempdir_in(".").unwrap();
    let mut store = Store::open(dir.path(), 1 << 30, UtcMs(0)).unwrap().0;
    let events: usize = (0..DAYS).map(|_| fill(&mut store, receipts)).sum();
    let rows = store.backlog().rows;
    drop(store);
    eprintln!("{rows} rows, {events} events");
    let file = std::fs::metadata(dir.path().join("outbox.db")).unwrap().len();

    let empty = tempfile::tempdir_in(".").unwrap();
    let quiet = run(broker, empty.path(), receipts, QUIET).await;
    let before = broker.bytes().await;
    let loaded = run(broker, dir.path(), receipts, 0).await;
    let after = broker.bytes().await;

    let per_event = |bytes: u64| bytes as f64 / events as f64;
    let value =
        format!("{:.0} events/s, {rows} rows", events as f64 / loaded.drained.as_secs_f64());
    super::row("drained through Mosquitto on loopback, QoS 1", &value);
    let ms = |times: &[Duration], of: usize| {
        let mut times = times.to_vec();
        times.sort();
        times.get(times.len() * of / 100).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    for percent in [50, 99] {
        let (with, without) = (ms(&loaded.live, percent), ms(&quiet.live, percent));
        let value =
            format!("{with:.1} ms, {:.1} × {without:.1} ms without a backlog", with / without);
        super::row(&format!("receipt committed to acknowledged meanwhile, p{percent}"), &value);
    }
    super::row("a simulated day on disk", &format!("{:.1} bytes/event", per_event(file)));
    // What was live is a little of it.
    let value = format!("{:.1} bytes/event, headers and all", per_event(after - before));
    super::row("a simulated day on the wire", &value);
}

/// Adds a day as the agent commits it: receipts and crossings alone, windows as they come; its contract events.
fn fill(store: &mut Store, receipts: &[Record]) -> usize {
    let mut events = 0;
    let mut rows = Vec::new();
    let mut next: HashMap<Class, u64> =
        Class::ALL.into_iter().map(|class| (class, store.next_sequence(class))).collect();
    for tick in 0..WINDOWS {
        let mut groups = vec![windows(tick)];
        let share = |all: usize| all * (tick + 1) / WINDOWS - all * tick / WINDOWS;
        groups.extend((0..share(CROSSINGS)).map(|_| vec![crossing(tick)]));
        let nth = RECEIPTS * tick / WINDOWS;
        groups.extend((0..share(RECEIPTS)).map(|_| vec![receipts[nth % receipts.len()].clone()]));
        for records in groups.into_iter().filter(|records| !records.is_empty()) {
            let class = records[0].class();
            let first_sequence = next[&class];
            let count = records.len() as u32;
            let batch = Batch { header: header(class, first_sequence), records };
            events += expand_batch(&batch).count();
            next.insert(class, first_sequence + u64::from(count));
            rows.push(NewRow { class, first_sequence, count, payload: encode(&batch).unwrap() });
        }
        if rows.len() >= 512 {
            store.commit(&rows, &[]).unwrap();
            rows.clear();
        }
    }
    store.commit(&rows, &[]).unwrap();
    events
}

fn header(class: Class, first_sequence: u64) -> Header {
    let (gateway_id, wall, boot_id) = ("gw-0007".to_owned(), UtcMs(WALL), BootId([7; 16]));
    let clock = ClockQuality::Synced;
    Header {
        gateway_id,
        store_id: 7,
        class,
        epoch: 1,
        first_sequence,
        wall,
        boot_id,
        mono_us: 5,
        clock,
    }
}

/// Makes a number look like a pseudonym.
const MIX: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

const WALL: i64 = 1_790_000_000_000;

fn at(tick: usize) -> UtcMs {
    UtcMs(WALL + 5000 * tick as i64)
}

/// Of the tags whose windows end in these five seconds.
fn windows(tick: usize) -> Vec<Record> {
    let ends = |tag: &usize| tag % 6 == tick % 6;
    let window = |tag: usize| {
        let body = Body::TagWindow(TagWindow {
            beacon_id: "grocery".to_owned(),
            customer_ble_id: format!("{:032x}", (tag as u128).wrapping_mul(MIX)),
            zone: "GROCERY".to_owned(),
            ping_count: 30,
            rssi_sum: -1900 - (tag * tick % 97) as i64,
            rssi_min: -80,
            rssi_max: -50,
            first_seen: UtcMs(at(tick).0 - 29_000),
            last_seen: UtcMs(at(tick).0 - (tick % 7) as i64),
            max_gap_ms: 1100 + (tag * tick % 53) as u32,
        });
        Record { at: at(tick), source: "grocery".to_owned(), body }
    };
    (0..TAGS).filter(ends).map(window).collect()
}

fn crossing(tick: usize) -> Record {
    let body = Body::CustomerEntered(Crossing {
        sensor_id: "main-entrance".to_owned(),
        zone: "ENTRANCE".to_owned(),
        customer_count: 1,
        dwell_time: 0,
        occupancy: None,
        window_seconds: 0,
    });
    Record { at: at(tick), source: "main-entrance".to_owned(), body }
}

/// What a run took.
struct Run {
    drained: Duration,
    /// Of live receipts that were committed while the backlog lasted, or of all.
    live: Vec<Duration>,
}

/// Forwards what is in `dir` and a receipt every [`PACE`]: so many, or as long as the backlog lasts.
async fn run(broker: &Broker, dir: &std::path::Path, receipts: &[Record], live: usize) -> Run {
    let (mut store, report) = Store::open(dir, 1 << 30, UtcMs(0)).unwrap();
    let (newest, newest_seen) = watch::channel(report.newest);
    let (state, mut state_seen) = watch::channel(LinkState::default());
    let (_health, health) = watch::channel(String::new());
    let (requests, mut questions) = mpsc::channel(16);
    let (stop, stopped) = oneshot::channel::<()>();
    let settings = ForwardSettings {
        mqtt: broker.settings(),
        topics: Topics::new("acme", 7, "gw-0007").unwrap(),
        gateway_id: "gw-0007".to_owned(),
        epoch: report.epoch,
        next: store.next_sequences(),
        untaken: store.untaken(),
        started: UtcMs(0),
        stop_within: Duration::from_secs(3),
    };
    let backlog: u64 = store.backlog().rows;
    let link = Link { requests, newest: newest_seen, state, health };
    let stopped = async move { drop(stopped.await) };
    let task = tokio::spawn(forward::run(settings, link, stopped, Clock::start()));
    state_seen.wait_for(|state| state.connected).await.unwrap();
    let (start, mut freed, mut flying, mut times) = (Instant::now(), 0, HashMap::new(), Vec::new());
    let mut ticks = tokio::time::interval(PACE);
    let (mut committed, mut drained, mut kept) = (0, None, Vec::new());
    while drained.is_none() || !flying.is_empty() {
        tokio::select! {
            Some(request) = questions.recv() => match request {
                Request::Rows { class, after, max_rows, reply } => {
                    let rows = store.rows_of(class, after, max_rows, FETCH_BYTES).unwrap();
                    let _ = reply.send(Ok(Answer { rows, gaps: Vec::new() }));
                }
                Request::Compare { marks, reply, .. } => {
                    let _ = reply.send(store.compare(&marks));
                }
                Request::Settle(_) | Request::Delivered(_) | Request::Ended(_) => {}
                Request::Free(rows) => {
                    for row in &rows {
                        match flying.remove(row) {
                            Some(since) => times.push(Instant::elapsed(&since)),
                            None => freed += 1,
                        }
                    }
                    kept.extend(rows);
                    if drained.is_none() && freed == backlog && committed >= live {
                        drained = Some(start.elapsed());
                    }
                }
            },
            _ = ticks.tick(), if drained.is_none() => {
                let first_sequence = store.next_sequence(Class::Pos);
                let records = vec![receipts[committed % receipts.len()].clone()];
                let batch = Batch { header: header(Class::Pos, first_sequence), records };
                let payload = encode(&batch).unwrap();
                let row = NewRow { class: Class::Pos, first_sequence, count: 1, payload };
                // As in the agent, what is kept goes in the next transaction.
                let ids: Vec<RowId> = store.commit(&[row], &kept).unwrap();
                kept.clear();
                flying.insert(ids[0], Instant::now());
                newest.send_replace(ids[0]);
                committed += 1;
            }
        }
    }
    drop((stop, questions));
    let _ = task.await;
    Run { drained: drained.unwrap(), live: times }
}

/// Mosquitto on loopback, and somebody who reads.
struct Broker {
    port: u16,
    children: Vec<Child>,
    _dir: tempfile::TempDir,
}

impl Broker {
    async fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("mosquitto.conf");
        let text = format!(
            "user root\nlistener {port} 127.0.0.1\nallow_anonymous true\nsys_interval 1\nmax_inflight_messages 0\n\
             max_queued_messages 0\n"
        );
        std::fs::write(&config, text).unwrap();
        let program = ["mosquitto", "/usr/sbin/mosquitto"]
            .into_iter()
            .find_map(|it| quiet(it, |it| it.arg("-c").arg(&config)));
        let mut broker = Self { port, children: vec![program?], _dir: dir };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let reader = quiet("mosquitto_sub", |it| {
            it.args(["-V", "5", "-h", "127.0.0.1", "-q", "1", "-t", "tillgate/#", "-N", "-p"])
                .arg(port.to_string())
        });
        broker.children.push(reader?);
        // Until it has subscribed: what nobody reads is not delivered, and tried again.
        tokio::time::sleep(Duration::from_secs(2)).await;
        Some(broker)
    }

    fn settings(&self) -> MqttConfig {
        MqttConfig {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            tls: false,
            ca: None,
            client_cert: None,
            client_key: None,
            username: None,
            password_file: None,
            encoding: Encoding::Postcard,
            confirm: Confirm::Broker,
            keep_alive: Duration::from_secs(30),
            allowance: Allowance::default(),
        }
    }

    /// Bytes that it got from anybody so far, by its own count of a second ago at most.
    async fn bytes(&self) -> u64 {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let mut asks = Command::new("mosquitto_sub")
            .args(["-h", "127.0.0.1", "-C", "1", "-t", "$SYS/broker/bytes/received", "-p"])
            .arg(self.port.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let line = BufReader::new(asks.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        asks.wait().unwrap();
        line.parse().unwrap()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn quiet(program: &str, arguments: impl FnOnce(&mut Command) -> &mut Command) -> Option<Child> {
    let mut command = Command::new(program);
    arguments(&mut command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
}
