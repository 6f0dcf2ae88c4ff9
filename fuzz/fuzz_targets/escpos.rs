//! No printer stream makes the decoder panic, and its facts do not depend on how the bytes were cut. The
//! first byte decides the cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::DocumentFact;
use tillgate::decode::document::{Printer, PrinterOptions};
use tillgate::decode::escpos::EscposOptions;
use tillgate::time::Mono;

fn facts<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<DocumentFact> {
    let mut printer = Printer::new(PrinterOptions::Escpos(EscposOptions::default()));
    let mut facts = Vec::new();
    for piece in pieces {
        printer.push(piece, Mono(0), &mut facts);
    }
    printer.finish(&mut facts);
    facts
}

fuzz_target!(|input: &[u8]| {
    let Some((cut, bytes)) = input.split_first() else { return };
    let size = usize::from(*cut).max(1);
    assert_eq!(facts(bytes.chunks(size)), facts(std::iter::once(bytes)));
});
