//! How dates are written: formats of strptime by evidence.

use super::amounts::{Kind, tokens};
use super::paper::Document;

/// A format, and whether day and month may be the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateFormat {
    /// As for `locale.date`.
    pub format: String,
    /// No day was beyond the twelfth.
    pub ambiguous: bool,
}

/// The format that most dates of the documents have.
#[must_use]
pub fn format(documents: &[Document]) -> Option<DateFormat> {
    let lines = documents.iter().flat_map(|document| &document.lines);
    let dates: Vec<(char, [&str; 3])> = lines
        .flat_map(|line| tokens(line))
        .filter(|token| token.kind == Kind::Moment)
        .filter_map(|token| parts(token.text))
        .collect();
    let shape = |(sign, [a, _, c]): &(char, [&str; 3])| (*sign, a.len(), c.len());
    let count = |wanted| dates.iter().filter(|date| shape(date) == wanted).count();
    let best = dates.iter().map(shape).max_by_key(|wanted| count(*wanted))?;
    let of_shape: Vec<[&str; 3]> =
        dates.iter().filter(|date| shape(date) == best).map(|(_, parts)| *parts).collect();
    let beyond = |at: usize| {
        let part = |parts: &[&str; 3]| parts.get(at).and_then(|part| part.parse::<u32>().ok());
        of_shape.iter().filter_map(part).any(|part| 12 < part)
    };
    let (sign, first, last) = best;
    let year = if last == 4 { "%Y" } else { "%y" };
    let (format, ambiguous) = match (first, beyond(0), beyond(1)) {
        (4, _, _) => (format!("%Y{sign}%m{sign}%d"), false),
        (_, false, true) => (format!("%m{sign}%d{sign}{year}"), false),
        (_, day, _) => (format!("%d{sign}%m{sign}{year}"), !day),
    };
    // With points the day comes first everywhere.
    Some(DateFormat { format, ambiguous: ambiguous && sign != '.' })
}

/// Whether a text is a date.
#[must_use]
pub fn is_date(text: &str) -> bool {
    parts(text).is_some()
}

fn parts(text: &str) -> Option<(char, [&str; 3])> {
    let sign = text.chars().find(|c| matches!(c, '.' | '/' | '-'))?;
    let parts: Vec<&str> = text.split(sign).collect();
    let [a, b, c] = parts[..] else { return None };
    let fits = |part: &str, lengths: &[usize]| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let year_first = fits(a, &[4]) && fits(b, &[1, 2]) && fits(c, &[1, 2]);
    let year_last = fits(a, &[1, 2]) && fits(b, &[1, 2]) && fits(c, &[2, 4]);
    (year_first || year_last).then_some((sign, [a, b, c]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_tell_their_format_as_far_as_they_can() {
        let check = |lines: &[&str], expected: Option<(&str, bool)>| {
            let lines = lines.iter().map(|line| (*line).to_owned()).collect();
            let document = Document { lines, ..Document::default() };
            let found = format(&[document]).map(|found| (found.format, found.ambiguous));
            let expected = expected.map(|(format, ambiguous)| (format.to_owned(), ambiguous));
            assert_eq!(found, expected);
        };
        check(&["21.11.2026 14:05", "01.02.2026"], Some(("%d.%m.%Y", false)));
        check(&["01/02/26", "03/04/26 12:00"], Some(("%d/%m/%y", true)));
        check(&["01/02/26", "03/24/26 12:00"], Some(("%m/%d/%y", false)));
        check(&["2026-11-03"], Some(("%Y-%m-%d", false)));
        check(&["14:05", "1.50", "555-1234"], None);
    }
}
