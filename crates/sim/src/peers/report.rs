//! What came of it: medians, a table in Markdown, and JSON.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use super::plain::Plain;
use super::rival::Rival;
use super::trial::{Burst, Loss};
use super::{Options, chart};

/// All rows, ours first.
pub struct Report {
    rounds: usize,
    lines: u32,
    load: [String; 2],
    pub(super) plain: Plain,
    pub(super) rows: Vec<Row>,
}

/// One peer's rounds.
pub struct Row {
    pub name: &'static str,
    note: &'static str,
    present: bool,
    pub burst: Vec<Burst>,
    pub calm: Vec<Loss>,
    pub killed: Vec<Loss>,
    pub outage: Vec<Loss>,
}

/// What the table shows of a burst.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Lines a second.
    pub rate: f64,
    /// CPU seconds for 100 000 lines.
    pub cpu: f64,
    /// Bytes written for each line.
    pub written: f64,
    /// Bytes of payload for each line.
    pub wire: f64,
    /// Peak memory in MB.
    pub memory: f64,
}

impl Row {
    pub fn begun(rival: &Rival) -> Self {
        Self {
            name: rival.name,
            note: rival.note,
            present: true,
            burst: Vec::new(),
            calm: Vec::new(),
            killed: Vec::new(),
            outage: Vec::new(),
        }
    }

    pub fn absent(rival: &Rival) -> Self {
        Self { present: false, ..Self::begun(rival) }
    }

    /// Whether it lost no more than a hundredth in any outage.
    fn kept(&self) -> bool {
        !self.outage.is_empty() && self.outage.iter().all(|loss| loss.lost * 100 <= loss.printed)
    }

    /// Medians of its bursts; `None` where nothing came.
    pub fn figures(&self) -> Option<Figures> {
        let of = |value: fn(&Burst) -> f64| {
            let whole = self.burst.iter().filter(|burst| 0.0 < burst.lines && 0.0 < burst.seconds);
            median(&mut whole.map(value).collect::<Vec<_>>())
        };
        (0.0 < of(|burst| burst.lines)).then(|| Figures {
            rate: of(|burst| burst.lines / burst.seconds),
            cpu: of(|burst| burst.cost.cpu / burst.lines * 1e5),
            written: of(|burst| burst.cost.written as f64 / burst.lines),
            wire: of(|burst| burst.wire as f64 / burst.lines),
            memory: of(|burst| burst.cost.peak_kb as f64 / 1000.0),
        })
    }
}

/// The middle one; 0 where there is none.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// What was lost in each round, then what was doubled.
fn losses(rounds: &[Loss]) -> String {
    let list = |value: fn(&Loss) -> u64| {
        let values: Vec<String> = rounds.iter().map(|loss| value(loss).to_string()).collect();
        values.join(", ")
    };
    format!("{} / {}", list(|loss| loss.lost), list(|loss| loss.doubled))
}

impl Report {
    pub(super) fn begun(options: &Options) -> Self {
        Self {
            rounds: options.rounds,
            lines: options.receipts * super::lines::LINES,
            load: [load(), String::new()],
            plain: Plain::default(),
            rows: Vec::new(),
        }
    }

    pub(super) fn end(&mut self) {
        let [_, end] = &mut self.load;
        *end = load();
    }

    /// The picture.
    #[must_use]
    pub fn picture(&self) -> String {
        chart::draw(&self.rows)
    }

    /// The page.
    #[must_use]
    pub fn page(&self) -> String {
        let mut out = String::from(include_str!("files/page.md"));
        let [begin, end] = &self.load;
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{} rounds, {} lines a burst, {cores} cores, load {begin} at the begin and {end} at the end.\n",
            self.rounds, self.lines
        );
        out.push_str(
            "| | lines/s | CPU s per 100k lines | written, bytes/line | payload, bytes/line | peak MB \
             | calm: lost / doubled | kill -9: lost / doubled | outage, kill -9: lost / doubled |\n\
             |---|---|---|---|---|---|---|---|---|\n",
        );
        self.rows.iter().for_each(|row| {
            let _ = writeln!(out, "{}", self.line(row));
        });
        let _ = writeln!(
            out,
            "| *the line, only read* | {:.0} | | | | | | | |\n\
             | *append and fdatasync, 1024 lines each* | {:.0} | | | | | | | |\n",
            self.plain.read, self.plain.appended
        );
        self.rows.iter().for_each(|row| {
            let _ = writeln!(out, "- **{}**: {}", row.name, row.note);
        });
        let ours = self.rows.iter().filter(|row| row.name.starts_with("tillgate"));
        let rounds = ours.flat_map(|row| row.calm.iter().chain(&row.killed).chain(&row.outage));
        let doubled: u64 = rounds.map(|loss| loss.unknowingly).sum();
        let _ = writeln!(
            out,
            "\nOf ours, {doubled} were doubled after the receiver dropped what came again."
        );
        out.push_str(&self.ratios());
        out
    }

    fn line(&self, row: &Row) -> String {
        if !row.present {
            return format!("| {} | not here | | | | | | | |", row.name);
        }
        let figures = row.figures().map_or("nothing came | | | |".to_owned(), |figures| {
            let Figures { rate, cpu, written, wire, memory } = figures;
            format!("{rate:.0} | {cpu:.2} | {written:.0} | {wire:.0} | {memory:.0}")
        });
        let [calm, killed, outage] = [&row.calm, &row.killed, &row.outage].map(|kind| losses(kind));
        format!("| {} | {figures} | {calm} | {killed} | {outage} |", row.name)
    }

    /// Us beside the fastest of the others that kept what they took.
    fn ratios(&self) -> String {
        let ours = self.rows.iter().find(|row| row.name == "tillgate").and_then(Row::figures);
        let others = self.rows.iter().filter(|row| row.kept() && !row.name.starts_with("tillgate"));
        let best = others.filter_map(|row| Some((row, row.figures()?)));
        let best = best.max_by(|(_, one), (_, other)| one.rate.total_cmp(&other.rate));
        let (Some(ours), Some((row, theirs))) = (ours, best) else { return String::new() };
        format!(
            "\nBeside the fastest peer that kept what it took through the outages, but for a hundredth ({}): {:.1} × its \
             lines/s, {:.2} × its CPU, {:.2} × its bytes written.\n",
            row.name,
            ours.rate / theirs.rate,
            ours.cpu / theirs.cpu,
            ours.written / theirs.written
        )
    }

    /// The same for machines.
    #[must_use]
    pub fn json(&self) -> Value {
        let rows: Vec<Value> = self.rows.iter().map(row_json).collect();
        json!({
            "rounds": self.rounds, "lines_per_burst": self.lines, "load": self.load,
            "plain": {"read_lines_per_s": self.plain.read, "append_lines_per_s": self.plain.appended},
            "peers": rows,
        })
    }
}

fn row_json(row: &Row) -> Value {
    let losses = |rounds: &[Loss]| -> Vec<Value> {
        let one = |loss: &Loss| {
            json!({"printed": loss.printed, "lost": loss.lost, "doubled": loss.doubled,
                   "doubled_beyond_identity": loss.unknowingly})
        };
        rounds.iter().map(one).collect()
    };
    let figures = row.figures().map(|figures| {
        json!({"lines_per_s": figures.rate, "cpu_s_per_100k_lines": figures.cpu,
               "written_bytes_per_line": figures.written, "payload_bytes_per_line": figures.wire,
               "peak_mb": figures.memory})
    });
    json!({"name": row.name, "note": row.note, "here": row.present, "burst": figures,
           "calm": losses(&row.calm), "killed": losses(&row.killed), "outage": losses(&row.outage)})
}

/// Load averages of 1, 5 and 15 minutes.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(1).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_and_of_nothing_zero() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut []), 0.0);
    }

    #[test]
    fn a_peer_kept_what_it_took_if_no_outage_cost_more_than_a_hundredth() {
        let row = |lost: &[u64]| Row {
            name: "",
            note: "",
            present: true,
            burst: Vec::new(),
            calm: Vec::new(),
            killed: Vec::new(),
            outage: lost.iter().map(|lost| loss(*lost)).collect(),
        };
        fn loss(lost: u64) -> Loss {
            Loss { printed: 10_000, lost, ..Loss::default() }
        }
        for (lost, kept) in
            [(vec![0, 100], true), (vec![0, 101], false), (vec![10_000], false), (vec![], false)]
        {
            assert_eq!(row(&lost).kept(), kept, "{lost:?}");
        }
    }

    #[test]
    fn each_round_tells_what_it_lost() {
        let loss = |lost, doubled| Loss { lost, doubled, ..Loss::default() };
        assert_eq!(losses(&[loss(1, 0), loss(0, 7)]), "1, 0 / 0, 7");
    }
}
