//! Lines that are a total, or an article whose name begins like one.
//!
//! Where the line makes the sum of what stands above it, it is the total. Else it counts as an article until the end of
//! the document: a total that comes later wins, and the sums of the whole paper tell what the line was.

use super::{Draft, DraftLine};
use crate::decode::Item;
use crate::track::receipt::TillSettings;
use crate::track::receipt::sums::Sums;

impl Draft {
    pub(super) fn total_or_item(&mut self, item: Item) {
        let sums = Sums::new(self);
        let is_sum = [sums.total, sums.net()].contains(&item.amount) && !self.lines.is_empty();
        if self.total.is_some() || is_sum {
            self.total = Some(item.amount);
        } else {
            self.push(DraftLine { doubtful: true, ..DraftLine::new(item) });
        }
    }

    /// The document is whole: decides what the doubtful lines were.
    pub fn decide(&mut self, settings: &TillSettings) {
        for place in (0..self.lines.len()).rev() {
            let doubtful = self.lines.get(place).is_some_and(|line| line.doubtful);
            if let Some(total) = doubtful.then(|| self.as_total(place)).flatten()
                && self.is_rather(&total, place, settings)
            {
                *self = total;
            }
        }
    }

    /// The document with the line as its total, or as one of its totals.
    fn as_total(&self, place: usize) -> Option<Self> {
        let mut draft = self.clone();
        let amount = self.lines.get(place)?.item.amount;
        draft.lines.remove(place);
        draft.total = self.total.or(Some(amount));
        Some(draft)
    }

    /// Whether the line is rather a total than an article.
    fn is_rather(&self, as_total: &Self, place: usize, settings: &TillSettings) -> bool {
        let amount = self.lines.get(place).map_or(0, |line| line.item.amount);
        let above: Vec<_> = self.lines.iter().take(place).map(|line| line.item.amount).collect();
        let like_sum =
            !above.is_empty() && amount >= above.iter().fold(0, |a, b| a.saturating_add(*b));
        let last = place + 1 == self.lines.len();
        match self.total {
            None => {
                last && (like_sum
                    || (!as_total.tenders.is_empty() && Sums::new(as_total).is_paid()))
            }
            Some(_) if Sums::new(self).lines_agree(settings) => false,
            Some(_) => like_sum || Sums::new(as_total).lines_agree(settings),
        }
    }
}
