//! Records to rows: numbered, encoded, frozen. What is sealed is what every resend sends.
//!
//! One row per group, or more where one would be too large for a message. A record that cannot be encoded is
//! left out before it gets a number, so that the numbering stays without holes.

use std::collections::BTreeMap;

use tillgate_events::{Batch, BootId, Class, ClockQuality, Header, Record, encode};

use crate::limits;
use crate::store::NewRow;
use crate::time::Now;

/// Who this gateway is, in every batch.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its name, unique for its tenant.
    pub gateway_id: String,
    /// The store's number.
    pub store_id: u64,
    /// This run of the machine.
    pub boot_id: BootId,
}

/// Rows for one commit.
#[derive(Debug, Default)]
pub struct Sealed {
    pub rows: Vec<NewRow>,
    /// Records that were left out, and why the last one was.
    pub unwritable: u64,
    pub reason: Option<String>,
}

/// Seals the records of one commit.
pub struct Sealer<'a> {
    identity: &'a Identity,
    epoch: u32,
    now: Now,
    clock: ClockQuality,
    /// The number due next, by class.
    next: BTreeMap<Class, u64>,
    sealed: Sealed,
}

impl<'a> Sealer<'a> {
    /// For a commit at `now`, by a clock of this quality, into this epoch of the store.
    #[must_use]
    pub fn new(identity: &'a Identity, epoch: u32, now: Now, clock: ClockQuality) -> Self {
        Self { identity, epoch, now, clock, next: BTreeMap::new(), sealed: Sealed::default() }
    }

    /// Takes records of one class in their order; `next` is the number due in the store.
    pub fn group(&mut self, class: Class, next: u64, records: &[Record]) {
        let first_sequence = *self.next.entry(class).or_insert(next);
        let header = self.header(class, first_sequence);
        match encode(&Batch { header, records: records.to_vec() }) {
            Ok(payload) if fits(class, records.len(), payload.len()) => {
                let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
                self.next.insert(class, first_sequence + u64::from(count));
                self.sealed.rows.push(NewRow { class, first_sequence, count, payload });
            }
            Err(error) if records.len() < 2 => {
                self.sealed.unwritable += 1;
                self.sealed.reason = Some(error.to_string());
            }
            Ok(_) | Err(_) => {
                let (head, tail) = records.split_at(records.len() / 2);
                self.group(class, next, head);
                self.group(class, next, tail);
            }
        }
    }

    /// All rows, in the order of their numbers within each class.
    #[must_use]
    pub fn finish(self) -> Sealed {
        self.sealed
    }

    fn header(&self, class: Class, first_sequence: u64) -> Header {
        Header {
            gateway_id: self.identity.gateway_id.clone(),
            store_id: self.identity.store_id,
            class,
            epoch: self.epoch,
            first_sequence,
            wall: self.now.wall,
            boot_id: self.identity.boot_id,
            mono_us: self.now.mono.0,
            clock: self.clock,
        }
    }
}
/// Whether so many records in so many bytes may be one row.
fn fits(class: Class, records: usize, bytes: usize) -> bool {
    let few = class != Class::Pos || records <= limits::ROW_RECEIPTS;
    records == 1 || few && bytes <= limits::BATCH_BYTES
}
