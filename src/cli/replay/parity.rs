//! Whether bit 7 of what is replayed is parity, where the dialect takes it for a part of the character.

use crate::decode::detect::bit7::{Bit7, Statistic};
use crate::decode::dialect::{Framer, FramerKind};

/// Counts bytes, where nothing strips bit 7.
pub struct Parity(Option<Statistic>);

impl Parity {
    pub fn new(framer: &Framer) -> Self {
        let strips = framer.bit7 || matches!(framer.kind, FramerKind::Auto);
        Self((!strips).then(Statistic::default))
    }

    pub fn add(&mut self, bytes: &[u8]) {
        if let Some(statistic) = &mut self.0 {
            statistic.add(bytes);
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let format = match self.0?.guess()? {
            Bit7::Even => "7E1",
            Bit7::Odd => "7O1",
            _ => return None,
        };
        Some(format!(
            "bit 7 of these bytes is parity: the till sends {format}; say `format = \"{format}\"` for its port, and \
             replay this file with --dialect auto, or with `bit7 = true` in the dialect's [framer]"
        ))
    }
}
