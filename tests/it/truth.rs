//! The first hours of a simulated store's day through the built agent and a real Mosquitto, held against the truth.
//! `make truth` plays whole days.

use tillgate_sim::day::Setting;
use tillgate_sim::faults::Fail;
use tillgate_sim::truth::{Options, run};

use crate::support::skipped;

fn check(what: &str, setting: Setting) {
    println!("SEED={}", setting.seed);
    let agent = env!("CARGO_BIN_EXE_tillgate").into();
    let options = Options { agent, setting, speed: None, faults: false };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match runtime.block_on(run(&options, &mut |words| println!("{words}"))) {
        Ok(report) => assert!(report.passed(), "{what}\n{report}"),
        Err(error) => match error.downcast_ref::<Fail>() {
            Some(Fail::Skipped(why)) => skipped(what, why),
            _ => panic!("{what}: {error:#}"),
        },
    }
}

#[test]
fn what_happens_in_the_first_hours_of_a_day_is_what_arrives() {
    let setting =
        Setting { seed: fastrand::u64(..), hours: 2, visitors: 900, ..Setting::default() };
    check("the first hours", setting);
}

#[test]
fn stock_is_counted_again_after_five_days() {
    let setting = Setting { seed: fastrand::u64(..), days: 6, hours: 1, visitors: 100 };
    check("the second count", setting);
}
