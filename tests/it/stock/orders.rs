//! The built binary at a back office printer: slips of online orders take their articles off the shelf once, and
//! nothing of the customer is sent.

use tempfile::TempDir;
use tillgate::store::{RowId, Store, read_stock};
use tillgate_events::{Body, Record, StockReason, UtcMs, decode};
use tillgate_sim::pty::{Pty, Sink as _};

use crate::support::agent::Agent;
use crate::support::wait_for;

const CATALOG: &str = "id,sku,name,price\n1,100001,Whole milk,1.20\n2,100002,Rye bread,3.50\n";

/// Two orders, the first one's slip printed twice, and a paper that is no slip.
const PAPERS: &str = "\x1b@SHOP 7\nCLICK & COLLECT\nOrder No: W-1\nCustomer: Anna Example\n12 Example Street\n\
    2 x 100001 Whole milk\n1 x Rye bread\n\x1dV0\
    SHOP 7\nCLICK & COLLECT\nOrder No: W-1\nCustomer: Anna Example\n12 Example Street\n\
    2 x 100001 Whole milk\n1 x Rye bread\n\x1dV0\
    Erika Example\nSample Lane 5\n\x1dV0\
    Versandschein\nBestellung 4712\nLieferadresse\nErika Example\nSample Lane 5\n\
    Artikel  Menge\n100002 Rye bread  3 Stk\nSample Lane 5\n\x1dV0";

fn config(dir: &TempDir, printer: &Pty) {
    let catalog = dir.path().join("catalog.csv");
    std::fs::write(&catalog, CATALOG).unwrap();
    let toml = format!(
        "catalog = \"{}\"\n\n[gateway]\nid = \"gw-o\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\n\
         currency = \"EUR\"\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n\n\
         [[serial]]\nname = \"office\"\nport = \"{}\"\nbaud = 9600\ndialect = \"order-slips\"\n",
        catalog.display(),
        dir.path().join("data").display(),
        printer.path().display(),
    );
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
}

/// How often each product changed, in its order.
fn moves(dir: &TempDir) -> Vec<(u64, usize)> {
    let Ok(stock) = read_stock(&dir.path().join("data/outbox.db")) else { return Vec::new() };
    let ledger = tillgate::agent::stock::ledger(&stock);
    let mut moves: Vec<_> = ledger.items().map(|(id, item)| (id, item.moves().len())).collect();
    moves.sort_unstable();
    moves
}

fn word(record: &Record) -> Option<String> {
    Some(match &record.body {
        Body::OnlineOrderPicked(it) => format!("picked {}", it.order_id),
        Body::OnlineOrderShipped(it) => format!("shipped {}", it.order_id),
        Body::InventoryUpdated(it) => {
            let change = &it.change;
            let why = match change.reason {
                StockReason::Bopis => "bopis",
                StockReason::OutboundShipment => "outbound",
                _ => "?",
            };
            let cause = it.cause.as_deref().unwrap_or("-");
            format!("{} {:+} {why} by {cause}", change.product_id, change.quantity_delta)
        }
        Body::Unknown(it) => format!("{}: {}", it.kind, it.text),
        _ => return None,
    })
}

#[tokio::test]
async fn an_order_leaves_the_shelf_once_and_its_customer_stays_unknown() {
    let dir = TempDir::new().unwrap();
    let mut printer = Pty::open().unwrap();
    config(&dir, &printer);
    let agent = Agent::start(dir.path());
    agent.says("running").await;
    printer.write_all(PAPERS.as_bytes()).await.unwrap();
    wait_for("both orders are booked", || (moves(&dir) == [(1, 1), (2, 2)]).then_some(())).await;
    assert_eq!(agent.stop(), Some(0));

    let (mut store, _) = Store::open(&dir.path().join("data"), 64 << 20, UtcMs(0)).unwrap();
    let rows = store.rows_after(RowId(0), usize::MAX >> 1, usize::MAX).unwrap();
    let records: Vec<Record> =
        rows.iter().flat_map(|row| decode(&row.payload).unwrap().records).collect();
    let words: Vec<String> = records.iter().filter_map(word).collect();
    let mut wanted = [
        "picked W-1",
        "1 -2 bopis by W-1",
        "2 -1 bopis by W-1",
        "unparsed_document: [lines not told: 2]",
        "shipped 4712",
        "2 -3 outbound by 4712",
        "order_slip: [order item (name not told) x 5]",
    ];
    let mut told: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !word.starts_with("reprint")).collect();
    // Records of one class follow each other; classes do not.
    told.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(told, wanted);
    let all = format!("{records:?}");
    for personal in ["Anna", "Erika", "Example", "Street", "Lane"] {
        assert!(!all.contains(personal), "{personal} is in {all}");
    }
}
