//! Every bound of the agent in one place, and what happens when it is reached.
//!
//! Each constant's doc says: count it, report it, go on. Those of beacons, machines, learning, the
//! cloud's side, health, the journal, salvage and stock have files of their own.

mod beacons;
mod buffer;
mod cloud;
mod docks;
mod doors;
mod health;
mod journal;
mod learning;
mod machines;
mod numbering;
mod salvage;
mod stock;

use std::time::Duration;

pub use beacons::*;
pub use buffer::*;
pub use cloud::*;
pub use docks::*;
pub use doors::*;
pub use health::*;
pub use journal::*;
pub use learning::*;
pub use machines::*;
pub use numbering::*;
pub use salvage::*;
pub use stock::*;

/// Readings waiting for the pipeline. Full: the reader task keeps bytes in its own [`READER_BUFFER`].
pub const READINGS_QUEUE: usize = 1024;

/// Bytes a serial reader holds while the pipeline is behind. Full: the newest bytes are dropped and counted
/// as overrun, and the decoder is told so that the open document ends incomplete.
pub const READER_BUFFER: usize = 256 * 1024;

/// Bytes taken from a port in one read.
pub const READ_CHUNK: usize = 4096;

/// How long a reader waits for more bytes before it hands over what it has: fewer wake-ups, at the price that a
/// receipt is accepted so much later.
pub const READ_COALESCE: Duration = Duration::from_millis(2);

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

/// Lines of one receipt that may be an article or what their words say; all combinations are tried against its sums.
/// Full: further ones are what their words say.
pub const DOUBTFUL_LINES: usize = 6;

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

/// Lines that wait for the next one, because a number may go on there. Full: the oldest is let go.
pub const HELD_LINES: usize = 3;

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

/// Memory that one waiting reading is counted with beside its bytes, so that many small ones are bounded too.
pub const READING_OVERHEAD: usize = 64;

/// How often a serial port's node is looked at: a node that vanished or became another one is an unplug.
pub const NODE_POLL: Duration = Duration::from_secs(5);

/// Patience with one call to the Bluetooth daemon. Two late answers in a row: a new connection.
pub const RADIO_CALL: Duration = Duration::from_secs(3);

/// How often a scanning adapter is asked whether it still scans.
pub const RADIO_POLL: Duration = Duration::from_secs(5);

/// How often an absent or switched-off radio is looked for.
pub const RADIO_RETRY: Duration = Duration::from_secs(2);

/// Events of an adapter that wait for the one who joins them. Full: the newest is dropped and counted.
pub const RADIO_EVENTS: usize = 4096;

/// Devices whose strength is asked for at the same time. More: their next advertisement asks.
pub const RADIO_ASKS: usize = 64;

/// Advertisements of one device that wait until its strength is known. More: left out and counted.
pub const RADIO_ASK_WAITING: usize = 8;

/// Silence of a scanning radio after which its scan is started again and the silence reported; `silence_s` of a
/// receiver says otherwise.
pub const RADIO_SILENCE: Duration = Duration::from_secs(120);

/// Age from which a device's signal strength is asked for again instead of believed.
pub const RSSI_STALE: Duration = Duration::from_secs(5);

/// Radio addresses whose signal strength is remembered. Full: those not heard lately are forgotten, then all;
/// the price is one more question to the daemon for each.
pub const RADIO_DEVICES: usize = 10_000;

/// Bytes of an encoded batch's payload. A batch is cut before it would exceed this; only a single record can be
/// larger. With topic and properties a message stays below 66 KiB, half of the least that common cloud brokers
/// take (128 KiB). A broker that says it takes less than a message (its maximum packet size) does not get it:
/// the row stays in the store, is reported, and is tried again on the next connection; later rows go out.
pub const BATCH_BYTES: usize = 64 * 1024;

/// Records of one batch.
pub const BATCH_RECORDS: usize = 256;

/// Receipts and the like in one row. More: several rows. As JSON each is about eight messages, and a row whose messages
/// are more than a broker keeps for a subscriber who is away would never get through whole.
pub const ROW_RECEIPTS: usize = 64;

/// Records, and lines and payments of receipts, that force a commit before the commit interval is over: about a
/// megabyte. A burst of receipts does not get there in an interval, so it makes no more syncs than a drip.
pub const COMMIT_PARTS: usize = 4096;

/// How long a window may wait for a commit of its own.
pub const LINGER: Duration = Duration::from_secs(5);

/// How long a tag's window lasts.
pub const TAG_WINDOW: Duration = Duration::from_secs(30);

/// MQTT packets, either way. A batch plus its headers fits well below.
pub const MQTT_PACKET_BYTES: usize = 256 * 1024;

/// Publishes in flight at once, or the broker's receive maximum if that is lower.
pub const MQTT_WINDOW: u16 = 32;

/// Bytes of messages of the bulk (`visit`) on their way at once, beside half of the window. Full: the bulk waits, so
/// that a receipt never waits for more than that on a thin line.
pub const BULK_BYTES: usize = 64 * 1024;

/// Rows that the store hands to the forwarder at a time.
pub const FETCH_ROWS: usize = 64;

/// Bytes of a configuration file. Longer: refused.
pub const CONFIG_BYTES: usize = 1024 * 1024;

/// Mistakes told of one file. More: the last one says how many are not shown.
pub const CONFIG_MISTAKES: usize = 100;

/// Bytes of a product catalogue. Longer: refused.
pub const CATALOG_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of a dialect file. Longer: refused.
pub const DIALECT_BYTES: usize = 256 * 1024;

/// How often the system is asked whether its clock is synchronised; in between the last answer holds.
pub const CLOCK_LOOK: Duration = Duration::from_secs(60);

/// How long after a synchronisation the clock is believed: the time after which Linux itself gives it up
/// (an assumed error of 500 ppm reaches 16 s). Longer: batches say `unsynced`.
pub const CLOCK_TRUST: Duration = Duration::from_secs(32_000);

/// A wall clock that differs from its even course by so much was set, by a time client or a person: what is in the
/// middle of happening moves along, and the step is told. Less is followed in silence.
pub const CLOCK_STEP: Duration = Duration::from_secs(1);

/// The longest life of the key of pseudonyms, whatever the wall clock says: a day, also the longest of the year.
pub const DAY_KEY: Duration = Duration::from_secs(25 * 60 * 60);

/// Rows that count as handed to the forwarder with times of a clock that nothing vouches for, beyond those that were:
/// so many fewer writes of how far that came. After a crash as many rows may keep such times.
pub const UNSYNCED_RESERVE: i64 = 1024;

/// Compiled size of one dialect pattern. Larger: the dialect is refused with the rule's place.
pub const REGEX_BYTES: usize = 1024 * 1024;

/// Where one search has been: a bit for each state of the pattern and byte of the text. A pattern that wants more for
/// the longest line is refused with the rule's place; a text that is longer still matches nothing.
pub const REGEX_SCRATCH_BYTES: usize = 1024 * 1024;

/// Of that, what a thread keeps between two searches.
pub const REGEX_SCRATCH_KEPT: usize = 64 * 1024;

/// Patterns of a dialect's rules and flags. More: the dialect is refused.
pub const DIALECT_RULES: usize = 256;

/// Bytes of one dialect pattern with all its parts filled in. Longer: refused with the rule's place.
pub const PATTERN_BYTES: usize = 64 * 1024;

/// Reconnect and reopen waits: decorrelated jitter between these two.
pub const BACKOFF_MIN: Duration = Duration::from_millis(200);
/// See [`BACKOFF_MIN`]; for devices.
pub const REOPEN_MAX: Duration = Duration::from_secs(10);
/// See [`BACKOFF_MIN`]; for the broker.
pub const RECONNECT_MAX: Duration = Duration::from_secs(60);

/// The first attempt after a connection that stood broke lies anywhere up to this: all gateways of a broker lose theirs
/// at once.
pub const RECONNECT_SPREAD: Duration = Duration::from_secs(3);

/// Readings taken before the pipeline looks whether a commit is due.
pub const READINGS_AT_ONCE: usize = 64;

/// Records that wait in memory while the store refuses. Full: no further reading is taken; readers buffer and
/// then count what they drop.
pub const WAITING_RECORDS: usize = 4096;

/// How long after a refusal the store is asked again.
pub const STORE_RETRY: Duration = Duration::from_secs(1);

/// How long confirmed rows may wait for a commit to leave with.
pub const FREE_IDLE: Duration = Duration::from_secs(1);
/// Page size of the database: small commits write few bytes. Fixed when the file is made.
pub const STORE_PAGE_BYTES: u32 = 1024;

/// Pages of write-ahead log after which it is written back and reused: about 1 MiB.
pub const STORE_WAL_PAGES: u32 = 1024;

/// Page cache of the database in KiB.
pub const STORE_CACHE_KIB: u32 = 2048;

/// A file that is given up when the disk is full, so that rows can be freed at all.
pub const STORE_BALLAST_BYTES: u64 = 1024 * 1024;

/// A database with little to send is shrunk when so much of its file is free. Less stays, to be used again: a file that
/// grows and shrinks all the time would be written all the time. The journal is no free room, and stays as well.
pub const STORE_SHRINK_BYTES: u64 = 8 * 1024 * 1024;

/// Commits between two writes of the high-water mark beside the database.
pub const STORE_MARK_COMMITS: u32 = 1024;

/// Rows evicted in one step when the buffer's cap is reached.
pub const EVICT_ROWS: u32 = 16;

/// Damaged rows kept for inspection. More: the oldest of them goes.
pub const QUARANTINE_ROWS: u32 = 64;

/// Rows asked for at a time where each becomes many JSON messages: they are held expanded.
pub const FETCH_ROWS_JSON: usize = 4;

/// Bytes of payload that the store hands to the forwarder at a time; at least one row.
pub const FETCH_BYTES: usize = 1024 * 1024;

/// How often systemd's watchdog is fed; the unit's `WatchdogSec` is three times that or more.
pub const WATCHDOG_FEED: Duration = Duration::from_secs(5);

/// How long a stopping agent waits for its sources, and then for the forwarder to send what waits.
pub const STOP_SOURCES: Duration = Duration::from_secs(2);
/// See [`STOP_SOURCES`].
pub const STOP_FORWARD: Duration = Duration::from_secs(3);

/// How long a stopping agent takes in all where the disk is slow. Longer: the process ends with what was accepted; what
/// was confirmed last is freed at the next start. systemd waits 20 s (`TimeoutStopSec`).
pub const STOP_WITHIN: Duration = Duration::from_secs(9);

/// How much longer what was read last may take to be accepted, with the commit under way and one of its own: ten syncs
/// at most, and seldom more than two. Longer: it may be lost, and the agent ends with 75.
pub const STOP_SETTLE: Duration = Duration::from_secs(7);

/// Requests of the forwarder that wait for the pipeline. Full: the forwarder waits.
pub const REQUESTS_QUEUE: usize = 16;
/// Rows of one class sent and not yet kept by the cloud. Full: that class waits for the watermark, unless that
/// stands before a hole which was announced on `…/gap`: then the oldest are forgotten here, and read again later.
pub const UNKEPT_ROWS: usize = 1024;

/// Pause after a message was not delivered, doubling up to [`RETRY_MAX`].
pub const RETRY_MIN: Duration = Duration::from_secs(2);
/// See [`RETRY_MIN`].
pub const RETRY_MAX: Duration = Duration::from_secs(60);

/// Sent and not kept for this long: sent again, the time doubling up to [`RESEND_MAX`].
pub const RESEND_MIN: Duration = Duration::from_secs(30);
/// See [`RESEND_MIN`].
pub const RESEND_MAX: Duration = Duration::from_secs(15 * 60);

/// Messages of one class that are sent again beyond the watermark, and what is left of a row. More: they wait until the
/// cloud has these. All classes together fit into the 1000 messages that Mosquitto keeps for a subscriber by default.
pub const RESEND_MESSAGES: usize = 180;

/// After so many messages of one record were sent again: a rest, so that who reads slowly keeps up. A record is not
/// confirmed before it is whole, however many messages it has.
pub const RESEND_REST: Duration = Duration::from_secs(1);

/// A connection that lived this long, or brought one success, resets the reconnect backoff.
pub const CONNECTION_PROVEN: Duration = Duration::from_secs(30);

/// Time for one connection attempt, TLS and CONNACK included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of a certificate or key file. Longer: refused.
pub const PEM_BYTES: u64 = 1024 * 1024;

// ---- What the store and the forwarder add ----

/// Gaps of one class told at a time: of each epoch the first, then the second ones. More: they are told when these
/// are let go of.
pub const GAPS_AT_ONCE: u32 = 16;

/// Rows of one class that the broker cannot take and that are passed over. More: the class waits until there is
/// another connection.
pub const OVERSIZED_ROWS: usize = 64;

/// Damaged databases kept beside the one in use. More: the oldest goes.
pub const STORE_DAMAGED_FILES: usize = 2;

// ---- Bytes of printers ----

/// Unknown commands and meaningless bytes since the last cut or silence that are still a device's; more are noise
/// on the line: at the next silence the device's settings are forgotten, because noise may have changed any of
/// them.
pub const NOISE_COMMANDS: usize = 8;

/// Bytes that the payload of one command may claim: more than any printer's memory. A longer claim is no command
/// but noise: counted as unknown, so that it cannot swallow what follows.
pub const PAYLOAD_BYTES: u64 = 16 * 1024 * 1024;

// ---- Dialects ----

/// Words that a dialect's prefilter looks for. Full: a pattern is tried without that help, which only costs time.
pub const DIALECT_WORDS: usize = 8192;

/// Lines that a till's grammar knows again, twice. Full: the older half is forgotten, which only costs time.
pub const RECALLED_LINES: usize = 192;

/// Bytes of each of them, fewer than 255. A longer line is not kept, which only costs time.
pub const RECALLED_BYTES: usize = 96;

/// The longest wait for a drawer kick's receipt that a dialect may ask for. Longer: the dialect is refused.
pub const KICK_WINDOW_MAX: Duration = Duration::from_secs(600);

/// Golden samples of one dialect. More: the dialect is refused.
pub const DIALECT_SAMPLES: usize = 64;

// The pipeline under pressure.

/// Age of a reading, or delay of the pipeline thread, from which it counts as late: sources may hold more. Timers
/// then stand still.
pub const LATE: Duration = Duration::from_millis(250);

/// Time without lateness after which timers follow the clock again.
pub const CAUGHT_UP: Duration = Duration::from_millis(250);

/// The longest that lateness keeps timers still. Reached: timers run, and a document whose rest still waits
/// may end by silence.
pub const BEHIND: Duration = Duration::from_secs(10);

/// How often the health line is logged at most, and only if something changed.
pub const HEALTH_LOG: Duration = Duration::from_secs(60);

// ---- What tills, drawers and payment terminals mean ----

/// How long a drawer may stand open before that is told of, once.
pub const DRAWER_LEFT_OPEN: Duration = Duration::from_secs(180);

/// Silence after which facts that came without a document's end (scans in a stock mode, a terminal's slip) are
/// taken as whole.
pub const SLIP_IDLE: Duration = Duration::from_secs(10);

/// Silence after which a receipt without an end (a till that tells single records) is taken as it is.
pub const RECEIPT_IDLE: Duration = Duration::from_secs(600);

/// The latest time after midnight at which a shop's day may begin. Later: the configuration is refused.
pub const BUSINESS_DAY_STARTS: Duration = Duration::from_secs(12 * 60 * 60);

/// Results of a payment terminal that wait for their receipt. Full: the oldest is told as a payment of its own.
pub const CARD_PAYMENTS: usize = 16;

/// How long a result of a payment terminal waits for its receipt. Longer: it is told as a payment of its own.
pub const CARD_WINDOW: Duration = Duration::from_secs(180);

// ---- Devices that belong together ----

/// How long a finished receipt waits for the word of its till's payment terminal. Longer: it is sent as printed.
pub const RECEIPT_AWAITS_CARD: Duration = Duration::from_secs(5);

/// How long articles without a sum and a payment wait for the rest of their receipt. Longer: they are sent as a
/// receipt that is incomplete.
pub const RECEIPT_PAUSE: Duration = Duration::from_secs(30);

/// How long a printer's answer waits for the question that it answers: two lines are read one after the other, and
/// a USB adapter keeps bytes back for some time.
pub const ANSWER_WAITS: Duration = Duration::from_millis(50);

/// Readings of a printer's answers that wait so. Full: the oldest is read early.
pub const ANSWER_READINGS: usize = 64;
