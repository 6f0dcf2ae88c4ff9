//! The grammar: laid-out lines to facts, by a dialect's rules.
//!
//! The first rule that matches a line (in the present state) takes it. Two lines may make one article: a
//! description stands before or after its amounts, which of the two is decided once per document, by
//! whether a text line was there before the first article without a description. An article is held back
//! until the next line shows that it is whole, so memory is one article and one line.

use std::sync::Arc;

use super::facts::{Detail, Reader, squeeze};
use super::{Attach, Dialect, Event, Rule, moment};
use crate::decode::{DocumentEnd, DocumentFact, Item, PosFact};

/// Reads documents of one source.
#[derive(Debug)]
pub struct Grammar {
    dialect: Arc<Dialect>,
    document: Document,
}

/// What is known of the open document.
#[derive(Debug, Default)]
struct Document {
    /// A line or another fact came.
    open: bool,
    state: u8,
    /// Which rules have read which events.
    seen: Vec<(Event, usize)>,
    /// An article that the next line may complete.
    item: Option<Item>,
    /// A text line that may be the next article's description.
    text: Option<String>,
    /// `2 x 1.50` printed before its article.
    detail: Option<Detail>,
    /// Descriptions stand after their amounts.
    description_after: Option<bool>,
    /// A label whose amount stands on the next line.
    label: Option<String>,
    date: Option<jiff::civil::Date>,
    time: Option<jiff::civil::Time>,
    /// Lines that still belong to the document after its end mark.
    closing: Option<u32>,
}

impl Grammar {
    /// A grammar at the start of a document.
    #[must_use]
    pub fn new(dialect: Arc<Dialect>) -> Self {
        Self { dialect, document: Document::default() }
    }

    /// Takes one step of a document; appends what it means.
    pub fn step(&mut self, fact: DocumentFact, out: &mut Vec<PosFact>) {
        match fact {
            DocumentFact::Line(line) => self.line(&line.text, out),
            DocumentFact::DrawerKick => out.push(PosFact::DrawerKick),
            DocumentFact::Barcode { symbology, data } => {
                self.document.open = true;
                out.push(PosFact::Barcode { symbology, data });
            }
            DocumentFact::Graphic { width, height } => {
                self.document.open = true;
                out.push(PosFact::Graphic { width, height });
            }
            DocumentFact::End(end) => self.end(end, out),
        }
    }

    fn line(&mut self, printed: &str, out: &mut Vec<PosFact>) {
        let dialect = Arc::clone(&self.dialect);
        let bounds = &dialect.boundaries;
        let line = match &bounds.blank {
            Some(blank) => blank.replace_all(printed, " "),
            None => printed.into(),
        };
        let line = line.trim();
        if line.is_empty() || bounds.ignore.as_ref().is_some_and(|set| set.is_match(line)) {
            return;
        }
        if self.document.open && bounds.start.as_ref().is_some_and(|set| set.is_match(line)) {
            self.end(DocumentEnd::Init, out);
        }
        self.document.open = true;
        if bounds.end.as_ref().is_some_and(|set| set.is_match(line)) {
            self.document.closing.get_or_insert(bounds.end_extra.saturating_add(1));
        }
        match self.document.label.take() {
            Some(label) if dialect.amount_only.is_match(line) => {
                self.rules(&dialect, &format!("{label}  {line}"), out);
            }
            Some(label) => {
                self.document.text(label, out);
                self.rules(&dialect, line, out);
            }
            None => self.rules(&dialect, line, out),
        }
        if let Some(left) = &mut self.document.closing {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.end(DocumentEnd::Cut, out);
            }
        }
    }

    /// Gives the line to the rules in order.
    fn rules(&mut self, dialect: &Dialect, line: &str, out: &mut Vec<PosFact>) {
        let mut taken = false;
        for (index, rule) in dialect.rules.iter().enumerate() {
            if (taken && !rule.more) || !self.document.allows(rule, index) {
                continue;
            }
            let Some(captures) = rule.regex.captures(line) else { continue };
            let reader = Reader { dialect, rule, line, captures: &captures };
            if !self.document.take(&reader, out) {
                continue;
            }
            taken = true;
            self.document.saw(rule.event, index);
            self.document.state = rule.goto.unwrap_or(self.document.state);
            if !rule.more {
                return;
            }
        }
        if !taken {
            self.document.text(line.to_owned(), out);
        }
    }

    fn end(&mut self, end: DocumentEnd, out: &mut Vec<PosFact>) {
        let mut document = std::mem::take(&mut self.document);
        if let Some(label) = document.label.take() {
            document.text(label, out);
        }
        document.flush(out);
        if let Some(date) = document.date {
            out.push(PosFact::PrintedAt(moment::iso(date, document.time)));
        }
        if document.open {
            out.push(PosFact::End(end));
        }
    }
}

impl Document {
    fn allows(&self, rule: &Rule, index: usize) -> bool {
        let other = |(event, by): &(Event, usize)| rule.unless & event.bit() != 0 && *by != index;
        rule.states & (1 << self.state) != 0 && !self.seen.iter().any(other)
    }

    fn saw(&mut self, event: Event, index: usize) {
        if !self.seen.contains(&(event, index)) {
            self.seen.push((event, index));
        }
    }

    /// Lets a rule have the line; false when what it captured cannot be read after all.
    fn take(&mut self, reader: &Reader<'_>, out: &mut Vec<PosFact>) -> bool {
        match reader.rule.event {
            Event::Item | Event::Charge => return self.article(reader, out),
            Event::Detail => return self.detail(reader),
            Event::PrintedAt => {
                let read = self.moment(reader);
                if read {
                    self.flush(out);
                }
                return read;
            }
            Event::Join => {
                self.flush(out);
                self.label = Some(reader.line.to_owned());
                return true;
            }
            _ => {}
        }
        let Some(fact) = reader.fact() else { return false };
        self.flush(out);
        // A return mark between articles is for the next one: it keeps its place in the order.
        out.extend(fact);
        true
    }

    fn article(&mut self, reader: &Reader<'_>, out: &mut Vec<PosFact>) -> bool {
        let Some(mut item) = reader.item() else { return false };
        if let Some(item) = self.item.take() {
            out.push(PosFact::Item(item));
        }
        if reader.rule.event == Event::Charge {
            self.flush(out);
            if item.amount != 0 {
                out.push(PosFact::Item(item));
            }
            return true;
        }
        let text = self.text.take();
        if item.description.is_empty() && self.description_after != Some(true) {
            if let Some(text) = text {
                self.description_after = Some(false);
                reader.describe(&mut item, &text);
            }
        } else if let Some(text) = text {
            out.push(PosFact::Unmatched(text));
        }
        if let Some(detail) = self.detail.take() {
            detail.complete(&mut item);
        }
        self.item = Some(item);
        true
    }

    /// `2 x 1.50` on a line of its own belongs to the article whose amount it explains.
    fn detail(&mut self, reader: &Reader<'_>) -> bool {
        let Some(detail) = reader.detail() else { return false };
        if !self.item.as_mut().is_some_and(|item| detail.complete(item)) {
            self.detail = Some(detail);
        }
        true
    }

    fn moment(&mut self, reader: &Reader<'_>) -> bool {
        let (date, time) = reader.moment();
        // The first of each counts: later ones are validity dates and opening hours.
        self.date = self.date.or(date);
        self.time = self.time.or(time);
        date.is_some() || time.is_some()
    }

    /// A line that no rule took: a description, or nothing known.
    fn text(&mut self, line: String, out: &mut Vec<PosFact>) {
        if let Some(mut item) = self.item.take() {
            let wants = item.description.is_empty() && self.description_after != Some(false);
            if wants {
                self.description_after = Some(true);
                item.description = squeeze(&line);
                out.push(PosFact::Item(item));
                return;
            }
            out.push(PosFact::Item(item));
        }
        if let Some(text) = self.text.replace(line) {
            out.push(PosFact::Unmatched(text));
        }
    }

    /// Lets go of what was held back.
    fn flush(&mut self, out: &mut Vec<PosFact>) {
        out.extend(self.item.take().map(PosFact::Item));
        out.extend(self.text.take().map(PosFact::Unmatched));
    }
}

/// A discount's place as the fact says it.
pub(super) fn on_receipt(attach: Attach) -> bool {
    attach == Attach::Receipt
}
