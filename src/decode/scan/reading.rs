//! One payload to one fact: which symbology, which article, what it holds, what must not be kept.
//!
//! With an identifier the symbology is known. Without one the data must speak for itself: an article number
//! with its check digit, element strings that hold throughout, or just text.

use super::super::redact;
use super::element::{self, Element, FNC1, Misprint};
use super::gtin::{Gtin, GtinFormat, has_check_digit};
use super::identifier::{self, Kind, Symbology, UNKNOWN};
use super::measure::{self, Measures};
use super::personal;
use super::restricted::Rules;
use super::{Counters, ScanOptions};
use crate::decode::fact::ScanFact;

/// What is needed to read a payload.
pub(super) struct Reading {
    preamble: Vec<u8>,
    letters: identifier::Letters,
    separator: Option<char>,
    upc_e: bool,
    rules: Rules,
}

impl Reading {
    pub fn new(options: ScanOptions) -> Self {
        let ScanOptions { preamble, letters, separator, upc_e, rules, .. } = options;
        Self { preamble, letters, separator, upc_e, rules }
    }

    /// Reads a payload. `lost`: bytes before it are missing. Nothing for an empty one.
    pub fn read(&self, payload: &[u8], lost: bool, counters: &mut Counters) -> Option<ScanFact> {
        let payload = payload.strip_prefix(self.preamble.as_slice()).unwrap_or(payload);
        let text = text(payload);
        let (symbology, data) = identifier::split(&text, self.letters);
        if personal::is_personal(data) || lost && personal::is_licence_line(data) {
            let symbology = symbology.unwrap_or(UNKNOWN).name;
            return Some(ScanFact { symbology, id: true, ..ScanFact::default() });
        }
        if data.is_empty() {
            return None;
        }
        Some(match symbology {
            Some(symbology) => self.identified(symbology, data, counters),
            None => self.unidentified(data, counters),
        })
    }

    fn identified(&self, symbology: Symbology, data: &str, counters: &mut Counters) -> ScanFact {
        match symbology.kind {
            Kind::Article => self.article(symbology, data, counters),
            Kind::Interleaved => {
                let gtin = (data.len() == 14).then(|| Gtin::parse(data)).flatten();
                match gtin {
                    Some(gtin) => self.of_gtin("ITF", gtin, data, counters),
                    None => plain(symbology.name, data),
                }
            }
            Kind::Gs1 => match self.elements(data, Misprint::Marked) {
                Some(elements) => self.of_elements(symbology.name, data, &elements, counters),
                None => {
                    counters.bad_elements += 1;
                    plain(symbology.name, data)
                }
            },
            Kind::Document | Kind::Other => match element::parse_link(data, Misprint::Marked) {
                Ok(elements) => self.of_elements(symbology.name, data, &elements, counters),
                Err(_) => plain(symbology.name, data),
            },
        }
    }

    /// EAN or UPC, perhaps with an add-on of two or five digits, or with the element strings of a composite
    /// symbol. Those may have an identifier of their own.
    fn article(&self, symbology: Symbology, data: &str, counters: &mut Counters) -> ScanFact {
        let (main, rest) =
            data.split_at_checked(data.find(']').unwrap_or(data.len())).unwrap_or((data, ""));
        let second = identifier::aim(rest);
        let (main, add_on) = match second {
            Some((other, add_on)) if other.kind == Kind::Article => (main, add_on),
            _ => split_add_on(symbology, main),
        };
        let Some((name, gtin)) = self.article_number(symbology, main) else {
            counters.bad_articles += 1;
            let (symbology, data) = (symbology.name, redact::barcode(symbology.name, data));
            return ScanFact { symbology, data, ..ScanFact::default() };
        };
        let mut fact = self.of_gtin(name, gtin, main, counters);
        fact.add_on = matches!(add_on.len(), 2 | 5).then(|| redact::text(add_on));
        if let Some((Symbology { kind: Kind::Gs1, .. }, composite)) = second {
            self.add_composite(&mut fact, composite, counters);
        }
        fact
    }

    /// The number, and the name that its length tells.
    fn article_number(&self, symbology: Symbology, digits: &str) -> Option<(&'static str, Gtin)> {
        // AIM has an identifier of its own for EAN-8, so eight digits with the other one are UPC-E.
        let upc_e_first = match symbology.name {
            "EAN" => self.upc_e,
            name => name != "EAN8",
        };
        let upc_e = || Gtin::from_upc_e(digits).map(|gtin| ("UPC-E", gtin));
        let other = || Gtin::parse(digits).map(|gtin| (article_name(symbology.name, digits), gtin));
        if upc_e_first { upc_e().or_else(other) } else { other().or_else(upc_e) }
    }

    /// Adds what stands in the second part of a composite symbol.
    fn add_composite(&self, fact: &mut ScanFact, data: &str, counters: &mut Counters) {
        let Some(elements) = self.elements(data, Misprint::Marked) else {
            counters.bad_elements += 1;
            return;
        };
        let second = self.of_elements(fact.symbology, data, &elements, counters);
        fact.elements = second.elements;
        fact.price = second.price.or(fact.price);
        fact.weight_grams = second.weight_grams.or(fact.weight_grams);
        fact.count = second.count.or(fact.count);
    }

    fn unidentified(&self, data: &str, counters: &mut Counters) -> ScanFact {
        let upc_e = || Gtin::from_upc_e(data).filter(|_| self.upc_e && data.len() == 8);
        if let Some(gtin) = upc_e() {
            return self.of_gtin("UPC-E", gtin, data, counters);
        }
        if let Some(gtin) = Gtin::parse(data) {
            return self.of_gtin(article_name("UNKNOWN", data), gtin, data, counters);
        }
        if let Some((main, add_on)) = periodical(data) {
            let mut fact = self.of_gtin("EAN13", main, data.get(..13).unwrap_or(data), counters);
            fact.add_on = Some(add_on.to_owned());
            return fact;
        }
        if let Ok(elements) = element::parse_link(data, Misprint::Marked) {
            return self.of_elements(UNKNOWN.name, data, &elements, counters);
        }
        // Any digits parse as something: only what holds throughout, or has an FNC1, is GS1.
        let separated =
            data.contains(FNC1) || self.separator.is_some_and(|separator| data.contains(separator));
        let misprint = if separated { Misprint::Marked } else { Misprint::Refused };
        let elements = self.elements(data, misprint).filter(|elements| {
            let article = elements.iter().any(|e| matches!(e.ai.as_str(), "00" | "01" | "02"));
            separated || article && elements.iter().all(|element| element.valid)
        });
        match elements {
            Some(elements) => self.of_elements(UNKNOWN.name, data, &elements, counters),
            None => plain(UNKNOWN.name, data),
        }
    }

    fn elements(&self, data: &str, misprint: Misprint) -> Option<Vec<Element>> {
        if let Ok(elements) = element::parse_link(data, misprint) {
            return Some(elements);
        }
        let replaced = self.separator.map(|separator| data.replace(separator, "\u{1D}"));
        element::parse(replaced.as_deref().unwrap_or(data), misprint).ok()
    }

    fn of_gtin(
        &self,
        symbology: &'static str,
        gtin: Gtin,
        data: &str,
        counters: &mut Counters,
    ) -> ScanFact {
        // Where the symbology is not known, fourteen digits may be a card's number as well.
        let known = symbology != UNKNOWN.name;
        let data = if known { data.to_owned() } else { redact::text(data) };
        let article = known || !data.contains('*');
        let mut fact = ScanFact { symbology, data, ..ScanFact::default() };
        if article {
            self.fill(&mut fact, Measures { gtin: Some(gtin), ..Measures::default() }, counters);
        }
        fact
    }

    fn of_elements(
        &self,
        symbology: &'static str,
        data: &str,
        elements: &[Element],
        counters: &mut Counters,
    ) -> ScanFact {
        let doubtful = elements.iter().filter(|element| !element.valid).count();
        counters.doubtful += doubtful as u64 + u64::from(element::contradict(elements));
        let kept = |element: &&Element| !personal::is_personal_ai(&element.ai);
        let shown: Vec<Element> = elements.iter().filter(kept).map(redacted).collect();
        // Digits before a card's number hide it in the data as a whole, so that goes with the element. What a
        // symbology says to be elements is nothing else; by the data alone that is a guess.
        let data = match (shown == elements, symbology == UNKNOWN.name) {
            (true, false) => data.to_owned(),
            (true, true) => redact::text(data),
            (false, _) => String::new(),
        };
        let mut fact = ScanFact { symbology, data, elements: shown, ..ScanFact::default() };
        self.fill(&mut fact, measure::of_elements(elements), counters);
        fact
    }

    /// Adds what the symbol says itself, and what a restricted number says where it does not.
    fn fill(&self, fact: &mut ScanFact, said: Measures, counters: &mut Counters) {
        let inside = said.gtin.map_or(Ok(None), |gtin| self.rules.read(gtin));
        counters.bad_measures += u64::from(inside.is_err());
        let inside = inside.ok().flatten().unwrap_or_default();
        fact.gtin = inside.gtin.or(said.gtin).map(|gtin| gtin.as_str().to_owned());
        fact.price = said.price.or(inside.price);
        fact.weight_grams = said.weight_grams.or(inside.weight_grams);
        fact.count = said.count.or(inside.count);
    }
}

/// UTF-8, or else Latin-1, which symbols carry by default.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// Text that means nothing here.
fn plain(symbology: &'static str, data: &str) -> ScanFact {
    ScanFact { symbology, data: redact::text(data), ..ScanFact::default() }
}

/// Identifiers whose data is all one number with a check digit: of goods, places, shipments and services.
const KEYS: &[&str] = &[
    "00", "01", "02", "03", "402", "410", "411", "412", "413", "414", "415", "416", "417", "8006",
    "8017", "8018", "8026",
];

/// Keys with a check digit that holds are no card's number; all other data may hide one.
fn redacted(element: &Element) -> Element {
    let key = element.valid && KEYS.contains(&element.ai.as_str());
    let value = if key { element.value.clone() } else { redact::text(&element.value) };
    Element { value, ..element.clone() }
}

/// The name that the length of an article number tells.
fn article_name(known: &'static str, digits: &str) -> &'static str {
    match digits.len() {
        8 => "EAN8",
        12 => "UPC-A",
        13 => "EAN13",
        _ => known,
    }
}

/// An add-on that follows without an identifier of its own.
fn split_add_on(symbology: Symbology, digits: &str) -> (&str, &str) {
    let mains: &[usize] = if symbology.name == "EAN8" { &[8] } else { &[13, 12, 8] };
    let split = mains.iter().find_map(|main| {
        let (number, add_on) = digits.split_at_checked(*main)?;
        (matches!(add_on.len(), 2 | 5) && Gtin::parse(number).is_some()).then_some((number, add_on))
    });
    if Gtin::parse(digits).is_some() { (digits, "") } else { split.unwrap_or((digits, "")) }
}

/// A newspaper, a journal or a book with its issue or price: prefixes 977 to 979.
fn periodical(data: &str) -> Option<(Gtin, &str)> {
    let (main, add_on) = data.split_at_checked(13)?;
    let press = matches!(main.get(..3)?, "977" | "978" | "979");
    let digits = matches!(add_on.len(), 2 | 5) && add_on.bytes().all(|b| b.is_ascii_digit());
    let container = data.len() == 18 && has_check_digit(data);
    let gtin = Gtin::parse(main).filter(|gtin| gtin.format() == GtinFormat::Gtin13)?;
    (press && digits && !container).then_some((gtin, add_on))
}
