//! Hand-made answers, after the tables of the manuals.

use proptest::prelude::*;

use super::*;

use PrinterFact::{PaperBack, PaperOut};

const OPENED: PrinterFact = PrinterFact::Drawer(DrawerFact::Opened);
const CLOSED: PrinterFact = PrinterFact::Drawer(DrawerFact::Closed);

/// Which wire.
enum Wire {
    Till,
    Printer,
}
use Wire::{Printer, Till};

fn run(options: StatusOptions, bytes: &[(Wire, &[u8])]) -> (Vec<PrinterFact>, StatusCounters) {
    let mut decoder = Decoder::new(options);
    let mut out = Vec::new();
    for (wire, bytes) in bytes {
        match wire {
            Till => decoder.asked(bytes, Mono(0)),
            Printer => decoder.push(bytes, Mono(0), &mut out),
        }
    }
    (out, *decoder.counters())
}

fn check(bytes: &[(Wire, &[u8])], expected: &[PrinterFact]) {
    let (facts, counters) = run(StatusOptions::default(), bytes);
    assert_eq!(facts, expected);
    assert_eq!((counters.strange, counters.unasked), (0, 0));
}

#[test]
fn automatic_status_tells_both_edges_once() {
    check(&[(Printer, b"\x10\0\0\0\x14\0\0\x0F\x14\0\0\0\x10\0\0\0\x10\0\0\0")], &[OPENED, CLOSED]);
    check(&[(Printer, b"\x14\0"), (Printer, b"\x13\0\x11\x0F")], &[OPENED]);
}

#[test]
fn the_level_that_means_open_can_be_low() {
    let options = StatusOptions { drawer_open_level: Level::Low, ..StatusOptions::default() };
    assert_eq!(run(options, &[(Printer, b"\x14\0\0\0\x10\0\0\0")]).0, [OPENED]);
}

#[test]
fn an_answer_means_what_was_asked() {
    check(&[(Till, b"\x10\x04\x01"), (Printer, b"\x16")], &[OPENED]);
    check(&[(Till, b"text\n\x10\x04\x02"), (Printer, b"\x16")], &[]);
    check(
        &[(Till, b"\x10\x04\x02\x10\x04\x01\x1Dr\x02"), (Printer, b"\x12\x16\x00")],
        &[OPENED, CLOSED],
    );
    check(&[(Till, b"\x1Dr\x01\x1Dr2\x1DI\x01"), (Printer, b"\x01\x01\x0C")], &[OPENED]);
}

#[test]
fn paper_that_ends_is_told_once_and_that_it_is_back() {
    check(&[(Printer, b"\x10\0\x0C\0\x10\0\x0F\0\x10\0\x03\0")], &[PaperOut, PaperBack]);
    check(&[(Till, b"\x10\x04\x04\x10\x04\x04"), (Printer, b"\x72\x1E")], &[PaperOut, PaperBack]);
    check(&[(Till, b"\x1Dr\x01\x1Dr1"), (Printer, b"\x0C\x03")], &[PaperOut, PaperBack]);
    check(&[(Till, b"\x10\x04\x02\x1DI\x01"), (Printer, b"\x72\x0C")], &[]);
}

#[test]
fn an_answer_without_its_question_says_nothing_unless_the_installer_does() {
    let (facts, counters) = run(StatusOptions::default(), &[(Printer, b"\x16\x00")]);
    assert_eq!((facts, counters.unasked), (vec![], 2));
    let options = StatusOptions { assume_drawer: true, ..StatusOptions::default() };
    assert_eq!(run(options, &[(Printer, b"\x16\x16\x12")]).0, [OPENED, CLOSED]);
}

#[test]
fn a_status_without_its_end_says_nothing() {
    let (facts, counters) = run(StatusOptions::default(), &[(Printer, b"\x14\0\x10\0\0\0\x80")]);
    assert_eq!((facts, counters.strange, counters.answers), (vec![], 2, 1));
    let mut decoder = Decoder::new(StatusOptions::default());
    let mut out = Vec::new();
    decoder.push(b"\x14\0\0", Mono(0), &mut out);
    assert_eq!(decoder.deadline(), Some(Mono(0).plus(limits::PAYLOAD_IDLE)));
    decoder.push(b"\0", Mono(0).plus(limits::PAYLOAD_IDLE), &mut out);
    assert!(out.is_empty());
    assert_eq!((decoder.counters().strange, decoder.counters().unasked), (1, 1));
}

#[test]
fn questions_that_nothing_answers_are_forgotten() {
    let mut decoder = Decoder::new(StatusOptions::default());
    let mut out = Vec::new();
    let later = Mono(0).plus(limits::STATUS_PATIENCE);
    decoder.asked(b"\x10\x04\x02", Mono(0));
    decoder.asked(b"\x10\x04\x01", later);
    decoder.push(b"\x16", later, &mut out);
    assert_eq!((out.as_slice(), decoder.counters().unanswered), ([OPENED].as_slice(), 1));
    decoder.asked(&b"\x10\x04\x01".repeat(limits::STATUS_QUESTIONS + 5), later);
    assert_eq!(decoder.counters().unanswered, 6);
    decoder.broken();
    decoder.push(b"\x12", later, &mut out);
    assert_eq!((out.len(), decoder.counters().unasked), (1, 1));
}

proptest! {
    #[test]
    fn edges_alternate_and_do_not_depend_on_how_bytes_are_cut(
        bytes in proptest::collection::vec(
            prop_oneof![any::<u8>(), proptest::sample::select(b"\x10\x14\0\x12\x16\x11".as_slice())],
            0..200,
        ),
        size in 1usize..9,
    ) {
        let options = StatusOptions { assume_drawer: true, ..StatusOptions::default() };
        let (facts, counters) = run(options, &[(Printer, &bytes)]);
        let mut decoder = Decoder::new(options);
        let mut out = Vec::new();
        bytes.chunks(size).for_each(|chunk| decoder.push(chunk, Mono(0), &mut out));
        prop_assert_eq!(&out, &facts);
        prop_assert_eq!(decoder.counters(), &counters);
        let of = |turn: [PrinterFact; 2]| facts.iter().copied().filter(move |it| turn.contains(it));
        for turn in [[OPENED, CLOSED], [PaperOut, PaperBack]] {
            let expected = turn.into_iter().cycle().take(of(turn).count());
            prop_assert!(of(turn).eq(expected), "{facts:?}");
        }
    }
}
