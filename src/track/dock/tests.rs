//! Scripted days: `days/*.day` has what happened above a line `---` and what must be told of it below, exactly.
//!
//! Above, the time of day is in UTC on 2026-11-21:
//! * `plan SHIPMENT TRUCK DOCK TIME MINUTES`, `-` for what is left out;
//! * `TIME DOCK open` or `shut`: the contact;
//! * `TIME DOCK lost` or `back`: the receiver;
//! * `TIME restart`: the agent is killed, and another goes on with what was kept;
//! * `TIME[..TIME] tag TRUCK DOCK DBM [/SECONDS]`: adverts;
//! * `TIME[..TIME] probe SENSOR DEGREES [/SECONDS]`: temperatures.

use std::fmt::Write as _;
use std::time::Duration;

use proptest::prelude::*;
use tillgate_events::{Body, UtcMs};

use super::*;
use crate::decode::delivery::Delivery;
use crate::limits;

const DAY: &str = "2026-11-21T";

fn yard() -> Yard {
    let dock = |name: &str| DockConfig {
        name: name.to_owned(),
        receiver: name.to_owned(),
        door: DockDoor::Door(name.to_owned()),
        near_dbm: -70,
        arrives_after: limits::DOCK_ARRIVES_AFTER,
        leaves_after: limits::DOCK_LEAVES_AFTER,
        unload_minutes: 60,
    };
    let reefer = |sensor: &str, truck: Option<&str>| ReeferConfig {
        sensor: sensor.to_owned(),
        truck: truck.map(str::to_owned),
        low: None,
        high: Some(-1500),
        alarm_after: Duration::from_secs(600),
    };
    let docks = vec![dock("north"), dock("south")];
    let reefers = vec![reefer("probe-1", Some("t1")), reefer("freezer", None)];
    Yard::new(&DocksConfig { docks, reefers, deliveries: None }).unwrap()
}

fn at(time: &str) -> Now {
    let wall = UtcMs::parse(&format!("{DAY}{time}.000Z")).unwrap();
    let midnight = UtcMs::parse(&format!("{DAY}00:00:00.000Z")).unwrap();
    Now::default().plus(Duration::from_millis((wall.0 - midnight.0) as u64)).clock_set(midnight.0)
}

#[derive(Clone, Debug)]
enum Step {
    Door(String, bool),
    Receiver(String, ReceiverFact),
    Tag(String, String, i8),
    Probe(String, i32),
    Restart,
}

/// The steps of a script in the order of time, and its plan.
fn read(script: &str) -> (Vec<(Now, Step)>, Plan) {
    let (mut steps, mut plan) = (Vec::new(), Plan::default());
    for line in script.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["plan", shipment, truck, dock, time, minutes] = words[..] {
            let some = |text: &str| (text != "-").then(|| text.to_owned());
            plan.deliveries.push(Delivery {
                shipment_id: shipment.to_owned(),
                truck_id: some(truck),
                dock: some(dock),
                planned: at(time).wall,
                unload_minutes: minutes.parse().ok(),
                dc_id: None,
            });
            continue;
        }
        let (from, to) = words[0].split_once("..").unwrap_or((words[0], words[0]));
        let every = words.last().unwrap().strip_prefix('/').map_or(1, |it| it.parse().unwrap());
        let owned = |text: &str| text.to_owned();
        let step = match words[1..] {
            ["tag", truck, dock, dbm, ..] => {
                Step::Tag(owned(truck), owned(dock), dbm.parse().unwrap())
            }
            ["probe", sensor, degrees, ..] => {
                Step::Probe(owned(sensor), (degrees.parse::<f64>().unwrap() * 100.0).round() as i32)
            }
            [dock, "open"] => Step::Door(owned(dock), true),
            [dock, "shut"] => Step::Door(owned(dock), false),
            [dock, "lost"] => Step::Receiver(owned(dock), ReceiverFact::Lost),
            [dock, "back"] => Step::Receiver(owned(dock), ReceiverFact::Back),
            ["restart"] => Step::Restart,
            _ => panic!("{line}"),
        };
        let (mut now, last) = (at(from), at(to));
        while now.mono <= last.mono {
            steps.push((now, step.clone()));
            now = now.plus(Duration::from_secs(every));
        }
    }
    steps.sort_by_key(|(now, _)| now.mono);
    (steps, plan)
}

/// Lets time pass up to a moment, as the pipeline does: from deadline to deadline. Each of them must move on.
fn pass(yard: &mut Yard, clock: &mut Now, to: Now, out: &mut Vec<Record>) {
    let mut ticks = 0;
    while let Some(due) = yard.deadline().filter(|due| *due <= to.mono) {
        let wait = due.since(clock.mono);
        *clock = clock.plus(wait);
        yard.tick(*clock, out);
        ticks += 1;
        assert!(ticks < 100_000, "a deadline that does not pass: {due:?}");
    }
    *clock = to;
}

fn planned(plan: &Plan) -> Yard {
    let mut yard = yard();
    yard.planned(Arc::new(plan.clone()));
    yard
}

fn run(plan: &Plan, steps: &[(Now, Step)], end: Now) -> Vec<Record> {
    let (mut yard, mut kept, mut out) = (planned(plan), Vec::new(), Vec::new());
    let yard = &mut yard;
    let mut clock = steps.first().map_or(end, |(now, _)| *now);
    for (now, step) in steps {
        pass(yard, &mut clock, *now, &mut out);
        kept = yard.take_kept(now.mono).unwrap_or(kept);
        match step {
            Step::Restart => {
                *yard = planned(plan);
                yard.restore(*now, kept.clone());
            }
            Step::Door(name, open) => {
                yard.door(*now, &DockDoor::Door(name.clone()), *open, &mut out);
            }
            Step::Receiver(name, fact) => yard.receiver(*now, name, *fact),
            Step::Tag(truck, dock, dbm) => yard.heard(*now, dock, truck, *dbm, &mut out),
            Step::Probe(sensor, value) => yard.measured(*now, sensor, *value, &mut out),
        }
        kept = yard.take_kept(now.mono).unwrap_or(kept);
    }
    pass(yard, &mut clock, end, &mut out);
    yard.finish(end, &mut out);
    out
}

/// A record as a line.
fn shown(record: &Record) -> String {
    let text = match &record.body {
        Body::TruckArrived(it) => {
            let late = it.planned_arrival.map(|planned| (record.at.0 - planned.0) / 60_000);
            let late = late.map_or_else(String::new, |late| format!(" late {late}"));
            format!(
                "arrived {} {} {} expected {}{late}",
                it.dock, it.truck_id, it.shipment_id, it.estimated_unload_minutes
            )
        }
        Body::TruckDeparted(it) => {
            let load = it.temperature.map_or_else(String::new, |load| {
                let breach = it.temperature_breach_minutes;
                format!(" load {}/{}/{} breach {breach:?}", load.minimum, load.mean, load.maximum)
            });
            format!(
                "departed {} {} {} unloaded {}{load}",
                it.dock, it.truck_id, it.shipment_id, it.actual_unload_minutes
            )
        }
        Body::TemperatureRecorded(it) => {
            let load = it.temperature;
            let (min, mean, max) = (load.minimum, load.mean, load.maximum);
            format!(
                "window {} {min}/{mean}/{max} of {} in {} s",
                it.sensor_id, it.sample_count, it.window_seconds
            )
        }
        Body::Unknown(it) => format!("{} {}", it.kind, it.text),
        other => panic!("{other:?}"),
    };
    format!("{} {text}", record.at).replace(DAY, "").replace(".000Z", "")
}

#[test]
fn each_scripted_day_is_told_as_it_must_be() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/track/dock/days");
    let (mut days, mut otherwise) = (0, String::new());
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let (script, expected) = text.split_once("---\n").unwrap();
        let (steps, plan) = read(script);
        let mut told = String::new();
        for record in run(&plan, &steps, at("23:59:59")) {
            writeln!(told, "{}", shown(&record)).unwrap();
        }
        if told != expected {
            writeln!(otherwise, "== {}\n{told}", entry.path().display()).unwrap();
        }
        days += 1;
    }
    assert!(otherwise.is_empty(), "told otherwise:\n{otherwise}");
    assert!(days >= 12, "{days}");
}

#[test]
fn a_clock_that_is_set_moves_what_is_in_the_middle_of_happening() {
    let (steps, _) =
        read("06:00:00..06:02:00 tag t1 north -60 /2\n06:03:00 north shut\n06:03:10 north open");
    let (mut yard, mut out) = (yard(), Vec::new());
    for (now, step) in &steps {
        if let Step::Tag(truck, dock, dbm) = step {
            yard.heard(*now, dock, truck, *dbm, &mut out);
        }
    }
    yard.clock_set(3_600_000);
    out.clear();
    let later = at("07:00:00").clock_set(3_600_000);
    yard.tick(later, &mut out);
    let times: Vec<String> = out.iter().map(|it| it.at.to_string()).collect();
    assert_eq!(times, ["2026-11-21T07:02:00.000Z"; 2], "{out:?}");
}

/// A minute and a half at the dock, then what was kept goes to a run of another boot, which hears it for a minute more.
#[test]
fn a_stay_goes_on_after_a_boot_and_takes_as_long_as_it_took_by_the_clock_on_the_wall() {
    let (steps, _) =
        read("06:00:00 north shut\n06:00:01..06:02:01 tag t1 north -60 /2\n06:02:02 north open");
    let (mut before, mut out) = (yard(), Vec::new());
    for (now, step) in &steps {
        match step {
            Step::Tag(truck, dock, dbm) => before.heard(*now, dock, truck, *dbm, &mut out),
            Step::Door(name, open) => {
                before.door(*now, &DockDoor::Door(name.clone()), *open, &mut out);
            }
            _ => {}
        }
    }
    before.tick(at("06:02:10"), &mut out);
    let kept = before.take_kept(at("06:02:10").mono).unwrap();
    assert_eq!(before.take_kept(at("06:02:10").mono), None, "nothing changed since");
    let boot = Now { mono: Mono(5_000_000), wall: at("06:40:00").wall };
    let (mut after, mut told) = (yard(), Vec::new());
    after.restore(boot, kept);
    for second in 1..30 {
        after.heard(boot.plus(Duration::from_secs(2 * second)), "north", "t1", -60, &mut told);
    }
    let shut = boot.plus(Duration::from_secs(60));
    after.door(shut, &DockDoor::Door("north".to_owned()), false, &mut told);
    after.tick(shut.plus(limits::DOCK_DOOR_SETTLES), &mut told);
    after.tick(shut.plus(limits::DOCK_LEAVES_AFTER), &mut told);
    let told: Vec<String> = told.iter().map(shown).collect();
    let stay = "06:41:00 truck_stay [truck t1 dock north shipment unplanned-t1-20261121T060005Z arrived 06:00:05Z \
                docked 06:02:02Z shut 06:41:00Z unload_minutes 39 departed 06:41:00Z dwell_minutes 41]";
    assert_eq!(told[0].replace("Z ", " "), stay.replace("Z ", " "));
    assert_eq!(told.len(), 2, "{told:?}");
}

fn step() -> impl Strategy<Value = Step> {
    let dock = || prop_oneof![Just("north".to_owned()), Just("south".to_owned())];
    let truck = prop_oneof![Just("t1".to_owned()), Just("t2".to_owned()), Just("t3".to_owned())];
    let fact = prop_oneof![Just(ReceiverFact::Lost), Just(ReceiverFact::Back)];
    prop_oneof![
        2 => (dock(), any::<bool>()).prop_map(|(dock, open)| Step::Door(dock, open)),
        1 => (dock(), fact).prop_map(|(dock, fact)| Step::Receiver(dock, fact)),
        9 => (truck, dock(), -80..-50_i8).prop_map(|(truck, dock, dbm)| Step::Tag(truck, dock, dbm)),
        1 => Just(Step::Restart),
        1 => (-3000..500_i32).prop_map(|value| Step::Probe("probe-1".to_owned(), value)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_happens_who_departs_has_arrived_and_times_are_in_order(
        said in proptest::collection::vec((step(), 0..90_u64, 1..60_u64), 0..40),
    ) {
        let (mut now, mut steps) = (at("06:00:00"), Vec::new());
        for (step, wait, times) in said {
            for _ in 0..if matches!(step, Step::Tag(..)) { times } else { 1 } {
                now = now.plus(Duration::from_secs(2));
                steps.push((now, step.clone()));
            }
            now = now.plus(Duration::from_secs(wait));
        }
        let records = run(&Plan::default(), &steps, now.plus(Duration::from_secs(40_000)));
        let mut here: BTreeMap<String, UtcMs> = BTreeMap::new();
        for record in &records {
            match &record.body {
                Body::TruckArrived(it) => {
                    prop_assert_eq!(here.insert(it.shipment_id.clone(), record.at), None);
                }
                Body::TruckDeparted(it) => {
                    let arrived = here.remove(&it.shipment_id);
                    prop_assert!(arrived.is_some_and(|at| at <= record.at), "{:?}", record);
                }
                _ => {}
            }
        }
    }
}
