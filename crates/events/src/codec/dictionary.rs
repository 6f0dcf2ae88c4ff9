//! The dictionaries: what all batches have in common, so that a small one need not say it.
//!
//! A dictionary is a file in `crates/events/dictionary`, compiled in. Once batches are packed with one it is
//! **frozen**: a better one gets the next number, and all are kept, because payloads are. `make dictionary` makes the
//! newest one.
//!
//! Prepared once for the process, at the first use: packing takes about 60 kB for it, unpacking 45 kB.

use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::CParameter;

use super::frame::UNPACKS_NOT;
use super::{DecodeError, EncodeError};

/// The number of the dictionary that is packed with.
pub const NEWEST: u8 = 1;

/// The dictionary with that number.
static BATCH_1: &[u8] = include_bytes!("../../dictionary/batch-1.zdict");

/// zstd's level.
const LEVEL: i32 = 1;

static PACKING: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(BATCH_1, LEVEL));

static UNPACKING_1: LazyLock<Option<DecoderDictionary<'static>>> =
    LazyLock::new(|| DecoderDictionary::try_copy(BATCH_1).ok());

/// One zstd frame, packed with the newest dictionary. It tells the content's size, and no dictionary: the batch does.
pub fn pack(content: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let packed = Compressor::with_prepared_dictionary(&PACKING).and_then(|mut compressor| {
        compressor.set_parameter(CParameter::DictIdFlag(false))?;
        compressor.compress(content)
    });
    packed.map_err(|error| EncodeError::Failed(error.to_string()))
}

/// The content of a zstd frame, `length` bytes at most.
pub fn unpack(number: u8, frame: &[u8], length: usize) -> Result<Vec<u8>, DecodeError> {
    let dictionary = match number {
        1 => &*UNPACKING_1,
        other => {
            return Err(DecodeError::UnknownVersion { part: "dictionary", version: other.into() });
        }
    };
    let dictionary = dictionary.as_ref().ok_or(DecodeError::Malformed(UNPACKS_NOT))?;
    Decompressor::with_prepared_dictionary(dictionary)
        .and_then(|mut decompressor| decompressor.decompress(frame, length))
        .map_err(|_| DecodeError::Malformed(UNPACKS_NOT))
}
