//! What scales of each protocol say, and what is made of it.

use proptest::prelude::*;

use super::*;

/// `1086 g`, `~1086 g` in motion, `1086 g net`, `over`, `under`, by commas.
fn shown(facts: &[ScaleFact]) -> String {
    let one = |fact: &ScaleFact| match *fact {
        ScaleFact::Weight { grams, stable, net } => {
            format!("{}{grams} g{}", if stable { "" } else { "~" }, if net { " net" } else { "" })
        }
        ScaleFact::Over => "over".to_owned(),
        ScaleFact::Under => "under".to_owned(),
    };
    facts.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn decode(options: &ScaleOptions, chunks: &[&[u8]]) -> (String, Counters) {
    let (mut decoder, mut facts) = (ScaleDecoder::new(options.clone()), Vec::new());
    for chunk in chunks {
        decoder.push(chunk, Mono(0), &mut facts);
    }
    decoder.finish(&mut facts);
    (shown(&facts), decoder.counters().clone())
}

fn check(protocol: Protocol, bytes: &[u8], expected: &str) {
    let options = ScaleOptions { protocol, ..ScaleOptions::default() };
    assert_eq!(decode(&options, &[bytes]).0, expected, "{:?}", String::from_utf8_lossy(bytes));
}

/// A PD-II answer around state, sign, weight and unit.
fn pd(body: &[u8]) -> Vec<u8> {
    let sum = body.iter().fold(0, |sum, byte| sum ^ byte);
    [b"\x01\x02", body, &[sum], b"\x03\x04"].concat()
}

#[test]
fn a_toledo_scale_tells_weights_and_states() {
    use Protocol::{Toledo8213, Toledo8217};
    check(Toledo8217, b"\x0201.086\r", "1086 g");
    check(Toledo8217, b"W\x0201.086N\r", "1086 g net");
    check(Toledo8217, b"\x02?A\r\x02?B\r\x02?D\r\x02?P\r", "over, under");
    check(Toledo8217, b"\x82\xb01.0\xb86\x8d", "1086 g");
    check(Toledo8213, b"\x0201086\r", "1086 g");
}

#[test]
fn digits_without_a_point_are_in_the_scales_own_unit() {
    let pounds = ScaleOptions { unit: Unit::Pound, ..ScaleOptions::default() };
    assert_eq!(decode(&pounds, &[b"\x0200250\r"]).0, "1134 g");
    assert_eq!(decode(&pounds, &[b"\x0202.50\r"]).0, "1134 g");
    let fine = ScaleOptions { decimals: Some(4), ..ScaleOptions::default() };
    assert_eq!(decode(&fine, &[b"\x0210860\r"]).0, "1086 g");
}

#[test]
fn an_nci_scale_tells_unit_and_status() {
    use Protocol::Nci;
    check(Nci, b"\n  1.086KG\r\nS00\r\x03", "1086 g");
    check(Nci, b"W\r\n  2.50lb\r\n00\r\x03", "1134 g");
    check(Nci, b"\n 2lb 8.0oz\r\n00\r\x03", "1134 g");
    check(Nci, b"\n  1.086KG\r\n10\r\x03", "");
    check(Nci, b"\n  1.086kg\r\n0p4\r\x03", "1086 g net");
    check(Nci, b"\n^^^^^^^^\r\n02\r\x03\n________\r\n01\r\x03", "over, under");
    check(Nci, b"\n?\r\x03\n00\r\x03\n--------\r\n00\r\x03", "");
}

#[test]
fn a_cas_scale_speaks_by_itself() {
    use Protocol::Cas;
    check(Cas, b"ST,GS,1\xC4,   1.086 kg\r\n", "1086 g");
    check(Cas, b"ST,NT,\n\r,-  0.250 kg\r\n", "-250 g net");
    check(Cas, b"US,GS,1\x84,   1.086 kg\r\nOL,GS,1\x84,         kg\r\n", "over");
    check(Cas, b"ST,GS,+001.086kg\r\n", "1086 g");
    check(Cas, b"ST,GS,1\xC4, 1086.0  g \r\n", "1086 g");
}

#[test]
fn a_pd_scale_is_asked_twice_and_checked() {
    use Protocol::CasPd;
    check(CasPd, &pd(b"S 01.086kg"), "1086 g");
    check(CasPd, &pd(b"S-00.250kg"), "-250 g");
    check(CasPd, &pd(b"S 001.086kg"), "1086 g");
    check(CasPd, &pd(b"SF00.000kg"), "over");
    check(CasPd, &pd(b"U 01.086kg"), "");
    check(CasPd, b"\x01\x02S 01.086kgx\x03\x04", "");
    let sum = b"00012.34".iter().fold(0, |sum, byte| sum ^ byte);
    let price = [b"\x0200012.34", &[sum, 0x03][..]].concat();
    check(CasPd, &[price.clone(), pd(b"S 01.086kg"), price].concat(), "1086 g");
    let options = ScaleOptions { protocol: CasPd, ..ScaleOptions::default() };
    let mut decoder = ScaleDecoder::new(options);
    assert_eq!(decoder.poll().map(|(request, _)| request), Some(b"\x05".as_slice()));
    assert_eq!(decoder.reply(), None);
    decoder.push(b"\x06", Mono(0), &mut Vec::new());
    assert_eq!(decoder.reply(), Some(b"\x11".as_slice()));
    assert_eq!(decoder.reply(), None);
}

#[test]
fn only_scales_that_wait_are_asked() {
    let request = |protocol| {
        let decoder = ScaleDecoder::new(ScaleOptions { protocol, ..ScaleOptions::default() });
        decoder.poll().map(|(request, _)| request)
    };
    assert_eq!(request(Protocol::Toledo8217), Some(b"W".as_slice()));
    assert_eq!(request(Protocol::Nci), Some(b"W\r".as_slice()));
    assert_eq!(request(Protocol::Cas), None);
}

#[test]
fn a_weight_is_told_once_until_the_scale_moved_or_was_empty() {
    let (one, two): (&[u8], &[u8]) = (b"\x0201.000\r", b"\x0202.000\r");
    let (none, motion): (&[u8], &[u8]) = (b"\x0200.000\r", b"\x02?A\r");
    let check = |answers: &[&[u8]], expected| {
        assert_eq!(decode(&ScaleOptions::default(), answers).0, expected);
    };
    check(&[one, one, one], "1000 g");
    check(&[one, two, one], "1000 g, 2000 g, 1000 g");
    check(&[one, none, one], "1000 g, 1000 g");
    check(&[one, motion, one], "1000 g, 1000 g");
    check(&[none, none], "");
    let every = ScaleOptions { every: true, ..ScaleOptions::default() };
    assert_eq!(decode(&every, &[one, one, none, motion]).0, "1000 g, 1000 g, 0 g");
}

#[test]
fn a_truncated_answer_is_given_up_and_the_next_one_read() {
    let mut decoder = ScaleDecoder::new(ScaleOptions::default());
    let mut facts = Vec::new();
    decoder.push(b"\x0201.0", Mono(0), &mut facts);
    let deadline = decoder.deadline().unwrap();
    assert_eq!(deadline, Mono(0).plus(limits::PAYLOAD_IDLE));
    decoder.push(b"86\r\x0201.086\r", deadline, &mut facts);
    assert_eq!((shown(&facts).as_str(), decoder.counters().abandoned), ("1086 g", 1));
    assert_eq!(decoder.deadline(), None);
    decoder.push(b"\x0209.9", deadline, &mut facts);
    decoder.broken(&mut facts);
    decoder.push(b"\x0201.086\r", deadline, &mut facts);
    assert_eq!((shown(&facts).as_str(), decoder.counters().abandoned), ("1086 g, 1086 g", 2));
}

#[test]
fn an_answer_cut_by_the_next_one_costs_only_itself() {
    let (facts, counters) = decode(&ScaleOptions::default(), &[b"\x0209.9\x0201.086\r"]);
    assert_eq!((facts.as_str(), counters.malformed), ("1086 g", 1));
}

const PROTOCOLS: [Protocol; 5] =
    [Protocol::Toledo8217, Protocol::Toledo8213, Protocol::Nci, Protocol::Cas, Protocol::CasPd];

/// A good answer of one kilogram, for each of [`PROTOCOLS`].
fn kilogram(protocol: Protocol) -> Vec<u8> {
    match protocol {
        Protocol::Toledo8217 => b"\x0201.000\r".to_vec(),
        Protocol::Toledo8213 => b"\x0201000\r".to_vec(),
        Protocol::Nci => b"\n  1.000KG\r\n00\r\x03".to_vec(),
        Protocol::Cas => b"ST,GS,1\xC4,   1.000 kg\r\n".to_vec(),
        Protocol::CasPd => pd(b"S 01.000kg"),
    }
}

/// Bytes that answers are made of more often than others.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let parts: Vec<Vec<u8>> = PROTOCOLS
        .map(kilogram)
        .into_iter()
        .chain([
            b"\x02".to_vec(),
            b"\x03".to_vec(),
            b"\n".to_vec(),
            b"ST,".to_vec(),
            b"?A\r".to_vec(),
        ])
        .collect();
    let part = prop_oneof![prop::sample::select(parts), prop::collection::vec(any::<u8>(), 0..6)];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn answers_do_not_depend_on_how_bytes_are_cut(
        bytes in bytes(), size in 1_usize..40, every: bool, which in 0..PROTOCOLS.len(),
    ) {
        let protocol = PROTOCOLS[which];
        let options = ScaleOptions { protocol, every, ..ScaleOptions::default() };
        let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
        prop_assert_eq!(decode(&options, &chunks), decode(&options, &[&bytes]));
    }

    #[test]
    fn after_any_garbage_answers_are_read_again(
        garbage in prop::collection::vec(any::<u8>(), 0..200), which in 0..PROTOCOLS.len(),
    ) {
        let protocol = PROTOCOLS[which];
        let options = ScaleOptions { protocol, every: true, ..ScaleOptions::default() };
        let answers = kilogram(protocol).repeat(1 + limits::SCALE_FRAME_BYTES / 4);
        let (facts, _) = decode(&options, &[&garbage, &answers]);
        prop_assert!(facts.ends_with("1000 g, 1000 g"), "{}", facts);
    }

    #[test]
    fn what_is_held_is_bounded(bytes in bytes(), which in 0..PROTOCOLS.len()) {
        let protocol = PROTOCOLS[which];
        let mut decoder = ScaleDecoder::new(ScaleOptions { protocol, ..ScaleOptions::default() });
        for byte in &bytes {
            decoder.push(&[*byte], Mono(0), &mut Vec::new());
            prop_assert!(decoder.held.len() < limits::SCALE_FRAME_BYTES);
        }
    }
}
