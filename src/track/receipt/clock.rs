//! The wall clock is set while a receipt is in the middle of things: what began before moves along, so that the records
//! of one sale have times of one clock. Durations are the monotonic clock's and do not change.

use super::ReceiptTracker;

impl ReceiptTracker {
    /// The wall clock was set by so many milliseconds.
    pub fn clock_set(&mut self, by_ms: i64) {
        if let Some(draft) = &mut self.draft {
            draft.last = draft.last.clock_set(by_ms);
        }
        if let Some(paused) = &mut self.paused {
            paused.clock_set(by_ms);
        }
        if let Some(held) = &mut self.held {
            held.clock_set(by_ms);
        }
        self.kicks.clock_set(by_ms);
        self.left_open.clock_set(by_ms);
        self.cards.clock_set(by_ms);
    }
}
