//! Every bound of the agent in one place, and what happens when it is reached.
//!
//! Each constant's doc says: count it, report it, go on.

use std::time::Duration;

/// Readings waiting for the pipeline. Full: the reader task keeps bytes in its own [`READER_BUFFER`].
pub const READINGS_QUEUE: usize = 1024;

/// Bytes a serial reader holds while the pipeline is behind. Full: the newest bytes are dropped and counted
/// as overrun, and the decoder is told so that the open document ends incomplete.
pub const READER_BUFFER: usize = 256 * 1024;

/// Bytes taken from a port in one read.
pub const READ_CHUNK: usize = 4096;

/// How long a reader waits for more bytes before it hands over what it has: fewer wake-ups.
pub const READ_COALESCE: Duration = Duration::from_millis(5);

/// Bytes of one printed document. Full: the document ends incomplete with reason `overflow`.
pub const DOCUMENT_BYTES: usize = 256 * 1024;

/// Characters of one laid-out line. Full: the line is broken there and counted.
pub const LINE_CHARS: usize = 512;

/// Bytes of one line from a door counter or a receiver. Longer: dropped up to its end and counted.
pub const TEXT_LINE_BYTES: usize = 4096;

/// Lines of one document. Full: the document ends incomplete with reason `overflow`.
pub const DOCUMENT_LINES: usize = 2000;

/// Article lines, payments or promotions of one receipt. Full: the receipt is sent with `complete = false`.
pub const RECEIPT_PARTS: usize = 1000;

/// Receipts that one till's tracker remembers to know a reprint. Full: the oldest is forgotten.
pub const RECEIPT_IDENTITIES: usize = 4096;

/// How long a receipt is remembered: the same identity later is another receipt whose number wrapped.
pub const REPRINT_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// How far a drawer kick and its receipt may be apart. A kick without one is a `no_sale`.
pub const KICK_WINDOW: Duration = Duration::from_secs(8);

/// Characters of a document that was not understood. Longer: cut there.
pub const UNPARSED_CHARS: usize = 2000;
/// Bytes kept of a barcode's payload; the largest QR code holds 7089. Longer: the rest is skipped.
pub const SYMBOL_BYTES: usize = 7200;

/// Runs of text on one page of a printer's page mode. Full: the page is printed as it is and the document
/// ends incomplete with reason `overflow`.
pub const PAGE_RUNS: usize = 4096;

/// Facts that wait for the line before them to be redacted together with the line after. Full: the line
/// is let go alone.
pub const HELD_FACTS: usize = 16;

/// Silence inside a command's payload (a raster that lost its tail) after which it is abandoned and reported.
pub const PAYLOAD_IDLE: Duration = Duration::from_secs(2);

/// Silence that ends a document which no cut ended.
pub const DOCUMENT_IDLE: Duration = Duration::from_millis(1500);

/// Bytes of an advertisement's payload. Longer: dropped and counted.
pub const ADVERT_BYTES: usize = 255;

/// Tags tracked at once. Full: the one heard longest ago is closed early and counted.
pub const TAGS: usize = 10_000;

/// Adverts waiting between the radio and the pipeline. Full: the newest is dropped and counted.
pub const ADVERT_QUEUE: usize = 512;

/// Bytes of an encoded batch's payload. A batch is cut before it would exceed this.
pub const BATCH_BYTES: usize = 64 * 1024;

/// Records of one batch.
pub const BATCH_RECORDS: usize = 256;

/// Records that force a commit before the commit interval is over.
pub const COMMIT_RECORDS: usize = 64;

/// MQTT packets, either way. A batch plus its headers fits well below.
pub const MQTT_PACKET_BYTES: usize = 256 * 1024;

/// Publishes in flight at once, or the broker's receive maximum if that is lower.
pub const MQTT_WINDOW: u16 = 32;

/// Rows that the store hands to the forwarder at a time.
pub const FETCH_ROWS: usize = 64;

/// Bytes of a configuration file. Longer: refused.
pub const CONFIG_BYTES: usize = 1024 * 1024;

/// Bytes of a dialect file. Longer: refused.
pub const DIALECT_BYTES: usize = 256 * 1024;

/// Compiled size of one dialect pattern. Larger: the dialect is refused with the rule's place.
pub const REGEX_BYTES: usize = 1024 * 1024;

/// Compiled size of all patterns of a dialect together. Larger: the dialect is refused.
pub const DIALECT_REGEX_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of one dialect pattern with all its parts filled in. Longer: refused with the rule's place.
pub const PATTERN_BYTES: usize = 64 * 1024;

/// Reconnect and reopen waits: decorrelated jitter between these two.
pub const BACKOFF_MIN: Duration = Duration::from_millis(200);
/// See [`BACKOFF_MIN`]; for devices.
pub const REOPEN_MAX: Duration = Duration::from_secs(10);
/// See [`BACKOFF_MIN`]; for the broker.
pub const RECONNECT_MAX: Duration = Duration::from_secs(60);
