//! The built binary between ptys and a real broker: ptys in, subscriber out, the broker stopped and
//! restarted and the agent killed in between. Nothing accepted is lost, nothing counts twice after dedupe.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use jiff::civil::date;
use tempfile::TempDir;
use tillgate_sim::demo::arrivals::Arrivals;
use tillgate_sim::pty::{Pty, Sink as _};
use tillgate_sim::store::{Device as _, Direction, ReceiptTruth, Said, Style, Till};

use crate::support::agent::Agent;
use crate::support::mosquitto::{Broker, Subscriber};
use crate::support::{skipped, wait_for};

/// A till on a pty, and what it printed so far.
pub struct Printing {
    till: Till,
    pub pty: Pty,
    printed: Vec<ReceiptTruth>,
}

impl Printing {
    pub fn new(name: &str, style: Style, seed: u64) -> Self {
        let till = Till::new(name, style, date(2026, 11, 21).at(9, 0, 0, 0), seed);
        Self { till, pty: Pty::open().unwrap(), printed: Vec::new() }
    }

    pub async fn print(&mut self, count: u64) {
        for _ in 0..count {
            let minutes = 60 * self.printed.len() as u64;
            let utterance = self.till.next(Duration::from_secs(minutes));
            self.pty.write_all(&utterance.bytes).await.unwrap();
            if let Said::Receipt(receipt) = utterance.said {
                self.printed.push(receipt);
            }
        }
    }
}

/// A configuration without devices.
pub fn gateway_config(dir: &TempDir, broker_port: u16) -> String {
    format!(
        "[gateway]\nid = \"gw-e2e\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"Europe/Berlin\"\n\
         currency = \"EUR\"\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:{}\"\n\
         confirm = \"broker\"\n\n[buffer]\nmax_bytes = \"16MiB\"\n",
        dir.path().join("data").display(),
        broker_port
    )
}

fn write_config(dir: &TempDir, broker: &Broker, tills: &[(&str, &Pty)], door: &Pty) {
    let mut toml = gateway_config(dir, broker.port);
    for (name, pty) in tills {
        let port = pty.path().display();
        write!(toml, "\n[[serial]]\nname = \"{name}\"\nport = \"{port}\"\nbaud = 115200\n")
            .unwrap();
        toml.push_str("dialect = \"escpos-generic\"\n");
    }
    let port = door.path().display();
    write!(toml, "\n[[door]]\nname = \"main\"\nzone = \"ENTRANCE\"\nkind = \"serial-counter\"\n")
        .unwrap();
    writeln!(toml, "port = \"{port}\"\nbaud = 9600").unwrap();
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
}

/// What the subscriber has, after dedupe.
pub fn arrivals(subscriber: &Subscriber) -> Arrivals {
    let mut arrivals = Arrivals::default();
    for line in subscriber.lines() {
        let (topic, hex) = line.split_once(' ').unwrap();
        let byte =
            |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        let payload: Vec<u8> = hex.as_bytes().chunks(2).map(byte).collect();
        arrivals.take(topic, &payload);
    }
    arrivals
}

#[tokio::test]
async fn what_was_accepted_arrives_once_through_a_broker_restart_and_a_killed_agent() {
    let Some(mut broker) = Broker::start("allow_anonymous true").await else {
        return skipped("end_to_end", "no Mosquitto; try `make setup`");
    };
    let dir = TempDir::new().unwrap();
    let seed = fastrand::u64(..);
    println!("SEED={seed}");
    let mut tills = [
        Printing::new("till-1", Style::Columns, seed),
        Printing::new("till-2", Style::Positioned, seed.wrapping_add(1)),
    ];
    let mut door = Pty::open().unwrap();
    let ports: Vec<(&str, &Pty)> = ["till-1", "till-2"]
        .into_iter()
        .zip(&tills)
        .map(|(name, till)| (name, &till.pty))
        .collect();
    write_config(&dir, &broker, &ports, &door);

    let subscriber = Subscriber::start(&broker, "tillgate/v1/#", "%t %x").await;
    let agent = Agent::start(dir.path());
    for till in &mut tills {
        till.print(5).await;
    }
    door.write_all(b"IN\r\nIN 2\r\nOUT\r\n").await.unwrap();
    let receipts = || arrivals(&subscriber).receipts.len();
    wait_for("the first receipts arrive", || (10 <= receipts()).then_some(())).await;

    broker.stop();
    for till in &mut tills {
        till.print(10).await;
    }
    wait_for("receipts are accepted without a broker", || {
        (30 <= agent.accepted("pos")).then_some(())
    })
    .await;
    agent.kill();

    let agent = Agent::start(dir.path());
    agent.says("running").await;
    for till in &mut tills {
        till.print(5).await;
    }
    wait_for("the new process accepts", || (10 <= agent.accepted("pos")).then_some(())).await;
    broker.restart().await;
    wait_for("all receipts arrive", || (40 <= receipts()).then_some(())).await;
    assert_eq!(agent.stop(), Some(0));

    let arrived = arrivals(&subscriber);
    assert_eq!(arrived.unreadable, Vec::<String>::new());
    assert_eq!(arrived.holes(), Vec::<String>::new());
    let printed: BTreeMap<(String, u32), &ReceiptTruth> = tills
        .iter()
        .flat_map(|till| &till.printed)
        .map(|truth| ((truth.terminal.clone(), truth.number), truth))
        .collect();
    assert_eq!(printed.keys().collect::<Vec<_>>(), arrived.receipts.keys().collect::<Vec<_>>());
    for (key, found) in &arrived.receipts {
        let truth = ReceiptTruth { card_numbers: Vec::new(), ..printed[key].clone() };
        assert_eq!((&found.sums, found.sound, found.times), (&truth, true, 1));
    }
    assert_eq!((arrived.crossed(Direction::In), arrived.crossed(Direction::Out)), (3, 1));
    let secret = tills.iter().flat_map(|till| &till.printed).flat_map(|truth| &truth.card_numbers);
    let files = ["data/outbox.db", "data/outbox.db-wal"].map(|file| dir.path().join(file));
    for number in secret {
        let leaks = |text: &[u8]| text.windows(number.len()).any(|part| part == number.as_bytes());
        assert!(!arrived.texts.iter().any(|text| leaks(text.as_bytes())), "on the wire");
        let on_disk = files.iter().filter_map(|file| std::fs::read(file).ok());
        assert!(!on_disk.into_iter().any(|bytes| leaks(&bytes)), "on the disk");
    }
}

#[tokio::test]
async fn a_gateway_without_devices_runs_until_it_is_told_to_stop_and_says_that_it_is_idle() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("tillgate.toml"), gateway_config(&dir, 1)).unwrap();
    let agent = Agent::start(dir.path());
    agent.says("no device is configured").await;
    // It outlives its pipeline's start: by now it has tried to reach the broker.
    agent.says("rows stay in the store").await;
    assert_eq!(agent.stop(), Some(0));
}

#[tokio::test]
async fn a_receipt_that_the_stop_cuts_short_is_told_of_without_its_content() {
    let dir = TempDir::new().unwrap();
    let mut pty = Pty::open().unwrap();
    let till = format!("\n[[serial]]\nname = \"t\"\nport = \"{}\"\n", pty.path().display());
    let toml = gateway_config(&dir, 1) + &till + "dialect = \"text-generic\"\n";
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
    let agent = Agent::start(dir.path());
    agent.says("answers").await;
    let sale = |number| format!("RECEIPT # {number}\nOOLONG   1.00\nTOTAL   1.00\nCASH   1.00\n");
    let both = format!("{}\x0c{}", sale(1), sale(2));
    pty.write_all(both.as_bytes()).await.unwrap();
    wait_for("the whole one is accepted", || (1 <= agent.accepted("pos")).then_some(())).await;
    let log = agent.log.clone();
    assert_eq!(agent.stop(), Some(0));
    let said = |words: &str| log.lock().unwrap().iter().any(|line| line.contains(words));
    wait_for("the log ends", || said("stopped: ").then_some(())).await;
    assert!(said("a receipt was cut short: it is sent as incomplete"), "{:?}", log.lock());
    assert!(!said("OOLONG"), "{:?}", log.lock());
}
