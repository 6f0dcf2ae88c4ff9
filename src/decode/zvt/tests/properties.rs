//! What holds for records of anything that looks like fields, over a serial line.

use proptest::prelude::*;

use super::*;

/// Field numbers, lengths and digits: what records are made of.
fn telling() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        prop::sample::select(
            &[0x27u8, 0x04, 0x06, 0x22, 0x8B, 0x3C, 0x60, 0x07, 0x25, 0xFF, 0xF0, 0xF2, 0x82][..]
        ),
        any::<u8>(),
    ];
    prop::collection::vec(byte, 0..60)
}

fn record() -> impl Strategy<Value = Vec<u8>> {
    let command = prop::sample::select(
        &[
            [0x04u8, 0x0F],
            [0x06, 0x01],
            [0x06, 0x0F],
            [0x06, 0x1E],
            [0x06, 0xD1],
            [0x06, 0xD3],
            [0x06, 0x50],
            [0x0F, 0xA1],
        ][..],
    );
    (command, telling()).prop_map(|(command, data)| apdu(command, &data))
}

fn decoded<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<PaymentFact>, Counters) {
    let mut decoder = Decoder::new(ZvtOptions::default()).unwrap();
    let mut out = Vec::new();
    for piece in pieces {
        decoder.push(piece, Mono(0), &mut out);
    }
    decoder.finish(&mut out);
    assert_eq!(decoder.deadline(), None);
    (out, decoder.counters().clone())
}

proptest! {
    #[test]
    fn facts_do_not_depend_on_how_the_bytes_were_cut(
        records in prop::collection::vec(record(), 0..6), garbage in telling(), size in 1usize..20
    ) {
        let mut bytes = garbage;
        bytes.extend(records.iter().flat_map(|record| framed(record)));
        let whole = decoded(std::iter::once(&*bytes));
        prop_assert_eq!(decoded(bytes.chunks(size)), whole);
    }

    #[test]
    fn every_framed_record_arrives(records in prop::collection::vec(record(), 0..6)) {
        let bytes: Vec<u8> = records.iter().flat_map(|record| framed(record)).collect();
        let (_, counters) = decoded(std::iter::once(&*bytes));
        prop_assert_eq!(counters.apdus, records.len() as u64);
    }
}
