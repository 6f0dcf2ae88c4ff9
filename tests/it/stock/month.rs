//! A month of a stock system's files through the built binary: what is on the shelf is what the files say.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tillgate_sim::month::{Options, Report, run};

const CHANGES: &str = "trans_id,item_id,store_id,date_time,quantity,change_type_id\r\n";
const COUNTS: &str = "item_id,employee_id,store_id,date_time,quantity\r\n";

async fn replay(folder: &Path, speed: Option<u32>) -> Report {
    let agent = env!("CARGO_BIN_EXE_tillgate").into();
    let options = Options { agent, folder: folder.to_owned(), speed };
    run(&options, &mut |_| {}).await.unwrap()
}

#[tokio::test]
async fn the_stock_vectors_are_on_the_shelf_of_the_gateway() {
    let Some(folder) = super::vectors() else { return };
    let report = replay(&folder, None).await;
    assert!(report.passed(), "{report}");
    let copy = TempDir::new().unwrap();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    let expected = copy.path().join("expected_inventory_current.csv");
    let wrong = fs::read_to_string(&expected).unwrap().replacen(",57,", ",58,", 1);
    fs::write(&expected, wrong).unwrap();
    let report = replay(copy.path(), None).await;
    assert!(!report.passed(), "a month that adds up to something else must not pass");
    assert_eq!(report.different, 2, "by the files and by the gateway: {report}");
}

/// Writes a month of two stores: sales all day, restocks, shrink, pick-ups, counts every five days, lines that come
/// twice, and a product that is never counted.
fn write(folder: &Path, seed: u64) {
    let mut rng = fastrand::Rng::with_seed(seed);
    for store in 1..=2 {
        let (mut changes, mut counts) = (CHANGES.to_owned(), COUNTS.to_owned());
        let mut number = 0;
        for day in 1..=31 {
            for product in 1..=20 {
                if day % 5 == 1 && product != 20 {
                    let pieces = rng.u32(0..200);
                    writeln!(counts, "{product},7,{store},2021-01-{day:02} 00:00:00,{pieces}\r")
                        .unwrap();
                }
                for _ in 0..rng.u32(0..6) {
                    number += 1;
                    let (hour, minute) = (rng.u32(0..24), rng.u32(0..60));
                    let (pieces, kind) =
                        *rng.choice(&[(-2, 1), (1, 1), (-1, 2), (30, 3), (-3, 4)]).unwrap();
                    let line = format!(
                        "{{{store:08x}-0000-0000-0000-{number:012x}}},{product},{store},\
                         2021-01-{day:02} {hour:02}:{minute:02}:00,{pieces},{kind}\r\n"
                    );
                    changes += &line.repeat(rng.usize(1..=2));
                }
            }
        }
        fs::write(folder.join(format!("inventory_change_store{store:03}.txt")), changes).unwrap();
        fs::write(folder.join(format!("inventory_snapshot_store{store:03}.txt")), counts).unwrap();
    }
}

#[tokio::test]
async fn a_month_of_two_stores_adds_up_on_their_gateways() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), 7);
    // Thirty-one days in a few seconds.
    let report = replay(folder.path(), Some(1_000_000)).await;
    assert!(report.passed(), "{report}");
    assert_eq!((report.stores, report.compared), (2, 2 * 19));
    assert!(2000 < report.lines, "{report}");
}
