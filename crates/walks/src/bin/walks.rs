//! `tillgate-walks`: who says best in which zone a tag is.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tillgate::config::ZoneConfig;
use tillgate_walks::ours::Ours;
use tillgate_walks::radio::{self, Line};
use tillgate_walks::rivals::{Bermuda, Decide, Median, Said, Strongest};
use tillgate_walks::score::Score;
use tillgate_walks::walk::{self, Floor, STEP};
use tillgate_walks::{Case, Ms, Set};

/// Lets tags walk.
#[derive(Parser)]
#[command(name = "tillgate-walks")]
enum Command {
    /// Prints for each way to decide: changes of zone in an hour, per cent of the time in the wrong zone, and
    /// seconds by which stays are missed.
    Compare(Compare),
    /// Writes what the receivers of one walk heard, as `tillgate replay --zones` reads it.
    Record(Record),
}

#[derive(clap::Args)]
struct Compare {
    /// Walks of twenty minutes, in each of four cases.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// On the walks that parameters were chosen by; otherwise on others.
    #[arg(long)]
    tune: bool,
    /// The agent's parameters, each unless said as it is by default.
    #[arg(long)]
    tau_s: Option<f64>,
    #[arg(long)]
    hysteresis_db: Option<u8>,
    #[arg(long)]
    hold_s: Option<f64>,
    /// Only the agent's.
    #[arg(long)]
    ours: bool,
}

#[derive(clap::Args)]
struct Record {
    /// Which walk.
    #[arg(long, default_value_t = PROOF_FROM)]
    seed: u64,
    /// Where it is written.
    #[arg(short, long)]
    output: PathBuf,
}

const LENGTH: Ms = 20 * 60 * 1000;

/// A picture of more would show nothing.
const RECORDED: Ms = LENGTH / 2;

/// Of the two sets no seed is in both.
const TUNE_FROM: u64 = 1;
const PROOF_FROM: u64 = 2_000_001;

/// A moment is asked for twice a second.
const MOMENT: Ms = 500;

/// One walk: its lines, and the truth at each moment.
struct Walk {
    receivers: usize,
    lines: Vec<Line>,
    moments: Vec<Ms>,
    truth: Vec<Said>,
}

fn main() -> ExitCode {
    let result = match Command::parse() {
        Command::Compare(arguments) => compare(&arguments),
        Command::Record(arguments) => record(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whoever closed standard error does not want to know.
            let _closed = writeln!(io::stderr(), "tillgate-walks: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The receivers of a walk are called r0, r1, …, the tag walker; it begins on an afternoon.
fn record(arguments: &Record) -> io::Result<()> {
    let walk = draw(Set::Proof, Case::Plain, arguments.seed);
    let mut out = BufWriter::new(File::create(&arguments.output)?);
    for Line { at, receiver, rssi } in walk.lines.into_iter().filter(|it| it.at < RECORDED) {
        let (minute, second, ms) = (at / 60_000, at / 1000 % 60, at % 1000);
        let heard = rssi.map_or(String::new(), |it| format!(",\"tag\":\"walker\",\"rssi\":{it}"));
        writeln!(
            out,
            "{{\"at\":\"2026-11-21T14:{minute:02}:{second:02}.{ms:03}Z\",\"receiver\":\"r{receiver}\"{heard}}}"
        )?;
    }
    out.flush()
}

fn compare(arguments: &Compare) -> io::Result<()> {
    let usual = ZoneConfig::default();
    let seconds = |given: Option<f64>, usual| given.map_or(usual, Duration::from_secs_f64);
    let settings = ZoneConfig {
        tau: seconds(arguments.tau_s, usual.tau),
        hold: seconds(arguments.hold_s, usual.hold),
        hysteresis_db: arguments.hysteresis_db.unwrap_or(usual.hysteresis_db),
        ..usual
    };
    let (set, from) =
        if arguments.tune { (Set::Tune, TUNE_FROM) } else { (Set::Proof, PROOF_FROM) };
    let mut out = io::stdout().lock();
    writeln!(out, "{} walks of 20 min from seed {from} in each case", arguments.seeds)?;
    writeln!(
        out,
        "| heard each | decider | changes/h | wrong zone | dwell missed |\n|---|---|---|---|---|"
    )?;
    for case in Case::ALL {
        let mut scores: Vec<(&str, Score)> = Vec::new();
        for seed in from..from + arguments.seeds {
            let walk = draw(set, case, seed);
            for (name, score) in judge(&walk, settings, arguments.ours) {
                match scores.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, sum)) => *sum += score,
                    None => scores.push((name, score)),
                }
            }
        }
        for (name, score) in scores {
            let (changes, wrong) = (score.changes_per_hour(), score.wrong_percent());
            let (case, dwell) = (case.name(), score.dwell_error_s());
            writeln!(out, "| {case} | {name} | {changes:.0} | {wrong:.1} % | {dwell:.1} s |")?;
        }
    }
    Ok(())
}

fn draw(set: Set, case: Case, seed: u64) -> Walk {
    let mut rng = fastrand::Rng::with_seed(seed);
    let floor = Floor::draw(set, seed);
    let steps = walk::walk(&floor, set, LENGTH, &mut rng);
    let lines = radio::listen(&floor, &steps, (set, case), &mut rng);
    let moments: Vec<Ms> = (30_000..LENGTH).step_by(MOMENT as usize).collect();
    let at = |moment: &Ms| steps.get((moment / STEP) as usize).map(|step| step.zone);
    let truth = moments.iter().map(at).collect();
    Walk { receivers: floor.receivers.len(), lines, moments, truth }
}

fn judge(walk: &Walk, settings: ZoneConfig, only_ours: bool) -> Vec<(&'static str, Score)> {
    let score = |said: &[Said]| Score::of(&walk.truth, said);
    let mut scores = vec![("truth", score(&walk.truth))];
    if !only_ours {
        scores.push(("strongest raw", score(&follow(walk, &mut Strongest::default()))));
        scores.push(("median, as ESPresense", score(&follow(walk, &mut Median::default()))));
        scores.push(("as Bermuda", score(&follow(walk, &mut Bermuda::default()))));
    }
    let mut ours = Ours::new(walk.receivers, settings);
    scores.push(("tillgate, at once", score(&follow(walk, &mut ours))));
    scores.push(("tillgate, its events", score(&ours.told(&walk.moments))));
    scores
}

/// What somebody says at each moment, of what came until then.
fn follow(walk: &Walk, who: &mut dyn Decide) -> Vec<Said> {
    let mut lines = walk.lines.iter().peekable();
    let said = walk.moments.iter().map(|moment| {
        while let Some(line) = lines.next_if(|line| line.at <= *moment) {
            who.hear(*line);
        }
        who.zone(*moment)
    });
    said.collect()
}
