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
fn kinds_that_this_version_has_not_are_not_offered() {
    let door =
        |kind: &str| format!("[[door]]\nname = \"d\"\nzone = \"Z\"\nkind = \"{kind}\"\n[mqtt]");
    let names = ["gpio-pair", "modbus-counter", "ble-contact"];
    check("[mqtt]", &door("gpio"), &["gpio-contact", "serial-counter"], &names);
    check("[mqtt]", &door("gpio-pair"), &["this version has no `gpio-pair` yet"], &[]);
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
