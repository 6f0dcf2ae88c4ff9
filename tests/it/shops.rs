//! Receipts of many shops and countries, as the built-in dialects read them.
//!
//! All shops are invented. `tests/data/shops/*.txt` holds receipts one after the other: a line
//! `%% name dialect currency`, what is printed, and what must be read of it in lines with `%=`:
//!
//! | line | meaning |
//! |---|---|
//! | `total 8.03 tax 0.34 change 1.00 no 88 term 2 at 2026-11-18T13:02:00` | of these, those that are printed |
//! | `total 8.03 type SALE complete false` | and what is made of them |
//! | `2 OAT MILK \| 4.50 -0.50` | an article: pieces, name, amount, discount |
//! | `discount 1.00` | off the whole receipt |
//! | `pay CASH 10.00` | what was handed over |
//! | `none` | this is no receipt |
//!
//! Which line a discount belongs to is the tracker's business: only the sum of all is compared.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A receipt and what must be read of it.
struct Case {
    name: String,
    dialect: String,
    currency: String,
    text: String,
    expected: Vec<String>,
}

/// What was read of a receipt.
struct Read {
    receipts: Vec<Value>,
    lines: Vec<Value>,
    payments: Vec<Value>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/shops")
}

fn cases(file: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(folder().join(file)).unwrap();
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("%% ") {
            let [name, dialect, currency] = head.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let (name, dialect) = (name.to_owned(), dialect.to_owned());
            let currency = currency.to_owned();
            let (text, expected) = (String::new(), Vec::new());
            cases.push(Case { name, dialect, currency, text, expected });
            continue;
        }
        let case = cases.last_mut().unwrap();
        match line.strip_prefix("%= ") {
            Some(expected) => case.expected.push(expected.to_owned()),
            None => case.text.extend([line, "\n"]),
        }
    }
    cases
}

impl Case {
    /// What the till sends: UTF-8, or what a printer of Japan understands.
    fn bytes(&self) -> Vec<u8> {
        match self.dialect.as_str() {
            "japan" => encoding_rs::SHIFT_JIS.encode(&self.text).0.into_owned(),
            _ => self.text.clone().into_bytes(),
        }
    }

    fn read(&self) -> Read {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tillgate"))
            .args(["replay", "-", "--json", "--dialect", &self.dialect])
            .args(["--currency", &self.currency])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&self.bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", self.name);
        let events: Vec<Value> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let all = |kind: &str| {
            let of_kind = events.iter().filter(|event| event["event_type"] == kind);
            of_kind.map(|event| event["payload"].clone()).collect()
        };
        Read {
            receipts: all("receipt_created"),
            lines: all("receipt_line_added"),
            payments: all("payment_processed"),
        }
    }

    /// Minor units of an amount in the expectations.
    fn cents(&self, text: &str) -> i64 {
        let digits: String = text.chars().filter(|c| *c != '.').collect();
        let minor = if ["JPY", "KRW"].contains(&self.currency.as_str()) { 0 } else { 2 };
        assert_eq!(text.len() - text.find('.').map_or(text.len(), |at| at + 1), minor, "{text}");
        digits.parse().unwrap()
    }

    /// Everything that was read otherwise than expected.
    fn complaints(&self) -> Vec<String> {
        let Read { receipts, lines, payments } = self.read();
        let expects_one = self.expected != ["none"];
        let mut wrong = Wrong { name: &self.name, all: Vec::new() };
        wrong.compare("receipts", receipts.len(), usize::from(expects_one));
        let Some(receipt) = receipts.first().filter(|_| expects_one) else { return wrong.all };
        let (mut articles, mut paid, mut discount) = (Vec::new(), Vec::new(), 0);
        for line in &self.expected {
            let words: Vec<&str> = line.split_whitespace().collect();
            match (words.as_slice(), line.rsplit_once(" | ")) {
                (_, Some((article, amounts))) => {
                    let (amount, less) = amounts.split_once(" -").unwrap_or((amounts, "0"));
                    articles.push(format!("{article} | {}", self.cents(amount)));
                    discount += if less == "0" { 0 } else { self.cents(less) };
                }
                (["total", ..], _) => self.head(receipt, &payments, &words, &mut wrong),
                (["discount", amount], _) => discount += self.cents(amount),
                (["pay", method, amount], _) => {
                    paid.push(format!("{method} {}", self.cents(amount)));
                }
                _ => panic!("{}: {line}", self.name),
            }
        }
        wrong.compare("articles", printed_articles(&lines), articles);
        wrong.compare("discount", receipt["discount_cents"].as_i64().unwrap(), discount);
        if !paid.is_empty() {
            wrong.compare("payments", printed_payments(&payments), paid);
            wrong.compare("checks", receipt["checks_passed"].as_bool().unwrap(), true);
        }
        wrong.all
    }

    /// Compares what the line `total …` names.
    fn head(&self, receipt: &Value, payments: &[Value], words: &[&str], wrong: &mut Wrong<'_>) {
        for pair in words.chunks(2) {
            let [what, expected] = pair else { panic!("{}: {words:?}", self.name) };
            let text = |name: &str| receipt[name].as_str().unwrap_or_default().to_owned();
            match *what {
                "total" | "tax" => {
                    let found = receipt[format!("{what}_cents")].as_i64().unwrap();
                    wrong.compare(what, found, self.cents(expected));
                }
                "no" => {
                    let id = text("receipt_id").to_lowercase().replace('/', "-");
                    let number = expected.to_lowercase().replace('/', "-");
                    wrong.compare(
                        "number",
                        (&id, id.ends_with(&format!("-{number}"))),
                        (&id, true),
                    );
                }
                "type" => wrong.compare(what, text("receipt_type").as_str(), expected),
                "complete" => {
                    wrong.compare(what, receipt["complete"].to_string().as_str(), expected);
                }
                "term" => wrong.compare(what, text("terminal_id").as_str(), expected),
                "at" => wrong.compare(what, text("printed_at").as_str(), expected),
                "change" => {
                    let change = |payment: &Value| payment["change_cents"].as_i64().unwrap_or(0);
                    let found: i64 = payments.iter().map(change).sum();
                    wrong.compare(what, found, self.cents(expected));
                }
                _ => panic!("{}: {what}", self.name),
            }
        }
    }
}

fn printed_articles(lines: &[Value]) -> Vec<String> {
    let open = lines.iter().filter(|line| line["voided"] == false);
    open.map(|line| {
        let part = |name: &str| line[name].as_i64().unwrap();
        let gross = part("extended_price_cents") + part("discount_cents");
        format!("{} {} | {gross}", part("quantity"), line["description"].as_str().unwrap())
    })
    .collect()
}

/// What was handed over.
fn printed_payments(payments: &[Value]) -> Vec<String> {
    let approved = payments.iter().filter(|payment| payment["status"] == "APPROVED");
    approved
        .map(|payment| {
            let part = |name: &str| payment[name].as_i64().unwrap_or_default();
            let method = payment["payment_method"].as_str().unwrap();
            format!("{method} {}", part("amount_cents"))
        })
        .collect()
}

/// Gathers what is wrong with a case.
struct Wrong<'a> {
    name: &'a str,
    all: Vec<String>,
}

impl Wrong<'_> {
    #[expect(clippy::needless_pass_by_value, reason = "values made on the spot")]
    fn compare<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: T, expected: T) {
        if found != expected {
            let name = self.name;
            self.all.push(format!("{name}: {what}\n  found    {found:?}\n  expected {expected:?}"));
        }
    }
}

/// Every receipt of a file is read right, or is one of those that are known not to be.
fn check(file: &str, known: &[&str]) {
    let cases = cases(file);
    let mut complaints = Vec::new();
    let mut right = 0;
    for case in &cases {
        let wrong = case.complaints();
        right += usize::from(wrong.is_empty());
        match known.contains(&case.name.as_str()) {
            true => assert!(!wrong.is_empty(), "{}: is right by now", case.name),
            false => complaints.extend(wrong),
        }
    }
    println!("{file}: {right} of {} receipts right in everything", cases.len());
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn receipts_of_the_united_states_read_as_printed() {
    check("us.txt", &[]);
}

#[test]
fn receipts_of_britain_and_germany_read_as_printed() {
    check("uk-de.txt", &[]);
}

#[test]
fn receipts_of_europe_read_as_printed() {
    check("europe.txt", &[]);
}

#[test]
fn receipts_of_the_world_read_as_printed() {
    check("world.txt", &[]);
}

#[test]
fn receipts_written_after_the_rules_read_as_printed() {
    check("more.txt", &[]);
}

#[test]
fn receipts_written_last_read_as_printed() {
    check("fresh.txt", &[]);
}

#[test]
fn receipts_of_tills_met_later_read_as_printed() {
    check("further.txt", &[]);
}

#[test]
fn names_like_words_of_a_sum_and_other_hard_receipts_are_read() {
    check("hard.txt", &[]);
}
