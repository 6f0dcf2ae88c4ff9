//! Bounds of recordings, and of what is learnt from them.

use std::time::Duration;

/// Bytes of one line of a recording (`.tgcap`). Longer: the file is refused.
pub const RECORDING_LINE: usize = 4096;

/// Lines that `tillgate learn` keeps. Full: the rest is left out of the proposal, and it says so.
pub const LEARN_LINES: usize = 50_000;

/// Facts or bytes that a golden sample may have. Longer: the sample is refused.
pub const SAMPLE_BYTES: usize = 4 * 1024 * 1024;

/// How often listening commands (capture, learn, watch) look at the time.
pub const LISTEN_TICK: Duration = Duration::from_millis(100);

/// Frames that differ, in which a guess of `tillgate learn` must hold. Fewer: it proposes no frames.
pub const LEARN_FRAMES: usize = 3;

/// Bytes in which `tillgate learn` looks for frames. More: the rest is not looked at.
pub const LEARN_FRAMES_BYTES: usize = 8 * 1024;

/// Silence at a port that may separate frames, for `tillgate learn`: longer than a USB adapter holds bytes back.
pub const LEARN_SILENCE: Duration = Duration::from_millis(200);

/// Bytes that `tillgate learn` wants at each speed before it judges it.
pub const SPEED_BYTES: usize = 64;

/// Bytes that it waits for where they are no text yet: a few frames. More: it tries another speed.
pub const SPEED_BYTES_MOST: usize = 256;

/// How long `tillgate learn` waits at one speed for those bytes, once some came. Over: it judges what it has.
pub const SPEED_PATIENCE: Duration = Duration::from_secs(3);

/// Bytes that `tillgate learn` keeps to read them again with another code page. More: of what is in another page
/// than the usual one, the rest is left out of the proposal.
pub const LEARN_BYTES: usize = 4 * 1024 * 1024;
