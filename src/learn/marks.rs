//! What all documents share: first and last lines, and numbers that count.

use std::collections::BTreeSet;

use crate::order;

use super::amounts::{Kind, fold, tokens};
use super::dates;
use super::paper::Document;

/// A line that all documents share, and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The first line of every document, and of nothing else on it.
    pub start: Option<String>,
    /// A line near the end of every document, and how many follow it.
    pub end: Option<(String, usize)>,
    /// All lines without numbers that every document has.
    pub shared: Vec<String>,
    /// Words before a number that differs on every document.
    pub number: Option<Counter>,
    /// Words before numbers that are the same on every document.
    pub constant: Vec<String>,
}

/// A number behind words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What stands before it.
    pub before: String,
    /// It grows from document to document.
    pub grows: bool,
    /// It is written in parts, as `700-26`.
    pub parts: bool,
    /// What makes it a guess, if anything does.
    pub doubt: Option<String>,
}

/// Documents that are needed to say what all share.
const DOCUMENTS: usize = 2;

/// Documents on which a number does not grow by chance.
const FEW: usize = 4;

/// Lines at the end of a document in which its mark is looked for.
const LAST: usize = 4;

/// Finds what the documents share.
#[must_use]
pub fn find(documents: &[Document]) -> Marks {
    let documents: Vec<&Document> = documents.iter().filter(|d| 2 <= d.lines.len()).collect();
    if documents.len() < DOCUMENTS {
        return Marks::default();
    }
    let (number, constant) = numbers(&documents);
    let (start, end) = (start(&documents), end(&documents));
    Marks { start, end, shared: shared(&documents), number, constant }
}

fn is_mark(line: &str) -> bool {
    line.chars().filter(|c| c.is_alphabetic()).count() >= 3
        && !line.bytes().any(|byte| byte.is_ascii_digit())
}

fn shared(documents: &[&Document]) -> Vec<String> {
    let lines = documents.first().map(|document| document.lines.as_slice()).unwrap_or_default();
    let everywhere =
        |line: &&String| documents.iter().all(|document| document.lines.contains(line));
    lines.iter().filter(|line| is_mark(line)).filter(everywhere).cloned().collect()
}

fn start(documents: &[&Document]) -> Option<String> {
    let first = documents.first()?.lines.first().filter(|line| is_mark(line))?;
    let once = |document: &&Document| {
        document.lines.first() == Some(first)
            && document.lines.iter().filter(|line| *line == first).count() == 1
    };
    documents.iter().all(once).then(|| first.clone())
}

fn end(documents: &[&Document]) -> Option<(String, usize)> {
    let lines = &documents.first()?.lines;
    let places = (0..LAST.min(lines.len().saturating_sub(1))).rev();
    let behind = |document: &Document, line: &String| {
        let mut places =
            document.lines.iter().rev().enumerate().filter(|(_, other)| *other == line);
        places.next().filter(|_| places.next().is_none()).map(|(behind, _)| behind)
    };
    places.filter_map(|back| lines.get(lines.len() - 1 - back).map(|line| (line, back))).find_map(
        |(line, back)| {
            let same = documents.iter().all(|document| behind(document, line) == Some(back));
            (is_mark(line) && same).then(|| (line.clone(), back))
        },
    )
}

/// What stands before whole numbers that all documents have: one that differs, and those that do not.
fn numbers(documents: &[&Document]) -> (Option<Counter>, Vec<String>) {
    let Some(first) = documents.first() else { return (None, Vec::new()) };
    let candidates: Vec<String> =
        first.lines.iter().flat_map(|line| of_line(line)).map(|(before, _)| before).collect();
    let (mut counters, mut constant) = (Vec::<(Counter, u64)>::new(), Vec::new());
    for before in candidates {
        let value = |document: &&Document| {
            let mut found = document.lines.iter().flat_map(|line| of_line(line));
            found.find(|(other, _)| *other == before).map(|(_, value)| value)
        };
        let found: Vec<(u64, bool)> = documents.iter().filter_map(value).collect();
        let parts = found.iter().any(|(_, parts)| *parts);
        let values: Vec<u64> = found.into_iter().map(|(value, _)| value).collect();
        let distinct: BTreeSet<&u64> = values.iter().collect();
        if values.len() < documents.len() {
            continue;
        }
        if distinct.len() == values.len() {
            let grows = values.is_sorted();
            let doubt = doubt(&values);
            let least = values.iter().min().copied().unwrap_or_default();
            if !counters.iter().any(|(known, _)| known.before == before) {
                counters.push((Counter { before, grows, parts, doubt }, least));
            }
        } else if distinct.len() == 1 && !constant.contains(&before) {
            constant.push(before);
        }
    }
    // The longer number is the likelier one: tables and guests count, too.
    order::by_key(&mut counters, |(counter, least)| {
        (!counter.grows, std::cmp::Reverse(digits(*least)))
    });
    let mut counters = counters.into_iter().map(|(counter, _)| counter);
    let mut best = counters.next();
    let rival = counters.find(|rival| rival.grows);
    if let (Some(best), Some(rival)) = (&mut best, rival) {
        let doubt = format!("what stands behind `{}` grows, too: which one is it?", rival.before);
        best.doubt = Some(doubt);
    }
    (best, constant)
}

/// Why these may not be numbers of receipts.
fn doubt(values: &[u64]) -> Option<String> {
    let by_one = values.iter().zip(values.iter().skip(1)).all(|(one, next)| one + 1 == *next);
    match (values.is_sorted(), by_one || FEW <= values.len()) {
        (true, true) => None,
        (true, false) => {
            Some("it grows on the few documents there are: is it the receipt's number?".to_owned())
        }
        (false, _) => Some("it differs on every document: is it the receipt's number?".to_owned()),
    }
}

fn digits(value: u64) -> u32 {
    value.checked_ilog10().unwrap_or_default()
}

/// A number in parts, as `700-26`: its digits, if it is no date.
fn in_parts(text: &str) -> Option<u64> {
    let groups = || text.split(['-', '/']);
    let good = groups().all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()));
    if !good || groups().count() < 2 || dates::is_date(text) {
        return None;
    }
    groups().collect::<String>().parse().ok()
}

/// Whole numbers, with whether they are in parts, and what stands before them on a line: a word, and perhaps a sign.
fn of_line(line: &str) -> Vec<(String, (u64, bool))> {
    let mut found = Vec::new();
    let (mut word, mut sign) = (None::<&str>, None::<&str>);
    for token in tokens(line) {
        match token.kind {
            Kind::Word => (word, sign) = (Some(token.text), None),
            Kind::Sign => sign = Some(token.text),
            Kind::Number | Kind::Moment => {
                let parts = token.kind == Kind::Moment;
                let value = if parts { in_parts(token.text) } else { token.text.parse().ok() };
                if let (Some(word), Some(value)) = (word, value) {
                    let before = [Some(word), sign].into_iter().flatten().collect::<Vec<_>>();
                    found.push((fold(&before.join(" ")), (value, parts)));
                }
                (word, sign) = (None, None);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: &Marks) {
        let lines = |text: &&str| text.lines().map(str::to_owned).collect();
        let documents: Vec<Document> =
            texts.iter().map(|t| Document { lines: lines(t), ..Document::default() }).collect();
        assert_eq!(&find(&documents), expected);
    }

    #[test]
    fn what_all_documents_share_is_found() {
        let one = "KRAMSKI\nVUZ # 41 LAD 7\nTee 1,00\nDZIEK\nnip 77";
        let two = "KRAMSKI\nVUZ # 42 LAD 7\nBrot 1,00\nKas 2,00\nDZIEK\nnip 77";
        let expected = Marks {
            start: Some("KRAMSKI".into()),
            end: Some(("DZIEK".into(), 1)),
            shared: vec!["KRAMSKI".into(), "DZIEK".into()],
            number: Some(Counter {
                before: "vuz #".into(),
                grows: true,
                parts: false,
                doubt: None,
            }),
            constant: vec!["lad".into(), "nip".into()],
        };
        check(&[one, two], &expected);
    }

    #[test]
    fn the_number_of_a_table_is_not_that_of_the_receipt() {
        let check = |texts: &[&str], before: &str, parts: bool, doubt: &str| {
            let lines = |text: &&str| text.lines().map(str::to_owned).collect();
            let documents: Vec<Document> = texts
                .iter()
                .map(|text| Document { lines: lines(text), ..Document::default() })
                .collect();
            let found = find(&documents).number.unwrap();
            assert_eq!((found.before.as_str(), found.parts), (before, parts), "{texts:?}");
            assert!(found.doubt.unwrap_or_default().contains(doubt), "{texts:?}");
        };
        check(
            &["Rg. 700-26 / Tisch 3\nA", "Rg. 701-26 / Tisch 4\nA"],
            "rg .",
            true,
            "`tisch` grows",
        );
        check(&["Tisch 3 Bon 117\nA", "Tisch 4 Bon 118\nA"], "bon", false, "`tisch` grows");
        check(&["Tisch 4 Bon 117\nA", "Tisch 3 Bon 118\nA"], "bon", false, "");
        check(&["Tisch 3\nA", "Tisch 7\nA"], "tisch", false, "the few documents");
        check(&["Tisch 7\nA", "Tisch 3\nA"], "tisch", false, "differs");
        check(&["10-11-2026 ADİSYON 61\nA", "11-11-2026 ADİSYON 62\nA"], "adİsyon", false, "");
    }

    #[test]
    fn one_document_shares_nothing() {
        check(&["KRAMSKI\nVUZ # 41\nDZIEK"], &Marks::default());
        check(&["A1\nB 2", "C3\nD 5 E"], &Marks::default());
    }
}
