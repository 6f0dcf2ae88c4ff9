//! No card number reaches a recording, and it replays as the bytes did.

use proptest::prelude::*;

use super::*;

/// The number of a card of a brand, with its check digit right.
fn card(seed: &[u8]) -> String {
    let mut digits: Vec<u32> =
        std::iter::once(4).chain(seed.iter().map(|d| u32::from(d % 10))).take(15).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, d)| match (at % 2, d * 2) {
            (0, double) if double > 9 => double - 9,
            (0, double) => double,
            _ => *d,
        })
        .sum();
    digits.push((10 - sum % 10) % 10);
    digits.iter().map(u32::to_string).collect()
}

fn facts(printer: &mut Printer, bytes: &[u8], cuts: &[usize]) -> Vec<DocumentFact> {
    let (mut facts, mut from) = (Vec::new(), 0);
    for cut in cuts.iter().copied().chain([bytes.len()]) {
        let to = cut.clamp(from, bytes.len());
        printer.push(&bytes[from..to], Mono(0), &mut facts);
        from = to;
    }
    printer.finish(&mut facts);
    facts
}

fn record(bytes: &[u8], cuts: &[usize]) -> String {
    let printer = Printer::new(PrinterOptions::Auto(AutoOptions::default()));
    let mut out = Vec::new();
    let mut recorder = Recorder::new(printer, &mut out).unwrap();
    let mut from = 0;
    for cut in cuts.iter().copied().chain([bytes.len()]) {
        let to = cut.clamp(from, bytes.len());
        recorder.bytes(Now::default(), &bytes[from..to]).unwrap();
        from = to;
    }
    recorder.finish(None).unwrap();
    String::from_utf8(out).unwrap()
}

proptest! {
    /// A card, printed with changes of style and separators inside, cut into any chunks.
    #[test]
    fn no_card_number_reaches_a_recording(
        seed in prop::collection::vec(any::<u8>(), 14),
        style in prop::sample::select(vec!["", "\x1bE\x01", "\x1b!\x30", "\x1d!\x11", "\x1b-\x01"]),
        at in 1..15usize,
        gap in prop::sample::select(vec!["", " ", "-"]),
        before in "[A-Z ]{0,12}",
        cuts in prop::collection::vec(0..120usize, 0..6),
    ) {
        let card = card(&seed);
        let spaced = card.as_bytes().chunks(4).map(|c| std::str::from_utf8(c).unwrap()).collect::<Vec<_>>().join(gap);
        let (head, tail) = spaced.split_at(at);
        let line = format!("\x1b@SHOP\x1bt\x10\n{before}:{head}{style}{tail}\nVISA 2.50\n\x1dV\x00");
        let mut cuts = cuts;
        cuts.sort_unstable();
        let recording = record(line.as_bytes(), &cuts);
        let digits: String = recording.chars().filter(char::is_ascii_digit).collect();
        prop_assert!(!digits.contains(&card), "{card} is in\n{recording}");
        prop_assert!(!digits.contains(&card[..12]), "{card} is in\n{recording}");
    }

    #[test]
    fn a_recording_holds_what_the_decoder_understood(
        lines in prop::collection::vec("[ -~]{0,30}", 1..8),
        cuts in prop::collection::vec(0..200usize, 0..6),
    ) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let bytes = [b"\x1b@".as_slice(), text.as_bytes(), b"\x1dV\x00"].concat();
        let mut cuts = cuts;
        cuts.sort_unstable();
        let mut printer = Printer::new(PrinterOptions::Auto(AutoOptions::default()));
        let expected = facts(&mut printer, &bytes, &cuts);
        let read = recording::read(&record(&bytes, &cuts)).unwrap();
        let found: Vec<DocumentFact> = read.into_iter().filter_map(|record| match record {
            recording::Record::Fact(_, fact) => Some(fact),
            recording::Record::Info(..) => None,
        }).collect();
        prop_assert_eq!(found, expected);
    }
}
