//! Acceptance into a store that is full for a while.

use tillgate_events::{Body, BootId, NoSale, TagWindow, UtcMs, decode};

use super::*;

/// A store without room until somebody makes some.
#[derive(Default)]
struct Disk {
    full: bool,
    /// First number and count of each row.
    rows: Vec<(u64, u32)>,
    freed: Vec<RowId>,
    /// Rows and pages of each commit.
    commits: Vec<(usize, usize)>,
    kept: BTreeMap<i64, u32>,
    /// Of the commit under way, and (records, the total) of each commit that had some.
    totals: Vec<Total>,
    counted: Vec<(u32, i64)>,
}

impl Outbox for Disk {
    fn epoch(&self) -> u32 {
        1
    }

    fn next_sequence(&self, _: Class) -> u64 {
        self.rows.last().map_or(1, |(first, count)| first + u64::from(*count))
    }

    fn commit(
        &mut self,
        rows: &[NewRow],
        freed: &[RowId],
        pages: &[Page],
    ) -> Result<Vec<RowId>, StoreError> {
        if self.full {
            return Err(StoreError::Full);
        }
        for row in rows {
            assert_eq!(decode(&row.payload).unwrap().records.len(), row.count as usize);
            self.rows.push((row.first_sequence, row.count));
        }
        if let Some(total) = self.totals.drain(..).next_back() {
            self.counted.push((rows.iter().map(|row| row.count).sum(), total.value));
        }
        self.freed.extend_from_slice(freed);
        self.commits.push((rows.len(), pages.len()));
        Ok(rows.iter().map(|_| RowId(7)).collect())
    }

    fn keep(&mut self, numbers: BTreeMap<i64, u32>) {
        self.kept.extend(numbers);
    }

    fn keep_stays(&mut self, _: Vec<crate::store::KeptStay>) {}

    fn keep_totals(&mut self, totals: Vec<Total>) {
        self.totals.extend(totals);
    }
}

const MS: u64 = 1000;

fn at(ms: u64) -> Now {
    Now { mono: Mono(ms * MS), wall: UtcMs(1_795_000_000_000) }
}

fn acceptor() -> Acceptor<Disk> {
    let identity =
        Identity { gateway_id: "gw-1".to_owned(), store_id: 7, boot_id: BootId::default() };
    let disk = Disk { full: true, ..Disk::default() };
    Acceptor::new(identity, Duration::from_millis(100), disk)
}

fn prompt() -> Record {
    let body = Body::NoSale(NoSale { terminal_id: "t".to_owned() });
    Record { at: UtcMs(0), source: "t".to_owned(), body }
}

fn window() -> Record {
    let body = Body::TagWindow(TagWindow {
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
    });
    Record { at: UtcMs(0), source: "r".to_owned(), body }
}

/// Follows the deadlines up to `until` ms from 1 s on; how often the store was asked. Ends early when a deadline
/// that was served does not move: whoever sleeps until it would spin.
fn refusals(acceptor: &mut Acceptor<Disk>, until: u64) -> u64 {
    let mut now = at(1000);
    acceptor.commit_if_due(now);
    while let Some(due) = acceptor.deadline() {
        assert!(due > now.mono, "a deadline at {due:?} that nothing serves at {now:?}");
        if due > at(until).mono {
            break;
        }
        now = Now { mono: due, ..now };
        acceptor.commit_if_due(now);
    }
    acceptor.counters().refusals
}

#[test]
fn a_store_that_refuses_is_asked_once_a_second_whatever_waits() {
    let mut acceptor = acceptor();
    acceptor.push(at(1000).mono, prompt());
    assert_eq!(refusals(&mut acceptor, 9500), 9);

    let mut acceptor = self::acceptor();
    acceptor.free(at(0).mono, &[RowId(1)]);
    assert_eq!(refusals(&mut acceptor, 9500), 9);

    let mut acceptor = self::acceptor();
    acceptor.push(at(1000).mono, prompt());
    acceptor.push(at(1000).mono, window());
    acceptor.free(at(1000).mono, &[RowId(1)]);
    assert_eq!(refusals(&mut acceptor, 9500), 9);
}

#[test]
fn rows_confirmed_during_a_refusal_wait_for_the_next_try() {
    let mut acceptor = acceptor();
    acceptor.push(at(1000).mono, prompt());
    acceptor.commit_if_due(at(1000));
    acceptor.free(at(1100).mono, &[RowId(1)]);
    assert_eq!(acceptor.deadline(), Some(at(2000).mono));
}

#[test]
fn a_prompt_record_is_accepted_with_the_first_try_after_the_refusal() {
    let mut acceptor = acceptor();
    acceptor.push(at(1000).mono, window());
    acceptor.push(at(1000).mono, prompt());
    assert_eq!(acceptor.commit_if_due(at(1000)), None);
    assert_eq!(acceptor.waiting(), 2);
    acceptor.free(at(1500).mono, &[RowId(3)]);
    acceptor.outbox_mut().full = false;
    assert_eq!(acceptor.commit_if_due(at(1999)), None);
    assert_eq!(acceptor.commit_if_due(at(2000)), Some(RowId(7)));
    assert_eq!((acceptor.waiting(), acceptor.deadline()), (0, None));
    assert_eq!(acceptor.outbox().freed, [RowId(3)]);
}

#[test]
fn there_is_no_room_beyond_the_bound() {
    let mut acceptor = acceptor();
    for _ in 0..limits::WAITING_RECORDS {
        assert!(acceptor.has_room());
        acceptor.push(at(1000).mono, prompt());
    }
    assert!(!acceptor.has_room());
    acceptor.commit_if_due(at(1000));
    assert!(!acceptor.has_room());
    acceptor.outbox_mut().full = false;
    acceptor.commit_if_due(at(2000));
    assert!(acceptor.has_room());
    let accepted: u32 = acceptor.outbox().rows.iter().map(|(_, count)| count).sum();
    assert_eq!(accepted as usize, limits::WAITING_RECORDS);
}

#[test]
fn the_end_commits_even_right_after_a_refusal() {
    let mut acceptor = acceptor();
    acceptor.push(at(1000).mono, window());
    assert_eq!(acceptor.commit(at(1000)), None);
    assert_eq!(acceptor.deadline(), Some(at(1000).mono.plus(limits::LINGER)));
    acceptor.outbox_mut().full = false;
    assert_eq!(acceptor.commit(at(1001)), Some(RowId(7)));
    assert_eq!(acceptor.outbox().rows, [(1, 1)]);
}

fn page(ends: bool) -> Page {
    Page { device: "t".to_owned(), ends, text: "x".to_owned(), ..Page::default() }
}

#[test]
fn pages_of_what_is_open_go_alone_and_an_end_goes_with_its_records() {
    let mut acceptor = acceptor();
    acceptor.outbox.full = false;
    acceptor.push(at(1000).mono, window());
    acceptor.journal([page(false)]);
    acceptor.commit_if_due(at(1010));
    assert_eq!(acceptor.outbox.commits, [(0, 1)], "what lingers goes on lingering");
    acceptor.journal([page(true)]);
    acceptor.commit_if_due(at(1200));
    assert_eq!(acceptor.outbox.commits, [(0, 1), (1, 1)]);
    acceptor.commit_if_due(at(9000));
    assert_eq!(acceptor.outbox.commits.len(), 2);
}

#[test]
fn pages_wait_with_the_records_while_the_store_refuses() {
    let mut acceptor = acceptor();
    acceptor.push(at(1000).mono, prompt());
    acceptor.journal([page(false), page(true)]);
    assert!(refusals(&mut acceptor, 5000) > 1);
    acceptor.outbox.full = false;
    acceptor.commit_if_due(at(9000));
    assert_eq!(acceptor.outbox.commits, [(1, 1)]);
}

#[test]
fn a_page_keeps_the_next_commit_an_interval_away() {
    let mut acceptor = acceptor();
    acceptor.outbox.full = false;
    acceptor.journal([page(false)]);
    acceptor.commit_if_due(at(1000));
    acceptor.push(at(1010).mono, prompt());
    assert_eq!(acceptor.deadline(), Some(at(1100).mono));
    assert_eq!(acceptor.journal_due(at(1020).mono), at(1120).mono);
}

#[test]
fn totals_go_with_the_records_that_they_count_and_never_before() {
    let total = |value| Total { source: "door".into(), what: "entered".into(), value };
    let mut acceptor = acceptor();
    acceptor.outbox_mut().full = false;
    acceptor.push(at(0).mono, prompt());
    acceptor.keep_totals(at(0).mono, vec![total(1)]);
    acceptor.commit_if_due(at(0));
    // Within the interval pages of the journal are written alone.
    acceptor.push(at(50).mono, prompt());
    acceptor.keep_totals(at(50).mono, vec![total(2)]);
    acceptor.journal([Page::default()]);
    acceptor.commit_if_due(at(50));
    assert_eq!(acceptor.outbox().counted, [(1, 1)]);
    assert_eq!(acceptor.outbox().commits, [(1, 0), (0, 1)], "the page went alone");
    acceptor.outbox_mut().full = true;
    acceptor.commit_if_due(at(200));
    acceptor.push(at(300).mono, prompt());
    acceptor.keep_totals(at(300).mono, vec![total(3)]);
    acceptor.outbox_mut().full = false;
    acceptor.commit_if_due(at(200).plus(limits::STORE_RETRY));
    assert_eq!(acceptor.outbox().counted, [(1, 1), (2, 3)]);
    // Where no record follows they get a commit of their own.
    let end = at(60_000);
    acceptor.keep_totals(end.mono, vec![total(4)]);
    assert_eq!(acceptor.deadline(), Some(end.mono.plus(limits::TOTALS_LINGER)));
    acceptor.commit_if_due(end.plus(limits::TOTALS_LINGER));
    assert_eq!((acceptor.outbox().counted.last(), acceptor.deadline()), (Some(&(0, 4)), None));
}
