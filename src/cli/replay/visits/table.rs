//! Visits as a table: who came when, left when, and how long was spent where.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use tillgate_events::UtcMs;

use super::line::Reader;
use crate::decode::TagKey;
use crate::time::Mono;
use crate::track::visit::{Visited, What};
use crate::track::zone::Field;

/// What a table needs to know.
pub struct Table<'a> {
    pub field: &'a Field,
    pub start: UtcMs,
    pub reader: &'a Reader,
}

/// One visit so far: where, since when, and what was spent in zones before.
struct Open {
    zone: usize,
    spent: Duration,
    words: Vec<String>,
}

impl Table<'_> {
    pub fn print(&self, visited: &[Visited], out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{:<20}  {:<24}  {:<24}  {:>8}  ZONES", "TAG", "CAME", "LEFT", "DWELL")?;
        let mut open: BTreeMap<(TagKey, Mono), Open> = BTreeMap::new();
        let (mut visits, mut changes) = (0, 0);
        for it in visited {
            let visit = (it.key, it.began);
            match it.what {
                What::Entered { zone, .. } => {
                    drop(
                        open.insert(visit, Open { zone, spent: Duration::ZERO, words: Vec::new() }),
                    );
                }
                What::Changed { to, dwell, .. } => {
                    if let Some(it) = open.get_mut(&visit) {
                        it.words.push(self.spent(it.zone, dwell));
                        (it.zone, it.spent) = (to, it.spent + dwell);
                    }
                    changes += 1;
                }
                What::Exited { at, dwell, .. } => {
                    visits += 1;
                    let Some(mut open) = open.remove(&visit) else { continue };
                    open.words.push(self.spent(open.zone, dwell.saturating_sub(open.spent)));
                    let (came, left) = (self.wall(it.began).to_string(), self.wall(at).to_string());
                    let (name, zones) = (self.reader.name(it.key), open.words.join(", "));
                    writeln!(out, "{name:<20}  {came}  {left}  {:>8}  {zones}", clock(dwell))?;
                }
                What::Away { .. } => {}
            }
        }
        writeln!(out, "{visits} visits, {changes} changes of zone")
    }

    fn spent(&self, zone: usize, dwell: Duration) -> String {
        format!("{} {}", self.field.zone_name(zone), clock(dwell))
    }

    fn wall(&self, at: Mono) -> UtcMs {
        UtcMs(self.start.0.saturating_add(i64::try_from(at.0 / 1000).unwrap_or(i64::MAX)))
    }
}

/// `1:02:03` or `2:03`.
pub fn clock(duration: Duration) -> String {
    let seconds = (duration.as_millis() + 500) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
