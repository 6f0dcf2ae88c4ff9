//! Barcodes and two-dimensional symbols: payloads to the text they carry.

/// (`m` of `GS k` up to 6, `m` from 41h on, name).
const BARCODES: &[(u8, u8, &str)] = &[
    (0, 0x41, "UPC-A"),
    (1, 0x42, "UPC-E"),
    (2, 0x43, "EAN13"),
    (3, 0x44, "EAN8"),
    (4, 0x45, "CODE39"),
    (5, 0x46, "ITF"),
    (6, 0x47, "CODABAR"),
    (0xFF, 0x48, "CODE93"),
    (0xFF, 0x49, "CODE128"),
    (0xFF, 0x4A, "GS1-128"),
    (0xFF, 0x4B, "GS1-DATABAR"),
    (0xFF, 0x4C, "GS1-DATABAR"),
    (0xFF, 0x4D, "GS1-DATABAR"),
    (0xFF, 0x4E, "GS1-DATABAR"),
    (0xFF, 0x4F, "CODE128"),
];

/// (`cn` of `GS ( k`, name).
const SYMBOLS: &[(u8, &str)] = &[
    (0x30, "PDF417"),
    (0x31, "QR"),
    (0x32, "MAXICODE"),
    (0x33, "GS1-DATABAR"),
    (0x34, "GS1-COMPOSITE"),
    (0x35, "AZTEC"),
    (0x36, "DATAMATRIX"),
];

/// What `GS k` with these arguments prints.
pub(super) fn barcode(args: &[u8], payload: &[u8]) -> Option<(&'static str, String)> {
    let (mode, ..) = args.split_first()?;
    let (_, _, name) = BARCODES.iter().find(|(a, b, _)| a == mode || b == mode)?;
    let data = if *mode == 0x49 { code128(payload) } else { text(payload) };
    Some((*name, data))
}

/// The symbols stored by `GS ( k` until they are printed, one of each kind.
#[derive(Default)]
pub(super) struct Symbols([Option<String>; SYMBOLS.len()]);

impl Symbols {
    /// Takes the payload of `GS ( k`: stores data, or says what is printed.
    pub fn take(&mut self, payload: &[u8]) -> Option<(&'static str, String)> {
        let (kind, function, data) = match *payload {
            [kind, function, _, ref data @ ..] => (kind, function, data),
            _ => return None,
        };
        let place = SYMBOLS.iter().position(|(cn, _)| *cn == kind)?;
        let (_, name) = SYMBOLS.get(place)?;
        let slot = self.0.get_mut(place)?;
        match function {
            0x50 => *slot = Some(text(data)),
            0x51 => return slot.clone().map(|data| (*name, data)),
            _ => {}
        }
        None
    }
}

/// Code 128 data: `{A`, `{B`, `{C` choose the code set, `{{` is a brace, other `{x` are functions; a byte
/// in code set C is two digits.
fn code128(payload: &[u8]) -> String {
    let mut out = Vec::with_capacity(payload.len());
    let mut pairs = false;
    let mut bytes = payload.iter();
    while let Some(byte) = bytes.next() {
        match (byte, pairs) {
            (b'{', _) => match bytes.next() {
                Some(b'{') => out.push(b'{'),
                Some(set @ (b'A' | b'B' | b'C')) => pairs = *set == b'C',
                _ => {}
            },
            (0..=99, true) => out.extend([b'0' + byte / 10, b'0' + byte % 10]),
            _ => out.push(*byte),
        }
    }
    text(&out)
}

/// Printable characters of UTF-8, or of Latin-1 where it is none.
pub(in crate::decode) fn text(payload: &[u8]) -> String {
    let printable = |c: &char| !c.is_control();
    match std::str::from_utf8(payload) {
        Ok(text) => text.chars().filter(printable).collect(),
        Err(_) => payload.iter().map(|byte| char::from(*byte)).filter(printable).collect(),
    }
}
