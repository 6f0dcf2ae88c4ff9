//! Passages by their edges: each sequence up to length 8 against a classifier of its own.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// Passages that a pair counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    entered: u32,
    exited: u32,
    weak: u32,
    turned_back: u32,
    uncertain: u32,
    undirected: u32,
    more: u32,
}

fn sums(said: &[BeamSaid]) -> Sums {
    let mut sums = Sums::default();
    for said in said {
        match said {
            BeamSaid::Passed { inward, weak, more } => {
                *(if *inward { &mut sums.entered } else { &mut sums.exited }) += 1;
                sums.weak += u32::from(*weak);
                sums.more += more;
            }
            BeamSaid::TurnedBack => sums.turned_back += 1,
            BeamSaid::Uncertain => sums.uncertain += 1,
            BeamSaid::Undirected => sums.undirected += 1,
            BeamSaid::Blocked(_) | BeamSaid::Stuck(_) | BeamSaid::Recovered => {}
        }
    }
    sums
}

/// A pair in use: time goes on as its caller says.
struct Door {
    pair: BeamPair,
    now: Mono,
    said: Vec<BeamSaid>,
}

impl Door {
    fn free(counts_weak: bool) -> Self {
        let mut door = Self { pair: BeamPair::new(counts_weak), now: Mono(0), said: Vec::new() };
        door.fact(0, BeamFact::Levels([false, false]));
        door
    }

    fn fact(&mut self, after_ms: u64, fact: BeamFact) {
        self.wait(after_ms);
        self.pair.step(self.now, fact, &mut self.said);
    }

    /// As the agent does it: no timer is missed.
    fn wait(&mut self, ms: u64) {
        let end = self.now.plus(Duration::from_millis(ms));
        while let Some(due) = self.pair.deadline().filter(|due| *due <= end) {
            self.pair.tick(due, &mut self.said);
            assert_ne!(self.pair.deadline(), Some(due), "a timer that is due for ever");
        }
        self.now = end;
    }

    /// `A` and `B` are blocked, `a` and `b` free again, each so much later.
    fn edges(&mut self, edges: &str, each_ms: u64) {
        for name in edges.chars() {
            let beam = if name.eq_ignore_ascii_case(&'a') { Beam::Outer } else { Beam::Inner };
            self.fact(each_ms, BeamFact::Edge { beam, blocked: name.is_ascii_uppercase() });
        }
    }
}

/// Edges so many ms apart, then a second of silence.
fn check(edges: &str, each_ms: u64, expected: Sums) {
    let mut door = Door::free(true);
    door.edges(edges, each_ms);
    door.wait(1000);
    assert_eq!(sums(&door.said), expected, "{edges} each {each_ms} ms: {:?}", door.said);
}

#[test]
fn who_passes_is_counted_by_the_way_and_who_turns_back_is_not() {
    let none = Sums::default();
    check("ABab", 200, Sums { entered: 1, ..none });
    check("BAba", 200, Sums { exited: 1, ..none });
    check("ABba", 200, Sums { turned_back: 1, ..none });
    check("Aa", 700, Sums { turned_back: 1, ..none });
    check("ABaAba", 100, Sums { turned_back: 1, ..none });
    check("ABbBab", 100, Sums { entered: 1, ..none });
    check("ABabABabBAba", 200, Sums { entered: 2, exited: 1, ..none });
}

#[test]
fn what_skips_both_beams_is_a_weak_passage_if_it_is_quick() {
    let none = Sums::default();
    check("AaBb", 100, Sums { entered: 1, weak: 1, ..none });
    check("BbAa", 199, Sums { exited: 1, weak: 1, ..none });
    check("AaBb", 200, Sums { turned_back: 2, ..none });
    check("AaAa", 100, Sums { turned_back: 2, ..none });
    check("AaBAba", 100, Sums { exited: 1, turned_back: 1, ..none });
    let mut door = Door::free(false);
    door.edges("AaBb", 100);
    assert_eq!(sums(&door.said), Sums { turned_back: 2, ..none }, "not counted if nobody wants it");
}

#[test]
fn who_walks_close_behind_is_a_guess_that_is_not_counted() {
    let none = Sums::default();
    check("ABaAab", 500, Sums { entered: 1, more: 1, ..none });
    check("BAbBba", 500, Sums { exited: 1, more: 1, ..none });
    // By the time that both beams were blocked there was room for one only.
    check("ABaAab", 400, Sums { entered: 1, ..none });
    // An arm that swings back is no second person, and neither are many edges in a short time.
    check("ABaAab", 90, Sums { entered: 1, ..none });
    check("ABaAaAaAab", 300, Sums { entered: 1, more: 1, ..none });
}

#[test]
fn edges_at_the_same_moment_and_lost_ones_count_nobody() {
    let none = Sums::default();
    let mut door = Door::free(true);
    door.edges("A", 100);
    door.edges("B", 0);
    door.edges("ab", 100);
    assert_eq!(sums(&door.said), Sums { uncertain: 1, ..none });
    door.edges("A", 100);
    door.fact(10, BeamFact::Lost);
    door.fact(0, BeamFact::Levels([false, true]));
    door.edges("bABab", 100);
    assert_eq!(sums(&door.said), Sums { uncertain: 2, entered: 1, ..none });
    door.edges("AB", 100);
    door.fact(10, BeamFact::Levels([false, false]));
    door.edges("BAba", 100);
    assert_eq!(sums(&door.said), Sums { uncertain: 3, entered: 1, exited: 1, ..none });
}

#[test]
fn without_a_look_at_the_levels_edges_tell_them_one_by_one() {
    let mut door = Door::free(true);
    door.fact(10, BeamFact::Lost);
    // Only the outer beam is known to be free now; the inner one tells with its first edge.
    door.edges("aBbABab", 200);
    assert_eq!(sums(&door.said), Sums { uncertain: 1, entered: 1, ..Sums::default() });
}

#[test]
fn a_beam_that_stays_blocked_is_told_then_faulty_and_comes_back() {
    let mut door = Door::free(true);
    door.edges("A", 100);
    door.wait(9_999);
    assert_eq!(door.said, []);
    door.wait(1);
    assert_eq!(door.said, [BeamSaid::Blocked(Beam::Outer)]);
    door.wait(50_000);
    door.edges("BbBb", 100);
    door.edges("a", 100);
    door.edges("A", 4_999);
    door.edges("a", 1);
    door.wait(4_999);
    let passed = [BeamSaid::Undirected; 2];
    let so_far = [&[BeamSaid::Blocked(Beam::Outer), BeamSaid::Stuck(Beam::Outer)], &passed[..]];
    assert_eq!(door.said, so_far.concat());
    assert!(door.pair.is_stuck());
    door.wait(1);
    assert_eq!(door.said.last(), Some(&BeamSaid::Recovered));
    door.edges("ABab", 200);
    assert_eq!(sums(&door.said), Sums { undirected: 2, entered: 1, ..Sums::default() });
}

#[test]
fn somebody_who_waits_in_the_door_and_goes_on_is_counted() {
    let mut door = Door::free(true);
    door.edges("A", 100);
    door.wait(30_000);
    door.edges("Bab", 300);
    let blocked = BeamSaid::Blocked(Beam::Outer);
    assert_eq!(door.said, [blocked, BeamSaid::Passed { inward: true, weak: false, more: 0 }]);
}

#[test]
fn when_both_are_stuck_both_must_be_clear() {
    let mut door = Door::free(true);
    door.edges("AB", 100);
    door.wait(70_000);
    door.edges("a", 100);
    door.wait(10_000);
    assert!(door.pair.is_stuck());
    door.edges("b", 100);
    door.wait(10_000);
    assert!(!door.pair.is_stuck());
    let stuck = [BeamSaid::Stuck(Beam::Outer), BeamSaid::Stuck(Beam::Inner)];
    let faults: Vec<_> =
        door.said.iter().filter(|it| !matches!(it, BeamSaid::Blocked(_))).copied().collect();
    assert_eq!(faults, [&stuck[..], &[BeamSaid::Recovered]].concat());
}

/// The same by another way: the states as a text, cut at the free ones.
fn by_the_book(levels: &[[bool; 2]], quick: bool) -> Sums {
    let letter = |[outer, inner]: &[bool; 2]| match (outer, inner) {
        (false, false) => '0',
        (true, false) => 'a',
        (false, true) => 'b',
        (true, true) => 'x',
    };
    let text: String = levels.iter().map(letter).collect();
    let mut walks: Vec<&str> = text.split('0').filter(|walk| !walk.is_empty()).collect();
    if !text.ends_with('0') {
        walks.pop();
    }
    let (mut sums, mut at) = (Sums::default(), 0);
    while let Some(walk) = walks.get(at) {
        let next = walks.get(at + 1).copied().filter(|_| quick);
        at += 1;
        match (walk.chars().next(), walk.chars().last(), next) {
            (Some('a'), _, Some("b")) if *walk == "a" => {
                (sums.entered, sums.weak, at) = (sums.entered + 1, sums.weak + 1, at + 1);
            }
            (Some('b'), _, Some("a")) if *walk == "b" => {
                (sums.exited, sums.weak, at) = (sums.exited + 1, sums.weak + 1, at + 1);
            }
            (Some('a'), Some('b'), _) => sums.entered += 1,
            (Some('b'), Some('a'), _) => sums.exited += 1,
            _ => sums.turned_back += 1,
        }
    }
    sums
}

#[test]
fn every_sequence_of_edges_up_to_eight_is_classified() {
    for (each_ms, quick) in [(100, true), (250, false)] {
        for length in 0..=8 {
            for bits in 0..(1_u32 << length) {
                let mut door = Door::free(true);
                let mut now = [false, false];
                let mut levels = Vec::new();
                for edge in 0..length {
                    let place = usize::from(bits >> edge & 1 == 1);
                    now[place] = !now[place];
                    let beam = [Beam::Outer, Beam::Inner][place];
                    door.fact(each_ms, BeamFact::Edge { beam, blocked: now[place] });
                    levels.push(now);
                }
                door.wait(1000);
                let (found, expected) = (sums(&door.said), by_the_book(&levels, quick));
                assert_eq!(Sums { more: 0, ..found }, expected, "{levels:?} each {each_ms} ms");
                let ends = levels.iter().filter(|it| **it == [false, false]).count() as u32;
                let passages = ends - found.weak;
                assert_eq!(found.entered + found.exited + found.turned_back, passages);
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_the_edges_say_passages_are_the_times_somebody_was_there(
        edges in proptest::collection::vec((any::<bool>(), 1..3000_u64), 0..200),
    ) {
        let mut door = Door::free(true);
        let (mut now, mut ends) = ([false, false], 0);
        for (inner, after) in edges {
            let place = usize::from(inner);
            now[place] = !now[place];
            ends += u32::from(now == [false, false]);
            let beam = [Beam::Outer, Beam::Inner][place];
            door.fact(after, BeamFact::Edge { beam, blocked: now[place] });
        }
        let stuck = door.said.iter().any(|it| matches!(it, BeamSaid::Stuck(_)));
        door.wait(1000);
        let found = sums(&door.said);
        if !stuck {
            let passages = found.entered + found.exited + found.turned_back + found.weak;
            prop_assert_eq!((passages, found.uncertain), (ends, 0));
        }
    }

    #[test]
    fn facts_in_any_order_do_no_harm(
        facts in proptest::collection::vec((0..7_u8, 0..100_000_u64), 0..100),
    ) {
        let mut door = Door::free(true);
        for (kind, after) in facts {
            let beam = if kind % 2 == 0 { Beam::Outer } else { Beam::Inner };
            door.fact(after, match kind {
                0..=3 => BeamFact::Edge { beam, blocked: kind > 1 },
                4 => BeamFact::Lost,
                _ => BeamFact::Levels([kind == 5, kind == 6]),
            });
        }
        door.fact(0, BeamFact::Levels([false, false]));
        door.wait(6000);
        prop_assert!(!door.pair.is_stuck());
        let before = sums(&door.said).entered;
        door.edges("ABab", 200);
        prop_assert_eq!(sums(&door.said).entered, before + 1, "it counts again");
    }
}
