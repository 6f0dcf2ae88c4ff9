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

const MACHINE: &str = r#"schema = 1
id = "machine"
[framer]
kind = "line"
[locale]
decimal = "."
[fields]
separator = ";"
[[record]]
match = { field = 0, is = "H" }
event = "number"
starts = true
fields = { number = 1 }
[[record]]
match = { field = 0, is = "I" }
event = "item"
fields = { desc = 1, qty = 2, unit = { at = 3, minor = true } }
[[record]]
match = { field = 0, is = "T" }
event = "total"
fields = { amount = { at = 1, minor = true } }
[[record]]
match = { field = 0, is = "P" }
event = "tender"
set = { tender = "CASH" }
fields = { amount = { at = 1, minor = true } }
[[record]]
match = { field = 0, is = "Z" }
ends = true
"#;

/// Runs `replay` with a dialect on what a machine said.
fn explained_machine(dialect: &str, said: &[u8], flags: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("machine.toml"), MACHINE).unwrap();
    std::fs::write(folder.path().join("said.bin"), said).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .current_dir(folder.path())
        .args(["replay", "said.bin", "--dialect", dialect])
        .args(flags)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn each_record_of_a_machine_tells_its_field_map_and_its_receipt_what_is_wrong() {
    let said = b"H;7\nI;TEA;2;250\nX;what\nT;510\nP;500\nZ\nH;8\nI;BREAD;1;320\nT;320\nP;320\nZ\n";
    let found = explained_machine("machine.toml", said, &["--explain"]);
    let squeezed: Vec<String> =
        found.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let expected = "H | 7 number machine.toml:9
I | TEA | 2 | 250 item machine.toml:14
X | what ! nobody
T | 510 total machine.toml:18
P | 500 tender machine.toml:22
Z end machine.toml:27
= receipt till-1-20260101-7, 1 lines, total 5.10: checks failed
lines_sum_equals_total: 5.00 instead of 5.10, off by -0.10
tenders_minus_change_equals_total: 5.00 instead of 5.10, off by -0.10
H | 8 number machine.toml:9
I | BREAD | 1 | 320 item machine.toml:14
T | 320 total machine.toml:18
P | 320 tender machine.toml:22
Z end machine.toml:27
= receipt till-1-20260101-8, 1 lines, total 3.20: checks passed

10 lines by rules, 0 ignored, 1 by nobody; 2 receipts, 1 with failed checks";
    assert_eq!(squeezed, expected.lines().collect::<Vec<_>>(), "{found}");
    let lines = explained_machine("machine.toml", said, &["--lines"]);
    assert!(lines.starts_with("H | 7\nI | TEA | 2 | 250\nX | what\n"), "{lines}");
    let json = explained_machine("machine.toml", said, &["--explain", "--json"]);
    let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!((&first["fate"], &first["rules"][0]["line"]), (&"rule".into(), &9.into()));
}

#[test]
fn no_device_is_explained_in_the_words_of_its_source_code() {
    let check = |dialect: &str, said: &[u8], flags: &[&str], expected: &[&str]| {
        let found = explained_machine(dialect, said, flags);
        for text in expected {
            assert!(found.contains(text), "{dialect}: {text} is not in {found}");
        }
        for debug in ["Some(", "None", "{ ", "Fact"] {
            assert!(!found.contains(debug), "{dialect}: {debug} is in {found}");
        }
    };
    for view in ["--explain", "--lines"] {
        let zvt = super::devices::payment();
        let told =
            ["[payment asked for 1000 EUR]", "[payment approved 1000 EUR", "[payment completed]"];
        check("zvt", &zvt, &[view], &told);
        check(
            "scanner-aim",
            b"]E04006381333931\r",
            &[view],
            &["[scan EAN13 4006381333931 article 04006381333931]"],
        );
        check("scale-toledo-8217", b"\x0201.250\r", &[view], &["[scale 1250 g, at rest]"]);
    }
    let read = ["barcode_scanned", "04006381333931"];
    check("scanner-aim", b"]E04006381333931\r", &["--explain"], &read);
    check("scale-toledo-8217", b"\x0201.250\r", &["--explain"], &["= weight_measured 1250 g"]);
}

#[test]
fn digits_of_another_script_are_read_and_their_lines_told() {
    let found = explained("شاي   ٢٫٥٠\nTOTAL   ٢٫٥٠\nCASH   ٢٫٥٠\nرقم ٧\n", &["--explain"]);
    assert!(found.contains("checks passed") && found.contains("total 2.50"), "{found}");
    let last = found.lines().find(|line| line.starts_with("رقم ٧")).unwrap();
    assert!(last.ends_with("! nobody"), "{found}");
}

#[test]
fn frames_whose_check_never_holds_are_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let dialect = "schema = 1\nid = \"x\"\nextends = \"stx-etx-lrc\"\n";
    std::fs::write(folder.path().join("x.toml"), dialect).unwrap();
    std::fs::write(folder.path().join("said.bin"), b"\x02H;7\x03\x00\x02H;8\x03\x00").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .current_dir(folder.path())
        .args(["replay", "said.bin", "--dialect", "x.toml"])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(65), "{told}");
    for part in ["2 with a wrong check", "no check held at all", "tillgate learn"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
}
