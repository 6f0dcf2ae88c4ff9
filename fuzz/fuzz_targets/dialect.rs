//! No dialect file makes the loader panic, and no line or barcode makes a loaded grammar panic. The input is a file
//! and lines for it, split at the first NUL byte; without one it is all file. A line that begins with `[` is a barcode.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use tillgate::decode::dialect::{Dialect, Grammar, Setting};
use tillgate::decode::{DocumentEnd, DocumentFact, LayoutLine};
use tillgate_events::Currency;

fuzz_target!(|input: &str| {
    let Some(currency) = Currency::new("EUR") else { return };
    let (file, lines) = input.split_once('\0').unwrap_or((input, ""));
    let setting = Setting { currency, decimal: None };
    let Ok(dialect) = Dialect::parse("fuzz", file, &setting) else { return };
    let mut grammar = Grammar::new(Arc::new(dialect));
    let mut facts = Vec::new();
    for line in lines.lines() {
        let fact = match line.strip_prefix('[') {
            Some(data) => DocumentFact::Barcode { symbology: "QR", data: data.to_owned() },
            None => {
                DocumentFact::Line(LayoutLine { text: line.to_owned(), ..LayoutLine::default() })
            }
        };
        grammar.step(fact, &mut facts);
    }
    grammar.step(DocumentFact::End(DocumentEnd::Cut), &mut facts);
});
