//! `tillgate-soak`: half an hour in 64 MB with everything going wrong, then the judgement.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tillgate_sim::soak::{self, News, Options, Sample};

/// Runs the released agent in a 64 MB cgroup with tills, doors, a storm of beacons, a broker that comes and goes, lines
/// that are unplugged and kills, and judges at the end. Exit code 0: nothing is lost or doubled and memory does not
/// grow; 1: something is; 75: it could not be tried here.
#[derive(Parser)]
#[command(name = "tillgate-soak")]
struct Arguments {
    /// The released binary.
    #[arg(long, value_name = "PATH", default_value = "target/release/tillgate")]
    agent: PathBuf,
    /// How long things go wrong.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=1440))]
    minutes: u64,
    /// The same seed strikes at the same times.
    #[arg(long)]
    seed: Option<u64>,
    /// Where the picture of memory and backlog is written.
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
    /// JSON objects instead of words.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Whoever closed standard error does not want to know.
            let _closed = writeln!(io::stderr(), "tillgate-soak: {error}");
            ExitCode::from(75)
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool, Box<dyn std::error::Error>> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    let options = Options {
        agent: arguments.agent.canonicalize()?,
        run: Duration::from_secs(60 * arguments.minutes),
        seed,
    };
    // Whoever closed standard error does not want to know.
    let _closed = writeln!(io::stderr(), "SEED={seed}");
    let (verdict, picture) = soak::run(&options, &mut |news| {
        let _closed = tell(&news, arguments.json);
    })?;
    if let Some(path) = &arguments.picture {
        fs::write(path, picture)?;
    }
    let text = if arguments.json { serde_json::to_string(&verdict)? } else { verdict.to_string() };
    let clear = if !arguments.json && io::stdout().is_terminal() { "\r\x1b[2K" } else { "" };
    writeln!(io::stdout(), "{clear}{text}")?;
    Ok(verdict.passed())
}

/// One line of progress: on a terminal over the last one.
fn tell(news: &News<'_>, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match news {
        News::Look(sample) if json => writeln!(out, "{}", serde_json::to_string(sample)?),
        News::Fault(seconds, words) if json => {
            writeln!(out, "{}", serde_json::json!({"seconds": seconds, "fault": words}))
        }
        News::Look(sample) if out.is_terminal() => {
            write!(out, "\r\x1b[2K{}", line(sample))?;
            out.flush()
        }
        News::Fault(seconds, words) if out.is_terminal() => {
            writeln!(out, "\r\x1b[2K{}  {words}", clock(*seconds))
        }
        News::Look(sample) => writeln!(out, "{}", line(sample)),
        News::Fault(seconds, words) => writeln!(out, "{}  {words}", clock(*seconds)),
    }
}

fn clock(seconds: f64) -> String {
    let seconds = seconds as u64;
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

fn line(sample: &Sample) -> String {
    format!(
        "{}  accepted {:>6}  arrived {:>6}  waiting {:>5}  anonymous {:>5} kB  files {:>5} kB{}{}",
        clock(sample.seconds),
        sample.accepted,
        sample.arrived,
        sample.waiting(),
        sample.anon_kb,
        sample.file_kb,
        if sample.broker { "" } else { "  no broker" },
        if sample.agent { "" } else { "  no agent" }
    )
}
