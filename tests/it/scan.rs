//! Scanned data that others recorded, and GS1's own table, where they are at hand.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tillgate::decode::ScanFact;
use tillgate::decode::scan::ai::{Ai, Fit};
use tillgate::decode::scan::element::{self, Element, Misprint};
use tillgate::decode::scan::gtin::{Circulation, Gtin, GtinFormat, has_check_digit};
use tillgate::decode::scan::{ScanDecoder, ScanOptions};
use tillgate::time::Mono;

/// A file of the corpus, or nothing and a loud word.
fn corpus(file: &str) -> Option<String> {
    let root = std::env::var_os("TILLGATE_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let path = root.join("pos/gs1").join(file);
    if !path.is_file() {
        println!("SKIPPED: no corpus at {} (set TILLGATE_CORPUS)", path.display());
        return None;
    }
    Some(std::fs::read_to_string(path).unwrap())
}

/// What the library says of a string, as far as we say it too.
struct Expected<'a>(&'a Value);

impl Expected<'_> {
    fn text(&self, path: &str) -> Option<&str> {
        self.0.pointer(path).and_then(Value::as_str)
    }

    /// Identifier and value of every element string.
    fn elements(&self) -> Option<Vec<(String, String)>> {
        let message = ["/gs1_message", "/gs1_digital_link_uri"]
            .iter()
            .find_map(|path| self.0.pointer(path).filter(|value| !value.is_null()))?;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let one = |e: &Value| (text(&e["ai"]["ai"]), text(&e["value"]));
        Some(message["element_strings"].as_array().unwrap().iter().map(one).collect())
    }
}

/// The data without its AIM identifier.
fn data(input: &str) -> &str {
    if input.starts_with(']') { &input[3..] } else { input }
}

/// The element strings, where the identifier does not say that there are none. The library takes GS1's patterns at
/// their word: a month is `0\d|1[0-2]`, a day `[0-2]\d|3[01]`, and what no calendar has is no date.
fn elements(input: &str) -> Option<Vec<Element>> {
    let data = data(input);
    let none = input.starts_with("]E") || input.starts_with("]I");
    let link = element::parse_link(data, Misprint::Refused);
    link.or_else(|_| element::parse(data, Misprint::Refused)).ok().filter(|_| !none)
}

/// The article: the string itself, or what its element strings name.
fn article(input: &str) -> Option<Gtin> {
    let data = data(input);
    let named = || {
        let elements = elements(input)?;
        elements.iter().find(|e| e.ai == "01").and_then(|e| Gtin::parse(&e.value))
    };
    Gtin::parse(data).or_else(|| Gtin::from_upc_e(data)).or_else(named)
}

/// Where our answers are not the library's, one line each.
fn differences(input: &str, expected: &Expected<'_>) -> Vec<String> {
    let data = data(input);
    let mut found = Vec::new();
    let mut compare = |what: &str, ours: Option<String>, theirs: Option<String>| {
        if ours != theirs {
            found.push(format!("{input:?} {what}: {ours:?}, not {theirs:?}"));
        }
    };
    let text = |path| expected.text(path).map(str::to_owned);
    let gtin = article(input);
    let format = gtin.map(|gtin| match gtin.format() {
        GtinFormat::Gtin8 => "GTIN_8",
        GtinFormat::Gtin12 => "GTIN_12",
        GtinFormat::Gtin13 => "GTIN_13",
        GtinFormat::Gtin14 => "GTIN_14",
    });
    let usage = gtin.and_then(|gtin| gtin.circulation()).map(|circulation| match circulation {
        Circulation::Region => "GEOGRAPHICAL",
        Circulation::Company => "COMPANY",
    });
    let padded = text("/gtin/value").map(|value| format!("{value:0>14}"));
    compare("article", gtin.map(|gtin| gtin.as_str().to_owned()), padded);
    compare("format", format.map(str::to_owned), text("/gtin/format"));
    compare("circulation", usage.map(str::to_owned), text("/gtin/usage"));
    let upc_e = Gtin::from_upc_e(data).map(|_| "UPC_E".to_owned());
    compare("UPC-E", upc_e, text("/upc/format").filter(|format| format == "UPC_E"));
    let named = elements(input).and_then(|all| {
        all.into_iter().find(|e| e.ai == "00" && e.valid).map(|element| element.value)
    });
    let alone = (data.len() == 18 && has_check_digit(data)).then(|| data.to_owned());
    compare("container", alone.or(named), text("/sscc/value"));
    let shown = |all: Vec<(String, String)>| format!("{all:?}");
    let ours = elements(input).map(|all| all.into_iter().map(|e| (e.ai, e.value)).collect());
    compare("elements", ours.map(shown), expected.elements().map(shown));
    found
}

/// The same for decimals, dates and for what is marked as not holding.
fn value_differences(input: &str, expected: &Expected<'_>) -> Vec<String> {
    let strings = expected.0.pointer("/gs1_message/element_strings").and_then(Value::as_array);
    let found = elements(input).unwrap_or_default();
    let mut differences = Vec::new();
    for (wanted, element) in strings.into_iter().flatten().zip(&found) {
        let decimals = wanted["decimal"]
            .as_str()
            .map(|text| text.split_once('.').map_or(0, |(_, decimals)| decimals.len()));
        let keys = ["gtin", "sscc", "gln"].iter().any(|key| !wanted[key].is_null());
        let is_key = ["00", "01", "02", "410"].contains(&element.ai.as_str());
        let same = element.decimals().map(usize::from) == decimals
            && element.date(2026).as_deref() == wanted["date"].as_str()
            && (!is_key || element.valid == keys);
        if !same {
            differences.push(format!("{input:?}: {element:?}, not {wanted}"));
        }
    }
    differences
}

#[test]
fn every_recorded_scan_is_understood_as_the_library_does() {
    let Some(vectors) = corpus("biip-scan-vectors.jsonl") else { return };
    let mut complaints = Vec::new();
    for line in vectors.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let input = vector["input"].as_str().unwrap();
        let expected = Expected(&vector["result"]);
        complaints.extend(differences(input, &expected));
        complaints.extend(value_differences(input, &expected));
    }
    assert!(vectors.lines().count() >= 200);
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn scan(payload: &str) -> Vec<ScanFact> {
    let mut decoder = ScanDecoder::new(ScanOptions::default());
    let mut facts = Vec::new();
    decoder.push(payload.as_bytes(), Mono(0), &mut facts);
    decoder.push(b"\r", Mono(0), &mut facts);
    facts
}

#[test]
fn every_recorded_scan_with_an_identifier_becomes_its_fact() {
    let Some(vectors) = corpus("biip-scan-vectors.jsonl") else { return };
    let names = |gs1: &str| match gs1 {
        "EAN_13" => "EAN13",
        "EAN_8" => "EAN8",
        "ITF_14" => "ITF",
        "GS1_128" => "GS1-128",
        "GS1_QR_CODE" => "GS1-QR",
        "GS1_DATABAR" => "GS1-DATABAR",
        other => panic!("{other}"),
    };
    let mut count = 0;
    for line in vectors.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let expected = Expected(&vector["result"]);
        let Some(symbology) = expected.text("/symbology_identifier/gs1_symbology") else {
            continue;
        };
        let input = vector["input"].as_str().unwrap();
        let [fact] = &scan(input)[..] else { panic!("{input}") };
        let gtin = expected.text("/gtin/value").map(|value| format!("{value:0>14}"));
        assert_eq!((fact.symbology, &fact.gtin), (names(symbology), &gtin), "{input}");
        let found: Vec<_> = fact.elements.iter().map(|e| (e.ai.clone(), e.value.clone())).collect();
        assert_eq!(found, expected.elements().unwrap_or_default(), "{input}");
        count += 1;
    }
    assert!(count >= 5);
}

/// The checks that this crate does not do: lists, and coupons.
const UNCHECKED: [&str; 12] = [
    "gcppos1",
    "gcppos2",
    "iso3166",
    "iso3166999",
    "iso3166alpha2",
    "iso4217",
    "importeridx",
    "mediatype",
    "packagetype",
    "posinseqslash",
    "couponcode",
    "couponposoffer",
];

/// A row of GS1's table in the form of ours.
fn row(line: &str) -> (String, String) {
    let mut words = line.split('#').next().unwrap().split_whitespace();
    let range = words.next().unwrap().to_owned();
    let (mut flags, mut spec, mut excludes) = (String::new(), Vec::new(), Vec::new());
    for word in words {
        let format = word.trim_start_matches('[').starts_with(['N', 'X', 'Y', 'Z']);
        if let Some(list) = word.strip_prefix("ex=") {
            excludes.push(list);
        } else if word.starts_with("dlpkey") {
            flags.push('k');
        } else if format {
            let parts = word.split(',').filter(|part| !UNCHECKED.contains(part));
            spec.push(parts.collect::<Vec<_>>().join(","));
        } else if word.contains('*') {
            flags.insert(0, '*');
        }
    }
    let flags = if flags.is_empty() { "-".to_owned() } else { flags };
    let mut cells = vec![flags, spec.join(" ")];
    cells.extend((!excludes.is_empty()).then(|| excludes.join(",")));
    (range, cells.join("\t"))
}

#[test]
fn the_table_of_identifiers_agrees_with_gs1s() {
    let Some(dictionary) = corpus("gs1-syntax-dictionary.txt") else { return };
    let rows = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines.map(str::to_owned).collect()
    };
    let theirs: Vec<String> = rows(&dictionary)
        .iter()
        .map(|line| row(line))
        .map(|(range, cells)| format!("{range}\t{cells}"))
        .collect();
    let ours = rows(include_str!("../../src/decode/scan/ai.tsv"));
    assert!(theirs.len() > 200);
    assert_eq!(ours, theirs);
}

#[test]
fn every_identifier_of_gs1s_table_takes_its_longest_and_shortest_data() {
    let Some(dictionary) = corpus("gs1-syntax-dictionary.txt") else { return };
    for line in dictionary.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (range, cells) = row(line);
        let code = range.split('-').next().unwrap();
        let ai = Ai::at_start(code).unwrap();
        assert_eq!(ai.predefined, cells.starts_with('*'), "{code}");
        let longest = ai.longest();
        assert_ne!(ai.fit(&"1".repeat(longest)), Fit::Wrong, "{code}");
        assert_eq!(ai.fit(&"1".repeat(longest + 1)), Fit::Wrong, "{code}");
        assert_eq!(ai.fit(""), Fit::Wrong, "{code}");
        assert_eq!(ai.fit(&"\u{e9}".repeat(longest)), Fit::Wrong, "{code}");
    }
}
