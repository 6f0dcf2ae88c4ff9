//! Terabee `TeraRanger` Evo People Counter, binary output, most significant byte first (the maker's user manual,
//! "Details of the sensor output values"):
//!
//! | frame | layout |
//! |---|---|
//! | distances | `DD`, distance 2 bytes, distance 2 bytes, CRC-8 |
//! | count | `PC`, sensor 4 bytes, in less out 4 bytes, in 2 bytes, out 2 bytes, CRC-8 |
//! | count of older firmware | the same without the sensor |
//!
//! The CRC has the polynomial 07h over all before it (the manual's commands are its vectors). Distances stream all the
//! time and say nothing; a count comes when somebody passed. The totals begin at zero when the sensor gets power.
//!
//! A CRC of 8 bits lets one damage of 256 through, so the difference that a count carries must be right as well, as far
//! as the 16 bits of its totals go. That also tells the two lengths apart before a longer frame is there.

use crc::{CRC_8_SMBUS, Crc};

use crate::decode::DoorFact;

const CHECK: Crc<u8> = Crc::<u8>::new(&CRC_8_SMBUS);
const DISTANCES: usize = 7;
const COUNT: usize = 15;
const COUNT_WITHOUT_SENSOR: usize = 11;

/// Frames of one sensor. Holds less than one frame.
#[derive(Debug, Default)]
pub struct TerabeeDecoder {
    partial: Vec<u8>,
    /// A frame ended where the next byte begins: whatever follows must be one.
    aligned: bool,
    malformed: u64,
}

/// What stands at the beginning of some bytes.
enum Found {
    /// So many bytes of a frame.
    Frame(usize, Option<DoorFact>),
    /// Not enough to tell.
    Beginning,
    /// No frame begins here.
    Nothing,
}

impl TerabeeDecoder {
    /// Takes bytes; calls `said` for each count in them.
    pub fn push(&mut self, bytes: &[u8], mut said: impl FnMut(DoorFact)) {
        for byte in bytes {
            self.partial.push(*byte);
            while !self.partial.is_empty() {
                let used = match find(&self.partial) {
                    Found::Beginning => break,
                    Found::Frame(length, fact) => {
                        fact.into_iter().for_each(&mut said);
                        self.aligned = true;
                        length
                    }
                    Found::Nothing => {
                        // A stretch of anything else counts once.
                        self.malformed += u64::from(std::mem::take(&mut self.aligned));
                        1
                    }
                };
                self.partial.drain(..used.min(self.partial.len()));
            }
        }
    }

    /// What comes next may begin in the middle of a frame.
    pub fn restart(&mut self) {
        self.partial.clear();
        self.aligned = false;
    }

    /// Stretches of bytes after a frame that are none.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.malformed
    }
}

fn find(bytes: &[u8]) -> Found {
    let sound = |length: usize| {
        let (body, check) = bytes.get(..length)?.split_at_checked(length - 1)?;
        (check == [CHECK.checksum(body)]).then_some(body)
    };
    match bytes {
        [b'D' | b'P'] => Found::Beginning,
        [b'D', b'D', ..] => match sound(DISTANCES) {
            Some(_) => Found::Frame(DISTANCES, None),
            None if bytes.len() < DISTANCES => Found::Beginning,
            None => Found::Nothing,
        },
        [b'P', b'C', ..] => {
            let lengths = [(COUNT_WITHOUT_SENSOR, 2), (COUNT, 6)];
            let mut found = lengths.into_iter().filter_map(|(length, counts)| {
                Some(Found::Frame(length, Some(totals(sound(length)?.get(counts..)?)?)))
            });
            match found.next() {
                Some(frame) => frame,
                None if bytes.len() < COUNT => Found::Beginning,
                None => Found::Nothing,
            }
        }
        _ => Found::Nothing,
    }
}

/// From the difference, the total in and the total out.
fn totals(counts: &[u8]) -> Option<DoorFact> {
    let [_, _, high, low, in_high, in_low, out_high, out_low] = *counts else { return None };
    let [inside, entered, exited] =
        [[high, low], [in_high, in_low], [out_high, out_low]].map(u16::from_be_bytes);
    (entered.wrapping_sub(exited) == inside)
        .then(|| DoorFact::Totals { entered: entered.into(), exited: exited.into() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealed(mut body: Vec<u8>) -> Vec<u8> {
        body.push(CHECK.checksum(&body));
        body
    }

    fn distances(one: u16, two: u16) -> Vec<u8> {
        sealed([b"DD".as_slice(), &one.to_be_bytes(), &two.to_be_bytes()].concat())
    }

    fn count(sensor: Option<u32>, entered: u16, exited: u16) -> Vec<u8> {
        let inside = i32::from(entered) - i32::from(exited);
        let sensor = sensor.map(u32::to_be_bytes);
        let sensor = sensor.as_ref().map_or(&[][..], |bytes| &bytes[..]);
        let counts = [entered.to_be_bytes(), exited.to_be_bytes()].concat();
        sealed([b"PC", sensor, &inside.to_be_bytes(), &counts].concat())
    }

    fn totals(entered: u64, exited: u64) -> DoorFact {
        DoorFact::Totals { entered, exited }
    }

    /// What is read of these bytes, and how much of them was no frame.
    fn check(bytes: &[u8], expected: &[DoorFact], malformed: u64) {
        for size in [1, 4, bytes.len().max(1)] {
            let (mut decoder, mut facts) = (TerabeeDecoder::default(), Vec::new());
            bytes.chunks(size).for_each(|it| decoder.push(it, |fact| facts.push(fact)));
            assert_eq!((&facts[..], decoder.malformed()), (expected, malformed), "by {size}");
        }
    }

    #[test]
    fn the_check_is_the_one_of_the_makers_commands() {
        for (command, expected) in
            [(&[0, 0x55, 8, 0, 0, 0, 0][..], 0x7c), (&[0, 0x61, 1], 0xe7), (&[0, 0x61, 2], 0xee)]
        {
            assert_eq!(CHECK.checksum(command), expected);
        }
    }

    #[test]
    fn counts_are_read_with_and_without_a_sensor_between_distances() {
        let stream = [
            distances(1200, 1199),
            count(Some(0x0e20_d771), 258, 7),
            distances(90, 0x5043),
            count(None, 259, 7),
            count(Some(1), 259, 261),
        ];
        check(&stream.concat(), &[totals(258, 7), totals(259, 7), totals(259, 261)], 0);
        check(b"PC\x00\x00\x00\x01\x00\x02\x00\x01\xf6", &[totals(2, 1)], 0);
    }

    #[test]
    fn totals_wrap_where_their_difference_does_not() {
        // The sensor keeps the difference in 32 bits: two more than 65 535 came in, nobody left.
        let body = b"PC\x00\x00\x00\x09\x00\x01\x00\x01\x00\x01\x00\x00".to_vec();
        check(&sealed(body), &[totals(1, 0)], 0);
    }

    #[test]
    fn what_is_damaged_says_nothing_and_counts_once() {
        let mut damaged = count(Some(1), 3, 2);
        damaged[11] ^= 4;
        let stream = [distances(1, 1), damaged, distances(1, 1), count(Some(1), 4, 2)];
        check(&stream.concat(), &[totals(4, 2)], 1);
        let wrong = sealed(b"PC\x00\x00\x00\x01\x00\x00\x00\x05\x00\x04\x00\x02".to_vec());
        check(&[distances(1, 1), wrong].concat(), &[], 1);
        check(b"IN=3 OUT=2\r\n", &[], 0);
    }

    #[test]
    fn after_a_loss_the_rest_of_a_frame_is_passed_over() {
        let (mut decoder, mut facts) = (TerabeeDecoder::default(), Vec::new());
        let frame = count(Some(1), 3, 2);
        decoder.push(&frame[..9], |fact| facts.push(fact));
        decoder.restart();
        decoder.push(&frame[12..], |fact| facts.push(fact));
        decoder.push(&frame, |fact| facts.push(fact));
        assert_eq!((&facts[..], decoder.malformed()), (&[totals(3, 2)][..], 0));
    }

    proptest! {
        #[test]
        fn any_bytes_cut_anyhow_say_the_same(
            bytes in proptest::collection::vec(prop_oneof![Just(b'P'), Just(b'C'), Just(b'D'), any::<u8>()], 0..200),
            size in 1_usize..40,
        ) {
            let read = |size: usize| {
                let (mut decoder, mut facts) = (TerabeeDecoder::default(), Vec::new());
                for piece in bytes.chunks(size) {
                    decoder.push(piece, |fact| facts.push(fact));
                    assert!(decoder.partial.len() < COUNT);
                }
                (facts, decoder.malformed())
            };
            prop_assert_eq!(read(size), read(bytes.len().max(1)));
        }

        #[test]
        fn whatever_is_counted_is_read_after_any_distances(
            sensor: Option<u32>, entered: u16, exited: u16, far: u16,
        ) {
            // The sensor sees 1.7 m at most.
            let far = far % 1700;
            let bytes = [distances(far, far), count(sensor, entered, exited), distances(far, 0)].concat();
            let (mut decoder, mut facts) = (TerabeeDecoder::default(), Vec::new());
            decoder.push(&bytes, |fact| facts.push(fact));
            prop_assert_eq!(facts, [totals(entered.into(), exited.into())]);
            prop_assert_eq!(decoder.malformed(), 0);
        }
    }
}
