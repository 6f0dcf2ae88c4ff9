//! Lines of a real GPIO chip, by the character device.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gpiocdev::Request;
use gpiocdev::line::{EdgeDetection, EdgeKind, Value};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::source::DownReason;

/// One line or two of a chip, requested together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// `/dev/gpiochip0`
    chip: PathBuf,
    /// Offsets on the chip.
    pub(super) offsets: Offsets,
    /// How long a level must hold; the kernel waits it out, so every edge is late by it. Zero: none.
    debounce: Duration,
    /// A line is active when it is low.
    active_low: bool,
}

/// Which lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offsets {
    One(u32),
    /// The outer beam's and the inner one's.
    Two([u32; 2]),
}

/// One change of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Which line.
    pub line: u32,
    pub active: bool,
    /// Counts the edges of all lines since they were requested, from 1.
    pub sequence: u32,
    /// When the kernel saw it, in nanoseconds of its monotonic clock.
    pub stamp_ns: u64,
}

/// Something that gives edges and can be opened again: a chip's lines, or a script in tests.
pub trait LineOpener {
    type Line: LineEvents;

    /// Requests the lines; edges count from here.
    fn open(&mut self) -> Result<Self::Line, DownReason>;
}

/// Requested lines.
pub trait LineEvents {
    /// The level of a line now: true when active.
    fn level(&mut self, line: u32) -> Result<bool, DownReason>;

    /// Waits for the next edge. May be dropped without losing one.
    fn next(&mut self) -> impl Future<Output = Result<Edge, DownReason>> + Send;
}

impl Lines {
    /// A contact on one line.
    #[must_use]
    pub fn contact(chip: &Path, line: u32, debounce: Duration, active_low: bool) -> Self {
        Self { chip: chip.to_owned(), offsets: Offsets::One(line), debounce, active_low }
    }

    /// Two beams.
    #[must_use]
    pub fn pair(chip: &Path, lines: [u32; 2], debounce: Duration, active_low: bool) -> Self {
        Self { chip: chip.to_owned(), offsets: Offsets::Two(lines), debounce, active_low }
    }
}

impl Offsets {
    /// All of them.
    pub fn all(&self) -> &[u32] {
        match self {
            Self::One(line) => std::slice::from_ref(line),
            Self::Two(lines) => lines,
        }
    }
}

impl LineOpener for Lines {
    type Line = Requested;

    fn open(&mut self) -> Result<Requested, DownReason> {
        // gpiocdev's own errors do not keep apart what a technician has to do.
        std::fs::File::open(&self.chip).map_err(|error| DownReason::of(&error))?;
        let mut builder = Request::builder();
        builder
            .on_chip(&self.chip)
            .with_consumer("tillgate")
            // All at once: what follows is set for those that were named last.
            .with_lines(self.offsets.all())
            .as_input()
            .with_edge_detection(EdgeDetection::BothEdges);
        if self.active_low {
            builder.as_active_low();
        }
        if !self.debounce.is_zero() {
            builder.with_debounce_period(self.debounce);
        }
        let request = builder.request().map_err(|error| refusal(&error))?;
        let events = watch(request).map_err(|error| DownReason::of(&error))?;
        Ok(Requested { events })
    }
}

/// Lines of a real chip. gpiocdev's own tokio wrapper panics when it cannot register the descriptor, and spins
/// when that is ready without an edge; hence this one.
#[derive(Debug)]
pub struct Requested {
    events: AsyncFd<Request>,
}

#[expect(deprecated, reason = "its successor is unsafe to call; a Request keeps its descriptor")]
fn watch(request: Request) -> io::Result<AsyncFd<Request>> {
    AsyncFd::with_interest(request, Interest::READABLE)
}

impl LineEvents for Requested {
    fn level(&mut self, line: u32) -> Result<bool, DownReason> {
        let value = self.events.get_ref().value(line).map_err(|error| refusal(&error))?;
        Ok(value == Value::Active)
    }

    async fn next(&mut self) -> Result<Edge, DownReason> {
        loop {
            let mut ready = self.events.readable().await.map_err(|error| DownReason::of(&error))?;
            let request = ready.get_inner();
            if request.has_edge_event().map_err(|error| refusal(&error))? {
                let event = request.read_edge_event().map_err(|error| refusal(&error))?;
                return Ok(Edge {
                    line: event.offset,
                    active: event.kind == EdgeKind::Rising,
                    sequence: event.seqno,
                    stamp_ns: event.timestamp_ns,
                });
            }
            ready.clear_ready();
        }
    }
}

/// A line that another program holds is refused in gpiocdev's words: its error does not give the cause away.
fn refusal(error: &gpiocdev::Error) -> DownReason {
    match error {
        gpiocdev::Error::Os(errno) => DownReason::of(&io::Error::from_raw_os_error(errno.0)),
        other => DownReason::Other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests line 0 of `chip`.
    fn check(chip: &str, expected: &DownReason) {
        let mut contact = Lines::contact(Path::new(chip), 0, Duration::ZERO, false);
        assert_eq!(contact.open().err().as_ref(), Some(expected));
    }

    #[test]
    fn a_chip_that_is_absent_or_no_chip_is_refused_with_the_reason() {
        check("/dev/no-such-gpiochip", &DownReason::Missing);
        let text = "\"/dev/null\" is not a GPIO character device.".to_owned();
        check("/dev/null", &DownReason::Other(text));
    }
}
