//! No advertisement makes the decoders panic, whoever is enrolled, and a sensor with a key is heard by nothing that
//! a fuzzer makes up. The first byte is the sender.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::Address;
use tillgate::decode::beacon::{
    AllowList, Format, Seal, SecretKey, Sender, Sighting, TagMatch, tag_heard,
};

fuzz_target!(|input: &[u8]| {
    let Some((sender, payload)) = input.split_first() else { return };
    let key = SecretKey::new([7; 16]);
    let list = AllowList::new(&[
        TagMatch::Beacon { format: Format::IBeacon, uuid: [7; 16], major: None, minor: Some(1) },
        TagMatch::Beacon { format: Format::AltBeacon, uuid: [7; 16], major: Some(1), minor: None },
        TagMatch::Address(Address([1; 6]), Seal::Key(key)),
        TagMatch::Address(Address([2; 6]), Seal::None),
        TagMatch::Resolving(Some(key)),
    ]);
    let sighting = Sighting::new(Address([*sender; 6]), None, -60).with_payload(payload);
    let known = list.sender(&sighting);
    let named = tag_heard(&sighting).is_some_and(|heard| list.place(&heard.key).is_some());
    match sender {
        1 => assert!(named || !matches!(known, Sender::Known(..))),
        2 => assert!(matches!(known, Sender::Known(..))),
        _ => assert_eq!(named, matches!(known, Sender::Known(..))),
    }
});
