//! Simulated walks with known truth, and who says best in which zone a tag is. For measuring only.
//!
//! | module | job |
//! |---|---|
//! | [`walk`] | a floor with receivers, and somebody who walks on it |
//! | [`radio`] | what the receivers hear: path loss, a body in the way, shadows, fading, losses, a dead receiver |
//! | [`ours`] | the agent's own decider |
//! | [`rivals`] | what others do, written anew after their descriptions |
//! | [`score`] | what each said beside the truth |
//!
//! A seed gives the same walk always. The two [`Set`]s differ in floors, radio and habits as well as in seeds: what was
//! chosen on one is shown on the other. A model ranks deciders; it promises no accuracy in a real store.

pub mod ours;
pub mod radio;
pub mod rivals;
pub mod score;
pub mod walk;

/// Milliseconds since the walk began.
pub type Ms = u64;

/// What parameters are chosen by, and what they are shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// To choose by.
    Tune,
    /// To show.
    Proof,
}

/// What is difficult.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// An advertisement a second, of which three in ten are lost.
    Plain,
    /// Three a second.
    Often,
    /// One in eight seconds.
    Sparse,
    /// As plain, and one receiver is dead for a third of the time.
    Dead,
}

impl Case {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Often, Self::Sparse, Self::Dead];

    /// As tables call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "1 s",
            Self::Often => "0.33 s",
            Self::Sparse => "8 s",
            Self::Dead => "1 s, a receiver dead for a third",
        }
    }

    /// Milliseconds between two advertisements.
    #[must_use]
    pub fn interval(self) -> Ms {
        match self {
            Self::Plain | Self::Dead => 1000,
            Self::Often => 333,
            Self::Sparse => 8000,
        }
    }
}
