//! No dialect file makes the loader panic, and no line or barcode makes a loaded grammar panic. The input is a file
//! and lines for it, split at the first NUL byte; without one it is all file. A line that begins with `[` is a barcode.
//!
//! A file that names a built-in dialect with rules takes a hundred times as long as any other, because hundreds of
//! patterns are compiled for it. So only every 1024th of these is loaded, always the same ones; what those patterns
//! make of lines is the business of `grammar`, which compiles them once.
#![no_main]

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use libfuzzer_sys::{Corpus, fuzz_target};
use tillgate::decode::dialect::{BUILTIN, Dialect, Grammar, Setting};
use tillgate::decode::{DocumentEnd, DocumentFact, LayoutLine};
use tillgate_events::Currency;

/// Of files that take long so many are passed over for one that is loaded.
const SELDOM: u64 = 1024;

fn takes_long(file: &str) -> bool {
    let rules = |text: &str| text.contains("[[rule]]") || text.contains("extends");
    file.contains("extends") && BUILTIN.iter().any(|(id, text)| rules(text) && file.contains(id))
}

fn is_passed_over(input: &str) -> bool {
    let mut hash = DefaultHasher::new();
    input.hash(&mut hash);
    hash.finish() % SELDOM != 0
}

fuzz_target!(|input: &str| -> Corpus {
    let Some(currency) = Currency::new("EUR") else { return Corpus::Reject };
    let (file, lines) = input.split_once('\0').unwrap_or((input, ""));
    if takes_long(file) && is_passed_over(input) {
        // Kept as it is: another change of it may be loaded.
        return Corpus::Keep;
    }
    let setting = Setting { currency, decimal: None };
    let Ok(dialect) = Dialect::parse("fuzz", file, &setting) else { return Corpus::Keep };
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
    Corpus::Keep
});
