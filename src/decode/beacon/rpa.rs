//! Resolvable private addresses: a device that changes its address about every quarter of an hour, and a key by which
//! those it was paired with know it (Core Specification, Vol 3 Part H 2.2.2).

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};

use super::secret::SecretKey;
use crate::decode::fact::Address;

/// An identity resolving key, made ready.
pub(super) struct Resolver(Aes128);

impl Resolver {
    pub(super) fn new(key: &SecretKey) -> Self {
        Self(Aes128::new(key.bytes().into()))
    }

    /// Whether the key's device sent from this address: the low 24 bits of the address are those of the encrypted
    /// high ones.
    pub(super) fn resolves(&self, address: Address) -> bool {
        let [random @ .., h0, h1, h2] = address.0;
        let mut block = [0; 16];
        if let Some(end) = block.last_chunk_mut::<3>() {
            *end = random;
        }
        let mut block = block.into();
        self.0.encrypt_block(&mut block);
        address.may_be_resolvable() && block.ends_with(&[h0, h1, h2])
    }
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolver")
    }
}
