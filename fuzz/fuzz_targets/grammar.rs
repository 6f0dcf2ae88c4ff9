//! No line, barcode or drawer kick makes the grammar of any built-in dialect panic. The first byte names the dialect,
//! the rest is text: a form feed ends a document, a line that begins with `[` is a barcode, an empty one a kick.
//!
//! Each dialect's patterns are compiled when it is first named.
#![no_main]

use std::sync::{Arc, LazyLock, OnceLock};

use libfuzzer_sys::fuzz_target;
use tillgate::decode::dialect::{BUILTIN, Dialect, Grammar, Setting};
use tillgate::decode::{DocumentEnd, DocumentFact, LayoutLine, PosFact};
use tillgate_events::Currency;

static DIALECTS: LazyLock<Vec<OnceLock<Option<Arc<Dialect>>>>> =
    LazyLock::new(|| BUILTIN.iter().map(|_| OnceLock::new()).collect());

fn dialect(number: usize) -> Option<Arc<Dialect>> {
    let place = number % BUILTIN.len();
    let (id, _) = BUILTIN.get(place)?;
    let compile = || {
        let setting = Setting { currency: Currency::new("EUR")?, decimal: None };
        Dialect::builtin(id, &setting)?.ok().map(Arc::new)
    };
    DIALECTS.get(place)?.get_or_init(compile).clone()
}

fuzz_target!(|input: &[u8]| {
    let Some((first, text)) = input.split_first() else { return };
    let Some(dialect) = dialect(usize::from(*first)) else { return };
    let mut grammar = Grammar::new(dialect);
    let mut facts = Vec::new();
    for document in String::from_utf8_lossy(text).split('\x0c') {
        for line in document.split('\n') {
            let fact = match line.strip_prefix('[') {
                _ if line.is_empty() => DocumentFact::DrawerKick,
                Some(data) => DocumentFact::Barcode { symbology: "QR", data: data.to_owned() },
                None => DocumentFact::Line(LayoutLine {
                    text: line.to_owned(),
                    ..LayoutLine::default()
                }),
            };
            grammar.step(fact, &mut facts);
        }
        grammar.step(DocumentFact::End(DocumentEnd::Cut), &mut facts);
        assert!(!grammar.is_open());
        facts.retain(|fact| matches!(fact, PosFact::End(_)));
    }
});
