//! The store's side of the model: it loses rows, and lets go only of what may go.

use std::collections::BTreeMap;

use tillgate_events::{Class, Watermarks};

use super::{CLASSES, Confirm, Gap, GapId, GapReason, RowId, World};

/// Gaps of a class that the store shows at a time: fewer than there are.
const GAPS_AT_ONCE: usize = 3;

impl World {
    /// Where the cloud confirms, its watermark must have passed the gap as well: it heard of it, or the records
    /// themselves were on their way already and arrived.
    pub(super) fn settle(&mut self, gap: &Gap) {
        assert!(self.told.contains(&gap.id), "never told: {gap:?}");
        assert_eq!(self.gaps.remove(&gap.id).as_ref(), Some(gap));
        if self.confirm == Confirm::Cloud && gap.epoch == 2 {
            let known = &self.committed[&(gap.class, gap.epoch)];
            let last = gap.first_sequence + gap.count - 1;
            assert!(known.contains(&last), "the cloud never heard of {gap:?}");
        }
    }

    /// What counts as delivered up to a number was acknowledged with success, all of it.
    pub(super) fn delivered_upto(&self, upto: &Watermarks) {
        for (class, mark) in upto {
            let rows = self.rows.values().filter(|row| row.class == *class);
            let rows =
                rows.filter(|row| row.epoch == mark.epoch && row.last_sequence <= mark.sequence);
            for row in rows {
                let all =
                    (0..row.messages.len()).all(|part| self.delivered.contains(&(row.id, part)));
                assert!(all, "{class:?} {mark:?}: {:?}", row.id);
            }
        }
    }

    /// A few gaps of each class, as the store chooses them: the first of each epoch, then the second ones.
    pub(super) fn oldest_gaps(&self) -> Vec<Gap> {
        CLASSES.into_iter().flat_map(|class| self.oldest_gaps_of(class)).collect()
    }

    fn oldest_gaps_of(&self, class: Class) -> Vec<Gap> {
        let mut ranks: BTreeMap<u32, usize> = BTreeMap::new();
        let of_class = self.gaps.values().filter(|gap| gap.class == class);
        let mut ranked: Vec<(usize, &Gap)> = of_class
            .map(|gap| {
                let rank = ranks.entry(gap.epoch).or_default();
                *rank += 1;
                (*rank, gap)
            })
            .collect();
        ranked.sort_by_key(|(rank, gap)| (*rank, gap.epoch));
        ranked.into_iter().take(GAPS_AT_ONCE).map(|(_, gap)| gap.clone()).collect()
    }

    /// The store loses a row or a few.
    pub(super) fn lose_some(&mut self) {
        for _ in 0..self.random.u8(1..5) {
            self.lose();
        }
    }

    fn lose(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        let nth = self.random.usize(..self.rows.len());
        let Some(id) = self.rows.keys().nth(nth).copied() else { return };
        let Some(row) = self.rows.remove(&id) else { return };
        let first_sequence = self.firsts[&id];
        let gap = Gap {
            id: GapId(id.0),
            class: row.class,
            epoch: row.epoch,
            first_sequence,
            count: row.last_sequence + 1 - first_sequence,
            bytes: 1,
            reason: GapReason::Damage,
        };
        self.gaps.insert(gap.id, gap);
        self.lost.insert(id, row);
    }

    pub(super) fn free(&mut self, id: RowId) {
        let Some(parcel) = self.rows.get(&id).or_else(|| self.lost.get(&id)) else {
            assert!(self.freed.contains(&id));
            return;
        };
        let all = (0..parcel.messages.len()).map(|part| (id, part));
        let due = if self.confirm == Confirm::Cloud && parcel.epoch == 2 {
            &self.arrived
        } else {
            &self.delivered
        };
        assert!(all.clone().all(|name| due.contains(&name)), "freed too early: {id:?}");
        self.freed.insert(id);
        self.rows.remove(&id);
    }
}
