//! An entry: what is stored of one message, and its form in a file.
//!
//! A file begins with [`MAGIC`]; then come entries, each on its own:
//!
//! | bytes | what |
//! |---|---|
//! | 0–3 | length of all from byte 8 on, little-endian |
//! | 4–7 | CRC-32C of all from byte 8 on, little-endian |
//! | 8–9 | length of the head, little-endian |
//! | 10– | the head: one JSON object ([`Head`]) |
//! | then | the message's payload, byte for byte; of a `stream`, JSON ([`super::Stream`]) |

use std::io::{self, Read};

use crc::{CRC_32_ISCSI, Crc};
use serde::{Deserialize, Serialize};
use tillgate_events::{Class, Loss};

use crate::limits::LEDGER_ENTRY_BYTES;

/// How a file of entries begins.
pub const MAGIC: [u8; 8] = *b"TGLEDG1\n";

/// CRC-32C, also known as iSCSI.
static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Records arrived; the payload is the message's.
    Records,
    /// Records that had arrived before came again. The payload is the message's where it could not be compared any
    /// more with what had arrived, else there is none.
    Again,
    /// Other records than those that had arrived came under their numbers; the payload is the message's.
    Twice,
    /// The numbers will never come; the payload is the message of `…/gap`.
    Gap,
    /// The same, but perhaps no record ever had these numbers.
    Reserved,
    /// The records of these numbers were joined to others, which have later ones: nothing of them is lost.
    Thinned,
    /// The gateway gave out all numbers up to `last`. No payload.
    Produced,
    /// A watermark up to `last` is about to be published; of its numbers those up to `first` were given out. No
    /// payload.
    Published,
    /// These numbers were covered by a watermark, and what was stored of them is damaged. No payload.
    Damaged,
    /// All that was known of a numbering when the file was begun.
    Stream,
}

impl Kind {
    /// What a loss says.
    #[must_use]
    pub fn of(loss: &Loss) -> Self {
        match loss.reason.as_str() {
            Loss::RESERVED => Self::Reserved,
            Loss::THINNED => Self::Thinned,
            _ => Self::Gap,
        }
    }
}

/// Which numbers an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// What it says.
    pub kind: Kind,
    /// Tenant, store and gateway as in the topic: `acme/7/gw-0007`.
    pub gateway: String,
    /// Which stream.
    pub class: Class,
    /// Which numbering.
    pub epoch: u32,
    /// From this number on.
    pub first: u64,
    /// Up to and with this one.
    pub last: u64,
    /// With `encoding = "json"`: which part of the record, from 1, and of how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<(u32, u32)>,
}

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which numbers.
    pub head: Head,
    /// What came.
    pub payload: Vec<u8>,
}

/// Why nothing more can be read.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// The end of an entry is missing, or its bytes are not those that were written.
    #[error("not whole")]
    Torn,
    /// Its bytes are those that were written, and mean nothing here.
    #[error("its head is not understood; a newer tillgate may have made this")]
    Head,
    /// The same, of a stream.
    #[error("its stream is not understood; a newer tillgate may have made this")]
    Stream,
    /// It could not be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl Entry {
    /// The entry as it stands in a file; `None` where it is larger than what is read back.
    #[must_use]
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let head = serde_json::to_vec(&self.head).ok()?;
        let head_length = u16::try_from(head.len()).ok()?.to_le_bytes();
        let content = [head_length.as_slice(), &head, &self.payload].concat();
        let length = u32::try_from(content.len()).ok()?.to_le_bytes();
        let checksum = CRC.checksum(&content).to_le_bytes();
        let fits = content.len() <= LEDGER_ENTRY_BYTES;
        fits.then(|| [length.as_slice(), &checksum, &content].concat())
    }

    fn from_content(content: &[u8]) -> Option<Self> {
        let (length, rest) = content.split_first_chunk()?;
        let (head, payload) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;
        let head: Head = serde_json::from_slice(head).ok()?;
        let is_sound = 0 < head.first && head.first <= head.last || head.kind == Kind::Stream;
        is_sound.then(|| Self { head, payload: payload.to_vec() })
    }
}

/// Reads the next entry, and says how many bytes it takes; `None` at the end.
///
/// # Errors
/// When what follows is no whole entry. Nothing after that can be read.
pub fn read(input: &mut impl Read) -> Result<Option<(Entry, u64)>, EntryError> {
    let lead = at_most(input, 8)?;
    if lead.is_empty() {
        return Ok(None);
    }
    let (length, checksum) = lead.split_first_chunk().ok_or(EntryError::Torn)?;
    let checksum: [u8; 4] = checksum.try_into().map_err(|_| EntryError::Torn)?;
    let length = u32::from_le_bytes(*length);
    // Zeros, which a power cut may leave at the end, would be an entry without content whose checksum is right.
    if length == 0 || length as usize > LEDGER_ENTRY_BYTES {
        return Err(EntryError::Torn);
    }
    let content = at_most(input, length.into())?;
    if content.len() != length as usize || CRC.checksum(&content) != u32::from_le_bytes(checksum) {
        return Err(EntryError::Torn);
    }
    let entry = Entry::from_content(&content).ok_or(EntryError::Head)?;
    Ok(Some((entry, 8 + u64::from(length))))
}

fn at_most(input: &mut impl Read, bytes: u64) -> io::Result<Vec<u8>> {
    let mut taken = Vec::new();
    input.by_ref().take(bytes).read_to_end(&mut taken)?;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(last: u64) -> Entry {
        let gateway = "acme/7/gw".to_owned();
        let (kind, class) = (Kind::Records, Class::Pos);
        let head = Head { kind, gateway, class, epoch: 2, first: 3, last, part: None };
        Entry { head, payload: vec![7; 20] }
    }

    #[test]
    fn the_head_is_json_that_others_can_read() {
        let bytes = entry(9).to_bytes().unwrap();
        let head = br#"{"kind":"records","gateway":"acme/7/gw","class":"pos","epoch":2,"first":3,"last":9}"#;
        assert_eq!(&bytes[10..10 + head.len()], head);
        assert_eq!(usize::from(bytes[8]), head.len());
    }

    #[test]
    fn an_entry_cut_or_changed_anywhere_is_none() {
        let bytes = entry(9).to_bytes().unwrap();
        let (read_back, length) = read(&mut bytes.as_slice()).unwrap().unwrap();
        assert_eq!((read_back, length), (entry(9), bytes.len() as u64));
        assert!(read(&mut [].as_slice()).unwrap().is_none());
        for at in 0..bytes.len() {
            if at > 0 {
                assert!(matches!(read(&mut &bytes[..at]), Err(EntryError::Torn)), "cut at {at}");
            }
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(read(&mut changed.as_slice()).is_err(), "changed at {at}");
        }
    }

    #[test]
    fn zeros_are_no_entry_however_many() {
        for length in 1..40 {
            let zeros = vec![0; length];
            assert!(matches!(read(&mut zeros.as_slice()), Err(EntryError::Torn)), "{length}");
        }
    }

    #[test]
    fn numbers_the_wrong_way_round_are_no_entry() {
        let bytes = entry(2).to_bytes().unwrap();
        assert!(matches!(read(&mut bytes.as_slice()), Err(EntryError::Head)));
    }
}
