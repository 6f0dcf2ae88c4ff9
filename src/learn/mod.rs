//! Learning a till from what it prints: recordings, and proposals of dialects.
//!
//! Pure: laid-out lines in, text out. Nothing here decides anything at run time; what is proposed is a file for a
//! person to read, and every guess in it is marked.
//!
//! | module | job |
//! |---|---|
//! | [`recording`] | the `.tgcap` format: redacted lines and what came between them |
//! | [`pages`] | which code page the text is in |
//! | [`paper`] | what was printed, document by document |
//! | [`amounts`] | which numbers are amounts, and which sign is the decimal one |
//! | [`dates`] | how dates are written |
//! | [`sums`] | which label is the total, the payment, the change: by arithmetic, not by words |
//! | [`shape`] | how lines of articles are built |
//! | [`marks`] | lines that all documents share, and numbers that count |
//! | [`frames`], `checks` | how a machine's frames are told apart |
//! | [`records`] | what their fields are, as a dialect's TOML |
//! | [`speed`] | whether bytes were read at the right speed |
//! | [`propose`] | all of it as a dialect's TOML |

pub mod amounts;
mod checks;
pub mod dates;
pub mod frames;
pub mod marks;
pub mod pages;
pub mod paper;
pub mod propose;
pub mod recording;
pub mod records;
pub mod shape;
pub mod speed;
pub mod sums;
