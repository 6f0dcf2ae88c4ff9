//! A table of few commands; those of real devices are tested with their decoders.

use super::*;

/// `ESC n` and as many bytes; `ESC U … NUL`; `ESC R` and one record; anything else is unknown.
struct Few;

impl Table for Few {
    fn rule(&self, head: &[u8]) -> Body {
        match head {
            [0x1B] => Body::More(1),
            [0x1B, b'U'] => Body::Until(0),
            [0x1B, b'H'] => Body::Data(u64::MAX),
            [0x1B, b'R'] => Body::Records { left: 2, head: 1, size: |_, head| u64::from(head[0]) },
            [0x1B, n @ 0..=9] => Body::Data(u64::from(*n)),
            [0x1B, ..] => Body::Unknown,
            _ => Body::Dropped,
        }
    }

    fn keep(&self, _: &[u8]) -> usize {
        2
    }
}

/// What `bytes` say: text as it is, commands in brackets with their payload.
fn check(bytes: &[u8], expected: &str) {
    for size in [1, 2, 3, bytes.len()] {
        let mut tokens = Tokens::new(Few);
        let mut said = String::new();
        for mut chunk in bytes.chunks(size) {
            while let Some(token) = tokens.next(&mut chunk) {
                match token {
                    Token::Text(text) => said.push_str(std::str::from_utf8(text).unwrap()),
                    Token::Dropped(_) => said.push('.'),
                    Token::Unknown(unknown) => {
                        said.push_str(&format!("?{:02X}", unknown.opcode));
                    }
                    Token::Command => {
                        let payload = std::str::from_utf8(tokens.payload()).unwrap();
                        said.push_str(&format!("[{payload}]"));
                    }
                }
            }
        }
        assert_eq!(said, expected, "in pieces of {size}");
        assert!(!tokens.pending());
    }
}

#[test]
fn commands_are_consumed_exactly_and_only_first_bytes_are_kept() {
    check(b"a\x1B\x00b\x1B\x03xyzc\x1BUlong\x00d", "a[]b[xy]c[lo]d");
    check(b"\x1BR\x02ab\x00e\x1BR\x00\x01cf", "[]e[]f");
}

#[test]
fn an_unknown_command_costs_two_bytes_unless_the_second_is_the_next_thing() {
    check(b"a\x1BZb\x1B\x1B\x01cd\x07", "a?5Ab?1B[c]d.");
    check(b"\x1B\x0A", "?0A.");
}

#[test]
fn a_payload_larger_than_any_device_is_noise() {
    check(b"\x1BHtext", "?48text");
}

#[test]
fn an_endless_string_is_given_up() {
    let bytes = [b"\x1BU".as_slice(), &[b'x'; 513], b"y"].concat();
    check(&bytes, "?55y");
}
