//! JSON lines as `tillgate decode` prints them, or payloads with their lengths before them.
//!
//! Lines name a record by the trace ids of its events and do not say how many events it has: it counts as arrived
//! with the first of them, and as coming again when one of them does, in whatever order they stand. A gateway is known
//! here by its own name, without tenant and store.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read};

use serde::Deserialize;
use tillgate_events::{Class, Loss, decode};

use super::Findings;
use super::repeats::Repeats;
use crate::cli::decode::payloads::Payloads;
use crate::ledger::{Head, Kind};
use crate::limits::MQTT_PACKET_BYTES;

/// The part of a record that stands for all of it. No trace id has it.
const WHOLE: &str = "-";

/// Reads all of it.
pub fn read(input: &mut dyn Read, framed: bool, found: &mut Findings) -> io::Result<()> {
    let mut reader = Reader { found, repeats: Repeats::default() };
    if framed {
        let mut payloads = Payloads::new(input, true);
        let mut number = 0u64;
        while let Some(payload) = payloads.next() {
            number += 1;
            let read = payload.and_then(|payload| reader.payload(&payload));
            reader.note(read, "payload", number);
        }
        return Ok(());
    }
    let mut input = BufReader::new(input);
    let (mut line, mut number) = (Vec::new(), 0u64);
    let most = 4 * MQTT_PACKET_BYTES as u64;
    loop {
        line.clear();
        if input.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        number += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let read = reader.line(&line);
        reader.note(read, "line", number);
    }
}

struct Reader<'a> {
    found: &'a mut Findings,
    repeats: Repeats,
}

/// All keys that tell the kinds of lines apart.
#[derive(Deserialize)]
struct Line {
    trace_id: Option<String>,
    gateway: Option<String>,
    gateway_id: Option<String>,
    class: Option<Class>,
    epoch: Option<u32>,
    first_sequence: Option<u64>,
    count: Option<u64>,
    status: Option<String>,
    #[serde(default)]
    next: BTreeMap<String, u64>,
}

impl Reader<'_> {
    fn note(&mut self, read: Result<(), String>, what: &str, number: u64) {
        if let Err(why) = read {
            self.found.bad(format!("{what} {number}: {why}"));
        }
    }

    fn payload(&mut self, payload: &[u8]) -> Result<(), String> {
        if payload.first() == Some(&b'{') {
            return self.line(payload);
        }
        let batch = decode(payload).map_err(|error| error.to_string())?;
        let header = batch.header;
        let count = batch.records.len() as u64;
        let name = (&*header.gateway_id, header.class, header.epoch);
        self.count(records(name, header.first_sequence, count)?, WHOLE);
        Ok(())
    }

    fn line(&mut self, text: &[u8]) -> Result<(), String> {
        let line: Line = serde_json::from_slice(text).map_err(|error| {
            format!("not an event, a loss, a header or a state (column {})", error.column())
        })?;
        if let Some(trace_id) = line.trace_id {
            return self.event(&trace_id);
        }
        if let (Some(gateway), Some(first)) = (&line.gateway_id, line.first_sequence) {
            let numbers = line.class.zip(line.epoch).zip(line.count);
            let ((class, epoch), count) = numbers.ok_or("a header without its numbers")?;
            self.count(records((gateway, class, epoch), first, count)?, WHOLE);
            return Ok(());
        }
        if line.first_sequence.is_some() {
            let loss = Loss::parse(text).map_err(|error| error.to_string())?;
            if loss.epoch == 0 {
                return Err("a loss whose numbers make no sense".to_owned());
            }
            let kind = Kind::of(&loss);
            let Loss { gateway, class, epoch, first_sequence: first, last_sequence: last, .. } =
                loss;
            self.found.count(&Head { kind, gateway, class, epoch, first, last, part: None });
            return Ok(());
        }
        let (Some(gateway), Some(epoch), Some(_)) = (line.gateway, line.epoch, line.status) else {
            return Err("not an event, a loss, a header or a state".to_owned());
        };
        if epoch == 0 {
            return Err("a state whose numbers make no sense".to_owned());
        }
        for (name, next) in line.next.iter().filter(|(_, next)| **next > 1) {
            let Some(class) = Class::from_name(name) else { continue };
            let (kind, gateway) = (Kind::Produced, gateway.clone());
            let (first, last) = (1, next - 1);
            self.found.count(&Head { kind, gateway, class, epoch, first, last, part: None });
        }
        Ok(())
    }

    fn event(&mut self, trace_id: &str) -> Result<(), String> {
        let (name, number) = numbers(trace_id).ok_or("a trace id without its numbers")?;
        let (gateway, class, epoch) = name;
        let record = format!("{gateway}-{}-{epoch}-{number}", class.name());
        let part = trace_id.strip_prefix(&*record).unwrap_or(trace_id);
        self.count(records(name, number, 1)?, part.trim_start_matches('-'));
        Ok(())
    }

    fn count(&mut self, head: Head, part: &str) {
        let Some(seen) = self.repeats.take(&head, part) else {
            self.found.bad("more holes than fit into memory");
            return;
        };
        if seen.new {
            self.found.count(&head);
        }
        if seen.again > 0 {
            // How many it is, not which, is what is counted of them.
            let first = head.last.saturating_sub(seen.again - 1);
            self.found.count(&Head { kind: Kind::Again, first, ..head });
        }
    }
}

/// Gateway, class and epoch.
pub(super) type Name<'a> = (&'a str, Class, u32);

fn records((gateway, class, epoch): Name<'_>, first: u64, count: u64) -> Result<Head, String> {
    let last = count.checked_sub(1).and_then(|more| first.checked_add(more));
    let last = last.filter(|_| first > 0 && epoch > 0).ok_or("numbers that make no sense")?;
    let (kind, gateway) = (Kind::Records, gateway.to_owned());
    Ok(Head { kind, gateway, class, epoch, first, last, part: None })
}

/// `gateway-class-epoch-sequence`, or the same with `-part`. A gateway may have dashes in its name.
pub(super) fn numbers(trace_id: &str) -> Option<(Name<'_>, u64)> {
    let read = |text: &'_ str| -> Option<(usize, Class, u32, u64)> {
        let mut from_the_end = text.rsplitn(4, '-');
        let number = from_the_end.next()?.parse().ok()?;
        let epoch = from_the_end.next()?.parse().ok()?;
        let class = Class::from_name(from_the_end.next()?)?;
        Some((from_the_end.next()?.len(), class, epoch, number))
    };
    let without_part = || trace_id.rsplit_once('-').and_then(|(rest, _)| read(rest));
    let (length, class, epoch, number) = read(trace_id).or_else(without_part)?;
    let gateway = trace_id.get(..length).filter(|gateway| !gateway.is_empty())?;
    Some(((gateway, class, epoch), number))
}
