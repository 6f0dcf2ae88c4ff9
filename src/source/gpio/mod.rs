//! A contact on one line of a GPIO chip, or two beams on two of them.
//!
//! The kernel debounces, stamps and counts edges; a gap in the numbers is loss. After each opening the levels are
//! told, read *after* the lines were requested, so that no change falls in between: at worst one is told twice. A
//! contact's level is told as an edge with the number 0. Of two beams the levels are read again after a gap, and after
//! two edges at the same moment, because what happened then cannot be told from edges.

mod line;

pub use self::line::Lines;
use self::line::{Edge, LineEvents, LineOpener, Offsets};
use super::reopen::{Device, End, Host};
use super::{Body, DownReason, Outlet, Stop};
use crate::clock::Clock;

/// Watches `lines` until it is told to stop or the pipeline is gone. `seed` decides the waits between attempts.
pub async fn run(lines: Lines, clock: Clock, out: Outlet, stop: Stop, seed: u64) {
    let offsets = lines.offsets;
    Host::new(clock, out, stop, seed).keep_open(Watcher { opener: lines, offsets }).await;
}

struct Watcher<O> {
    opener: O,
    offsets: Offsets,
}

impl<O: LineOpener> Device for Watcher<O> {
    async fn session(&mut self, host: &mut Host) -> End {
        let offsets = self.offsets;
        let opened =
            self.opener.open().and_then(|mut line| Ok((levels(&mut line, offsets)?, line)));
        let (found, mut line) = match opened {
            Ok(opened) => opened,
            Err(reason) => return End::Gone(reason),
        };
        let now = host.up();
        host.out.put(now, found);
        let (mut sequence, mut stamp_ns) = (0_u32, None);
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
                        let doubtful = edge.sequence != sequence.wrapping_add(1)
                            || stamp_ns == Some(edge.stamp_ns);
                        (sequence, stamp_ns) = (edge.sequence, Some(edge.stamp_ns));
                        tell(edge, host);
                        if doubtful && let Offsets::Two(_) = offsets {
                            match levels(&mut line, offsets) {
                                Ok(found) => host.out.put(host.clock.now(), found),
                                Err(reason) => return End::Gone(reason),
                            }
                        }
                    }
                    Err(reason) => return End::Gone(reason),
                },
            }
        }
    }
}

fn tell(edge: Edge, host: &mut Host) {
    let Edge { line, active, sequence, stamp_ns } = edge;
    host.out.put(host.clock.stamped(stamp_ns), Body::Edge { line, active, sequence });
}

/// The levels now.
fn levels(lines: &mut impl LineEvents, offsets: Offsets) -> Result<Body, DownReason> {
    Ok(match offsets {
        Offsets::One(line) => Body::Edge { line, active: lines.level(line)?, sequence: 0 },
        Offsets::Two([outer, inner]) => Body::Levels([lines.level(outer)?, lines.level(inner)?]),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use tokio::sync::{mpsc, watch};

    use super::*;
    use crate::source::SourceId;

    /// Levels one after the other as they are asked for, and edges; then the chip goes away.
    struct Script(VecDeque<bool>, VecDeque<Edge>);

    impl LineEvents for Script {
        fn level(&mut self, _: u32) -> Result<bool, DownReason> {
            self.0.pop_front().ok_or(DownReason::Unplugged)
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

    fn script(levels: &[bool], edges: &[(u32, bool, u32, u64)]) -> Result<Script, DownReason> {
        let edge = |(line, active, sequence, stamp_ns)| Edge { line, active, sequence, stamp_ns };
        Ok(Script(levels.iter().copied().collect(), edges.iter().copied().map(edge).collect()))
    }

    /// Watches `scripts` and compares the first readings; then nothing may follow for a paused minute.
    async fn check(offsets: Offsets, scripts: Vec<Result<Script, DownReason>>, expected: &[Body]) {
        let (sender, mut readings) = mpsc::channel(1);
        let (_stop, stopped) = watch::channel(false);
        let out = Outlet::for_events(SourceId(0), sender);
        let host = Host::new(Clock::start(), out, Stop::new(stopped), 1);
        let watcher = Watcher { opener: Scripts(scripts.into()), offsets };
        tokio::spawn(host.keep_open(watcher));
        for body in expected {
            assert_eq!(readings.recv().await.map(|reading| reading.body).as_ref(), Some(body));
        }
        assert!(tokio::time::timeout(Duration::from_secs(60), readings.recv()).await.is_err());
    }

    fn edge(line: u32, active: bool, sequence: u32) -> Body {
        Body::Edge { line, active, sequence }
    }

    #[tokio::test(start_paused = true)]
    async fn the_level_is_told_first_and_edges_keep_their_numbers() {
        let edges = [(4, false, 1, 1), (4, true, 2, 2), (4, false, 7, 7)];
        let mut expected = vec![Body::Up, edge(4, true, 0)];
        expected.extend(edges.map(|(line, active, sequence, _)| edge(line, active, sequence)));
        expected.push(Body::Down(DownReason::Missing));
        check(Offsets::One(4), vec![script(&[true], &edges)], &expected).await;
    }

    #[tokio::test(start_paused = true)]
    async fn both_beams_are_looked_at_again_after_a_gap_and_after_edges_of_one_moment() {
        let edges = [(4, true, 1, 10), (9, true, 2, 20), (4, false, 4, 40), (9, false, 5, 40)];
        let levels = [false, false, false, true, false, false];
        let expected = [
            Body::Up,
            Body::Levels([false, false]),
            edge(4, true, 1),
            edge(9, true, 2),
            edge(4, false, 4),
            Body::Levels([false, true]),
            edge(9, false, 5),
            Body::Levels([false, false]),
            Body::Down(DownReason::Missing),
        ];
        check(Offsets::Two([4, 9]), vec![script(&levels, &edges)], &expected).await;
    }

    #[tokio::test(start_paused = true)]
    async fn lines_that_another_holds_are_tried_again() {
        let busy = || Err(DownReason::Busy);
        check(
            Offsets::One(4),
            vec![busy(), busy(), script(&[false], &[])],
            &[
                Body::Down(DownReason::Busy),
                Body::Up,
                edge(4, false, 0),
                Body::Down(DownReason::Missing),
            ],
        )
        .await;
    }
}
