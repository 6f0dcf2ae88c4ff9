//! Passed over means could not have matched; and most patterns are passed over.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::string::string_regex;
use regex_syntax::ParserBuilder;
use tillgate_events::Currency;

use super::*;
use crate::decode::dialect::engine::Engine;
use crate::decode::dialect::{BUILTIN, Dialect, Setting};

/// Whether a line is worth trying with a pattern.
fn worth(pattern: &str, line: &str) -> bool {
    let mut builder = Builder::default();
    let needs = builder.add(&ignoring_case(pattern));
    let mut scan = Scan::default();
    builder.build().scan(line, &mut scan);
    scan.meets(&needs)
}

fn check(pattern: &str, tried: &[&str], passed_over: &[&str]) {
    for (lines, expected) in [(tried, true), (passed_over, false)] {
        for line in lines {
            assert_eq!(worth(pattern, line), expected, "{pattern} on {line:?}");
        }
    }
}

#[test]
fn a_line_must_begin_and_end_as_the_pattern_can() {
    check("^t", &["TOTAL", "tax"], &["SUM", "a total"]);
    check("^[^a-z]*x", &["x", "1x", "é x"], &["yx"]);
    check("l$", &["total", "TOTAL"], &["sole", "l "]);
    check("[0-9円]$", &["5", "5円", "ö"], &["5a"]);
    check("x*$", &["", "y"], &[]);
    check("t", &["a total", "none"], &[]);
}

#[test]
fn a_line_must_have_as_many_signs_as_the_pattern_at_least() {
    check("[0-9]{2}[.][0-9]+%?", &["12.3", "1 2 3."], &["1.2", "123"]);
    check(r"(?:a|\.).*(?:,|,,)", &["x,"], &["x."]);
    check("[ \t\u{a0}]{2}", &["  ", " \t", "\u{a0}x\u{a0}"], &[" ", "xx"]);
    check("..[^0-9]", &["abc"], &[]);
}

#[test]
fn one_word_of_every_list_must_be_there_in_any_case() {
    let totals = r"^\W*(?:total|sum(?:me|ma)?|zu zahlen)\b.*\b(?:eur|usd)";
    check(totals, &["TOTAL EUR", "Summe usd", "summa EUR"], &["TOTAL", "EUR", "TOTAAL EUR"]);
    check("übung", &["ÜBUNG", "übung"], &["UBUNG", "bung"]);
    check("kiss", &["\u{212a}I\u{17f}S", "KISS"], &["KIS"]);
    check("(?:合計|お釣り?)", &["お釣", "合計"], &["お", "合"]);
    // An alternative without words asks for none.
    check("total|[0-9]", &["1", "TOTAL"], &[]);
}

#[test]
fn a_list_too_long_for_the_bound_asks_for_nothing() {
    let mut builder = Builder::default();
    let word = |n: usize, round: usize| format!("w{n:04}r{round:02}");
    let list = |round| (0..500).map(|n| word(n, round)).collect::<Vec<_>>().join("|");
    let needs: Vec<Needs> =
        (0..20).map(|round| builder.add(&ignoring_case(&list(round)))).collect();
    assert_eq!(needs.iter().map(|needs| needs.lists.len()).sum::<usize>(), 16);
    assert!(builder.words <= limits::DIALECT_WORDS);
}

fn ignoring_case(pattern: &str) -> Hir {
    ParserBuilder::new().case_insensitive(true).build().parse(pattern).unwrap()
}

/// Patterns of what rules are made of, without anchors so that texts can be made from them.
fn pattern() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("total"),
        Just("kiss"),
        Just("ü"),
        Just("計"),
        Just("[0-9]{1,3}"),
        Just("[.,]"),
        Just("%"),
        Just("[ \t\u{a0}]+"),
        Just("[a-f]?"),
        Just("[^0-9]*"),
        Just("x|×"),
        Just("."),
        Just("[^,]"),
        Just("[\t-.]"),
        Just("-?"),
    ];
    let leaf = piece.prop_map(|piece| format!("(?:{piece})"));
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|parts| format!("(?:{})", parts.join("|"))),
            (inner, prop_oneof![Just("?"), Just("*"), Just("+"), Just("{2}")])
                .prop_map(|(part, times)| format!("(?:{part}){times}")),
        ]
    })
}

fn setting() -> Setting {
    Setting { currency: Currency::new("EUR").unwrap(), decimal: None }
}

static DIALECTS: LazyLock<Vec<Dialect>> = LazyLock::new(|| {
    BUILTIN.iter().map(|(id, _)| Dialect::builtin(id, &setting()).unwrap().unwrap()).collect()
});

/// Every pattern of every built-in dialect is tried wherever it matches; the number of those passed over.
fn built_in(line: &str) -> (usize, usize) {
    let (mut all, mut passed_over) = (0, 0);
    let mut scan = Scan::default();
    for dialect in DIALECTS.iter() {
        dialect.prefilter.scan(line, &mut scan);
        for pattern in dialect.rules.iter().filter_map(|rule| rule.pattern()) {
            all += 1;
            if !scan.meets(&pattern.needs) {
                passed_over += 1;
                assert!(!pattern.regex.is_match(line), "{line:?}: {}", pattern.regex.text);
            }
        }
    }
    (all, passed_over)
}

#[test]
fn of_the_lines_of_real_receipts_no_match_is_lost_and_most_patterns_are_passed_over() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/decode/dialect/testdata");
    let (mut all, mut passed_over) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read(entry.unwrap().path()).unwrap();
        for line in String::from_utf8_lossy(&text).lines().map(str::trim) {
            let (a, p) = built_in(line);
            (all, passed_over) = (all + a, passed_over + p);
        }
    }
    assert!(passed_over * 10 > all * 9, "{passed_over} of {all}");
}

proptest! {
    #[test]
    fn no_match_of_any_pattern_is_passed_over(
        (pattern, text) in pattern().prop_flat_map(|pattern| {
            let text = string_regex(&pattern).unwrap();
            (Just(pattern), text)
        }),
        around in ("[ a1]{0,2}", "[ a1]{0,2}"),
        upper: bool,
    ) {
        let text = if upper { text.to_uppercase() } else { text };
        let inside = format!("{}{text}{}", around.0, around.1);
        for (pattern, line) in [
            (format!("^(?:{pattern})$"), &text),
            (format!("^(?:{pattern})"), &text),
            (format!("(?:{pattern})$"), &inside),
            (pattern.clone(), &inside),
        ] {
            let matches = Engine::new(&ignoring_case(&pattern)).unwrap().is_match(line);
            prop_assert!(!matches || worth(&pattern, line), "{} on {:?}", pattern, line);
        }
    }

    #[test]
    fn no_match_of_a_built_in_pattern_is_passed_over(
        line in "(TOTAL|SUMME|CASH|VAT|TEA|2 x|合計|-){0,2}[ :]{0,3}[0-9]{0,3}[.,-]?[0-9]{0,4}( [A-Z%]| €|kg)?"
    ) {
        built_in(line.trim());
    }
}
