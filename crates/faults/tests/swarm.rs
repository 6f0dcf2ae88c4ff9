//! A few dozen seeds of the whole gateway, and the proof that they can fail: with one rule broken each, they do.
//!
//! `make sim SEEDS=2000` runs as many as wanted, `make sim SEED=…` one of them, told step by step.

use tillgate_faults::swarm::one;
use tillgate_faults::{Mutant, Options};

/// Seeds that a test run takes.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=10;

#[test]
fn nothing_accepted_is_lost_doubled_or_changed_whatever_fails() {
    for seed in SEEDS {
        println!("make sim SEED={seed}");
        let report = one(seed, Options::default())
            .unwrap_or_else(|words| panic!("make sim SEED={seed}   # {words}"));
        println!("{report}");
        assert!(report.accepted > 0);
    }
}

#[test]
fn the_same_seed_does_the_same_again() {
    let run = || one(9, Options::default()).unwrap();
    assert_eq!(run(), run());
}

/// One of these seeds must fail, in words like these.
fn check(mutant: Mutant, seeds: std::ops::RangeInclusive<u64>, words: &[&str]) {
    let options = Options { mutant: Some(mutant), trace: false };
    let said: Vec<String> =
        seeds.clone().filter_map(|seed| one(seed, options).err()).take(1).collect();
    let said = said.concat();
    assert!(
        words.iter().any(|word| said.contains(word)),
        "{mutant:?} in seeds {seeds:?}: {said:?}"
    );
}

#[test]
fn rows_that_are_let_go_of_when_they_were_sent_are_missed() {
    check(Mutant::FreedOnSend, 7..=20, &["is lost", "still on the gateway"]);
}

#[test]
fn a_watermark_before_it_is_durable_is_noticed() {
    check(Mutant::EarlyWatermark, 1..=60, &["went back", "is lost"]);
}

#[test]
fn commits_that_are_not_synced_are_missed() {
    let words = ["is not in the store", "given out twice", "new epoch", "an honest disk"];
    check(Mutant::NotSynced, 3..=20, &words);
}

#[test]
fn rows_with_a_wrong_checksum_that_go_out_are_noticed() {
    check(Mutant::NoChecksum, 1..=20, &["still on the gateway", "another content"]);
}

#[test]
fn rows_that_were_sent_and_are_thinned_all_the_same_count_twice() {
    check(Mutant::SentUnnoticed, 11..=20, &["counted"]);
}

#[test]
fn rows_that_go_out_before_the_cloud_was_asked_are_noticed() {
    check(Mutant::NotAsked, 1..=20, &["the cloud said"]);
}

#[test]
fn a_cloud_that_contradicts_while_rows_go_and_is_not_heard_is_noticed() {
    check(Mutant::Stubborn, 1..=20, &["still on the gateway", "the cloud said"]);
}

#[test]
fn losses_that_nobody_is_told_of_are_noticed() {
    check(Mutant::NoGap, 1..=20, &["still on the gateway", "is lost"]);
}
