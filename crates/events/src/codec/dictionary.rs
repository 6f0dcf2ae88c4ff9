//! The dictionaries: what all batches have in common, so that a small one need not say it.
//!
//! A dictionary is a file in `crates/events/dictionary`, compiled in. Once batches are packed with one it is
//! **frozen**: a better one gets the next number, and all are kept, because payloads are. `make dictionary` makes the
//! newest one.
//!
//! Prepared once for the process, at the first use: packing takes about 60 kB for it, unpacking 45 kB.

use std::cell::RefCell;
use std::io;
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

/// zstd's level. Of what a gateway sends live, level 3 makes 2 % less and takes four times the memory.
const LEVEL: i32 = 1;

/// Content up to here is packed with tables that stay; larger content needs larger ones, which go again.
const KEPT_BYTES: usize = 4096;

static PACKING: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(BATCH_1, LEVEL));

static UNPACKING_1: LazyLock<Option<DecoderDictionary<'static>>> =
    LazyLock::new(|| DecoderDictionary::try_copy(BATCH_1).ok());

thread_local! {
    /// Its tables are most of the work of packing something small.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// One zstd frame, packed with the newest dictionary. It tells the content's size, and no dictionary: the batch does.
pub fn pack(content: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let failed = |error: io::Error| EncodeError::Failed(error.to_string());
    if KEPT_BYTES < content.len() {
        return compressor().and_then(|mut it| it.compress(content)).map_err(failed);
    }
    COMPRESSOR.with_borrow_mut(|kept| {
        let compressor = match kept {
            Some(compressor) => compressor,
            None => kept.insert(compressor().map_err(failed)?),
        };
        compressor.compress(content).map_err(failed)
    })
}

fn compressor() -> io::Result<Compressor<'static>> {
    let mut compressor = Compressor::with_prepared_dictionary(&PACKING)?;
    compressor.set_parameter(CParameter::DictIdFlag(false))?;
    Ok(compressor)
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
