//! Collects records per class until a commit is due.
//!
//! Invariants: records of a class leave in the order they came; none is held longer than the lanes allow;
//! what is held is bounded, because [`Batcher::deadline`] is at once when the bound is reached and the
//! pipeline takes before it reads on.

use std::collections::BTreeMap;
use std::time::Duration;

use tillgate_events::{Class, Record};

use super::{limits, parts, prompt};
use crate::time::Mono;

/// Records that wait for their commit.
#[derive(Debug)]
pub struct Batcher {
    interval: Duration,
    waiting: Vec<Record>,
    /// What they consist of, at most [`limits::COMMIT_PARTS`] and one record.
    parts: usize,
    lanes: Lanes,
    /// As they were before the records were taken: they come back with them.
    before: Lanes,
}

/// What [`Batcher::deadline`] follows from.
#[derive(Clone, Copy, Debug, Default)]
struct Lanes {
    /// When the oldest waiting record of each lane came.
    prompt_since: Option<Mono>,
    linger_since: Option<Mono>,
    last_commit: Option<Mono>,
}

impl Batcher {
    /// A batcher that asks for at most one commit per `interval`.
    #[must_use]
    pub fn new(interval: Duration) -> Self {
        Self {
            interval,
            waiting: Vec::new(),
            parts: 0,
            lanes: Lanes::default(),
            before: Lanes::default(),
        }
    }

    /// Takes a record.
    pub fn push(&mut self, now: Mono, record: Record) {
        let Lanes { prompt_since, linger_since, .. } = &mut self.lanes;
        let lane = if prompt(&record.body) { prompt_since } else { linger_since };
        lane.get_or_insert(now);
        self.parts += parts(&record.body);
        self.waiting.push(record);
    }

    /// The wall clock was set by so many milliseconds: the times of what waits move along.
    pub fn clock_set(&mut self, by_ms: i64) {
        self.waiting.iter_mut().for_each(|record| record.clock_set(by_ms));
    }

    /// How many records of each class wait.
    #[must_use]
    pub fn by_class(&self) -> BTreeMap<Class, u64> {
        let mut counts = BTreeMap::new();
        for record in &self.waiting {
            *counts.entry(record.class()).or_default() += 1;
        }
        counts
    }

    /// When a commit is due; `None` while nothing waits. May lie in the past.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        if self.parts >= limits::COMMIT_PARTS {
            return Some(Mono::default());
        }
        let Lanes { prompt_since, linger_since, last_commit } = self.lanes;
        let prompt = prompt_since
            .map(|since| last_commit.map_or(since, |last| last.plus(self.interval).max(since)));
        let linger = linger_since.map(|since| since.plus(limits::LINGER));
        [prompt, linger].into_iter().flatten().min()
    }

    /// When a commit may be made for what has waited since `since` and is in no hurry: an interval later, so that
    /// there is at most one in an interval.
    #[must_use]
    pub fn interval_after(&self, since: Mono) -> Mono {
        self.lanes.last_commit.map_or(since, |last| last.max(since)).plus(self.interval)
    }

    /// A commit was made at `now` without any record: the next one keeps its distance.
    pub fn committed(&mut self, now: Mono) {
        self.lanes.last_commit = Some(now);
    }

    /// All that waits, split by class into groups of at most [`limits::BATCH_RECORDS`].
    pub fn take(&mut self, now: Mono) -> Vec<(Class, Vec<Record>)> {
        let lanes = Lanes { last_commit: Some(now), ..Lanes::default() };
        self.before = std::mem::replace(&mut self.lanes, lanes);
        self.parts = 0;
        let mut groups: Vec<(Class, Vec<Record>)> = Vec::new();
        for record in self.waiting.drain(..) {
            let class = record.class();
            let open = groups
                .iter_mut()
                .rev()
                .find(|(c, _)| *c == class)
                .filter(|(_, records)| records.len() < limits::BATCH_RECORDS);
            match open {
                Some((_, records)) => records.push(record),
                None => groups.push((class, vec![record])),
            }
        }
        groups
    }

    /// Gives back what was taken last and could not be committed. It stays before anything newer, and is due
    /// when it was before: how long to leave a store alone that refuses is the caller's business.
    pub fn put_back(&mut self, groups: Vec<(Class, Vec<Record>)>) {
        let newer = std::mem::take(&mut self.waiting);
        self.waiting = groups.into_iter().flat_map(|(_, records)| records).collect();
        self.waiting.extend(newer);
        self.parts = self.waiting.iter().map(|record| parts(&record.body)).sum();
        let Lanes { prompt_since, linger_since, .. } = self.lanes;
        self.lanes = Lanes {
            prompt_since: self.before.prompt_since.or(prompt_since),
            linger_since: self.before.linger_since.or(linger_since),
            last_commit: self.before.last_commit,
        };
    }

    /// How many records wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use tillgate_events::{
        Body, Currency, Line, NoSale, Receipt, ReceiptType, TagWindow, Unknown, UtcMs,
    };

    use super::*;

    fn record(body: Body) -> Record {
        Record { at: UtcMs(0), source: "s".to_owned(), body }
    }

    fn prompt_record() -> Record {
        record(Body::NoSale(NoSale { terminal_id: "t".to_owned() }))
    }

    fn window() -> Record {
        record(Body::TagWindow(TagWindow {
            beacon_id: String::new(),
            customer_ble_id: String::new(),
            zone: String::new(),
            ping_count: 1,
            rssi_sum: -60,
            rssi_min: -60,
            rssi_max: -60,
            first_seen: UtcMs(0),
            last_seen: UtcMs(0),
            max_gap_ms: 0,
        }))
    }

    /// With so many lines.
    fn receipt(lines: usize) -> Receipt {
        let line = Line {
            description: "milk".to_owned(),
            sku: None,
            product_id: None,
            quantity: 1,
            unit_price: 100,
            extended_price: 100,
            discount: 0,
            promo_code: None,
            weight_grams: None,
            department: None,
            tax_code: None,
            voided: false,
        };
        Receipt {
            receipt_id: "1".to_owned(),
            receipt_type: ReceiptType::Sale,
            terminal_id: "t".to_owned(),
            customer_id: None,
            campaign_id: None,
            impression_id: None,
            currency: Currency::new("EUR").unwrap(),
            gross_subtotal: 0,
            discount: 0,
            subtotal: 0,
            tax: 0,
            total: 0,
            printed_at: None,
            complete: true,
            checks_passed: true,
            training: false,
            lines: vec![line; lines],
            payments: Vec::new(),
            promotions: Vec::new(),
            stock_changes: Vec::new(),
        }
    }

    const MS: u64 = 1000;

    /// Pushes at (ms) after a commit at 1 s; the deadline in ms.
    fn check(pushes: &[(u64, Record)], expected: Option<u64>) {
        let mut batcher = Batcher::new(Duration::from_millis(100));
        batcher.take(Mono(1000 * MS));
        for (ms, record) in pushes {
            batcher.push(Mono(ms * MS), record.clone());
        }
        assert_eq!(batcher.deadline().map(|due| due.0 / MS), expected);
    }

    #[test]
    fn a_prompt_record_is_due_at_once_or_at_the_intervals_end() {
        check(&[], None);
        check(&[(1500, prompt_record())], Some(1500));
        check(&[(1030, prompt_record())], Some(1100));
        check(&[(1030, prompt_record()), (1060, prompt_record())], Some(1100));
    }

    #[test]
    fn windows_linger_and_ride_along() {
        let linger = u64::try_from(limits::LINGER.as_millis()).unwrap();
        check(&[(1500, window())], Some(1500 + linger));
        check(&[(1500, window()), (1600, prompt_record())], Some(1600));
    }

    #[test]
    fn many_records_are_due_at_once() {
        let many: Vec<_> = (0..limits::COMMIT_PARTS).map(|_| (1001, window())).collect();
        check(&many, Some(0));
        let linger = u64::try_from(limits::LINGER.as_millis()).unwrap();
        check(many.get(1..).unwrap_or_default(), Some(1001 + linger));
    }

    #[test]
    fn a_receipt_weighs_what_it_consists_of_also_when_it_comes_back() {
        let mut batcher = Batcher::new(Duration::from_millis(100));
        batcher.take(Mono(MS));
        batcher.push(Mono(MS), record(Body::Receipt(Box::new(receipt(limits::COMMIT_PARTS - 1)))));
        assert_eq!(batcher.deadline(), Some(Mono(0)));
        let groups = batcher.take(Mono(2 * MS));
        batcher.push(Mono(2 * MS), prompt_record());
        assert_ne!(batcher.deadline(), Some(Mono(0)));
        batcher.put_back(groups);
        assert_eq!(batcher.deadline(), Some(Mono(0)));
    }

    #[test]
    fn a_commit_takes_all_by_class_in_order_and_bounded() {
        let mut batcher = Batcher::new(Duration::from_millis(100));
        let unknown = record(Body::Unknown(Unknown { kind: String::new(), text: String::new() }));
        for _ in 0..limits::BATCH_RECORDS + 1 {
            batcher.push(Mono(0), prompt_record());
        }
        batcher.push(Mono(0), unknown);
        let sizes: Vec<_> = batcher
            .take(Mono(1))
            .into_iter()
            .map(|(class, records)| (class, records.len()))
            .collect();
        assert_eq!(sizes, [(Class::Pos, limits::BATCH_RECORDS), (Class::Pos, 1), (Class::Ops, 1)]);
        assert!(batcher.is_empty() && batcher.deadline().is_none());
    }

    #[test]
    fn what_could_not_be_committed_stays_first() {
        let mut batcher = Batcher::new(Duration::from_millis(100));
        batcher.push(Mono(0), prompt_record());
        let groups = batcher.take(Mono(1));
        batcher.push(Mono(2), window());
        batcher.put_back(groups);
        let order: Vec<_> = batcher.take(Mono(4)).into_iter().map(|(class, _)| class).collect();
        assert_eq!(order, [Class::Pos, Class::Visit]);
    }

    /// Pushes at (ms) and a commit at 1 s that fails; the deadline then, in ms.
    fn check_refused(pushes: &[(u64, Record)], expected: u64) {
        let mut batcher = Batcher::new(Duration::from_millis(100));
        for (ms, record) in pushes {
            batcher.push(Mono(ms * MS), record.clone());
        }
        let groups = batcher.take(Mono(1000 * MS));
        batcher.put_back(groups);
        assert_eq!(batcher.deadline(), Some(Mono(expected * MS)));
    }

    #[test]
    fn what_could_not_be_committed_keeps_its_lane_and_its_age() {
        let linger = u64::try_from(limits::LINGER.as_millis()).unwrap();
        check_refused(&[(500, prompt_record())], 500);
        check_refused(&[(500, window())], 500 + linger);
        check_refused(&[(200, window()), (700, prompt_record())], 700);
    }
}
