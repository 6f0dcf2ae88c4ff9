//! A contact on one line of a GPIO chip.
//!
//! The kernel debounces, stamps and counts edges; a gap in the numbers is loss. After each opening the level is
//! told as an edge with the number 0, read *after* the line was requested, so that no change falls in between:
//! at worst one is told twice.

mod line;

pub use self::line::Contact;
use self::line::{LineEvents, LineOpener};
use super::reopen::{Device, End, Host};
use super::{Body, Outlet, Stop};
use crate::clock::Clock;

/// Watches `contact` until it is told to stop or the pipeline is gone. `seed` decides the waits between attempts.
pub async fn run(contact: Contact, clock: Clock, out: Outlet, stop: Stop, seed: u64) {
    let offset = contact.line;
    Host::new(clock, out, stop, seed).keep_open(Watcher { opener: contact, offset }).await;
}

struct Watcher<O> {
    opener: O,
    offset: u32,
}

impl<O: LineOpener> Device for Watcher<O> {
    async fn session(&mut self, host: &mut Host) -> End {
        let opened = self.opener.open().and_then(|mut line| Ok((line.level()?, line)));
        let (active, mut line) = match opened {
            Ok(opened) => opened,
            Err(reason) => return End::Gone(reason),
        };
        let now = host.up();
        host.out.put(now, Body::Edge { line: self.offset, active, sequence: 0 });
        loop {
            tokio::select! {
                biased;
                () = host.stop.requested() => return End::Stopped,
                drained = host.out.drain(), if host.out.is_waiting() => {
                    if drained.is_err() {
                        return End::PipelineGone;
                    }
                }
                edge = line.next() => match edge {
                    Ok(edge) => {
                        let (active, sequence) = (edge.active, edge.sequence);
                        host.out.put(host.clock.now(), Body::Edge { line: self.offset, active, sequence });
                    }
                    Err(reason) => return End::Gone(reason),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use tokio::sync::{mpsc, watch};

    use super::line::Edge;
    use super::*;
    use crate::source::{DownReason, SourceId};

    /// The level at opening, then edges; then the chip goes away.
    struct Script(bool, VecDeque<Edge>);

    impl LineEvents for Script {
        fn level(&mut self) -> Result<bool, DownReason> {
            Ok(self.0)
        }

        async fn next(&mut self) -> Result<Edge, DownReason> {
            self.1.pop_front().ok_or(DownReason::Missing)
        }
    }

    struct Scripts(VecDeque<Result<Script, DownReason>>);

    impl LineOpener for Scripts {
        type Line = Script;

        fn open(&mut self) -> Result<Script, DownReason> {
            self.0.pop_front().unwrap_or(Err(DownReason::Missing))
        }
    }

    /// Watches `scripts` on line 4 and compares the first readings; then nothing may follow for a paused minute.
    async fn check(scripts: Vec<Result<Script, DownReason>>, expected: &[Body]) {
        let (sender, mut readings) = mpsc::channel(1);
        let (_stop, stopped) = watch::channel(false);
        let out = Outlet::for_events(SourceId(0), sender);
        let host = Host::new(Clock::start(), out, Stop::new(stopped), 1);
        let watcher = Watcher { opener: Scripts(scripts.into()), offset: 4 };
        tokio::spawn(host.keep_open(watcher));
        for body in expected {
            assert_eq!(readings.recv().await.map(|reading| reading.body).as_ref(), Some(body));
        }
        assert!(tokio::time::timeout(Duration::from_secs(60), readings.recv()).await.is_err());
    }

    fn edge(active: bool, sequence: u32) -> Body {
        Body::Edge { line: 4, active, sequence }
    }

    #[tokio::test(start_paused = true)]
    async fn the_level_is_told_first_and_edges_keep_their_numbers() {
        let edges = [(false, 1), (true, 2), (false, 7)];
        let edges = edges.map(|(active, sequence)| Edge { active, sequence });
        check(
            vec![Ok(Script(true, edges.into()))],
            &[
                Body::Up,
                edge(true, 0),
                edge(false, 1),
                edge(true, 2),
                edge(false, 7),
                Body::Down(DownReason::Missing),
            ],
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_that_another_holds_is_tried_again() {
        let busy = || Err(DownReason::Busy);
        check(
            vec![busy(), busy(), Ok(Script(false, VecDeque::new()))],
            &[
                Body::Down(DownReason::Busy),
                Body::Up,
                edge(false, 0),
                Body::Down(DownReason::Missing),
            ],
        )
        .await;
    }
}
