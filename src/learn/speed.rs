//! Whether bytes were read at the right speed: at a wrong one they are noise.
//!
//! A wrong rate makes bytes with framing errors, which the driver drops or delivers as NUL, and bytes that mean
//! nothing. So a score is the share of bytes that mean something, less when no line ever ends.

use crate::decode::detect::{Evidence, bit7};

/// Rates to try, the likely ones first.
pub const RATES: &[u32] = &[9600, 19200, 38400, 115_200, 57600, 4800, 2400, 1200];

/// A score from which a speed is taken for right.
pub const RIGHT: u32 = 90;

/// What was read at one speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// 0 to 100.
    pub score: u32,
    /// What bit 7 is, as far as the bytes tell.
    pub bit7: Option<bit7::Bit7>,
}

/// Judges bytes; `errors` are framing and parity errors that the driver counted meanwhile.
#[must_use]
pub fn judge(bytes: &[u8], errors: u64) -> Judgement {
    let mut statistic = bit7::Statistic::default();
    statistic.add(bytes);
    let guess = statistic.guess();
    let mut stripped = bytes.to_vec();
    if guess.is_some_and(bit7::Bit7::is_parity) {
        bit7::strip(&mut stripped);
    }
    let means =
        |byte: &&u8| matches!(byte, 0x20..=0x7E | b'\r' | b'\n' | b'\t' | 0x0C | 0x1B..=0x1D);
    let good = stripped.iter().filter(means).count();
    let high = stripped.iter().filter(|byte| 0x80 <= **byte).count();
    // Some letters are beyond ASCII; most are not.
    let good = if high * 4 <= stripped.len() { good + high } else { good };
    let total = stripped.len() + usize::try_from(errors).unwrap_or(usize::MAX / 2).min(1 << 30);
    let mut score = (good * 100).checked_div(total).unwrap_or(0);
    if Evidence::of(&stripped).line_ends == 0 {
        score /= 2;
    }
    Judgement { score: u32::try_from(score).unwrap_or(100), bit7: guess }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::detect::bit7::Bit7;

    const TEXT: &[u8] =
        b"\x1B@SHOP\r\nCaf\x82          2.50\r\nTEE           3.00\r\nTOTAL  5.50\r\n";

    fn check(bytes: &[u8], errors: u64, right: bool) {
        let found = judge(bytes, errors);
        assert_eq!(RIGHT <= found.score, right, "{found:?}");
    }

    #[test]
    fn text_is_right_and_noise_is_not() {
        check(TEXT, 0, true);
        check(TEXT, 40, false);
        check(b"", 0, false);
        check(&[b'U'; 80], 0, false);
        let noise: Vec<u8> =
            (0..200u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        check(&noise, 0, false);
        // Twice too fast: each bit is read twice.
        let double =
            |byte: &u8| (0..4).fold(0u8, |out, bit| out | (((byte >> bit) & 1) * (3 << (2 * bit))));
        check(&TEXT.iter().map(double).collect::<Vec<_>>(), 0, false);
    }

    #[test]
    fn seven_bits_with_parity_are_text_too() {
        let even = |byte: &u8| byte & 0x7F | u8::from((byte & 0x7F).count_ones() % 2 == 1) << 7;
        let bytes: Vec<u8> = TEXT.iter().map(even).collect();
        check(&bytes, 0, true);
        assert_eq!(judge(&bytes, 0).bit7, Some(Bit7::Even));
    }
}
