//! What was found out, as a dialect's TOML.
//!
//! Everything that is a guess has a line above it that begins with `# CHECK`: those are the places to edit. What is not
//! marked follows from sums that agree on the paper.

use std::fmt::Write as _;

use super::amounts::{self, Decimal, Kind};
use super::dates;
use super::marks::{self, Counter, Marks};
use super::paper::Paper;
use super::shape;
use super::sums::{self, Sums};

/// The word that every marked place begins with.
pub const MARK: &str = "# CHECK";

/// What is known beside the paper.
#[derive(Clone, Debug)]
pub struct Device {
    /// The dialect's name.
    pub id: String,
    /// Of the framer: `escpos`, `text`, …
    pub kind: String,
    /// A built-in dialect that reads the paper already, with all sums right.
    pub reads: Option<String>,
    /// The code page, where it is not the usual one, and why it is thought to be it.
    pub page: Option<Page>,
    /// Bit 7 is parity.
    pub bit7: bool,
    /// What the port was found to be set to: for people.
    pub line: Option<String>,
}

/// A code page of a proposal.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its name; nothing where it is not known.
    pub name: Option<String>,
    /// What makes it a guess; nothing where it was said.
    pub doubt: Option<String>,
}

/// A dialect for what was printed.
#[must_use]
pub fn dialect(device: &Device, paper: &Paper) -> String {
    let documents = &paper.documents;
    let decimal = amounts::decimal(documents);
    let sign = decimal.map_or('.', |decimal| decimal.sign);
    let sums = sums::find(documents, sign);
    let marks = marks::find(documents);
    let mut out = String::new();
    head(&mut out, device, paper, &sums);
    let base = device.reads.clone().unwrap_or_else(|| base(&device.kind, sign).to_owned());
    let _ = writeln!(out, "schema = 1\nid = {}\nextends = {}", quoted(&device.id), quoted(&base));
    let _ = writeln!(out, "\n[framer]\nkind = {}", quoted(&device.kind));
    if let Some(Page { name, doubt }) = &device.page {
        if let Some(doubt) = doubt {
            let _ = writeln!(out, "{MARK} the code page: {doubt}");
        }
        let hash = if name.is_some() { "" } else { "# " };
        let name = name.as_deref().unwrap_or("cp437");
        let _ = writeln!(out, "{hash}default_page = {}", quoted(name));
    }
    if device.bit7 {
        out += "bit7 = true\n";
    }
    locale(&mut out, paper, decimal);
    boundaries(&mut out, paper, &marks);
    if device.reads.is_some() {
        return out;
    }
    if let Some(counter) = &marks.number {
        number(&mut out, counter);
    }
    constants(&mut out, &marks);
    shared(&mut out, &marks, &beside(paper, &sums));
    labels(&mut out, paper, &sums);
    items(&mut out, paper, &sums, sign);
    out
}

fn head(out: &mut String, device: &Device, paper: &Paper, sums: &Sums) {
    let documents = paper.documents.len();
    let _ = writeln!(out, "# Proposed by `tillgate learn` from {documents} documents.");
    if let Some(line) = &device.line {
        let _ = writeln!(out, "# The port: {line}.");
    }
    if paper.left_out > 0 {
        let _ = writeln!(out, "# {} lines were too many to be looked at.", paper.left_out);
    }
    match &device.reads {
        Some(base) => {
            let _ = writeln!(out, "# `{base}` reads all of them, with all sums right.");
        }
        None => {
            let _ = writeln!(out, "# On {} of them the lines make the total.", sums.agreed);
        }
    }
    if documents < 3 {
        let _ =
            writeln!(out, "{MARK} so few documents prove little: capture five, then learn again");
    }
    let _ = writeln!(
        out,
        "# Edit the places marked `{MARK}`, then: tillgate check --dialect THIS --accept\n"
    );
}

/// The built-in dialect whose rules come behind.
fn base(kind: &str, sign: char) -> &'static str {
    match (kind, sign) {
        ("text", ',') => "text-comma",
        ("text", _) => "text-generic",
        (_, ',') => "escpos-comma",
        _ => "escpos-generic",
    }
}

fn locale(out: &mut String, paper: &Paper, decimal: Option<Decimal>) {
    *out += "\n[locale]\n";
    match decimal {
        Some(found) => {
            if !found.is_sure() {
                let Decimal { numbers, documents, against, .. } = found;
                let _ = writeln!(
                    out,
                    "{MARK} the decimal sign: {numbers} numbers in {documents} documents, {against} against"
                );
            }
            let _ = writeln!(out, "decimal = {}", quoted(&found.sign.to_string()));
            let group = if found.sign == ',' { ".' " } else { ",' " };
            let _ = writeln!(out, "group = {}", quoted(group));
        }
        None => {
            let _ = writeln!(
                out,
                "{MARK} no amount has two decimals: name the currency, as JPY has none"
            );
            *out += "# currency = \"JPY\"\n";
        }
    }
    if let Some(date) = dates::format(&paper.documents) {
        if date.ambiguous {
            let _ = writeln!(out, "{MARK} is the day first, or the month?");
        }
        let _ = writeln!(out, "date = [{}]", quoted(&date.format));
    }
}

fn boundaries(out: &mut String, paper: &Paper, marks: &Marks) {
    let mut section = String::new();
    // Where paper is cut behind every receipt, a mark would cut off the picture above it.
    let pictures = paper.is_all_cut() && paper.documents.iter().any(|document| document.picture);
    if let Some(start) = marks.start.as_ref().filter(|_| !pictures) {
        let _ = writeln!(section, "start = '^{}$'", literal(start));
    }
    // Where paper is cut, a last line proves nothing more.
    if let Some((line, extra)) = marks.end.as_ref().filter(|_| !paper.is_cut()) {
        let _ =
            writeln!(section, "end = {{ match = ['^{}$'], extra_lines = {extra} }}", literal(line));
    }
    if !section.is_empty() {
        let _ = write!(out, "\n[receipt]\n# All documents share these lines.\n{section}");
    }
}

fn number(out: &mut String, counter: &Counter) {
    let Counter { before, parts, doubt, .. } = counter;
    *out += "\n[[rule]]\n";
    match doubt {
        None => *out += "# It grows from document to document.\n",
        Some(doubt) => {
            let _ = writeln!(out, "{MARK} the number: {doubt}");
        }
    }
    let digits = if *parts { r"\d+(?:[-/]\d+)*" } else { r"\d+" };
    let _ = writeln!(out, "event = \"number\"\nmore = true");
    let _ = writeln!(out, "re = '\\b{}\\s*(?P<number>{digits})'", words(before));
}

fn constants(out: &mut String, marks: &Marks) {
    if marks.constant.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n{MARK} numbers that never change: is one of them the register? Then take the hashes off."
    );
    for before in &marks.constant {
        let _ = writeln!(out, "# [[rule]]\n# event = \"terminal\"\n# more = true");
        let _ = writeln!(out, "# re = '\\b{}\\s*(?P<terminal>\\d+)'", words(before));
    }
}

/// The lines before the articles' amounts, if each has one without amounts before it: names of the articles.
fn beside<'p>(paper: &'p Paper, sums: &Sums) -> Vec<&'p str> {
    let line = |document: usize, line: usize| {
        paper.documents.get(document).and_then(|document| document.lines.get(line))
    };
    let name = |(document, at): &(usize, usize)| {
        let alone = !sums.items.contains(&(*document, at.checked_sub(1)?));
        let name = line(*document, at.checked_sub(1)?)?;
        (alone && name.chars().any(char::is_alphabetic)).then_some(name.as_str())
    };
    sums.items.iter().map(name).collect::<Option<_>>().unwrap_or_default()
}

fn shared(out: &mut String, marks: &Marks, names: &[&str]) {
    let lines: Vec<&String> =
        marks.shared.iter().filter(|line| !names.contains(&line.as_str())).collect();
    if lines.is_empty() {
        return;
    }
    *out +=
        "\n# On every document, so they say nothing of any.\n[[rule]]\nevent = \"skip\"\nre = [\n";
    for line in lines {
        let _ = writeln!(out, "  '^{}$',", literal(line));
    }
    *out += "]\n";
}

fn labels(out: &mut String, paper: &Paper, sums: &Sums) {
    let Some(total) = &sums.total else {
        let _ = writeln!(
            out,
            "\n{MARK} no line is the sum of those before it: write what the total is called"
        );
        *out += "# [[rule]]\n# event = \"total\"\n# goto = \"totals\"\n# re = '^total\\s+%{money:amount}$'\n";
        return;
    };
    if let Some(subtotal) = &sums.subtotal {
        *out += "\n# The sum of the lines before it, but not what was paid.\n";
        rule(out, paper, "subtotal", &[], "totals", subtotal);
        for label in &sums.between {
            let _ = writeln!(
                out,
                "\n{MARK} it stands between subtotal and total: `tax`, `rounding` or `discount`?"
            );
            rule(out, paper, "tax", &[], "totals", label);
        }
    }
    *out += "\n# The sum of the lines before it.\n";
    rule(out, paper, "total", &[], "totals", total);
    for (tender, change) in &sums.tenders {
        let method = if *change { "CASH" } else { "OTHER" };
        if *change {
            *out += "\n# Change was given on it.\n";
        } else {
            let _ = writeln!(
                out,
                "\n{MARK} which payment is it? CASH, DEBIT_CARD, CREDIT_CARD, GIFT_CARD, …"
            );
        }
        rule(
            out,
            paper,
            "tender",
            &[("set", &format!("{{ tender = \"{method}\" }}"))],
            "paid",
            tender,
        );
    }
    if let Some(change) = &sums.change {
        *out += "\n# What was paid, less the total.\n";
        rule(out, paper, "change", &[], "paid", change);
    }
}

/// A rule for a label with its amount before or behind it.
fn rule(
    out: &mut String,
    paper: &Paper,
    event: &str,
    keys: &[(&str, &str)],
    goto: &str,
    label: &str,
) {
    let _ = writeln!(out, "[[rule]]\nevent = \"{event}\"");
    for (key, value) in keys {
        let _ = writeln!(out, "{key} = {value}");
    }
    let tail = if paper.lines().any(|line| amounts::label(line) == label && is_wordy(line)) {
        r"(?:[^0-9]|[0-9]+\s*%)*"
    } else {
        r"\W*\w{0,3}"
    };
    let label = words(label);
    let _ = writeln!(out, "goto = \"{goto}\"");
    let _ = writeln!(
        out,
        "re = ['^\\W*{label}\\b[^0-9]*?%{{money:amount}}{tail}$', '^%{{money:amount}}\\W+{label}\\W*$']"
    );
}

/// Whether words stand behind the last number, more than the letter of a tax or a currency.
fn is_wordy(line: &str) -> bool {
    let tokens = amounts::tokens(line);
    let behind = tokens.iter().rev().take_while(|token| token.kind != Kind::Number);
    let words = behind.filter(|token| token.kind == Kind::Word);
    3 < words.map(|token| token.text.chars().count()).sum::<usize>()
}

fn items(out: &mut String, paper: &Paper, sums: &Sums, sign: char) {
    let line = |(document, line): &(usize, usize)| {
        paper.documents.get(*document).and_then(|d| d.lines.get(*line)).map(String::as_str)
    };
    let lines: Vec<&str> = sums.items.iter().filter_map(line).collect();
    let names = !beside(paper, sums).is_empty();
    let negative = |line: &&str| amounts::of_line(line, sign).iter().any(|amount| *amount < 0);
    let (minus, plus): (Vec<&str>, Vec<&str>) = lines.iter().copied().partition(negative);
    if let Some(example) = minus.first() {
        let _ = writeln!(
            out,
            "\n{MARK} `{}`: a discount? Or `deposit`, or `void_item`",
            printable(example)
        );
        *out += "[[rule]]\nevent = \"discount\"\nin = [\"header\", \"body\"]\n";
        *out += "re = '^(?P<desc>\\S.*?)\\s+%{negative:amount}(?:\\s+\\S{1,3})?$'\n";
    }
    for shape in shape::shapes(&plus, sign, sums.own, names) {
        let few = if shape.lines == 1 { " only one line like it" } else { "" };
        let _ = writeln!(out, "\n# {} lines as `{}`", shape.lines, printable(&shape.example));
        if shape.unknown > 0 {
            let _ = writeln!(
                out,
                "{MARK} {} of its numbers have no meaning yet: qty, unit, sku?{few}",
                shape.unknown
            );
        }
        if let Some(guess) = shape.guess {
            let _ = writeln!(out, "{MARK} {guess}");
        }
        if !shape.named {
            *out += "# Its name stands on the line before or behind.\n";
        }
        let _ = writeln!(
            out,
            "[[rule]]\nevent = \"item\"\nin = [\"header\", \"body\"]\ngoto = \"body\""
        );
        let _ = writeln!(out, "re = '{}'", shape.pattern);
    }
}

/// A word or words as a pattern.
fn words(text: &str) -> String {
    let words = text.split_whitespace().map(|word| literal(&amounts::fold(word)));
    words.collect::<Vec<_>>().join("\\W*")
}

/// A text as a pattern that stands in a literal string of TOML.
fn literal(text: &str) -> String {
    let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
    regex_syntax::escape(&spaced).replace('\'', ".").replace(' ', "\\s+")
}

/// A text in a comment.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
