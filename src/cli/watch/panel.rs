//! What is shown of one device: its last lines with what took them, and the events that they made.
//!
//! Bounded: the last lines and events only. Text of a till is shown without control characters, so that it cannot
//! command the terminal.

use std::collections::VecDeque;

use tillgate_events::{Body, Record};

use super::draw::clean;
use super::pending::Pending;
use crate::decode::PosFact;
use crate::source::DownReason;

/// Lines and events that are kept of each till.
const KEPT: usize = 200;

/// What became of a line that nothing took.
pub const NOBODY: &str = "! nobody";

/// A printed line, or one that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As printed.
    pub text: String,
    /// The events of the rules that took it.
    pub said: String,
    /// No rule took it: it may still be the name of an article.
    pub waits: bool,
}

/// One till.
#[derive(Debug)]
pub struct Panel {
    name: String,
    /// Dialect and settings.
    how: String,
    /// Whether it is listened to.
    state: String,
    told: String,
    down: bool,
    /// It was listened to once.
    was_up: bool,
    rows: VecDeque<Row>,
    events: VecDeque<String>,
    news: Vec<String>,
    pending: Pending,
    counts: (u64, u64, usize),
    nobody: u64,
    changed: bool,
}

impl Panel {
    /// A till of which nothing was heard.
    pub fn new(name: String, how: String) -> Self {
        Self {
            name,
            how,
            state: "waiting".to_owned(),
            told: String::new(),
            down: false,
            was_up: false,
            rows: VecDeque::new(),
            events: VecDeque::new(),
            news: Vec::new(),
            pending: Pending::default(),
            counts: (0, 0, 0),
            nobody: 0,
            changed: true,
        }
    }

    /// The port is listened to.
    pub fn up(&mut self) {
        self.state = "listening".to_owned();
        (self.down, self.was_up) = (false, true);
    }

    /// The port went away, or was never there.
    pub fn went_down(&mut self, reason: &DownReason) {
        self.down = true;
        self.state = match reason {
            DownReason::Busy => "another program holds it".to_owned(),
            DownReason::Denied => "no permission".to_owned(),
            DownReason::Missing if self.was_up => "UNPLUGGED".to_owned(),
            DownReason::Missing => "not there".to_owned(),
            DownReason::Unplugged => "UNPLUGGED".to_owned(),
            DownReason::Settings(why) => format!("refuses its settings: {}", clean(why)),
            DownReason::Radio(why) | DownReason::Other(why) => clean(why),
        };
    }

    /// Whether it was listened to once.
    pub fn was_up(&self) -> bool {
        self.was_up
    }

    /// Bytes, pieces of bad input, documents.
    pub fn count(&mut self, bytes: u64, bad: u64, documents: usize) {
        let counts = (bytes, bad, documents);
        self.changed |= self.counts != counts;
        self.counts = counts;
    }

    /// A line that was printed, if it was one, and what came of it.
    pub fn line(&mut self, row: Option<Row>, read: &[PosFact]) {
        self.changed = true;
        self.rows.extend(row.clone());
        self.news.extend(self.pending.line(row, read).iter().map(plain));
        for fact in read {
            if let PosFact::Unmatched(text) = fact {
                self.nobody += 1;
                let mut waiting = self.rows.iter_mut().rev();
                if let Some(row) = waiting.find(|row| row.waits && row.text.trim() == text) {
                    row.said = NOBODY.to_owned();
                }
            }
        }
        self.keep_last();
    }

    /// A line that a machine said, and what became of it; nothing: nobody took it.
    pub fn said(&mut self, text: Option<String>, became: Option<&str>) {
        let Some(text) = text else { return };
        self.changed = true;
        self.nobody += u64::from(became.is_none());
        let row = Row { text, said: became.unwrap_or(NOBODY).to_owned(), waits: false };
        self.news.push(plain(&row));
        self.rows.push_back(row);
        self.keep_last();
    }

    fn keep_last(&mut self) {
        let more = self.rows.len().saturating_sub(KEPT);
        self.rows.drain(..more);
    }

    /// An event that came of it.
    pub fn record(&mut self, record: &Record) {
        let text = match &record.body {
            Body::Receipt(receipt) => {
                let checks = if receipt.checks_passed { "checks passed" } else { "checks FAILED" };
                let digits = receipt.currency.minor_digits();
                let total = crate::cli::replay::money(receipt.total, digits);
                let kind = match (receipt.training, receipt.complete) {
                    (true, _) => "training ",
                    (_, false) => "incomplete ",
                    _ => "",
                };
                format!(
                    "{kind}{total}, {} lines, {checks}, {}",
                    receipt.lines.len(),
                    receipt.receipt_id
                )
            }
            Body::ReceiptVoided(voided) => format!("{} voided", voided.receipt_id),
            Body::NoSale(_) => "drawer opened without a sale".to_owned(),
            Body::Unknown(unknown) => {
                let first = unknown.text.lines().next().unwrap_or_default();
                format!("{}: {first}", unknown.kind)
            }
            Body::BarcodeScanned(scan) => {
                format!("scanned {}", scan.gtin.as_ref().unwrap_or(&scan.data))
            }
            Body::WeightMeasured(weight) => format!("weight {} g", weight.grams),
            _ => format!("{:?}", record.class()).to_lowercase(),
        };
        let text = clean(&text);
        self.news.push(format!("= {text}"));
        self.events.push_back(text);
        let more = self.events.len().saturating_sub(KEPT);
        self.events.drain(..more);
        self.changed = true;
    }

    /// What is new, as plain lines.
    pub fn news(&mut self) -> Vec<String> {
        let mut news = std::mem::take(&mut self.news);
        if self.told != self.state {
            self.told.clone_from(&self.state);
            news.insert(0, format!("{}  {}  {}", self.name, self.how, self.state));
        }
        news
    }

    /// Whether anything is new since the last time.
    pub fn changed(&mut self) -> bool {
        let changed = self.changed || self.told != self.state;
        self.told.clone_from(&self.state);
        self.changed = false;
        // On a screen the news are on the panels.
        self.news.clear();
        changed
    }
}

impl Panel {
    /// Name, and how it is read.
    pub fn title(&self) -> (&str, &str) {
        (&self.name, &self.how)
    }

    /// Whether it is listened to, in words.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Whether it is not listened to because it cannot be.
    pub fn is_down(&self) -> bool {
        self.down
    }

    /// What was counted; nothing is said of what there was none.
    pub fn counted(&self) -> String {
        let (bytes, bad, documents) = self.counts;
        let mut counted = format!("{documents} documents");
        for (number, what) in [(self.nobody, "by nobody"), (bad, "bad"), (bytes, "bytes")] {
            if 0 < number {
                counted += &format!(", {number} {what}");
            }
        }
        counted
    }

    /// The last lines.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.rows.iter()
    }

    /// The last events.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.events.iter().map(String::as_str)
    }
}

fn plain(row: &Row) -> String {
    format!("  {:40}  {}", clean(&row.text), row.said).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_nobody_took_is_told_when_that_is_known() {
        let mut panel = Panel::new("till-1".to_owned(), "shop".to_owned());
        let row = Row { text: "Hello".into(), said: String::new(), waits: true };
        panel.line(Some(row), &[]);
        assert_eq!(panel.news(), ["till-1  shop  waiting"]);
        panel.line(None, &[PosFact::Unmatched("Hello".into())]);
        assert_eq!(panel.news(), [format!("  {:40}  ! nobody", "Hello")]);
        assert_eq!(panel.rows[0].said, "! nobody");
    }
}
