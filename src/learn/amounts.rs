//! Which numbers of a line are amounts, and which sign is the decimal one.
//!
//! One number proves nothing: `1.234` may be a thousand or one and a bit. Numbers with two decimals are counted over
//! all documents, and the answer says whether it is sure.

use super::dates;
use super::paper::Document;

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token<'l> {
    /// As printed.
    pub text: &'l str,
    /// What it looks like.
    pub kind: Kind,
}

/// What a piece of a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Digits, perhaps with points and commas between.
    Number,
    /// Digits that are a date or a time by their separators.
    Moment,
    /// Letters first.
    Word,
    /// Anything else.
    Sign,
}

/// The pieces of a line.
#[must_use]
pub fn tokens(line: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut rest = line.trim_start();
    let mut after_space = true;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '-' if after_space && rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => {
                1 + number(rest.get(1..).unwrap_or_default())
            }
            c if c.is_ascii_digit() => number(rest),
            // `2 x2,50`
            'x' | 'X' if rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => 1,
            c if c.is_alphabetic() => word(rest),
            c => rest.find(|other| other != c).unwrap_or(rest.len()),
        };
        let (text, behind) = rest.split_at(length.max(first.len_utf8()).min(rest.len()));
        tokens.push(Token { text, kind: kind(text) });
        rest = behind.trim_start();
        after_space = rest.len() < behind.len();
    }
    tokens
}

/// Digits with single separators between; a minus may stand behind an amount.
fn number(text: &str) -> usize {
    let mut length = 0;
    let mut separator = false;
    for c in text.chars() {
        let is_separator = matches!(c, '.' | ',' | '\'' | ':' | '/' | '-' | '\u{2019}');
        if !c.is_ascii_digit() && (!is_separator || separator) {
            break;
        }
        separator = is_separator;
        length += c.len_utf8();
    }
    let taken = text.get(..length).unwrap_or_default();
    match taken.strip_suffix(|c: char| !c.is_ascii_digit()) {
        Some(less) if taken.ends_with('-') && less.contains(['.', ',']) => length,
        Some(less) => less.len(),
        None => length,
    }
}

fn word(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '-'))).unwrap_or(text.len())
}

fn kind(text: &str) -> Kind {
    let body = text.trim_matches('-');
    match body.chars().next() {
        Some(c) if c.is_ascii_digit() => {
            let dotted =
                body.split('.').count() == 3 && !body.rsplit('.').take(2).all(|g| g.len() == 3);
            if dotted || body.contains([':', '/', '-']) { Kind::Moment } else { Kind::Number }
        }
        // `2 x 2,50`: no name of anything.
        Some('x' | 'X') if body.len() == 1 => Kind::Sign,
        Some(c) if c.is_alphabetic() => Kind::Word,
        _ => Kind::Sign,
    }
}

/// Which sign is the decimal one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// `.` or `,`.
    pub sign: char,
    /// Numbers that speak for it, and documents that have some.
    pub numbers: usize,
    /// See `numbers`.
    pub documents: usize,
    /// Numbers that speak for the other sign.
    pub against: usize,
}

impl Decimal {
    /// Whether several documents say the same, and hardly anything speaks against it.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        2 <= self.documents && 5 <= self.numbers && self.against * 10 <= self.numbers
    }
}

/// Weighs the numbers of all documents; nothing where none has two decimals.
#[must_use]
pub fn decimal(documents: &[Document]) -> Option<Decimal> {
    let weigh = |sign: char| {
        let of = |document: &Document| {
            let numbers = document.lines.iter().flat_map(|line| numbers(line));
            numbers.filter(|number| value(number.text, sign).is_some()).count()
        };
        let counts: Vec<usize> = documents.iter().map(of).filter(|count| 0 < *count).collect();
        (counts.iter().sum::<usize>(), counts.len())
    };
    let (points, commas) = (weigh('.'), weigh(','));
    let (sign, (numbers, documents), against) =
        if points.0 < commas.0 { (',', commas, points.0) } else { ('.', points, commas.0) };
    (0 < numbers).then_some(Decimal { sign, numbers, documents, against })
}

/// An amount with exactly two decimals, in minor units.
#[must_use]
pub fn value(text: &str, sign: char) -> Option<i64> {
    let negative = text.starts_with('-') || text.ends_with('-');
    let (whole, part) = text.trim_matches('-').rsplit_once(sign)?;
    let mut groups = whole.split(['.', ',', '\'', '\u{2019}']);
    let first = groups.next()?;
    let fits = !first.is_empty() && !whole.contains(sign) && groups.all(|group| group.len() == 3);
    if !fits || part.len() != 2 {
        return None;
    }
    let digits: String = whole.chars().chain(part.chars()).filter(char::is_ascii_digit).collect();
    let value: i64 = digits.parse().ok()?;
    Some(if negative { -value } else { value })
}

/// The amounts of a line.
#[must_use]
pub fn of_line(line: &str, sign: char) -> Vec<i64> {
    numbers(line).filter_map(|token| value(token.text, sign)).collect()
}

/// The numbers of a line. A time beside a date is none, though a point stands in it: `20.11.26 10.05`.
fn numbers(line: &str) -> impl Iterator<Item = Token<'_>> {
    let tokens = tokens(line);
    let date = |token: &Token<'_>| token.kind == Kind::Moment && dates::is_date(token.text);
    let dated = tokens.iter().any(date);
    tokens
        .into_iter()
        .filter(move |token| token.kind == Kind::Number && !(dated && is_time(token.text)))
}

fn is_time(text: &str) -> bool {
    let below = |text: &str, most: u32| {
        text.len() <= 2 && text.parse::<u32>().is_ok_and(|number| number < most)
    };
    text.split_once('.')
        .is_some_and(|(hour, minute)| minute.len() == 2 && below(hour, 24) && below(minute, 60))
}

/// A text in lower case as far as a pattern that ignores case still finds it: of `İ` that is not so.
#[must_use]
pub fn fold(text: &str) -> String {
    let one = |c: char| {
        let mut lower = c.to_lowercase();
        lower.next().filter(|_| lower.next().is_none()).unwrap_or(c)
    };
    text.chars().map(one).collect()
}

/// The words before the first number of a line (or behind the last, where none is before), in lower case.
#[must_use]
pub fn label(line: &str) -> String {
    let tokens = tokens(line);
    let words = |tokens: &mut dyn Iterator<Item = &Token<'_>>| {
        let words = tokens.filter(|token| token.kind == Kind::Word).map(|token| token.text);
        fold(&words.collect::<Vec<_>>().join(" "))
    };
    let is_number = |token: &&Token<'_>| matches!(token.kind, Kind::Number | Kind::Moment);
    let before = words(&mut tokens.iter().take_while(|token| !is_number(token)));
    if !before.is_empty() {
        return before;
    }
    let behind = tokens.iter().rposition(|token| is_number(&token)).map_or(0, |at| at + 1);
    words(&mut tokens.iter().skip(behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_into_words_numbers_moments_and_signs() {
        let check = |line: &str, expected: &[(&str, Kind)]| {
            let found: Vec<(&str, Kind)> = tokens(line).iter().map(|t| (t.text, t.kind)).collect();
            assert_eq!(found, expected, "{line}");
        };
        use Kind::{Moment, Number, Sign, Word};
        check("Tee B2  -2,50", &[("Tee", Word), ("B2", Word), ("-2,50", Number)]);
        check("2x1.234,50-", &[("2", Number), ("x", Sign), ("1.234,50-", Number)]);
        check("21.11.2026 14:05", &[("21.11.2026", Moment), ("14:05", Moment)]);
        check("3 @ 1'000.00 ==", &[("3", Number), ("@", Sign), ("1'000.00", Number), ("==", Sign)]);
        check("€5,00", &[("€", Sign), ("5,00", Number)]);
        check("  ", &[]);
    }

    #[test]
    fn the_decimal_sign_needs_more_than_one_ambiguous_line() {
        let check = |receipts: &[&str], expected: Option<(char, bool)>| {
            let document = |text: &&str| Document {
                lines: text.lines().map(str::to_owned).collect(),
                ..Document::default()
            };
            let documents: Vec<Document> = receipts.iter().map(document).collect();
            let found = decimal(&documents).map(|found| (found.sign, found.is_sure()));
            assert_eq!(found, expected, "{receipts:?}");
        };
        check(&["TEA 1.234"], None);
        check(&["TEA 1,50"], Some((',', false)));
        check(&["TEA 1,50\nA 2,00\nB 3,50", "TEA 1,50\nA 1.200,00"], Some((',', true)));
        check(&["A 1.50\nB 1.50\nC 1.50\nD 2.00\nE 6.50"], Some(('.', false)));
        check(&["A 1.50\nB 1.50\nC 1,50", "D 2.00\nE 6,50"], Some(('.', false)));
        check(&["21.11.26", "22.11.26"], None);
        check(&["21.11.26 10.05 Uhr\nTEE 1,50", "22.11.26 KLO 14.00\nA 2,00"], Some((',', false)));
    }

    #[test]
    fn a_label_is_what_stands_before_the_number_or_behind_it() {
        assert_eq!(label("TO PAY: EUR 5,00"), "to pay eur");
        assert_eq!(label("5,00 ZUMMA"), "zumma");
        assert_eq!(label("PLASTİK: 5,00"), "plastİk");
        assert_eq!(label("2 x 2,50   5,00"), "");
    }
}
