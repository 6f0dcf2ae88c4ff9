//! A serial receiver in a crowd: calm for a while, then thousands of advertisements a second, nearly all of addresses
//! that nobody has enrolled and that never come again.

use std::time::Duration;

use crate::limits::SOAK_STORM;
use crate::store::{Device as _, Receiver, Said};

/// Tags that are enrolled.
pub const TAGS: u16 = 4;
/// The store's number, also on the tags.
pub const STORE: u16 = 7;
/// Between two pieces of a storm.
const PIECE: Duration = Duration::from_millis(20);
/// Of how many advertisements in a storm one is heard as in a calm.
const SHARE: u32 = 50;
/// A zone in which no tag stays.
const ELSEWHERE: u64 = 2;

/// See the module's documentation.
pub struct Storm {
    receiver: Receiver,
    /// The same where no tag ever stays, so that it hears strangers mostly.
    crowd: Receiver,
    rng: fastrand::Rng,
    stormy: bool,
    until: Duration,
}

impl Storm {
    /// A receiver of this name.
    pub fn new(name: &str, seed: u64) -> Self {
        let receiver = Receiver::new(name, 0, TAGS, STORE, seed);
        let crowd = Receiver::new(name, ELSEWHERE, TAGS, STORE, !seed);
        let rng = fastrand::Rng::with_seed(seed);
        Self { receiver, crowd, rng, stormy: false, until: Duration::ZERO }
    }

    /// Bytes, what they mean, and the pause after them.
    pub fn next(&mut self, elapsed: Duration) -> (Vec<u8>, Vec<Said>, Duration) {
        if self.until <= elapsed {
            self.stormy = !self.stormy;
            let seconds = if self.stormy { self.rng.u64(2..8) } else { self.rng.u64(5..20) };
            self.until = elapsed + Duration::from_secs(seconds);
        }
        if !self.stormy {
            let utterance = self.receiver.next(elapsed);
            return (utterance.bytes, vec![utterance.said], utterance.pause);
        }
        let lines = SOAK_STORM * PIECE.as_millis() as u32 / 1000;
        let (mut bytes, mut all) = (Vec::new(), Vec::new());
        for number in 0..lines {
            let one = number.is_multiple_of(SHARE);
            let utterance = if one { &mut self.receiver } else { &mut self.crowd }.next(elapsed);
            bytes.extend_from_slice(&utterance.bytes);
            all.push(utterance.said);
        }
        (bytes, all, PIECE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_is_as_dense_as_it_says_and_mostly_strangers_wherever_the_tags_are() {
        for second in 0..120 {
            let mut storm = Storm::new("grocery", second);
            let (_, said, pause) = storm.next(Duration::from_secs(second));
            assert_eq!(said.len() as u128 * 1000 / pause.as_millis(), u128::from(SOAK_STORM));
            let ours = said.iter().filter(|it| matches!(it, Said::Advert { tag: Some(_), .. }));
            assert!(ours.count() < said.len() / 3);
        }
    }

    #[test]
    fn a_storm_ends_and_comes_again() {
        let mut storm = Storm::new("grocery", 1);
        let sizes = (0..600).map(|tenth| storm.next(Duration::from_millis(100 * tenth)).1.len());
        let turns = sizes.collect::<Vec<_>>();
        let changes = turns.windows(2).filter(|pair| pair.first() != pair.last()).count();
        assert!(2 < changes && changes < 30, "{changes}");
    }
}
