//! What the built agent says about itself: `…/health` over a real broker, metrics to `curl` and to a client of our own,
//! the watchdog's socket, and `tillgate outbox` while the agent runs and when it does not.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tillgate::store::{NewRow, RowId, Store};
use tillgate_events::{Class, UtcMs};
use tillgate_sim::pty::{Pty, Sink as _};

use crate::support::agent::Agent;
use crate::support::mosquitto::{Broker, Subscriber};
use crate::support::{skipped, wait_for};

const SALE: &str = "RECEIPT # 1\nTEA   1.00\nTOTAL   1.00\nCASH   1.00\n\x0c";

/// Writes a configuration with one till on `port`, and `more`.
fn configure(dir: &Path, broker: u16, port: &Path, more: &str) {
    let toml = format!(
        "[gateway]\nid = \"gw-h\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\ncurrency = \"EUR\"\n\
         data_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:{broker}\"\nconfirm = \"broker\"\n\n\
         [buffer]\nmax_bytes = \"16MiB\"\n\n{more}\n\n\
         [[serial]]\nname = \"till-1\"\nport = \"{}\"\ndialect = \"text-generic\"\n",
        dir.join("data").display(),
        port.display()
    );
    std::fs::write(dir.join("tillgate.toml"), toml).unwrap();
}

fn outbox(dir: &Path, arguments: &[&str]) -> Output {
    let binary = env!("CARGO_BIN_EXE_tillgate");
    let config = dir.join("tillgate.toml");
    Command::new(binary).arg("outbox").args(arguments).arg("--config").arg(config).output().unwrap()
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&text).unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn number(tree: &Value, place: &str) -> Option<u64> {
    tree.pointer(place).and_then(Value::as_u64)
}

fn bytes(hex: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len() / 2).map(|byte| pair(2 * byte)).collect()
}

#[tokio::test]
async fn the_gateway_says_how_it_is_on_its_topic_and_nothing_of_it_is_retained() {
    let Some(broker) = Broker::start("allow_anonymous true").await else {
        return skipped("health", "no Mosquitto; try `make setup`");
    };
    let (dir, mut pty) = (TempDir::new().unwrap(), Pty::open().unwrap());
    configure(dir.path(), broker.port, pty.path(), "[health]\ninterval_s = 5");
    let subscriber = Subscriber::start(&broker, "tillgate/v1/#", "%t %r %x").await;
    let agent = Agent::start(dir.path());
    agent.says("answers").await;
    pty.write_all(SALE.as_bytes()).await.unwrap();
    let kept = || {
        let lines = subscriber.lines();
        let told =
            lines.iter().filter_map(|it| it.strip_prefix("tillgate/v1/test/7/gw-h/health 0 "));
        let mut trees = told.map(|hex| serde_json::from_slice::<Value>(&bytes(hex)).unwrap());
        trees.find(|tree| number(tree, "/streams/pos/kept") == Some(1))
    };
    let tree = wait_for("the receipt is told as kept", kept).await;
    for word in ["seen", "accepted", "sent"] {
        assert_eq!(number(&tree, &format!("/streams/pos/{word}")), Some(1), "{tree}");
    }
    assert_eq!(tree["devices"][0]["name"], "till-1");
    assert_eq!(tree["devices"][0]["state"], "up");
    assert_eq!(tree["cloud"]["connected"], true);
    assert!(number(&tree, "/buffer/used_bytes") > Some(0), "{tree}");
    assert_eq!(tree["buffer"]["bytes_per_hour"], Value::Null, "a minute is no evidence: {tree}");
    assert_eq!(agent.stop(), Some(0));
}

/// The answer to a request, and what `curl` makes of it where there is one.
fn get(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    said
}

#[tokio::test]
async fn metrics_are_told_where_they_are_configured_and_to_get_alone() {
    let (dir, pty) = (TempDir::new().unwrap(), Pty::open().unwrap());
    let port = free_port();
    let metrics = format!("[metrics]\nlisten = \"127.0.0.1:{port}\"");
    configure(dir.path(), 1, pty.path(), &metrics);
    let agent = Agent::start(dir.path());
    agent.says("metrics are told").await;
    let told = || {
        let page = get(port, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
        page.contains("tillgate_device_up{device=\"till-1\"} 1").then_some(page)
    };
    let page = wait_for("the till is up", told).await;
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("# TYPE tillgate_records_accepted_total counter\n"), "{page}");
    let refused = get(port, "POST /metrics HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody");
    assert!(refused.starts_with("HTTP/1.1 405 "), "{refused}");
    let url = format!("http://127.0.0.1:{port}/metrics");
    match Command::new("curl").args(["-sS", "--fail", "-i", &url]).output() {
        Ok(curl) => {
            let text = String::from_utf8(curl.stdout).unwrap();
            assert!(curl.status.success(), "{text}{}", String::from_utf8_lossy(&curl.stderr));
            assert!(
                text.contains("text/plain; version=0.0.4") && text.contains("tillgate_info{"),
                "{text}"
            );
        }
        Err(_) => skipped("metrics with curl", "no curl"),
    }
    assert_eq!(agent.stop(), Some(0));
}

#[tokio::test]
async fn outbox_shows_the_agents_word_while_it_runs_and_the_database_when_it_does_not() {
    let (dir, mut pty) = (TempDir::new().unwrap(), Pty::open().unwrap());
    configure(dir.path(), 1, pty.path(), "");
    let none = outbox(dir.path(), &[]);
    assert!(String::from_utf8_lossy(&none.stdout).contains("no outbox yet"), "{none:?}");
    let agent = Agent::start(dir.path());
    agent.says("answers").await;
    let said = || dir.path().join("data/health.json").exists().then_some(());
    wait_for("the agent says how it is", said).await;
    let held = json(&outbox(dir.path(), &["--json"]));
    assert_eq!(held["source"], "agent");
    assert!(number(&held, "/said_s_ago") < Some(60), "{held}");
    let export = dir.path().join("export");
    let name = export.to_str().unwrap();
    let refused = outbox(dir.path(), &["export", name]);
    assert_eq!(refused.status.code(), Some(75));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("systemctl stop tillgate"));
    pty.write_all(SALE.as_bytes()).await.unwrap();
    wait_for("the receipt is accepted", || (1 <= agent.accepted("pos")).then_some(())).await;
    agent.kill();

    let files = |dir: &Path| {
        let read = |name: &str| std::fs::read(dir.join("data").join(name)).unwrap_or_default();
        (read("outbox.db"), read("outbox.db-wal"), read("outbox.mark"))
    };
    let before = files(dir.path());
    assert!(!before.1.is_empty(), "what was accepted last is in the log");
    let free = json(&outbox(dir.path(), &["--json"]));
    assert_eq!(free["source"], "database");
    let pos = free["waiting"].as_array().unwrap().iter().find(|it| it["class"] == "pos").unwrap();
    assert_eq!((number(pos, "/batches"), number(pos, "/records")), (Some(1), Some(1)));
    assert!(number(pos, "/oldest_s") < Some(600), "{pos}");
    assert!(files(dir.path()) == before, "looking changed something");
    assert!(outbox(dir.path(), &["export", name]).status.success());
    let after = files(dir.path());
    // The log says that all was handed out.
    assert!((after.0, after.2) == (before.0, before.2) && after.1.starts_with(&before.1));
    let again = outbox(dir.path(), &["export", name]);
    assert_eq!(again.status.code(), Some(75), "an export is never written over");

    let decoded = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["decode", "--framed", name])
        .output()
        .unwrap();
    let events = String::from_utf8(decoded.stdout).unwrap();
    assert!(decoded.status.success() && events.contains("\"payment"), "{events}");
    let (mut store, _) = Store::open(&dir.path().join("data"), 16 << 20, UtcMs(0)).unwrap();
    let rows = store.rows_after(RowId(0), 100, usize::MAX).unwrap();
    assert!(rows.iter().any(|row| row.class == Class::Pos), "the agent still has it");
    let first_sequence = store.next_sequence(Class::Pos);
    let next = NewRow { class: Class::Pos, first_sequence, count: 1, payload: vec![1] };
    store.commit(&[next], &[]).unwrap();
}

/// The agent as systemd starts it, with its log in a pipe that is read only when the test does.
struct Service {
    child: Child,
    socket: UnixDatagram,
    log: std::io::PipeReader,
    full: std::io::PipeWriter,
}

impl Service {
    fn start(dir: &Path, watchdog: Duration) -> Self {
        let path = dir.join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let (log, full) = std::io::pipe().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_tillgate"))
            .args(["run", "--config"])
            .arg(dir.join("tillgate.toml"))
            .env("NOTIFY_SOCKET", &path)
            .env("WATCHDOG_USEC", watchdog.as_micros().to_string())
            .stdout(Stdio::null())
            .stderr(full.try_clone().unwrap())
            .spawn()
            .unwrap();
        Self { child, socket, log, full }
    }

    /// The next thing that it tells systemd; `None` when it keeps silent for too long.
    fn tells(&self) -> Option<String> {
        let mut told = [0; 256];
        let length = self.socket.recv(&mut told).ok()?;
        Some(String::from_utf8_lossy(&told[..length]).trim().to_owned())
    }

    fn until(&self, word: &str) {
        while self.tells().unwrap_or_else(|| panic!("never {word}")) != word {}
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_pipeline_that_is_stuck_starves_systemds_watchdog() {
    let (dir, pty) = (TempDir::new().unwrap(), Pty::open().unwrap());
    configure(dir.path(), 1, pty.path(), "");
    let patience = Duration::from_millis(300);
    let mut service = Service::start(dir.path(), patience);
    service.until("READY=1");
    for _ in 0..3 {
        service.until("WATCHDOG=1");
    }
    // Nobody reads its log any more, and the pipe is full: the pipeline's next line holds it up.
    let mut full = service.full.try_clone().unwrap();
    let filler = std::thread::spawn(move || full.write_all(&vec![b'x'; 1 << 20]));
    let mut before = 0;
    let is_full = || {
        let waiting = rustix::io::ioctl_fionread(&service.log).unwrap();
        let same = waiting == std::mem::replace(&mut before, waiting);
        (same && waiting >= 4096).then_some(())
    };
    wait_for("the pipe is full", is_full).await;
    drop(pty);
    service.socket.set_read_timeout(Some(patience * 10)).unwrap();
    wait_for("it is silent", || service.tells().is_none().then_some(())).await;
    // Somebody reads again: it goes on.
    let mut log = service.log.try_clone().unwrap();
    let said = std::thread::spawn(move || {
        let mut said = Vec::new();
        let _ = log.read_to_end(&mut said);
        said.retain(|byte| *byte != b'x');
        String::from_utf8_lossy(&said).into_owned()
    });
    service.socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    service.until("WATCHDOG=1");
    filler.join().unwrap().unwrap();
    let pid = service.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    service.until("STOPPING=1");
    // Like systemd it is heard to the end: nobody writes into a socket that is full.
    service.socket.set_read_timeout(Some(patience)).unwrap();
    let code = loop {
        if let Some(code) = service.child.try_wait().unwrap() {
            break code;
        }
        let _ = service.tells();
    };
    drop(service);
    assert_eq!(code.code(), Some(0), "{}", said.join().unwrap());
}
