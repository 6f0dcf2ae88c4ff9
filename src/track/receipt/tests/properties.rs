//! What holds for every receipt, however its bytes are cut and however often it is printed.

use proptest::prelude::*;

use super::*;
use crate::decode::document::{Printer, PrinterOptions};
use crate::decode::text::TextOptions;
use crate::time::Mono;

/// A sale: articles, and how many of them are taken back again.
#[derive(Clone, Debug)]
struct Sale {
    prices: Vec<i64>,
    voided: usize,
    cash: i64,
}

impl Sale {
    fn total(&self) -> i64 {
        self.prices.iter().skip(self.voided).sum()
    }

    fn facts(&self, number: usize) -> Vec<PosFact> {
        let mut facts = vec![PosFact::Number(number.to_string())];
        let name = |index: usize| format!("article {index}");
        let items = self.prices.iter().enumerate();
        facts.extend(items.clone().map(|(index, price)| item(&name(index), *price)));
        let back = items.take(self.voided);
        facts.extend(back.map(|(index, price)| item(&name(index), -price)));
        let total = self.total();
        facts.push(PosFact::Total(total));
        facts.push(approved(PaymentMethod::Cash, total + self.cash));
        facts.push(PosFact::Change(self.cash));
        facts.push(CUT);
        facts
    }

    fn paper(&self, number: usize) -> String {
        let money = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
        let mut text = format!("RECEIPT NO: {number}\n");
        for (index, price) in self.prices.iter().enumerate() {
            text.push_str(&format!("ARTICLE-{index}    {}\n", money(*price)));
        }
        let total = self.prices.iter().sum::<i64>();
        text.push_str(&format!("TOTAL    {}\nCASH    {}\n", money(total), money(total)));
        text.push('\u{c}');
        text
    }
}

fn sale() -> impl Strategy<Value = Sale> {
    (prop::collection::vec(1_i64..100_000, 1..12), 0_usize..12, 0_i64..10_000).prop_map(
        |(prices, voided, cash)| {
            let voided = voided.min(prices.len() - 1);
            Sale { prices, voided, cash }
        },
    )
}

/// Bytes, in pieces of these lengths, through all of a till.
fn read(text: &str, cuts: &[usize]) -> Vec<Record> {
    let dialect = dialect("text-generic", eur());
    let mut printer = Printer::new(PrinterOptions::Text(TextOptions::default()));
    let mut grammar = Grammar::new(dialect);
    let mut tracker = ReceiptTracker::new(settings(eur()));
    let (mut left, mut cuts) = (text.as_bytes(), cuts.iter().cycle());
    let (mut document, mut facts, mut out) = (Vec::new(), Vec::new(), Vec::new());
    while !left.is_empty() {
        let length = cuts.next().map_or(left.len(), |cut| *cut.min(&left.len()));
        let (piece, rest) = left.split_at(length);
        left = rest;
        printer.push(piece, Mono(0), &mut document);
        document.drain(..).for_each(|fact| grammar.step(fact, &mut facts));
        facts.drain(..).for_each(|fact| tracker.step(at(0), fact, &mut out));
    }
    out
}

proptest! {
    #[test]
    fn sums_hold(sale in sale()) {
        let facts: Vec<_> = sale.facts(7).into_iter().map(|fact| (0, fact)).collect();
        let (bodies, _) = track(&facts);
        let receipt = only_receipt(&bodies);
        prop_assert!(receipt.checks_passed);
        prop_assert_eq!(receipt.receipt_type, tillgate_events::ReceiptType::Sale);
        let open = receipt.lines.iter().filter(|line| !line.voided);
        prop_assert_eq!(open.map(|line| line.extended_price).sum::<i64>(), sale.total());
        let paid: i64 = receipt.payments.iter().map(|p| p.amount - p.change).sum();
        prop_assert_eq!((receipt.total, paid), (sale.total(), sale.total()));
        prop_assert_eq!(receipt.gross_subtotal - receipt.discount, receipt.subtotal);
    }

    #[test]
    fn each_sale_counts_once_however_often_its_paper_is_printed(
        sales in prop::collection::vec(sale(), 1..6),
        prints in prop::collection::vec((0_usize..6, any::<bool>()), 0..20),
    ) {
        let copies = prints.iter().map(|(at, marked)| (at % sales.len(), *marked));
        let papers = (0..sales.len()).map(|at| (at, false)).chain(copies);
        let mut facts = Vec::new();
        for (number, marked) in papers {
            facts.extend(marked.then_some((0, PosFact::Reprint)));
            facts.extend(sales[number].facts(number).into_iter().map(|fact| (0, fact)));
        }
        let (bodies, tracker) = track(&facts);
        let totals = bodies.iter().filter_map(|body| match body {
            Body::Receipt(receipt) => Some(receipt.total),
            _ => None,
        });
        prop_assert_eq!(totals.sum::<i64>(), sales.iter().map(Sale::total).sum::<i64>());
        prop_assert_eq!(tracker.counters().receipts, sales.len() as u64);
        prop_assert_eq!(tracker.counters().reprints, prints.len() as u64);
    }

    #[test]
    fn records_do_not_depend_on_how_bytes_were_cut(
        sales in prop::collection::vec(sale(), 1..4),
        cuts in prop::collection::vec(1_usize..40, 1..20),
    ) {
        let papers = sales.iter().enumerate().map(|(number, sale)| sale.paper(number + 1));
        let text: String = papers.collect();
        let whole = read(&text, &[text.len()]);
        prop_assert_eq!(whole.len(), sales.len());
        for (record, sale) in whole.iter().zip(&sales) {
            let Body::Receipt(receipt) = &record.body else { panic!("{record:?}") };
            prop_assert_eq!(receipt.total, sale.prices.iter().sum::<i64>());
            prop_assert!(receipt.checks_passed);
        }
        prop_assert_eq!(read(&text, &cuts), whole);
    }

    #[test]
    fn any_facts_in_any_order_are_taken(
        facts in prop::collection::vec((0_u64..40, 0_usize..16, any::<i64>()), 0..80),
    ) {
        let mut tracker = ReceiptTracker::new(settings(eur()));
        let (mut now, mut out) = (0, Vec::new());
        for (wait, kind, amount) in facts {
            now += wait;
            tracker.step(at(now), any_fact(kind, amount), &mut out);
        }
        while let Some(due) = tracker.deadline() {
            let waits = due.since(at(now).mono).as_secs() + 1;
            now += waits;
            tracker.tick(at(now), &mut out);
        }
        for record in &out {
            if let Body::InventoryUpdated(it) = &record.body {
                prop_assert_ne!(it.change.quantity_delta, 0);
            }
        }
    }
}

fn any_fact(kind: usize, amount: i64) -> PosFact {
    let void = |amount| PosFact::VoidItem { description: Some("tea".into()), amount };
    match kind {
        0 | 1 => item("tea", amount),
        2 => item("apple", amount % 1000),
        3 => void(Some(amount)),
        4 => void(None),
        5 => PosFact::Total(amount),
        6 => PosFact::Change(amount),
        7 => approved(PaymentMethod::Cash, amount),
        8 => tender(PaymentMethod::Other, amount, PaymentStatus::Declined),
        9 => PosFact::Tax { code: None, amount, included: amount % 2 == 0 },
        10 => PosFact::Discount {
            on_receipt: amount % 2 == 0,
            code: None,
            description: "less".into(),
            percent: Some(1000),
            amount,
        },
        11 => PosFact::Refund,
        12 => PosFact::CashMoved { amount, reason: None },
        13 => PosFact::DrawerKick,
        14 => PosFact::PriceOverride {
            description: None,
            was: Some(amount),
            now: Some(1),
            reason: None,
        },
        _ => CUT,
    }
}
