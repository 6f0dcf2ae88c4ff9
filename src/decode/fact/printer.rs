//! What a printer answers its till.

use super::DrawerFact;

/// One change that a printer told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrinterFact {
    /// Of the drawer at it.
    Drawer(DrawerFact),
    /// It has no paper: the till prints nothing until it has.
    PaperOut,
    /// It has paper again.
    PaperBack,
}
