//! A door with a counter that writes `IN` and `OUT`, one line a person.

use std::time::Duration;

use super::truth::{Direction, Said};
use super::{Device, Utterance};

/// Milliseconds between two people.
const PAUSE_MS: std::ops::Range<u64> = 400..2500;

/// Nobody leaves who has not come in.
pub struct Door {
    name: String,
    inside: u32,
    rng: fastrand::Rng,
}

impl Door {
    /// An empty shop behind it.
    pub fn new(name: &str, seed: u64) -> Self {
        Self { name: name.to_owned(), inside: 0, rng: fastrand::Rng::with_seed(seed) }
    }
}

impl Device for Door {
    fn next(&mut self, _elapsed: Duration) -> Utterance {
        let leaves = self.inside > 0 && self.rng.u32(0..100) < 45;
        let (direction, line) =
            if leaves { (Direction::Out, "OUT\r\n") } else { (Direction::In, "IN\r\n") };
        self.inside = if leaves { self.inside - 1 } else { self.inside + 1 };
        Utterance {
            pause: Duration::from_millis(self.rng.u64(PAUSE_MS)),
            bytes: line.as_bytes().to_vec(),
            said: Said::Crossing { door: self.name.clone(), direction },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_leaves_an_empty_shop() {
        let mut door = Door::new("main", 1);
        let mut inside = 0_i32;
        for _ in 0..1000 {
            let utterance = door.next(Duration::ZERO);
            match utterance.bytes.as_slice() {
                b"IN\r\n" => inside += 1,
                b"OUT\r\n" => inside -= 1,
                other => panic!("{other:?}"),
            }
            assert!(inside >= 0);
        }
    }
}
