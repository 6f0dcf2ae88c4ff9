//! The table of a run: a line of progress for each row, then all of them; or JSON.

use std::io::{self, Write};
use std::time::Instant;

use serde::Serialize;

use super::{Outcome, Row, Stage};

/// One row's result.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The row's.
    pub number: u8,
    /// The row's.
    pub name: &'static str,
    /// The row's.
    pub made: &'static str,
    /// The row's.
    pub holds: &'static str,
    /// `held`, `failed` or `skipped`.
    pub result: &'static str,
    /// What was seen.
    pub seen: String,
    /// What the mutant changes.
    pub mutant: &'static str,
    /// `caught`, `not caught` or `not shown`.
    pub mutant_result: &'static str,
    /// How it was noticed, or why it cannot be shown.
    pub mutant_seen: String,
    /// Of both plays.
    pub seconds: u64,
    /// Repeats this row alone.
    pub command: String,
}

/// Plays a row and its mutant.
pub fn play(row: &Row, stage: &Stage, mutants: bool) -> Line {
    let start = Instant::now();
    let (result, seen) = match row.real(stage) {
        Outcome::Held(seen) => ("held", seen),
        Outcome::Failed(seen) => ("failed", seen),
        Outcome::Skipped(why) => ("skipped", why),
    };
    let (mutant_result, mutant_seen) = match mutants.then(|| row.mutated(stage)) {
        Some(Outcome::Held(seen)) => ("caught", seen),
        Some(Outcome::Failed(seen)) => ("not caught", seen),
        Some(Outcome::Skipped(why)) => ("not shown", why),
        None => ("not played", String::new()),
    };
    Line {
        number: row.number,
        name: row.name,
        made: row.made,
        holds: row.holds,
        result,
        seen,
        mutant: row.mutant,
        mutant_result,
        mutant_seen,
        seconds: start.elapsed().as_secs(),
        command: format!("make faults ROWS={} SEED={}", row.number, stage.seed),
    }
}

impl Line {
    /// Whether nothing went wrong; what was skipped is told, and fails nothing.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.result != "failed" && self.mutant_result != "not caught"
    }

    /// The line of progress.
    #[must_use]
    pub fn progress(&self) -> String {
        let Self { number, name, result, seen, mutant_result, mutant_seen, seconds, .. } = self;
        let mark = if *result == "skipped" { "**** SKIPPED ****" } else { result };
        format!(
            "{number:>2} {name}: {mark}: {seen} · mutant {mutant_result}: {mutant_seen} · {seconds} s"
        )
    }
}

/// Writes the table as Markdown, as it stands in `SECURITY.md`.
pub fn table(out: &mut impl Write, lines: &[Line]) -> io::Result<()> {
    writeln!(out, "| # | fault and how it is made | must hold | seen | mutant | the mutant is |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for line in lines {
        let Line {
            number,
            name,
            made,
            holds,
            result,
            seen,
            mutant,
            mutant_result,
            mutant_seen,
            ..
        } = line;
        let mutant_seen = if mutant_seen == mutant { "" } else { mutant_seen };
        writeln!(
            out,
            "| {number} | **{name}**: {made} | {holds} | {result}: {seen} | {mutant} | {mutant_result}: {mutant_seen} |"
        )?;
    }
    let count = |result| lines.iter().filter(|line| line.result == result).count();
    let caught = lines.iter().filter(|line| line.mutant_result == "caught").count();
    writeln!(
        out,
        "\n{} rows: {} held, {} failed, {} skipped; {caught} mutants caught",
        lines.len(),
        count("held"),
        count("failed"),
        count("skipped")
    )
}
