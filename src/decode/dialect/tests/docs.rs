//! The guide says what the code knows, and its example works.

use std::collections::BTreeSet;

use super::super::events::{FLAGS, METHODS, MODES, REASONS};
use super::super::macros::Macros;
use super::*;

const GUIDE: &str = include_str!("../../../../docs/dialects.md");

/// What stands below a heading.
fn below(heading: &str) -> &'static str {
    let (_, rest) =
        GUIDE.split_once(&format!("# {heading}\n")).unwrap_or_else(|| panic!("{heading}"));
    rest.split_once("\n#").map_or(rest, |(section, _)| section)
}

/// The first column of the table below a heading.
fn table(heading: &str) -> BTreeSet<&'static str> {
    let rows = below(heading).lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split_once('`').unwrap().0).collect()
}

/// All words in backticks of a row of a table.
fn words(heading: &str, row: &str) -> BTreeSet<&'static str> {
    let start = format!("| `{row}` |");
    let line = below(heading).lines().find(|line| line.starts_with(&start)).unwrap();
    line.split('`').skip(3).step_by(2).collect()
}

fn check<'a>(heading: &str, known: impl IntoIterator<Item = &'a str>) {
    assert_eq!(table(heading), known.into_iter().collect(), "{heading}");
}

#[test]
fn the_tables_of_the_guide_are_the_closed_lists() {
    check("Events", event_names());
    check("Captures", CAPTURES.iter().copied());
    check("Built-in dialects", BUILTIN.iter().map(|(id, _)| *id));
    check("Kinds of framers", KINDS.iter().map(|(kind, _)| *kind));
    for (kind, keys) in KINDS {
        assert_eq!(words("Kinds of framers", kind), once_of(kind, keys), "{kind}");
    }
    check("Keys of [receipt.flags]", FLAGS.iter().map(|(name, _)| *name));
    let locale = Locale { decimal: '.', group: vec![], minor: 2, dates: vec![] };
    let parts = Macros::new(&locale, setting().currency, "cash");
    check("Parts of patterns", parts.names());
    assert_eq!(
        words("Keys of set", "reason"),
        once("stock", REASONS.iter().map(|(name, _)| *name))
    );
    assert_eq!(words("Keys of set", "mode"), once("order", MODES.iter().map(|(name, _)| *name)));
    assert_eq!(words("Keys of set", "tender"), METHODS.iter().map(|(name, _)| *name).collect());
}

fn once<'a>(word: &'a str, others: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    std::iter::once(word).chain(others).collect()
}

/// The words of a row of kinds: what a kind is for may name others.
fn once_of<'a>(kind: &str, keys: &[&'a str]) -> BTreeSet<&'a str> {
    let others: &[&str] = if kind == "auto" { &["escpos", "star", "text"] } else { &[] };
    keys.iter().chain(others).copied().collect()
}

/// The keys that a section knows, as the loader lists them beside one that it does not know.
fn known(section: &str) -> String {
    let error = Dialect::parse("d", &format!("schema = 1\n{section}qqqqqqqq = 1\n"), &setting())
        .unwrap_err();
    let mistake = error.mistakes.iter().find(|mistake| mistake.message.starts_with("unknown key"));
    let hint = mistake.and_then(|mistake| mistake.hint.clone()).unwrap();
    hint.split_once(": ").unwrap().1.to_owned()
}

#[test]
fn the_keys_of_the_guide_are_those_that_the_loader_knows() {
    for (heading, section) in [
        ("Keys of a dialect", ""),
        ("Keys of [framer]", "[framer]\n"),
        ("Keys of check", "[framer]\ncheck.seed = 0\ncheck."),
        ("Keys of [fields]", "[fields]\n"),
        ("Keys of [[record]]", "[[record]]\n"),
        ("Keys of match", "[[record]]\n[record.match]\n"),
        ("Keys of a field", "[[record]]\n[record.fields.desc]\n"),
        ("Keys of [locale]", "[locale]\n"),
        ("Keys of [receipt]", "[receipt]\n"),
        ("Keys of [check]", "[check]\n"),
        ("Keys of [[rule]]", "[[rule]]\n"),
        ("Keys of set", "[[rule]]\nset.included = true\nset."),
        ("Keys of [[sample]]", "[[sample]]\n"),
    ] {
        check(heading, known(section).split(", "));
    }
}

/// The text between fences of a language below a heading, in order.
fn fenced(heading: &str, language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    let parts = below(heading).split(&*fence).skip(1);
    parts.map(|part| part.split_once("```").unwrap().0).collect()
}

#[test]
fn the_example_of_the_guide_reads_its_receipt_and_another_shops_by_one_field() {
    let heading = "A complete example";
    let (toml, receipt) = (fenced(heading, "toml")[0], fenced(heading, "text")[0]);
    let facts_of = |toml: &str, receipt: &str| {
        let dialect =
            Dialect::parse("guide", toml, &setting()).unwrap_or_else(|error| panic!("{error}"));
        read(dialect, &receipt.lines().collect::<Vec<_>>())
    };
    let facts = facts_of(toml, receipt);
    let unmatched = facts.iter().filter(|fact| matches!(fact, PosFact::Unmatched(_)));
    assert_eq!(unmatched.collect::<Vec<_>>(), [&PosFact::Unmatched("CORNER SHOP".into())]);
    let sum: i64 = facts
        .iter()
        .map(|fact| match fact {
            PosFact::Item(item) | PosFact::Deposit(item) => item.amount,
            PosFact::Discount { amount, .. } => -amount,
            PosFact::Total(total) => -total,
            _ => 0,
        })
        .sum();
    assert_eq!(sum, 0, "{facts:?}");
    for fact in [
        PosFact::Number("4711".into()),
        PosFact::Terminal("2".into()),
        PosFact::PrintedAt("2026-11-21T14:05:00".into()),
        PosFact::Total(743),
        PosFact::Change(257),
    ] {
        assert!(facts.contains(&fact), "{fact:?} is not in {facts:?}");
    }
    let other = receipt.replace("ENDBETRAG", "SUMMA");
    assert_ne!(facts_of(toml, &other), facts);
    assert_eq!(facts_of(&toml.replace("'endbetrag'", "'summa'"), &other), facts);
}

#[test]
fn the_machine_of_the_guide_loads() {
    for piece in fenced("Machines: payment terminals, fiscal printers, scanners, scales", "toml") {
        let text = format!("schema = 1\nid = \"x\"\n{piece}");
        Dialect::parse("guide", &text, &setting()).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn every_piece_of_a_file_in_the_guide_loads() {
    let head = "schema = 1\nid = \"x\"\nextends = \"text-generic\"\n";
    let mut pieces = fenced("Stock slips, orders and scanners", "toml");
    pieces.extend(fenced("A complete example", "toml").into_iter().skip(1));
    assert_eq!(pieces.len(), 3);
    for piece in pieces {
        Dialect::parse("guide", &format!("{head}{piece}"), &setting())
            .unwrap_or_else(|error| panic!("{error}\n{piece}"));
    }
}
