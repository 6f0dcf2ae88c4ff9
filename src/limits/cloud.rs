//! Bounds of the cloud's side: `tillgate confirm` and `tillgate verify`.

use std::time::Duration;

/// Bytes of one entry in a file of `tillgate confirm`: an MQTT packet, or a stream with all its ranges. Larger: it is
/// not stored and not confirmed; on reading, it is damage.
pub const LEDGER_ENTRY_BYTES: usize = 1024 * 1024;

/// Ranges of numbers known of one stream and epoch. Full: what would open another is not stored and not confirmed, so
/// that its gateway sends it again when the holes before it are closed.
pub const LEDGER_RANGES: usize = 4096;

/// The same of all streams together: about 64 MiB of memory. Full: as [`LEDGER_RANGES`].
pub const LEDGER_RANGES_ALL: usize = 1_000_000;

/// Streams, each epoch of them counted: 10 000 gateways with five classes, and some that were made anew. Full: another
/// one is not stored, not confirmed, and reported.
pub const LEDGER_STREAMS: usize = 65_536;

/// Messages that one record may come in (JSON). More: not stored, not confirmed, and reported.
pub const LEDGER_PARTS: u32 = 65_536;

/// Bytes that may be checksummed to find sound entries behind damaged bytes of one file. More: the rest of the file
/// counts as damaged.
pub const LEDGER_SEARCH_BYTES: u64 = 256 * 1024 * 1024;

/// How often one record may come in lines that `tillgate verify` reads. More often: not counted as coming again.
pub const LEDGER_REPEATS: usize = 64;

/// Bytes after which another file is begun. Each begins with all that is known, so that only the last is read at a
/// start.
pub const LEDGER_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Messages that wait for one sync of the disk, and that the broker may send ahead.
pub const LEDGER_GROUP: u16 = 64;

/// Watermarks on their way to the broker. More wait; a gateway's newer one takes the place of its older one.
pub const LEDGER_PUBLISH: usize = 16;

/// How long the broker keeps what comes while `tillgate confirm` is away. Longer: gateways send it again.
pub const LEDGER_SESSION: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Fingerprints of what came lately, one a number and one a message, some 8 MiB: by them `tillgate confirm` tells
/// other records under the same numbers from the same ones that come again. More: the oldest are forgotten, and what
/// comes under such numbers is stored once more instead of being compared.
pub const LEDGER_RECENT: usize = 1 << 18;

/// Damaged files that are kept beside one repaired one. More: it is not repaired, and reported.
pub const LEDGER_ASIDE: u32 = 100;
