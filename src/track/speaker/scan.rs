//! Scans to `barcode_scanned`: one each, because two scans of an article are two pieces.
//!
//! A person's document leaves only the word that one was scanned. An element string that had to be redacted is
//! written from its redacted parts, as `(01)04012345678901(10)A7`.

use std::fmt::Write as _;

use tillgate_events::{BarcodeScanned, Body, Record};

use super::Speaker;
use crate::decode::ScanFact;
use crate::limits;
use crate::time::{Mono, Now};

/// One scanner.
#[derive(Debug)]
pub struct ScanTracker {
    speaker: Speaker,
}

impl ScanTracker {
    /// The scanner of this register.
    #[must_use]
    pub fn new(speaker: Speaker) -> Self {
        Self { speaker }
    }

    /// Takes a scan; appends its record.
    pub fn step(&mut self, now: Now, fact: ScanFact, out: &mut Vec<Record>) {
        let data = data(&fact);
        let body = BarcodeScanned {
            terminal_id: self.speaker.terminal.clone(),
            symbology: fact.symbology.to_owned(),
            gtin: fact.gtin.filter(|_| !fact.id),
            data,
        };
        out.push(self.speaker.record(now.wall, Body::BarcodeScanned(body)));
    }

    /// Nothing waits here.
    pub fn tick(&mut self, _now: Now, _out: &mut Vec<Record>) {}

    /// Nothing waits here.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        None
    }
}

fn data(fact: &ScanFact) -> String {
    if fact.id {
        return String::new();
    }
    let mut data = fact.data.clone();
    if data.is_empty() {
        for element in &fact.elements {
            let _ = write!(data, "({}){}", element.ai, element.value);
        }
    }
    data.chars().take(limits::SCAN_BYTES).collect()
}
