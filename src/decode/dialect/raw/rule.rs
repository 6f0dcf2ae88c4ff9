//! `[[rule]]` and `[[sample]]` as written.

use crate::decode::dialect::spanned::{Place, Section, Sink, Text};

/// `[[rule]]`
#[derive(Debug)]
pub struct RawRule {
    pub place: Place,
    pub on: Option<Text>,
    pub re: Vec<Text>,
    /// Names and ranges.
    pub cols: Vec<(Text, Text)>,
    pub event: Option<Text>,
    pub states: Vec<Text>,
    pub goto: Option<Text>,
    pub attach: Option<Text>,
    pub continues: Option<Text>,
    pub more: bool,
    pub unless: Vec<Text>,
    pub unless_within: Option<RawWithin>,
    pub set: RawSet,
}

/// `unless_within`
#[derive(Debug)]
pub struct RawWithin {
    pub event: Option<Text>,
    pub ms: Option<(u64, Place)>,
}

/// `set`
#[derive(Debug, Default)]
pub struct RawSet {
    pub tender: Option<Text>,
    pub declined: bool,
    pub included: bool,
    pub code: Option<Text>,
    pub reason: Option<Text>,
    pub mode: Option<Text>,
}

/// `[[sample]]`
#[derive(Debug)]
pub struct RawSample {
    pub place: Place,
    pub file: Option<Text>,
    pub text: Option<Text>,
    pub events: Option<Text>,
}

impl RawRule {
    pub fn read(mut section: Section<'_, '_>, place: Place, sink: &mut Sink<'_>) -> Self {
        let rule = Self {
            on: section.text("on", sink),
            re: section.texts("re", sink),
            cols: section.section("cols", sink).map(|cols| cols.pairs(sink)).unwrap_or_default(),
            event: section.text("event", sink),
            states: section.texts("in", sink),
            goto: section.text("goto", sink),
            attach: section.text("attach", sink),
            continues: section.text("continues", sink),
            more: section.flag("more", sink).unwrap_or(false),
            unless: section.texts("unless", sink),
            unless_within: section.section("unless_within", sink).map(|mut within| {
                let read =
                    RawWithin { event: within.text("event", sink), ms: within.number("ms", sink) };
                within.finish(sink);
                read
            }),
            set: section
                .section("set", sink)
                .map(|set| RawSet::read(set, sink))
                .unwrap_or_default(),
            place,
        };
        section.finish(sink);
        rule
    }

    /// Mistakes of a rule from elsewhere show at `place`.
    pub fn move_to(&mut self, place: &Place) {
        self.place = place.clone();
        self.re.iter_mut().for_each(|text| text.1 = place.clone());
    }
}

impl RawSet {
    fn read(mut section: Section<'_, '_>, sink: &mut Sink<'_>) -> Self {
        let set = Self {
            tender: section.text("tender", sink),
            declined: section.flag("declined", sink).unwrap_or(false),
            included: section.flag("included", sink).unwrap_or(false),
            code: section.text("code", sink),
            reason: section.text("reason", sink),
            mode: section.text("mode", sink),
        };
        section.finish(sink);
        set
    }
}

impl RawSample {
    pub fn read(mut section: Section<'_, '_>, place: Place, sink: &mut Sink<'_>) -> Self {
        let sample = Self {
            place,
            file: section.text("file", sink),
            text: section.text("text", sink),
            events: section.text("events", sink),
        };
        section.finish(sink);
        sample
    }
}
