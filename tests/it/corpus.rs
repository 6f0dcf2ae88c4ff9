//! Printer streams that others recorded, where they are at hand.
