//! Scans in a stock mode, and which devices are asked.

use tillgate_events::Currency;

use super::*;
use crate::decode::dialect::Setting;

fn dialect(text: &str) -> Arc<Dialect> {
    let setting = Setting { currency: Currency::new("EUR").unwrap(), decimal: None };
    let text = format!("schema = 1\nid = \"x\"\n{text}");
    Arc::new(Dialect::parse("x", &text, &setting).unwrap_or_else(|error| panic!("{error}")))
}

/// What is read of these scans: the data of a scan, or a fact of a rule in short.
fn check(text: &str, scans: &[u8], expected: &[&str]) {
    let (mut device, mut out) = (Device::new(&dialect(text)).unwrap().unwrap(), Vec::new());
    device.push(scans, Mono(0), &mut out);
    device.finish(&mut out);
    let words = out.iter().map(|fact| match fact {
        DeviceFact::Scan(scan) if scan.id => "document".to_owned(),
        DeviceFact::Scan(scan) => scan.data.clone(),
        DeviceFact::Pos(fact) => fact.short().unwrap_or_else(|| format!("{fact:?}")),
        other => panic!("{other:?}"),
    });
    assert_eq!(words.collect::<Vec<_>>(), expected);
}

#[test]
fn a_card_beside_the_scanner_starts_a_stock_mode_and_another_ends_it() {
    let rules = "extends = \"scanner-aim\"\n\
        [[rule]]\non = \"barcode\"\nevent = \"skip\"\nre = '^MODE-RESTOCK$'\ngoto = \"restock\"\n\
        [[rule]]\non = \"barcode\"\nevent = \"skip\"\nre = '^MODE-SALE$'\ngoto = \"header\"\n\
        [[rule]]\non = \"barcode\"\nevent = \"stock\"\nin = [\"restock\"]\nset = { reason = \"restock\" }\n\
        re = '^(?P<sku>\\d{8,14})$'\n";
    check(
        rules,
        b"]E04006381333931\r]C0MODE-RESTOCK\r]E04006381333931\r]C0MODE-SALE\r]E04006381333931\r",
        &["4006381333931", "[stock restock 4006381333931 x 1]", "4006381333931"],
    );
}

#[test]
fn a_document_of_a_person_is_asked_of_no_rule() {
    let rules =
        "extends = \"scanner-aim\"\n[[rule]]\non = \"barcode\"\nevent = \"skip\"\nre = '.*'\n";
    check(rules, b"]L0@\n\x1e\rANSI 636000\r", &["document"]);
}

#[test]
fn only_scales_that_wait_are_asked() {
    let poll = |text: &str| Device::new(&dialect(text)).unwrap().unwrap().poll();
    let scale = |protocol| {
        poll(&format!("[framer]\nkind = \"scale\"\nprotocol = \"{protocol}\"\npoll_ms = 250"))
    };
    let every = std::time::Duration::from_millis(250);
    assert_eq!(scale("nci"), Some(Poll { request: b"W\r", every, reply: None }));
    assert_eq!(scale("cas-pd"), Some(Poll { request: &[5], every, reply: Some((6, &[0x11])) }));
    assert_eq!(scale("cas"), None);
    assert_eq!(poll("extends = \"zvt\""), None);
    assert!(Device::new(&dialect("extends = \"star-generic\"")).unwrap().is_none());
}
