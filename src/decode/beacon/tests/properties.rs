//! What holds for any bytes.

use proptest::prelude::*;

use super::*;

fn lists() -> AllowList {
    let key = SecretKey::new([7; 16]);
    AllowList::new(&[
        TagMatch::Beacon { format: Format::IBeacon, uuid: UUID, major: None, minor: None },
        TagMatch::Address(Address([1; 6]), Seal::Key(key)),
        TagMatch::Address(Address([2; 6]), Seal::None),
        TagMatch::Resolving(Some(key)),
    ])
}

proptest! {
    #[test]
    fn no_advertisement_makes_the_decoders_panic(
        payload in proptest::collection::vec(any::<u8>(), 0..260),
        who in 0_u8..4,
    ) {
        let sighting = Sighting::new(Address([who; 6]), None, -60).with_payload(&payload);
        let sender = lists().sender(&sighting);
        if who == 1 {
            prop_assert!(!matches!(sender, Sender::Known(..)), "only its key proves it");
        }
        if who == 2 {
            prop_assert!(matches!(sender, Sender::Known(..)));
        }
        for frame in sighting.service(eddystone::SERVICE).filter_map(eddystone::parse) {
            let _ = frame.url();
        }
    }

    #[test]
    fn objects_take_no_more_bytes_than_there_are(data in proptest::collection::vec(any::<u8>(), 0..64)) {
        prop_assert!(bthome::Objects::of(&data).count() <= data.len());
        let _ = bthome::parse(&data);
        let _ = ruuvi::parse(&data);
        let _ = eddystone::parse(&data).and_then(|frame| frame.url());
    }

    #[test]
    fn lines_read_alike_however_they_are_cut(
        lines in proptest::collection::vec("[$\\{]?[A-Z0-9,:\"a-f*-]{0,40}", 0..8),
        size in 1_usize..30,
    ) {
        let text = lines.join("\n") + "\n";
        let read = |pieces: &[&[u8]]| {
            let (mut decoder, mut said) = (ReceiverDecoder::default(), 0);
            pieces.iter().for_each(|piece| decoder.push(piece, |_| said += 1));
            (said, decoder.malformed())
        };
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
        prop_assert_eq!(read(&pieces), read(&[text.as_bytes()]));
    }

    #[test]
    fn a_sealed_counter_is_new_at_most_once(
        numbers in proptest::collection::vec((100_u32..200, 0_u64..50), 1..100),
    ) {
        let (mut guard, mut now) = (Guard::default(), 0);
        let mut seen = std::collections::HashSet::new();
        for (number, wait) in numbers {
            now += wait * 1_000_000;
            let counter = Counter::Sealed(number, Fingerprint(1 << 62));
            let tag = TagKey::Address(Address([1; 6]));
            if guard.admit(crate::time::Mono(now), tag, counter) == Verdict::New {
                prop_assert!(seen.insert(number), "{} twice", number);
            }
        }
    }
}
