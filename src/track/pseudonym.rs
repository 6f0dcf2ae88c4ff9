//! Pseudonyms of customers' tags: a keyed hash whose key lives in memory and dies with the day.
//!
//! HMAC-SHA-256 of the tag's id, cut to 64 bits. Whoever makes the key (the agent, from the system's random
//! source) replaces it daily; two days' pseudonyms of one tag cannot be joined.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// One day's key.
pub struct Pseudonyms {
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonyms")
    }
}

impl Pseudonyms {
    /// Pseudonyms under this key.
    #[must_use]
    pub fn new(key: [u8; 64]) -> Self {
        Self { keyed: Hmac::new(&key.into()) }
    }

    /// The pseudonym of an id: sixteen hex digits, the same all day.
    #[must_use]
    pub fn of(&self, id: &str) -> String {
        let mut keyed = self.keyed.clone();
        keyed.update(id.as_bytes());
        let hash = keyed.finalize().into_bytes();
        hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_stable_under_one_key_and_differs_under_another() {
        let (today, tomorrow) = (Pseudonyms::new([1; 64]), Pseudonyms::new([2; 64]));
        assert_eq!(today.of("tag-1"), today.of("tag-1"));
        assert_ne!(today.of("tag-1"), today.of("tag-2"));
        assert_ne!(today.of("tag-1"), tomorrow.of("tag-1"));
    }
}
