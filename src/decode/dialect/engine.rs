//! A pattern at work: a bounded backtracker.
//!
//! It takes time linear in pattern × line, because it never looks at one place of a line in one state twice. Where
//! it has been it writes into a scratch memory that all patterns of a thread share: with one of its own, as the
//! usual engines have, each of a dialect's hundreds of patterns would keep tens of kilobytes for ever.

use std::borrow::Cow;
use std::cell::RefCell;

use regex_automata::Input;
use regex_automata::nfa::thompson::backtrack::{BoundedBacktracker, Cache};
use regex_automata::nfa::thompson::{Compiler, Config, NFA};
use regex_automata::util::captures::GroupInfo;
use regex_automata::util::primitives::{NonMaxUsize, PatternID};
use regex_syntax::hir::Hir;

use crate::limits;

thread_local! {
    static SCRATCH: RefCell<Option<Cache>> = const { RefCell::new(None) };
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Engine(BoundedBacktracker);

impl Engine {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// In words, when it is larger than its limit, or too large to be tried with the longest line.
    pub(super) fn new(hir: &Hir) -> Result<Self, String> {
        let limit = Config::new().nfa_size_limit(Some(limits::REGEX_BYTES));
        let nfa: NFA = Compiler::new().configure(limit).build_from_hir(hir).map_err(|error| {
            match error.size_limit() {
                Some(most) => format!("larger than {most} bytes when compiled"),
                None => error.to_string(),
            }
        })?;
        let capacity = BoundedBacktracker::config().visited_capacity(limits::REGEX_SCRATCH_BYTES);
        let machine = BoundedBacktracker::builder()
            .configure(capacity)
            .build_from_nfa(nfa)
            .map_err(|error| error.to_string())?;
        if machine.max_haystack_len() < LINE_BYTES {
            return Err(format!("too large to be tried with a line of {LINE_BYTES} bytes"));
        }
        Ok(Self(machine))
    }

    /// Whether the pattern matches anywhere in a text. None does in one far longer than a line.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.search(&Input::new(text).earliest(true), &mut [])
    }

    /// The first match and its groups.
    pub(super) fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        let groups = self.0.get_nfa().group_info();
        let mut slots = vec![None; groups.slot_len()];
        let found = self.search(&Input::new(text), &mut slots);
        found.then(|| Captures { text, slots, groups: groups.clone() })
    }

    /// Captures as they were in another text of the same length.
    pub(super) fn captured<'t>(&self, text: &'t str, slots: &Slots) -> Captures<'t> {
        let slot =
            |slot: &u8| (*slot != NO_SLOT).then(|| NonMaxUsize::new((*slot).into())).flatten();
        let slots = slots.0.iter().map(slot).collect();
        Captures { text, slots, groups: self.0.get_nfa().group_info().clone() }
    }

    /// The text with a space instead of each match.
    pub(super) fn blank<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = String::new();
        let (mut copied, mut from) = (0, 0);
        let mut slots = [None; 2];
        while self.search(&Input::new(text).span(from..text.len()), &mut slots) {
            let Some((start, end)) = span(&slots, 0) else { break };
            if start == end {
                // Nothing to replace: on behind the next character.
                let Some(next) = text.get(end..).and_then(|rest| rest.chars().next()) else {
                    break;
                };
                from = end + next.len_utf8();
                continue;
            }
            out.push_str(text.get(copied..start).unwrap_or_default());
            out.push(' ');
            (copied, from) = (end, end);
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        Cow::Owned(out)
    }

    fn search(&self, input: &Input<'_>, slots: &mut [Option<NonMaxUsize>]) -> bool {
        SCRATCH.with_borrow_mut(|scratch| {
            let cache = scratch.get_or_insert_with(|| self.0.create_cache());
            self.0.reset_cache(cache);
            let found = self.0.try_search_slots(cache, input, slots);
            if cache.memory_usage() > limits::REGEX_SCRATCH_KEPT {
                *scratch = None;
            }
            matches!(found, Ok(Some(_)))
        })
    }
}

/// The longest line.
const LINE_BYTES: usize = limits::LINE_CHARS * 4;

/// Where the groups of a pattern stand in a short text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Slots(Box<[u8]>);

/// A slot of a group that took no part.
const NO_SLOT: u8 = u8::MAX;

/// What a pattern captured.
#[derive(Debug)]
pub(super) struct Captures<'t> {
    text: &'t str,
    slots: Vec<Option<NonMaxUsize>>,
    groups: GroupInfo,
}

impl<'t> Captures<'t> {
    /// A group by its name, where it took part.
    pub(super) fn name(&self, name: &str) -> Option<&'t str> {
        self.group(self.groups.to_index(PatternID::ZERO, name)?)
    }

    /// Where they stand; none in a long text.
    pub(super) fn slots(&self) -> Option<Slots> {
        let short = |slot: &Option<NonMaxUsize>| match slot {
            Some(slot) => u8::try_from(slot.get()).ok().filter(|slot| *slot != NO_SLOT),
            None => Some(NO_SLOT),
        };
        self.slots.iter().map(short).collect::<Option<_>>().map(Slots)
    }

    /// A group by its number; 0 is all of the match.
    pub(super) fn group(&self, number: usize) -> Option<&'t str> {
        let (start, end) = span(&self.slots, self.groups.slot(PatternID::ZERO, number)?)?;
        self.text.get(start..end)
    }
}

/// The start and end that stand in two slots.
fn span(slots: &[Option<NonMaxUsize>], at: usize) -> Option<(usize, usize)> {
    let slot = |at: usize| slots.get(at).copied().flatten().map(NonMaxUsize::get);
    Some((slot(at)?, slot(at + 1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(pattern: &str) -> Result<Engine, String> {
        Engine::new(&regex_syntax::parse(pattern).unwrap())
    }

    #[test]
    fn groups_are_found_by_name_and_by_number() {
        let engine = engine(r"(?P<sum>[0-9]+) (EUR|€)(?P<none>x)?").unwrap();
        let found = engine.captures("total 12 € 3 EUR").unwrap();
        assert_eq!(found.name("sum"), Some("12"));
        assert_eq!((found.group(0), found.group(2)), (Some("12 €"), Some("€")));
        assert_eq!((found.name("none"), found.name("other"), found.group(9)), (None, None, None));
        assert!(engine.captures("12 USD").is_none() && !engine.is_match("12 USD"));
    }

    #[test]
    fn blanks_stand_for_every_match_and_nothing_else_changes() {
        let check = |pattern: &str, text: &str, expected: &str| {
            assert_eq!(engine(pattern).unwrap().blank(text), expected, "{pattern}");
        };
        check(r"[|]|\[ ?\]", "|a|[ ]ü |", " a  ü  ");
        check(r"[|]", "none", "none");
        check(r"x*", "üxxü", "ü ü");
        check(r"^\|", "||a", " |a");
    }

    #[test]
    fn a_pattern_too_large_for_the_longest_line_is_refused() {
        assert!(engine(r"(?:[0-9a-f]{60} ){90}").unwrap_err().contains("too large"));
        assert!(engine(r"(?:\w{90} ){90}").is_err());
    }

    #[test]
    fn a_text_far_longer_than_a_line_matches_nothing_and_the_next_one_does() {
        let engine = engine("(?:a|b|c){100}d").unwrap();
        let long = "abc".repeat(100_000) + "d";
        assert!(!engine.is_match(&long));
        assert!(engine.is_match(&("abc".repeat(50) + "d")));
    }
}
