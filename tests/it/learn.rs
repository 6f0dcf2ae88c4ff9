//! A till that no dialect knows: recorded, learnt, edited where the proposal says so, and read.

use std::path::Path;
use std::process::Command;

use crate::capture::Listening;

/// Runs the binary in `folder`; its exit code, output and errors.
fn tillgate(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tillgate"))
        .current_dir(folder)
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn money(cents: i64) -> String {
    format!("{},{:02}", cents / 100, cents % 100)
}

/// A sale of a till in a language that nobody speaks: what was bought, and what was given (0: a card).
struct Sale(&'static [(&'static str, i64, i64)], i64);

const SALES: &[Sale] = &[
    Sale(&[("Tejo Grano", 2, 249), ("Hlebo", 1, 320)], 1000),
    Sale(&[("Mlako 1L", 3, 115)], 0),
    Sale(&[("Siro Goda", 1, 799), ("Hlebo", 2, 320), ("Tejo Grano", 1, 249)], 2000),
    Sale(&[("Jabko", 6, 45)], 300),
    Sale(&[("Vodo", 1, 90), ("Siro Goda", 1, 799)], 0),
];

/// All receipts, in ESC/POS.
fn paper() -> Vec<u8> {
    let mut paper = Vec::new();
    for (number, Sale(lines, given)) in (711..).zip(SALES) {
        let mut text = format!(
            "\x1b@\x1bE\x01KRUMPELS DUKO\n\x1bE\x00Zegno # {number}   Kesso 3\n21.11.2026 14:05\n"
        );
        text += "--------------------------------\n";
        let mut total = 0;
        for (name, pieces, price) in *lines {
            total += pieces * price;
            text += &format!("{name} <{pieces}~{}> = {}\n", money(*price), money(pieces * price));
        }
        text += &format!("VUMMA ...... {}\n", money(total));
        text += &match given {
            0 => format!("Kartiko ...... {}\n", money(total)),
            given => {
                format!("Plenko ...... {}\nVrato ...... {}\n", money(*given), money(given - total))
            }
        };
        text += "Blagodo i privo\n\x1dV\x00";
        paper.extend_from_slice(text.as_bytes());
    }
    paper
}

/// What the events say of each receipt: number, register, articles, total and payments.
fn told(events: &str) -> Vec<String> {
    let events: Vec<serde_json::Value> =
        events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut told: Vec<String> = Vec::new();
    for event in &events {
        let payload = &event["payload"];
        let last = || told.last().cloned().unwrap_or_default();
        match event["event_type"].as_str().unwrap() {
            "receipt_created" => told.push(format!(
                "{} {} {}",
                payload["receipt_id"].as_str().unwrap(),
                payload["total"],
                payload["checks_passed"]
            )),
            "receipt_line_added" => {
                let line = last()
                    + &format!(
                        " | {} x{}",
                        payload["description"].as_str().unwrap(),
                        payload["quantity"]
                    );
                *told.last_mut().unwrap() = line;
            }
            "payment_processed" => {
                let line = last()
                    + &format!(
                        " | {} {}",
                        payload["payment_method"].as_str().unwrap(),
                        payload["amount"]
                    );
                *told.last_mut().unwrap() = line;
            }
            _ => {}
        }
    }
    told
}

/// Takes the hashes off the proposed rule below the mark that has `mark` in it.
fn take(dialect: &str, mark: &str) -> String {
    let (before, after) =
        dialect.split_once(mark).unwrap_or_else(|| panic!("{mark} is not in\n{dialect}"));
    let (block, rest) = after.split_once("\n\n").unwrap();
    format!("{before}{mark}{}\n\n{rest}", block.replace("\n# ", "\n"))
}

#[test]
fn a_till_that_nobody_knows_is_learnt_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let args = ["-o", "till.tgcap", "--baud", "9600", "--documents", "5"];
    let (code, _, said) = Listening::start(folder, "capture", &args, "recording").print(&paper());
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("Next: tillgate replay till.tgcap --dialect …, or tillgate learn till.tgcap")
    );
    let (code, _, said) = tillgate(folder, &["learn", "till.tgcap", "-o", "krum.toml"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("5 receipts pass their checks, 0 do not"), "{said}");

    // As proposed it loads, and its samples are right.
    let (code, out, said) = tillgate(folder, &["check", "--dialect", "krum.toml"]);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "krum.toml is right, with 3 golden samples\n"),
        "{said}"
    );

    // Only the marked places are edited: which number is the register, and which payment a card's.
    let file = folder.join("krum.toml");
    let dialect = std::fs::read_to_string(&file).unwrap();
    assert_eq!(dialect.matches("# CHECK").count(), 3, "{dialect}");
    let edited = take(&dialect, "numbers that never change").replace("\"OTHER\"", "\"DEBIT_CARD\"");
    std::fs::write(&file, edited).unwrap();
    let (code, _, said) = tillgate(folder, &["check", "--dialect", "krum.toml"]);
    assert_eq!(code, Some(78), "the samples are of the dialect as proposed");
    assert!(
        said.contains("- payload.terminal_id: \"till-1\"\n    + payload.terminal_id: \"3\""),
        "{said}"
    );
    let (code, _, said) = tillgate(folder, &["check", "--dialect", "krum.toml", "--accept"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, _, said) = tillgate(folder, &["check", "--dialect", "krum.toml"]);
    assert_eq!(code, Some(0), "{said}");

    let (code, events, said) =
        tillgate(folder, &["replay", "till.tgcap", "--dialect", "krum.toml", "--json"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        told(&events),
        [
            "3-20261121-711 8.18 true | Tejo Grano x2 | Hlebo x1 | CASH 10.00",
            "3-20261121-712 3.45 true | Mlako 1L x3 | DEBIT_CARD 3.45",
            "3-20261121-713 16.88 true | Siro Goda x1 | Hlebo x2 | Tejo Grano x1 | CASH 20.00",
            "3-20261121-714 2.70 true | Jabko x6 | CASH 3.00",
            "3-20261121-715 8.89 true | Vodo x1 | Siro Goda x1 | DEBIT_CARD 8.89",
        ]
    );
    let (_, out, _) = tillgate(folder, &["replay", "till.tgcap", "--dialect", "krum.toml"]);
    assert!(out.ends_with("0 other documents, 0 lines that no rule took\n"), "{out}");
}

/// What a machine says of its sales, in frames of STX, data, ETX and their XOR.
fn frames() -> Vec<u8> {
    let mut frames = Vec::new();
    for (number, Sale(lines, _)) in (711..).zip(SALES) {
        let mut records = vec![format!("N|{number}|3")];
        let mut total = 0;
        for (name, pieces, price) in *lines {
            total += pieces * price;
            records.push(format!("A|{name}|{}", pieces * price));
        }
        records.extend([format!("V|{total}"), format!("K|{total}|4111 1111 1111 1111")]);
        for record in records {
            let check = record.bytes().fold(3, |sum, byte| sum ^ byte);
            frames.extend([&[2], record.as_bytes(), &[3, check]].concat());
        }
    }
    frames
}

#[test]
fn a_machine_that_nobody_knows_is_learnt_at_its_port_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let args = ["-o", "machine.toml", "--documents", "1"];
    let learning = Listening::start(folder, "learn", &args, "listening at 9600 8N1");
    let (code, _, said) = learning.print(&frames());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("check = { algorithm = \"xor\" }"), "{said}");
    let (code, out, said) = tillgate(folder, &["check", "--dialect", "machine.toml"]);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "machine.toml is right, with 1 golden sample\n"),
        "{said}"
    );

    // Only the marked places are edited: which payment it is, and what the first record says.
    let file = folder.join("machine.toml");
    let dialect = std::fs::read_to_string(&file).unwrap();
    assert_eq!(dialect.matches("\n# CHECK").count(), 2, "{dialect}");
    assert!(dialect.contains("# It came last each time.\nends = true"), "{dialect}");
    assert!(!dialect.contains("4111"), "{dialect}");
    let edited = dialect
        .replace("\"OTHER\"", "\"CREDIT_CARD\"")
        .replace("event = \"skip\"", "event = \"number\"\nfields = { number = 1 }");
    std::fs::write(&file, edited).unwrap();
    let (code, _, said) = tillgate(folder, &["check", "--dialect", "machine.toml", "--accept"]);
    assert_eq!(code, Some(0), "{said}");

    // From then on it is recorded as it is understood.
    let args = ["-o", "machine.tgcap", "--dialect", "machine.toml", "--documents", "5"];
    let (code, _, said) = Listening::start(folder, "capture", &args, "recording").print(&frames());
    assert_eq!(code, Some(0), "{said}");
    let recording = std::fs::read_to_string(folder.join("machine.tgcap")).unwrap();
    assert!(recording.contains(" fields [\"N\",\"711\",\"3\"]\n"), "{recording}");
    assert!(!recording.contains("4111"), "{recording}");
    let replay = ["replay", "machine.tgcap", "--dialect", "machine.toml", "--json"];
    let (code, events, said) = tillgate(folder, &replay);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        told(&events),
        [
            "till-1-20260101-711 8.18 true | Tejo Grano x1 | Hlebo x1 | CREDIT_CARD 8.18",
            "till-1-20260101-712 3.45 true | Mlako 1L x1 | CREDIT_CARD 3.45",
            "till-1-20260101-713 16.88 true | Siro Goda x1 | Hlebo x1 | Tejo Grano x1 | CREDIT_CARD 16.88",
            "till-1-20260101-714 2.70 true | Jabko x1 | CREDIT_CARD 2.70",
            "till-1-20260101-715 8.89 true | Vodo x1 | Siro Goda x1 | CREDIT_CARD 8.89",
        ]
    );

    // And learnt from: framing and fields are those it was recorded with.
    let (code, _, said) = tillgate(folder, &["learn", "machine.tgcap", "-o", "again.toml"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("5 receipts pass their checks, 0 do not"), "{said}");
    let (code, _, said) = tillgate(folder, &["check", "--dialect", "again.toml"]);
    assert_eq!(code, Some(0), "{said}");
    let dialect = std::fs::read_to_string(folder.join("again.toml")).unwrap();
    for part in ["kind = \"delimited\"", "check = { algorithm = \"xor\" }", "separator = 124"] {
        assert!(dialect.contains(part), "{part} is not in\n{dialect}");
    }
    std::fs::remove_file(folder.join("machine.toml")).unwrap();
    let (code, dialect, said) = tillgate(folder, &["learn", "machine.tgcap"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(dialect.contains("# CHECK frames are not in a recording"), "{dialect}");
}

#[test]
fn a_recording_of_any_device_names_the_dialect_that_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let check = |dialect: &str, records: &str, expected: &str| {
        let recording = format!("tgcap 1\ninfo dialect {dialect}\n{records}");
        std::fs::write(folder.path().join("any.tgcap"), recording).unwrap();
        let args = ["learn", "any.tgcap", "-o", "any.toml", "--force"];
        let (code, _, said) = tillgate(folder.path(), &args);
        assert_eq!(code, Some(0), "{said}");
        let proposal = std::fs::read_to_string(folder.path().join("any.toml")).unwrap();
        assert!(proposal.contains(expected), "{proposal}");
        let (code, _, said) = tillgate(folder.path(), &["check", "--dialect", "any.toml"]);
        assert_eq!(code, Some(0), "{said}\n{proposal}");
    };
    let asked = r#"payment {"requested":{"operation":"payment","amount":1295,"currency":"EUR"}}"#;
    check("zvt", &format!("0 {asked}\n"), "extends = \"zvt\"");
    let scan = r#"scan {"symbology":"EAN13","gtin":"04006381333931","data":"4006381333931"}"#;
    check("scanner-aim", &format!("0 {scan}\n"), "extends = \"scanner-aim\"");
    let weight = r#"scale {"weight":{"grams":250,"stable":true,"net":false}}"#;
    check("scale-cas", &format!("0 {weight}\n"), "extends = \"scale-cas\"");
    let sale = "0 fields [\"30\",\"17\"]\n1 fields [\"0\",\"TEA\",\"1\",\"2,50\",\"2,50\",\"A\"]\n\
        2 fields [\"8\",\"0\",\"2,50\"]\n3 fields [\"2\",\"17\",\"2,50\"]\n";
    check("mine.toml", sale, "extends = \"posnet-monitor\"");
    let lines = "0 line S|TEA|249\n1 line S|BREAD|320\n2 line T|569\n3 line S|MILK|115\n4 line T|115\n5 end idle\n";
    check("stx-etx-lrc", lines, "event = \"item\"");
}

#[test]
fn what_came_from_a_till_is_for_its_owner_and_stays_until_the_port_answers() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("till.tgcap"), "mine").unwrap();
    let capture = ["capture", "/nonexistent", "-o", "till.tgcap", "--force"];
    let (code, _, said) = tillgate(folder.path(), &capture);
    assert_eq!(code, Some(75), "{said}");
    assert_eq!(std::fs::read_to_string(file("till.tgcap")).unwrap(), "mine");

    let args = ["-o", "till.tgcap", "--force", "--baud", "9600", "--documents", "5"];
    let (code, _, said) =
        Listening::start(folder.path(), "capture", &args, "recording").print(&paper());
    assert_eq!(code, Some(0), "{said}");
    std::fs::create_dir(file("shop-samples")).unwrap();
    std::fs::write(file("shop-samples/2.jsonl"), "mine").unwrap();
    let learn = ["learn", "till.tgcap", "-o", "shop.toml", "--force"];
    let (code, _, said) = tillgate(folder.path(), &learn[..4]);
    assert_eq!(code, Some(64), "{said}");
    assert!(said.contains("shop-samples/2.jsonl") && said.contains("--force"), "{said}");
    assert!(!file("shop.toml").exists() && !file("shop-samples/1.tgcap").exists());
    let (code, _, said) = tillgate(folder.path(), &learn);
    assert_eq!(code, Some(0), "{said}");
    for name in ["till.tgcap", "shop.toml", "shop-samples/1.tgcap", "shop-samples/2.jsonl"] {
        let mode = std::fs::metadata(file(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn of_a_till_that_a_built_in_dialect_reads_only_the_difference_is_proposed() {
    let folder = tempfile::tempdir().unwrap();
    let one = |number: u32, tea: &str| {
        format!("CORNER SHOP\nReceipt {number}\nTea  {tea}\nTotal  {tea}\nCash  {tea}\n\x0c")
    };
    let text = [one(7, "2,50"), one(8, "3,00"), one(9, "1,50")].concat();
    std::fs::write(folder.path().join("journal.txt"), text).unwrap();
    let (code, dialect, said) =
        tillgate(folder.path(), &["learn", "journal.txt", "--id", "corner"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(dialect.contains("id = \"corner\"\nextends = \"text-comma\""), "{dialect}");
    assert!(!dialect.contains("[[rule]]"), "{dialect}");
    assert!(said.contains("3 receipts pass their checks, 0 do not"), "{said}");
}

#[test]
fn a_dialect_or_a_recording_that_is_there_is_not_written_over_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("journal.txt"), "SHOP\nTea  2,50\nTotal  2,50\nCash  2,50\n").unwrap();
    for name in ["mine.toml", "mine.tgcap"] {
        std::fs::write(file(name), "mine").unwrap();
    }
    let learn = ["learn", "journal.txt", "-o", "mine.toml", "--force"];
    let capture = ["capture", "/nonexistent", "-o", "mine.tgcap"];
    for (args, name) in [(&learn[..4], "mine.toml"), (&capture[..], "mine.tgcap")] {
        let (code, _, said) = tillgate(folder.path(), args);
        assert_eq!(code, Some(64), "{said}");
        assert!(said.contains(name) && said.contains("--force"), "{said}");
        assert_eq!(std::fs::read_to_string(file(name)).unwrap(), "mine");
    }
    assert_eq!(tillgate(folder.path(), &learn).0, Some(0));
    assert!(std::fs::read_to_string(file("mine.toml")).unwrap().contains("schema = 1"));
}

/// Receipts in bytes of a code page, each with an article of its own.
fn journal(page: &str, head: &str, number: &str, articles: [&str; 4], total: &str) -> Vec<u8> {
    let page = tillgate::decode::codepage::CodePage::named(page).unwrap();
    let bytes = |c: char| -> Vec<u8> {
        let ascii = u8::try_from(c).ok().filter(u8::is_ascii);
        let single = || (0x80..=0xFF).find(|byte| page.decode(&[*byte]) == c.to_string());
        vec![ascii.or_else(single).unwrap_or_else(|| panic!("{c} is not of the page"))]
    };
    let mut out = Vec::new();
    for (at, article) in articles.iter().enumerate() {
        let (price, other) = (100 * (at as i64 + 2) + 50, 275);
        let [first, second, sum] = [price, other, price + other].map(money);
        let text = format!(
            "\u{1b}@{head}\n{number}{}\n{article}  {first}\n{}  {second}\n{total}  {sum}\n\u{1d}V\0",
            120 + at,
            articles[(at + 1) % 4]
        );
        out.extend(text.chars().flat_map(bytes));
    }
    out
}

#[test]
fn the_code_page_is_found_in_the_letters_and_named() {
    let check = |page: &str, expected: &[&str], head: &str, articles: [&str; 4], total: &str| {
        let folder = tempfile::tempdir().unwrap();
        let bytes = journal(page, head, "No ", articles, total);
        std::fs::write(folder.path().join("till.bin"), bytes).unwrap();
        let (code, dialect, said) = tillgate(folder.path(), &["learn", "till.bin"]);
        assert_eq!(code, Some(0), "{said}");
        let named = |page: &&str| dialect.contains(&format!("default_page = \"{page}\""));
        assert_eq!(expected.iter().any(named), !expected.is_empty(), "{page}: {dialect}\n{said}");
        assert_eq!(dialect.contains("# CHECK the code page"), !expected.is_empty(), "{dialect}");
        assert!(said.contains(articles[0]) && said.contains(total), "{page}: {said}");
        let given = ["learn", "till.bin", "--page", page];
        let (_, dialect, said) = tillgate(folder.path(), &given);
        assert!(named(&page) || dialect.contains(&format!("default_page = \"{page}\"")));
        assert!(!dialect.contains("# CHECK the code page"), "{dialect}");
        assert!(said.contains(articles[0]), "{page}: {said}");
    };
    let russian = ["Молоко отборное", "Хлеб бородинский", "Сыр российский", "Чай чёрный"];
    check("cp866", &["cp866"], "ПРОДУКТЫ НА УГЛУ", russian, "ИТОГО");
    check("windows-1251", &["windows-1251"], "ПРОДУКТЫ НА УГЛУ", russian, "ИТОГО");
    let german = ["Käse jung", "Brötchen süß", "Müsli", "Äpfel lose"];
    check("windows-1252", &["windows-1252"], "BÄCKEREI MÜLLER", german, "Summe");
    // What a printer starts with needs no word.
    check("cp437", &[], "BÄCKEREI MÜLLER", german, "Summe");
    check("cp850", &[], "CORNER SHOP", ["Tea", "Milk", "Bread", "Butter"], "Total");
}

#[test]
fn nothing_printed_is_nothing_to_learn_from() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty"), b"\x1b@").unwrap();
    let (code, _, said) = tillgate(folder.path(), &["learn", "empty"]);
    assert_eq!(code, Some(65), "{said}");
    assert_eq!(tillgate(folder.path(), &["learn", "missing"]).0, Some(66));
}

#[test]
fn a_printer_that_only_cuts_is_known_by_its_cuts() {
    let folder = tempfile::tempdir().unwrap();
    let sale = |number: u32, one: u32, two: u32| {
        format!(
            "Pizzeria Vesuv\r\nRg. {number}-26 / Tisch {}\r\n{}.11.26 10.05 Uhr\r\nPizza EUR {},{:02}\r\n\
             Cola EUR {},{:02}\r\nZahlbetrag EUR {},{:02} inkl. MwSt\r\nKarte EUR {},{:02}\r\n\r\n\r\n\x1bi",
            number % 10,
            number % 28 + 1,
            one / 100,
            one % 100,
            two / 100,
            two % 100,
            (one + two) / 100,
            (one + two) % 100,
            (one + two) / 100,
            (one + two) % 100
        )
    };
    let all: String = [(701, 850, 320), (702, 990, 410), (703, 720, 355), (704, 1150, 280)]
        .map(|(number, one, two)| sale(number, one, two))
        .concat();
    std::fs::write(folder.path().join("till.bin"), all).unwrap();
    let (code, _, told) = tillgate(folder.path(), &["learn", "till.bin", "-o", "till.toml"]);
    assert_eq!(code, Some(0), "{told}");
    for part in
        ["language   Escpos", "4 receipts pass their checks, 0 do not", "number     behind `rg .`"]
    {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    let dialect = std::fs::read_to_string(folder.path().join("till.toml")).unwrap();
    assert!(
        dialect.contains("# CHECK the number: what stands behind `tisch` grows, too"),
        "{dialect}"
    );
    let replay = ["replay", "till.bin", "--dialect", "till.toml", "--explain"];
    let (_, explained, _) = tillgate(folder.path(), &replay);
    let totals = explained
        .lines()
        .filter(|line| line.contains("Zahlbetrag") && line.contains("total till.toml"));
    assert_eq!(totals.count(), 4, "{explained}");
}

#[test]
fn noise_is_nothing_to_learn_from() {
    let folder = tempfile::tempdir().unwrap();
    let noise = (0..6000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]);
    std::fs::write(folder.path().join("noise.bin"), noise.collect::<Vec<_>>()).unwrap();
    let (code, out, told) = tillgate(folder.path(), &["learn", "noise.bin"]);
    assert_eq!((code, out.as_str()), (Some(65), ""), "{told}");
}
