//! Any bytes as the records of a machine, in two pieces and in one: the same facts, no panic, nothing left open.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use tillgate::decode::PosFact;
use tillgate::decode::dialect::{Dialect, Setting};
use tillgate::decode::record::Decoder;
use tillgate::time::Mono;
use tillgate_events::Currency;

const IDS: [&str; 5] = ["posnet-monitor", "posnet-host", "datecs-x", "datecs-old", "stx-etx-lrc"];

static DIALECTS: LazyLock<Vec<Arc<Dialect>>> = LazyLock::new(|| {
    let currency = Currency::new("PLN").expect("three letters");
    let setting = Setting { currency, decimal: None };
    let dialect = |id| Dialect::builtin(id, &setting).expect("built in").expect("without mistakes");
    IDS.map(dialect).into_iter().map(Arc::new).collect()
});

fuzz_target!(|data: &[u8]| {
    let [which, cut, bytes @ ..] = data else { return };
    let dialect = &DIALECTS[usize::from(*which) % IDS.len()];
    let (head, tail) = bytes.split_at(usize::from(*cut).min(bytes.len()));
    assert_eq!(facts(dialect, &[head, tail]), facts(dialect, &[bytes]));
});

fn facts(dialect: &Arc<Dialect>, pieces: &[&[u8]]) -> Vec<PosFact> {
    let (mut decoder, mut out) = (Decoder::new(Arc::clone(dialect)).expect("frames"), Vec::new());
    for piece in pieces {
        decoder.push(piece, Mono(0), &mut out);
    }
    decoder.finish(&mut out);
    assert!(decoder.deadline().is_none());
    out
}
