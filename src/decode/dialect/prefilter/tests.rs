//! Passed over means could not have matched.
