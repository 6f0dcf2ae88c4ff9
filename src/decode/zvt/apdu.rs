//! One record: class, instruction, length, data.
//!
//! The length is one byte, or FFh and two bytes with the low one first. Most data are fields, but some
//! commands begin with bytes that have no field number: a password, a code, a time-out.

/// A record whose length is right. It has no `Debug` on purpose: data may hold card numbers.
#[derive(Clone, Copy)]
pub(super) struct Apdu<'a> {
    pub command: [u8; 2],
    pub data: &'a [u8],
}

impl<'a> Apdu<'a> {
    /// The record that `bytes` are, no byte more or less.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&command, rest) = bytes.split_first_chunk()?;
        let (length, data) = match rest {
            [0xFF, low, high, data @ ..] => (u16::from_le_bytes([*low, *high]), data),
            [0xFF, ..] => return None,
            [length, data @ ..] => (u16::from(*length), data),
            [] => return None,
        };
        (data.len() == usize::from(length)).then_some(Self { command, data })
    }

    /// What stands before the fields and the fields; `None` for commands that are not known.
    pub fn parts(&self) -> Option<(&'a [u8], &'a [u8])> {
        let length = self.data.len();
        let head = match self.command {
            [0x04, 0x01 | 0x0C | 0x0D | 0x0E | 0x0F] => 0,
            // A state, and perhaps a time-out, which may look like the number of the container.
            [0x04, 0xFF] => match self.data {
                [_, 0x06, container @ ..] if fills(container) => 1,
                _ => 2,
            },
            // Password, configuration, currency.
            [0x06, 0x00] => 6,
            // The software's version.
            [0x06, 0x0F] => version_length(self.data),
            // A result code, a time-out, a language.
            [0x06, 0x1E | 0xC0] | [0x08, 0x30] => 1,
            // A password.
            [0x05, 0x01]
            | [0x06, 0x09 | 0x10 | 0x12 | 0x1B | 0x20 | 0x30 | 0x31 | 0x50..=0x52 | 0x93]
            | [0x08, 0x10..=0x14] => 3,
            // Passwords, texts, keys, refused field numbers: in forms of their own.
            [0x84, _] | [0x06, 0x85..=0x88 | 0x95 | 0xC6 | 0xD1 | 0xD8..=0xDD | 0xE4..=0xE7] => {
                length
            }
            [0x06, 0x01..=0x05 | 0x0A | 0x0C | 0x18 | 0x1A | 0x21..=0x26 | 0x70 | 0x79]
            | [0x06, 0x91 | 0xB0 | 0xC5 | 0xD0 | 0xD3 | 0xE0..=0xE3 | 0xF0]
            | [0x80, 0x00] => 0,
            _ => return None,
        };
        self.data.split_at_checked(head.min(length))
    }
}

/// Whether these bytes are a length and as many bytes.
fn fills(bytes: &[u8]) -> bool {
    super::tlv::length(bytes).is_some_and(|(length, value)| length == value.len())
}

/// The completion of a status enquiry begins with F0h, two digits of length, the version and a state.
fn version_length(data: &[u8]) -> usize {
    match data {
        [0xF0, tens @ 0xF0..=0xF9, ones @ 0xF0..=0xF9, ..] => {
            3 + 10 * usize::from(tens & 0x0F) + usize::from(ones & 0x0F) + 1
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Option<usize>) {
        assert_eq!(Apdu::parse(bytes).map(|apdu| apdu.data.len()), expected, "{bytes:02x?}");
    }

    fn check_head(command: [u8; 2], data: &[u8], expected: Option<usize>) {
        let parts = Apdu { command, data }.parts();
        assert_eq!(parts.map(|(head, _)| head.len()), expected, "{command:02x?} {data:02x?}");
    }

    #[test]
    fn some_commands_begin_with_bytes_that_are_no_fields() {
        check_head([0x04, 0x0F], &[0x27, 0x00], Some(0));
        check_head([0x04, 0xFF], &[0x17], Some(1));
        check_head([0x04, 0xFF], &[0x17, 0x06], Some(2));
        check_head([0x04, 0xFF], &[0x17, 0x06, 0x02, 0x07, 0x00], Some(1));
        check_head([0x04, 0xFF], &[0x17, 0x06, 0x06, 0x02, 0x07, 0x00], Some(2));
        check_head([0x06, 0x0F], b"\xF0\xF0\xF2v1\x00\x06\x00", Some(6));
        check_head([0x06, 0x0F], &[0x29, 0x52, 0x00, 0x00, 0x17], Some(0));
        check_head([0x06, 0x31], &[0x12, 0x34], Some(2));
        check_head([0x84, 0x83], &[0x19, 0x27], Some(2));
        check_head([0x0F, 0xA1], &[], None);
    }

    #[test]
    fn a_length_is_one_byte_or_three_and_must_be_exact() {
        check(&[0x06, 0x0F, 0x00], Some(0));
        check(&[0x06, 0x1E, 0x01, 0x6C], Some(1));
        check(&[[0x06, 0xD3, 0xFF, 0x01, 0x01].as_slice(), &[0; 257]].concat(), Some(257));
        check(&[0x06, 0xD3, 0xFF, 0x01], None);
        check(&[0x06, 0xD3, 0xFF, 0x01, 0x00], None);
        check(&[0x06, 0x1E, 0x01], None);
        check(&[0x06, 0x1E, 0x01, 0x6C, 0x00], None);
        check(&[0x06, 0x0F], None);
    }
}
