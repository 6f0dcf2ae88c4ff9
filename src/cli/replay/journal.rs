//! `tillgate replay --since`: the documents of the agent's journal through a dialect, perhaps a changed one.
//!
//! The database is copied and only the copy is opened, so the agent may run meanwhile. Facts keep the times at which
//! they came; they were redacted before they were written. A document that is open ends incomplete here.

use std::fs::File;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{Timestamp, civil};

use super::{Args, Stop, Till, View, machine};
use crate::agent::{self, journal::text};
use crate::config::{self, Config};
use crate::decode::dialect::{Dialect, Setting};
use crate::decode::{DocumentEnd, DocumentFact, Said};
use crate::store::{JournalDocument, read_journal};
use crate::time::{Mono, Now, UtcMs};

/// What every database of SQLite begins with.
const DATABASE: &[u8] = b"SQLite format 3\0";

/// A moment, a date (from its midnight, UTC) or a time before now: `2026-11-21T08:00:00Z`, `2026-11-21`, `90m`, `2h`,
/// `7d`.
///
/// # Errors
/// When it is none of these.
pub fn since(text: &str) -> Result<Since, String> {
    const UNITS: [(char, i64); 3] = [('m', 60_000), ('h', 3_600_000), ('d', 86_400_000)];
    let ago = UNITS.iter().find_map(|(unit, millis)| {
        let count: i64 = text.strip_suffix(*unit)?.parse().ok()?;
        count.checked_mul(*millis).filter(|millis| 0 <= *millis)
    });
    let midnight = |date: civil::Date| date.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).ok();
    let date = || text.parse().ok().and_then(midnight).map(|zoned| zoned.timestamp());
    let moment = || text.parse::<Timestamp>().ok().or_else(date);
    match ago {
        Some(millis) => Some(Since::Ago(millis)),
        None => moment().map(|moment| Since::At(UtcMs(moment.as_millisecond()))),
    }
    .ok_or_else(|| "2026-11-21T08:00:00Z, 2026-11-21, 90m, 2h or 7d".to_owned())
}

/// From when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// This moment.
    At(UtcMs),
    /// So many milliseconds before now.
    Ago(i64),
}

impl Since {
    fn before(self, now: UtcMs) -> UtcMs {
        match self {
            Self::At(at) => at,
            Self::Ago(millis) => UtcMs(now.0.saturating_sub(millis)),
        }
    }
}

/// Puts the journal's documents through the dialects.
pub fn replay(args: &Args, since: Since, now: UtcMs, out: &mut dyn Write) -> Result<(), Stop> {
    let (file, config) = source(&args.file)?;
    let mut documents = read_journal(&file, since.before(now)).map_err(Stop::Journal)?;
    documents.retain(|it| args.device.as_ref().is_none_or(|device| *device == it.device));
    let mut view = None;
    for devices in documents.chunk_by(|one, other| one.device == other.device) {
        let Some(JournalDocument { device, .. }) = devices.first() else { continue };
        let args = args_of(args, config.as_ref(), device);
        let dialect = dialect(&args, config.as_ref(), device)?;
        if !args.lines && !args.json {
            writeln!(out, "{device}:").map_err(Stop::Write)?;
        }
        view = Some(one(&args, dialect, devices, view, out)?);
    }
    match view {
        Some(_) => Ok(()),
        None => Err(Stop::Nothing(file)),
    }
}

/// The database, and the configuration that names it.
fn source(path: &Path) -> Result<(PathBuf, Option<Config>), Stop> {
    let mut head = Vec::new();
    let open = File::open(path).map_err(Stop::Input)?;
    open.take(DATABASE.len() as u64).read_to_end(&mut head).map_err(Stop::Input)?;
    if head == DATABASE {
        return Ok((path.to_owned(), None));
    }
    let config = config::load(path).map_err(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Stop::Config(told.join("\n"))
    })?;
    Ok((config.gateway.data_dir.join("outbox.db"), Some(config)))
}

/// What the configuration says of the device stands for the flags.
fn args_of(args: &Args, config: Option<&Config>, device: &str) -> Args {
    let mut args = Args { terminal: device.to_owned(), ..args.clone() };
    let Some(config) = config else { return args };
    args.gateway.clone_from(&config.gateway.id);
    (args.store_id, args.currency) = (config.gateway.store_id, config.gateway.currency);
    if let Some(till) = config.serial.iter().find(|till| till.name == device) {
        args.terminal.clone_from(&till.terminal);
        args.decimal = args.decimal.or(till.decimal);
        args.dialect.get_or_insert_with(|| till.dialect.clone());
    }
    args
}

fn dialect(args: &Args, config: Option<&Config>, device: &str) -> Result<Arc<Dialect>, Stop> {
    let Some(name) = &args.dialect else {
        let why =
            if config.is_some() { "is not in this configuration" } else { "has no dialect here" };
        return Err(Stop::Config(format!("{device} {why}: name one with --dialect")));
    };
    let setting = Setting { currency: args.currency, decimal: args.decimal };
    agent::dialect(name, &setting).map(Arc::new).map_err(Stop::Dialect)
}

/// One device's documents; hands on the view, whose numbering goes on.
fn one(
    args: &Args,
    dialect: Arc<Dialect>,
    documents: &[JournalDocument],
    view: Option<View>,
    out: &mut dyn Write,
) -> Result<View, Stop> {
    let written: Vec<text::Written> = documents.iter().map(text::read).collect();
    let held = written.last().map(|last| last.standing.held.clone()).unwrap_or_default();
    let said: Vec<(UtcMs, Said)> = written.into_iter().flat_map(|it| it.said).collect();
    let start = said.first().map_or(UtcMs(0), |(at, _)| *at);
    let moment = |at: UtcMs| {
        let millis = u64::try_from(at.0.saturating_sub(start.0)).unwrap_or_default();
        Now { mono: Mono(millis.saturating_mul(1000)), wall: at }
    };
    if !dialect.framer.is_printer() {
        let said = said.into_iter().map(|(at, said)| (moment(at), said));
        return machine::said(args, &dialect, said, view, out);
    }
    let mut till = Till::new(args, dialect);
    till.goes_on(view);
    let end = said.last().map_or(start, |(at, _)| *at);
    let printed = said.into_iter().filter_map(|(at, said)| match said {
        Said::Printed(fact) => Some((at, fact)),
        _ => None,
    });
    let open = documents.last().is_some_and(|document| !document.ended);
    let cut = open.then_some(DocumentFact::End(DocumentEnd::Broken));
    let held = held.into_iter().chain(cut).map(|fact| (end, fact));
    let all: Vec<(UtcMs, DocumentFact)> = printed.chain(held).collect();
    for (at, fact) in all {
        till.at = Some(moment(at));
        till.document(fact, out).map_err(Stop::Write)?;
    }
    till.end(out).map_err(Stop::Write)?;
    Ok(till.view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_moment_a_date_or_so_long_ago() {
        let midnight = UtcMs(1_795_219_200_000);
        assert_eq!(since("2026-11-21"), Ok(Since::At(midnight)));
        assert_eq!(since("2026-11-21T01:00:00+01:00"), Ok(Since::At(midnight)));
        for (text, minutes) in [("90m", 90), ("2h", 120), ("7d", 7 * 24 * 60)] {
            let before = since(text).unwrap().before(midnight);
            assert_eq!(midnight.0 - before.0, minutes * 60_000, "{text}");
        }
        for text in ["", "h", "-1h", "2 weeks", "yesterday", "99999999999999999h"] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
