//! Panels on a screen: nothing leaves its bounds, and what matters most is cut last.
//!
//! On a wide screen lines stand on the left, what took them beside them, and events on the right; on a narrow one
//! events stand below. An event goes on in the next row. A line is erased before it is written: behind the last
//! column a terminal would erase that one.

use super::panel::{NOBODY, Panel, Row};

/// Columns from which events have a place of their own.
const WIDE: usize = 60;

/// Columns of what became of a line.
const SAID: usize = 12;

/// All panels, one below the other, on a screen of this size.
pub fn draw(panels: &[Panel], rows: usize, columns: usize, colour: bool) -> String {
    let room = rows.saturating_sub(1);
    let shown = panels.len().min(room / 2).max(1);
    let mut lines: Vec<String> = Vec::new();
    for (at, panel) in panels.iter().take(shown).enumerate() {
        // What does not divide goes to the first.
        let height = room / shown + usize::from(at < room % shown);
        lines.extend(of_panel(panel, height, columns, colour));
    }
    let hidden = panels.len().saturating_sub(shown);
    let last = if hidden == 0 {
        "Ctrl-C ends".to_owned()
    } else {
        format!("Ctrl-C ends; {hidden} more have no room")
    };
    lines.truncate(room);
    lines.resize(room, String::new());
    lines.push(fit(&last, columns));
    let mut out = String::from("\x1b[H");
    for (at, line) in lines.iter().enumerate() {
        out.push_str(if at == 0 { "\x1b[2K" } else { "\r\n\x1b[2K" });
        out.push_str(line);
    }
    out
}

fn of_panel(panel: &Panel, height: usize, columns: usize, colour: bool) -> Vec<String> {
    let style = if panel.is_down() { "1;7;31" } else { "1;7" };
    let mut lines = vec![paint(colour, style, fit(&head(panel, columns), columns))];
    let room = height.saturating_sub(1);
    if columns < WIDE {
        let events = (room / 3).max(1).min(room);
        let said = if columns < 30 { 0 } else { SAID };
        for row in last_of(panel.rows(), room - events) {
            lines.push(line(row, columns, said, colour));
        }
        lines.resize(1 + room - events, String::new());
        for event in tail(panel, columns, events) {
            lines.push(event_line(&event, columns, colour));
        }
        lines.resize(1 + room, String::new());
        return lines;
    }
    let right = columns * 3 / 10;
    let left = columns - right - 3;
    let mut rows = last_of(panel.rows(), room).into_iter();
    let mut events = tail(panel, right, room).into_iter();
    for _ in 0..room {
        let row = rows.next().map_or_else(|| fit("", left), |row| line(row, left, SAID, colour));
        let event = events.next().map(|event| event_line(&event, right, colour));
        lines.push(format!("{row} | {}", event.unwrap_or_default()));
    }
    lines
}

/// Name and state, then what was counted, then how it is read: as far as there is room.
fn head(panel: &Panel, columns: usize) -> String {
    let (name, how) = panel.title();
    let counts = panel.counted();
    let state = panel.state();
    let least = width(state) + width(&counts) + 4;
    // Of a port's path the end tells which it is.
    let room = columns.saturating_sub(least).max(8);
    let name = if width(name) <= room {
        name.to_owned()
    } else {
        format!("…{}", end_of(name, room - 1))
    };
    let head = format!("{name}  {state}  {counts}");
    let more = format!("{head}  {how}");
    if width(&more) <= columns { more } else { head }
}

fn line(row: &Row, columns: usize, said: usize, colour: bool) -> String {
    let text = columns.saturating_sub(said + usize::from(0 < said));
    let cell = fit(&squeezed(&clean(&row.text), text), text);
    if said == 0 {
        return cell;
    }
    let style = match row.said.as_str() {
        NOBODY => "1;31",
        "ignored" => "2",
        "" => "36",
        _ => "32",
    };
    format!("{cell} {}", paint(colour, style, fit(&row.said, said)))
}

/// A row of an event and whether its checks failed.
struct EventRow {
    text: String,
    failed: bool,
}

fn event_line(event: &EventRow, columns: usize, colour: bool) -> String {
    paint(colour, if event.failed { "1;31" } else { "" }, fit(&event.text, columns))
}

/// The last events, over as many rows as they need.
fn tail(panel: &Panel, columns: usize, rows: usize) -> Vec<EventRow> {
    let mut tail: Vec<EventRow> = Vec::new();
    for event in panel.events().rev() {
        let failed = event.contains("FAILED");
        let mut broken = broken(event, columns);
        if rows < tail.len() + broken.len() {
            if tail.is_empty() {
                broken.truncate(rows);
            } else {
                break;
            }
        }
        tail.extend(broken.into_iter().rev().map(|text| EventRow { text, failed }));
    }
    tail.reverse();
    tail
}

/// A text over several rows, broken behind commas, or at spaces where a part is longer than a row; the further rows
/// are indented.
fn broken(text: &str, columns: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    let parts = text.split_inclusive(", ").map(str::trim_end);
    let words = parts.flat_map(|part| {
        let whole = width(part) < columns;
        if whole { vec![part] } else { part.split_whitespace().collect() }
    });
    for word in words {
        let Some(row) = rows.last_mut() else { continue };
        if row.is_empty() {
            row.push_str(word);
        } else if width(row) + 1 + width(word) <= columns {
            row.push(' ');
            row.push_str(word);
        } else {
            rows.push(format!(" {word}"));
        }
    }
    rows
}

fn last_of<'a>(rows: impl ExactSizeIterator<Item = &'a Row>, shown: usize) -> Vec<&'a Row> {
    let skipped = rows.len().saturating_sub(shown);
    rows.skip(skipped).collect()
}

fn paint(colour: bool, style: &str, text: String) -> String {
    if colour && !style.is_empty() { format!("\x1b[{style}m{text}\x1b[0m") } else { text }
}

/// A line that is too long loses of its widest gap first: the amount stands at its end, below the others.
fn squeezed(text: &str, columns: usize) -> String {
    let over = width(text).saturating_sub(columns);
    let gaps = text.trim_end().split(|c: char| c != ' ').map(str::len);
    let widest = gaps.max().unwrap_or_default();
    if over == 0 || widest < 2 {
        return text.to_owned();
    }
    let narrower = widest.saturating_sub(over).max(1);
    let text = text.replacen(&" ".repeat(widest), &" ".repeat(narrower), 1);
    if widest - narrower < over { squeezed(&text, columns) } else { text }
}

/// Text that commands no terminal: no control characters, and none that turns the direction of writing.
pub fn clean(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { '·' } else { c }).collect()
}

/// A text of exactly so many columns.
fn fit(text: &str, columns: usize) -> String {
    let (mut cut, mut used) = (String::new(), 0);
    for c in text.chars() {
        if columns < used + wide(c) {
            break;
        }
        used += wide(c);
        cut.push(c);
    }
    cut.extend(std::iter::repeat_n(' ', columns - used));
    cut
}

/// The end of a text, of so many columns at most.
fn end_of(text: &str, columns: usize) -> String {
    let over = width(text).saturating_sub(columns);
    text.chars().skip(over).collect()
}

fn width(text: &str) -> usize {
    text.chars().map(wide).sum()
}

/// Columns of a character, as terminals have it: letters of East Asia take two, marks on letters none (Unicode
/// Standard Annex 11, in ranges).
fn wide(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036F | 0x200B..=0x200D | 0x20D0..=0x20FF | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0x303E
        | 0x3041..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1F64F
        | 0x1F900..=0x1F9FF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The screen's rows, without commands.
    fn rows(panels: &[Panel], rows: usize, columns: usize) -> Vec<String> {
        let screen = draw(panels, rows, columns, false);
        screen
            .trim_start_matches("\x1b[H")
            .split("\r\n")
            .map(|row| row.replace("\x1b[2K", ""))
            .collect()
    }

    fn panel(lines: impl Iterator<Item = String>) -> Panel {
        let mut panel = Panel::new("till-1".to_owned(), "shop  9600 8N1".to_owned());
        for text in lines {
            panel.line(Some(Row { text, said: "item".into(), waits: false }), &[]);
        }
        panel
    }

    #[test]
    fn a_panel_fits_its_screen_and_a_till_cannot_command_the_terminal() {
        let panels = [
            panel((0..500).map(|number| format!("\x1b[2J茶\u{202E} {number}"))),
            panel("a".repeat(300).lines().map(str::to_owned)),
        ];
        for (height, columns) in [(24, 80), (10, 40), (10, 60), (3, 20), (2, 5), (1, 1), (60, 200)]
        {
            let rows = rows(&panels, height, columns);
            assert_eq!(rows.len(), height, "{rows:?}");
            assert!(
                rows.iter().all(|row| width(row) <= columns && !row.contains('\x1b')),
                "{rows:?}"
            );
        }
        let rows = rows(&panels[..1], 10, 60);
        assert!(rows[8].starts_with("·[2J茶· 499 "), "{rows:?}");
    }

    #[test]
    fn what_is_too_long_keeps_its_amount_and_its_end() {
        let panels = [panel([format!("TEA{}2,50", " ".repeat(60))].into_iter())];
        let squeezed = format!("TEA{}2,50 item", " ".repeat(20));
        assert!(rows(&panels, 10, 40)[1].starts_with(&squeezed));
        assert_eq!(
            broken("2.50, 1 lines, checks passed, till-1-7 of 3", 17),
            ["2.50, 1 lines,", " checks passed,", " till-1-7 of 3"]
        );
        let long = Panel::new(
            "/dev/serial/by-path/platform-fd500000.pcie-usb-0:1.2:1.0-port0".to_owned(),
            String::new(),
        );
        let head = rows(&[long], 10, 60)[0].clone();
        assert!(head.contains(":1.0-port0  waiting  0 documents"), "{head}");
    }
}
