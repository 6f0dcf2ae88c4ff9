//! What rules make of lines, barcodes and drawer kicks.

use std::fmt::Write as _;

use super::*;
use crate::decode::Item;

const HEAD: &str = "schema = 1\nid = \"x\"\n[framer]\nkind = \"text\"\n[locale]\ngroup = \",\"\n\
    date = [\"%d/%m/%Y\", \"%m/%d/%y\"]\n";

/// What a file with these rules makes of a document. `[…]` is a barcode, `^L` an end.
pub(super) fn facts(rules: &str, document: &str) -> Vec<PosFact> {
    let dialect = Dialect::parse("d", &format!("{HEAD}{rules}"), &setting());
    let mut grammar = Grammar::new(Arc::new(dialect.unwrap_or_else(|error| panic!("{error}"))));
    let mut facts = Vec::new();
    for line in document.lines() {
        let barcode = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        let fact = match (line, barcode) {
            ("^L", _) => DocumentFact::End(DocumentEnd::Cut),
            (_, Some(data)) => DocumentFact::Barcode { symbology: "QR", data: data.to_owned() },
            (line, None) => {
                DocumentFact::Line(LayoutLine { text: line.to_owned(), ..LayoutLine::default() })
            }
        };
        grammar.step(fact, &mut facts);
    }
    facts
}

/// Facts in few words, for comparing many at once.
fn told(facts: &[PosFact]) -> String {
    let mut text = String::new();
    for fact in facts {
        let Item { description, sku, quantity_milli, unit_price, amount, .. } = match fact {
            PosFact::Item(item) | PosFact::Deposit(item) => item.clone(),
            _ => Item::default(),
        };
        let kind = if matches!(fact, PosFact::Deposit(_)) { "deposit" } else { "item" };
        let line = match (fact, fact.short()) {
            (_, Some(short)) => short,
            (PosFact::Item(_) | PosFact::Deposit(_), _) => format!(
                "{kind} {} {description}: {quantity_milli} x {} = {amount}",
                sku.as_deref().unwrap_or("-"),
                unit_price.map_or("-".to_owned(), |price| price.to_string())
            ),
            (fact, _) => format!("{fact:?}"),
        };
        writeln!(text, "{line}").unwrap();
    }
    text
}

pub(super) fn check(rules: &str, document: &str, expected: &[&str]) {
    let found = told(&facts(rules, document));
    assert_eq!(found.lines().collect::<Vec<_>>(), expected, "{rules}\n{document}");
}

const COLUMNS: &str = "[[rule]]\nevent = \"total\"\nre = '^TOTAL %{money:amount}$'\n[[rule]]\nevent = \"item\"\n\
    cols = { desc = \"1-12\", qty = \"13-16\", unit = \"17-22\", amount = \"23-\" }\n";

#[test]
fn columns_read_what_stands_between_their_borders() {
    let lines = "\
TEA GREEN      2  2.50    5.00
BREAD                     3.20
TOTAL 8.20
LONGER THAN COLUMNS       1.00
TEA            x  2.50    5.00
TEA            2  2.50      5
BAG            1,200.00  1,200.00
";
    check(
        COLUMNS,
        lines,
        &[
            "item - TEA GREEN: 2000 x 250 = 500",
            "item - BREAD: 1000 x - = 320",
            "Total(820)",
            "Unmatched(\"LONGER THAN COLUMNS       1.00\")",
            "Unmatched(\"TEA            x  2.50    5.00\")",
            "Unmatched(\"TEA            2  2.50      5\")",
        ],
    );
    // Leading spaces and frames count as columns do.
    check(COLUMNS, "|TEA        |  2| 2.50|   5.00|\nX", &["item - TEA: 2000 x 250 = 500"]);
}

#[test]
fn a_rule_may_say_on_which_line_the_name_of_its_article_stands() {
    let with = |continues: &str, lines: &str, expected: &[&str]| {
        let amounts = "re = '^%{int:qty} x %{money:unit} %{money:amount}$'";
        let rule = format!("[[rule]]\nevent = \"item\"\n{continues}{amounts}\n");
        check(&rule, lines, expected);
    };
    let lines = "SHOP\nTEA\n2 x 1.00 2.00\nBREAD\n1 x 3.00 3.00\nBYE\n^L";
    let before = "continues = \"previous_line\"\n";
    let shop = "Unmatched(\"SHOP\")";
    let bye = "Unmatched(\"BYE\")";
    let two = ["item - TEA: 2000 x 100 = 200", "item - BREAD: 1000 x 300 = 300"];
    with(before, lines, &[shop, two[0], two[1], bye, "End(Cut)"]);
    let after = "continues = \"next_line\"\n";
    let next = ["item - BREAD: 2000 x 100 = 200", "item - BYE: 1000 x 300 = 300"];
    with(after, lines, &[shop, "Unmatched(\"TEA\")", next[0], next[1], "End(Cut)"]);
    // Unsaid, the first article decides.
    with("", lines, &[shop, two[0], two[1], bye, "End(Cut)"]);
}

#[test]
fn two_numbers_that_do_not_make_the_amount_are_the_size_of_what_is_sold() {
    let rules = "[[rule]]\nevent = \"item\"\nre = ['^%{desc} %{qty:qty} x %{price:unit} +%{money:amount}$', '^%{desc} +%{money:amount}$']\n\
        [words]\ndesc = '(?P<desc>[a-z].*?)'\n";
    for (line, expected) in [
        ("WATER 6 x 1.5  9.00", "item - WATER: 6000 x 150 = 900"),
        ("WATER 6 x 1.5  1.14", "item - WATER 6 x 1.5: 1000 x - = 114"),
        // With all its decimals it is a price, whatever was taken off since.
        ("WATER 6 x 1.50  8.00", "item - WATER: 6000 x 150 = 800"),
    ] {
        check(rules, &format!("{line}\n^L"), &[expected, "End(Cut)"]);
    }
}

#[test]
fn a_name_keeps_what_it_captured_until_its_amounts_come() {
    let rules = "[[rule]]\nevent = \"item\"\nre = '^ *(?P<desc>BIG )?%{int:qty} x %{money:unit} %{money:amount}$'\n\
        [[rule]]\nevent = \"name\"\nre = '^(?P<sku>\\d{4}) (?P<desc>.+?) (?P<tax>[A-Z])$'\n";
    let lines = "1001 TEA A\n2 x 1.00 2.00\n1002 BREAD B\n1003 JAM A\nBIG 1 x 3.00 3.00\n^L";
    let found = facts(rules, lines);
    assert_eq!(
        told(&found).lines().collect::<Vec<_>>(),
        [
            "item 1001 TEA: 2000 x 100 = 200",
            "Unmatched(\"1002 BREAD B\")",
            "Unmatched(\"1003 JAM A\")",
            "item - BIG: 1000 x 300 = 300",
            "End(Cut)",
        ]
    );
    let PosFact::Item(tea) = &found[0] else { panic!("{found:?}") };
    assert_eq!(tea.tax_code.as_deref(), Some("A"));
    let explicit =
        rules.replace("event = \"item\"", "event = \"item\"\ncontinues = \"previous_line\"");
    let found = told(&facts(&explicit, lines));
    assert!(found.contains("item 1003 JAM BIG: 1000 x 300 = 300"), "{found}");
}

#[test]
fn a_name_too_long_for_its_line_goes_on_below_its_amount() {
    let rules = "[[rule]]\nevent = \"item\"\nre = '^(?P<desc>.+?)\\s+%{money:amount}$'\ngoto = \"body\"\n\
        [[rule]]\nevent = \"wrap\"\nin = [\"body\"]\nre = '^(?P<desc>[^\\d]+)$'\n";
    let lines = "SHOP\nGREEN TEA WITH 5.00\nLEMON AND\nHONEY\nBREAD 1.00\n^L\nBYE\n^L";
    let items =
        ["item - GREEN TEA WITH LEMON AND HONEY: 1000 x - = 500", "item - BREAD: 1000 x - = 100"];
    let (shop, bye, end) = ("Unmatched(\"SHOP\")", "Unmatched(\"BYE\")", "End(Cut)");
    check(rules, lines, &[shop, items[0], items[1], end, bye, end]);
}

#[test]
fn a_printed_moment_is_passed_on_as_it_is_whatever_the_clocks_did() {
    // No zone: the hour that a change of clocks skips, and the one that it repeats, are hours like all others.
    let rules = "[[rule]]\nevent = \"printed_at\"\nre = '^%{date:date} %{time:time}$'\n";
    for (line, expected) in [
        ("29/03/2026 02:30", "PrintedAt(\"2026-03-29T02:30:00\")"),
        ("25/10/2026 02:30", "PrintedAt(\"2026-10-25T02:30:00\")"),
        ("31/12/2026 23:59:59", "PrintedAt(\"2026-12-31T23:59:59\")"),
        ("12/31/26 00:00", "PrintedAt(\"2026-12-31T00:00:00\")"),
        ("11/21/68 00:00", "PrintedAt(\"2068-11-21T00:00:00\")"),
    ] {
        check(rules, &format!("{line}\n^L"), &[expected, "End(Cut)"]);
    }
    check(rules, "30/02/2026 00:00\n^L", &["End(Cut)"]);
}

#[test]
fn what_a_drawer_kick_alone_means_is_the_dialects_to_say() {
    let kick = |rules: &str| Dialect::parse("d", &format!("{HEAD}{rules}"), &setting());
    let after = |rules: &str| kick(rules).unwrap().no_sale_after.map(|after| after.as_millis());
    let rule = "[[rule]]\non = \"drawer_kick\"\n";
    assert_eq!(after(""), Some(crate::limits::KICK_WINDOW.as_millis()));
    assert_eq!(after(&format!("{rule}event = \"skip\"\n")), None);
    let within =
        "event = \"no_sale\"\nunless_within = { event = \"receipt_created\", ms = 2500 }\n";
    assert_eq!(after(&format!("{rule}{within}")), Some(2500));
    // The first one counts.
    assert_eq!(after(&format!("{rule}event = \"skip\"\n{rule}{within}")), None);
}

#[test]
fn a_receipts_identity_may_be_part_of_what_is_printed() {
    let key =
        |text: &str| Dialect::parse("d", &HEAD.replace("[locale]", text), &setting()).unwrap().key;
    assert_eq!(key("[locale]"), Key::default());
    let some = key("[receipt]\nkey = [\"number\", \"total\"]\n[locale]");
    assert_eq!(some, Key { terminal: false, printed_at: false, ..Key::default() });
}

#[test]
fn samples_are_listed_in_the_order_of_the_file() {
    let text = "[[sample]]\nfile = \"s/a.bin\"\nevents = \"s/a.jsonl\"\n[[sample]]\ntext = '''\nTEA 1.00\n'''\nevents = \"b.jsonl\"\n";
    let samples = Dialect::parse("d", &format!("{HEAD}{text}"), &setting()).unwrap().samples;
    let found: Vec<(&SampleInput, &str)> =
        samples.iter().map(|sample| (&sample.input, sample.events.as_str())).collect();
    let file = SampleInput::File("s/a.bin".into());
    let journal = SampleInput::Text("TEA 1.00\n".into());
    assert_eq!(found, [(&file, "s/a.jsonl"), (&journal, "b.jsonl")]);
}

#[test]
fn mistakes_in_rules_and_samples_are_told_with_their_places() {
    let text = r#"
[receipt]
key = ["number", "weather"]
[[rule]]
event = "item"
re = '^%{money:amount}$'
cols = { amount = "1-" }
[[rule]]
event = "item"
cols = { colour = "1-4", desc = "4-1", amount = "3-" }
[[rule]]
event = "item"
cols = { desc = "1-10", amount = "9-" }
[[rule]]
event = "item"
cols = { desc = "1-10" }
[[rule]]
event = "total"
continues = "previous_line"
re = '^%{money:amount}$'
[[rule]]
event = "stock"
re = '^(?P<sku>\d+)$'
unless_within = { event = "receipt_created", ms = 1 }
[[rule]]
event = "order"
set = { mode = "fly" }
re = '^(?P<number>\d+)$'
[[rule]]
on = "barcode"
event = "number"
cols = { number = "1-" }
[[rule]]
on = "drawer_kick"
event = "total"
re = 'x'
unless_within = { event = "rain", ms = 0 }
[[rule]]
on = "radio"
event = "skip"
re = 'x'
[[sample]]
file = "../a.bin"
text = "x"
[[sample]]
text = "x"
events = "/etc/passwd"
"#;
    let mut lines = mistakes(&format!("schema = 1\nid = \"x\"\n[framer]\nkind = \"text\"{text}"));
    lines.iter_mut().for_each(|line| line.truncate(90));
    expect_test::expect![[r#"
        6:18 unknown part of a receipt's identity `weather`
        7:1 a rule needs either `re` or `cols`
        13:10 unknown capture `colour`
        13:33 `4-1` are no columns
        14:1 the columns of `desc` and `amount` overlap
        17:1 event `item` needs `amount`
        22:13 only an article continues on another line
        24:1 `unless_within` is for drawer kicks
        24:1 the rule needs `set.reason`
        30:16 unknown order mode `fly`
        32:1 a barcode has no columns
        36:1 a drawer kick alone is a `no_sale` or nothing
        39:6 a drawer kick has no text to match `x`
        40:27 unknown event `rain`
        40:40 `ms` must be 1 to 600000
        42:6 unknown source `radio`
        45:1 a sample needs `events`
        45:1 a sample needs either `file` or `text`
        50:10 `/etc/passwd` is not in the dialect's folder"#]]
    .assert_eq(&lines.join("\n"));
}
