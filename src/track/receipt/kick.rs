//! Drawer kicks and openings: those of a sale say nothing more, others are a `no_sale`.
//!
//! A kick may come before, in or after its receipt. It waits for the till's time, and for the end of an open
//! document, which may still explain it.

use std::time::Duration;

use crate::limits;
use crate::time::{Mono, Now};

/// The last unexplained opening, and the last thing that explains one.
#[derive(Debug)]
pub struct Kicks {
    /// `None`: a kick alone means nothing.
    window: Option<Duration>,
    waiting: Option<Now>,
    explained: Option<Mono>,
}

impl Kicks {
    pub fn new(window: Option<Duration>) -> Self {
        Self { window, waiting: None, explained: None }
    }

    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        self.waiting = self.waiting.map(|at| at.clock_set(by_ms));
    }

    /// The drawer was told to open. `open`: a document is being printed.
    pub fn kicked(&mut self, now: Now, open: bool) {
        if self.window.is_some() {
            self.opened(now, open);
        }
    }

    /// The drawer did open, whoever made it.
    pub fn opened(&mut self, now: Now, open: bool) {
        let explained = self.explained.is_some_and(|at| now.mono.since(at) <= self.window());
        if open || !explained {
            self.waiting.get_or_insert(now);
        }
    }

    /// Something happened at `now` that needs an open drawer.
    pub fn explain(&mut self, now: Now) {
        self.waiting = None;
        self.explained = Some(now.mono);
    }

    /// When an opening has waited long enough.
    pub fn deadline(&self) -> Option<Mono> {
        Some(self.waiting?.mono.plus(self.window()))
    }

    /// The opening that has waited long enough, once.
    pub fn due(&mut self, now: Now) -> Option<Now> {
        let due = self.deadline().is_some_and(|deadline| deadline <= now.mono);
        self.waiting.take_if(|_| due)
    }

    fn window(&self) -> Duration {
        self.window.unwrap_or(limits::KICK_WINDOW)
    }
}
