//! A contact that writes a line when a door opens or closes: `OPEN`, `CLOSED`, in any case, also `door=open` or
//! `contact: shut`. It may say the same again and again. Any other line is counted and left.

use super::line::LineReader;

const OPEN: [&str; 2] = ["open", "opened"];
const SHUT: [&str; 4] = ["close", "closed", "shut", "closing"];
/// Words that may stand before it.
const NAMES: [&str; 4] = ["door", "contact", "dock", "state"];

/// Bytes of a contact's port to whether it is open.
#[must_use]
pub fn lines() -> LineReader<bool> {
    LineReader::new(parse_line)
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
        let (mut lines, mut said) = (lines(), Vec::new());
        lines.push(b"OPEN\r\nIN 2\r\nCLO", |open| said.push(open));
        lines.push(b"SED\r\n", |open| said.push(open));
        assert_eq!((said, lines.malformed()), (vec![true, false], 1));
    }
}
