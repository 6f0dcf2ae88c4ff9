//! No printer stream makes Star's decoder or the one of unknown languages panic, and their facts do not depend
//! on how the bytes were cut. The first byte decides the cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::DocumentFact;
use tillgate::decode::document::{AutoOptions, Printer, PrinterOptions};
use tillgate::decode::star::StarOptions;
use tillgate::time::Mono;

fn facts<'a>(
    options: &PrinterOptions,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Vec<DocumentFact> {
    let mut printer = Printer::new(options.clone());
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
    let star = PrinterOptions::Star(StarOptions::default());
    let auto = PrinterOptions::Auto(AutoOptions::default());
    for options in [star, auto] {
        assert_eq!(facts(&options, bytes.chunks(size)), facts(&options, std::iter::once(bytes)));
    }
});
