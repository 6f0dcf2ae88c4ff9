//! Records of a machine as `[fields]` and sketches of `[[record]]`s.
//!
//! What a record means follows from sums only: where the amounts of some records always make that of another, the
//! first are articles and the other is the total. Everything else is a place to look at, and says `skip` until then.

mod sums;

use std::fmt::Write as _;

use super::frames::Framing;
use super::propose::MARK;
use crate::decode::redact;
use crate::limits;
use sums::{Role, Sums};

/// Bytes that may stand between fields, the likely ones first.
const SEPARATORS: &[u8] = b"\t|;\x1c\x1d\x1e\x1f~^,";

/// Kinds of records that are sketched at most. More: fields do not tell kinds.
const KINDS: usize = 24;

/// One record: its redacted fields.
pub type Fields = Vec<String>;

/// The kinds of records by their first field, in the order in which they came.
type Kinds = Vec<(String, Vec<Fields>)>;

/// How a proposal begins: what it was made of, and its name.
#[must_use]
pub fn head(id: &str, line: Option<&str>, source: &str) -> String {
    let mut out = format!("# Proposed by `tillgate learn` from {source}.\n");
    if let Some(line) = line {
        let _ = writeln!(out, "# The port: {line}.");
    }
    let id = toml::Value::String(id.to_owned());
    let _ = writeln!(
        out,
        "# Edit the places marked `{MARK}`, then: tillgate check --dialect THIS --accept\n\n\
         schema = 1\nid = {id}"
    );
    out
}

/// A dialect for what a machine said.
#[must_use]
pub fn dialect(id: &str, line: Option<&str>, framing: &Framing) -> String {
    let mut out = head(id, line, &format!("{} frames", framing.frames.len()));
    out += "\n[framer]\n";
    for doubt in &framing.doubts {
        let _ = writeln!(out, "{MARK} {}", printable(doubt));
    }
    out += &framing.toml;
    let separator = separator(&framing.frames);
    if 0 < framing.head {
        let _ = writeln!(out, "\n[fields]\nhead = [\"1-{}\"]", framing.head);
        if let Some(separator) = separator {
            let _ = writeln!(out, "separator = {separator:#04x}");
        }
        let text = |frame: &Vec<u8>| {
            printable(&String::from_utf8_lossy(frame.get(framing.head..).unwrap_or_default()))
        };
        sketch_all(&mut out, framing.frames.first().map(text));
        return out;
    }
    let Some(separator) = separator else {
        let _ =
            writeln!(out, "\n[fields]\n{MARK} no byte separates fields: name their places instead");
        let _ = writeln!(out, "# head = [\"1-4\", \"5-12\"]");
        let text = |frame: &Vec<u8>| printable(&String::from_utf8_lossy(frame));
        sketch_all(&mut out, framing.frames.first().map(text));
        return out;
    };
    let _ = writeln!(out, "\n[fields]\nseparator = {separator:#04x}");
    let records: Vec<Fields> = framing.frames.iter().map(|frame| cut(frame, separator)).collect();
    out + &sketches(&records)
}

/// Sketches of what these records mean, as `[[record]]`s.
#[must_use]
pub fn sketches(records: &[Fields]) -> String {
    let mut out = String::new();
    let kinds = kinds(records);
    if KINDS < kinds.len() || kinds.len() * 2 > records.len() {
        sketch_all(&mut out, records.first().map(|fields| fields.join(" | ")));
        return out;
    }
    let sums = Sums::find(records, &kinds);
    for (kind, all) in &kinds {
        sketch(&mut out, kind, all, sums.as_ref());
    }
    out
}

/// Lines that are records: whose fields are apart, and whose sums prove which are articles and which their total.
#[must_use]
pub fn of_lines(bytes: &[u8]) -> Option<Framing> {
    let bytes = bytes.get(..limits::LEARN_FRAMES_BYTES.min(bytes.len())).unwrap_or_default();
    let lines = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty());
    let frames: Vec<Vec<u8>> = lines.map(<[u8]>::to_vec).collect();
    let separator = separator(&frames)?;
    let records: Vec<Fields> = frames.iter().map(|frame| cut(frame, separator)).collect();
    let kinds = kinds(&records);
    if KINDS < kinds.len() || kinds.len() * 2 > records.len() {
        return None;
    }
    Sums::find(&records, &kinds)?;
    Some(Framing {
        toml: "kind = \"line\"\n".to_owned(),
        frames,
        head: 0,
        by_silence: false,
        checked: false,
        doubts: Vec::new(),
    })
}

fn cut(frame: &[u8], separator: u8) -> Fields {
    let field = |bytes: &[u8]| redact::text(printable(&String::from_utf8_lossy(bytes)).trim());
    frame.split(|byte| *byte == separator).map(field).collect()
}

/// The byte that stands in nearly all frames, if one of those does that separate fields. A frame without it may be a
/// record of one field, as many that end a sale are: one no longer than the kinds of the others, and few in all.
#[must_use]
pub fn separator(frames: &[Vec<u8>]) -> Option<u8> {
    let holds = |byte: &u8| {
        let with = || frames.iter().filter(|frame| frame.contains(byte));
        let kind = |frame: &Vec<u8>| frame.iter().position(|other| other == byte);
        let longest = with().filter_map(kind).max().unwrap_or_default();
        let bare = frames.iter().filter(|frame| !frame.contains(byte) && frame.len() <= longest);
        let (with, bare) = (with().count(), bare.count());
        bare <= with && (with + bare) * 10 >= frames.len() * 9 && 0 < with
    };
    SEPARATORS.iter().copied().find(|byte| holds(byte))
}

fn kinds(records: &[Fields]) -> Kinds {
    let mut kinds: Kinds = Vec::new();
    for record in records {
        let first = record.first().cloned().unwrap_or_default();
        match kinds.iter_mut().find(|(kind, _)| *kind == first) {
            Some((_, all)) => all.push(record.clone()),
            None => kinds.push((first, vec![record.clone()])),
        }
    }
    kinds
}

/// No kinds are known: one record of which all is to be said.
fn sketch_all(out: &mut String, example: Option<String>) {
    let example = example.map(|text| redact::text(&text));
    let _ = writeln!(
        out,
        "\n{MARK} which records there are is not known; one is `{}`. Write a [[record]] for each kind\n\
         [[record]]\nevent = \"skip\"",
        example.unwrap_or_default()
    );
}

fn sketch(out: &mut String, kind: &str, all: &[Fields], sums: Option<&Sums>) {
    let example = all.first().map(|fields| redact::text(&fields.join(" | "))).unwrap_or_default();
    let _ = writeln!(out, "\n# {} records as `{example}`", all.len());
    let role = sums.map_or(Role::Unknown, |sums| sums.role(kind));
    match role {
        Role::Item(_) => *out += "# Their amounts make the totals.\n",
        Role::Total(_) => *out += "# The sum of the records before it.\n",
        Role::Tender(_) => {
            let _ = writeln!(
                out,
                "{MARK} the total again: which payment is it? CASH, DEBIT_CARD, CREDIT_CARD, …"
            );
        }
        Role::Unknown => {
            let _ = writeln!(
                out,
                "{MARK} what does it say? Fields count from 0, the first one is `{kind}`: event = \"number\", fields = {{ number = 1 }}"
            );
        }
    }
    let name = toml::Value::String(kind.to_owned());
    let _ = writeln!(out, "[[record]]\nmatch = {{ field = 0, is = {name} }}");
    let minor = sums.is_some_and(|sums| sums.minor);
    let amount =
        |at: usize| if minor { format!("{{ at = {at}, minor = true }}") } else { at.to_string() };
    let product = sums.and_then(|sums| sums.product);
    let _ = match role {
        Role::Item(at) => {
            let text = (1..).zip(all.first().into_iter().flatten().skip(1));
            let desc = text.into_iter().find(|(_, field)| field.chars().any(char::is_alphabetic));
            let desc = desc.map_or(String::new(), |(at, _)| format!("desc = {at}, "));
            let product = product.map_or(String::new(), |(qty, unit)| {
                format!("qty = {qty}, unit = {}, ", amount(unit))
            });
            writeln!(out, "event = \"item\"\nfields = {{ {desc}{product}amount = {} }}", amount(at))
        }
        Role::Total(at) => {
            writeln!(out, "event = \"total\"\nfields = {{ amount = {} }}", amount(at))
        }
        Role::Tender(at) => {
            writeln!(
                out,
                "event = \"tender\"\nset = {{ tender = \"OTHER\" }}\nfields = {{ amount = {} }}",
                amount(at)
            )
        }
        Role::Unknown => writeln!(out, "event = \"skip\""),
    };
    if sums.is_some_and(|sums| sums.last == kind) {
        let _ = writeln!(out, "# It came last each time.\nends = true");
    }
}

/// A text in a comment.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(records: &[&str]) -> Framing {
        let frames = records.iter().map(|record| record.as_bytes().to_vec()).collect();
        Framing {
            toml: "kind = \"delimited\"\n".to_owned(),
            frames,
            head: 0,
            by_silence: false,
            checked: true,
            doubts: vec!["who knows".to_owned()],
        }
    }

    #[test]
    fn articles_and_totals_follow_from_sums() {
        let text = dialect(
            "x",
            None,
            &framing(&[
                "N|17",
                "S|TEA|249",
                "S|BREAD|320",
                "T|569",
                "P|569",
                "E|",
                "N|18",
                "S|MILK 1L|115",
                "T|115",
                "P|115",
                "E|",
            ]),
        );
        for part in [
            "# CHECK who knows\nkind = \"delimited\"\n",
            "separator = 0x7c\n",
            "is = \"S\" }\nevent = \"item\"\nfields = { desc = 1, amount = { at = 2, minor = true } }\n",
            "is = \"T\" }\nevent = \"total\"\nfields = { amount = { at = 1, minor = true } }\n",
            "is = \"P\" }\nevent = \"tender\"\nset = { tender = \"OTHER\" }\n",
            "# CHECK what does it say? Fields count from 0, the first one is `N`",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }

    #[test]
    fn a_record_of_one_field_spoils_nothing() {
        let check = |records: &[&str], expected: Option<u8>| {
            assert_eq!(separator(&framing(records).frames), expected, "{records:?}");
        };
        check(&["H;7", "I;TEA;2", "Z", "H;8", "Z"], Some(b';'));
        check(&["H;7", "Z", "Z", "Z"], None);
        check(&["H;7", "I;TEA", "WHAT IS THIS", "H;8"], None);
        check(&["H 7", "I TEA", "Z"], None);
        let text = dialect(
            "x",
            None,
            &framing(&[
                "H;7",
                "I;TEA;2;249;498",
                "I;OIL;1;300;300",
                "T;798",
                "P;798",
                "Z",
                "H;8",
                "I;MILK;3;100;300",
                "T;300",
                "P;300",
                "Z",
            ]),
        );
        for part in [
            "separator = 0x3b\n",
            "fields = { desc = 1, qty = 2, unit = { at = 3, minor = true }, amount = { at = 4, minor = true } }\n",
            "is = \"Z\" }\nevent = \"skip\"\n# It came last each time.\nends = true",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }

    #[test]
    fn what_multiplies_in_every_article_is_quantity_and_price() {
        let check = |records: &[&str], expected: &str| {
            let text = dialect("x", None, &framing(records));
            assert!(text.contains(expected), "{expected:?} is not in\n{text}");
        };
        let weights =
            ["I;A;0.512;9.90;5.07", "I;B;2;1.00;2.00", "T;7.07", "I;C;1;3.00;3.00", "T;3.00"];
        check(&weights, "desc = 1, qty = 2, unit = 3, amount = 4 }");
        // One piece each: which is the price, and which the amount?
        let ones = ["I;A;1;500", "I;B;1;200", "T;700", "I;C;1;300", "T;300"];
        check(&ones, "fields = { desc = 1, amount = { at = 3, minor = true } }");
    }

    #[test]
    fn lines_are_records_where_their_sums_prove_it() {
        let check = |text: &str, expected: Option<usize>| {
            assert_eq!(
                of_lines(text.as_bytes()).map(|found| found.frames.len()),
                expected,
                "{text}"
            );
        };
        let sale = "H;7\r\nI;TEA;1;250\r\nI;OIL;1;300\r\nT;550\r\nZ\r\nH;8\r\nI;MILK;1;300\r\nT;300\r\nZ\r\n";
        check(sale, Some(9));
        check(&sale.replace("T;550", "T;551"), None);
        check("TEA  2.50\nOIL  3.00\nTOTAL  5.50\nTEA  2.50\nTOTAL  2.50\n", None);
        check("", None);
    }

    #[test]
    fn what_does_not_add_up_is_not_guessed() {
        let text = dialect(
            "x",
            None,
            &framing(&["S|TEA|249", "S|MILK|1", "T|569", "S|TEA|300", "T|111", "T|112"]),
        );
        assert!(
            !text.contains("\"item\"") && text.matches("event = \"skip\"").count() == 2,
            "{text}"
        );
        let text = dialect(
            "x",
            None,
            &framing(&["0001TEA0249", "0002MILK0115", "0003CARD4111111111111111"]),
        );
        assert!(
            text.contains("no byte separates fields") && text.contains("which records there are"),
            "{text}"
        );
        let card =
            dialect("x", None, &framing(&["P|4111111111111111", "P|4111111111111111", "P|1"]));
        assert!(!card.contains("41111"), "{card}");
    }
}
