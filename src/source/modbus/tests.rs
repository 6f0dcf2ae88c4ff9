//! Counters on a line by script: who is told what, and when the line is opened anew.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::*;
use crate::config::Layout;
use crate::source::{Reading, SourceId};

/// What happens to a question, in turn; then the line is gone for good.
type Script = VecDeque<Asked>;
/// The unit, the first register and how many, and the answer.
type Asked = (u8, u16, u16, Result<Vec<u16>, Trouble>);

struct Scripted {
    script: Script,
    open: bool,
    opened: usize,
}

impl Line for Scripted {
    async fn open(&mut self) -> Result<(), DownReason> {
        assert!(!self.open, "it is closed first");
        if self.script.is_empty() {
            return Err(DownReason::Missing);
        }
        (self.open, self.opened) = (true, self.opened + 1);
        Ok(())
    }

    fn is_open(&self) -> bool {
        self.open
    }

    fn is_there(&self) -> bool {
        true
    }

    fn close(&mut self) {
        self.open = false;
    }

    async fn ask(&mut self, asked: Question) -> Result<Vec<u16>, Trouble> {
        let gone = || Err(Trouble::Gone(DownReason::Unplugged));
        let Some((unit, first, count, answer)) = self.script.pop_front() else { return gone() };
        assert_eq!((asked.unit, asked.first, asked.count), (unit, first, count));
        answer
    }
}

fn counter(unit: u8, registers: [u16; 2]) -> ModbusCounter {
    let every = Duration::from_secs(1);
    ModbusCounter { unit, holding: false, registers, layout: Layout::HighFirst, every }
}

/// Asks `counters` by the script; what is told of each place.
async fn check(counters: &[ModbusCounter], script: Vec<Asked>, expected: &[(u16, Body)]) {
    let (sender, mut readings) = mpsc::channel::<Reading>(64);
    let (_stop, stopped) = watch::channel(false);
    let with_out = counters
        .iter()
        .zip(0..)
        .map(|(counter, place)| (*counter, Outlet::for_events(SourceId(place), sender.clone())));
    let line = Scripted { script: script.into(), open: false, opened: 0 };
    let poller = Poller::new(line, with_out.collect(), Clock::start(), 1);
    drop(sender);
    tokio::spawn(poller.run(Stop::new(stopped)));
    for (nth, expected) in expected.iter().enumerate() {
        let told = readings.recv().await.map(|reading| (reading.source.0, reading.body));
        assert_eq!(told.as_ref(), Some(expected), "reading {nth}");
    }
    let more = tokio::time::timeout(Duration::from_secs(60), readings.recv()).await;
    assert!(more.is_err(), "{more:?}");
}

fn registers(words: &[u16]) -> Body {
    Body::Registers(words.to_vec())
}

fn down(words: &str) -> Body {
    Body::Down(DownReason::Other(words.to_owned()))
}

fn unplugged(place: u16) -> (u16, Body) {
    (place, Body::Down(DownReason::Unplugged))
}

#[tokio::test(start_paused = true)]
async fn totals_side_by_side_are_one_question_and_others_two() {
    check(
        &[counter(1, [0, 2]), counter(2, [10, 4])],
        vec![
            (1, 0, 4, Ok(vec![0, 5, 0, 3])),
            (2, 10, 2, Ok(vec![0, 7])),
            (2, 4, 2, Ok(vec![1, 9])),
        ],
        &[
            (0, Body::Up),
            (0, registers(&[0, 5, 0, 3])),
            (1, Body::Up),
            (1, registers(&[0, 7, 1, 9])),
            unplugged(0),
            unplugged(1),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_that_keeps_silent_is_down_alone() {
    let silent = || (1, 0, 4, Err(Trouble::Unsound("does not answer")));
    let answer = || (2, 0, 4, Ok(vec![0, 5, 0, 3]));
    let five = || (1, registers(&[0, 5, 0, 3]));
    // The silent one is asked again after the line's rest.
    check(
        &[counter(1, [0, 2]), counter(2, [0, 2])],
        vec![silent(), answer(), silent(), silent(), answer()],
        &[
            (1, Body::Up),
            five(),
            (0, down("unit 1 does not answer")),
            five(),
            unplugged(0),
            unplugged(1),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_in_its_words_and_the_line_stays_open() {
    let busy = || (1, 0, 4, Err(Trouble::Refused("Illegal data address".to_owned())));
    check(
        &[counter(1, [0, 2])],
        vec![busy(), busy(), busy(), (1, 0, 4, Ok(vec![0, 1, 0, 1]))],
        &[
            (0, down("unit 1 refuses: Illegal data address")),
            (0, Body::Up),
            (0, registers(&[0, 1, 0, 1])),
            unplugged(0),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_that_is_gone_ends_the_task() {
    let (sender, readings) = mpsc::channel::<Reading>(1);
    let (_stop, stopped) = watch::channel(false);
    let answers = (0..9).map(|_| (1, 0, 4, Ok(vec![0; 4]))).collect();
    let line = Scripted { script: answers, open: false, opened: 0 };
    let out = Outlet::for_events(SourceId(0), sender);
    let poller = Poller::new(line, vec![(counter(1, [0, 2]), out)], Clock::start(), 1);
    drop(readings);
    poller.run(Stop::new(stopped)).await;
}
