//! What a scale says.

use serde::{Deserialize, Serialize};

/// What a scale says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ScaleFact {
    /// What lies on it.
    Weight {
        /// Negative after goods were taken off a tared scale.
        grams: i64,
        /// The platter is at rest.
        stable: bool,
        /// Tare is taken off.
        net: bool,
    },
    /// Less than nothing lies on the scale, or it lost its zero.
    Under,
    /// More than the scale can weigh.
    Over,
}
