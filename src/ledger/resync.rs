//! Finds the next sound entry behind bytes that are none.
//!
//! A torn end has nothing sound behind it; a whole entry there proves that what stands before it was damaged later.
//!
//! # Constraints
//! The work is bounded: a checksum is computed only where a length and a head are possible, and over so many bytes
//! in all as the caller allows. What looks like an entry within a payload, with a checksum of its own, is taken for
//! one.

use super::entry::{self, EntryError};
use crate::limits::LEDGER_ENTRY_BYTES;

/// Bytes before the content of an entry.
const LEAD: usize = 8;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A sound entry begins here.
    Entry(usize),
    /// There is none.
    None,
    /// It was not searched to the end: `work` is used up.
    TooMuch,
}

/// Where in `bytes` the first sound entry begins that is whole in them. `work` is how many bytes may be checksummed,
/// and is less by what was.
#[must_use]
pub fn find(bytes: &[u8], work: &mut u64) -> Found {
    for at in 0..bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(length) = possible(rest) else { continue };
        let Some(left) = work.checked_sub(length as u64) else { return Found::TooMuch };
        *work = left;
        if matches!(entry::read(&mut &*rest), Ok(Some(_)) | Err(EntryError::Head)) {
            return Found::Entry(at);
        }
    }
    Found::None
}

/// How long the content is, where these bytes can begin an entry: a length, and a head that is an object.
fn possible(bytes: &[u8]) -> Option<usize> {
    let length = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
    if length > LEDGER_ENTRY_BYTES {
        return None;
    }
    let content = bytes.get(LEAD..)?.get(..length)?;
    let (head_length, rest) = content.split_first_chunk()?;
    let head = rest.get(..usize::from(u16::from_le_bytes(*head_length)))?;
    (head.first() == Some(&b'{') && head.last() == Some(&b'}')).then_some(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tillgate_events::Class;

    use super::*;
    use crate::ledger::{Entry, Head, Kind};

    fn entry() -> Vec<u8> {
        let gateway = "acme/7/gw".to_owned();
        let (kind, class) = (Kind::Records, Class::Pos);
        let head = Head { kind, gateway, class, epoch: 2, first: 3, last: 9, part: None };
        Entry { head, payload: vec![7; 20] }.to_bytes().unwrap()
    }

    proptest! {
        #[test]
        fn an_entry_is_found_behind_any_bytes(
            before in proptest::collection::vec(any::<u8>(), 0..300),
            after in proptest::collection::vec(any::<u8>(), 0..50),
        ) {
            let bytes = [before.as_slice(), &entry(), &after].concat();
            prop_assert_eq!(find(&bytes, &mut u64::MAX.clone()), Found::Entry(before.len()));
        }

        #[test]
        fn a_damaged_or_cut_entry_is_not_found(at in 0usize..1000, bit in 0u8..8) {
            let mut bytes = entry();
            let at = at % bytes.len();
            prop_assert_eq!(find(&bytes[..at], &mut u64::MAX.clone()), Found::None);
            bytes[at] ^= 1 << bit;
            prop_assert_eq!(find(&bytes, &mut u64::MAX.clone()), Found::None);
        }
    }

    #[test]
    fn the_work_has_an_end() {
        let mut bytes = entry();
        let content = bytes.len() as u64 - 8;
        *bytes.last_mut().unwrap() ^= 1;
        let mut work = 3 * content + 1;
        assert_eq!(find(&bytes.repeat(3), &mut work), Found::None);
        assert_eq!(work, 1);
        assert_eq!(find(&bytes.repeat(4), &mut (3 * content)), Found::TooMuch);
    }
}
