//! What the soak says of runs that lost, doubled or grew, and of sound ones.

use std::time::{Duration, Instant};

use super::*;
use crate::demo::arrivals::Arrived;

fn truth(number: u32, total: i64) -> ReceiptTruth {
    ReceiptTruth { terminal: "till-1".to_owned(), number, total, ..ReceiptTruth::default() }
}

/// Receipt 1 over 5.00, printed from second 100 to 102.
fn printed(start: Instant, whole: bool) -> Printed {
    let at = |s| start + Duration::from_secs(s);
    Printed { receipt: truth(1, 500), began: at(100), ended: at(102), whole }
}

fn arrived(found: Option<Arrived>) -> Arrivals {
    let mut arrivals = Arrivals::default();
    arrivals.receipts.extend(found.map(|it| (("till-1".to_owned(), 1), it)));
    arrivals
}

fn trouble(start: Instant, device: Option<&str>, from: u64, until: u64) -> Trouble {
    let at = |s| start + Duration::from_secs(s);
    Trouble { device: device.map(str::to_owned), from: at(from), until: at(until) }
}

/// Judged with everything else in order.
fn judged(printed: &Printed, troubles: &[Trouble], found: Option<Arrived>) -> Verdict {
    let mut verdict = Verdict { accepted: 1, arrived: 1, ..Verdict::default() };
    verdict.receipts(std::slice::from_ref(printed), troubles, &arrived(found));
    verdict.limits();
    verdict
}

#[test]
fn an_undisturbed_receipt_arrives_once_and_as_printed_or_the_run_fails() {
    let good = Arrived { sums: truth(1, 500), sound: true, times: 1 };
    for (name, found, passes) in [
        ("as printed", Some(good.clone()), true),
        ("missing", None, false),
        ("twice", Some(Arrived { times: 2, ..good.clone() }), false),
        ("a cent more", Some(Arrived { sums: truth(1, 501), ..good.clone() }), false),
        ("unsound", Some(Arrived { sound: false, ..good }), false),
    ] {
        let verdict = judged(&printed(Instant::now(), true), &[], found);
        assert_eq!(verdict.passed(), passes, "{name}: {verdict}");
    }
}

#[test]
fn what_touches_a_receipt_excuses_that_it_is_missing_and_never_a_wrong_value() {
    let start = Instant::now();
    for (name, trouble, whole, disturbed) in [
        ("long before", trouble(start, None, 10, 20), true, false),
        ("until it began", trouble(start, None, 10, 99), true, true),
        ("soon after", trouble(start, None, 105, 110), true, true),
        ("later", trouble(start, None, 113, 120), true, false),
        ("of its line", trouble(start, Some("till-1"), 101, 103), true, true),
        ("of another line", trouble(start, Some("till-2"), 101, 103), true, false),
        ("cut off", trouble(start, None, 10, 20), false, true),
    ] {
        let printed = printed(start, whole);
        let missing = judged(&printed, std::slice::from_ref(&trouble), None);
        assert_eq!(missing.wrong.is_empty(), disturbed, "{name}");
        let wrong = Arrived { sums: truth(1, 400), sound: true, times: 1 };
        let wrong = judged(&printed, std::slice::from_ref(&trouble), Some(wrong));
        assert!(!wrong.wrong.is_empty(), "{name}");
    }
}

#[test]
fn loss_kills_growth_and_things_out_of_nowhere_fail_a_run() {
    let good = Verdict { accepted: 9, undisturbed: 1, ..Verdict::default() };
    let memory = |slope, over| Memory { slope, over, ..Memory::default() };
    for (name, verdict, passes) in [
        ("in order", good.clone(), true),
        ("lost", Verdict { lost: 1, ..good.clone() }, false),
        ("told", Verdict { told: 1, ..good.clone() }, false),
        ("nothing accepted", Verdict { accepted: 0, ..good.clone() }, false),
        ("a kill", Verdict { cgroup: Some(("v2", 65_536, 1)), ..good.clone() }, false),
        ("more people", Verdict { people: (1, 2), ..good.clone() }, false),
        ("growth", Verdict { memory: memory(51.0, 900.0), ..good.clone() }, false),
        ("too short to tell", Verdict { memory: memory(51.0, 90.0), ..good.clone() }, true),
        ("no growth", Verdict { memory: memory(5.0, 900.0), ..good }, true),
    ] {
        let mut verdict = verdict;
        verdict.limits();
        assert_eq!(verdict.passed(), passes, "{name}: {verdict}");
    }
}
