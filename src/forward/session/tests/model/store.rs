//! The store's side of the model: it loses rows, and lets go only of what may go.

use super::{Confirm, Gap, GapId, GapReason, RowId, World};

impl World {
    /// Where the cloud confirms, its watermark must have passed the gap as well; that it can only once it heard.
    pub(super) fn settle(&mut self, gap: &Gap) {
        assert!(self.told.contains(&gap.id), "never told: {gap:?}");
        assert_eq!(self.gaps.remove(&gap.id).as_ref(), Some(gap));
        if self.confirm == Confirm::Cloud && gap.epoch == 2 {
            assert!(self.heard.contains(&gap.id), "the cloud never heard of {gap:?}");
        }
    }

    /// The store loses a row.
    pub(super) fn lose(&mut self) {
        let ids: Vec<RowId> = self.rows.keys().copied().collect();
        let Some(id) = self.random.choice(ids) else { return };
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
