//! One numbering: a class of a gateway in one epoch.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::{Head, Kind};
use super::ranges::Ranges;
use crate::limits::LEDGER_RANGES;

/// What is known of one numbering.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Records that arrived whole.
    arrived: Ranges,
    /// Numbers that were told to be lost, whether or not they arrived all the same.
    told: Ranges,
    /// The same of numbers that perhaps no record ever had.
    #[serde(default)]
    reserved: Ranges,
    /// Numbers whose records were joined to others, whether or not these were told to be lost later.
    #[serde(default)]
    thinned: Ranges,
    /// Of records that arrived in part (JSON): which parts.
    parts: BTreeMap<u64, Ranges>,
    /// All numbers up to this one were given out: the gateway said so, or what came again had it.
    announced: u64,
    /// What came again.
    duplicated: u64,
    /// Everything up to here arrived or was told, or is covered by what was published.
    reached: u64,
    /// A watermark up to here was published: it does not go back, whatever became of what it was computed from.
    #[serde(default)]
    published: u64,
    /// Numbers under which other records came than those that had arrived.
    #[serde(default)]
    twice: u64,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It says something new.
    New,
    /// It came before.
    Again,
    /// It says nothing that has to be kept.
    Nothing,
    /// It does not fit into memory: it is as if it had not come.
    Full,
}

impl Stream {
    /// Takes an entry of this numbering in. `full` where no further range fits into memory.
    pub(super) fn take(&mut self, head: &Head, full: bool) -> Taken {
        let full = full || self.ranges() >= LEDGER_RANGES;
        let taken = match (head.kind, head.part) {
            (Kind::Records, None) => self.records(head.first, head.last, full),
            (Kind::Records, Some(part)) => self.part(head.first, part, full),
            (Kind::Again, _) => {
                self.again(head.first, head.last);
                Taken::Again
            }
            (Kind::Twice, part) => self.other(head.first, head.last, part.is_none(), full),
            (Kind::Published, _) => {
                self.announced = self.announced.max(head.first);
                self.published = self.published.max(head.last);
                Taken::New
            }
            (Kind::Damaged, _) => {
                self.announced = self.announced.max(head.last);
                Taken::New
            }
            (Kind::Gap, _) => tell(&mut self.told, head, full),
            (Kind::Reserved, _) => tell(&mut self.reserved, head, full),
            (Kind::Thinned, _) => tell(&mut self.thinned, head, full),
            (Kind::Produced, _) if head.last > self.announced => {
                self.announced = head.last;
                Taken::New
            }
            (Kind::Produced | Kind::Stream, _) => Taken::Nothing,
        };
        self.advance();
        taken
    }

    fn records(&mut self, first: u64, last: u64, full: bool) -> Taken {
        if self.arrived.covers(first, last) {
            self.again(first, last);
            return Taken::Again;
        }
        add(&mut self.arrived, first, last, full)
    }

    fn part(&mut self, number: u64, (part, parts): (u32, u32), full: bool) -> Taken {
        let (part, parts) = (u64::from(part), u64::from(parts));
        let known = self.parts.get(&number);
        // A number that was given out twice may have come in more parts the first time: then the rest never comes.
        let ends = |it: &Ranges| parts > 0 && it.covers(1, parts);
        if self.arrived.covers(number, number)
            || known.is_some_and(|it| it.covers(part, part) && !ends(it))
        {
            self.again(number, number);
            return Taken::Again;
        }
        if full && known.is_none() && !self.arrived.touches(number, number) {
            return Taken::Full;
        }
        let known = self.parts.entry(number).or_default();
        known.insert(part, part);
        if known.covers(1, parts) {
            self.parts.remove(&number);
            self.arrived.insert(number, number);
        }
        Taken::New
    }

    /// Other records came under numbers of which some had arrived. `whole` ones are there now for those that had not.
    fn other(&mut self, first: u64, last: u64, whole: bool, full: bool) -> Taken {
        if whole && full && !self.arrived.touches(first, last) {
            return Taken::Full;
        }
        let new = if whole { self.arrived.insert(first, last) } else { 0 };
        let count = last.saturating_sub(first).saturating_add(1).saturating_sub(new);
        self.twice = self.twice.saturating_add(count.max(1));
        Taken::New
    }

    /// What came again was there before: its numbers were given out.
    fn again(&mut self, first: u64, last: u64) {
        self.announced = self.announced.max(last);
        let count = last.saturating_sub(first).saturating_add(1);
        self.duplicated = self.duplicated.saturating_add(count);
    }

    /// Goes on while the next number arrived or was told.
    fn advance(&mut self) {
        self.reached = self.reached.max(self.published);
        while let Some(next) = self.reached.checked_add(1) {
            let known = [&self.arrived, &self.told, &self.thinned, &self.reserved];
            let Some(end) = known.iter().filter_map(|it| it.end_of(next)).max() else { return };
            self.reached = end;
        }
    }

    /// An epoch begins with its first record; a loss alone begins none.
    pub(super) fn has_begun(&self) -> bool {
        !self.arrived.is_empty() || self.published > 0
    }

    /// What is to be written down before a watermark up to what is reached is published: as `first` and `last` of
    /// [`Kind::Published`]. `None` where that was written before.
    pub(super) fn unpublished(&self) -> Option<(u64, u64)> {
        let given_out = self.reached.min(self.produced()).max(1);
        (self.reached > self.published).then_some((given_out, self.reached))
    }

    /// What a watermark covered, and what neither arrived nor was told as far as can be read.
    pub(super) fn damaged(&self) -> Ranges {
        self.accounted().missing(self.published.min(self.produced()))
    }

    /// Adds what is known elsewhere of the same numbering.
    pub(super) fn merge(&mut self, other: &Self) {
        let sets = [
            (&mut self.arrived, &other.arrived),
            (&mut self.told, &other.told),
            (&mut self.reserved, &other.reserved),
            (&mut self.thinned, &other.thinned),
        ];
        for (mine, others) in sets {
            *mine = mine.and(others);
        }
        for (number, parts) in &other.parts {
            if !self.arrived.covers(*number, *number) {
                let known = self.parts.entry(*number).or_default();
                *known = known.and(parts);
            }
        }
        self.parts.retain(|number, _| !self.arrived.covers(*number, *number));
        self.announced = self.announced.max(other.announced);
        self.duplicated = self.duplicated.max(other.duplicated);
        self.published = self.published.max(other.published);
        self.twice = self.twice.max(other.twice);
        self.advance();
    }

    /// Everything up to here arrived or was told, or a watermark covered it.
    #[must_use]
    pub fn reached(&self) -> u64 {
        self.reached
    }

    /// How many numbers the gateway gave out, as far as anything that came can tell: the highest of records,
    /// losses and announcements. What was only set aside tells nothing.
    #[must_use]
    pub fn produced(&self) -> u64 {
        let begun = self.parts.last_key_value().map_or(0, |(number, _)| *number);
        let told = self.told.last().max(self.thinned.last());
        self.arrived.last().max(told).max(self.announced).max(begun)
    }

    /// Records that arrived, each counted once.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.arrived.count()
    }

    /// Records that were told to be lost and did not arrive.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        let there = self.arrived.and(&self.joined());
        self.accounted().count().saturating_sub(there.count())
    }

    /// Records that became a part of others, whose numbers are free, and that were not lost with these.
    #[must_use]
    pub fn thinned(&self) -> u64 {
        self.arrived.and(&self.joined()).count().saturating_sub(self.arrived.count())
    }

    /// What was told as `thinned` without what was also told to be lost, whichever was told first. Of that it stays a
    /// part of others where all that follows it, up to the next such number or the end of the loss, arrived all the
    /// same: those are the records that hold it.
    fn joined(&self) -> Ranges {
        let lost = self.told.and(&self.reserved);
        let mut joined = Ranges::default();
        for (first, last) in self.thinned.iter() {
            let mut next = first;
            for (from, to) in lost.overlapping(first, last) {
                joined.insert(next, from.max(first).saturating_sub(1));
                if to > last && self.hold(last, to) {
                    joined.insert(from.max(first), last);
                }
                next = to.min(last).saturating_add(1);
            }
            joined.insert(next, last);
        }
        joined
    }

    /// Whether the records after `last`, up to the end of a loss, arrived: up to where the next ones are held.
    fn hold(&self, last: u64, end: u64) -> bool {
        let Some(first) = last.checked_add(1) else { return false };
        let next = self.thinned.overlapping(first, u64::MAX).next();
        let end = next.map_or(end, |(next, _)| end.min(next - 1)).min(self.produced());
        first <= end && self.arrived.covers(first, end)
    }

    /// Records that came again; with `encoding = "json"` messages that did.
    #[must_use]
    pub fn duplicated(&self) -> u64 {
        self.duplicated
    }

    /// Numbers that other records came under than those that had arrived; with `encoding = "json"` messages that did.
    #[must_use]
    pub fn twice(&self) -> u64 {
        self.twice
    }

    /// Numbers that were given out, did not arrive and were not told.
    #[must_use]
    pub fn lost(&self) -> Ranges {
        self.accounted().missing(self.produced())
    }

    /// What arrived or was told, of the numbers that were given out.
    fn accounted(&self) -> Ranges {
        let mut all = self.arrived.and(&self.told).and(&self.thinned);
        let produced = self.produced();
        for (first, last) in self.reserved.iter() {
            all.insert(first, last.min(produced));
        }
        all
    }

    /// What its size in memory goes with.
    pub(super) fn ranges(&self) -> usize {
        let parts: usize = self.parts.values().map(Ranges::len).sum();
        let told = self.told.len() + self.thinned.len() + self.reserved.len();
        self.arrived.len() + told + parts
    }
}

fn tell(told: &mut Ranges, head: &Head, full: bool) -> Taken {
    if told.covers(head.first, head.last) {
        return Taken::Nothing;
    }
    add(told, head.first, head.last, full)
}

fn add(ranges: &mut Ranges, first: u64, last: u64, full: bool) -> Taken {
    if full && !ranges.touches(first, last) {
        return Taken::Full;
    }
    ranges.insert(first, last);
    Taken::New
}
