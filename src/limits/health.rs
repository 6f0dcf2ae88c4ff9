//! What the gateway says about itself.

use std::time::Duration;

/// How often the pipeline looks at its own health, when nothing else wakes it.
pub const HEALTH_LOOK: Duration = Duration::from_secs(5);

/// How often `health.json` is written beside the database at least. More often where `…/health` is told more often.
pub const HEALTH_FILE: Duration = Duration::from_secs(60);

/// Time over which the rate is measured by which the buffer's end is foretold.
pub const RATE_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// Time between two points of that measurement.
pub const RATE_STEP: Duration = Duration::from_secs(15 * 60);

/// The least time that says anything about a rate. Less: the buffer's end is not foretold.
pub const RATE_EVIDENCE: Duration = Duration::from_secs(10 * 60);

/// Bytes of a request for metrics. Longer: refused with 431.
pub const METRICS_REQUEST_BYTES: usize = 8 * 1024;

/// Requests for metrics at once. More: the newest is closed unanswered.
pub const METRICS_CONNECTIONS: usize = 8;

/// Time for one request, its answer and the client's farewell. Longer: closed.
pub const METRICS_PATIENCE: Duration = Duration::from_secs(5);

/// How long after a failure to listen for metrics it is tried again.
pub const METRICS_RETRY: Duration = Duration::from_secs(60);

/// Bytes of `health.json` that `tillgate outbox` reads. Longer: it is not believed.
pub const HEALTH_FILE_BYTES: u64 = 1024 * 1024;

/// How long the service manager may take to take a datagram. Longer: it is not told this time.
pub const NOTIFY_PATIENCE: Duration = Duration::from_secs(1);
