//! Hexadecimal digits to bytes, without allocating.

/// Reads `text` into `out`; how many bytes it is, or `None` where it is no such text or too long.
pub(super) fn read(text: &str, out: &mut [u8]) -> Option<usize> {
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    if !odd.is_empty() || pairs.len() > out.len() {
        return None;
    }
    for ([high, low], byte) in pairs.iter().zip(out) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(pairs.len())
}

fn digit(character: u8) -> Option<u8> {
    char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
