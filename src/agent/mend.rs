//! The steps of a salvage, between the readings: one at a time, and only while none waits.

use crate::limits::SALVAGE_RETRY;
use crate::store::Store;
use crate::time::Mono;

/// When the next step is due.
#[derive(Debug, Default)]
pub struct Mend {
    /// After a step that failed: not before this.
    retry_at: Option<Mono>,
}

impl Mend {
    /// When there is a step to take; `None` without a salvage.
    pub fn due(&self, store: &Store) -> Option<Mono> {
        store.is_salvaging().then(|| self.retry_at.unwrap_or_default())
    }

    /// Takes a step if it is due, and tells how the salvage ended.
    pub fn step(&mut self, now: Mono, store: &mut Store) {
        if self.due(store).is_none_or(|due| now < due) {
            return;
        }
        self.retry_at = None;
        match store.salvage_step() {
            Ok(None) => {}
            Ok(Some((rows, lost))) => {
                tracing::warn!(rows, lost, "the damaged database is taken over: all is sent again");
            }
            Err(error) => {
                self.retry_at = Some(now.plus(SALVAGE_RETRY));
                tracing::error!(%error, "taking over the damaged database waits");
            }
        }
    }
}
