//! `tillgate replay FILE --zones CONFIG`: a recording of advertisements, and the visits that the agent would make of
//! it.
//!
//! The configuration says which tags there are, in which zone each receiver is, and how it is decided. Nothing is
//! hashed here, because it is the operator's own recording; only `--json` prints events as they are sent, with
//! pseudonyms of a key that means nothing. Staff is left out as everywhere. Tags of other classes are shown too,
//! though the agent makes no events of them: somebody who walks through the shop with a tag wants to see it.

mod line;
mod picture;
mod table;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tillgate_events::UtcMs;

use self::line::{Heard, Reader};
use self::picture::Picture;
use self::table::Table;
use super::report::Events;
use super::{Args, Stop};
use crate::config::{self, Config, ReceiverKind};
use crate::decode::TagKey;
use crate::limits;
use crate::time::{Mono, Now};
use crate::track::pseudonym::Pseudonyms;
use crate::track::visit::{VisitTracker, Visited, record};
use crate::track::zone::{Field, Hearing};

/// Prints the visits of a recording, and draws one where that is asked for. Tells what could not be used.
pub fn replay(args: &Args, config: &Path, out: &mut dyn Write) -> Result<Option<String>, Stop> {
    let config = load(config)?;
    let mut reader = Reader::new(&config, &args.ear).map_err(Stop::Config)?;
    let heard = reader.read(&args.file)?;
    let drawn = match &args.visit {
        Some(tag) => Some(reader.tag(tag).ok_or_else(|| {
            Stop::Config(format!("{tag}: no line of the recording is of this tag"))
        })?),
        None => None,
    };
    let mut shop = Shop::new(&config, heard.first().map_or(UtcMs(0), |it| it.at));
    let mut picture = drawn.map(|tag| Picture::new(TagKey::Resolved(tag)));
    let mut visited = Vec::new();
    for it in &heard {
        shop.take(it, &reader, picture.as_mut(), &mut visited);
    }
    shop.tracker.finish(&mut visited);
    let field = shop.tracker.field();
    if args.json {
        let mut events = Events::new(&args.gateway, args.store_id, shop.start);
        let names = Pseudonyms::new([0; 64]);
        for it in &visited {
            let record = record::record(it, reader.name(it.key), field, shop.now, &names);
            record.map_or(Ok(()), |it| events.print(&it, out)).map_err(Stop::Write)?;
        }
    } else {
        let table = Table { field, start: shop.start, reader: &reader };
        table.print(&visited, out).map_err(Stop::Write)?;
    }
    if let (Some(picture), Some(file)) = (picture, &args.svg) {
        let svg = picture.draw(&visited, field, shop.start);
        let svg = svg.ok_or_else(|| Stop::Config("this tag made no visit".to_owned()))?;
        std::fs::write(file, svg).map_err(Stop::Write)?;
    }
    Ok((0 < reader.broken).then(|| format!("{} lines were not understood", reader.broken)))
}

/// The store, while the recording runs through it.
struct Shop<'c> {
    config: &'c Config,
    tracker: VisitTracker,
    hearing: Vec<Hearing>,
    start: UtcMs,
    now: Now,
}

impl<'c> Shop<'c> {
    fn new(config: &'c Config, start: UtcMs) -> Self {
        let mut field = Field::default();
        for it in &config.receivers {
            field.add(&it.name, &it.zone, f64::from(it.offset_db));
        }
        let hearing = vec![Hearing::default(); config.receivers.len()];
        let tracker = VisitTracker::new(field, config.zones);
        Self { config, tracker, hearing, start, now: Now { mono: Mono(0), wall: start } }
    }

    fn take(
        &mut self,
        heard: &Heard,
        reader: &Reader,
        picture: Option<&mut Picture>,
        visited: &mut Vec<Visited>,
    ) {
        // Nothing is looked at more often than the agent looks.
        let passed = u64::try_from(heard.at.0.saturating_sub(self.start.0)).unwrap_or_default();
        let until = Mono(0).plus(Duration::from_millis(passed));
        while let Some(due) = self.tracker.deadline().filter(|due| *due < until) {
            self.silent_ones_hear(due);
            self.tracker.tick(due, visited);
        }
        self.now = Now { mono: until, wall: heard.at };
        self.hears(heard.receiver, until);
        self.silent_ones_hear(until);
        let Some((tag, rssi)) = heard.tag else { return };
        let Some(rules) = self.config.zones.presence.of(reader.class(tag)) else { return };
        let key = TagKey::Resolved(tag);
        self.tracker.heard(until, (key, rules), (heard.receiver, rssi), visited);
        if let Some(picture) = picture {
            picture.heard(until, key, heard.receiver, rssi, &self.tracker);
        }
    }

    /// A line proves that a receiver lives.
    fn hears(&mut self, receiver: usize, now: Mono) {
        let silence = match self.config.receivers.get(receiver).map(|it| &it.kind) {
            Some(ReceiverKind::Serial { silence, .. }) => *silence,
            _ => None,
        };
        if let Some(it) = self.hearing.get_mut(receiver) {
            let silent = now.since(it.until);
            if silence.is_some_and(|silence| silence <= silent) && it.until != Mono(0) {
                it.since = now;
            }
            it.until = now;
            self.tracker.hears(receiver, *it);
        }
    }

    /// Those that send no heartbeats are believed to hear.
    fn silent_ones_hear(&mut self, now: Mono) {
        for (place, receiver) in self.config.receivers.iter().enumerate() {
            if !matches!(receiver.kind, ReceiverKind::Serial { silence: Some(_), .. }) {
                self.tracker.hears(place, Hearing { since: Mono(0), until: now });
            }
        }
    }
}

fn load(path: &Path) -> Result<Config, Stop> {
    let told = |mistakes: Vec<config::Mistake>| {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Stop::Config(told.join("\n"))
    };
    config::load(path).map_err(told)
}

/// Refuses what is no recording: nothing in it was understood.
fn nothing(file: &Path) -> Stop {
    Stop::Nothing(PathBuf::from(file))
}

/// More lines than are read.
fn too_many() -> Stop {
    let told = format!("the recording has more than {} lines", limits::RECORDED_ADVERTS);
    Stop::Input(std::io::Error::new(std::io::ErrorKind::InvalidData, told))
}
