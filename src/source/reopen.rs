//! The life of a device: opened, used until it is gone, opened again after a wait, until the source shall stop.

use super::availability::Availability;
use super::{DownReason, Outlet, Stop};
use crate::clock::Clock;
use crate::time::Now;

/// What every device needs beside itself.
#[derive(Debug)]
pub(super) struct Host {
    pub clock: Clock,
    pub out: Outlet,
    pub stop: Stop,
    availability: Availability,
}

/// A device that can be opened again and again.
pub(super) trait Device {
    /// Opens the device, says so by [`Host::up`], and uses it until something ends it. On return it is closed.
    async fn session(&mut self, host: &mut Host) -> End;
}

/// Why a session ended.
pub(super) enum End {
    /// The device could not be opened, or went away.
    Gone(DownReason),
    /// The source shall stop.
    Stopped,
    /// Nobody takes readings any more.
    PipelineGone,
}

impl Host {
    /// `seed` decides the waits between attempts.
    pub fn new(clock: Clock, out: Outlet, stop: Stop, seed: u64) -> Self {
        Self { clock, out, stop, availability: Availability::new(seed) }
    }

    /// The device was opened, at the moment that is returned.
    pub fn up(&mut self) -> Now {
        let now = self.clock.now();
        let up = self.availability.opened(now.mono);
        self.out.put(now, up);
        now
    }

    /// Opens and uses `device` until it is told to stop or the pipeline is gone.
    pub async fn keep_open(mut self, mut device: impl Device) {
        loop {
            match device.session(&mut self).await {
                End::Gone(reason) => {
                    let now = self.clock.now();
                    let (news, wait) = self.availability.failed(reason, now.mono);
                    if let Some(down) = news {
                        self.out.put(now, down);
                    }
                    if self.stop.pause(wait, &mut self.out).await.is_break() {
                        break;
                    }
                }
                End::Stopped => break,
                End::PipelineGone => return,
            }
        }
        // What was seen goes on with the flow; who shuts down decides how long that may take.
        let _ = self.out.drain().await;
    }
}
