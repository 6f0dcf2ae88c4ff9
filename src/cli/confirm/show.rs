//! What `tillgate confirm` prints: a table on a terminal, else a line for each thing that was stored.

use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write as _};
use std::time::Duration;

use serde::Serialize;

use crate::cli::verify::table;
use crate::ledger::{Head, Kind, Tally};
use crate::time::Mono;

/// The table is drawn at most so often.
const REDRAW: Duration = Duration::from_millis(500);

/// See the module's documentation.
pub struct Show {
    mode: Mode,
    out: BufWriter<Stdout>,
    /// Something is not on the screen, which may be drawn from then on.
    due: Option<Mono>,
    changed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Table,
    Lines,
    Json,
}

/// A line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    head: &'a Head,
    complete_up_to: u64,
}

impl Show {
    /// A table where standard output is a terminal.
    pub fn new(json: bool) -> Self {
        let mode = match (json, io::stdout().is_terminal()) {
            (true, _) => Mode::Json,
            (false, true) => Mode::Table,
            (false, false) => Mode::Lines,
        };
        Self { mode, out: BufWriter::new(io::stdout()), due: None, changed: true }
    }

    /// Says something that is not about a message.
    pub fn tell(&self, words: &str) {
        // When standard error is gone, nothing is left to do.
        let _ = writeln!(io::stderr().lock(), "{words}");
    }

    /// Something was stored.
    pub fn line(&mut self, head: &Head, tally: &Tally) -> io::Result<()> {
        let Head { gateway, class, epoch, first, last, .. } = head;
        let stream = tally.stream(gateway, *class, *epoch);
        let complete_up_to = stream.map_or(0, crate::ledger::Stream::reached);
        match self.mode {
            Mode::Table => {
                self.changed = true;
                Ok(())
            }
            Mode::Json => {
                serde_json::to_writer(&mut self.out, &Line { head, complete_up_to })?;
                writeln!(self.out)
            }
            Mode::Lines => {
                let what = match head.kind {
                    Kind::Records => "stored",
                    Kind::Again => "came again",
                    Kind::Gap => "told to be lost",
                    Kind::Reserved => "told to be set aside",
                    Kind::Thinned => "thinned",
                    Kind::Produced => "given out",
                    Kind::Twice => "stored, other records have these numbers",
                    Kind::Published => "published",
                    Kind::Damaged => "damaged here",
                    Kind::Stream => "known",
                };
                let class = class.name();
                writeln!(
                    self.out,
                    "{gateway} {class} epoch {epoch}: {first}-{last} {what}; complete up to {complete_up_to}"
                )
            }
        }
    }

    /// What was printed can be seen.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Draws the table where it is time to, or at the end.
    pub fn table(&mut self, tally: &Tally, now: Mono, last: bool) -> io::Result<()> {
        if self.mode != Mode::Table || !self.changed && !last {
            return Ok(());
        }
        if !last && *self.due.get_or_insert(now) > now {
            return Ok(());
        }
        let size = rustix::termios::tcgetwinsize(self.out.get_ref()).ok();
        let rows = size.map_or(24, |size| usize::from(size.ws_row.max(8)));
        write!(self.out, "\x1b[H\x1b[J")?;
        table::write(&mut self.out, tally, rows - 3)?;
        self.out.flush()?;
        (self.changed, self.due) = (false, Some(now.plus(REDRAW)));
        Ok(())
    }

    /// When the table is to be drawn.
    pub fn due(&self) -> Option<Mono> {
        self.due.filter(|_| self.changed)
    }
}
