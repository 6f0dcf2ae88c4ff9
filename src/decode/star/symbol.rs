//! Barcodes, QR codes and PDF417: payloads to the text they carry.

use crate::decode::escpos::symbol::text;

/// Names of the types of `ESC b`, by number.
const BARCODES: &[&str] =
    &["UPC-E", "UPC-A", "EAN8", "EAN13", "CODE39", "ITF", "CODE128", "CODE93", "CODABAR"];

/// The type that writes characters which have no key as `%` and another character.
const CODE128: usize = 6;

/// What `ESC b n1 n2 n3 n4 … RS` prints.
pub(super) fn barcode(kind: u8, payload: &[u8]) -> Option<(&'static str, String)> {
    // Types are numbers or digits.
    let kind = usize::from(if kind < b'0' { kind } else { kind - b'0' });
    let name = BARCODES.get(kind)?;
    Some((name, if kind == CODE128 { code128(payload) } else { text(payload) }))
}

/// The symbols that are stored until they are printed, one of each kind.
#[derive(Default)]
pub(super) struct Symbols {
    qr: Option<String>,
    pdf417: Option<String>,
}

impl Symbols {
    /// `ESC GS y` or `ESC GS x` with data.
    pub fn store(&mut self, kind: u8, payload: &[u8]) {
        *(if kind == b'y' { &mut self.qr } else { &mut self.pdf417 }) = Some(text(payload));
    }

    /// What `ESC GS y P` or `ESC GS x P` prints.
    pub fn print(&self, kind: u8) -> Option<(&'static str, String)> {
        let (name, data) = if kind == b'y' { ("QR", &self.qr) } else { ("PDF417", &self.pdf417) };
        data.clone().map(|data| (name, data))
    }
}

/// Code 128 data: `%0` is a percent sign, any other `%x` a function or a control character.
fn code128(payload: &[u8]) -> String {
    let mut out = Vec::with_capacity(payload.len());
    let mut bytes = payload.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' if bytes.next() == Some(&b'0') => out.push(b'%'),
            b'%' => {}
            _ => out.push(*byte),
        }
    }
    text(&out)
}
