//! How long a passage usually takes: the median of the last ones.

use std::collections::VecDeque;
use std::time::Duration;

use crate::limits;

/// The last passages of one person each.
#[derive(Clone, Debug, Default)]
pub struct Transits(VecDeque<Duration>);

impl Transits {
    pub fn note(&mut self, took: Duration) {
        if self.0.len() >= limits::BEAM_TRANSITS {
            self.0.pop_front();
        }
        self.0.push_back(took);
    }

    /// The median, within what is believed.
    pub fn usual(&self) -> Duration {
        let [least, assumed, most] = limits::BEAM_TRANSIT;
        let mut sorted: Vec<Duration> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).map_or(assumed, |median| (*median).clamp(least, most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(took_ms: &[u64], expected_ms: u64) {
        let mut transits = Transits::default();
        took_ms.iter().for_each(|ms| transits.note(Duration::from_millis(*ms)));
        assert_eq!(transits.usual(), Duration::from_millis(expected_ms), "{took_ms:?}");
    }

    #[test]
    fn the_usual_time_is_the_median_of_the_last_within_what_is_believed() {
        check(&[], 600);
        check(&[500], 500);
        check(&[400, 9000, 500], 500);
        check(&[10, 20, 30], 300);
        check(&[5000, 6000], 1200);
        let late: Vec<u64> = [5000; 20].into_iter().chain([400; 8]).collect();
        check(&late, 400);
    }
}
