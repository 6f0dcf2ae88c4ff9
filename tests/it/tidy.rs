//! The style and the import rules of the repository: what a reviewer would otherwise have to look for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What each module of the flow may name of the crate. Nothing imports against the flow.
const MAY_KNOW: [(&str, &[&str]); 13] = [
    ("source", &["source", "backoff", "clock", "time", "limits", "order", "config"]),
    ("decode", &["decode", "source", "time", "limits", "order", "spanned"]),
    ("track", &["track", "decode", "source", "time", "limits", "order", "config"]),
    ("compact", &["compact", "time", "limits"]),
    ("store", &["store", "compact", "time", "limits", "order"]),
    ("forward", &["forward", "store", "compact", "backoff", "clock", "time", "limits", "config"]),
    ("config", &["config", "clock", "decode", "time", "limits", "spanned"]),
    ("spanned", &["spanned", "limits", "order"]),
    ("learn", &["learn", "decode", "time", "limits", "order"]),
    ("ledger", &["ledger", "limits"]),
    ("backoff", &["limits"]),
    ("order", &[]),
    ("time", &[]),
];

/// Crates that only some places may name.
const ONLY_IN: [(&str, &[&str]); 10] = [
    ("rusqlite", &["src/store/", "tests/it/ledger.rs", "tests/it/secrets/"]),
    ("rumqttc", &["src/forward/mqtt.rs", "src/forward/mqtt/", "src/forward/tls.rs", "crates/sim/"]),
    ("btleplug", &["src/source/bluez", "tests/it/beacons.rs"]),
    ("bluez_async", &["src/source/bluez"]),
    ("gpiocdev", &["src/source/gpio"]),
    ("tokio_modbus", &["src/source/modbus"]),
    ("tokio_serial", &["src/source/serial", "src/source/modbus", "crates/sim/", "tests/it/"]),
    (
        "tokio",
        &[
            "src/source/",
            "src/forward/",
            "src/agent/",
            "src/cli/run.rs",
            "src/cli/confirm/",
            "crates/sim/",
            "tests/it/",
            "benches/figures/drain.rs",
        ],
    ),
    (
        "Instant::now",
        &[
            "src/clock.rs",
            "tests/it/tidy.rs",
            "tests/it/",
            "crates/sim/",
            "crates/dictionary/",
            "benches/",
        ],
    ),
    ("SystemTime::now", &["src/clock.rs", "tests/it/tidy.rs", "crates/sim/"]),
];

/// Lines of one source file.
const FILE_LINES: usize = 450;
/// Characters of one line.
const LINE_CHARS: usize = 120;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every committed kind of file below the root with this extension, as (path from the root, text).
fn files(extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name());
            let hidden = name.to_string_lossy().starts_with('.') || name == "target";
            match path.is_dir() {
                true if !hidden => folders.push(path),
                false if path.extension().is_some_and(|e| e == extension) => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    let read = |path: PathBuf| {
        let relative = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        (relative, std::fs::read_to_string(path).unwrap())
    };
    found.into_iter().map(read).collect()
}

fn check(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// The code of a file: comments out.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Whether `line` names `word` as a whole path segment.
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !part(before) && !part(after)
    })
}

#[test]
fn nothing_imports_against_the_flow() {
    let mut complaints = Vec::new();
    for (path, text) in files("rs") {
        let Some(module) = path.strip_prefix("src/").map(|p| p.split(['/', '.']).next().unwrap())
        else {
            continue;
        };
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(name, _)| *name == module) else {
            continue;
        };
        for (number, line) in code(&text) {
            for (at, _) in line.match_indices("crate::") {
                let rest = &line[at + "crate::".len()..];
                let name: String =
                    rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if !name.is_empty() && !allowed.contains(&name.as_str()) {
                    complaints.push(format!("{path}:{number}: {module} must not know {name}"));
                }
            }
        }
    }
    check(&complaints);
}

#[test]
fn a_crate_is_named_only_where_it_belongs() {
    let mut complaints = Vec::new();
    for (path, text) in files("rs") {
        for (word, places) in ONLY_IN {
            if places.iter().any(|place| path.starts_with(place)) || path == "tests/it/tidy.rs" {
                continue;
            }
            for (number, line) in code(&text).filter(|(_, line)| names(line, word)) {
                complaints.push(format!("{path}:{number}: {word} does not belong here: {line}"));
            }
        }
    }
    check(&complaints);
}

#[test]
fn every_source_file_says_what_it_is_for_and_stays_small() {
    let mut complaints = Vec::new();
    for (path, text) in files("rs") {
        let submodule_tests = path.ends_with("/tests.rs");
        if !text.starts_with("//!") && !text.starts_with("#!") && !submodule_tests {
            complaints.push(format!("{path}: no module doc"));
        }
        let lines = text.lines().count();
        if lines > FILE_LINES {
            complaints.push(format!("{path}: {lines} lines: what are the two things in it?"));
        }
        for (index, line) in text.lines().enumerate() {
            if line.chars().count() > LINE_CHARS
                && !line.contains('"')
                && !path.ends_with("/tests.rs")
            {
                complaints.push(format!("{path}:{}: longer than {LINE_CHARS}", index + 1));
            }
            if line.ends_with(' ') {
                complaints.push(format!("{path}:{}: trailing space", index + 1));
            }
        }
    }
    check(&complaints);
}

#[test]
fn nothing_is_left_half_done() {
    let banned = ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "XX".to_owned() + "X "];
    let mut complaints = Vec::new();
    for (path, text) in files("rs").into_iter().chain(files("toml")).chain(files("md")) {
        for (index, line) in text.lines().enumerate() {
            if banned.iter().any(|word| line.contains(word))
                || line.contains("#[ignore") && path != "tests/it/tidy.rs"
            {
                complaints.push(format!("{path}:{}: {line}", index + 1));
            }
        }
    }
    check(&complaints);
}

#[test]
fn tests_wait_for_events_and_not_for_time() {
    let mut complaints = Vec::new();
    for (path, text) in files("rs") {
        for (number, line) in code(&text).filter(|_| path != "tests/it/tidy.rs") {
            if line.contains("thread::sleep(") {
                complaints.push(format!("{path}:{number}: {line}"));
            }
        }
    }
    check(&complaints);
}

#[test]
fn every_integration_test_file_is_part_of_the_one_binary() {
    let main = std::fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    let declared: BTreeSet<String> = main
        .lines()
        .filter_map(|line| line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')))
        .map(str::to_owned)
        .collect();
    let present: BTreeSet<String> = files("rs")
        .iter()
        .filter_map(|(path, _)| {
            path.strip_prefix("tests/it/")?.strip_suffix(".rs").map(str::to_owned)
        })
        .filter(|name| name != "main" && !name.contains('/'))
        .collect();
    assert_eq!(declared, present);
}

#[test]
fn the_pages_for_newcomers_are_short_and_name_no_machine() {
    let architecture = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(architecture.lines().count() <= 200, "ARCHITECTURE.md is longer than 200 lines");
    let mut complaints = Vec::new();
    let machine = [["/wo", "rk/"].concat(), ["/ro", "ot/"].concat(), ["/tm", "p/wt"].concat()];
    for extension in ["rs", "md", "toml", "sh", "service", "rules"] {
        for (path, text) in files(extension) {
            for (index, line) in text.lines().enumerate() {
                if machine.iter().any(|folder| line.contains(folder)) {
                    complaints.push(format!("{path}:{}: a path of one machine: {line}", index + 1));
                }
            }
        }
    }
    check(&complaints);
}

#[test]
fn the_agent_has_few_direct_dependencies() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap();
    let dependencies = section
        .lines()
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    assert!(dependencies.count() <= 35);
}
