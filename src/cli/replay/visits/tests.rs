//! Recordings of two receivers, and what is printed and drawn of them.

use std::path::PathBuf;

use clap::Parser as _;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

#[derive(clap::Parser)]
struct Command {
    #[command(flatten)]
    args: Args,
}

const CONFIG: &str = "[gateway]\nid = \"gw-1\"\ntenant = \"acme\"\nstore_id = 7\ntimezone = \"UTC\"\n\
    currency = \"EUR\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n\
    \n[[receiver]]\nname = \"a\"\nzone = \"A & CO\"\nkind = \"serial\"\nport = \"/dev/a\"\n\
    \n[[receiver]]\nname = \"b\"\nzone = \"B\"\nkind = \"serial\"\nport = \"/dev/b\"\n\
    \n[[tag]]\nid = \"anna\"\nclass = \"customer\"\n\
    match = { ibeacon = \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\", major = 1 }\n\
    \n[[tag]]\nid = \"boss\"\nclass = \"staff\"\n\
    match = { ibeacon = \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\", major = 2 }\n";

/// A minute with `a`, a minute with `b`, a line a second and receiver, and silence.
fn recording(line: impl Fn(u64, usize, i8) -> String) -> String {
    let strengths = |second| if second < 60 { [-55, -75] } else { [-75, -55] };
    let second = |second: u64| {
        strengths(second)
            .into_iter()
            .enumerate()
            .map(move |(receiver, rssi)| (second, receiver, rssi))
    };
    let lines: Vec<String> =
        (0..120).flat_map(second).map(|(s, r, rssi)| line(s, r, rssi)).collect();
    let beats = (120..900).step_by(10).flat_map(|second| {
        ["a", "b"].map(|name| format!("{{\"at\":\"{}\",\"receiver\":\"{name}\"}}", wall(second)))
    });
    lines.into_iter().chain(beats).collect::<Vec<_>>().join("\n")
}

fn wall(second: u64) -> UtcMs {
    UtcMs(1_795_269_600_000 + i64::try_from(second).unwrap() * 1000)
}

fn json(second: u64, receiver: usize, rssi: i8, tag: &str) -> String {
    let (at, name) = (wall(second), ["a", "b"][receiver]);
    format!("{{\"at\":\"{at}\",\"receiver\":\"{name}\",\"tag\":\"{tag}\",\"rssi\":{rssi}}}")
}

/// What is printed of a recording with these flags.
fn run(dir: &TempDir, recording: &str, flags: &[&str]) -> Result<String, Stop> {
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("config"), CONFIG).unwrap();
    std::fs::write(path("recording"), recording).unwrap();
    let (file, config) = (path("recording"), path("config"));
    let line = ["replay", &file, "--zones", &config].into_iter().chain(flags.iter().copied());
    let command = Command::try_parse_from(line).unwrap();
    let mut out = Vec::new();
    super::super::replay(&command.args, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

const VISITS: &str = "\
TAG                   CAME                      LEFT                         DWELL  ZONES\n\
anna.7                2026-11-21T14:00:00.000Z  2026-11-21T14:01:59.000Z      1:59  A & CO 1:01, B 0:58\n\
1 visits, 1 changes of zone\n";

#[test]
fn a_recording_becomes_visits_in_whichever_form_it_is() {
    let dir = TempDir::new().unwrap();
    let by_id = recording(|second, receiver, rssi| json(second, receiver, rssi, "anna.7"));
    assert_eq!(run(&dir, &by_id, &[]).unwrap(), VISITS);
    let lines = recording(|second, receiver, rssi| {
        let ear = ["F008D1798C00", "F008D1798C01"][receiver];
        let uuid = "F7826DA64FA24E988024BC5B71E0893E";
        let seconds = wall(second).0 / 1000;
        format!("$GPRP,400000000001,{ear},{rssi},1AFF4C000215{uuid}00010007C5,{seconds}.000")
    });
    let ears = ["--ear", "F008D1798C00=a", "--ear", "F0:08:D1:79:8C:01=b"];
    assert_eq!(run(&dir, &lines, &ears).unwrap(), VISITS);
}

#[test]
fn events_are_those_of_the_contract_and_name_nobody() {
    let dir = TempDir::new().unwrap();
    let text = recording(|second, receiver, rssi| json(second, receiver, rssi, "anna.7"));
    let events = run(&dir, &text, &["--json"]).unwrap();
    let kinds: Vec<String> = events
        .lines()
        .map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(event["session_id"].is_string(), "{line}");
            event["event_type"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(kinds, ["customer_entered", "customer_zone_changed", "customer_exited"]);
    assert!(!events.contains("anna"));
}

#[test]
fn a_visit_is_drawn_with_every_receiver_and_zone() {
    let dir = TempDir::new().unwrap();
    let text = recording(|second, receiver, rssi| json(second, receiver, rssi, "anna.7"));
    let svg = dir.path().join("visit.svg");
    run(&dir, &text, &["--visit", "anna.7", "--svg", svg.to_str().unwrap()]).unwrap();
    let svg = std::fs::read_to_string(svg).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("h0").count(), 240);
    assert_eq!(svg.matches("<path").count(), 2 * 2);
    // Band and shade of two stays, squares of two receivers, and the paper.
    assert_eq!(svg.matches("<rect").count(), 4 + 2 + 1);
    assert!(svg.contains(">A &amp; CO<") && svg.contains(">b (B)<") && !svg.contains("anna"));
}

#[test]
fn staff_and_strangers_make_no_visit() {
    let dir = TempDir::new().unwrap();
    let staff = recording(|second, receiver, rssi| json(second, receiver, rssi, "boss.1"));
    assert!(run(&dir, &staff, &[]).unwrap().ends_with("\n0 visits, 0 changes of zone\n"));
    let drawn = run(&dir, &staff, &["--visit", "mallory", "--svg", "/dev/null"]);
    assert!(matches!(drawn, Err(Stop::Config(told)) if told.starts_with("mallory: ")));
}

#[test]
fn a_receiver_that_says_nothing_makes_nobody_leave() {
    let dir = TempDir::new().unwrap();
    let alone = |second| json(second, 0, -55, "anna.7");
    let gone: Vec<String> = (0..60).chain(300..360).map(alone).collect();
    let told = run(&dir, &gone.join("\n"), &[]).unwrap();
    assert!(told.contains("  5:59  A & CO 5:59\n"), "{told}");
    let beats = (60..300)
        .step_by(10)
        .map(|second| format!("{{\"at\":\"{}\",\"receiver\":\"a\"}}", wall(second)));
    let lives: Vec<String> = gone.into_iter().chain(beats).collect();
    let told = run(&dir, &lives.join("\n"), &[]).unwrap();
    assert!(told.contains("  1:58  A & CO 1:58\n"), "{told}");
}

#[test]
fn what_is_no_line_is_counted_and_what_is_no_recording_refused() {
    let dir = TempDir::new().unwrap();
    let check = |text: &str, told: &str| {
        let file = dir.path().join("recording");
        std::fs::write(&file, text).unwrap();
        let config = dir.path().join("config");
        std::fs::write(&config, CONFIG).unwrap();
        let args = Args { file, ..Args::plain(tillgate_events::Currency::new("EUR").unwrap()) };
        let damage = replay(&args, &config, &mut Vec::new());
        match damage {
            Ok(damage) => assert_eq!(damage.unwrap_or_default(), told, "{text:?}"),
            Err(Stop::Nothing(file)) => {
                assert_eq!(file.file_name(), PathBuf::from(told).file_name());
            }
            Err(other) => panic!("{other:?}"),
        }
    };
    let good = json(0, 0, -55, "anna.7");
    check(&good, "");
    check(&format!("# a comment\n\n{good}\n"), "");
    check(&format!("{good}\nnoise\n{{\"at\":\"noon\"}}\n$GPRP,1,2"), "3 lines were not understood");
    check("noise", "recording");
    check("", "recording");
}

fn reader() -> Reader {
    let (config, _) = config::parse(CONFIG, "f", &config::System).unwrap();
    Reader::new(&config, &["F008D1798C00=a".to_owned()]).unwrap()
}

#[test]
fn an_ear_that_is_none_is_refused() {
    let (config, _) = config::parse(CONFIG, "f", &config::System).unwrap();
    for ear in ["F008D1798C00", "F008D1798C00=c"] {
        assert!(Reader::new(&config, &[ear.to_owned()]).is_err(), "{ear}");
    }
}

proptest! {
    #[test]
    fn any_line_is_read_or_refused(text in any::<String>(), fields in "[0-9a-fA-F.,*-]{0,60}") {
        let mut reader = reader();
        let object = format!("{{\"at\":\"2026-11-21T14:00:00.000Z\",\"receiver\":\"a\",\"tag\":{text:?}}}");
        for line in [text, format!("$GPRP,{fields}"), format!("$GPRP,1,F008D1798C00,{fields}"), object] {
            if let Some(heard) = reader.line(&line) {
                prop_assert!(heard.receiver < 2);
            }
        }
    }
}
