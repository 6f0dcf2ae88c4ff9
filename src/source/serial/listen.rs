//! Listening to ports for people who set them up: capture, learn, watch.
//!
//! The same tasks as the daemon's read the ports, so that what is shown is what it would get: locked, only read, and
//! opened again when they went away.

use std::future::pending;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::kernel::{self, KernelCounters};
use crate::clock::Clock;
use crate::config::SerialLine;
use crate::limits;
use crate::source::{Body, Outlet, Reading, SourceId, Stop};
use crate::time::Now;

/// What happens while ports are listened to.
#[derive(Debug)]
pub enum Heard {
    /// A port said something, came or went: its place in the list, and what.
    Reading(usize, Body),
    /// Time passed.
    Tick,
    /// The user wants it to end.
    Interrupted,
}

/// Listens to `lines` until `each` breaks or the user interrupts. Every call has the present moment.
///
/// # Errors
/// When the system gives no runtime.
pub fn listen(
    lines: &[SerialLine],
    mut each: impl FnMut(Now, Heard) -> ControlFlow<()>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let clock = Clock::start();
        let (sender, mut readings) = mpsc::channel(limits::READINGS_QUEUE);
        let (stop, stopped) = watch::channel(false);
        for (source, line) in (0..).zip(lines) {
            let outlet = Outlet::for_bytes(SourceId(source), sender.clone());
            let stop = Stop::new(stopped.clone());
            tokio::spawn(super::run(line.clone(), clock, outlet, stop, u64::from(source)));
        }
        let mut ticks = interval(limits::LISTEN_TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let (now, heard) = tokio::select! {
                biased;
                () = interrupted() => (clock.now(), Heard::Interrupted),
                Some(Reading { source, at, body }) = readings.recv() => {
                    (at, Heard::Reading(usize::from(source.0), body))
                }
                _ = ticks.tick() => (clock.now(), Heard::Tick),
            };
            let ends = matches!(heard, Heard::Interrupted);
            if each(now, heard).is_break() || ends {
                break;
            }
        }
        let _ = stop.send(true);
    });
    Ok(())
}

/// Returns when the user presses Ctrl-C, or the system asks for the end.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return pending().await };
    tokio::select! {
        result = tokio::signal::ctrl_c() => if result.is_err() { pending().await },
        _ = terminate.recv() => {}
    }
}

/// What the kernel's driver counted on a port, where it tells.
#[must_use]
pub fn counters(port: &Path) -> Option<KernelCounters> {
    kernel::read(port)
}
