//! The frame around the content, in every version of it.
//!
//! | bytes | version 2 |
//! |---|---|
//! | 0–1 | `TG` |
//! | 2 | version of the frame, 2 |
//! | 3–6 | CRC-32C of all that follows, little-endian |
//! | 7 | number of the dictionary |
//! | 8– | one zstd frame (RFC 8878) that tells its content's size, without its magic number, up to the payload's end |
//!
//! | bytes | version 1 |
//! |---|---|
//! | 0–1 | `TG` |
//! | 2 | version of the frame, 1 |
//! | 3–6 | CRC-32C of all that follows, little-endian |
//! | 7 | codec of the content: 0 as it is, 1 zstd |
//! | 8–11 | length of the unpacked content, little-endian |
//! | 12– | the packed content, up to the end of the payload |
//!
//! The magic number left out is `28 b5 2f fd`. Version 2 is written, or version 1 with codec 0 where that is
//! smaller; all of both is read. The checksum covers the packed bytes, so that damage is known before anything is
//! unpacked.

use crc::{CRC_32_ISCSI, Crc};
use zstd::zstd_safe::{find_frame_compressed_size, get_frame_content_size};

use super::dictionary::{self, NEWEST};
use super::{DecodeError, EncodeError};

/// Unpacked content larger than this is neither made nor read: 16 times what a gateway puts in a batch.
pub const MAX_CONTENT_BYTES: usize = 1024 * 1024;

const MAGIC: [u8; 2] = *b"TG";
/// Of the first and the second version.
const PLAIN: u8 = 1;
const WITH_DICTIONARY: u8 = 2;
const RAW: u8 = 0;
const ZSTD: u8 = 1;
/// What each zstd frame begins with, and version 2 leaves out.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// CRC-32C, also known as iSCSI.
static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// Packs content.
pub fn seal(content: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let bytes = content.len();
    let length = match u32::try_from(bytes) {
        Ok(length) if bytes <= MAX_CONTENT_BYTES => length.to_le_bytes(),
        _ => return Err(EncodeError::TooLarge { bytes }),
    };
    let packed = dictionary::pack(content)?;
    let packed = packed.strip_prefix(&ZSTD_MAGIC).unwrap_or(&packed);
    if packed.len() < bytes + length.len() {
        Ok(framed(WITH_DICTIONARY, NEWEST, packed))
    } else {
        Ok(framed(PLAIN, RAW, &[length.as_slice(), content].concat()))
    }
}

fn framed(version: u8, kind: u8, body: &[u8]) -> Vec<u8> {
    let sealed = [&[kind], body].concat();
    let checksum = CRC.checksum(&sealed).to_le_bytes();
    [MAGIC.as_slice(), &[version], &checksum, &sealed].concat()
}

/// Unpacks content.
pub fn open(payload: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let (head, sealed) = payload.split_first_chunk().ok_or(DecodeError::NotABatch)?;
    let [m0, m1, version, checksum @ ..]: [u8; 7] = *head;
    if [m0, m1] != MAGIC {
        return Err(DecodeError::NotABatch);
    }
    if !matches!(version, PLAIN | WITH_DICTIONARY) {
        return Err(DecodeError::UnknownVersion { part: "frame", version: version.into() });
    }
    if CRC.checksum(sealed) != u32::from_le_bytes(checksum) {
        return Err(DecodeError::Damaged);
    }
    let (kind, body) = sealed.split_first().ok_or(DecodeError::Malformed("no content"))?;
    if version == WITH_DICTIONARY { open_second(*kind, body) } else { open_first(*kind, body) }
}

fn open_second(number: u8, body: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let frame = [ZSTD_MAGIC.as_slice(), body].concat();
    let length = match get_frame_content_size(&frame) {
        Ok(Some(length)) => usize::try_from(length).unwrap_or(usize::MAX),
        _ => return Err(DecodeError::Malformed("does not tell its length")),
    };
    unpack(&frame, length, |frame, length| dictionary::unpack(number, frame, length))
}

fn open_first(codec: u8, body: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let (length, body) = body.split_first_chunk().ok_or(DecodeError::Malformed("no content"))?;
    let length = u32::from_le_bytes(*length) as usize;
    match codec {
        RAW if length > MAX_CONTENT_BYTES => Err(DecodeError::TooLarge { bytes: length }),
        RAW if length != body.len() => Err(DecodeError::Malformed("does not have its length")),
        RAW => Ok(body.to_vec()),
        ZSTD => unpack(body, length, |frame, length| {
            zstd::bulk::decompress(frame, length).map_err(|_| DecodeError::Malformed(UNPACKS_NOT))
        }),
        other => Err(DecodeError::UnknownVersion { part: "codec", version: other.into() }),
    }
}

/// Of whatever cannot be unpacked.
pub(super) const UNPACKS_NOT: &str = "does not unpack to its length";

/// The content of one zstd frame that unpacks to `length`.
fn unpack(
    frame: &[u8],
    length: usize,
    by: impl FnOnce(&[u8], usize) -> Result<Vec<u8>, DecodeError>,
) -> Result<Vec<u8>, DecodeError> {
    if length > MAX_CONTENT_BYTES {
        return Err(DecodeError::TooLarge { bytes: length });
    }
    // Unpacking would go on with a second frame, or skip one.
    if find_frame_compressed_size(frame) != Ok(frame.len()) {
        return Err(DecodeError::Malformed("not one whole zstd frame"));
    }
    let content = by(frame, length)?;
    if content.len() != length {
        return Err(DecodeError::Malformed("does not have its length"));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A payload of the first version with a right checksum around anything.
    fn payload(codec: u8, length: u32, body: &[u8]) -> Vec<u8> {
        framed(PLAIN, codec, &[length.to_le_bytes().as_slice(), body].concat())
    }

    #[test]
    fn content_is_packed_only_when_that_is_smaller() {
        let check = |content: &[u8], version| {
            let payload = seal(content).unwrap();
            assert_eq!(payload.get(2), Some(&version));
            assert_eq!(open(&payload).unwrap(), content);
        };
        check(b"", PLAIN);
        check(&[1, 200, 3, 90, 77, 5], PLAIN);
        check(&[7; 1000], WITH_DICTIONARY);
        check(&vec![0; MAX_CONTENT_BYTES], WITH_DICTIONARY);
    }

    #[test]
    fn what_is_not_a_whole_frame_is_refused() {
        let check = |payload: &[u8], expected| assert_eq!(open(payload), Err(expected));
        let zeros = zstd::bulk::compress(&[0; 100], 1).unwrap();
        assert_eq!(open(&payload(ZSTD, 100, &zeros)).unwrap(), [0; 100]);
        let skippable = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];
        check(b"", DecodeError::NotABatch);
        check(b"{\"event_type\":", DecodeError::NotABatch);
        check(b"TG\x01\0\0\0", DecodeError::NotABatch);
        check(b"TG\x01\0\0\0\0", DecodeError::Malformed("no content"));
        check(b"TG\x02\0\0\0\0", DecodeError::Malformed("no content"));
        check(b"TG\x01\x01\0\0\0", DecodeError::Damaged);
        check(b"TG\x03\0\0\0\0", DecodeError::UnknownVersion { part: "frame", version: 3 });
        check(&payload(9, 3, b"abc"), DecodeError::UnknownVersion { part: "codec", version: 9 });
        check(&payload(RAW, 2, b"abc"), DecodeError::Malformed("does not have its length"));
        check(&payload(RAW, 4, b"abc"), DecodeError::Malformed("does not have its length"));
        check(&payload(ZSTD, 3, b"abc"), DecodeError::Malformed("not one whole zstd frame"));
        check(&payload(ZSTD, 99, &zeros), DecodeError::Malformed(UNPACKS_NOT));
        check(&payload(ZSTD, 101, &zeros), DecodeError::Malformed("does not have its length"));
        for tail in [b"\0".as_slice(), &zeros, &skippable] {
            let long = [&zeros, tail].concat();
            check(&payload(ZSTD, 100, &long), DecodeError::Malformed("not one whole zstd frame"));
        }
    }

    #[test]
    fn what_is_not_a_whole_frame_with_a_dictionary_is_refused() {
        let check = |number, body: &[u8], expected| {
            assert_eq!(open(&framed(WITH_DICTIONARY, number, body)), Err(expected));
        };
        let content: Vec<u8> = (0..200).map(|n| b"GROCERY till-1"[n % 14]).collect();
        let sealed = seal(&content).unwrap();
        let whole = &sealed[8..];
        assert_eq!(open(&framed(WITH_DICTIONARY, NEWEST, whole)), Ok(content));
        check(2, whole, DecodeError::UnknownVersion { part: "dictionary", version: 2 });
        check(0, whole, DecodeError::UnknownVersion { part: "dictionary", version: 0 });
        check(1, b"", DecodeError::Malformed("does not tell its length"));
        check(1, &whole[..whole.len() - 1], DecodeError::Malformed("not one whole zstd frame"));
        check(1, &[whole, &[0]].concat(), DecodeError::Malformed("not one whole zstd frame"));
        // A descriptor without the size of the content: a window follows instead.
        check(1, &[0, 0, 1, 0, 0], DecodeError::Malformed("does not tell its length"));
    }

    #[test]
    fn a_bomb_is_refused_without_unpacking_it() {
        let bomb = zstd::bulk::compress(&vec![0; 64 * 1024 * 1024], 1).unwrap();
        let honest = payload(ZSTD, 64 * 1024 * 1024, &bomb);
        assert_eq!(open(&honest), Err(DecodeError::TooLarge { bytes: 64 * 1024 * 1024 }));
        let lying = payload(ZSTD, 1000, &bomb);
        assert_eq!(open(&lying), Err(DecodeError::Malformed(UNPACKS_NOT)));
        let frame = framed(WITH_DICTIONARY, 1, bomb.strip_prefix(&ZSTD_MAGIC).unwrap());
        assert_eq!(open(&frame), Err(DecodeError::TooLarge { bytes: 64 * 1024 * 1024 }));
        let bytes = MAX_CONTENT_BYTES + 1;
        assert_eq!(seal(&vec![0; bytes]), Err(EncodeError::TooLarge { bytes }));
    }
}
