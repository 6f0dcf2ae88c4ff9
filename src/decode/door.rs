//! Door sensors: counters that write lines, and contacts on a GPIO line, to [`DoorFact`]s.
//!
//! A counter's line is one of two shapes, in any case, with any of `space : = , ;` between the words:
//! * an event: `IN`, `OUT 2`, `enter`, `exit:3`: so many people passed; no number means one;
//! * totals: `IN=123 OUT=120`, both words with a number: what was counted since the sensor started.
//!
//! Two beams of a pair are numbered through, so that a gap shows whichever lost an edge.
//!
//! Any other line is counted and left. A contact that skips a sequence number has lost edges: that is said
//! by [`DoorFact::Uncertain`] before the edge.

use super::fact::{Beam, BeamFact, DoorFact};
use super::line::LineReader;

/// Words for the two directions.
const ENTERED: [&str; 5] = ["in", "i", "enter", "entry", "entered"];
const EXITED: [&str; 5] = ["out", "o", "exit", "leave", "exited"];

/// People in one event line; more is a broken line.
const PASSED_AT_ONCE: u64 = 10_000;

/// Bytes of a counter's port to facts.
#[must_use]
pub fn lines() -> LineReader<DoorFact> {
    LineReader::new(parse_line)
}

/// Reads one line of a counter.
#[must_use]
pub fn parse_line(line: &str) -> Option<DoorFact> {
    let lower = line.to_lowercase();
    // What each direction was told, in the order ENTERED, EXITED.
    let mut told: [Option<u64>; 2] = [None, None];
    let mut naming = None;
    for word in words(&lower) {
        if let Ok(number) = word.parse::<u64>() {
            *told.get_mut(naming.take()?)? = Some(number);
        } else {
            let direction = [ENTERED, EXITED].iter().position(|names| names.contains(&word))?;
            if told.get_mut(direction)?.replace(NO_NUMBER).is_some() {
                return None;
            }
            naming = Some(direction);
        }
    }
    match told {
        [Some(entered), Some(exited)] if entered != NO_NUMBER && exited != NO_NUMBER => {
            Some(DoorFact::Totals { entered, exited })
        }
        [Some(count), None] => passed(count).map(|entered| DoorFact::Passed { entered, exited: 0 }),
        [None, Some(count)] => passed(count).map(|exited| DoorFact::Passed { entered: 0, exited }),
        _ => None,
    }
}

/// Stands for a direction that was named without a number.
const NO_NUMBER: u64 = u64::MAX;

fn passed(count: u64) -> Option<u32> {
    match count {
        NO_NUMBER => Some(1),
        1..=PASSED_AT_ONCE => u32::try_from(count).ok(),
        _ => None,
    }
}

/// The words and numbers of a line; `in12` are two.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split([' ', '\t', ':', '=', ',', ';']).filter(|part| !part.is_empty()).flat_map(|part| {
        let digits = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
        let (word, number) = part.split_at(digits);
        [word, number].into_iter().filter(|piece| !piece.is_empty())
    })
}

/// Edges of a contact to facts. `active` is open.
#[derive(Debug, Default)]
pub struct ContactDecoder {
    last: Option<(u32, bool)>,
}

impl ContactDecoder {
    /// Takes an edge; calls `said` for what follows from it. A level that did not change says nothing.
    pub fn edge(&mut self, active: bool, sequence: u32, mut said: impl FnMut(DoorFact)) {
        if let Some((before, open)) = self.last {
            if sequence != before.wrapping_add(1) && sequence != before {
                said(DoorFact::Uncertain);
            }
            if open != active {
                said(DoorFact::Contact { open: active });
            }
        } else {
            said(DoorFact::ContactIs { open: active });
        }
        self.last = Some((sequence, active));
    }

    /// The line was lost: the next edge only tells the level.
    pub fn broken(&mut self) {
        self.last = None;
    }
}

/// Edges of two beams to facts. `active` is blocked.
#[derive(Debug)]
pub struct PairDecoder {
    /// The outer and the inner one's.
    lines: [u32; 2],
    /// The number of the last edge, of whichever.
    last: Option<u32>,
}

impl PairDecoder {
    /// For beams on these lines of a chip, the outer one first.
    #[must_use]
    pub fn new(lines: [u32; 2]) -> Self {
        Self { lines, last: None }
    }

    /// Takes an edge; calls `said` for what follows from it. Edges of both lines are numbered through.
    pub fn edge(&mut self, line: u32, active: bool, sequence: u32, mut said: impl FnMut(BeamFact)) {
        if self.last.is_some_and(|before| sequence != before.wrapping_add(1)) {
            said(BeamFact::Lost);
        }
        self.last = Some(sequence);
        let [outer, inner] = self.lines;
        let beam = match line {
            line if line == outer => Beam::Outer,
            line if line == inner => Beam::Inner,
            _ => return,
        };
        said(BeamFact::Edge { beam, blocked: active });
    }

    /// Some edges were lost before the next one.
    pub fn broken(&mut self) {
        self.last = None;
    }

    /// The lines were requested: edges are numbered from 1.
    pub fn started(&mut self) {
        self.last = Some(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<DoorFact>) {
        assert_eq!(parse_line(line), expected, "{line:?}");
    }

    #[test]
    fn an_event_line_counts_people_in_one_direction() {
        let (once, thrice) = (DoorFact::Passed { entered: 1, exited: 0 }, 3);
        check("IN", Some(once));
        check("enter", Some(once));
        check("In: 1", Some(once));
        check("OUT 3", Some(DoorFact::Passed { entered: 0, exited: thrice }));
        check("exit=3", Some(DoorFact::Passed { entered: 0, exited: thrice }));
    }

    #[test]
    fn a_line_with_both_directions_and_numbers_is_totals() {
        let totals = Some(DoorFact::Totals { entered: 123, exited: 120 });
        check("IN=123 OUT=120", totals);
        check("i123,o120", totals);
        check("out: 120; in: 123", totals);
    }

    #[test]
    fn any_other_line_is_not_understood() {
        for line in ["hello", "12", "IN OUT", "IN 3 OUT", "IN 0", "IN IN", "IN 10001", "IN -1", ""]
        {
            check(line, None);
        }
    }

    /// Facts of `before`, of a loss or a new start, and of `after`.
    fn facts(before: &[u8], between: fn(&mut LineReader<DoorFact>), after: &[u8]) -> Vec<DoorFact> {
        let (mut decoder, mut facts) = (lines(), Vec::new());
        decoder.push(before, |fact| facts.push(fact));
        between(&mut decoder);
        decoder.push(after, |fact| facts.push(fact));
        facts
    }

    #[test]
    fn after_a_loss_the_rest_of_a_line_is_no_line_of_its_own() {
        let (one, two) = ([1, 0], [0, 2]);
        let passed = |[entered, exited]: [u32; 2]| DoorFact::Passed { entered, exited };
        let lost = LineReader::broken;
        assert_eq!(facts(b"IN\nIN=12", lost, b"3 OUT=120\nOUT 2\n"), [passed(one), passed(two)]);
        assert_eq!(facts(b"IN\n", lost, b"OUT=120\r\nOUT 2\n"), [passed(one), passed(two)]);
        assert_eq!(facts(b"IN\n", lost, b"OUT=1\rOUT 2\n"), [passed(one), passed(two)]);
        let all = facts(b"IN\nIN=1", LineReader::started, b"OUT 2\n");
        assert_eq!(all, [passed(one), passed(two)]);
    }

    #[test]
    fn a_contact_says_changes_only_and_notices_lost_edges() {
        let mut decoder = ContactDecoder::default();
        let mut facts = Vec::new();
        for (active, sequence) in [(false, 1), (true, 2), (true, 3), (false, 6)] {
            decoder.edge(active, sequence, |fact| facts.push(fact));
        }
        let [open, closed] = [true, false].map(|open| DoorFact::Contact { open });
        let found = DoorFact::ContactIs { open: false };
        assert_eq!(facts, [found, open, DoorFact::Uncertain, closed]);
    }

    #[test]
    fn a_pair_tells_which_beam_and_notices_an_edge_that_either_lost() {
        let mut decoder = PairDecoder::new([17, 27]);
        decoder.started();
        let mut facts = Vec::new();
        for (line, active, sequence) in [(17, true, 1), (27, true, 2), (4, true, 3), (17, false, 6)]
        {
            decoder.edge(line, active, sequence, |fact| facts.push(fact));
        }
        decoder.broken();
        decoder.edge(27, false, 9, |fact| facts.push(fact));
        let edge = |beam, blocked| BeamFact::Edge { beam, blocked };
        let expected = [
            edge(Beam::Outer, true),
            edge(Beam::Inner, true),
            BeamFact::Lost,
            edge(Beam::Outer, false),
            edge(Beam::Inner, false),
        ];
        assert_eq!(facts, expected);
        decoder.started();
        decoder.edge(17, true, 2, |fact| facts.push(fact));
        assert_eq!(facts.get(5), Some(&BeamFact::Lost), "the first one is missing");
    }
}
