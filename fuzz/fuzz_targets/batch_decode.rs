//! Any bytes as a payload, and as content in a payload whose checksum is right, so that the fuzzer sees past
//! the checksum. What decodes must encode to an equal batch and expand without a panic.

#![no_main]

use crc::{CRC_32_ISCSI, Crc};
use libfuzzer_sys::fuzz_target;
use tillgate_events::{check_envelope, decode, encode, expand_batch};

static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

fuzz_target!(|data: &[u8]| {
    check(data);
    check(&framed(0, data.len(), data));
    if let Some((length, packed)) = data.split_first_chunk() {
        check(&framed(1, u16::from_le_bytes(*length).into(), packed));
    }
    check(&summed(2, data));
});

fn check(payload: &[u8]) {
    let Ok(batch) = decode(payload) else { return };
    let again = encode(&batch).expect("what was decoded is small enough to encode");
    assert_eq!(decode(&again).as_ref(), Ok(&batch));
    for event in expand_batch(&batch) {
        // Years beyond 9999 and empty names are not envelopes; they must only not panic.
        let _ = check_envelope(event.to_json_line().as_bytes());
    }
}

/// A payload of the first version as the codec frames it: see `crates/events/src/codec/frame.rs`.
fn framed(codec: u8, length: usize, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    summed(1, &[&[codec], length.as_slice(), body].concat())
}

/// Anything under a version of the frame and a right checksum.
fn summed(version: u8, sealed: &[u8]) -> Vec<u8> {
    [b"TG".as_slice(), &[version], &CRC.checksum(sealed).to_le_bytes(), sealed].concat()
}
