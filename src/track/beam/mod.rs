//! Two beams across a door, one behind the other: who passes, and which way.
//!
//! Which beams are blocked is one of four states. Outer, both, inner, none is a way in; inner, both, outer, none a way
//! out. Who leaves on the side of coming turned back and counts nowhere. What else happens at a door:
//! - a thin object or somebody who runs never blocks both: outer, none, inner, none within [`limits::BEAM_SKIP`] is a
//!   passage that is *weak*;
//! - a beam that is blocked for [`limits::BEAM_BLOCKED`] is told of, one that is for [`limits::BEAM_STUCK`] makes the
//!   pair faulty: the other beam then counts passages without a direction, until the stuck one was clear for
//!   [`limits::BEAM_CLEAR`];
//! - who walks close behind another blocks the first beam again before the second is free. How many those are is a
//!   guess and stays one: it is told beside the passage, and never added to it.
//!
//! Two abreast are one to any pair of beams; nothing here corrects that.
//!
//! # Invariants
//! - Passages in and out, those that turned back and those in doubt are all the times that somebody was between the
//!   beams; a weak passage is two of these times.
//! - Edges that were lost, or that came at the same moment, count nobody: it is in doubt.
//! - After a loss nothing is counted before both beams were seen free.

mod transit;
mod walk;

use std::time::Duration;

use crate::decode::{Beam, BeamFact};
use crate::limits;
use crate::time::Mono;
use transit::Transits;
use walk::{Ended, Walk};

/// What a pair of beams saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeamSaid {
    /// Somebody passed.
    Passed {
        /// Into the store; otherwise out of it.
        inward: bool,
        /// Both beams were never blocked at a time.
        weak: bool,
        /// So many more may have walked close behind: a guess, not counted.
        more: u32,
    },
    /// Somebody came and went back.
    TurnedBack,
    /// Somebody was there, and edges do not tell what for; or edges were lost.
    Uncertain,
    /// The beam has been blocked for [`limits::BEAM_BLOCKED`].
    Blocked(Beam),
    /// The beam has been blocked for [`limits::BEAM_STUCK`]: the pair tells no direction any more.
    Stuck(Beam),
    /// Somebody passed, and nobody knows which way: the other beam is stuck.
    Undirected,
    /// No beam is stuck any more.
    Recovered,
}

/// One pair.
#[derive(Clone, Debug)]
pub struct BeamPair {
    outer: Level,
    inner: Level,
    mode: Mode,
    /// One beam was blocked and free again: the other may follow.
    brief: Option<(Beam, Mono)>,
    counts_weak: bool,
    transits: Transits,
    last_edge: Option<Mono>,
}

/// What is known of one beam.
#[derive(Clone, Copy, Debug, Default)]
struct Level {
    /// `None`: nobody looked since edges were lost.
    blocked: Option<bool>,
    since: Mono,
    told: bool,
    stuck: bool,
}

#[derive(Clone, Debug)]
enum Mode {
    /// Both beams have to be seen free before anything counts.
    Waiting,
    Free,
    Walking(Walk),
}

impl BeamPair {
    /// A pair of which nothing is known. Without `counts_weak` a passage that never blocked both beams counts nobody.
    #[must_use]
    pub fn new(counts_weak: bool) -> Self {
        Self {
            outer: Level::default(),
            inner: Level::default(),
            mode: Mode::Waiting,
            brief: None,
            counts_weak,
            transits: Transits::default(),
            last_edge: None,
        }
    }

    /// Takes a fact; appends what it means.
    pub fn step(&mut self, now: Mono, fact: BeamFact, out: &mut Vec<BeamSaid>) {
        self.tick(now, out);
        match fact {
            BeamFact::Edge { beam, blocked } => self.edge(now, beam, blocked, out),
            BeamFact::Levels(levels) => self.levels(now, levels, out),
            BeamFact::Lost => {
                out.push(BeamSaid::Uncertain);
                self.forget();
            }
        }
    }

    /// The beams are watched from now on; what happened to them before is not known.
    pub fn restart(&mut self) {
        (self.outer, self.inner) = (Level::default(), Level::default());
        self.forget();
    }

    fn forget(&mut self) {
        for level in [&mut self.outer, &mut self.inner] {
            level.blocked = None;
        }
        (self.mode, self.brief, self.last_edge) = (Mode::Waiting, None, None);
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Mono, out: &mut Vec<BeamSaid>) {
        if self.brief.is_some_and(|(_, began)| now.since(began) >= limits::BEAM_SKIP) {
            self.brief = None;
            out.push(BeamSaid::TurnedBack);
        }
        for beam in [Beam::Outer, Beam::Inner] {
            self.watch(now, beam, out);
        }
    }

    /// When [`BeamPair::tick`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let brief = self.brief.map(|(_, began)| began.plus(limits::BEAM_SKIP));
        [brief, self.outer.due(), self.inner.due()].into_iter().flatten().min()
    }

    /// Whether a beam is stuck: then nothing is counted by its direction.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.outer.stuck || self.inner.stuck
    }

    fn edge(&mut self, now: Mono, beam: Beam, blocked: bool, out: &mut Vec<BeamSaid>) {
        let level = self.level(beam);
        if level.blocked == Some(blocked) {
            return;
        }
        level.set(now, blocked);
        let same_moment = self.last_edge.replace(now) == Some(now);
        if self.is_stuck() {
            if !self.level(beam).stuck && !blocked {
                out.push(BeamSaid::Undirected);
            }
            return;
        }
        self.doubt(same_moment);
        match (self.outer.blocked, self.inner.blocked) {
            (Some(outer), Some(inner)) => self.moved(now, [outer, inner], out),
            _ => self.mode = Mode::Waiting,
        }
        self.doubt(same_moment);
    }

    /// Of two edges at the same moment nobody knows which was first.
    fn doubt(&mut self, same_moment: bool) {
        if let Mode::Walking(walk) = &mut self.mode {
            walk.doubtful |= same_moment;
        }
    }

    /// Both beams were looked at. What differs from what the edges said was not seen to happen.
    fn levels(&mut self, now: Mono, [outer, inner]: [bool; 2], out: &mut Vec<BeamSaid>) {
        let known = [self.outer.blocked, self.inner.blocked];
        if known == [Some(outer), Some(inner)] {
            return;
        }
        if known != [None, None] && !matches!(self.mode, Mode::Waiting) {
            out.push(BeamSaid::Uncertain);
        }
        (self.mode, self.brief, self.last_edge) = (Mode::Waiting, None, None);
        for (beam, blocked) in [(Beam::Outer, outer), (Beam::Inner, inner)] {
            let level = self.level(beam);
            if level.blocked != Some(blocked) {
                level.set(now, blocked);
            }
        }
        if !self.is_stuck() && !outer && !inner {
            self.mode = Mode::Free;
        }
    }

    /// Both levels are known after an edge.
    fn moved(&mut self, now: Mono, levels: [bool; 2], out: &mut Vec<BeamSaid>) {
        let alone = match levels {
            [true, false] => Some(Beam::Outer),
            [false, true] => Some(Beam::Inner),
            _ => None,
        };
        match (&mut self.mode, levels) {
            (Mode::Waiting, [false, false]) => self.mode = Mode::Free,
            (Mode::Free, _) => {
                self.mode = alone.map_or(Mode::Waiting, |it| Mode::Walking(Walk::new(now, it)));
            }
            (Mode::Walking(walk), [true, true]) => walk.both(now),
            (Mode::Walking(walk), [false, false]) => {
                let walk = walk.clone();
                self.mode = Mode::Free;
                self.ended(now, &walk, out);
            }
            (Mode::Walking(walk), _) => alone.into_iter().for_each(|beam| walk.alone(now, beam)),
            (Mode::Waiting, _) => {}
        }
    }

    fn ended(&mut self, now: Mono, walk: &Walk, out: &mut Vec<BeamSaid>) {
        let before = self.brief.take();
        let ended = walk.end(self.transits.usual());
        if let (Ended::Brief, Some((first, _))) = (ended, before)
            && first != walk.first
        {
            let inward = first == Beam::Outer;
            return out.push(BeamSaid::Passed { inward, weak: true, more: 0 });
        }
        out.extend(before.map(|_| BeamSaid::TurnedBack));
        out.extend(match ended {
            Ended::Through { inward, more } => {
                if walk.is_single() {
                    self.transits.note(now.since(walk.began));
                }
                Some(BeamSaid::Passed { inward, weak: false, more })
            }
            Ended::Brief if self.counts_weak && now.since(walk.began) < limits::BEAM_SKIP => {
                self.brief = Some((walk.first, walk.began));
                None
            }
            Ended::Back | Ended::Brief => Some(BeamSaid::TurnedBack),
            Ended::Doubtful => Some(BeamSaid::Uncertain),
        });
    }

    /// How long the beam has been blocked, or clear where it was stuck.
    fn watch(&mut self, now: Mono, beam: Beam, out: &mut Vec<BeamSaid>) {
        let level = self.level(beam);
        if level.due().is_none_or(|due| now < due) {
            return;
        }
        if level.blocked == Some(false) {
            level.stuck = false;
            if !self.is_stuck() {
                out.push(BeamSaid::Recovered);
                let free = [self.outer.blocked, self.inner.blocked] == [Some(false); 2];
                self.mode = if free { Mode::Free } else { Mode::Waiting };
            }
            return;
        }
        if !level.told {
            level.told = true;
            out.push(BeamSaid::Blocked(beam));
        }
        if now.since(level.since) >= limits::BEAM_STUCK {
            level.stuck = true;
            out.extend(self.brief.take().map(|_| BeamSaid::TurnedBack));
            self.mode = Mode::Waiting;
            out.push(BeamSaid::Stuck(beam));
        }
    }

    fn level(&mut self, beam: Beam) -> &mut Level {
        match beam {
            Beam::Outer => &mut self.outer,
            Beam::Inner => &mut self.inner,
        }
    }
}

impl Level {
    fn set(&mut self, now: Mono, blocked: bool) {
        (self.blocked, self.since, self.told) = (Some(blocked), now, false);
    }

    fn due(&self) -> Option<Mono> {
        let after: Duration = match (self.blocked?, self.stuck, self.told) {
            (true, true, _) | (false, false, _) => return None,
            (true, false, false) => limits::BEAM_BLOCKED,
            (true, false, true) => limits::BEAM_STUCK,
            (false, true, _) => limits::BEAM_CLEAR,
        };
        Some(self.since.plus(after))
    }
}

#[cfg(test)]
mod tests;
