//! Dialogues made by hand; the corpus test in `tests/it` has those of a real terminal.

mod properties;

use tillgate_events::{Currency, PaymentMethod, PaymentStatus};

use super::*;
use crate::decode::fact::{CardOperation, CardPayment, DocumentEnd, DocumentFact, PosFact};

/// A record of this command with this data.
fn apdu(command: [u8; 2], data: &[u8]) -> Vec<u8> {
    let length = match u8::try_from(data.len()) {
        Ok(length) if length < 0xFF => vec![length],
        _ => [&[0xFF], &u16::try_from(data.len()).unwrap().to_le_bytes()[..]].concat(),
    };
    [&command, &*length, data].concat()
}

/// A record as it goes over a serial line.
fn framed(apdu: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x10, 0x02];
    for byte in apdu {
        bytes.extend(if *byte == 0x10 { vec![0x10, 0x10] } else { vec![*byte] });
    }
    let check = DleOptions::default().check.unwrap();
    [bytes, vec![0x10, 0x03], check.written(&[apdu, &[0x03]])].concat()
}

fn dialogue(apdus: &[Vec<u8>]) -> (Vec<PaymentFact>, Counters) {
    let mut dialogue = Dialogue::new(CodePage::cp437());
    let mut out = Vec::new();
    for (apdu, second) in apdus.iter().zip(0..) {
        dialogue.apdu(apdu, Mono(second * 1_000_000), &mut out);
    }
    dialogue.finish(&mut out);
    (out, dialogue.counters().clone())
}

/// The last result said, and that every record was understood.
fn result(apdus: &[Vec<u8>]) -> CardPayment {
    let (facts, counters) = dialogue(apdus);
    assert_eq!((counters.malformed, counters.unknown_fields, counters.unknown_commands), (0, 0, 0));
    let found = facts.into_iter().rev().find_map(|fact| match fact {
        PaymentFact::Result(payment) => Some(*payment),
        _ => None,
    });
    found.unwrap()
}

/// 12.95 EUR.
const AMOUNT: &[u8] = b"\x04\x00\x00\x00\x00\x12\x95\x49\x09\x78";

fn authorise() -> Vec<u8> {
    apdu([0x06, 0x01], AMOUNT)
}

fn euro() -> Option<Currency> {
    Currency::new("EUR")
}

#[test]
fn a_payment_is_asked_for_approved_and_completed() {
    let status: &[u8] = b"\x27\x00\x0B\x00\x00\x42\x0C\x14\x05\x00\x0D\x11\x21\x22\xF0\xF8\x55\x98\x83\
        \xEE\xEE\xEE\x80\x74\x87\x00\x07\x88\x00\x00\x08\x29\x52\x00\x00\x17\x8A\x06\x8B\xF0\xF3MC\x00";
    let status = apdu([0x04, 0x0F], &[status, AMOUNT].concat());
    let (facts, counters) = dialogue(&[authorise(), status.clone(), apdu([0x06, 0x0F], &[])]);
    let expected = CardPayment {
        operation: Some(CardOperation::Payment),
        status: PaymentStatus::Approved,
        decline_reason: None,
        amount: Some(1295),
        currency: euro(),
        method: PaymentMethod::CreditCard,
        card_name: Some("MC".to_owned()),
        card_last4: Some("8074".to_owned()),
        terminal_id: Some("52000017".to_owned()),
        trace_number: Some(42),
        receipt_number: Some(7),
        turnover_number: Some(8),
        month_day_time: Some("11-21T14:05:00".to_owned()),
        processing_ms: Some(1000),
        whole: true,
    };
    let operation = CardOperation::Payment;
    let requested = PaymentFact::Requested { operation, amount: Some(1295), currency: euro() };
    let said = PaymentFact::Result(Box::new(expected.clone()));
    assert_eq!(facts, [requested, said, PaymentFact::Completed(Some(operation))]);
    assert_eq!(counters, Counters { apdus: 3, payments: 1, ..Counters::default() });
    // With the terminal's wire alone the same is known but for what was asked.
    let alone = CardPayment { operation: None, processing_ms: None, ..expected };
    assert_eq!(result(&[status]), alone);
}

#[test]
fn a_refusal_says_why_and_how_much_was_asked() {
    let refused = |code: u8, reason: &str| {
        let payment = result(&[authorise(), apdu([0x04, 0x0F], &[0x27, code])]);
        assert_eq!(payment.status, PaymentStatus::Declined);
        assert_eq!((payment.amount, payment.currency), (Some(1295), euro()));
        assert_eq!(payment.decline_reason.as_deref(), Some(reason));
    };
    refused(0x6C, "cancelled or timed out");
    refused(0x05, "host code 5");
    refused(0xDE, "code DE");
    let (facts, _) = dialogue(&[authorise(), apdu([0x06, 0x1E], &[0x78])]);
    let operation = Some(CardOperation::Payment);
    let reason = "card expired".to_owned();
    assert_eq!(facts.last(), Some(&PaymentFact::Aborted { operation, code: 0x78, reason }));
}

#[test]
fn what_was_asked_says_what_a_result_means() {
    let asked = |command, prefix: &[u8], operation, tender: Option<i64>| {
        let request = apdu(command, &[prefix, AMOUNT].concat());
        let payment = result(&[request, apdu([0x04, 0x0F], &[0x27, 0x00])]);
        assert_eq!(payment.operation, Some(operation));
        let amount = payment.tender().map(|tender| match tender {
            PosFact::Tender { amount, .. } => amount,
            other => panic!("{other:?}"),
        });
        assert_eq!(amount, tender, "{operation:?}");
    };
    let password = &[0x12, 0x34, 0x56];
    asked([0x06, 0x01], &[], CardOperation::Payment, Some(1295));
    asked([0x06, 0x31], password, CardOperation::Refund, Some(-1295));
    asked([0x06, 0x30], password, CardOperation::Reversal, None);
    asked([0x06, 0x22], &[], CardOperation::Reservation, None);
    asked([0x06, 0x25], &[], CardOperation::ReservationReversal, None);
}

#[test]
fn a_status_outside_of_payments_is_none() {
    let status = |fields: &[u8]| apdu([0x04, 0x0F], fields);
    let with_amount = [b"\x27\x00", AMOUNT].concat();
    let none = |apdus: &[Vec<u8>]| {
        let (facts, counters) = dialogue(apdus);
        assert_eq!((facts, counters.payments), (Vec::new(), 0));
    };
    none(&[apdu([0x06, 0xC0], &[0x0F]), status(b"\x27\x00")]);
    none(&[apdu([0x06, 0x20], &[0x12, 0x34, 0x56]), status(&with_amount)]);
    none(&[status(b"\x27\x00")]);
    let total = PaymentFact::DayTotal { amount: Some(1295), currency: euro() };
    let sums = [&with_amount[..], b"\x60\xF0\xF0\xF2\x00\x00"].concat();
    assert_eq!(dialogue(&[status(&sums)]).0, std::slice::from_ref(&total));
    let end_of_day = apdu([0x06, 0x50], &[0x12, 0x34, 0x56]);
    assert_eq!(dialogue(&[end_of_day, status(&with_amount)]).0.last(), Some(&total));
}

#[test]
fn a_tender_has_an_identity_that_the_next_one_has_not() {
    let status = [b"\x27\x00\x29\x52\x00\x00\x17\x0B\x00\x00\x42", AMOUNT].concat();
    let tender = result(&[authorise(), apdu([0x04, 0x0F], &status)]).tender();
    let Some(PosFact::Tender { transaction_id, .. }) = tender else { panic!("{tender:?}") };
    assert_eq!(transaction_id.as_deref(), Some("52000017-000042"));
}

#[test]
fn what_is_not_known_is_counted_and_not_guessed() {
    let count = |apdu: Vec<u8>, expected: Counters| {
        assert_eq!(dialogue(&[apdu]).1, Counters { apdus: 1, ..expected });
    };
    let unknown = |number| Counters {
        unknown_fields: 1,
        last_unknown_field: Some(number),
        ..Counters::default()
    };
    count(apdu([0x04, 0x0F], b"\x27\x00\x31\x00"), unknown(0x31));
    count(apdu([0x0F, 0xA1], &[0x00]), Counters { unknown_commands: 1, ..Counters::default() });
    let malformed = || Counters { malformed: 1, ..Counters::default() };
    count(apdu([0x04, 0x0F], b"\x27\x00\x04\x00"), malformed());
    count(apdu([0x04, 0x0F], b"\x27\x00\x0C\x25\x00\x00"), malformed());
    count(apdu([0x04, 0x0F], b"\x27\x00\x06\x03\x1F\x17\x05"), malformed());
    assert_eq!(dialogue(&[vec![0x06, 0x0F, 0x01]]).1, malformed());
    let strange = Counters { strange_currencies: 1, ..Counters::default() };
    count(apdu([0x06, 0x22], b"\x49\x01\x23"), strange);
    // What was read before it stands, and says that it is not all.
    let payment = dialogue(&[apdu([0x04, 0x0F], &[b"\x27\x00", AMOUNT, b"\x31"].concat())]).0;
    let PaymentFact::Result(payment) = &payment[0] else { panic!("{payment:?}") };
    assert_eq!((payment.amount, payment.whole), (Some(1295), false));
}

#[test]
fn a_slip_is_a_document_of_redacted_lines() {
    let lines = |facts: Vec<PaymentFact>| -> Vec<String> {
        let word = |fact| match fact {
            PaymentFact::Slip(DocumentFact::Line(line)) if line.enlarged => {
                format!("*{}", line.text)
            }
            PaymentFact::Slip(DocumentFact::Line(line)) => line.text,
            other => format!("{other:?}"),
        };
        facts.into_iter().map(word).collect()
    };
    let cut = format!("{:?}", PaymentFact::Slip(DocumentFact::End(DocumentEnd::Cut)));
    let block =
        b"\x06\x24\x25\x22\x07\x06Beleg \x07\x00\x07\x104111111111111111\x07\x01\x81\x09\x01\xFF";
    let expected = ["Beleg", "", "************1111", "ü", &*cut];
    assert_eq!(lines(dialogue(&[apdu([0x06, 0xD3], block)]).0), expected);
    let line = |attribute: u8, text: &[u8]| apdu([0x06, 0xD1], &[&[attribute], text].concat());
    let one_by_one = [
        line(0x00, b"CARD 4111 1111"),
        line(0xFF, &[1]),
        line(0x00, b"TOTAL"),
        line(0x20, b"12,95"),
        line(0x81, b"THANKS"),
    ];
    assert_eq!(
        lines(dialogue(&one_by_one).0),
        ["CARD 4111 1111", "", "TOTAL", "*12,95", "THANKS", &cut]
    );
}

#[test]
fn a_slip_without_an_end_is_ended_by_silence_or_completion() {
    let mut decoder = Decoder::new(ZvtOptions::default()).unwrap();
    let mut out = Vec::new();
    decoder.push(&framed(&apdu([0x06, 0xD1], b"\x00hello")), Mono(7), &mut out);
    let deadline = decoder.deadline().unwrap();
    assert_eq!(deadline, Mono(7).plus(limits::DOCUMENT_IDLE));
    decoder.tick(deadline, &mut out);
    let ends =
        |facts: &[PaymentFact], why| facts.contains(&PaymentFact::Slip(DocumentFact::End(why)));
    assert!(ends(&out, DocumentEnd::Idle), "{out:?}");
    assert_eq!(decoder.deadline(), None);
    let done = dialogue(&[apdu([0x06, 0xD1], b"\x00hello"), apdu([0x06, 0x0F], &[])]).0;
    assert!(ends(&done, DocumentEnd::Cut), "{done:?}");
}

#[test]
fn a_serial_line_s_noise_and_repetitions_cost_nothing() {
    let status = framed(&apdu([0x04, 0x0F], &[b"\x27\x00", AMOUNT].concat()));
    let mut damaged = status.clone();
    damaged[9] ^= 1;
    let line = [b"\xFF\x06", &*damaged, b"\x15", &*status, b"\x15", &*status, b"\x06"].concat();
    let mut decoder = Decoder::new(ZvtOptions::default()).unwrap();
    let mut out = Vec::new();
    decoder.push(&line, Mono(0), &mut out);
    assert_eq!(out.len(), 1, "{out:?}");
    let counters = decoder.frame_counters();
    assert_eq!((counters.bad_checks, counters.repeats, counters.noise), (1, 1, 1 + 2));
    assert_eq!(decoder.counters().payments, 1);
}

#[test]
fn a_lost_record_ends_the_slip_and_what_was_asked() {
    let asked = framed(&apdu([0x06, 0x31], b"\x12\x34\x56"));
    let printed = framed(&apdu([0x06, 0xD1], b"\x00hello"));
    let done = framed(&apdu([0x06, 0x0F], &[]));
    let check = |lose: fn(&mut Decoder, &[u8], &mut Vec<PaymentFact>)| {
        let mut decoder = Decoder::new(ZvtOptions::default()).unwrap();
        let mut out = Vec::new();
        decoder.push(&[&*asked, &*printed].concat(), Mono(0), &mut out);
        lose(&mut decoder, &done, &mut out);
        decoder.push(&done, Mono(0), &mut out);
        let broken = PaymentFact::Slip(DocumentFact::End(DocumentEnd::Broken));
        assert_eq!(out[2..], [broken, PaymentFact::Completed(None)]);
    };
    check(|decoder, _, out| decoder.broken(out));
    check(|decoder, done, out| {
        let mut damaged = done.to_vec();
        damaged[4] ^= 1;
        decoder.push(&damaged, Mono(0), out);
    });
}

#[test]
fn no_card_number_is_in_any_fact_or_counter() {
    // In full in its field, in the tracks, as the card's name, and the security code.
    let number = b"\x22\xF0\xF8\x41\x11\x11\x11\x11\x11\x11\x11";
    let track2 = b"\x23\xF1\xF0\x41\x11\x11\x11\x11\x11\x11\x11\xD2\x51";
    let secrets: [&[u8]; 5] =
        [number, track2, b"\x8B\xF1\xF64111111111111111", b"\x3A\x09\x87", AMOUNT];
    let status = apdu([0x04, 0x0F], &[b"\x27\x00", &*secrets.concat()].concat());
    let (facts, counters) = dialogue(&[status]);
    let shown = format!("{facts:?} {counters:?}").replace(['_', ' '], "");
    for secret in ["411111", "65, 17", "987", "0x41"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert_eq!((counters.clear_numbers, counters.malformed), (1, 0));
    let PaymentFact::Result(payment) = &facts[0] else { panic!("{facts:?}") };
    assert_eq!(payment.card_last4, None);
    assert_eq!(payment.card_name.as_deref(), Some("************1111"));
}
