//! Questions about devices whose strength is not known, asked beside the work: a slow daemon delays these devices
//! and nobody else.
//!
//! One question for a device at a time, [`limits::RADIO_ASKS`] in all; what a device says meanwhile waits for the
//! answer, up to [`limits::RADIO_ASK_WAITING`] advertisements. What is beyond that is the caller's to count.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::hearing::{Address, Payload};
use super::radio::Properties;
use super::supervisor::Seen;
use crate::limits;

/// What is known of a device, if there still is one.
pub type Answer = Result<Option<Properties>, Seen>;
type Asked = Pin<Box<dyn Future<Output = (Address, Answer)> + Send>>;

/// The questions that are not answered yet.
#[derive(Default)]
pub struct Asks {
    asked: FuturesUnordered<Asked>,
    waiting: HashMap<Address, Waiting>,
}

/// What waits for an answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// The device is new: its first advertisement is in the answer alone.
    pub new: bool,
    /// What it said since it was asked about.
    pub said: Vec<Payload>,
}

impl Asks {
    /// Keeps what a device said until its answer comes; false if it is not asked about, or too much waits.
    pub fn wait(&mut self, address: Address, payload: &Payload) -> bool {
        let waiting = self.waiting.get_mut(&address);
        let Some(waiting) = waiting.filter(|it| it.said.len() < limits::RADIO_ASK_WAITING) else {
            return false;
        };
        waiting.said.push(payload.clone());
        true
    }

    /// Whether a question about this device may be asked now.
    #[must_use]
    pub fn has_room_for(&self, address: Address) -> bool {
        self.asked.len() < limits::RADIO_ASKS && !self.waiting.contains_key(&address)
    }

    /// Asks about a device, which may be `new`.
    pub fn ask(
        &mut self,
        address: Address,
        new: bool,
        answer: impl Future<Output = Answer> + Send + 'static,
    ) {
        self.waiting.insert(address, Waiting { new, said: Vec::new() });
        self.asked.push(Box::pin(async move { (address, answer.await) }));
    }

    /// The next answer, and what waited for it. Waits for ever while nothing is asked; may be dropped.
    pub async fn next(&mut self) -> (Address, Waiting, Answer) {
        match self.asked.next().await {
            Some((address, answer)) => {
                (address, self.waiting.remove(&address).unwrap_or_default(), answer)
            }
            None => std::future::pending().await,
        }
    }

    /// Forgets them all: their connection is gone.
    pub fn clear(&mut self) {
        self.asked.clear();
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: Address = [0xaa, 0xbb, 0xcc, 0, 0, 1];

    fn payload(n: u8) -> Payload {
        Payload { manufacturer: vec![(1, vec![n])], service: Vec::new() }
    }

    #[tokio::test]
    async fn what_a_device_says_meanwhile_waits_for_the_answer_in_order_and_up_to_a_bound() {
        let mut asks = Asks::default();
        assert!(!asks.wait(TAG, &payload(0)), "nobody asks about it");
        asks.ask(TAG, true, async { Ok(None) });
        assert!(!asks.has_room_for(TAG), "once at a time");
        let kept = (0..20).filter(|n| asks.wait(TAG, &payload(*n))).count();
        assert_eq!(kept, limits::RADIO_ASK_WAITING);
        let (address, waited, answer) = asks.next().await;
        assert!(address == TAG && matches!(answer, Ok(None)));
        assert!(waited.new);
        assert_eq!(waited.said[..2], [payload(0), payload(1)]);
        assert!(asks.has_room_for(TAG));
    }

    #[test]
    fn questions_are_bounded_and_those_of_a_lost_connection_forgotten() {
        let mut asks = Asks::default();
        for n in 0..limits::RADIO_ASKS {
            let address = [0, 0, 0, 0, 0, u8::try_from(n).unwrap()];
            assert!(asks.has_room_for(address));
            asks.ask(address, false, std::future::pending());
        }
        assert!(!asks.has_room_for(TAG));
        asks.clear();
        assert!(asks.has_room_for(TAG));
    }
}
