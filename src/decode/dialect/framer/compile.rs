//! From `[framer]` as written to the options of a decoder; all mistakes are noted on the way.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::super::compile::{lookup, page};
use super::super::raw::RawFramer;
use super::frames::frames;
use super::{DisplayLook, Framer, FramerKind, KINDS};
use crate::decode::display::{DisplayOptions, DisplaySet};
use crate::decode::document::CarriageReturn;
use crate::decode::scale::{Protocol, ScaleOptions, Unit};
use crate::decode::scan::restricted::Rules;
use crate::decode::scan::{Letters, ScanOptions, Suffix};
use crate::limits;
use crate::spanned::{Fault, Place, Remarks, did_you_mean, quote};

const SETS: &[(&str, DisplaySet)] = &[
    ("epson", DisplaySet::Epson),
    ("cd5220", DisplaySet::Cd5220),
    ("utc", DisplaySet::Utc),
    ("aedex", DisplaySet::Aedex),
];
const PROTOCOLS: &[(&str, Protocol)] = &[
    ("toledo-8217", Protocol::Toledo8217),
    ("toledo-8213", Protocol::Toledo8213),
    ("nci", Protocol::Nci),
    ("cas", Protocol::Cas),
    ("cas-pd", Protocol::CasPd),
];
const SUFFIXES: &[(&str, Suffix)] = &[
    ("line", Suffix::Line),
    ("tab", Suffix::Byte(0x09)),
    ("etx", Suffix::Byte(0x03)),
    ("eot", Suffix::Byte(0x04)),
    ("silence", Suffix::Silence),
];
const LETTERS: &[(&str, Letters)] =
    &[("none", Letters::None), ("symbol", Letters::Symbol), ("honeywell", Letters::Honeywell)];
const UNITS: &[(&str, Unit)] = &[
    ("kg", Unit::Kilogram),
    ("g", Unit::Gram),
    ("lb", Unit::Pound),
    ("oz", Unit::Ounce),
    ("ozt", Unit::TroyOunce),
    ("t", Unit::Tonne),
];
const RETURNS: &[(&str, CarriageReturn)] =
    &[("return", CarriageReturn::Return), ("newline", CarriageReturn::Newline)];

/// Silence that a file may ask for.
const SILENCE_MS: RangeInclusive<u64> = 1..=86_400_000;

/// Compiles `[framer]`.
pub fn framer(raw: &RawFramer, remarks: &Remarks<'_>) -> Option<Framer> {
    let read = Reader { raw, remarks };
    let Some((name, place)) = &raw.kind else {
        if !raw.of_unknown {
            let hint = "\"escpos\" or \"text\"";
            remarks.missing(&(0..0), Fault::new("`framer.kind` is missing").hint(hint));
        }
        return None;
    };
    let kinds: Vec<(&str, &[&str])> = KINDS.to_vec();
    let kind = lookup(&(name.clone(), place.clone()), &kinds, "framer", remarks);
    if let Some(keys) = kind {
        read.refuse_others(name, keys);
    }
    let default_page = match raw.text("default_page") {
        Some(name) => Some(page(&name, remarks)?),
        None => None,
    };
    let pages = read.pages();
    let printer = !matches!(name.as_str(), "line");
    let cr = if printer { read.one_of("cr", RETURNS, "carriage return mode") } else { None };
    let idle = if name == "display" { limits::DISPLAY_IDLE } else { limits::DOCUMENT_IDLE };
    let idle = read.silence("idle_ms", idle);
    kind?;
    Some(Framer {
        kind: read.kind(name, place)?,
        cut_ends_document: raw.flag("cut_ends_document").unwrap_or(true),
        idle,
        default_page,
        pages,
        bit7: raw.flag("bit7").unwrap_or(false),
        carriage_return: cr,
    })
}

/// Reads keys of `[framer]`.
#[derive(Clone, Copy)]
pub(super) struct Reader<'r> {
    pub raw: &'r RawFramer,
    pub remarks: &'r Remarks<'r>,
}

impl Reader<'_> {
    fn kind(self, name: &str, place: &Place) -> Option<FramerKind> {
        Some(match name {
            "escpos" => FramerKind::Escpos,
            "star" => FramerKind::Star,
            "text" => FramerKind::Text,
            "auto" => FramerKind::Auto,
            "display" => FramerKind::Display(self.display()),
            "zvt" => FramerKind::Zvt(self.silence("payload_idle_ms", limits::PAYLOAD_IDLE)),
            "scanner" => FramerKind::Scanner(Box::new(self.scanner())),
            "scale" => FramerKind::Scale(self.scale()),
            _ => FramerKind::Frames(Box::new(frames(self, name, place)?)),
        })
    }

    /// A key that this kind has not would do nothing: that is a mistake, too.
    fn refuse_others(self, kind: &str, keys: &[&str]) {
        for (key, place) in self.raw.own.iter().filter(|(key, _)| !keys.contains(key)) {
            let fault =
                Fault::new(format!("a framer of kind {} has no {}", quote(kind), quote(key)));
            let hint = did_you_mean(key, keys.iter().copied())
                .unwrap_or_else(|| format!("it has these: {}", keys.join(", ")));
            self.remarks.mistake(place, fault.hint(hint));
        }
    }

    fn pages(self) -> Vec<(u8, super::CodePage)> {
        let mut pages = Vec::new();
        for ((number, place), name) in &self.raw.pages {
            let page = page(name, self.remarks);
            match number.parse::<u8>() {
                Ok(number) => pages.extend(page.map(|page| (number, page))),
                Err(_) => self.remarks.mistake(place, Fault::new("a page number is 0 to 255")),
            }
        }
        pages
    }

    fn display(self) -> DisplayLook {
        let usual = DisplayOptions::default();
        DisplayLook {
            set: self.one_of("set", SETS, "display").unwrap_or(usual.set),
            columns: self.number("columns", 1..=64, usual.columns),
            rows: self.number("rows", 1..=8, usual.rows),
            settle: self.silence("settle_ms", usual.settle),
            clear_settles: self.raw.flag("clear_settles").unwrap_or(usual.clear_settles),
        }
    }

    fn scanner(self) -> ScanOptions {
        let usual = ScanOptions::default();
        let separator = self.raw.text("separator").and_then(|(text, place)| {
            let mut signs = text.chars();
            let one = signs.next().filter(|_| signs.next().is_none());
            if one.is_none() {
                self.remarks.mistake(&place, Fault::new("`separator` is one character"));
            }
            one
        });
        ScanOptions {
            suffix: self.one_of("suffix", SUFFIXES, "suffix").unwrap_or(usual.suffix),
            preamble: self.raw.bytes("preamble").map_or(usual.preamble, |(bytes, _)| bytes),
            letters: self.one_of("letters", LETTERS, "maker").unwrap_or(usual.letters),
            separator,
            upc_e: self.raw.flag("upc_e").unwrap_or(usual.upc_e),
            rules: self.rules(),
            silence: self.silence("silence_ms", usual.silence),
        }
    }

    /// The shop's own rules for prices and weights in numbers, then the country's.
    fn rules(self) -> Rules {
        let mut all = Vec::new();
        for (text, place) in self.raw.texts("rules") {
            match Rules::parse(&[text]) {
                Ok(_) => all.push(text),
                Err(error) => {
                    let hint = "\"20IIIIIVPP.PPC\"";
                    self.remarks.mistake(place, Fault::new(format!("{error}")).hint(hint));
                }
            }
        }
        let own = Rules::parse(&all).unwrap_or_else(|error| {
            let place = self.raw.texts("rules").first().map_or(0..0, |(_, place)| place.clone());
            self.remarks.mistake(&place, Fault::new(format!("{error}")));
            Rules::default()
        });
        let Some((code, place)) = self.raw.text("country") else { return own };
        match Rules::of_country(&code) {
            Some(country) => own.then(country),
            None => {
                let fault = Fault::new(format!("no rules are known for {}", quote(&code)));
                self.remarks.mistake(&place, fault.hint("write them as `rules`"));
                own
            }
        }
    }

    fn scale(self) -> ScaleOptions {
        let usual = ScaleOptions::default();
        let decimals = self.raw.number("decimals").map(|_| self.number("decimals", 0..=6, 0u8));
        let least = limits::SCALE_POLL_MIN;
        let poll = self.silence("poll_ms", usual.poll);
        if let Some((_, place)) = self.raw.number("poll_ms").filter(|_| poll < least) {
            let message = format!("`poll_ms` must be {} or more", least.as_millis());
            self.remarks.mistake(&place, Fault::new(message));
        }
        ScaleOptions {
            protocol: self.one_of("protocol", PROTOCOLS, "protocol").unwrap_or(usual.protocol),
            unit: self.one_of("unit", UNITS, "unit").unwrap_or(usual.unit),
            decimals,
            every: self.raw.flag("every").unwrap_or(usual.every),
            poll,
        }
    }

    pub fn one_of<T: Copy>(self, key: &str, table: &[(&str, T)], what: &str) -> Option<T> {
        lookup(&self.raw.text(key)?, table, what, self.remarks)
    }

    /// Milliseconds, at least one.
    pub fn silence(self, key: &str, usual: Duration) -> Duration {
        let usual_ms = u64::try_from(usual.as_millis()).unwrap_or(1);
        Duration::from_millis(match self.raw.number(key) {
            Some((0, place)) => {
                let fault = Fault::new(format!("`{key}` must be more than 0"));
                self.remarks.mistake(&place, fault.hint(format!("{key} = {usual_ms}")));
                usual_ms
            }
            _ => self.number(key, SILENCE_MS, usual_ms),
        })
    }

    /// A number within bounds.
    pub fn number<T: TryFrom<u64>>(self, key: &str, range: RangeInclusive<u64>, usual: T) -> T {
        let Some((number, place)) = self.raw.number(key) else { return usual };
        let good = range.contains(&number).then(|| T::try_from(number).ok()).flatten();
        if good.is_none() {
            let (low, high) = range.into_inner();
            self.remarks.mistake(&place, Fault::new(format!("`{key}` must be {low} to {high}")));
        }
        good.unwrap_or(usual)
    }
}
