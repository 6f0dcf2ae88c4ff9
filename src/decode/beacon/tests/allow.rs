//! Who is enrolled, and who only says so.

use super::*;
use crate::decode::fact::Quantity;

const DOOR: Address = Address([0x54, 0x48, 0xe6, 0x8f, 0x80, 0xa5]);
const KEY: &str = "231d39c1d7cc1ab1aee224cd096db932";

fn beacon(format: Format, major: Option<u16>, minor: Option<u16>) -> TagMatch {
    TagMatch::Beacon { format, uuid: UUID, major, minor }
}

/// A payload with this 16-bit service's data.
fn service(uuid: u16, data: &str) -> Vec<u8> {
    let data = bytes(data);
    let [low, high] = uuid.to_le_bytes();
    let mut payload = vec![data.len() as u8 + 3, 0x16, low, high];
    payload.extend(data);
    payload
}

fn sender(tags: &[TagMatch], address: Address, payload: &[u8]) -> Sender {
    let sighting = Sighting::new(address, None, -60).with_payload(payload);
    AllowList::new(tags).sender(&sighting)
}

fn known(sender: &Sender) -> Option<TagKey> {
    match sender {
        Sender::Known(heard, _) => Some(heard.key),
        _ => None,
    }
}

#[test]
fn of_several_tags_that_match_the_one_that_says_most_is_it() {
    let list = AllowList::new(&[
        beacon(Format::IBeacon, None, None),
        beacon(Format::IBeacon, Some(1), None),
        beacon(Format::IBeacon, Some(1), Some(14)),
        beacon(Format::IBeacon, None, Some(99)),
        beacon(Format::AltBeacon, Some(1), None),
    ]);
    let ibeacon = |major, minor| list.place(&TagKey::IBeacon { uuid: UUID, major, minor });
    assert_eq!(ibeacon(1, 14), Some(2));
    assert_eq!(ibeacon(1, 15), Some(1));
    assert_eq!(ibeacon(2, 99), Some(3));
    assert_eq!(ibeacon(2, 15), Some(0));
    let altbeacon = |major| list.place(&TagKey::AltBeacon { uuid: UUID, major, minor: 14 });
    assert_eq!((altbeacon(1), altbeacon(2)), (Some(4), None));
    assert_eq!(list.place(&TagKey::IBeacon { uuid: [0; 16], major: 1, minor: 14 }), None);
}

#[test]
fn a_tag_is_known_by_its_address_whatever_it_sends() {
    let tags = [TagMatch::Address(DOOR, Seal::None)];
    let key = Some(TagKey::Address(DOOR));
    for payload in [vec![], bytes(IBEACON), service(0xfcd2, "402d01"), vec![0xff; 7]] {
        assert_eq!(known(&sender(&tags, DOOR, &payload)), key);
        assert_eq!(sender(&tags, Address([1; 6]), &payload), Sender::Stranger);
    }
}

#[test]
fn what_an_advert_names_goes_before_its_address() {
    let tags = [TagMatch::Address(DOOR, Seal::None), beacon(Format::IBeacon, Some(1), None)];
    let key = TagKey::IBeacon { uuid: UUID, major: 1, minor: 14 };
    assert_eq!(known(&sender(&tags, DOOR, &bytes(IBEACON))), Some(key));
}

#[test]
fn a_sensor_with_a_key_is_heard_by_what_the_key_opens_and_by_nothing_else() {
    let key = SecretKey::parse(KEY).unwrap();
    let tags = [TagMatch::Address(DOOR, Seal::Key(key))];
    let good = "41a47266c95f730011223378237214";
    let Sender::Known(heard, Some(frame)) = sender(&tags, DOOR, &service(0xfcd2, good)) else {
        panic!("not known");
    };
    assert_eq!(heard.key, TagKey::Address(DOOR));
    assert_eq!(frame.counter.number(), Some(0x3322_1100));
    assert_eq!(
        frame.readings,
        [
            Reading::Measured(Quantity::Temperature, 2506),
            Reading::Measured(Quantity::Humidity, 5055)
        ]
    );
    let flipped = good.replace("7214", "7215");
    let unproven = |payload: &[u8], why| {
        assert_eq!(sender(&tags, DOOR, payload), Sender::Unproven(why), "{payload:?}");
    };
    unproven(&service(0xfcd2, &flipped), Refusal::WrongKey);
    unproven(&service(0xfcd2, "41a47266c9"), Refusal::WrongKey);
    unproven(&service(0xfcd2, "4002ca09"), Refusal::Downgrade);
    unproven(&[], Refusal::Nothing);
    unproven(&bytes(IBEACON), Refusal::Nothing);
    let missing = [TagMatch::Address(DOOR, Seal::Missing)];
    let sealed = sender(&missing, DOOR, &service(0xfcd2, good));
    assert_eq!(sealed, Sender::Unproven(Refusal::WrongKey), "no key, no proof");
    let plain = [TagMatch::Address(DOOR, Seal::None)];
    let Sender::Known(_, None) = sender(&plain, DOOR, &service(0xfcd2, good)) else {
        panic!("without a key it is there, and says nothing that can be read");
    };
}

#[test]
fn a_shelly_door_says_that_it_is_open_and_how_its_battery_is() {
    let tags = [TagMatch::Address(DOOR, Seal::None)];
    let data = service(0xfcd2, "44005d016405fc21002d013f9601");
    let Sender::Known(_, Some(frame)) = sender(&tags, DOOR, &data) else { panic!("not known") };
    assert_eq!(frame.counter, Counter::Packet(93));
    assert_eq!(frame.readings, [Reading::Measured(Quantity::Battery, 100), Reading::Contact(true)]);
}

#[test]
fn a_packet_that_names_another_sender_is_none_of_this_one() {
    let tags = [TagMatch::Address(DOOR, Seal::None)];
    let said = |data: &str| match sender(&tags, DOOR, &service(0xfcd2, data)) {
        Sender::Known(_, frame) => frame.map(|frame| frame.readings),
        other => panic!("{other:?}"),
    };
    assert_eq!(said("42a5808fe648542d01"), Some(vec![Reading::Contact(true)]));
    assert_eq!(said("42b2188d38c1a42d01"), None);
}

#[test]
fn changing_addresses_are_known_by_their_key() {
    // The sample of the Core Specification.
    let key = SecretKey::parse("ec0234a357c8ad05341010a60a397d9b");
    let address = Address([0x70, 0x81, 0x94, 0x0d, 0xfb, 0xaa]);
    let tags = [beacon(Format::IBeacon, None, None), TagMatch::Resolving(key)];
    assert_eq!(known(&sender(&tags, address, &[])), Some(TagKey::Resolved(1)));
    assert_eq!(known(&sender(&tags[..1], address, &[])), None);
    assert_eq!(known(&sender(&[TagMatch::Resolving(None)], address, &[])), None);
    let public = Sighting::new(address, Some(false), -60);
    assert_eq!(AllowList::new(&tags).sender(&public), Sender::Stranger, "it is no random address");
}

#[test]
fn ruuvi_and_eddystone_telemetry_are_read_of_an_enrolled_address() {
    let tags = [TagMatch::Address(DOOR, Seal::None)];
    let frame = |payload: &[u8]| match sender(&tags, DOOR, payload) {
        Sender::Known(_, Some(frame)) => frame,
        other => panic!("{other:?}"),
    };
    let ruuvi = "1bff99040512fc5394c37c0004fffc040cac364200cdcbb8334c884f";
    use Quantity::{Humidity, Movements, Pressure, Temperature, Voltage};
    let measured = |list: &[(Quantity, i32)]| -> Vec<Reading> {
        list.iter().map(|(quantity, value)| Reading::Measured(*quantity, *value)).collect()
    };
    let expected = [
        (Temperature, 2430),
        (Humidity, 5349),
        (Pressure, 100_044),
        (Voltage, 2977),
        (Movements, 66),
    ];
    let found = frame(&bytes(ruuvi));
    assert_eq!((found.counter, found.readings), (Counter::Sequence(205), measured(&expected)));
    let found = frame(&service(0xfeaa, "20000b1813800000146700002ac4"));
    let expected = [(Temperature, 1950), (Voltage, 2840)];
    assert_eq!((found.counter, found.readings), (Counter::None, measured(&expected)));
    let cold = frame(&service(0xfeaa, "20000000fe8000000000000000000000"[..28].as_ref()));
    assert_eq!(cold.readings, measured(&[(Temperature, -150)]));
}
