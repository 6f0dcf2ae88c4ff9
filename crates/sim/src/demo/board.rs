//! The living table, as text: what each device says, what arrives, how the broker and the gateway are.
//!
//! Pure: the same view gives the same lines.

use std::time::Duration;

use tillgate_events::Class;

use super::arrivals::Tally;
use super::check::Report;
use super::paint::Paint;
use crate::store::{Said, decimal};

/// Cells of the progress bar.
const BAR: u128 = 30;
/// Points of the backlog's curve.
const POINTS: usize = 60;
/// Steps of the backlog's curve, lowest first.
const CURVE: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Everything that is shown.
pub struct View<'a> {
    pub elapsed: Duration,
    pub run: Duration,
    pub phase: &'a str,
    pub broker_up: bool,
    pub devices: &'a [DeviceRow],
    pub classes: Vec<(Class, Tally)>,
    /// What was said and has not arrived, over time, the newest last.
    pub backlog: &'a [u64],
    /// The latest birth or last will.
    pub state: &'a str,
}

/// One device.
#[derive(Clone, Debug, Default)]
pub struct DeviceRow {
    pub name: String,
    pub kind: &'static str,
    pub port: String,
    pub last: String,
    pub said: u64,
    pub arrived: u64,
}

impl View<'_> {
    /// The whole table.
    pub fn lines(&self, paint: Paint) -> Vec<String> {
        let mut lines = vec![self.title(paint), String::new()];
        let heading = format!(
            "{:<18} {:<16} {:<12} {:<32} {:>6} {:>8}",
            "DEVICE", "KIND", "PORT", "LAST SAID", "SAID", "ARRIVED"
        );
        lines.push(paint.dim(&heading));
        lines.extend(self.devices.iter().map(|row| row.line(paint)));
        lines.push(String::new());
        let heading = format!(
            "{:<6} {:>9} {:>8} {:>8} {:>9}  {:<50}",
            "CLASS", "MESSAGES", "RECORDS", "EVENTS", "BYTES", "LAST RECORD"
        );
        lines.push(paint.dim(&heading));
        lines.extend(self.classes.iter().map(|(class, tally)| {
            let Tally { messages, records, events, bytes, last } = tally;
            let name = paint.bold(&format!("{:<6}", class.name()));
            format!("{name} {messages:>9} {records:>8} {events:>8} {bytes:>9}  {}", fit(last, 50))
        }));
        lines.push(String::new());
        lines.extend(self.transport(paint));
        lines
    }

    fn title(&self, paint: Paint) -> String {
        let run = self.run.as_millis().max(1);
        let full = (self.elapsed.as_millis() * BAR / run).min(BAR) as usize;
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR as usize - full));
        let (elapsed, run) = (self.elapsed.as_secs().min(self.run.as_secs()), self.run.as_secs());
        format!(
            "{}  {}  {elapsed} s of {run} s   {}",
            paint.bold("tillgate demo"),
            paint.cyan(&bar),
            self.phase
        )
    }

    fn transport(&self, paint: Paint) -> Vec<String> {
        let broker =
            if self.broker_up { paint.green("up") } else { paint.red("stopped on purpose") };
        let waiting = self.backlog.last().copied().unwrap_or(0);
        let points =
            self.backlog.get(self.backlog.len().saturating_sub(POINTS)..).unwrap_or_default();
        let highest = points.iter().copied().max().unwrap_or(0).max(1);
        let curve: String = points
            .iter()
            .filter_map(|value| CURVE.get((value * 7).div_ceil(highest) as usize))
            .collect();
        vec![
            format!("broker    {broker}"),
            format!("on its way{waiting:>6}  {}", paint.yellow(&curve)),
            format!("gateway   {}", fit(self.state, 100)),
        ]
    }

    /// One line, for logs.
    pub fn short(&self) -> String {
        let said: u64 = self.devices.iter().map(|row| row.said).sum();
        let arrived: u64 = self.devices.iter().map(|row| row.arrived).sum();
        let events: u64 = self.classes.iter().map(|(_, tally)| tally.events).sum();
        format!(
            "{:>4} s of {} s  {}  broker {}  said {said}  arrived {arrived}  on its way {}  events {events}",
            self.elapsed.as_secs(),
            self.run.as_secs(),
            self.phase,
            if self.broker_up { "up" } else { "stopped" },
            self.backlog.last().copied().unwrap_or(0),
        )
    }
}

impl DeviceRow {
    fn line(&self, paint: Paint) -> String {
        let Self { name, kind, port, last, said, arrived } = self;
        let arrived = format!("{arrived:>8}");
        let arrived =
            if *said == self.arrived { paint.green(&arrived) } else { paint.yellow(&arrived) };
        let name = paint.bold(&format!("{:<18}", fit(name, 18)));
        format!("{name} {kind:<16} {port:<12} {:<32} {said:>6} {arrived}", fit(last, 32))
    }

    /// Takes note of what the device said. Strangers' advertisements are heard, but never to arrive.
    pub fn note(&mut self, said: &Said) {
        let counts = !matches!(said, Said::Advert { tag: None, .. });
        self.said += u64::from(counts);
        self.last = match said {
            Said::Receipt(receipt) => {
                let card = if receipt.card > 0 { "card" } else { "cash" };
                format!("receipt {:06}  {:>8} {card}", receipt.number, decimal(receipt.total))
            }
            Said::Crossing { direction, .. } => format!("one {direction:?}").to_lowercase(),
            Said::Advert { tag: Some(tag), rssi, .. } => format!("customer-{tag}  {rssi} dBm"),
            Said::Advert { tag: None, rssi, .. } => format!("a stranger  {rssi} dBm"),
        };
    }
}

/// The truth check as a table.
pub fn report_lines(report: &Report, paint: Paint) -> Vec<String> {
    let heading = format!("{:<26} {:>12} {:>12}", "TRUTH CHECK", "SIMULATED", "ARRIVED");
    let mut lines = vec![paint.dim(&heading)];
    for line in &report.lines {
        let mark = if line.equal { paint.green("equal") } else { paint.red("DIFFERENT") };
        let mark = if line.said == "—" || line.arrived == "—" { String::new() } else { mark };
        lines.push(format!("{:<26} {:>12} {:>12}  {mark}", line.what, line.said, line.arrived));
    }
    if !report.differences.is_empty() {
        lines.push(String::new());
        lines.push(paint.red("First differences:"));
        lines.extend(report.differences.iter().map(|text| format!("  {text}")));
    }
    if report.more > 0 {
        lines.push(format!("  and {} more", report.more));
    }
    lines.push(String::new());
    lines.push(if report.passed() {
        paint.green("Everything that was said has arrived, once, to the cent.")
    } else {
        paint.red("What arrived is not what was said.")
    });
    lines
}

/// At most so many characters, control characters left out.
fn fit(text: &str, width: usize) -> String {
    let mut chars = text.chars().filter(|char| !char.is_control());
    let mut out: String = chars.by_ref().take(width).collect();
    if chars.next().is_some() {
        out.pop();
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_with_a_mark_and_loses_its_control_characters() {
        for (text, expected) in
            [("abc", "abc"), ("abcd", "abcd"), ("abcde", "abc…"), ("a\x1bb\nc", "abc")]
        {
            assert_eq!(fit(text, 4), expected);
        }
    }

    #[test]
    fn the_table_shows_progress_and_the_backlog_without_colour() {
        let row = DeviceRow { name: "till-1".into(), said: 3, arrived: 2, ..DeviceRow::default() };
        let view = View {
            elapsed: Duration::from_secs(30),
            run: Duration::from_secs(60),
            phase: "selling",
            broker_up: true,
            devices: &[row],
            classes: vec![(Class::Pos, Tally { events: 42, ..Tally::default() })],
            backlog: &[0, 1, 7, 14],
            state: "",
        };
        let text = view.lines(Paint::new(false)).join("\n");
        let half = format!("{}{}", "█".repeat(15), "░".repeat(15));
        for part in [half.as_str(), "30 s of 60 s", "till-1", "▁▂▅█", "on its way    14  "]
        {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert!(!text.contains('\x1b'));
        assert!(view.lines(Paint::new(true)).join("").contains('\x1b'));
        assert_eq!(
            view.short(),
            "  30 s of 60 s  selling  broker up  said 3  arrived 2  on its way 14  events 42"
        );
    }
}
