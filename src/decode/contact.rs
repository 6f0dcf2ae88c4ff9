//! A contact that writes a line when a door opens or closes: `OPEN`, `CLOSED`, in any case, also `door=open` or
//! `contact: shut`. It may say the same again and again. Any other line is counted and left.

use super::line::LineSplitter;

const OPEN: [&str; 2] = ["open", "opened"];
const SHUT: [&str; 4] = ["close", "closed", "shut", "closing"];
/// Words that may stand before it.
const NAMES: [&str; 4] = ["door", "contact", "dock", "state"];

/// Bytes of a contact's port to levels.
#[derive(Debug, Default)]
pub struct ContactLines {
    lines: LineSplitter,
    malformed: u64,
}

impl ContactLines {
    /// Takes bytes; calls `said` with whether it is open, for each line in them.
    pub fn push(&mut self, bytes: &[u8], mut said: impl FnMut(bool)) {
        let malformed = &mut self.malformed;
        self.lines.push(bytes, |line| match parse_line(line) {
            Some(open) => said(open),
            None => *malformed += 1,
        });
    }

    /// Bytes were lost: the rest of the line says nothing.
    pub fn broken(&mut self) {
        self.lines.skip();
    }

    /// The device went away or came back: what it says next is the start of a line.
    pub fn started(&mut self) {
        self.lines.clear();
    }

    /// Lines that were not understood or too long.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.malformed + self.lines.too_long()
    }
}

/// Reads one line: whether the door is open.
#[must_use]
pub fn parse_line(line: &str) -> Option<bool> {
    let lower = line.to_lowercase();
    let words = lower.split([' ', '\t', ':', '=', ',', ';']).filter(|word| !word.is_empty());
    let mut words = words.skip_while(|word| NAMES.contains(word));
    let word = words.next().filter(|_| words.next().is_none())?;
    if OPEN.contains(&word) { Some(true) } else { SHUT.contains(&word).then_some(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_the_door_stands() {
        let check = |line: &str, expected| assert_eq!(parse_line(line), expected, "{line}");
        check("OPEN", Some(true));
        check("Closed", Some(false));
        check("door=open", Some(true));
        check("contact: SHUT", Some(false));
        check("open closed", None);
        check("door", None);
        check("1", None);
    }

    #[test]
    fn what_is_no_such_line_is_counted() {
        let (mut lines, mut said) = (ContactLines::default(), Vec::new());
        lines.push(b"OPEN\r\nIN 2\r\nCLO", |open| said.push(open));
        lines.push(b"SED\r\n", |open| said.push(open));
        assert_eq!((said, lines.malformed()), (vec![true, false], 1));
    }
}
