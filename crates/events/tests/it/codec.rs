//! What is encoded is decoded equal; what is damaged is refused.

use proptest::prelude::*;
use tillgate_events::{Batch, DecodeError, Header, content, decode, encode};

use crate::{samples, strategies};

proptest! {
    #[test]
    fn a_batch_is_decoded_as_it_was_encoded(batch in strategies::batch()) {
        let payload = encode(&batch).unwrap();
        prop_assert_eq!(decode(&payload).unwrap(), batch);
    }

    #[test]
    fn a_mutated_payload_never_becomes_another_batch(
        batch in strategies::batch(),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let mut payload = encode(&batch).unwrap();
        let at = at.index(payload.len());
        payload[at] ^= flip;
        prop_assert!(decode(&payload).is_err());
    }

    #[test]
    fn noise_is_refused(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(decode(&noise).is_err());
        for version in [1, 2] {
            prop_assert!(decode(&[b"TG".as_slice(), &[version], &noise].concat()).is_err());
        }
    }
}

#[test]
fn every_cut_and_every_changed_byte_is_refused() {
    let payload = encode(&samples::mixed_batch()).unwrap();
    for length in 0..payload.len() {
        assert!(decode(&payload[..length]).is_err(), "cut to {length}");
    }
    for at in 0..payload.len() {
        for value in 0..=u8::MAX {
            let mut mutated = payload.clone();
            mutated[at] = value;
            assert_eq!(decode(&mutated).is_ok(), value == payload[at], "byte {at} = {value}");
        }
    }
    let longer = [payload.as_slice(), &[0]].concat();
    assert_eq!(decode(&longer), Err(DecodeError::Damaged));
}

/// Damage that the checksum cannot show, because it was there before.
#[test]
fn content_that_was_made_wrong_is_refused_or_read_without_a_panic() {
    let content = content(&samples::mixed_batch()).unwrap();
    let check = |content: &[u8]| {
        if let Ok(batch) = decode(&framed(content)) {
            assert_eq!(decode(&encode(&batch).unwrap()).unwrap(), batch);
        }
    };
    assert_eq!(decode(&framed(&content)), Ok(samples::mixed_batch()));
    for at in 0..content.len() {
        assert!(decode(&framed(&content[..at])).is_err(), "cut to {at}");
        for value in [0, 1, 0x7f, 0x80, 0xff, content[at] ^ 1] {
            let mut mutated = content.clone();
            mutated[at] = value;
            check(&mutated);
        }
    }
}

/// Content as it is, in a frame with the right checksum.
fn framed(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    let sealed = [&[0], length.as_slice(), content].concat();
    let checksum = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI).checksum(&sealed).to_le_bytes();
    [b"TG\x01".as_slice(), &checksum, &sealed].concat()
}

#[test]
fn times_and_sources_cost_little_after_the_first() {
    let mut batch = samples::mixed_batch();
    batch.records.truncate(1);
    let one = encode(&batch).unwrap().len();
    let mut next = batch.records[0].clone();
    next.at.0 += 1000;
    batch.records.extend(std::iter::repeat_n(next, 20));
    let each = (encode(&batch).unwrap().len() - one) / 20;
    assert!(each < 10, "{each} bytes");
}

#[test]
fn an_empty_batch_is_a_batch() {
    let Batch { header, .. } = samples::mixed_batch();
    let empty = Batch { header, records: vec![] };
    assert_eq!(decode(&encode(&empty).unwrap()), Ok(empty));
}

#[test]
fn sequences_do_not_wrap() {
    let header = Header { first_sequence: u64::MAX - 1, ..samples::mixed_batch().header };
    assert_eq!(header.sequence(1), u64::MAX);
    assert_eq!(header.sequence(9), u64::MAX);
}
