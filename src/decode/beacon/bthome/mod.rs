//! BTHome v2: service data of FCD2h.
//!
//! An info byte (bit 0: encrypted, bit 1: the address follows, last byte first, bit 2: sent when something happens,
//! bits 5 to 7: version 2), then objects: an id and a little-endian value of the length that [`table`] gives for it.
//! An id may come again for a second sensor of its kind. An unknown id ends the packet, because nobody knows how long
//! its value is; what came before it stands. Source: the format's description at bthome.io.

mod sealed;
mod table;

pub use sealed::{Opened, Sealed};

use crate::decode::fact::Address;

/// 16-bit service UUID of BTHome v2.
pub(super) const SERVICE: u16 = 0xFCD2;

const ENCRYPTED: u8 = 1 << 0;
const WITH_ADDRESS: u8 = 1 << 1;
const ON_TRIGGER: u8 = 1 << 2;
const VERSION: u8 = 2;

/// A packet before its objects are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    info: u8,
    /// The sender's, where it is said.
    pub address: Option<Address>,
    /// Objects, or what encrypts them.
    body: &'a [u8],
}

/// What an object holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// `number` × 10^-`decimals`, in the object's unit.
    Number {
        /// See above.
        number: i64,
        /// See above.
        decimals: u8,
    },
    /// Of a sensor that knows two states.
    Flag(bool),
    /// UTF-8.
    Text(&'a str),
    /// Bytes of the sender's own.
    Raw(&'a [u8]),
}

/// Reads the service data without its UUID; `None` when it is of another version, or cut short.
#[must_use]
pub fn parse(data: &[u8]) -> Option<Packet<'_>> {
    let (&info, rest) = data.split_first()?;
    if info >> 5 != VERSION {
        return None;
    }
    if info & WITH_ADDRESS == 0 {
        return Some(Packet { info, address: None, body: rest });
    }
    let (address, body) = rest.split_first_chunk::<6>()?;
    let mut address = *address;
    address.reverse();
    Some(Packet { info, address: Some(Address(address)), body })
}

impl<'a> Packet<'a> {
    /// Whether a key is needed to read it.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.info & ENCRYPTED != 0
    }

    /// Whether it is sent when something happens, and not from time to time.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        self.info & ON_TRIGGER != 0
    }

    /// The objects of a packet that is not encrypted.
    #[must_use]
    pub fn objects(&self) -> Objects<'a> {
        Objects(if self.is_encrypted() { &[] } else { self.body })
    }
}

/// Reads objects one by one.
#[derive(Clone, Debug)]
pub struct Objects<'a>(&'a [u8]);

impl<'a> Objects<'a> {
    /// Of a packet's decrypted content.
    #[must_use]
    pub fn of(content: &'a [u8]) -> Self {
        Self(content)
    }
}

impl<'a> Iterator for Objects<'a> {
    type Item = (u8, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (&id, rest) = self.0.split_first()?;
            let Some((value, rest)) = table::read(id, rest) else {
                self.0 = &[];
                return None;
            };
            self.0 = rest;
            if let Some(value) = value {
                return Some((id, value));
            }
        }
    }
}
