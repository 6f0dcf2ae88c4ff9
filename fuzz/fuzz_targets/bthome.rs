//! Objects of BTHome fit into their bytes, and what is encrypted shows none without its key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::Address;
use tillgate::decode::beacon::SecretKey;
use tillgate::decode::beacon::bthome::{self, Objects, Sealed};

fuzz_target!(|data: &[u8]| {
    assert!(Objects::of(data).count() <= data.len());
    let Some(packet) = bthome::parse(data) else { return };
    if packet.is_encrypted() {
        assert_eq!(packet.objects().count(), 0);
    }
    if let Some(opened) = Sealed::new(&SecretKey::new([7; 16])).open(Address([1; 6]), &packet) {
        assert!(opened.objects().count() <= data.len());
    }
});
