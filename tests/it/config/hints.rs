//! What a mistake's hint offers is what helps, and one slip is one mistake.

use std::fs;

use super::{parse, root, said};

/// Says of the smallest file with `from` replaced: each of `expected`, nothing of `never`.
fn check(from: &str, to: &str, expected: &[&str], never: &[&str]) {
    let text = fs::read_to_string(root().join("tests/data/config/smallest.toml")).unwrap();
    assert!(text.contains(from), "{from}");
    let told = said(&parse(&text.replacen(from, to, 1)));
    assert!(expected.iter().all(|words| told.contains(words)), "{expected:?} in\n{told}");
    assert!(never.iter().all(|words| !told.contains(words)), "{never:?} in\n{told}");
}

#[test]
fn an_unknown_section_gets_the_names_of_all_sections() {
    check("[mqtt]", "[foo]\nx = 1\n[mqtt]", &["it has these: gateway, mqtt, buffer, serial"], &[]);
}

#[test]
fn a_kind_that_is_none_gets_all_that_there_are() {
    let door =
        |kind: &str| format!("[[door]]\nname = \"d\"\nzone = \"Z\"\nkind = \"{kind}\"\n[mqtt]");
    let kinds = ["gpio-contact", "gpio-pair", "serial-counter", "ble-contact", "modbus-counter"];
    check("[mqtt]", &door("gpio"), &kinds, &[]);
}

#[test]
fn a_torn_header_is_one_mistake() {
    check("[gateway]", "[gateway", &["mistakes: 1\n", "not TOML"], &["unknown key"]);
    check("[mqtt]", "[mqtt", &["mistakes: 1\n", "not TOML"], &["unknown key"]);
    check("id = ", "idd = 1\nid = ", &["unknown key `idd`"], &[]);
}

#[test]
fn a_dialects_file_without_its_folder_is_told_of_paths() {
    let serial = |dialect: &str| {
        format!("[[serial]]\nname = \"t\"\nport = \"/dev/x\"\ndialect = \"{dialect}\"\n[mqtt]")
    };
    check("[mqtt]", &serial("ru.toml"), &["whole path", "\"/…/ru.toml\""], &["built in are"]);
    check("[mqtt]", &serial("text-generik"), &["did you mean `text-generic`?"], &[]);
    check("[mqtt]", &serial("corner3"), &["built in are", "whole path"], &[]);
}

#[test]
fn without_devices_a_check_says_what_a_run_says() {
    check("[mqtt]", "[mqtt]", &["only this gateway's state is sent"], &["nothing will ever"]);
}

/// A door of this kind, and whatever stands before it.
fn door(kind: &str, rest: &str) -> String {
    format!("{rest}\n[[door]]\nname = \"d\"\nzone = \"Z\"\n{kind}\n[mqtt]")
}

#[test]
fn two_beams_hang_on_two_lines_of_their_own() {
    let pair = |rest: &str| door(&format!("kind = \"gpio-pair\"\n{rest}"), "");
    for lines in ["lines = [17]", "lines = [17, 17]", "lines = [1, 2, 3]"] {
        check("[mqtt]", &pair(lines), &["the outer one first"], &[]);
    }
    check("[mqtt]", &pair("line = 17"), &["lines"], &[]);
    check("[mqtt]", &pair("lines = [1, 2]\nwindow_s = 7"), &["one of 0, 10, 30, 60"], &[]);
}

#[test]
fn a_register_by_a_manuals_number_gets_the_one_on_the_line() {
    let counter = |first: u32| {
        let keys = format!("port = \"/dev/x\"\nunit = 1\nin_register = {first}\nout_register = 8");
        door(&format!("kind = \"modbus-counter\"\n{keys}"), "")
    };
    let holding = "`registers = \"holding\"`, `in_register = 2`";
    check("[mqtt]", &counter(40_003), &["accepted", "40003 looks like", holding], &[]);
    let input = "`registers = \"input\"`, `in_register = 0`";
    check("[mqtt]", &counter(30_001), &["accepted", input], &[]);
    check("[mqtt]", &counter(300), &["accepted"], &["looks like"]);
}

#[test]
fn who_is_inside_needs_doors_that_count_both_ways() {
    let one_way = door("kind = \"gpio-contact\"\nline = 3", "");
    let text = format!("occupancy = true\n{one_way}");
    check("[mqtt]", &text, &["cannot tell who leaves", "count that door both ways"], &[]);
}

#[test]
fn hours_that_say_nothing_are_told_with_what_would() {
    let hours = |text: &str| format!("[hours]\n{text}\n[mqtt]");
    check("[mqtt]", &hours("monday = \"8-20\""), &["08:00-20:00", "closed"], &[]);
    check("[mqtt]", &hours(""), &["the store never opens"], &[]);
    check("[mqtt]", &hours("opened_by = \"contact\""), &["without `contact`"], &[]);
    check(
        "[mqtt]",
        &hours("opened_by = \"activity\"\nmonday = \"08:00-20:00\""),
        &["says nothing"],
        &[],
    );
    let shutter = "opened_by = \"contact\"\ncontact = \"shutter\"";
    check("[mqtt]", &hours(shutter), &["there is no [[door]] `shutter`"], &[]);
    let day = "monday = \"08:00-20:00\"\nexceptions = { \"24.12.\" = \"closed\" }";
    check("[mqtt]", &hours(day), &["no date", "2026-12-24"], &[]);
}

#[test]
fn a_door_told_over_the_air_needs_an_enrolled_sensor() {
    let sensor = door("kind = \"ble-contact\"\ntag = \"back-door\"", "");
    check("[mqtt]", &sensor, &["`back-door` of the door `d` is not there", "address"], &[]);
}

#[test]
fn an_adapter_is_better_named_by_its_address() {
    let receiver = |adapter: &str| {
        format!(
            "[[receiver]]\nname = \"r\"\nzone = \"Z\"\nkind = \"bluez\"\nadapter = \"{adapter}\"\n[mqtt]"
        )
    };
    let hint = "hci1 may be another adapter after the next start";
    check("[mqtt]", &receiver("hci1"), &[hint, "use its address"], &[]);
    check("[mqtt]", &receiver("00:1A:7D:DA:71:13"), &[], &["may be another"]);
    check(
        "[mqtt]",
        "[[receiver]]\nname = \"r\"\nkind = \"bluez\"\nzone = \"Z\"\nsilence_s = 3\n[mqtt]",
        &["less than 5"],
        &[],
    );
}
