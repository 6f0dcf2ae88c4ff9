//! The quick rows of the fault tests, each with its mutant, and the table in `SECURITY.md`. `make faults` plays all.

use std::fmt::Write as _;
use std::path::Path;

use tillgate_sim::faults::{Outcome, Play, ROWS, Row, Stage};

use crate::support::skipped;

fn stage() -> Stage {
    let seed = fastrand::u64(..);
    println!("SEED={seed}");
    Stage { agent: env!("CARGO_BIN_EXE_tillgate").into(), seed, rounds: 1, play: Play::Real }
}

fn row(number: u8) -> &'static Row {
    let row = ROWS.iter().find(|row| row.number == number).unwrap();
    assert!(row.quick, "row {number} is not quick");
    row
}

fn check(number: u8) {
    let (row, stage) = (row(number), stage());
    for (what, outcome) in [("", row.real(&stage)), (", the mutant", row.mutated(&stage))] {
        match outcome {
            Outcome::Held(seen) => println!("{}{what}: {seen}", row.name),
            Outcome::Skipped(why) => skipped(&format!("{}{what}", row.name), &why),
            Outcome::Failed(why) => panic!("{}{what}: {why}", row.name),
        }
    }
}

#[test]
fn an_agent_that_is_killed_loses_nothing() {
    check(3);
}

#[test]
fn a_second_agent_refuses() {
    check(17);
}

#[test]
fn a_database_of_a_later_version_is_left_alone() {
    check(20);
}

#[test]
fn a_folder_that_is_put_back_or_wiped_costs_no_receipt() {
    check(22);
}

#[test]
fn a_till_that_is_unplugged_comes_back_and_holds_up_no_other() {
    check(16);
}

#[test]
fn every_quick_row_is_tested_here_and_every_row_is_documented() {
    let here = std::fs::read_to_string(Path::new(file!())).unwrap();
    let security = std::fs::read_to_string("SECURITY.md").unwrap();
    let mut complaints = String::new();
    for row in ROWS {
        let tested = here.contains(&format!("check({});", row.number));
        if tested != row.quick {
            writeln!(
                complaints,
                "row {}: quick, and not tested here, or the other way",
                row.number
            )
            .unwrap();
        }
        for words in [format!("| {} | **{}**", row.number, row.name), row.mutant.to_owned()] {
            if !security.contains(&words) {
                writeln!(complaints, "SECURITY.md does not say: {words}").unwrap();
            }
        }
    }
    assert!(complaints.is_empty(), "\n{complaints}");
    assert!(ROWS.is_sorted_by_key(|row| row.number));
}
