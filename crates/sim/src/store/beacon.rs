//! A receiver that hears tags walk by and writes one `$GPRP` line for each advertisement.
//!
//! Line: `$GPRP,<tag mac>,<receiver mac>,<rssi>,<raw AD hex>`, CR LF. The advertisement of a tag is an iBeacon:
//! company 0x004C, `02 15`, UUID, major and minor big endian, measured power at 1 m.
//!
//! Tags walk to and fro between two zones; both receivers know the walk, so they agree on where a tag is. A
//! receiver hears the tags of its own zone well and now and then one of the other zone faintly; among them
//! devices that are nobody's business.

use std::fmt::Write as _;
use std::time::Duration;

use super::truth::Said;
use super::{Device, Utterance};

/// The identity that all tags of the chain share, big endian.
pub const TAG_UUID: [u8; 16] = [
    0xf7, 0x82, 0x6d, 0xa6, 0x4f, 0xa2, 0x4e, 0x98, 0x80, 0x24, 0xbc, 0x5b, 0x71, 0xe0, 0x89, 0x3e,
];

/// Milliseconds between two advertisements that a receiver hears.
const PAUSE_MS: std::ops::Range<u64> = 40..200;

/// One receiver in one of two zones.
pub struct Receiver {
    name: String,
    /// 0 or 1.
    zone: u64,
    /// The tags' minor numbers are 1 to this.
    tags: u16,
    major: u16,
    rng: fastrand::Rng,
}

impl Receiver {
    /// `zone` is 0 or 1; `major` is the store's number on the tags.
    pub fn new(name: &str, zone: u64, tags: u16, major: u16, seed: u64) -> Self {
        let rng = fastrand::Rng::with_seed(seed);
        Self { name: name.to_owned(), zone, tags, major, rng }
    }

    /// A tag that can be heard now, with its strength.
    fn tag(&mut self, elapsed: Duration) -> Option<(u16, i8)> {
        let minor = self.rng.u16(1..=self.tags.max(1));
        if zone_of(minor, elapsed) == self.zone {
            return Some((minor, self.rng.i8(-68..=-52)));
        }
        (self.rng.u32(0..100) < 15).then(|| (minor, self.rng.i8(-94..=-84)))
    }
}

/// Each tag has its own rhythm, between 6 and 16 seconds in a zone.
fn zone_of(minor: u16, elapsed: Duration) -> u64 {
    let minor = u64::from(minor);
    let stay_ms = 6000 + minor * 2600 % 10_000;
    (elapsed.as_millis() as u64 / stay_ms + minor) % 2
}

impl Device for Receiver {
    fn next(&mut self, elapsed: Duration) -> Utterance {
        let (tag, mac, rssi, advert) = match self.tag(elapsed) {
            Some((minor, rssi)) => {
                let mac = [0xac, 0x23, 0x3f, 0x00, 0x00, minor as u8];
                (Some(minor), mac, rssi, ibeacon(TAG_UUID, self.major, minor))
            }
            None => (None, self.rng_mac(), self.rng.i8(-95..=-60), self.stranger()),
        };
        let receiver = [0xac, 0x23, 0x3f, 0xff, 0x00, self.zone as u8];
        let line = format!("$GPRP,{},{},{rssi},{}\r\n", hex(&mac), hex(&receiver), hex(&advert));
        Utterance {
            pause: Duration::from_millis(self.rng.u64(PAUSE_MS)),
            bytes: line.into_bytes(),
            said: Said::Advert { receiver: self.name.clone(), tag, rssi },
        }
    }
}

impl Receiver {
    /// A random address of the resolvable kind, as telephones use.
    fn rng_mac(&mut self) -> [u8; 6] {
        let mut mac = [0; 6];
        self.rng.fill(&mut mac);
        mac[0] = mac[0] & 0x3f | 0x40;
        mac
    }

    /// What a telephone, or somebody else's beacon, sends.
    fn stranger(&mut self) -> Vec<u8> {
        if self.rng.bool() {
            let mut uuid = [0; 16];
            self.rng.fill(&mut uuid);
            return ibeacon(uuid, self.rng.u16(..), self.rng.u16(..));
        }
        // Flags, and an Apple "nearby" message: the same company, another type.
        vec![0x02, 0x01, 0x1a, 0x07, 0xff, 0x4c, 0x00, 0x10, 0x02, 0x0b, self.rng.u8(..)]
    }
}

/// Flags, then manufacturer data.
fn ibeacon(uuid: [u8; 16], major: u16, minor: u16) -> Vec<u8> {
    let mut advert = vec![0x02, 0x01, 0x06, 0x1a, 0xff, 0x4c, 0x00, 0x02, 0x15];
    advert.extend_from_slice(&uuid);
    advert.extend_from_slice(&major.to_be_bytes());
    advert.extend_from_slice(&minor.to_be_bytes());
    advert.push(0xc5);
    advert
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(out, "{byte:02X}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ibeacon_is_laid_out_as_the_format_says() {
        assert_eq!(
            hex(&ibeacon(TAG_UUID, 7, 258)),
            "0201061AFF4C000215F7826DA64FA24E988024BC5B71E0893E00070102C5"
        );
    }

    #[test]
    fn lines_have_five_fields_and_only_tags_carry_the_identity() {
        let mut receiver = Receiver::new("grocery", 0, 3, 7, 1);
        let (mut tags, mut strangers) = (0, 0);
        for n in 0..2000 {
            let utterance = receiver.next(Duration::from_millis(100 * n));
            let line = String::from_utf8(utterance.bytes).unwrap();
            assert_eq!(line.trim_end().split(',').count(), 5, "{line}");
            let Said::Advert { tag, .. } = utterance.said else {
                panic!("a receiver hears adverts")
            };
            assert_eq!(tag.is_some(), line.contains(&hex(&TAG_UUID)), "{line}");
            *(if tag.is_some() { &mut tags } else { &mut strangers }) += 1;
        }
        assert!(tags > 500 && strangers > 500, "{tags} tags, {strangers} strangers");
    }

    #[test]
    fn every_tag_visits_both_zones_within_half_a_minute() {
        for minor in 1..=20 {
            let seen = |zone| (0..30).any(|s| zone_of(minor, Duration::from_secs(s)) == zone);
            assert!(seen(0) && seen(1), "tag {minor}");
        }
    }
}
