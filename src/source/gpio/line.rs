//! One line of a real GPIO chip, by the character device.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use gpiocdev::Request;
use gpiocdev::line::{EdgeDetection, EdgeKind, Value};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::source::DownReason;

/// A contact on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// `/dev/gpiochip0`
    pub chip: PathBuf,
    /// Offset on the chip.
    pub line: u32,
    /// How long a level must hold; the kernel waits it out, so every edge is late by it. Zero: none.
    pub debounce: Duration,
    /// The line is active when it is low.
    pub active_low: bool,
}

/// One change of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    pub active: bool,
    /// Counts this line's edges since it was requested, from 1.
    pub sequence: u32,
}

/// Something that gives edges and can be opened again: a chip's line, or a script in tests.
pub trait LineOpener {
    type Line: LineEvents;

    /// Requests the line; edges count from here.
    fn open(&mut self) -> Result<Self::Line, DownReason>;
}

/// A requested line.
pub trait LineEvents {
    /// The level now: true when active.
    fn level(&mut self) -> Result<bool, DownReason>;

    /// Waits for the next edge. May be dropped without losing one.
    fn next(&mut self) -> impl Future<Output = Result<Edge, DownReason>> + Send;
}

impl LineOpener for Contact {
    type Line = Line;

    fn open(&mut self) -> Result<Line, DownReason> {
        // gpiocdev's own errors do not keep apart what a technician has to do.
        std::fs::File::open(&self.chip).map_err(|error| DownReason::of(&error))?;
        let mut builder = Request::builder();
        builder
            .on_chip(&self.chip)
            .with_consumer("tillgate")
            .with_line(self.line)
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
        Ok(Line { offset: self.line, events })
    }
}

/// A line of a real chip. gpiocdev's own tokio wrapper panics when it cannot register the descriptor, and spins
/// when that is ready without an edge; hence this one.
#[derive(Debug)]
pub struct Line {
    offset: u32,
    events: AsyncFd<Request>,
}

#[expect(deprecated, reason = "its successor is unsafe to call; a Request keeps its descriptor")]
fn watch(request: Request) -> io::Result<AsyncFd<Request>> {
    AsyncFd::with_interest(request, Interest::READABLE)
}

impl LineEvents for Line {
    fn level(&mut self) -> Result<bool, DownReason> {
        let value = self.events.get_ref().value(self.offset).map_err(|error| refusal(&error))?;
        Ok(value == Value::Active)
    }

    async fn next(&mut self) -> Result<Edge, DownReason> {
        loop {
            let mut ready = self.events.readable().await.map_err(|error| DownReason::of(&error))?;
            let request = ready.get_inner();
            if request.has_edge_event().map_err(|error| refusal(&error))? {
                let event = request.read_edge_event().map_err(|error| refusal(&error))?;
                return Ok(Edge {
                    active: event.kind == EdgeKind::Rising,
                    sequence: event.line_seqno,
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
        let mut contact =
            Contact { chip: chip.into(), line: 0, debounce: Duration::ZERO, active_low: false };
        assert_eq!(contact.open().err().as_ref(), Some(expected));
    }

    #[test]
    fn a_chip_that_is_absent_or_no_chip_is_refused_with_the_reason() {
        check("/dev/no-such-gpiochip", &DownReason::Missing);
        let text = "\"/dev/null\" is not a GPIO character device.".to_owned();
        check("/dev/null", &DownReason::Other(text));
    }
}
