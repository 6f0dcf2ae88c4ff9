//! What is known of the open document, and what is held back of it.
//!
//! Two lines may make one article: a description stands before or after its amounts. A rule may say which
//! (`continues`); else it is decided once per document, by whether a text line was there before the first article
//! without a description. An article is held back until the next line shows that it is whole, so memory is one
//! article and one line.

use crate::decode::dialect::events::Event;
use crate::decode::dialect::facts::{Detail, Reader, squeeze};
use crate::decode::dialect::moment;
use crate::decode::dialect::rule::{Continues, Meaning};
use crate::decode::{DocumentEnd, Item, PosFact};

#[derive(Debug, Default)]
pub struct Document {
    /// A line or another fact came.
    pub open: bool,
    state: u8,
    /// Bit per state: it counts as these too, while a line is perhaps a total and perhaps an article.
    also: u64,
    /// A label whose amount stands on the next line.
    pub label: Option<String>,
    pub date: Option<jiff::civil::Date>,
    pub time: Option<jiff::civil::Time>,
    /// Lines that still belong to the document after its end mark.
    pub closing: Option<u32>,
    /// Lines that no rule took and that end in an amount with the other decimal sign.
    other_signs: Option<(char, u32)>,
    /// Which rules have read which events.
    seen: Vec<(Event, usize)>,
    /// A return mark came between two articles.
    next_is_return: bool,
    /// An article that the next line may complete.
    article: Option<Article>,
    /// A line that may be the next article's description.
    half: Option<Half>,
    /// `2 x 1.50` printed before its article.
    detail: Option<Detail>,
    /// Descriptions stand after their amounts.
    description_after: Option<bool>,
}

/// An article with its amounts.
#[derive(Debug)]
struct Article {
    item: Item,
    deposit: bool,
    continues: Option<Continues>,
}

impl Article {
    fn into_fact(self) -> PosFact {
        if self.deposit { PosFact::Deposit(self.item) } else { PosFact::Item(self.item) }
    }
}

/// The line before an article's amounts.
#[derive(Debug)]
struct Half {
    line: String,
    /// A rule says that it is an article's name.
    name: Option<Item>,
}

impl Document {
    pub fn allows(&self, means: &Meaning, index: usize) -> bool {
        let other = |(event, by): &(Event, usize)| means.unless & event.bit() != 0 && *by != index;
        means.states & (1 << self.state | self.also) != 0
            && (means.unless == 0 || !self.seen.iter().any(other))
    }

    pub fn saw(&mut self, event: Event, index: usize) {
        match event {
            Event::Refund => self.next_is_return = self.sold(),
            // The mark between two articles spoke of this one only, not of the document.
            Event::Item if std::mem::take(&mut self.next_is_return) => {
                self.seen.retain(|(event, _)| *event != Event::Refund);
            }
            _ => {}
        }
        if !self.seen.contains(&(event, index)) {
            self.seen.push((event, index));
        }
    }

    /// Goes to the state that a rule says.
    pub fn goes(&mut self, means: &Meaning, doubtful: bool) {
        match means.goto {
            // A total of nothing is an article.
            Some(_) if doubtful && !self.sold() => {}
            Some(state) if doubtful && self.also | 1 << self.state != 1 << state => {
                self.also = 1 << state;
            }
            Some(state) => (self.state, self.also) = (state, 0),
            None => {}
        }
    }

    /// Whether an article was read.
    fn sold(&self) -> bool {
        self.seen.iter().any(|(event, _)| *event == Event::Item)
    }

    /// Lets a rule have the line; false when what it captured cannot be read after all.
    pub fn take(&mut self, reader: &Reader<'_>, out: &mut Vec<PosFact>) -> bool {
        match reader.means.event {
            Event::Item | Event::Deposit | Event::Charge => return self.article(reader, out),
            Event::Name => {
                self.name(reader, out);
                return true;
            }
            Event::Wrap => return self.wrap(reader),
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
                self.label = Some(reader.text.to_owned());
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
        out.extend(self.article.take().map(Article::into_fact));
        if reader.means.event == Event::Charge {
            self.flush(out);
            if item.amount != 0 {
                out.push(PosFact::Item(item));
            }
            return true;
        }
        let continues = reader.means.continues;
        match self.half.take() {
            Some(half) if self.belongs(&half, &item, continues) => {
                if continues.is_none() && half.name.is_none() {
                    self.description_after = Some(false);
                }
                complete(&mut item, half, reader);
            }
            Some(half) => out.push(PosFact::Unmatched(half.line)),
            None => {}
        }
        if let Some(detail) = self.detail.take() {
            detail.complete(&mut item);
        }
        let deposit = reader.means.event == Event::Deposit;
        self.article = Some(Article { item, deposit, continues });
        true
    }

    /// Whether the line before is the first half of this article.
    fn belongs(&self, half: &Half, item: &Item, continues: Option<Continues>) -> bool {
        match continues {
            Some(Continues::PreviousLine) => true,
            Some(Continues::NextLine) => false,
            None if !item.description.is_empty() => false,
            None => half.name.is_some() || self.description_after != Some(true),
        }
    }

    /// A line that a rule calls an article's name: of the article before where that one waits for it, else of the
    /// next.
    fn name(&mut self, reader: &Reader<'_>, out: &mut Vec<PosFact>) {
        let half = Half { line: reader.text.to_owned(), name: Some(reader.name()) };
        if let Some(mut article) = self.article.take() {
            let waits = article.continues == Some(Continues::NextLine);
            if waits {
                complete(&mut article.item, half, reader);
                out.push(article.into_fact());
                return;
            }
            out.push(article.into_fact());
        }
        self.hold(half, out);
    }

    /// The rest of a name too long for its line; false when there is no article to go on with.
    fn wrap(&mut self, reader: &Reader<'_>) -> bool {
        let Some(article) = &mut self.article else { return false };
        let description = &mut article.item.description;
        if !description.is_empty() {
            description.push(' ');
        }
        description.push_str(&reader.name().description);
        true
    }

    /// `2 x 1.50` on a line of its own belongs to the article whose amount it explains.
    fn detail(&mut self, reader: &Reader<'_>) -> bool {
        let Some(detail) = reader.detail() else { return false };
        if !self.article.as_mut().is_some_and(|article| detail.complete(&mut article.item)) {
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
    pub fn text(&mut self, line: String, out: &mut Vec<PosFact>) {
        if let Some(mut article) = self.article.take() {
            let guess = article.continues.is_none();
            let wants = article.item.description.is_empty()
                && match article.continues {
                    Some(Continues::NextLine) => true,
                    Some(Continues::PreviousLine) => false,
                    None => self.description_after != Some(false),
                };
            if wants {
                if guess {
                    self.description_after = Some(true);
                }
                article.item.description = squeeze(&line);
                out.push(article.into_fact());
                return;
            }
            out.push(article.into_fact());
        }
        self.hold(Half { line, name: None }, out);
    }

    fn hold(&mut self, half: Half, out: &mut Vec<PosFact>) {
        if let Some(before) = self.half.replace(half) {
            out.push(PosFact::Unmatched(before.line));
        }
    }

    /// A line that no rule took ends in an amount with this decimal sign.
    pub fn other_decimal(&mut self, sign: char) {
        self.other_signs.get_or_insert((sign, 0)).1 += 1;
    }

    /// Nothing more belongs to this document.
    pub fn close(mut self, end: DocumentEnd, out: &mut Vec<PosFact>) {
        if let Some(label) = self.label.take() {
            self.text(label, out);
        }
        self.flush(out);
        let sold = |(event, _): &(Event, usize)| matches!(event, Event::Item | Event::Total);
        if let Some((sign, lines @ 2..)) = self.other_signs
            && !self.seen.iter().any(sold)
        {
            out.push(PosFact::OtherDecimal { sign, lines });
        }
        if let Some(date) = self.date {
            out.push(PosFact::PrintedAt(moment::iso(date, self.time)));
        }
        if self.open {
            out.push(PosFact::End(end));
        }
    }

    /// Lets go of what was held back.
    pub fn flush(&mut self, out: &mut Vec<PosFact>) {
        out.extend(self.article.take().map(Article::into_fact));
        out.extend(self.half.take().map(|half| PosFact::Unmatched(half.line)));
    }
}

/// Puts both halves of an article together; what the line of the amounts says itself stays.
fn complete(item: &mut Item, half: Half, reader: &Reader<'_>) {
    let named = half.name.unwrap_or_else(|| {
        let mut named = Item::default();
        reader.describe(&mut named, &half.line);
        named
    });
    item.sku = item.sku.take().or(named.sku);
    item.department = item.department.take().or(named.department);
    item.tax_code = item.tax_code.take().or(named.tax_code);
    if item.description.is_empty() {
        item.description = named.description;
    } else if !named.description.is_empty() {
        item.description = format!("{} {}", named.description, item.description);
    }
}
