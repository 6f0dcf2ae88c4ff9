//! What holds for any bytes of a scanner.

use proptest::prelude::*;

use super::gtin::Gtin;
use super::tests::decode;
use super::*;

/// Bytes that scans are made of more often than others.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let parts = [
        "5901234123457",
        "]C1",
        "]E0",
        "01070320698049883103001086",
        "\u{1d}",
        "10AB",
        "\r",
        "\r\n",
        "\t",
        "]Q3https://a.b/01/614141123452",
        "@\n",
        "96385074",
        "\u{2}",
        "\u{3}",
        "]E212",
        "]",
    ];
    let part = prop_oneof![
        prop::sample::select(parts.to_vec()).prop_map(|part| part.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..6)
    ];
    prop::collection::vec(part, 0..16).prop_map(|parts| parts.concat())
}

fn options() -> impl Strategy<Value = ScanOptions> {
    let suffixes = vec![Suffix::Line, Suffix::Byte(b'\t'), Suffix::Silence];
    let letters = vec![Letters::None, Letters::Symbol, Letters::Honeywell];
    let parts = (
        prop::sample::select(suffixes),
        prop::sample::select(letters),
        prop::option::of(Just('|')),
        any::<bool>(),
    );
    parts.prop_map(|(suffix, letters, separator, upc_e)| {
        let rules = Rules::of_country("DE").unwrap();
        ScanOptions { suffix, letters, separator, upc_e, rules, ..ScanOptions::default() }
    })
}

proptest! {
    #[test]
    fn facts_do_not_depend_on_how_bytes_are_cut(
        bytes in bytes(), size in 1_usize..40, options in options(),
    ) {
        let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
        prop_assert_eq!(decode(&options, &chunks), decode(&options, &[&bytes]));
    }

    #[test]
    fn after_any_garbage_and_silence_a_scan_is_read(bytes in bytes(), options in options()) {
        let mut decoder = ScanDecoder::new(options.clone());
        let mut facts = Vec::new();
        decoder.push(&bytes, Mono(0), &mut facts);
        prop_assert!(decoder.payload.len() <= limits::SCAN_BYTES);
        facts.clear();
        let mut now = Mono(0);
        while let Some(deadline) = decoder.deadline() {
            now = deadline;
            decoder.tick(now, &mut facts);
        }
        facts.clear();
        decoder.push(b"]E05901234123457\r\t", now, &mut facts);
        decoder.finish(&mut facts);
        prop_assert!(!facts.is_empty());
        if options.suffix != Suffix::Silence && options.suffix != Suffix::Byte(b'\t') {
            prop_assert_eq!(facts[0].gtin.as_deref(), Some("05901234123457"));
        }
    }

    #[test]
    fn no_card_number_leaves_the_decoder(
        before in "[ -~]{0,4}[ A-Za-z:=]", after in "[ A-Za-z:/][ -~]{0,4}", at in 0_usize..4,
    ) {
        let card = ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117"][at];
        let payload = format!("{before}{card}{after}\r");
        let (facts, _) = decode(&ScanOptions::default(), &[payload.as_bytes()]);
        prop_assert!(facts.iter().all(|fact| !fact.contains(card)), "{:?}", facts);
    }

    #[test]
    fn every_check_digit_makes_an_article_and_no_other_digit_does(payload in "[0-9]{12}") {
        let good = Gtin::from_payload(&payload).unwrap();
        let digits = good.as_gtin13().unwrap();
        let accepted = (0..10).filter(|d| Gtin::parse(&format!("{payload}{d}")).is_some()).count();
        prop_assert_eq!((accepted, &digits[..12]), (1, payload.as_str()));
    }
}
