//! What a broker goes by in a client certificate: its version, how long it is valid, whose it is (X.509 as of
//! RFC 5280).
//!
//! Only told of, never trusted: the broker is the judge of the certificate. So nothing is verified here, what cannot
//! be read is nothing, and the rest of the certificate is passed over.

use tillgate_events::UtcMs;

/// DER tags.
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT: u8 = 0x06;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// `commonName`, 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// What stands in a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// 1 or 3; TLS libraries take 3 only.
    pub version: u8,
    /// From then on it is valid.
    pub not_before: UtcMs,
    /// The last moment at which it is valid.
    pub not_after: UtcMs,
    /// The first common name of its subject.
    pub name: Option<String>,
}

impl Certificate {
    /// Reads it; `None` for what is no certificate.
    pub fn read(der: &[u8]) -> Option<Self> {
        let mut whole = Der(Der(der).expect(SEQUENCE)?);
        let mut body = Der(whole.expect(SEQUENCE)?);
        let version = match body.peek() {
            Some(VERSION) => Der(body.expect(VERSION)?).any()?.1.last()?.checked_add(1)?,
            _ => 1,
        };
        // Serial number, algorithm, issuer.
        for _ in 0..3 {
            body.any()?;
        }
        let mut validity = Der(body.expect(SEQUENCE)?);
        let (not_before, not_after) = (time(validity.any()?)?, time(validity.any()?)?);
        let name = common_name(body.expect(SEQUENCE)?);
        Some(Self { version, not_before, not_after, name })
    }
}

fn common_name(subject: &[u8]) -> Option<String> {
    let mut sets = Der(subject);
    while let Some(set) = sets.expect(SET) {
        let mut pair = Der(Der(set).expect(SEQUENCE)?);
        if pair.expect(OBJECT)? == COMMON_NAME {
            return String::from_utf8(pair.any()?.1.to_vec()).ok();
        }
    }
    None
}

/// `YYMMDDhhmmssZ`, of 1950 to 2049, or `YYYYMMDDhhmmssZ`.
fn time((tag, bytes): (u8, &[u8])) -> Option<UtcMs> {
    let digits = std::str::from_utf8(bytes).ok()?.strip_suffix('Z')?;
    let digits = match tag {
        UTC_TIME if digits.get(..2)? < "50" => format!("20{digits}"),
        UTC_TIME => format!("19{digits}"),
        GENERALIZED_TIME => digits.to_owned(),
        _ => return None,
    };
    let at = |from: usize, to: usize| digits.get(from..to);
    let (year, month, day) = (at(0, 4)?, at(4, 6)?, at(6, 8)?);
    let (hour, minute, second) = (at(8, 10)?, at(10, 12)?, at(12, digits.len())?);
    UtcMs::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}.000Z"))
}

/// Elements of DER, one behind the other.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The content of the next element, if it has this tag.
    fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.any().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    /// The tag and the content of the next element.
    fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            // Four bytes of length are more than a file may have.
            let (bytes, behind) = rest.split_at_checked(usize::from(first & 0x7f))?;
            if !(1..=4).contains(&bytes.len()) {
                return None;
            }
            length = bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            rest = behind;
        }
        let (content, behind) = rest.split_at_checked(length)?;
        self.0 = behind;
        Some((tag, content))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn element(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
        let content = parts.concat();
        let length = u8::try_from(content.len()).unwrap();
        let head = if length < 0x80 { vec![tag, length] } else { vec![tag, 0x81, length] };
        [head, content].concat()
    }

    fn name(object: &[u8], name: &str) -> Vec<u8> {
        let pair = [element(OBJECT, &[object.to_vec()]), element(0x0c, &[name.into()])];
        element(SET, &[element(SEQUENCE, &pair)])
    }

    /// A certificate with these times; nothing behind the subject is read.
    fn certificate(version: &[Vec<u8>], times: [(u8, &str); 2], subject: &[Vec<u8>]) -> Vec<u8> {
        let times = times.map(|(tag, text)| element(tag, &[text.into()]));
        let body = [
            version.concat(),
            element(0x02, &[vec![7]]),
            element(SEQUENCE, &[]),
            element(SEQUENCE, &[name(COMMON_NAME, "ca")]),
            element(SEQUENCE, &times),
            element(SEQUENCE, subject),
        ];
        element(SEQUENCE, &[element(SEQUENCE, &body)])
    }

    fn check(der: &[u8], version: u8, times: [&str; 2], name: Option<&str>) {
        let [not_before, not_after] = times.map(|time| UtcMs::parse(time).unwrap());
        let name = name.map(str::to_owned);
        let expected = Certificate { version, not_before, not_after, name };
        assert_eq!(Certificate::read(der), Some(expected));
    }

    #[test]
    fn version_times_and_name_are_read() {
        let third = [element(VERSION, &[element(0x02, &[vec![2]])])];
        let times = [(UTC_TIME, "491231235959Z"), (GENERALIZED_TIME, "20500101000000Z")];
        let subject = [name(&[0x55, 0x04, 0x0a], "Shop"), name(COMMON_NAME, "gw-1")];
        let told = ["2049-12-31T23:59:59.000Z", "2050-01-01T00:00:00.000Z"];
        check(&certificate(&third, times, &subject), 3, told, Some("gw-1"));
        check(&certificate(&[], times, &subject[..1]), 1, told, None);
        let old = [(UTC_TIME, "500101000000Z"), (UTC_TIME, "991231000000Z")];
        let told = ["1950-01-01T00:00:00.000Z", "1999-12-31T00:00:00.000Z"];
        check(&certificate(&[], old, &subject), 1, told, Some("gw-1"));
    }

    #[test]
    fn a_certificate_cut_short_is_none() {
        let times = [(UTC_TIME, "260101000000Z"), (UTC_TIME, "270101000000Z")];
        let whole = certificate(&[], times, &[name(COMMON_NAME, "gw-1")]);
        for end in 0..whole.len() {
            assert_eq!(Certificate::read(&whole[..end]), None, "{end}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_get_an_answer(bytes in any::<Vec<u8>>(), at in 0..200_usize, byte in any::<u8>()) {
            let _ = Certificate::read(&bytes);
            let times = [(UTC_TIME, "260101000000Z"), (UTC_TIME, "270101000000Z")];
            let mut near = certificate(&[], times, &[name(COMMON_NAME, "gw-1")]);
            if let Some(one) = near.get_mut(at) {
                *one = byte;
            }
            let _ = Certificate::read(&near);
        }
    }
}
