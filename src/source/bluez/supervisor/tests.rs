//! The radio's states, on scripts of what is seen.

use expect_test::{Expect, expect};

use super::*;

const ON: Seen = Seen::Adapter { powered: true, discovering: true };
const IDLE: Seen = Seen::Adapter { powered: true, discovering: false };
const OFF: Seen = Seen::Adapter { powered: false, discovering: false };

const WISHES: Wishes = Wishes { power_on: true, silence: Some(limits::RADIO_SILENCE) };

fn check(answers: &[Seen], expected: &Expect) {
    check_with(WISHES, answers, expected);
}

/// Runs the machine: when it wants something done, the next of `answers` is observed; an answer that is an
/// event (`Heard`, `PowerOn`, `PowerOff`, `BusLost` while it listens) is observed in the middle of its wait.
fn check_with(wishes: Wishes, answers: &[Seen], expected: &Expect) {
    let mut supervisor = Supervisor::new(wishes);
    let mut now = Mono(1);
    let mut shown = Vec::new();
    let mut answers = answers.iter();
    let event =
        |seen: &Seen| matches!(seen, Seen::Heard | Seen::PowerOn | Seen::PowerOff | Seen::BusLost);
    while let Some(answer) = answers.as_slice().first() {
        match supervisor.next(now) {
            Next::Listen(wait) if event(answer) => {
                now = now.plus(wait / 2);
                supervisor.observe(answer.clone(), now);
                answers.next();
            }
            Next::Listen(wait) => {
                now = now.plus(wait);
                continue;
            }
            next => {
                shown.push(format!("{next:?} at {} s", now.0 / 1_000_000));
                // Of looks in a row, the last is shown.
                if let [.., a, b] = &mut shown[..]
                    && a.starts_with("Look")
                    && b.starts_with("Look")
                {
                    std::mem::swap(a, b);
                    shown.pop();
                }
                supervisor.observe(answer.clone(), now);
                answers.next();
            }
        }
        if let Some(body) = supervisor.report() {
            shown.push(format!("  {body:?}"));
        }
    }
    expected.assert_eq(&shown.join("\n"));
}

#[test]
fn a_radio_that_works_is_up_and_looked_at() {
    check(
        &[Seen::Connected, IDLE, Seen::Started, Seen::Heard, ON, ON],
        &expect![[r#"
        Connect at 0 s
        Look at 0 s
        Start at 0 s
          Up
        Look at 10 s"#]],
    );
}

#[test]
fn what_is_missing_is_told_in_words_and_once() {
    check(
        &[
            Seen::BusLost,
            Seen::Connected,
            Seen::NoDaemon,
            Seen::NoDaemon,
            Seen::NoAdapter,
            OFF,
            Seen::Refused("not ready".to_owned()),
            IDLE,
            Seen::Started,
        ],
        &expect![[r#"
            Connect at 0 s
              Down(Radio("the system bus does not answer"))
            Connect at 2 s
            Look at 2 s
              Down(Radio("bluetoothd does not answer"))
            Look at 6 s
              Down(Radio("there is no such Bluetooth adapter"))
            Look at 8 s
            Start at 8 s
              Down(Radio("the Bluetooth adapter will not scan: not ready"))
            Look at 10 s
            Start at 10 s
              Up"#]],
    );
}

#[test]
fn a_scan_that_stopped_unseen_is_started_again_without_a_word() {
    check(
        &[Seen::Connected, IDLE, Seen::Started, ON, IDLE, Seen::Started],
        &expect![[r#"
        Connect at 0 s
        Look at 0 s
        Start at 0 s
          Up
        Look at 10 s
        Start at 10 s"#]],
    );
}

#[test]
fn a_switch_off_is_respected_and_a_switch_on_resumes_at_once() {
    check(
        &[
            Seen::Connected,
            IDLE,
            Seen::Started,
            Seen::PowerOff,
            OFF,
            OFF,
            Seen::PowerOn,
            IDLE,
            Seen::Started,
        ],
        &expect![[r#"
            Connect at 0 s
            Look at 0 s
            Start at 0 s
              Up
              Down(Radio("the Bluetooth adapter is switched off"))
            Look at 7 s
            Start at 7 s
              Up"#]],
    );
}

#[test]
fn a_daemon_that_comes_back_switched_off_is_switched_on() {
    check(
        &[Seen::Connected, IDLE, Seen::Started, Seen::NoDaemon, OFF, Seen::Started],
        &expect![[r#"
            Connect at 0 s
            Look at 0 s
            Start at 0 s
              Up
            Look at 5 s
              Down(Radio("bluetoothd does not answer"))
            Look at 7 s
            Start at 7 s
              Up"#]],
    );
}

#[test]
fn an_adapter_that_is_off_stays_off_unless_the_configuration_says_otherwise() {
    check_with(
        Wishes { power_on: false, ..WISHES },
        &[Seen::Connected, OFF, OFF, Seen::PowerOn, IDLE, Seen::Started, Seen::NoAdapter, OFF, OFF],
        &expect![[r#"
            Connect at 0 s
            Look at 0 s
              Down(Radio("the Bluetooth adapter is switched off"))
            Look at 3 s
            Start at 3 s
              Up
            Look at 8 s
              Down(Radio("there is no such Bluetooth adapter"))
            Look at 10 s
              Down(Radio("the Bluetooth adapter is switched off"))
            Look at 12 s"#]],
    );
}

#[test]
fn a_radio_that_may_be_silent_is_never_restarted_for_it() {
    let mut answers = vec![Seen::Connected, IDLE, Seen::Started];
    answers.extend(std::iter::repeat_n(ON, 200));
    check_with(
        Wishes { silence: None, ..WISHES },
        &answers,
        &expect![[r#"
        Connect at 0 s
        Look at 0 s
        Start at 0 s
          Up
        Look at 1000 s"#]],
    );
}

#[test]
fn silence_is_as_long_as_the_configuration_says() {
    check_with(
        Wishes { silence: Some(Duration::from_secs(7)), ..WISHES },
        &[Seen::Connected, IDLE, Seen::Started, ON, Seen::Started],
        &expect![[r#"
            Connect at 0 s
            Look at 0 s
            Start at 0 s
              Up
            Look at 5 s
            Restart at 7 s
              Down(Radio("nothing is heard"))"#]],
    );
}

#[test]
fn two_late_answers_in_a_row_mean_a_new_connection() {
    check(
        &[
            Seen::Connected,
            IDLE,
            Seen::Started,
            Seen::TimedOut,
            ON,
            Seen::TimedOut,
            Seen::TimedOut,
            Seen::Connected,
        ],
        &expect![[r#"
            Connect at 0 s
            Look at 0 s
            Start at 0 s
              Up
            Look at 14 s
              Down(Radio("the system bus does not answer"))
            Connect at 14 s"#]],
    );
}

#[test]
fn silence_is_told_and_mended_by_a_new_scan_then_by_a_new_connection() {
    let mut answers = vec![Seen::Connected, IDLE, Seen::Started];
    answers.extend(std::iter::repeat_n(ON, 24));
    answers.push(Seen::Started);
    answers.extend(std::iter::repeat_n(ON, 24));
    answers.extend([Seen::Connected, ON, Seen::Started, Seen::Heard]);
    check(
        &answers,
        &expect![[r#"
        Connect at 0 s
        Look at 0 s
        Start at 0 s
          Up
        Look at 120 s
        Restart at 120 s
          Down(Radio("nothing is heard"))
        Look at 240 s
        Connect at 240 s
        Look at 240 s
        Start at 240 s
          Up"#]],
    );
}

#[test]
fn a_bus_that_dies_is_connected_to_anew() {
    check(
        &[
            Seen::Connected,
            IDLE,
            Seen::Started,
            Seen::BusLost,
            Seen::BusLost,
            Seen::Connected,
            IDLE,
            Seen::Started,
        ],
        &expect![[r#"
            Connect at 0 s
            Look at 0 s
            Start at 0 s
              Up
              Down(Radio("the system bus does not answer"))
            Connect at 5 s
            Look at 5 s
            Start at 5 s
              Up"#]],
    );
}
