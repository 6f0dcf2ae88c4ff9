//! No journal makes the decoder panic, and its facts do not depend on how the bytes were cut. The first byte
//! decides the cut and the page.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::DocumentFact;
use tillgate::decode::codepage::CodePage;
use tillgate::decode::document::{Printer, PrinterOptions};
use tillgate::decode::text::TextOptions;
use tillgate::time::Mono;

fn facts<'a>(page: Option<&str>, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<DocumentFact> {
    let page = page.and_then(CodePage::named);
    let options = TextOptions { page, ..TextOptions::default() };
    let mut printer = Printer::new(PrinterOptions::Text(options));
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
    let page = [None, Some("cp858"), Some("shift_jis"), Some("gb18030")][size % 4];
    assert_eq!(facts(page, bytes.chunks(size)), facts(page, std::iter::once(bytes)));
});
