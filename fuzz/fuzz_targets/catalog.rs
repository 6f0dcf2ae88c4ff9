//! Any text as a catalogue: products or mistakes with places, never a panic; and every product is found by its codes.
#![no_main]

use std::io::Write as _;

use libfuzzer_sys::fuzz_target;
use tillgate::agent::catalog::catalog;
use tillgate::config::reload_catalog;
use tillgate_events::Currency;

fuzz_target!(|text: &str| {
    let (suffix, text) = match text.strip_prefix('\0') {
        Some(toml) => ("toml", toml),
        None => ("csv", text),
    };
    let file = std::env::temp_dir().join(format!("fuzz-catalog-{}.{suffix}", std::process::id()));
    std::fs::File::create(&file).and_then(|mut it| it.write_all(text.as_bytes())).unwrap();
    let currency = Currency::new("EUR").unwrap();
    match reload_catalog(&file, currency) {
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            assert!(mistakes.iter().all(|it| it.line > 0 && it.column > 0));
        }
        Ok(products) => {
            let known = catalog(&products);
            for product in &products {
                for code in product.gtins.iter().chain(&product.plus) {
                    assert!(known.find(Some(code), "").is_some());
                }
            }
        }
    }
});
