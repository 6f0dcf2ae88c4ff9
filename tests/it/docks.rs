//! Docks and screens: the built binary on ptys, from the plan's file and a contact's lines to the records.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use serialport::TTYPort;
use tempfile::TempDir;
use tillgate::clock::Clock;
use tillgate_events::{Body, Record};

use crate::devices::cable;
use crate::support::agent::{Agent, accepted};
use crate::support::wait_for;

const TRUCK: &str = "$GPRP,AABBCC000001,F008D1798C00,-60,1AFF4C000215F7826DA64FA24E988024BC5B71E0893E0001000EC5\r\n";
/// BTHome v2: -18.50 °C.
const PROBE: &str = "$GPRP,A4C1388D18B2,F008D1798C00,-70,0716D2FC4002C6F8\r\n";

fn gateway(dir: &Path) -> String {
    format!(
        "[gateway]\nid = \"gw-dock\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"Europe/Berlin\"\n\
         currency = \"EUR\"\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:9\"\n",
        dir.join("data").display()
    )
}

/// Says `line` again and again until the agent accepted so many records of the class.
async fn until(agent: &Agent, port: &mut TTYPort, line: &str, class: &str, count: usize) {
    let what = format!("{count} records of {class} by {line}");
    wait_for(&what, || {
        port.write_all(line.as_bytes()).unwrap();
        (count <= agent.accepted(class)).then_some(())
    })
    .await;
}

fn said(record: &Record) -> String {
    match &record.body {
        Body::TruckArrived(it) => {
            format!("arrived {} {} {}", it.truck_id, it.shipment_id, it.estimated_unload_minutes)
        }
        Body::TruckDeparted(it) => {
            let load = it.temperature.unwrap();
            let breach = it.temperature_breach_minutes;
            format!("departed {} {} {} {breach:?}", it.truck_id, it.shipment_id, load.mean)
        }
        Body::TemperatureRecorded(it) => format!("window {}", it.temperature.mean),
        Body::Unknown(it) => it.kind.clone(),
        Body::AdImpression(it) => {
            format!("{} {} {} {}", it.campaign_id, it.creative_id, it.cost, it.channel)
        }
        other => format!("{other:?}"),
    }
}

fn of(records: &[Record], source: &str) -> Vec<String> {
    let status = |record: &&Record| matches!(record.body, Body::DeviceStatusChanged(_));
    let own = records.iter().filter(|record| record.source == source && !status(record));
    own.map(said).collect()
}

#[tokio::test]
async fn a_truck_is_followed_from_its_arrival_to_its_departure() {
    let dir = TempDir::new().unwrap();
    let ((mut contact, door), (mut radio, receiver)) = (cable(), cable());
    let plan = dir.path().join("plan.csv");
    let mut toml = gateway(dir.path());
    write!(
        toml,
        "\n[[door]]\nname = \"gate\"\nzone = \"DOCK\"\nkind = \"serial-contact\"\nport = \"{}\"\n\
         \n[[receiver]]\nname = \"gate-radio\"\nzone = \"DOCK\"\nkind = \"serial\"\nport = \"{}\"\n\
         \n[[tag]]\nid = \"truck\"\nclass = \"truck\"\n\
         match = {{ ibeacon = \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\", major = 1 }}\n\
         \n[[tag]]\nid = \"probe\"\nclass = \"asset\"\nmatch = {{ mac = \"A4:C1:38:8D:18:B2\" }}\n\
         \n[[dock]]\nname = \"dock-1\"\ndoor = \"gate\"\nreceiver = \"gate-radio\"\narrives_s = 1\nleaves_s = 2\n\
         \n[[reefer]]\nsensor = \"probe\"\ntruck = \"truck.14\"\nmax_c = -15.5\n\
         \n[deliveries]\nfile = \"{}\"\n",
        door.display(),
        receiver.display(),
        plan.display(),
    )
    .unwrap();
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
    std::fs::write(&plan, "shipment_id,truck_id,planned_arrival\nS1,truck.14,soon\n").unwrap();
    let agent = Agent::start(dir.path());
    wait_for("all devices are there", || (agent.count("answers") == 3).then_some(())).await;
    agent.says("plan.csv:2:13: `planned_arrival`: `soon` is no date with a time").await;

    let now = Clock::start().now().wall;
    let row = format!("S1,truck.14,dock-1,{now},40\n");
    let columns = "shipment_id,truck_id,dock,planned_arrival,unload_min\n";
    std::fs::write(dir.path().join("new"), [columns, &row].concat()).unwrap();
    std::fs::rename(dir.path().join("new"), &plan).unwrap();
    agent.says("new delivery plan").await;

    contact.write_all(b"CLOSED\n").unwrap();
    until(&agent, &mut radio, TRUCK, "dock", 1).await;
    let before = agent.accepted("ops");
    contact.write_all(b"OPEN\n").unwrap();
    until(&agent, &mut radio, TRUCK, "ops", before + 1).await;
    // Each of its packets is a reading.
    radio.write_all(PROBE.as_bytes()).unwrap();
    until(&agent, &mut radio, TRUCK, "ops", before + 2).await;
    contact.write_all(b"CLOSED\n").unwrap();
    wait_for("the truck has left", || (2 <= agent.accepted("dock")).then_some(())).await;
    assert_eq!(agent.stop(), Some(0));

    let records = accepted(&dir.path().join("data"));
    let dock = of(&records, "dock-1");
    let expected = ["arrived truck.14 S1 40", "departed truck.14 S1 -1850 Some(0)"];
    let events: Vec<_> = dock.iter().filter(|it| it.contains(' ')).collect();
    assert_eq!(events, expected, "{records:?}");
    let told: Vec<_> = dock.iter().filter(|it| !it.contains(' ')).collect();
    assert_eq!(told, ["truck_docked", "truck_stay"]);
    let mut probe = of(&records, "probe");
    probe.sort();
    assert_eq!(probe, ["temperature_at_opening", "window -1850"]);
    assert_eq!(of(&records, "gate"), Vec::<String>::new(), "a dock's door counts nobody");
}

#[tokio::test]
async fn a_truck_that_is_there_when_the_agent_is_killed_arrives_once_and_departs_once() {
    let dir = TempDir::new().unwrap();
    let ((mut contact, door), (mut radio, receiver)) = (cable(), cable());
    let mut toml = gateway(dir.path());
    write!(
        toml,
        "\n[[door]]\nname = \"gate\"\nzone = \"DOCK\"\nkind = \"serial-contact\"\nport = \"{}\"\n\
         \n[[receiver]]\nname = \"gate-radio\"\nzone = \"DOCK\"\nkind = \"serial\"\nport = \"{}\"\n\
         \n[[tag]]\nid = \"truck\"\nclass = \"truck\"\n\
         match = {{ ibeacon = \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\", major = 1 }}\n\
         \n[[dock]]\nname = \"dock-1\"\ndoor = \"gate\"\nreceiver = \"gate-radio\"\narrives_s = 1\nleaves_s = 2\n",
        door.display(),
        receiver.display(),
    )
    .unwrap();
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
    let agent = Agent::start(dir.path());
    wait_for("both devices are there", || (agent.count("answers") == 2).then_some(())).await;
    contact.write_all(b"CLOSED\n").unwrap();
    until(&agent, &mut radio, TRUCK, "dock", 1).await;
    let before = agent.accepted("ops");
    contact.write_all(b"OPEN\n").unwrap();
    until(&agent, &mut radio, TRUCK, "ops", before + 1).await;
    agent.kill();

    let agent = Agent::start(dir.path());
    wait_for("both devices are there", || (agent.count("answers") == 2).then_some(())).await;
    // Another one arrives meanwhile: so the first one would have too, were it not there already.
    let both = format!("{TRUCK}{}", TRUCK.replace("0001000E", "0001000F"));
    until(&agent, &mut radio, &both, "dock", 1).await;
    contact.write_all(b"CLOSED\n").unwrap();
    wait_for("the truck has left", || (2 <= agent.accepted("dock")).then_some(())).await;
    assert_eq!(agent.stop(), Some(0));

    let records = accepted(&dir.path().join("data"));
    let first = |it: &&Record| it.source == "dock-1" && format!("{it:?}").contains("truck.14");
    let dock: Vec<&Record> = records.iter().filter(first).collect();
    let told: Vec<&str> = dock
        .iter()
        .map(|it| match &it.body {
            Body::TruckArrived(_) => "arrived",
            Body::TruckDeparted(_) => "departed",
            Body::Unknown(it) => it.kind.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, ["arrived", "truck_docked", "truck_stay", "departed"]);
    let Body::Unknown(stay) = &dock[2].body else { panic!("{dock:?}") };
    for (word, record) in ["arrived", "docked", "departed"].iter().zip([0, 1, 3]) {
        let time = format!("{word} {}", dock[record].at);
        assert!(stay.text.contains(&time), "{time} is not in {}", stay.text);
    }
}

#[tokio::test]
async fn what_a_screen_showed_is_told_and_a_bad_line_makes_it_degraded() {
    let dir = TempDir::new().unwrap();
    let (mut player, port) = cable();
    let screen = format!(
        "\n[[screen]]\nname = \"screen-1\"\nzone = \"DAIRY\"\nport = \"{}\"\nbaud = 115200\n",
        port.display()
    );
    std::fs::write(dir.path().join("tillgate.toml"), gateway(dir.path()) + &screen).unwrap();
    let agent = Agent::start(dir.path());
    agent.says("answers").await;
    player
        .write_all(
            b"{\"campaign_id\":\"spring\",\"creative_id\":\"milk\",\"cost\":0.12,\"volume\":3}\nhello\n",
        )
        .unwrap();
    agent.says("works badly").await;
    player
        .write_all(b"{\"campaign_id\":\"spring\",\"creative_id\":\"tea\",\"channel\":\"TILL\"}\n")
        .unwrap();
    wait_for("both showings", || (2 <= agent.accepted("visit")).then_some(())).await;
    assert_eq!(agent.stop(), Some(0));
    let records = accepted(&dir.path().join("data"));
    assert_eq!(of(&records, "screen-1"), ["spring milk 12 IN_STORE", "spring tea 0 TILL"]);
    let status = records.iter().filter(|it| matches!(it.body, Body::DeviceStatusChanged(_)));
    let status: Vec<String> = status.map(said).collect();
    let states = ["Up", "Degraded", "Up"];
    assert_eq!(status.len(), states.len(), "{status:?}");
    assert!(status.iter().zip(states).all(|(said, state)| said.contains(state)), "{status:?}");
}
