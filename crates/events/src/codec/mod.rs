//! The compact form of a batch: what is stored, and what is sent under
//! `application/vnd.tillgate.batch+postcard;v=1`.
//!
//! Two layers. The *frame* has magic, version, checksum and compression; the *content* is postcard of one
//! frozen enum with a variant per version.
//!
//! Invariants: what [`encode`] accepts, [`decode`] reads back equal; a payload with any byte changed, cut or
//! added is refused; decoding never panics and never takes more than [`MAX_CONTENT_BYTES`] of content.

mod dictionary;
mod frame;
mod wire;

pub use frame::MAX_CONTENT_BYTES;

use crate::Batch;

/// A batch as one payload.
pub fn encode(batch: &Batch) -> Result<Vec<u8>, EncodeError> {
    frame::seal(&content(batch)?)
}

/// A batch before it is packed: what a dictionary is trained on.
pub fn content(batch: &Batch) -> Result<Vec<u8>, EncodeError> {
    wire::write(batch)
}

/// The batch in a payload.
pub fn decode(payload: &[u8]) -> Result<Batch, DecodeError> {
    wire::read(&frame::open(payload)?)
}

/// Why a batch was not encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// Split the batch.
    #[error("a batch of {bytes} bytes is larger than the {MAX_CONTENT_BYTES} that decoding takes")]
    TooLarge {
        /// How many bytes.
        bytes: usize,
    },
    /// A bug or no memory: nothing in a batch can cause it.
    #[error("cannot encode: {0}")]
    Failed(String),
}

/// Why a payload is not a batch. Never quotes what is in the payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Something else than a batch.
    #[error("not a batch: it does not begin like one")]
    NotABatch,
    /// Keep it until this program is newer.
    #[error("{part} version {version} is not known here; a newer tillgate made this")]
    UnknownVersion {
        /// Which part.
        part: &'static str,
        /// The version found.
        version: u32,
    },
    /// Bytes were lost or changed: ask for it again.
    #[error("damaged: the checksum does not match")]
    Damaged,
    /// Refused before anything of it was unpacked.
    #[error("would unpack to {bytes} bytes, more than {MAX_CONTENT_BYTES}")]
    TooLarge {
        /// How many bytes.
        bytes: usize,
    },
    /// The checksum matches, so it was made like this.
    #[error("malformed: {0}")]
    Malformed(&'static str),
}
