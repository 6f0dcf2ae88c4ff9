//! What opening found, and in which words it is told.

use std::fmt;

use tillgate_events::Loss;

use super::backlog::Backlog;
use super::row::RowId;
use super::salvage::Salvage;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenReport {
    /// The numbering that is in use now.
    pub epoch: u32,
    /// Why it is a new one.
    pub reason: EpochReason,
    /// Left over from before.
    pub backlog: Backlog,
    /// The newest row; where a forwarder's "newest committed" starts.
    pub newest: RowId,
    /// What became of a database that could not be used.
    pub salvage: Option<Salvage>,
    /// Numbers of earlier epochs that may be lost with a database; each stands in a gap.
    pub lost: u64,
}

/// Why the epoch is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpochReason {
    /// The database goes on where it stopped.
    Continued,
    /// Neither database nor mark were there.
    First,
    /// The mark was there, the database was not: a new epoch.
    Recreated,
    /// The database was behind the mark (an old copy, or a lost log): a new epoch.
    Behind,
    /// The database was damaged and set aside: a new epoch.
    Damaged,
}

impl fmt::Display for OpenReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let epoch = self.epoch;
        match self.reason {
            EpochReason::First => write!(f, "it is new, numbering begins in epoch {epoch}")?,
            EpochReason::Continued => write!(f, "numbering goes on in epoch {epoch}")?,
            new => write!(f, "{}, so numbering begins anew in epoch {epoch}", new.cause())?,
        }
        let Backlog { rows, records, bytes, .. } = self.backlog;
        match rows {
            0 => f.write_str("; nothing waits to be sent"),
            _ => write!(
                f,
                "; waiting to be sent: {records} records in {rows} batches, {bytes} bytes"
            ),
        }?;
        match self.lost {
            0 => Ok(()),
            Loss::OPEN_END.. => {
                f.write_str("; nobody knows how many records are lost: …/gap tells")
            }
            lost => write!(f, "; up to {lost} records may be lost: …/gap tells which"),
        }
    }
}

impl EpochReason {
    fn cause(self) -> &'static str {
        match self {
            Self::First | Self::Continued => "all is well",
            Self::Recreated => "the database was gone",
            Self::Behind => "the database was an old copy or had lost its log",
            Self::Damaged => "the database was damaged",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reason: EpochReason, rows: u64, lost: u64, expected: &str) {
        let backlog = Backlog { rows, records: 7 * rows, bytes: 100 * rows, oldest: None };
        let report =
            OpenReport { epoch: 3, reason, backlog, newest: RowId(0), salvage: None, lost };
        assert_eq!(report.to_string(), expected);
    }

    #[test]
    fn what_was_found_is_told_in_plain_words() {
        use EpochReason::{Behind, Continued, Damaged, First, Recreated};
        check(First, 0, 0, "it is new, numbering begins in epoch 3; nothing waits to be sent");
        check(
            Continued,
            2,
            0,
            "numbering goes on in epoch 3; waiting to be sent: 14 records in 2 batches, 200 bytes",
        );
        let anew = "so numbering begins anew in epoch 3; nothing waits to be sent";
        let gone = format!("the database was gone, {anew}");
        check(Recreated, 0, 0, &gone);
        check(
            Recreated,
            0,
            97,
            &format!("{gone}; up to 97 records may be lost: …/gap tells which"),
        );
        let unknown = "nobody knows how many records are lost: …/gap tells";
        check(Recreated, 0, 5 * Loss::OPEN_END, &format!("{gone}; {unknown}"));
        check(Behind, 0, 0, &format!("the database was an old copy or had lost its log, {anew}"));
        check(Damaged, 0, 0, &format!("the database was damaged, {anew}"));
    }
}
