//! One product: its two newest counts, and the changes that still matter.
//!
//! # Invariants
//! - `sum` is the sum of all changes at or after the newest count, those that were folded included.
//! - `moves` is in the order of (time, row). No change older than [`limits::STOCK_MEMORY`] before the product's newest
//!   event is in it: what it did is in `base`, as far as it came at or after the newest count.
//! - Before `floor` changes were folded or joined: a count there can no longer say what came before and after it.
//! - At most [`limits::STOCK_ITEM_MOVES`] moves: beyond that the older half is joined, one for each day and reason.

use std::collections::BTreeMap;

use tillgate_events::{StockReason, UtcMs};

use super::{Change, Count};
use crate::limits;

const DAY_MS: i64 = 86_400_000;

/// What was counted, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// When.
    pub at: UtcMs,
    /// Pieces.
    pub quantity: i64,
}

/// A change of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Where it is written down.
    pub row: i64,
    /// When it happened.
    pub at: UtcMs,
    /// Pieces.
    pub delta: i64,
    /// What it is part of.
    pub key: u64,
    /// Why.
    pub reason: StockReason,
}

/// One product. What is written down of it is all but `moves` and `sum`, which follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The latest count by its own time.
    pub newest: Option<Tally>,
    /// The one before.
    pub before: Option<Tally>,
    /// Changes at or after the newest count that are no longer in `moves`.
    pub base: i64,
    /// Before this nothing is known one by one.
    pub floor: UtcMs,
    /// An order was told of, and the product was not replenished since.
    pub ordered: bool,
    sum: i64,
    moves: Vec<Move>,
}

impl Default for Item {
    fn default() -> Self {
        Self::restored(None, None, (0, UtcMs(i64::MIN)), false)
    }
}

/// What a count did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It is the newest one now.
    Newest {
        /// What should have been there, and since which count that is known.
        expected: Option<(i64, UtcMs)>,
    },
    /// A newer one is known: nothing changes but what is known of earlier times.
    Earlier {
        /// What should have been there.
        expected: Option<i64>,
    },
    /// It was known.
    Known,
    /// It lies before what is remembered of the changes: it would count some of them twice.
    TooOld,
}

impl Item {
    /// A product as it was written down; its moves follow by [`Item::restore`].
    #[must_use]
    pub fn restored(
        newest: Option<Tally>,
        before: Option<Tally>,
        (base, floor): (i64, UtcMs),
        ordered: bool,
    ) -> Self {
        Self { newest, before, base, floor, ordered, sum: base, moves: Vec::new() }
    }

    /// Puts a move back.
    pub fn restore(&mut self, it: Move) {
        self.insert(it);
    }

    /// Pieces there are; `None` while it was never counted.
    #[must_use]
    pub fn on_hand(&self) -> Option<i64> {
        self.newest.map(|count| count.quantity.saturating_add(self.sum))
    }

    /// Changes at or after the newest count; without a count all that are known.
    #[must_use]
    pub fn changed(&self) -> i64 {
        self.sum
    }

    /// When it was last counted, or changed since.
    #[must_use]
    pub fn as_of(&self) -> Option<UtcMs> {
        let counted = self.newest.map(|count| count.at);
        self.moves.last().map(|last| last.at).max(counted)
    }

    /// When it was last counted.
    #[must_use]
    pub fn counted_at(&self) -> Option<UtcMs> {
        self.newest.map(|count| count.at)
    }

    /// The changes that are known one by one, oldest first.
    #[must_use]
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// The change with this key, if it is part of this product's memory.
    #[must_use]
    pub fn find(&self, key: u64) -> Option<Move> {
        self.moves.iter().find(|it| it.key == key).copied()
    }

    /// Takes a change, to be written down in `row`; nothing if it was known. The rows `dropped` go.
    pub fn change(&mut self, change: Change, row: i64, dropped: &mut Vec<i64>) -> Option<Move> {
        let Change { at, delta, reason, key, .. } = change;
        let mut it = Move { row, at, delta, key, reason };
        if let Some(known) = Some(key).filter(|_| change.once).and_then(|key| self.find(key)) {
            // The earliest of several counts, whichever came first.
            if (known.at, known.delta) <= (at, delta) {
                return None;
            }
            it.row = known.row;
            self.remove(known);
        }
        if at < self.horizon() {
            if self.is_after_count(at) {
                self.base = self.base.saturating_add(delta);
                self.sum = self.sum.saturating_add(delta);
            }
            self.floor = self.floor.max(UtcMs(at.0.saturating_add(1)));
            dropped.push(it.row);
            return Some(it);
        }
        self.insert(it);
        self.fold(dropped);
        Some(it)
    }

    /// Takes a count.
    pub fn count(&mut self, count: Count, dropped: &mut Vec<i64>) -> Counted {
        let tally = Tally { at: count.at, quantity: count.quantity };
        if let Some(newest) = self.newest {
            if newest == tally || self.before == Some(tally) {
                return Counted::Known;
            }
            // Two that disagree about one instant: what is there for certain is the lesser.
            if newest.at == tally.at && newest.quantity <= tally.quantity {
                return Counted::Known;
            }
            if tally.at < newest.at {
                return self.earlier(tally);
            }
        }
        if tally.at < self.floor {
            return Counted::TooOld;
        }
        let expected = self.expected_at(tally.at);
        if self.newest.is_some_and(|newest| newest.at < tally.at) {
            self.before = self.newest;
        }
        self.newest = Some(tally);
        self.base = 0;
        self.sum = sum(self.moves.iter().filter(|it| tally.at <= it.at));
        self.fold(dropped);
        Counted::Newest { expected }
    }

    /// Pieces sold, brought back ones taken off, in the time before `until`.
    #[must_use]
    pub fn sold(&self, until: UtcMs) -> i64 {
        let window = i64::try_from(limits::STOCK_VELOCITY.as_millis()).unwrap_or(i64::MAX);
        let from = until.0.saturating_sub(window);
        let sale = |it: &&Move| {
            let within = from < it.at.0 && it.at <= until;
            let sale =
                matches!(it.reason, StockReason::Sale | StockReason::Bopis | StockReason::Return);
            within && sale
        };
        sum(self.moves.iter().filter(sale)).saturating_neg().max(0)
    }

    /// What should be there at `at` by the newest count before it, if all changes since are known.
    fn expected_at(&self, at: UtcMs) -> Option<(i64, UtcMs)> {
        let from = self.newest.filter(|newest| newest.at < at).or(self.before)?;
        let base = if self.newest == Some(from) { self.base } else { 0 };
        if self.newest != Some(from) && from.at < self.floor {
            return None;
        }
        let since = self.moves.iter().filter(|it| from.at <= it.at && it.at < at);
        Some((from.quantity.saturating_add(base).saturating_add(sum(since)), from.at))
    }

    /// A count that came late: it may be the second newest.
    fn earlier(&mut self, tally: Tally) -> Counted {
        let known = self.before.filter(|before| before.at >= self.floor && before.at < tally.at);
        let expected = known.map(|before| {
            let since = self.moves.iter().filter(|it| before.at <= it.at && it.at < tally.at);
            before.quantity.saturating_add(sum(since))
        });
        match self.before {
            Some(before) if tally.at < before.at => {}
            Some(before) if tally.at == before.at && before.quantity <= tally.quantity => {
                return Counted::Known;
            }
            _ => self.before = Some(tally),
        }
        Counted::Earlier { expected }
    }

    fn is_after_count(&self, at: UtcMs) -> bool {
        self.newest.is_none_or(|newest| newest.at <= at)
    }

    /// Before this changes are only remembered as a sum.
    fn horizon(&self) -> UtcMs {
        let memory = i64::try_from(limits::STOCK_MEMORY.as_millis()).unwrap_or(i64::MAX);
        UtcMs(self.as_of().map_or(i64::MIN, |newest| newest.0.saturating_sub(memory)))
    }

    fn insert(&mut self, it: Move) {
        let place = self.moves.partition_point(|other| (other.at, other.row) <= (it.at, it.row));
        self.moves.insert(place, it);
        if self.is_after_count(it.at) {
            self.sum = self.sum.saturating_add(it.delta);
        }
    }

    fn remove(&mut self, it: Move) {
        self.moves.retain(|other| other.row != it.row);
        if self.is_after_count(it.at) {
            self.sum = self.sum.saturating_sub(it.delta);
        }
    }

    /// Folds what is older than the memory into the base.
    fn fold(&mut self, dropped: &mut Vec<i64>) {
        let horizon = self.horizon();
        let old = self.moves.partition_point(|it| it.at < horizon);
        self.fold_first(old, dropped);
    }

    /// Folds the oldest change: there are too many of all products.
    pub fn forget_oldest(&mut self, dropped: &mut Vec<i64>) {
        self.fold_first(self.moves.len().min(1), dropped);
    }

    fn fold_first(&mut self, old: usize, dropped: &mut Vec<i64>) {
        for it in self.moves.drain(..old) {
            if self.newest.is_none_or(|newest| newest.at <= it.at) {
                self.base = self.base.saturating_add(it.delta);
            }
            self.floor = self.floor.max(UtcMs(it.at.0.saturating_add(1)));
            dropped.push(it.row);
        }
    }

    /// Joins the older half of the moves, one for each day and reason. What is there stays what it is; which moves are
    /// to be written down anew is returned.
    pub fn join(&mut self, dropped: &mut Vec<i64>) -> Vec<Move> {
        let half = self.moves.len() / 2;
        let mut joined: BTreeMap<(bool, i64, u8), Move> = BTreeMap::new();
        for it in self.moves.drain(..half).collect::<Vec<_>>() {
            let day = (self.is_after_count(it.at), it.at.0.div_euclid(DAY_MS), code(it.reason));
            self.floor = self.floor.max(UtcMs(it.at.0.saturating_add(1)));
            match joined.get_mut(&day) {
                None => drop(joined.insert(day, Move { key: 0, ..it })),
                Some(all) => {
                    all.delta = all.delta.saturating_add(it.delta);
                    all.at = it.at;
                    dropped.push(it.row);
                }
            }
        }
        let joined: Vec<Move> = joined.into_values().collect();
        self.moves.splice(0..0, joined.iter().copied());
        self.moves.sort_by_key(|it| (it.at, it.row));
        joined
    }
}

fn sum<'m>(moves: impl Iterator<Item = &'m Move>) -> i64 {
    moves.fold(0, |sum, it| sum.saturating_add(it.delta))
}

/// The number of a reason where it is written down. Never changed, only added to.
#[must_use]
pub fn code(reason: StockReason) -> u8 {
    match reason {
        StockReason::Sale => 0,
        StockReason::Return => 1,
        StockReason::InboundShipment => 2,
        StockReason::OutboundShipment => 3,
        StockReason::Adjustment => 4,
        StockReason::Damaged => 5,
        StockReason::Lost => 6,
        StockReason::Bopis => 7,
    }
}

/// The reason with this number.
#[must_use]
pub fn reason(code: u8) -> Option<StockReason> {
    Some(match code {
        0 => StockReason::Sale,
        1 => StockReason::Return,
        2 => StockReason::InboundShipment,
        3 => StockReason::OutboundShipment,
        4 => StockReason::Adjustment,
        5 => StockReason::Damaged,
        6 => StockReason::Lost,
        7 => StockReason::Bopis,
        _ => return None,
    })
}
