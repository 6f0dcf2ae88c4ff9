//! Golden samples of dialects: `tillgate check` replays them and refuses a dialect that no longer yields them.

use std::path::Path;
use std::process::Command;

const DIALECT: &str = r#"schema = 1
id = "shop"
extends = "text-comma"
[[sample]]
file = "bon.txt"
events = "bon.jsonl"
[[sample]]
text = '''
Käse  3,00
Total  3,00
Bar  3,00
'''
events = "kaese.jsonl"
"#;

/// Runs `check --dialect shop.toml` in `folder`; the exit code and all that is said.
fn check(folder: &Path, flags: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tillgate"));
    let command = command.current_dir(folder).args(["check", "--dialect", "shop.toml"]).args(flags);
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

#[test]
fn a_dialect_that_no_longer_yields_its_samples_is_refused_with_the_difference() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "shop.toml", DIALECT);
    write(folder, "bon.txt", "Tee  2,50\nTotal  2,50\nBar  2,50\n");
    let (code, said) = check(folder, &[]);
    assert_eq!(code, Some(78));
    assert!(said.contains("shop.toml:4:1: error: bon.jsonl cannot be read"), "{said}");
    let (code, said) = check(folder, &["--accept"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("bon.jsonl: written"), "{said}");
    let (code, said) = check(folder, &[]);
    assert_eq!((code, said.as_str()), (Some(0), "shop.toml is right, with 2 golden samples\n"));
    assert!(std::fs::read_to_string(folder.join("kaese.jsonl")).unwrap().contains("Käse"));

    let changed = "[tenders]\nOTHER = 'bar'\n[[sample]]\nfile";
    write(folder, "shop.toml", &DIALECT.replacen("[[sample]]\nfile", changed, 1));
    let (code, said) = check(folder, &[]);
    assert_eq!(code, Some(78));
    for part in [
        "shop.toml:6:1: error: `bon.txt` does not yield `bon.jsonl`: event ",
        "shop.toml:9:1: error: the sample's text does not yield `kaese.jsonl`: event ",
        "    - payload.tender_type: \"CASH\"\n    + payload.tender_type: \"OTHER\"",
        "2 mistakes to mend",
    ] {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    let (code, said) = check(folder, &["--json"]);
    let outcome: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &outcome["ok"]), (Some(78), &false.into()));
    assert_eq!(outcome["mistakes"][0]["line"], 6);
}

#[test]
fn a_card_number_in_a_dialect_or_its_samples_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "bon.txt", "Tee  2,50\nTotal  2,50\nBar  2,50\n");
    let sample = "[[sample]]\nfile = \"bon.txt\"\nevents = \"bon.jsonl\"\n";
    write(
        folder,
        "bon.jsonl",
        r#"{"event_type":"receipt_created","payload":{"total":4539573893556710}}"#,
    );
    let head = "schema = 1\nid = \"shop\"\nextends = \"text-comma\"\n";
    for rest in [
        sample,
        "[[rule]]\nre = '^CARD (4539573893556710$'\nevent = \"skip\"\n",
        "[[rule]]\nre = '^A'\nevent = \"4539 5738 9355 6710\"\n",
    ] {
        write(folder, "shop.toml", &format!("{head}{rest}"));
        for flags in [&[][..], &["--json"]] {
            let (code, said) = check(folder, flags);
            assert_eq!(code, Some(78), "{said}");
            assert!(said.contains("6710") && !said.contains("4539"), "{said}");
        }
    }
}

#[test]
fn a_configuration_is_refused_for_the_samples_of_its_dialects() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    write(folder.path(), "shop.toml", DIALECT);
    write(folder.path(), "bon.txt", "Tee  2,50\n");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("firmware-config/tillgate.toml");
    assert!(sample.exists());
    let config = format!(
        "[gateway]\nid = \"gw-1\"\ntenant = \"acme\"\nstore_id = 7\ntimezone = \"Europe/Berlin\"\n\
         currency = \"EUR\"\ndata_dir = \"{}\"\n[mqtt]\nurl = \"mqtt://localhost\"\n\
         [[serial]]\nname = \"till-1\"\nport = \"/dev/null\"\nbaud = 9600\ndialect = \"{}\"\n",
        folder.path().display(),
        path("shop.toml").display()
    );
    write(folder.path(), "tillgate.toml", &config);
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tillgate"));
        let output = command.arg("check").arg(path("tillgate.toml")).output().unwrap();
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (code, said) = run();
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("bon.jsonl cannot be read"), "{said}");
    check(folder.path(), &["--accept"]);
    let (code, said) = run();
    assert_eq!(code, Some(0), "{said}");
}
