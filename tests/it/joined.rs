//! Devices that belong to a till, by the built binary on ptys: its payment terminal, and its printer's other wire.

use std::fmt::Write as _;
use std::io::Write as _;

use serialport::TTYPort;
use tempfile::TempDir;
use tillgate_events::{Body, PaymentMethod, Record};

use crate::devices::{cable, payment};
use crate::support::agent::{Agent, accepted};
use crate::support::wait_for;

/// ESC/POS: tea for 10.00, not saying how it was paid.
const SALE: &[u8] = b"\x1b@RECEIPT # 7\nTEA   10.00\nTOTAL   10.00\n\x1dV\x00";
const PAID: &[u8] = b"\x1b@RECEIPT # 8\nTEA   10.00\nTOTAL   10.00\nCASH   10.00\n\x1dV\x00";

/// An agent with a till, what else hangs on it, and the devices' sides of the cables.
struct Shop {
    dir: TempDir,
    agent: Agent,
    till: TTYPort,
    other: TTYPort,
}

impl Shop {
    /// `answers`: the other cable is the printer's answers; else it is a payment terminal's.
    async fn open(answers: bool) -> Self {
        let dir = TempDir::new().unwrap();
        let ((till, till_path), (other, other_path)) = (cable(), cable());
        let mut toml = format!(
            "[gateway]\nid = \"gw-join\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\n\
             currency = \"EUR\"\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:9\"\n",
            dir.path().join("data").display()
        );
        let plug = dir.path().join("other");
        std::os::unix::fs::symlink(other_path, &plug).unwrap();
        let other_path = plug.display();
        let mut serial = |name: &str, port: String, rest: String| {
            write!(toml, "\n[[serial]]\nname = \"{name}\"\nport = \"{port}\"\n{rest}\n").unwrap();
        };
        let mut till_keys = "dialect = \"escpos-generic\"\n".to_owned();
        if answers {
            write!(till_keys, "answers = \"{other_path}\"").unwrap();
        } else {
            let keys = "dialect = \"zvt\"\ntill = \"till-1\"";
            serial("terminal", other_path.to_string(), keys.to_owned());
        }
        serial("till-1", till_path.display().to_string(), till_keys);
        std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
        let agent = Agent::start(dir.path());
        wait_for("both ports are open", || (2 <= agent.count("answers")).then_some(())).await;
        Self { dir, agent, till, other }
    }

    /// Waits for so many records of what happened in the store, stops the agent; all of its records.
    async fn close(self, records: usize) -> Vec<Record> {
        let Self { dir, agent, .. } = self;
        wait_for("all of it is accepted", || (records <= agent.accepted("pos")).then_some(()))
            .await;
        assert_eq!(agent.stop(), Some(0));
        let all = accepted(&dir.path().join("data"));
        all.into_iter().filter(|it| !matches!(it.body, Body::DeviceStatusChanged(_))).collect()
    }
}

/// The till's only record is a receipt that the card paid.
fn check_paid(records: &[Record]) {
    let [Record { source, body: Body::Receipt(receipt), .. }] = records else {
        panic!("{records:?}");
    };
    let paid: Vec<_> = receipt.payments.iter().map(|it| (it.method, it.amount)).collect();
    let expected = [(PaymentMethod::Other, 1000)];
    assert_eq!((source.as_str(), paid.as_slice()), ("till-1", expected.as_slice()));
    assert!(receipt.checks_passed, "{receipt:?}");
}

#[tokio::test]
async fn a_card_that_paid_before_the_receipt_was_printed_is_its_payment() {
    let mut shop = Shop::open(false).await;
    shop.other.write_all(&payment()).unwrap();
    shop.till.write_all(SALE).unwrap();
    check_paid(&shop.close(1).await);
}

#[tokio::test]
async fn a_card_that_paid_after_the_receipt_was_printed_is_its_payment() {
    let mut shop = Shop::open(false).await;
    shop.till.write_all(SALE).unwrap();
    shop.other.write_all(&payment()).unwrap();
    check_paid(&shop.close(1).await);
}

#[tokio::test]
async fn a_drawer_that_opens_without_a_sale_is_told_of_by_the_printers_answers() {
    let mut shop = Shop::open(true).await;
    // The printer tells by itself: open, closed.
    shop.other.write_all(b"\x14\0\0\0\x10\0\0\0").unwrap();
    let records = shop.close(1).await;
    assert!(
        matches!(records.as_slice(), [Record { source, body: Body::NoSale(_), .. }] if source == "till-1"),
        "{records:?}"
    );
}

#[tokio::test]
async fn a_till_goes_on_without_the_answers_of_its_printer_and_a_sale_explains_its_drawer() {
    let mut shop = Shop::open(true).await;
    shop.till.write_all(PAID).unwrap();
    shop.other.write_all(b"\x14\0\0\0\x10\0\0\0").unwrap();
    wait_for("the sale is accepted", || (1 <= shop.agent.accepted("pos")).then_some(())).await;
    std::fs::remove_file(shop.dir.path().join("other")).unwrap();
    wait_for("it is missed", || (1 <= shop.agent.count("does not answer")).then_some(())).await;
    shop.till.write_all(SALE).unwrap();
    let log = shop.agent.log.clone();
    let records = shop.close(2).await;
    let kinds: Vec<_> = records.iter().map(|it| matches!(it.body, Body::Receipt(_))).collect();
    assert_eq!(kinds, [true, true], "{records:?}");
    let log = log.lock().unwrap();
    let missed = log.iter().find(|line| line.contains("does not answer")).unwrap();
    assert!(missed.contains("till-1.answers"), "{missed}");
}
