//! Printer streams of Star's languages that others recorded, customer displays, and telling languages apart;
//! where the recordings are at hand.

use std::path::PathBuf;

use crate::corpus::agreement::Agreement;
use crate::corpus::{corpus, files, layout, seed};

use tillgate::decode::DocumentFact;
use tillgate::decode::detect::{Evidence, Language};
use tillgate::decode::display::{self, DisplayOptions, DisplaySet};
use tillgate::decode::document::{AutoOptions, Printer, PrinterCounters, PrinterOptions};
use tillgate::decode::escpos::EscposOptions;
use tillgate::decode::star::{Decoder, StarOptions};
use tillgate::decode::text::TextOptions;
use tillgate::limits;
use tillgate::time::Mono;

/// Star's emitters of receiptline. Star's graphic mode sends no text.
const EMITTERS: &[&str] =
    &[".starsbcs.bin", ".starlinesbcs.bin", ".emustarlinesbcs.bin", ".starimpact.bin"];

fn decode(bytes: &[u8], chunk: usize) -> (Vec<DocumentFact>, PrinterCounters) {
    let mut decoder = Decoder::new(StarOptions::default());
    let mut facts = Vec::new();
    for piece in bytes.chunks(chunk.max(1)) {
        decoder.push(piece, Mono(0), &mut facts);
    }
    decoder.finish(&mut facts);
    (facts, decoder.counters().clone())
}

#[test]
fn star_streams_go_through_with_nothing_unknown_however_they_are_cut() {
    let Some(folder) = corpus("receiptline") else { return };
    let streams = files(&folder, &[EMITTERS, &[".stargraphic.bin"]].concat());
    for path in &streams {
        let bytes = std::fs::read(path).unwrap();
        let whole = decode(&bytes, bytes.len());
        assert!(whole.1.understood() && whole.1.dropped == 0, "{}: {:?}", path.display(), whole.1);
        for chunk in [1, 2, 7, 64] {
            assert_eq!(decode(&bytes, chunk), whole, "{} in {chunk}", path.display());
        }
    }
    println!("{} Star streams: 0 unknown commands, 0 overflows", streams.len());
}

#[test]
fn star_lines_agree_with_the_text_of_receiptline() {
    let Some(folder) = corpus("receiptline") else { return };
    let mut report = Agreement::default();
    for path in files(&folder, EMITTERS) {
        let bytes = std::fs::read(&path).unwrap();
        let (facts, _) = decode(&bytes, bytes.len());
        report.compare_with_text(&folder, &path, &layout(&facts));
    }
    report.finish("receiptline, Star");
}

/// Every complete printer stream of the corpus with its language.
fn all_streams() -> Vec<(PathBuf, Language)> {
    let escpos: &[&str] = &[
        ".epson.bin",
        ".escpos.bin",
        ".generic.bin",
        ".fit.bin",
        ".impact.bin",
        ".sii.bin",
        ".citizen.bin",
    ];
    let star = [EMITTERS, &[".stargraphic.bin"]].concat();
    let kinds: [(&str, &[&str], Language); 7] = [
        ("escpos-php", &[".bin"], Language::Escpos),
        ("escpresso", &[".raw"], Language::Escpos),
        ("python-escpos", &[".bin"], Language::Escpos),
        ("receiptline", escpos, Language::Escpos),
        ("receiptline", &star, Language::Star),
        ("receiptline", &[".expected.txt"], Language::Text),
        ("python-escpos", &[".json"], Language::Text),
    ];
    let there = kinds.iter().filter_map(|(folder, ends, kind)| Some((corpus(folder)?, ends, kind)));
    there
        .flat_map(|(folder, ends, kind)| files(&folder, ends).into_iter().map(|path| (path, *kind)))
        .collect()
}

#[test]
fn no_stream_is_taken_for_another_language() {
    let streams = all_streams();
    let mut unknown = Vec::new();
    for (path, language) in &streams {
        let bytes = std::fs::read(path).unwrap();
        let evidence = Evidence::of(&bytes[..bytes.len().min(limits::DETECT_BYTES)]);
        match evidence.language() {
            Language::Unknown => unknown.push(format!("{}: {evidence}", path.display())),
            found => assert_eq!(found, *language, "{}: {evidence}", path.display()),
        }
    }
    println!(
        "{} of {} streams are told by {} bytes, none wrong; unknown:\n{}",
        streams.len() - unknown.len(),
        streams.len(),
        limits::DETECT_BYTES,
        unknown.join("\n")
    );
    assert!(unknown.len() * 10 <= streams.len());
}

#[test]
fn a_printer_of_unknown_language_says_the_same_as_the_right_decoder() {
    let printers = [
        (Language::Escpos, PrinterOptions::Escpos(EscposOptions::default())),
        (Language::Star, PrinterOptions::Star(StarOptions::default())),
        (Language::Text, PrinterOptions::Text(TextOptions::default())),
    ];
    for (path, language) in all_streams() {
        let bytes = std::fs::read(&path).unwrap();
        let facts = |options: PrinterOptions| {
            let mut printer = Printer::new(options);
            let mut facts = Vec::new();
            bytes.chunks(61).for_each(|chunk| printer.push(chunk, Mono(0), &mut facts));
            printer.finish(&mut facts);
            (facts, printer.counters().clone())
        };
        let right = printers.iter().find(|(kind, _)| *kind == language).unwrap().1.clone();
        let auto = facts(PrinterOptions::Auto(AutoOptions::default()));
        assert_eq!(auto, facts(right), "{}", path.display());
    }
}

/// The commands of the list for customer displays: name and bytes.
fn display_rows() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = corpus("escposutils") else { return Vec::new() };
    let list = std::fs::read_to_string(folder.join("tokens.tsv")).unwrap();
    let rows = list.lines().filter(|line| line.starts_with("vfd"));
    rows.map(|line| {
        let [_, name, hex] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (name.to_owned(), (0..hex.len()).step_by(2).map(byte).collect())
    })
    .collect()
}

/// A display that was told this shows the sentinel, and so many commands were unknown.
fn check_display(what: &str, bytes: &[u8], unknown: u64, chunk: usize) {
    let mut display = display::Decoder::new(DisplayOptions::default());
    let mut facts = Vec::new();
    // Whatever the command did: the sentinel is alone on a display set afresh.
    let stream = [bytes, b"\x1B@Sentinel"].concat();
    stream.chunks(chunk).for_each(|chunk| display.push(chunk, Mono(0), &mut facts));
    display.finish(&mut facts);
    let lines: Vec<_> = layout(&facts).iter().map(|line| line.text.clone()).collect();
    assert_eq!(display.counters().unknown, unknown, "{what}");
    assert_eq!(lines, ["Sentinel"], "{what}");
}

#[test]
fn every_display_command_of_the_list_is_consumed_exactly() {
    let rows = display_rows();
    for (name, bytes) in &rows {
        // The list counts a DLE as a command's start, which no display has.
        let unknown = u64::from(name.ends_with("Unknown") && bytes[0] != 0x10);
        for chunk in [1, 2, 3, 100] {
            check_display(name, bytes, unknown, chunk);
        }
    }
    // Many bytes that mean nothing are noise.
    let known = rows.iter().filter(|(name, _)| !name.ends_with("Unknown") && name != "Controls");
    let all: Vec<u8> = known.flat_map(|(_, bytes)| bytes.clone()).collect();
    check_display("all of them", &all, 0, 7);
    println!("{} display commands", rows.len());
}

/// Without a command, so that it is a receipt in any printer's language.
const RECEIPT: &[u8] = b"\nCoffee          2.50\nTOTAL           2.50\n";

#[test]
fn after_noise_and_silence_the_next_receipt_decodes() {
    let seed = seed();
    let mut random = fastrand::Rng::with_seed(seed);
    let mut devices =
        vec![("Star", PrinterOptions::Star(StarOptions::default()), RECEIPT.to_vec())];
    let rows: &[u8] = b"Coffee          2.50TOTAL           2.50";
    for (name, set, clear) in [
        ("Epson", DisplaySet::Epson, b"\x0C"),
        ("CD5220", DisplaySet::Cd5220, b"\x0C"),
        ("UTC", DisplaySet::Utc, b"\x1F"),
    ] {
        let options = DisplayOptions { set, ..DisplayOptions::default() };
        devices.push((name, PrinterOptions::Display(options), [clear, rows].concat()));
    }
    for round in 0..40 {
        let noise: Vec<u8> = (0..random.usize(1..20_000)).map(|_| random.u8(..)).collect();
        for (name, options, receipt) in &devices {
            let (mut printer, mut facts) = (Printer::new(options.clone()), Vec::new());
            printer.push(&noise, Mono(0), &mut facts);
            let later = Mono(0).plus(limits::PAYLOAD_IDLE * 4);
            while let Some(deadline) = printer.deadline().filter(|deadline| *deadline <= later) {
                printer.tick(deadline, &mut facts);
            }
            facts.clear();
            printer.push(receipt, later, &mut facts);
            printer.finish(&mut facts);
            let lines = layout(&facts).iter().map(|line| line.text.clone()).collect::<Vec<_>>();
            let lines: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
            let expected = ["Coffee          2.50", "TOTAL           2.50"];
            assert_eq!(
                lines,
                expected,
                "seed {seed} round {round}: {name} after {} bytes",
                noise.len()
            );
        }
    }
}
