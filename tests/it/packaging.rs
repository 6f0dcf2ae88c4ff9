//! What is shipped beside the binary: units, rules, cross builds, dependencies.
//!
//! Tools that a machine lacks are named loudly and their test is skipped.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use clap::Parser as _;
use tillgate::decode::beacon::{self, Said, tag_heard};
use tillgate::decode::door::parse_line;

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Runs a tool in the repository; `None`, loudly, if there is no such tool.
#[allow(clippy::print_stderr, reason = "a test that is skipped must be seen to be")]
fn tool(name: &str, arguments: &[&str]) -> Option<Output> {
    let output =
        Command::new(name).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    if output.is_err() {
        eprintln!("SKIPPED: {name} is not installed");
    }
    output.ok()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn systemd_understands_every_line_of_the_unit() {
    // The unit's program is not installed on a build machine; one that is takes its place.
    let unit = read("systemd/tillgate.service").replace("/usr/bin/tillgate", "/bin/true");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tillgate.service");
    fs::write(&file, unit).unwrap();
    let Some(output) = tool("systemd-analyze", &["verify", file.to_str().unwrap()]) else { return };
    // Unknown keys do not change its exit code: only silence is success.
    assert_eq!(stderr(&output), "");
    assert!(output.status.success());
}

#[test]
fn the_units_command_line_is_one_that_the_program_takes() {
    let unit = read("systemd/tillgate.service");
    let command = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let args = tillgate::cli::Args::try_parse_from(command.split(' ')).unwrap();
    assert!(matches!(args.command, tillgate::cli::Command::Run(_)));
    let condition = format!("ConditionPathExists={}", tillgate::config::DEFAULT_PATH);
    assert!(unit.lines().any(|line| line == condition), "another file than the default");
}

#[test]
fn the_units_exposure_is_at_most_one_and_a_half() {
    let gate = |threshold: &str| {
        let threshold = format!("--threshold={threshold}");
        let unit = "systemd/tillgate.service";
        tool("systemd-analyze", &["security", "--offline=true", &threshold, unit])
    };
    let Some(output) = gate("15") else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(!gate("5").unwrap().status.success(), "the gate lets everything through");
}

#[test]
fn the_unit_wants_bluetooth_and_requires_nothing() {
    let unit = read("systemd/tillgate.service");
    let has = |line: &str| unit.lines().any(|it| it == line);
    for line in [
        "Type=notify",
        "WatchdogSec=30",
        "Restart=always",
        "RestartSec=5",
        "StartLimitIntervalSec=0",
        "Wants=bluetooth.service",
        "ConditionPathExists=/etc/tillgate/tillgate.toml",
        "LimitCORE=0",
        "MemoryMax=64M",
        "SocketBindDeny=any",
    ] {
        assert!(has(line), "the unit lacks {line}");
    }
    for word in ["Requires=", "BindsTo=", "Requisite=", "LoadCredential="] {
        assert!(!unit.lines().any(|it| it.starts_with(word)), "the unit has {word}");
    }
}

#[test]
fn no_code_of_the_agent_listens_but_that_of_the_metrics() {
    fn visit(folder: &Path, seen: &mut usize) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, seen);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            *seen += 1;
            if path.iter().any(|part| part == "metrics") {
                continue;
            }
            for word in ["TcpListener", "UnixListener", "UdpSocket"] {
                assert!(!text.contains(word), "{} names {word}", path.display());
            }
        }
    }
    let mut seen = 0;
    visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut seen);
    assert!(seen > 20, "only {seen} files were looked at");
}

#[test]
fn metrics_get_their_socket_by_a_drop_in_alone() {
    let drop_in = read("systemd/metrics.conf");
    let sample = read("firmware-config/tillgate.toml");
    let port = sample.split("listen = \"127.0.0.1:").nth(1).and_then(|it| it.split('"').next());
    let allowed = format!("SocketBindAllow=ipv4:tcp:{}", port.unwrap());
    assert!(drop_in.lines().any(|line| line == allowed), "{allowed}");
    assert!(!read("systemd/tillgate.service").contains("SocketBindAllow="));
}

#[test]
fn every_group_of_the_unit_is_made_by_sysusers() {
    let unit = read("systemd/tillgate.service");
    let made = read("systemd/tillgate.sysusers");
    let made: BTreeSet<&str> = made
        .lines()
        .filter(|line| line.starts_with(['g', 'u']))
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    let asked = unit.lines().filter_map(|line| {
        ["User=", "Group=", "SupplementaryGroups="].iter().find_map(|key| line.strip_prefix(key))
    });
    let asked: Vec<&str> = asked.flat_map(str::split_whitespace).collect();
    assert!(asked.len() >= 5, "{asked:?}");
    for name in asked {
        assert!(made.contains(name), "{name} may not exist");
    }
}

#[test]
fn sysusers_and_tmpfiles_are_well_formed() {
    let sysusers = concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/tillgate.sysusers");
    if let Some(output) = tool("systemd-sysusers", &["--dry-run", sysusers]) {
        let said = stderr(&output);
        assert!(output.status.success(), "{said}");
        for word in ["ignoring", "Unknown", "Failed"] {
            assert!(!said.contains(word), "{said}");
        }
    }
    for line in read("systemd/tillgate.tmpfiles").lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(fields.len(), 6, "{line}");
        assert!(fields[1].starts_with("/etc/tillgate"), "{line}");
        assert!(u32::from_str_radix(fields[2], 8).unwrap() & 0o007 == 0, "open to all: {line}");
    }
}

/// The commands of the README's install block.
fn install_block() -> String {
    let readme = read("README.md");
    let (_, rest) = readme.split_once("## Install on a gateway").unwrap();
    let (_, rest) = rest.split_once("```sh\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_install_block_copies_every_file_that_a_service_needs_before_it_is_started() {
    let block = install_block();
    let place = |words: &str| block.find(words).unwrap_or_else(|| panic!("no {words} in\n{block}"));
    let start = place("systemctl enable --now tillgate");
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(place(&format!("systemd/{name}")) < start, "{name}");
    }
    let order = [
        "systemd-sysusers",
        "systemd-tmpfiles --create",
        "-g tillgate",
        "/etc/tillgate/secrets/",
        "systemctl daemon-reload",
        "tillgate check",
    ];
    let places = order.map(place);
    assert!(places.is_sorted() && places.iter().all(|at| *at < start), "{places:?}");
}

#[test]
fn every_credential_that_a_sample_uses_is_loaded_and_its_file_is_installed() {
    let drop_in = read("systemd/credentials.conf");
    let loaded: Vec<(&str, &str)> = drop_in
        .lines()
        .filter_map(|line| line.strip_prefix("LoadCredential=")?.split_once(':'))
        .collect();
    for sample in ["README.md", "firmware-config/tillgate.toml"] {
        let text = read(sample);
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let used = lines.filter_map(|line| line.split_once("= \"credential:")?.1.split('"').next());
        let used: Vec<&str> = used.collect();
        assert!(!used.is_empty(), "{sample}");
        for name in used {
            let Some((_, file)) = loaded.iter().find(|(loaded, _)| *loaded == name) else {
                panic!("{sample}: nothing loads {name}");
            };
            let (folder, file) = file.rsplit_once('/').unwrap();
            let installed = format!("{file} {folder}/");
            assert!(install_block().contains(&installed), "{installed} is missing");
        }
    }
}

/// The first cells of a table in the chapter `title` of the page that explains the samples.
fn examples(title: &str, table: usize) -> Vec<String> {
    let page = read("firmware-config/README.md");
    let (_, chapter) = page.split_once(title).unwrap();
    let chapter = chapter.split("\n## ").next().unwrap();
    let rows = chapter.split("|---|---|\n").nth(1 + table).unwrap();
    let rows = rows.lines().take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('`').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn the_counter_lines_that_are_documented_are_those_that_are_taken() {
    let title = "## What a counter must send";
    let [taken, left] = [0, 1].map(|table| examples(title, table));
    assert!(taken.len() >= 5 && left.len() >= 4, "{taken:?} {left:?}");
    for line in &taken {
        assert!(parse_line(line).is_some(), "{line}");
    }
    for line in &left {
        assert_eq!(parse_line(line), None, "{line}");
    }
}

#[test]
fn the_receiver_lines_that_are_documented_are_those_that_are_taken() {
    let title = "## What a receiver must send";
    let [taken, left] = [0, 1].map(|table| examples(title, table));
    assert!(taken.len() >= 2 && left.len() >= 3, "{taken:?} {left:?}");
    let names_a_tag = |line: &str| {
        let mut named = false;
        let read = beacon::parse_line(line, |said| {
            named = matches!(said, Said::Advert(sighting) if tag_heard(sighting).is_some());
        });
        read.map(|()| named)
    };
    for line in &taken {
        assert_eq!(names_a_tag(line), Ok(true), "{line}");
    }
    for line in &left {
        assert_ne!(names_a_tag(line), Ok(true), "{line}");
    }
}

/// A part of a udev rule: `KEY{attribute}op"value"`.
fn is_udev_part(part: &str) -> bool {
    const KEYS: [&str; 12] = [
        "ACTION",
        "SUBSYSTEM",
        "SUBSYSTEMS",
        "KERNEL",
        "DRIVER",
        "ENV",
        "ATTR",
        "ATTRS",
        "GROUP",
        "MODE",
        "SYMLINK",
        "GOTO",
    ];
    let Some((left, value)) = part.split_once('"') else { return false };
    let Some(left) = ["==", "!=", "+=", "="].iter().find_map(|op| left.strip_suffix(op)) else {
        return false;
    };
    let key = left.split_once('{').map_or(
        left,
        |(key, attribute)| {
            if attribute.ends_with('}') { key } else { "" }
        },
    );
    KEYS.contains(&key) && value.ends_with('"') && !value[..value.len() - 1].contains('"')
}

#[test]
fn every_udev_rule_is_well_formed() {
    let rules = read("firmware-config/99-tillgate.rules");
    let active: Vec<&str> =
        rules.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).collect();
    assert!(active.len() >= 4);
    for rule in &active {
        for part in rule.split(", ") {
            assert!(is_udev_part(part), "{part} in {rule}");
        }
    }
    assert!(!is_udev_part("MODES=\"0660\"") && !is_udev_part("MODE=0660"));
    assert!(active.iter().any(|rule| rule.contains("ENV{ID_MM_DEVICE_IGNORE}=\"1\"")));
}

#[test]
fn the_brokers_rules_cover_the_topics_of_a_gateway() {
    let rules = read("firmware-config/mosquitto.acl");
    let mut lines = rules.lines().filter(|it| !it.is_empty() && !it.starts_with('#'));
    let written: Vec<&str> =
        lines.clone().filter_map(|it| it.strip_prefix("pattern write ")).collect();
    assert!(lines.all(|it| it.starts_with("user ") || it.contains(" tillgate/v1/")));
    for end in ["evt/+", "state", "health", "gap"] {
        assert!(written.contains(&format!("tillgate/v1/acme/+/%u/{end}").as_str()), "{end}");
    }
    assert!(!written.iter().any(|it| it.ends_with("/ack")), "a gateway could confirm for itself");
}

/// The keys that cross 0.2.5 knows, per target.
const CROSS_KEYS: [&str; 7] =
    ["xargo", "build-std", "image", "dockerfile", "pre-build", "runner", "env"];

#[test]
fn cross_toml_has_only_keys_that_cross_knows() {
    let file: toml::Table = read("cross.toml").parse().unwrap();
    assert_eq!(file.keys().collect::<Vec<_>>(), ["target"]);
    let targets = file["target"].as_table().unwrap();
    let names: Vec<&str> = targets.keys().map(String::as_str).collect();
    assert_eq!(names, ["aarch64-unknown-linux-gnu", "armv7-unknown-linux-gnueabihf"]);
    for (name, target) in targets {
        for key in target.as_table().unwrap().keys() {
            assert!(CROSS_KEYS.contains(&key.as_str()), "{key} of {name}");
        }
        for key in target["env"].as_table().unwrap().keys() {
            assert!(["passthrough", "volumes"].contains(&key.as_str()), "env.{key} of {name}");
        }
        // Its own images carry a newer glibc than Debian 12.
        assert_eq!(target["image"].as_str(), Some("debian:bookworm-slim"));
        let variable = name.to_uppercase().replace('-', "_");
        let linker = format!("CARGO_TARGET_{variable}_LINKER=");
        let passed = target["env"]["passthrough"].as_array().unwrap();
        assert!(passed.iter().any(|it| it.as_str().unwrap().starts_with(&linker)), "{name}");
    }
}

#[test]
fn cross_toml_names_packages_that_exist() {
    let has =
        |package: &str| tool("apt-cache", &["show", package]).is_some_and(|it| it.status.success());
    if !has("gcc") {
        eprintln!("SKIPPED: no package lists here to look cross.toml's packages up in");
        return;
    }
    let file: toml::Table = read("cross.toml").parse().unwrap();
    let mut looked_up = 0;
    for target in file["target"].as_table().unwrap().values() {
        for step in target["pre-build"].as_array().unwrap() {
            let step = step.as_str().unwrap();
            assert!(step.starts_with("apt-get "), "{step}");
            let Some((_, packages)) = step.split_once(" install ") else { continue };
            for package in packages.split_whitespace().filter(|it| !it.starts_with("--")) {
                assert!(has(package), "there is no package {package}");
                looked_up += 1;
            }
        }
    }
    assert!(looked_up >= 8);
}

#[test]
fn no_dependency_needs_a_system_library_or_a_heavy_c_build() {
    let inverse = |name: &str| {
        let arguments = ["tree", "--offline", "--locked", "--edges", "all", "--invert", name];
        tool(env!("CARGO"), &arguments).unwrap()
    };
    assert!(inverse("rustls").status.success(), "{}", stderr(&inverse("rustls")));
    for banned in ["openssl-sys", "aws-lc-sys", "libudev-sys"] {
        let output = inverse(banned);
        let said = stderr(&output);
        let absent = ["did not match any packages", "nothing to print"];
        assert!(absent.iter().any(|words| said.contains(words)), "{banned}: {said}");
        assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn every_accepted_advisory_has_a_reason_and_a_date() {
    let deny: toml::Table = read("deny.toml").parse().unwrap();
    let advisories = &deny["advisories"];
    assert!(advisories.get("maximum-db-staleness").is_some());
    for advisory in advisories["ignore"].as_array().unwrap() {
        let reason = advisory["reason"].as_str().unwrap();
        let (why, review) = reason.split_once("Review by ").unwrap();
        assert!(why.len() > 20, "{reason}");
        let date = review.get(..10).unwrap();
        assert!(date.parse::<jiff::civil::Date>().is_ok(), "{reason}");
    }
}
