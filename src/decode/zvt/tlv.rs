//! The container field: tags with a length and a value, as in BER (ISO/IEC 8825-1), some within others.
//!
//! A tag whose low five bits are set goes on in the next bytes; bit 5 of its first byte says that the value
//! is tags again. Lengths are one byte to 7Fh, `81 n` or `82 high low`.

use crate::limits;

/// One tag that holds no others.
#[derive(Clone, Copy)]
pub(super) struct Tag<'a> {
    /// Its bytes as a number: 07h, 1F07h.
    pub number: u32,
    pub value: &'a [u8],
}

/// Calls `visit` for each tag of `data` that holds no others, in order. `None` if they do not fill `data`
/// exactly; what was visited before that stands.
pub(super) fn walk<'a>(data: &'a [u8], visit: &mut impl FnMut(Tag<'a>)) -> Option<()> {
    within(data, limits::TLV_DEPTH, visit)
}

fn within<'a>(data: &'a [u8], depth: usize, visit: &mut impl FnMut(Tag<'a>)) -> Option<()> {
    let mut rest = data;
    while let Some(first) = rest.first() {
        let (number, after) = number(rest)?;
        let (length, after) = length(after)?;
        let (value, after) = after.split_at_checked(length)?;
        rest = after;
        if first & 0x20 == 0 {
            visit(Tag { number, value });
        } else {
            within(value, depth.checked_sub(1)?, visit)?;
        }
    }
    Some(())
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (&first, mut rest) = bytes.split_first()?;
    let mut number = u32::from(first);
    if first & 0x1F == 0x1F {
        // At most four bytes.
        for _ in 0..3 {
            let (&next, after) = rest.split_first()?;
            number = number << 8 | u32::from(next);
            rest = after;
            if next & 0x80 == 0 {
                return Some((number, rest));
            }
        }
        return None;
    }
    Some((number, rest))
}

/// A length and what follows it.
pub(super) fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    Some(match bytes {
        [short @ 0x00..=0x7F, rest @ ..] => (usize::from(*short), rest),
        [0x81, length, rest @ ..] => (usize::from(*length), rest),
        [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(data: &[u8], expected: &[(u32, &[u8])], exact: bool) {
        let mut found = Vec::new();
        let read = walk(data, &mut |tag| found.push((tag.number, tag.value)));
        assert_eq!((&*found, read.is_some()), (expected, exact), "{data:02x?}");
    }

    #[test]
    fn tags_may_be_long_and_within_others() {
        check(&[0x07, 0x01, b'a', 0x1F, 0x07, 0x01, 0x02], &[(7, b"a"), (0x1F07, &[2])], true);
        check(
            &[0x25, 0x04, 0x07, 0x00, 0x07, 0x00, 0x09, 0x00],
            &[(7, b""), (7, b""), (9, b"")],
            true,
        );
        check(&[0x1F, 0x80, 0x05, 0x00], &[(0x1F_8005, b"")], true);
        check(&[&[0x07, 0x81, 0x80], &[b'x'; 128][..]].concat(), &[(7, &[b'x'; 128])], true);
        check(&[0x07, 0x82, 0x00, 0x01, b'x'], &[(7, b"x")], true);
        check(&[], &[], true);
    }

    #[test]
    fn tags_that_do_not_fit_are_refused() {
        check(&[0x07, 0x00, 0x07, 0x02, b'a'], &[(7, b"")], false);
        check(&[0x07], &[], false);
        check(&[0x1F], &[], false);
        check(&[0x1F, 0x80, 0x80, 0x80, 0x00], &[], false);
        check(&[0x07, 0x80], &[], false);
        let deep: Vec<u8> =
            (0..2 * limits::TLV_DEPTH).rev().flat_map(|n| [0x20, 2 * n as u8]).collect();
        check(&deep, &[], false);
    }
}
