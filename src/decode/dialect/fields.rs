//! What a rule captured, whether by a pattern or by columns.

use super::engine::Captures;

/// Captured pieces of text by name.
#[derive(Debug)]
pub(super) enum Fields<'l> {
    Pattern(Captures<'l>),
    Cells(Vec<(&'static str, &'l str)>),
}

impl<'l> Fields<'l> {
    /// The piece of this name, where there is one.
    pub(super) fn get(&self, name: &str) -> Option<&'l str> {
        match self {
            Self::Pattern(captures) => captures.name(name),
            Self::Cells(cells) => {
                cells.iter().find(|(known, _)| *known == name).map(|(_, cell)| *cell)
            }
        }
    }
}
