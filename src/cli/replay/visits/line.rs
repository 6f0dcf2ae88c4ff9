//! Lines of a recording of advertisements.
//!
//! | line | |
//! |---|---|
//! | `{"at":"2026-11-21T09:00:00.120Z","receiver":"grocery","tag":"anna","rssi":-61}` | a tag by its id, as `capture` writes it |
//! | `{"at":"2026-11-21T09:00:05.000Z","receiver":"grocery"}` | the receiver lives |
//! | `{"at":…,"receiver":…,"id":"AA:BB:…","rssi":-60,"manufacturerdata":…}` | OpenMQTTGateway's, with time and receiver |
//! | `$GPRP,<tag>,<receiver>,-61,<payload>,1795269600.120` | with the time in seconds since 1970 |
//!
//! What nobody enrolled is passed over, and so is staff. Lines need not be in order.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use serde::Deserialize;
use tillgate_events::UtcMs;

use super::{nothing, too_many};
use crate::agent;
use crate::cli::replay::Stop;
use crate::config::{Config, TagClass};
use crate::decode::TagKey;
use crate::decode::beacon::{Said, Sender, parse_line};
use crate::limits;
use crate::order;
use crate::track::tag::Enrolled;

/// What a line says.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    pub at: UtcMs,
    /// Its place among the configuration's.
    pub receiver: usize,
    /// The tag's place in [`Reader::name`], and dBm; nothing of a line without an enrolled tag.
    pub tag: Option<(u32, i8)>,
}

/// Reads lines, and knows what was read.
pub struct Reader {
    enrolled: Enrolled,
    receivers: Vec<String>,
    /// Receivers' addresses in `$GPRP` lines, and their names.
    ears: Vec<(String, String)>,
    tags: Vec<(String, TagClass)>,
    /// Of tags by their ids.
    known: Vec<(String, TagClass)>,
    /// Lines that were not understood.
    pub broken: u64,
}

#[derive(Deserialize)]
struct Written {
    at: String,
    receiver: String,
    tag: Option<String>,
    rssi: Option<i8>,
}

impl Reader {
    /// Of a store with these tags and receivers.
    pub fn new(config: &Config, ears: &[String]) -> Result<Self, String> {
        let receivers: Vec<String> = config.receivers.iter().map(|it| it.name.clone()).collect();
        let ear = |text: &String| {
            let (address, name) = text.split_once('=').ok_or_else(|| {
                format!("{text}: --ear is a receiver's address and its name: F008D1798C00=grocery")
            })?;
            if !receivers.iter().any(|it| it == name) {
                return Err(format!("{name}: the configuration has no such [[receiver]]"));
            }
            Ok((address.replace(':', "").to_ascii_uppercase(), name.to_owned()))
        };
        Ok(Self {
            ears: ears.iter().map(ear).collect::<Result<_, String>>()?,
            enrolled: agent::enrolled(config),
            known: config.tags.iter().map(|tag| (tag.id.clone(), tag.class)).collect(),
            receivers,
            tags: Vec::new(),
            broken: 0,
        })
    }

    /// All lines of a file in the order of their times; `-` is standard input.
    pub fn read(&mut self, file: &Path) -> Result<Vec<Heard>, Stop> {
        let input: Box<dyn BufRead> = match file.to_str() {
            Some("-") => Box::new(io::stdin().lock()),
            _ => Box::new(BufReader::new(File::open(file).map_err(Stop::Input)?)),
        };
        let mut input = input;
        let (mut heard, mut line) = (Vec::new(), Vec::new());
        let most = limits::TEXT_LINE_BYTES as u64;
        while 0 < input.by_ref().take(most).read_until(b'\n', &mut line).map_err(Stop::Input)? {
            let text = String::from_utf8_lossy(&line);
            match self.line(text.trim()) {
                Some(it) => heard.push(it),
                None if text.trim().is_empty() || text.starts_with('#') => {}
                None => self.broken += 1,
            }
            line.clear();
            if limits::RECORDED_ADVERTS < heard.len() {
                return Err(too_many());
            }
        }
        order::by_key(&mut heard, |it| it.at.0);
        if heard.is_empty() { Err(nothing(file)) } else { Ok(heard) }
    }

    /// The number of a tag that was heard.
    pub fn tag(&self, id: &str) -> Option<u32> {
        let place = self.tags.iter().position(|(known, _)| known == id)?;
        u32::try_from(place).ok()
    }

    /// The id of a tag.
    pub fn name(&self, key: TagKey) -> &str {
        let TagKey::Resolved(tag) = key else { return "" };
        self.of(tag).map_or("", |(id, _)| id)
    }

    /// What a tag hangs on.
    pub fn class(&self, tag: u32) -> TagClass {
        self.of(tag).map_or(TagClass::Staff, |(_, class)| *class)
    }

    fn of(&self, tag: u32) -> Option<&(String, TagClass)> {
        self.tags.get(usize::try_from(tag).ok()?)
    }

    /// What one line says; `None` of what is no line of a recording.
    pub fn line(&mut self, text: &str) -> Option<Heard> {
        if text.starts_with('$') {
            let mut fields = text.split(',');
            let address = fields.nth(2)?.trim().to_ascii_uppercase();
            let (_, name) = self.ears.iter().find(|(ear, _)| *ear == address)?;
            let receiver = self.receivers.iter().position(|it| it == name)?;
            let seconds: f64 = fields.next_back()?.trim().parse().ok()?;
            return Some(Heard {
                at: UtcMs((seconds * 1000.0).round() as i64),
                receiver,
                tag: self.sender(text),
            });
        }
        let written: Written = serde_json::from_str(text).ok()?;
        let at = UtcMs::parse(&written.at)?;
        let receiver = self.receivers.iter().position(|it| *it == written.receiver)?;
        let tag = match (written.tag, written.rssi) {
            (Some(id), Some(rssi)) => {
                let class = self.class_of(&id)?;
                self.number(id, class).map(|tag| (tag, rssi))
            }
            _ => self.sender(text),
        };
        Some(Heard { at, receiver, tag })
    }

    /// Whose advertisement a receiver's line is.
    fn sender(&mut self, text: &str) -> Option<(u32, i8)> {
        let mut found = None;
        let enrolled = &self.enrolled;
        let read = parse_line(text, |said| {
            if let Said::Advert(sighting) = said
                && let Sender::Known(heard, _) = enrolled.list().sender(sighting)
            {
                let named = enrolled.get(&heard.key);
                found = named.map(|(id, class)| (id.into_owned(), class, heard.rssi));
            }
        });
        let (id, class, rssi) = read.ok().and(found)?;
        Some((self.number(id, class)?, rssi))
    }

    /// Of one of many that are enrolled together the id goes on behind a dot.
    fn class_of(&self, id: &str) -> Option<TagClass> {
        let of_those = |known: &str| {
            id.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.known.iter().find(|(known, _)| of_those(known)).map(|(_, class)| *class)
    }

    fn number(&mut self, id: String, class: TagClass) -> Option<u32> {
        if let Some(known) = self.tag(&id) {
            return Some(known);
        }
        self.tags.push((id, class));
        u32::try_from(self.tags.len() - 1).ok()
    }
}
