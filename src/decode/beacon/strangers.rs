//! How many unknown devices a receiver heard in a window, without remembering one.
//!
//! Linear counting (Whang, Vander-Zanden and Taylor 1990): a keyed hash of each address sets one of
//! [`limits::STRANGER_BITS`] bits, and the share of bits that are still clear tells how many different addresses there
//! were. The key is a random number of the window and goes with it, so that two windows cannot be compared and no
//! address can be tried against the bits later. Fixed in size, whatever arrives.
//!
//! Fewer than [`limits::STRANGERS_TOLD`] are told as none: a small number may be one person.

use std::hash::{BuildHasher as _, RandomState};

use crate::decode::fact::Address;
use crate::limits;

const WORDS: usize = limits::STRANGER_BITS / 64;

/// One window.
pub struct Strangers {
    key: RandomState,
    bits: [u64; WORDS],
    adverts: u64,
}

impl Default for Strangers {
    fn default() -> Self {
        Self { key: RandomState::new(), bits: [0; WORDS], adverts: 0 }
    }
}

impl Strangers {
    /// Counts an advertisement of an unknown device.
    pub fn note(&mut self, address: Address) {
        self.adverts += 1;
        let hash = self.key.hash_one(address);
        let word = usize::try_from(hash >> 32).unwrap_or_default() % WORDS;
        if let Some(word) = self.bits.get_mut(word) {
            *word |= 1 << (hash & 63);
        }
    }

    /// Whether anything was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.adverts == 0
    }

    /// Ends the window: about how many devices there were, `None` for fewer than may be told. A new window begins.
    pub fn end(&mut self) -> Option<u64> {
        let set: u32 = std::mem::take(self).bits.iter().map(|word| word.count_ones()).sum();
        let size = limits::STRANGER_BITS as f64;
        // A full table has at least as many as make its last bit likely.
        let clear = (size - f64::from(set)).max(1.0);
        let devices = (size * (size / clear).ln()).round() as u64;
        (devices >= limits::STRANGERS_TOLD).then_some(devices)
    }
}

impl std::fmt::Debug for Strangers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Strangers({} adverts)", self.adverts)
    }
}
