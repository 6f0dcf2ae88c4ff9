//! Encrypted packets: AES-128-CCM without associated data and with a check of four bytes (RFC 3610).
//!
//! After the info byte come the ciphertext, a counter (u32, little endian) and the check. The nonce is the sender's
//! address, the service's UUID as it is sent (`D2 FC`), the info byte and the counter as it is sent.

use aes::Aes128;
use ccm::aead::AeadInOut as _;
use ccm::consts::{U4, U13};
use ccm::{Ccm, KeyInit as _};

use super::{Objects, Packet};
use crate::decode::beacon::secret::SecretKey;
use crate::decode::fact::Address;
use crate::limits;

/// A key, made ready.
pub struct Sealed(Ccm<Aes128, U4, U13>);

/// What a packet held whose check is right.
#[derive(Clone)]
pub struct Opened {
    /// Grows with every packet.
    pub counter: u32,
    content: [u8; limits::ADVERT_BYTES],
    length: usize,
}

impl Sealed {
    /// For the packets of this key's owner.
    #[must_use]
    pub fn new(key: &SecretKey) -> Self {
        Self(Ccm::new(key.bytes().into()))
    }

    /// Decrypts a packet from `address`; `None` when it is too short, or its check is wrong.
    #[must_use]
    pub fn open(&self, address: Address, packet: &Packet<'_>) -> Option<Opened> {
        let (rest, check) = packet.body.split_last_chunk::<4>()?;
        let (ciphertext, counter) = rest.split_last_chunk::<4>()?;
        let mut opened = Opened {
            counter: u32::from_le_bytes(*counter),
            content: [0; _],
            length: ciphertext.len(),
        };
        let content = opened.content.get_mut(..ciphertext.len())?;
        content.copy_from_slice(ciphertext);
        let [a0, a1, a2, a3, a4, a5] = address.0;
        let [c0, c1, c2, c3] = *counter;
        let nonce = [a0, a1, a2, a3, a4, a5, 0xd2, 0xfc, packet.info, c0, c1, c2, c3];
        let decrypted =
            self.0.decrypt_inout_detached(&nonce.into(), &[], content.into(), check.into());
        decrypted.ok().map(|()| opened)
    }
}

impl Opened {
    /// What it says.
    #[must_use]
    pub fn objects(&self) -> Objects<'_> {
        Objects::of(self.content.get(..self.length).unwrap_or_default())
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed")
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({}, {} bytes)", self.counter, self.length)
    }
}
