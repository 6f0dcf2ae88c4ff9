//! The thread with its channels: what waits in them, and what the pipeline makes of it.

use tempfile::TempDir;
use tillgate_events::{Body, Receipt};

use super::*;
use crate::agent::fixture::{accepted, bytes, pipeline, till};
use crate::time::{Now, UtcMs};

/// A moment so long ago.
fn ago(now: Now, before: Duration) -> Now {
    let micros = u64::try_from(before.as_micros()).unwrap();
    let millis = i64::try_from(before.as_millis()).unwrap();
    let mono = crate::time::Mono(now.mono.0.saturating_sub(micros));
    Now { mono, wall: UtcMs(now.wall.0 - millis) }
}

/// A watchdog that nobody has.
fn unfed() -> Watchdog {
    Watchdog::new(None, Box::new(|| ()))
}

/// A stop that nobody asks for.
fn never() -> watch::Receiver<bool> {
    watch::channel(false).1
}

/// A catalogue that stays as it is: of nothing.
fn same() -> watch::Receiver<Arc<Catalog>> {
    watch::channel(Arc::default()).1
}

/// An empty database of which a page that only reading needs is senseless: that of the gaps.
fn damage(dir: &std::path::Path) {
    drop(pipeline(dir, Vec::new(), Clock::start().now()));
    let file = dir.join("outbox.db");
    let mut bytes = std::fs::read(&file).unwrap();
    // Tables have their first pages in the order of the schema, after the schema's own.
    let (page, size) = (4, limits::STORE_PAGE_BYTES as usize);
    bytes[(page - 1) * size..page * size].fill(0xff);
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn a_damaged_database_ends_the_thread_though_nobody_told_it_to_and_the_next_start_has_a_new_one() {
    let (dir, clock) = (TempDir::new().unwrap(), Clock::start());
    damage(dir.path());
    let (_readings_in, readings) = mpsc::channel(1);
    let (requests_in, requests) = mpsc::channel(1);
    let (newest, _) = watch::channel(RowId(0));
    let (settled, _done) = oneshot::channel();
    let (health, _) = watch::channel(Snapshot::default());
    let (_, link) = watch::channel(LinkState::default());
    let (watchdog, stop, catalog) = (unfed(), never(), same());
    let inbox =
        Inbox { readings, requests, newest, link, health, watchdog, stop, catalog, settled };
    let (reply, _answer) = oneshot::channel();
    requests_in
        .try_send(Request::Rows {
            class: tillgate_events::Class::Pos,
            after: RowId(0),
            max_rows: 9,
            reply,
        })
        .unwrap();
    let ended = serve(pipeline(dir.path(), Vec::new(), clock.now()), inbox, clock);
    assert!(matches!(ended, Err(ThreadError::Damaged)), "{ended:?}");
    assert!(!pipeline(dir.path(), Vec::new(), clock.now()).is_damaged());
    assert!(accepted(dir.path()).is_empty());
}

/// Lets the thread take readings that all wait already, and end; what it accepted.
fn take_all(waiting: Vec<Reading>, clock: Clock) -> Vec<Body> {
    take_with(waiting, never(), clock).0
}

/// The same with word of a stop, and how often it wrote.
fn take_with(waiting: Vec<Reading>, stop: watch::Receiver<bool>, clock: Clock) -> (Vec<Body>, u64) {
    let dir = TempDir::new().unwrap();
    let (readings_in, readings) = mpsc::channel(limits::READINGS_QUEUE);
    let (_, requests) = mpsc::channel(1);
    let (newest, _) = watch::channel(RowId(0));
    let (settled, _done) = oneshot::channel();
    for reading in waiting {
        readings_in.try_send(reading).unwrap();
    }
    drop(readings_in);
    let chains = vec![till("till-1"), till("till-2")];
    let pipeline = pipeline(dir.path(), chains, clock.now());
    let (health, told) = watch::channel(Snapshot::default());
    let (_, link) = watch::channel(LinkState::default());
    let (watchdog, catalog) = (unfed(), same());
    let inbox =
        Inbox { readings, requests, newest, link, health, watchdog, stop, catalog, settled };
    serve(pipeline, inbox, clock).unwrap();
    let commits = told.borrow().health.store.commits;
    (accepted(dir.path()).into_iter().map(|record| record.body).collect(), commits)
}

fn receipts(bodies: &[Body]) -> Vec<&Receipt> {
    let mut found = Vec::new();
    for body in bodies {
        if let Body::Receipt(receipt) = body {
            found.push(&**receipt);
        }
    }
    found
}

/// A receipt of many lines, each a reading of its own: more than are taken at once.
fn slow_receipt(start: Now) -> Vec<Reading> {
    let articles = limits::READINGS_AT_ONCE + 10;
    let head = ["RECEIPT # 9\n".to_owned()];
    let lines = head
        .into_iter()
        .chain((0..articles).map(|number| format!("APPLE {number}   1.00\n")))
        .chain([format!("TOTAL   {articles}.00\nCASH   {articles}.00\n\x0c")]);
    let step = Duration::from_millis(10);
    lines.zip(0..).map(|(line, number)| bytes(start.plus(step * number), &line)).collect()
}

#[test]
fn a_receipt_that_waited_is_not_cut_by_the_silence_of_its_wait() {
    let clock = Clock::start();
    let readings = slow_receipt(ago(clock.now(), Duration::from_secs(10)));
    let bodies = take_all(readings, clock);
    let receipts = receipts(&bodies);
    assert_eq!(receipts.len(), 1, "{bodies:?}");
    assert!(receipts[0].complete && receipts[0].checks_passed, "{bodies:?}");
}

#[test]
fn once_it_stops_all_that_waits_is_taken_before_it_writes() {
    let clock = Clock::start();
    let start = ago(clock.now(), Duration::from_secs(10));
    let lines: String = (0..10).map(|nth| format!("TEA {nth}   1.00\n")).collect();
    let sale = |number: usize| {
        let text = format!("RECEIPT # {number}\n{lines}TOTAL   10.00\nCASH   10.00\n\x0c");
        bytes(start, &text)
    };
    let all = limits::READINGS_QUEUE / 4;
    let waiting = (0..all).map(sale).collect();
    let (_in, stop) = watch::channel(true);
    let (bodies, commits) = take_with(waiting, stop, clock);
    assert_eq!((receipts(&bodies).len(), commits), (all, 1));
}

#[test]
fn a_silence_within_what_waited_still_ends_a_document() {
    let clock = Clock::start();
    let start = ago(clock.now(), Duration::from_secs(20));
    let sale = |number: u32| format!("RECEIPT # {number}\nTEA   1.00\nTOTAL   1.00\nCASH   1.00\n");
    let later = start.plus(Duration::from_secs(5));
    let bodies = take_all(vec![bytes(start, &sale(1)), bytes(later, &sale(2))], clock);
    let complete: Vec<bool> = receipts(&bodies).iter().map(|receipt| receipt.complete).collect();
    // The second one ended by the silence since, not by the end of the agent.
    assert_eq!(complete, [true, true], "{bodies:?}");
}

/// A log that says when something is to be written to it, and takes it only when it is let.
#[derive(Clone)]
struct Gate {
    reached: std::sync::mpsc::Sender<()>,
    open: std::sync::Arc<std::sync::Mutex<std::sync::mpsc::Receiver<()>>>,
}

impl std::io::Write for Gate {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.reached.send(()).unwrap();
        self.open.lock().unwrap().recv().unwrap();
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_pipeline_that_is_stuck_starves_the_watchdog_and_feeds_it_when_it_goes_on() {
    let (dir, clock) = (TempDir::new().unwrap(), Clock::start());
    let (readings_in, readings) = mpsc::channel(1);
    let (requests_in, requests) = mpsc::channel(1);
    let (newest, _) = watch::channel(RowId(0));
    let (settled, _done) = oneshot::channel();
    let (health, _) = watch::channel(Snapshot::default());
    let (_, link) = watch::channel(LinkState::default());
    let (told, fed) = std::sync::mpsc::channel();
    let patience = Duration::from_millis(9);
    let watchdog = Watchdog::new(
        Some(patience),
        Box::new(move || {
            let _ = told.send(());
        }),
    );
    let (stop, catalog) = (never(), same());
    let inbox =
        Inbox { readings, requests, newest, link, health, watchdog, stop, catalog, settled };
    let (reached, stuck) = std::sync::mpsc::channel();
    let (open, opened) = std::sync::mpsc::channel();
    let gate = Gate { reached, open: std::sync::Arc::new(std::sync::Mutex::new(opened)) };
    let pipeline = pipeline(dir.path(), vec![till("till-1")], clock.now());
    let thread = std::thread::spawn(move || {
        let log = tracing_subscriber::fmt().with_writer(move || gate.clone()).finish();
        tracing::subscriber::with_default(log, || serve(pipeline, inbox, clock))
    });
    // Nothing happens in the shop, and it is fed again and again.
    for _ in 0..5 {
        fed.recv().unwrap();
    }
    let up = crate::source::Body::Up;
    let reading = Reading { source: crate::source::SourceId(0), at: clock.now(), body: up };
    readings_in.blocking_send(reading).unwrap();
    stuck.recv().unwrap();
    // What was said before it got stuck; then silence, many times as long as it would wait otherwise.
    while fed.try_recv().is_ok() {}
    assert!(fed.recv_timeout(patience * 30).is_err());
    open.send(()).unwrap();
    fed.recv().unwrap();
    // What it says from now on is let through.
    drop((readings_in, requests_in));
    for _ in 0..1000 {
        let _ = open.send(());
    }
    thread.join().unwrap().unwrap();
}

/// Leaves a database of large rows, as a run that met damage does.
fn leave_damaged(dir: &std::path::Path) {
    let now = Clock::start().now().wall;
    let (mut store, _) = crate::store::Store::open(dir, 256 << 20, now).unwrap();
    for first_sequence in 1..=5 {
        let class = tillgate_events::Class::Pos;
        let payload = vec![1; 3 << 20];
        let row = crate::store::NewRow { class, first_sequence, count: 1, payload };
        store.commit(&[row], &[]).unwrap();
    }
    drop(store);
    std::fs::write(dir.join("outbox.damaged"), "").unwrap();
}

#[test]
fn what_is_asked_during_a_salvage_is_answered_at_its_end_with_what_was_taken_over() {
    let (dir, clock) = (TempDir::new().unwrap(), Clock::start());
    leave_damaged(dir.path());
    let (_readings_in, readings) = mpsc::channel(1);
    let (requests_in, requests) = mpsc::channel(1);
    let (newest, _) = watch::channel(RowId(0));
    let (settled, _done) = oneshot::channel();
    let (health, _) = watch::channel(Snapshot::default());
    let (_, link) = watch::channel(LinkState::default());
    let (watchdog, stop, catalog) = (unfed(), never(), same());
    let inbox =
        Inbox { readings, requests, newest, link, health, watchdog, stop, catalog, settled };
    let (reply, answer) = oneshot::channel();
    let class = tillgate_events::Class::Pos;
    requests_in.try_send(Request::Rows { class, after: RowId(0), max_rows: 9, reply }).unwrap();
    let pipeline = pipeline(dir.path(), Vec::new(), clock.now());
    assert!(pipeline.withholds_rows());
    let thread = std::thread::spawn(move || serve(pipeline, inbox, clock));
    let answer = answer.blocking_recv().unwrap().unwrap();
    assert_eq!(answer.rows[0].first_sequence, 1);
    drop((_readings_in, requests_in));
    thread.join().unwrap().unwrap();
}
