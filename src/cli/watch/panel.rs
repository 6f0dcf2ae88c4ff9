//! One till on the screen: its last lines with what took them, and the events beside them.
//!
//! Bounded: the last lines and events only. Text of a till is shown without control characters, so that it cannot
//! command the terminal.

use std::collections::VecDeque;

use tillgate_events::{Body, Record};

use crate::decode::PosFact;

/// Lines and events that are kept of each till.
const KEPT: usize = 200;

/// A printed line.
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
    title: String,
    /// Whether it is listened to.
    pub state: String,
    told: String,
    rows: VecDeque<Row>,
    events: VecDeque<String>,
    news: Vec<String>,
    counts: (u64, u64, usize),
    nobody: u64,
    changed: bool,
}

impl Panel {
    /// A till of which nothing was heard.
    pub fn new(title: String) -> Self {
        Self {
            title,
            state: "waiting".to_owned(),
            told: String::new(),
            rows: VecDeque::new(),
            events: VecDeque::new(),
            news: Vec::new(),
            counts: (0, 0, 0),
            nobody: 0,
            changed: true,
        }
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
        self.news.extend(row.filter(|row| !row.waits).map(|row| plain(&row)));
        for fact in read {
            if let PosFact::Unmatched(text) = fact {
                self.nobody += 1;
                self.news.push(format!("  {}  ! nobody", clean(text)));
                let mut waiting = self.rows.iter_mut().rev();
                if let Some(row) = waiting.find(|row| row.waits && row.text.trim() == text) {
                    row.said = "! nobody".to_owned();
                }
            }
        }
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
                format!("{} {total}, {} lines, {checks}", receipt.receipt_id, receipt.lines.len())
            }
            Body::ReceiptVoided(voided) => format!("{} voided", voided.receipt_id),
            Body::NoSale(_) => "drawer opened without a sale".to_owned(),
            Body::Unknown(unknown) => {
                let first = unknown.text.lines().next().unwrap_or_default();
                format!("{}: {first}", unknown.kind)
            }
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
            news.insert(0, format!("{}  {}", self.title, self.state));
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

fn plain(row: &Row) -> String {
    format!("  {:40}  {}", clean(&row.text), row.said).trim_end().to_owned()
}

fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '·' } else { c }).collect()
}

/// All panels, one below the other, on a screen of this size.
pub fn draw(panels: &[Panel], rows: usize, columns: usize, colour: bool) -> String {
    let height = (rows.saturating_sub(1) / panels.len().max(1)).max(2);
    let mut out = String::from("\x1b[H");
    let mut line = |text: &str| {
        out.push_str(text);
        out.push_str("\x1b[K\r\n");
    };
    for panel in panels.iter().take(rows / 2) {
        panel.lines(height, columns, colour).iter().for_each(|text| line(text));
    }
    out.push_str("\x1b[JCtrl-C ends");
    out
}

impl Panel {
    fn lines(&self, height: usize, columns: usize, colour: bool) -> Vec<String> {
        let paint = |paint: &str, text: String| match colour {
            true if !paint.is_empty() => format!("\x1b[{paint}m{text}\x1b[0m"),
            _ => text,
        };
        let (bytes, bad, documents) = self.counts;
        let nobody = self.nobody;
        let head = format!(
            "{}  {}  {bytes} bytes, {bad} bad, {documents} documents, {nobody} lines by nobody",
            self.title, self.state
        );
        let mut lines = vec![paint("1;7", fit(&head, columns))];
        let left = columns * 2 / 3;
        let (text, right) = (left.saturating_sub(16), columns.saturating_sub(left + 3));
        let shown = height.saturating_sub(1);
        let rows = self.rows.iter().skip(self.rows.len().saturating_sub(shown));
        let mut events = self.events.iter().skip(self.events.len().saturating_sub(shown));
        let mut rows = rows.map(|row| {
            let said = match row.said.as_str() {
                "! nobody" => "1;31",
                "ignored" => "2",
                "" => "36",
                _ => "32",
            };
            format!("{} {}", fit(&clean(&row.text), text), paint(said, fit(&row.said, 15)))
        });
        for _ in 0..shown {
            let row = rows.next().unwrap_or_else(|| fit("", left));
            let event = events.next().map(String::as_str).unwrap_or_default();
            let failed = if event.contains("FAILED") { "1;31" } else { "" };
            lines.push(format!("{row} | {}", paint(failed, fit(event, right))));
        }
        lines
    }
}

/// A text of exactly so many characters.
fn fit(text: &str, width: usize) -> String {
    let cut: String = text.chars().take(width).collect();
    format!("{cut:width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_fits_its_screen_and_a_till_cannot_command_the_terminal() {
        let mut panel = Panel::new("till-1  shop  9600 8N1".to_owned());
        for number in 0..500 {
            let row =
                Row { text: format!("\x1b[2JTea {number}"), said: "item".into(), waits: false };
            panel.line(Some(row), &[]);
        }
        let screen = draw(&[panel], 10, 60, false);
        let lines: Vec<&str> = screen.trim_start_matches("\x1b[H").split("\x1b[K\r\n").collect();
        assert_eq!(lines.len(), 10);
        assert!(lines.iter().all(|line| line.chars().count() <= 60 || line.starts_with("\x1b[J")));
        assert!(lines[8].starts_with("·[2JTea 499"), "{lines:?}");
    }

    #[test]
    fn a_line_that_nobody_took_is_told_when_that_is_known() {
        let mut panel = Panel::new("till-1".to_owned());
        let row = Row { text: "Hello".into(), said: String::new(), waits: true };
        panel.line(Some(row), &[]);
        assert_eq!(panel.news(), ["till-1  waiting"]);
        panel.line(None, &[PosFact::Unmatched("Hello".into())]);
        assert_eq!(panel.news(), ["  Hello  ! nobody"]);
        assert_eq!(panel.rows[0].said, "! nobody");
    }
}
