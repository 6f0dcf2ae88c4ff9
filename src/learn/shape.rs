//! How lines of articles are built: their pieces in order, and what the numbers among them mean.
//!
//! `Tee Earl Grey 2 # 2,49 = 4,98` is words, a whole number, a sign, an amount, a sign, an amount. Lines of one build
//! share a pattern. Where two numbers multiply to a third on every such line, they are quantity and price.

use crate::order;

use super::amounts::{Kind, Token, fold, tokens, value};
use super::sums::Own;

/// Lines of one build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The pattern that reads them.
    pub pattern: String,
    /// How many there are.
    pub lines: usize,
    /// One of them.
    pub example: String,
    /// Numbers whose meaning could not be found out.
    pub unknown: usize,
    /// It has a name.
    pub named: bool,
    /// What of it does not follow from the sums.
    pub guess: Option<&'static str>,
}

/// A piece of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Words that differ.
    Words,
    /// A whole number.
    Whole,
    /// An amount.
    Amount,
    /// A number that is neither.
    Other,
    /// What is the same on every line.
    Sign(String),
}

/// The builds of lines that have an amount, the most common first. `beside`: another line without amounts stands
/// before each, so words that are the same on all of them are no name.
#[must_use]
pub fn shapes(lines: &[&str], sign: char, own: Own, beside: bool) -> Vec<Shape> {
    let mut groups: Vec<(Vec<Piece>, Vec<&str>)> = Vec::new();
    for line in lines {
        let build = build(line, sign);
        match groups.iter_mut().find(|(known, _)| *known == build) {
            Some((_, lines)) => lines.push(line),
            None => groups.push((build, vec![line])),
        }
    }
    order::by_key(&mut groups, |(_, lines)| std::cmp::Reverse(lines.len()));
    let mut shapes: Vec<(Vec<Piece>, Shape)> = Vec::new();
    for (build, lines) in groups {
        match shapes.iter_mut().find(|(known, shape)| covers(known, shape, &build)) {
            Some((_, shape)) => shape.lines += lines.len(),
            None => shapes
                .extend(shape(&build, &lines, (sign, own), beside).map(|shape| (build, shape))),
        }
    }
    shapes.into_iter().map(|(_, shape)| shape).collect()
}

/// Whether a name with a number in it, as `Cola 2 l`, is all that tells `build` from a shape that is fully understood.
fn covers(known: &[Piece], shape: &Shape, build: &[Piece]) -> bool {
    let rest = known.get(1..).unwrap_or_default();
    let both_named = known.first() == Some(&Piece::Words) && build.first() == Some(&Piece::Words);
    let understood = shape.unknown == 0 && shape.pattern.contains(":qty}");
    both_named && understood && build.ends_with(rest)
}

fn build(line: &str, sign: char) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for token in tokens(line).iter().filter(|token| !is_currency(token.text)) {
        let piece = match token.kind {
            Kind::Word | Kind::Moment => Piece::Words,
            Kind::Sign => Piece::Sign(token.text.to_owned()),
            Kind::Number if value(token.text, sign).is_some() => Piece::Amount,
            Kind::Number if token.text.bytes().all(|b| b.is_ascii_digit()) => Piece::Whole,
            Kind::Number => Piece::Other,
        };
        let words = pieces.last() == Some(&Piece::Words);
        // Points and brackets within a name are part of it.
        if !(words && piece == Piece::Words) {
            pieces.push(piece);
        }
    }
    pieces
}

fn is_currency(text: &str) -> bool {
    matches!(text, "€" | "$" | "£" | "¥" | "₹" | "₽" | "₺")
}

/// The numbers of a line in thousandths, in their order.
fn numbers(line: &str, sign: char) -> Vec<i64> {
    let of = |token: &Token<'_>| {
        let text = token.text.trim_matches('-');
        let milli = match text.split_once(sign) {
            Some((whole, part)) if part.len() <= 3 => {
                let whole: i64 = whole.replace(['.', ',', '\''], "").parse().ok()?;
                whole.checked_mul(1000)? + format!("{part:0<3}").parse::<i64>().ok()?
            }
            _ => text.replace(['.', ',', '\''], "").parse::<i64>().ok()?.checked_mul(1000)?,
        };
        Some(milli)
    };
    let tokens = tokens(line).into_iter().filter(|token| token.kind == Kind::Number);
    tokens.map(|token| of(&token).unwrap_or_default()).collect()
}

fn shape(build: &[Piece], lines: &[&str], (sign, own): (char, Own), beside: bool) -> Option<Shape> {
    let is_number = |p: &&Piece| matches!(p, Piece::Whole | Piece::Amount | Piece::Other);
    let kinds: Vec<&Piece> = build.iter().filter(is_number).collect();
    let amounts: Vec<usize> =
        (0..).zip(&kinds).filter(|(_, k)| ***k == Piece::Amount).map(|(at, _)| at).collect();
    let amount = match own {
        Own::Last => *amounts.last()?,
        Own::First => *amounts.first()?,
    };
    let rows: Vec<Vec<i64>> = lines.iter().map(|line| numbers(line, sign)).collect();
    let product = product(&kinds, &rows, amount);
    let mut names = vec![None; kinds.len()];
    let mut set = |at: usize, name: &'static str| {
        if let Some(slot) = names.get_mut(at) {
            *slot = Some(name);
        }
    };
    set(amount, "amount");
    if let Some((qty, unit)) = product {
        set(qty, "qty");
        set(unit, "unit");
    }
    let (mut pattern, mut number, mut unknown, mut named) = (String::from("^"), 0, 0, false);
    let mut guess = None;
    for (at, piece) in build.iter().enumerate() {
        let spaced = at > 0
            && !matches!(piece, Piece::Sign(_))
            && !matches!(build.get(at.wrapping_sub(1)), Some(Piece::Sign(_)));
        if at > 0 {
            pattern += if spaced { r"\s+" } else { r"\s*" };
        }
        match piece {
            Piece::Sign(text) => pattern += &regex_syntax::escape(text),
            Piece::Words if !(named || beside && is_constant(lines, at, sign)) => {
                named = true;
                pattern += r"(?P<desc>\S.*?)";
            }
            Piece::Words => pattern += &words(lines, at, build, sign),
            _ => {
                let mut name = names.get(number).copied().flatten();
                if name.is_none() && product.is_none() && is_times(build, at) {
                    (name, guess) =
                        (Some("qty"), Some("the number beside `x` is taken for the quantity"));
                }
                pattern += &self::number(piece, name, number, &rows, named, &mut unknown);
                number += 1;
            }
        }
    }
    pattern.push('$');
    let example = (*lines.first()?).to_owned();
    Some(Shape { pattern, lines: lines.len(), example, unknown, named, guess })
}

/// Whether the words at a place are the same on all lines, and on enough of them.
fn is_constant(lines: &[&str], at: usize, sign: char) -> bool {
    let mut all = lines.iter().map(|line| nth_words(line, at, sign));
    let Some(first) = all.next() else { return false };
    3 <= lines.len() && all.all(|words| words == first)
}

/// Whether a whole number has a multiplication sign behind it.
fn is_times(build: &[Piece], at: usize) -> bool {
    let whole = build.get(at) == Some(&Piece::Whole);
    let behind = build.get(at + 1);
    whole
        && matches!(behind, Some(Piece::Sign(sign)) if matches!(sign.as_str(), "x" | "X" | "×" | "*"))
}

/// The part of a pattern for one number.
fn number(
    piece: &Piece,
    name: Option<&str>,
    at: usize,
    rows: &[Vec<i64>],
    named: bool,
    unknown: &mut usize,
) -> String {
    match (name, piece) {
        (Some("amount"), _) => "%{money:amount}".to_owned(),
        (Some("unit"), Piece::Amount) => "%{money:unit}".to_owned(),
        (Some("unit"), _) => "%{price:unit}".to_owned(),
        (Some(_), _) => "%{qty:qty}".to_owned(),
        (None, Piece::Whole) if at == 0 && !named && long(rows) => r"(?P<sku>\d{3,14})".to_owned(),
        (None, piece) => {
            *unknown += 1;
            if *piece == Piece::Amount { "%{money}".to_owned() } else { r"[\d.,]+".to_owned() }
        }
    }
}

/// Whether the first numbers are long enough to be those of articles.
fn long(rows: &[Vec<i64>]) -> bool {
    rows.iter().all(|row| row.first().is_some_and(|milli| 100_000 <= *milli))
}

/// Which two numbers multiply to the amount on every line.
fn product(kinds: &[&Piece], rows: &[Vec<i64>], amount: usize) -> Option<(usize, usize)> {
    let holds = |qty: usize, unit: usize| {
        rows.iter().all(|row| {
            let at = |place: usize| row.get(place).copied().unwrap_or_default();
            let exact = i128::from(at(qty)) * i128::from(at(unit));
            let amount = i128::from(at(amount)) * 1000;
            // A weight times a price is rounded to the smallest coin.
            (exact - amount).abs() <= 5_000 && at(qty) != 0
        })
    };
    let pairs = |test: &dyn Fn(&Piece) -> bool| {
        (0..kinds.len())
            .flat_map(|qty| (0..kinds.len()).map(move |unit| (qty, unit)))
            .filter(|(qty, unit)| qty != unit && *qty != amount && *unit != amount)
            .find(|(qty, unit)| kinds.get(*qty).is_some_and(|k| test(k)) && holds(*qty, *unit))
    };
    // Pieces are whole; weights are not.
    pairs(&|kind| *kind == Piece::Whole).or_else(|| pairs(&|_| true))
}

/// The part of a pattern for words after the name: the same everywhere, or a mark, or anything.
fn words(lines: &[&str], at: usize, build: &[Piece], sign: char) -> String {
    let of = |line: &&str| nth_words(line, at, sign);
    let mut all: Vec<String> = lines.iter().filter_map(of).collect();
    all.dedup();
    match all.as_slice() {
        [one] if 2 <= lines.len() => regex_syntax::escape(&fold(one)),
        _ if at + 1 == build.len() && all.iter().all(|text| text.chars().count() <= 2) => {
            r"(?P<tax>\S{1,2})".to_owned()
        }
        _ => r"\S.*?".to_owned(),
    }
}

/// The words at a place of a line's build.
fn nth_words(line: &str, place: usize, sign: char) -> Option<String> {
    let mut at = None::<usize>;
    let (mut found, mut before) = (Vec::new(), false);
    for token in tokens(line).iter().filter(|token| !is_currency(token.text)) {
        let words = matches!(build(token.text, sign).first(), Some(Piece::Words));
        if !(words && before) {
            at = Some(at.map_or(0, |at| at + 1));
        }
        before = words;
        if at == Some(place) {
            found.push(token.text.to_owned());
        }
    }
    (!found.is_empty()).then(|| found.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], own: Own, expected: &str, unknown: usize) {
        let found = shapes(lines, ',', own, false);
        let first = found.first().map(|shape| (shape.pattern.as_str(), shape.unknown));
        assert_eq!(first, Some((expected, unknown)), "{lines:?}");
    }

    #[test]
    fn what_multiplies_is_quantity_and_price() {
        check(
            &["Tee Earl Grey 2 # 2,49 = 4,98", "Brot 1 # 3,00 = 3,00"],
            Own::Last,
            r"^(?P<desc>\S.*?)\s+%{qty:qty}\s*\#\s*%{money:unit}\s*=\s*%{money:amount}$",
            0,
        );
        check(
            &["4,98 Tee (2*2,49)", "3,00 Brot (1*3,00)"],
            Own::First,
            r"^%{money:amount}\s+(?P<desc>\S.*?)\s*\(\s*%{qty:qty}\s*\*\s*%{money:unit}\s*\)$",
            0,
        );
    }

    #[test]
    fn weights_are_rounded_and_article_numbers_are_long() {
        check(
            &["1001 Kaas 0,512 kg 9,90 5,07 B", "1002 Ost 1,000 kg 2,00 2,00 A"],
            Own::Last,
            r"^(?P<sku>\d{3,14})\s+(?P<desc>\S.*?)\s+%{qty:qty}\s+kg\s+%{money:unit}\s+%{money:amount}\s+(?P<tax>\S{1,2})$",
            0,
        );
    }

    #[test]
    fn a_number_in_a_name_is_no_other_build() {
        let found = shapes(
            &["Tee <2~2,49> = 4,98", "Ost <1~2,00> = 2,00", "Kola 2 l <1~3,00> = 3,00"],
            ',',
            Own::Last,
            false,
        );
        assert_eq!(found.iter().map(|shape| shape.lines).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn numbers_without_a_meaning_are_counted() {
        check(
            &["Tee 7 4,98", "Brot 9 3,00"],
            Own::Last,
            r"^(?P<desc>\S.*?)\s+[\d.,]+\s+%{money:amount}$",
            1,
        );
        check(&["Tee 4,98"], Own::Last, r"^(?P<desc>\S.*?)\s+%{money:amount}$", 0);
    }

    #[test]
    fn what_is_not_proved_is_a_guess() {
        let found = shapes(&["3x Bułka 73,50", "1x Ser 2,00"], ',', Own::Last, false);
        let first = found.first().unwrap();
        assert_eq!(first.pattern, r"^%{qty:qty}\s*x\s*(?P<desc>\S.*?)\s+%{money:amount}$");
        assert!(first.guess.is_some() && first.unknown == 0);
    }

    #[test]
    fn words_that_are_the_same_on_all_lines_are_no_name_where_another_line_has_it() {
        let lines = [
            "3 PORSİYON X 2,00 = 6,00 TL",
            "1 PORSİYON X 1,50 = 1,50 TL",
            "2 PORSİYON X 1,00 = 2,00 TL",
        ];
        let check = |beside: bool, named: bool| {
            let found = shapes(&lines, ',', Own::Last, beside);
            let first = found.first().unwrap();
            assert_eq!((first.named, first.unknown), (named, 0), "{}", first.pattern);
            assert_eq!(first.pattern.contains("porsİyon"), !named, "{}", first.pattern);
        };
        check(true, false);
        check(false, true);
    }
}
