//! A void without words: of the article above it, or a heading over the article that it takes back.
//!
//! It takes back the last article. Where the next line says an article again, with a minus, the void was that line's
//! heading, and the last article stays.

use super::{Draft, VOID_OF_NOTHING};
use crate::decode::{Item, PosFact};
use crate::track::catalog;

impl Draft {
    pub(super) fn void_last(&mut self) {
        let last = self.lines.iter().rposition(|line| !line.voided && !line.correction);
        match last.and_then(|place| self.lines.get_mut(place)) {
            Some(line) => {
                line.voided = true;
                self.bare_void = last;
            }
            None => self.note(VOID_OF_NOTHING),
        }
    }

    /// Looks at what comes after such a void, before it is taken.
    pub(super) fn after_bare_void(&mut self, fact: &PosFact) {
        let Some(place) = self.bare_void.take() else { return };
        let (PosFact::Item(item) | PosFact::Minus(item)) = fact else { return };
        if item.amount < 0
            && self.repeats(item)
            && let Some(line) = self.lines.get_mut(place)
        {
            line.voided = false;
        }
    }

    /// Whether the same words stand above with the opposite amount.
    fn repeats(&self, item: &Item) -> bool {
        let (name, amount) = (catalog::key(&item.description), item.amount.saturating_neg());
        self.lines.iter().any(|line| line.item.amount == amount && line.says(&name))
    }
}
