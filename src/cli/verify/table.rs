//! The numbers of a tally, for people and as JSON.

use std::io::{self, Write};

use serde::Serialize;
use tillgate_events::Class;

use crate::ledger::{Ranges, Stream, Tally};

/// Ranges of lost numbers that are named of one stream; the count says how many there are in all.
const NAMED: usize = 16;

/// The numbers of one class of a gateway in one epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    pub gateway: String,
    pub class: Class,
    pub epoch: u32,
    /// The highest number of a record, a loss or a birth: numbers have no holes where they are given out.
    pub produced: u64,
    /// Each counted once.
    pub arrived: u64,
    /// Told on `…/gap`, and not arrived.
    pub evicted: u64,
    /// Told on `…/gap` to be a part of other records: nothing of them is lost.
    pub thinned: u64,
    /// What came again.
    pub duplicated: u64,
    /// Under which other records came than those that had arrived.
    pub twice: u64,
    /// Given out, not arrived, not told.
    pub lost: u64,
    /// The first of the lost ones, as first and last.
    pub missing: Vec<(u64, u64)>,
}

/// The sums over all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    pub produced: u64,
    pub arrived: u64,
    pub evicted: u64,
    pub thinned: u64,
    pub duplicated: u64,
    pub twice: u64,
    pub lost: u64,
}

impl Row {
    fn of(gateway: &str, (class, epoch): (Class, u32), stream: &Stream) -> Self {
        let missing: Ranges = stream.lost();
        Self {
            gateway: gateway.to_owned(),
            class,
            epoch,
            produced: stream.produced(),
            arrived: stream.arrived(),
            evicted: stream.evicted(),
            thinned: stream.thinned(),
            duplicated: stream.duplicated(),
            twice: stream.twice(),
            lost: missing.count(),
            missing: missing.iter().take(NAMED).collect(),
        }
    }
}

impl Sum {
    fn add(&mut self, row: &Row) {
        self.produced = self.produced.saturating_add(row.produced);
        self.arrived = self.arrived.saturating_add(row.arrived);
        self.evicted = self.evicted.saturating_add(row.evicted);
        self.thinned = self.thinned.saturating_add(row.thinned);
        self.duplicated = self.duplicated.saturating_add(row.duplicated);
        self.twice = self.twice.saturating_add(row.twice);
        self.lost = self.lost.saturating_add(row.lost);
    }
}

/// All rows in order of their names, but for those that say nothing: numbers may have been set aside, and none of them
/// was given out.
pub fn rows(tally: &Tally) -> impl Iterator<Item = Row> {
    let rows = tally.gateways().flat_map(|(gateway, streams)| {
        streams.iter().map(move |(key, stream)| Row::of(gateway, *key, stream))
    });
    rows.filter(|row| (row.produced, row.duplicated, row.twice) != (0, 0, 0))
}

/// The sums.
pub fn sum(tally: &Tally) -> Sum {
    let mut sum = Sum::default();
    rows(tally).for_each(|row| sum.add(&row));
    sum
}

/// Writes a table of at most so many rows, and the sums.
pub fn write(out: &mut impl Write, tally: &Tally, most: usize) -> io::Result<()> {
    let width = tally.gateways().map(|(name, _)| name.len()).fold(7, usize::max);
    let heads = ["produced", "arrived", "evicted", "thinned", "again", "twice", "lost"];
    write!(out, "{:<width$} {:<5} {:>5}", "gateway", "class", "epoch")?;
    heads.iter().try_for_each(|head| write!(out, " {head:>10}"))?;
    writeln!(out)?;
    let (mut sum, mut more) = (Sum::default(), 0);
    for (nth, row) in rows(tally).enumerate() {
        sum.add(&row);
        if nth >= most {
            more += 1;
            continue;
        }
        let Row { gateway, class, epoch, produced, arrived, evicted, .. } = &row;
        let Row { thinned, duplicated, twice, lost, .. } = &row;
        write!(
            out,
            "{gateway:<width$} {:<5} {epoch:>5} {produced:>10} {arrived:>10}",
            class.name()
        )?;
        write!(out, " {evicted:>10} {thinned:>10} {duplicated:>10} {twice:>10} {lost:>10}")?;
        let missing = row.missing.iter().take(3);
        let missing: Vec<_> = missing.map(|(from, to)| format!("{from}-{to}")).collect();
        writeln!(out, "{}{}", if missing.is_empty() { "" } else { "  " }, missing.join(" "))?;
    }
    if more > 0 {
        writeln!(out, "… and {more} more")?;
    }
    let Sum { produced, arrived, evicted, thinned, duplicated, twice, lost } = sum;
    write!(out, "produced {produced} · arrived {arrived} · evicted {evicted} · thinned {thinned}")?;
    writeln!(out, " · duplicated {duplicated} · twice {twice} · lost {lost}")
}
