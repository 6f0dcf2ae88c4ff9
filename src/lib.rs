//! tillgate reads what a shop's tills, doors and beacons say, keeps what it accepted in SQLite, and sends it
//! over MQTT 5.
//!
//! # Layout: the data flow
//!
//! | module | job |
//! |---|---|
//! | [`source`] | one task per device: open, read, stamp, reopen with backoff; yields [`source::Reading`]s |
//! | [`decode`] | pure: readings to redacted facts (a laid-out line, an item of a receipt, a door edge, a tag heard) |
//! | [`track`] | pure state machines: facts to records of the contract |
//! | [`compact`] | pure: records to batches, when and how large |
//! | [`store`] | SQLite outbox; the only module that names the database |
//! | [`forward`] | a sans-IO session and the one file that names the MQTT client |
//! | [`agent`] | the wiring: channels, threads, shutdown order |
//!
//! Beside the flow: [`time`] (types), [`clock`] (the only reader of clocks), [`limits`] (every bound),
//! [`backoff`] (waits between attempts), [`order`] (one sort for short lists), [`spanned`] (TOML with places:
//! every mistake of a file at once), [`config`] (the TOML file, raw then checked), [`ledger`] (the cloud's side:
//! what is there and missing), [`learn`] (recordings, and dialects proposed from them), [`cli`] (one file per
//! command).
//!
//! Four words mean one thing each, everywhere: **seen** (left the kernel), **accepted** (committed and
//! synced), **sent** (published), **kept** (the cloud confirmed).

pub mod agent;
pub mod backoff;
pub mod cli;
pub mod clock;
pub mod compact;
pub mod config;
pub mod decode;
pub mod forward;
pub mod learn;
pub mod ledger;
pub mod limits;
pub mod order;
pub mod source;
pub mod spanned;
pub mod store;
pub mod time;
pub mod track;
