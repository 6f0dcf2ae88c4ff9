//! A crash at every line of a receipt: the process is gone, the database stays, and the rest is printed.

mod waiting;

use std::time::Duration;

use proptest::prelude::*;
use tempfile::TempDir;
use tillgate_events::{Body as Event, Receipt};

use super::super::fixture::{accepted, card_till, escpos_till, monitored_till, pipeline, till};
use crate::agent::chain::Chain;
use crate::agent::pipeline::Pipeline;
use crate::limits;
use crate::source::{Body, Reading, SourceId};
use crate::store::Store;
use crate::time::{Mono, Now, UtcMs};

/// How fast lines come: a till at 9600 baud.
const LINE: Duration = Duration::from_millis(40);
/// After this what was printed stands in the journal.
const WRITTEN: Duration = limits::JOURNAL_PACE.saturating_add(Duration::from_millis(150));

/// A kind of till and what it prints, in pieces between which it may be cut.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Text,
    /// As text, beside a payment terminal of which nothing comes.
    Card,
    Escpos,
    Records,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Text, Self::Escpos, Self::Records];

    fn chain(self) -> Chain {
        match self {
            Self::Text => till("till-1"),
            Self::Card => card_till("till-1"),
            Self::Escpos => escpos_till("till-1"),
            Self::Records => monitored_till("till-1"),
        }
    }

    /// A sale of articles at these prices in minor units.
    fn receipt(self, number: u32, prices: &[u32]) -> Vec<Vec<u8>> {
        let total: u32 = prices.iter().sum();
        let money = |minor: u32| format!("{}.{:02}", minor / 100, minor % 100);
        let line = |text: String| format!("{text}\n").into_bytes();
        let paid = if matches!(self, Self::Card) { "VISA" } else { "CASH" };
        let head = ["CORNER SHOP".to_owned(), format!("RECEIPT # {number}")];
        let items =
            prices.iter().zip(1..).map(|(price, n)| format!("APPLE {n}    {}", money(*price)));
        let foot = [format!("TOTAL    {}", money(total)), format!("{paid}    {}", money(total))];
        let lines = head.into_iter().chain(items).chain(foot);
        match self {
            Self::Text | Self::Card => lines.map(line).chain([vec![0x0c]]).collect(),
            Self::Escpos => {
                // A page that is not the printer's first one, and a character that both read otherwise.
                let start = b"\x1b@\x1bt\x10\x1bp\x00\x19\xfa".to_vec();
                let umlaut = b"K\xe4se    0.00\n".to_vec();
                let cut = b"THANKS\n\n\x1dV\x00".to_vec();
                let start = [start].into_iter().chain([umlaut]);
                let lines = lines.map(|text| text.replace("APPLE", "BR\u{fc}HE")).map(line);
                let latin = |line: Vec<u8>| {
                    line.into_iter()
                        .filter(|b| *b != 0xc3)
                        .map(|b| if b == 0xbc { 0xfc } else { b })
                        .collect()
                };
                start.chain(lines.map(latin)).chain([cut]).collect()
            }
            Self::Records => {
                let money = |minor: u32| money(minor).replace('.', ",");
                let items = prices
                    .iter()
                    .zip(1..)
                    .map(|(price, n)| format!("\r0\tAPPLE {n}\t1\t{0}\t{0}\tA\n", money(*price)));
                let start = format!("\r30\t{number}\n");
                let pay = format!("\r8\t0\t{}\n", money(total));
                let end = format!("\r2\t{number}\t{}\n", money(total));
                let all = [start].into_iter().chain(items).chain([pay, end]);
                all.map(String::into_bytes).collect()
            }
        }
    }
}

/// A till and its gateway.
struct Shop {
    dir: TempDir,
    kind: Kind,
    pipeline: Option<Pipeline>,
    now: Now,
}

impl Shop {
    fn new(kind: Kind) -> Self {
        let now = Now { mono: Mono(1_000_000_000), wall: UtcMs(1_795_000_000_000) };
        let mut shop = Self { dir: TempDir::new().unwrap(), kind, pipeline: None, now };
        shop.start();
        shop
    }

    fn start(&mut self) {
        let mut pipeline = pipeline(self.dir.path(), vec![self.kind.chain()], self.now);
        pipeline.resume(self.now).unwrap();
        self.pipeline = Some(pipeline);
        self.waits(Duration::from_millis(100));
        self.reads(Body::Up);
    }

    /// The process is gone; what it committed is left.
    fn crashes(&mut self) {
        self.pipeline = None;
        self.now = self.now.plus(Duration::from_secs(1));
    }

    fn reads(&mut self, body: Body) {
        let reading = Reading { source: SourceId(0), at: self.now, body };
        self.pipeline.as_mut().unwrap().reading(self.now.mono, reading);
    }

    fn prints(&mut self, pieces: &[Vec<u8>]) {
        for piece in pieces {
            self.reads(Body::Bytes(piece.clone()));
            self.waits(LINE);
        }
    }

    /// Serves all deadlines of this time.
    fn waits(&mut self, time: Duration) {
        let end = self.now.mono.plus(time);
        let pipeline = self.pipeline.as_mut().unwrap();
        while let Some(due) = pipeline.deadline(false).filter(|due| *due <= end) {
            self.now = self.now.plus(due.since(self.now.mono));
            pipeline.tick(self.now, None);
        }
        self.now = self.now.plus(end.since(self.now.mono));
    }

    fn commits(&self) -> u64 {
        self.pipeline.as_ref().unwrap().health().store.commits
    }

    /// An orderly stop, after which nothing is open.
    fn ends(&mut self) {
        let now = self.now.plus(Duration::from_secs(60));
        self.pipeline.as_mut().unwrap().tick(now, None);
        self.pipeline.as_mut().unwrap().finish(now);
        self.pipeline = None;
        let (mut store, _) = Store::open(self.dir.path(), 64 << 20, UtcMs(0)).unwrap();
        assert_eq!(store.open_documents().unwrap(), [], "nothing stays open");
    }

    /// All receipts that were accepted to the end, without the times that differ.
    fn receipts(mut self) -> Vec<Receipt> {
        self.ends();
        let of = |body| match body {
            Event::Receipt(receipt) => Some(*receipt),
            _ => None,
        };
        accepted(self.dir.path()).into_iter().filter_map(|record| of(record.body)).collect()
    }
}

fn undisturbed(kind: Kind, receipt: &[Vec<u8>]) -> Receipt {
    let mut shop = Shop::new(kind);
    shop.prints(receipt);
    let mut found = shop.receipts();
    assert_eq!(found.len(), 1, "{kind:?}");
    let receipt = found.remove(0);
    if matches!(kind, Kind::Escpos) {
        assert_eq!(receipt.lines[1].description, "BR\u{fc}HE 1", "as its page says");
    }
    assert!(receipt.complete && receipt.checks_passed, "{kind:?} {receipt:?}");
    receipt
}

/// Prints up to `cut`, crashes when the journal has it, and prints the rest.
fn interrupted(kind: Kind, receipt: &[Vec<u8>], cut: usize) -> Vec<Receipt> {
    let (before, after) = receipt.split_at(cut);
    let mut shop = Shop::new(kind);
    shop.prints(before);
    shop.waits(WRITTEN);
    shop.crashes();
    shop.start();
    shop.prints(after);
    shop.receipts()
}

#[test]
fn a_receipt_cut_by_a_crash_at_any_line_is_the_same_single_receipt() {
    for kind in Kind::ALL {
        let receipt = kind.receipt(9, &[120, 350, 99]);
        let expected = undisturbed(kind, &receipt);
        for cut in 1..receipt.len() {
            let found = interrupted(kind, &receipt, cut);
            assert_eq!(found, std::slice::from_ref(&expected), "{kind:?} at {cut}");
        }
    }
}

#[test]
fn two_crashes_within_one_receipt_are_as_one() {
    for kind in Kind::ALL {
        let receipt = kind.receipt(9, &[120, 350, 99]);
        let mut shop = Shop::new(kind);
        let [one, two, three] = [&receipt[..3], &receipt[3..5], &receipt[5..]];
        for part in [one, two] {
            shop.prints(part);
            shop.waits(WRITTEN);
            shop.crashes();
            shop.start();
        }
        // A third one before anything came.
        shop.crashes();
        shop.start();
        shop.prints(three);
        assert_eq!(shop.receipts(), [undisturbed(kind, &receipt)], "{kind:?}");
    }
}

#[test]
fn after_its_receipt_was_accepted_a_crash_makes_no_second_one() {
    for kind in Kind::ALL {
        let mut shop = Shop::new(kind);
        shop.prints(&kind.receipt(9, &[120]));
        shop.waits(WRITTEN);
        shop.crashes();
        shop.start();
        shop.prints(&kind.receipt(10, &[300]));
        let totals: Vec<i64> = shop.receipts().iter().map(|receipt| receipt.total).collect();
        assert_eq!(totals, [120, 300], "{kind:?}");
    }
}

#[test]
fn a_crash_between_the_end_and_its_commit_leaves_one_receipt() {
    for kind in Kind::ALL {
        let receipt = kind.receipt(9, &[120, 350]);
        let (end, before) = receipt.split_last().unwrap();
        let mut shop = Shop::new(kind);
        shop.prints(before);
        shop.waits(WRITTEN);
        shop.reads(Body::Bytes(end.clone()));
        // No time for a commit.
        shop.crashes();
        shop.start();
        shop.waits(Duration::from_secs(700));
        let found = shop.receipts();
        assert_eq!(found.len(), 1, "{kind:?}");
        assert_eq!((found[0].total, found[0].complete), (470, false), "{kind:?}");
    }
}

#[test]
fn a_receipt_whose_rest_does_not_come_is_sent_incomplete_once() {
    for kind in Kind::ALL {
        let receipt = kind.receipt(9, &[120, 350]);
        for cut in 3..receipt.len() {
            let mut shop = Shop::new(kind);
            shop.prints(&receipt[..cut]);
            shop.waits(WRITTEN);
            shop.crashes();
            shop.start();
            shop.waits(Duration::from_secs(700));
            shop.crashes();
            shop.start();
            let found = shop.receipts();
            assert_eq!(found.len(), 1, "{kind:?} at {cut}");
            assert!(!found[0].complete, "{kind:?} at {cut}");
        }
    }
}

#[test]
fn articles_that_were_lost_at_the_crash_show_in_the_checks() {
    for kind in Kind::ALL {
        let receipt = kind.receipt(9, &[120, 350, 99, 42]);
        let first = receipt.len() - if matches!(kind, Kind::Escpos | Kind::Text) { 7 } else { 6 };
        for lost in [1, 2] {
            let mut shop = Shop::new(kind);
            shop.prints(&receipt[..first]);
            shop.waits(WRITTEN);
            shop.crashes();
            shop.start();
            shop.prints(&receipt[first + lost..]);
            let found = shop.receipts();
            assert_eq!(found.len(), 1, "{kind:?} without {lost}");
            assert!(!found[0].checks_passed, "{kind:?} without {lost}: {found:?}");
        }
    }
}

#[test]
fn a_line_in_the_middle_at_the_crash_makes_the_receipt_incomplete() {
    for kind in [Kind::Text, Kind::Escpos] {
        let mut receipt = kind.receipt(9, &[120, 350, 99]);
        // The line loses its beginning and keeps its amount: the sums say nothing.
        let cut = receipt.len() - 5;
        let tail = receipt[cut].split_off(4);
        let mut shop = Shop::new(kind);
        shop.prints(&receipt[..=cut]);
        shop.waits(WRITTEN);
        shop.crashes();
        shop.start();
        shop.prints(&[tail]);
        shop.prints(&receipt[cut + 1..]);
        let found = shop.receipts();
        assert_eq!(found.len(), 1, "{kind:?}");
        assert_eq!((found[0].total, found[0].complete), (569, false), "{kind:?}");
    }
}

#[test]
fn a_kick_alone_is_told_once_though_the_agent_died_before_its_time_was_up() {
    let mut shop = Shop::new(Kind::Escpos);
    shop.prints(&[b"\x1bp\x00\x19\xfa".to_vec()]);
    shop.waits(WRITTEN);
    shop.crashes();
    shop.start();
    shop.waits(Duration::from_secs(20));
    shop.crashes();
    shop.start();
    shop.waits(Duration::from_secs(20));
    shop.crashes();
    let told = accepted(shop.dir.path());
    let no_sales = told.iter().filter(|it| matches!(it.body, Event::NoSale(_))).count();
    assert_eq!(no_sales, 1, "{told:?}");
}

#[test]
fn a_long_receipt_costs_at_most_one_commit_in_an_interval() {
    for kind in Kind::ALL {
        let receipt = kind.receipt(9, &[100; 100]);
        let mut shop = Shop::new(kind);
        let (before, start) = (shop.commits(), shop.now);
        shop.prints(&receipt);
        let intervals = shop.now.mono.since(start.mono).as_millis() / 100;
        let commits = u128::from(shop.commits() - before);
        assert!(commits <= intervals + 1, "{kind:?}: {commits} commits in {intervals} intervals");
        assert!(intervals < 45 && 2 < commits, "{kind:?}: {commits} in {intervals}");
    }
}

#[test]
fn half_a_card_number_that_the_crash_cut_is_nowhere() {
    for (lines, secret) in
        [(["CARD 4111 1111 11", "11 1111 EUR"], "4111 1111"), (["CVV", "123 OK"], "123")]
    {
        let mut shop = Shop::new(Kind::Text);
        shop.prints(&[format!("SHOP\nTEA   1.00\n{}\n", lines[0]).into_bytes()]);
        shop.waits(WRITTEN);
        shop.crashes();
        shop.start();
        shop.prints(&[format!("{}\nTOTAL   1.00\n\x0c", lines[1]).into_bytes()]);
        shop.waits(WRITTEN);
        shop.crashes();
        let file = std::fs::read(shop.dir.path().join("outbox.db")).unwrap();
        let held = |text: &str| file.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(held("TOTAL   1.00"), "{lines:?}: the journal holds the receipt");
        assert!(!held(secret), "{lines:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_receipt_cut_anywhere_is_the_same(
        prices in prop::collection::vec(1..20_000_u32, 1..8),
        number in 1..9999_u32,
        place in any::<prop::sample::Index>(),
        kind in prop::sample::select(Kind::ALL.to_vec()),
    ) {
        let receipt = kind.receipt(number, &prices);
        let cut = 1 + place.index(receipt.len() - 1);
        let expected = undisturbed(kind, &receipt);
        prop_assert_eq!(interrupted(kind, &receipt, cut), vec![expected]);
    }
}
