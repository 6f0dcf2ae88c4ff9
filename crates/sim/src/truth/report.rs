//! The judgement: truth against arrivals, line by line; equal, different with its place, or not compared, and why.
//!
//! Pure. It is passed when nothing is different. What was not compared is never called equal.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use tillgate_events::{Body, Record};

use super::arrived::Arrived;
use super::figures::figures;
use super::others::{BEYOND, Beside, OTHERS};
use super::rows;
use crate::day::Script;
use crate::day::tables::{Kind, Tables};
use crate::limits;

/// What a comparison came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The truth arrived.
    Equal,
    /// Something is missing, too much or other.
    Different,
    /// Nothing in this run makes it.
    NotPlayed,
    /// It arrived, and this build does not know how to hold it against the truth.
    NotCompared,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `event`, `definition` or `transport`.
    pub group: &'static str,
    /// Which.
    pub what: String,
    /// In truth.
    pub truth: String,
    /// What arrived.
    pub arrived: String,
    /// What it came to.
    pub verdict: Verdict,
    /// Why there is nothing to compare.
    pub cause: &'static str,
}

/// All comparisons.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// In the order of the contract.
    pub lines: Vec<Line>,
    /// At most [`limits::DIFFERENCES_SHOWN`], each with its place.
    pub differences: Vec<String>,
    /// Differences beyond those.
    pub more: usize,
    /// What is worth knowing of the run, and no judgement.
    pub notes: Vec<String>,
}

/// Events and the table whose rows they are.
const EVENTS: [(&str, Kind); 10] = [
    ("receipt_created", Kind::Receipts),
    ("receipt_line_added", Kind::Lines),
    ("payment_processed", Kind::Payments),
    ("promotion_applied", Kind::Promotions),
    ("inventory_updated", Kind::StockChanges),
    ("inventory_counted", Kind::Counts),
    ("receipt_voided", Kind::Voids),
    ("online_order_picked, _shipped", Kind::Orders),
    ("ad_impression", Kind::Showings),
    ("unknown_event", Kind::Notes),
];

/// Events whose tables hold sums: which columns.
const SUMMED: [(&str, Kind, usize); 5] = [
    ("stockout, reorder, shrink", Kind::Signals, 2),
    ("no_sale", Kind::NoSales, 1),
    ("customer_entered", Kind::Crossings, 1),
    ("customer_exited", Kind::Crossings, 2),
    ("ble_ping_detected, pings", Kind::Pings, 2),
];

impl Report {
    /// Compares.
    pub fn new(script: &Script, arrived: &Arrived) -> Self {
        let said: Vec<&Record> = script.expected.iter().collect();
        let came: Vec<&Record> = arrived.records.values().collect();
        let truth = rows::tables(said.iter().copied());
        let tables = rows::tables(came.iter().copied());
        let mut report = Self::default();
        for (what, kind) in EVENTS {
            let numbers = [&truth, &tables].map(|it| it.rows(kind).len().to_string());
            report.table(what, kind, numbers, &truth, &tables);
        }
        for (what, kind, column) in SUMMED {
            let numbers = [&truth, &tables].map(|it| sum(it, kind, column).to_string());
            report.table(what, kind, numbers, &truth, &tables);
        }
        report.others(script, &came);
        for ((what, said), (_, came)) in
            figures(&truth, &said).into_iter().zip(figures(&tables, &came))
        {
            report.figure(what, &said, &came);
        }
        report.beyond();
        report.transport(arrived);
        let states = came.iter().filter(|it| matches!(it.body, Body::DeviceStatusChanged(_)));
        report.notes = vec![
            format!("{} records, {} of them came again", came.len(), arrived.again),
            format!("{} changes of devices' states", states.count()),
        ];
        report
    }

    /// Whether nothing is different.
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
            && self.lines.iter().all(|line| line.verdict != Verdict::Different)
    }

    /// Adds a line about the run itself: what must be none.
    pub fn none(&mut self, what: &str, found: &[String]) {
        let equal = found.is_empty();
        self.push("transport", what, ["0".into(), found.len().to_string()], equal);
        found.iter().for_each(|text| self.differ(format!("{what}: {text}")));
    }

    fn table(
        &mut self,
        what: &str,
        kind: Kind,
        numbers: [String; 2],
        said: &Tables,
        came: &Tables,
    ) {
        let differences = compare(kind, said, came);
        self.push("event", what, numbers, differences.is_empty());
        // Two events of one table tell its differences once.
        if what != "customer_exited" {
            differences.into_iter().for_each(|text| self.differ(text));
        }
    }

    fn figure(&mut self, what: &str, said: &[(String, String)], came: &[(String, String)]) {
        let show = |values: &[(String, String)]| match values {
            [(_, value)] => value.clone(),
            values => format!("{} values", values.len()),
        };
        let came_by: BTreeMap<_, _> = came.iter().map(|(key, value)| (key, value)).collect();
        let said_by: BTreeMap<_, _> = said.iter().map(|(key, value)| (key, value)).collect();
        self.push("definition", what, [show(said), show(came)], said_by == came_by);
        for (key, value) in &said_by {
            match came_by.get(key) {
                Some(other) if other == value => {}
                other => self.differ(format!(
                    "{what} {key}: {value} in truth, {} arrived",
                    other.map_or("nothing", |it| it.as_str())
                )),
            }
        }
    }

    /// Events that have a truth and no comparison: the agent has none of them, or nobody asked it.
    fn others(&mut self, script: &Script, came: &[&Record]) {
        let rows = |kind| script.beside.rows(kind).len();
        let trucks = rows(Kind::Trucks);
        let walks = rows(Kind::Zones).saturating_sub(rows(Kind::Visits));
        for (what, truth, is, cause) in OTHERS {
            let arrived = came.iter().filter(|record| is(&record.body)).count();
            let truth = match truth {
                Beside::None => "—".to_owned(),
                Beside::Walks => walks.to_string(),
                Beside::Trucks => trucks.to_string(),
                Beside::Rows(kind) => rows(kind).to_string(),
            };
            let verdict = if arrived == 0 { Verdict::NotPlayed } else { Verdict::NotCompared };
            let (what, arrived) = (what.to_owned(), arrived.to_string());
            let line = Line { group: "event", what, truth, arrived, verdict, cause };
            self.lines.push(line);
        }
    }

    /// Definitions that events of one accelerated run cannot tell.
    fn beyond(&mut self) {
        for (what, cause) in BEYOND {
            let [truth, arrived] = ["—"; 2].map(str::to_owned);
            let (group, what, verdict) = ("definition", what.to_owned(), Verdict::NotPlayed);
            self.lines.push(Line { group, what, truth, arrived, verdict, cause });
        }
    }

    fn transport(&mut self, arrived: &Arrived) {
        self.none("holes in the numbers", &arrived.holes());
        self.none("losses told on …/gap", &arrived.told);
        self.none("unreadable messages", &arrived.unreadable);
    }

    fn push(
        &mut self,
        group: &'static str,
        what: &str,
        [truth, arrived]: [String; 2],
        equal: bool,
    ) {
        let verdict = if equal { Verdict::Equal } else { Verdict::Different };
        self.lines.push(Line { group, what: what.to_owned(), truth, arrived, verdict, cause: "" });
    }

    fn differ(&mut self, text: String) {
        if self.differences.len() < limits::DIFFERENCES_SHOWN {
            self.differences.push(text);
        } else {
            self.more += 1;
        }
    }
}

/// The differences of one table, each with its place.
fn compare(kind: Kind, said: &Tables, came: &Tables) -> Vec<String> {
    let key = |row: &Vec<String>| row.iter().take(kind.keys()).cloned().collect::<Vec<_>>();
    let mut left: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in came.rows(kind) {
        left.entry(key(row)).or_default().push(row);
    }
    let mut differences = Vec::new();
    for row in said.rows(kind) {
        let place = format!("{} {}", kind.name(), key(row).join(" "));
        let others = left.remove(&key(row)).unwrap_or_default();
        if others.len() > 1 {
            differences.push(format!("{place}: arrived {} times", others.len()));
        }
        let Some(other) = others.first() else {
            differences.push(format!("{place}: missing; in truth {}", row.join(" ")));
            continue;
        };
        let fields = kind.columns().iter().zip(row.iter().zip(other.iter()));
        let text: Vec<String> = fields
            .filter(|(_, (said, came))| said != came)
            .map(|((name, _), (said, came))| format!("{name} {said:?} in truth, {came:?} arrived"))
            .collect();
        if !text.is_empty() {
            differences.push(format!("{place}: {}", text.join("; ")));
        }
    }
    for row in left.into_values().flatten() {
        differences.push(format!("{}: never happened; arrived {}", kind.name(), row.join(" ")));
    }
    differences
}

fn sum(tables: &Tables, kind: Kind, column: usize) -> i64 {
    let field = |row: &Vec<String>| row.get(column).and_then(|it| it.parse::<i64>().ok());
    tables.rows(kind).iter().filter_map(field).sum()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<11} {:<34} {:>12} {:>12}", "", "", "truth", "arrived")?;
        for line in &self.lines {
            let verdict = match line.verdict {
                Verdict::Equal => "equal",
                Verdict::Different => "DIFFERENT",
                Verdict::NotPlayed => "not played",
                Verdict::NotCompared => "not compared",
            };
            let Line { group, what, truth, arrived, cause, .. } = line;
            write!(f, "{group:<11} {what:<34} {truth:>12} {arrived:>12}  {verdict}")?;
            let comma = if cause.is_empty() { "" } else { ": " };
            writeln!(f, "{comma}{cause}")?;
        }
        for text in &self.differences {
            writeln!(f, "  {text}")?;
        }
        if self.more > 0 {
            writeln!(f, "  and {} more differences", self.more)?;
        }
        self.notes.iter().try_for_each(|text| writeln!(f, "{text}"))?;
        let words = if self.passed() { "the truth arrived" } else { "the truth did not arrive" };
        write!(f, "{words}")
    }
}
