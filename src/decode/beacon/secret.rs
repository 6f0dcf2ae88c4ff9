//! A tag's secret key. It is read from a file of its own, and nothing prints it.

use sha2::{Digest as _, Sha256};

use crate::decode::fact::Address;

/// 128 bits: a BTHome bind key, or an identity resolving key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretKey([u8; 16]);

impl SecretKey {
    /// These bytes.
    #[must_use]
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// 32 hexadecimal digits, as tools print a key; white space around them is passed over.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        let length = super::hex::read(text.trim(), &mut bytes)?;
        (length == bytes.len()).then_some(Self(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey")
    }
}

/// What a sensor's counters are remembered under: a number from which neither its address nor its key can be told.
/// Not negative, and above all small numbers.
pub(super) fn fingerprint(key: &SecretKey, address: Address) -> i64 {
    let hash = Sha256::new().chain_update(b"tillgate counter").chain_update(key.0);
    let hash = hash.chain_update(address.0).finalize();
    let start = hash.first_chunk::<8>().copied().unwrap_or_default();
    i64::from_be_bytes(start) & i64::MAX | 1 << 62
}
