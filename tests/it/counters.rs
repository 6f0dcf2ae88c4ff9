//! People counters before the built agent: on a Modbus line with all its troubles, from registers to a subscriber; and
//! the frames of serial ones.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::rc::Rc;

use tempfile::TempDir;
use tillgate_events::{Body, Record};
use tillgate_sim::demo::arrivals::Arrivals;
use tillgate_sim::modbus::{Line, Mood, Unit};
use tillgate_sim::pty::{Pty, Sink as _};
use tillgate_sim::store::Direction;
use tokio::task::{JoinHandle, LocalSet, spawn_local};

use crate::end_to_end::{arrivals, gateway_config};
use crate::support::agent::{Agent, accepted};
use crate::support::mosquitto::{Broker, Subscriber};
use crate::support::{skipped, wait_for};

/// Who came in and who went out by this door.
fn crossed(arrivals: &Arrivals, door: &str) -> [u64; 2] {
    [Direction::In, Direction::Out]
        .map(|way| arrivals.crossings.get(&(door.to_owned(), way)).copied().unwrap_or_default())
}

/// Plugs the line in at this path: its counters answer until the task is aborted, which unplugs it.
fn plug(line: &Rc<RefCell<Line>>, path: &Path) -> JoinHandle<()> {
    let (line, mut pty) = (Rc::clone(line), Pty::open().unwrap());
    symlink(pty.path(), path).unwrap();
    spawn_local(async move {
        let mut heard = [0; 64];
        loop {
            let length = pty.read(&mut heard).await.unwrap();
            let answer = line.borrow_mut().hear(&heard[..length]);
            pty.write_all(&answer).await.unwrap();
        }
    })
}

/// The link goes first: the number of a closed pty is soon another test's.
async fn unplug(plugged: JoinHandle<()>, path: &Path) {
    std::fs::remove_file(path).unwrap();
    plugged.abort();
    let _ = plugged.await;
}

fn two_doors(port: &Path) -> String {
    let mut toml = String::new();
    for (name, rest) in [
        ("main", "unit = 1\nin_register = 0\nout_register = 2"),
        (
            "side",
            "unit = 2\nregisters = \"holding\"\nbits = 16\nin_register = 10\nout_register = 4",
        ),
    ] {
        write!(
            toml,
            "\n[[door]]\nname = \"{name}\"\nzone = \"ENTRANCE\"\nkind = \"modbus-counter\"\n"
        )
        .unwrap();
        write!(toml, "port = \"{}\"\npoll_s = 1\n{rest}\n", port.display()).unwrap();
    }
    toml
}

#[tokio::test]
async fn who_passes_arrives_whatever_happens_on_the_line() {
    LocalSet::new().run_until(troubled_line()).await;
}

async fn troubled_line() {
    let Some(broker) = Broker::start("allow_anonymous true").await else {
        return skipped("counters", "no Mosquitto; try `make setup`");
    };
    let dir = TempDir::new().unwrap();
    let port = dir.path().join("rs485");
    let toml = gateway_config(&dir, broker.port) + &two_doors(&port);
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
    let (main, side) = (
        Unit {
            totals: [60_000, 900],
            registers: [0, 2],
            wide: true,
            function: 4,
            mood: Mood::Sound,
        },
        Unit {
            totals: [65_530, 7],
            registers: [10, 4],
            wide: false,
            function: 3,
            mood: Mood::Sound,
        },
    );
    let line = Rc::new(RefCell::new(Line::default()));
    line.borrow_mut().add(1, main);
    line.borrow_mut().add(2, side);
    let plugged = plug(&line, &port);
    let pass = |unit: u8, [entered, exited]: [u64; 2]| {
        let mut line = line.borrow_mut();
        let [all_in, all_out] = &mut line.unit(unit).totals;
        (*all_in, *all_out) = (*all_in + entered, *all_out + exited);
    };
    let feels = |mood: Mood| line.borrow_mut().unit(1).mood = mood;
    let subscriber = Subscriber::start(&broker, "tillgate/v1/#", "%t %x").await;
    let arrive = async |door: &str, expected: [u64; 2]| {
        let what = format!("{expected:?} by {door}");
        let there = || (crossed(&arrivals(&subscriber), door) == expected).then_some(());
        wait_for(&what, there).await;
    };

    let agent = Agent::start(dir.path());
    wait_for("both answer", || (agent.count(" answers") == 2).then_some(())).await;
    pass(1, [3, 2]);
    arrive("main", [3, 2]).await;
    // Of sixteen bits: it begins again.
    pass(2, [10, 1]);
    arrive("side", [10, 1]).await;

    feels(Mood::Silent);
    agent.says("unit 1 does not answer").await;
    pass(1, [5, 0]);
    pass(2, [1, 0]);
    arrive("side", [11, 1]).await;
    feels(Mood::Sound);
    arrive("main", [8, 2]).await;

    // Noise that does not last is nobody's business.
    feels(Mood::Damaged(2));
    pass(1, [1, 0]);
    arrive("main", [9, 2]).await;
    assert_eq!(agent.count("unit 1 does not answer"), 1);

    feels(Mood::Refuses(2));
    agent.says("unit 1 refuses: Illegal data address").await;
    pass(1, [2, 0]);
    feels(Mood::Sound);
    arrive("main", [11, 2]).await;

    // It lost its power: of 32 bits, 60 000 is no place to begin again at.
    line.borrow_mut().unit(1).totals = [4, 1];
    arrive("main", [15, 3]).await;

    unplug(plugged, &port).await;
    agent.says("unplugged").await;
    pass(1, [1, 0]);
    pass(2, [0, 1]);
    let plugged = plug(&line, &port);
    arrive("main", [16, 3]).await;
    arrive("side", [11, 2]).await;

    assert_eq!(agent.stop(), Some(0));
    let arrived = arrivals(&subscriber);
    assert_eq!((arrived.unreadable.clone(), arrived.holes()), (Vec::new(), Vec::new()));
    assert_eq!((crossed(&arrived, "main"), crossed(&arrived, "side")), ([16, 3], [11, 2]));
    plugged.abort();
}

/// What the door tells of people: how many each way, and in words; by the alphabet.
fn told(records: &[Record]) -> Vec<String> {
    let said = |record: &Record| match &record.body {
        Body::CustomerEntered(it) => Some(format!("in {}", it.customer_count)),
        Body::CustomerExited(it) => Some(format!("out {}", it.customer_count)),
        Body::Unknown(it) => Some(it.kind.clone()),
        _ => None,
    };
    let mut told: Vec<String> = records.iter().filter_map(said).collect();
    told.sort_unstable();
    told
}

/// Lets a serial counter with these `keys` say `bytes`; what is accepted of it.
async fn check(keys: &str, bytes: &[u8], expected: &[&str]) {
    let (dir, mut pty) = (TempDir::new().unwrap(), Pty::open().unwrap());
    let toml = format!(
        "{}\n[[door]]\nname = \"main\"\nzone = \"ENTRANCE\"\nkind = \"serial-counter\"\nport = \"{}\"\n{keys}\n",
        gateway_config(&dir, 1),
        pty.path().display(),
    );
    std::fs::write(dir.path().join("tillgate.toml"), toml).unwrap();
    let agent = Agent::start(dir.path());
    agent.says(" answers").await;
    pty.write_all(bytes).await.unwrap();
    // And that it answers.
    let count = 1 + expected.len();
    wait_for("it is accepted", || (count <= agent.accepted("")).then_some(())).await;
    assert_eq!(agent.stop(), Some(0));
    assert_eq!(told(&accepted(&dir.path().join("data"))), expected);
}

#[tokio::test]
async fn frames_of_a_terabee_counter_count_both_ways() {
    // Nobody yet; distances; two in; one out; the last again with its check wrong.
    let frames = b"PC\x00\x00\x00\x00\x00\x00\x00\x00\x45\
                   DD\x02\x58\x02\x62\xcf\
                   PC\x00\x00\x00\x02\x00\x02\x00\x00\x57\
                   PC\x00\x00\x00\x01\x00\x02\x00\x01\xf6\
                   PC\x00\x00\x00\x01\x00\x03\x00\x02\x00";
    check("protocol = \"terabee\"\nbaud = 115200", frames, &["in 2", "out 1"]).await;
}

#[tokio::test]
async fn packets_of_a_point_six_sensor_count_entries_and_tell_a_blocked_beam() {
    // Four broken beams, seven of another sensor, five, and the beam blocked.
    let lines = [
        "111234567A040000000000360869",
        "112234567A07000000000036C438",
        "111234567A05000000000037D93C",
        "1112345678050000000700162970",
    ]
    .join("\r")
        + "\r";
    let keys = "protocol = \"point-six\"\nsensor = \"12345678\"\nbaud = 19200";
    check(keys, lines.as_bytes(), &["door_beam_blocked", "in 1"]).await;
}
