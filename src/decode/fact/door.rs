//! Doors and drawers: what opened, and who passed.

/// One thing that a door said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorFact {
    /// So many people went in and out since the last fact.
    Passed {
        /// Into the store.
        entered: u32,
        /// Out of the store.
        exited: u32,
    },
    /// Totals since the sensor started; wraps and resets are the tracker's business.
    Totals {
        /// Into the store.
        entered: u64,
        /// Out of the store.
        exited: u64,
    },
    /// A contact opened or closed.
    Contact {
        /// It is open now.
        open: bool,
    },
    /// How a contact was found: nobody saw it open or close.
    ContactIs {
        /// It is open.
        open: bool,
    },
    /// Edges were lost.
    Uncertain,
    /// A counter's beam is blocked for good.
    Blocked,
}

/// One of the two beams across a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beam {
    /// The one that who comes in meets first.
    Outer,
    /// The other one.
    Inner,
}

impl Beam {
    /// The other beam of the pair.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Outer => Self::Inner,
            Self::Inner => Self::Outer,
        }
    }

    /// For people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Outer => "outer",
            Self::Inner => "inner",
        }
    }
}

/// What a pair of beams says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeamFact {
    /// A beam was blocked or became free.
    Edge {
        /// Which one.
        beam: Beam,
        /// It is blocked now.
        blocked: bool,
    },
    /// Both beams were looked at: whether the outer and the inner one are blocked.
    Levels([bool; 2]),
    /// Edges were lost.
    Lost,
}

/// What a printer says of the drawer at it: unlike a kick this is what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawerFact {
    /// It opened.
    Opened,
    /// It was closed.
    Closed,
}
