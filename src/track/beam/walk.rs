//! One time that somebody was between the beams: from the first one blocked to both free again.

use std::time::Duration;

use crate::decode::Beam;
use crate::limits;
use crate::time::Mono;

/// What was seen since the beams were free.
#[derive(Clone, Debug)]
pub struct Walk {
    pub began: Mono,
    /// The beam that was blocked first.
    pub first: Beam,
    /// The beam that was blocked alone last.
    last: Beam,
    /// Since when both are blocked.
    both_since: Option<Mono>,
    both_for: Duration,
    was_both: bool,
    /// Times that the first beam was blocked again behind somebody who was nearly through.
    renewed: u32,
    /// When the last of these was, or the walk began.
    fresh: Mono,
    /// Two edges came at the same moment: which was first nobody knows.
    pub doubtful: bool,
}

/// What a walk was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Somebody came to the other side. More may have walked close behind.
    Through {
        inward: bool,
        /// How many more, at a guess.
        more: u32,
    },
    /// Whoever it was went back.
    Back,
    /// One beam only was blocked.
    Brief,
    /// Edges do not tell.
    Doubtful,
}

impl Walk {
    pub fn new(now: Mono, first: Beam) -> Self {
        Self {
            began: now,
            first,
            last: first,
            both_since: None,
            both_for: Duration::ZERO,
            was_both: false,
            renewed: 0,
            fresh: now,
            doubtful: false,
        }
    }

    /// Both beams are blocked now; before it was `last` alone.
    pub fn both(&mut self, now: Mono) {
        self.was_both = true;
        self.both_since = Some(now);
        let [least, ..] = limits::BEAM_TRANSIT;
        if self.last != self.first && now.since(self.fresh) >= least {
            self.renewed = self.renewed.saturating_add(1);
            self.fresh = now;
        }
    }

    /// This beam alone is blocked now.
    pub fn alone(&mut self, now: Mono, beam: Beam) {
        if let Some(since) = self.both_since.take() {
            self.both_for += now.since(since);
        }
        self.last = beam;
    }

    /// What it was, now that both are free; `usual` is how long a passage takes.
    pub fn end(&self, usual: Duration) -> Ended {
        if self.doubtful {
            return Ended::Doubtful;
        }
        if !self.was_both {
            return Ended::Brief;
        }
        if self.first == self.last {
            return Ended::Back;
        }
        Ended::Through { inward: self.first == Beam::Outer, more: self.more(usual) }
    }

    /// Whether nobody can have walked close behind: its length is that of one passage.
    pub fn is_single(&self) -> bool {
        self.renewed == 0
    }

    /// Those who may have walked close behind: as often as the first beam was blocked anew, and as the time that both
    /// were blocked has room for.
    fn more(&self, usual: Duration) -> u32 {
        let (both, usual) = (self.both_for.as_millis(), usual.as_millis().max(1));
        let people = u32::try_from((both + usual / 2) / usual).unwrap_or(u32::MAX).max(1);
        people.min(self.renewed.saturating_add(1)) - 1
    }
}
