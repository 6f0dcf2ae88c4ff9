//! No request for metrics makes the answer panic; one whose head is whole or too long is answered, and what follows
//! changes nothing. The first byte decides how much comes at first.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::agent::metrics::http::answer;
use tillgate::limits::METRICS_REQUEST_BYTES;

fuzz_target!(|input: &[u8]| {
    let [cut, bytes @ ..] = input else { return };
    let ask = |bytes: &[u8]| answer(bytes, || "page\n".to_owned());
    let part = ask(bytes.get(..usize::from(*cut)).unwrap_or(bytes));
    let whole = ask(bytes);
    assert!(part.is_none() || part == whole);
    assert!(whole.is_some() || bytes.len() <= METRICS_REQUEST_BYTES);
    if let Some(told) = whole {
        assert!(told.starts_with(b"HTTP/1.1 "));
    }
});
