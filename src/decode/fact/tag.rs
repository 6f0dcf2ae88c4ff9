//! Tags heard over the air.

/// What identifies a tag, before it is looked up in the allow-list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TagKey {
    /// Of Apple's format.
    IBeacon {
        /// Shared by an owner's tags.
        uuid: [u8; 16],
        /// A group of tags.
        major: u16,
        /// One of them.
        minor: u16,
    },
    /// Of Google's format.
    EddystoneUid {
        /// Shared by an owner's tags.
        namespace: [u8; 10],
        /// One of them.
        instance: [u8; 6],
    },
}

/// A tag was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagHeard {
    /// Which tag.
    pub key: TagKey,
    /// dBm.
    pub rssi: i8,
    /// dBm at one metre, as the tag states it.
    pub power_at_1m: Option<i8>,
}
