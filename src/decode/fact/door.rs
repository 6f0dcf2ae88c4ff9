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
    /// Edges were lost.
    Uncertain,
}

/// What a printer says of the drawer at it: unlike a kick this is what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawerFact {
    /// It opened.
    Opened,
    /// It was closed.
    Closed,
}
