//! Serial ports: tills and the devices beside them, line-counter doors and `$GPRP` receivers. All are only listened
//! to, but for a scale that the configuration says to poll.
//!
//! Invariants: bytes leave in the order they came, or a reading says how many are missing and where; the port is
//! dropped before it is opened again (a held one keeps its name, and the plug would come back under another);
//! nothing is written to it but a [`Poll`]; a node that vanished, ends, or became another one is an unplug.
//!
//! A read that yields bytes is followed by a pause of [`limits::READ_COALESCE`] and one more read: a slow line
//! then wakes the pipeline a few times a line and not for each byte.

mod format;
mod kernel;
pub mod listen;
pub(super) mod port;

use std::io;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use futures_util::FutureExt as _;
use rustix::io::Errno;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};

use self::format::{Opened, Strip};
use self::port::{Opener, Port, Tty};
use super::reopen::{Device, End, Host};
use super::{Body, DownReason, Outlet, Poll, Stop};
use crate::clock::Clock;
use crate::config::SerialLine;
use crate::limits;
use crate::time::Now;

/// Reads `line` until it is told to stop or the pipeline is gone. `seed` decides the waits between attempts.
pub async fn run(line: SerialLine, clock: Clock, out: Outlet, stop: Stop, seed: u64) {
    ask(line, None, clock, out, stop, seed).await;
}

/// As [`run`], and asks the device as `poll` says: only where this gateway is its sole host.
pub async fn ask(
    line: SerialLine,
    poll: Option<Poll>,
    clock: Clock,
    out: Outlet,
    stop: Stop,
    seed: u64,
) {
    let strip = Opened::new(line.format).strip;
    let reader = Reader { opener: Tty::new(line), strip, poll };
    Host::new(clock, out, stop, seed).keep_open(reader).await;
}

struct Reader<O> {
    opener: O,
    strip: Strip,
    poll: Option<Poll>,
}

/// Bytes that were read and wait for their pause to be over.
struct Chunk {
    buffer: Box<[u8]>,
    filled: usize,
    /// When the first of them left the kernel.
    at: Now,
}

impl<O: Opener> Device for Reader<O> {
    async fn session(&mut self, host: &mut Host) -> End {
        match self.opener.open().await {
            Ok(port) => {
                host.up();
                self.read(port, host).await
            }
            Err(reason) => End::Gone(reason),
        }
    }
}

impl<O: Opener> Reader<O> {
    /// Reads until something ends it; the port is dropped on return.
    async fn read(&mut self, mut port: O::Port, host: &mut Host) -> End {
        let mut chunk = Chunk::new(host.clock.now());
        let mut look = ticks(limits::NODE_POLL);
        let poll = self.poll;
        let mut ask = ticks(poll.map_or(limits::NODE_POLL, |poll| poll.every));
        loop {
            tokio::select! {
                biased;
                () = host.stop.requested() => {
                    self.finish(&mut port, &mut chunk, host);
                    return End::Stopped;
                }
                drained = host.out.drain(), if host.out.is_waiting() => {
                    if drained.is_err() {
                        return End::PipelineGone;
                    }
                }
                _ = look.tick() => {
                    self.read_kernel_counters(host);
                    if !self.opener.is_there() {
                        self.finish(&mut port, &mut chunk, host);
                        return End::Gone(DownReason::Unplugged);
                    }
                }
                _ = ask.tick(), if poll.is_some() => {
                    send(&mut port, poll.map(|poll| poll.request)).await;
                }
                () = sleep(limits::READ_COALESCE), if chunk.filled > 0 => {
                    if let Some(reason) = self.finish(&mut port, &mut chunk, host) {
                        return End::Gone(reason);
                    }
                }
                result = port.read(&mut chunk.buffer), if chunk.filled == 0 => match size(result) {
                    Ok(bytes) => {
                        (chunk.filled, chunk.at) = (bytes, host.clock.now());
                        let come = chunk.buffer.get(..bytes).unwrap_or_default();
                        let reply = poll.and_then(|poll| poll.reply);
                        let reply = reply.filter(|(ready, _)| come.contains(ready));
                        send(&mut port, reply.map(|(_, reply)| reply)).await;
                    }
                    Err(reason) => return End::Gone(reason),
                },
            }
        }
    }

    /// Adds what has come in the meantime, without waiting for it, and hands everything over.
    fn finish(
        &mut self,
        port: &mut O::Port,
        chunk: &mut Chunk,
        host: &mut Host,
    ) -> Option<DownReason> {
        if chunk.filled == 0 {
            chunk.at = host.clock.now();
        }
        let mut end = None;
        if let Some(room) = chunk.buffer.get_mut(chunk.filled..).filter(|room| !room.is_empty()) {
            match port.read(room).now_or_never().map(size) {
                Some(Ok(bytes)) => chunk.filled += bytes,
                Some(Err(reason)) => end = Some(reason),
                None => {}
            }
        }
        self.hand_over(chunk, host);
        end
    }

    fn hand_over(&mut self, chunk: &mut Chunk, host: &mut Host) {
        let mut bytes = chunk.buffer.get(..chunk.filled).unwrap_or_default().to_vec();
        chunk.filled = 0;
        if !bytes.is_empty() {
            let wrong = self.strip.apply(&mut bytes);
            host.out.counters().parity_errors.fetch_add(wrong, Relaxed);
            host.out.put(chunk.at, Body::Bytes(bytes));
        }
    }

    fn read_kernel_counters(&self, host: &Host) {
        if let Some(kernel) = self.opener.kernel_counters() {
            let counters = host.out.counters();
            counters.kernel_overruns.store(kernel.overruns, Relaxed);
            counters.kernel_framing.store(kernel.framing, Relaxed);
            counters.kernel_parity.store(kernel.parity, Relaxed);
        }
    }
}

impl Chunk {
    fn new(at: Now) -> Self {
        let buffer = vec![0; limits::READ_CHUNK].into_boxed_slice();
        Self { buffer, filled: 0, at }
    }
}

/// A read of nothing is the end: raw mode keeps an idle line pending.
fn size(read: io::Result<usize>) -> Result<usize, DownReason> {
    match read {
        Ok(0) => Err(DownReason::Unplugged),
        Ok(bytes) => Ok(bytes),
        Err(error) => Err(match Errno::from_io_error(&error) {
            Some(Errno::IO | Errno::NXIO | Errno::NODEV) => DownReason::Unplugged,
            _ => DownReason::Other(error.to_string()),
        }),
    }
}

/// Sends a question. A port that does not take it is about to be found gone, or to be asked again.
async fn send<P: Port>(port: &mut P, bytes: Option<&[u8]>) {
    if let Some(bytes) = bytes {
        let _ = timeout(limits::WRITE_PATIENCE, port.write(bytes)).await;
    }
}

fn ticks(every: Duration) -> Interval {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests;
