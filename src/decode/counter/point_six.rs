//! Point Six IR counters, by the packets that their radio receiver writes at 19 200 baud: 28 hexadecimal digits and a
//! CR (the maker's installation instructions, "Packet Description").
//!
//! | bytes | what |
//! |---|---|
//! | 1 | type: 11h a beam's counter, 10h one in service; the top bit is none of it |
//! | 4 | serial number in the upper 30 bits; then: the beam is seen, the beam is not seen; neither: blocked for 6.5 s |
//! | 3 | how often the beam was broken, least significant byte first |
//! | 1 | stray light seen |
//! | 2 | seconds blocked in all |
//! | 2 | CRC-16 of 1-Wire over the bytes before, least significant byte first; the type's top bit counts as 0 |
//! | 1 | sum of all bytes before |
//!
//! A beam knows no direction: each passage is told as an entry. A receiver hears the sensors of the whole house,
//! thermometers too, so the door names its sensor and what others say is passed over.

use crc::{CRC_16_MAXIM_DOW, Crc};

use crate::decode::DoorFact;
use crate::decode::line::LineReader;

const CHECK: Crc<u16> = Crc::<u16>::new(&CRC_16_MAXIM_DOW);
const PACKET: usize = 14;
/// Types of a beam's counter.
const COUNTERS: [u8; 2] = [0x10, 0x11];

/// Packets of one sensor among those of a receiver.
#[derive(Debug)]
pub struct PointSixDecoder {
    lines: LineReader<Option<Packet>>,
    sensor: u32,
    blocked: bool,
}

/// What a packet of a beam's counter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Its two lowest bits are 0.
    pub sensor: u32,
    /// 24 bits.
    pub count: u32,
    /// For more than 6.5 s.
    pub blocked: bool,
}

impl PointSixDecoder {
    /// Hears this sensor; the two lowest bits of its number are none of it.
    #[must_use]
    pub fn new(sensor: u32) -> Self {
        let sensor = sensor & !3;
        Self { lines: LineReader::new(parse), sensor, blocked: false }
    }

    /// Takes bytes; calls `said` for each fact in them.
    pub fn push(&mut self, bytes: &[u8], mut said: impl FnMut(DoorFact)) {
        let Self { lines, sensor, blocked } = self;
        lines.push(bytes, |packet| {
            let Some(packet) = packet.filter(|it| it.sensor == *sensor) else { return };
            said(DoorFact::Totals { entered: packet.count.into(), exited: 0 });
            if packet.blocked && !*blocked {
                said(DoorFact::Blocked);
            }
            *blocked = packet.blocked;
        });
    }

    /// Bytes were lost: the rest of a line says nothing.
    pub fn broken(&mut self) {
        self.lines.broken();
    }

    /// The device came back: what it says next is the start of a line.
    pub fn started(&mut self) {
        self.lines.started();
    }

    /// Lines that are no packets.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.lines.malformed()
    }
}

/// Reads one line: `None` is no packet, `Some(None)` one of another kind of sensor.
#[must_use]
pub fn parse(line: &str) -> Option<Option<Packet>> {
    let bytes = digits(line.trim())?;
    let (body, [check_low, check_high, sum]) = bytes.split_last_chunk::<3>()?;
    let whole = bytes.split_last()?.1.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let [kind, s1, s2, s3, s4, c1, c2, c3, ..] = *body else { return None };
    let mut digest = CHECK.digest();
    digest.update(&[kind & 0x7f]);
    digest.update(body.get(1..)?);
    if whole != *sum || digest.finalize() != u16::from_le_bytes([*check_low, *check_high]) {
        return None;
    }
    let sensor = u32::from_be_bytes([s1, s2, s3, s4]);
    let packet = Packet {
        sensor: sensor & !3,
        count: u32::from_le_bytes([c1, c2, c3, 0]),
        blocked: sensor & 3 == 0,
    };
    Some(COUNTERS.contains(&(kind & 0x7f)).then_some(packet))
}

fn digits(line: &str) -> Option<[u8; PACKET]> {
    let line = line.as_bytes();
    if line.len() != 2 * PACKET {
        return None;
    }
    let mut bytes = [0; PACKET];
    for (byte, pair) in bytes.iter_mut().zip(line.chunks_exact(2)) {
        for digit in pair {
            let digit = char::from(*digit).to_digit(16)?;
            *byte = *byte << 4 | u8::try_from(digit).ok()?;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    const SENSOR: u32 = 0x1234_5678;

    /// A packet as the receiver writes it.
    fn packet(kind: u8, sensor: u32, count: u32, blocked_s: u16) -> String {
        let [c1, c2, c3, _] = count.to_le_bytes();
        let mut bytes = vec![kind];
        bytes.extend(sensor.to_be_bytes());
        bytes.extend([c1, c2, c3, 0]);
        bytes.extend(blocked_s.to_le_bytes());
        let mut plain = bytes.clone();
        plain[0] &= 0x7f;
        bytes.extend(CHECK.checksum(&plain).to_le_bytes());
        bytes.push(bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte)));
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02X}").unwrap();
            text
        })
    }

    fn check(text: &str, expected: &[DoorFact], malformed: u64) {
        let (mut decoder, mut facts) = (PointSixDecoder::new(SENSOR), Vec::new());
        decoder.push(text.as_bytes(), |fact| facts.push(fact));
        assert_eq!((&facts[..], decoder.malformed()), (expected, malformed), "{text:?}");
    }

    fn total(entered: u64) -> DoorFact {
        DoorFact::Totals { entered, exited: 0 }
    }

    #[test]
    fn packets_of_the_makers_own_examples_are_sound_and_of_another_sensor() {
        // Humidity2, as printed in the instructions of that sensor; both checks are those of all its packets.
        for line in ["526035700402000625085249D1FC", "51603570040200060A084CF7540B"] {
            assert_eq!(parse(line), Some(None), "{line}");
            let lower = line.to_lowercase();
            assert_eq!(parse(&lower), Some(None), "{lower}");
        }
        assert_eq!(parse("526035700402000625085249D1FD"), None);
        assert_eq!(parse("526035700402000625085349D1FD"), None);
    }

    #[test]
    fn the_named_sensors_beam_counts_and_others_are_passed_over() {
        let lines = [
            packet(0x11, SENSOR | 2, 0x01_0203, 0),
            packet(0x11, 0x0bad_cafe, 9, 0),
            packet(0x61, SENSOR | 2, 9, 0),
            packet(0x90, SENSOR | 1, 0xff_ffff, 0),
            String::new(),
        ];
        check(&lines.join("\r"), &[total(0x01_0203), total(0xff_ffff)], 0);
    }

    #[test]
    fn a_beam_that_is_blocked_is_told_once_until_it_is_free() {
        let blocked = packet(0x11, SENSOR, 5, 7);
        let free = packet(0x11, SENSOR | 2, 6, 9);
        let lines = format!("{blocked}\r{blocked}\r{free}\r{blocked}\r");
        let (five, six) = (total(5), total(6));
        let expected = [five, DoorFact::Blocked, five, six, five, DoorFact::Blocked];
        check(&lines, &expected, 0);
    }

    #[test]
    fn what_is_no_packet_says_nothing_and_is_counted() {
        let whole = packet(0x11, SENSOR | 2, 5, 0);
        let (head, rest) = whole.split_at(9);
        check(&format!("{head}\r{rest}\r{whole}0\rIN=5 OUT=3\r{whole}\r"), &[total(5)], 4);
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_refused(line in ".{0,40}") {
            let _ = parse(&line);
        }

        #[test]
        fn every_count_is_read_and_one_wrong_digit_refuses_it(
            count in 0_u32..1 << 24, flags in 0_u32..4, blocked_s: u16, place in 0_usize..28, turn in 1_u32..16,
        ) {
            let line = packet(0x11, SENSOR | flags, count, blocked_s);
            let expected = Packet { sensor: SENSOR, count, blocked: flags == 0 };
            prop_assert_eq!(parse(&line), Some(Some(expected)));
            let mut digits: Vec<char> = line.chars().collect();
            let digit = digits[place].to_digit(16).unwrap();
            digits[place] = char::from_digit(digit ^ turn, 16).unwrap();
            let damaged: String = digits.into_iter().collect();
            // Also the type's top bit, which the CRC does not see.
            prop_assert_eq!(parse(&damaged), None);
        }
    }
}
