//! Dialect files that are right and wrong.

mod again;
mod beside;
mod docs;
mod framer;
mod locale;
mod rules;

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::sample::SampleInput;
use super::*;
use crate::decode::{DocumentEnd, DocumentFact, LayoutLine, PosFact};

fn setting() -> Setting {
    Setting { currency: Currency::new("EUR").unwrap(), decimal: None }
}

#[test]
fn every_built_in_dialect_compiles() {
    for (id, _) in BUILTIN {
        let dialect = Dialect::builtin(id, &setting()).unwrap();
        assert_eq!(dialect.map_err(|error| error.to_string()).unwrap().id, *id);
    }
}

/// The mistakes of a file, each as `line:column message`.
fn mistakes(text: &str) -> Vec<String> {
    let error = Dialect::parse("d.toml", text, &setting()).unwrap_err();
    error.mistakes.iter().map(|m| format!("{}:{} {}", m.line, m.column, m.message)).collect()
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once_with_their_places() {
    let text = r#"schema = 1
id = "x"
colour = "red"

[framer]
kind = "morse"
default_page = "cp0"

[locale]
decimal = ";"

[[rule]]
re = '^(?P<price>x)$'
event = "total"

[[rule]]
re = '(unclosed'
event = "item"
in = ["nowhere"]

[[rule]]
re = '%{nothing}'
event = "party"
"#;
    expect_test::expect![[r#"
        3:1 unknown key `colour` in a dialect
        6:8 unknown framer `morse`
        7:16 unknown code page `cp0`
        10:11 unknown decimal sign `;`
        13:6 unknown capture `price`
        13:6 event `total` needs `amount`
        17:6 bad pattern: unclosed group, at character 1: `(unclosed`
        19:7 unknown state `nowhere`
        22:6 bad pattern: unknown part `%{nothing}`; there are: currency, date, gap, int, money, negative, percent, price, qty, tender, time, weight
        23:9 unknown event `party`"#]]
    .assert_eq(&mistakes(text).join("\n"));
}

#[test]
fn a_mistake_shows_its_file_place_and_hint() {
    let error = Dialect::parse("d.toml", "schema = 2\nid = \"x\"\nextends = \"y\"", &setting());
    let text = error.unwrap_err().to_string();
    let known: Vec<&str> = BUILTIN.iter().map(|(id, _)| *id).collect();
    let known = known.join(", ");
    assert!(text.contains("d.toml:1:10: unknown schema\n  hint: schema = 1\n"), "{text}");
    assert!(
        text.contains(&format!(
            "d.toml:3:11: no built-in dialect `y`\n  hint: built in are: {known}"
        )),
        "{text}"
    );
}

#[test]
fn of_a_bad_pattern_the_files_own_text_is_shown() {
    let check = |pattern: &str, expected: &str| {
        let text = format!(
            "schema = 1\nid = \"x\"\n[framer]\nkind = \"text\"\n[[rule]]\nevent = \"skip\"\nre = '{pattern}'"
        );
        assert_eq!(mistakes(&text), [format!("7:6 bad pattern: {expected}")]);
    };
    let at = |at: usize, what: &str, rest: &str| format!("{what}, at character {at}: `{rest}`");
    check("^%{money:amount}ä(x", &at(18, "unclosed group", "(x"));
    check(
        "%{date}[z-a]",
        &at(9, "invalid character class range, the start must be <= the end", "z-a]"),
    );
    // Only with its parts filled in: there is no place in the file's own text.
    check(
        "(?P<price>%{money:price})",
        "duplicate capture group name, in `(?P<price>%{money:price})`",
    );
}

#[test]
fn the_name_of_what_is_extended_is_guessed() {
    let text = "schema = 1\nid = \"x\"\nextends = \"text-coma\"";
    let told = Dialect::parse("d.toml", text, &setting()).unwrap_err().to_string();
    assert!(told.contains("hint: did you mean `text-comma`?"), "{told}");
}

#[test]
fn what_follows_from_one_mistake_is_not_told_and_near_names_are() {
    let check = |rest: &str, expected: &[&str], hint: &str| {
        let text = format!("schema = 1\nid = \"x\"\n{rest}");
        let told = Dialect::parse("d.toml", &text, &setting()).unwrap_err();
        let found: Vec<&str> = told.mistakes.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(found, expected, "{rest}");
        assert!(told.to_string().contains(hint), "{told}");
    };
    let one = ["no built-in dialect `text-coma`"];
    check("extends = \"text-coma\"", &one, "did you mean `text-comma`?");
    let rule = |line: &str| format!("extends = \"text-comma\"\n[[rule]]\nre = 'a'\n{line}");
    check(&rule("event = \"skp\""), &["unknown event `skp`"], "did you mean `skip`?");
    let state = rule("event = \"skip\"\nin = [\"bdy\"]");
    check(&state, &["unknown state `bdy`"], "did you mean `body`?");
    let date = "extends = \"text-comma\"\n[locale]\ndate = [\"%Q.%m\"]";
    check(date, &["`%Q.%m` gives no day, month and year"], "%d.%m.%Y");
    let quotes = Dialect::parse("d.toml", "re = \"a\\s+\"", &setting()).unwrap_err().to_string();
    assert!(quotes.contains("hint: put a pattern into single quotes"), "{quotes}");
}

#[test]
fn a_pattern_that_would_take_too_much_memory_is_refused() {
    let text = "schema = 1\nid = \"x\"\n[framer]\nkind = \"text\"\n[[rule]]\nevent = \"skip\"\nre = '(?:\\w{100}){100}'";
    assert!(
        mistakes(text)[0].starts_with("7:6 bad pattern: larger than 1048576 bytes"),
        "{:?}",
        mistakes(text)
    );
}

#[test]
fn parts_that_stand_in_each_other_without_end_are_refused() {
    let head = "schema = 1\nid = \"x\"\n[framer]\nkind = \"text\"\n[[rule]]\nevent = \"skip\"\n";
    let own = "re = '%{a}'\n[words]\na = 'x%{a}'";
    assert_eq!(mistakes(&format!("{head}{own}")), ["7:6 bad pattern: `%{a}` contains itself"]);
    let levels: Vec<String> =
        (0..7).map(|n| format!("w{n} = '{}'", format!("%{{w{}}}", n + 1).repeat(20))).collect();
    let many = format!("{head}re = '%{{w0}}'\n[words]\n{}\nw7 = 'x'", levels.join("\n"));
    assert_eq!(mistakes(&many), ["7:6 bad pattern: longer than 65536 bytes with its parts"]);
}

#[test]
fn a_file_may_extend_a_built_in_dialect_by_what_differs() {
    let text = "schema = 1\nid = \"shop\"\nextends = \"text-generic\"\n[locale]\ndecimal = \",\"\ngroup = \".\"\n\
        [[rule]]\nevent = \"total\"\nin = [\"body\"]\nre = '^ENDBETRAG:: %{money:amount}$'";
    let facts =
        read(Dialect::parse("d", text, &setting()).unwrap(), &["KAFFEE  2,50", "ENDBETRAG:: 2,50"]);
    assert!(facts.contains(&PosFact::Total(250)), "{facts:?}");
}

#[test]
fn the_setting_overrides_the_decimal_sign_and_the_currency_decides_the_decimals() {
    let with = |decimal, currency: &str| {
        let setting = Setting { currency: Currency::new(currency).unwrap(), decimal };
        Dialect::builtin("text-generic", &setting).unwrap().unwrap()
    };
    let cases = [
        (Some(','), "EUR", "TOTAL 1.234,56", 123_456),
        (None, "EUR", "TOTAL 1,234.56", 123_456),
        (None, "KWD", "TOTAL 1.234", 1234),
        (None, "JPY", "TOTAL ¥1,234", 1234),
    ];
    for (decimal, currency, line, total) in cases {
        let facts = read(with(decimal, currency), &[line]);
        assert!(facts.contains(&PosFact::Total(total)), "{line}: {facts:?}");
    }
}

#[test]
fn every_pattern_of_every_built_in_dialect_compiles_in_every_kind_of_locale() {
    let check = |id: &str, text: &str, currency: &str, decimal| {
        let setting = Setting { currency: Currency::new(currency).unwrap(), decimal };
        let dialect = Dialect::parse(id, text, &setting);
        assert!(dialect.is_ok(), "{id} {currency}: {}", dialect.unwrap_err());
    };
    for (id, text) in BUILTIN {
        check(id, text, "EUR", None);
    }
    for (currency, decimal) in [("CHF", None), ("JPY", None), ("HUF", Some(','))] {
        check("us", builtin_source("us").unwrap(), currency, decimal);
    }
}

#[test]
fn marks_inside_a_journal_begin_and_end_receipts() {
    let text = "schema = 1\nid = \"x\"\nextends = \"text-generic\"\n[receipt]\nstart = '^STORE'\n\
        end = { match = '^BYE', extra_lines = 1 }";
    let lines = ["STORE", "TEA  1.00", "STORE", "TEA  1.00", "BYE", "SEE YOU", "TEA  1.00"];
    let facts = read(Dialect::parse("d", text, &setting()).unwrap(), &lines);
    let ends = facts.iter().filter(|fact| matches!(fact, PosFact::End(_))).count();
    assert_eq!(ends, 3, "{facts:?}");
}

/// What a dialect makes of lines and their end.
fn read(dialect: Dialect, lines: &[&str]) -> Vec<PosFact> {
    let mut grammar = Grammar::new(Arc::new(dialect));
    let mut facts = Vec::new();
    for line in lines {
        let line = LayoutLine { text: (*line).to_owned(), ..LayoutLine::default() };
        grammar.step(DocumentFact::Line(line), &mut facts);
    }
    grammar.step(DocumentFact::End(DocumentEnd::Cut), &mut facts);
    facts
}

proptest! {
    #[test]
    fn no_lines_make_a_grammar_panic_or_lose_the_end(
        lines in prop::collection::vec(line(), 0..20)
    ) {
        let mut grammar = Grammar::new(Arc::clone(&GENERIC));
        let mut facts = Vec::new();
        for text in &lines {
            let line = LayoutLine { text: text.clone(), ..LayoutLine::default() };
            grammar.step(DocumentFact::Line(line), &mut facts);
        }
        grammar.step(DocumentFact::End(DocumentEnd::Cut), &mut facts);
        let ends = facts.iter().filter(|fact| matches!(fact, PosFact::End(_))).count();
        prop_assert!(ends <= 1);
    }

    #[test]
    fn no_line_makes_columns_panic(line in "\\PC{0,60}", from in 1usize..40, width in 1usize..40) {
        let to = from + width;
        let text = format!(
            "schema = 1\nid = \"x\"\n[framer]\nkind = \"text\"\n[[rule]]\nevent = \"total\"\n\
             cols = {{ desc = \"{from}-{to}\", amount = \"{}-\" }}",
            to + 1
        );
        let facts = read(Dialect::parse("d", &text, &setting()).unwrap(), &[&line]);
        prop_assert!(facts.len() <= 2, "{facts:?}");
    }

    #[test]
    fn no_file_makes_the_loader_panic(text in "\\PC{0,200}") {
        let _ = Dialect::parse("d", &text, &setting());
    }
}

/// Receipt words, numbers and noise in any order.
fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("TOTAL".to_owned()),
        Just("CASH".to_owned()),
        Just("GST".to_owned()),
        Just("x".to_owned()),
        Just("VOID".to_owned()),
        Just("DISCOUNT".to_owned()),
        Just("CHANGE".to_owned()),
        Just("-1.00".to_owned()),
        Just("2".to_owned()),
        "[0-9]{1,12}[.,][0-9]{1,3}",
        "\\PC{0,12}",
    ];
    prop::collection::vec(word, 0..6).prop_map(|words| words.join(" "))
}

static GENERIC: LazyLock<Arc<Dialect>> =
    LazyLock::new(|| Arc::new(Dialect::builtin("text-generic", &setting()).unwrap().unwrap()));
