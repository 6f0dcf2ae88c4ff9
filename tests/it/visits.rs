//! The built agent with two receivers on ptys: a customer's tag comes, is heard better elsewhere, and the agent stops.
//! And the built `tillgate replay` with a recording of the same.

use std::process::Command;

use tempfile::TempDir;
use tillgate_events::Body;
use tillgate_sim::pty::{Pty, Sink as _};

use crate::support::agent::{Agent, accepted};
use crate::support::wait_for;

const UUID: &str = "f7826da6-4fa2-4e98-8024-bc5b71e0893e";

/// Nothing is smoothed for long, so that nobody has to wait.
fn config(dir: &TempDir, ports: [&str; 2]) -> String {
    let receiver = |name: &str, zone: &str, port: &str| {
        format!(
            "\n[[receiver]]\nname = \"{name}\"\nzone = \"{zone}\"\nkind = \"serial\"\nport = \"{port}\"\n"
        )
    };
    format!(
        "[gateway]\nid = \"gw-visits\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\ncurrency = \"EUR\"\n\
         data_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n\n[zones]\ntau_s = 1\nhold_s = 0\n{}{}\
         \n[[tag]]\nid = \"anna\"\nclass = \"customer\"\nmatch = {{ ibeacon = \"{UUID}\", major = 1, minor = 1 }}\n\
         \n[[tag]]\nid = \"boss\"\nclass = \"staff\"\nmatch = {{ ibeacon = \"{UUID}\", major = 1, minor = 2 }}\n",
        dir.path().join("data").display(),
        receiver("door", "ENTRANCE", ports[0]),
        receiver("shelf", "GROCERY", ports[1]),
    )
}

fn line(minor: u16, rssi: i8) -> String {
    let uuid = UUID.replace('-', "");
    format!("$GPRP,40000000000{minor},F008D1798C00,{rssi},1AFF4C000215{uuid}0001{minor:04X}C5\r\n")
}

#[tokio::test]
async fn a_customer_that_comes_and_goes_is_a_visit_and_staff_is_none() {
    let dir = TempDir::new().unwrap();
    let mut ptys = [Pty::open().unwrap(), Pty::open().unwrap()];
    let ports = ptys.each_ref().map(|pty| pty.path().display().to_string());
    let toml = config(&dir, ports.each_ref().map(String::as_str));
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
    let agent = Agent::start(dir.path());
    for (place, rssi) in [(0, -60), (1, -45)] {
        for minor in [1, 2, 1, 2] {
            ptys[place].write_all(line(minor, rssi).as_bytes()).await.unwrap();
        }
        // Told of when all before it was read.
        ptys[place].write_all(b"$GPRP,zz\r\n").await.unwrap();
        wait_for("works badly", || (place < agent.count("works badly")).then_some(())).await;
    }
    assert_eq!(agent.stop(), Some(0));
    let records = accepted(&dir.path().join("data"));
    let text = format!("{records:?}");
    assert!(!text.contains("anna") && !text.contains("boss"), "{text}");
    let mut visits = Vec::new();
    let (mut told, mut pings) = (Vec::new(), 0);
    for record in &records {
        match &record.body {
            Body::VisitEntered(it) => {
                told.push(format!("in {} {}", it.zone, it.sensor_id));
                visits.push(it.visit_id.clone());
            }
            Body::CustomerZoneChanged(it) => {
                told.push(format!("{} to {}", it.from_zone, it.to_zone));
                visits.extend(it.visit_id.clone());
            }
            Body::VisitExited(it) => {
                told.push(format!("out {} {}", it.zone, it.sensor_id));
                visits.push(it.visit_id.clone());
            }
            Body::TagWindow(it) => pings += it.ping_count,
            _ => {}
        }
    }
    assert_eq!(told, ["in ENTRANCE door", "ENTRANCE to GROCERY", "out GROCERY shelf"]);
    assert_eq!(pings, 4, "staff's are not told");
    visits.dedup();
    assert_eq!(visits.len(), 1, "{visits:?}");
}

#[test]
fn a_recording_is_printed_and_drawn() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name);
    std::fs::write(path("config"), config(&dir, ["/dev/a", "/dev/b"])).unwrap();
    let line = |second: u32| {
        let (receiver, rssi) = if second < 20 { ("door", -60) } else { ("shelf", -45) };
        format!(
            "{{\"at\":\"2026-11-21T09:00:{second:02}.000Z\",\"receiver\":\"{receiver}\",\"tag\":\"anna\",\"rssi\":{rssi}}}\n"
        )
    };
    std::fs::write(path("walk"), (0..40).map(line).collect::<String>()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tillgate"));
    command.arg("replay").arg(path("walk")).arg("--zones").arg(path("config"));
    let done = command.args(["--visit", "anna", "--svg"]).arg(path("svg")).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let printed = String::from_utf8(done.stdout).unwrap();
    assert!(printed.contains("  0:39  ENTRANCE 0:20, GROCERY 0:19\n"), "{printed}");
    assert!(std::fs::read_to_string(path("svg")).unwrap().starts_with("<svg "));
    let mut command = Command::new(env!("CARGO_BIN_EXE_tillgate"));
    let done =
        command.args(["replay", "/dev/null", "--zones"]).arg(path("config")).output().unwrap();
    assert_eq!(done.status.code(), Some(66), "{done:?}");
}
