//! The reader on a scripted port and paused time.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::kernel::KernelCounters;
use super::*;
use crate::source::{Reading, SourceId};

/// What a scripted port does next. At the end of its script it stays silent.
enum Step {
    Bytes(&'static [u8]),
    Wait(Duration),
    End,
    Error(io::ErrorKind),
}

struct Script(VecDeque<Step>);

impl Port for Script {
    async fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.front() {
                Some(Step::Wait(time)) => {
                    let _ = tokio::time::timeout(*time, std::future::pending::<()>()).await;
                }
                Some(Step::Bytes(bytes)) => {
                    buffer[..bytes.len()].copy_from_slice(bytes);
                    let size = bytes.len();
                    self.0.pop_front();
                    return Ok(size);
                }
                Some(Step::End) => return Ok(0),
                Some(Step::Error(kind)) => return Err((*kind).into()),
                None => std::future::pending().await,
            }
            self.0.pop_front();
        }
    }
}

/// Opens one script after the other, or fails with a reason. At the end the node is missing.
struct Scripts {
    opens: VecDeque<Result<Vec<Step>, DownReason>>,
    there: bool,
}

impl Opener for Scripts {
    type Port = Script;

    async fn open(&mut self) -> Result<Script, DownReason> {
        let next = self.opens.pop_front().unwrap_or(Err(DownReason::Missing));
        next.map(|steps| Script(steps.into()))
    }

    fn is_there(&self) -> bool {
        self.there
    }

    fn kernel_counters(&self) -> Option<KernelCounters> {
        Some(KernelCounters { overruns: 5, ..KernelCounters::default() })
    }
}

struct Running {
    readings: mpsc::Receiver<Reading>,
    stop: watch::Sender<bool>,
    counters: std::sync::Arc<crate::source::SourceCounters>,
    task: tokio::task::JoinHandle<()>,
}

fn start(
    opens: Vec<Result<Vec<Step>, DownReason>>,
    strip: Strip,
    queue: usize,
    there: bool,
) -> Running {
    let (sender, readings) = mpsc::channel(queue);
    let (stop, stopped) = watch::channel(false);
    let out = Outlet::for_bytes(SourceId(0), sender);
    let counters = out.counters();
    let host = Host::new(Clock::start(), out, Stop::new(stopped), 1);
    let reader = Reader { opener: Scripts { opens: opens.into(), there }, strip, poll: None };
    Running { readings, stop, counters, task: tokio::spawn(host.keep_open(reader)) }
}

/// Runs `opens` and compares the first readings; then nothing may follow for a (paused) minute.
async fn check(opens: Vec<Result<Vec<Step>, DownReason>>, expected: &[Body]) {
    let mut running = start(opens, Strip::Nothing, 100, true);
    for body in expected {
        assert_eq!(running.readings.recv().await.unwrap().body, *body);
    }
    let more = tokio::time::timeout(Duration::from_secs(60), running.readings.recv()).await;
    assert!(more.is_err(), "{more:?}");
}

fn bytes(bytes: &[u8]) -> Body {
    Body::Bytes(bytes.to_vec())
}

const LONG: Step = Step::Wait(Duration::from_secs(1));

#[tokio::test(start_paused = true)]
async fn bytes_of_one_burst_are_one_reading() {
    let steps = vec![Step::Bytes(b"one "), Step::Bytes(b"burst"), LONG, Step::Bytes(b"later")];
    check(vec![Ok(steps)], &[Body::Up, bytes(b"one burst"), bytes(b"later")]).await;
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_port_is_an_unplug_after_its_last_bytes() {
    let steps = vec![Step::Bytes(b"last"), Step::End];
    let down = Body::Down(DownReason::Unplugged);
    check(vec![Ok(steps)], &[Body::Up, bytes(b"last"), down]).await;
}

#[tokio::test(start_paused = true)]
async fn a_port_that_comes_back_is_read_again() {
    let opens = vec![
        Ok(vec![Step::End]),
        Err(DownReason::Denied),
        Err(DownReason::Denied),
        Ok(vec![Step::Bytes(b"again")]),
    ];
    let down = [DownReason::Unplugged, DownReason::Denied].map(Body::Down);
    check(opens, &[Body::Up, down[0].clone(), down[1].clone(), Body::Up, bytes(b"again")]).await;
}

#[tokio::test(start_paused = true)]
async fn an_error_is_told_as_the_system_words_it() {
    let down =
        Body::Down(DownReason::Other(io::Error::from(io::ErrorKind::InvalidData).to_string()));
    let missing = Body::Down(DownReason::Missing);
    let steps = vec![Step::Error(io::ErrorKind::InvalidData)];
    check(vec![Ok(steps)], &[Body::Up, down, missing]).await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_became_another_one_is_an_unplug() {
    let mut running = start(vec![Ok(vec![])], Strip::Nothing, 100, false);
    assert_eq!(running.readings.recv().await.unwrap().body, Body::Up);
    let down = Body::Down(DownReason::Unplugged);
    assert_eq!(running.readings.recv().await.unwrap().body, down);
    assert_eq!(running.counters.kernel_overruns.load(Relaxed), 5);
}

#[tokio::test(start_paused = true)]
async fn wrong_parity_is_counted_and_bit_seven_stripped() {
    let steps = vec![Step::Bytes(&[b'A', b'C' | 0x80, b'C'])];
    let mut running = start(vec![Ok(steps)], Strip::Parity { even: true }, 100, true);
    assert_eq!(running.readings.recv().await.unwrap().body, Body::Up);
    assert_eq!(running.readings.recv().await.unwrap().body, bytes(b"ACC"));
    assert_eq!(running.counters.parity_errors.load(Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn stopping_hands_over_what_was_read() {
    let steps = vec![Step::Bytes(b"half a "), Step::Bytes(b"line")];
    let mut running = start(vec![Ok(steps)], Strip::Nothing, 1, true);
    assert_eq!(running.readings.recv().await.unwrap().body, Body::Up);
    running.stop.send(true).unwrap();
    let mut got = Vec::new();
    while let Some(Reading { body: Body::Bytes(bytes), .. }) = running.readings.recv().await {
        got.extend(bytes);
    }
    running.task.await.unwrap();
    // At least one read is made after the request.
    assert!(b"half a line".starts_with(&got) && !got.is_empty());
}
