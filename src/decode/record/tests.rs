//! What machines say, whole and damaged, and what is read of it.

use std::sync::Arc;

use proptest::prelude::*;
use tillgate_events::Currency;

use super::*;
use crate::decode::dialect::Setting;
use crate::decode::frame::check::{CheckAlgorithm, CheckEncoding, CheckOptions};

fn dialect(id: &str) -> Arc<Dialect> {
    let setting = Setting { currency: Currency::new("PLN").unwrap(), decimal: None };
    Arc::new(Dialect::builtin(id, &setting).unwrap().unwrap())
}

fn written(text: &str) -> Arc<Dialect> {
    let setting = Setting { currency: Currency::new("EUR").unwrap(), decimal: None };
    let text = format!("schema = 1\nid = \"x\"\n{text}");
    Arc::new(Dialect::parse("x", &text, &setting).unwrap_or_else(|error| panic!("{error}")))
}

fn decode(dialect: &Arc<Dialect>, pieces: &[&[u8]]) -> (Vec<PosFact>, Counters) {
    let (mut decoder, mut out) = (Decoder::new(Arc::clone(dialect)).unwrap(), Vec::new());
    pieces.iter().for_each(|piece| decoder.push(piece, Mono(0), &mut out));
    decoder.finish(&mut out);
    assert_eq!(decoder.deadline(), None);
    (out, decoder.counters().clone())
}

/// A fact in short.
fn word(fact: &PosFact) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match fact {
        PosFact::Item(item) => format!(
            "{} x{} @{:?} = {} {}",
            item.description,
            item.quantity_milli,
            item.unit_price,
            item.amount,
            text(&item.tax_code)
        )
        .trim_end()
        .to_owned(),
        PosFact::VoidItem { description, amount } => {
            format!("void {} {amount:?}", text(description))
        }
        PosFact::Tender { method, amount, .. } => format!("{method:?} {amount}"),
        PosFact::Discount { on_receipt, amount, .. } => format!("less {amount} {on_receipt}"),
        other => other.short().unwrap_or_else(|| format!("{other:?}")),
    }
}

fn check(dialect: &Arc<Dialect>, bytes: &[u8], expected: &[&str]) {
    let (facts, _) = decode(dialect, &[bytes]);
    assert_eq!(facts.iter().map(word).collect::<Vec<_>>(), expected);
}

const MONITOR: &[u8] = b"\r20\tAnna\n\r30\t17\n\r0\tCHLEB\t2\t2,00\t4,00\tA\n\r0\tMLEKO\t1\t3,49\t3,49\tB\n\
    \r1\tMLEKO\t1\t3,49\t3,49\n\r51\tRABAT\t0,50\n\r45\t3,50\n\r8\t0\t5,00\n\r9\t1,50\n\r2\t17\t3,50\n";

#[test]
fn a_transaction_monitor_tells_a_sale_record_by_record() {
    check(
        &dialect("posnet-monitor"),
        MONITOR,
        &[
            "[signed on Anna]",
            "End(Cut)",
            "Number(\"17\")",
            "CHLEB x2000 @Some(200) = 400 A",
            "MLEKO x1000 @Some(349) = 349 B",
            "void MLEKO Some(349)",
            "less 50 false",
            "Subtotal(350)",
            "Cash 500",
            "Change(150)",
            "Number(\"17\")",
            "Total(350)",
            "End(Cut)",
        ],
    );
}

#[test]
fn what_no_record_takes_is_passed_on_redacted_and_a_new_sale_ends_an_open_one() {
    check(
        &dialect("posnet-monitor"),
        b"\r0\tCHLEB\t1\t2,00\t2,00\n\r40\t4111111111111111\n\r30\n\r3\n\r77\n",
        &[
            "CHLEB x1000 @Some(200) = 200",
            "Unmatched(\"40 | ************1111\")",
            "End(Init)",
            "Cancelled { number: None, reason: None }",
            "End(Cut)",
            "Unmatched(\"77\")",
            "End(Idle)",
        ],
    );
}

/// Commands with the check that a printer of Posnet wants.
fn posnet(commands: &[&str]) -> Vec<u8> {
    let crc = CheckOptions {
        algorithm: CheckAlgorithm::Crc16Xmodem,
        encoding: CheckEncoding::HexUpper,
        ..CheckOptions::default()
    };
    let frame = |command: &&str| {
        let check = crc.written(&[command.as_bytes()]);
        [b"\x02", command.as_bytes(), b"#", &check, b"\x03"].concat()
    };
    commands.iter().flat_map(frame).collect()
}

#[test]
fn commands_to_a_fiscal_printer_are_a_sale_in_minor_units() {
    let commands = [
        "trinit\tbm0\t",
        "trinit\t",
        "trline\tnaChleb\tvt1\tpr200\til2.5\t",
        "trline\t",
        "trline\tnaSok\tvt0\tpr399\t",
        "trline\tnaSok\tvt0\tst1\tpr399\t",
        "trpayment\tty0\twa1000\t",
        "trpayment\tty0\twa500\tre1\t",
        "trend\tto500\t",
        "trend\t",
    ];
    let expected = [
        "Chleb x2500 @Some(200) = 500 1",
        "Sok x1000 @Some(399) = 399 0",
        "void Sok Some(399)",
        "Cash 1000",
        "Change(500)",
        "Total(500)",
        "End(Cut)",
    ];
    check(&dialect("posnet-host"), &posnet(&commands), &expected);
    // The vectors of the format's description.
    check(
        &dialect("posnet-host"),
        b"\x02trinit\tbm0\t#4825\x03\x02trinit\tbm0\t#4826\x03",
        &["End(Idle)"],
    );
}

fn datecs(wide: bool, sequence: u8, command: u8, data: &[u8]) -> Vec<u8> {
    let nibbles = |value: u16| {
        (0..4).rev().map(|n| 0x30 + (value >> (4 * n) & 0xF) as u8).collect::<Vec<_>>()
    };
    let body = if wide {
        let length = u16::try_from(4 + 1 + 4 + data.len() + 1 + 0x20).unwrap();
        [&*nibbles(length), &[sequence], &nibbles(command.into()), data, &[5]].concat()
    } else {
        let length = u8::try_from(1 + 1 + 1 + data.len() + 1 + 0x20).unwrap();
        [&[length, sequence, command], data, &[5]].concat()
    };
    let sum = body.iter().fold(0u16, |sum, byte| sum.wrapping_add((*byte).into()));
    [&[1], &*body, &nibbles(sum), &[3]].concat()
}

#[test]
fn commands_to_printers_of_datecs_are_a_sale() {
    let new = |sequence, command, data| datecs(true, sequence, command, data);
    let sale = [
        new(0x20, 48, b"1\t0000\t1\t\t"),
        vec![0x16, 0x16],
        new(0x20, 48, b"0\t17\t\x04\x80\x80\x80\x80\x80\x80\x80\x80"),
        new(0x21, 49, b"Bread\t2\t1.20\t2.000\t\t\t1\t"),
        new(0x21, 49, b"Bread\t2\t1.20\t2.000\t\t\t1\t"),
        new(0x22, 53, b"0\t2.40\t"),
        new(0x23, 56, b""),
    ];
    let expected = ["Bread x2000 @Some(120) = 240 2", "Cash 240", "End(Cut)"];
    check(&dialect("datecs-x"), &sale.concat(), &expected);
    let old = |sequence, command, data| datecs(false, sequence, command, data);
    let sale = [
        old(0x20, b'0', b"1,0000,1"),
        old(0x21, b'1', b"Bread\tB1.20*2.000"),
        old(0x22, b'1', b"Milk\tB0.99"),
        old(0x23, b'5', b"\tP3.39"),
        old(0x24, b'8', b""),
    ];
    let expected =
        ["Bread x2000 @Some(120) = 240 B", "Milk x1000 @Some(99) = 99 B", "Cash 339", "End(Cut)"];
    check(&dialect("datecs-old"), &sale.concat(), &expected);
}

#[test]
fn frames_without_a_map_are_lines_and_a_card_number_is_in_none() {
    let frame = |data: &[u8]| {
        let check = CheckOptions::default().written(&[data, b"\x03"]);
        [b"\x02", data, b"\x03", &check].concat()
    };
    let bytes = [frame(b"0200|4111111111111111|1200"), vec![6], frame(b"0210|00|OK")].concat();
    let expected =
        ["Unmatched(\"0200|************1111|1200\")", "Unmatched(\"0210|00|OK\")", "End(Idle)"];
    check(&dialect("stx-etx-lrc"), &bytes, &expected);
}

const MAPPED: &str = r#"
[framer]
kind = "line"
[fields]
separator = ";"
key = "="
[[record]]
match = [{ field = 0, is = ["S", "s"] }, { field = "free", there = false }, { field = 1, not = "x" }]
event = "item"
constants = { dept = "7" }
fields = { desc = 1, amount = { at = "cents", decimals = 2 } }
[[record]]
match = { field = 0, is = "P" }
event = "tender"
set = { tender = "CREDIT_CARD" }
fields = { amount = { at = 1, minor = true } }
"#;

#[test]
fn conditions_decide_which_record_it_is() {
    check(
        &written(MAPPED),
        b"S;tea;cents=5\ns;tea;cents=-1250\nS;tea;free=1;cents=5\nS;x;cents=5\nS\nP;7\nP;1.20\n",
        &[
            "tea x1000 @None = 5",
            "tea x1000 @None = -1250",
            "Unmatched(\"S | tea | free=1 | cents=5\")",
            "Unmatched(\"S | x | cents=5\")",
            "Unmatched(\"S\")",
            "CreditCard 7",
            "CreditCard 120",
            "End(Idle)",
        ],
    );
}

#[test]
fn silence_ends_a_document_and_a_loss_leaves_it_incomplete() {
    let dialect = written(&MAPPED.replace("kind = \"line\"", "kind = \"line\"\nidle_ms = 3000"));
    let (mut decoder, mut out) = (Decoder::new(dialect).unwrap(), Vec::new());
    decoder.push(b"P;7\nP;", Mono(0), &mut out);
    assert_eq!(decoder.deadline(), Some(Mono(2_000_000)));
    decoder.tick(Mono(2_000_000), &mut out);
    assert_eq!(
        (decoder.deadline(), decoder.frame_counters().abandoned),
        (Some(Mono(3_000_000)), 1)
    );
    decoder.tick(Mono(3_000_000), &mut out);
    decoder.push(b"P;8\n", Mono(4_000_000), &mut out);
    decoder.broken(&mut out);
    let words: Vec<String> = out.iter().map(word).collect();
    assert_eq!(words, ["CreditCard 7", "End(Idle)", "CreditCard 8", "End(Broken)"]);
    assert_eq!(decoder.counters().documents, 2);
}

#[test]
fn a_document_without_end_ends_at_its_bound() {
    let bytes = b"P;7\n".repeat(limits::DOCUMENT_LINES + 1);
    let (facts, counters) = decode(&written(MAPPED), &[&bytes]);
    assert_eq!((counters.overflow, counters.documents), (1, 2));
    assert!(facts.contains(&PosFact::End(DocumentEnd::Overflow)));
}

proptest! {
    #[test]
    fn facts_do_not_depend_on_how_bytes_were_cut(cuts in prop::collection::vec(0..MONITOR.len(), 0..8)) {
        let dialect = dialect("posnet-monitor");
        let mut cuts = cuts;
        cuts.extend([0, MONITOR.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &MONITOR[cut[0]..cut[1]]).collect();
        prop_assert_eq!(decode(&dialect, &pieces), decode(&dialect, &[MONITOR]));
    }

    #[test]
    fn after_any_garbage_the_next_sale_is_read(
        garbage in prop::collection::vec(any::<u8>(), 0..200),
        place in 0usize..3,
    ) {
        let (id, sale) = [
            ("posnet-monitor", b"\r\n\r2\t17\t3,50\n".to_vec()),
            ("posnet-host", posnet(&["trend\tto350\t"])),
            ("datecs-x", datecs(true, 0x21, 49, b"Bread\t2\t3.50\t1.000\t\t\t1\t")),
        ][place].clone();
        let dialect = dialect(id);
        let (mut decoder, mut out) = (Decoder::new(dialect).unwrap(), Vec::new());
        decoder.push(&garbage, Mono(0), &mut out);
        decoder.tick(Mono(10_000_000), &mut out);
        out.clear();
        decoder.push(&sale, Mono(20_000_000), &mut out);
        decoder.finish(&mut out);
        let whole = |fact: &PosFact| match fact {
            PosFact::Total(total) => *total == 350,
            PosFact::Item(item) => item.amount == 350,
            _ => false,
        };
        prop_assert!(out.iter().any(whole), "{:?}", out);
    }
}
