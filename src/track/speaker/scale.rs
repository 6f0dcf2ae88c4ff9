//! Weights to `weight_measured`.
//!
//! The decoder says a weight when goods have come to rest; one that it repeats all the same is told once. What the
//! scale cannot weigh is told once until it weighs again.

use tillgate_events::{Body, Record, WeightMeasured};

use super::Speaker;
use crate::decode::ScaleFact;
use crate::time::{Mono, Now};

/// One scale.
#[derive(Debug)]
pub struct ScaleTracker {
    speaker: Speaker,
    last: Option<ScaleFact>,
}

impl ScaleTracker {
    /// The scale of this register.
    #[must_use]
    pub fn new(speaker: Speaker) -> Self {
        Self { speaker, last: None }
    }

    /// Takes what the scale says; appends its record, unless it only repeats itself.
    ///
    /// The decoder leaves out an empty platter, so that equal goods one after the other come as equal facts: a
    /// stable weight is always told.
    pub fn step(&mut self, now: Now, fact: ScaleFact, out: &mut Vec<Record>) {
        let repeated = self.last.replace(fact) == Some(fact);
        let record = match fact {
            ScaleFact::Weight { grams: 0, .. } => return,
            ScaleFact::Weight { stable: false, .. } | ScaleFact::Over | ScaleFact::Under
                if repeated =>
            {
                return;
            }
            ScaleFact::Weight { grams, stable, .. } => {
                let terminal_id = self.speaker.terminal.clone();
                let body = WeightMeasured { terminal_id, grams, stable };
                self.speaker.record(now.wall, Body::WeightMeasured(body))
            }
            ScaleFact::Over => self.speaker.unknown(now.wall, "scale_over", "[scale over]"),
            ScaleFact::Under => self.speaker.unknown(now.wall, "scale_under", "[scale under]"),
        };
        out.push(record);
    }

    /// Nothing waits here.
    pub fn tick(&mut self, _now: Now, _out: &mut Vec<Record>) {}

    /// Nothing waits here.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        None
    }
}
