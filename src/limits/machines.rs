//! Bounds of what machines say: frames, printer languages, displays, scanners, scales, records.

use std::time::Duration;

// Frames of machines' lines (decode/frame) and payment terminals (decode/zvt).

/// Bytes of one frame unless a dialect says otherwise. Longer: given up and reported, the next one is read.
pub const FRAME_BYTES: usize = 4096;

/// What a dialect may raise [`FRAME_BYTES`] to. More: the dialect is refused.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;

/// Bytes of a mark at the start or end of a frame. Longer: the dialect is refused.
pub const FRAME_MARK_BYTES: usize = 8;

/// Silence that ends a frame where only silence does: three times what a USB adapter holds bytes back.
pub const FRAME_GAP: Duration = Duration::from_millis(50);

/// Bytes of a payment terminal's record: header and the 64 KiB its length can say. Longer: as [`FRAME_BYTES`].
pub const ZVT_APDU_BYTES: usize = 5 + 0xFFFF;

/// Containers within containers of a payment terminal's record. Deeper: not read, and counted as malformed.
pub const TLV_DEPTH: usize = 8;

// ---- Printer languages, customer displays, status bytes ----

/// How long a customer display stands still before what it shows counts as read.
pub const DISPLAY_SETTLE: Duration = Duration::from_millis(300);

/// Time without news on a customer display that ends a document.
pub const DISPLAY_IDLE: Duration = Duration::from_secs(60);

/// Bytes kept of a text for a whole row of a customer display; no display takes more. Longer: the rest is
/// skipped.
pub const DISPLAY_TEXT_BYTES: usize = 128;

/// Bytes held to find out a printer's language; what a longer look would say is no better.
pub const DETECT_BYTES: usize = 96;

/// Silence after which the language is guessed from fewer bytes.
pub const DETECT_SILENCE: Duration = Duration::from_millis(500);

/// Questions of a till that wait for the printer's answer. Full: the oldest is forgotten and counted.
pub const STATUS_QUESTIONS: usize = 16;

/// How long a printer may take to answer. Longer: the question is forgotten and counted.
pub const STATUS_PATIENCE: Duration = Duration::from_secs(2);

// Scanners and scales.

/// Bytes of one scan; the largest symbol, a QR code, holds 7089. Longer: dropped up to its end and counted.
pub const SCAN_BYTES: usize = 7200;

/// GS1 element strings of one scan. More: it is taken as text and counted.
pub const SCAN_ELEMENTS: usize = 64;

/// Rules for prices and weights inside article numbers. More: the configuration is refused.
pub const SCAN_RULES: usize = 64;

/// Silence that ends a scan where the scanner sends no suffix.
pub const SCAN_SILENCE: Duration = Duration::from_millis(100);

/// Silence after which a document of a person is over: what comes before is part of it and dropped.
pub const SCAN_DOCUMENT_SILENCE: Duration = Duration::from_millis(500);

/// Bytes of one answer of a scale. Longer: it is none, and the next start is looked for.
pub const SCALE_FRAME_BYTES: usize = 48;

/// How often a scale is asked that does not speak by itself.
pub const SCALE_POLL: Duration = Duration::from_millis(400);

// Records of machines, and devices that are asked.

/// Fields of one record of a machine. More: the last one holds the rest.
pub const RECORD_FIELDS: usize = 64;

/// The shortest time between two questions to a scale; makers ask for no less. Less: the dialect is refused.
pub const SCALE_POLL_MIN: Duration = Duration::from_millis(200);

/// Time for a port to take a question. Longer: it is left out, and the next one is asked in its turn.
pub const WRITE_PATIENCE: Duration = Duration::from_millis(100);
