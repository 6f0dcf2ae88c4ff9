//! Lists of words of which every match of a pattern has one: `TOTAL|SUMME` needs `total` or `summe`.
//!
//! A part of a pattern is either *exact* (a few strings are all that it matches) or not. Neighbours that are
//! exact are joined; where one is not, the strings so far become a list. Strings are folded to lower case, which
//! only loosens what they ask for.

use std::collections::{BTreeSet, HashMap};

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};

use crate::order;

/// Strings of one exact part, or words of a list.
const STRINGS: usize = 768;
/// Strings that two joined parts may have: joining multiplies.
const JOINED: usize = 96;
/// Bytes of a string. Longer: it becomes a list, another one begins.
const STRING_BYTES: usize = 24;
/// Lists of one pattern; the best are kept.
const LISTS: usize = 3;

/// How characters fold, gathered while patterns are read.
#[derive(Debug, Default)]
pub struct Folds(HashMap<char, char>);

impl Folds {
    /// What stands for a character in any case: ASCII in lower case where its family has one.
    fn fold(&mut self, c: char) -> char {
        if c.is_ascii() && !matches!(c.to_ascii_lowercase(), 'k' | 's') {
            return c.to_ascii_lowercase();
        }
        if let Some(known) = self.0.get(&c) {
            return *known;
        }
        let mut family = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
        // Without its tables nothing is folded anywhere.
        let _ = family.try_case_fold_simple();
        let members: Vec<char> =
            family.ranges().iter().flat_map(|range| range.start()..=range.end()).collect();
        let ascii = members.iter().find(|member| member.is_ascii());
        let chief =
            ascii.map_or(c.min(*members.iter().min().unwrap_or(&c)), char::to_ascii_lowercase);
        self.0.extend(members.into_iter().map(|member| (member, chief)));
        chief
    }

    pub fn into_map(self) -> HashMap<char, char> {
        self.0
    }
}

type Strings = BTreeSet<String>;

/// What is known of a part of a pattern.
enum Part {
    /// It matches these and nothing else.
    Exact(Strings),
    /// It has one word of each of these.
    Lists(Vec<Strings>),
}

/// The most telling lists of a pattern, each folded, in order and without words that contain others of it.
pub fn lists(hir: &Hir, folds: &mut Folds) -> Vec<Vec<String>> {
    let mut lists = into_lists(part(hir, folds));
    order::by_key(&mut lists, |list| (std::cmp::Reverse(shortest(list).min(4)), list.len()));
    lists.dedup();
    lists.truncate(LISTS);
    lists.into_iter().map(|list| list.into_iter().collect()).collect()
}

fn part(hir: &Hir, folds: &mut Folds) -> Part {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Part::Exact(Strings::from([String::new()])),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => {
                let folded = text.chars().map(|c| folds.fold(c)).collect();
                Part::Exact(Strings::from([folded]))
            }
            Err(_) => Part::Lists(Vec::new()),
        },
        HirKind::Class(class) => characters(class, folds),
        HirKind::Repetition(repetition) => {
            let sub = part(&repetition.sub, folds);
            match (repetition.min, repetition.max, sub) {
                (1, Some(1), sub) => sub,
                (0, Some(1), Part::Exact(mut strings)) => {
                    strings.insert(String::new());
                    Part::Exact(strings)
                }
                (0, _, _) => Part::Lists(Vec::new()),
                (_, _, sub) => Part::Lists(into_lists(sub)),
            }
        }
        HirKind::Capture(capture) => part(&capture.sub, folds),
        HirKind::Concat(parts) => concat(parts, folds),
        HirKind::Alternation(parts) => {
            let parts = parts.iter().map(|sub| part(sub, folds)).collect();
            alternation(parts)
        }
    }
}

/// A class of a few letters, as those that stand for a letter in any case.
fn characters(class: &Class, folds: &mut Folds) -> Part {
    let Class::Unicode(class) = class else { return Part::Lists(Vec::new()) };
    let ranges = || class.ranges().iter().map(|range| range.start()..=range.end());
    if ranges().flatten().take(9).count() > 8 {
        return Part::Lists(Vec::new());
    }
    Part::Exact(ranges().flatten().map(|c| folds.fold(c).to_string()).collect())
}

fn concat(parts: &[Hir], folds: &mut Folds) -> Part {
    let mut lists = Vec::new();
    let mut strings = Strings::from([String::new()]);
    let mut exact = true;
    for sub in parts {
        match part(sub, folds) {
            Part::Exact(next) => match join(&strings, &next) {
                Some(joined) => strings = joined,
                None => {
                    exact = false;
                    lists.extend(useful(&std::mem::replace(&mut strings, next)));
                }
            },
            Part::Lists(more) => {
                exact = false;
                lists.extend(useful(&std::mem::replace(&mut strings, [String::new()].into())));
                lists.extend(more);
            }
        }
    }
    if exact {
        return Part::Exact(strings);
    }
    lists.extend(useful(&strings));
    Part::Lists(lists)
}

/// Every string of `left` with every one of `right` behind it; `None` if that is too much.
fn join(left: &Strings, right: &Strings) -> Option<Strings> {
    let longest = |strings: &Strings| strings.iter().map(String::len).max().unwrap_or(0);
    let grows = left.len().min(right.len()) > 1;
    if grows && left.len().saturating_mul(right.len()) > JOINED
        || longest(left) + longest(right) > STRING_BYTES
    {
        return None;
    }
    Some(left.iter().flat_map(|l| right.iter().map(move |r| format!("{l}{r}"))).collect())
}

fn alternation(parts: Vec<Part>) -> Part {
    let all_exact = parts.iter().all(|part| matches!(part, Part::Exact(_)));
    let mut union = Strings::new();
    for part in parts {
        match part {
            Part::Exact(strings) if all_exact => union.extend(strings),
            part => {
                let lists = into_lists(part);
                let best = lists
                    .into_iter()
                    .max_by_key(|list| (shortest(list).min(4), std::cmp::Reverse(list.len())));
                match best {
                    Some(list) => union.extend(list),
                    None => return Part::Lists(Vec::new()),
                }
            }
        }
        if union.len() > STRINGS {
            return Part::Lists(Vec::new());
        }
    }
    match all_exact {
        true => Part::Exact(union),
        false => Part::Lists(useful(&union).into_iter().collect()),
    }
}

fn into_lists(part: Part) -> Vec<Strings> {
    match part {
        Part::Exact(strings) => useful(&strings).into_iter().collect(),
        Part::Lists(lists) => lists,
    }
}

/// The strings as a list, without those that contain another one; `None` when they would tell nothing: there is
/// an empty one, or a lone letter or digit that nearly every line has.
fn useful(strings: &Strings) -> Option<Strings> {
    let common = |word: &String| {
        word.is_empty()
            || word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ')
    };
    if strings.is_empty() || strings.iter().any(common) {
        return None;
    }
    let mut by_length: Vec<&String> = strings.iter().collect();
    order::by_key(&mut by_length, |word| word.len());
    let mut kept: Vec<&String> = Vec::new();
    for word in by_length {
        if !kept.iter().any(|short| word.contains(short.as_str())) {
            kept.push(word);
        }
    }
    Some(kept.into_iter().cloned().collect())
}

fn shortest(list: &Strings) -> usize {
    list.iter().map(|word| word.chars().count()).min().unwrap_or(0)
}
