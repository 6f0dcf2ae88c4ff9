//! Devices whose language nobody said; `tests/it/star.rs` has the streams of others.

use super::*;
use crate::decode::document::printed::lines;
use crate::decode::fact::DocumentEnd;

const ESCPOS: &[u8] = b"\x1B@\x1Bt\x13\x1D!\x11SHOP\x1D!\x00\n\xD5 1.00\n\x1DV\x00";
const STAR: &[u8] = b"\x1B@\x1B\x1Ea\x00\x1B\x1Dt\x04SHOP\n\xD5 1.00\n\x1Bd3";
const TEXT: &[u8] = b"SHOP\r\nTOTAL 1.00\r\n";

/// Each of `documents` with a minute of silence behind it, in pieces of `size`.
fn run(documents: &[&[u8]], size: usize) -> (Vec<DocumentFact>, Auto) {
    let mut auto = Auto::new(AutoOptions::default());
    let mut out = Vec::new();
    for (index, bytes) in documents.iter().enumerate() {
        let now = Mono(index as u64 * 60_000_000);
        bytes.chunks(size).for_each(|chunk| auto.push(chunk, now, &mut out));
        while let Some(deadline) = auto.deadline() {
            auto.tick(deadline, &mut out);
        }
    }
    (out, auto)
}

fn check(documents: &[&[u8]], expected: &[&str], language: Language) {
    let whole = run(documents, usize::MAX);
    assert_eq!(lines(&whole.0), expected);
    assert_eq!(whole.1.language(), language);
    assert!(whole.1.counters().understood());
    let bytes: usize = documents.iter().map(|bytes| bytes.len()).sum();
    assert_eq!(whole.1.counters().bytes, bytes as u64);
    for size in [1, 5, 50] {
        assert_eq!(run(documents, size).0, whole.0, "in pieces of {size}");
    }
}

#[test]
fn each_language_is_found_and_nothing_is_lost() {
    check(&[ESCPOS], &["SHOP", "€ 1.00"], Language::Escpos);
    check(&[STAR], &["SHOP", "€ 1.00"], Language::Star);
    check(&[TEXT], &["SHOP", "TOTAL 1.00"], Language::Text);
    check(&[&ESCPOS.repeat(9)], &["SHOP", "€ 1.00"].repeat(9), Language::Escpos);
}

#[test]
fn what_says_nothing_is_decoded_as_the_language_found_before() {
    check(&[b"A\x1Bd\x03B"], &["A", "B"], Language::Unknown);
    check(&[STAR, b"A\n\x1Bd3B"], &["SHOP", "€ 1.00", "A", "B"], Language::Star);
    let (facts, _) = run(&[STAR, b"A\n\x1Bd3B"], usize::MAX);
    let cuts = facts.iter().filter(|fact| **fact == DocumentFact::End(DocumentEnd::Cut));
    assert_eq!(cuts.count(), 2);
}

#[test]
fn settings_outlive_a_silence_and_plain_lines_change_no_language() {
    check(
        &[b"\x1D!\x00\x1Bt\x13\n", b"\xD5\n", TEXT, b"\xD5\n"],
        &["€", "SHOP", "TOTAL 1.00", "€"],
        Language::Escpos,
    );
}

#[test]
fn commands_after_lines_without_any_are_noticed_at_the_next_document() {
    let receipt = [b"A line\n".repeat(20).as_slice(), b"\x1DV\x00"].concat();
    let (facts, auto) = run(&[&receipt, &receipt, &receipt, &receipt], usize::MAX);
    assert_eq!(auto.language(), Language::Escpos);
    let cuts = facts.iter().filter(|fact| **fact == DocumentFact::End(DocumentEnd::Cut));
    assert_eq!(cuts.count(), 2);
}

#[test]
fn another_device_on_the_port_is_noticed() {
    check(
        &[TEXT, ESCPOS, STAR, STAR],
        &["SHOP", "TOTAL 1.00", "SHOP", "€ 1.00", "SHOP", "€ 1.00", "SHOP", "€ 1.00"],
        Language::Star,
    );
}

#[test]
fn parity_bits_are_stripped() {
    let even = |byte: &u8| byte | if byte.count_ones() % 2 == 1 { 0x80 } else { 0 };
    let bytes: Vec<u8> =
        b"SHOP IN A TOWN\r\nCOFFEE   2.50\r\nTOTAL 2.50\r\n".iter().map(even).collect();
    check(
        &[&bytes, &bytes[..8]],
        &["SHOP IN A TOWN", "COFFEE   2.50", "TOTAL 2.50", "SHOP IN"],
        Language::Text,
    );
}

#[test]
fn held_bytes_wait_for_a_moment_only() {
    let mut auto = Auto::new(AutoOptions::default());
    let mut out = Vec::new();
    auto.push(b"\x1Bp\x00\x32\xFA", Mono(0), &mut out);
    assert!(out.is_empty());
    assert_eq!(auto.deadline(), Some(Mono(0).plus(limits::DETECT_SILENCE)));
    auto.tick(Mono(0).plus(limits::DETECT_SILENCE), &mut out);
    assert_eq!(out, [DocumentFact::DrawerKick]);
    auto.push(b"SHOP", Mono(1_000_000), &mut out);
    auto.broken(&mut out);
    assert_eq!(out.last(), Some(&DocumentFact::End(DocumentEnd::Broken)));
}
