//! Fields of a record: a number (BMP), for some a length in digits, a value.
//!
//! A length digit is one byte, Fxh: `F1 F5` is 15. Fields without one have a fixed length.

/// One field.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub number: u8,
    pub value: &'a [u8],
}

/// Why the fields of a record could not be read to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// No field of this number is known, so its length is not either.
    Unknown(u8),
    /// The record is over before the field is, or its length is none.
    Short,
}

/// The fields in `data`, and last why they stopped if they did before its end.
pub(super) fn fields(data: &[u8]) -> impl Iterator<Item = Result<Field<'_>, Stop>> {
    let mut rest = data;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let taken = take(rest);
        rest = taken.as_ref().map_or(&[], |(_, after)| after);
        Some(taken.map(|(field, _)| field))
    })
}

/// How long a field is.
enum Size {
    Bytes(usize),
    /// So many digits of length come first.
    Digits(usize),
    /// A length as in BER comes first.
    Container,
}

fn take(bytes: &[u8]) -> Result<(Field<'_>, &[u8]), Stop> {
    let (&number, rest) = bytes.split_first().ok_or(Stop::Short)?;
    let (length, rest) = match size(number).ok_or(Stop::Unknown(number))? {
        Size::Bytes(length) => (length, rest),
        Size::Digits(count) => {
            let (digits, rest) = rest.split_at_checked(count).ok_or(Stop::Short)?;
            (decimal(digits).ok_or(Stop::Short)?, rest)
        }
        Size::Container => super::tlv::length(rest).ok_or(Stop::Short)?,
    };
    let (value, rest) = rest.split_at_checked(length).ok_or(Stop::Short)?;
    Ok((Field { number, value }, rest))
}

fn decimal(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0, |sum, digit| {
        (0xF0..=0xF9).contains(digit).then(|| sum * 10 + usize::from(digit & 0x0F))
    })
}

/// All fields of the interface, read or not.
fn size(number: u8) -> Option<Size> {
    Some(match number {
        0x01 | 0x02 | 0x03 | 0x05 | 0x19 | 0x27 | 0x72..=0x75 | 0x8A | 0x8C | 0xA0 => {
            Size::Bytes(1)
        }
        0xD0 | 0xD2 | 0xD3 | 0xE0 | 0xE9 | 0xEA | 0xF0 | 0xF9..=0xFD => Size::Bytes(1),
        0x0D | 0x0E | 0x17 | 0x3A | 0x49 | 0x87 => Size::Bytes(2),
        0x0B | 0x0C | 0x37 | 0x3D | 0x88 | 0xAA => Size::Bytes(3),
        0x29 | 0x70 | 0x71 => Size::Bytes(4),
        0xBA => Size::Bytes(5),
        0x04 => Size::Bytes(6),
        0x3B | 0xEB => Size::Bytes(8),
        0x2A => Size::Bytes(15),
        0x22 | 0x23 | 0x2D | 0x8B | 0xA7 | 0xD1 | 0xE1..=0xE8 | 0xF1..=0xF8 => Size::Digits(2),
        0x24 | 0x2E | 0x3C | 0x60 | 0x9A | 0xAF => Size::Digits(3),
        0x06 => Size::Container,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(data: &[u8], numbers: &[u8], stop: Option<Stop>) {
        let found: Vec<_> = fields(data).collect();
        let read: Vec<u8> = found.iter().flatten().map(|field| field.number).collect();
        assert_eq!(read, numbers, "{data:02x?}");
        let stopped = found.iter().find_map(|field| field.as_ref().err()).copied();
        assert_eq!(stopped, stop, "{data:02x?}");
    }

    #[test]
    fn fields_follow_one_another_by_their_lengths() {
        check(&[0x27, 0x00, 0x49, 0x09, 0x78], &[0x27, 0x49], None);
        check(&[0x8B, 0xF0, 0xF2, b'A', 0x00, 0x27, 0x6C], &[0x8B, 0x27], None);
        check(&[0x3C, 0xF0, 0xF0, 0xF1, b'x', 0x06, 0x81, 0x01, 0x00], &[0x3C, 0x06], None);
        check(&[], &[], None);
    }

    #[test]
    fn nothing_is_guessed_behind_what_is_not_known() {
        check(&[0x27, 0x00, 0x31, 0x27, 0x00], &[0x27], Some(Stop::Unknown(0x31)));
        check(&[0x27, 0x00, 0x04, 0x00], &[0x27], Some(Stop::Short));
        check(&[0x22, 0xF0, 0x08, 0x00], &[], Some(Stop::Short));
        check(&[0x3C, 0xF0, 0xF0], &[], Some(Stop::Short));
        check(&[0x06, 0x83, 0x00, 0x00, 0x00], &[], Some(Stop::Short));
    }
}
