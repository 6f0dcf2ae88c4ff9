//! A recording of a machine: what it said is known already, so the dialect that recorded it is built upon.
//!
//! A built-in dialect that understands all of it is named. Else each kind of record is sketched, above the framing of
//! the dialect that recorded it: a recording holds none. What cannot be known is marked.

use std::io::Write;
use std::sync::Arc;

use tillgate_events::Currency;

use super::gather::Gathered;
use super::{Args, Failure, id, machine};
use crate::decode::device::{Device, DeviceFact};
use crate::decode::dialect::{BUILTIN, Dialect, Setting, builtin_source};
use crate::decode::{DocumentFact, PosFact, Said};
use crate::learn::propose::MARK;
use crate::learn::recording;
use crate::learn::records::{self, Fields};

/// Proposes a dialect for what was said.
pub fn learn(args: &Args, gathered: &Gathered, told: &mut dyn Write) -> Result<(), Failure> {
    let currency = machine::currency()?;
    let said = &gathered.said;
    let source = format!("a recording of {} records", said.len());
    let mut text = records::head(&id(args), gathered.line.as_deref(), &source);
    let dialect = gathered.dialect.as_deref();
    match reader(said, dialect, currency) {
        Some(built_in) => {
            // What is seen is told; whether all of it means what it says only a person knows.
            let _ = writeln!(told, "{built_in} understands all {} records", said.len());
            text += &format!("extends = {}\n", value(built_in));
        }
        None => text += &sketched(said, dialect),
    }
    let lines = said.iter().map(|(at, said)| recording::said(*at, said));
    let recording = format!("{}\n{}", recording::MAGIC, lines.collect::<String>());
    machine::propose(args, text, recording.into_bytes(), told)
}

/// The built-in dialect that understands everything: the one that recorded it, or the first.
fn reader(
    said: &[(u64, Said)],
    recorded: Option<&str>,
    currency: Currency,
) -> Option<&'static str> {
    // Lines may be anybody's: a terminal passes on whatever is printed.
    if said.iter().all(|(_, said)| matches!(said, Said::Printed(_))) {
        return None;
    }
    let own = |id: &&str| recorded == Some(*id);
    let (first, rest): (Vec<&str>, Vec<&str>) = BUILTIN.iter().map(|(id, _)| *id).partition(own);
    first.into_iter().chain(rest).find(|id| understands(id, said, currency))
}

fn understands(id: &str, said: &[(u64, Said)], currency: Currency) -> bool {
    let setting = Setting { currency, decimal: None };
    let Some(Ok(dialect)) = Dialect::builtin(id, &setting) else { return false };
    let Ok(Some(mut device)) = Device::new(&Arc::new(dialect)) else { return false };
    let (mut facts, mut useful) = (Vec::new(), false);
    for (_, said) in said {
        device.again(said.clone(), &mut facts);
        let unread = |fact: &DeviceFact| matches!(fact, DeviceFact::Pos(PosFact::Unmatched(_)));
        let silent =
            facts.is_empty() && matches!(said, Said::Payment(_) | Said::Scan(_) | Said::Scale(_));
        if silent || facts.iter().any(unread) {
            return false;
        }
        let ends = |fact: &DeviceFact| matches!(fact, DeviceFact::Pos(PosFact::End(_)));
        useful |= facts.iter().any(|fact| !ends(fact));
        facts.clear();
    }
    useful
}

/// Framing as far as it is known, and a sketch of each kind of record.
fn sketched(said: &[(u64, Said)], recorded: Option<&str>) -> String {
    let fields = said.iter().filter_map(|(_, said)| match said {
        Said::Fields(values) => Some(values.clone()),
        _ => None,
    });
    let mut fields: Vec<Fields> = fields.collect();
    let mut cut = String::new();
    if fields.is_empty() {
        let lines: Vec<&str> = lines(said).collect();
        let frames: Vec<Vec<u8>> = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
        if let Some(separator) = records::separator(&frames) {
            cut = format!("\n[fields]\nseparator = {separator:#04x}\n");
            let split =
                |line: &&str| line.split(char::from(separator)).map(str::to_owned).collect();
            fields = lines.iter().map(split).collect();
        } else {
            fields = lines.iter().map(|line| vec![(*line).to_owned()]).collect();
        }
    }
    framing(recorded, &cut) + &records::sketches(&fields)
}

fn lines(said: &[(u64, Said)]) -> impl Iterator<Item = &str> {
    said.iter().filter_map(|(_, said)| match said {
        Said::Printed(DocumentFact::Line(line)) => Some(line.text.as_str()),
        _ => None,
    })
}

/// `[framer]` and `[fields]` of the dialect that recorded it.
fn framing(recorded: Option<&str>, cut: &str) -> String {
    let named = recorded.unwrap_or("the dialect that recorded it");
    if builtin_source(named).is_some_and(|text| !text.contains("[[record]]")) {
        return format!("extends = {}\n{cut}", value(named));
    }
    let source =
        builtin_source(named).map(str::to_owned).or_else(|| std::fs::read_to_string(named).ok());
    let table = source.and_then(|text| text.parse::<toml::Table>().ok()).unwrap_or_default();
    let section = |name: &str| {
        let table = table.get(name)?.as_table()?;
        let lines = table.iter().map(|(key, value)| format!("{key} = {value}\n"));
        Some(format!("\n[{name}]\n{}", lines.collect::<String>()))
    };
    let framer = section("framer").unwrap_or_else(|| {
        format!("\n[framer]\n{MARK} frames are not in a recording: copy [framer] of {named}\nkind = \"line\"\n")
    });
    framer + &section("fields").unwrap_or_else(|| cut.to_owned())
}

fn value(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
