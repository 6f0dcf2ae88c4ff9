//! The outbox in SQLite: the only module that names the database. It lives on the pipeline thread.
//!
//! # Constraints
//! - One daemon per data folder: the file is locked exclusively, a second opener fails at once.
//! - The database with its log stays below `max_bytes`: visits that were never sent are made fewer, then the oldest
//!   rows of the least valuable class go.
//! - Another program's database, or one of a later version, is never touched. One that is damaged is set
//!   aside and a new one made: the daemon always comes up.
//!
//! # Invariants
//! - When [`Store::commit`] returned, its rows survive a power cut: the log is synced in each commit.
//! - Sequences are gapless per class and epoch as given out. What was given out and will not be sent stands
//!   in the `gap` table, written in the transaction that dropped it.
//! - A row leaves by being freed, thinned, evicted or quarantined, in no other way; each is counted.
//! - A row that may have been sent never changes.
//! - No row is handed out whose checksum is wrong.
//! - An epoch is never used twice: its mark is durable before the first row of it.
//! - Numbers that were given out are not lost in silence, whatever becomes of the database: the mark bounds them, and
//!   while the power stays the tip says how far they came.
//! - A page of the journal that ends a document is written together with what came of that document.
//! - What the stock ledger says is what the accepted records say: both are written in one transaction.
//! - Numbers that another copy of this folder may have given out are not handed out before the cloud was asked.
//! - What is open and no longer stands under its name is written anew before the process ends (`whereabouts`).
//! - Damage that is met while the store is open is not forgotten: the next opening salvages.
//!
//! # How
//! WAL with `synchronous=FULL` (NORMAL loses commits at a power cut), exclusive locking (no shared-memory
//! file), pages of 1 KiB and a log of 1 MiB that is reused: measured, 10.6 instead of 27.5 kB of device writes
//! per small commit. Acknowledged rows are deleted in the transaction of the next insert. Pages that become
//! free are reused; the file shrinks when little waits and much of it is free.

mod aside;
mod backlog;
mod ballast;
mod begin;
mod check;
mod correct;
mod damage;
mod delivered;
mod doubt;
mod epoch;
mod error;
mod evict;
mod gap;
mod given;
mod holder;
mod image;
mod inspect;
mod journal;
mod journal_file;
mod journal_restore;
mod kept;
mod leaves;
mod log;
mod lost;
mod mark;
mod open;
mod opened;
mod place;
mod quarantine;
mod read;
mod relief;
mod remains;
mod renumber;
mod row;
mod salvage;
mod schema;
mod sent;
mod stay;
mod stock;
mod thin;
mod tier;
mod tip;
mod total;
mod vitals;
mod whereabouts;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use rusqlite::Connection;
use tillgate_events::{Class, Watermarks};

pub use backlog::{Backlog, StoreCounters, Tally};
pub use doubt::{Numbering, is_plausible};
pub use error::StoreError;
pub use gap::{Gap, GapId, GapReason};
pub use inspect::Inspection;
pub use journal::{JournalBounds, JournalDocument, Page};
pub use journal_file::read_journal;
pub use opened::{EpochReason, OpenReport};
pub use row::{NewRow, Row, RowId};
pub use salvage::Salvage;
pub use stay::KeptStay;
pub use stock::{Stock, StockItem, StockMove, StockWrites, read_stock};
pub use tier::Tier;
pub use total::Total;
pub use vitals::{Stamp, Vitals, Waiting};

use backlog::Stream;
use ballast::Ballast;
use damage::Damage;
use delivered::Delivered;
use doubt::Doubt;
use journal::Journal;
use mark::{Mark, MarkFile};
use renumber::Renumbering;
use salvage::Salvaging;
use sent::Sent;
use tip::Tip;
use whereabouts::Whereabouts;

/// The open outbox.
pub struct Store {
    connection: Connection,
    /// The write-ahead log, measured for the cap.
    log_file: PathBuf,
    mark_file: PathBuf,
    ballast: Ballast,
    /// False after the ballast went overboard, until there is room for it again.
    ballast_on_board: bool,
    /// Since the last attempt that found no room, until the ballast is on board again.
    disk_is_full: bool,
    full_is_told: bool,
    /// Cap on the database with its log, in bytes.
    max_bytes: u64,
    epoch: u32,
    next_row: i64,
    /// One entry for each class, always.
    streams: BTreeMap<Class, Stream>,
    /// A class that nothing happened to has none.
    tallies: BTreeMap<Class, Tally>,
    counters: StoreCounters,
    /// The mark as it was last written.
    marked: MarkFile,
    /// Commits since then.
    unmarked: u32,
    tip: Tip,
    damage: Damage,
    whereabouts: Whereabouts,
    journal: Journal,
    /// What may have been sent.
    sent: Sent,
    /// Numbers for the next commit.
    kept: BTreeMap<i64, u32>,
    /// Likewise.
    totals: total::Totals,
    /// All trucks at docks, where they changed.
    stays: Option<Vec<KeptStay>>,
    /// What was booked, for the next commit of records.
    stock: StockWrites,
    /// What is being taken over from a damaged database.
    salvaging: Option<Salvaging>,
    /// Until a row is handed out: from where on the cloud may know better.
    doubt: Option<Doubt>,
    /// What a broker took.
    delivered: Delivered,
    /// Nothing is sent any more: how far anybody can have it.
    taken: Option<Watermarks>,
    /// Rows that get other numbers.
    renumbering: Option<Renumbering>,
}

impl Store {
    /// The epoch that new rows get.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The sequence number due next in `class`; the first of an epoch is 1.
    #[must_use]
    pub fn next_sequence(&self, class: Class) -> u64 {
        self.streams.get(&class).map_or(1, |stream| stream.next)
    }

    /// The same for all classes.
    #[must_use]
    pub fn next_sequences(&self) -> BTreeMap<Class, u64> {
        self.streams.iter().map(|(class, stream)| (*class, stream.next)).collect()
    }

    /// The newest row given out so far; 0 before the first.
    #[must_use]
    pub fn newest(&self) -> RowId {
        RowId(self.next_row - 1)
    }

    /// What is accepted and not freed.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        Backlog::of(self.streams.values())
    }

    /// What happened since the store was opened.
    #[must_use]
    pub fn counters(&self) -> StoreCounters {
        self.counters
    }

    /// Records of each class since the store was opened.
    #[must_use]
    pub fn tally(&self, class: Class) -> Tally {
        self.tallies.get(&class).copied().unwrap_or_default()
    }

    /// Whether the database was found damaged since it was opened: close it, and open it again to salvage it.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.damage.was_met()
    }

    /// The mark as it is to be written next.
    fn mark(&self) -> MarkFile {
        let mut file = self.marked.clone();
        file.mark = Mark { epoch: self.epoch, next_row: self.next_row };
        file.given.at(self.epoch, &self.next_sequences());
        file
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close_sent();
        self.close_delivered();
        let mut mark = self.mark();
        mark.given.close(self.epoch);
        // A mark that is behind only makes the next check weaker.
        let _ = mark.write(&self.mark_file);
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Store")
            .field("epoch", &self.epoch)
            .field("next_row", &self.next_row)
            .field("backlog", &self.backlog())
            .finish_non_exhaustive()
    }
}
