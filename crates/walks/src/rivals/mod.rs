//! What others do, written anew after their descriptions; none of it is theirs, and all of it is simpler.

mod bermuda;
mod median;

pub use bermuda::Bermuda;
pub use median::Median;

use crate::Ms;
use crate::radio::Line;

/// A zone, or that it is not known.
pub type Said = Option<usize>;

/// Whoever says in which zone the tag is.
pub trait Decide {
    /// Takes a line of a receiver.
    fn hear(&mut self, line: Line);

    /// Where the tag is at `now`, which never goes back.
    fn zone(&mut self, now: Ms) -> Said;
}

/// The receiver with the strongest last reading of the last ten seconds.
#[derive(Debug, Default)]
pub struct Strongest(Vec<Line>);

impl Decide for Strongest {
    fn hear(&mut self, line: Line) {
        if line.rssi.is_some() {
            self.0.retain(|it| it.receiver != line.receiver);
            self.0.push(line);
        }
    }

    fn zone(&mut self, now: Ms) -> Said {
        let fresh = self.0.iter().filter(|line| now - line.at <= 10_000);
        fresh.max_by_key(|line| line.rssi).map(|line| line.receiver)
    }
}

/// Metres after a path-loss model, as most of them use it.
fn metres(rssi: i8, at_1m: f64, exponent: f64) -> f64 {
    10f64.powf((at_1m - f64::from(rssi)) / (10.0 * exponent))
}
