//! What a wire says when it is not a receipt: noise, an endless line, a lost tail, a wrong rate. Each is
//! counted, takes bounded memory, and the next good receipt decodes.

use std::time::Duration;

use tillgate::decode::DocumentFact;
use tillgate::decode::document::{Printer, PrinterOptions};
use tillgate::decode::escpos::EscposOptions;
use tillgate::decode::text::TextOptions;
use tillgate::limits;
use tillgate::time::Mono;

/// Without a command, so that it is a receipt in plain text too.
const RECEIPT: &[u8] = b"\nCoffee          2.50\nTOTAL           2.50\n";

/// Megabytes of noise; a debug build is slow.
const MEGABYTES: usize = 10;

fn printers() -> [(&'static str, Printer); 2] {
    [
        ("escpos", Printer::new(PrinterOptions::Escpos(EscposOptions::default()))),
        ("text", Printer::new(PrinterOptions::Text(TextOptions::default()))),
    ]
}

fn seed() -> u64 {
    let given = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    seed
}

/// Commands of which each leaves a printer in a mode that no plain receipt survives.
const MODES: [&[u8]; 4] = [
    b"\x1b=\x02",      // the display listens
    b"\x1c&",          // double-byte characters
    b"\x1b3\x00\x1bL", // page mode, all lines in one place
    b"\x1dL\x80\x01",  // a wide margin
];

/// Pushes `noise` in `pieces` pieces, then silence, then a receipt: it decodes, and facts stayed few.
fn check(mut noise: impl FnMut() -> Vec<u8>, pieces: usize) {
    for (name, mut printer) in printers() {
        let (mut now, mut facts, mut most) = (Mono(0), Vec::new(), 0);
        for _ in 0..pieces {
            printer.push(&noise(), now, &mut facts);
            now = now.plus(Duration::from_millis(1));
            most = most.max(facts.len());
            facts.clear();
        }
        assert!(most <= 2 * limits::DOCUMENT_BYTES, "{name}: {most} facts of one piece");
        // Silence, twice: a payload is given up, then the document ends.
        for _ in 0..2 {
            now = now.plus(limits::PAYLOAD_IDLE + limits::DOCUMENT_IDLE);
            printer.tick(now, &mut facts);
        }
        facts.clear();
        printer.push(RECEIPT, now, &mut facts);
        printer.finish(&mut facts);
        let lines = facts.iter().filter_map(|fact| match fact {
            DocumentFact::Line(line) => Some(line.text.as_str()),
            _ => None,
        });
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, ["Coffee          2.50", "TOTAL           2.50"], "{name}");
    }
}

#[test]
fn after_megabytes_of_noise_the_next_receipt_decodes() {
    let megabytes = std::env::var("MEGABYTES").ok().and_then(|count| count.parse().ok());
    let mut random = fastrand::Rng::with_seed(seed());
    let megabyte: Vec<u8> = (0..1024 * 1024).map(|_| random.u8(..)).collect();
    // The same megabyte from another place each time: cheap, and never in step with the tokenizer.
    check(
        || megabyte.iter().copied().skip(random.usize(..4096)).collect(),
        megabytes.unwrap_or(MEGABYTES),
    );
}

/// Commands that set, move, print or end something, and how many argument bytes each takes.
const COMMANDS: [(&[u8], usize); 34] = [
    (b"\x1b@", 0),
    (b"\x1bL", 0),
    (b"\x1bS", 0),
    (b"\x1b\x0c", 0),
    (b"\x0c", 0),
    (b"\x18", 0),
    (b"\t", 0),
    (b"\r", 0),
    (b"\n", 0),
    (b"\x1b!", 1),
    (b"\x1b ", 1),
    (b"\x1b3", 1),
    (b"\x1bM", 1),
    (b"\x1bR", 1),
    (b"\x1bt", 1),
    (b"\x1bd", 1),
    (b"\x1b$", 2),
    (b"\x1b\\", 2),
    (b"\x1bW", 8),
    (b"\x1bD\x01\xff\x00", 0),
    (b"\x1b*\x00\x02\x00", 2),
    (b"\x1b*\x01\x02\x00", 2),
    (b"\x1c&", 0),
    (b"\x1c.", 0),
    (b"\x1cC", 1),
    (b"\x1c!", 1),
    (b"\x1c(C\x02\x000", 1),
    (b"\x1d!", 1),
    (b"\x1dL", 2),
    (b"\x1dP", 2),
    (b"\x1d$", 2),
    (b"\x1d\\", 2),
    (b"\x1dV", 1),
    (b"\x1d(k\x08\x001P0", 5),
];

/// Text and commands in any order with any arguments: noise that the tokenizer understands.
fn orders(length: usize, random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < length {
        let (command, arguments) = COMMANDS[random.usize(..COMMANDS.len())];
        bytes.extend_from_slice(command);
        bytes.extend((0..arguments).map(|_| *random.choice(&[0, 1, 2, 0x7f, 0xff]).unwrap()));
        let text = if random.u8(..) == 0 { 2000 } else { random.usize(..4) };
        bytes.extend((0..text).map(|_| random.u8(0x20..)));
    }
    bytes
}

#[test]
fn orders_that_make_no_sense_read_the_same_however_they_are_cut() {
    let mut random = fastrand::Rng::with_seed(seed());
    for _ in 0..8 {
        let bytes = orders(32 * 1024, &mut random);
        let mut facts = [1, 7, 4096, bytes.len()].map(|size| {
            let [(_, mut printer), _] = printers();
            let mut facts = Vec::new();
            bytes.chunks(size).for_each(|piece| printer.push(piece, Mono(0), &mut facts));
            printer.finish(&mut facts);
            facts
        });
        let whole = facts[3].split_off(0);
        assert!(facts[..3].iter().all(|cut| *cut == whole));
    }
}

#[test]
fn an_endless_line_is_broken_and_the_next_receipt_decodes() {
    check(|| vec![b'x'; 64 * 1024], 64);
}

#[test]
fn a_flood_of_nuls_means_nothing() {
    check(|| vec![0; 64 * 1024], 64);
}

#[test]
fn a_raster_without_its_tail_does_not_swallow_the_next_receipt() {
    // GS v 0 of 255 x 65535 bytes, and the device that sent it is gone.
    check(|| b"\x1dv0\x00\xff\x00\xff\xff\x00\x00".to_vec(), 1);
}

#[test]
fn bytes_of_a_wrong_rate_are_survived() {
    let mut random = fastrand::Rng::with_seed(seed());
    // Half the bit rate read as the full one: runs of equal bits.
    let values = [0x00, 0x80, 0xe0, 0xf8, 0xfe, 0x78, 0x66, 0x1e, 0x06, 0xff];
    check(|| (0..4096).map(|_| values[random.usize(..values.len())]).collect(), 32);
}

#[test]
fn no_mode_that_noise_left_outlives_the_silence_after_it() {
    let unknown = b"\x1b\xff".repeat(limits::NOISE_COMMANDS + 1);
    for mode in MODES {
        for cut in [b"".as_slice(), b"\x1bi", b"\x1b@"] {
            check(|| [&unknown, cut, mode].concat(), 1);
        }
    }
}
