//! Records of a real payment terminal, where they are at hand. The values expected were read off the bytes by
//! hand, and the lines of slips are found here by a search of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tillgate::decode::codepage::CodePage;
use tillgate::decode::zvt::{Counters, Decoder, Dialogue, ZvtOptions};
use tillgate::decode::{CardOperation, CardPayment, DocumentFact, PaymentFact};
use tillgate::time::Mono;
use tillgate_events::{Currency, PaymentMethod, PaymentStatus};

/// The records by name, in the order they were heard; nothing and a loud word if they are not there.
fn records() -> Option<BTreeMap<String, Vec<u8>>> {
    let root = std::env::var_os("TILLGATE_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let Ok(folder) = std::fs::read_dir(root.join("pos/zvt-crate")) else {
        println!("SKIPPED: no corpus at {} (set TILLGATE_CORPUS)", root.display());
        return None;
    };
    let paths = folder.map(|entry| entry.unwrap().path());
    let blobs = paths.filter(|path| path.extension().is_some_and(|end| end == "blob"));
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let records: BTreeMap<_, _> =
        blobs.map(|path| (name(&path), std::fs::read(path).unwrap())).collect();
    assert!(!records.is_empty());
    Some(records)
}

/// The one whose name holds this.
fn record<'a>(records: &'a BTreeMap<String, Vec<u8>>, part: &str) -> &'a [u8] {
    let mut found = records.iter().filter(|(name, _)| name.contains(part));
    let one = found.next().unwrap_or_else(|| panic!("no record {part}"));
    assert!(found.next().is_none(), "{part} is not one record");
    one.1
}

/// What these records say one after the other.
fn dialogue<'a>(records: impl Iterator<Item = &'a [u8]>) -> (Vec<PaymentFact>, Counters) {
    let mut dialogue = Dialogue::new(CodePage::cp437());
    let mut facts = Vec::new();
    for record in records {
        dialogue.apdu(record, Mono(0), &mut facts);
    }
    dialogue.finish(&mut facts);
    (facts, dialogue.counters().clone())
}

fn euro() -> Option<Currency> {
    Currency::new("EUR")
}

/// What a status says alone; `last4`, the numbers and the moment as in the record.
struct Status {
    amount: i64,
    last4: Option<&'static str>,
    card: &'static str,
    method: PaymentMethod,
    trace: u32,
    receipt: u32,
    moment: &'static str,
}

impl Status {
    fn payment(self) -> PaymentFact {
        PaymentFact::Result(Box::new(CardPayment {
            operation: None,
            status: PaymentStatus::Approved,
            decline_reason: None,
            amount: Some(self.amount),
            currency: euro(),
            method: self.method,
            card_name: Some(self.card.to_owned()),
            card_last4: self.last4.map(str::to_owned),
            terminal_id: Some("52523535".to_owned()),
            trace_number: Some(self.trace),
            receipt_number: Some(self.receipt),
            turnover_number: None,
            month_day_time: Some(self.moment.to_owned()),
            processing_ms: None,
            whole: true,
        }))
    }
}

#[test]
fn every_record_is_consumed_exactly() {
    let Some(records) = records() else { return };
    for (name, bytes) in &records {
        let (_, counters) = dialogue(std::iter::once(&**bytes));
        // One command is a maker's own, and so is the answer to it.
        let own = name.contains(".690979000");
        let answer = name.contains(".768770000");
        let expected = Counters {
            apdus: 1,
            unknown_commands: u64::from(own),
            unknown_fields: u64::from(answer),
            last_unknown_field: answer.then_some(0x31),
            clear_numbers: u64::from(name.contains("1682066249")),
            ..Counters::default()
        };
        assert_eq!(Counters { payments: 0, ..counters }, expected, "{name}");
    }
    // Behind the question the answer is known to be none of ours.
    assert_eq!(dialogue(records.values().map(Vec::as_slice)).1.unknown_fields, 0);
}

#[test]
fn every_record_says_what_its_bytes_say() {
    let Some(records) = records() else { return };
    let says = |part: &str, expected: &[PaymentFact]| {
        let (facts, _) = dialogue(std::iter::once(record(&records, part)));
        assert_eq!(facts, expected, "{part}");
    };
    let requested =
        |operation, amount, currency| [PaymentFact::Requested { operation, amount, currency }];
    says("1680722649.9", &[]);
    says("1680728161.9", &[]);
    says("1680728162.0", &requested(CardOperation::Reservation, Some(2500), euro()));
    says("1680728162.6", &[]);
    let mastercard = |amount, receipt, trace| Status {
        amount,
        last4: Some("8074"),
        card: "MasterCard",
        method: PaymentMethod::CreditCard,
        trace,
        receipt,
        moment: "04-05T22:55:58",
    };
    says("1680728165.6", &[mastercard(2500, 231, 975).payment()]);
    says("1680728165.8", &[PaymentFact::Completed(None)]);
    says("1680728213", &requested(CardOperation::ReservationReversal, None, euro()));
    says("1680728215.6", &[mastercard(0, 232, 977).payment()]);
    says("1680728219", &[PaymentFact::Completed(None)]);
    says("1680761818.6416", &[PaymentFact::Completed(None)]);
    says("1680761828", &[PaymentFact::DayTotal { amount: Some(958), currency: None }]);
    says("1681273860", &[]);
    says("1681282621", &requested(CardOperation::EndOfDay, None, None));
    says("1681455683", &requested(CardOperation::ReservationPart, Some(1295), euro()));
    let girocard = Status {
        amount: 2500,
        last4: None, // all of the number is there
        card: "girocard",
        method: PaymentMethod::DebitCard,
        trace: 1012,
        receipt: 249,
        moment: "04-21T10:37:20",
    };
    says("1682066249", &[girocard.payment()]);
    for part in ["1682080275.5", "1682080275.7", "1682080310"] {
        says(part, &[]);
    }
    let reason = "reservation failed".to_owned();
    says("partial_reversal", &[PaymentFact::Aborted { operation: None, code: 0xB8, reason }]);
}

#[test]
fn a_whole_dialogue_knows_what_was_asked() {
    let Some(records) = records() else { return };
    let (facts, _) = dialogue(records.values().map(Vec::as_slice));
    let operations = facts.iter().filter_map(|fact| match fact {
        PaymentFact::Result(payment) => Some(payment.operation),
        _ => None,
    });
    let operations: Vec<_> = operations.collect();
    let reservation = Some(CardOperation::Reservation);
    let reversal = Some(CardOperation::ReservationReversal);
    assert_eq!(operations[..2], [reservation, reversal]);
    assert!(facts.contains(&PaymentFact::Completed(reservation)), "{facts:?}");
}

/// Lines of a slip: 07, a length, as many bytes of code page 437. They stand behind one another from the first
/// 07h 00h or 07h 28h on.
fn lines(record: &[u8]) -> Vec<String> {
    let mut at =
        record.windows(2).position(|pair| pair[0] == 7 && [0, 0x28].contains(&pair[1])).unwrap();
    let mut lines = Vec::new();
    while record.get(at) == Some(&7) {
        let end = at + 2 + usize::from(record[at + 1]);
        let letter = |byte: &u8| match byte {
            0x81 => 'ü',
            0x84 => 'ä',
            0x8E => 'Ä',
            0x94 => 'ö',
            0x9A => 'Ü',
            0xE1 => 'ß',
            ascii => char::from(*ascii),
        };
        lines
            .push(record[at + 2..end].iter().map(letter).collect::<String>().trim_end().to_owned());
        at = end;
    }
    // An attribute is all that may follow, unless another block goes on.
    assert!([None, Some(&9)].contains(&record.get(at)), "at {at}");
    lines.retain(|line| !line.is_empty());
    lines
}

#[test]
fn slips_are_printed_line_by_line() {
    let Some(records) = records() else { return };
    for part in ["1680728215.585", "print_system_configuration"] {
        let bytes = record(&records, part);
        let (facts, _) = dialogue(std::iter::once(bytes));
        let said = facts.iter().filter_map(|fact| match fact {
            PaymentFact::Slip(DocumentFact::Line(line)) => Some(line.text.clone()),
            _ => None,
        });
        let said: Vec<String> = said.filter(|line| !line.is_empty()).collect();
        let expected = lines(bytes);
        assert!(20 < expected.len());
        assert_eq!(said, expected, "{part}");
        assert!(matches!(facts.last(), Some(PaymentFact::Slip(DocumentFact::End(_)))));
    }
}

#[test]
fn over_a_serial_line_the_records_say_the_same_however_they_are_cut() {
    let Some(records) = records() else { return };
    let kermit = crc::Crc::<u16>::new(&crc::CRC_16_KERMIT);
    let frame = |record: &Vec<u8>| {
        let doubled = record.iter().flat_map(|b| if *b == 0x10 { vec![*b; 2] } else { vec![*b] });
        let check = kermit.checksum(&[record, &[0x03][..]].concat()).to_le_bytes();
        [&[0x10, 0x02], &*doubled.collect::<Vec<_>>(), &[0x10, 0x03], &check, &[0x06]].concat()
    };
    let line: Vec<u8> = records.values().flat_map(frame).collect();
    let (expected, _) = dialogue(records.values().map(Vec::as_slice));
    for size in [1, 2, 3, 7, 64, line.len()] {
        let mut decoder = Decoder::new(ZvtOptions::default()).unwrap();
        let mut facts = Vec::new();
        for piece in line.chunks(size) {
            decoder.push(piece, Mono(0), &mut facts);
        }
        decoder.finish(&mut facts);
        assert_eq!(facts, expected, "in pieces of {size}");
        let frames = decoder.frame_counters();
        assert_eq!((frames.bad(), frames.noise), (0, 0), "{frames:?}");
        assert_eq!(frames.frames, records.len() as u64);
    }
}

#[test]
fn the_card_number_that_was_sent_in_full_is_nowhere() {
    let Some(records) = records() else { return };
    let (facts, counters) = dialogue(std::iter::once(record(&records, "1682066249")));
    let shown = format!("{facts:?} {counters:?}");
    for part in ["4711008", "7570380", "8004", "0057"] {
        assert!(!shown.contains(part), "{part} in {shown}");
    }
}
