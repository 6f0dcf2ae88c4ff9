//! A crash while a finished document waits: for its card payment, or for the rest of its sale.

use super::*;

/// What two tills do in these moments: nothing, long enough for the journal, or for silence to end a document.
const PAUSE: Duration = Duration::from_millis(2500);

/// What is printed, and how long nothing is afterwards.
type Step = (Vec<Vec<u8>>, Duration);

fn text(lines: &[&str]) -> Vec<Vec<u8>> {
    lines.iter().map(|line| format!("{line}\n").into_bytes()).collect()
}

fn cut(lines: &[&str]) -> Vec<Vec<u8>> {
    [text(lines), vec![vec![0x0c]]].concat()
}

/// Prints all; the agent dies after `dies` of the steps. Totals of the receipts with whether they are whole, and what
/// else was told.
fn told(kind: Kind, steps: &[Step], dies: Option<usize>) -> Vec<(i64, usize, bool)> {
    let mut shop = Shop::new(kind);
    for (at, (pieces, pause)) in steps.iter().enumerate() {
        shop.prints(pieces);
        shop.waits(*pause);
        if dies == Some(at) {
            shop.waits(WRITTEN);
            shop.crashes();
            shop.start();
        }
    }
    shop.waits(Duration::from_secs(120));
    // Once more, when all is over: nothing is put back.
    shop.crashes();
    shop.start();
    shop.waits(Duration::from_secs(120));
    shop.ends();
    let all = accepted(shop.dir.path());
    let short = all.iter().filter_map(|record| match &record.body {
        Event::Receipt(it) => Some((it.total, it.lines.len(), it.complete && it.checks_passed)),
        Event::Unknown(_) => Some((0, 0, true)),
        _ => None,
    });
    short.collect()
}

/// Whenever the agent dies, what is told is the same.
fn check(kind: Kind, steps: &[Step], expected: &[(i64, usize, bool)]) {
    assert_eq!(told(kind, steps, None), expected, "{kind:?} undisturbed");
    for at in 0..steps.len() {
        assert_eq!(told(kind, steps, Some(at)), expected, "{kind:?} dies after {at}");
    }
}

#[test]
fn a_receipt_that_waits_for_its_card_is_told_once_though_the_agent_dies() {
    let receipt = Kind::Card.receipt(9, &[120, 350]);
    check(Kind::Card, &[(receipt, Duration::ZERO)], &[(470, 2, true)]);
}

#[test]
fn what_is_printed_while_a_receipt_waits_for_its_card_is_told_once_too() {
    let (first, second) = (Kind::Card.receipt(9, &[120]), Kind::Card.receipt(10, &[300, 40]));
    let (head, rest) = second.split_at(3);
    let second = Duration::from_secs(1);
    let steps = [
        (first, second),
        (head.to_vec(), second),
        // By now the first one has waited long enough.
        (rest[..1].to_vec(), second),
        (Vec::new(), Duration::from_millis(300)),
        (rest[1..].to_vec(), second),
        (Kind::Card.receipt(11, &[55]), second),
    ];
    check(Kind::Card, &steps, &[(120, 1, true), (340, 2, true), (55, 1, true)]);
}

#[test]
fn a_sale_that_waits_for_its_rest_is_told_whole_though_the_agent_dies() {
    for kind in [Kind::Text, Kind::Card] {
        let steps = [
            (text(&["APPLE    1.20", "BREAD    3.50"]), PAUSE),
            (text(&["CHEESE    4.30"]), PAUSE),
            (cut(&["TOTAL    9.00", "CASH    9.00"]), Duration::from_secs(1)),
        ];
        check(kind, &steps, &[(900, 3, true)]);
    }
}

#[test]
fn a_paper_between_the_halves_of_a_sale_is_told_once() {
    let steps = [
        (text(&["APPLE    1.20", "BREAD    3.50"]), PAUSE),
        // What is no sale is accepted with the next commit, or a few seconds later.
        (cut(&["WELCOME", "TO OUR SHOP"]), limits::LINGER + PAUSE),
        (cut(&["TOTAL    4.70", "CASH    4.70"]), Duration::from_secs(1)),
    ];
    check(Kind::Text, &steps, &[(0, 0, true), (470, 2, true)]);
}

#[test]
fn a_sale_without_its_rest_is_told_once_as_incomplete() {
    let steps = [
        (text(&["APPLE    1.20", "BREAD    3.50"]), PAUSE),
        (Kind::Text.receipt(10, &[300]), PAUSE),
    ];
    check(Kind::Text, &steps, &[(470, 2, false), (300, 1, true)]);
}
