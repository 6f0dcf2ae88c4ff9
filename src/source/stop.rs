//! How a source is told to stop.

use std::ops::ControlFlow;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::Outlet;

/// The wish that a source stops: the value became true, or whoever could say so is gone.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens to the other end of `signal`.
    #[must_use]
    pub fn new(signal: watch::Receiver<bool>) -> Self {
        Self(signal)
    }

    /// Returns once the source shall stop. May be dropped and called again.
    pub async fn requested(&mut self) {
        // An error means that the sender is gone, which is a request as well.
        let _ = self.0.wait_for(|&stop| stop).await;
    }

    /// Waits before the next attempt, handing over what waits; breaks when the source shall end.
    pub(super) async fn pause(&mut self, wait: Duration, out: &mut Outlet) -> ControlFlow<()> {
        let over = sleep(wait);
        tokio::pin!(over);
        loop {
            tokio::select! {
                biased;
                () = self.requested() => return ControlFlow::Break(()),
                drained = out.drain(), if out.is_waiting() => {
                    if drained.is_err() {
                        return ControlFlow::Break(());
                    }
                }
                () = &mut over => return ControlFlow::Continue(()),
            }
        }
    }
}
