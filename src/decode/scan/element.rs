//! GS1 element strings: identifiers and their data, from a symbol or from a Digital Link.
//!
//! A symbol concatenates element strings; FNC1, sent as GS (1Dh), ends those whose length is not predefined.
//! Structure is strict: one unknown identifier, wrong length or character and there are no elements at all,
//! for where one field ends wrongly the next ones are guesses. Content is not: an element whose check digit is
//! wrong stays, marked. A date or a time is between them ([`Misprint`]): GS1's patterns hold months and days, so
//! digits without an impossible one are all that speaks for GS1 where nothing else does; but where a symbol says
//! that it is GS1, a misprinted date must not cost the article.
//!
//! An identifier of one fixed length needs no FNC1 here even where GS1 wants one: printers leave it out, and
//! nothing is ambiguous.
//!
//! Which other identifiers one *requires* is not checked: they may stand in another symbol of the item.
//!
//! Source: GS1 General Specifications, chapters 3 and 7.8; GS1 Digital Link: URI Syntax, chapter 4.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::ai::{Ai, Fit, is_listed};
use super::date;
use crate::limits;

/// FNC1 between two element strings, as scanners send it.
pub const FNC1: char = '\u{1D}';

/// An identifier with its data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// The application identifier, two to four digits.
    pub ai: String,
    /// Its data, redacted.
    pub value: String,
    /// Check digit, date and the like hold.
    pub valid: bool,
}

impl Element {
    /// The date it is or begins with, as `2021-05-26`. `near`: the year now, which tells the century.
    #[must_use]
    pub fn date(&self, near: u32) -> Option<String> {
        date::read(&self.value, Ai::at_start(&self.ai)?.date_years()?, near)
    }

    /// Digits after the decimal point of a measure or an amount.
    #[must_use]
    pub fn decimals(&self) -> Option<u8> {
        Ai::at_start(&self.ai)?.decimals()
    }
}

/// What an impossible date or time makes of element strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misprint {
    /// They are none: nothing but their form says that they are GS1 data.
    Refused,
    /// That one is marked as not valid: the symbol says that it holds element strings.
    Marked,
}

/// Why something is no list of element strings. It never holds what was scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ElementError {
    /// The dictionary has none that begins like this.
    #[error("no application identifier at place {0}")]
    UnknownIdentifier(usize),
    /// The identifier forbids it.
    #[error("data at place {0} has a length or character that its identifier does not allow")]
    WrongData(usize),
    /// No calendar or clock has it.
    #[error("data at place {0} is a date or time that there is not")]
    ImpossibleMoment(usize),
    /// The bound of `limits` is reached.
    #[error("more element strings than one symbol holds")]
    TooMany,
    /// Nothing was said.
    #[error("no element string")]
    Empty,
    /// It begins like one and is none.
    #[error("not a GS1 Digital Link")]
    NotALink,
}

/// Reads the data of a symbol.
///
/// # Errors
///
/// [`ElementError`], with the place in bytes.
pub fn parse(data: &str, misprint: Misprint) -> Result<Vec<Element>, ElementError> {
    let mut elements = Vec::new();
    let mut rest = data.trim_start_matches(FNC1);
    while !rest.is_empty() {
        let place = data.len() - rest.len();
        let ai = Ai::at_start(rest).ok_or(ElementError::UnknownIdentifier(place))?;
        let after = rest.get(ai.code.len()..).unwrap_or_default();
        let field = after.find(FNC1).and_then(|end| after.get(..end)).unwrap_or(after);
        let wrong = ElementError::WrongData(place);
        let value = match ai.predefined || ai.is_fixed() {
            true => field.get(..ai.longest()).ok_or(wrong)?,
            false => field,
        };
        elements.push(element(&ai, value, misprint, place)?);
        if elements.len() > limits::SCAN_ELEMENTS {
            return Err(ElementError::TooMany);
        }
        rest = after.get(value.len()..).unwrap_or_default().trim_start_matches(FNC1);
    }
    if elements.is_empty() { Err(ElementError::Empty) } else { Ok(elements) }
}

/// Reads an uncompressed GS1 Digital Link: `https://any.host/any/path/01/…/10/…?17=…`. Parameters that are no
/// identifiers belong to the host and are left out.
///
/// # Errors
///
/// [`ElementError::NotALink`], or what is wrong with the first element that is.
pub fn parse_link(uri: &str, misprint: Misprint) -> Result<Vec<Element>, ElementError> {
    let lower = uri.get(..8).unwrap_or_default().to_ascii_lowercase();
    let start = ["https://", "http://"].iter().find(|scheme| lower.starts_with(**scheme));
    let rest = start.and_then(|scheme| uri.get(scheme.len()..)).ok_or(ElementError::NotALink)?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut segments = path.split('/').skip(1).peekable();
    while segments.next_if(|segment| whole(segment).is_none_or(|ai| !ai.key)).is_some() {}
    let mut elements = Vec::new();
    while let Some(code) = segments.next().filter(|code| !code.is_empty()) {
        let ai = whole(code).ok_or(ElementError::NotALink)?;
        let value = segments.next().ok_or(ElementError::NotALink)?;
        elements.push(link_element(&ai, value, misprint)?);
    }
    if elements.is_empty() {
        return Err(ElementError::NotALink);
    }
    for (name, value) in query.split(['&', ';']).filter_map(|pair| pair.split_once('=')) {
        if let Some(ai) = whole(name) {
            elements.push(link_element(&ai, value, misprint)?);
        }
    }
    if elements.len() > limits::SCAN_ELEMENTS { Err(ElementError::TooMany) } else { Ok(elements) }
}

/// Whether two of `elements` cannot belong to one item.
#[must_use]
pub fn contradict(elements: &[Element]) -> bool {
    elements.iter().any(|one| {
        let excludes = Ai::at_start(&one.ai).map_or("", |ai| ai.excludes);
        let excluded = |other: &Element| other.ai != one.ai && is_listed(excludes, &other.ai);
        elements.iter().any(excluded)
    })
}

fn element(
    ai: &Ai<'_>,
    value: &str,
    misprint: Misprint,
    place: usize,
) -> Result<Element, ElementError> {
    let valid = match (ai.fit(value), misprint) {
        (Fit::Wrong, _) => return Err(ElementError::WrongData(place)),
        (Fit::Impossible, Misprint::Refused) => return Err(ElementError::ImpossibleMoment(place)),
        (fit, _) => fit == Fit::Valid,
    };
    Ok(Element { ai: ai.code.to_owned(), value: value.to_owned(), valid })
}

/// The identifier that is all of `text`.
fn whole(text: &str) -> Option<Ai<'_>> {
    Ai::at_start(text).filter(|ai| ai.code.len() == text.len())
}

fn link_element(ai: &Ai<'_>, text: &str, misprint: Misprint) -> Result<Element, ElementError> {
    let value = decoded(text).ok_or(ElementError::NotALink)?;
    let short_gtin = ai.code == "01" && matches!(value.len(), 8 | 12 | 13);
    let value = if short_gtin { Cow::Owned(format!("{value:0>14}")) } else { value };
    element(ai, &value, misprint, 0)
}

/// Percent-encoding undone.
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    let Some((head, rest)) = text.split_once('%') else { return Some(Cow::Borrowed(text)) };
    let mut bytes = head.as_bytes().to_vec();
    for part in rest.split('%') {
        let (hex, plain) = part.split_at_checked(2)?;
        hex.bytes().all(|b| b.is_ascii_hexdigit()).then_some(())?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        bytes.extend_from_slice(plain.as_bytes());
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(01)…(15)…` with `!` after what does not hold.
    fn shown(result: Result<Vec<Element>, ElementError>) -> String {
        let one = |e: &Element| format!("({}){}{}", e.ai, e.value, if e.valid { "" } else { "!" });
        result.map_or_else(|e| e.to_string(), |elements| elements.iter().map(one).collect())
    }

    fn check(data: &str, expected: &str) {
        assert_eq!(shown(parse(data, Misprint::Marked)), expected, "{data:?}");
    }

    fn check_link(uri: &str, expected: &str) {
        assert_eq!(shown(parse_link(uri, Misprint::Marked)), expected, "{uri}");
    }

    #[test]
    fn predefined_lengths_need_no_fnc1_and_others_end_with_it() {
        check("010703206980498815210526100329", "(01)07032069804988(15)210526(10)0329");
        check("0107032069804988100329\u{1d}15210526", "(01)07032069804988(10)0329(15)210526");
        check("\u{1d}0107032069804988\u{1d}\u{1d}10A\u{1d}", "(01)07032069804988(10)A");
        check("010703206980498810032915210526", "(01)07032069804988(10)032915210526");
    }

    #[test]
    fn a_fixed_length_is_enough_without_its_fnc1() {
        check("42227610A1", "(422)276(10)A1");
    }

    #[test]
    fn wrong_content_is_marked_and_kept() {
        check("010703206980498715210526", "(01)07032069804987!(15)210526");
        check("0107032069804988150000001012", "(01)07032069804988(15)000000!(10)12");
    }

    #[test]
    fn an_impossible_moment_is_refused_where_only_the_form_speaks_for_gs1() {
        let check = |data: &str, place: Option<usize>| {
            let found = parse(data, Misprint::Refused);
            let error = place.map(ElementError::ImpossibleMoment);
            assert_eq!(found.err(), error, "{data}");
        };
        check("0107032069804988150000001012", Some(16));
        check("15210431", Some(0));
        check("12345670", Some(0));
        check("70030701022515", Some(0));
        check("800800010214", None);
        check("15210200", None);
        check("0107032069804987", None);
        let link = "https://id.gs1.org/01/07032069804988?15=210431";
        assert_eq!(
            parse_link(link, Misprint::Refused).err(),
            Some(ElementError::ImpossibleMoment(0))
        );
        check_link(link, "(01)07032069804988(15)210431!");
    }

    #[test]
    fn wrong_structure_is_an_error_that_tells_the_place() {
        let data = |place| ElementError::WrongData(place).to_string();
        check("010703206980498", &data(0));
        check("0107032069804988101234567890123456789012", &data(16));
        check("0107032069804988100329|15210526", &data(16));
        check("010703206980498805", "no application identifier at place 16");
        check("", "no element string");
        check("0107032069804988\u{1d}é", "no application identifier at place 17");
    }

    #[test]
    fn a_digital_link_has_keys_in_the_path_and_attributes_behind() {
        check_link(
            "https://id.gs1.org/01/07032069804988/10/03%2F29?15=210526&utm=x",
            "(01)07032069804988(10)03/29(15)210526",
        );
        check_link("HTTP://shop.example/de/p/01/614141123452/", "(01)00614141123452");
        check_link("https://example.com/?3103=000195#a", "not a GS1 Digital Link");
        for text in ["https://example.com/01", "https://example.com/01/614141123452/xx/1", "a"] {
            check_link(text, "not a GS1 Digital Link");
        }
    }

    #[test]
    fn dates_and_decimals_are_those_of_the_identifier() {
        let elements = parse("1521020031030010867003070102141510A", Misprint::Refused).unwrap();
        let told = |e: &Element| (e.date(2026), e.decimals());
        let told: Vec<_> = elements.iter().map(told).collect();
        let date = |text: &str| Some(text.to_owned());
        let expected =
            [(date("2021-02-28"), None), (None, Some(3)), (date("2007-01-02"), None), (None, None)];
        assert_eq!(told, expected);
    }

    #[test]
    fn identifiers_that_exclude_each_other_contradict() {
        let contradict = |data| contradict(&parse(data, Misprint::Refused).unwrap());
        assert!(contradict("01070320698049883712"));
        assert!(!contradict("0207032069804988\u{1d}3712"));
        assert!(!contradict("3103000195\u{1d}3103000195"));
        assert!(contradict("31030001953102000195"));
    }
}
