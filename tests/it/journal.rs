//! The built binary killed in the middle of a receipt: the journal puts the first half back, and one whole receipt
//! arrives at a real broker. And the journal through a changed dialect.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tillgate::store::{Store, read_journal};
use tillgate_events::{Body, Receipt, UtcMs, decode};
use tillgate_sim::pty::{Pty, Sink as _};

use crate::support::mosquitto::{Broker, Subscriber};
use crate::support::{skipped, wait_for};

const FIRST: &str = "CORNER SHOP\nRECEIPT # 4711\nAPPLE    1.20\nBREAD    3.50\n";
const SECOND: &str = "CHEESE   4.30\nTOTAL    9.00\nCASH     9.00\n\x0c";

struct Agent {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
}

impl Agent {
    fn start(config: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tillgate"))
            .args(["run", "--config"])
            .arg(config)
            .env("TILLGATE_LOG", "info,tillgate::agent=debug")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, sink) = (BufReader::new(child.stderr.take().unwrap()).lines(), log.clone());
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                sink.lock().unwrap().push(line);
            }
        });
        Self { child, log }
    }

    async fn says(&self, words: &str) {
        let said =
            || self.log.lock().unwrap().iter().any(|line| line.contains(words)).then_some(());
        wait_for(words, said).await;
    }

    /// As `kill -9`.
    fn kill(self) {
        drop(self);
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Shop {
    dir: TempDir,
    till: Pty,
}

impl Shop {
    fn new(broker_port: u16) -> Self {
        let (dir, till) = (TempDir::new().unwrap(), Pty::open().unwrap());
        let toml = format!(
            "[gateway]\nid = \"gw-j\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\n\
             currency = \"EUR\"\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:{broker_port}\"\n\
             confirm = \"broker\"\n\n[[serial]]\nname = \"till-1\"\nport = \"{}\"\nbaud = 9600\n\
             dialect = \"text-generic\"\n",
            dir.path().join("data").display(),
            till.path().display(),
        );
        std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
        Self { dir, till }
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("tillgate.toml")
    }

    fn database(&self) -> PathBuf {
        self.dir.path().join("data/outbox.db")
    }

    async fn print(&mut self, text: &str) {
        self.till.write_all(text.as_bytes()).await.unwrap();
    }

    /// All that the journal has, of finished documents or of open ones.
    fn journal(&self, ended: bool) -> String {
        let all = read_journal(&self.database(), UtcMs(0)).unwrap_or_default();
        let some = all.into_iter().filter(|document| document.ended == ended);
        some.map(|document| document.text + &document.tail).collect()
    }

    /// Prints the first half and kills the agent once the journal has it, with the line that was held back.
    async fn dies_in_the_middle(&mut self) {
        let agent = Agent::start(&self.config());
        agent.says("running").await;
        self.print(FIRST).await;
        let written = || self.journal(false).contains("BREAD    3.50").then_some(());
        wait_for("the journal has the first half", written).await;
        agent.kill();
    }
}

fn receipts(subscriber: &Subscriber) -> Vec<Receipt> {
    let mut found = Vec::new();
    for line in subscriber.lines() {
        let (topic, hex) = line.split_once(' ').unwrap();
        let byte =
            |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        let payload: Vec<u8> = hex.as_bytes().chunks(2).map(byte).collect();
        if !topic.ends_with("/evt/pos") {
            continue;
        }
        for record in decode(&payload).unwrap().records {
            if let Body::Receipt(receipt) = record.body {
                found.push(*receipt);
            }
        }
    }
    found
}

/// A shop whose agent was killed within a receipt and started again; what arrives when the rest is printed.
/// `between` may change the database while no agent runs.
async fn killed_and_started(between: fn(&Shop)) -> Option<Vec<Receipt>> {
    let broker = Broker::start("allow_anonymous true").await?;
    let mut shop = Shop::new(broker.port);
    let subscriber = Subscriber::start(&broker, "tillgate/v1/#", "%t %x").await;
    shop.dies_in_the_middle().await;
    assert!(receipts(&subscriber).is_empty());
    between(&shop);
    shop.print(SECOND).await;
    let agent = Agent::start(&shop.config());
    agent.says("running").await;
    wait_for("a receipt arrives", || (!receipts(&subscriber).is_empty()).then_some(())).await;
    // Another one behind it: whatever came twice is there by then.
    shop.print("RECEIPT # 4712\nTEA    1.00\nTOTAL    1.00\nCASH    1.00\n\x0c").await;
    let last = || receipts(&subscriber).iter().any(|it| it.total == 100).then_some(());
    wait_for("the next receipt arrives", last).await;
    agent.kill();
    Some(receipts(&subscriber))
}

#[tokio::test]
async fn a_receipt_in_which_the_agent_was_killed_arrives_whole_and_once() {
    let Some(found) = killed_and_started(|_| ()).await else {
        return skipped("journal", "no Mosquitto; try `make setup`");
    };
    let short: Vec<_> =
        found.iter().map(|it| (it.total, it.lines.len(), it.complete, it.checks_passed)).collect();
    assert_eq!(short, [(900, 3, true, true), (100, 1, true, true)]);
}

/// The test above has teeth: with the journal ended behind the agent's back (all that tells an open document from a
/// finished one) the first half is missing.
#[tokio::test]
async fn without_what_the_journal_holds_the_receipt_would_not_be_whole() {
    let without = |shop: &Shop| {
        let (mut store, _) =
            Store::open(&shop.dir.path().join("data"), 64 << 20, UtcMs(0)).unwrap();
        let open = store.open_documents().unwrap();
        assert_eq!(open.len(), 1);
        let (device, paper) = (open[0].device.clone(), open[0].paper);
        let end = tillgate::store::Page { device, paper, ends: true, ..Default::default() };
        store.commit_with(&[], &[], &[end]).unwrap();
    };
    let Some(found) = killed_and_started(without).await else {
        return skipped("journal", "no Mosquitto; try `make setup`");
    };
    let first = &found[0];
    assert_eq!((first.total, first.lines.len(), first.checks_passed), (900, 1, false));
}

fn replay(file: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tillgate"));
    command.arg("replay").arg(file).args(["--since", "1h"]).args(arguments).output().unwrap()
}

fn said(file: &Path, arguments: &[&str]) -> String {
    let output = replay(file, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn the_journal_is_replayed_through_another_dialect_while_the_agent_runs() {
    let mut shop = Shop::new(1);
    let agent = Agent::start(&shop.config());
    agent.says("running").await;
    shop.print(&format!("{FIRST}VISA 4111 1111 1111 1111\n{SECOND}")).await;
    let written = || shop.journal(true).contains("CHEESE").then_some(());
    wait_for("the receipt is finished in the journal", written).await;
    shop.print("RECEIPT # 4712\nTEA    1.00\n").await;
    wait_for("an open one", || shop.journal(false).contains("TEA").then_some(())).await;
    let before = std::fs::read(shop.database()).unwrap();

    let lines = said(&shop.config(), &["--lines"]);
    assert!(lines.contains("CHEESE   4.30\n") && lines.contains("TEA    1.00\n"), "{lines}");
    assert!(lines.contains("**** 1111") && !lines.contains("4111"), "{lines}");
    let events = said(&shop.config(), &["--json"]);
    assert!(events.contains("gw-j-pos-1-1") && events.contains("CHEESE"), "{events}");
    assert!(events.contains("\"complete\":false"), "the open one has no end: {events}");
    let explained = said(&shop.config(), &["--explain", "--device", "till-1"]);
    assert!(explained.contains("total 9.00: checks passed"), "{explained}");

    // A dialect under which bread is no article.
    let dialect = shop.dir.path().join("changed.toml");
    let text = "schema = 1\nid = \"changed\"\nextends = \"text-generic\"\n\
                [receipt]\nignore = ['^BREAD']\n";
    std::fs::write(&dialect, text).unwrap();
    let changed = said(&shop.database(), &["--explain", "--dialect", dialect.to_str().unwrap()]);
    assert!(changed.contains("checks failed"), "{changed}");

    assert_eq!(replay(&shop.config(), &["--device", "nobody"]).status.code(), Some(66));
    assert_eq!(replay(&shop.database(), &[]).status.code(), Some(78));
    assert_eq!(std::fs::read(shop.database()).unwrap(), before, "only read");
    agent.kill();
}
