//! Printer streams of Star's languages that others recorded, customer displays, and telling languages apart;
//! where the recordings are at hand.

use crate::corpus::agreement::Agreement;
use crate::corpus::{corpus, files, layout};

use tillgate::decode::DocumentFact;
use tillgate::decode::document::PrinterCounters;
use tillgate::decode::star::{Decoder, StarOptions};
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
