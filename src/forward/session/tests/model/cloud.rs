//! The other side of the model: a broker that refuses and loses, a cloud that steps over what was told as lost.

use tillgate_events::Class;

use super::{Handed, Name, World};
use crate::forward::session::Input;
use crate::forward::watermark::Watermark;
use crate::store::RowId;

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
                    self.has((row.class, row.epoch), row.last_sequence);
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
            let (class, epoch, last) = (parcel.class, parcel.epoch, parcel.last_sequence);
            self.has((class, epoch), last);
            let begun = self.begun.entry(class).or_default();
            *begun = epoch.max(*begun);
        }
    }

    /// The cloud need not wait for this row any more.
    fn has(&mut self, stream: (Class, u32), last: u64) {
        self.committed.entry(stream).or_default().insert(last);
        self.missing.entry(stream).or_default().remove(&last);
    }

    /// The watermarks of the newest epoch in which the cloud has anything: up to the first row that is missing.
    pub(super) fn publish_watermarks(&mut self) {
        let mut marks = Vec::new();
        // An epoch begins with its first record; a loss alone begins none.
        for (class, epoch) in &self.begun {
            let stream = (*class, *epoch);
            let first_missing = self.missing[&stream].first().copied().unwrap_or(u64::MAX);
            let sequence = self.committed[&stream].range(..first_missing).next_back().copied();
            let sequence = sequence.or_else(|| self.names_beginnings.then_some(0));
            let Some(sequence) = sequence else { continue };
            marks.push((*class, Watermark { epoch: *epoch, sequence }));
        }
        self.step(Input::Watermarks(marks));
    }
}
