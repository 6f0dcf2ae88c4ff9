//! Eddystone: service data that begins with its frame's type (Eddystone protocol specification).
//!
//! | frame | bytes |
//! |---|---|
//! | UID | `00`, power at 0 m (i8), namespace (10), instance (6), two reserved bytes that some tags leave out |
//! | URL | `10`, power at 0 m (i8), scheme, text in which 0..=13 stand for endings |
//! | TLM | `20 00`, mV (u16, 0: none), 1/256 °C (i16, 8000h: none), adverts (u32), uptime in 0.1 s (u32), big endian |
//! | encrypted TLM | `20 01`, ciphertext (12), salt (2), check (2): opaque |
//! | EID | `30`, power at 0 m (i8), an identity that changes (8): opaque without the tag's key and clock |
//!
//! Only a UID names a tag. Power at 1 m is 41 dB less than at 0 m.

use super::Identified;
use crate::decode::fact::TagKey;

/// 16-bit service UUID of Eddystone.
pub(super) const SERVICE: u16 = 0xFEAA;

const LOSS_OF_FIRST_METRE: i8 = 41;

const SCHEMES: [&str; 4] = ["http://www.", "https://www.", "http://", "https://"];
const ENDINGS: [&str; 7] = [".com", ".org", ".edu", ".net", ".info", ".biz", ".gov"];

/// One frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// Names a tag.
    Uid {
        /// dBm at 0 m.
        power: i8,
        /// Shared by an owner's tags.
        namespace: [u8; 10],
        /// One of them.
        instance: [u8; 6],
    },
    /// Names a page.
    Url {
        /// dBm at 0 m.
        power: i8,
        /// See [`Self::url`].
        encoded: &'a [u8],
    },
    /// How the tag is. It does not say which tag: its address does.
    Telemetry(Telemetry),
    /// The same, encrypted.
    EncryptedTelemetry {
        /// Ciphertext, salt and check.
        opaque: [u8; 16],
    },
    /// An identity that changes.
    Ephemeral {
        /// dBm at 0 m.
        power: i8,
        /// Opaque.
        identity: [u8; 8],
    },
}

/// How a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telemetry {
    /// Battery, mV; `None` without one.
    pub millivolts: Option<u16>,
    /// 1/256 °C; `None` without a sensor.
    pub temperature: Option<i16>,
    /// Frames sent since it started.
    pub adverts: u32,
    /// Since it started, 0.1 s.
    pub uptime: u32,
}

/// Reads the service data without its UUID.
#[must_use]
pub fn parse(data: &[u8]) -> Option<Frame<'_>> {
    match data {
        [0x00, power, body @ ..] => uid(power.cast_signed(), body),
        [0x10, power, encoded @ ..] => {
            let scheme = usize::from(*encoded.first()?);
            let known = scheme < SCHEMES.len();
            known.then_some(Frame::Url { power: power.cast_signed(), encoded })
        }
        [0x20, 0x00, body @ ..] => telemetry(body).map(Frame::Telemetry),
        [0x20, 0x01, body @ ..] => {
            Some(Frame::EncryptedTelemetry { opaque: body.try_into().ok()? })
        }
        [0x30, power, identity @ ..] => Some(Frame::Ephemeral {
            power: power.cast_signed(),
            identity: identity.try_into().ok()?,
        }),
        _ => None,
    }
}

impl Frame<'_> {
    /// The tag that the frame names.
    pub(super) fn identified(&self) -> Option<Identified> {
        let Self::Uid { power, namespace, instance } = *self else { return None };
        let key = TagKey::EddystoneUid { namespace, instance };
        Some(Identified { key, power_at_1m: power.saturating_sub(LOSS_OF_FIRST_METRE) })
    }

    /// The page that the frame names, written out; `None` for other frames, and where a byte stands for nothing.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        let Self::Url { encoded: [scheme, text @ ..], .. } = self else { return None };
        let mut url = (*SCHEMES.get(usize::from(*scheme))?).to_owned();
        for byte in text {
            match *byte {
                code @ 0..=13 => {
                    let code = usize::from(code);
                    url.push_str(ENDINGS.get(code % ENDINGS.len())?);
                    if code < ENDINGS.len() {
                        url.push('/');
                    }
                }
                letter @ 0x21..=0x7e => url.push(char::from(letter)),
                _ => return None,
            }
        }
        Some(url)
    }
}

fn uid(power: i8, body: &[u8]) -> Option<Frame<'static>> {
    let (namespace, rest) = body.split_first_chunk::<10>()?;
    let (instance, reserved) = rest.split_first_chunk::<6>()?;
    let frame = Frame::Uid { power, namespace: *namespace, instance: *instance };
    matches!(reserved.len(), 0 | 2).then_some(frame)
}

fn telemetry(body: &[u8]) -> Option<Telemetry> {
    let (&[mv_high, mv_low, t_high, t_low], counts) = body.split_first_chunk()?;
    let (&adverts, uptime) = counts.split_first_chunk()?;
    let millivolts = u16::from_be_bytes([mv_high, mv_low]);
    let temperature = i16::from_be_bytes([t_high, t_low]);
    Some(Telemetry {
        millivolts: (millivolts != 0).then_some(millivolts),
        temperature: (temperature != i16::MIN).then_some(temperature),
        adverts: u32::from_be_bytes(adverts),
        uptime: u32::from_be_bytes(uptime.try_into().ok()?),
    })
}
