//! A dock's door: its contact's levels to openings and closings.
//!
//! A level counts when it has held for [`limits::DOCK_DOOR_SETTLES`]; the change then has the time of its edge. What
//! is told first is how the door stands, and no change.

use crate::limits;
use crate::time::{Mono, Now};

/// One door.
#[derive(Debug, Default)]
pub struct Leaf {
    open: Option<bool>,
    changing: Option<(bool, Now)>,
}

impl Leaf {
    /// The contact says this; it may say it again and again.
    pub fn level(&mut self, now: Now, open: bool) {
        match self.open {
            None => self.open = Some(open),
            Some(is) if is == open => self.changing = None,
            Some(_) => {
                self.changing.get_or_insert((open, now));
            }
        }
    }

    /// So it stood when it was heard last, before this run.
    pub fn restore(&mut self, open: Option<bool>) {
        self.open = open;
    }

    /// How it stands, as far as that is known.
    #[must_use]
    pub fn level_now(&self) -> Option<bool> {
        self.open
    }

    /// A change that has held for long enough by now: the level, and since when.
    pub fn settle(&mut self, now: Mono) -> Option<(bool, Now)> {
        let (open, since) = self.changing.filter(|_| self.due().is_some_and(|due| due <= now))?;
        (self.open, self.changing) = (Some(open), None);
        Some((open, since))
    }

    /// When [`Leaf::settle`] has something to say.
    #[must_use]
    pub fn due(&self) -> Option<Mono> {
        self.changing.map(|(_, since)| since.mono.plus(limits::DOCK_DOOR_SETTLES))
    }

    /// Whether it stands open; not known counts as shut.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open == Some(true)
    }

    /// The wall clock was set.
    pub fn clock_set(&mut self, by_ms: i64) {
        if let Some((_, since)) = &mut self.changing {
            *since = since.clock_set(by_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Levels as (millisecond, open), and what they come to: (open, millisecond).
    fn check(levels: &[(u64, bool)], expected: &[(bool, u64)]) {
        let at = |ms: u64| Now::default().plus(Duration::from_millis(ms));
        let (mut leaf, mut changes) = (Leaf::default(), Vec::new());
        for (ms, open) in levels {
            changes.extend(leaf.settle(at(*ms).mono));
            leaf.level(at(*ms), *open);
        }
        changes.extend(leaf.settle(at(1_000_000).mono));
        let changes: Vec<_> = changes.iter().map(|(open, at)| (*open, at.mono.0 / 1000)).collect();
        assert_eq!(changes, expected, "{levels:?}");
    }

    #[test]
    fn a_level_that_holds_is_a_change_at_its_edge() {
        check(&[(0, false), (5_000, true), (60_000, false)], &[(true, 5_000), (false, 60_000)]);
        check(&[(0, true), (5_000, true)], &[]);
        check(&[(0, true), (5_000, false)], &[(false, 5_000)]);
    }

    #[test]
    fn a_contact_that_bounces_is_one_change() {
        let bounces = [(0, false), (5_000, true), (5_010, false), (5_020, true), (5_900, true)];
        check(&bounces, &[(true, 5_020)]);
        check(&[(0, false), (5_000, true), (6_000, false)], &[]);
    }
}
