//! No card number reaches a recording, and it replays as the bytes did.

use proptest::prelude::*;

use super::*;
use crate::decode::DocumentFact;
use crate::learn::recording;
use crate::time::{Mono, Now};

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

fn printer() -> Printer {
    Printer::new(PrinterOptions::Auto(AutoOptions::default()))
}

fn record(listener: impl Into<Listener>, bytes: &[u8], cuts: &[usize]) -> String {
    let mut out = Vec::new();
    let mut recorder = Recorder::new(listener, &mut out).unwrap();
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
        let recording = record(printer(), line.as_bytes(), &cuts);
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
        let expected = facts(&mut printer(), &bytes, &cuts);
        let read = recording::read(&record(printer(), &bytes, &cuts)).unwrap();
        let found: Vec<DocumentFact> = read.into_iter().filter_map(|record| match record {
            recording::Record::Fact(_, fact) => Some(fact),
            recording::Record::Said(..) | recording::Record::Info(..) => None,
        }).collect();
        prop_assert_eq!(found, expected);
    }
}

/// A dialect that is built in or whose text this is.
fn dialect(named: &str) -> Arc<crate::decode::dialect::Dialect> {
    use crate::decode::dialect::{Dialect, builtin_source};
    let currency = tillgate_events::Currency::new("EUR").unwrap();
    let setting = Setting { currency, decimal: None };
    let text = builtin_source(named).unwrap_or(named);
    Arc::new(Dialect::parse("x", text, &setting).unwrap_or_else(|error| panic!("{error}")))
}

/// The events of bytes or of a recording of them.
fn events(dialect: &Arc<crate::decode::dialect::Dialect>, bytes: &[u8]) -> String {
    let currency = tillgate_events::Currency::new("EUR").unwrap();
    let mut input = crate::cli::replay::Input::of(bytes.to_vec()).unwrap();
    crate::cli::replay::events(Arc::clone(dialect), currency, &mut input).unwrap()
}

/// What is recorded of these bytes; it makes the same events as they do.
fn check(named: &str, bytes: &[u8], cuts: &[usize]) -> String {
    let dialect = dialect(named);
    let device = Device::new(&dialect).unwrap().unwrap();
    let recording = record(device, bytes, cuts);
    assert_eq!(events(&dialect, recording.as_bytes()), events(&dialect, bytes), "{recording}");
    recording
}

const SALES: &str = "schema = 1\nid = \"x\"\n[framer]\nkind = \"delimited\"\ncheck = { algorithm = \"xor\" }\n\
    [fields]\nseparator = \"|\"\n\
    [[record]]\nmatch = { field = 0, is = \"S\" }\nevent = \"item\"\nfields = { desc = 1, amount = 2 }\n\
    [[record]]\nmatch = { field = 0, is = \"T\" }\nevent = \"total\"\nfields = { amount = 1 }\n\
    [[record]]\nmatch = { field = 0, is = \"P\" }\nevent = \"tender\"\nset = { tender = \"CREDIT_CARD\" }\n\
    fields = { amount = 1 }\nends = true\n";

/// STX, data, ETX and their check.
fn framed(records: &[String]) -> Vec<u8> {
    let frame = |record: &String| {
        let check = record.bytes().fold(3, |sum, byte| sum ^ byte);
        [&[2], record.as_bytes(), &[3, check]].concat()
    };
    records.iter().flat_map(frame).collect()
}

#[test]
fn a_recording_of_any_device_makes_the_same_events_as_its_bytes() {
    let records =
        ["S|TEA|2.50", "S|MILK|1.00", "T|3.50", "nobody knows", "P|3.50"].map(str::to_owned);
    let sale = check(SALES, &framed(&records), &[]);
    assert!(sale.contains("0 fields [\"S\",\"TEA\",\"2.50\"]\n"), "{sale}");
    check("scanner-aim", b"]E04006381333931\r]C10104006381333931\r]L0@ANSI 636000\r", &[7, 20]);
    check("scale-toledo-8217", b"\x02001.250\r\x02001.250\r\x02000.000\r", &[3]);
    // Each record as it stands is printed lines.
    let lines =
        check("stx-etx-lrc", &framed(&["Tea 2.50".to_owned(), "Total 2.50".to_owned()]), &[]);
    assert!(lines.contains("0 line Tea 2.50\n"), "{lines}");
}

/// Records of a payment terminal as they go over a serial line.
fn zvt(records: &[&[u8]]) -> Vec<u8> {
    let check = crate::decode::frame::DleOptions::default().check.unwrap();
    let framed = |record: &&[u8]| {
        let stuffed = record.iter().flat_map(|byte| vec![*byte; 1 + usize::from(*byte == 0x10)]);
        let check = check.written(&[record, &[3]]);
        [&[0x10, 2], stuffed.collect::<Vec<u8>>().as_slice(), &[0x10, 3], &check, &[6]].concat()
    };
    records.iter().flat_map(framed).collect()
}

#[test]
fn a_recorded_payment_terminal_says_what_it_said_live() {
    let amount = b"\x04\x00\x00\x00\x00\x12\x10\x49\x09\x78";
    let asked = [b"\x06\x01\x0a".as_slice(), amount].concat();
    let card = b"\x27\x00\x22\xf0\xf8\x41\x11\x11\x11\x11\x11\x11\x11\x8b\xf0\xf4VISA";
    let length = u8::try_from(amount.len() + card.len()).unwrap();
    let status = [&[4, 0x0f, length], amount.as_slice(), card].concat();
    let slip = b"\x06\xd1\x08\x00RECEIPT";
    let (done, gone): (&[u8], &[u8]) = (b"\x06\x0f\x00", b"\x06\x1e\x01\x6c");
    let bytes = zvt(&[&asked, &status, slip, done, &asked, gone]);
    for cuts in [vec![], vec![3, 11, 40, 41], (0..bytes.len()).collect()] {
        let recording = check("zvt", &bytes, &cuts);
        assert!(recording.contains(" payment {\"result\":") && !recording.contains("41111"));
        assert!(recording.contains(" line RECEIPT\n"), "{recording}");
        assert!(recording.contains(" payment {\"aborted\":"), "{recording}");
        let events = events(&dialect("zvt"), recording.as_bytes());
        assert!(events.contains("[payment approved 1210 EUR"), "{events}");
    }
}

#[test]
fn what_no_line_can_hold_is_left_out_and_counted() {
    let long = format!("S|{}|2.50", "TEA ".repeat(1019));
    let recording = record(Device::new(&dialect(SALES)).unwrap().unwrap(), &framed(&[long]), &[]);
    assert!(recording.contains("\n# ") && recording.contains("\ninfo too-long 1\n"), "{recording}");
    assert!(recording::read(&recording).is_ok());
}

proptest! {
    /// A card in a field of any machine, written in groups, beside anything, cut into any chunks.
    #[test]
    fn no_card_number_of_a_machine_reaches_a_recording(
        seed in prop::collection::vec(any::<u8>(), 14),
        gap in prop::sample::select(vec!["", " ", "-"]),
        before in "[A-Z ]{0,12}",
        after in prop::sample::select(vec!["", "|2.50", "=2512101", " VISA"]),
        cuts in prop::collection::vec(0..120usize, 0..6),
        way in 0..4usize,
    ) {
        let card = card(&seed);
        let spaced = card.as_bytes().chunks(4).map(|c| std::str::from_utf8(c).unwrap()).collect::<Vec<_>>().join(gap);
        let field = format!("{before}:{spaced}{after}");
        let records = [format!("S|{field}|2.50"), format!("X|{field}"), "P|2.50".to_owned()];
        let (named, bytes) = match way {
            0 => (SALES, framed(&records)),
            1 => ("stx-etx-lrc", framed(&records)),
            2 => ("scanner-aim", format!("]C0{field}\r]Q1{field}\r").into_bytes()),
            _ => ("scanner-aim", format!("{field}\r").into_bytes()),
        };
        let mut cuts = cuts;
        cuts.sort_unstable();
        let recording = check(named, &bytes, &cuts);
        let digits: String = recording.chars().filter(char::is_ascii_digit).collect();
        prop_assert!(!digits.contains(&card), "{card} is in\n{recording}");
        prop_assert!(!digits.contains(&card[..12]), "{card} is in\n{recording}");
    }
}
