//! The wall clock is set while the agent runs.

use std::fs;
use std::path::Path;

use crate::faults::fail::{Fail, Held};
use crate::faults::judge::Losses;
use crate::faults::scene::Scene;
use crate::faults::wait::{pass, until};
use crate::faults::{Row, Stage};
use crate::limits;

pub const CLOCK_SET: Row = Row {
    number: 12,
    name: "clock set",
    made: "`libfaketime` sets the agent's wall clock by −1 h, +24 h, +10 years, to 1970 and back while a till prints, each \
           time in the middle of a receipt, and does not touch the clock that timers follow",
    holds: "each step is told, the receipt in whose middle it falls stays one, all arrive in order, nothing is lost",
    mutant: "the clock that timers follow jumps as well",
    caught: "of the till are accepted",
    quick: false,
    play: clock_set,
};

/// As `FAKETIME_TIMESTAMP_FILE` wants it.
const STEPS: [&str; 5] = ["-3600", "+86400", "+315360000", "@1970-01-02 00:00:00", "+0"];

fn clock_set(stage: &Stage) -> Held {
    let (mut scene, mut line) = Scene::set(stage)?;
    let file = scene.folder().join("clock");
    fs::write(&file, "+0")?;
    let confirm = scene.confirm()?;
    scene.settings.wrapper = faked(&file, stage.is_mutant())?;
    let agent = scene.agent()?;
    for (nth, step) in (1..).zip(STEPS) {
        let told = agent.count("the clock was set");
        line.print_with_pause(|| {
            fs::write(&file, step)?;
            pass(2 * limits::FAULT_MOMENT);
            Ok(())
        })?;
        line.print(2)?;
        scene.accepts(3 * nth)?;
        let more = || Ok((agent.count("the clock was set") > told).then_some(()));
        until(&format!("that the clock was set ({step})"), scene.patience(), more)?;
    }
    let numbers = scene.numbers();
    let all = || Ok(scene.has_sound(&numbers)?.then_some(()));
    until("all receipts arrive whole", scene.patience(), all)?;
    let seen = scene.settle(agent, confirm, Losses::None)?;
    Ok(format!("{} steps: {seen}", STEPS.len()))
}

/// A wrapper by which the wall clock is what the file says.
fn faked(file: &Path, all_clocks: bool) -> Result<Vec<String>, Fail> {
    let places = ["x86_64-linux-gnu", "aarch64-linux-gnu", "arm-linux-gnueabihf"];
    let library = places
        .iter()
        .map(|place| format!("/usr/lib/{place}/faketime/libfaketime.so.1"))
        .find(|library| Path::new(library).exists())
        .ok_or_else(|| Fail::Skipped("no libfaketime; try `make faults` as root".to_owned()))?;
    let mut words = vec![
        "env".to_owned(),
        format!("LD_PRELOAD={library}"),
        format!("FAKETIME_TIMESTAMP_FILE={}", file.display()),
        "FAKETIME_NO_CACHE=1".to_owned(),
    ];
    if !all_clocks {
        words.push("FAKETIME_DONT_FAKE_MONOTONIC=1".to_owned());
    }
    Ok(words)
}
