//! For tests of printers' languages: what a stream prints, and what must hold of each of them.

use proptest::prelude::*;

use super::{Decode, Drive};
use crate::decode::fact::{DocumentEnd, DocumentFact};
use crate::limits;
use crate::time::Mono;

pub const CUT: DocumentFact = DocumentFact::End(DocumentEnd::Cut);
pub const IDLE: DocumentFact = DocumentFact::End(DocumentEnd::Idle);
const BROKEN: DocumentFact = DocumentFact::End(DocumentEnd::Broken);

/// All facts of a stream, and the decoder behind it.
pub fn decode<D: Decode>(mut decoder: Drive<D>, bytes: &[u8]) -> (Vec<DocumentFact>, Drive<D>) {
    let mut out = Vec::new();
    decoder.push(bytes, Mono(0), &mut out);
    decoder.finish(&mut out);
    (out, decoder)
}

pub fn lines(facts: &[DocumentFact]) -> Vec<String> {
    let text = |fact: &DocumentFact| match fact {
        DocumentFact::Line(line) => Some(line.text.clone()),
        _ => None,
    };
    facts.iter().filter_map(text).collect()
}

/// `bytes` print these lines, and every byte is understood.
pub fn check<D: Decode>(decoder: Drive<D>, bytes: &[u8], expected: &[&str]) {
    let (facts, decoder) = decode(decoder, bytes);
    assert_eq!(lines(&facts), expected);
    assert!(decoder.counters().understood(), "{:?}", decoder.counters());
}

/// Everything but the lines; every byte is understood.
pub fn check_others<D: Decode>(decoder: Drive<D>, bytes: &[u8], expected: &[DocumentFact]) {
    let (mut facts, decoder) = decode(decoder, bytes);
    facts.retain(|fact| !matches!(fact, DocumentFact::Line(_)));
    assert_eq!(facts, expected);
    assert!(decoder.counters().understood(), "{:?}", decoder.counters());
}

/// A payload without its tail is given up, and the next receipt decodes. `payload`: a command and some of it.
pub fn check_payload<D: Decode>(mut decoder: Drive<D>, payload: &[u8], cut: &[u8]) {
    let mut out = Vec::new();
    decoder.push(&[b"first\n", payload].concat(), Mono(0), &mut out);
    assert_eq!(decoder.deadline(), Some(Mono(0).plus(limits::PAYLOAD_IDLE)));
    let later = Mono(0).plus(limits::PAYLOAD_IDLE * 2);
    decoder.push(&[b"second\n", cut].concat(), later, &mut out);
    assert_eq!(lines(&out), ["first", "second"]);
    out.retain(|fact| matches!(fact, DocumentFact::End(_)));
    assert_eq!(out, [BROKEN, CUT]);
    assert_eq!((decoder.counters().abandoned, decoder.deadline()), (1, None));
}

/// The first byte of a character that is all that came before a silence is no part of the text behind it.
pub fn check_half_character<D: Decode>(mut decoder: Drive<D>, half: u8) {
    let mut out = Vec::new();
    decoder.push(&[b"A\n".as_slice(), &[half]].concat(), Mono(0), &mut out);
    decoder.push(b"TEA\n", Mono(0).plus(limits::DOCUMENT_IDLE), &mut out);
    decoder.finish(&mut out);
    assert_eq!(lines(&out), ["A", "TEA"]);
}

/// Half a card number is hidden when the device goes away, and when it falls silent.
pub fn check_half_card<D: Decode>(new: impl Fn() -> Drive<D>) {
    for stop in [Drive::<D>::broken, Drive::<D>::finish] {
        let (mut decoder, mut out) = (new(), Vec::new());
        decoder.push(b"CARD 411111111111", Mono(0), &mut out);
        stop(&mut decoder, &mut out);
        assert_eq!(lines(&out), ["CARD ************"]);
    }
}

/// Facts and counters do not depend on how the bytes were cut.
pub fn holds_however_cut<D: Decode>(
    new: impl Fn() -> Drive<D>,
    bytes: &[u8],
    size: usize,
) -> Result<(), TestCaseError> {
    let (whole, told) = decode(new(), bytes);
    let (mut decoder, mut out) = (new(), Vec::new());
    bytes.chunks(size).for_each(|chunk| decoder.push(chunk, Mono(0), &mut out));
    decoder.finish(&mut out);
    prop_assert_eq!(out, whole);
    prop_assert_eq!(decoder.counters(), told.counters());
    Ok(())
}

/// After any noise and a silence a good receipt decodes. `start` and `cut`: how the language does these.
pub fn holds_after_noise<D: Decode>(
    mut decoder: Drive<D>,
    noise: &[u8],
    (start, cut): (&[u8], &[u8]),
) -> Result<(), TestCaseError> {
    let mut out = Vec::new();
    decoder.push(noise, Mono(0), &mut out);
    let later = Mono(0).plus(limits::PAYLOAD_IDLE * 2);
    decoder.tick(later, &mut out);
    out.clear();
    decoder.push(&[start, b"TOTAL 1.00\n", cut].concat(), later, &mut out);
    let lines = lines(&out);
    prop_assert_eq!(lines.last().map(String::as_str), Some("TOTAL 1.00"));
    prop_assert_eq!(out.last(), Some(&CUT));
    Ok(())
}
