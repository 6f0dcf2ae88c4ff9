//! The other side of the model: a broker that refuses and loses, a cloud that steps over what was told as lost.

use super::{CLASSES, Handed, Name, World};
use crate::forward::session::Input;
use crate::forward::watermark::Watermark;
use crate::store::{GapId, RowId};

impl World {
    pub(super) fn ack(&mut self) {
        let ids: Vec<u16> = self.flying.keys().copied().collect();
        let Some(packet_id) = self.random.choice(ids) else { return };
        let Some(handed) = self.flying.remove(&packet_id) else { return };
        let refused = handed != Handed::Control && self.random.u8(..100) < self.refuse;
        let reason = if refused { if self.random.bool() { 16 } else { 135 } } else { 0 };
        let arrives = self.random.u8(..100) >= self.lose;
        match handed {
            Handed::Row(name) if !refused => {
                self.delivered.insert(name);
                if arrives {
                    self.arrive(name);
                }
            }
            Handed::Gap(id) if !refused => {
                self.told.insert(id);
                if arrives && self.heard.insert(id) {
                    let row = &self.lost[&RowId(id.0)];
                    let stream = self.committed.entry((row.class, row.epoch)).or_default();
                    stream.insert(row.last_sequence);
                }
            }
            Handed::Row(_) | Handed::Gap(_) | Handed::Control => {}
        }
        self.step(Input::Acked { packet_id, reason });
    }

    pub(super) fn arrive(&mut self, name: Name) {
        self.arrived.insert(name);
        let Some(parcel) = self.rows.get(&name.0).or_else(|| self.lost.get(&name.0)) else {
            return;
        };
        let mut parts = (0..parcel.messages.len()).map(|part| (name.0, part));
        if parts.all(|name| self.arrived.contains(&name)) {
            let stream = self.committed.entry((parcel.class, parcel.epoch)).or_default();
            stream.insert(parcel.last_sequence);
            let begun = self.begun.entry(parcel.class).or_default();
            *begun = parcel.epoch.max(*begun);
        }
    }

    /// The watermarks of the newest epoch in which the cloud has anything.
    pub(super) fn publish_watermarks(&mut self) {
        let mut marks = Vec::new();
        for class in CLASSES {
            // An epoch begins with its first record; a loss alone begins none.
            let Some(epoch) = self.begun.get(&class) else { continue };
            // What the store lost and told is not waited for.
            let lost = self.lost.iter().filter(|(id, _)| !self.heard.contains(&GapId(id.0)));
            let rows = self.rows.values().chain(lost.map(|(_, row)| row));
            let missing = rows.filter(|row| (row.class, row.epoch) == (class, *epoch));
            let missing = missing.filter(|row| {
                (0..row.messages.len()).any(|part| !self.arrived.contains(&(row.id, part)))
            });
            // One before the first row that is not whole, else all that was given out.
            let first_missing = missing.map(|row| row.last_sequence).min();
            let stream = &self.committed[&(class, *epoch)];
            let whole = stream.iter().filter(|last| first_missing.is_none_or(|m| **last < m));
            let sequence = whole.max();
            let Some(sequence) = sequence else { continue };
            marks.push((class, Watermark { epoch: *epoch, sequence: *sequence }));
        }
        self.step(Input::Watermarks(marks));
    }
}
