//! `tillgate replay --explain`: what each line became and why a receipt fails its checks.

use std::path::Path;
use std::process::{Command, Output};

const DIALECT: &str = r#"schema = 1
id = "shop"
[framer]
kind = "text"
[locale]
decimal = ","
[receipt]
start = '^shop$'
ignore = '^-+$'
[receipt.flags]
training = '^training$'
[tenders]
CASH = 'bar'
[[rule]]
event = "number"
more = true
re = 'bon (?P<number>\d+)'
[[rule]]
event = "terminal"
more = true
re = 'kasse (?P<terminal>\d+)'
[[rule]]
event = "total"
re = ['^summe %{money:amount}$', '^total %{money:amount}$']
[[rule]]
event = "tender"
re = '^%{tender:tender} %{money:amount}$'
[[rule]]
event = "item"
re = '^%{money:amount}$'
[[rule]]
event = "item"
re = '^(?P<desc>\S+) %{money:amount}$'
"#;

const JOURNAL: &str = "SHOP
Bon 7 Kasse 2
---
WHATEVER
Tee
2,50
Brot 3,20
TOTAL 5,80
Bar 5,80
\x0cSHOP
TRAINING
Tee 2,50
SUMME 2,50
Bar 2,00
";

/// Runs `replay` on the journal with flags.
fn replay(folder: &Path, journal: &str, flags: &[&str]) -> Output {
    std::fs::write(folder.join("shop.toml"), DIALECT).unwrap();
    std::fs::write(folder.join("journal.txt"), journal).unwrap();
    let args = ["replay", "journal.txt", "--dialect", "shop.toml", "--explain"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_tillgate"));
    command.current_dir(folder).args(args).args(flags).output().unwrap()
}

#[test]
fn each_line_tells_its_rule_and_each_receipt_what_is_wrong_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let output = replay(folder.path(), JOURNAL, &[]);
    assert_eq!(output.status.code(), Some(0));
    let found = String::from_utf8(output.stdout).unwrap();
    let squeezed: Vec<String> =
        found.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let expected = "SHOP ! nobody
Bon 7 Kasse 2 number shop.toml:17, terminal shop.toml:21
--- ignored
WHATEVER ! nobody
Tee name of the next article
2,50 item shop.toml:30
Brot 3,20 item shop.toml:33
TOTAL 5,80 total shop.toml:24
Bar 5,80 tender shop.toml:27
= receipt 2-20260101-7, 2 lines, total 5.80: checks failed
lines_sum_equals_total: 5.70 instead of 5.80, off by -0.10
SHOP ! nobody
TRAINING training (flag training)
Tee 2,50 item shop.toml:33
SUMME 2,50 total shop.toml:24
Bar 2,00 tender shop.toml:27
= receipt till-1-20260101-0002, 1 lines, total 2.50: checks failed
tenders_minus_change_equals_total: 2.00 instead of 2.50, off by -0.50

10 lines by rules, 1 ignored, 3 by nobody; 2 receipts, 2 with failed checks";
    let expected: Vec<&str> = expected.lines().collect();
    // Ids without a printed number are made of a hash.
    let same = |(found, expected): (&String, &&str)| {
        found == expected
            || (found.starts_with("= receipt")
                && found.split(',').skip(1).eq(expected.split(',').skip(1)))
    };
    assert_eq!(squeezed.len(), expected.len(), "{found}");
    assert!(squeezed.iter().zip(&expected).all(same), "{found}");
}

#[test]
fn with_json_there_is_an_object_a_line_and_one_a_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let output = replay(folder.path(), JOURNAL, &["--json"]);
    let found = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<serde_json::Value> =
        found.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let fates: Vec<&str> = lines.iter().filter_map(|line| line["fate"].as_str()).collect();
    let expected = [
        "nobody", "rule", "ignored", "nobody", "name", "rule", "rule", "rule", "rule", "nobody",
        "rule", "rule", "rule", "rule",
    ];
    assert_eq!(fates, expected, "{found}");
    assert_eq!(lines[1]["rules"][1]["event"], "terminal");
    assert_eq!(lines[1]["rules"][1]["line"], 21);
    let failed: Vec<_> = lines.iter().filter_map(|line| line["failed"].as_array()).collect();
    assert_eq!(failed[0][0]["check"], "lines_sum_equals_total");
    assert_eq!((&failed[0][0]["off"], &failed[1][0]["off"]), (&(-10).into(), &(-50).into()));
    assert_eq!(lines.last().unwrap()["document"], 2);
}

#[test]
fn rules_of_a_dialect_that_is_extended_are_told_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.txt");
    std::fs::write(&journal, "TEA  2.50\nTOTAL  2.50\nCASH  2.50\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["replay", journal.to_str().unwrap(), "--explain", "--dialect", "text-generic"])
        .output()
        .unwrap();
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(found.contains("total escpos-generic:"), "{found}");
    assert!(found.contains("checks passed"), "{found}");
}

/// What `--explain` says of a journal in a built-in dialect.
fn explained(journal: &str, flags: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.txt");
    std::fs::write(&file, journal).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .args(["replay", file.to_str().unwrap(), "--dialect", "text-generic"])
        .args(flags)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn amounts_with_the_other_decimal_sign_are_hinted_at() {
    let journal = "LADEN\nTee  2,50\nBrot  3,20\nSUMME  5,70\nBAR  5,70\n";
    let found = explained(journal, &["--explain"]);
    assert!(found.contains("! 4 lines end in amounts with `,`: try --decimal ,"), "{found}");
    assert!(explained(journal, &["--explain", "--json"]).contains("\"hint\":\"4 lines end"));
    assert!(explained(journal, &[]).contains("unparsed_document: [amounts are written with `,`"));
    let event = explained(journal, &["--json"]);
    assert!(event.contains("[amounts are written with `,`") && event.contains("Brot  3,20"));
    let right = explained(journal, &["--explain", "--decimal", ","]);
    assert!(right.contains("checks passed") && !right.contains("try --decimal"), "{right}");
}

#[test]
fn a_date_in_the_other_order_is_told() {
    let paper = |date: &str| format!("{date} 03:45 PM\nTEA  2.00\nTOTAL  2.00\nCASH  2.00\n");
    let turned = explained(&paper("11/21/2026"), &["--explain"]);
    assert!(turned.contains("(day and month stand in the other order"), "{turned}");
    assert!(explained(&paper("11/21/2026"), &["--json"]).contains("\"2026-11-21T15:45:00\""));
    let none = explained(&paper("31/31/2026"), &["--explain", "--json"]);
    assert!(none.contains("\"note\":\"the date fits none of `date` in `[locale]`\""), "{none}");
    let right = explained(&paper("21/11/2026"), &["--explain", "--json"]);
    assert!(!right.contains("note"), "{right}");
}

#[test]
fn a_receipt_without_articles_is_not_off_by_nothing() {
    let found = explained("TOTAL  2.00\nCASH  2.00\n", &["--explain"]);
    assert!(found.contains("lines_sum_equals_total: no article was read"), "{found}");
}
