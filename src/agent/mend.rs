//! What is still to be done to the store before rows can be handed out, between the readings: one step at a time, and
//! only while none waits. First a damaged database is taken over, then rows get other numbers.

use crate::limits::SALVAGE_RETRY;
use crate::store::{Store, StoreError};
use crate::time::Mono;

/// When the next step is due.
#[derive(Debug, Default)]
pub struct Mend {
    /// After a step that failed: not before this.
    retry_at: Option<Mono>,
}

impl Mend {
    /// When there is a step to take; `None` where rows are not withheld.
    pub fn due(&self, store: &Store) -> Option<Mono> {
        store.withholds_rows().then(|| self.retry_at.unwrap_or_default())
    }

    /// Takes a step if it is due, and tells how it ended.
    pub fn step(&mut self, now: Mono, store: &mut Store) {
        if self.due(store).is_none_or(|due| now < due) {
            return;
        }
        self.retry_at = None;
        let (what, done) = if store.is_salvaging() {
            ("taking over the damaged database", salvage(store))
        } else {
            ("giving rows other numbers", renumber(store))
        };
        if let Err(error) = done {
            self.retry_at = Some(now.plus(SALVAGE_RETRY));
            tracing::error!(%error, "{what} waits");
        }
    }
}

fn salvage(store: &mut Store) -> Result<(), StoreError> {
    if let Some((rows, lost)) = store.salvage_step()? {
        tracing::warn!(rows, lost, "the damaged database is taken over: all is sent again");
    }
    Ok(())
}

fn renumber(store: &mut Store) -> Result<(), StoreError> {
    if let Some(rows) = store.renumber_step()? {
        tracing::warn!(rows, "what waits has its new numbers, and is sent");
    }
    Ok(())
}
