//! The pipeline's end of the readings' channel, with a look at what comes next.

use tokio::sync::mpsc;

use crate::source::Reading;
use crate::time::Now;

/// Readings that wait, in order.
pub struct Queue {
    channel: mpsc::Receiver<Reading>,
    /// Out of the channel and not yet taken.
    head: Option<Reading>,
}

impl Queue {
    /// All readings of this channel.
    #[must_use]
    pub fn new(channel: mpsc::Receiver<Reading>) -> Self {
        Self { channel, head: None }
    }

    /// The stamp of the reading that [`Queue::next`] would yield at once.
    pub fn next_stamp(&mut self) -> Option<Now> {
        if self.head.is_none() {
            self.head = self.channel.try_recv().ok();
        }
        self.head.as_ref().map(|reading| reading.at)
    }

    /// The next reading; `None` once the sources are gone and nothing waits. May be dropped without losing any.
    pub async fn next(&mut self) -> Option<Reading> {
        match self.head.take() {
            Some(head) => Some(head),
            None => self.channel.recv().await,
        }
    }

    /// The next reading if one waits.
    pub fn waiting(&mut self) -> Option<Reading> {
        self.head.take().or_else(|| self.channel.try_recv().ok())
    }

    /// Whether all sources are gone: nothing is added to what waits.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.channel.is_closed()
    }
}
