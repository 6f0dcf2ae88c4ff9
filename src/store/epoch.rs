//! Which epoch an opened database goes on in.

use super::mark::Mark;
use super::opened::EpochReason;
use crate::limits::SALVAGE_IDS;

/// The numbering after a salvage: beyond everything that is known of the damaged files and by the mark. `known` is
/// the highest epoch of the files and the row due next in them, where they can say so.
pub(super) fn epoch_after(known: Option<(u32, i64)>, beside: Option<Mark>) -> Mark {
    let (epoch, next_row) = known.unwrap_or_default();
    let beside = beside.unwrap_or_default();
    // A database was there, so the first epoch was used even if nothing can say so.
    let epoch = epoch.max(beside.epoch).max(1).saturating_add(1);
    let next_row = next_row.max(beside.next_row).max(1);
    // The mark is some commits behind.
    let unknown = if known.is_some() { 0 } else { SALVAGE_IDS };
    Mark { epoch, next_row: next_row.saturating_add(unknown) }
}

/// Decides the numbering from what the database and the mark say. `log_lost`: the last run did not end in order, and
/// there is no log.
pub(super) fn choose_epoch(
    database: Option<Mark>,
    mark: Option<Mark>,
    log_lost: bool,
) -> (Mark, EpochReason) {
    let next_row = |a: i64, b: i64| a.max(b).max(1);
    match (database, mark) {
        (None, None) => (Mark { epoch: 1, next_row: 1 }, EpochReason::First),
        (None, Some(mark)) => {
            let next_row = next_row(mark.next_row, 1);
            (Mark { epoch: mark.epoch.saturating_add(1), next_row }, EpochReason::Recreated)
        }
        (Some(found), Some(mark))
            if (found.epoch, found.next_row) < (mark.epoch, mark.next_row)
                || found.epoch == mark.epoch && log_lost =>
        {
            let epoch = found.epoch.max(mark.epoch).saturating_add(1);
            let next_row = next_row(found.next_row, mark.next_row);
            (Mark { epoch, next_row }, EpochReason::Behind)
        }
        (Some(found), _) if found.epoch == 0 => {
            // The power went between making the tables and the first epoch.
            (Mark { epoch: 1, next_row: 1 }, EpochReason::First)
        }
        (Some(found), _) => (found, EpochReason::Continued),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(epoch: u32, next_row: i64) -> Mark {
        Mark { epoch, next_row }
    }

    fn check(database: Option<Mark>, beside: Option<Mark>, expected: (Mark, EpochReason)) {
        assert_eq!(choose_epoch(database, beside, false), expected);
    }

    #[test]
    fn the_epoch_grows_whenever_numbers_could_be_given_out_again() {
        use EpochReason::{Behind, Continued, First, Recreated};
        check(None, None, (mark(1, 1), First));
        check(Some(mark(2, 50)), None, (mark(2, 50), Continued));
        check(Some(mark(2, 50)), Some(mark(2, 40)), (mark(2, 50), Continued));
        check(None, Some(mark(2, 40)), (mark(3, 40), Recreated));
        check(Some(mark(2, 50)), Some(mark(2, 51)), (mark(3, 51), Behind));
        check(Some(mark(2, 90)), Some(mark(3, 10)), (mark(4, 90), Behind));
        check(Some(mark(0, 1)), None, (mark(1, 1), First));
    }

    #[test]
    fn a_log_that_is_gone_after_a_crash_took_numbers_with_it() {
        let check = |beside, expected| {
            assert_eq!(choose_epoch(Some(mark(2, 50)), beside, true), expected);
        };
        check(Some(mark(2, 40)), (mark(3, 50), EpochReason::Behind));
        check(Some(mark(1, 40)), (mark(2, 50), EpochReason::Continued));
        check(None, (mark(2, 50), EpochReason::Continued));
    }
}
