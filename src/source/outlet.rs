//! The way out of a source: a bounded hand-over that never makes a reader wait.
//!
//! A reader puts what it has and goes back to its device. What the pipeline's queue does not take at once waits
//! in the source's own [`Pending`]; while something waits the source also runs [`Outlet::drain`], beside reading.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tokio::sync::mpsc;

use crate::limits;
use crate::source::pending::Pending;
use crate::source::{Body, Reading, SourceId};
use crate::time::Now;

/// One source's end of the hand-over to the pipeline.
#[derive(Debug)]
pub struct Outlet {
    source: SourceId,
    /// The other end is the pipeline's.
    readings: mpsc::Sender<Reading>,
    pending: Pending,
    /// Shared with whoever reports this source's health.
    counters: Arc<SourceCounters>,
}

/// The pipeline has stopped taking readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pipeline takes no more readings")]
pub struct Closed;

/// What one source has counted since it was made. Written by the source, read by anyone.
#[derive(Debug, Default)]
pub struct SourceCounters {
    /// Bytes seen on a port.
    pub bytes: AtomicU64,
    /// Adverts and edges seen.
    pub events: AtomicU64,
    /// Bytes, edges or adverts dropped because the hand-over was full.
    pub dropped: AtomicU64,
    /// Times the device was opened.
    pub opened: AtomicU64,
    /// Bytes whose parity was wrong, where the source checks it itself (seven data bits).
    pub parity_errors: AtomicU64,
    /// Adverts that could not be used: no signal strength known, or a payload too long.
    pub unusable: AtomicU64,
    /// What the kernel's driver counted; 0 where it tells nothing.
    pub kernel_overruns: AtomicU64,
    /// See `kernel_overruns`: framing errors, which a wrong baud rate makes.
    pub kernel_framing: AtomicU64,
    /// See `kernel_overruns`: parity errors.
    pub kernel_parity: AtomicU64,
}

impl Outlet {
    /// For a serial port: holds up to [`limits::READER_BUFFER`] bytes while the pipeline is behind.
    #[must_use]
    pub fn for_bytes(source: SourceId, readings: mpsc::Sender<Reading>) -> Self {
        Self::new(source, readings, limits::READER_BUFFER)
    }

    /// For a radio or a GPIO line: holds up to [`limits::ADVERT_QUEUE`] readings while the pipeline is behind.
    #[must_use]
    pub fn for_events(source: SourceId, readings: mpsc::Sender<Reading>) -> Self {
        Self::new(source, readings, limits::ADVERT_QUEUE * limits::READING_OVERHEAD)
    }

    fn new(source: SourceId, readings: mpsc::Sender<Reading>, capacity: usize) -> Self {
        let pending = Pending::new(capacity);
        Self { source, readings, pending, counters: Arc::default() }
    }

    /// The counters of this source.
    #[must_use]
    pub fn counters(&self) -> Arc<SourceCounters> {
        Arc::clone(&self.counters)
    }

    /// Hands a reading over, or keeps it, or drops and counts it. Never waits.
    pub fn put(&mut self, at: Now, body: Body) {
        self.count(&body);
        let mut reading = Reading { source: self.source, at, body };
        if self.pending.is_empty() {
            match self.readings.try_send(reading) {
                Ok(()) => return,
                Err(
                    mpsc::error::TrySendError::Full(back) | mpsc::error::TrySendError::Closed(back),
                ) => {
                    reading = back;
                }
            }
        }
        let dropped = self.pending.push(reading);
        self.counters.dropped.fetch_add(dropped, Relaxed);
    }

    /// Tells that `count` adverts were dropped before they came here.
    pub fn lost(&mut self, at: Now, count: u64) {
        self.counters.dropped.fetch_add(count, Relaxed);
        self.put(at, Body::AdvertsDropped { count });
    }

    /// Whether something waits, so that [`Self::drain`] has something to do.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Hands over what waits, as the pipeline takes it. May be dropped at any time without losing anything.
    ///
    /// # Errors
    /// [`Closed`] when the pipeline is gone.
    pub async fn drain(&mut self) -> Result<(), Closed> {
        while self.is_waiting() {
            let room = self.readings.reserve().await.map_err(|_| Closed)?;
            if let Some(reading) = self.pending.pop() {
                room.send(reading);
            }
        }
        Ok(())
    }

    fn count(&self, body: &Body) {
        match body {
            Body::Bytes(bytes) => self.counters.bytes.fetch_add(bytes.len() as u64, Relaxed),
            Body::Edge { .. } | Body::Registers(_) | Body::Advert(_) => {
                self.counters.events.fetch_add(1, Relaxed)
            }
            Body::Up => self.counters.opened.fetch_add(1, Relaxed),
            Body::Down(_)
            | Body::Levels(_)
            | Body::Overrun { .. }
            | Body::AdvertsDropped { .. } => 0,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Advert;

    fn bytes(text: &str) -> Body {
        Body::Bytes(text.as_bytes().to_vec())
    }

    #[tokio::test]
    async fn order_holds_across_the_queue_and_the_pending() {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut out = Outlet::for_bytes(SourceId(3), sender);
        let mut at = Now::default();
        for part in ["a", "b", "c"] {
            out.put(at, bytes(part));
            at = at.plus(std::time::Duration::from_secs(1));
        }
        let collect = async {
            let mut got = Vec::new();
            while let Some(reading) = receiver.recv().await {
                got.push(reading.body);
                if got.len() == 3 {
                    break;
                }
            }
            got
        };
        let (drained, got) = tokio::join!(out.drain(), collect);
        assert_eq!(drained, Ok(()));
        assert_eq!(got, [bytes("a"), bytes("b"), bytes("c")]);
        assert_eq!(out.counters().bytes.load(Relaxed), 3);
    }

    #[tokio::test]
    async fn a_pipeline_that_is_gone_is_noticed() {
        let (sender, receiver) = mpsc::channel(1);
        let mut out = Outlet::for_bytes(SourceId(0), sender);
        drop(receiver);
        out.put(Now::default(), bytes("a"));
        assert_eq!(out.drain().await, Err(Closed));
    }

    #[tokio::test]
    async fn a_full_advert_queue_says_what_it_dropped_and_goes_on() {
        let advert = |rssi| {
            Body::Advert(Advert {
                address: [0; 6],
                random: false,
                rssi,
                manufacturer: Vec::new(),
                service: Vec::new(),
            })
        };
        let (sender, mut receiver) = mpsc::channel(1);
        let mut out = Outlet::for_events(SourceId(0), sender);
        for _ in 0..limits::ADVERT_QUEUE + 11 {
            out.put(Now::default(), advert(-60));
        }
        assert_eq!(out.counters().dropped.load(Relaxed), 10);
        for _ in 0..=limits::ADVERT_QUEUE {
            assert_eq!(take(&mut out, &mut receiver).await, advert(-60));
        }
        out.put(Now::default(), advert(-70));
        assert_eq!(take(&mut out, &mut receiver).await, Body::AdvertsDropped { count: 10 });
        assert_eq!(take(&mut out, &mut receiver).await, advert(-70));
    }

    /// The next reading, while the outlet drains.
    async fn take(out: &mut Outlet, receiver: &mut mpsc::Receiver<Reading>) -> Body {
        loop {
            tokio::select! {
                biased;
                reading = receiver.recv() => return reading.unwrap().body,
                drained = out.drain(), if out.is_waiting() => drained.unwrap(),
            }
        }
    }
}
