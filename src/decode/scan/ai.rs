//! GS1 application identifiers: what may follow each, from the table in `ai.tsv`.
//!
//! The table is text on purpose: it is read as it stands, one look-up is a walk over some two hundred rows,
//! and a scan needs a handful of them.

use super::lint;

/// Its head tells the columns and the source.
const TABLE: &str = include_str!("ai.tsv");

/// What is known of one identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ai<'a> {
    /// The identifier, two to four digits.
    pub code: &'a str,
    /// Its length is predefined: no FNC1 needs to follow.
    pub predefined: bool,
    /// It can begin the path of a Digital Link.
    pub key: bool,
    /// Identifiers it cannot stand beside, `n` for any digit, by commas.
    pub excludes: &'static str,
    spec: &'static str,
}

/// One part of an identifier's data.
struct Component {
    set: char,
    shortest: usize,
    longest: usize,
    optional: bool,
    lints: &'static str,
}

/// Whether data is what its identifier wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Yes, and every check holds.
    Valid,
    /// Length and characters are right, a check digit or the like is not.
    Doubtful,
    /// A date or time that there is not. GS1's patterns do not allow it; a misprint may well hold it.
    Impossible,
    /// Wrong length or characters.
    Wrong,
}

impl<'a> Ai<'a> {
    /// The identifier at the start of `text`.
    #[must_use]
    pub fn at_start(text: &'a str) -> Option<Self> {
        rows().find_map(|(range, flags, spec, excludes)| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let code = text.get(..first.len())?;
            let known = (first..=last).contains(&code) && code.bytes().all(|b| b.is_ascii_digit());
            known.then_some(Self {
                code,
                predefined: flags.contains('*'),
                key: flags.contains('k'),
                excludes,
                spec,
            })
        })
    }

    /// Longest data.
    #[must_use]
    pub fn longest(&self) -> usize {
        components(self.spec).map(|component| component.longest).sum()
    }

    /// All data has this one length.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        components(self.spec).all(|part| !part.optional && part.shortest == part.longest)
    }

    /// Compares data with the components and their checks.
    #[must_use]
    pub fn fit(&self, data: &str) -> Fit {
        let mut rest = data;
        let mut fit = Fit::Valid;
        for component in components(self.spec) {
            if rest.is_empty() && component.optional {
                break;
            }
            let length = rest.len().min(component.longest);
            let Some((part, after)) = rest.split_at_checked(length) else { return Fit::Wrong };
            if length < component.shortest || !part.chars().all(|c| is_in(component.set, c)) {
                return Fit::Wrong;
            }
            for failed in component.lints.split(',').filter(|lint| !lint::holds(lint, part)) {
                let worst = if lint::is_moment(failed) { Fit::Impossible } else { Fit::Doubtful };
                fit = if fit == Fit::Impossible { fit } else { worst };
            }
            rest = after;
        }
        if rest.is_empty() { fit } else { Fit::Wrong }
    }

    /// Digits of the year of the date that the data begins with, if it does.
    #[must_use]
    pub fn date_years(&self) -> Option<usize> {
        match components(self.spec).next()?.lints {
            "yymmd0" | "yymmdd" => Some(2),
            "yyyymmdd" => Some(4),
            _ => None,
        }
    }

    /// Digits after the decimal point, where the last digit of the identifier tells them.
    #[must_use]
    pub fn decimals(&self) -> Option<u8> {
        let (family, last) = self.code.split_at_checked(3)?;
        let decimal = matches!(family.parse::<u16>().ok()?, 310..=369 | 390..=395);
        decimal.then(|| last.parse().ok()).flatten()
    }
}

/// Whether `code` is one of the identifiers of the list `patterns`.
#[must_use]
pub fn is_listed(patterns: &str, code: &str) -> bool {
    patterns.split(',').any(|pattern| {
        pattern.len() == code.len()
            && pattern.chars().zip(code.chars()).all(|(p, c)| p == 'n' || p == c)
    })
}

/// Identifiers, flags, components and exclusions of every row.
fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut cells = line.split('\t');
        Some((cells.next()?, cells.next()?, cells.next()?, cells.next().unwrap_or_default()))
    })
}

fn components(spec: &'static str) -> impl Iterator<Item = Component> {
    spec.split(' ').filter_map(|text| {
        let (format, lints) = text.split_once(',').unwrap_or((text, ""));
        let bare = format.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let (optional, format) = bare.map_or((false, format), |bare| (true, bare));
        let (set, length) = (format.chars().next()?, format.get(1..)?);
        let (shortest, longest) = match length.strip_prefix("..") {
            Some(longest) => (1, longest.parse().ok()?),
            None => (length.parse().ok()?, length.parse().ok()?),
        };
        Some(Component { set, shortest, longest, optional, lints })
    })
}

/// GS1's character sets: N digits, X set 82, Y set 39, Z base 64 for URLs.
fn is_in(set: char, c: char) -> bool {
    match set {
        'N' => c.is_ascii_digit(),
        'X' => c.is_ascii_alphanumeric() || "!\"%&'()*+,-./_:;<=>?".contains(c),
        'Y' => c.is_ascii_uppercase() || c.is_ascii_digit() || "#-/".contains(c),
        _ => c.is_ascii_alphanumeric() || "-_=".contains(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, code: &str, data: &str, expected: Fit) {
        let ai = Ai::at_start(text).unwrap();
        assert_eq!((ai.code, ai.fit(data)), (code, expected), "{text} {data}");
    }

    #[test]
    fn every_row_of_the_table_is_well_formed_and_no_identifier_begins_another() {
        let mut codes: Vec<&str> = Vec::new();
        for (range, flags, spec, _) in rows() {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            assert!(first <= last && first.len() == last.len(), "{range}");
            assert!(["-", "*", "k", "*k"].contains(&flags), "{range}");
            assert_eq!(components(spec).count(), spec.split(' ').count(), "{range}");
            for lint in components(spec).flat_map(|component| component.lints.split(',')) {
                assert!(lint::NAMES.contains(&lint), "{range}: {lint}");
            }
            for other in &codes {
                assert!(!first.starts_with(other) && !other.starts_with(first), "{range} {other}");
            }
            codes.push(first);
        }
        assert!(codes.len() > 200);
    }

    #[test]
    fn data_is_compared_with_length_characters_and_checks() {
        check("0107032069804988", "01", "07032069804988", Fit::Valid);
        check("0107032069804987", "01", "07032069804987", Fit::Doubtful);
        check("01", "01", "0703206980498", Fit::Wrong);
        check("10abc", "10", "abc", Fit::Valid);
        check("10", "10", "a|c", Fit::Wrong);
        check("10", "10", "", Fit::Wrong);
        check("8003", "8003", "05901234123457085952", Fit::Valid);
        check("8003", "8003", "15901234123457", Fit::Doubtful);
        check("7011", "7011", "030102", Fit::Valid);
        check("7011", "7011", "03010214", Fit::Wrong);
        check("15", "15", "210431", Fit::Impossible);
        check("15", "15", "21040", Fit::Wrong);
        check("7003", "7003", "0701022515", Fit::Impossible);
        check("4324", "4324", "0701029999", Fit::Valid);
    }

    #[test]
    fn a_number_that_is_no_identifier_is_not_one() {
        for text in ["", "0", "23", "1", "7", "04", "3106", "a1", "1０"] {
            assert_eq!(Ai::at_start(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_digit_tells_decimals_of_measures_and_amounts_only() {
        for (code, decimals) in
            [("3103", Some(3)), ("3922", Some(2)), ("3579", None), ("421", None)]
        {
            assert_eq!(Ai::at_start(code).and_then(|ai| ai.decimals()), decimals, "{code}");
        }
    }

    #[test]
    fn lists_of_identifiers_match_any_digit_for_n() {
        assert!(is_listed("255,37", "37") && is_listed("392n,8005", "3922"));
        assert!(!is_listed("392n", "392") && !is_listed("", "01"));
    }
}
