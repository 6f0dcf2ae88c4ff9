//! No bytes make the decoder of payment terminals panic, bare or over a serial line, and its facts do not
//! depend on how they were cut. The first byte decides the cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::PaymentFact;
use tillgate::decode::codepage::CodePage;
use tillgate::decode::zvt::{Decoder, Dialogue, ZvtOptions};
use tillgate::time::Mono;

/// Framed, so that the fuzzer need not find a CRC.
fn framed(record: &[u8]) -> Vec<u8> {
    let doubled = record.iter().flat_map(|b| if *b == 0x10 { vec![*b; 2] } else { vec![*b] });
    let check = crc::Crc::<u16>::new(&crc::CRC_16_KERMIT).checksum(&[record, &[0x03]].concat());
    [&[0x10, 0x02], &*doubled.collect::<Vec<_>>(), &[0x10, 0x03], &check.to_le_bytes()].concat()
}

fn facts<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<PaymentFact> {
    let mut facts = Vec::new();
    let Ok(mut decoder) = Decoder::new(ZvtOptions::default()) else { return facts };
    for piece in pieces {
        decoder.push(piece, Mono(0), &mut facts);
    }
    decoder.finish(&mut facts);
    assert!(decoder.deadline().is_none());
    facts
}

fuzz_target!(|input: &[u8]| {
    let Some((cut, bytes)) = input.split_first() else { return };
    let size = usize::from(*cut).max(1);
    assert_eq!(facts(bytes.chunks(size)), facts(std::iter::once(bytes)));
    let line = [bytes, &*framed(bytes)].concat();
    assert_eq!(facts(line.chunks(size)), facts(std::iter::once(&*line)));
    let (mut dialogue, mut said) = (Dialogue::new(CodePage::cp437()), Vec::new());
    dialogue.apdu(bytes, Mono(0), &mut said);
    dialogue.finish(&mut said);
});
